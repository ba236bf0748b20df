// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"
#include "parse.h"

/* Those of pids that have memory and may be asked. */
static int gather(int proc, const struct pids *pids, struct member *members,
		  size_t *count)
{
	bool was_refused = false;
	int err;

	*count = 0;
	for (size_t i = 0; i < pids->count; i++) {
		struct member *member = &members[*count];
		struct statm statm;

		err = proc_memory_of(proc, pids->list[i], &statm, &member->thread);
		switch (err) {
		case 0:
			member->pid = pids->list[i];
			member->size = statm.size;
			member->resident = statm.resident;
			member->text = statm.text;
			member->data = statm.data;
			++*count;
			break;
		case -EPERM:
		case -EACCES:
			was_refused = true;
			break;
		case -ESRCH:
		case -EINVAL:
			break;
		default:
			return err;
		}
	}
	return was_refused && !*count ? -EPERM : 0;
}

static void add_up(const struct member *members, size_t count, struct tamalloc_total *record)
{
	uint64_t size = 0, resident = 0;

	for (size_t i = 0; i < count; i++) {
		size += members[i].size;
		resident += members[i].resident;
	}
	record->granularity = (uint64_t)sysconf(_SC_PAGESIZE);
	record->reserved = size * record->granularity;
	record->committed = resident * record->granularity;
	record->fields |= TAMALLOC_TOTAL_PROCESSES;
}

static int proc_total(int directory, struct tamalloc_total *record)
{
	struct pids pids = { 0 };
	struct member *members;
	size_t count;
	int err = pids_read(directory, &pids);

	if (err)
		goto out_pids;
	/* And as many again, to sort them. */
	members = calloc(2 * pids.count + 1, sizeof(*members));
	if (!members) {
		err = -ENOMEM;
		goto out_pids;
	}
	err = gather(directory, &pids, members, &count);
	if (!err) {
		count = sharing_resolve(members, count, members + pids.count,
					proc_is_ours(directory), &record->doubtful);
		add_up(members, count, record);
	}
	free(members);
out_pids:
	free(pids.list);
	return err;
}

static int sum_processes(int directory, struct tamalloc_total *record)
{
	struct backend backend = backend_choose();
	int err;

	if (backend.kind == TAMALLOC_SYSCALL) {
		err = call_total(record);
		/* 550 knows no EPERM: that is a filter's. */
		if (backend.is_forced || (err != -ENOSYS && err != -EPERM))
			return err;
	}
	return directory < 0 ? directory : proc_total(directory, record);
}

static int fill_machine(int directory, struct tamalloc_total *record)
{
	struct meminfo meminfo;
	int err = read_meminfo(directory, &meminfo);

	if (err)
		return absent_or_error(err);
	if (meminfo.has_memory) {
		record->memory = meminfo.memory;
		record->available = meminfo.available;
		record->fields |= TAMALLOC_TOTAL_MEMORY;
	}
	if (meminfo.has_swap) {
		record->swap = meminfo.swap;
		record->swap_free = meminfo.swap_free;
		record->fields |= TAMALLOC_TOTAL_SWAP;
	}
	if (meminfo.has_commit) {
		record->commit_limit = meminfo.commit_limit;
		record->commit_charge = meminfo.commit_charge;
		record->fields |= TAMALLOC_TOTAL_COMMIT;
	}
	return 0;
}

static int fill_overcommit(int directory, struct tamalloc_total *record)
{
	int64_t mode;
	char text[64];
	ssize_t length = read_path(directory, "sys/vm/overcommit_memory", text,
				   sizeof(text));

	if (length < 0 || !parse_signed(text, &mode))
		return absent_or_error(length);
	record->overcommit = (uint32_t)mode;
	record->fields |= TAMALLOC_TOTAL_OVERCOMMIT;
	return 0;
}

#define MACHINE_FIELDS (TAMALLOC_TOTAL_MEMORY | TAMALLOC_TOTAL_SWAP | TAMALLOC_TOTAL_COMMIT)

int tamalloc_total(uint64_t wanted, struct tamalloc_total *record, size_t size)
{
	struct tamalloc_total full = { 0 };
	int directory;
	int err = 0;

	if (record_is_bad(size, TOTAL_SIZE_FIRST) || wanted & ~TAMALLOC_TOTAL_ALL_FIELDS)
		return -EINVAL;
	directory = open_proc();
	if (wanted & TAMALLOC_TOTAL_PROCESSES)
		err = sum_processes(directory, &full);
	else if (directory < 0)
		err = directory;
	if (directory >= 0) {
		if (!err && wanted & MACHINE_FIELDS)
			err = fill_machine(directory, &full);
		if (!err && wanted & TAMALLOC_TOTAL_OVERCOMMIT)
			err = fill_overcommit(directory, &full);
		close(directory);
	} else if (directory != -ENOENT) {
		err = directory;
	}
	if (!err)
		record_copy(record, size, &full, sizeof(full));
	return err;
}
