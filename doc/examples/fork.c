// SPDX-License-Identifier: MIT
/*
 * What fork() does to resident memory: the child counts the parent's pages as
 * its own at once, copies what it writes, and finds zeroes where nobody wrote.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"

#define SIZE (64UL << 20)
#define WRITTEN (32UL << 20)
#define PAGE 4096UL

static void report(const char *who)
{
	printf("%-34s RssAnon %6ld  Private %6ld  Pss_Anon %6ld  KiB\n", who,
	       proc_kb("/proc/self/status", "RssAnon"),
	       proc_kb("/proc/self/smaps_rollup", "Private_Dirty"),
	       proc_kb("/proc/self/smaps_rollup", "Pss_Anon"));
	fflush(stdout);
}

static int child(volatile char *p)
{
	long before;

	report("child, after fork");
	before = minor_faults();
	for (size_t i = 0; i < WRITTEN / 2; i += PAGE)
		p[i] = 2;
	printf("child wrote %lu pages: %ld faults\n", WRITTEN / 2 / PAGE,
	       minor_faults() - before);
	report("child, after writing half of them");
	for (size_t i = WRITTEN; i < SIZE; i++)
		if (p[i])
			return 1;
	report("child, after reading the rest");
	return 0;
}

int main(void)
{
	int status;
	pid_t pid;
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	if (madvise(p, SIZE, MADV_NOHUGEPAGE))
		die("madvise");
	memset(p, 1, WRITTEN);
	report("parent, before fork");

	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		_exit(child(p));
	if (waitpid(pid, &status, 0) != pid || status)
		return 1;
	for (size_t i = 0; i < WRITTEN; i++)
		if (p[i] != 1)
			return 1;
	report("parent, after the child's end");
	return 0;
}
