// SPDX-License-Identifier: MIT
/*
 * What a block should hold. Words at places that a seed chooses: so the model takes a few
 * bytes, and a block of 512 MiB a few pages.
 */
#include <string.h>

#include "fuzz.h"

#define WORD		   sizeof(uint64_t)
#define SPARSE_PLACES	   24
/* What is touched, or looked at, as a whole; seldom also what is so many times larger. */
#define PAGES_MOST	   MIB
#define FULL_MOST	   (16 * KIB)
#define SCAN_MOST	   (512 * KIB)
#define SELDOM		   16
#define CHANCES		   16 /* places that are looked at and should be zero */

/* Where something was written lately: there a block that is not zeroed would show it. */
#define HISTORY 4096
static _Atomic uintptr_t history[HISTORY];
static _Atomic size_t history_count;

static size_t words(const struct block *block)
{
	return (block->extent + WORD - 1) / WORD;
}

static size_t places(const struct block *block)
{
	switch (block->style) {
	case SPARSE:
		return SPARSE_PLACES;
	case PAGES:
		return 2 + block->extent / PAGE;
	case FULL:
		return words(block);
	default:
		return 0;
	}
}

/* Byte offset. The first and the last word are always among them. */
static size_t place(const struct block *block, size_t i)
{
	size_t count = words(block);

	if (block->style == FULL)
		return i * WORD;
	if (i < 2)
		return i ? (count - 1) * WORD : 0;
	if (block->style == PAGES)
		return (i - 2) * PAGE + mix(block->seed, i) % (PAGE / WORD) * WORD;
	return mix(block->seed, i) % count * WORD;
}

static uint64_t value(const struct block *block, size_t offset)
{
	return mix(block->seed + 1, offset);
}

static size_t least(size_t one, size_t other)
{
	return one < other ? one : other;
}

static bool may(const struct block *block, size_t offset, bool write)
{
	uintptr_t at = (uintptr_t)block->at + offset;

	for (size_t i = 0; i < block->change_count; i++) {
		const struct change *change = &block->changes[i];

		if (at + WORD > change->start && at < change->end &&
		    (write || change->kind == NO_ACCESS))
			return false;
	}
	return true;
}

/* Every offset is of a multiple of a word, and the last word may be a part of one. */
static void check_word(const struct block *block, size_t offset, size_t limit)
{
	uint64_t should = value(block, offset), is = 0;
	size_t length = least(WORD, limit - offset);

	if (!may(block, offset, false))
		return;
	if (length == WORD)
		memcpy(&is, block->at + offset, WORD);
	else
		memcpy(&is, block->at + offset, length);
	if (memcmp(&is, &should, length))
		fail("block %p of %zu bytes: at offset %zu stands %016lx, not %016lx",
		     (void *)block->at, block->size, offset, (unsigned long)is,
		     (unsigned long)should);
}

static void check_zero_word(const struct block *block, size_t offset)
{
	uint64_t is, mine = value(block, offset);

	if (offset + WORD > block->extent || offset + WORD > block->size ||
	    !may(block, offset, false))
		return;
	memcpy(&is, block->at + offset, WORD);
	if (is && is != mine)
		fail("block %p of %zu bytes: at offset %zu stands %016lx, not zero",
		     (void *)block->at, block->size, offset, (unsigned long)is);
}

void block_check(const struct block *block, size_t limit)
{
	size_t count = places(block);

	for (size_t i = 0; i < count; i++) {
		size_t offset = place(block, i);

		if (offset < limit && offset < block->extent)
			check_word(block, offset, least(limit, block->extent));
	}
	if (block->is_zeroed && limit >= block->extent)
		for (int i = 0; i < CHANCES; i++)
			check_zero_word(block, below(words(block)) * WORD);
}

static void write_word(const struct block *block, size_t offset, uint64_t what)
{
	if (offset >= block->extent || !may(block, offset, true))
		return;
	if (offset + WORD <= block->extent)
		memcpy(block->at + offset, &what, WORD);
	else
		memcpy(block->at + offset, &what, block->extent - offset);
}

static void write_places(const struct block *block)
{
	size_t count = places(block);

	for (size_t i = 0; i < count; i++) {
		size_t offset = place(block, i);

		write_word(block, offset, value(block, offset));
		if (block->size >= LARGE && i < SPARSE_PLACES)
			atomic_store_explicit(&history[history_count++ % HISTORY],
					      (uintptr_t)block->at + offset,
					      memory_order_relaxed);
	}
}

/* What cannot be written stays, and is what it was: so is the whole pattern then. */
void block_write(struct block *block)
{
	size_t count = places(block), most;

	if (block->change_count)
		return;
	for (size_t i = 0; i < count; i++)
		write_word(block, place(block, i), 0);
	block->seed = next(&me.random);
	most = below(SELDOM) ? PAGES_MOST : SELDOM * PAGES_MOST;
	do
		block->style = (enum style)below(STYLES);
	while ((block->style == PAGES && block->extent > most) ||
	       (block->style == FULL && block->extent > FULL_MOST));
	write_places(block);
}

void block_write_range(struct block *block, uintptr_t start, uintptr_t end)
{
	size_t count = places(block);

	for (size_t i = 0; i < count; i++) {
		size_t offset = place(block, i);
		uintptr_t at = (uintptr_t)block->at + offset;

		if (at + WORD > start && at < end)
			write_word(block, offset, value(block, offset));
	}
}

bool block_is_at(const struct block *block, uintptr_t start, uintptr_t end,
		 const unsigned char *other)
{
	size_t count = places(block);

	for (size_t i = 0; i < count; i++) {
		size_t offset = place(block, i);
		uintptr_t at = (uintptr_t)block->at + offset;
		uint64_t should = value(block, offset);

		if (at >= start && at + WORD <= end && offset + WORD <= block->extent &&
		    may(block, offset, false) && memcmp(other + (at - start), &should, WORD))
			return false;
	}
	return true;
}

void block_add_change(struct block *block, enum change_kind kind, uintptr_t start, uintptr_t end)
{
	/* Without room for it the last one becomes one that holds both. */
	if (block->change_count == CHANGES) {
		struct change *last = &block->changes[CHANGES - 1];

		last->kind = NO_ACCESS;
		last->start = least(last->start, start);
		last->end = last->end > end ? last->end : end;
		return;
	}
	block->changes[block->change_count++] = (struct change){ kind, start, end };
}

static void check_history(const struct block *block)
{
	for (size_t i = 0; i < HISTORY; i++) {
		uintptr_t at = atomic_load_explicit(&history[i], memory_order_relaxed);

		if (at >= (uintptr_t)block->at && at < (uintptr_t)block->at + block->size)
			check_zero_word(block, (at - (uintptr_t)block->at) / WORD * WORD);
	}
}

static void check_all_zero(const struct block *block)
{
	const unsigned char *at = block->at, *end = at + block->size;

	if (!*at && !memcmp(at, at + 1, block->size - 1))
		return;
	while (at < end && !*at)
		at++;
	fail("block %p of %zu bytes is new and not zero at offset %zu", (void *)block->at,
	     block->size, (size_t)(at - block->at));
}

void block_begin(struct block *block, bool zeroed)
{
	block->is_zeroed = zeroed;
	block->style = NOTHING;
	block->seed = next(&me.random);
	look_at(block, zeroed);
	if (zeroed && block->size <= (below(SELDOM) ? SCAN_MOST : SELDOM * SCAN_MOST))
		check_all_zero(block);
	else if (zeroed)
		check_history(block);
	block_check(block, block->extent);
	block_write(block);
}
