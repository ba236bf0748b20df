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

/* One file is read in one go into this. Only status may be longer. */
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
		err = read_statm(&task, statm);
		if (!err && statm->size) {
			*thread = task.pid;
			break;
		}
		/* A thread that has ended meanwhile is no error. */
		err = err == -ESRCH ? 0 : absent_or_error(err);
	}
	if (!err && !statm->size)
		err = -EINVAL;
	free(threads.list);
	close(task.directory);
	return err;
}

/*
 * A kernel thread stays one as long as it lives, that is, as long as the file that
 * is kept of it can be read: no need to keep or to read another.
 */
static void remember_kernel_thread(const struct place *place)
{
	if (!place->kept || place->kept[FILE_STATM] < 0)
		return;
	*place->is_kernel_thread = true;
	if (place->kept[FILE_STAT] >= 0) {
		close(place->kept[FILE_STAT]);
		place->kept[FILE_STAT] = -1;
		++*place->budget;
	}
}

int proc_memory(const struct place *place, struct statm *statm, pid_t *thread)
{
	struct stat_line stat;
	int err = read_statm(place, statm);

	*thread = place->pid;
	if (err || statm->size)
		return err;
	if (place->is_kernel_thread && *place->is_kernel_thread)
		return -EINVAL;
	err = read_stat(place, &stat);
	if (err)
		return err;
	if (stat.is_kernel_thread)
		remember_kernel_thread(place);
	if (stat.is_kernel_thread || stat.threads < 2)
		return -EINVAL;
	return memory_of_threads(place, statm, thread);
}

#define FIELDS_OF_STAT (TAMALLOC_COMMAND | TAMALLOC_PARENT | TAMALLOC_START_TIME | \
			TAMALLOC_THREADS)

/*
 * The functions that follow fill a part of a record, or leave it absent: see
 * absent_or_error().
 */

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
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct stat_line stat;
	int err = read_stat(place, &stat);

	if (err)
		return absent_or_error(err);
	memcpy(record->command, stat.command, sizeof(record->command));
	record->parent = stat.parent;
	record->start_time = stat.start_time / hz * NANOSECONDS +
			     stat.start_time % hz * NANOSECONDS / hz;
	record->threads = (uint32_t)stat.threads;
	record->fields |= FIELDS_OF_STAT;
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

/* Of a user in hundreds of groups it is longer than any buffer one would guess. */
static int parse_whole_status(int directory, const char *path, struct status *status)
{
	char *text;
	ssize_t length = read_whole(directory, path, &text);

	if (length < 0)
		return length == -ENOENT ? -ESRCH : (int)length;
	parse_status(text, status);
	free(text);
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
	int err = 0;

	if (length < 0)
		return (int)length;
	parse_status(text, status);
	if (length == sizeof(text) - 1)
		err = parse_whole_status(place->directory,
					 place_path(path, place->pid, "/status"), status);
	if (err || status->has_page_tables)
		return err;
	err = memory_of_threads(place, &statm, &thread);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%d/task/%d/status", place->pid, thread);
	return parse_whole_status(place->directory, path, status);
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

int fill_process(const struct place *place, uint64_t wanted, enum tamalloc_backend backend,
		 const struct oom_rules *rules, struct tamalloc_process *record)
{
	int err;

	memset(record, 0, sizeof(*record));
	record->pid = place->pid;
	err = backend == TAMALLOC_SYSCALL ? call_process(place->pid, record)
					  : fill_memory(place, record);
	/* Without /proc the system call's answer is all there is. */
	if (err || place->directory < 0)
		return err;
	if (wanted & TAMALLOC_OOM_BADNESS)
		wanted |= FIELDS_OF_BADNESS;
	wanted &= ~record->fields;
	if (wanted & TAMALLOC_OOM_SCORE_ADJ)
		err = fill_number(place, FILE_OOM_SCORE_ADJ, &record->oom_score_adj,
				  TAMALLOC_OOM_SCORE_ADJ, &record->fields);
	if (!err && wanted & FIELDS_OF_STAT & ~TAMALLOC_COMMAND)
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
	if (!err && wanted & TAMALLOC_OOM_BADNESS)
		err = fill_badness(place, rules, record);
	return err;
}
