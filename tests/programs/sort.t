#!/bin/sh
# SPDX-License-Identifier: MIT
#
# GNU sort: one buffer as large as -S says, which grows for lines that do not fit in,
# temporary files that are merged, and several threads.

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

# Lines of a number and a few words, in no order, with some that are equal.
awk -v lines="${PROGRAMS_FULL:+4000000}" 'BEGIN {
	state = 1
	for (i = 0; i < (lines ? lines : 400000); i++) {
		state = (state * 16807) % 2147483647
		printf "%d\t%x word%d %d\n", state % 1000003, state * 7, state % 997, i % 1000
	}
}' >"$input/lines"
# Lines of up to 8 MiB.
awk 'BEGIN {
	for (i = 0; i < 24; i++) {
		length_of = i % 3 == 0 ? i * 347000 + 1 : 1000
		printf "%d%*s%d\n", i * 7 % 24, length_of, "x", i
	}
}' >"$input/long"

# Says how it went, and leaves the digest alone.
sorted() {
	sort "$@" >out
	sha256sum <out
}

in_memory() {
	sorted --parallel=1 -S 256M "$input/lines"
	sorted --parallel=2 -S 64M "$input/lines"
	sorted --parallel=4 -S 100M -n "$input/lines"
	sorted --parallel=2 -S 64M -k 2,2 -k 1,1nr "$input/lines"
	sorted --parallel=2 -S 64M -u -n "$input/lines"
	sorted --parallel=2 -s -t "$(printf '\t')" -k 1.1,1.3 "$input/lines"
	LC_ALL=C.UTF-8 sort -c out || echo "$?"
	sort -n "$input/lines" | sort -nc
}

merged() {
	# A pipe has no size: the buffer grows.
	tr 0-9 9876543210 <"$input/lines" | sort --parallel=2 -T . | sha256sum
	sorted -S 1M -T . --parallel=2 "$input/lines"
	sorted -S 700K -T . --batch-size=3 "$input/lines"
	sorted -S 4M -T . --compress-program=gzip -r "$input/lines"
	for part in 1 2 3; do
		awk "NR % 3 == $part - 1" "$input/lines" | sort -S 2M -T . >"part$part"
	done
	sort -m part1 part2 part3 >whole
	sort -c whole
}

long_lines() {
	for size in 256K 3M 40M; do
		sorted -S "$size" -T . "$input/long"
	done
	sorted -S 1M -T . -n "$input/long" "$input/long"
	cat "$input/long" "$input/long" | sort -u | sha256sum
}

both 'in memory' in_memory
took sort
both 'with temporary files' merged
took sort
both 'long lines' long_lines
took sort

done_testing
