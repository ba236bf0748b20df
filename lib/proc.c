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
	int tasks = openat(place->directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct pids threads = { 0 };
	int err;

	if (tasks < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	err = pids_read(tasks, &threads);
	for (size_t i = 0; !err && i < threads.count; i++) {
		struct place task = { .proc = tasks, .pid = threads.list[i] };

		err = place_open(&task);
		if (!err)
			err = read_statm(&task, statm);
		place_close(&task);
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
	close(tasks);
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
	forget_file(place->kept, FILE_STAT, place->budget);
	forget_file(place->kept, FILE_DIRECTORY, place->budget);
}

int proc_memory(const struct place *place, struct statm *statm, pid_t *thread)
{
	struct stat_line stat;
	int err = read_statm(place, statm);

	*thread = place->pid;
	if (err)
		return err;
	if (place->kept && *place->is_kernel_thread)
		return -EINVAL;
	if (statm->size)
		return 0;
	err = read_stat(place, &stat);
	if (err)
		return err;
	if (stat.is_kernel_thread)
		remember_kernel_thread(place);
	if (stat.is_kernel_thread || stat.threads < 2)
		return -EINVAL;
	return memory_of_threads(place, statm, thread);
}

int proc_memory_of(int proc, pid_t pid, struct statm *statm, pid_t *thread)
{
	struct place place = { .proc = proc, .pid = pid };
	char path[40], text[256];
	ssize_t length;
	int err;

	snprintf(path, sizeof(path), "%d/statm", pid);
	length = read_path(proc, path, text, sizeof(text));
	if (length < 0)
		return length == -ENOENT ? -ESRCH : (int)length;
	if (!parse_statm(text, statm))
		return -EIO;
	*thread = pid;
	if (statm->size)
		return 0;
	err = place_open(&place);
	if (!err)
		err = proc_memory(&place, statm, thread);
	place_close(&place);
	return err;
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
	struct stat stat;

	/* A directory belongs to the effective user, whatever the files do; */
	if (fstatat(place->directory, "task", &stat, 0)) {
		if (errno == ENOENT || errno == ESRCH)
			return -ESRCH;
		/* so does the process's own, whatever is hidden in it, while it lives. */
		if (fstat(place->directory, &stat))
			return absent_or_error(-errno);
		if (place_lives(place))
			return -ESRCH;
	}
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
	char path[40];
	char text[TEXT];
	struct statm statm = { 0 };
	pid_t thread;
	ssize_t length = read_file(place, FILE_STATUS, text, sizeof(text));
	int err = 0;

	if (length < 0)
		return (int)length;
	parse_status(text, status);
	if (length == sizeof(text) - 1)
		err = parse_whole_status(place->directory, "status", status);
	if (err || status->has_page_tables)
		return err;
	err = memory_of_threads(place, &statm, &thread);
	if (err)
		return err;
	snprintf(path, sizeof(path), "task/%d/status", thread);
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

/* What is not in the record yet. */
static int fill_rest(const struct place *place, uint64_t wanted,
		     const struct oom_rules *rules, struct tamalloc_process *record)
{
	int err = 0;

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

/* Which are in sight by the system call alone, where there is no /proc. */
static bool needs_proc(const struct place *place, uint64_t wanted,
		       enum tamalloc_backend backend)
{
	return place->proc >= 0 && (backend != TAMALLOC_SYSCALL || wanted & ~FIELDS_OF_CALL);
}

int fill_process(const struct place *where, uint64_t wanted, enum tamalloc_backend backend,
		 const struct oom_rules *rules, struct tamalloc_process *record)
{
	bool has_proc = needs_proc(where, wanted, backend);
	struct place place = *where;
	int not_open, err;

	memset(record, 0, sizeof(*record));
	record->pid = place.pid;
	place.directory = -1;
	/* Before the call: who is then read of is who was asked about, or has ended. */
	not_open = has_proc ? place_open(&place) : 0;
	if (backend == TAMALLOC_SYSCALL)
		err = call_process(place.pid, record);
	else
		err = not_open ? not_open : fill_memory(&place, record);
	if (!err && has_proc) {
		err = not_open;
		/* A call has answered about what was a kernel thread: it has ended. */
		if (!err && place.directory < 0)
			err = -ESRCH;
		if (!err)
			err = fill_rest(&place, wanted, rules, record);
	}
	place_close(&place);
	return err;
}
