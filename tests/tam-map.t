#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam map, against what /proc says. Needs root.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

transcript "$(expected tam-map.out)"
is '--help has at most 24 lines of 80 columns' \
	"$(tam map --help | sed -n '25p; /^.\{81\}/p')" ''

# A process that has nothing left to do. Its program has a name that holds a
# newline, an escape sequence and a blank: the name of a mapping.
nasty="$scratch/$(printf 'a\nb \033[31mred')"
cp "$(command -v tam)" "$nasty"
: >"$scratch/held"
"$nasty" alloc 64M --touch 25 --interval 1000 >"$scratch/held" &
holder=$!
trap 'kill $holder; rm -rf "$scratch"' EXIT
until grep -q 'first byte' "$scratch/held"; do sleep 0.1; done

# Whether the kernel keeps the names of regions.
named=
grep -Fq '[anon:tamalloc]' /proc/$holder/smaps && named=yes

# The regions as /proc has them, in the form of --csv. The kernel writes a newline
# as \012; a backslash and a control code are escaped here.
regions_of() {
	awk -v named="$named" '
		function number(digits,  value, i) {
			for (i = 1; i <= length(digits); i++)
				value = value * 16 + index("0123456789abcdef",
					substr(digits, i, 1)) - 1
			return value
		}
		function put() {
			if (address != "")
				printf "%s,%.0f,%.0f,%d,%.0f,%.0f,%.0f,%s,%s,%s\n", address,
					size, rss, rss * 100 / size, private, swap, offset,
					access, mark, name
		}
		/^[0-9a-f]+-[0-9a-f]+ / {
			put()
			address = $1
			sub(/-.*/, "", address)
			access = $2
			offset = number($3)
			name = $0
			sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ */, "", name)
			gsub(/\\/, "\\x5c", name)
			gsub(/\033/, "\\x1b", name)
			mark = !named ? "" : name == "[anon:tamalloc]" ? "yes" : "no"
			size = rss = private = swap = 0
		}
		$1 == "Size:" { size = $2 * 1024 }
		$1 == "Rss:" { rss = $2 * 1024 }
		$1 ~ /^Private_(Clean|Dirty):$/ { private += $2 * 1024 }
		$1 == "Swap:" { swap = $2 * 1024 }
		END { put() }' "/proc/$1/smaps"
}

# How much of a file nobody else has mapped depends on what else runs, tam itself
# among it.
settled() {
	awk -F, -v OFS=, '$NF ~ /^\// { $5 = "some" } { print }'
}

# One blank between fields, none around them.
squeeze() {
	sed 's/  */ /g; s/^ //'
}

regions_of $holder | settled >"$scratch/want"
header=address,reserved,committed,use_percent,private,swap,offset,access,tamalloc,name

# CSV
tam map --csv -s address $holder >"$scratch/csv" 2>"$scratch/err"
is 'csv: status' "$?" 0
is 'csv: nothing on stderr' "$(cat "$scratch/err")" ''
is 'csv: keys' "$(head -n 1 "$scratch/csv")" "$header"
is 'csv: the regions of /proc/PID/smaps' "$(tail -n +2 "$scratch/csv" | settled)" \
	"$(cat "$scratch/want")"
ok 'the name with a newline is there, on one line' \
	grep -Fq "/a\\x5c012b \\x1b[31mred" "$scratch/csv"
is 'csv: no headings' "$(tam map --csv --noheadings -s address $holder | settled)" \
	"$(cat "$scratch/want")"
is 'the region that was reserved, and what was touched of it' \
	"$(awk -F, '$2 >= 67108864 && $2 < 67125248 { print $3 }' "$scratch/csv")" 16777216

# JSON: one key a line, so that it can be put together again.
tam map --json -s address $holder >"$scratch/json"
is 'json: status' "$?" 0
# shellcheck disable=SC2016 # awk's
from_json='
	/^    }/ { print line; line = "" }
	/^      "/ {
		value = $0
		sub(/^ *"[a-z_]*": /, "", value)
		sub(/,$/, "", value)
		gsub(/^"|"$/, "", value)
		gsub(/\\\\/, "\\", value)
		line = line (line == "" ? "" : ",") (value == "null" ? "" : value)
	}'
is 'json: the same' "$(awk "$from_json" "$scratch/json" | settled)" \
	"$(cat "$scratch/want")"
is 'json: the same keys' "$(sed -n '4,13s/^ *"\([a-z_]*\)".*/\1/p' "$scratch/json" |
	tr '\n' ,)" "$header,"
is 'json: no control codes' "$(tr -d ' -~\n' <"$scratch/json")" ''
if command -v python3 >/dev/null; then
	ok 'json: python reads it' python3 -c \
		'import json, sys; json.load(sys.stdin)["total"]["reserved"]' <"$scratch/json"
fi

# The sum of field $1 of the regions.
sum() {
	awk -F, -v field="$1" '{ sum += $field } END { printf "%.0f\n", sum }' "$scratch/want"
}
total_of() {
	sed -n '/"total": {/,/}/s/^ *"'"$1"'": \([0-9a-z]*\),*$/\1/p' "$scratch/json"
}
is 'json: the total of reserved memory' "$(total_of reserved)" "$(sum 2)"
is 'json: the total of committed memory' "$(total_of committed)" "$(sum 3)"
is 'json: the total of private memory' "$(total_of private)" \
	"$(awk '/"total"/ { exit } /"private"/ { sum += $2 } END { printf "%.0f\n", sum }' \
		"$scratch/json")"
is 'json: the total has no address' "$(total_of address)" null
is 'json: the total has no offset' "$(total_of offset)" null
is 'json: --no-total' "$(tam map --json --no-total $holder | grep -c total)" 0
# A page of the kernel's is in every process and belongs to none.
is 'the total is that of tam ps' \
	"$(($(total_of reserved) - 4096 * $(grep -Fc '[vsyscall]' "$scratch/want")))" \
	"$(tam ps --bytes --noheadings -o vsz $holder | tr -d ' ')"

# The table
tam map $holder >"$scratch/table"
is 'table: header' "$(head -n 1 "$scratch/table" | squeeze)" \
	'ADDRESS RESERVED(KB) COMMITTED(KB) USE% PERM TAM NAME'
is 'table: each region once, the largest first' \
	"$(awk 'NR > 1 { print $2 }' "$scratch/table")" \
	"$(awk -F, '{ print $2 / 1024 }' "$scratch/want" | sort -nr)"
is 'table: seven fields a line' "$(awk 'NF != 7' "$scratch/table")" ''
is 'table: what is not known is -' \
	"$(awk '$NF == "-"' "$scratch/table" | wc -l)" "$(grep -c ',$' "$scratch/want")"
is 'table: no control codes' "$(tr -d ' -~\n' <"$scratch/table")" ''
is 'table: the largest region' "$(sed -n 2p "$scratch/table" | awk '{ print ($2 >= 65536), $3, $4, $5 }')" \
	'1 16384 25 rw-p'
is 'table: a total when asked for' \
	"$(tam map --total $holder | tail -n 1 | awk '{ print $1, $2, $3 }')" \
	"total $(($(sum 2) / 1024)) $(($(sum 3) / 1024))"
is 'table: no headings' "$(tam map --noheadings $holder | squeeze)" \
	"$(tail -n +2 "$scratch/table" | squeeze)"
is '--bytes' "$(tam map --bytes -n 1 $holder | awk 'NR == 2 { print $3 }')" 16777216
is '--bytes: the header says so' \
	"$(tam map -b -n 1 $holder | awk 'NR == 1 { print $2, $3 }')" 'RESERVED(B) COMMITTED(B)'
is '--human' "$(tam map --human -n 1 $holder | awk '{ print $3 }' | tr '\n' ' ')" \
	'COMMITTED 16M '

# The order, and how many
is '-n' "$(tam map -n 3 $holder | squeeze)" "$(head -n 4 "$scratch/table" | squeeze)"
is '-n leaves the total as it is' "$(tam map -n 1 --total --bytes $holder |
	awk 'END { print $2 }')" "$(sum 2)"
is '-n more than there are' "$(tam map -n 1000000 $holder)" "$(cat "$scratch/table")"

# sorted KEY FIELD [SORT-OPTION...]: by KEY, then by rising address.
sorted() {
	key=$1 field=$2
	shift 2
	is "sort by $key" "$(tam map --csv --noheadings -s "$key" $holder | cut -d , -f "$field")" \
		"$(cut -d , -f "$field" "$scratch/want" | LC_ALL=C sort "$@")"
}
sorted reserved 2 -n
sorted -reserved 2 -nr
sorted committed 3 -n
sorted -committed 3 -nr
sorted -use 4 -nr
sorted -swap 6 -nr
sorted offset 7 -n
sorted access 8
is 'sort by private memory' "$(tam map --csv --noheadings -s -private $holder |
	cut -d , -f 5 | sort -nrc 2>&1)" ''
is 'sort by falling address' \
	"$(tam map --csv --noheadings --sort=-address $holder | settled)" \
	"$(sed -n '1!G; h; $p' "$scratch/want")"
is 'sort by two keys' \
	"$(tam map --csv --noheadings -s access,-address $holder | cut -d , -f 1,8)" \
	"$(sed -n '1!G; h; $p' "$scratch/want" | cut -d , -f 1,8 | LC_ALL=C sort -s -t , -k 2)"

# tamalloc's own
if [ "$named" ]; then
	is '--tamalloc: only its own' \
		"$(tam map --tamalloc --csv --noheadings $holder | cut -d , -f 2-5,8-)" \
		'67108864,16777216,25,16777216,rw-p,yes,[anon:tamalloc]'
	is '--tamalloc: the total of these' \
		"$(tam map --tamalloc --total --bytes $holder | awk 'END { print $1, $2, $3 }')" \
		'total 67108864 16777216'
	is '--tamalloc: none is no error' \
		"$(tam map --tamalloc --csv $$; echo $?)" "$header
0"
else
	is '--tamalloc: not on a kernel without names' "$(tam map --tamalloc $holder 2>&1; echo $?)" \
		'tam: map: --tamalloc: this kernel does not keep the names of regions (CONFIG_ANON_VMA_NAME)
1'
fi

# The terminal
unset NO_COLOR
on_terminal() {
	LC_ALL=C TERM=xterm pty 24 "$@" | tr -d '\r'
}
is 'terminal: the header is bold' \
	"$(on_terminal 80 -- tam map $holder | head -n 1 | cat -v | grep -Fc '^[[1m')" 1
out=$(NO_COLOR=1 on_terminal 80 -- tam map $holder)
is 'terminal: a bar for what is committed' \
	"$(printf '%s\n' "$out" | awk '{ print $4 }' | sed -n 1,2p | tr '\n' ' ')" 'BAR ###....... '
is 'terminal: ends with the total' "$(printf '%s\n' "$out" | awk 'END { print $1, $2 }')" \
	"total $(($(sum 2) / 1024))"
is 'terminal: as many lines as regions, a header, a total' \
	"$(printf '%s\n' "$out" | wc -l)" $(($(wc -l <"$scratch/want") + 2))
is 'terminal: cut to its width' "$(printf '%s\n' "$out" | sed -n '/^.\{81\}/p')" ''
is 'terminal: no control codes' "$(printf '%s' "$out" | tr -d ' -~\n')" ''
is 'terminal: --no-total' "$(NO_COLOR=1 on_terminal 80 -- tam map --no-total $holder |
	grep -c ^total)" 0

# Whom one may ask about
is 'a kernel thread' "$(tam map 2 2>&1; echo $?)" \
	'tam: map: process 2: has no memory of its own: a kernel thread or a zombie
1'
is 'a process that does not exist' "$(tam map 4194305 2>&1; echo $?)" \
	'tam: map: process 4194305: No such process
1'
is 'the process of another user' "$(become 1000 tam map $$ 2>&1; echo $?)" \
	"tam: map: process $$: not permitted (EACCES): its memory is for its own user and for CAP_SYS_PTRACE
1"
become 1000 sleep 1000 &
other=$!
until [ "$(awk '/^Uid:/ { print $2 }' /proc/$other/status)" = 1000 ]; do :; done
tam map $other >/dev/null
is 'root may see that of another user' "$?" 0
become 1000 tam map $other >/dev/null
is 'a user may see his own' "$?" 0
kill $other
wait $other 2>/dev/null
is 'a process that has ended' "$(tam map $other 2>&1; echo $?)" \
	"tam: map: process $other: No such process
1"

# Processes that end meanwhile: shown, or said to be gone.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	sleep 0.01 &
	tam map $! 2>&1 >/dev/null | grep -Ev ': (No such process|has no memory of its own: .*)$'
done >"$scratch/out" 2>&1
is 'processes that vanish' "$(cat "$scratch/out")" ''
wait $! 2>/dev/null

tam map $holder >/dev/full 2>"$scratch/err"
is 'a full device: status' "$?" 1
is 'a full device: message' "$(cat "$scratch/err")" \
	'tam: map: writing the output: No space left on device'

done_testing
