#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam total, on a kernel with the system calls.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

line='^reserved [0-9]+ MiB, committed [0-9]+ MiB$'

out=$(tam total 2>&1)
is 'status' "$?" 0
matches 'one line' "$out" "$line"
is 'nothing after it' "$(printf '%s\n' "$out" | sed -n 2p)" ''

figure() {
	printf '%s\n' "$1" | tr -d , | awk -v field="$2" '{ print $field }'
}

# shellcheck disable=SC2317 # called by ok
between() {
	[ "$2" -ge "$1" ] && [ "$2" -le "$3" ]
}

# A process that holds 1 GiB reserved and 100 MiB of it committed. Its own code
# and data come on top.
before=$(tam total)
tam alloc 1G --touch 9.765625 --interval 1000 >"$scratch/held" &
holder=$!
until grep -q 'first byte' "$scratch/held"; do sleep 0.1; done
after=$(tam total)
kill "$holder"
wait "$holder"
is 'tam alloc ends with 0 when it is told to' "$?" 0
reserved=$(($(figure "$after" 2) - $(figure "$before" 2)))
committed=$(($(figure "$after" 5) - $(figure "$before" 5)))
ok "a reserved GiB counts: $reserved MiB more" between 1024 "$reserved" 1040
ok "100 touched MiB count: $committed MiB more" between 99 "$committed" 110

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
