#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The library's unit tests under valgrind: no error, no leak.
set -u

here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"

TESTS_SKIP='test_native_*'
export TESTS_SKIP

for source in "$here"/unit/lib-*.c; do
	name=${source##*/}
	name=${name%.c}
	# Of the allocator, the rule only: a byte at a time, and with thousands of processes,
	# the others take minutes here. ASan and TSan see them.
	case $name in
	lib-allocate-history) ;;
	lib-allocate*) continue ;;
	esac
	valgrind --quiet --error-exitcode=99 --leak-check=full \
		"$here/../build/tests/unit/$name" >"$scratch/log" 2>&1
	is "$name" $? 0
	# Of the system calls that it does not know it knows nothing to say.
	grep -E '^(==|not ok|# )' "$scratch/log" | sed 's/^/# /'
done
done_testing
