/* SPDX-License-Identifier: MIT */
/*
 * What something costs in instructions: on a machine whose time stamp counter
 * counts one per instruction (vm/run --icount). Each figure is the least of
 * many repetitions, less the reading of the counter itself. It says nothing of
 * caches, TLBs or contention.
 */
#ifndef BENCH_COUNTER_H
#define BENCH_COUNTER_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(1);
}

static inline uint64_t counter(void)
{
	_mm_lfence();
	return __rdtsc();
}

static inline long nothing(void)
{
	return 0;
}

/* The least that f costs in n repetitions; undo is not counted. */
static inline uint64_t least_gross(long (*f)(void), void (*undo)(long), int n)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < n; i++) {
		uint64_t start = counter();
		long result = f();
		uint64_t cost = counter() - start;

		if (result == -1)
			die("a call failed");
		if (undo)
			undo(result);
		if (cost < best)
			best = cost;
	}
	return best;
}

static inline uint64_t least(long (*f)(void), void (*undo)(long), int n)
{
	static uint64_t reading;

	if (!reading)
		reading = least_gross(nothing, NULL, 200);
	return least_gross(f, undo, n) - reading;
}

#endif
