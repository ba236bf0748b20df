// SPDX-License-Identifier: MIT
/*
 * How often each number occurs in a series, and in the next, and the next: by a table
 * that grows with the largest number and is used again. Nothing in it is initialised,
 * and to clear it costs what was touched of it. To be linked with libtamalloc.
 */
#include <stdint.h>
#include <stdio.h>
#include <tamalloc.h>

#define SERIES 4
#define NUMBERS 100000
/* To begin with a large table costs nothing: what is not touched is not committed. */
#define ENTRIES_LEAST ((size_t)1 << 24)

struct table {
	uint32_t *counters;
	size_t entries;
};

/* What is new of the table reads as zero. */
static int grow(struct table *table, size_t number)
{
	size_t entries = number + number / 2 + 1;
	uint32_t *counters;

	if (entries < ENTRIES_LEAST)
		entries = ENTRIES_LEAST;
	counters = tamrealloc(table->counters, entries * sizeof(*counters));
	if (!counters) {
		perror("counters: tamrealloc");
		return -1;
	}
	table->counters = counters;
	table->entries = entries;
	return 0;
}

/* The numbers of a series lie in 64 places, farther apart in each series. */
static size_t number_at(uint32_t state, int series)
{
	return (size_t)(state >> 26) * ((size_t)series << 18) + (state >> 8) % 500;
}

/* How many different numbers there are; -1: no memory. */
static long count(struct table *table, int series)
{
	uint32_t state = (uint32_t)series;
	long different = 0;

	for (int i = 0; i < NUMBERS; i++) {
		size_t number;

		state = state * 1664525 + 1013904223;
		number = number_at(state, series);
		if (number >= table->entries && grow(table, number))
			return -1;
		different += !table->counters[number]++;
	}
	return different;
}

int main(void)
{
	struct table table = { NULL, 0 };
	int status = 0;

	for (int series = 1; series <= SERIES && !status; series++) {
		long different = count(&table, series);

		if (different < 0)
			status = 1;
		else
			printf("series %d: %ld numbers, table of %zu KiB, committed %zu KiB\n",
			       series, different, tamalloc_usable_size(table.counters) / 1024,
			       tamalloc_committed(table.counters) / 1024);
		/* For the next series all of it is zero again. */
		tamalloc_reset(table.counters);
	}
	tamfree(table.counters);
	return status;
}
