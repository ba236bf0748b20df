#!/bin/sh
# SPDX-License-Identifier: MIT
#
# On the patched kernel, what looks at all processes takes a handful of system
# calls, however many there are. Needs strace.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

few=10
many=1000
sleeping=
count=0
trap 'kill $sleeping; rm -rf "$scratch"' EXIT

# start N: until so many are asleep.
start() {
	while [ "$count" -lt "$1" ]; do
		sleep 100000 &
		sleeping="$sleeping $!"
		count=$((count + 1))
	done
}

# trace NAME COMMAND...: what it calls, in the file NAME, and what it prints.
trace() {
	trace_name=$1
	shift
	strace -qq -o "$scratch/$trace_name" "$@" </dev/null \
		>"$scratch/$trace_name.out" 2>&1
}

# calls NAME: how many, without those for memory and output, which grow with what
# there is to show.
calls() {
	grep -vcE '^(brk|mmap|munmap|mremap|write|writev)\(' "$scratch/$1"
}

each() {
	while read -r key rounds command; do
		"$@" "$key" "$rounds" "$command"
	done <<-EOF
		ps 1 tam ps
		json 1 tam ps --json -o +user,start,oom,swap
		user 1 tam ps --by user
		top 2 tam top -b -n 2 -d 0.1
	EOF
}

# shellcheck disable=SC2317 # called by each
trace_few() {
	# shellcheck disable=SC2086 # its words
	trace "$1.few" $3
}

# strace has no name for the snapshot, and writes its number.
# shellcheck disable=SC2317 # called by each
compare() {
	# shellcheck disable=SC2086 # its words
	trace "$1.many" $3
	is "$3: status" "$?" 0
	is "$3: one snapshot a round" \
		"$(grep -c '^syscall_0x229(' "$scratch/$1.many")" "$2"
	is "$3: no file of a process is opened" \
		"$(grep -E '^open(at)?\(.*"(/proc/)?[0-9]+/' "$scratch/$1.many")" ''
	grown=$(($(calls "$1.many") - $(calls "$1.few")))
	ok "$3: as many calls for $many processes as for $few" [ "${grown#-}" -le 5 ]
	echo "#   $(calls "$1.few"), $(calls "$1.many")"
	grown=$(($(wc -l <"$scratch/$1.many") - $(wc -l <"$scratch/$1.few")))
	ok "$3: few more for memory and output" [ "$grown" -le 50 ]
	echo "#   $(wc -l <"$scratch/$1.few"), $(wc -l <"$scratch/$1.many") with those"
}

start $few
each trace_few
start $many
each compare
ok 'all processes are shown' [ "$(wc -l <"$scratch/ps.many.out")" -gt $many ]

# What the same takes without the call.
TAMALLOC_BACKEND=proc trace proc tam ps
ok 'by /proc there is a call for each process, or more' [ "$(calls proc)" -gt $many ]

done_testing
