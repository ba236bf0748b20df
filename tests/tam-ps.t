#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam ps, on any kernel. Needs root.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# Of the machine itself there is but this: elsewhere no name and no number is another's.
if [ -z "${kernel_thread-}" ] && grep -qs kthreadd /proc/2/comm; then
	kernel_thread=$(tam ps 2 2>&1; echo $?)
	export kernel_thread
fi
alone

header='PID COMMAND RESERVED(KB) COMMITTED(KB) USE% OOM_ADJ'

# One blank between fields, none around them.
squeeze() {
	sed 's/  */ /g; s/^ //'
}

# The kilobytes in memory that tam tells of: those of statm where /proc is all that it has; by
# the system calls those that a walk over the pages finds, which is more on some kernels.
if tam doctor | grep -q '^ok *backend *proc'; then
	committed_of() {
		awk '{ print $2 * 4 }' "/proc/$1/statm"
	}
else
	committed_of() {
		awk '/^Rss:/ { print $2 }' "/proc/$1/smaps_rollup"
	}
fi

# The line of a process: what /proc says, in the columns of tam ps.
line_of() {
	read -r size _ <"/proc/$1/statm"
	committed=$(committed_of "$1")
	echo "$1 $(cat "/proc/$1/comm") $((size * 4)) $committed" \
		"$((committed * 100 / (size * 4))) $(cat "/proc/$1/oom_score_adj")"
}

# A process that has nothing left to do.
tam alloc 64M --touch 25 --interval 1000 >"$scratch/held" &
holder=$!
trap 'kill $holder; rm -rf "$scratch"' EXIT
until grep -q 'first byte' "$scratch/held"; do sleep 0.1; done
echo 321 >/proc/$holder/oom_score_adj

# One process
out=$(tam ps $holder 2>"$scratch/err")
is 'one process: status' "$?" 0
is 'one process: header' "$(printf '%s\n' "$out" | head -n 1 | squeeze)" "$header"
is 'one process: its line' "$(printf '%s\n' "$out" | tail -n +2 | squeeze)" \
	"$(line_of $holder)"
is 'one process: nothing on stderr' "$(cat "$scratch/err")" ''
ok 'one process: 64 MiB are reserved' \
	[ "$(printf '%s\n' "$out" | awk 'NR == 2 { print $3 }')" -ge 65536 ]
ok 'one process: 16 MiB are committed' \
	[ "$(printf '%s\n' "$out" | awk 'NR == 2 { print $4 }')" -ge 16384 ]
# Not every machine lets go below what there was.
echo -1000 2>/dev/null >/proc/$holder/oom_score_adj || :
# shellcheck disable=SC2046 # the fields of the line
set -- $(line_of $holder)
is 'columns: names to the left, numbers to the right' "$(tam ps $holder)" \
	"$(printf '%*s %-7s %12s %13s %4s %7s\n' $((${#1} > 3 ? ${#1} : 3)) PID COMMAND \
		'RESERVED(KB)' 'COMMITTED(KB)' 'USE%' OOM_ADJ \
		$((${#1} > 3 ? ${#1} : 3)) "$1" "$2" "$3" "$4" "$5" "$6")"

# Some processes
out=$(tam ps $holder 4999999 $$ 2>"$scratch/err")
is 'one does not exist: status' "$?" 1
is 'one does not exist: message' "$(cat "$scratch/err")" \
	'tam: ps: process 4999999: No such process'
is 'one does not exist: the others, in the order given' \
	"$(printf '%s\n' "$out" | awk 'NR > 1 { print $1 }' | tr '\n' ' ')" \
	"$holder $$ "
if [ "${kernel_thread-}" ]; then
	is 'a kernel thread' "$kernel_thread" \
		'tam: ps: process 2: has no memory of its own: a kernel thread or a zombie
1'
fi
is 'none does exist: no header' "$(tam ps 4999998 4999999 2>/dev/null)" ''
sh -c 'sleep 0 & echo $!; exec sleep 1000' >"$scratch/zombie" &
parent=$!
sleep 1
read -r zombie <"$scratch/zombie"
is 'a zombie' "$(tam ps "$zombie" 2>&1; echo $?)" \
	"tam: ps: process $zombie: has no memory of its own: a kernel thread or a zombie
1"
kill $parent

# All processes
out=$(tam ps 2>"$scratch/err")
is 'all: status' "$?" 0
is 'all: nothing on stderr' "$(cat "$scratch/err")" ''
is 'all: header' "$(printf '%s\n' "$out" | head -n 1 | squeeze)" "$header"
is 'all: a process among them' \
	"$(printf '%s\n' "$out" | squeeze | grep "^$holder ")" "$(line_of $holder)"
is 'all: nothing without memory' "$(printf '%s\n' "$out" | awk '$3 == 0')" ''
is 'all: by rising pid' "$(printf '%s\n' "$out" | awk 'NR > 1 { print $1 }')" \
	"$(printf '%s\n' "$out" | awk 'NR > 1 { print $1 }' | sort -n)"
is 'all: every line is as long as the header' \
	"$(printf '%s\n' "$out" | awk '{ print length }' | sort -u | wc -l)" 1
is 'all: six fields a line' "$(printf '%s\n' "$out" | awk 'NF != 6')" ''
is 'all: no trailing blanks' "$(printf '%s\n' "$out" | grep ' $')" ''
is 'all: no control codes' "$(printf '%s\n' "$out" | tr -d ' -~\n')" ''
for directory in /proc/[0-9]*; do
	read -r size _ 2>/dev/null <"$directory/statm" && [ "$size" != 0 ] &&
		echo "${directory#/proc/}"
done >"$scratch/want"
tam ps | awk 'NR > 1 { print $1 }' >"$scratch/got"
# Some have ended in between.
is 'all: none is missing' "$(awk 'NR == FNR { seen[$1]; next }
	!($1 in seen)' "$scratch/got" "$scratch/want" | while read -r pid; do
		read -r size _ 2>/dev/null <"/proc/$pid/statm" || continue
		[ "$size" = 0 ] || echo "$pid"
	done)" ''

# Names are whatever a process says: one record stays one line.
# name NAME: what tam ps shows for a process of that name, as printf writes it.
name() {
	mkfifo "$scratch/end"
	# shellcheck disable=SC2016,SC2094 # the inner shell expands it
	sh -c 'printf "$1" >/proc/$$/comm; : >"$2/named"; read -r _ <"$2/end"' \
		sh "$1" "$scratch" &
	named=$!
	while [ ! -e "$scratch/named" ]; do :; done
	tam ps "$named" | awk -v pid="$named" 'NR > 1 {
		print (NF == 6 && $1 == pid) ? $2 : "broken: " $0
	}'
	: >"$scratch/end"
	wait "$named"
	rm "$scratch/end" "$scratch/named"
}
is 'a name with a newline' "$(name 'a\nb')" 'a\x0ab'
is 'a name with an escape sequence' "$(name '\033[31mred')" '\x1b[31mred'
is 'a name with blanks' "$(name 'a b c')" 'a\x20b\x20c'
is 'a name with a tab' "$(name 'a\tb')" 'a\x09b'
is 'a name with a backslash' "$(name 'a\\x41')" 'a\x5cx41'
is 'a name that is not UTF-8' "$(name 'a\377\300')" 'a\xff\xc0'
is 'a name with half a character' "$(name 'abc\303')" 'abc\xc3'
is 'a name with the code that turns text round' "$(name 'a\342\200\256b')" \
	'a\xe2\x80\xaeb'

# Processes that come and go while the list is made are there or not there.
(while :; do sleep 0 & wait $!; done) &
storm=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	tam ps >/dev/null || echo "status $?"
done >"$scratch/out" 2>&1
kill $storm
wait $storm 2>/dev/null
is 'processes that vanish are no error' "$(cat "$scratch/out")" ''

# Who may ask: the restriction is the calls', where they answer.
restrict=/proc/sys/vm/tamalloc_restrict
become 1000 tam ps 1 >/dev/null
is 'everybody may ask by default' "$?" 0
if TAMALLOC_BACKEND=syscall tam ps $$ >/dev/null 2>&1; then
	echo 1 >$restrict
	is 'another user, restricted' "$(become 1000 tam ps 1 2>&1; echo $?)" \
		'tam: ps: process 1: not permitted (EPERM), by vm.tamalloc_restrict, hidepid or a seccomp filter
1'
	out=$(become 1000 tam ps 2>&1)
	is 'all that another user may see, restricted: status' "$?" 0
	is 'all that another user may see, restricted: himself' \
		"$(printf '%s\n' "$out" | awk 'NR > 1 { print $2 }')" tam
	echo 2 >$restrict
fi

tam ps >/dev/full 2>"$scratch/err"
is 'a full device: status' "$?" 1
is 'a full device: message' "$(cat "$scratch/err")" \
	'tam: ps: writing the output: No space left on device'

is 'who is named twice counts once' \
	"$(tam ps --total $$ $$ | awk 'NR > 1 { print $3 }' | uniq | wc -l)" 1
is 'the sum of nothing, in JSON' \
	"$(tam ps -C '^$' --json --total | grep -c '"committed": 0')" 1

done_testing
