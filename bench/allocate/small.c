// SPDX-License-Identifier: MIT
/*
 * What small blocks cost, so that what a library in front of an allocator adds
 * can be told. Calls malloc, calloc, realloc and free of the allocator that the
 * environment chooses:
 *
 *	small OPERATIONS
 *
 * Blocks of 16 bytes to 64 KiB, most of them small, in 2,048 slots: a random one
 * is filled when it is empty, otherwise freed or resized. The first bytes of each
 * block are written. The sequence is the same in every pass and for every
 * allocator.
 *
 * Prints one line, separated by tabs: nanoseconds of the process's time for one
 * operation in the quickest of some passes (what the machine does besides only adds
 * to a time), page faults of one operation, "-", "-", the most KiB that were
 * resident, operations of a pass.
 */
#include <err.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "random.h"

#define SLOTS		2048
#define SIZES		4096
#define LEAST		16
#define MOST		65536
#define WARM_UP		2
#define PASSES		8
#define WRITTEN		16	/* bytes of each block: the least there are */

static void *slots[SLOTS];
static size_t sizes[SIZES];

/* Logarithms that are the squares of even ones: half of the sizes are below 128. */
static void plan_sizes(void)
{
	for (int i = 0; i < SIZES; i++) {
		double even = ((double)i + 0.5) / SIZES;

		sizes[i] = (size_t)(LEAST * pow(MOST / LEAST, even * even));
	}
}

static void *check(void *block, size_t size)
{
	if (!block)
		err(1, "a block of %zu bytes", size);
	return block;
}

static void operate(uint64_t random)
{
	void **slot = slots + random % SLOTS;
	size_t size = sizes[(random >> 11) % SIZES];
	unsigned int choice = (unsigned int)(random >> 23) % 8;

	if (*slot && choice) {
		free(*slot);
		*slot = NULL;
		return;
	}
	if (*slot)
		*slot = check(realloc(*slot, size), size);
	else if (choice < 2)
		*slot = check(calloc(1, size), size);
	else
		*slot = check(malloc(size), size);
	memset(*slot, (int)choice + 1, WRITTEN);
}

static double run(unsigned long operations)
{
	struct timespec begin, end;
	uint64_t state = SEED;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (unsigned long i = 0; i < operations; i++)
		operate(next_random(&state));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	return 1e9 * (double)(end.tv_sec - begin.tv_sec) +
	       (double)(end.tv_nsec - begin.tv_nsec);
}

int main(int argc, char **argv)
{
	unsigned long operations = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct rusage before, after;
	double best = 0, faults;

	if (!operations)
		errx(2, "usage: small OPERATIONS");
	plan_sizes();
	for (int pass = 0; pass < WARM_UP; pass++)
		run(operations);
	getrusage(RUSAGE_SELF, &before);
	for (int pass = 0; pass < PASSES; pass++) {
		double time = run(operations);

		if (!pass || time < best)
			best = time;
	}
	getrusage(RUSAGE_SELF, &after);
	for (int i = 0; i < SLOTS; i++)
		free(slots[i]);
	faults = (double)(after.ru_minflt + after.ru_majflt - before.ru_minflt - before.ru_majflt);
	printf("%.3f\t%.6f\t-\t-\t%ld\t%lu\n", best / (double)operations,
	       faults / (double)(PASSES * operations), after.ru_maxrss, operations);
	return 0;
}
