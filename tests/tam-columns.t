#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What tam ps shows and in which order: columns, sizes, filters, groups, sums, on
# any kernel. Needs root.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# Nobody else has these names.
alone

LC_ALL=C
export LC_ALL

# Two processes of one name and user with nothing left to do, and a third. They
# wait for a writer that never comes.
mkfifo "$scratch/end"
named() {
	# shellcheck disable=SC2016 # the inner shell expands it
	sh -c 'printf tt-one >/proc/$$/comm; : >"$1"; read -r _ <"$2"' \
		sh "$1" "$scratch/end" &
}
named "$scratch/1"
one=$!
named "$scratch/2"
two=$!
become 12345 sleep 1000 &
other=$!
trap 'kill $one $two $other; rm -rf "$scratch"' EXIT
until [ -e "$scratch/1" ] && [ -e "$scratch/2" ] &&
	[ "$(cat /proc/$other/comm)" = sleep ]; do sleep 0.1; done
sleep 1

# One blank between fields, none around them, lines joined by a slash.
squeeze() {
	sed 's/  */ /g; s/^ //' | tr '\n' /
}

# A line of /proc/PID/status.
status_of() {
	awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"
}

# Columns
is 'chosen columns, in that order' "$(tam ps -o rss,pid $one | squeeze)" \
	"COMMITTED(KB) PID/$(status_of $one VmRSS) $one/"
is 'more than one -o' "$(tam ps -o pid -o uid,ppid $other | squeeze)" \
	"PID UID PPID/$other 12345 $$/"
is '+ adds to the default' "$(tam ps -o +swap -o pte $one | head -n 1 | squeeze)" \
	'PID COMMAND RESERVED(KB) COMMITTED(KB) USE% OOM_ADJ SWAP(KB) PTE(KB)/'
is 'a + that is not the first one adds to what was chosen' \
	"$(tam ps -o pid -o +uid $other | head -n 1 | squeeze)" 'PID UID/'
for pair in vsz:reserved vsz:vsize rss:committed rss:rssize comm:command user:euser \
	uid:euid anon:anonymous pte:page_tables oomadj:oom_score_adj oom:oom_score \
	use:use_percent pmem:%mem start:start_time; do
	is "${pair#*:} is ${pair%:*}" "$(tam ps -o "${pair#*:}" $one)" \
		"$(tam ps -o "${pair%:*}" $one)"
done
for pair in vsz:VmSize rss:VmRSS anon:RssAnon file:RssFile shared:RssShmem swap:VmSwap \
	pte:VmPTE ppid:PPid uid:Uid; do
	is "${pair%:*} is what status says" \
		"$(tam ps --noheadings -o "${pair%:*}" $one | tr -d ' ')" \
		"$(status_of $one "${pair#*:}")"
done
is 'oom is what oom_score says' "$(tam ps --noheadings -o oom $one | tr -d ' ')" \
	"$(cat /proc/$one/oom_score)"
matches 'start today or yesterday' "$(tam ps --noheadings -o start $one)" \
	'^ *([0-2][0-9]:[0-5][0-9]|[A-Z][a-z]{2}[0-3][0-9])$'
matches 'lstart' "$(tam ps --noheadings -o lstart $one)" \
	'^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9][+-][0-9]{4}$'
started=$(date -u -d "$(tam ps --csv --noheadings -o lstart $one | tr T ' ' | tr -d Z)" +%s)
age=$(($(date +%s) - started))
# shellcheck disable=SC2317 # called by ok
is_recent() {
	[ "$1" -ge 0 ] && [ "$1" -le 60 ]
}
ok "it started a moment ago: $age s" is_recent "$age"
matches 'bar' "$(tam ps --noheadings -o bar $one)" '^[#.]{10}$'
tam ps -o help | cut -c 1-30 | tr -d ' ' | tr , '\n' >"$scratch/names"
ok 'there are names' [ -s "$scratch/names" ]
while read -r name; do
	is "$name: every line has one field" \
		"$(tam ps -o "$name" 2>&1 | awk 'NF != 1')" ''
done <"$scratch/names"
is '--noheadings' "$(tam ps --noheadings -o pid $one | tr -d ' ')" $one

# Sizes
kb=$(status_of $one VmSize)
is '--bytes' "$(tam ps --bytes -o vsz $one | squeeze)" "RESERVED(B)/$((kb * 1024))/"
is '-b' "$(tam ps -b -o vsz $one)" "$(tam ps --bytes -o vsz $one)"
matches '-h: a letter, no unit in the heading' "$(tam ps -h -o vsz $one | squeeze)" \
	'^RESERVED/[0-9.]+M/$'

# Order
out=$(tam ps --noheadings -s rss -o rss)
is '-s' "$out" "$(printf '%s\n' "$out" | sort -n)"
out=$(tam ps --noheadings -s -vsz -o vsz)
is '-s with -' "$out" "$(printf '%s\n' "$out" | sort -nr)"
is 'ties by pid' "$(tam ps --noheadings -s -uid,comm -o pid -p $two,$other,$one | squeeze)" \
	"$other/$one/$two/"
is 'ties by pid, descending too' "$(tam ps --noheadings -s -comm -o pid $two $one | squeeze)" \
	"$one/$two/"
is 'the order given, without -s' "$(tam ps --noheadings -o pid -p $two,$one $other | squeeze)" \
	"$two/$one/$other/"
is '-n, after sorting' "$(tam ps --noheadings -n 1 -s -pid -o pid $one $two $other | tr -d ' ')" \
	"$(printf '%s\n' $one $two $other | sort -n | tail -n 1)"

# Filters
is '-u number' "$(tam ps --noheadings -u 12345 -o pid | tr -d ' ')" $other
is '-u twice' "$(tam ps --noheadings -u 12345 -u 0 -o pid | squeeze |
	grep -c "$one/.*$other\\|$other/.*$one")" 1
is '-C: part of a name' "$(tam ps --noheadings -C 't-on' -o pid | squeeze)" "$one/$two/"
is '-C: anchors and choices' "$(tam ps --noheadings -C '^(tt|xx)-one$' -o pid | squeeze)" \
	"$one/$two/"
is '-C: -u: both have to pass' "$(tam ps --noheadings -u 12345 -C '^tt-one$')" ''
is 'a filter that nothing passes is no error' \
	"$(tam ps -o pid -u 12345 -C '^tt-one$'; echo $?)" 0
is 'named processes are filtered too' \
	"$(tam ps --noheadings -u 12345 -o pid $one $two $other | tr -d ' ')" $other
least=$(status_of $one VmRSS)
is '-m: as much is enough' "$(tam ps --noheadings -m "${least}K" -o pid $one | tr -d ' ')" \
	$one
is '-m: less is not' "$(tam ps --noheadings -m $((least + 1))K -o pid $one | tr -d ' ')" ''
is '-m: nothing smaller among all' \
	"$(tam ps --noheadings -m 1M -o rss | awk '$1 < 1024')" ''

# Groups and sums
sum() {
	echo $(($(status_of $one "$1") + $(status_of $two "$1")))
}
is '--by command' "$(tam ps --by command -C '^tt-one$' | squeeze)" \
	"COMMAND PROCESSES RESERVED(KB) COMMITTED(KB) USE%/tt-one 2 $(sum VmSize) $(
		sum VmRSS) $(($(sum VmRSS) * 100 / $(sum VmSize)))/"
is '--by user' "$(tam ps --by user --noheadings -o uid,processes,anon,pte \
	-p $one,$two,$other -s uid | squeeze)" \
	"0 2 $(sum RssAnon) $(sum VmPTE)/12345 1 $(status_of $other RssAnon) $(
		status_of $other VmPTE)/"
is '--by cgroup' "$(tam ps --by cgroup --noheadings -o processes $one $two | tr -d ' ')" 2
out=$(tam ps --by command --noheadings -o rss)
is '--by: most committed memory first' "$out" "$(printf '%s\n' "$out" | sort -nr)"
is '--by: -s, -n' "$(tam ps --by user --noheadings -o uid -s -uid -n 1 $one $other | tr -d ' ')" \
	12345
is 'what differs within a group is not shown' \
	"$(tam ps --by command --noheadings -o pid,uid,oomadj -C '^tt-one$' | squeeze)" \
	"- 0 $(cat /proc/$one/oom_score_adj)/"
is '--total' "$(tam ps --noheadings --total -o pid,vsz,rss,uid $one $two | tail -n 1 | squeeze)" \
	"total $(sum VmSize) $(sum VmRSS) 0/"
is '--total of the lines shown' \
	"$(tam ps --noheadings --total -n 1 -o pid,vsz $one $two | tail -n 1 | squeeze)" \
	"total $(status_of $one VmSize)/"
is '--total under a column of sums' "$(tam ps --noheadings --total -o vsz $one $two |
	tail -n 1 | tr -d ' ')" "$(sum VmSize)"
is '--total of nothing' "$(tam ps --noheadings --total -u 12345 $one)" ''

done_testing
