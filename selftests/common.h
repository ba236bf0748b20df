/* SPDX-License-Identifier: GPL-2.0 */
/* What the tamalloc selftests share: the calls, children, /proc. */
#ifndef TAMALLOC_SELFTEST_COMMON_H
#define TAMALLOC_SELFTEST_COMMON_H

#include "../kselftest_harness.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/tamalloc.h>

/* i386 has no numbers: layout.c, which is built for it, makes its calls by hand. */
#ifndef __NR_tamalloc_total
#define __NR_tamalloc_total	(-1)
#define __NR_tamalloc_process	(-1)
#define __NR_tamalloc_reserve	(-1)
#define __NR_tamalloc_snapshot	(-1)
#endif

/* Seconds: enough for a debug kernel under emulation on a busy machine. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

#define PAGE		4096UL
#define KIB		(1UL << 10)
#define MIB		(1UL << 20)
#define GIB		(1UL << 30)
#define PAGES_PER_MIB	(MIB / PAGE)
#define KIB_PER_PAGE	(PAGE / KIB)

static inline long total(struct tamalloc_global_info *info)
{
	return syscall(__NR_tamalloc_total, info);
}

static inline long process(pid_t pid, struct tamalloc_proc_info *info)
{
	return syscall(__NR_tamalloc_process, pid, info);
}

static inline void *reserve(size_t size)
{
	return (void *)syscall(__NR_tamalloc_reserve, size);
}

static inline long snapshot(struct tamalloc_snapshot *snapshot, size_t size)
{
	return syscall(__NR_tamalloc_snapshot, snapshot, size);
}

static inline bool calls_are_absent(void)
{
	return total(NULL) == -1 && errno == ENOSYS;
}

/* TEST_HARNESS_MAIN for tests that make no sense without the calls. */
#define TAMALLOC_TEST_MAIN						\
	int main(int argc, char **argv)					\
	{								\
		if (calls_are_absent()) {				\
			ksft_print_header();				\
			ksft_exit_skip("kernel without tamalloc\n");	\
		}							\
		return test_harness_run(argc, argv);			\
	}

/* A debug kernel under emulation is an order of magnitude slower. */
static inline bool is_slow(void)
{
	const char *slow = getenv("TAMALLOC_SLOW");

	return slow && *slow && strcmp(slow, "0");
}

/* Writes one byte to each of the pages. */
static inline void touch(void *start, size_t pages)
{
	char *byte = start;

	for (size_t i = 0; i < pages; i++)
		byte[i * PAGE] = 1;
}

static inline unsigned long distance(unsigned long a, unsigned long b)
{
	return a > b ? a - b : b - a;
}

/* Reads a small file; returns its length or -1. The text ends with a NUL. */
static inline ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return -1;
	length = read(fd, text, size - 1);
	close(fd);
	if (length >= 0)
		text[length] = '\0';
	return length;
}

/* Writes a small file in one go; returns 0 or -1 with errno. */
static inline int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;
	int error;

	if (fd < 0)
		return -1;
	written = write(fd, text, strlen(text));
	error = errno;
	close(fd);
	errno = error;
	return written == (ssize_t)strlen(text) ? 0 : -1;
}

/*
 * What a process has, in pages: reserved as statm says, committed as a walk over
 * its page tables counts. statm's own figure is that of cheap counters from 6.2 to
 * 6.16; before, it lacks what each thread keeps to itself.
 */
struct sizes {
	unsigned long size;
	unsigned long resident;
};

/* Of the process or thread with this directory in /proc. */
static inline int sizes_at(const char *directory, struct sizes *sizes)
{
	char path[96], text[2048], *rss;

	snprintf(path, sizeof(path), "%s/statm", directory);
	if (read_file(path, text, sizeof(text)) < 0 ||
	    sscanf(text, "%lu", &sizes->size) != 1)
		return -1;
	sizes->resident = 0;
	if (!sizes->size)
		return 0;
	snprintf(path, sizeof(path), "%s/smaps_rollup", directory);
	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	rss = strstr(text, "\nRss:");
	if (!rss)
		return -1;
	sizes->resident = strtoul(rss + 5, NULL, 10) / KIB_PER_PAGE;
	return 0;
}

static inline int sizes_of(pid_t pid, struct sizes *sizes)
{
	char directory[64];

	snprintf(directory, sizeof(directory), "/proc/%d", pid);
	return sizes_at(directory, sizes);
}

/* The sum over all processes of this /proc; each is asked for by itself. */
static inline int sizes_of_all(struct sizes *sum)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct sizes one;

	if (!proc)
		return -1;
	*sum = (struct sizes){ 0 };
	while ((entry = readdir(proc))) {
		if (!isdigit(entry->d_name[0]))
			continue;
		if (sizes_of(atoi(entry->d_name), &one))
			continue;
		sum->size += one.size;
		sum->resident += one.resident;
	}
	closedir(proc);
	return 0;
}

/* Memory that stays shared with children, to hand back what they found. */
static inline void *shared_with_children(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static inline int pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static inline bool is_filled_with(const void *start, const void *end, char value)
{
	for (const char *byte = start; byte < (const char *)end; byte++)
		if (*byte != value)
			return false;
	return true;
}

/* Reserves and touches some pages on each CPU in turn. */
static inline int touch_on_both_cpus(void *arg)
{
	unsigned long pages = (unsigned long)arg;
	char *region = reserve((pages + 1) * 2 * PAGE);

	if (region == MAP_FAILED)
		return -1;
	for (int cpu = 0; cpu < 2; cpu++) {
		pin_to_cpu(cpu);
		touch(region + cpu * pages * PAGE, pages);
	}
	return 0;
}

/* Sees to it that no child outlives a test that fails. */
static inline void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/*
 * Starts a child that calls prepare(arg), which returns 0 when all went well,
 * and then stops. Returns once it has stopped, and its memory no longer
 * changes; or -1.
 */
static inline pid_t spawn_stopped(int (*prepare)(void *arg), void *arg)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		die_with_parent();
		if (prepare && prepare(arg))
			_exit(EXIT_FAILURE);
		kill(getpid(), SIGSTOP);
		_exit(EXIT_SUCCESS);
	}
	if (pid < 0)
		return -1;
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		return -1;
	return pid;
}

/* Raises a limit of the kernel whose default depends on the machine. */
static inline int raise_to(const char *path, int least)
{
	char text[32];

	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	if (atoi(text) >= least)
		return 0;
	snprintf(text, sizeof(text), "%d", least);
	return write_file(path, text);
}

/* Starts as many children, each with its number as the argument. */
static inline int raise_crowd(pid_t *pids, int count, int (*prepare)(void *arg))
{
	if (raise_to("/proc/sys/kernel/threads-max", 4 * count) ||
	    raise_to("/proc/sys/kernel/pid_max", 4 * count))
		return -1;
	for (int i = 0; i < count; i++) {
		pids[i] = spawn_stopped(prepare, (void *)(unsigned long)i);
		if (pids[i] < 0)
			return -1;
	}
	return 0;
}

static inline void reap(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
}

static inline void reap_all(const pid_t *pids, int count)
{
	for (int i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
	for (int i = 0; i < count; i++)
		waitpid(pids[i], NULL, __WALL);
}

#endif /* TAMALLOC_SELFTEST_COMMON_H */
