// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Blocks below the threshold are the C library's. A header before each says how large
 * it is and, by a word that nobody else would write there, that it is one of ours.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "allocator.h"

struct header {
	uint64_t size;
	uint32_t offset; /* from what the C library gave to the block */
	uint32_t seal;
};

/*
 * A key of the process, for itself alone. Where the kernel gives no random bytes now, it is
 * made from those that a program is started with: these are also the C library's stack canary
 * and pointer guard, and no way leads from the key back to them.
 */
static struct key {
	uint64_t first, second;
} key;

static uint64_t turn(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

struct sip {
	uint64_t a, b, c, d;
};

static void mix(struct sip *sip, int rounds)
{
	while (rounds--) {
		sip->a += sip->b;
		sip->c += sip->d;
		sip->b = turn(sip->b, 13) ^ sip->a;
		sip->d = turn(sip->d, 16) ^ sip->c;
		sip->a = turn(sip->a, 32) + sip->d;
		sip->c += sip->b;
		sip->d = turn(sip->d, 21) ^ sip->a;
		sip->b = turn(sip->b, 17) ^ sip->c;
		sip->c = turn(sip->c, 32);
	}
}

/* SipHash-1-3, by J.-P. Aumasson and D. J. Bernstein: what it gives tells nothing of the key. */
static uint64_t hash(const struct key *with, uint64_t first, uint64_t second, uint64_t third)
{
	const uint64_t words[] = { first, second, third, (uint64_t)24 << 56 };
	struct sip sip = {
		.a = with->first ^ 0x736f6d6570736575,
		.b = with->second ^ 0x646f72616e646f6d,
		.c = with->first ^ 0x6c7967656e657261,
		.d = with->second ^ 0x7465646279746573,
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		sip.d ^= words[i];
		mix(&sip, 1);
		sip.a ^= words[i];
	}
	sip.c ^= 0xff;
	mix(&sip, 3);
	return sip.a ^ sip.b ^ sip.c ^ sip.d;
}

static void make_key(void)
{
	const void *given = (const void *)getauxval(AT_RANDOM);
	/* Better than nothing: the addresses are random, too. */
	struct key start = { (uintptr_t)&start, (uintptr_t)make_key };

	if (!look_plainly() || direct_random(&key, sizeof(key), GRND_NONBLOCK) != (ssize_t)sizeof(key)) {
		if (given)
			memcpy(&start, given, sizeof(start));
		key.first = hash(&start, 0, 0, 1);
		key.second = hash(&start, 0, 0, 2);
	}
}

/* Made at the first block: then all threads have the same. */
static uint32_t seal(const struct header *header)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_key);
	return (uint32_t)hash(&key, (uintptr_t)header, header->size, header->offset);
}

void *small_allocate(size_t size, size_t alignment)
{
	size_t least = sizeof(struct header), room;
	struct header *header;
	uintptr_t memory, block;
	int before = errno;

	if (alignment < least)
		alignment = least;
	if (size > PTRDIFF_MAX || alignment > UINT32_MAX / 4) {
		errno = ENOMEM;
		return NULL;
	}
	/* No small block begins a page, so that one that was large is not taken for it. */
	room = size + least + 2 * alignment;
	if (size >= __atomic_load_n(&budget_unseen, __ATOMIC_RELAXED))
		budget_small();
	memory = (uintptr_t)calloc(1, room);
	if (!memory && budget_lend()) {
		memory = (uintptr_t)calloc(1, room);
		if (memory)
			errno = before;
	}
	if (!memory)
		return NULL;
	block = (memory + least + alignment - 1) & ~(alignment - 1);
	if (!(block & (PAGE - 1)))
		block += alignment;
	header = (struct header *)block - 1;
	header->size = size;
	header->offset = (uint32_t)(block - memory);
	header->seal = seal(header);
	return (void *)block;
}

static struct header *header_of(const void *address, const char *function)
{
	struct header *header = (struct header *)address - 1;

	/* The lowest addresses are nobody's, nor are those with more bits: nothing is there. */
	if ((uintptr_t)address < PAGE || (uintptr_t)address >> ADDRESS_BITS ||
	    (uintptr_t)address % sizeof(struct header) ||
	    header->seal != seal(header))
		misuse(function, address, "this is no block of tamalloc, or was freed already");
	return header;
}

void small_free(void *address, const char *function)
{
	struct header *header = header_of(address, function);

	header->seal = 0;
	free((char *)address - header->offset);
}

size_t small_size(const void *address, const char *function)
{
	return header_of(address, function)->size;
}
