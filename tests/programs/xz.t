#!/bin/sh
# SPDX-License-Identifier: MIT
#
# xz: dictionaries of up to 64 MiB and tables of the match finders, which are asked
# for as zeroes, for each thread and each size anew.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

# A text, a program, changes that are few and far between, and what is packed already.
find /usr/share/perl/5.* -name '*.p[lm]' | sort | xargs head -qc 2500 >"$input/text"
head -c 500000 /usr/bin/perl >"$input/program"
awk 'BEGIN {
	for (i = 0; i < 20; i++)
		printf "%65536d", i
}' >"$input/sparse"
xz -6 -c "$input/text" >"$input/dense"

# One process after the other, and in each one file after the other. Dictionaries of
# 64 and of 8 MiB take turns.
files() {
	cp "$input"/* .
	xz -9 -k -T1 text program sparse dense
	xz -6 -k -T1 -S .6.xz text program sparse dense
	xz -t ./*.xz
	xz --robot -l ./*.xz
	for file in text program sparse dense; do
		cat "$file" "$file" "$file" >three
		xz -dc "$file.xz" "$file.6.xz" "$file.xz" | cmp - three
	done
	cat ./*.xz | xz -dc | xz -1c | xz -dc | sha256sum
}

threads() {
	cat "$input"/* >all
	xz -9 -k -T2 --block-size=500KiB all
	xz -t -T2 all.xz
	xz -dc -T2 all.xz | cmp - all
	xz -2 -T4 --block-size=256KiB -c all >all.2.xz
	cat all all >two
	xz -dc -T4 all.2.xz all.xz | cmp - two
}

# Other formats, filters and match finders.
formats() {
	cat "$input/program" "$input/sparse" >mixture
	xz --format=lzma -8 -c mixture >mixture.lzma
	xz -dc mixture.lzma | cmp - mixture
	for finder in hc3 hc4 bt2 bt3 bt4; do
		xz --format=xz --x86 --lzma2=preset=1,dict=32MiB,mf="$finder" -c mixture \
			>"mixture.$finder.xz"
	done
	xz --delta=dist=4 --lzma2=preset=9,mode=fast,mf=hc4 -c "$input/sparse" >sparse.xz
	xz -t ./*.xz
	sha256sum mixture
	for file in mixture.*; do
		xz -dc "$file" | sha256sum
	done
}

both 'file after file' files
took xz allocated
both 'several threads' threads
took xz allocated
both 'formats' formats
took xz allocated

if [ -n "${PROGRAMS_FULL-}" ]; then
	extreme() {
		find /usr/share/perl/5.* /usr/lib/git-core -type f | sort | xargs cat >all
		xz -9e -k -T0 all
		xz -dc -T0 all.xz | cmp - all
	}
	both 'much, as small as can be' extreme
	took xz allocated
fi

done_testing
