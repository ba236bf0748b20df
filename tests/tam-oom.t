#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam oom, on any kernel: who is killed, in which order, who not, and what happens
# instead. Needs root, and memory cgroups. Nothing runs out of memory here.

# shellcheck disable=SC2317 # functions that ok calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

LC_ALL=C
export LC_ALL
page=4096

# Of the machine itself there is but this; whoever is worst elsewhere is out of sight then.
[ "${first_exempt-}" ] || first_exempt=$(tam oom --csv | awk -F , '$1 == 1 { print $NF }')
export first_exempt
alone

# A member of the object "oom", of "victim" in it, the pids in "also": of JSON on
# stdin.
member() {
	sed -nE "s/^    \"$1\": \"?([^\",]*)\"?,?\$/\\1/p"
}
victim() {
	sed -nE "/^    \"victim\": \\{/,/^    \\}/s/^      \"$1\": \"?([^\",]*)\"?,?\$/\\1/p"
}
also() {
	sed -nE '/^    "also": \[/,/^    \]/s/^        "pid": ([0-9]*),$/\1/p' | tr '\n' ' ' |
		sed 's/ $//'
}
why() {
	sed -nE '/^    "also": \[/,/^    \]/s/^        "why": "(.*)"$/\1/p' | sort -u
}
# field PID KEY: of a line of CSV in $scratch/csv.
field() {
	awk -F , -v pid="$1" -v key="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == key) at = i }
		$1 == pid { print $at }' "$scratch/csv"
}
adjust() {
	echo "$2" >"/proc/$1/oom_score_adj"
}

processes=
# hold SIZE: a process with so much memory, in $held.
hold() {
	: >"$scratch/held"
	tam alloc "$1" --touch 100 --interval 1000 >"$scratch/held" &
	held=$!
	processes="$processes $held"
	while kill -0 "$held" && ! grep -q 'first byte' "$scratch/held"; do sleep 0.1; done
}
clean() {
	# shellcheck disable=SC2086 # a list
	kill $processes 2>/dev/null
	# shellcheck disable=SC2086
	wait $processes
	[ -z "${group-}" ] || rmdir "$group/inner" "$group"
	[ -z "${mounted-}" ] || umount "$mounted"
	rm -rf "$scratch"
}
trap clean EXIT

hold 32M
large=$held
hold 8M
small=$held
hold 16M
disabled=$held
adjust "$large" 1000
adjust "$small" 1000
# In some containers root may not.
if adjust "$disabled" -1000 2>/dev/null; then
	may_disable=1
else
	may_disable=
fi
sleep 1

# The machine
tam oom >"$scratch/out" 2>"$scratch/err"
is 'status' "$?" 0
is 'no message' "$(cat "$scratch/err")" ''
is 'who is killed' "$(sed -n 1p "$scratch/out")" \
	"If memory ran out now, the kernel would kill process $large (tam):"
matches 'how bad that is' "$(sed -n 2p "$scratch/out")" \
	'^its badness is [0-9]+, 1[0-9][0-9]\.[0-9]% of the [0-9]+ pages that count\.$'
is 'the table begins with it and goes on with the next' \
	"$(awk '$1 == "PID" { seen = 1; next } seen { print $1 }' "$scratch/out" | head -n 2 |
		tr '\n' ' ')" "$large $small "
is 'every line has as many fields' \
	"$(awk '$1 == "PID" { fields = NF } fields && NF != fields' "$scratch/out")" ''
tam oom --csv >"$scratch/csv"
is 'no value is missing but of the exempt' \
	"$(awk -F , 'NR > 1 && $NF == "" { for (i = 1; i < NF; i++) if ($i == "") print }' \
		"$scratch/csv")" ''
is 'badness falls, and the exempt stand at the end' "$(awk -F , '
	NR == 1 { next }
	$3 == "" { exempt = 1; next }
	exempt || (NR > 2 && $3 > last) { print }
	{ last = $3 }' "$scratch/csv")" ''
is 'the exempt are those with a reason' \
	"$(awk -F , 'NR > 1 && ($3 == "") != ($NF != "")' "$scratch/csv")" ''
is "the machine's first process is exempt" "$first_exempt" init
if [ "$may_disable" ]; then
	is 'one with an adjustment of -1000 is exempt' "$(field "$disabled" exempt)" disabled
	is 'it has no badness' "$(field "$disabled" badness)" ''
fi

json=$(tam oom --json -n 1)
is '--json: outcome' "$(echo "$json" | member outcome)" kill
is '--json: the victim' "$(echo "$json" | victim pid)" "$large"
is '--json: its name' "$(echo "$json" | victim command)" tam
is '--json: nobody else' "$(echo "$json" | grep '"also"')" '    "also": []'
is '--json: no cgroup' "$(echo "$json" | member cgroup)" null
total=$(echo "$json" | member total_pages)
is '--json: RAM and swap count' "$total" $(($(awk '
	$1 == "MemTotal:" || $1 == "SwapTotal:" { sum += $2 }
	END { print sum }' /proc/meminfo) * 1024 / page))

# The kernel's counters may be behind by a batch of pages a CPU and kind.
near() {
	[ $(($1 - $2)) -le 400 ] && [ $(($2 - $1)) -le 400 ]
}
sizes=0
for key in anonymous file shared swap page_tables; do
	sizes=$((sizes + $(field "$large" $key)))
done
adjustment=$(field "$large" adjustment_pages)
is 'an adjustment of 1000 is all memory' "$adjustment" $((total / 1000 * 1000))
ok "badness $(field "$large" badness) is what it is made of: $sizes bytes, $adjustment pages" \
	near "$(field "$large" badness)" $((sizes / page + adjustment))

# What oom_score says, of which this is the exact value: both change while they are
# read, of processes at work.
disagreeing() {
	tam oom --csv >"$scratch/csv"
	awk -F , 'NR > 1 { print $1, ($3 == "" ? "-" : $3) }' "$scratch/csv" |
		while read -r pid badness; do
			{ score=$(cat "/proc/$pid/oom_score"); } 2>/dev/null || continue
			want=0
			[ "$badness" = - ] || want=$(((1000 + badness * 1000 / total) * 2 / 3))
			[ $((score - want)) -ge -1 ] && [ $((score - want)) -le 1 ] ||
				echo "$pid: badness $badness, oom_score $score"
		done
}
for _ in 1 2 3 4 5; do
	wrong=$(disagreeing)
	[ -z "$wrong" ] && break
done
is 'every badness agrees with oom_score' "$wrong" ''
ok 'and there were some' [ "$(wc -l <"$scratch/csv")" -gt 4 ]

# The form
is '-n' "$(tam oom --noheadings -n 2 | awk '{ print $1 }' | tr '\n' ' ')" "$large $small "
is '--noheadings: nothing but the table' "$(tam oom --noheadings | awk 'NF != 11')" ''
is '-b' "$(tam oom -b -n 1 | awk '$1 == "PID" { print $5 }')" 'ANON(B)'
matches '-h' "$(tam oom -h -n 1 --noheadings | awk '{ print $5 }')" '^3[0-9]M$'

# Two processes in one address space have the same adjustment, and badness; the one
# that was started last is taken.
share >"$scratch/shared" &
first=$!
processes="$processes $first"
while kill -0 "$first" && [ ! -s "$scratch/shared" ]; do sleep 0.1; done
second=$(cat "$scratch/shared")
adjust "$large" 0
adjust "$small" 0
adjust "$first" 1000
json=$(tam oom --json)
is 'a shared address space: who is killed' "$(echo "$json" | victim pid)" "$second"
is 'who dies with it' "$(echo "$json" | also)" "$first"
is 'and why' "$(echo "$json" | why)" address_space
is 'as a sentence' "$(tam oom | sed -n 3p)" \
	"With it would die, for they share its address space: $first (share)."
kill -9 "$first"
wait "$first" 2>/dev/null

# What is set, seen by nobody else
with_file() {
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m sh -c 'echo "$2" >"$1/setting" &&
		mount --bind "$1/setting" "$3" && shift 3 && exec "$@"' \
		sh "$scratch" "$2" "$1" tam oom "$3"
}
with_setting() {
	with_file "/proc/sys/vm/$1" "$2" "$3"
}
out=$(with_setting panic_on_oom 1 -n1)
is 'panic_on_oom' "$(echo "$out" | head -n 1)" \
	'When memory runs out, the kernel panics: vm.panic_on_oom is 1.'
matches 'who would be killed otherwise' "$(echo "$out" | sed -n 2p)" \
	'^By badness it would be process [0-9]+ \(.*\):$'
is 'panic_on_oom, --json' "$(with_setting panic_on_oom 2 --json | member outcome)" panic
is 'oom_kill_allocating_task' "$(with_setting oom_kill_allocating_task 1 -n1 | head -n 2)" \
	'When memory runs out, whoever asks for it is killed, unless it is exempt:
vm.oom_kill_allocating_task is set.'
is 'oom_kill_allocating_task, --json' \
	"$(with_setting oom_kill_allocating_task 1 --json | member outcome)" kill_allocating
# Memory nodes that there are not, and that the caller may therefore not use. Kernels
# that know of no nodes have no such file.
nodes=/sys/devices/system/node/has_memory
if [ -e $nodes ]; then
	is 'a cpuset that confines' "$(with_file $nodes 0-1023 -n1 | sed -n 3p)" \
		'A cpuset leaves the caller only part of the memory: that may run out first,'
	is 'a cpuset that confines, --json' \
		"$(with_file $nodes 0-1023 --json | grep -A 1 '"confined_by"' | tr -d ' \n')" \
		'"confined_by":["cpuset"'
fi
is 'nothing of it stays' "$(tam oom --json -n 1 | member outcome)" kill

# A memory cgroup: that of version 1 where it is mounted
root=$(awk '$(NF - 2) == "cgroup" && ("," $NF ",") ~ /,memory,/ { print $5; exit }' \
	/proc/self/mountinfo)
limit=memory.limit_in_bytes
if [ -z "$root" ]; then
	limit=memory.max
	root=$(awk '$(NF - 2) == "cgroup2" { print $5; exit }' /proc/self/mountinfo)
	if [ -z "$root" ]; then
		root=$scratch/cgroup
		mkdir "$root" && mount -t cgroup2 none "$root" && mounted=$root
	fi
	echo +memory >"$root/cgroup.subtree_control"
fi
group=$root/tam-oom-$$
mkdir "$group" && { [ $limit != memory.max ] || echo +memory >"$group/cgroup.subtree_control"; }
mkdir "$group/inner"
join() {
	echo "$1" >"$group/inner/cgroup.procs"
}
join "$small"
path=$(tam ps --csv --noheadings -o cgroup "$small")
matches 'a path for the cgroup' "$path" "/tam-oom-$$/inner\$"
json=$(tam oom --json --cgroup="$path")
is 'a cgroup without a limit' "$(echo "$json" | member outcome)" unlimited
is 'its members are those that could be killed' "$(echo "$json" | victim pid)" "$small"
is 'what its limit is made of is not told' "$(echo "$json" | member total_pages)" null
is 'as a sentence' "$(tam oom --cgroup="$path" | head -n 1)" \
	'The cgroup has no limit of its own that it could meet.'
echo 100M >"$group/$limit"
join "$large"
join "$disabled"
outer=${path%/inner}
json=$(tam oom --json --cgroup="$outer")
is 'a limit: outcome' "$(echo "$json" | member outcome)" kill
is 'the victim is in the cgroup below' "$(echo "$json" | victim pid)" "$large"
is 'the path is told' "$(echo "$json" | member cgroup)" "$outer"
[ "$(awk '$1 == "SwapTotal:" { print $2 }' /proc/meminfo)" -ne 0 ] ||
	is 'its limit is what counts' "$(echo "$json" | member total_pages)" 25600
tam oom --csv --cgroup="$outer" >"$scratch/csv"
is 'nobody else is in the list' "$(tail -n +2 "$scratch/csv" | cut -d , -f 1 | sort -n | tr '\n' ' ')" \
	"$large $small $disabled "
matches 'a share of the limit' "$(field "$large" share_percent)" '^3[0-9]\.[0-9]$'
adjust "$small" 900
is 'an adjustment weighs thousandths of the limit' \
	"$(tam oom --json --cgroup="$outer" | victim pid)" "$small"
is 'as a sentence' "$(tam oom --cgroup="$outer" | head -n 1)" \
	"If the cgroup met its limit now, the kernel would kill process $small (tam):"
is 'vm.panic_on_oom of 1 is not for a limit' \
	"$(with_setting panic_on_oom 1 "--cgroup=$outer" | head -n 1)" \
	"If the cgroup met its limit now, the kernel would kill process $small (tam):"
if [ -e "$group/memory.oom.group" ]; then
	echo 1 >"$group/memory.oom.group"
	json=$(tam oom --json --cgroup="$outer")
	is 'memory.oom.group: who dies as well, but for the exempt' \
		"$(echo "$json" | also)" "$large"
	is 'and why' "$(echo "$json" | why)" cgroup
	is 'as a sentence' "$(tam oom --cgroup="$outer" | sed -n 3p)" \
		"With it would die, for memory.oom.group is set: $large (tam)."
fi
nobody() {
	json=$(tam oom --json --cgroup="$outer")
	is "$1: outcome" "$(echo "$json" | member outcome)" refuse
	is "$1: no victim" "$(echo "$json" | member victim)" null
	is "$1: as a sentence" "$(tam oom --cgroup="$outer" | head -n 1)" \
		'No process of the cgroup may be killed: at its limit it gets no more memory.'
}
if [ "$may_disable" ]; then
	adjust "$small" -1000
	adjust "$large" -1000
	nobody 'all are exempt'
	adjust "$small" 0
	adjust "$large" 0
fi
for process in $small $large $disabled; do
	echo "$process" >"$root/cgroup.procs"
done
nobody 'an empty cgroup'
is 'the uppermost cgroup is the machine' \
	"$(tam oom --json --cgroup=/ -n 1 | member total_pages)" "$total"
tam oom --cgroup="$path/none" >"$scratch/out" 2>"$scratch/err"
is 'a cgroup that is not there: status' "$?" 1
is 'a cgroup that is not there: message' "$(cat "$scratch/err" "$scratch/out")" \
	"tam: oom: --cgroup '$path/none': no such memory cgroup; paths are those of 'tam ps -o cgroup'"

# --watch where nobody looks: the sentences, without end.
adjust "$large" 1000
tam oom --watch=0.2 >"$scratch/out" 2>"$scratch/err" &
watcher=$!
sleep 2
kill -TERM "$watcher"
wait "$watcher"
is '--watch ends with 0 on SIGTERM' "$?" 0
ok '--watch repeats' [ "$(wc -l <"$scratch/out")" -ge 6 ]
is '--watch says the same again and again' \
	"$(grep -Evc "^its badness is |would kill process $large \\(tam\\):\$" "$scratch/out")" 0
is '--watch reports nothing' "$(cat "$scratch/err")" ''
# Ctrl+C may cut the second screen short.
pty 12 80 PID '' PID '^C' -- tam oom --watch=0.5 >"$scratch/out"
is '--watch on a terminal ends with 0 on Ctrl+C' "$?" 0
is '--watch fits the screen' \
	"$(awk '{ screens += gsub(/\033\[2J/, "") } screens == 1 { lines++ } END { print lines }' \
		"$scratch/out")" 11

tam oom --json >/dev/full 2>"$scratch/err"
is 'a full device: status' "$?" 1
is 'a full device: message' "$(cat "$scratch/err")" \
	'tam: oom: writing the output: No space left on device'

done_testing
