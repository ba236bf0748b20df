// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Blocks that change while they live. */
#include "allocator.h"

/* Made of whole chunks: these can be moved, and leave no more mappings than there are chunks. */
static bool is_whole(const struct span *block)
{
	return !(block->page % CHUNK_PAGES) && !(block->pages % CHUNK_PAGES);
}

/* What a block would take if it had so many pages; whole blocks stay so. */
static size_t span_pages(const struct span *block, size_t used)
{
	if (is_whole(block))
		return whole_chunks(used);
	return heap_span_pages(used);
}

/* The block has fewer pages now: what is behind them reads as zero later. */
static void shrink(struct span *block, size_t used, size_t used_before)
{
	size_t need = span_pages(block, used);

	if (memory_drop(block->page + used, used_before - used))
		memset(address_of(block->page + used), 0, bytes_of(used_before - used));
	if (need < block->pages && huge_is_asked(block))
		huge_refuse(block->page + need, block->pages - need);
	heap_lock();
	if (need < block->pages && spans_ready()) {
		struct span *rest = spans_split(block, block->page + need);

		rest->dirty = 0;
		huge_shorten(block);
		spans_free(rest, now_milliseconds());
		budget_settle();
	}
	heap_unlock();
}

/*
 * Takes what the block needs from the free span behind it. Under the lock. Pages that were
 * moved do not become one mapping with those behind them: such a block moves again.
 */
static bool extend(struct span *block, size_t need, size_t *dirty)
{
	struct span *behind = block->after;
	size_t more = need - block->pages;

	if (block->is_moved || !behind || behind->state != SPAN_FREE || behind->pages < more ||
	    !spans_ready())
		return false;
	spans_take(behind);
	*dirty = behind->dirty;
	if (behind->pages > more) {
		struct span *rest = spans_split(behind, behind->page + more);

		rest->dirty = dirty_count(rest->page, rest->pages, *dirty);
		*dirty -= rest->dirty;
		spans_free(rest, rest->when);
	}
	behind->dirty = 0;
	spans_merge(block, behind);
	return true;
}

/* Copies what was touched of the pages at from; what was not is zero at to already. */
static void copy_touched(size_t to, size_t from, size_t pages)
{
	size_t page = from, end = from + pages, run;

	for (; (run = dirty_run(&page, end)); page += run)
		memcpy(address_of(to + page - from), address_of(page), bytes_of(run));
}

/*
 * To a block elsewhere; NULL: there is none. What may be used of a block counts, for
 * there are programs that use it. What the program has mapped over a block was never touched,
 * and is not zero.
 */
static void *copy(struct span *block, size_t size, bool zero, const char *function)
{
	size_t pages = pages_for(block->size), common = pages_for(size);
	void *from = address_of(block->page), *to;
	struct touched touched;
	bool is_sparse = !(block->changes & CHANGE_MAPPING) &&
			 !touched_mark_live(block->page, pages, &touched) &&
			 (zero || touched.pages < pages / 2);

	if (common > pages)
		common = pages;
	if (!settings.audit && (is_whole(block) || pages_for(size) >= CHUNK_PAGES))
		to = heap_allocate_whole(size, false);
	else
		to = heap_allocate(size, PAGE, zero || is_sparse);
	if (to && is_sparse)
		copy_touched(page_of(to), block->page, common);
	else if (to)
		memcpy(to, from, bytes_of(common));
	dirty_clear(block->page, pages);
	if (to)
		heap_free(from, function);
	return to;
}

/* Moves that are not tried after one that failed, for each loses address space. */
#define PAUSE 1024

/*
 * The pages of whole chunks are moved: all of them, or none. The kernel takes the other
 * block's mapping away before it looks whether it can do that; so it is asked first. It
 * fails nevertheless where there are nearly as many mappings as there may be.
 */
static void *move(struct span *block, size_t size, bool zero, const char *function)
{
	static _Atomic unsigned int pause;
	unsigned int wait = atomic_load_explicit(&pause, memory_order_relaxed);
	void *to;

	if (wait)
		atomic_store_explicit(&pause, wait - 1, memory_order_relaxed);
	if (wait || settings.audit || !is_whole(block) || block->changes & CHANGE_MAPPING ||
	    whole_chunks(pages_for(size)) <= block->pages ||
	    !memory_is_movable(block->page, block->pages))
		return copy(block, size, zero, function);
	to = heap_allocate_whole(size, true);
	if (!to)
		return NULL;
	if (heap_move(block, to))
		return to;
	atomic_store_explicit(&pause, PAUSE, memory_order_relaxed);
	return copy(block, size, zero, function);
}

void *heap_reallocate(void *address, size_t size, bool zero, const char *function)
{
	size_t before, used, used_before, need, dirty = 0, slack;
	struct span *block;
	bool fits;

	if (size > HEAP_TOO_LARGE) {
		errno = ENOMEM;
		return NULL;
	}
	used = pages_for(size);

	heap_lock();
	block = heap_block(address, function);
	need = span_pages(block, used);
	before = block->size;
	used_before = pages_for(before);
	/* Where wrong uses are to fault, the former address is one when the block has another. */
	fits = !settings.audit && (need <= block->pages || extend(block, need, &dirty));
	if (fits)
		budget_resize(block, size);
	heap_unlock();
	if (!fits) {
		address = move(block, size, zero, function);
		if (!address)
			return NULL;
	} else if (used < used_before && !(block->changes & CHANGE_MAPPING)) {
		shrink(block, used, used_before);
	}
	if (dirty) {
		slack = dirty_count(block->page + used, need - used, dirty);
		heap_drop(block->page + used, need - used, slack);
		heap_clean(block->page + used_before, used - used_before, dirty - slack, zero);
	}
	if (used > used_before)
		locked_bring_in(page_of(address), used);
	/* The rest of what was its last page may have been written to. */
	if (zero && size > before)
		memset((char *)address + before, 0,
		       (size < bytes_of(used_before) ? size : bytes_of(used_before)) - before);
	return address;
}

void heap_reset(void *address, const char *function)
{
	struct span *block;
	size_t dirty, used;
	bool is_huge;

	heap_lock();
	block = heap_block(address, function);
	used = pages_for(block->size);
	if (block->changes & CHANGE_MAPPING) {
		heap_unlock();
		if (memory_renew(block->page, used))
			memset(address, 0, bytes_of(used));
		return;
	}
	is_huge = huge_is_asked(block);
	dirty = heap_retire(block, is_huge);
	block->dirty = dirty;
	block->zeroed = true;
	/* What it is used for next is not known. */
	is_huge = is_huge && dirty < used && huge_end(block);
	heap_unlock();
	if (is_huge)
		huge_refuse(block->page, block->pages);
	heap_clean(block->page, used, dirty, true);
	locked_bring_in(block->page, used);
}
