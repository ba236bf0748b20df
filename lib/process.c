// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"
#include "parse.h"

/* Without a look at /proc; an error where that is needed, or the calls' own. */
static int ask_calls(pid_t pid, uint64_t wanted, struct tamalloc_process *record)
{
	if (wanted & ~FIELDS_OF_CALL)
		return snapshot_one(pid, record);
	memset(record, 0, sizeof(*record));
	record->pid = pid;
	return call_process(pid, record);
}

static int gather(const struct place *place, uint64_t wanted, struct backend backend,
		  struct tamalloc_process *record)
{
	struct oom_rules rules = { 0 };
	struct place beside = *place;
	int err = 0;

	if (place->directory >= 0 && wanted & TAMALLOC_OOM_BADNESS)
		err = oom_rules_read(place->directory, 0, &rules);
	if (err)
		return err;
	if (backend.kind == TAMALLOC_SYSCALL) {
		/* Who has this number there may be another process. */
		if (place->directory >= 0 && !proc_is_ours(place->directory))
			beside.directory = -1;
		err = fill_process(&beside, wanted, TAMALLOC_SYSCALL, &rules, record);
		if (!err || !backend_falls_back(backend, err))
			return err;
	}
	if (place->directory < 0)
		return place->directory;
	return fill_process(place, wanted, TAMALLOC_PROC, &rules, record);
}

int tamalloc_process(pid_t pid, uint64_t wanted, struct tamalloc_process *record,
		     size_t size)
{
	struct tamalloc_process full;
	struct place place = { .pid = pid };
	struct backend backend;
	int err;

	if (record_is_bad(size, PROCESS_SIZE_FIRST) || wanted & ~TAMALLOC_ALL_FIELDS)
		return -EINVAL;
	if (pid <= 0)
		return -ESRCH;
	backend = backend_choose();
	if (backend.kind == TAMALLOC_SYSCALL && !ask_calls(pid, wanted, &full)) {
		record_copy(record, size, &full, sizeof(full));
		return 0;
	}
	place.directory = open_proc();
	if (place.directory < 0 && place.directory != -ENOENT)
		return place.directory;
	err = gather(&place, wanted, backend, &full);
	if (place.directory >= 0)
		close(place.directory);
	if (!err)
		record_copy(record, size, &full, sizeof(full));
	return err;
}

static int copy_cgroup(const char *lines, char *text, size_t size)
{
	size_t length;
	const char *path = parse_cgroup(lines, &length);

	if (!path)
		return -ENODATA;
	if (length >= size)
		return -ERANGE;
	memcpy(text, path, length);
	text[length] = '\0';
	return 0;
}

int tamalloc_cgroup(pid_t pid, char *text, size_t size)
{
	char name[PLACE_PATH];
	ssize_t length;
	int directory;
	char *lines;
	int err;

	if (pid <= 0)
		return -ESRCH;
	directory = open_proc();
	if (directory < 0)
		return directory;
	length = read_whole(directory, place_path(name, pid, "/cgroup"), &lines);
	/* A kernel without groups has a directory for the process, but no file. */
	if (length == -ENOENT && faccessat(directory, place_path(name, pid, ""), F_OK, 0))
		length = -ESRCH;
	close(directory);
	if (length < 0)
		return length == -ENOENT ? -ENODATA : (int)length;
	err = copy_cgroup(lines, text, size);
	free(lines);
	return err;
}
