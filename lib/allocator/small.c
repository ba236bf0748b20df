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
	uint64_t size;
	uint32_t offset; /* from what the C library gave to the block */
	uint32_t seal;
};

static uint64_t secret(void)
{
	static _Atomic uint64_t known;
	uint64_t value = atomic_load_explicit(&known, memory_order_relaxed);
	const void *random;

	if (value)
		return value;
	/* The kernel's random bytes for this process: all threads find the same. */
	random = (const void *)getauxval(AT_RANDOM);
	if (random)
		memcpy(&value, random, sizeof(value));
	value |= 1;
	atomic_store_explicit(&known, value, memory_order_relaxed);
	return value;
}

static uint32_t seal(const struct header *header)
{
	uint64_t value = (uintptr_t)header ^ header->size << 32 ^ header->offset ^ secret();

	/* The finalizer of MurmurHash3, which is public domain: each bit changes all. */
	value = (value ^ value >> 33) * 0xff51afd7ed558ccd;
	value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53;
	return (uint32_t)(value ^ value >> 33);
}

void *small_allocate(size_t size, size_t alignment)
{
	size_t least = sizeof(struct header), room;
	struct header *header;
	uintptr_t memory, block;

	if (alignment < least)
		alignment = least;
	if (size > PTRDIFF_MAX || alignment > UINT32_MAX / 4) {
		errno = ENOMEM;
		return NULL;
	}
	/* No small block begins a page, so that one that was large is not taken for it. */
	room = size + least + 2 * alignment;
	memory = (uintptr_t)calloc(1, room);
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

	/* The lowest addresses are nobody's, and there is no header to be looked at. */
	if ((uintptr_t)address < PAGE || (uintptr_t)address % sizeof(struct header) ||
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
