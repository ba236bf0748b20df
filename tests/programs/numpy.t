#!/bin/sh
# SPDX-License-Identifier: MIT
#
# numpy: arrays that have to read as zero, and its own tests of what allocates.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

export PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1

# pytest says how long it took, between as many signs as there is room for.
normalise() {
	sed 's/^=* *\([0-9].* passed.*\) in [0-9.]*s.*$/\1/'
}

tables() {
	python3 "$programs/python/tables.py"
}

# Without those that are marked as slow; each test is named.
own_tests() {
	python3 - "$@" <<-'EOF'
		import sys
		import numpy
		options = ["-p", "no:cacheprovider", "--color=no", *sys.argv[2:]]
		tests = ["numpy." + name for name in sys.argv[1].split()]
		sys.exit(not numpy.test("fast", verbose=3, extra_argv=options, tests=tests))
	EOF
}

both 'tables' tables
took python3 allocated
if [ -n "${PROGRAMS_FULL-}" ]; then
	both 'all its tests' own_tests 'core fft lib linalg ma polynomial random'
else
	# Arrays and headers of gigabytes take long.
	both 'its tests' own_tests 'core.tests.test_multiarray core.tests.test_mem_overlap
		core.tests.test_indexing core.tests.test_regression lib.tests.test_format
		fft' -k 'not huge'
fi
took python3 allocated

done_testing
