// SPDX-License-Identifier: MIT
/* What the kernel says that it has done. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oom.h"

/* What is logged from now on. */
int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		bail_out("/dev/kmsg: %s", strerror(errno));
	return fd;
}

/* Copies what stands between key and the next comma. */
static void copy_value(const char *line, const char *key, char *to, size_t size)
{
	const char *from = strstr(line, key);

	if (!from)
		return;
	from += strlen(key);
	snprintf(to, size, "%.*s", (int)strcspn(from, ",\n"), from);
}

static void read_line(const char *line, struct record *record)
{
	static const char killed[] = ": Killed process ";
	const char *from = strstr(line, killed);
	char pid[16] = "";

	if (from && record->count < ARRAY_SIZE(record->killed))
		record->killed[record->count++] = atoi(from + strlen(killed));
	/* Of several kills, the first. */
	if (record->chosen)
		return;
	copy_value(line, "oom-kill:constraint=", record->constraint, sizeof(record->constraint));
	copy_value(line, ",oom_memcg=", record->group, sizeof(record->group));
	if (strstr(line, ",task=")) {
		copy_value(line, ",pid=", pid, sizeof(pid));
		record->chosen = atoi(pid);
	}
}

void read_log(int fd, struct record *record)
{
	char line[8192];
	ssize_t got;

	while ((got = read(fd, line, sizeof(line) - 1)) > 0) {
		line[got] = '\0';
		read_line(line, record);
	}
	if (got < 0 && errno != EAGAIN)
		bail_out("/dev/kmsg: %s", strerror(errno));
}
