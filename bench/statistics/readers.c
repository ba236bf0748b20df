// SPDX-License-Identifier: MIT
/*
 * Times the library's iterator and bare readers of the same files in /proc, in
 * turns, each in a process of its own, which has its descriptors to itself:
 *
 *	readers ROUNDS COUNT
 *
 * All of them must see COUNT processes and themselves. Prints a line for each:
 * what it is, the median in microseconds a process, and how far its quartiles
 * are from it. One that may not keep enough descriptors is left out.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <tamalloc.h>

#include "median.h"

#define FIGURES	(TAMALLOC_RESERVED | TAMALLOC_COMMITTED | TAMALLOC_OOM_SCORE_ADJ)

static long count;

/* What is read goes here, so that nothing of it can be left out. */
static volatile uint64_t sum;

static void use_statm(const char *text)
{
	char *rest;

	sum += strtoull(text, &rest, 10);
	sum += strtoull(rest, NULL, 10);
}

static void use_adjustment(const char *text)
{
	sum += (uint64_t)strtol(text, NULL, 10);
}

static void use_name(const char *text)
{
	sum += strlen(text);
}

struct file {
	const char *name;
	void (*use)(const char *text);
};

static const struct file files[] = {
	{ "statm", use_statm },
	{ "oom_score_adj", use_adjustment },
	{ "comm", use_name },
};

#define FILES	(sizeof(files) / sizeof(files[0]))

/* How many of them hold the figures, and how many the name as well. */
#define FIGURE_FILES	2
#define COMMAND_FILES	3

static int open_file(int proc, const char *pid, const char *name)
{
	char path[NAME_MAX + sizeof("/oom_score_adj")];

	stpcpy(stpcpy(stpcpy(path, pid), "/"), name);
	return openat(proc, path, O_RDONLY | O_CLOEXEC);
}

static void use(const struct file *file, char *text, ssize_t length)
{
	if (length < 0)
		err(1, "reading %s", file->name);
	text[length] = '\0';
	file->use(text);
}

static struct dirent *next_process(DIR *proc)
{
	struct dirent *entry;

	do
		entry = readdir(proc);
	while (entry && !isdigit((unsigned char)*entry->d_name));
	return entry;
}

static DIR *open_proc(void)
{
	DIR *proc = opendir("/proc");

	if (!proc)
		err(1, "/proc");
	return proc;
}

static long bare(size_t amount)
{
	DIR *proc = open_proc();
	struct dirent *entry;
	char text[256];
	long seen = 0;

	while ((entry = next_process(proc))) {
		for (size_t i = 0; i < amount; i++) {
			int fd = open_file(dirfd(proc), entry->d_name, files[i].name);

			use(&files[i], text, read(fd, text, sizeof(text) - 1));
			close(fd);
		}
		seen++;
	}
	closedir(proc);
	return seen;
}

static long bare_figures(void)
{
	return bare(FIGURE_FILES);
}

static long bare_command(void)
{
	return bare(COMMAND_FILES);
}

static int (*kept)[FILES];

static void keep(size_t amount)
{
	DIR *proc = open_proc();
	struct dirent *entry;
	long seen = 0;

	kept = calloc((size_t)count, sizeof(*kept));
	if (!kept)
		err(1, "calloc");
	while ((entry = next_process(proc)) && seen < count) {
		for (size_t i = 0; i < amount; i++) {
			kept[seen][i] = open_file(dirfd(proc), entry->d_name, files[i].name);
			if (kept[seen][i] < 0)
				err(1, "%s/%s", entry->d_name, files[i].name);
		}
		seen++;
	}
	closedir(proc);
}

static long bare_again(size_t amount)
{
	char text[256];

	if (!kept)
		keep(amount);
	for (long i = 0; i < count; i++)
		for (size_t file = 0; file < amount; file++)
			use(&files[file], text,
			    pread(kept[i][file], text, sizeof(text) - 1, 0));
	return count;
}

static long bare_figures_kept(void)
{
	return bare_again(FIGURE_FILES);
}

static long bare_command_kept(void)
{
	return bare_again(COMMAND_FILES);
}

static void failed(int error)
{
	errno = -error;
	err(1, "the iterator");
}

static long walk(struct tamalloc_iterator *iterator)
{
	struct tamalloc_process record;
	long seen = 0;
	int error;

	while ((error = tamalloc_iterator_next(iterator, &record, sizeof(record))) > 0) {
		sum += record.reserved + record.committed;
		seen++;
	}
	if (error)
		failed(error);
	return seen;
}

static struct tamalloc_iterator *open_iterator(uint64_t wanted, unsigned int flags)
{
	struct tamalloc_iterator *iterator;
	int error = tamalloc_iterator_open(&iterator, wanted, flags);

	if (error)
		failed(error);
	return iterator;
}

static long fresh(uint64_t wanted)
{
	struct tamalloc_iterator *iterator = open_iterator(wanted, 0);
	long seen = walk(iterator);

	tamalloc_iterator_close(iterator);
	return seen;
}

static long iterator_figures(void)
{
	return fresh(FIGURES);
}

static long iterator_command(void)
{
	return fresh(FIGURES | TAMALLOC_COMMAND);
}

static long again(struct tamalloc_iterator **iterator, uint64_t wanted)
{
	int error;

	if (!*iterator)
		*iterator = open_iterator(wanted, TAMALLOC_KEEP);
	error = tamalloc_iterator_rewind(*iterator);
	if (error)
		failed(error);
	return walk(*iterator);
}

static long iterator_figures_kept(void)
{
	static struct tamalloc_iterator *iterator;

	return again(&iterator, FIGURES);
}

static long iterator_command_kept(void)
{
	static struct tamalloc_iterator *iterator;

	return again(&iterator, FIGURES | TAMALLOC_COMMAND);
}

static const struct way {
	const char *what;
	long (*round)(void);
	size_t keeps; /* descriptors of each process */
} ways[] = { /* by rising number of descriptors */
	{ "bare", bare_figures, 0 },
	{ "iterator", iterator_figures, 0 },
	{ "bare, comm", bare_command, 0 },
	{ "iterator, comm", iterator_command, 0 },
	{ "bare, kept", bare_figures_kept, FIGURE_FILES },
	{ "iterator, kept", iterator_figures_kept, FIGURE_FILES },
	{ "bare, comm, kept", bare_command_kept, COMMAND_FILES },
	{ "iterator, comm, kept", iterator_command_kept, COMMAND_FILES },
};

#define WAYS	(sizeof(ways) / sizeof(ways[0]))

struct worker {
	int go, done; /* pipes: a byte starts a round, its time ends it */
	double *times;
};

/* The library keeps no more than half of what may be open. */
static bool may_keep(size_t files)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		err(1, "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "setrlimit");
	return limit.rlim_cur >= (rlim_t)count * files * 2;
}

static void work(const struct way *way, int go, int done)
{
	char byte;

	while (read(go, &byte, 1) == 1) {
		double begin = microseconds(), time;
		long seen = way->round();

		time = (microseconds() - begin) / (double)count;
		if (seen != count)
			errx(1, "%s: saw %ld processes, not %ld", way->what, seen, count);
		if (write(done, &time, sizeof(time)) != sizeof(time))
			err(1, "pipe");
	}
	exit(0);
}

static void start(const struct way *way, struct worker *worker, size_t rounds)
{
	int go[2], done[2];
	pid_t pid;

	worker->times = calloc(rounds, sizeof(*worker->times));
	if (!worker->times || pipe(go) || pipe(done))
		err(1, "preparing");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		close(go[1]);
		work(way, go[0], done[1]);
	}
	close(go[0]);
	close(done[1]);
	worker->go = go[1];
	worker->done = done[0];
}

static double measure(const struct worker *worker)
{
	double time;

	if (write(worker->go, "", 1) != 1 ||
	    read(worker->done, &time, sizeof(time)) != sizeof(time))
		errx(1, "a reader has failed");
	return time;
}

int main(int argc, char **argv)
{
	long rounds = argc == 3 ? atol(argv[1]) : 0;
	struct worker workers[WAYS];
	size_t used = 0;

	count = argc == 3 ? atol(argv[2]) : 0;
	if (rounds < 1 || count < 1)
		errx(2, "usage: readers ROUNDS COUNT");
	while (used < WAYS && may_keep(ways[used].keeps))
		used++;
	count += (long)used;
	for (size_t i = 0; i < used; i++)
		start(&ways[i], &workers[i], (size_t)rounds);
	/* Once for nothing: to open what is kept, and to warm up. */
	for (size_t i = 0; i < used; i++)
		measure(&workers[i]);
	for (long round = 0; round < rounds; round++)
		for (size_t i = 0; i < used; i++)
			workers[i].times[round] = measure(&workers[i]);
	for (size_t i = 0; i < used; i++)
		print_median(ways[i].what, workers[i].times, (size_t)rounds);
	return 0;
}
