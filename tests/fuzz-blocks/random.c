// SPDX-License-Identifier: MIT
/* Numbers that a seed repeats. */
#include "fuzz.h"

/* xorshift64*, S. Vigna, 2016 */
uint64_t next(struct random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return random->state * 2685821657736338717;
}

uint64_t mix(uint64_t one, uint64_t other)
{
	uint64_t value = one + other * 0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15;

	/* The finalizer of SplitMix64, which is public domain: each bit changes all. */
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
	value = (value ^ value >> 27) * 0x94d049bb133111eb;
	return value ^ value >> 31;
}
