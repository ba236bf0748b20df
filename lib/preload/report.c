// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../allocator/allocator.h"
#include "report.h"

static char path[PATH_MAX];

/* So that a blank separates fields, and a line ends lines. */
static void escape(char *text, const char *name)
{
	for (; *name; name++) {
		unsigned char byte = (unsigned char)*name;

		if (byte <= ' ' || byte == 0x7f || byte == '\\')
			text += sprintf(text, "\\%03o", byte);
		else
			*text++ = (char)byte;
	}
	*text = 0;
}

static __attribute__((destructor)) void report_end(void)
{
	char line[1024], command[4 * 64];
	struct counts counts;
	struct rusage usage;
	int fd, length;

	if (!*path)
		return;
	heap_lock();
	counts = heap.counts;
	heap_unlock();
	snprintf(line, sizeof(command) / 4, "%s", program_invocation_short_name);
	escape(command, line);
	getrusage(RUSAGE_SELF, &usage);
	length = snprintf(line, sizeof(line),
			  "tamalloc 1 pid=%d command=%s blocks=%" PRIu64 " allocated=%" PRIu64
			  " zeroed=%" PRIu64 " skipped=%" PRIu64 " dropped=%" PRIu64
			  " faults=%ld peak=%" PRIu64 "\n",
			  (int)getpid(), command, counts.blocks, counts.allocated, counts.zeroed,
			  counts.allocated - counts.zeroed, counts.dropped_bytes,
			  usage.ru_minflt + usage.ru_majflt, (uint64_t)usage.ru_maxrss * 1024);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return;
	/* One write(2): lines of several processes do not mix. */
	if (write(fd, line, (size_t)length) < 0)
		length = 0;
	close(fd);
}

void report_begin(void)
{
	const char *name = secure_getenv("TAMALLOC_REPORT");

	/* The program may change its environment and its directory. */
	if (name && (*name != '/' || strlen(name) >= sizeof(path)))
		name = realpath(name, path);
	else if (name)
		strcpy(path, name);
}
