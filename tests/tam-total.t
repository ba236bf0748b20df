#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam total, on any kernel.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

alone && is_alone=yes || is_alone=

line='^reserved [0-9]+ MiB, committed [0-9]+ MiB$'

out=$(tam total 2>&1)
is 'status' "$?" 0
matches 'the first line' "$(printf '%s\n' "$out" | head -n 1)" "$line"
is 'one screen: at most 24 lines' "$(printf '%s\n' "$out" | sed -n 25p)" ''
is 'one screen: at most 80 columns' "$(printf '%s\n' "$out" | grep -E '^.{81}')" ''

# Figures of the machine that stay the same for a while.
meminfo() {
	awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo
}
shown() {
	printf '%s\n' "$out" | sed -n "s/^$1   *//p"
}
is 'memory of the machine' "$(shown 'memory of the machine')" \
	"$(($(meminfo MemTotal) / 1024)) MiB"
is 'swap' "$(shown swap)" "$(($(meminfo SwapTotal) / 1024)) MiB"
is 'commit limit' "$(shown 'commit limit[a-z ()]*')" \
	"$(($(meminfo CommitLimit) / 1024)) MiB"
matches 'available' "$(shown available)" '^[1-9][0-9]* MiB$'
matches 'committed address space' "$(shown 'committed address space')" \
	'^[1-9][0-9]* MiB$'
matches 'overcommit mode' "$(shown 'overcommit mode')" \
	"^$(cat /proc/sys/vm/overcommit_memory): [a-z ]+\$"

matches '--bytes' "$(tam total --bytes | head -n 1)" \
	'^reserved [0-9]+ bytes, committed [0-9]+ bytes$'
matches '-h' "$(tam total -h | head -n 1)" \
	'^reserved [0-9.]+[KMGT], committed [0-9.]+[KMGT]$'
out=$(tam total --json)
for key in reserved committed granularity doubtful memory available swap swap_free \
	commit_limit committed_address_space overcommit; do
	matches "--json: $key is a number" "$out" "^  \"$key\": [0-9]+,?\$"
done
matches '--json: bytes' "$out" "^  \"memory\": $(($(meminfo MemTotal) * 1024)),\$"
is '--json: an object' "$(printf '%s\n' "$out" | sed -n '1p;$p' | tr -d '\n')" '{}'

figure() {
	printf '%s\n' "$1" | head -n 1 | tr -d , | awk -v field="$2" '{ print $field }'
}

# shellcheck disable=SC2317 # called by ok
between() {
	[ "$2" -ge "$1" ] && [ "$2" -le "$3" ]
}

# A process that holds 1 GiB reserved and 100 MiB of it committed. Its own code
# and data come on top.
hold() {
	before=$(tam total)
	tam alloc 1G --touch 9.765625 --interval 1000 >"$scratch/held" &
	holder=$!
	until grep -q 'first byte' "$scratch/held"; do sleep 0.1; done
	after=$(tam total)
	kill "$holder"
	wait "$holder"
	status=$?
	reserved=$(($(figure "$after" 2) - $(figure "$before" 2)))
	committed=$(($(figure "$after" 5) - $(figure "$before" 5)))
}

hold
is 'tam alloc ends with 0 when it is told to' "$status" 0
if [ "$is_alone" ]; then
	ok "a reserved GiB counts: $reserved MiB more" between 1024 "$reserved" 1040
	ok "100 touched MiB count: $committed MiB more" between 99 "$committed" 110
else
	# Processes of the machine come and go: what is known is that it is in the sum.
	ok 'a reserved GiB counts' [ "$(figure "$after" 2)" -ge 1024 ]
	ok '100 touched MiB count' [ "$(figure "$after" 5)" -ge 99 ]
fi

# --watch where nobody looks: plain lines, without end.
tam total --watch=0.2 >"$scratch/out" 2>"$scratch/err" &
watcher=$!
sleep 2
kill -TERM "$watcher"
wait "$watcher"
is '--watch ends with 0 on SIGTERM' "$?" 0
lines=$(wc -l <"$scratch/out")
ok '--watch repeats' [ "$lines" -ge 3 ]
is '--watch prints the same plain line again and again' \
	"$(grep -Ecv "$line" "$scratch/out")" 0
is '--watch reports nothing' "$(cat "$scratch/err")" ''

{
	tam total --watch=0.1 2>"$scratch/err"
	echo $? >"$scratch/status"
} | head -n 1 >/dev/null
is '--watch ends with 1 when its reader leaves' "$(cat "$scratch/status")" 1
is '--watch is quiet about that' "$(cat "$scratch/err")" ''

tam total >/dev/full 2>"$scratch/err"
is 'a full device: status' "$?" 1
is 'a full device: message' "$(cat "$scratch/err")" \
	'tam: total: writing the output: No space left on device'

done_testing
