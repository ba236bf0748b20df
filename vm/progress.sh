# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
#
# Long steps: what is being done, how far it is, how long it may take.

# show_progress NAME LOG OBJECTS SECONDS: runs until it is killed. OBJECTS and
# SECONDS are what the step took last time, 0 if that is not known. A terminal
# shows one line that moves, anything else a line now and then.
show_progress()
{
	begin=$(date +%s)
	pause=1
	[ -t 2 ] || pause=20
	while sleep $pause >/dev/null 2>&1; do
		passed=$(($(date +%s) - begin))
		text="$1, $passed s"
		done=$(grep -c '^  [A-Z]' "$2" || :)
		if [ "$done" -gt 0 ] && [ "$done" -lt "$3" ]; then
			text="$text, $done of ~$3 objects"
			left=$(time_left "$done" "$3" "$passed" "$4")
			text="$text, about $left s left"
		elif [ "$done" -gt 0 ]; then
			text="$text, $done objects"
		fi
		if [ -t 2 ]; then
			printf '\r%s: %s\033[K' "$me" "$text" >&2
		else
			say "$text"
		fi
	done
}

# time_left DONE ALL PASSED SECONDS: by last time's figure at first, by this
# time's pace as soon as that says something.
time_left()
{
	if [ $(($1 * 8)) -lt "$2" ]; then
		left=$((($2 - $1) * $4 / $2))
	else
		left=$((($2 - $1) * $3 / $1))
	fi
	[ "$left" -gt 0 ] || left=1
	echo "$left"
}

# disk_is_full LOG: on a full disk the log may be cut short too.
disk_is_full()
{
	grep -q 'No space left on device' "$1" ||
		[ "$(df -Pk "$1" | awk 'NR == 2 { print $4 }')" -lt 1024 ]
}

# step NAME LOG OBJECTS SECONDS COMMAND...: runs one step, its output to LOG.
step()
{
	step_name=$1 step_log=$2
	step_begin=$(date +%s)
	: >"$step_log" || fail "cannot write $step_log"
	show_progress "$1" "$2" "$3" "$4" 9>&- &
	watcher=$!
	shift 4
	step_status=0
	guarded "$@" >"$step_log" 2>&1 </dev/null || step_status=$?
	kill "$watcher"
	wait "$watcher" 2>/dev/null || :
	watcher=
	step_seconds=$(($(date +%s) - step_begin))
	[ -t 2 ] && printf '\r\033[K' >&2
	if [ $step_status -ne 0 ]; then
		grep -E -m 10 -i '(error|fatal|cannot|no space).*' "$step_log" >&2 ||
			tail -n 10 "$step_log" >&2
		if disk_is_full "$step_log"; then
			say "the disk is full; XDG_CACHE_HOME chooses another place for the cache"
		fi
		fail "$step_name failed; its log is $step_log"
	fi
	say "$step_name: $step_seconds s"
}
