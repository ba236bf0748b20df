#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Another allocator is preloaded after the library, and gets the small blocks:
# LD_PRELOAD="libtamalloc-preload.so libjemalloc.so.2".

# shellcheck disable=SC2317 # functions that both calls
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/programs/both.sh
. "$(dirname "$0")/both.sh"

seq 1 100000 | awk '{ print $1 * 7919 % 1000003, "line", $1 }' >"$input/lines"

# Several programs, with one thread and with more.
mixture() {
	sort --parallel=2 -S 8M "$input/lines" | sha256sum
	xz -6 -T2 --block-size=512KiB -c "$input/lines" >lines.xz
	xz -dc -T2 lines.xz | cmp - "$input/lines"
	sqlite3 -bail -batch :memory: <<-EOF
		CREATE TABLE line (number INTEGER, word TEXT, id INTEGER PRIMARY KEY);
		.separator " "
		.import $input/lines line
		CREATE INDEX line_number ON line (number, word);
		SELECT count(*), sum(number * id), length(group_concat(number)) FROM line;
		SELECT length(replace(hex(zeroblob(1000000)), '00', 'abc'));
		PRAGMA integrity_check;
		.sha3sum
	EOF
	PYTHONMALLOC=malloc python3 "$programs/python/threads.py"
}

# Small blocks of 50 MB together, and large ones of more than 200.
# shellcheck disable=SC2016 # no expansion
blocks='my @small = map { "x" x ($_ % 1000 + 500) } 1 .. 50_000;
	my $large = "x" x 100_000_000; print length($large), "\n"'

# address_space ALLOCATOR PRELOAD: what the allocator says that it had from the kernel
# at most, in MB, with that preloaded.
address_space() {
	MALLOC_CONF=stats_print:true MIMALLOC_SHOW_STATS=1 MALLOCSTATS=1 LD_PRELOAD="$2" \
		perl -e "$blocks" >"$scratch/statistics" 2>&1
	awk -v allocator="$1" '
		allocator ~ /jemalloc/ && /^Allocated: .* mapped: [0-9]*, retained: [0-9]*/ {
			for (i = 1; i < NF; i++)
				if ($i == "mapped:" || $i == "retained:")
					bytes += $(i + 1)
		}
		allocator ~ /mimalloc/ && $1 == "reserved:" {
			bytes = $2 * ($3 == "GiB" ? 1073741824 : $3 == "MiB" ? 1048576 : 1024)
		}
		allocator ~ /tcmalloc/ && /Virtual address space used/ { bytes = $3 }
		END { printf "%d\n", bytes / 1000000 }' "$scratch/statistics"
}

for allocator in libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4; do
	preload="$library $allocator"
	both "with $allocator" mixture
	for command in sort xz sqlite3 python3; do
		took $command
	done
	alone=$(address_space $allocator $allocator)
	second=$(address_space $allocator "$preload")
	echo "# $allocator: $alone MB of address space, $second MB after the library"
	ok "$allocator alone has all blocks" [ "$alone" -gt 150 ]
	ok "$allocator has the small ones" [ "$second" -ge 40 ]
	ok "$allocator has not the large ones" [ "$second" -lt 150 ]
done

done_testing
