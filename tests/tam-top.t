#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam top, with real keys on a virtual terminal.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# Nobody else has these names, and sums stay what they are.
alone

# As xterm-256color, but for a code (rep) that libvterm 0.1 misreads.
TERM=xterm-xfree86
LC_ALL=C
export TERM LC_ALL
unset NO_COLOR LINES COLUMNS ESCDELAY
# shellcheck disable=SC3045 # both shells that run this have it
ulimit -c 0

# Where the machine has no description of the terminal, it stands beside the test.
description=$(dirname "$0")/$TERM
if [ -e "$description" ]; then
	mkdir -p "$scratch/terminfo/x"
	cp "$description" "$scratch/terminfo/x/"
	TERMINFO=$scratch/terminfo
	export TERMINFO
fi

# Processes that wait to be looked at. start NAME: sets started, its pid; NAME
# is as printf writes it. They end with this test, however it ends: then nobody
# can write to them any more.
mkfifo "$scratch/never"
exec 9<>"$scratch/never"
processes=
# shellcheck disable=SC2154 # scratch is of tap.sh
trap 'kill $processes 2>/dev/null; rm -rf "$scratch"' EXIT
start() {
	rm -f "$scratch/named"
	# shellcheck disable=SC2016 # the inner shell expands it
	sh -c 'printf "$1" >/proc/$$/comm; : >"$2/named"; read -r _ <"$2/never"' \
		sh "$1" "$scratch" 9>&- &
	started=$!
	processes="$processes $started"
	until [ -e "$scratch/named" ]; do sleep 0.1; done
}

# top ROWS COLUMNS [ARGUMENT...] <SCRIPT
top() {
	top_rows=$1 top_columns=$2
	shift 2
	screen "$top_rows" "$top_columns" tam top "$@"
}

# The pids of a screen's table, in its order, on one line.
pids() {
	awk '$1 ~ /^[0-9]+$/ && NF > 3 { printf "%s ", $1 }'
}

start tt-one
one=$started
start tt-two
two=$started
start tt-three
three=$started

# The first screen
out=$(top 24 80 -C tt- -s pid <<-'E'
	wait tt-three
	show
	type q
E
)
line() {
	printf '%s\n' "$out" | sed -n "$1p"
}
matches 'the first line has the totals' "$(line 1)" \
	'^committed [0-9.]+[KMGT]   reserved [0-9.]+[KMGT]   available [0-9.]+[KMGT] of the machine.s [0-9.]+[KMGT]$'
matches 'the graph has a scale' "$(line 2)" '^ *[0-9.]+[BKMGT] +[.:#]?$'
matches 'the graph begins at 0' "$(line 5)" '^    0 +#$'
matches 'the header names the columns' "$(line 6)" \
	'^ *PID USER +RESERVED COMMITTED USE% BAR +COMMAND$'
matches 'a line has the figures of a process' "$(line 7)" \
	"^ *$one [a-z0-9]+ +[0-9.]+[KM] +[0-9.]+[KM] +[0-9]+ #+\.* tt-one$"
is 'the table is in order' "$(printf '%s\n' "$out" | pids)" "$one $two $three "
is 'the last line says what is in force' "$(line 24)" \
	'h: help   rows: 3   every 1 s   order: PID   filter: tt-'
is 'q ends it, and the terminal is as it was' "$(line 25)" '=> 0, restored'
is 'as long as the screen' "$(printf '%s\n' "$out" | wc -l)" 25

# keys KEYS [TEXT]: the lowest line after them, once TEXT is on the screen.
keys() {
	top 24 80 -C tt- -s pid <<-E | sed -n 1p
		wait tt-three
		type $1
		wait ${2:-order}
		row -1
		type ^C
	E
}
state='h: help   rows: 3   every 1 s  '

# The order
order_after() {
	top 24 80 -C tt- -s pid <<-E | pids
		wait tt-three
		type $1
		wait $2
		show
		type q
	E
}
is 'r reverses the order' "$(order_after r 'order: -PID')" "$three $two $one "
is 'rr does not' "$(order_after rr 'order: PID')" "$one $two $three "
is '> sorts by the next column' "$(keys '>' 'order: USER')" \
	"$state order: USER   filter: tt-"
is 's does the same' "$(keys s 'order: USER')" "$state order: USER   filter: tt-"
is '< sorts by the column before, after the first by the last' \
	"$(keys '<' 'order: COMMAND')" "$state order: COMMAND   filter: tt-"
is 'by name' "$(order_after '<' 'order: COMMAND')" "$one $three $two "
is 'the arrows do the same' "$(keys '<Right><Right><Left>' 'order: USER')" \
	"$state order: USER   filter: tt-"
is 'the bar is passed over' "$(keys '>>>>>' 'order: COMMAND')" \
	"$state order: COMMAND   filter: tt-"
is 'nothing but bars: the order stays' "$(top 24 80 -C tt- -o bar <<-'E'
	wait rows: 3
	type ><<s
	run sleep 1
	row -1
	type q
E
)" "$state order: -COMMITTED   filter: tt-
=> 0, restored"
is 'C sorts by committed memory' "$(keys C 'order: -COMMITTED')" \
	"$state order: -COMMITTED   filter: tt-"
is 'R sorts by reserved memory' "$(keys R 'order: -RESERVED')" \
	"$state order: -RESERVED   filter: tt-"
is 'P sorts by process id' "$(keys CP 'order: PID')" "$state order: PID   filter: tt-"
is 'by what is not shown as well' "$(top 24 80 -C tt- -o pid,comm -s pid <<-'E'
	wait tt-three
	type C
	wait order: -COMMITTED
	type R
	wait order: -RESERVED
	type q
E
)" '=> 0, restored'

# The filter
out=$(top 24 80 -s pid <<-'E'
	wait COMMAND
	type /
	wait commands that match
	type tt-t(wo|hree)<Enter>
	wait rows: 2
	show
	type q
E
)
is '/ shows the commands that match' "$(printf '%s\n' "$out" | pids)" "$two $three "
is 'f does the same, and the line can be edited' \
	"$(keys 'fxx<Home>^Kttxo<Left><Backspace>-tw<End>^A<Right><Right><Left><Enter>' 'rows: 1')" \
	'h: help   rows: 1   every 1 s   order: PID   filter: tt-two'
is 'an empty filter is none' \
	"$(keys '/<Backspace>^U<Enter>' 'order: PID' | sed 's/rows: [0-9]*/rows: N/')" \
	'h: help   rows: N   every 1 s   order: PID'
is 'Esc leaves the filter as it was' "$(keys '/x<Escape>' rows)" \
	"$state order: PID   filter: tt-"
matches 'a bad expression is told' "$(keys '/[<Enter>' 'not a')" \
	'^not a regular expression: .+'
is 'and the filter before it stays' "$(keys '/[<Enter> ' rows)" \
	"$state order: PID   filter: tt-"
out=$(top 24 80 -C 'tt-$' <<-'E'
	wait no process
	show
	type <Down><Enter>r<End>
	wait order: COMMITTED
	type q
E
)
matches 'no process passes the filter' "$out" '^no process passes the filter$'
matches 'keys do no harm then' "$out" '^=> 0, restored$'

# The interval
is 'i changes the interval' "$(keys 'i<Backspace>2.5<Enter>' 'every 2.5')" \
	'h: help   rows: 3   every 2.5 s   order: PID   filter: tt-'
matches 'a bad interval is told' "$(keys 'i<Backspace>0<Enter>' 'not an')" \
	'^not an interval: an interval is a number of seconds from 0\.1'
is 'Esc leaves the interval as it was' "$(keys 'i5<Escape>' rows)" \
	"$state order: PID   filter: tt-"

# Groups
out=$(top 24 80 -C tt- <<-'E'
	wait tt-three
	type g
	wait PROCESSES
	row 6
	row 7
	type g
	wait BAR        COMMAND
	wait rows: 3
	type g
	wait CGROUP
	type m
	wait a group has no regions
	type P
	wait a group has no process id
	type g
	wait PID
	row 6
	type q
E
)
matches 'g groups by user' "$(line 1)" \
	'^PROCESSES RESERVED COMMITTED USE% BAR +USER$'
matches 'a group is the sum of its processes' "$(line 2)" '^ +3 +[0-9.]+M .* [a-z0-9]+$'
matches 'and at last not at all' "$(line 3)" '^ *PID USER +RESERVED'
is 'groups end well' "$(line 4)" '=> 0, restored'
matches '--by groups from the start' "$(top 24 80 --by command -C tt- <<-'E'
	wait tt-three
	row 6
	type q
E
)" '^PROCESSES .* COMMAND$'

out=$(top 24 80 --by command -o processes,comm -C tt- <<-'E'
	wait tt-three
	row 6
	type gg
	wait PID
	row 6
	type gg
	wait PROCESSES COMMAND
	type q
E
)
matches '--by has the columns that are given' "$(line 1)" '^PROCESSES COMMAND$'
matches 'and is the only one' "$(line 2)" '^ *PID USER +RESERVED'
is 'until one comes back to it' "$(line 3)" '=> 0, restored'
is 'batch: --by with -o' "$(tam top -bn1 --by command -o vsz -C tt-one | sed -n 2p)" 'RESERVED(KB)'
is 'batch: --by with -o +' "$(tam top -bn1 --by user -o +swap -C tt-one |
	sed -n '2s/  */ /gp')" 'PROCESSES RESERVED(KB) COMMITTED(KB) USE% BAR USER SWAP(KB)'

# The selection is what Enter shows the regions of.
selected() {
	top 10 80 -C tt- -s pid <<-E | sed 's/,.*//; 1q'
		wait tt-one
		type $1
		wait regions
		row 2
		type qq
	E
}
is 'the first process is selected' "$(selected '<Enter>')" "process $one"
is 'm does as Enter' "$(selected m)" "process $one"
is 'Down' "$(selected '<Down><Enter>')" "process $two"
is 'Up' "$(selected '<Down><Down><Up>m')" "process $two"
is 'End' "$(selected '<End>m')" "process $three"
is 'Home' "$(selected '<End><Home>m')" "process $one"
is 'PgDn' "$(selected '<PageDown>m')" "process $three"
is 'PgUp' "$(selected '<PageDown><PageUp>m')" "process $one"
is 'neither beyond the end nor before the beginning' \
	"$(selected '<Down><Down><Down><Down><Up><Up><Up><Up><Down>m')" "process $two"
is 'the selection goes with the process' "$(selected '<Down><Down>rm')" "process $three"
is 'the first line stays the first' "$(selected 'rm')" "process $three"

# The regions
out=$(top 24 80 -p "$one" <<-'E'
	wait tt-one
	type m
	wait regions
	show
	type <Escape>
	wait PID
	type <Enter>
	wait regions
	type <End><Home><PageDown><PageUp><Down><Up>
	type q
	wait PID
	type q
E
)
matches 'regions: whose, how many, how much' "$(line 6)" \
	"^process $one, tt-one: [0-9]+ regions, reserved [0-9.]+M, committed [0-9.]+[KM]$"
is 'regions: the header' "$(line 7)" \
	'ADDRESS      RESERVED COMMITTED BAR        PERM TAM NAME'
matches 'regions: one of them' "$out" \
	'^7ff[0-9a-f]+ +[0-9.]+K +[0-9.]+K #+\.* +rw-p (no|-) +\[stack\]$'
matches 'Esc and q go back' "$out" '^=> 0, restored$'
# A line whose size is above that of the line before it.
printf '%s\n' "$out" | sed -n '8,23p' | awk '{
	size = $2 * ($2 ~ /M$/ ? 1024 : 1)
	if (NR > 1 && size > last)
		print
	last = size
}' >"$scratch/disorder"
is 'regions: the largest first' "$(cat "$scratch/disorder")" ''
start tt-short
matches 'regions of a process that ends' "$(top 24 80 -p "$started" <<-E
	wait tt-short
	type m
	wait regions
	run kill $started
	wait has ended
	row 6
	type <Down>q
	wait no process
	type q
E
)" "^process $started, tt-short: has ended$"

# Help
out=$(top 24 80 <<-'E'
	wait PID
	type h
	wait this help
	show
	type q
	gone this help
	type ?
	wait this help
	type <Escape>
	wait PID
	type q
E
)
matches 'h shows help' "$out" '^q +quit; from another page, go back$'
matches 'which says how to leave' "$(line 24)" '^q: back to the table$'
matches 'q and Esc leave it' "$out" '^=> 0, restored$'

# Sizes
out=$(top 5 20 -C tt- -s pid <<-'E'
	wait tt-one
	show
	type <End>mqh<PageDown>qg
	wait USER
	type q
E
)
matches '5 lines of 20 columns: the totals are cut' "$(line 1)" '^committed [0-9.]+[KMGT]   r'
matches '5 lines of 20 columns: fewer columns' "$(line 2)" '^ *PID( USER)?( RESERVED)? COMMAND$'
is '5 lines of 20 columns: two processes' "$(line 4 | grep -c tt-two)" 1
is '5 lines of 20 columns: ends well' "$(line 6)" '=> 0, restored'
out=$(top 100 300 -C tt- <<-'E'
	wait tt-one
	show
	type hqmqg
	wait USER
	type q
E
)
matches '100 lines of 300 columns: the last line' "$(line 100)" '^h: help   rows: 3'
matches '100 lines of 300 columns: the newest figure is at the right' \
	"$(line 9 | awk '{ print length }')" '^300$'
for size in '1 1' '2 7' '3 3' '4 20'; do
	# shellcheck disable=SC2086 # two words
	is "lines and columns: $size" "$(top $size -C tt- <<-'E'
		run sleep 1
		type <Down>mqh<Down>qg/x<Escape>i<Backspace>3<Enter>
		run sleep 1
		type q
	E
	)" '=> 0, restored'
done
out=$(top 24 80 -C tt- -s pid <<-'E'
	wait tt-three
	resize 50 120
	wait rows: 3
	run sleep 1
	wait rows: 3
	row 50
	resize 8 30
	wait h: help
	run sleep 1
	row 8
	resize 24 80
	wait order: PID
	row 24
	type m
	wait regions
	resize 12 60
	wait regions
	type qq
E
)
is 'a larger terminal is used' "$(line 1)" "$state order: PID   filter: tt-"
matches 'a smaller one as well' "$(line 2)" '^h: help   rows: 3 '
is 'and the first size again' "$(line 3)" "$state order: PID   filter: tt-"
is 'ends well after it' "$(line 4)" '=> 0, restored'

# Processes that come and go
rm -f "$scratch/pid"
out=$(top 24 80 -C tt-new -d 0.1 <<-E
	wait no process
	run sh -c 'printf tt-new >/proc/\$\$/comm; echo \$\$ >$scratch/pid; read -r _ <$scratch/never' &
	wait tt-new
	wait rows: 1
	type <Down>
	run kill \$(cat $scratch/pid)
	wait rows: 0
	wait no process
	type q
E
)
is 'a process comes and goes' "$out" '=> 0, restored'

# Names
name() {
	start "$1"
	top 24 80 -p "$started" <<-E | sed -n 's/.*[#.] \(tn.*\)/\1/p'
		wait tn
		show
		type m
		wait regions
		type qq
	E
	kill "$started"
}
is 'a name with an escape sequence' "$(name 'tn\033[2Jx')" 'tn\x1b[2Jx'
is 'a name with a newline' "$(name 'tn\nx')" 'tn\x0ax'
is 'a name with a tab' "$(name 'tn\tx')" 'tn\x09x'
is 'a name with a backslash' "$(name 'tn\\x')" 'tn\x5cx'
is 'a name that is not UTF-8' "$(name 'tn\377\300')" 'tn\xff\xc0'
is 'a name with blanks' "$(name 'tn a  b')" 'tn a  b'

# Ways out
out_by() {
	top 24 80 -C tt- <<-E
		wait tt-one
		$1
		ended
	E
}
is 'the terminal is taken while it runs' "$(out_by 'state
type q')" 'mode changed, alternate screen, cursor hidden
=> 0, restored'
is 'Ctrl+C' "$(out_by 'type ^C')" '=> 0, restored'
is 'SIGINT' "$(out_by 'signal 2')" '=> 0, restored'
is 'SIGTERM' "$(out_by 'signal 15')" '=> 0, restored'
is 'SIGHUP' "$(out_by 'signal 1')" '=> 129, restored'
is 'SIGQUIT' "$(out_by 'signal 3')" '=> 131, restored'
# shellcheck disable=SC1003 # a backslash is meant
is 'Ctrl+\' "$(out_by 'type ^\')" '=> 131, restored'
is 'a crash: SIGILL' "$(out_by 'signal 4')" '=> 132, restored'
is 'a crash: SIGABRT' "$(out_by 'signal 6')" '=> 134, restored'
is 'a crash: SIGBUS' "$(out_by 'signal 7')" '=> 135, restored'
is 'a crash: SIGFPE' "$(out_by 'signal 8')" '=> 136, restored'
is 'a crash: SIGSEGV' "$(out_by 'signal 11')" '=> 139, restored'
for signal in 5 10 12 14 16 24 25 26 27 29 30 31; do
	is "what else would kill it: signal $signal" "$(out_by "signal $signal")" \
		"=> $((128 + signal)), restored"
done
is 'what is ignored stays so' "$(screen 24 80 sh -c 'trap "" USR1; exec tam top' <<-'E'
	wait order
	signal 10
	type h
	wait this help
	type qq
E
)" '=> 0, restored'
is 'a crash while a prompt is open' "$(out_by 'type /abc
wait abc
signal 11')" '=> 139, restored'
is 'Ctrl+Z gives the terminal back for the while' "$(out_by 'type ^Z
stopped
state
signal 18
wait tt-one
state
type q')" 'restored
mode changed, alternate screen, cursor hidden
=> 0, restored'
is 'a window that gets another size meanwhile' "$(out_by 'type ^Z
stopped
resize 10 40
signal 18
wait h: help
row 10
type q' | sed 's/ *every.*//')" 'h: help   rows: 3
=> 0, restored'
is 'SIGTERM while it is stopped' "$(out_by 'type ^Z
stopped
signal 15
signal 18')" '=> 0, restored'
is 'and while keys wait as well' "$(out_by 'type ^Z
stopped
type abc^J
run sleep 0.3
signal 15
run sleep 0.2
signal 18')" '=> 0, restored'

# What the terminal gets, all of it, in some rounds.
raw() {
	screen -r "$scratch/raw" 24 80 tam top -C tt- -d 0.1 >/dev/null <<-'E'
		wait tt-three
		run sleep 2
		type q
	E
	cat -v "$scratch/raw"
}
is 'the screen is cleared once' "$(raw | grep -o '\^\[\[H\^\[\[2J' | wc -l)" 1
ok 'a round that changes little sends little' [ "$(raw | wc -c)" -lt 8000 ]
matches 'colours' "$(raw | grep -o '\^\[\[3[0-9]m' | sort -u)" '32m'
is 'none with NO_COLOR' "$(NO_COLOR=1 raw | grep -E -c '\^\[\[([34][0-9]|[0-9;]*;[34][0-9])m')" 0
if [ -d /usr/lib/locale/C.utf8 ]; then
	matches 'blocks where the character set has them' "$(LC_ALL=C.UTF-8 top 24 80 <<-'E'
		wait PID
		row 5
		type q
	E
	)" '█$'
fi

# Without a terminal
is 'stdout is no terminal' "$(tam top </dev/null 2>&1; echo $?)" \
	"tam: top: stdout is not a terminal; 'tam top -b' prints tables as plain text
2"
refused() {
	screen 24 80 "$@" </dev/null >"$scratch/refused" 2>&1
	tail -n 1 "$scratch/refused"
}
is 'stdin is no terminal' "$(refused sh -c 'tam top </dev/null')" '=> 2, restored'
is 'no TERM' "$(refused sh -c 'unset TERM; tam top')" '=> 1, restored'
is 'an empty TERM' "$(TERM='' refused tam top)" '=> 1, restored'
is 'a dumb terminal' "$(TERM=dumb refused tam top)" '=> 1, restored'
is 'an unknown terminal' "$(TERM=nonesuch refused tam top)" '=> 1, restored'
matches 'the message names -b' "$(TERM=nonesuch screen 24 80 sh -c \
	'tam top; sleep 1' <<-'E'
	wait tam top -b
	show
E
)" "^tam: top: the terminal 'nonesuch' \(TERM\) is not known; 'tam top -b' needs none$"

# Batch output
out=$(tam top -b -n 2 -d 0.1 -C tt- -s pid 2>&1)
is 'batch: status' "$?" 0
is 'batch: two tables' "$(printf '%s\n' "$out" | sed 's/[0-9][0-9]*/N/g; s/  */ /g; s/^ //
	s/^N [a-zN]* N/N USER N/; s/#[#.]*/BAR/')" 'reserved N KB, committed N KB, available N KB
PID USER RESERVED(KB) COMMITTED(KB) USE% BAR COMMAND
N USER N N N BAR tt-one
N USER N N N BAR tt-two
N USER N N N BAR tt-three

reserved N KB, committed N KB, available N KB
PID USER RESERVED(KB) COMMITTED(KB) USE% BAR COMMAND
N USER N N N BAR tt-one
N USER N N N BAR tt-two
N USER N N N BAR tt-three'
is 'batch: the pids' "$(printf '%s\n' "$out" | pids)" \
	"$one $two $three $one $two $three "
is 'batch: no control codes, whatever TERM is' \
	"$(TERM=nonesuch tam top -b -n 1 | tr -d ' -~\n')" ''
is 'batch: -o, -p, -u' "$(tam top --batch --count 1 --columns=pid,comm --sort pid \
	--pid "$one,$two" \
	--user "$(id -u)" | sed -n '2,$p' | sed 's/  */ /g; s/^ //')" "PID COMMAND
$one tt-one
$two tt-two"
is 'batch: --by' "$(tam top -bn1 --by user -C tt- -u "$(id -u)" | sed -n '3s/^ *\([0-9]*\) .*/\1/p')" 3
is 'batch: a reader who leaves ends it, without a message' \
	"$( (tam top -b -d 0.1 2>"$scratch/err"; echo $? >"$scratch/status") | head -n 1 |
		wc -l; cat "$scratch/status" "$scratch/err")" '1
1'
tam top -b -d 0.1 >"$scratch/out" &
batch=$!
sleep 1
kill -TERM $batch
wait $batch
is 'batch: SIGTERM ends it with 0' "$?" 0
tam top -b -n 1 >/dev/full 2>"$scratch/err"
is 'batch: a full device: status' "$?" 1
is 'batch: a full device: message' "$(cat "$scratch/err")" \
	'tam: top: writing the output: No space left on device'

# Options
help=$(tam top --help)
is '--help has at most 24 lines' "$(printf '%s\n' "$help" | sed -n 25p)" ''
is '--help has at most 80 columns' "$(printf '%s\n' "$help" | grep -E '^.{81}')" ''
is '-h is the same' "$(tam top -h)" "$help"
refuses() {
	is "tam top $1" "$(eval "tam top $1" 2>&1 </dev/null; echo $?)" "tam: top: $2
2"
}
refuses '-d 0' "--interval '0': an interval is a number of seconds from 0.1 to 86400"
refuses '-s rrs' "--sort 'rrs': no such column; did you mean 'rss'?"
refuses '-p x' "--pid 'x': a process id is a whole number from 1 to 2147483647"
refuses '-n 0 -b' "--count '0': a count is a whole number from 1"
refuses '-n 1' '--count goes with --batch'
refuses '--intervall 1' "unknown option '--intervall'; did you mean '--interval'?"
refuses 'x' "unexpected argument 'x'; see 'tam top --help'"
refuses '-d' "option '-d' needs a value"

done_testing
