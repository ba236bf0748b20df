// SPDX-License-Identifier: MIT
/*
 * What reserving, reading, writing, dropping and unmapping 64 MiB does to the
 * virtual size, the resident anonymous pages, the page tables, what mincore()
 * says of the region, all in KiB, and to the page fault count.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "proc.h"

#define SIZE (64UL << 20)

static long faults_before;

/* KiB of the region that mincore() calls resident. */
static long in_core(void *p, size_t page)
{
	static unsigned char vec[SIZE / 4096];
	long pages = 0;

	if (!p)
		return 0;
	if (mincore(p, SIZE, vec))
		die("mincore");
	for (size_t i = 0; i < SIZE / page; i++)
		pages += vec[i] & 1;
	return pages * (long)(page / 1024);
}

static void report(const char *step, void *p, size_t page)
{
	long faults = minor_faults() - faults_before;

	printf("%-22s %8ld %8ld %8ld %8ld %8ld\n", step,
	       proc_kb("/proc/self/status", "VmSize"),
	       proc_kb("/proc/self/status", "RssAnon"),
	       proc_kb("/proc/self/status", "VmPTE"),
	       in_core(p, page), faults);
	faults_before = minor_faults();
}

static unsigned long sum_pages(const volatile char *p, size_t page)
{
	unsigned long sum = 0;

	for (size_t i = 0; i < SIZE; i += page)
		sum += p[i];
	return sum;
}

int main(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	volatile char *p;

	faults_before = minor_faults();
	printf("%-22s %8s %8s %8s %8s %8s\n", "", "VmSize", "RssAnon", "VmPTE",
	       "mincore", "faults");
	report("start", NULL, page);

	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		die("mmap");
	/* Huge pages would take one fault for 512 pages and hide the rest. */
	if (madvise((void *)p, SIZE, MADV_NOHUGEPAGE))
		die("madvise");
	report("reserved 65536 KiB", (void *)p, page);

	if (sum_pages(p, page))
		return 1;
	report("read every page", (void *)p, page);

	for (size_t i = 0; i < SIZE; i += page)
		p[i] = 1;
	report("wrote every page", (void *)p, page);

	if (madvise((void *)p, SIZE, MADV_DONTNEED))
		die("madvise");
	report("MADV_DONTNEED", (void *)p, page);

	if (sum_pages(p, page))
		return 1;
	report("read again: all zero", (void *)p, page);

	if (munmap((void *)p, SIZE))
		die("munmap");
	report("munmap", NULL, page);
	return 0;
}
