// SPDX-License-Identifier: MIT
/*
 * The backends of the library say the same of processes that do nothing: /proc,
 * and the system calls, both with 553 and, as on older kernels, without it.
 * TAP. Where the system calls do not answer there is nothing to compare: that
 * is a failure.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/tamalloc.h>
#include <tamalloc.h>

#include "alone.h"
#include "end-with.h"
#include "refuse-call.h"

#define MIB ((uint64_t)1 << 20)
#define IDLE 40
#define THREADS 6
#define PIDS_MAX 4096

static int number;
static bool all_passed = true;

static void ok(bool passed, const char *name)
{
	printf("%s %d - %s\n", passed ? "ok" : "not ok", ++number, name);
	all_passed &= passed;
}

static void *hold_still(void *unused)
{
	kill(getpid(), SIGSTOP);
	pause();
	return unused;
}

static void *sleep_on(void *unused)
{
	pause();
	return unused;
}

static void add_threads(int count)
{
	pthread_t thread;

	for (int i = 0; i < count; i++)
		if (pthread_create(&thread, NULL, sleep_on, NULL))
			_exit(1);
}

/* What makes a child another one than the rest. */
struct kind {
	size_t pages;
	int threads; /* beside the first */
	bool without_leader;
	int oom_score_adj;
	const char *command;
};

static void set_oom_score_adj(int adj)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "w");

	if (!file || fprintf(file, "%d", adj) < 0 || fclose(file))
		err(1, "oom_score_adj");
}

/* A stopped child with some memory. */
static pid_t start(struct kind kind)
{
	pid_t parent = getpid(), pid = fork();
	pthread_t thread;
	int status;

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		volatile char *region = tamalloc_reserve(kind.pages * 8192 + MIB);

		end_with(parent);
		if (!region)
			_exit(1);
		for (size_t i = 0; i < kind.pages; i++)
			region[i * 4096] = 1;
		if (kind.command)
			prctl(PR_SET_NAME, kind.command);
		set_oom_score_adj(kind.oom_score_adj);
		add_threads(kind.threads);
		if (!kind.without_leader)
			hold_still(NULL);
		if (pthread_create(&thread, NULL, hold_still, NULL))
			_exit(1);
		pthread_exit(NULL);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		errx(1, "a child did not stop");
	return pid;
}

static bool same_field(const char *name, uint64_t calls, uint64_t proc, pid_t pid)
{
	if (calls != proc)
		printf("# process %d: %s is %" PRIu64 " by the calls, %" PRIu64 " by /proc\n",
		       pid, name, calls, proc);
	return calls == proc;
}

/* Whether /proc tells committed memory to the page; else it lacks some of it. */
static bool statm_is_exact;

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* A batch of each CPU's and what each thread keeps back, of three kinds of pages. */
static uint64_t lack(uint32_t threads)
{
	return 3 * 64 * (uint64_t)sysconf(_SC_PAGESIZE) *
	       ((uint64_t)sysconf(_SC_NPROCESSORS_CONF) + threads);
}

static bool same_size(const char *name, uint64_t calls, uint64_t proc,
		      const struct tamalloc_process *process)
{
	return (!statm_is_exact && distance(calls, proc) <= lack(process->threads)) ||
	       same_field(name, calls, proc, process->pid);
}

/* /proc has ticks. */
static uint64_t whole_ticks(uint64_t nanoseconds)
{
	return nanoseconds - nanoseconds % (1000000000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

/*
 * The call reads the counters of the OOM killer, each of which may lack a batch
 * of pages on each CPU or of each thread.
 */
static bool near_badness(const struct tamalloc_process *calls,
			 const struct tamalloc_process *proc)
{
	int64_t batch = 4 * 64 * (sysconf(_SC_NPROCESSORS_CONF) + (int64_t)calls->threads);

	if (llabs(calls->oom_badness - proc->oom_badness) <= batch)
		return true;
	printf("# process %d: oom_badness is %" PRId64 " by the calls, %" PRId64
	       " by /proc\n", calls->pid, calls->oom_badness, proc->oom_badness);
	return false;
}

/* What only the call tells. */
static uint32_t as_by_proc(uint32_t exempt)
{
	return exempt == TAMALLOC_EXEMPT_VFORK || exempt == TAMALLOC_EXEMPT_SKIPPED ?
		       TAMALLOC_EXEMPT_UNKNOWN : exempt;
}

/* calls is by 553, and by no other with it. */
static bool same_record(const struct tamalloc_process *calls,
			const struct tamalloc_process *proc)
{
	bool same = calls->fields == TAMALLOC_ALL_FIELDS &&
		    proc->fields == (TAMALLOC_ALL_FIELDS & ~TAMALLOC_ADDRESS_SPACE);

#define SAME_AS(field, value) (same &= same_field(#field, (uint64_t)(value), \
						  (uint64_t)proc->field, calls->pid))
#define SAME(field) SAME_AS(field, calls->field)
	SAME(pid);
	SAME(parent);
	SAME(user);
	SAME(oom_score_adj);
	SAME(oom_score);
	SAME_AS(start_time, whole_ticks(calls->start_time));
	SAME(reserved);
#define SAME_SIZE(field) (same &= same_size(#field, calls->field, proc->field, calls))
	SAME_SIZE(committed);
	SAME_SIZE(anonymous);
	SAME_SIZE(file);
	SAME_SIZE(shared);
	SAME(swap);
	SAME(page_tables);
	SAME(threads);
	SAME_AS(oom_exempt, as_by_proc(calls->oom_exempt));
	if (strcmp(calls->command, proc->command)) {
		printf("# process %d: a name by the calls, another by /proc\n", calls->pid);
		same = false;
	}
	return same && near_badness(calls, proc);
}

static int ask(enum tamalloc_backend backend, pid_t pid, struct tamalloc_process *record)
{
	tamalloc_set_backend(backend);
	return tamalloc_process(pid, TAMALLOC_ALL_FIELDS, record, sizeof(*record));
}

static bool same_process(pid_t pid)
{
	struct tamalloc_process calls, proc;

	return !ask(TAMALLOC_SYSCALL, pid, &calls) && !ask(TAMALLOC_PROC, pid, &proc) &&
	       same_record(&calls, &proc);
}

/* Both refuse, for the same reason. */
static bool same_error(pid_t pid)
{
	struct tamalloc_process record;
	int calls = ask(TAMALLOC_SYSCALL, pid, &record);
	int proc = ask(TAMALLOC_PROC, pid, &record);

	if (!calls || calls != proc)
		printf("# process %d: %d by the calls, %d by /proc\n", pid, calls, proc);
	return calls && calls == proc;
}

static size_t list(enum tamalloc_backend backend, struct tamalloc_process *records)
{
	struct tamalloc_iterator *iterator;
	size_t count = 0;

	tamalloc_set_backend(backend);
	if (tamalloc_iterator_open(&iterator, TAMALLOC_ALL_FIELDS, 0))
		return 0;
	while (count < PIDS_MAX &&
	       tamalloc_iterator_next(iterator, &records[count], sizeof(*records)) > 0)
		count++;
	tamalloc_iterator_close(iterator);
	return count;
}

static const struct tamalloc_process *find(const struct tamalloc_process *records,
					   size_t count, pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (records[i].pid == pid)
			return &records[i];
	errx(1, "process %d is not listed", pid);
}

static struct tamalloc_process by_calls[PIDS_MAX], by_proc[PIDS_MAX];

/* The same ones, and the same of those that are idle. */
static bool same_lists(const pid_t *idle, size_t idle_count)
{
	size_t count = list(TAMALLOC_SYSCALL, by_calls);
	bool same = count > idle_count && count == list(TAMALLOC_PROC, by_proc);

	for (size_t i = 0; same && i < count; i++)
		same = by_calls[i].pid == by_proc[i].pid;
	for (size_t i = 0; same && i < idle_count; i++)
		same = same_record(find(by_calls, count, idle[i]),
				   find(by_proc, count, idle[i]));
	return same;
}

static bool same_bytes(const struct tamalloc_process *calls,
		       const struct tamalloc_process *proc)
{
	struct tamalloc_process record = *proc;

	if (!same_size("committed", calls->committed, proc->committed, calls) ||
	    !near_badness(calls, proc))
		return false;
	if (!statm_is_exact) {
		record.committed = calls->committed;
		record.oom_badness = calls->oom_badness;
	}
	return !memcmp(calls, &record, sizeof(record));
}

/* Of the fields that the other calls and /proc have: the first record's. */
static bool same_without_snapshot(const pid_t *idle, size_t idle_count)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		bool same = true;
		size_t count;

		refuse_call(__NR_tamalloc_snapshot, ENOSYS);
		count = list(TAMALLOC_SYSCALL, by_calls);
		same = count && count == list(TAMALLOC_PROC, by_proc);
		for (size_t i = 0; same && i < idle_count; i++)
			same = same_bytes(find(by_calls, count, idle[i]),
					  find(by_proc, count, idle[i]));
		_exit(!same);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

static struct tamalloc_total total(enum tamalloc_backend backend)
{
	struct tamalloc_total record;

	tamalloc_set_backend(backend);
	if (tamalloc_total(TAMALLOC_TOTAL_PROCESSES, &record, sizeof(record)))
		errx(1, "tamalloc_total");
	return record;
}

static bool near(const char *name, uint64_t calls, uint64_t proc, uint64_t more)
{
	/* The calls round down to a MiB, and this program is not idle. */
	if (distance(calls, proc) <= 2 * MIB + more)
		return true;
	printf("# %s: %" PRIu64 " by the calls, %" PRIu64 " by /proc\n", name, calls, proc);
	return false;
}

static bool same_total(void)
{
	struct tamalloc_total calls = total(TAMALLOC_SYSCALL);
	struct tamalloc_total proc = total(TAMALLOC_PROC);

	uint64_t more = statm_is_exact ? 0 : list(TAMALLOC_SYSCALL, by_calls) * lack(1);

	return near("reserved", calls.reserved, proc.reserved, 0) &&
	       near("committed", calls.committed, proc.committed, more) && !proc.doubtful;
}

/* Who is in vfork() and its child: one address space, and no other has it. */
static bool shares(pid_t owner)
{
	size_t count = list(TAMALLOC_SYSCALL, by_calls);
	uint64_t shared = find(by_calls, count, owner)->address_space;
	size_t sharing = 0;

	for (size_t i = 0; i < count; i++) {
		const struct tamalloc_process *process = &by_calls[i];
		bool is_child = process->parent == owner;

		if ((process->address_space == shared) != (is_child || process->pid == owner))
			return false;
		if (is_child && process->oom_exempt != TAMALLOC_EXEMPT_VFORK)
			return false;
		sharing += is_child;
	}
	return shared && sharing == 1;
}

/* A vfork()ed child lives in its parent's memory. */
static void share_and_compare(const sigset_t *signals)
{
	pid_t owner = fork();
	int status;

	if (owner < 0)
		err(1, "fork");
	if (!owner) {
		volatile char *region = tamalloc_reserve(64 * MIB);
		pid_t watcher = getppid(), self = getpid();

		if (!region)
			_exit(1);
		for (size_t i = 0; i < 32 * MIB; i += 4096)
			region[i] = 1;
		if (!vfork()) {
			end_with(self);
			kill(watcher, SIGUSR1);
			pause();
			_exit(0);
		}
		_exit(0);
	}
	while (sigwaitinfo(signals, NULL) != SIGUSR1)
		;
	ok(same_total(), "memory that two processes share counts once");
	ok(shares(owner), "those two, and no other, have one address space");
	kill(owner, SIGKILL);
	waitpid(owner, &status, 0);
}

int main(void)
{
	static const struct kind odd[] = {
		{ .pages = 500, .without_leader = true },
		{ .pages = 100, .threads = THREADS },
		{ .pages = 100, .threads = THREADS, .without_leader = true },
		{ .pages = 1000, .oom_score_adj = 500 },
		{ .pages = 1000, .oom_score_adj = -500 },
		{ .pages = 1000, .oom_score_adj = -999 },
		{ .pages = 1000, .oom_score_adj = -1000 },
		{ .command = "fifteen letters" },
		{ .command = ") \n\x1b[1m\xff(" },
		{ .command = "" },
	};
	enum { ODD = sizeof(odd) / sizeof(odd[0]) };
	struct tamalloc_system system;
	pid_t idle[IDLE + ODD], zombie;
	struct tamalloc_process record;
	sigset_t signals;
	bool same = true;

	if (tamalloc_system(&system, sizeof(system)))
		errx(1, "tamalloc_system");
	statm_is_exact = system.statm_is_exact;
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);

	ok(!tamalloc_probe(550) && !tamalloc_probe(551) && !tamalloc_probe(552) &&
	   !tamalloc_probe(553), "the system calls answer");
	ok(!ask(TAMALLOC_SYSCALL, 1, &record) && record.oom_exempt == TAMALLOC_EXEMPT_INIT &&
	   !record.oom_badness && same_process(1), "the first process is exempt");
	ok(same_error(2), "a kernel thread is refused alike");
	/* What follows is of this program's own processes, among no others. */
	live_alone();
	for (size_t i = 0; i < IDLE; i++)
		idle[i] = start((struct kind){ .pages = i * i });
	for (size_t i = 0; i < ODD; i++)
		idle[IDLE + i] = start(odd[i]);
	zombie = fork();
	if (!zombie)
		_exit(0);
	waitid(P_PID, (id_t)zombie, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);

	for (size_t i = 0; i < IDLE; i++)
		same &= same_process(idle[i]);
	ok(same, "processes that do nothing have the same figures");
	ok(same_process(idle[IDLE]), "so has one whose first thread has exited");
	same = true;
	for (size_t i = 1; i < ODD; i++)
		same &= same_process(idle[IDLE + i]);
	ok(same, "so have those with threads, an oom_score_adj, an odd name");
	ok(!ask(TAMALLOC_SYSCALL, idle[IDLE + 1], &record) && record.threads == THREADS + 1,
	   "threads are counted");
	ok(!ask(TAMALLOC_SYSCALL, idle[IDLE + 6], &record) &&
	   record.oom_exempt == TAMALLOC_EXEMPT_DISABLED && !record.oom_badness &&
	   !record.oom_score, "an oom_score_adj of -1000 exempts");
	ok(same_lists(idle, IDLE + ODD), "the same processes are listed, with the same figures");
	ok(same_without_snapshot(idle, IDLE + ODD), "so they are without call 553");
	ok(same_total(), "the totals are the same");
	ok(same_error(zombie), "a zombie is refused alike");
	ok(same_error(0) && same_error(-1) && same_error(PIDS_MAX * 1000),
	   "who does not exist is refused alike");
	share_and_compare(&signals);

	for (size_t i = 0; i < IDLE + ODD; i++)
		kill(idle[i], SIGKILL);
	printf("1..%d\n", number);
	return !all_passed;
}
