// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What dlsym(3) asks for while we ask it for the next library's functions, and what becomes
 * of these blocks later. Never freed, and never much.
 */
#include <sys/param.h>

#include "early.h"

static struct {
	_Alignas(16) char memory[32768];
	size_t used;
} early;

static bool is_early(const void *block)
{
	return (uintptr_t)block - (uintptr_t)early.memory < sizeof(early.memory);
}

void *early_malloc(size_t size)
{
	/* The size stands before the block. */
	size_t room = (size + 31) & ~(size_t)15;
	char *block = early.memory + early.used + 16;

	if (size > sizeof(early.memory) || room > sizeof(early.memory) - early.used)
		return NULL;
	early.used += room;
	*((size_t *)block - 1) = size;
	return block;
}

void *early_calloc(size_t count, size_t size)
{
	size_t whole;

	return __builtin_mul_overflow(count, size, &whole) ? NULL : early_malloc(whole);
}

static void *copy(void *other, void *block, size_t size)
{
	if (other)
		memcpy(other, block, MIN(size, early_usable_size(block)));
	return other;
}

void *early_realloc(void *block, size_t size)
{
	void *other = early_malloc(size);

	return block ? copy(other, block, size) : other;
}

void *early_memalign(size_t alignment, size_t size)
{
	(void)alignment;
	return early_malloc(size);
}

void early_free(void *block)
{
	(void)block;
}

size_t early_usable_size(void *block)
{
	return *((size_t *)block - 1);
}

static void *later_realloc(void *block, size_t size)
{
	if (!is_early(block))
		return next.behind.realloc(block, size);
	return copy(next.behind.malloc(size), block, size);
}

static void later_free(void *block)
{
	if (!is_early(block))
		next.behind.free(block);
}

static size_t later_usable_size(void *block)
{
	return is_early(block) ? early_usable_size(block) : next.usable_size_behind(block);
}

/* Where there are no such blocks, and dlsym(3) mostly needs none, nobody has to look. */
void early_end(void)
{
	if (!early.used)
		return;
	next.own.realloc = later_realloc;
	next.own.free = later_free;
	next.usable_size = later_usable_size;
}
