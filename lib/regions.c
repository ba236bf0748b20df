// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"
#include "parse.h"

struct tamalloc_regions {
	FILE *file;	/* smaps, or maps where the kernel has no smaps */
	char *line;	/* the next region's first line, once has_line */
	size_t line_size;
	bool has_line;
	char *name;
	size_t name_size;
};

static int open_file(const struct place *place, pid_t thread, FILE **file)
{
	static const char *const names[] = { "smaps", "maps" };
	char path[40];
	int descriptor = -1;

	for (size_t i = 0; descriptor < 0 && i < 2; i++) {
		if (thread == place->pid)
			snprintf(path, sizeof(path), "%s", names[i]);
		else
			snprintf(path, sizeof(path), "task/%d/%s", thread, names[i]);
		descriptor = openat(place->directory, path, O_RDONLY | O_CLOEXEC);
		if (descriptor < 0 && errno != ENOENT)
			return -errno;
	}
	if (descriptor < 0)
		return -ESRCH;
	*file = fdopen(descriptor, "r");
	if (*file)
		return 0;
	close(descriptor);
	return -ENOMEM;
}

/* To a line that begins a region; has_line tells whether there is one. */
static int read_line(struct tamalloc_regions *regions)
{
	errno = 0;
	regions->has_line = getline(&regions->line, &regions->line_size, regions->file) > 0;
	/* The process may have ended: then so do its regions. */
	if (!regions->has_line && errno && errno != ESRCH)
		return -errno;
	return 0;
}

int tamalloc_regions_open(struct tamalloc_regions **regions, pid_t pid)
{
	struct place place = { .pid = pid };
	struct tamalloc_regions *new;
	struct statm statm;
	pid_t thread;
	int err;

	if (pid <= 0)
		return -ESRCH;
	place.proc = open_proc();
	if (place.proc < 0)
		return place.proc;
	err = place_open(&place);
	new = calloc(1, sizeof(*new));
	if (!new)
		err = -ENOMEM;
	if (!err)
		err = proc_memory(&place, &statm, &thread);
	if (!err)
		err = open_file(&place, thread, &new->file);
	/* The file of a process without memory is there, but empty. */
	if (!err)
		err = read_line(new);
	place_close(&place);
	close(place.proc);
	if (err) {
		tamalloc_regions_close(new);
		return err;
	}
	*regions = new;
	return 0;
}

static int keep_name(struct tamalloc_regions *regions, const struct region_line *line)
{
	if (line->name_length >= regions->name_size) {
		char *name = realloc(regions->name, line->name_length + 1);

		if (!name)
			return -ENOMEM;
		regions->name = name;
		regions->name_size = line->name_length + 1;
	}
	memcpy(regions->name, line->name, line->name_length);
	regions->name[line->name_length] = '\0';
	return 0;
}

static uint32_t access_of(const struct region_line *line)
{
	return (line->read ? TAMALLOC_READ : 0) | (line->write ? TAMALLOC_WRITE : 0) |
	       (line->execute ? TAMALLOC_EXECUTE : 0) |
	       (line->shared ? TAMALLOC_MAP_SHARED : 0);
}

/* What follows a region's first line, up to that of the next. */
static int read_sizes(struct tamalloc_regions *regions, struct tamalloc_region *region)
{
	bool committed = false, swap = false;
	uint64_t clean = 0, dirty = 0;
	int err;

	while (!(err = read_line(regions)) && regions->has_line) {
		const char *line = regions->line;

		if (*line < 'A' || *line > 'Z')
			break;
		committed |= parse_kilobytes(line, "Rss:", &region->committed);
		swap |= parse_kilobytes(line, "Swap:", &region->swap);
		parse_kilobytes(line, "Private_Clean:", &clean);
		parse_kilobytes(line, "Private_Dirty:", &dirty);
	}
	region->private_memory = clean + dirty;
	if (committed && swap)
		region->fields |= TAMALLOC_REGION_MEMORY;
	return err;
}

int tamalloc_regions_next(struct tamalloc_regions *regions,
			  struct tamalloc_region *region, size_t size)
{
	struct tamalloc_region full = { 0 };
	struct region_line line;
	int err;

	if (record_is_bad(size, REGION_SIZE_FIRST))
		return -EINVAL;
	if (!regions->has_line)
		return 0;
	if (!parse_region(regions->line, &line))
		return -EIO;
	err = keep_name(regions, &line);
	if (err)
		return err;
	full.start = line.start;
	full.reserved = line.end - line.start;
	full.offset = line.offset;
	full.access = access_of(&line);
	full.name = regions->name;
	full.is_tamalloc = !strcmp(regions->name, "[anon:tamalloc]");
	err = read_sizes(regions, &full);
	if (err)
		return err;
	record_copy(region, size, &full, sizeof(full));
	return 1;
}

void tamalloc_regions_close(struct tamalloc_regions *regions)
{
	if (!regions)
		return;
	if (regions->file)
		fclose(regions->file);
	free(regions->line);
	free(regions->name);
	free(regions);
}
