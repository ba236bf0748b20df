// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* All processes by one system call, or by a few where they are very many. */
#include <errno.h>
#include <stdlib.h>

#include <linux/tamalloc.h>

#include "internal.h"

/* One call's worth, of which memory takes only what is filled. */
#define RECORDS ((1 << 20) / sizeof(struct tamalloc_record))

_Static_assert((int)TAMALLOC_EXEMPT_VFORK == (int)TAMALLOC_OOM_VFORK &&
	       (int)TAMALLOC_EXEMPT_SKIPPED == (int)TAMALLOC_OOM_SKIPPED &&
	       (int)TAMALLOC_EXEMPT_DISABLED == (int)TAMALLOC_OOM_DISABLED &&
	       (int)TAMALLOC_EXEMPT_NO_MEMORY == (int)TAMALLOC_OOM_NO_MEMORY &&
	       (int)TAMALLOC_EXEMPT_KERNEL_THREAD == (int)TAMALLOC_OOM_KERNEL_THREAD &&
	       (int)TAMALLOC_EXEMPT_INIT == (int)TAMALLOC_OOM_INIT,
	       "the kernel's reasons are the library's");

/* One that a newer kernel has is not known. */
static uint32_t exempt_of(uint32_t reason)
{
	return reason <= TAMALLOC_OOM_VFORK ? reason : TAMALLOC_EXEMPT_UNKNOWN;
}

static uint32_t state_of(uint32_t flags)
{
	return (flags & TAMALLOC_RECORD_OOM_VICTIM ? TAMALLOC_OOM_VICTIM : 0) |
	       (flags & TAMALLOC_RECORD_OOM_ORIGIN ? TAMALLOC_OOM_ORIGIN : 0);
}

/* A record has every field, the score only where its badness is the machine's. */
static void fill_from_record(struct tamalloc_process *process,
			     const struct tamalloc_record *record, uint64_t machine_pages)
{
	*process = (struct tamalloc_process){
		.fields = TAMALLOC_ALL_FIELDS & ~TAMALLOC_OOM_SCORE,
		.pid = record->pid,
		.parent = record->parent,
		.user = record->user,
		.oom_score_adj = record->oom_score_adj,
		.start_time = record->start_time,
		.reserved = record->virtual_size,
		.committed = record->anonymous + record->file + record->shared_memory,
		.anonymous = record->anonymous,
		.file = record->file,
		.shared = record->shared_memory,
		.swap = record->swap,
		.page_tables = record->page_tables,
		.threads = record->threads,
		.oom_exempt = exempt_of(record->oom_reason),
		.oom_badness = record->oom_badness,
		.address_space = record->address_space,
		.oom_state = state_of(record->flags),
	};
	memcpy(process->command, record->command, sizeof(record->command));
	if (!machine_pages)
		return;
	if (process->oom_exempt == TAMALLOC_EXEMPT_NOT)
		process->oom_score = oom_score(process->oom_badness, machine_pages);
	process->fields |= TAMALLOC_OOM_SCORE;
}

static int read_more(struct snapshot *snapshot)
{
	struct tamalloc_snapshot call = {
		.records = (uintptr_t)snapshot->records,
		.record_size = sizeof(*snapshot->records),
		.count = RECORDS,
		.cursor = snapshot->cursor,
		.total_pages = snapshot->wanted_pages,
	};
	int count = call_snapshot(&call);

	snapshot->next = 0;
	snapshot->count = count > 0 ? (size_t)count : 0;
	snapshot->cursor = count < 0 ? 0 : call.cursor;
	snapshot->total_pages = call.total_pages;
	return count < 0 ? count : 0;
}

int snapshot_begin(struct snapshot *snapshot, uint64_t total_pages)
{
	if (!snapshot->records)
		snapshot->records = malloc(RECORDS * sizeof(*snapshot->records));
	if (!snapshot->records)
		return -ENOMEM;
	snapshot->wanted_pages = total_pages;
	snapshot->cursor = 0;
	return read_more(snapshot);
}

int snapshot_next(struct snapshot *snapshot, struct tamalloc_process *process)
{
	while (snapshot->next == snapshot->count) {
		int err;

		if (!snapshot->cursor)
			return 0;
		err = read_more(snapshot);
		if (err)
			return err;
	}
	fill_from_record(process, &snapshot->records[snapshot->next++],
			 snapshot->wanted_pages ? 0 : snapshot->total_pages);
	return 1;
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->records);
	snapshot->records = NULL;
	snapshot->count = snapshot->next = 0;
	snapshot->cursor = 0;
}

int snapshot_one(pid_t pid, struct tamalloc_process *process)
{
	struct tamalloc_record record = { 0 };
	struct tamalloc_snapshot call = {
		.records = (uintptr_t)&record,
		.record_size = sizeof(record),
		.count = 1,
		.cursor = (uint32_t)pid,
	};
	int count = call_snapshot(&call);

	if (count < 0)
		return count;
	if (record.pid != pid)
		return -ESRCH;
	fill_from_record(process, &record, call.total_pages);
	return 0;
}
