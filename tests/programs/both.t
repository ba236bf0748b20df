#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The tests of this directory notice each difference that a library can make, and
# nothing else. Needs a C compiler, and python3 with numpy.

# shellcheck disable=SC2317 # functions that ok calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

# What fails of a test that consists of these lines, without the numbers.
failed() {
	printf '. "%s"\n' "$programs/../tap.sh" "$programs/both.sh" >"$scratch/test"
	cat - >>"$scratch/test"
	PRELOAD=$preload sh "$scratch/test" 2>&1 | sed -n 's/^not ok [0-9]* - //p'
}

is 'two runs that are the same' "$(failed <<-'EOF'
	runs() { echo text; echo error >&2; echo contents >file; }
	both agree runs
EOF
)" ''
is 'other output' "$(failed <<-'EOF'
	runs() { echo "${LD_PRELOAD-}"; }
	both compare runs
EOF
)" 'compare: the same output'
is 'other errors' "$(failed <<-'EOF'
	runs() { echo text; echo "${LD_PRELOAD-}" >&2; }
	both compare runs
EOF
)" 'compare: the same errors'
is 'other contents of a file' "$(failed <<-'EOF'
	runs() { mkdir in; echo "${LD_PRELOAD-}" >in/file; }
	both compare runs
EOF
)" 'compare: the same files'
is 'another directory' "$(failed <<-'EOF'
	runs() { echo text; mkdir "in${LD_PRELOAD:+to}"; }
	both compare runs
EOF
)" 'compare: the same files'
is 'a program that fails' "$(failed <<-'EOF'
	runs() { echo text; [ -z "${LD_PRELOAD-}" ]; }
	both compare runs
EOF
)" 'compare: succeeds with it'
is 'one that fails either way, and not as the last' "$(failed <<-'EOF'
	runs() { echo text; false; echo more; }
	both compare runs
EOF
)" 'compare: succeeds without the library
compare: succeeds with it'
is 'one that says nothing and leaves nothing' "$(failed <<-'EOF'
	both compare true
EOF
)" 'compare: there is something to compare'
is 'what differs and is known to' "$(failed <<-'EOF'
	normalise() { sed 's/^after .* s/after some s/'; }
	runs() { echo "after ${LD_PRELOAD:+1}2 s"; }
	both compare runs
EOF
)" ''
is 'a program without large blocks' "$(failed <<-'EOF'
	both compare env echo text
	took echo allocated
EOF
)" 'echo with the library: blocks
echo with the library: allocated'
is 'one with' "$(failed <<-'EOF'
	both compare env perl -e 'print length("x" x 1_000_000)'
	took perl
EOF
)" ''
is 'a library that is not there' "$(preload=$scratch/absent.so failed <<-'EOF'
	both compare env echo text
EOF
)" 'compare: the same errors'

ok 'a library whose zeroes are none' "${CC:-cc}" -shared -fPIC -o "$scratch/dirty.so" \
	"$programs/dirty.c"
is 'python3 notices it' "$(preload=$scratch/dirty.so failed <<-'EOF'
	runs() { python3 -c 'import numpy; print(numpy.count_nonzero(numpy.zeros(1000000)))'; }
	both compare runs
EOF
)" 'compare: the same output'

done_testing
