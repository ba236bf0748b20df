// SPDX-License-Identifier: MIT
/*
 * What a program has that is not the same all the time: it becomes sparse, or idle, runs into
 * a limit, drops its rights, or locks its memory. Calls malloc(3) and its relatives, whosever
 * they are:
 *
 *	promises sparse		four dense blocks of 16 MiB, then 100 that stay, with 16 pages
 *				written in each: KiB resident
 *	promises idle		ten rounds of 64 blocks of 4 MiB, then small calls, 20 a second
 *				for two seconds: KiB resident
 *	promises limit		with 1.5 GiB of address space 1 GiB is freed, then small blocks
 *				are taken: KiB of 819 MiB that there are
 *	promises rights MIB	another user, who may not look at /proc/self/pagemap: blocks
 *				that are touched throughout, ns a cycle
 *	promises locked		mlockall(2), 2,000 blocks of 2 MB of which half is used: KiB
 *				resident at most
 *
 * Prints one number; resident memory is what there is more than at the start.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PAGE ((size_t)4096)
#define MIB  ((size_t)1 << 20)

/* The compiler must not see that nobody reads the block. */
static char *allocate(size_t size)
{
	char *block = calloc(1, size);

	if (!block)
		err(1, "calloc of %zu bytes", size);
	__asm__ volatile("" : "+r"(block) : : "memory");
	return block;
}

static void release(char *block)
{
	__asm__ volatile("" : "+r"(block) : : "memory");
	free(block);
}

static void touch(char *block, size_t size, size_t step)
{
	for (size_t at = 0; at < size; at += step * PAGE)
		block[at] = 1;
}

static long resident(void)
{
	char text[128] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	long pages;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || sscanf(text, "%*s %ld", &pages) != 1)
		err(1, "/proc/self/statm");
	close(fd);
	return pages * 4;
}

static void sparse(void)
{
	static char *blocks[100];
	long before = resident();

	for (int i = 0; i < 4; i++) {
		char *block = allocate(16 * MIB);

		touch(block, 16 * MIB, 1);
		release(block);
	}
	for (size_t i = 0; i < 100; i++) {
		blocks[i] = allocate(16 * MIB);
		touch(blocks[i], 16 * MIB, 256);
	}
	printf("%ld\n", resident() - before);
}

static void idle(void)
{
	static char *blocks[64];
	const struct timespec pause = { .tv_nsec = 50000000 };
	long before = resident();

	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < 64; i++) {
			blocks[i] = allocate(4 * MIB);
			touch(blocks[i], 4 * MIB, 1);
		}
		for (size_t i = 0; i < 64; i++)
			release(blocks[i]);
	}
	for (int i = 0; i < 40; i++) {
		release(allocate(100));
		nanosleep(&pause, NULL);
	}
	printf("%ld\n", resident() - before);
}

static void limit(void)
{
	const struct rlimit most = { 1536 * MIB, 1536 * MIB };
	void **last = NULL, **block;
	size_t sum = 0;
	char *large;

	if (setrlimit(RLIMIT_AS, &most))
		err(1, "setrlimit");
	large = allocate(1024 * MIB);
	touch(large, 1024 * MIB, 1);
	release(large);
	for (; sum < 819 * MIB && (block = malloc(1000)); sum += 1000) {
		*block = last;
		last = block;
	}
	for (; last; last = block) {
		block = *last;
		free(last);
	}
	printf("%zu\n", sum >> 10);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static void rights(size_t size)
{
	int cycles = (int)(400 * MIB / size) + 20;
	double start = 0;

	/* Who is nobody already is not asked to become it. */
	if (!getuid() && (setgid(65534) || setuid(65534)))
		err(1, "setuid");
	if (prctl(PR_SET_DUMPABLE, 0))
		err(1, "prctl");
	for (int i = 0; i < 2 * cycles; i++) {
		char *block;

		if (i == cycles)
			start = now();
		block = allocate(size);
		touch(block, size, 1);
		release(block);
	}
	printf("%.1f\n", (now() - start) / cycles);
}

static void locked(void)
{
	long before = resident(), most = 0;

	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
	for (int i = 0; i < 2000; i++) {
		char *block = allocate(2000000);

		memset(block, 1, 1000000);
		release(block);
		if (i % 100 == 99 && resident() - before > most)
			most = resident() - before;
		/* It would take all that the machine has. */
		if (most > 4 << 20)
			break;
	}
	printf("%ld\n", most);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "sparse"))
		sparse();
	else if (!strcmp(what, "idle"))
		idle();
	else if (!strcmp(what, "limit"))
		limit();
	else if (!strcmp(what, "rights") && argc > 2)
		rights(strtoul(argv[2], NULL, 10) * MIB);
	else if (!strcmp(what, "locked"))
		locked();
	else
		errx(2, "usage: promises sparse | idle | limit | rights MIB | locked");
	return 0;
}
