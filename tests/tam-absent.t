#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam where the system calls do not answer says the same as where they do; only
# one who insists on them is told. A filter makes any kernel such a one.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

unset TAMALLOC_BACKEND

sleep 1000 &
holder=$!
trap 'kill $holder; rm -rf "$scratch"' EXIT
until [ "$(cat /proc/$holder/comm)" = sleep ]; do sleep 0.1; done

for error in ENOSYS EPERM; do
	is "$error: a process is the same" "$(refuse $error tam ps $holder 2>&1)" \
		"$(tam ps $holder)"
	is "$error: every column of it is the same" \
		"$(refuse $error tam ps --json -o "$(tam ps -o help | cut -d , -f 1 |
			cut -d ' ' -f 1 | tr '\n' ' ')" $holder 2>&1)" \
		"$(tam ps --json -o "$(tam ps -o help | cut -d , -f 1 |
			cut -d ' ' -f 1 | tr '\n' ' ')" $holder)"
	is "$error: it is among all" \
		"$(refuse $error tam ps | awk -v pid=$holder '$1 == pid { print $3, $4 }')" \
		"$(tam ps $holder | awk 'NR == 2 { print $3, $4 }')"
	out=$(refuse $error tam total 2>&1)
	is "$error: the total: status" "$?" 0
	matches "$error: the total" "$(printf '%s\n' "$out" | head -n 1)" \
		'^reserved [1-9][0-9]* MiB, committed [1-9][0-9]* MiB$'
	is "$error: a process that does not exist" \
		"$(refuse $error tam ps 4194305 2>&1; echo $?)" \
		'tam: ps: process 4194305: No such process
1'
done
is 'TAMALLOC_BACKEND=proc says the same' "$(TAMALLOC_BACKEND=proc tam ps $holder 2>&1)" \
	"$(tam ps $holder)"

transcript "$(expected tam-absent.out)"
TAMALLOC_BACKEND=syscall TERM=xterm NO_COLOR='' \
	pty 24 80 -- refuse ENOSYS tam total --watch >"$scratch/out"
is '--watch ends with 1 when a call fails' "$?" 1
is '--watch restores the screen before it says so' \
	"$(tr -d '\r' <"$scratch/out" | cat -v)" \
	"^[[?1049h^[[?25l^[[?25h^[[?1049l$(TAMALLOC_BACKEND=syscall refuse ENOSYS tam total 2>&1)"

done_testing
