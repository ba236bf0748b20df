// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "internal.h"

struct descriptors {
	pid_t pid;
	int of[FILES];
	bool is_kernel_thread;
};

/* A round is a snapshot, or goes through the processes that /proc lists. */
struct tamalloc_iterator {
	uint64_t wanted;
	uint64_t wanted_pages; /* what oom_badness counts thousandths of; 0: the machine's */
	bool keeps;

	bool has_snapshot; /* this round */
	struct snapshot snapshot;

	enum tamalloc_backend backend; /* of this round */
	struct oom_rules rules;
	int directory; /* /proc, during a round */
	struct pids pids;
	size_t next;
	/* One for each process of pids, in the same order. */
	struct descriptors *kept;
	size_t kept_count;
	int budget;
	bool saw_any, was_refused;
};

/* More than half of what the program may open is left to the program. */
static int descriptor_budget(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	if (limit.rlim_cur > INT32_MAX)
		return INT32_MAX / 2;
	return ((int)limit.rlim_cur - 1) / 2;
}

/*
 * The system call takes pids of the caller's namespace, and they are listed by
 * /proc: it has to be the same.
 */
static int choose_backend(struct tamalloc_iterator *iterator, struct backend backend)
{
	int err = 0;

	if (backend.kind == TAMALLOC_SYSCALL) {
		err = tamalloc_probe(551);
		if (!err && !proc_is_ours(iterator->directory))
			err = -ENOENT;
		if (err && !backend.is_forced) {
			backend.kind = TAMALLOC_PROC;
			err = 0;
		}
	}
	iterator->backend = backend.kind;
	return err;
}

static void new_descriptors(struct descriptors *new, pid_t pid)
{
	new->pid = pid;
	new->is_kernel_thread = false;
	for (int file = 0; file < FILES; file++)
		new->of[file] = -1;
}

/*
 * Brings what is kept into line with the list of processes: both rise by pid, so
 * that one pass does.
 */
static int keep_up(struct tamalloc_iterator *iterator)
{
	const struct pids *pids = &iterator->pids;
	struct descriptors *old = iterator->kept;
	struct descriptors *end = old + iterator->kept_count;
	struct descriptors *now = calloc(pids->count ? pids->count : 1, sizeof(*now));

	if (!now)
		return -ENOMEM;
	for (size_t i = 0; i < pids->count; i++) {
		while (old < end && old->pid < pids->list[i])
			forget_files(old++->of, &iterator->budget);
		if (old < end && old->pid == pids->list[i])
			now[i] = *old++;
		else
			new_descriptors(&now[i], pids->list[i]);
	}
	while (old < end)
		forget_files(old++->of, &iterator->budget);
	free(iterator->kept);
	iterator->kept = now;
	iterator->kept_count = pids->count;
	return 0;
}

static void end_round(struct tamalloc_iterator *iterator)
{
	if (iterator->directory >= 0)
		close(iterator->directory);
	iterator->directory = -1;
	if (!iterator->keeps)
		snapshot_free(&iterator->snapshot);
}

static int begin_listing(struct tamalloc_iterator *iterator, struct backend backend)
{
	int err;

	iterator->directory = open_proc();
	if (iterator->directory < 0)
		return iterator->directory;
	err = choose_backend(iterator, backend);
	if (!err && iterator->wanted & TAMALLOC_OOM_BADNESS)
		err = oom_rules_read(iterator->directory, iterator->wanted_pages,
				     &iterator->rules);
	if (!err)
		err = pids_read(iterator->directory, &iterator->pids);
	if (!err && iterator->keeps)
		err = keep_up(iterator);
	if (err)
		end_round(iterator);
	iterator->next = 0;
	iterator->saw_any = false;
	iterator->was_refused = false;
	return err;
}

static int begin_round(struct tamalloc_iterator *iterator)
{
	struct backend backend = backend_choose();
	int err = -ENOSYS;

	if (backend.kind == TAMALLOC_SYSCALL)
		err = snapshot_begin(&iterator->snapshot, iterator->wanted_pages);
	iterator->has_snapshot = !err;
	/* The other calls may be there without this one: an older kernel, a filter. */
	if (err && err != -ENOMEM) {
		snapshot_free(&iterator->snapshot);
		err = begin_listing(iterator, backend);
	}
	return err;
}

int iterator_open(struct tamalloc_iterator **iterator, uint64_t wanted, unsigned int flags,
		  uint64_t total_pages)
{
	struct tamalloc_iterator *new;
	int err;

	if (wanted & ~TAMALLOC_ALL_FIELDS || flags & ~TAMALLOC_KEEP)
		return -EINVAL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->wanted = total_pages ? wanted & ~TAMALLOC_OOM_SCORE : wanted;
	new->wanted_pages = total_pages;
	new->keeps = flags & TAMALLOC_KEEP;
	new->budget = new->keeps ? descriptor_budget() : 0;
	new->directory = -1;
	err = begin_round(new);
	if (err) {
		tamalloc_iterator_close(new);
		return err;
	}
	*iterator = new;
	return 0;
}

int tamalloc_iterator_open(struct tamalloc_iterator **iterator, uint64_t wanted,
			   unsigned int flags)
{
	return iterator_open(iterator, wanted, flags, 0);
}

uint64_t iterator_total_pages(const struct tamalloc_iterator *iterator)
{
	return iterator->has_snapshot ? iterator->snapshot.total_pages :
					iterator->rules.total_pages;
}

int tamalloc_iterator_rewind(struct tamalloc_iterator *iterator)
{
	end_round(iterator);
	return begin_round(iterator);
}

static void keep_nothing(struct tamalloc_iterator *iterator)
{
	for (size_t i = 0; i < iterator->kept_count; i++) {
		forget_files(iterator->kept[i].of, &iterator->budget);
		iterator->kept[i].is_kernel_thread = false;
	}
	iterator->budget = 0;
}

static int fill_kept(struct tamalloc_iterator *iterator, pid_t pid, struct descriptors *kept,
		     struct tamalloc_process *record)
{
	struct place place = {
		.proc = iterator->directory,
		.pid = pid,
		.kept = kept ? kept->of : NULL,
		.budget = &iterator->budget,
		.is_kernel_thread = kept ? &kept->is_kernel_thread : NULL,
	};

	return fill_process(&place, iterator->wanted, iterator->backend, &iterator->rules,
			    record);
}

/* 1: record is filled; 0: this one is not to be seen. */
static int fill_next(struct tamalloc_iterator *iterator, size_t index,
		     struct tamalloc_process *record)
{
	struct descriptors *kept = iterator->keeps ? &iterator->kept[index] : NULL;
	pid_t pid = iterator->pids.list[index];
	int err = fill_kept(iterator, pid, kept, record);

	/* What is kept is of one that has ended: the pid may be another's now. */
	if (err == -ESRCH && kept) {
		forget_files(kept->of, &iterator->budget);
		kept->is_kernel_thread = false;
		err = fill_kept(iterator, pid, kept, record);
	}
	/* The program needs what was kept: do without. */
	if (err == -EMFILE && kept) {
		keep_nothing(iterator);
		err = fill_kept(iterator, pid, kept, record);
	}
	switch (err) {
	case 0:
		iterator->saw_any = true;
		return 1;
	case -EPERM:
	case -EACCES:
		iterator->was_refused = true;
		return 0;
	case -ESRCH:
	case -EINVAL:
		return 0;
	default:
		return err;
	}
}

static int next_listed(struct tamalloc_iterator *iterator, struct tamalloc_process *record)
{
	int result = 0;

	if (iterator->directory < 0)
		return 0;
	while (!result && iterator->next < iterator->pids.count)
		result = fill_next(iterator, iterator->next++, record);
	/* A process may always ask about itself. */
	if (!result && !iterator->saw_any && iterator->was_refused)
		return -EPERM;
	return result;
}

int tamalloc_iterator_next(struct tamalloc_iterator *iterator,
			   struct tamalloc_process *record, size_t size)
{
	struct tamalloc_process full;
	int result;

	if (record_is_bad(size, PROCESS_SIZE_FIRST))
		return -EINVAL;
	result = iterator->has_snapshot ? snapshot_next(&iterator->snapshot, &full) :
					  next_listed(iterator, &full);
	if (result > 0)
		record_copy(record, size, &full, sizeof(full));
	else
		end_round(iterator);
	return result;
}

void tamalloc_iterator_close(struct tamalloc_iterator *iterator)
{
	if (!iterator)
		return;
	end_round(iterator);
	keep_nothing(iterator);
	snapshot_free(&iterator->snapshot);
	free(iterator->kept);
	free(iterator->pids.list);
	free(iterator);
}
