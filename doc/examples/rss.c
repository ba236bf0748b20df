// SPDX-License-Identifier: MIT
/*
 * The approximate resident size against the exact one: many small processes,
 * their resident pages once from /proc/PID/stat, once from /proc/PID/statm.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"

#define PROCESSES 1000

/* Number @n of the space-separated fields after the last ')', from 1. */
static long field(const char *path, int n)
{
	char line[1024], *p;
	FILE *f = fopen(path, "r");

	if (!f || !fgets(line, sizeof(line), f))
		die(path);
	fclose(f);
	p = strrchr(line, ')');
	p = p ? p + 2 : line;
	while (--n)
		p = strchr(p, ' ') + 1;
	return atol(p);
}

int main(void)
{
	static pid_t pids[PROCESSES];
	long stat = 0, statm = 0;
	int ready[2];
	char path[64], byte;

	if (pipe(ready))
		die("pipe");
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			die("fork");
		if (!pids[i]) {
			/* Whatever becomes of the parent, nobody is left behind. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (write(ready[1], "", 1) != 1)
				_exit(1);
			pause();
			_exit(0);
		}
		if (read(ready[0], &byte, 1) != 1)
			die("read");
	}
	for (int i = 0; i < PROCESSES; i++) {
		/* rss is field 24 of stat, the 22nd after the name. */
		snprintf(path, sizeof(path), "/proc/%d/stat", pids[i]);
		stat += field(path, 22);
		snprintf(path, sizeof(path), "/proc/%d/statm", pids[i]);
		statm += field(path, 2);
	}
	for (int i = 0; i < PROCESSES; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	printf("%d processes, CPUs: %ld\n", PROCESSES,
	       sysconf(_SC_NPROCESSORS_ONLN));
	printf("sum of stat:  %7ld pages\n", stat);
	printf("sum of statm: %7ld pages\n", statm);
	printf("difference:   %7.1f %%\n", 100.0 * (stat - statm) / statm);
	return 0;
}
