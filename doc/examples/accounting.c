// SPDX-License-Identifier: MIT
/*
 * What a reservation counts against: Committed_AS with and without
 * MAP_NORESERVE, and RLIMIT_AS. Nothing is ever touched.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "proc.h"

#define SIZE (8UL << 30)

static void *reserve(int flags)
{
	return mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void show(const char *name, int flags)
{
	long before = proc_kb("/proc/meminfo", "Committed_AS");
	long vm = proc_kb("/proc/self/status", "VmSize");
	void *p = reserve(flags);

	if (p == MAP_FAILED) {
		printf("%-24s %s\n", name, strerror(errno));
		return;
	}
	printf("%-24s VmSize %+8ld MiB   Committed_AS %+8ld MiB\n", name,
	       (proc_kb("/proc/self/status", "VmSize") - vm) / 1024,
	       (proc_kb("/proc/meminfo", "Committed_AS") - before) / 1024);
	munmap(p, SIZE);
}

int main(void)
{
	struct rlimit limit = { .rlim_cur = 1UL << 30, .rlim_max = 1UL << 30 };

	show("plain", 0);
	show("MAP_NORESERVE", MAP_NORESERVE);
	if (setrlimit(RLIMIT_AS, &limit))
		die("setrlimit");
	show("NORESERVE, RLIMIT_AS 1G", MAP_NORESERVE);
	return 0;
}
