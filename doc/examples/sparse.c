// SPDX-License-Identifier: MIT
/*
 * A table with a counter for every 32-bit number, 16 GiB, of which only the
 * pages that are used are ever committed. To be linked with libtamalloc.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <tamalloc.h>
#include <unistd.h>

#define ENTRIES (1ULL << 32)
#define SIZE (ENTRIES * sizeof(uint32_t))
#define NUMBERS 100000

static int report(const char *step)
{
	struct tamalloc_process self;
	int err = tamalloc_process(getpid(), TAMALLOC_RESERVED | TAMALLOC_COMMITTED,
				   &self, sizeof(self));

	if (err) {
		fprintf(stderr, "sparse: own memory: %s\n", strerror(-err));
		return err;
	}
	printf("%-10s reserved %9llu KiB, committed %6llu KiB\n", step,
	       (unsigned long long)self.reserved / 1024,
	       (unsigned long long)self.committed / 1024);
	return 0;
}

int main(void)
{
	uint32_t *counters, number = 1;
	uint32_t most = 0;
	int err;

	if (report("start"))
		return 1;
	counters = tamalloc_reserve(SIZE);
	if (!counters) {
		fprintf(stderr, "sparse: cannot reserve %llu bytes: %s\n", SIZE,
			strerror(errno));
		return 1;
	}
	if (report("reserved"))
		return 1;

	/* In 256 places all over the table: nothing to initialise or to hash. */
	for (int i = 0; i < NUMBERS; i++) {
		number = number * 1664525 + 1013904223;
		counters[(number >> 24) << 24 | (number >> 8) % 1000]++;
	}
	for (uint32_t i = 0; i < 1000; i++)
		if (counters[i] > counters[most])
			most = i;
	if (report("counted"))
		return 1;
	printf("%-10s %u, %u times\n", "most often", most, counters[most]);

	err = tamalloc_release(counters, SIZE);
	if (err) {
		fprintf(stderr, "sparse: cannot release: %s\n", strerror(-err));
		return 1;
	}
	return report("released") != 0;
}
