// SPDX-License-Identifier: MIT
/*
 * What the system calls cost in instructions: on a machine whose time stamp
 * counter counts one per instruction (vm/run --icount). Each figure is the
 * least of many repetitions, less the reading of the counter itself. It says
 * nothing of caches, TLBs or contention.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/tamalloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#define REPETITIONS	200
#define LARGE_WALKS	10
#define SIZE		(1UL << 20)

static void die(const char *what)
{
	fprintf(stderr, "calls: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t counter(void)
{
	_mm_lfence();
	return __rdtsc();
}

/* The least that f costs in n repetitions; undo is not counted. */
static uint64_t least(long (*f)(void), void (*undo)(long), int n)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < n; i++) {
		uint64_t start = counter();
		long result = f();
		uint64_t cost = counter() - start;

		if (result == -1)
			die("a call failed");
		if (undo)
			undo(result);
		if (cost < best)
			best = cost;
	}
	return best;
}

static long nothing(void)
{
	return 0;
}

static long call_getppid(void)
{
	return syscall(SYS_getppid);
}

static long call_mmap(void)
{
	return syscall(SYS_mmap, NULL, SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static long call_mmap_and_name(void)
{
	long address = call_mmap();

	/* EINVAL: the kernel knows no names. */
	if (syscall(SYS_prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, address, SIZE,
		    "tamalloc") && errno != EINVAL)
		die("prctl");
	return address;
}

static long call_reserve(void)
{
	return syscall(__NR_tamalloc_reserve, SIZE);
}

static void unmap(long address)
{
	if (munmap((void *)address, SIZE))
		die("munmap");
}

static struct tamalloc_proc_info process;
static struct tamalloc_global_info total;
static pid_t other;

static long call_process(void)
{
	return syscall(__NR_tamalloc_process, other, &process);
}

static long call_total(void)
{
	return syscall(__NR_tamalloc_total, &total);
}

/* The same of one process, as a reader of /proc gets it. */
static long read_proc(void)
{
	static const char *const files[] = { "statm", "oom_score_adj" };
	char path[64], text[256];

	for (int i = 0; i < 2; i++) {
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/%s", other, files[i]);
		fd = open(path, O_RDONLY);
		if (fd < 0 || read(fd, text, sizeof(text)) <= 0)
			return -1;
		close(fd);
	}
	return 0;
}

/* 6.1 on one CPU begins with 4,096 pids. */
static void make_room_for_pids(void)
{
	int fd = open("/proc/sys/kernel/pid_max", O_WRONLY);

	if (fd < 0 || write(fd, "16384", 5) != 5)
		die("pid_max");
	close(fd);
}

/* Starts children that sleep, until there are n. */
static void raise_children(int *children, int n)
{
	for (; *children < n; ++*children) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(0);
		}
		other = pid;
	}
	/* Let them all reach pause(). */
	usleep(100000);
}

int main(void)
{
	static const int steps[] = { 500, 5000 };
	uint64_t reading = least(nothing, NULL, REPETITIONS);
	uint64_t alone, mapped, named, reserved;
	int children = 0;

	if (syscall(__NR_tamalloc_total, &total))
		die("this kernel does not have the calls");

#define MEASURE(f, undo) (least(f, undo, REPETITIONS) - reading)
	make_room_for_pids();
	raise_children(&children, 1);
	printf("getppid %lu\n", MEASURE(call_getppid, NULL));
	mapped = MEASURE(call_mmap, unmap);
	named = MEASURE(call_mmap_and_name, unmap);
	reserved = MEASURE(call_reserve, unmap);
	printf("mmap %lu\n", mapped);
	printf("mmap-and-name %lu\n", named);
	printf("552 %lu\n", reserved);
	printf("551 %lu\n", MEASURE(call_process, NULL));
	printf("statm+oom_score_adj %lu\n", MEASURE(read_proc, NULL));

	alone = MEASURE(call_total, NULL);
	for (unsigned int i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		uint64_t cost;

		raise_children(&children, steps[i] + 1);
		cost = least(call_total, NULL, LARGE_WALKS) - reading;
		printf("550-per-process-of-%d %.1f\n", steps[i],
		       (double)(cost - alone) / steps[i]);
	}
	return 0;
}
