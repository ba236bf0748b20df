// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The report: a line at the end of the program, in a file that is there already. Whatever
 * else has that name by then, nothing is written to it and nobody waits for it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

/*
 * A regular file, of which the name is no link: others may be able to put one there. Its
 * kind is known before it is opened, for that has effects on some devices, and after it, for
 * it may be another one by then.
 */
static int open_file(size_t length)
{
	struct rlimit limit;
	struct stat about;
	int fd;

	if (lstat(path, &about) || !S_ISREG(about.st_mode))
		return -1;
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	/* Beyond the limit on its size a signal would end the program. */
	if (!fstat(fd, &about) && S_ISREG(about.st_mode) && !getrlimit(RLIMIT_FSIZE, &limit) &&
	    (uint64_t)about.st_size + length <= limit.rlim_cur)
		return fd;
	close(fd);
	return -1;
}

static __attribute__((destructor)) void report_end(void)
{
	char line[1024], command[4 * 64];
	struct counts counts;
	struct rusage usage;
	int fd, length;

	if (!*path || !look_plainly())
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
	fd = open_file((size_t)length);
	if (fd < 0)
		return;
	/* One write(2): lines of several processes do not mix. */
	if (write(fd, line, (size_t)length) < 0)
		length = 0;
	close(fd);
}

/* The program may change its environment and its directory. The last name stays as it is. */
void report_begin(void)
{
	const char *name = secure_getenv("TAMALLOC_REPORT");
	const char *slash = name ? strrchr(name, '/') : NULL;
	const char *last = slash ? slash + 1 : name;
	char directory[PATH_MAX];
	size_t length;

	if (!name || !*last || strlen(name) >= sizeof(path))
		return;
	if (*name == '/') {
		strcpy(path, name);
		return;
	}
	snprintf(path, sizeof(path), "%.*s", slash ? (int)(slash - name) : 1, slash ? name : ".");
	length = realpath(path, directory) ? strlen(directory) : sizeof(path);
	if (length + 1 + strlen(last) < sizeof(path))
		sprintf(path, "%s/%s", directory, last);
	else
		*path = '\0';
}
