# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
#
# TAP for the tests of the virtual machine. The script that reads this has set
# vm, the directory above; KERNEL chooses the kernel.

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
out=$work/out err=$work/err
count=0

# run [OPTION]... -- COMMAND...: runs vm/run; sets status, and fills the files
# out and err.
run()
{
	status=0
	"$vm/run" ${KERNEL:+--kernel "$KERNEL"} "$@" >"$out" 2>"$err" || status=$?
}

# check NAME COMMAND...: one test; it passes if COMMAND does.
check()
{
	count=$((count + 1))
	name=$1
	shift
	if "$@"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		echo "# status $status; stdout and stderr:"
		sed 's/^/# /' "$out" "$err"
	fi
}

# ended STATUS [PATTERN]: the run had this status and its stderr this line.
ended()
{
	[ "$status" -eq "$1" ] || return 1
	[ $# -eq 1 ] || grep -q -E -e "$2" "$err"
}

# printed TEXT: the run's stdout is TEXT, its stderr empty, its status 0.
printed()
{
	[ "$status" -eq 0 ] && [ ! -s "$err" ] && [ "$(cat "$out")" = "$1" ]
}

plan()
{
	echo "1..$count"
}
