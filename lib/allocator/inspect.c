// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#include "allocator.h"

size_t heap_size(void *address, const char *function)
{
	size_t size;

	heap_lock();
	size = heap_block(address, function)->size;
	heap_unlock();
	return size;
}

size_t heap_usable(void *address, const char *function)
{
	return bytes_of(pages_for(heap_size(address, function)));
}

size_t heap_committed(void *address, const char *function)
{
	size_t pages = pages_for(heap_size(address, function));
	struct touched touched;

	/* What cannot be seen may be all of it. */
	return bytes_of(touched_count(page_of(address), pages, &touched) ? pages : touched.pages);
}

struct heap_sizes heap_sizes(void)
{
	struct heap_sizes sizes = { 0 };

	heap_lock();
	for (struct span *span = spans.every; span; span = span->every_next)
		if (span->state == SPAN_LIVE) {
			sizes.blocks++;
			sizes.live += bytes_of(pages_for(span->size));
		}
	sizes.cached = bytes_of(spans.cached);
	heap_unlock();
	return sizes;
}

void heap_statistics(struct tamalloc_statistics *statistics)
{
	struct touched touched;
	size_t committed = 0;

	heap_lock();
	for (struct span *span = spans.every; span; span = span->every_next) {
		size_t pages = pages_for(span->size);

		if (span->state == SPAN_LIVE)
			committed += touched_count(span->page, pages, &touched) ? pages :
										 touched.pages;
	}
	*statistics = (struct tamalloc_statistics){
		.reserved = bytes_of(spans.reserved),
		.committed = bytes_of(committed),
		.cached = bytes_of(spans.cached),
		.blocks = heap.blocks,
		.handed_out = heap.counts.blocks,
		.allocated = heap.counts.allocated,
		.zeroed = heap.counts.zeroed,
		.zeroed_nothing = heap.counts.untouched,
		.zeroed_touched = heap.counts.touched,
		.zeroed_whole = heap.counts.whole,
		.kept = heap.counts.kept,
		.dropped = heap.counts.dropped,
		.dropped_bytes = heap.counts.dropped_bytes,
		.released_bytes = heap.counts.released_bytes,
	};
	heap_unlock();
}
