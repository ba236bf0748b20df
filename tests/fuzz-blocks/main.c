// SPDX-License-Identifier: MIT
/*
 * Calls malloc(3) and its relatives at random, and checks what they give: see --help and
 * doc/testing.md. This process only watches another one, which does it: who hangs is
 * ended, with all its children.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define PATIENCE 40 /* seconds without a sign of life */
#define GRACE	 90 /* after the time that was asked for */

static volatile sig_atomic_t is_ended;

static void end(int number)
{
	is_ended = number;
}

static long now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* A seed repeats addresses as well. */
static void fix_addresses(char **argv)
{
	int before = personality(0xffffffff);

	if (before < 0 || before & ADDR_NO_RANDOMIZE ||
	    personality((unsigned int)before | ADDR_NO_RANDOMIZE) < 0)
		return;
	execv("/proc/self/exe", argv);
}

/* If memory runs out, this is the one to go, and nobody's work is lost. */
static void be_first_victim(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1000", 4) < 0)
		warn("oom_score_adj");
	if (fd >= 0)
		close(fd);
}

static void print_hang(const struct beat *beat, const char *what, long seconds)
{
	if (atomic_exchange(&progress->is_failing, true))
		return;
	fprintf(stderr, "fuzz-blocks: seed %lu, operation %s%lu (%s): %s %ld seconds\n",
		(unsigned long)options.seed, beat->path, atomic_load(&beat->operation),
		operation_names[atomic_load(&beat->doing)], what, seconds);
	atomic_store(&progress->has_failed, true);
}

/* The thread, or child, without a sign of life for so long; the deepest of them. */
static const struct beat *find_hang(long now, long patience)
{
	static struct {
		unsigned long count;
		long since;
	} seen[BEATS];
	const struct beat *found = patience ? NULL : &progress->beats[0];

	for (int i = 0; i < BEATS; i++) {
		struct beat *beat = &progress->beats[i];
		unsigned long count = atomic_load(&beat->count);

		if (!atomic_load(&beat->is_taken) || count != seen[i].count || !seen[i].since) {
			seen[i].count = count;
			seen[i].since = now;
		} else if (now - seen[i].since >= patience &&
			   (!found || strlen(beat->path) > strlen(found->path))) {
			found = beat;
		}
	}
	return found;
}

static void watch(pid_t runner)
{
	static const struct timespec wait = { .tv_nsec = 20000000 };
	long over = now_seconds() + options.seconds, now;
	const struct beat *hang;
	siginfo_t info = { 0 };

	while (!is_ended && !atomic_load(&progress->has_failed)) {
		/* Not waited for yet: so its number is nobody else's, nor that of its group. */
		if (!waitid(P_PID, (id_t)runner, &info, WEXITED | WNOWAIT | WNOHANG) && info.si_pid)
			break;
		now = now_seconds();
		if (now >= over)
			atomic_store(&progress->is_over, true);
		hang = find_hang(now, PATIENCE);
		if (hang)
			print_hang(hang, "nothing for", PATIENCE);
		else if (now >= over + GRACE)
			print_hang(find_hang(now, 0), "no end after", GRACE);
		nanosleep(&wait, NULL);
	}
}

static void print_summary(void)
{
	struct rusage usage;
	unsigned long all = 0;

	for (int i = 0; i < OPERATIONS; i++)
		all += atomic_load(&progress->done[i]);
	printf("%lu operations:", all);
	for (int i = 0; i < OPERATIONS; i++)
		if (atomic_load(&progress->done[i]))
			printf(" %s %lu", operation_names[i], atomic_load(&progress->done[i]));
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("; no memory %lu, looks %lu; %lu mappings and %ld MiB resident at most\n",
	       atomic_load(&progress->refused), atomic_load(&progress->looks),
	       atomic_load(&progress->mappings), usage.ru_maxrss / 1024);
}

/* It is a group of processes, so that all of it can be ended. */
static pid_t start(void)
{
	pid_t watcher = getpid(), runner;

	fflush(stdout);
	runner = fork();
	if (runner < 0)
		err(2, "fork");
	if (runner)
		return runner;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != watcher)
		_exit(2);
	be_first_victim();
	run();
}

int main(int argc, char **argv)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct rlimit none = { 0, 0 };
	int status = 0;
	pid_t runner;

	fix_addresses(argv);
	options_read(argc, argv);
	setrlimit(RLIMIT_CORE, &none);
	/* Children of children are waited for here, too. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	progress_begin();
	files_begin();
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], end);
	runner = start();
	setpgid(runner, runner);
	watch(runner);
	if (is_ended || atomic_load(&progress->has_failed))
		kill(-runner, SIGKILL);
	waitpid(runner, &status, 0);
	while (waitpid(-1, NULL, 0) > 0)
		;
	print_summary();
	if (is_ended)
		return 128 + (int)is_ended;
	if (!atomic_load(&progress->has_failed) && status) {
		fprintf(stderr, "fuzz-blocks: seed %lu: ended with status %#x\n",
			(unsigned long)options.seed, (unsigned int)status);
		atomic_store(&progress->has_failed, true);
	}
	return atomic_load(&progress->has_failed);
}
