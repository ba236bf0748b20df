// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "parse.h"

/*
 * One file is read in one go into this. The longest by far is status, of which
 * the lists of CPUs and nodes at the end may be cut off.
 */
#define TEXT 4096

#define NANOSECONDS 1000000000ULL

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static int read_statm(const struct place *place, struct statm *statm)
{
	char text[256];
	ssize_t length = read_file(place, FILE_STATM, text, sizeof(text));

	if (length < 0)
		return (int)length;
	return parse_statm(text, statm) ? 0 : -EIO;
}

static int read_stat(const struct place *place, struct stat_line *stat)
{
	char text[TEXT];
	ssize_t length = read_file(place, FILE_STAT, text, sizeof(text));

	if (length < 0)
		return (int)length;
	return parse_stat(text, stat) ? 0 : -EIO;
}

/*
 * The sizes of a process whose first thread has exited are those of any thread
 * that has not: the first one's own are 0.
 */
static int memory_of_threads(const struct place *place, struct statm *statm, pid_t *thread)
{
	char path[PLACE_PATH];
	struct pids threads = { 0 };
	struct place task = { 0 };
	int err;

	place_path(path, place->pid, "/task");
	task.directory = openat(place->directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (task.directory < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	err = pids_read(task.directory, &threads);
	for (size_t i = 0; !err && i < threads.count; i++) {
		task.pid = threads.list[i];
		if (!read_statm(&task, statm) && statm->size) {
			*thread = task.pid;
			break;
		}
	}
	if (!err && !statm->size)
		err = -EINVAL;
	free(threads.list);
	close(task.directory);
	return err;
}

int proc_memory(const struct place *place, struct statm *statm, pid_t *thread)
{
	struct stat_line stat;
	int err = read_statm(place, statm);

	*thread = place->pid;
	if (err || statm->size)
		return err;
	err = read_stat(place, &stat);
	if (err)
		return err;
	if (stat.is_kernel_thread || stat.threads < 2)
		return -EINVAL;
	return memory_of_threads(place, statm, thread);
}

/*
 * The functions that follow fill a part of a record. They return 0 also where
 * the kernel does not say: that is absent. What is passed on is that the process
 * is gone, or that this program has run out of something.
 */

static int absent_or_error(ssize_t length)
{
	switch (length) {
	case -ESRCH:
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
		return (int)length;
	default:
		return 0;
	}
}

static int fill_memory(const struct place *place, struct tamalloc_process *record)
{
	struct statm statm;
	pid_t thread;
	int err = proc_memory(place, &statm, &thread);

	if (err)
		return err;
	record->reserved = statm.size * page_size();
	record->committed = statm.resident * page_size();
	record->fields |= TAMALLOC_RESERVED | TAMALLOC_COMMITTED;
	return 0;
}

static int fill_stat(const struct place *place, struct tamalloc_process *record)
{
	struct stat_line stat;
	int err = read_stat(place, &stat);

	if (err)
		return absent_or_error(err);
	memcpy(record->command, stat.command, sizeof(record->command));
	record->parent = stat.parent;
	record->start_time = stat.start_time *
			     (NANOSECONDS / (uint64_t)sysconf(_SC_CLK_TCK));
	record->fields |= TAMALLOC_COMMAND | TAMALLOC_PARENT | TAMALLOC_START_TIME;
	return 0;
}

static int fill_command(const struct place *place, struct tamalloc_process *record)
{
	char text[256];
	ssize_t length = read_file(place, FILE_COMMAND, text, sizeof(text));

	if (length <= 0)
		return absent_or_error(length);
	parse_command(text, (size_t)length, record->command, sizeof(record->command));
	record->fields |= TAMALLOC_COMMAND;
	return 0;
}

static int fill_number(const struct place *place, enum file file, int32_t *field,
		       uint64_t bit, uint64_t *fields)
{
	int64_t number;
	char text[64];
	ssize_t length = read_file(place, file, text, sizeof(text));

	if (length < 0 || !parse_signed(text, &number))
		return absent_or_error(length);
	*field = (int32_t)number;
	*fields |= bit;
	return 0;
}

static int fill_user(const struct place *place, struct tamalloc_process *record)
{
	char path[PLACE_PATH];
	struct stat stat;

	/* The directory belongs to the effective user, whatever else is hidden. */
	if (fstatat(place->directory, place_path(path, place->pid, ""), &stat, 0))
		return absent_or_error(errno == ENOENT ? -ESRCH : -errno);
	record->user = stat.st_uid;
	record->fields |= TAMALLOC_USER;
	return 0;
}

/* As in proc_memory(), the figures are another thread's where the first is gone. */
static int read_status(const struct place *place, struct status *status)
{
	char path[2 * PLACE_PATH];
	char text[TEXT];
	struct statm statm = { 0 };
	pid_t thread;
	ssize_t length = read_file(place, FILE_STATUS, text, sizeof(text));

	if (length < 0)
		return (int)length;
	parse_status(text, status);
	if (status->has_page_tables || memory_of_threads(place, &statm, &thread))
		return 0;
	snprintf(path, sizeof(path), "%d/task/%d/status", place->pid, thread);
	if (read_path(place->directory, path, text, sizeof(text)) > 0)
		parse_status(text, status);
	return 0;
}

static int fill_status(const struct place *place, struct tamalloc_process *record)
{
	struct status status;
	int err = read_status(place, &status);

	if (err)
		return absent_or_error(err);
	if (status.has_parts) {
		record->anonymous = status.anonymous;
		record->file = status.file;
		record->shared = status.shared;
		record->fields |= TAMALLOC_ANONYMOUS | TAMALLOC_FILE | TAMALLOC_SHARED;
	}
	if (status.has_swap) {
		record->swap = status.swap;
		record->fields |= TAMALLOC_SWAP;
	}
	if (status.has_page_tables) {
		record->page_tables = status.page_tables;
		record->fields |= TAMALLOC_PAGE_TABLES;
	}
	return 0;
}

int fill_process(const struct place *place, uint64_t wanted,
		 enum tamalloc_backend backend, struct tamalloc_process *record)
{
	int err;

	memset(record, 0, sizeof(*record));
	record->pid = place->pid;
	err = backend == TAMALLOC_SYSCALL ? call_process(place->pid, record)
					  : fill_memory(place, record);
	/* Without /proc the system call's answer is all there is. */
	if (err || place->directory < 0)
		return err;
	wanted &= ~record->fields;
	if (wanted & TAMALLOC_OOM_SCORE_ADJ)
		err = fill_number(place, FILE_OOM_SCORE_ADJ, &record->oom_score_adj,
				  TAMALLOC_OOM_SCORE_ADJ, &record->fields);
	if (!err && wanted & (TAMALLOC_PARENT | TAMALLOC_START_TIME))
		err = fill_stat(place, record);
	else if (!err && wanted & TAMALLOC_COMMAND)
		err = fill_command(place, record);
	if (!err && wanted & TAMALLOC_USER)
		err = fill_user(place, record);
	if (!err && wanted & FIELDS_OF_STATUS)
		err = fill_status(place, record);
	if (!err && wanted & TAMALLOC_OOM_SCORE)
		err = fill_number(place, FILE_OOM_SCORE, &record->oom_score,
				  TAMALLOC_OOM_SCORE, &record->fields);
	return err;
}
