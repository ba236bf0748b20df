// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* A table by address, of two levels. */
#include "allocator.h"

#define LEAF_PAGES ((size_t)LEAF_CHUNKS * CHUNK_PAGES)
#define LEAVES	   (sizeof(map_leaves) / sizeof(map_leaves[0]))

_Atomic(struct leaf *) map_leaves[(size_t)1 << (ADDRESS_BITS - LEAF_SHIFT)];

static struct leaf *leaf_of(size_t page)
{
	return atomic_load_explicit(&map_leaves[page / LEAF_PAGES], memory_order_relaxed);
}

int map_prepare(size_t page, size_t pages)
{
	size_t last = (page + pages - 1) / LEAF_PAGES;

	if (last >= LEAVES)
		return -ENOMEM;
	for (size_t i = page / LEAF_PAGES; i <= last; i++) {
		if (!map_leaves[i])
			map_leaves[i] = memory_for_records(sizeof(struct leaf));
		if (!map_leaves[i])
			return -ENOMEM;
	}
	return 0;
}

void map_own(size_t page, size_t pages, bool own)
{
	size_t chunk = page / CHUNK_PAGES, end = (page + pages) / CHUNK_PAGES, bits;

	for (; chunk < end; chunk += bits) {
		_Atomic uint64_t *word = &leaf_of(chunk * CHUNK_PAGES)->owned[chunk % LEAF_CHUNKS / 64];
		uint64_t mask = UINT64_MAX;

		bits = 64 - chunk % 64;
		if (bits > end - chunk)
			bits = end - chunk;
		if (bits < 64)
			mask = (((uint64_t)1 << bits) - 1) << chunk % 64;
		if (own)
			atomic_fetch_or(word, mask);
		else
			atomic_fetch_and(word, ~mask);
	}
}

/* The first chunk at or after this one and before end that is owned, or is not; else end. */
static size_t find_chunk(size_t chunk, size_t end, bool owned)
{
	while (chunk < end) {
		struct leaf *leaf = atomic_load_explicit(&map_leaves[chunk / LEAF_CHUNKS],
							 memory_order_relaxed);
		uint64_t bits;

		if (!leaf) {
			if (!owned)
				return chunk;
			chunk = (chunk / LEAF_CHUNKS + 1) * LEAF_CHUNKS;
			continue;
		}
		bits = atomic_load_explicit(&leaf->owned[chunk % LEAF_CHUNKS / 64],
					    memory_order_relaxed);
		bits = (owned ? bits : ~bits) & UINT64_MAX << chunk % 64;
		if (bits) {
			chunk = (chunk & ~(size_t)63) + (size_t)__builtin_ctzll(bits);
			break;
		}
		chunk = (chunk | 63) + 1;
	}
	return chunk < end ? chunk : end;
}

#define CHUNKS (LEAVES * LEAF_CHUNKS)

bool map_owns_any(size_t page, size_t pages)
{
	size_t chunk = page / CHUNK_PAGES, end = (page + pages - 1) / CHUNK_PAGES + 1;

	if (end > CHUNKS)
		end = CHUNKS;
	return find_chunk(chunk, end, true) < end;
}

size_t map_owned_run(size_t *chunk)
{
	*chunk = find_chunk(*chunk, CHUNKS, true);
	return find_chunk(*chunk, CHUNKS, false) - *chunk;
}

static struct span **block_slot(size_t page)
{
	return &leaf_of(page)->blocks[page % LEAF_PAGES / BLOCK_MIN];
}

struct span *map_block(size_t page)
{
	return *block_slot(page);
}

bool map_block_is(size_t page, const struct span *block)
{
	return page < LEAVES * LEAF_PAGES && leaf_of(page) && map_block(page) == block;
}

#define SLOTS (CHUNK_PAGES / BLOCK_MIN) /* of a chunk */

/* The last block of a chunk that begins at one of its first so many slots. */
static struct span *last_of(size_t chunk, size_t slots)
{
	struct span **first = block_slot(chunk * CHUNK_PAGES);

	while (slots--)
		if (first[slots])
			return first[slots];
	return NULL;
}

static uint64_t *begins(size_t chunk)
{
	return &leaf_of(chunk * CHUNK_PAGES)->begins[chunk % LEAF_CHUNKS / 64];
}

/* The slot is what counts, for others too: see spans_rebuild(). */
void map_set_block(size_t page, struct span *block)
{
	size_t chunk = page / CHUNK_PAGES;
	uint64_t bit = (uint64_t)1 << chunk % 64;

	if (block)
		*begins(chunk) |= bit;
	__atomic_store_n(block_slot(page), block, __ATOMIC_RELEASE);
	if (!block && !last_of(chunk, SLOTS))
		*begins(chunk) &= ~bit;
}

/* The last chunk before this one in which a block begins; none: SIZE_MAX. */
static size_t last_beginning(size_t chunk)
{
	while (chunk--) {
		uint64_t bits;

		if (!leaf_of(chunk * CHUNK_PAGES)) {
			chunk -= chunk % LEAF_CHUNKS;
			continue;
		}
		bits = *begins(chunk) & UINT64_MAX >> (63 - chunk % 64);
		if (bits)
			return (chunk & ~(size_t)63) + 63 - (size_t)__builtin_clzll(bits);
		chunk -= chunk % 64;
	}
	return SIZE_MAX;
}

struct span *map_block_before(size_t page)
{
	size_t chunk = page / CHUNK_PAGES;
	struct span *block = NULL;

	if (page >= LEAVES * LEAF_PAGES)
		return NULL;
	if (leaf_of(page))
		block = last_of(chunk, page % CHUNK_PAGES / BLOCK_MIN + 1);
	/* It may begin behind the page, in the page's own slot. */
	if (block && block->page > page)
		block = last_of(chunk, page % CHUNK_PAGES / BLOCK_MIN);
	if (block)
		return block;
	chunk = last_beginning(chunk);
	return chunk == SIZE_MAX ? NULL : last_of(chunk, SLOTS);
}

/* The word of a page, and the bits from it to the end of the word, or to end. */
static _Atomic uint64_t *word(size_t page, size_t end, uint64_t *mask)
{
	*mask = UINT64_MAX << page % 64;
	if (end - page < 64 - page % 64)
		*mask &= UINT64_MAX >> (64 - end % 64);
	return &leaf_of(page)->dirty[page % LEAF_PAGES / 64];
}

static size_t next_word(size_t page)
{
	return (page | 63) + 1;
}

/*
 * A word may belong to two blocks, and then two threads change it at once; one that
 * belongs to a block as a whole is its own.
 */
void dirty_set(size_t page, size_t pages)
{
	size_t end = page + pages;
	uint64_t mask;

	for (; page < end; page = next_word(page)) {
		_Atomic uint64_t *at = word(page, end, &mask);

		if (mask == UINT64_MAX)
			atomic_store_explicit(at, mask, memory_order_relaxed);
		else
			atomic_fetch_or_explicit(at, mask, memory_order_relaxed);
	}
}

void dirty_clear(size_t page, size_t pages)
{
	size_t end = page + pages;
	uint64_t mask;

	for (; page < end; page = next_word(page)) {
		_Atomic uint64_t *at = word(page, end, &mask);

		/* Most of a large block was never touched, nor was the table. */
		if (!atomic_load_explicit(at, memory_order_relaxed))
			continue;
		if (mask == UINT64_MAX)
			atomic_store_explicit(at, 0, memory_order_relaxed);
		else
			atomic_fetch_and_explicit(at, ~mask, memory_order_relaxed);
	}
}

size_t dirty_count(size_t page, size_t pages, size_t limit)
{
	size_t end = page + pages, count = 0;
	uint64_t mask;

	for (; page < end && count < limit; page = next_word(page)) {
		_Atomic uint64_t *at = word(page, end, &mask);

		count += (size_t)__builtin_popcountll(
			atomic_load_explicit(at, memory_order_relaxed) & mask);
	}
	return count;
}

/* The first page at or after this one that is dirty, or is not; end: none. */
static size_t find(size_t page, size_t end, bool dirty)
{
	uint64_t mask;

	for (; page < end; page = next_word(page)) {
		_Atomic uint64_t *at = word(page, end, &mask);
		uint64_t bits = atomic_load_explicit(at, memory_order_relaxed);

		bits = (dirty ? bits : ~bits) & mask;
		if (bits)
			return (page & ~(size_t)63) + (size_t)__builtin_ctzll(bits);
	}
	return end;
}

size_t dirty_run(size_t *page, size_t end)
{
	*page = find(*page, end, true);
	return find(*page, end, false) - *page;
}
