#!/bin/sh
# SPDX-License-Identifier: MIT
#
# JSON and CSV as other programs read them. Needs jq and Python; root.
# shellcheck disable=SC2016,SC2086 # inner shells expand; pids are one word

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

all=$(tam ps -o help | cut -d , -f 1 | cut -d ' ' -f 1 | tr '\n' ,)

# What a strict reader makes of CSV: a JSON array of records.
# shellcheck disable=SC2317 # called by ok
csv_to_json() {
	python3 -c 'import csv, json, sys
sys.stdin.reconfigure(encoding="utf-8", errors="strict", newline="")
rows = list(csv.DictReader(sys.stdin, strict=True))
assert all(None not in row and None not in row.values() for row in rows)
print(json.dumps(rows))'
}

# A process that waits, of a name as printf writes it.
mkfifo "$scratch/end"
named() {
	rm -f "$scratch/named"
	sh -c 'printf "$1" >/proc/$$/comm; : >"$2/named"; read -r _ <"$2/end"' \
		sh "$1" "$scratch" &
	holder=$!
	while [ ! -e "$scratch/named" ]; do sleep 0.1; done
}
trap 'kill $holder; rm -rf "$scratch"' EXIT

for locale in C C.UTF-8; do
	LC_ALL=$locale
	export LC_ALL
	named 'a"b,c\\d\n\033\377\302\233\342\200\256'
	want='a"b,c\x5cd\x0a\x1b\xff\xc2\x9b\xe2\x80\xae'
	is "$locale: JSON of a name with everything in it" \
		"$(tam ps --json $holder | jq -r '.processes[0].command')" "$want"
	is "$locale: CSV of it" "$(tam ps --csv -o comm $holder | csv_to_json |
		jq -r '.[0].command')" "$want"
	is "$locale: CSV has a line for it" "$(tam ps --csv -o comm $holder | wc -l)" 2
	kill $holder
	named 'na\303\257ve \346\274\242'
	is "$locale: JSON is UTF-8" \
		"$(tam ps --json $holder | jq -r '.processes[0].command')" 'naïve 漢'
	is "$locale: CSV is UTF-8" \
		"$(tam ps --csv -o comm --noheadings $holder)" 'naïve 漢'

	tam ps --json --total -o "$all" >"$scratch/all"
	ok "$locale: JSON of everything" python3 -m json.tool "$scratch/all" /dev/null
	is "$locale: types" "$(jq -c --argjson pid $holder '
		.processes[] | select(.pid == $pid) |
		map_values(type) | to_entries | group_by(.value) |
		map({(.[0].value): map(.key)}) | add | .string' "$scratch/all")" \
		'["user","command","start_time","cgroup"]'
	[ "$locale" = C.UTF-8 ] || kill $holder
done

out=$(tam ps --json -o "$all" $holder | jq .processes[0])
status() {
	awk -v key="$1:" '$1 == key { print $2 }' /proc/$holder/status
}
for pair in reserved:VmSize committed:VmRSS anonymous:RssAnon file:RssFile \
	shared:RssShmem swap:VmSwap page_tables:VmPTE; do
	is "${pair%:*} is in bytes" "$(printf '%s\n' "$out" | jq ".${pair%:*}")" \
		"$(($(status "${pair#*:}") * 1024))"
done
for option in -b -h; do
	is "$option changes nothing" "$(tam ps $option --json $holder)" \
		"$(tam ps --json $holder)"
done
is 'keys are names of columns' \
	"$(tam ps --json -o "$(printf '%s\n' "$out" | jq -r 'keys_unsorted | join(",")')" \
		$holder | jq .processes[0])" "$out"
is 'CSV has the same values' \
	"$(tam ps --csv -o "$all" $holder | csv_to_json |
		jq '.[0] | to_entries |
			map({key, value: (.value |
				if . == "" then null else (tonumber? // .) end)}) |
			from_entries')" "$out"
is 'a key comes once' "$(tam ps --csv -o pid,use,bar,pid $holder | head -n 1)" \
	'pid,use_percent'
is 'what is not known is null' \
	"$(tam ps --json --by command -o pid,rss -p $holder,$$ --total |
		jq -c '[.total.pid, (.groups | length)]')" '[null,2]'
is 'what is not known is empty' \
	"$(tam ps --csv --noheadings --by user -o pid,uid $holder $$)" ",$(id -u)"
is 'no process at all' "$(tam ps --json -C '^no such$' | jq -c .)" '{"processes":[]}'
is 'no process at all, CSV' "$(tam ps --csv -o pid -C '^no such$')" pid
is '--noheadings' "$(tam ps --csv --noheadings -o pid $holder)" $holder
started=$(tam ps --json -o start $holder | jq -r .processes[0].start_time)
age=$(($(date +%s) - $(date -d "$started" +%s)))
# shellcheck disable=SC2317 # called by ok
is_recent() {
	[ "$1" -ge 0 ] && [ "$1" -le 60 ]
}
ok "start_time is the moment of its start: $age s ago" is_recent "$age"
ok 'tam total --json' sh -c 'tam total --json | jq -e ".memory > 0 and .reserved > 0" >/dev/null'
tam oom --json >"$scratch/oom"
ok 'tam oom --json' python3 -m json.tool "$scratch/oom" /dev/null
is 'its victim is its first process' "$(jq -c '.oom.victim.pid' "$scratch/oom")" \
	"$(jq -c '.processes[0].pid' "$scratch/oom")"
is 'badness is never a text' \
	"$(jq -c '[.processes[].badness | type] | unique - ["null"]' "$scratch/oom")" '["number"]'
is 'tam oom --csv has the same keys' "$(tam oom --csv | csv_to_json | jq -c '.[0] | keys')" \
	"$(jq -c '.processes[0] | keys' "$scratch/oom")"

# A full device, more than fits a buffer
tam ps --json -o "$all" >/dev/full 2>"$scratch/err"
is 'a full device: status' "$?" 1
is 'a full device: message' "$(cat "$scratch/err")" \
	'tam: ps: writing the output: No space left on device'

done_testing
