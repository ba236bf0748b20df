// SPDX-License-Identifier: MIT
/*
 * Every function of malloc(3), as a program uses it that knows of no allocator but the C
 * library's. What depends on which one it is, is an argument: "ours" where large blocks
 * are those of libtamalloc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "need.h"

#define PAGE  4096
#define LARGE ((size_t)1 << 18)
#define MIB   ((size_t)1 << 20)

/* Out of the compiler's sight: it knows what malloc() does and may leave it out. */
static void *volatile hidden;

static void *hide(void *pointer)
{
	hidden = pointer;
	return hidden;
}

static size_t volatile huge = SIZE_MAX;

static bool is_all(const unsigned char *bytes, size_t count, unsigned char value)
{
	return !count || (bytes[0] == value && !memcmp(bytes, bytes + 1, count - 1));
}

static void use_calloc(void)
{
	/* Dirty before. */
	for (int round = 0; round < 9; round++)
		for (size_t size = 1; size < 20 * MIB; size = size * 3 + 1) {
			unsigned char *block = hide(calloc(1, size));

			NEED(block && is_all(block, size, 0));
			memset(block, 0xee, size / (round % 3 + 1));
			free(block);
			block = hide(malloc(size));
			NEED(block);
			memset(block, 0xdd, size);
			free(block);
		}
	errno = 0;
	NEED(!hide(calloc(huge, 2)) && errno == ENOMEM);
	errno = 0;
	NEED(!hide(calloc(huge / 2 + 2, 2)) && errno == ENOMEM);
	errno = 0;
	NEED(!hide(malloc(huge - 100)) && errno == ENOMEM);
	errno = 0;
	NEED(!hide(malloc(huge / 2 - MIB)) && errno == ENOMEM);
}

/* Over the border between small and large, both ways; what was usable is kept. */
static void use_realloc(void)
{
	static const size_t sizes[] = { 100, LARGE - 1, LARGE, 300000, 200, 5 * MIB, LARGE + 1,
					40 * MIB, 90 * MIB, 10, LARGE, 3 * LARGE };
	unsigned char *block = NULL, *others[12];
	size_t before = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t common = before < sizes[i] ? before : sizes[i];

		block = hide(realloc(block, sizes[i]));
		NEED(block && is_all(block, common, 0x41));
		before = malloc_usable_size(block);
		NEED(before >= sizes[i]);
		memset(block, 0x41, before);
		/* So that it has to move the next time. */
		others[i] = hide(malloc(sizes[i]));
		NEED(others[i]);
		memset(others[i], 0x42, sizes[i]);
	}
	errno = 0;
	NEED(!hide(realloc(block, huge - PAGE)) && errno == ENOMEM);
	NEED(is_all(block, before, 0x41));
	errno = 0;
	NEED(!hide(reallocarray(block, huge / 2, 3)) && errno == ENOMEM);
	NEED(is_all(block, before, 0x41));
	block = hide(reallocarray(block, 1024, 1024));
	NEED(block && is_all(block, before < MIB ? before : MIB, 0x41));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		NEED(is_all(others[i], sizes[i], 0x42));
		free(others[i]);
	}
	free(block);
}

/* As the C library does: the block is freed. */
static void use_realloc_of_nothing(void)
{
	void *block = hide(malloc(MIB));

	NEED(!hide(realloc(block, 0)));
	block = hide(realloc(NULL, 0));
	NEED(block);
	free(block);
	block = hide(realloc(NULL, MIB));
	NEED(block);
	free(block);
}

static void use_alignments(void)
{
	static const size_t sizes[] = { 0, 1, 100, 5000, LARGE - 1, LARGE, MIB + 5, 5 * MIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i];
		void *block;

		for (size_t alignment = sizeof(void *); alignment <= 8 * MIB; alignment *= 2) {
			block = NULL;
			errno = 4711;
			NEED(!posix_memalign(&block, alignment, size) && errno == 4711);
			NEED(hide(block) && !((uintptr_t)block % alignment));
			NEED(malloc_usable_size(block) >= size);
			memset(block, 1, size);
			free(block);
			block = hide(aligned_alloc(alignment, size));
			NEED(block && !((uintptr_t)block % alignment));
			memset(block, 1, size);
			/* Small or large, it is a block like any other. */
			block = hide(realloc(block, size + MIB));
			NEED(block && is_all(block, size, 1));
			free(block);
			block = hide(memalign(alignment, size));
			NEED(block && !((uintptr_t)block % alignment));
			free(block);
		}
		block = &block;
		NEED(posix_memalign(&block, 3 * sizeof(void *), size) == EINVAL);
		NEED(posix_memalign(&block, 0, size) == EINVAL);
		NEED(posix_memalign(&block, 2, size) == EINVAL);
		NEED(block == &block);
		block = hide(valloc(size));
		NEED(block && !((uintptr_t)block % PAGE));
		free(block);
		block = hide(pvalloc(size));
		NEED(block && !((uintptr_t)block % PAGE));
		NEED(malloc_usable_size(block) >= (size + PAGE - 1) / PAGE * PAGE);
		free(block);
	}
	NEED(posix_memalign((void **)&hidden, 64, huge - PAGE) == ENOMEM);
	errno = 0;
	NEED(!hide(memalign(PAGE, huge - 2 * PAGE)) && errno == ENOMEM);
	NEED(!hide(valloc(huge - 10)));
	NEED(!hide(pvalloc(huge - 10)));
	NEED(!hide(pvalloc(huge / 2 + 1)));
}

static void use_errno(void)
{
	for (int round = 0; round < 10; round++) {
		void *block = hide(malloc(round % 2 ? 5 * MIB : 100));

		memset(block, 1, 100);
		errno = 4711;
		free(block);
		NEED(errno == 4711);
		free(NULL);
		NEED(errno == 4711);
	}
	NEED(malloc_usable_size(NULL) == 0);
}

/* Large blocks begin a page, and end one: that of other allocators is not so for sure. */
static void be_ours(void)
{
	for (size_t size = LARGE; size < LARGE + 100; size += 7) {
		void *block = hide(malloc(size));

		NEED(!((uintptr_t)block % PAGE));
		NEED(malloc_usable_size(block) == (size + PAGE - 1) / PAGE * PAGE);
		free(block);
	}
}

/* Several threads, which free what others have, while the program forks. */
static void *_Atomic shared[64];

static void *work(void *seed)
{
	unsigned int state = (unsigned int)(uintptr_t)seed;

	for (int turn = 0; turn < 1000; turn++) {
		unsigned int place = (unsigned int)rand_r(&state) % 64;
		size_t size = (size_t)rand_r(&state) % (turn % 4 ? 2000 : 2 * MIB);
		unsigned char *block = calloc(1, size), *before;

		NEED(block && is_all(block, size, 0));
		if (turn % 3 == 0) {
			block = realloc(block, size * 2 + 1);
			NEED(block && is_all(block, size, 0));
		}
		memset(block, 0xcc, size);
		before = atomic_exchange(&shared[place], block);
		free(before);
	}
	return NULL;
}

static void use_threads(void)
{
	pthread_t threads[4];

	for (uintptr_t i = 0; i < 4; i++)
		NEED(!pthread_create(&threads[i], NULL, work, (void *)(i + 1)));
	for (int round = 0; round < 8; round++) {
		int status;
		pid_t pid = fork();

		NEED(pid >= 0);
		if (!pid) {
			alarm(600);
			work((void *)99);
			_exit(0);
		}
		if (round % 2)
			NEED(!system("exit 0"));
		NEED(waitpid(pid, &status, 0) == pid && !status);
	}
	for (int i = 0; i < 4; i++)
		NEED(!pthread_join(threads[i], NULL));
	for (int i = 0; i < 64; i++)
		free(shared[i]);
}

int main(int argc, char **argv)
{
	use_calloc();
	use_realloc();
	use_realloc_of_nothing();
	use_alignments();
	use_errno();
	if (argc > 1 && !strcmp(argv[1], "ours"))
		be_ours();
	use_threads();
	puts("well");
	return 0;
}
