#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam on a terminal, on any kernel.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# No process ends that would leave a sum in doubt.
alone

TERM=xterm
LC_ALL=C
export TERM LC_ALL
unset NO_COLOR

# What came out, on one line, control codes readable, figures replaced, those of
# the machine left out; and the exit status.
on_terminal() {
	pty "$@" >"$scratch/out"
	status=$?
	tr -d '\r\n' <"$scratch/out" | cat -v | sed 's/[0-9]* MiB/N MiB/g
		s/memory of the machine[^^]*overcommit mode *[012]: [a-z ]*[a-z]/ MACHINE/g'
	echo " => $status"
}

take='^[[?1049h^[[?25l'
clear='^[[H^[[2J'
give='^[[?25h^[[?1049l'
line='reserved N MiB, committed N MiB'
figures="$line MACHINE"

is '--watch clears the screen each time; Ctrl+C restores it and exits 0' \
	"$(on_terminal 24 80 overcommit x overcommit '^C' -- tam total --watch=2)" \
	"$take$clear$figures$clear$figures$give => 0"
is 'SIGTERM does the same' \
	"$(on_terminal 24 80 -- sh -c '(sleep 2; kill $$) & exec tam total --watch=1000')" \
	"$take$clear$figures$give => 0"
# shellcheck disable=SC1003 # a backslash is meant
is 'Ctrl+Z restores the screen for the while, Ctrl+\ for good' \
	"$(on_terminal 24 80 overcommit '^Z' overcommit '^\' -- tam total --watch=2)" \
	"$take$clear$figures$give$take$clear$figures$give => 131"
is 'with NO_COLOR: plain lines, Ctrl+C exits 0' \
	"$(NO_COLOR=1 on_terminal 24 80 committed '^C' -- tam total --watch)" \
	"$line => 0"
is 'on a dumb terminal: plain lines, Ctrl+C exits 0' \
	"$(TERM=dumb on_terminal 24 80 committed '^C' -- tam total --watch)" \
	"$line => 0"
is 'without --watch: no control codes' \
	"$(on_terminal 24 80 -- tam total)" "$figures => 0"
is 'tam alloc: Ctrl+C exits 0' \
	"$(on_terminal 24 80 region '^C' -- tam alloc | sed 's/.* => /=> /')" '=> 0'

ps_header() {
	pty 24 80 -- tam ps $$ | head -n 1 | cat -v | grep -Fc '^[[1m'
}
is 'the header of tam ps is bold' "$(ps_header)" 1
is 'not with NO_COLOR' "$(NO_COLOR=1 ps_header)" 0
is 'not on a dumb terminal' "$(TERM=dumb ps_header)" 0
is 'an empty NO_COLOR is none' "$(NO_COLOR='' ps_header)" 1

widest() {
	NO_COLOR=1 pty 24 "$1" -- tam ps $$ | tr -d '\r' |
		awk '{ if (length > most) most = length } END { print most }'
}
printf 'fifteen letters' >/proc/$$/comm
narrow=$(widest 56)
ok "a narrow terminal cuts names: $narrow of 56 columns" [ "$narrow" -le 56 ]
is 'a blank in a name stays one on a terminal' \
	"$(NO_COLOR=1 pty 24 80 -- tam ps --no-total $$ | grep -c 'fifteen letters ')" 1
is 'a pipe does not cut names' \
	"$(COLUMNS=20 tam ps $$ | grep -c 'fifteen\\x20letters ')" 1

# What a terminal gets beside: a line of sums, and a bar where there is room.
on_screen() {
	NO_COLOR=1 pty 24 "$@" | tr -d '\r'
}
is 'a line of sums; who is named twice is shown once' "$(on_screen 80 -- tam ps $$ $$ | awk '{ print $1 }' | tr '\n' ' ')" \
	"PID $$ total "
is 'not with --no-total' "$(on_screen 80 -- tam ps --no-total $$ | wc -l)" 2
is 'a bar' "$(on_screen 80 -- tam ps --no-total $$ | awk '{ print $NF }' |
	sed 's/^#[#.]*$/bar/' | tr '\n' ' ')" 'BAR bar '
is 'a bar has ten places' "$(on_screen 80 -- tam ps --no-total $$ | awk 'NR > 1 {
	print length($NF) }')" 10
is 'no bar where there is no room' "$(on_screen 60 -- tam ps $$ | grep -c BAR)" 0
is 'no bar in other columns' "$(on_screen 80 -- tam ps -o pid,vsz,rss $$ | grep -c BAR)" 0
is 'no bar and no sums in a pipe' "$(tam ps $$ | grep -c 'BAR\|total')" 0

printf 'a\033[31m\nb\tc\377' >/proc/$$/comm
# shellcheck disable=SC1003 # backslashes are meant
is 'a name cannot reach the terminal' \
	"$(on_screen 80 -- tam ps --no-total $$ | grep -Fc 'a\x1b[31m\x0ab\x09c\xff')" 1
is 'nor in JSON' "$(on_screen 80 -- tam ps --json $$ |
	grep -Fc '"command": "a\\x1b[31m\\x0ab\\x09c\\xff"')" 1
is 'nor in CSV' "$(on_screen 80 -- tam ps --csv $$ |
	grep -Fc ",a\\x1b[31m\\x0ab\\x09c\\xff,")" 1

done_testing
