// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Dirty pages, a bit each, in words of 64 pages; words that are not 0 have a bit above, and
 * so have words of these: what is clean is passed over by 16 MiB and 1 GiB.
 *
 * A word may belong to two blocks, and then two threads change it at once; those above may
 * belong to more. So a bit is set from below upwards, and is taken back above only where
 * all of what it stands for is the caller's. Elsewhere it stays, in vain.
 */
#include "allocator.h"

#define GROUP_PAGES ((size_t)64 * 64)	   /* of a word of the second level */
#define SET_PAGES   ((size_t)64 * 64 * 64) /* and of the third */

static inline uint64_t load(_Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

static inline _Atomic uint64_t *word_of(struct leaf *leaf, size_t page)
{
	return &leaf->dirty[page % LEAF_PAGES / 64];
}

static inline _Atomic uint64_t *group_of(struct leaf *leaf, size_t page)
{
	return &leaf->dirty_words[page % LEAF_PAGES / GROUP_PAGES];
}

static inline _Atomic uint64_t *set_of(struct leaf *leaf, size_t page)
{
	return &leaf->dirty_groups[page % LEAF_PAGES / SET_PAGES];
}

/* The bits from a page's one to the end of its word, or to end; one stands for so many pages. */
static inline uint64_t mask(size_t page, size_t end, size_t each)
{
	size_t first = page / each % 64, left = (end + each - 1) / each - page / each;
	uint64_t bits = UINT64_MAX << first;

	return left < 64 - first ? bits & UINT64_MAX >> (64 - first - left) : bits;
}

static inline size_t next_of(size_t page, size_t each)
{
	return (page / each + 1) * each;
}

static inline size_t lesser(size_t one, size_t other)
{
	return one < other ? one : other;
}

static void raise(_Atomic uint64_t *word, uint64_t bits)
{
	if ((load(word) & bits) != bits)
		atomic_fetch_or_explicit(word, bits, memory_order_relaxed);
}

/* All in one group. */
static void set_group(struct leaf *leaf, size_t page, size_t end)
{
	for (size_t at = page; at < end; at = next_of(at, 64)) {
		uint64_t bits = mask(at, end, 1);

		if (bits == UINT64_MAX)
			atomic_store_explicit(word_of(leaf, at), bits, memory_order_relaxed);
		else
			atomic_fetch_or_explicit(word_of(leaf, at), bits, memory_order_relaxed);
	}
	raise(group_of(leaf, page), mask(page, end, 64));
	raise(set_of(leaf, page), (uint64_t)1 << page / GROUP_PAGES % 64);
}

void dirty_set(size_t page, size_t pages)
{
	size_t end = page + pages, stop;

	/* Of few pages there are often many. */
	if (pages && page / 64 == (end - 1) / 64) {
		struct leaf *leaf = map_leaf(page);

		atomic_fetch_or_explicit(word_of(leaf, page),
					 UINT64_MAX >> (64 - pages) << page % 64,
					 memory_order_relaxed);
		raise(group_of(leaf, page), (uint64_t)1 << page / 64 % 64);
		raise(set_of(leaf, page), (uint64_t)1 << page / GROUP_PAGES % 64);
		return;
	}
	for (; page < end; page = stop) {
		stop = lesser(end, next_of(page, GROUP_PAGES));
		set_group(map_leaf(page), page, stop);
	}
}

/* The next page, before end, of whose group something may be dirty. */
static bool find_group(size_t *page, size_t end)
{
	while (*page < end) {
		struct leaf *leaf = map_leaf(*page);
		size_t group = *page / GROUP_PAGES % 64;
		uint64_t bits = leaf ? load(set_of(leaf, *page)) >> group : 0;

		if (bits & 1)
			return true;
		if (!bits)
			*page = next_of(*page, SET_PAGES);
		else
			*page = (*page / GROUP_PAGES + (size_t)__builtin_ctzll(bits)) * GROUP_PAGES;
	}
	return false;
}

/* All in one group: above, nothing is left of what is the caller's as a whole. */
static void clear_group(struct leaf *leaf, size_t page, size_t end)
{
	_Atomic uint64_t *group = group_of(leaf, page);
	size_t base = page / GROUP_PAGES * GROUP_PAGES;
	uint64_t whole = 0;

	for (uint64_t bits = load(group) & mask(page, end, 64); bits; bits &= bits - 1) {
		size_t at = base + (size_t)__builtin_ctzll(bits) * 64;
		_Atomic uint64_t *word = word_of(leaf, at);

		if (at >= page && at + 64 <= end) {
			atomic_store_explicit(word, 0, memory_order_relaxed);
			whole |= bits & -bits;
		} else if (load(word)) {
			atomic_fetch_and_explicit(word, ~mask(at < page ? page : at, end, 1),
						  memory_order_relaxed);
		}
	}
	if (whole)
		atomic_fetch_and_explicit(group, ~whole, memory_order_relaxed);
	if (base == page && base + GROUP_PAGES == end)
		atomic_fetch_and_explicit(set_of(leaf, page),
					  ~((uint64_t)1 << page / GROUP_PAGES % 64),
					  memory_order_relaxed);
}

void dirty_clear(size_t page, size_t pages)
{
	size_t end = page + pages, stop;

	for (; find_group(&page, end); page = stop) {
		stop = lesser(end, next_of(page, GROUP_PAGES));
		clear_group(map_leaf(page), page, stop);
	}
}

size_t dirty_count(size_t page, size_t pages, size_t limit)
{
	size_t end = page + pages, count = 0, stop;

	for (; count < limit && find_group(&page, end); page = stop) {
		struct leaf *leaf = map_leaf(page);
		uint64_t bits;

		stop = lesser(end, next_of(page, GROUP_PAGES));
		bits = load(group_of(leaf, page)) & mask(page, stop, 64);
		for (; bits && count < limit; bits &= bits - 1) {
			size_t at = page / GROUP_PAGES * GROUP_PAGES +
				    (size_t)__builtin_ctzll(bits) * 64;
			uint64_t word = load(word_of(leaf, at));

			count += (size_t)__builtin_popcountll(word &
							      mask(at < page ? page : at, stop, 1));
		}
	}
	return count;
}

/* The first dirty page at or behind this one; end: there is none. */
static size_t find_dirty(size_t page, size_t end)
{
	size_t stop;

	for (; find_group(&page, end); page = stop) {
		struct leaf *leaf = map_leaf(page);
		uint64_t bits;

		stop = lesser(end, next_of(page, GROUP_PAGES));
		bits = load(group_of(leaf, page)) & mask(page, stop, 64);
		for (; bits; bits &= bits - 1) {
			size_t at = page / GROUP_PAGES * GROUP_PAGES +
				    (size_t)__builtin_ctzll(bits) * 64;
			uint64_t word = load(word_of(leaf, at)) &
					mask(at < page ? page : at, stop, 1);

			if (word)
				return at + (size_t)__builtin_ctzll(word);
		}
	}
	return end;
}

/* The first that is not. */
static size_t find_clean(size_t page, size_t end)
{
	for (; page < end; page = next_of(page, 64)) {
		uint64_t bits = ~load(word_of(map_leaf(page), page)) & UINT64_MAX << page % 64;

		if (bits)
			return lesser(end, page / 64 * 64 + (size_t)__builtin_ctzll(bits));
	}
	return end;
}

size_t dirty_run(size_t *page, size_t end)
{
	uint64_t word;

	if (*page >= end)
		return 0;
	/* Mostly it is near. */
	word = load(word_of(map_leaf(*page), *page)) >> *page % 64;
	if (!word)
		*page = lesser(end, find_dirty(next_of(*page, 64), end));
	else
		*page = lesser(end, *page + (size_t)__builtin_ctzll(word));
	return find_clean(*page, end) - *page;
}
