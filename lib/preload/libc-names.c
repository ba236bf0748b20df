// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Names that the C library has for these functions besides the usual ones. Who calls them
 * means its own, behind whatever stands in front of malloc(3): so small blocks go there.
 * But large ones come from here and from malloc(3) alike, and either takes them back.
 */
#define _GNU_SOURCE
#include "preload.h"

PUBLIC void *__libc_malloc(size_t size);
PUBLIC void *__libc_calloc(size_t count, size_t size);
PUBLIC void *__libc_realloc(void *block, size_t size);
PUBLIC void *__libc_memalign(size_t alignment, size_t size);
PUBLIC void *__libc_valloc(size_t size);
PUBLIC void *__libc_pvalloc(size_t size);
PUBLIC void __libc_free(void *block);
PUBLIC void cfree(void *block);

void *__libc_malloc(size_t size)
{
	void *block = size < next.threshold ? NULL : preload_large(size, 1, false);

	return block ? block : TWICE(next.libc.malloc(size));
}

void *__libc_calloc(size_t count, size_t size)
{
	size_t whole;
	void *block = NULL;

	if (!__builtin_mul_overflow(count, size, &whole) && whole >= next.threshold)
		block = preload_large(whole, 1, true);
	return block ? block : TWICE(next.libc.calloc(count, size));
}

void *__libc_realloc(void *block, size_t size)
{
	return preload_realloc(block, size, &next.libc);
}

static void *allocate_aligned(size_t alignment, size_t size)
{
	void *block = NULL;

	if (alignment && !(alignment & (alignment - 1)))
		block = preload_large(size, alignment, false);
	return block ? block : TWICE(next.libc.memalign(alignment, size));
}

void *__libc_memalign(size_t alignment, size_t size)
{
	return allocate_aligned(alignment, size);
}

void *__libc_valloc(size_t size)
{
	return allocate_aligned(PAGE, size);
}

void *__libc_pvalloc(size_t size)
{
	if (size > PTRDIFF_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	return allocate_aligned(PAGE, bytes_of(pages_for(size)));
}

void __libc_free(void *block)
{
	if (map_owns(block))
		preload_free_large(block);
	else
		next.libc.free(block);
}

/* The C library has had it for old programs only, and for these it is free(3). */
void cfree(void *block)
{
	preload_free(block);
}
