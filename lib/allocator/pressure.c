// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * How much memory is left before somebody has to give some up: of the machine, and of each
 * cgroup that this process is in and that has a limit, of version 1 or 2. Files that can be
 * dropped count as left. Where memory is short, as the kernel's PSI tells, nothing is.
 *
 * No memory is asked for here, and a file that is not there says nothing.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "allocator.h"

#define TOP	    "/sys/fs/cgroup"
#define PATH_MOST   512
/* Percent of the last ten seconds in which some waited for memory. */
#define SHORT_FROM  10
/* Looks after which the process's cgroup is looked for again. */
#define LOOKS_KEPT  64

static const struct names {
	const char *line;	/* what a line of /proc/self/cgroup has before the path */
	const char *top;
	const char *limits[2];
	const char *usage;
	const char *files[2];	/* lines of memory.stat */
} versions[] = {
	{ "0::", TOP, { "memory.max", "memory.high" }, "memory.current",
	  { "\ninactive_file ", "\nactive_file " } },
	{ ":memory:", TOP "/memory", { "memory.limit_in_bytes", NULL }, "memory.usage_in_bytes",
	  { "\ntotal_inactive_file ", "\ntotal_active_file " } },
};

#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

/* The text of a file, after a line's end; its length, or -1. */
static ssize_t read_text(const char *path, char *text, size_t size)
{
	text[0] = '\n';
	return direct_text(path, text + 1, size - 1);
}

static bool read_in(const char *directory, const char *name, char *text, size_t size)
{
	char path[PATH_MOST + 64];

	return snprintf(path, sizeof(path), "%s/%s", directory, name) < (int)sizeof(path) &&
	       read_text(path, text, size) > 0;
}

/* "max" and what is not there are no limit. */
static size_t number_in(const char *directory, const char *name, size_t otherwise)
{
	char text[64], *end;
	size_t value;

	if (!read_in(directory, name, text, sizeof(text)))
		return otherwise;
	value = strtoull(text + 1, &end, 10);
	return end == text + 1 ? otherwise : value;
}

static size_t number_after(const char *text, const char *label)
{
	const char *found = strstr(text, label);

	return found ? strtoull(found + strlen(label), NULL, 10) : 0;
}

static size_t droppable(const char *directory, const struct names *names)
{
	char text[4096];

	if (!read_in(directory, "memory.stat", text, sizeof(text)))
		return 0;
	return number_after(text, names->files[0]) + number_after(text, names->files[1]);
}

/* Bytes that are left in one cgroup. */
static size_t left_in(const char *directory, const struct names *names, size_t enough)
{
	size_t limit = SIZE_MAX, usage, left;

	for (int i = 0; i < 2; i++) {
		size_t value = names->limits[i] ?
				       number_in(directory, names->limits[i], SIZE_MAX) : SIZE_MAX;

		if (value < limit)
			limit = value;
	}
	/* Version 1 says nearly all there is where there is none. */
	if (limit >= (size_t)1 << 60)
		return SIZE_MAX;
	usage = number_in(directory, names->usage, 0);
	left = limit > usage ? limit - usage : 0;
	/* That file takes longest. */
	return left < enough ? left + droppable(directory, names) : left;
}

static bool is_short(const char *pressure)
{
	return number_after(pressure, "\nsome avg10=") >= SHORT_FROM;
}

/* The cgroup's directory, for each version; empty: there is none. */
static char directories[VERSIONS][PATH_MOST];

static void find_directories(void)
{
	static char text[4096];

	for (size_t i = 0; i < VERSIONS; i++)
		directories[i][0] = 0;
	if (read_text("/proc/self/cgroup", text, sizeof(text)) <= 0)
		return;
	for (size_t i = 0; i < VERSIONS; i++) {
		const char *line = strstr(text, versions[i].line);
		size_t length;

		if (!line)
			continue;
		line += strlen(versions[i].line);
		length = strcspn(line, "\n");
		if (snprintf(directories[i], PATH_MOST, "%s%.*s", versions[i].top, (int)length,
			     line) >= PATH_MOST)
			directories[i][0] = 0;
	}
}

/* Of a cgroup and all that it is in. A part of the path may be another namespace's. */
static size_t left_in_cgroups(size_t i, size_t enough)
{
	const struct names *names = &versions[i];
	size_t least = SIZE_MAX, top = strlen(names->top);
	char directory[PATH_MOST], *slash;

	memcpy(directory, directories[i], sizeof(directory));
	while (directory[0]) {
		size_t left = left_in(directory, names, enough);

		if (left < least)
			least = left;
		slash = strrchr(directory, '/');
		if (strlen(directory) <= top || !slash)
			break;
		*slash = 0;
	}
	return least;
}

static size_t look(size_t enough)
{
	static unsigned int looks;
	char text[1024];
	size_t least = SIZE_MAX;

	if (!(looks++ % LOOKS_KEPT))
		find_directories();
	if (read_text("/proc/pressure/memory", text, sizeof(text)) > 0 && is_short(text))
		return 0;
	if (read_text("/proc/meminfo", text, sizeof(text)) > 0 && strstr(text, "\nMemAvailable:"))
		least = number_after(text, "\nMemAvailable:") * 1024;
	for (size_t i = 0; i < VERSIONS; i++) {
		size_t left;

		if (!directories[i][0])
			continue;
		if (read_in(directories[i], "memory.pressure", text, sizeof(text)) &&
		    is_short(text))
			return 0;
		left = left_in_cgroups(i, enough);
		if (left < least)
			least = left;
	}
	return least;
}

static _Atomic bool is_looking;

void pressure_after_fork(void)
{
	atomic_store(&is_looking, false);
}

bool pressure_left(size_t enough, size_t *pages)
{
	int before = errno;

	if (!look_plainly() || atomic_exchange(&is_looking, true))
		return false;
	*pages = look(bytes_of(enough)) >> PAGE_SHIFT;
	atomic_store(&is_looking, false);
	errno = before;
	return true;
}
