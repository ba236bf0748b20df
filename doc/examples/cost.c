// SPDX-License-Identifier: MIT
/*
 * What a page of zeroes costs, by how it is come by: the median of several
 * rounds, in ns per 4 KiB page, and the page faults taken per round.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <sys/mman.h>
#include <time.h>

#include "proc.h"

#define SIZE (16UL << 20)
#define HUGE_PAGE (2UL << 20)
#define PAGE 4096UL
#define ROUNDS 21

/* Processor time, so that a busy machine disturbs less. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Reserves with 2 MiB to spare; see aligned(). */
static char *map(int advice)
{
	char *p = mmap(NULL, SIZE + HUGE_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	if (madvise(p, SIZE + HUGE_PAGE, advice))
		die("madvise");
	return p;
}

/* Huge pages need whole, aligned 2 MiB to go to. */
static volatile char *aligned(char *p)
{
	return (char *)(((unsigned long)p + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
}

static void touch(volatile char *p, int write)
{
	for (size_t i = 0; i < SIZE; i += PAGE) {
		if (write)
			p[i] = 1;
		else
			(void)p[i];
	}
}

/* Each of these returns the mapping to remove when the clock has stopped. */
static char *map_only(char *resident)
{
	(void)resident;
	return map(MADV_NOHUGEPAGE);
}

static char *map_read(char *resident)
{
	char *p = map_only(resident);

	touch(aligned(p), 0);
	return p;
}

static char *map_write(char *resident)
{
	char *p = map_only(resident);

	touch(aligned(p), 1);
	return p;
}

static char *map_write_huge(char *resident)
{
	char *p = map(MADV_HUGEPAGE);

	(void)resident;
	touch(aligned(p), 1);
	return p;
}

static char *drop_write(char *resident)
{
	if (madvise(resident, SIZE, MADV_DONTNEED))
		die("madvise");
	touch(resident, 1);
	return NULL;
}

static char *write_zeroes(char *resident)
{
	memset(resident, 0, SIZE);
	touch(resident, 1);
	return NULL;
}

/* Where calloc takes the block from was decided by mallopt() in main. */
static char *calloc_write(char *resident)
{
	char *p = calloc(1, SIZE);

	(void)resident;
	if (!p)
		die("calloc");
	touch(p, 1);
	free(p);
	return NULL;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const char *name, char *(*get)(char *),
		    char *resident)
{
	double ns[ROUNDS];
	long faults = 0;

	/* The first round warms up and is not measured. */
	for (int i = -1; i < ROUNDS; i++) {
		long before = minor_faults();
		double start = now();
		char *p = get(resident);

		if (i >= 0)
			ns[i] = now() - start;
		faults = minor_faults() - before;
		if (p && munmap(p, SIZE + HUGE_PAGE))
			die("munmap");
	}
	qsort(ns, ROUNDS, sizeof(*ns), ascending);
	printf("%-34s %8.1f ns/page %6ld faults\n", name,
	       ns[ROUNDS / 2] / (SIZE / PAGE), faults);
}

int main(void)
{
	char *resident = map(MADV_NOHUGEPAGE);

	measure("mmap, nothing touched", map_only, NULL);
	measure("mmap, read fault", map_read, NULL);
	measure("mmap, write fault", map_write, NULL);
	measure("mmap, write fault, 2 MiB pages", map_write_huge, NULL);
	measure("MADV_DONTNEED, write fault", drop_write, resident);
	measure("memset of resident memory", write_zeroes, resident);

	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	measure("calloc from mmap, write fault", calloc_write, NULL);
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	measure("calloc from the recycled heap", calloc_write, NULL);
	return 0;
}
