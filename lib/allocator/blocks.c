// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* The functions of the library: small blocks and large ones. */
#include "allocator.h"

/*
 * The C library maps blocks of 128 KiB and more each by itself and unmaps them when they
 * are freed: what stands before them could not be looked at again. Less than that, with
 * what small_allocate() adds.
 */
#define LARGE_FROM(threshold) ((threshold) / 2 - 2 * PAGE)

static bool has_large(void)
{
	settings_read();
	/* With other pages all blocks are the C library's, whatever their size. */
	return settings.threshold != SIZE_MAX;
}

static bool wants_large(size_t size, size_t alignment)
{
	return has_large() && (size >= LARGE_FROM(settings.threshold) || alignment >= PAGE);
}

/* Or it points into one, or was one before. */
static bool is_large(const void *block)
{
	return map_owns(block) || (!((uintptr_t)block & (PAGE - 1)) && has_large());
}

static void *refuse(int err)
{
	errno = err;
	return NULL;
}

void *tamalloc_aligned(size_t alignment, size_t size)
{
	if (!alignment || alignment & (alignment - 1))
		return refuse(EINVAL);
	if (wants_large(size, alignment))
		return heap_allocate(size, alignment, true);
	return small_allocate(size, alignment);
}

void *tamalloc(size_t size)
{
	return tamalloc_aligned(1, size);
}

void tamfree(void *block)
{
	int before = errno;

	if (!block)
		return;
	if (is_large(block))
		heap_free(block, "tamfree");
	else
		small_free(block, "tamfree");
	errno = before;
}

/* To another kind of block. */
static void *change(void *block, size_t before, size_t size)
{
	void *other = tamalloc(size);

	if (!other)
		return NULL;
	memcpy(other, block, before < size ? before : size);
	tamfree(block);
	return other;
}

void *tamrealloc(void *block, size_t size)
{
	size_t before;

	if (!block)
		return tamalloc(size);
	if (is_large(block)) {
		before = heap_size(block, "tamrealloc");
		if (wants_large(size, 1))
			return heap_reallocate(block, size, true, "tamrealloc");
	} else {
		before = small_size(block, "tamrealloc");
	}
	return change(block, before, size);
}

size_t tamalloc_usable_size(void *block)
{
	if (!block)
		return 0;
	if (is_large(block))
		return heap_usable(block, "tamalloc_usable_size");
	return small_size(block, "tamalloc_usable_size");
}

void tamalloc_reset(void *block)
{
	int before = errno;

	if (!block)
		return;
	if (is_large(block))
		heap_reset(block, "tamalloc_reset");
	else
		memset(block, 0, small_size(block, "tamalloc_reset"));
	errno = before;
}

size_t tamalloc_committed(void *block)
{
	if (!block)
		return 0;
	if (is_large(block))
		return heap_committed(block, "tamalloc_committed");
	return small_size(block, "tamalloc_committed");
}

size_t tamalloc_trim(void)
{
	size_t cached;

	heap_lock();
	cached = bytes_of(spans.cached);
	budget_trim();
	heap_unlock();
	return cached;
}

int tamalloc_statistics(struct tamalloc_statistics *record, size_t size)
{
	struct tamalloc_statistics statistics;

	if (record_is_bad(size, STATISTICS_SIZE_FIRST))
		return -EINVAL;
	heap_statistics(&statistics);
	record_copy(record, size, &statistics, sizeof(statistics));
	return 0;
}
