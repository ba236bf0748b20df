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
	# Thousands of processes, one for each call that fails: minutes. ASan sees them.
	[ "$name" != lib-allocate-limits ] || continue
	valgrind --quiet --error-exitcode=99 --leak-check=full \
		"$here/../build/tests/unit/$name" >"$scratch/log" 2>&1
	is "$name" $? 0
	# Of the system calls that it does not know it knows nothing to say.
	grep -E '^(==|not ok|# )' "$scratch/log" | sed 's/^/# /'
done
done_testing
