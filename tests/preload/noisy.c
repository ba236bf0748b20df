// SPDX-License-Identifier: MIT
/*
 * To be preloaded before an allocator: a dlsym(3) that allocates, which the C library's
 * may do, and each library that stands between. What it gets must be memory, also before
 * the allocator knows who comes after it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *block, size_t size, char value)
{
	for (size_t i = 0; i < size; i++)
		if (block[i] != value)
			abort();
}

static void be_noisy(void)
{
	char *block = malloc(100), *other = calloc(10, 10), *third = NULL;

	if (!block || !other || (uintptr_t)block % 16 || (uintptr_t)other % 16)
		abort();
	check(other, 100, 0);
	if (malloc_usable_size(block) < 100)
		abort();
	memset(block, 3, 100);
	memset(other, 4, 100);
	block = realloc(block, 500);
	if (!block)
		abort();
	check(block, 100, 3);
	check(other, 100, 4);
	block = realloc(block, 10);
	if (!block)
		abort();
	check(block, 10, 3);
	third = realloc(NULL, 20);
	if (!third)
		abort();
	free(third);
	free(other);
	free(block);
	free(NULL);
	if (malloc(SIZE_MAX - 8) || calloc(SIZE_MAX, SIZE_MAX))
		abort();
}

void *dlsym(void *restrict handle, const char *restrict name)
{
	static void *(*real)(void *, const char *);
	static char *kept[3];

	if (!real)
		real = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
	if (!real)
		real = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
	be_noisy();
	/* Freed, or changed, once the allocator knows. */
	if (kept[0]) {
		check(kept[0], 200, 9);
		kept[0] = realloc(kept[0], 300);
		kept[1] = realloc(kept[1], 150);
		if (!kept[0] || !kept[1])
			abort();
		check(kept[0], 200, 9);
		check(kept[1], 150, 9);
		free(kept[0]);
		free(kept[1]);
		free(kept[2]);
	}
	for (int i = 0; i < 3; i++) {
		kept[i] = malloc(200);
		if (!kept[i])
			abort();
		memset(kept[i], 9, 200);
	}
	return real(handle, name);
}
