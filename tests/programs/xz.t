#!/bin/sh
# SPDX-License-Identifier: MIT
#
# xz: dictionaries of up to 64 MiB and match finders' tables, which it expects to be
# zero, taken and given back once for each file and each thread.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

# A text, a program, few and far between changes, and what cannot be compressed.
find /usr/share/perl/5.* -name '*.p[lm]' | sort | xargs cat | head -c 3000000 >"$input/text"
head -c 2000000 /usr/bin/perl >"$input/program"
awk 'BEGIN {
	for (i = 0; i < 60; i++)
		printf "%65536d", i
}' >"$input/sparse"
xz -6 -c "$input/text" >"$input/dense"

# One process, one file after the other.
one_by_one() {
	cp "$input"/* .
	xz -9 -k -T1 text program sparse dense
	xz -6 -k -T1 -S .6.xz text program sparse dense
	xz -t ./*.xz
	xz --robot -l ./*.xz
	for file in text program sparse dense; do
		xz -dc $file.xz | cmp - $file
		xz -dc $file.6.xz | cmp - $file
	done
	# Both ways in one process.
	xz -dc text.xz program.xz sparse.xz | xz -0c | xz -dc | sha256sum
}

threads() {
	cat "$input"/* >all
	xz -9 -k -T2 --block-size=1MiB all
	xz -t -T2 all.xz
	xz -dc -T2 all.xz | cmp - all
	xz -6 -T4 --block-size=256KiB -c all >all.small.xz
	xz -dc -T4 all.small.xz | cmp - all
}

# Other formats, filters and match finders.
formats() {
	cat "$input/program" "$input/text" >both
	xz --format=lzma -8 -c both >both.lzma
	xz -dc both.lzma | cmp - both
	for finder in hc3 hc4 bt2 bt3 bt4; do
		xz --format=xz --x86 --lzma2=preset=1,dict=32MiB,mf=$finder -c both >both.$finder.xz
		xz -dc both.$finder.xz | cmp - both
	done
	xz --delta=dist=4 --lzma2=preset=9,mode=fast,mf=hc4 -c "$input/sparse" >sparse.xz
	xz -dc sparse.xz | cmp - "$input/sparse"
}

both 'file after file' one_by_one
took xz allocated
both 'several threads' threads
took xz allocated
both 'formats' formats
took xz allocated
if [ -n "${PROGRAMS_FULL-}" ]; then
	# shellcheck disable=SC2046 # a list
	extreme() {
		cat $(find /usr/share/perl/5.* /usr/lib/git-core -type f | sort) >all
		xz -9e -k -T0 all
		xz -dc -T0 all.xz | cmp - all
	}
	both 'a large file, level 9e' extreme
	took xz allocated
fi

done_testing
