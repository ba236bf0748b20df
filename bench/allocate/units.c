// SPDX-License-Identifier: MIT
/*
 * What the ways of making memory read as zero again cost on this machine, each by
 * itself, and where they break even: the figures behind the allocator's rule.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#include "allocator/allocator.h"

#define ROUNDS 9
#define BLOCK  4096 /* pages: 16 MiB */

static double microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static size_t block; /* its first page */

/* The least of several rounds of what, each after before. */
static double least(void (*before)(size_t pages), void (*what)(size_t pages), size_t pages)
{
	double best = 1e12;

	for (int round = 0; round < ROUNDS; round++) {
		double start, time;

		before(pages);
		start = microseconds();
		what(pages);
		time = microseconds() - start;
		if (time < best)
			best = time;
	}
	return best;
}

static void nothing(size_t pages)
{
	(void)pages;
}

static void touch(size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		*(volatile char *)address_of(block + i) = 1;
}

static void clear(size_t pages)
{
	memset(address_of(block), 0, bytes_of(pages));
	__asm__ volatile("" : : : "memory");
}

static void drop(size_t pages)
{
	memory_drop(block, pages);
}

static void drop_all(size_t pages)
{
	(void)pages;
	memory_drop(block, BLOCK);
}

static void look(size_t pages)
{
	struct touched touched;

	touched_count(block, pages, &touched);
}

static void release_lazily(size_t pages)
{
	madvise(address_of(block), bytes_of(pages), MADV_FREE);
}

static void touch_lazily(size_t pages)
{
	touch(pages);
	release_lazily(pages);
}

static void print(const char *what, double microseconds_all, size_t pages)
{
	printf("| %s | %.3f |\n", what, microseconds_all / (double)pages);
}

int main(void)
{
	double fault, zero, back, scan, call, scan_call, lazily, again;
	void *memory = memory_reserve(BLOCK);
	struct touched touched;

	if (!memory || map_prepare(page_of(memory), BLOCK)) {
		fputs("units: no memory\n", stderr);
		return 1;
	}
	block = page_of(memory);
	memory_advise_huge(block, BLOCK, false);
	if (touched_count(block, 1, &touched)) {
		fputs("units: /proc/self/pagemap cannot be read\n", stderr);
		return 1;
	}
	fault = least(drop_all, touch, BLOCK);
	zero = least(touch, clear, BLOCK);
	back = least(touch, drop, BLOCK);
	scan = least(touch, look, BLOCK);
	lazily = least(touch, release_lazily, BLOCK);
	again = least(touch_lazily, clear, BLOCK);
	drop_all(0);
	call = least(nothing, drop, 1);
	scan_call = least(nothing, look, 1);

	puts("| | µs a page |\n|---|--:|");
	print("first touch", fault, BLOCK);
	print("memset of pages in memory", zero, BLOCK);
	print("MADV_DONTNEED of pages in memory", back, BLOCK);
	print("look (PAGEMAP_SCAN) at pages in memory", scan, BLOCK);
	print("MADV_FREE of pages in memory", lazily, BLOCK);
	print("memset after MADV_FREE", again, BLOCK);
	printf("\nOne MADV_DONTNEED of nothing takes %.2f µs, one look %.2f µs.\n", call, scan_call);
	printf("Kept pages pay when at least 1 in %.0f of them is touched again.\n",
	       (fault + back) / zero);
	printf("Looking pays instead of a whole memset below %.0f %% touched, in a block of 1 MiB\n"
	       "below %.0f %%.\n",
	       100 * (1 - scan / (zero + scan)),
	       100 * (1 - (scan_call + scan / 16) / (zero / 16)));
	return 0;
}
