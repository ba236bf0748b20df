// SPDX-License-Identifier: MIT
/*
 * What is cached of large blocks is there for small ones, and is given back while a program
 * is idle. One word is printed: well, or what was wrong is told.
 */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

static void fail(const char *what, size_t figure)
{
	printf("%s: %zu\n", what, figure);
	exit(1);
}

/* The n-th number of statm, in bytes. Nothing is allocated. */
static size_t pages(int n)
{
	char text[256] = "", *at = text;
	int fd = open("/proc/self/statm", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		fail("statm", 0);
	close(fd);
	while (n--)
		strtoul(at, &at, 10);
	return strtoul(at, NULL, 10) * 4096;
}

static void wait_for(long milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static void use(size_t size)
{
	char *block = malloc(size);

	if (!block)
		fail("no large block", size);
	memset(block, 1, size);
	free(block);
}

/* Bytes of small blocks, all written to; as many as can be had, up to the most. */
static size_t take_small(size_t most)
{
	void **last = NULL, **block;
	size_t sum = 0;

	for (; sum < most; sum += 1000) {
		block = sum % 3000 ? malloc(1000) : sum % 2000 ? calloc(10, 100) :
						    realloc(malloc(500), 1000);
		if (!block)
			break;
		memset(block, 1, 1000);
		*block = last;
		last = block;
	}
	for (; last; last = block) {
		block = *last;
		free(last);
	}
	return sum;
}

static void limited(void)
{
	size_t all = pages(0) + 384 * MIB, had;
	struct rlimit limit = { all, all };

	if (setrlimit(RLIMIT_AS, &limit))
		fail("setrlimit", 0);
	use(256 * MIB);
	had = take_small(200 * MIB);
	if (had < 200 * MIB)
		fail("MiB of small blocks", had / MIB);
}

/* Small calls, and few of them: what was large is given back. */
static void idle(size_t before)
{
	for (int i = 0; i < 40 && pages(1) > before + 4 * MIB; i++) {
		/* No compiler leaves it out. */
		void *volatile block = malloc(100);

		free(block);
		wait_for(50);
	}
	if (pages(1) > before + 4 * MIB)
		fail("MiB after a while", (pages(1) - before) / MIB);
}

static void use_rounds(void)
{
	static void *blocks[64];

	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 64; i++) {
			blocks[i] = calloc(1, MIB);
			memset(blocks[i], 1, MIB);
		}
		for (int i = 0; i < 64; i++)
			free(blocks[i]);
	}
}

static void *sleep_on(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* No call at all: but with threads. */
static void threads(size_t before)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, sleep_on, NULL))
		fail("pthread_create", 0);
	use_rounds();
	for (int i = 0; i < 200 && pages(1) > before + 4 * MIB; i++)
		wait_for(100);
	if (pages(1) > before + 4 * MIB)
		fail("MiB after a while, with threads", (pages(1) - before) / MIB);
}

int main(int argc, char **argv)
{
	size_t before = pages(1);

	if (argc > 1 && !strcmp(argv[1], "limited")) {
		limited();
	} else if (argc > 1 && !strcmp(argv[1], "trim")) {
		use_rounds();
		malloc_trim(0);
		if (pages(1) > before + 4 * MIB)
			fail("MiB after malloc_trim", (pages(1) - before) / MIB);
	} else if (argc > 1 && !strcmp(argv[1], "threads")) {
		threads(before);
	} else {
		use_rounds();
		idle(before);
	}
	puts("well");
	return 0;
}
