// SPDX-License-Identifier: MIT
/*
 * Memory cgroups meet their limits, and the kernel kills in them whom the library
 * named before, by the system calls and by /proc. TAP. Needs a kernel of its own
 * with cgroup version 2, and root.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tamalloc.h>

#define MIB	    ((size_t)1 << 20)
#define MOUNT	    "/tmp/oom-library"
#define PROCESSES   8
#define DIE_WITHIN  5000 /* ms; the guest is emulated */

static int number;
static bool all_passed = true;

static pid_t started[PROCESSES + 1];
static int started_count;

static void ok(bool passed, const char *scenario, const char *what)
{
	printf("%s %d - %s: %s\n", passed ? "ok" : "not ok", ++number, scenario, what);
	fflush(stdout);
	all_passed &= passed;
}

static void write_file(const char *cgroup, const char *file, const char *value)
{
	char path[256];
	int descriptor;

	snprintf(path, sizeof(path), "%s%s/%s", MOUNT, cgroup, file);
	descriptor = open(path, O_WRONLY);
	if (descriptor < 0 || write(descriptor, value, strlen(value)) < 0)
		err(1, "%s: %s", path, value);
	close(descriptor);
}

static void make_cgroup(const char *cgroup)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", MOUNT, cgroup);
	if (mkdir(path, 0755))
		err(1, "%s", path);
}

static void remove_cgroup(const char *cgroup)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", MOUNT, cgroup);
	/* Who has been waited for may still be leaving. */
	for (int tries = 0; rmdir(path) && errno == EBUSY && tries < 100; tries++)
		usleep(10000);
}

static void set_adj(const char *adj)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "w");

	if (!file || fputs(adj, file) < 0 || fclose(file))
		_exit(1);
}

static char *touch(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	memset(memory, 1, size);
	return memory;
}

static int idle(void *unused)
{
	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

enum { ALONE, WITH_ANOTHER };

/* Stops when it has its memory. */
static void start(const char *cgroup, size_t mib, const char *adj, int company)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		write_file(cgroup, "cgroup.procs", "0");
		set_adj(adj);
		touch(mib * MIB);
		if (company == WITH_ANOTHER &&
		    clone(idle, touch(MIB) + MIB, CLONE_VM | CLONE_PARENT | SIGCHLD, NULL) < 0)
			_exit(1);
		raise(SIGSTOP);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		errx(1, "a process in %s did not start", cgroup);
	started[started_count++] = pid;
}

static unsigned int kills(const char *cgroup)
{
	unsigned int count = 0;
	char path[256], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s/memory.events", MOUNT, cgroup);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "oom_kill %u", &count);
	if (file)
		fclose(file);
	return count;
}

/* Fills the cgroup page by page until somebody has been killed for it. */
static pid_t fill(const char *cgroup, const char *limited)
{
	pid_t pid = fork();

	if (!pid) {
		char *memory = mmap(NULL, 512 * MIB, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		write_file(cgroup, "cgroup.procs", "0");
		set_adj("-1000");
		for (size_t at = 0; at < 512 * MIB && !kills(limited); at += 65536)
			memset(memory + at, 1, 65536);
		for (;;)
			pause();
	}
	return pid;
}

struct prediction {
	struct tamalloc_oom_victim victims[PROCESSES];
	ssize_t count;
	bool is_tie; /* the first two are equally bad */
};

static void predict(const char *cgroup, enum tamalloc_backend backend, struct prediction *to)
{
	struct tamalloc_process first, second;
	struct tamalloc_oom *oom;
	int error;

	tamalloc_set_backend(backend);
	error = tamalloc_oom_open(&oom, cgroup);
	if (error)
		errx(1, "%s: %s", cgroup, strerror(-error));
	if (tamalloc_oom_next(oom, &first, sizeof(first)) != 1 ||
	    tamalloc_oom_next(oom, &second, sizeof(second)) != 1)
		errx(1, "%s: not two processes", cgroup);
	to->is_tie = first.oom_badness == second.oom_badness;
	to->count = tamalloc_oom_victims(oom, first.pid, to->victims, PROCESSES);
	tamalloc_oom_close(oom);
}

static bool is_victim(const struct prediction *prediction, pid_t pid)
{
	for (ssize_t i = 0; i < prediction->count; i++)
		if (prediction->victims[i].pid == pid)
			return true;
	return false;
}

static void show(const struct prediction *prediction, const char *name)
{
	printf("# %s:", name);
	for (ssize_t i = 0; i < prediction->count; i++)
		printf(" %d", prediction->victims[i].pid);
	printf("\n");
}

/* What the kernel says of its kills from here on. */
static int open_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (log < 0 || lseek(log, 0, SEEK_END) < 0)
		err(1, "/dev/kmsg");
	return log;
}

struct log {
	pid_t first;		  /* the first that was killed */
	pid_t later[PROCESSES];	  /* those of further kills: memory came back too late */
	int later_count;
};

static struct log read_log(int descriptor)
{
	struct log log = { 0 };
	int invoked = 0;
	char line[8192];
	ssize_t length;

	while ((length = read(descriptor, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		const char *killed;
		pid_t pid;

		line[length > 0 ? length : 0] = '\0';
		invoked += !!strstr(line, "invoked oom-killer");
		killed = strstr(line, "Killed process ");
		if (!killed || sscanf(killed, "Killed process %d", &pid) != 1)
			continue;
		if (!log.first)
			log.first = pid;
		if (invoked > 1 && log.later_count < PROCESSES)
			log.later[log.later_count++] = pid;
	}
	return log;
}

static bool is_later(const struct log *log, pid_t pid)
{
	for (int i = 0; i < log->later_count; i++)
		if (log->later[i] == pid)
			return true;
	return false;
}

/* Waits for those that were named, and a moment for others, whom it lists. */
static bool these_die(const struct prediction *prediction, pid_t *others, int *other_count)
{
	ssize_t right = 0;
	int status;

	*other_count = 0;
	for (int waited = 0; waited < DIE_WITHIN; waited += 10) {
		pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);

		if (pid > 0) {
			printf("# ended: %d\n", pid);
			if (is_victim(prediction, pid) && WIFSIGNALED(status))
				right++;
			else if (*other_count < PROCESSES)
				others[(*other_count)++] = pid;
		}
		if (right == prediction->count && waited < DIE_WITHIN - 300)
			waited = DIE_WITHIN - 300;
		usleep(10000);
	}
	return right == prediction->count;
}

static void end_all(void)
{
	for (int i = 0; i < started_count; i++)
		kill(started[i], SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
	started_count = 0;
}

/* Whoever dies when limited, with filler in it, meets its limit is named before. */
static void run(const char *name, const char *limited, const char *filler, ssize_t dying)
{
	struct prediction by_calls, by_proc;
	pid_t others[PROCESSES];
	int other_count, log = open_log();
	bool is_alone = true;
	struct log said;

	predict(limited, TAMALLOC_SYSCALL, &by_calls);
	predict(limited, TAMALLOC_PROC, &by_proc);
	show(&by_calls, "by the system calls");
	ok(by_calls.count == dying, name, "as many are named as must die");
	/* Exact counters may part those whom the approximate ones make equal. */
	ok(by_calls.is_tie || (by_calls.count == by_proc.count &&
			       !memcmp(by_calls.victims, by_proc.victims,
				       (size_t)dying * sizeof(by_proc.victims[0]))),
	   name, "both backends name the same");
	started[started_count++] = fill(filler, limited);
	ok(these_die(&by_calls, others, &other_count), name, "those who were named die");
	said = read_log(log);
	close(log);
	ok(said.first == by_calls.victims[0].pid, name, "the kernel says that it took the first");
	for (int i = 0; i < other_count; i++)
		is_alone &= is_later(&said, others[i]);
	ok(is_alone, name, "no others die of it");
	end_all();
}

static void sizes(void)
{
	make_cgroup("/t");
	write_file("/t", "memory.max", "104857600");
	start("/t", 10, "0", ALONE);
	start("/t", 30, "0", ALONE);
	start("/t", 20, "0", ALONE);
	run("sizes", "/t", "/t", 1);
	remove_cgroup("/t");
}

static void adjusted(void)
{
	make_cgroup("/t");
	write_file("/t", "memory.max", "104857600");
	start("/t", 40, "-500", ALONE);
	start("/t", 5, "400", ALONE);
	start("/t", 30, "0", ALONE);
	start("/t", 1, "-1000", ALONE);
	run("oom_score_adj", "/t", "/t", 1);
	remove_cgroup("/t");
}

static void ties(void)
{
	struct prediction prediction;

	make_cgroup("/t");
	write_file("/t", "memory.max", "104857600");
	for (int i = 0; i < 3; i++)
		start("/t", 20, "0", ALONE);
	predict("/t", TAMALLOC_SYSCALL, &prediction);
	ok(prediction.is_tie, "equals", "they are");
	ok(prediction.victims[0].pid == started[2], "equals", "the last one is named");
	run("equals", "/t", "/t", 1);
	remove_cgroup("/t");
}

static void make_tree(void)
{
	make_cgroup("/t");
	write_file("/t", "memory.max", "104857600");
	write_file("/t", "cgroup.subtree_control", "+memory");
	make_cgroup("/t/z");
	make_cgroup("/t/a");
}

static void remove_tree(void)
{
	remove_cgroup("/t/a");
	remove_cgroup("/t/z");
	remove_cgroup("/t");
}

static void nested_ties(void)
{
	struct prediction prediction;

	make_tree();
	start("/t/a", 20, "0", ALONE);
	start("/t/z", 20, "0", ALONE);
	predict("/t", TAMALLOC_SYSCALL, &prediction);
	ok(prediction.is_tie, "equals in two cgroups", "they are");
	/* It is the older one, and has the later name in the alphabet. */
	ok(prediction.victims[0].pid == started[0], "equals in two cgroups",
	   "that of the younger cgroup is named");
	run("equals in two cgroups", "/t", "/t/z", 1);
	remove_tree();
}

static void inner_limit(void)
{
	make_tree();
	write_file("/t/a", "memory.max", "52428800");
	start("/t/z", 40, "0", ALONE);
	start("/t/a", 10, "0", ALONE);
	start("/t/a", 15, "0", ALONE);
	run("the inner limit", "/t/a", "/t/a", 1);
	remove_tree();
}

static void group(void)
{
	make_tree();
	write_file("/t/a", "memory.oom.group", "1");
	start("/t/a", 2, "0", ALONE);
	start("/t/a", 30, "0", ALONE);
	start("/t/a", 2, "-1000", ALONE);
	start("/t/z", 5, "0", ALONE);
	run("memory.oom.group", "/t", "/t/z", 2);
	remove_tree();
}

static void shared(void)
{
	make_cgroup("/t");
	write_file("/t", "memory.max", "104857600");
	start("/t", 10, "0", ALONE);
	start("/t", 30, "0", WITH_ANOTHER);
	run("a shared address space", "/t", "/t", 2);
	remove_cgroup("/t");
}

int main(void)
{
	cpu_set_t one;

	/* The kernel's cheap counters then err in the same way for all. */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		err(1, "sched_setaffinity");
	mkdir("/tmp", 0777);
	if (mkdir(MOUNT, 0755) || mount("none", MOUNT, "cgroup2", 0, NULL))
		err(1, MOUNT);
	write_file("", "cgroup.subtree_control", "+memory");
	sizes();
	adjusted();
	ties();
	nested_ties();
	inner_limit();
	group();
	shared();
	umount(MOUNT);
	rmdir(MOUNT);
	printf("1..%d\n", number);
	return !all_passed;
}
