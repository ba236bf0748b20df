// SPDX-License-Identifier: MIT
/*
 * Blocks of the library where the machine matters: memory that is swapped out, that a
 * cgroup limits, that is accounted for strictly. TAP. Needs root, memory cgroups of
 * version 2, and a disk to swap on, /dev/vda.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tamalloc.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define PAGE ((size_t)4096)
#define MIB  ((size_t)1 << 20)
#define SIZE (32 * MIB)
#define OTHER (20 * MIB)
#define CGROUP "/sys/fs/cgroup/blocks"

static int number;
static bool all_passed = true;

static void ok(bool passed, const char *name)
{
	printf("%s %d - %s\n", passed ? "ok" : "not ok", ++number, name);
	all_passed &= passed;
}

static bool is_zero(const char *block, size_t size)
{
	return !block[0] && !memcmp(block, block + 1, size - 1);
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t written = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return written == (ssize_t)strlen(text);
}

/* KiB of this process in swap. */
static long swapped(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long size = -1;

	while (status && fgets(line, sizeof(line), status))
		sscanf(line, "VmSwap: %ld", &size);
	if (status)
		fclose(status);
	return size;
}

static void test_swapped_in_use(void)
{
	char *block = tamalloc(SIZE), *again;

	memset(block, 0xff, SIZE);
	madvise(block, SIZE, MADV_PAGEOUT);
	ok(swapped() > 8 * 1024, "pages of a block are swapped out");
	ok(tamalloc_committed(block) < SIZE - 8 * MIB, "and are not committed then");
	tamfree(block);
	ok(swapped() < 1024, "freeing the block gives its place in swap back");
	again = tamalloc(SIZE);
	ok(again == block, "the next block is where it was");
	ok(is_zero(again, SIZE), "and reads as zero");
	tamfree(again);
}

/* What is cached is the library's, but it is mapped, and the kernel may swap it out. */
static void test_swapped_in_cache(void)
{
	/* Another size: blocks of this one are not known yet. */
	char *block = tamalloc(OTHER), *again;
	/* The compiler is not to know what is done with a block that is freed. */
	volatile uintptr_t cached = (uintptr_t)block;

	memset(block, 0xff, OTHER);
	tamfree(block);
	madvise((void *)cached, OTHER, MADV_PAGEOUT);
	ok(swapped() > 8 * 1024, "cached pages are swapped out");
	again = tamalloc(OTHER);
	ok((uintptr_t)again == cached && is_zero(again, OTHER), "and read as zero when they are used again");
	tamfree(again);
}

/* Never more than 40 MiB at a time, but of changing sizes. */
static void live_within_limit(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (!write_file(CGROUP "/cgroup.procs", pid))
		_exit(2);
	for (size_t turn = 0; turn < 60; turn++) {
		size_t size = (8 + turn * 7 % 33) * MIB;
		char *block = tamalloc(size);

		if (!block || !is_zero(block, size))
			_exit(1);
		memset(block, 0xff, size);
		tamfree(block);
	}
	_exit(0);
}

static void test_limited(void)
{
	int status = -1;
	pid_t pid;

	ok((write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory") || errno == EBUSY) &&
		   (!mkdir(CGROUP, 0755) || errno == EEXIST) &&
		   write_file(CGROUP "/memory.max", "64M") &&
		   write_file(CGROUP "/memory.swap.max", "0"),
	   "a cgroup has a limit of 64 MiB and no swap");
	pid = fork();
	if (!pid)
		live_within_limit();
	waitpid(pid, &status, 0);
	ok(status == 0, "what is cached is no reason to be killed there");
	rmdir(CGROUP);
}

static void test_strict(void)
{
	char *block;

	tamalloc_trim();
	ok(write_file("/proc/sys/vm/overcommit_memory", "2"), "memory is accounted for strictly");
	block = tamalloc(SIZE);
	ok(block && is_zero(block, SIZE), "a block is to be had then");
	memset(block, 0xff, SIZE);
	block = tamrealloc(block, 2 * SIZE);
	ok(block && is_zero(block + SIZE, SIZE), "and grows");
	tamfree(block);
	errno = 0;
	ok(!tamalloc(1UL << 40) && errno == ENOMEM, "one larger than the machine is not");
	block = tamalloc(SIZE);
	ok(block && is_zero(block, SIZE), "and leaves no harm");
	tamfree(block);
	write_file("/proc/sys/vm/overcommit_memory", "0");
}

/* On a kernel without PAGEMAP_SCAN, too. */
static void test_looks(void)
{
	struct tamalloc_statistics before, after;
	char *block = tamalloc(SIZE);

	block[SIZE / 2] = 1;
	ok(tamalloc_committed(block) == PAGE, "of a block with one page, one is committed");
	tamfree(block);
	tamalloc_statistics(&before, sizeof(before));
	for (int turn = 0; turn < 50; turn++) {
		block = tamalloc(16 * MIB);
		for (size_t i = 0; i < MIB; i += PAGE)
			block[i] = 1;
		tamfree(block);
	}
	tamalloc_statistics(&after, sizeof(after));
	ok(after.zeroed - before.zeroed <= 50 * MIB, "nothing is zeroed that was not touched");
	ok(after.zeroed - before.zeroed >= 40 * MIB, "and what was is, not faulted in again");
}

/* Address space is had by the system call where it answers: its regions have a name. */
static void test_named(void)
{
	struct tamalloc_region region = { 0 };
	struct tamalloc_regions *regions;
	char *block = tamalloc(SIZE);
	bool is_named = false;

	if (!tamalloc_regions_open(&regions, getpid())) {
		while (tamalloc_regions_next(regions, &region, sizeof(region)) == 1)
			if ((uintptr_t)block - region.start < region.reserved)
				is_named = region.is_tamalloc;
		tamalloc_regions_close(regions);
	}
	ok(is_named, "the region of a block has the name of tamalloc");
	tamfree(block);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (system("mkswap /dev/vda >/dev/null && swapon /dev/vda")) {
		puts("Bail out! no swap on /dev/vda");
		return 1;
	}
	/* Nothing is to go by itself while a slow machine looks at it. */
	tamalloc_set(TAMALLOC_DECAY, 600000);
	test_swapped_in_use();
	test_swapped_in_cache();
	test_limited();
	test_strict();
	test_looks();
	test_named();
	printf("1..%d\n", number);
	return !all_passed;
}
