#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam on a kernel built without the system calls: it works, and says what is
# missing to one who insists on them.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

unset TAMALLOC_BACKEND

sleep 1000 &
holder=$!
trap 'kill $holder; rm -rf "$scratch"' EXIT
until [ "$(cat /proc/$holder/comm)" = sleep ]; do sleep 0.1; done

read -r size resident _ </proc/$holder/statm
out=$(tam ps $holder 2>&1)
is 'a process: status' "$?" 0
is 'a process: what /proc says' \
	"$(printf '%s\n' "$out" | awk 'NR == 2 { print $1, $2, $3, $4 }')" \
	"$holder sleep $((size * 4)) $((resident * 4))"
is 'all processes: it is among them' "$(tam ps 2>&1 | grep -c "^ *$holder ")" 1
matches 'the total' "$(tam total 2>&1 | head -n 1)" \
	'^reserved [1-9][0-9]* MiB, committed [1-9][0-9]* MiB$'
is 'the demonstration' "$(tam alloc --count 1 2>&1 | grep -c 'written and read back')" 1

transcript "$(expected tam-off.out)"
done_testing
