// SPDX-License-Identifier: MIT
/*
 * A program of the time before the project: numbers and structs written down
 * by hand, nothing of the project's included. It has to run unmodified, built
 * or binary, so it stays as it is. Prints TAP.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYS_TOTAL 550
#define SYS_PROCESS 551
#define SYS_ALLOCATE 552

struct global_info {
	unsigned long total_vm_mb;
	unsigned long total_rss_mb;
};

struct proc_info {
	unsigned long vm_kb;
	unsigned long rss_kb;
	unsigned int percent;
	int oom_adj;
};

static int run, failed;

static void ok(bool good, const char *name)
{
	run++;
	failed += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", run, name);
}

static bool fails_with(int error, long result)
{
	return result == -1 && errno == error;
}

static unsigned long megabytes_of_this_machine(void)
{
	return (unsigned long)sysconf(_SC_PHYS_PAGES) / 256;
}

static void test_total(void)
{
	struct global_info info = { ULONG_MAX, ULONG_MAX };

	ok(syscall(SYS_TOTAL, &info) == 0, "550 answers 0");
	ok(info.total_vm_mb > 0 && info.total_vm_mb != ULONG_MAX,
	   "550 gives virtual memory");
	ok(info.total_rss_mb <= info.total_vm_mb &&
	   info.total_rss_mb <= megabytes_of_this_machine(),
	   "550 gives resident memory, no more than there is");
	ok(fails_with(EFAULT, syscall(SYS_TOTAL, NULL)), "550 EFAULT");
}

static void test_process(void)
{
	struct proc_info info = { ULONG_MAX, ULONG_MAX, UINT_MAX, INT_MAX };
	unsigned long pages = 0, resident = 0;
	int adjustment = INT_MIN;
	FILE *file;

	file = fopen("/proc/self/oom_score_adj", "w");
	ok(file && fputs("123", file) >= 0 && !fclose(file), "oom_score_adj is set");
	file = fopen("/proc/self/oom_score_adj", "r");
	ok(file && fscanf(file, "%d", &adjustment) == 1 && !fclose(file),
	   "oom_score_adj is read");
	ok(syscall(SYS_PROCESS, getpid(), &info) == 0, "551 answers 0");
	file = fopen("/proc/self/statm", "r");
	ok(file && fscanf(file, "%lu %lu", &pages, &resident) == 2 && !fclose(file),
	   "statm is read");

	ok(info.vm_kb >= 4 && info.vm_kb <= pages * 4, "551 gives virtual memory");
	ok(info.rss_kb >= 4 && info.rss_kb <= info.vm_kb, "551 gives resident memory");
	ok(info.percent == info.rss_kb * 100 / info.vm_kb, "551 gives the percentage");
	ok(info.oom_adj == adjustment && adjustment == 123, "551 gives oom_score_adj");

	ok(fails_with(ESRCH, syscall(SYS_PROCESS, INT_MAX, &info)), "551 ESRCH");
	ok(fails_with(ESRCH, syscall(SYS_PROCESS, 0, &info)), "551 ESRCH for pid 0");
	ok(fails_with(ESRCH, syscall(SYS_PROCESS, -1, &info)), "551 ESRCH below 0");
	ok(fails_with(EINVAL, syscall(SYS_PROCESS, 2, &info)),
	   "551 EINVAL for a kernel thread");
	ok(fails_with(EFAULT, syscall(SYS_PROCESS, getpid(), NULL)), "551 EFAULT");
}

static void test_allocate(void)
{
	const size_t size = 1 << 20;
	struct proc_info before, after;
	size_t dirty = 0;
	char *region;

	syscall(SYS_PROCESS, getpid(), &before);
	region = (char *)syscall(SYS_ALLOCATE, size);
	syscall(SYS_PROCESS, getpid(), &after);
	ok(region != (char *)-1, "552 gives an address");
	if (region == (char *)-1)
		return;
	ok(((uintptr_t)region & 4095) == 0, "552 gives a page's address");
	ok(after.vm_kb == before.vm_kb + 1024, "552 reserves");
	ok(after.rss_kb < before.rss_kb + 1024, "552 commits nothing yet");
	for (size_t i = 0; i < size; i++)
		dirty += region[i] != 0;
	ok(dirty == 0, "every byte is zero");
	region[0] = 'H';
	region[size - 1] = 'Z';
	ok(region[0] == 'H' && region[size - 1] == 'Z', "'H' and 'Z' read back");
	ok(munmap(region, size) == 0, "munmap releases it");

	ok(fails_with(EINVAL, syscall(SYS_ALLOCATE, 0UL)), "552 EINVAL for 0 bytes");
	ok(fails_with(ENOMEM, syscall(SYS_ALLOCATE, ULONG_MAX)), "552 ENOMEM");
}

int main(void)
{
	test_total();
	test_process();
	test_allocate();
	printf("1..%d\n", run);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
