# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
#
# What a run was worth. Needs lib.sh, and from the caller work, console,
# timeout and machine_status, the exit status of QEMU under timeout(1).

# The first line of the kernel's log that tells of a bug, if there is one.
splat()
{
	grep -v -e '^#' -e '^$' "$vm/splats.deny" >"$work/deny"
	tr -d '\r' <"$console" | grep -a -m 1 -E -f "$work/deny"
}

# Sets status, and reason where it is not the command's own.
judge()
{
	reason='' status=$harness
	verdict=$(cat "$work/verdict")
	if grep -a -q '] reboot: .*[Hh]alted' "$console"; then
		reason="no verdict: the machine was halted before the end"
	elif [ "$machine_status" -eq 124 ] || [ "$machine_status" -eq 137 ]; then
		status=124
		reason="timeout: not done after $timeout s"
		if first=$(splat); then
			reason="$reason; the kernel's log says: $first"
		fi
	elif first=$(splat); then
		reason="the kernel's log says: $first"
	elif [ "$machine_status" -ne 0 ]; then
		reason="QEMU failed: $(head -n 1 "$work/qemu")"
	elif [ "$verdict" = leak ]; then
		reason="kernel memory leaked"
	else
		case $verdict in
		'exit '[0-9]*) status=${verdict#exit } ;;
		*) reason="no verdict: the machine went off before the end" ;;
		esac
	fi
}

# Keeps the log of a run that failed; logs of two weeks ago go.
report()
{
	make_directory "$cache/log"
	find "$cache/log" -type f -mtime +14 -exec rm -f {} +
	log=$cache/log/console-$(date +%Y%m%d-%H%M%S)-$$
	mv "$console" "$log"
	say "$reason"
	say "the console's log is $log"
}
