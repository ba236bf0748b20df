// SPDX-License-Identifier: MIT
/*
 * An allocator that makes a mistake now and then, which FAULT names: so that the fuzzer of
 * blocks shows that it sees it. To be preloaded.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE  ((size_t)4096)
#define LARGE ((size_t)256 << 10)
#define SELDOM 20

/* Each so many times; and only large blocks have a fault. */
static bool is_turn(const char *fault, size_t size)
{
	static _Atomic unsigned int turns;
	const char *wanted = getenv("FAULT");

	return size >= LARGE && wanted && !strcmp(wanted, fault) && turns++ % SELDOM == SELDOM - 1;
}

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* A whole page in the midst. */
static char *middle(void *block, size_t size)
{
	return (char *)(((uintptr_t)block + size / 2) & ~(PAGE - 1));
}

static void spoil(void *block, size_t size)
{
	char *page = middle(block, size);

	if (is_turn("read-only", size))
		mprotect(page, PAGE, PROT_READ);
	if (is_turn("hole", size))
		munmap(page, PAGE);
	if (is_turn("guard", size))
		madvise(page, PAGE, 102);
	if (is_turn("file", size))
		mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
		     memfd_create("faulty", 0), 0);
	if (is_turn("fork", size))
		madvise(page, 32 * PAGE, MADV_WIPEONFORK);
	if (is_turn("lock", size))
		mlock(page, PAGE);
}

void *malloc(size_t size)
{
	void *block = ((void *(*)(size_t))next("malloc"))(size);
	static char *last;
	static size_t last_size;

	if (block && size >= LARGE) {
		/* Somebody else writes into a block that is live. */
		if (is_turn("stray", size))
			memset(block, 0x55, size);
		spoil(block, size);
		if (is_turn("twice", size) && last && last_size >= size)
			return last;
		last = block;
		last_size = size;
	}
	return block;
}

void *calloc(size_t count, size_t size)
{
	char *block = ((void *(*)(size_t, size_t))next("calloc"))(count, size);

	if (block && is_turn("not-zero", count * size))
		block[count * size / 3] = 1;
	return block;
}

void *realloc(void *block, size_t size)
{
	size_t before = block ? malloc_usable_size(block) : 0;
	char *other = ((void *(*)(void *, size_t))next("realloc"))(block, size);

	if (other && before > PAGE && is_turn("lost-page", before < size ? before : size))
		memset(other, 0, PAGE);
	if (other && before < size && is_turn("lost-end", before))
		memset(other + before - 8, 0, 8);
	return other;
}

void free(void *block)
{
	size_t size = block ? malloc_usable_size(block) : 0;

	if (is_turn("abort", size))
		abort();
	((void (*)(void *))next("free"))(block);
	if (is_turn("errno", size))
		errno = 1;
}
