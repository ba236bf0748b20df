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
	struct heap_sizes sizes;

	heap_lock();
	sizes = (struct heap_sizes){
		.blocks = heap.blocks,
		.live = bytes_of(heap.used),
		.cached = bytes_of(spans.cached),
	};
	heap_unlock();
	return sizes;
}

/* Blocks that are looked at between two holds of the lock. */
#define BATCH 64

struct extent {
	size_t page, pages;
};

/* Live blocks from a page on, and how many. *page is where the next ones are. */
static size_t some_blocks(size_t *page, struct extent *blocks)
{
	size_t count = 0;

	heap_lock();
	while (count < BATCH) {
		struct span *block = map_block_from(*page);

		if (!block)
			break;
		*page = block->page + 1;
		if (block->state == SPAN_LIVE)
			blocks[count++] = (struct extent){ block->page, pages_for(block->size) };
	}
	heap_unlock();
	return count;
}

/*
 * The kernel is asked without the lock: nobody waits for that. A block that is freed
 * meanwhile counts with what is found where it was.
 */
static size_t committed_pages(void)
{
	struct extent blocks[BATCH];
	struct touched touched;
	size_t page = 0, sum = 0, count;

	while ((count = some_blocks(&page, blocks)))
		for (size_t i = 0; i < count; i++)
			sum += touched_count(blocks[i].page, blocks[i].pages, &touched) ?
				       blocks[i].pages : touched.pages;
	return sum;
}

void heap_statistics(struct tamalloc_statistics *statistics)
{
	size_t committed = committed_pages();

	heap_lock();
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
