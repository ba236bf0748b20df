/* SPDX-License-Identifier: MIT */
/* What the examples share: fields of /proc files, and the number of page faults. */
#ifndef EXAMPLES_PROC_H
#define EXAMPLES_PROC_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The number after "name:" in a file such as /proc/self/status, in KiB. */
static inline long proc_kb(const char *path, const char *name)
{
	size_t len = strlen(name);
	char line[256];
	long kb = -1;
	FILE *f = fopen(path, "r");

	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, len) && line[len] == ':') {
			kb = atol(line + len + 1);
			break;
		}
	}
	fclose(f);
	if (kb < 0) {
		fprintf(stderr, "%s: no field %s\n", path, name);
		exit(1);
	}
	return kb;
}

/* Page faults of this process so far that needed no input or output. */
static inline long minor_faults(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		die("getrusage");
	return usage.ru_minflt;
}

#endif
