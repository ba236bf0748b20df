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

# each COMMAND: with the name of a trace, the snapshots that it takes, of how many
# processes it may open files (who would die with another: its cgroup), and what
# is traced.
each() {
	while read -r key rounds opened command; do
		"$@" "$key" "$rounds" "$opened" "$command"
	done <<-EOF
		ps 1 0 tam ps
		json 1 0 tam ps --json -o +user,start,oom,swap
		user 1 0 tam ps --by user
		top 2 0 tam top -b -n 2 -d 0.1
		oom 1 1 tam oom
	EOF
}

# shellcheck disable=SC2317 # called by each
trace_few() {
	# shellcheck disable=SC2086 # its words
	trace "$1.few" $4
}

# strace has no name for the snapshot, and writes its number.
# shellcheck disable=SC2317 # called by each
compare() {
	# shellcheck disable=SC2086 # its words
	trace "$1.many" $4
	is "$4: status" "$?" 0
	is "$4: one snapshot a round" \
		"$(grep -c '^syscall_0x229(' "$scratch/$1.many")" "$2"
	sed -nE 's,^open(at)?\(.*"(/proc/)?([0-9]+)/.*,\3,p' "$scratch/$1.many" |
		sort -u >"$scratch/opened"
	ok "$4: files of no more than $3 processes are opened" \
		[ "$(wc -l <"$scratch/opened")" -le "$3" ]
	grown=$(($(calls "$1.many") - $(calls "$1.few")))
	ok "$4: as many calls for $many processes as for $few" [ "${grown#-}" -le 5 ]
	echo "#   $(calls "$1.few"), $(calls "$1.many")"
	grown=$(($(wc -l <"$scratch/$1.many") - $(wc -l <"$scratch/$1.few")))
	ok "$4: few more for memory and output" [ "$grown" -le 50 ]
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
