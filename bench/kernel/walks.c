// SPDX-License-Identifier: MIT
/*
 * What the memory of all processes costs, a process, among few and among many:
 * by each system call, and by a program that reads /proc and does nothing else.
 */
#include <fcntl.h>
#include <linux/tamalloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "counter.h"

#define MOST	8000
#define ROOM	(MOST + 64)

static const char *const files[] = { "statm", "oom_score_adj", "comm" };

#define FILES	(sizeof(files) / sizeof(files[0]))

static pid_t pids[MOST];
static int children;
/* Made beforehand: what is compared is the kernel's part. */
static char paths[MOST][FILES][32];
static struct tamalloc_record records[ROOM];

static long read_all(void)
{
	char text[256];

	for (int i = 0; i < children; i++) {
		for (size_t file = 0; file < FILES; file++) {
			int fd = open(paths[i][file], O_RDONLY);

			if (fd < 0 || read(fd, text, sizeof(text)) <= 0)
				return -1;
			close(fd);
		}
	}
	return 0;
}

static long process_each(void)
{
	struct tamalloc_proc_info info;

	for (int i = 0; i < children; i++)
		if (syscall(__NR_tamalloc_process, pids[i], &info))
			return -1;
	return 0;
}

static long total(void)
{
	struct tamalloc_global_info info;

	return syscall(__NR_tamalloc_total, &info);
}

static long snapshot(uint64_t flags)
{
	struct tamalloc_snapshot snapshot = {
		.flags = flags,
		.records = (uintptr_t)records,
		.record_size = sizeof(records[0]),
		.count = ROOM,
	};

	return syscall(__NR_tamalloc_snapshot, &snapshot, sizeof(snapshot));
}

static long snapshot_exact(void)
{
	return snapshot(0);
}

static long snapshot_approximate(void)
{
	return snapshot(TAMALLOC_SNAPSHOT_APPROXIMATE);
}

/* Pages that the kernel has ever handed out. */
static uint64_t pages_allocated(void)
{
	static char text[16384];
	int fd = open("/proc/vmstat", O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	uint64_t sum = 0;

	if (length <= 0)
		die("/proc/vmstat");
	close(fd);
	text[length] = '\0';
	for (char *at = text; (at = strstr(at, "pgalloc_"));) {
		at += strcspn(at, " ");
		sum += strtoull(at, NULL, 10);
	}
	/* Without CONFIG_VM_EVENT_COUNTERS nobody counts them. */
	if (!sum) {
		errno = ENODATA;
		die("/proc/vmstat");
	}
	return sum;
}

/* The pages that f makes the kernel hand out, the least of a few times. */
static uint64_t least_pages(long (*f)(void))
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t before = pages_allocated();
		uint64_t pages;

		if (f() == -1)
			die("a call failed");
		pages = pages_allocated() - before;
		best = pages < best ? pages : best;
	}
	return best;
}

static const struct way {
	const char *name;
	long (*f)(void);
	int repetitions;
} ways[] = {
	{ "553-exact", snapshot_exact, 10 },
	{ "553-approximate", snapshot_approximate, 10 },
	{ "550", total, 10 },
	{ "551", process_each, 3 },
	{ "files", read_all, 3 },
};

#define WAYS	(sizeof(ways) / sizeof(ways[0]))

/* A small machine begins with 4,096 pids. */
static void make_room_for_pids(void)
{
	int fd = open("/proc/sys/kernel/pid_max", O_WRONLY);

	if (fd < 0 || write(fd, "32768", 5) != 5)
		die("pid_max");
	close(fd);
}

static void add_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	for (size_t file = 0; file < FILES; file++)
		snprintf(paths[children][file], sizeof(paths[0][0]), "/proc/%d/%s", pid,
			 files[file]);
	pids[children++] = pid;
}

static void measure_pages(uint64_t idle)
{
	printf("553-pages %d %lu\n", children, least_pages(snapshot_exact) - idle);
}

static void measure_costs(const uint64_t alone[WAYS])
{
	for (size_t way = 0; way < WAYS; way++)
		printf("%s %d %.1f\n", ways[way].name, children,
		       (double)(least(ways[way].f, NULL, ways[way].repetitions) -
				alone[way]) / children);
}

/* walks: instructions. walks pages: pages that the kernel takes. */
int main(int argc, char **argv)
{
	static const int steps[] = { 500, 2000, MOST };
	bool wants_pages = argc == 2 && !strcmp(argv[1], "pages");
	/* With no children: what is not for each process. */
	uint64_t alone[WAYS], idle = 0;

	make_room_for_pids();
	memset(records, 1, sizeof(records));
	for (size_t way = 0; way < WAYS; way++)
		alone[way] = least(ways[way].f, NULL, 100);
	if (wants_pages)
		idle = least_pages(nothing);

	for (size_t step = 0; step < sizeof(steps) / sizeof(steps[0]); step++) {
		while (children < steps[step])
			add_child();
		/* Let them all reach pause(). */
		sleep(1);
		if (wants_pages)
			measure_pages(idle);
		else
			measure_costs(alone);
		fflush(stdout);
	}
	return 0;
}
