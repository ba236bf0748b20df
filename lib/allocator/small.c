// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Blocks below the threshold are the C library's. A header before each says how large
 * it is and, by a word that nobody else would write there, that it is one of ours.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/auxv.h>

#include "allocator.h"

struct header {
	uint32_t size;	/* the threshold is at most 1 GiB */
	uint32_t offset; /* from what the C library gave to the block */
	uint64_t seal;
};

static uint64_t seal(const struct header *header)
{
	static uint64_t secret;
	uint64_t value;

	/* The kernel's random bytes for this process; all threads find the same. */
	if (!__atomic_load_n(&secret, __ATOMIC_RELAXED)) {
		const void *random = (const void *)getauxval(AT_RANDOM);

		value = 0x9e3779b97f4a7c15;
		if (random)
			memcpy(&value, random, sizeof(value));
		__atomic_store_n(&secret, value | 1, __ATOMIC_RELAXED);
	}
	value = (uintptr_t)header ^ ((uint64_t)header->offset << 32 | header->size);
	/* The finalizer of MurmurHash3, which is public domain: each bit changes all. */
	value ^= __atomic_load_n(&secret, __ATOMIC_RELAXED);
	value = (value ^ value >> 33) * 0xff51afd7ed558ccd;
	value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53;
	return value ^ value >> 33;
}

void *small_allocate(size_t size, size_t alignment)
{
	size_t least = sizeof(struct header), room;
	struct header *header;
	uintptr_t memory, block;

	if (alignment < least)
		alignment = least;
	/* No small block begins a page: by that it is told from a large one. */
	room = size + least + 2 * alignment;
	memory = (uintptr_t)calloc(1, room);
	if (!memory)
		return NULL;
	block = (memory + least + alignment - 1) & ~(alignment - 1);
	if (!(block & (PAGE - 1)))
		block += alignment;
	header = (struct header *)block - 1;
	header->size = (uint32_t)size;
	header->offset = (uint32_t)(block - memory);
	header->seal = seal(header);
	return (void *)block;
}

static struct header *header_of(const void *address, const char *function)
{
	struct header *header = (struct header *)address - 1;

	if (map_owns(address))
		misuse(function, address, "this is inside a block, not its beginning");
	if ((uintptr_t)address % sizeof(struct header) || header->seal != seal(header))
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
