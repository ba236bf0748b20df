// SPDX-License-Identifier: MIT
/*
 * The two backends of the library say the same of processes that do nothing.
 * TAP. Where the system calls do not answer there is nothing to compare: that
 * is a failure.
 */
#include <err.h>
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

#include <tamalloc.h>

#define MIB ((uint64_t)1 << 20)
#define IDLE 40
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

/* A stopped child with some memory; with a leader that has exited, if wanted. */
static pid_t start(size_t pages, bool without_leader)
{
	pid_t pid = fork();
	pthread_t thread;
	int status;

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		volatile char *region = tamalloc_reserve(pages * 8192 + MIB);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!region)
			_exit(1);
		for (size_t i = 0; i < pages; i++)
			region[i * 4096] = 1;
		if (!without_leader)
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

static bool same_record(const struct tamalloc_process *calls,
			const struct tamalloc_process *proc)
{
	bool same = true;

#define SAME(field) (same &= same_field(#field, (uint64_t)calls->field, \
					(uint64_t)proc->field, calls->pid))
	SAME(fields);
	SAME(pid);
	SAME(parent);
	SAME(user);
	SAME(oom_score_adj);
	SAME(oom_score);
	SAME(start_time);
	SAME(reserved);
	SAME(committed);
	SAME(anonymous);
	SAME(file);
	SAME(shared);
	SAME(swap);
	SAME(page_tables);
	return same && !strcmp(calls->command, proc->command);
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
	       calls.fields == TAMALLOC_ALL_FIELDS && same_record(&calls, &proc);
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

static size_t list(enum tamalloc_backend backend, pid_t *pids)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;
	size_t count = 0;

	tamalloc_set_backend(backend);
	if (tamalloc_iterator_open(&iterator, TAMALLOC_RESERVED, 0))
		return 0;
	while (count < PIDS_MAX &&
	       tamalloc_iterator_next(iterator, &record, sizeof(record)) > 0)
		pids[count++] = record.pid;
	tamalloc_iterator_close(iterator);
	return count;
}

static bool same_list(void)
{
	static pid_t calls[PIDS_MAX], proc[PIDS_MAX];
	size_t count = list(TAMALLOC_SYSCALL, calls);

	return count > IDLE && count == list(TAMALLOC_PROC, proc) &&
	       !memcmp(calls, proc, count * sizeof(*calls));
}

static struct tamalloc_total total(enum tamalloc_backend backend)
{
	struct tamalloc_total record;

	tamalloc_set_backend(backend);
	if (tamalloc_total(TAMALLOC_TOTAL_PROCESSES, &record, sizeof(record)))
		errx(1, "tamalloc_total");
	return record;
}

static bool near(const char *name, uint64_t calls, uint64_t proc)
{
	uint64_t distance = calls > proc ? calls - proc : proc - calls;

	/* The calls round down to a MiB, and this program is not idle. */
	if (distance <= 2 * MIB)
		return true;
	printf("# %s: %" PRIu64 " by the calls, %" PRIu64 " by /proc\n", name, calls, proc);
	return false;
}

static bool same_total(void)
{
	struct tamalloc_total calls = total(TAMALLOC_SYSCALL);
	struct tamalloc_total proc = total(TAMALLOC_PROC);

	return near("reserved", calls.reserved, proc.reserved) &&
	       near("committed", calls.committed, proc.committed) && !proc.doubtful;
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
		pid_t watcher = getppid();

		if (!region)
			_exit(1);
		for (size_t i = 0; i < 32 * MIB; i += 4096)
			region[i] = 1;
		if (!vfork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			kill(watcher, SIGUSR1);
			pause();
			_exit(0);
		}
		_exit(0);
	}
	while (sigwaitinfo(signals, NULL) != SIGUSR1)
		;
	ok(same_total(), "memory that two processes share counts once");
	kill(owner, SIGKILL);
	waitpid(owner, &status, 0);
}

int main(void)
{
	pid_t idle[IDLE], without_leader, zombie;
	sigset_t signals;
	bool same = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);

	ok(!tamalloc_probe(550) && !tamalloc_probe(551) && !tamalloc_probe(552),
	   "the system calls answer");
	for (int i = 0; i < IDLE; i++)
		idle[i] = start((size_t)i * i, false);
	without_leader = start(500, true);
	zombie = fork();
	if (!zombie)
		_exit(0);
	waitid(P_PID, (id_t)zombie, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);

	for (int i = 0; i < IDLE; i++)
		same &= same_process(idle[i]);
	ok(same, "processes that do nothing have the same figures");
	ok(same_process(without_leader), "so has one whose first thread has exited");
	ok(same_list(), "the same processes are listed");
	ok(same_total(), "the totals are the same");
	ok(same_error(zombie), "a zombie is refused alike");
	ok(same_error(2), "a kernel thread is refused alike");
	ok(same_error(0) && same_error(-1) && same_error(PIDS_MAX * 1000),
	   "who does not exist is refused alike");
	share_and_compare(&signals);

	for (int i = 0; i < IDLE; i++)
		kill(idle[i], SIGKILL);
	kill(without_leader, SIGKILL);
	printf("1..%d\n", number);
	return !all_passed;
}
