#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam alloc, on any kernel.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# Where huge pages are given to all memory, a touch commits one of them.
case $(cat /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null) in
*'[always]'*) [ "${SMALL_PAGES-}" ] || SMALL_PAGES=yes exec small-pages "$0" ;;
esac

# Before 6.2 each thread keeps up to 64 pages of each kind to itself for a while.
# Then each processor does, and /proc does not ask them before 6.16: 32 pages, or
# two for each processor.
slack_kb=0
case $(uname -r) in
[1-5].* | 6.[01].*) slack_kb=256 ;;
6.[2-9].* | 6.1[0-5].*)
	processors=$(nproc)
	if tam doctor | grep -q '^ok *backend *proc'; then
		slack_kb=$((4 * processors * (processors > 16 ? 2 * processors : 32)))
	fi
	;;
esac

# Addresses and what the process had before differ; what a step adds does not,
# where the counters are exact.
normalise() {
	sed -e 's/0x[0-9a-f]*/ADDRESS/' \
		-e 's/  *[0-9][0-9]* KB  *\([+-]\)/ N KB \1/g' |
		if [ $slack_kb -eq 0 ]; then
			cat
		else
			sed 's/committed N KB [+-][0-9]*/committed N KB ABOUT/'
		fi
}

# To read memory commits none of it where the kernel has the zero page, else all.
if [ "$(by-reading 4)" -eq 0 ]; then
	chosen='s/ or +[0-9]*$//'
else
	chosen='s/+0 or +/+/'
fi
sed "$chosen" "$(expected tam-alloc.out)" | normalise >"$scratch/transcript"
transcript "$scratch/transcript" normalise

# What step STEP adds to committed memory.
committed() {
	awk -v step="$1" '$1 == step { print $9 + 0 }'
}

# shellcheck disable=SC2317 # called by ok
about() {
	[ $(($1 - $2)) -le "$slack_kb" ] && [ $(($2 - $1)) -le "$slack_kb" ]
}

out=$(tam alloc 100M --touch 10 --verify --count 1)
for step in reserving:0 touching:10240 "reading:$(by-reading $((102400 - 10240)))"; do
	got=$(printf '%s\n' "$out" | committed "${step%:*}")
	ok "${step%:*} commits ${step#*:} KB: $got" about "$got" "${step#*:}"
done

# Regions are kept: each starts from where the one before ended, once the first
# output has got its buffer.
out=$(tam alloc 2M --count 4 --interval 0)
is 'memory grows: reserved' \
	"$(printf '%s\n' "$out" | awk '$1 == "before" { print $3 - base; base = $3 }' |
		tail -n +3 | tr '\n' ' ')" '2048 2048 '
is 'no region twice' "$(printf '%s\n' "$out" | awk '/^region/ { print $NF }' |
	sort -u | wc -l)" 4

# Time passes in between.
start=$(date +%s)
tam alloc --count 3 --interval 1.5 >/dev/null
ok '--interval is kept' [ $(($(date +%s) - start)) -ge 3 ]

# A limit on address space
# shellcheck disable=SC3045 # busybox and dash have ulimit -v
is 'RLIMIT_AS' "$(ulimit -v 100000; tam alloc 1G --count 1 2>&1; echo $?)" \
	'tam: alloc: reserving 1073741824 bytes: Cannot allocate memory
1'

tam alloc --count 1 >/dev/full 2>"$scratch/err"
is 'a full device: status' "$?" 1
is 'a full device: message' "$(cat "$scratch/err")" \
	'tam: alloc: writing the output: No space left on device'

done_testing
