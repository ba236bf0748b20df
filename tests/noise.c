// SPDX-License-Identifier: MIT
/*
 * The other programs of a machine: forks, maps and frees 2 GiB (or so many MiB as it is
 * told) all the time, until it is killed, under a name and an oom_score_adj that tests give
 * to processes of their own. They have to pass beside it: tests/noisy.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "end-with.h"

#define MIB ((size_t)1 << 20)
#define PARTS 16
#define PASSING 20 /* children that do nothing but use up pids */

static pid_t start(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		end_with(parent);
	return pid;
}

/* Each part is touched, page by page; half of them are freed at once, half at the end. */
static void map_and_free(size_t size)
{
	size_t part = size / PARTS;

	for (int i = 0; i < PARTS; i++) {
		volatile char *memory = mmap(NULL, part, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			err(1, "mmap: %zu bytes", part);
		for (size_t at = 0; at < part; at += 4096)
			memory[at] = 1;
		if (i % 2)
			munmap((void *)memory, part);
	}
}

int main(int argc, char **argv)
{
	int adj = open("/proc/self/oom_score_adj", O_WRONLY);
	size_t size = 2048 * MIB;

	if (argc > 2 || (argc == 2 && atol(argv[1]) < PARTS))
		errx(2, "usage: noise [MIB], %d or more", PARTS);
	if (argc == 2)
		size = (size_t)atol(argv[1]) * MIB;
	if (adj < 0 || write(adj, "1000", 4) != 4 || prctl(PR_SET_NAME, "tt-one"))
		err(1, "oom_score_adj");
	close(adj);
	for (;;) {
		if (!start()) {
			map_and_free(size);
			_exit(0);
		}
		for (int i = 0; i < PASSING; i++)
			if (!start())
				_exit(0);
		while (wait(NULL) > 0)
			;
	}
}
