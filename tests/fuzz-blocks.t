#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The fuzzer of blocks with the preloaded library, a minute in all: FUZZ_SECONDS (25) for
# each of two parts and less for the others, from the seed FUZZ_SEED (1). Before that the
# fuzzer itself: with the C library's blocks it finds nothing, and what is planted it finds.
set -u

here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"

unset LD_PRELOAD MALLOC_ARENA_MAX GLIBC_TUNABLES TAMALLOC_REPORT TAMALLOC_DECAY \
	TAMALLOC_BACKGROUND TAMALLOC_CACHE TAMALLOC_THRESHOLD TAMALLOC_HUGE_PAGES
fuzzer=$here/../build/tests/fuzz-blocks
library=$(realpath "$here/../build/libtamalloc-preload.so")
seconds=${FUZZ_SECONDS:-25}
seed=${FUZZ_SEED:-1}
changes=advise,protect,lock,map,hole,userfault

# fuzz NAME SECONDS [VARIABLE=VALUE...] [OPTION...]: passes; and did anything at all.
fuzz() {
	name=$1 time=$2
	shift 2
	env "$@" --seed="$seed" --seconds="$time" >"$scratch/out" 2>&1
	is "$name" $? 0
	sed 's/^/# /' "$scratch/out"
	ok '... twenty operations at least' [ \
		"$(sed -n 's/^\([0-9]*\) operations:.*/\1/p' "$scratch/out")" -ge 20 ]
}

# All blocks so large that the C library maps each alone: what was done to a part of others
# it leaves in its heap.
fuzz "the C library's blocks" 4 MALLOC_MMAP_THRESHOLD_=131072 "$fuzzer" --threads=2 \
	--least=262144

"${CC:-cc}" -O2 -Wall -Wextra -fno-builtin -shared -fPIC -o "$scratch/faulty.so" \
	"$here/fuzz-blocks/faulty/faulty.c" || exit

# finds FAULT PATTERN [OPTION...]: of what is planted it says this
finds() {
	fault=$1 pattern=$2
	shift 2
	FAULT=$fault MALLOC_MMAP_THRESHOLD_=131072 LD_PRELOAD=$scratch/faulty.so \
		"$fuzzer" --seed="$seed" --seconds=60 --least=262144 --most=2000000 "$@" \
		>"$scratch/out" 2>&1
	is "planted: $fault" $? 1
	matches '... it says so' "$(cat "$scratch/out")" \
		"^fuzz-blocks: seed $seed, operation 0:[0-9/]+ \\([a-z]+\\): .*$pattern"
}

finds not-zero 'not zero' --only=resize
finds lost-page 'at offset 0 stands 0000000000000000' --only=resize
finds lost-end 'at offset [0-9]+ stands' --only=resize
finds twice '(at offset [0-9]+ stands|signal 11|abort)' --only=resize
finds errno 'errno' --only=resize
finds abort 'abort\(\)' --only=resize
finds read-only 'not to be read and written' --only=protect
finds hole 'has a hole' --only=hole
finds guard '(guard page|signal 11)' --only=advise
finds file 'a file' --only=map
finds fork '(flag .wf.|at offset [0-9]+ stands)' --only=fork,advise
finds lock 'flag .lo.' --only=lock

fuzz 'threads, forks, descriptors that are swept away' "$seconds" LD_PRELOAD="$library" \
	"$fuzzer" --threads=3 --only=resize,align,fork,atfork,stream,signal,descriptors
fuzz 'one thread, signals' $((seconds / 5)) LD_PRELOAD="$library" \
	"$fuzzer" --only=resize,align,fork,signal
fuzz 'mappings' "$seconds" LD_PRELOAD="$library" TAMALLOC_HUGE_PAGES=0 \
	"$fuzzer" --threads=2 --only="resize,align,fork,$changes"
fuzz 'calls that fail' $((seconds * 2 / 5)) LD_PRELOAD="$library" \
	"$fuzzer" --only=resize,align,fork,limits,table,refuse
done_testing
