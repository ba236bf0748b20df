/* SPDX-License-Identifier: MIT */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define SEED	0x9e3779b97f4a7c15 /* any number with many bits set */

/* Marsaglia's xorshift: the same numbers everywhere. */
static inline uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

/* One of 0 to limit - 1, all as likely as the others as long as limit is small. */
static inline size_t below(uint64_t random, size_t limit)
{
	return (size_t)(((unsigned __int128)random * limit) >> 64);
}

#endif /* RANDOM_H */
