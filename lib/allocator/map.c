// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* A table by address, of two levels. */
#include "allocator.h"

_Atomic(struct leaf *) map_leaves[LEAVES];

int map_prepare(size_t page, size_t pages)
{
	/* Also where what comes behind it would begin: see map_edge(). */
	size_t last = (page + pages) / LEAF_PAGES;

	if ((page + pages - 1) / LEAF_PAGES >= LEAVES)
		return -ENOMEM;
	if (last == LEAVES)
		last--;
	for (size_t i = page / LEAF_PAGES; i <= last; i++) {
		struct leaf *none = NULL, *leaf;

		if (map_leaves[i])
			continue;
		leaf = memory_for_records(sizeof(*leaf));
		if (!leaf)
			return -ENOMEM;
		/* Another thread may have been faster. */
		if (!atomic_compare_exchange_strong(&map_leaves[i], &none, leaf))
			memory_release(page_of(leaf), pages_for(sizeof(*leaf)));
	}
	return 0;
}

void map_own(size_t page, size_t pages, bool own)
{
	size_t chunk = page / CHUNK_PAGES, end = (page + pages) / CHUNK_PAGES, bits;

	for (; chunk < end; chunk += bits) {
		struct leaf *leaf = map_leaf(chunk * CHUNK_PAGES);
		_Atomic uint64_t *word = &leaf->owned[chunk % LEAF_CHUNKS / 64];
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

size_t map_owned_from(size_t chunk)
{
	while (chunk) {
		struct leaf *leaf = map_leaf((chunk - 1) * CHUNK_PAGES);
		size_t last = chunk - 1;
		uint64_t free;

		if (!leaf)
			break;
		free = ~atomic_load_explicit(&leaf->owned[last % LEAF_CHUNKS / 64],
					     memory_order_relaxed);
		free &= UINT64_MAX >> (63 - last % 64);
		if (free)
			return (last & ~(size_t)63) + 64 - (size_t)__builtin_clzll(free);
		chunk = last & ~(size_t)63;
	}
	return chunk;
}

/*
 * Blocks
 */

static struct span **slot_of(size_t chunk, size_t slot)
{
	struct leaf *leaf = map_leaf(chunk * CHUNK_PAGES);

	chunk %= LEAF_CHUNKS;
	return slot ? &leaf->blocks[chunk * (CHUNK_SLOTS - 1) + slot - 1] : &leaf->heads[chunk];
}

static struct span **block_slot(size_t page)
{
	return slot_of(page / CHUNK_PAGES, page % CHUNK_PAGES / BLOCK_MIN);
}

struct span *map_block(size_t page)
{
	return *block_slot(page);
}

bool map_block_is(size_t page, const struct span *block)
{
	return page < LEAVES * LEAF_PAGES && map_leaf(page) && map_block(page) == block;
}

static uint32_t *slots_of(size_t chunk)
{
	return &map_leaf(chunk * CHUNK_PAGES)->slots[chunk % LEAF_CHUNKS];
}

static uint64_t *begins(size_t chunk)
{
	return &map_leaf(chunk * CHUNK_PAGES)->begins[chunk % LEAF_CHUNKS / 64];
}

/*
 * The slot is what counts, for others too: see spans_rebuild(). Whatever leads to it is
 * there before it, and is taken away afterwards.
 */
void map_set_block(size_t page, struct span *block)
{
	size_t chunk = page / CHUNK_PAGES;
	uint64_t bit = (uint64_t)1 << chunk % 64;
	uint32_t slot = (uint32_t)1 << page % CHUNK_PAGES / BLOCK_MIN;

	if (block) {
		*begins(chunk) |= bit;
		*slots_of(chunk) |= slot;
	}
	__atomic_store_n(block_slot(page), block, __ATOMIC_RELEASE);
	if (block)
		return;
	*slots_of(chunk) &= ~slot;
	if (!*slots_of(chunk))
		*begins(chunk) &= ~bit;
}

/* The last block of a chunk that begins before a page of it, or at that; NULL: none. */
static struct span *last_of(size_t chunk, size_t page)
{
	for (uint32_t slots = *slots_of(chunk); slots;) {
		unsigned int slot = 31 - (unsigned int)__builtin_clz(slots);
		struct span *block = *slot_of(chunk, slot);

		if (block && block->page <= page)
			return block;
		slots &= ~((uint32_t)1 << slot);
	}
	return NULL;
}

/* The first that begins behind a page or at that. */
static struct span *first_of(size_t chunk, size_t page)
{
	for (uint32_t slots = *slots_of(chunk); slots; slots &= slots - 1) {
		struct span *block = *slot_of(chunk, (size_t)__builtin_ctz(slots));

		if (block && block->page >= page)
			return block;
	}
	return NULL;
}

/* The last chunk before this one in which a block begins; none: SIZE_MAX. */
static size_t last_beginning(size_t chunk)
{
	while (chunk--) {
		uint64_t bits;

		if (!map_leaf(chunk * CHUNK_PAGES)) {
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

/* The first at or behind this one; none: CHUNKS. */
static size_t next_beginning(size_t chunk)
{
	while (chunk < CHUNKS) {
		uint64_t bits;

		if (!map_leaf(chunk * CHUNK_PAGES)) {
			chunk = (chunk / LEAF_CHUNKS + 1) * LEAF_CHUNKS;
			continue;
		}
		bits = *begins(chunk) & UINT64_MAX << chunk % 64;
		if (bits)
			return (chunk & ~(size_t)63) + (size_t)__builtin_ctzll(bits);
		chunk = (chunk | 63) + 1;
	}
	return CHUNKS;
}

struct span *map_block_before(size_t page)
{
	size_t chunk = page / CHUNK_PAGES;
	struct span *block = NULL;

	if (page >= LEAVES * LEAF_PAGES)
		return NULL;
	if (map_leaf(page))
		block = last_of(chunk, page);
	while (!block && (chunk = last_beginning(chunk)) != SIZE_MAX)
		block = last_of(chunk, page);
	return block;
}

struct span *map_block_from(size_t page)
{
	struct span *block = NULL;

	for (size_t chunk = page / CHUNK_PAGES;
	     !block && (chunk = next_beginning(chunk)) < CHUNKS; chunk++)
		block = first_of(chunk, page);
	return block;
}

/*
 * Edges. Where there is no leaf nothing touches.
 */

static struct span **edge(size_t chunk)
{
	struct leaf *leaf = chunk < CHUNKS ? map_leaf(chunk * CHUNK_PAGES) : NULL;

	return leaf ? &leaf->edges[chunk % LEAF_CHUNKS] : NULL;
}

struct span *map_edge(size_t chunk)
{
	struct span **found = edge(chunk);

	return found ? *found : NULL;
}

void map_set_edge(size_t chunk, struct span *span)
{
	struct span **found = edge(chunk);

	if (found)
		*found = span;
}
