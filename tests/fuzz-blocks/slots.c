// SPDX-License-Identifier: MIT
/* The blocks that are live, and the calls that make them and end them. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

struct slot slots[SLOTS];

bool slot_take(struct slot *slot)
{
	return !atomic_exchange_explicit(&slot->is_taken, true, memory_order_acquire);
}

void slot_give(struct slot *slot)
{
	atomic_store_explicit(&slot->is_taken, false, memory_order_release);
}

size_t slots_live(void)
{
	size_t live = 0;

	for (int i = 0; i < SLOTS; i++)
		live += __atomic_load_n(&slots[i].block.size, __ATOMIC_RELAXED);
	return live;
}

/* Where something else begins: the threshold, chunks, whole chunks, the C library's own. */
static const size_t borders[] = {
	64 * KIB, 128 * KIB, LARGE, LARGE, 512 * KIB, MIB, 2 * MIB, 2 * MIB, 4 * MIB, 8 * MIB,
	16 * MIB, 32 * MIB, 32 * MIB, 64 * MIB, 128 * MIB, 256 * MIB, 512 * MIB,
};

static size_t random_border(void)
{
	size_t border = borders[below(sizeof(borders) / sizeof(borders[0]))];

	/* The larger, the more seldom: each byte may have to be copied. */
	while (border > 2 * MIB && below(6))
		border /= 2;
	switch (below(6)) {
	case 0:
		return border;
	case 1:
		return border + 1;
	case 2:
		return border - 1;
	case 3:
		return border - PAGE;
	case 4:
		return border + PAGE + below(PAGE);
	default:
		return border + below(border);
	}
}

/* Of each order of magnitude as many. */
static size_t random_power(void)
{
	size_t power = (size_t)1 << below(24);

	return power + below(power);
}

#define FAILING_MOST (64 * MIB)

static size_t random_size(void)
{
	size_t most = options.most, live = slots_live();
	size_t size = below(3) ? random_border() : random_power();

	if (me.may_fail && most > FAILING_MOST)
		most = FAILING_MOST;
	if (live > LIVE_MOST)
		most = MIB;
	else if (most > LIVE_MOST - live + MIB)
		most = LIVE_MOST - live + MIB;
	if (size > most)
		size = most - below(most / 2);
	return size < options.least ? options.least + below(PAGE) : size;
}

/* Half of the programs use what they may, the others what they asked for. */
static void measure(struct block *block, size_t size, bool uses_all)
{
	size_t usable;

	me.in_call = true;
	usable = malloc_usable_size(block->at);
	me.in_call = false;
	if (usable < size)
		fail("block %p of %zu bytes: %zu are usable", (void *)block->at, size, usable);
	block->size = size;
	block->extent = uses_all ? usable : size;
}

static void *allocate_aligned(size_t alignment, size_t size)
{
	void *found = NULL;

	switch (below(3)) {
	case 0:
		return posix_memalign(&found, alignment, size) ? NULL : found;
	case 1:
		return memalign(alignment, size);
	default:
		return aligned_alloc(alignment, size);
	}
}

static void *allocate(size_t *size, size_t *alignment, bool *zeroed)
{
	size_t how = below(8), parts;
	void *found;

	*zeroed = false;
	*alignment = *size < 16 ? 8 : 16;
	if (how < 3 || (how > 5 && !options.has[how == 6 ? ALIGN : RESIZE])) {
		doing(ALLOCATING);
		me.in_call = true;
		found = malloc(*size);
	} else if (how < 6) {
		doing(ZERO_ALLOCATING);
		*zeroed = true;
		parts = below(4) ? 1 : 1 + below(100);
		*size = (*size + parts - 1) / parts * parts;
		me.in_call = true;
		found = calloc(parts, *size / parts);
	} else if (how == 6) {
		doing(ALIGNING);
		*alignment = (size_t)8 << below(21);
		me.in_call = true;
		found = allocate_aligned(*alignment, *size);
	} else {
		doing(RESIZING);
		me.in_call = true;
		found = realloc(NULL, *size);
	}
	me.in_call = false;
	return found;
}

void slot_allocate(struct slot *slot)
{
	size_t size = random_size(), alignment;
	struct block block = { 0 };
	bool zeroed;

	block.at = allocate(&size, &alignment, &zeroed);
	if (!block.at) {
		if (!me.may_fail)
			fail("%zu bytes are not to be had", size);
		atomic_fetch_add_explicit(&progress->refused, 1, memory_order_relaxed);
		return;
	}
	if ((uintptr_t)block.at % alignment)
		fail("block %p of %zu bytes should be aligned to %zu", (void *)block.at, size,
		     alignment);
	measure(&block, size, below(2));
	block_begin(&block, zeroed);
	slot->block = block;
	slot_check_file(slot);
}

/* All pages of what is locked are in memory. */
#define LOCKED_MOST (8 * MIB)

static bool resize(struct slot *slot, size_t size)
{
	struct block *block = &slot->block;
	unsigned char *other;
	size_t common;

	doing(RESIZING);
	/* If it gets another address, the file stays as it is now. */
	if (slot->keeps_file)
		slot->file_block = *block;
	me.in_call = true;
	other = realloc(block->at, size);
	me.in_call = false;
	if (!other) {
		if (!me.may_fail)
			fail("block %p of %zu bytes cannot have %zu", (void *)block->at,
			     block->size, size);
		atomic_fetch_add_explicit(&progress->refused, 1, memory_order_relaxed);
		block_check(block, block->extent);
		return false;
	}
	common = size < block->extent ? size : block->extent;
	if (slot->keeps_file && other != block->at)
		slot_leave_file(slot, other, common);
	block->at = other;
	block_check(block, common);
	/* What it is now, there and elsewhere, is no matter of what it was. */
	block->is_zeroed = false;
	block->style = NOTHING;
	measure(block, size, below(2));
	block_write(block);
	return true;
}

/* As vectors do: what is in it is mostly little, so the address space may be much. */
static void grow(struct slot *slot)
{
	struct block *block = &slot->block;
	/* Where a filter refuses each move, all is copied, and in memory then. */
	size_t most = me.may_fail && !me.is_short ? FAILING_MOST : options.most;

	for (size_t steps = 1 + below(10); steps; steps--) {
		size_t size = block->size + block->size / 2 + 1;

		if (size > most || slots_live() + size > 2 * LIVE_MOST ||
		    (block->is_locked && size > LOCKED_MOST) || !resize(slot, size))
			break;
		block_check(block, block->extent);
	}
}

void slot_resize(struct slot *slot)
{
	struct block *block = &slot->block;
	size_t size = random_size();

	block_check(block, block->extent);
	if (!block_restore(block))
		return;
	if (block->is_locked && size > LOCKED_MOST)
		size = LOCKED_MOST;
	if (size < block->kept)
		size = block->kept;
	if (block->size >= LARGE / 2 && below(2))
		grow(slot);
	else
		resize(slot, size);
}

void slot_free(struct slot *slot)
{
	struct block *block = &slot->block;

	block_check(block, block->extent);
	doing(FREEING);
	if (slot->keeps_file) {
		slot->file_block = *block;
		slot_leave_file(slot, NULL, 0);
	}
	me.in_call = true;
	errno = 4711;
	free(block->at);
	if (errno != 4711)
		fail("free() has changed errno to %d", errno);
	me.in_call = false;
	*block = (struct block){ 0 };
}
