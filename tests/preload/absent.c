// SPDX-License-Identifier: MIT
/*
 * A block, or a part of one, that is not to be in the child of a fork, by MADV_DONTFORK: nobody
 * else comes there in the child, where the rest of it is what it was, and it may be freed.
 * Prints "well", or what is wrong.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "need.h"

#define PAGE ((size_t)4096)
#define MIB  ((size_t)1 << 20)
#define SIZE (256 * MIB)

static char *block;

/* Their small blocks come from memory that is mapped for them. */
static void *use_small(void *unused)
{
	for (size_t i = 0; i < 1000; i++) {
		char *small = malloc(100 + i);

		NEED(small);
		small[0] = 1;
		free(small);
	}
	return unused;
}

/* As many as would fill the hole. */
static void map_many(void)
{
	for (int i = 0; i < 40; i++) {
		char *other = mmap(NULL, SIZE / 32, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		NEED(other != MAP_FAILED);
		NEED(other + SIZE / 32 <= block || other >= block + SIZE);
	}
}

static void use_child(size_t from, size_t size)
{
	pthread_t threads[4];

	map_many();
	for (int i = 0; i < 4; i++)
		NEED(!pthread_create(&threads[i], NULL, use_small, NULL));
	for (int i = 0; i < 4; i++)
		NEED(!pthread_join(threads[i], NULL));
	for (size_t at = 0; at < SIZE; at += PAGE)
		if (at < from || at >= from + size)
			NEED(block[at] == 1);
	free(block);
	block = calloc(1, SIZE);
	NEED(block);
	for (size_t at = 0; at < SIZE; at += PAGE) {
		NEED(!block[at]);
		block[at] = 2;
	}
	free(block);
}

static void try_it(size_t from, size_t size, int is_undone)
{
	void *found;
	int status;
	pid_t pid;

	NEED(!posix_memalign(&found, PAGE, SIZE));
	block = found;
	memset(block, 1, SIZE);
	NEED(!madvise(block + from, size, MADV_DONTFORK));
	if (is_undone)
		NEED(!madvise(block + from, size, MADV_DOFORK));
	pid = fork();
	NEED(pid >= 0);
	if (!pid) {
		use_child(from, is_undone ? 0 : size);
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	if (status) {
		printf("%zu bytes from %zu on: status 0x%x\n", size, from, status);
		exit(1);
	}
	for (size_t at = 0; at < SIZE; at += PAGE)
		NEED(block[at] == 1);
	free(block);
}

int main(void)
{
	try_it(0, SIZE, 0);
	try_it(0, SIZE, 1);
	try_it(5 * PAGE, SIZE / 2, 0);
	try_it(SIZE / 2, SIZE / 2, 0);
	try_it(SIZE - PAGE, PAGE, 0);
	puts("well");
	return 0;
}
