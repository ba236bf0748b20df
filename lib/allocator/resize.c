// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* Blocks that change while they live. */
#include "allocator.h"

/* The block has fewer pages now: what is behind them reads as zero later. */
static void shrink(struct span *block, size_t used, size_t used_before)
{
	size_t need = heap_span_pages(used);

	if (used < used_before && memory_drop(block->page + used, used_before - used))
		memset(address_of(block->page + used), 0, bytes_of(used_before - used));
	heap_lock();
	if (need < block->pages && spans_ready()) {
		struct span *rest = spans_split(block, block->page + need);

		rest->dirty = 0;
		spans_free(rest, now_milliseconds());
		budget_settle();
	}
	heap_unlock();
}

/* Takes what the block needs from the free span behind it. Under the lock. */
static bool extend(struct span *block, size_t need, size_t *dirty)
{
	struct span *behind = block->after;
	size_t more = need - block->pages;

	if (!behind || behind->state != SPAN_FREE || behind->pages < more || !spans_ready())
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

/* Moving pages is cheaper than copying them to others that have to be had first. */
static void *move(void *from, size_t before, size_t size, bool zero, const char *function)
{
	void *to = heap_allocate_clean(size, zero);

	if (!to)
		return NULL;
	if (!memory_move(page_of(to), page_of(from), pages_for(before))) {
		heap_free_moved(from, function);
	} else {
		memcpy(to, from, before);
		heap_free(from, function);
	}
	return to;
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
	need = heap_span_pages(used);

	heap_lock();
	block = heap_block(address, function);
	before = block->size;
	used_before = pages_for(before);
	fits = need <= block->pages || extend(block, need, &dirty);
	if (fits)
		block->size = size ? size : 1;
	heap_unlock();
	if (!fits) {
		address = move(address, before, size, zero, function);
		if (!address)
			return NULL;
	} else if (used < used_before || need < block->pages) {
		shrink(block, used, used_before);
	}
	if (dirty) {
		slack = dirty_count(block->page + used, need - used, dirty);
		heap_drop(block->page + used, need - used, slack);
		heap_clean(block->page + used_before, used - used_before, dirty - slack, zero);
	}
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

	heap_lock();
	block = heap_block(address, function);
	used = pages_for(block->size);
	dirty = heap_retire(block);
	block->dirty = dirty;
	block->zeroed = true;
	heap_unlock();
	heap_clean(block->page, used, dirty, true);
}
