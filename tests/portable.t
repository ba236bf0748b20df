#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What puts tamalloc into a kernel, judges a run and counts tests does the same with
# each awk and each shell that a machine may have. On the first of the prepared trees
# that TREES names; nothing is built, no machine is started.
set -u

here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/.." && pwd)
# shellcheck source=tests/tap.sh
. "$here/tap.sh"

if [ -z "${TREES-}" ]; then
	echo "1..0"
	echo "TREES names no kernel tree" >&2
	exit 1
fi
# shellcheck disable=SC2086 # a list, of words or lines
set -- $TREES
source=$1

# command_of NAME: the path and argument behind a name as gawk-posix or busybox-sh.
command_of()
{
	case $1 in
	*-posix) set -- "${1%-posix}" --posix ;;
	busybox-*) set -- busybox "${1#busybox-}" ;;
	esac
	path=$(command -v "$1") || path=/nonexistent/$1
	echo "$path${2:+ $2}"
}

# verdict STATUS NAME: a test, with what is kept in $scratch/output when it fails.
verdict()
{
	ok "$2" [ "$1" -eq 0 ]
	[ "$1" -eq 0 ] || sed 's/^/# /' "$scratch/output"
}

# shell_scripts DIRECTORY: those below it, programs and parts of programs.
shell_scripts()
{
	grep -rlE --exclude-dir=build --exclude-dir=.git \
		'^#!/bin/sh|^# shellcheck .*shell=sh' "$1"
}

# The same with those for bash, whose awk programs are for each awk, too.
all_scripts()
{
	shell_scripts "$1"
	grep -rlE --exclude-dir=build --exclude-dir=.git '^# shellcheck .*shell=bash' "$1"
}

# Each awk program of the scripts named on stdin, as a file of $scratch/programs that
# ends before it does anything. One that is glued together of strings is left out.
awk_programs()
{
	mkdir "$scratch/programs"
	# shellcheck disable=SC2016 # perl's
	xargs perl -0777 -ne '
		my $quoted = qr/"[^"]*"|\x27[^\x27]*\x27/;
		my $option = qr/-v\s*\w+=(?:$quoted|[^\s"\x27])+|-F\s*(?:$quoted|\S+)/;
		while (/\bawk\s+(?:$option(?:\s|\\\n)+)*\x27([^\x27]*)\x27[\s)|]/g) {
			my ($program, $line) = ($1, 1 + $` =~ tr/\n//);
			my $name = $ARGV =~ s,.*/,,r . "-$line";
			open(my $out, ">", "$ENV{scratch}/programs/$name") or die;
			print $out "BEGIN { exit }\nEND { exit }\n$program\n";
		}'
	for name in report plot; do
		{
			printf 'BEGIN { exit }\nEND { exit }\n'
			cat "$project/bench/allocate/figures.awk" "$project/bench/allocate/$name.awk"
		} >"$scratch/programs/$name.awk"
	done
}

# The project's scripts in $scratch/SHELL, those that are programs run by SHELL.
copy_for()
{
	mkdir "$scratch/$1" "$scratch/$1/tests"
	cp -r "$project/.ci" "$project/include" "$project/kernel" "$project/selftests" \
		"$project/vm" "$scratch/$1"
	cp "$here/check" "$here/build-ahead" "$here/counting.t" "$here/tap.sh" "$scratch/$1/tests"
	shell_scripts "$scratch/$1" | while read -r script; do
		sed -i "1s,^#!/bin/sh\$,#!$(command_of "$1")," "$script"
	done
}

# The directory $scratch/bin, whose awk and sh are those named. An awk must not be
# told a backslash by -v: each has its own idea of what that means.
choose()
{
	mkdir -p "$scratch/bin"
	cat >"$scratch/bin/awk" <<-EOF
	#!/bin/sh
	before=
	for argument; do
		case \$before\$argument in
		-v*\\\\*)
			echo "awk \$before \$argument: has a backslash" >&2
			exit 2 ;;
		esac
		before=
		[ "\$argument" != -v ] || before=-v
	done
	exec $(command_of "$1") "\$@"
	EOF
	printf '#!/bin/sh\nexec %s "$@"\n' "$(command_of "$2")" >"$scratch/bin/sh"
	chmod +x "$scratch/bin/awk" "$scratch/bin/sh"
}

# A tree of the files that integrate reads, without tamalloc, at a path that an awk
# may take for an assignment.
small_tree()
{
	mkdir -p "$scratch/trees/tree=\\1 &/include/uapi/linux"
	(cd "$source" && {
		echo Makefile
		echo Kbuild
		cd "$project/kernel/hooks" && find . -type f
	} | while read -r file; do
		cp -p --parents "$file" "$scratch/trees/tree=\\1 &"
	done)
	"$project/kernel/integrate" --revert "$scratch/trees/tree=\\1 &"
	cp -rp "$scratch/trees" "$scratch/pristine"
}

contents()
{
	find "$scratch/trees" -type f -exec sha256sum {} + | LC_ALL=C sort
}

# Prints what integrate makes of the tree, each way, and how it ends. An error is
# part of it.
integrated()
{
	cd "$scratch/trees" || return
	for action in --patch '' --revert; do
		# shellcheck disable=SC2046,SC2086 # two words; none is no argument
		PATH=$scratch/bin:$PATH $(command_of "$1") "$project/kernel/integrate" $action \
			'tree=\1 &' 2>&1
		echo "integrate $action: status $?"
		contents
	done
}

# own TEST: runs a test of the copy for $shell; both shall pass.
own()
{
	PATH=$scratch/bin:$PATH "$scratch/$shell/$1" >"$scratch/output" 2>&1 &&
		grep -q '^ok ' "$scratch/output" && ! grep -q '^not ok' "$scratch/output"
	verdict $? "$awk, $shell: $1"
}

shell_scripts "$project" >"$scratch/scripts"
for shell in dash bash-posix busybox-sh; do
	while read -r script; do
		$(command_of $shell) -n "$script" || echo "$script: does not parse"
	done <"$scratch/scripts" >"$scratch/output" 2>&1
	[ -s "$scratch/scripts" ] && [ ! -s "$scratch/output" ]
	verdict $? "$shell: reads each script"
	copy_for $shell
done

# shellcheck disable=SC1003 # the backslash is meant
xargs grep -nE 'awk( .*)? -v *[^ ]*\\' <"$scratch/scripts" >"$scratch/output"
[ $? -eq 123 ] && [ ! -s "$scratch/output" ]
verdict $? 'no awk is told a backslash by -v'

export scratch
all_scripts "$project" | awk_programs
for awk in mawk gawk gawk-posix busybox-awk original-awk; do
	for program in "$scratch"/programs/*; do
		$(command_of $awk) -f "$program" </dev/null 2>&1 || echo "$program: status $?"
	done >"$scratch/output"
	[ "$(find "$scratch/programs" -type f | wc -l)" -ge 100 ] && [ ! -s "$scratch/output" ]
	verdict $? "$awk: reads each awk program"
done

small_tree || exit
combinations='mawk:dash gawk:dash gawk-posix:dash busybox-awk:dash original-awk:dash
	mawk:bash-posix busybox-awk:busybox-sh'
for combination in $combinations; do
	awk=${combination%:*} shell=${combination#*:}
	choose "$awk" "$shell"

	integrated "$shell" >"$scratch/got"
	[ -e "$scratch/first" ] || cp "$scratch/got" "$scratch/first"
	{
		diff "$scratch/first" "$scratch/got"
		grep '^integrate .*: status [^0]' "$scratch/got"
		diff -r "$scratch/pristine" "$scratch/trees"
	} >"$scratch/output" 2>&1
	[ ! -s "$scratch/output" ]
	verdict $? "$awk, $shell: kernel/integrate, the same to the byte"
	rm -rf "$scratch/trees"
	cp -rp "$scratch/pristine" "$scratch/trees"

	own tests/counting.t
	# Once with each shell: little of it is awk's.
	case $awk:$shell in
	mawk:* | *:busybox-sh)
		own vm/tests/judge.t
		own vm/tests/usage.t ;;
	esac
done

done_testing
