#!/bin/sh
# SPDX-License-Identifier: MIT
#
# python3: a program that takes and gives back large blocks all the time, and tests of
# the interpreter's own, from the package libpython3.11-testsuite.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

export PYTHONDONTWRITEBYTECODE=1

blocks() {
	python3 "$programs/python/blocks.py"
	# Small objects, too, come from malloc(3) then.
	PYTHONMALLOC=malloc python3 "$programs/python/threads.py"
}

# own_tests OPTION... MODULE...: in several processes, which end in any order and report
# their times. What is compared is what became of each test.
own_tests() {
	mkdir temporary
	env --default-signal=INT,QUIT python3 -m test -j4 --tempdir temporary --junit-xml="$PWD/results.xml" "$@" >log || {
		cat log
		return 1
	}
	sed -n '/^== Tests result/,/^$/p; /^All [0-9]* tests OK/p' log
	python3 "$programs/python/results.py" results.xml
	rm -r temporary log results.xml
}

both 'blocks' blocks
took python3 allocated

if [ -z "${PROGRAMS_FULL-}" ]; then
	# Without those that mostly wait, take gigabytes, start programs or take long.
	both 'its tests' own_tests \
		-i '*imeout*' -i '*Signals*' -i '*4G' -i '*decompressor_bigmem' -i '*deadlock*' \
		-i '*_dead' -i '*_after_stdout_close' -i '*CommandLine*' -i '*framed_write*' \
		-i '*framing_many*' \
		test_array test_bigmem test_bytes test_bz2 test_ctypes test_dict test_fork1 \
		test_gzip test_hashlib test_io test_list test_lzma test_marshal test_memoryio \
		test_memoryview test_mmap test_pickle test_subprocess test_tarfile test_thread \
		test_threading test_unicode test_zlib
else
	# shellcheck disable=SC2046 # a list
	both 'its tests' own_tests $(grep -v "^#" "$programs/python/modules")
	both 'with megabytes more' own_tests -M 2500M test_bigmem test_bz2 test_lzma test_zlib
fi
took python3 allocated

done_testing
