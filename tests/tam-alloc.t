#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tam alloc, on a kernel with the system calls.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2317 # called by transcript
# Addresses and what the process had before differ; what a step adds does not.
normalise() {
	sed -e 's/0x[0-9a-f]*/ADDRESS/' -e 's/  *[0-9][0-9]* KB  *\([+-]\)/ N KB \1/g'
}

transcript "$(expected tam-alloc.out)" normalise

# Regions are kept: each starts from where the one before ended.
out=$(tam alloc 2M --count 3 --interval 0)
is 'memory grows: reserved' \
	"$(printf '%s\n' "$out" | awk '$1 == "before" { print $3 - base; base = $3 }' |
		tail -n +2 | tr '\n' ' ')" '2048 2048 '
is 'no region twice' "$(printf '%s\n' "$out" | awk '/^region/ { print $NF }' |
	sort -u | wc -l)" 3

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
