// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * malloc(3) and its relatives: large blocks are the allocator's, small ones those of
 * the next library that has these functions. Of a call for a small block nothing
 * remains to be done here but a comparison and a jump.
 */
#define _GNU_SOURCE

/* All that these declare is for others. */
#pragma GCC visibility push(default)
#include <malloc.h>
#include <stdlib.h>
#pragma GCC visibility pop
#include <sys/param.h>

#include "perturb.h"
#include "preload.h"
#include "report.h"

/* The loader runs it before the program has begun. */
static __attribute__((constructor)) void begin(void)
{
	next_begin();
	report_begin();
}

/*
 * Whether the allocator is not asked, nor told. While nothing has been looked up, or
 * something is cached, no size is so small.
 */
static inline bool is_small(size_t size)
{
	return __builtin_expect(size < budget_unseen, 1);
}

static __attribute__((noinline)) bool is_small_after_all(size_t size)
{
	if (!next.threshold)
		next_look_up();
	return size < next.threshold || !next.threshold;
}

__attribute__((noinline)) void *preload_large(size_t size, size_t alignment, bool zero)
{
	void *block;

	if (is_small_after_all(size)) {
		budget_small();
		return NULL;
	}
	block = heap_allocate(size, alignment, zero);
	if (block && !zero)
		perturb_fresh(block, bytes_of(pages_for(size)));
	return block;
}

bool preload_lends(void)
{
	int before = errno;
	bool lends = !next.is_bypassed && budget_lend();

	errno = before;
	return lends;
}

/* What the allocator cannot give the next may have yet, and the other way round. */
static __attribute__((noinline)) void *large_malloc(size_t size)
{
	void *block = preload_large(size, 1, false);

	return block ? block : TWICE(next.own.malloc(size));
}

void *preload_malloc(size_t size)
{
	if (is_small(size))
		return next.own.malloc(size);
	return large_malloc(size);
}

void *malloc(size_t size)
{
	return preload_malloc(size);
}

static __attribute__((noinline)) void *large_calloc(size_t count, size_t size)
{
	size_t whole;
	void *block;

	if (__builtin_mul_overflow(count, size, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	block = preload_large(whole, 1, true);
	return block ? block : TWICE(next.own.calloc(count, size));
}

void *calloc(size_t count, size_t size)
{
	size_t whole;

	if (!__builtin_mul_overflow(count, size, &whole) && is_small(whole))
		return next.own.calloc(count, size);
	return large_calloc(count, size);
}

__attribute__((noinline)) void preload_free_large(void *block)
{
	int before = errno;

	heap_free(block, "free");
	errno = before;
}

void preload_free(void *block)
{
	if (__builtin_expect(map_owns(block), 0))
		preload_free_large(block);
	else
		next.own.free(block);
}

void free(void *block)
{
	preload_free(block);
}

/*
 * To another kind of block, or from one that the allocator cannot change. All that may be
 * used of a block counts, for there are programs that use it.
 */
static void *exchange(void *block, size_t usable, size_t size, const struct family *others)
{
	void *other = preload_large(size, 1, false);

	if (!other)
		other = TWICE(others->malloc(size));
	if (!other)
		return NULL;
	memcpy(other, block, MIN(usable, size));
	if (map_owns(block))
		preload_free_large(block);
	else
		others->free(block);
	return other;
}

static void *change_large(void *block, size_t size, const struct family *others)
{
	size_t before = heap_usable(block, "realloc"), after = bytes_of(pages_for(size));
	void *other = is_small_after_all(size) ? NULL :
						 heap_reallocate(block, size, false, "realloc");

	if (!other)
		return exchange(block, before, size, others);
	if (settings.perturb && after > before && !heap_is_changed(other, "realloc"))
		perturb_fresh((char *)other + before, after - before);
	return other;
}

void *preload_realloc(void *block, size_t size, const struct family *others)
{
	bool owns = map_owns(block);
	void *other;

	if (is_small(size) && !owns)
		return others->realloc(block, size);
	if (!block) {
		other = preload_large(size, 1, false);
		return other ? other : TWICE(others->malloc(size));
	}
	/* As the C library does. */
	if (!size) {
		if (owns)
			preload_free_large(block);
		else
			others->free(block);
		return NULL;
	}
	if (owns)
		return change_large(block, size, others);
	if (is_small_after_all(size)) {
		budget_small();
		return TWICE(others->realloc(block, size));
	}
	return exchange(block, next.usable_size(block), size, others);
}

void *realloc(void *block, size_t size)
{
	return preload_realloc(block, size, &next.own);
}

void *reallocarray(void *block, size_t count, size_t size)
{
	size_t whole;

	if (next.is_bypassed && next.reallocarray)
		return next.reallocarray(block, count, size);
	if (__builtin_mul_overflow(count, size, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	return preload_realloc(block, whole, &next.own);
}

static bool is_power(size_t value)
{
	return value && !(value & (value - 1));
}

void *preload_memalign(size_t alignment, size_t size)
{
	/* What the C library makes of other numbers is its own affair. */
	void *block = is_power(alignment) ? preload_large(size, alignment, false) : NULL;

	return block ? block : TWICE(next.own.memalign(alignment, size));
}

void *memalign(size_t alignment, size_t size)
{
	return preload_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	if (next.is_bypassed && next.aligned_alloc)
		return next.aligned_alloc(alignment, size);
	return preload_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	int before = errno;
	void *found;

	if (next.is_bypassed && next.posix_memalign)
		return next.posix_memalign(block, alignment, size);
	if (!is_power(alignment) || alignment % sizeof(void *))
		return EINVAL;
	found = preload_memalign(alignment, size);
	errno = before;
	if (!found)
		return ENOMEM;
	*block = found;
	return 0;
}

void *valloc(size_t size)
{
	if (next.is_bypassed && next.valloc)
		return next.valloc(size);
	return preload_memalign(PAGE, size);
}

void *pvalloc(size_t size)
{
	if (next.is_bypassed && next.pvalloc)
		return next.pvalloc(size);
	if (size > PTRDIFF_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	return preload_memalign(PAGE, bytes_of(pages_for(size)));
}

size_t malloc_usable_size(void *block)
{
	if (!block)
		return 0;
	if (map_owns(block))
		return heap_usable(block, "malloc_usable_size");
	return next.usable_size(block);
}
