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

	if (place->proc >= 0 && wanted & TAMALLOC_OOM_BADNESS)
		err = oom_rules_read(place->proc, 0, &rules);
	if (err)
		return err;
	if (backend.kind == TAMALLOC_SYSCALL) {
		/* Who has this number there may be another process. */
		if (place->proc >= 0 && !proc_is_ours(place->proc))
			beside.proc = -1;
		err = fill_process(&beside, wanted, TAMALLOC_SYSCALL, &rules, record);
		if (!err || !backend_falls_back(backend, err))
			return err;
	}
	if (place->proc < 0)
		return place->proc;
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
	place.proc = open_proc();
	if (place.proc < 0 && place.proc != -ENOENT)
		return place.proc;
	err = gather(&place, wanted, backend, &full);
	if (place.proc >= 0)
		close(place.proc);
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

int cgroup_lines(int proc, pid_t pid, char **lines)
{
	struct place place = { .proc = proc, .pid = pid };
	ssize_t length = place_open(&place);

	*lines = NULL;
	if (length)
		return (int)length;
	length = read_whole(place.directory, "cgroup", lines);
	/* A kernel without groups has a directory for the process, but no file. */
	if (length == -ENOENT)
		length = place_lives(&place) ? -ESRCH : -ENODATA;
	place_close(&place);
	return length < 0 ? (int)length : 0;
}

int tamalloc_cgroup(pid_t pid, char *text, size_t size)
{
	char *lines;
	int proc, err;

	if (pid <= 0)
		return -ESRCH;
	proc = open_proc();
	if (proc < 0)
		return proc;
	err = cgroup_lines(proc, pid, &lines);
	if (!err)
		err = copy_cgroup(lines, text, size);
	free(lines);
	close(proc);
	return err;
}
