#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR/..
#
# vm/doctor on this machine, which has all, and with one tool after the other that
# does not do what is needed: the tools of busybox, or what other machines have.
vm=$(cd "$(dirname "$0")/.." && pwd)
. "$vm/tests/harness.sh"
mkdir "$work/bin"

# doctor [OPTION]: vm/doctor with the tools in $work/bin before the others.
doctor()
{
	status=0
	PATH=$work/bin:$PATH "$vm/doctor" "$@" >"$out" 2>"$err" || status=$?
}

# finds PATTERN: nothing is wrong but one tool, with a line like that.
finds()
{
	[ "$status" -eq 1 ] && [ ! -s "$err" ] && [ "$(wc -l <"$out")" -eq 1 ] &&
		grep -q -E -e "^fail  $1" "$out"
}

# of_busybox TOOL
of_busybox()
{
	rm -f "$work/bin/"*
	ln -s "$(command -v busybox)" "$work/bin/$1"
	doctor --quiet
}

# other TOOL: with the script on stdin instead.
other()
{
	rm -f "$work/bin/"*
	cat >"$work/bin/$1"
	chmod +x "$work/bin/$1"
	doctor --quiet
}

all_is_well()
{
	[ "$status" -eq 0 ] && [ ! -s "$err" ] && [ -s "$out" ] && ! grep -v '^ok  ' "$out"
}

doctor
check 'this machine has all' all_is_well
doctor --quiet
check '--quiet' printed ''
doctor --frobnicate
check 'wrong usage' ended 2 '^Usage: vm/doctor'

of_busybox tar
check 'tar of busybox' finds 'tar  .*GNU tar, 1.29 or later: '
of_busybox find
check 'find of busybox' finds 'find .*GNU find: '
other make <<-'EOF'
	#!/bin/sh
	echo 3.81
EOF
check 'an old make' finds 'make .*4.0 or later: this is 3.81$'
other make <<-'EOF'
	#!/bin/sh
	echo
EOF
check 'make of another kind' finds 'make .*4.0 or later: this is another make$'
gcc=$(command -v gcc)
other gcc <<-EOF
	#!/bin/sh
	case \$* in
	*-static*)
		echo 'ld: cannot find -lc' >&2
		exit 1 ;;
	esac
	exec $gcc "\$@"
EOF
check 'no static C library' finds 'gcc .*static programs: ld: cannot find -lc$'
other qemu-system-x86_64 <<-'EOF'
	#!/bin/sh
	echo 'q35  Standard PC'
EOF
check 'QEMU without the machine' finds 'qemu .*has no machine microvm$'
rm -f "$work/bin/"*
cp "$(command -v sort)" "$work/bin/busybox"
doctor --quiet
check 'busybox with libraries' finds 'busybox .*/bin/busybox needs libraries, which the machine has not$'
other flock <<-'EOF'
	#!/bin/sh
	exit 1
EOF
check 'flock that does nothing' finds 'util-linux .*flock and setsid: it does not do this$'

plan
