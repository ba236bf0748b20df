#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What tam says where the system calls do not answer: a filter makes any kernel
# such a one.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

transcript "$(expected tam-absent.out)"
TERM=xterm NO_COLOR='' pty 24 80 -- refuse ENOSYS tam total --watch >"$scratch/out"
is '--watch ends with 1 when a call fails' "$?" 1
is '--watch restores the screen before it says so' \
	"$(tr -d '\r' <"$scratch/out" | cat -v)" \
	"^[[?1049h^[[?25l^[[?25h^[[?1049l$(refuse ENOSYS tam total 2>&1)"

done_testing
