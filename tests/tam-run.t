#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam run: what the command gets, what becomes of its exit status and of signals,
# and the report. Needs the library beside tam, a C compiler, jq and perl.

# shellcheck disable=SC2016,SC2030,SC2031 # shells in between expand; meant for a while
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

LC_ALL=C
export LC_ALL
unset LD_PRELOAD TAMALLOC_REPORT TAMALLOC_DECAY TAMALLOC_BACKGROUND TAMALLOC_CACHE \
	TAMALLOC_THRESHOLD TAMALLOC_HUGE_PAGES
program=$(realpath "$(command -v tam)")
library=$(dirname "$program")/libtamalloc-preload.so
ok 'the library is beside tam' [ -r "$library" ]

# What is left in there has been forgotten.
TMPDIR=$scratch/temporary
export TMPDIR
mkdir "$TMPDIR"

# Allocates COUNT zeroed blocks of SIZE bytes, one after the other, writes to the
# first tenth of each, and ends with STATUS. A byte that is not zero aborts it.
cat >"$scratch/blocks.c" <<'END'
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	size_t size = strtoul(argv[2], NULL, 10);

	if (argc != 4)
		return 99;
	for (long i = strtol(argv[1], NULL, 10); i > 0; i--) {
		volatile char *block = calloc(1, size);

		if (!block || block[0] || block[size / 11] || block[size - 1])
			abort();
		memset((char *)block, 1, size / 10);
		free((char *)block);
	}
	return (int)strtol(argv[3], NULL, 10);
}
END
blocks=$scratch/blocks
ok 'a program of the test' "${CC:-cc}" -O1 -o "$blocks" "$scratch/blocks.c"
ok 'the same, static' "${CC:-cc}" -O1 -static -o "$scratch/static" "$scratch/blocks.c"
mib=1048576

# The exit status

: >"$scratch/no-program"
for report in '' --report --json "--output=$scratch/out"; do
	run() {
		tam run ${report:+"$report"} "$@" 2>"$scratch/err"
		echo $?
	}
	named="tam run ${report%%=*}"
	is "$named: 0" "$(run true)" 0
	is "$named: that of the command" "$(run sh -c 'exit 77')" 77
	is "$named: 1 of the command" "$(run false)" 1
	is "$named: killed" "$(run sh -c 'kill -KILL $$')" 137
	is "$named: aborted" "$(run sh -c 'ulimit -c 0; kill -ABRT $$')" 134
	is "$named: no such command" "$(run tam-no-such-command)" 127
	is "$named: no such command: message, and no report" "$(cat "$scratch/err")" \
		"tam: run: 'tam-no-such-command': No such file or directory"
	is "$named: no such file" "$(run /nowhere/program)" 127
	is "$named: an empty name" "$(run '')" 127
	is "$named: a directory" "$(run "$scratch")" 126
	is "$named: no program" "$(run "$scratch/no-program" arguments)" 126
	is "$named: no program: message" "$(cat "$scratch/err")" \
		"tam: run: '$scratch/no-program': Permission denied"
	is "$named: a setting out of range" "$(run --cache x true)" 125
	is "$named: SIGCHLD that a parent ignored" \
		"$(perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' tam run \
			${report:+"$report"} sh -c 'exit 3' 2>/dev/null; echo $?)" 3
	is "$named: SIGPIPE kills" "$(run sh -c 'kill -PIPE $$')" 141
	is "$named: not where it was ignored" \
		"$(trap '' PIPE; run sh -c 'kill -PIPE $$; exit 5')" 5
done

# What the command gets

is 'without a report it is the same process' \
	"$(sh -c 'echo $$; exec tam run sh -c "echo \$\$"' | uniq | wc -l)" 1
is 'with one it is a child' \
	"$(sh -c 'echo $$; exec tam run --report sh -c "echo \$PPID"' 2>/dev/null | uniq | wc -l)" 1
is 'arguments' "$(tam run -r printf '[%s]' --report -- -x 'a b' '' 2>/dev/null)" \
	'[--report][--][-x][a b][]'
is 'arguments after --' "$(tam run -- printf '[%s]' --help)" '[--help]'
is 'standard input' "$(echo text | tam run --report cat 2>/dev/null)" text
is 'a script without a first line' "$(
	echo 'echo "$1"' >"$scratch/script"
	chmod +x "$scratch/script"
	tam run "$scratch/script" plain
	tam run --report "$scratch/script" reported 2>/dev/null
)" 'plain
reported'

is 'the library is preloaded' "$(tam run printenv LD_PRELOAD)" "$library"
is 'with a report too' "$(tam run -r printenv LD_PRELOAD 2>/dev/null)" "$library"
is 'before others' "$(LD_PRELOAD='libm.so.6 libdl.so.2' tam run printenv LD_PRELOAD)" \
	"$library:libm.so.6 libdl.so.2"
is 'others are none' "$(LD_PRELOAD='' tam run printenv LD_PRELOAD)" "$library"
matches 'it is loaded' "$(tam run cat /proc/self/maps)" " $library\$"
ln -s "$program" "$scratch/link"
is 'it is where a link leads to' "$("$scratch/link" run printenv LD_PRELOAD)" "$library"

settings() {
	tam run "$@" env | grep '^TAMALLOC_' | sort | tr '\n' ' '
}
is 'no setting' "$(settings)" ''
is 'all settings' "$(settings --decay=0250 --background --cache 0 --threshold 1m --no-huge-pages)" \
	"TAMALLOC_BACKGROUND=1 TAMALLOC_CACHE=0 TAMALLOC_DECAY=250 TAMALLOC_HUGE_PAGES=0 TAMALLOC_THRESHOLD=$mib "
is 'the smallest' "$(settings --decay=0 --cache=0 --threshold=65536)" \
	'TAMALLOC_CACHE=0 TAMALLOC_DECAY=0 TAMALLOC_THRESHOLD=65536 '
is 'the largest' "$(settings --decay=3600000 --cache=1000 --threshold=1G)" \
	'TAMALLOC_CACHE=1000 TAMALLOC_DECAY=3600000 TAMALLOC_THRESHOLD=1073741824 '
is 'the environment stays' \
	"$(TAMALLOC_DECAY=7 TAMALLOC_REPORT=x settings --cache=1)" \
	'TAMALLOC_CACHE=1 TAMALLOC_DECAY=7 TAMALLOC_REPORT=x '
is 'an option overrides it' "$(TAMALLOC_DECAY=7 settings --decay=8)" 'TAMALLOC_DECAY=8 '

# The library that is not there, or cannot be named

mkdir "$scratch/elsewhere" "$scratch/a blank" "$scratch/a:colon"
cp "$program" "$scratch/elsewhere"
installed=$(cat "$(dirname "$program")/tam.d/libdir")/libtamalloc-preload.so
if [ -r "$installed" ]; then
	is 'the installed library' "$("$scratch/elsewhere/tam" run printenv LD_PRELOAD)" \
		"$installed"
else
	is 'no library' "$("$scratch/elsewhere/tam" run true 2>&1; echo $?)" \
		"tam: run: there is neither '$scratch/elsewhere/libtamalloc-preload.so' nor '$installed' to be read; 'make install' puts it there
125"
fi
for directory in 'a blank' a:colon; do
	cp "$program" "$library" "$scratch/$directory"
	is "the library in a directory with $directory" \
		"$("$scratch/$directory/tam" run true 2>&1; echo $?)" \
		"tam: run: '$scratch/$directory/libtamalloc-preload.so': LD_PRELOAD takes no path with a blank or a colon in it; install tamalloc elsewhere
125"
done

# The report as JSON

# json FILTER COMMAND [ARGUMENT...]
json() {
	json_filter=$1
	shift
	tam run --json --output="$scratch/json" "$@" >/dev/null 2>&1
	jq -c "$json_filter" "$scratch/json"
}
is 'status, pid, name' \
	"$(json '.status, .pid == .processes[0].pid, .processes[].command' "$blocks" 10 $mib 9)" \
	'9
true
"blocks"'
is 'types' "$(jq -c '
	([.pid, .status, (.total | .blocks, .allocated, .zeroed, .skipped, .dropped, .faults)] |
		map(type) | unique),
	(.total | .pid, .command, .peak),
	(.processes[0] | del(.command) | map(type) | unique),
	(.processes[0] | keys_unsorted)' "$scratch/json")" '["number"]
null
null
null
["number"]
["pid","command","blocks","allocated","zeroed","skipped","dropped","faults","peak"]'
is 'blocks, and bytes that had to read as zero' \
	"$(jq -c '.processes[0] | .blocks, .allocated' "$scratch/json")" "10
$((10 * mib))"
is 'what was zeroed, and what not, is all' \
	"$(jq '.processes[0] | .zeroed + .skipped == .allocated' "$scratch/json")" true
is 'most of it need not be zeroed again and again' \
	"$(json '.processes[0] | .zeroed < .allocated / 2' "$blocks" 20 $((16 * mib)) 0)" true
is 'what the kernel says of the process' \
	"$(jq '.processes[0] | .faults > 0 and .peak > 100 * 1024' "$scratch/json")" true
is 'blocks below the threshold are not large' \
	"$(json .total.blocks --threshold=2M "$blocks" 10 $mib 0)" 0
is 'from it on they are' "$(json .total.blocks --threshold=1M "$blocks" 10 $mib 0)" 10
cp "$blocks" "$scratch/a \"b\\"
is 'any name' "$(json '.processes[].command' "$scratch/a \"b\\" 1 $mib 0)" '"a \"b\\x5c"'
is 'several processes, and those that were executed one after the other' \
	"$(json '[.processes[].command], [.processes[].blocks], .total.blocks' \
		bash -c "'$blocks' 2 $mib 0; env true; (exec '$blocks' 3 $mib 0); true")" \
	'["blocks","true","blocks","bash"]
[2,0,3,0]
5'
is 'a sum of them' "$(jq '
	def sum(f): map(f) | add;
	.total.faults == (.processes | sum(.faults)) and
	.total.skipped == (.processes | sum(.skipped))' "$scratch/json")" true
is 'nobody reported' "$(json . sh -c 'kill -9 $$' | jq -c 'del(.pid)')" \
	'{"status":137,"processes":[],"total":{"pid":null,"command":null,"blocks":0,"allocated":0,"zeroed":0,"skipped":0,"dropped":0,"faults":0,"peak":null}}'
is 'on standard error, unless told otherwise' \
	"$(tam run --json "$blocks" 3 $mib 0 2>&1 >/dev/null | jq .total.blocks)" 3

# The report as a table

tam run -r "$blocks" 10 $mib 4 >"$scratch/out" 2>"$scratch/err"
is 'table: status' $? 4
is 'table: nothing on standard output' "$(cat "$scratch/out")" ''
is 'table: headings' "$(sed -n 1p "$scratch/err" | tr -s ' ' | sed 's/^ //')" \
	'PID COMMAND BLOCKS ALLOCATED(KB) ZEROED(KB) SKIPPED(KB) DROPPED(KB) FAULTS PEAK(KB)'
matches 'table: a process' "$(sed -n 2p "$scratch/err")" \
	'^ *[0-9]+ blocks +10 +10240( +[0-9]+){5}$'
matches 'table: in words' "$(sed -n '3,4p' "$scratch/err" | tr '\n' ' ')" \
	'^Of 10M that had to read as zero, [0-9.]+[BKM] was zeroed; [0-9.]+M did not need it\. An allocator that zeroes whole blocks would have zeroed all\. $'
is 'table: no total of one' "$(grep -c '^total' "$scratch/err")" 0

words() {
	tam run --report "$@" 2>&1 >/dev/null | grep -Ev '([0-9]|-|PEAK\(KB\))$' | tr '\n' ' '
}
tam run -r sh -c 'printf "%s\n" "$0" >>"$TAMALLOC_REPORT"' \
	"tamalloc 1 pid=4711 command=a\\040b blocks=2 allocated=4096 zeroed=1024 skipped=3072 dropped=2048 faults=5 peak=6144" 2>"$scratch/err"
is 'table: each figure in its column' "$(sed -n 2p "$scratch/err" | tr -s ' ')" \
	'4711 a\x20b 2 4 1 3 2 5 6'
is 'table: and in words' "$(sed -n '3,5p' "$scratch/err")" \
	'Of 4.0K that had to read as zero, 1.0K was zeroed; 3.0K did not need it. An
allocator that zeroes whole blocks would have zeroed all.
2.0K was given back to the kernel when it was freed.'
tam run -r bash -c "'$blocks' 1 $mib 0; '$blocks' 1 $mib 0" 2>"$scratch/err"
matches 'table: a total of several' "$(grep '^total' "$scratch/err")" \
	'^total - +2 +2048( +[0-9]+){4} +-$'
is 'no large block' "$(words env)" 'No large block was asked for. '
nobody='No process reported: the program is static or setuid, became a user who may not write to the file for reports, was killed, or ended by _exit, as some shells do. '
is 'nobody reported: static' "$(words "$scratch/static" 10 $mib 3)" "$nobody"
is 'nobody reported: killed' "$(words sh -c 'kill -KILL $$')" "$nobody"
matches 'the command itself did not report' \
	"$(words bash -c "'$blocks' 10 $mib 0; kill -KILL \$\$")" \
	' Process [0-9]+, the command itself, did not report: it is static or setuid, became a user who may not write to the file for reports, was killed, or ended by _exit, as some shells do. $'
is 'a static program is run nevertheless' \
	"$(tam run "$scratch/static" 10 $mib 3 2>&1; echo $?)" 3

out=$(NO_COLOR=1 pty 24 120 -- tam run --report \
	bash -c "'$blocks' 2 $mib 0; '$blocks' 2 $mib 0" | tr -d '\r')
is 'on a terminal: headings' "$(printf '%s\n' "$out" | sed -n 1p | tr -s ' ' | sed 's/^ //')" \
	'PID COMMAND BLOCKS ALLOCATED ZEROED SKIPPED DROPPED FAULTS PEAK'
matches 'on a terminal: sizes have units' "$(printf '%s\n' "$out" | grep '^total')" \
	'^total - +4 +4\.0M '

# Where it goes

tam run --output="$scratch/file" "$blocks" 10 $mib 0 2>"$scratch/err"
is '--output: nothing on standard error' "$(cat "$scratch/err")" ''
matches '--output: it is in the file' "$(cat "$scratch/file")" '^ *[0-9]+ blocks +10 '
tam run --output="$scratch/file" env >/dev/null
is '--output: and nothing else' "$(grep -c blocks "$scratch/file")" 0
is '--output: a directory that is not there' \
	"$(tam run --output=/nowhere/file touch "$scratch/touched" 2>&1; echo $?)" \
	"tam: run: --output '/nowhere/file': No such file or directory
125"
ok '--output: then nothing is run' [ ! -e "$scratch/touched" ]
is '--output: a full device' "$(tam run --output=/dev/full env 2>&1 >/dev/null; echo $?)" \
	'tam: run: writing the output: No space left on device
125'
is '--output: a full device, and a command that fails' \
	"$(tam run --output=/dev/full false 2>/dev/null; echo $?)" 1

# The file for reports

reports=$scratch/reports
echo 'what was there' >"$reports"
is 'TAMALLOC_REPORT: what is added counts' \
	"$(export TAMALLOC_REPORT="$reports"; json .total.blocks "$blocks" 3 $mib 0)" 3
is 'TAMALLOC_REPORT: it stays' "$(cut -c 1-15 "$reports")" 'what was there
tamalloc 1 pid='
is 'TAMALLOC_REPORT: made anew, and found from elsewhere' "$(
	cd "$scratch" || exit
	export TAMALLOC_REPORT=new
	json .total.blocks sh -c "cd / && exec '$blocks' 4 $mib 0"
	wc -l <new
)" '4
1'
is 'TAMALLOC_REPORT: a device' "$(TAMALLOC_REPORT=/dev/null tam run -r true 2>&1; echo $?)" \
	"tam: run: TAMALLOC_REPORT '/dev/null': not a regular file, from which reports can be read back
125"
is 'TAMALLOC_REPORT: a directory' "$(TAMALLOC_REPORT=/ tam run -r true 2>&1; echo $?)" \
	"tam: run: TAMALLOC_REPORT '/': Is a directory
125"
is 'TAMALLOC_REPORT: an empty name is none' \
	"$(export TAMALLOC_REPORT=; json .total.blocks "$blocks" 3 $mib 0)" 3
is 'one run in another: each its own, and both the same' \
	"$(json .total.blocks tam run --json --output="$scratch/inner" "$blocks" 3 $mib 0
		jq .total.blocks "$scratch/inner")" '3
3'
is 'TMPDIR that is not there' "$(TMPDIR=/nowhere tam run -r true 2>&1; echo $?)" \
	"tam: run: a file for reports in '/nowhere' (TMPDIR): No such file or directory
125"
if [ "$(id -u)" = 0 ]; then
	# To be loaded, the library has to be where everybody finds it.
	mkdir "$scratch/shared"
	cp "$program" "$library" "$blocks" "$scratch/shared"
	chmod 711 "$scratch" "$scratch/shared" "$TMPDIR"
	is 'a command that becomes another user reports' "$("$scratch/shared/tam" run --json \
		setpriv --reuid 65534 --regid 65534 --clear-groups "$scratch/shared/blocks" 3 $mib 0 \
		2>&1 | jq -c '[.processes[] | [.command, .blocks]]')" '[["blocks",3]]'
	is '... who cannot find or read what others report' "$(cd "$TMPDIR" && tam run -r setpriv \
		--reuid 65534 --regid 65534 --clear-groups sh -c 'ls "${TAMALLOC_REPORT%/*}"
			cat "$TAMALLOC_REPORT"; echo x >"${TAMALLOC_REPORT%/*}/other"' 2>&1 |
		grep -c 'Permission denied\|cannot create')" 3
	is '... and if he may not, that is a reason' "$(chmod 700 "$TMPDIR"; "$scratch/shared/tam" run -r \
		setpriv --reuid 65534 --regid 65534 --clear-groups "$scratch/shared/blocks" 3 $mib 0 \
		2>&1 | grep -c 'a user who may not')" 1
	chmod 700 "$scratch"
fi
is 'no file is left behind' "$(ls "$TMPDIR")" ''

# wrong TEXT: what is said of a file to which a command adds it; %s is its name.
wrong() {
	tam run -r sh -c 'printf "$0" >>"$TAMALLOC_REPORT"' "$1" >"$scratch/err" 2>&1
	wrong_status=$?
	sed 's/tam-run-[A-Za-z0-9]*/NAME/' "$scratch/err"
	echo $wrong_status
	find "$TMPDIR" -type f | wc -l
	rm -rf "${TMPDIR:?}"/*
}
figures='blocks=1 allocated=2 zeroed=0 skipped=2 dropped=0 faults=1 peak=1'
message="tam: run: $TMPDIR/NAME/reports: line %d of what was added is no report of this version: '%s'\n125\n1"
# shellcheck disable=SC2059 # the message is a format
expect() {
	printf "$message" "$@"
}
is 'no report: another text' "$(wrong 'nonsense\n')" "$(expect 1 nonsense)"
is 'no report: another version' "$(wrong "tamalloc 2 pid=1 command=a $figures\n")" \
	"$(expect 1 "tamalloc 2 pid=1 command=a $figures")"
is 'no report: the second line, which is cut short' \
	"$(wrong "tamalloc 1 pid=1 command=a $figures\ntamalloc 1 pid=2 command=b $figures")" \
	"$(expect 2 "tamalloc 1 pid=2 command=b $figures")"
is 'no report: a NUL' "$(wrong "tamalloc 1 pid=1 command=a $figures\\000x\n")" \
	"$(expect 1 "tamalloc 1 pid=1 command=a $figures")"
is 'no report: an empty line' "$(wrong '\n')" "$(expect 1 '')"
is 'a name with a byte of every kind' \
	"$(json '.processes[0].command' sh -c 'printf "tamalloc 1 pid=1 command=a\\\\040\\\\134\\\\012\303\257 %s\n" "$0" >>"$TAMALLOC_REPORT"' "$figures")" \
	'"a \\x5c\\x0aï"'

# Signals

# Every signal as at a login, whatever ran the tests.
fresh() {
	perl -e '$SIG{$_} = "DEFAULT" for qw(HUP INT QUIT TERM); exec @ARGV' -- "$@"
}
for number in TERM:15 HUP:1; do
	signal=${number%:*}
	is "SIG$signal that is sent to tam is passed on" "$(
		fresh tam run --report bash -c "trap 'echo got; exit 6' $signal
			kill -$signal \$PPID
			for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; done" 2>"$scratch/err"
		echo $?
	)" 'got
6'
	matches "SIG$signal: there is a report" "$(cat "$scratch/err")" '^ *[0-9]+ bash '
	is "SIG$signal kills the command" "$(
		fresh tam run --report bash -c "kill -$signal \$PPID; exec sleep 10" 2>/dev/null
		echo $?
	)" $((128 + ${number#*:}))
done
is 'a SIGHUP that is ignored stays so' "$(
	fresh perl -e '$SIG{HUP} = "IGNORE"; exec @ARGV' tam run --report \
		bash -c 'kill -HUP $PPID; sleep 0.3; kill -HUP $$; echo alive' 2>/dev/null
	echo $?
)" 'alive
0'
for number in INT:2 QUIT:3; do
	signal=${number%:*}
	is "SIG$signal that is sent to tam: it waits" "$(
		fresh tam run --report bash -c "kill -$signal \$PPID; sleep 0.3; echo alive" \
			2>"$scratch/err"
		echo $?
	)" 'alive
0'
	matches "SIG$signal: there is a report" "$(cat "$scratch/err")" '^ *[0-9]+ bash '
	is "SIG$signal kills the command, not tam" "$(
		fresh tam run --report sh -c "ulimit -c 0; kill -$signal \$\$; echo alive" \
			2>/dev/null
		echo $?
	)" $((128 + ${number#*:}))
done
out=$(pty 24 100 ready '^C' -- tam run --report bash -c '
	trap "echo stopped; exit 8" INT
	echo ready
	while :; do sleep 1; done' | tr -d '\r')
matches 'Ctrl+C: the command decides' "$out" '^stopped$'
matches 'Ctrl+C: there is a report' "$out" '^ *[0-9]+ bash '
is 'Ctrl+C: status' "$(pty 24 100 ready '^C' -- \
	tam run --report bash -c 'echo ready; sleep 20' >/dev/null; echo $?)" 130

is 'no file is left behind by any' "$(ls "$TMPDIR")" ''

done_testing
