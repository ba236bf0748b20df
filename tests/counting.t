#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What counts the tests: selftests/run.sh, tests/check and .ci/run, on programs that
# only print. None of them may take for passed what did not show it.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tap.sh
. "$here/tap.sh"

# program NAME STATUS LINE...: a program that prints these lines and ends so.
program()
{
	program=$scratch/$1 program_status=$2
	shift 2
	{
		echo '#!/bin/sh'
		[ $# -eq 0 ] || printf "echo '%s'\n" "$@"
		echo "exit $program_status"
	} >"$program"
	chmod +x "$program"
}

# counts NAME EXPECTED COMMAND...: its last line, and its exit status.
counts()
{
	counts_name=$1 counts_expected=$2
	shift 2
	counts_got=$(
		"$@" >"$scratch/log" 2>&1
		status=$?
		echo "$(tail -n 1 "$scratch/log"), status $status"
	)
	is "$counts_name" "$counts_got" "$counts_expected"
}

program passes 0 1..2 'ok 1 - a' 'ok 2 - b'
program fails 1 1..3 'ok 1 - a' 'not ok 2 - b' 'ok 3 - c'
program skips 0 1..2 'ok 1 - a # SKIP no' 'ok 2 - b'
program skips-all 4 '1..0 # SKIP no'
program stops 0 1..3 'ok 1 - a'
program plans-nothing 0 'ok 1 - a'
program is-silent 0
program dies 3 'ok 1 - a' 1..1

run=$here/../selftests/run.sh
counts 'run.sh: what passes' '2 passed, 0 failed, 0 skipped, status 0' "$run" "$scratch/passes"
counts 'run.sh: what fails' '2 passed, 1 failed, 0 skipped, status 1' "$run" "$scratch/fails"
counts 'run.sh: what is skipped' '1 passed, 0 failed, 1 skipped, status 1' "$run" "$scratch/skips"
counts 'run.sh -s: what is skipped' '1 passed, 0 failed, 1 skipped, status 0' \
	"$run" -s "$scratch/skips"
counts 'run.sh: all is skipped' '0 passed, 0 failed, 1 skipped, status 1' "$run" "$scratch/skips-all"
counts 'run.sh: a plan that is not kept' '1 passed, 2 failed, 0 skipped, status 1' \
	"$run" "$scratch/stops"
counts 'run.sh: no plan' '1 passed, 1 failed, 0 skipped, status 1' "$run" "$scratch/plans-nothing"
counts 'run.sh: nothing' '0 passed, 1 failed, 0 skipped, status 1' "$run" "$scratch/is-silent"
counts 'run.sh: a bad end' '1 passed, 1 failed, 0 skipped, status 1' "$run" "$scratch/dies"
counts 'run.sh: no such program' '0 passed, 1 failed, 0 skipped, status 1' "$run" "$scratch/none"
counts 'run.sh: several' '4 passed, 1 failed, 0 skipped, status 1' \
	"$run" "$scratch/passes" "$scratch/fails"

# A project of its own, with these two and its own suites.
mkdir -p "$scratch/tests" "$scratch/selftests" "$scratch/.ci"
cp "$here/check" "$here/build-ahead" "$scratch/tests"
cp "$run" "$scratch/selftests"
cp "$here/../.ci/run" "$scratch/.ci"

# lane EXPECTED PROGRAM...: the lane deb, made of these.
lane()
{
	lane_expected=$1
	shift
	lane_programs=
	for lane_program; do
		lane_programs="$lane_programs $scratch/$lane_program"
	done
	counts "check:$(printf ' %s' "$@")" "$lane_expected" \
		env TESTS_DEB="$lane_programs" KERNELS= "$scratch/tests/check" deb
}
lane '4 passed, 0 failed, status 0' passes passes
lane '4 passed, 1 failed, status 1' passes fails
lane '1 passed, 1 failed, status 1' skips
lane '1 passed, 1 failed, status 1' dies
lane '0 passed, 1 failed, status 1' none
counts 'check: no lane' '0 passed, 0 failed, status 1' "$scratch/tests/check"

# ci EXPECTED [STATUS LINE]: .ci/run where ./check ends so, and check-debug well.
ci()
{
	program check "$2" ${3+"$3"}
	counts ".ci/run: check ends with $2${3+ and }${3-}" "$1" "$scratch/.ci/run"
}
printf 'check-debug:\n\t@echo 2 passed, 0 failed\n' >"$scratch/Makefile"
ci '5 passed, 0 failed, status 0' 0 '3 passed, 0 failed'
ci '4 passed, 1 failed, status 1' 1 '2 passed, 1 failed'
ci '5 passed, 1 failed, status 1' 3 '3 passed, 0 failed'
ci '2 passed, 1 failed, status 1' 0 'host: 3 passed, 0 failed (1 s)'
ci '2 passed, 1 failed, status 1' 0

done_testing
