// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include "oom.h"

#include <stdlib.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "parse.h"

#define WANTED (TAMALLOC_ALL_FIELDS & ~TAMALLOC_OOM_SCORE)

static enum rank rank_of(const struct tamalloc_process *record)
{
	if (!(record->fields & TAMALLOC_OOM_BADNESS))
		return RANK_EXEMPT;
	/* Whoever does swapoff(2) is taken before it is asked how bad it is. */
	if (record->oom_state & TAMALLOC_OOM_ORIGIN &&
	    record->oom_exempt != TAMALLOC_EXEMPT_INIT)
		return RANK_ELIGIBLE;
	return record->oom_exempt == TAMALLOC_EXEMPT_NOT ? RANK_ELIGIBLE : RANK_EXEMPT;
}

static int grow(struct tamalloc_oom *oom, size_t *room)
{
	void *list;

	if (oom->count < *room)
		return 0;
	*room = *room ? *room * 2 : 256;
	list = reallocarray(oom->list, *room, sizeof(*oom->list));
	if (!list)
		return -ENOMEM;
	oom->list = list;
	return 0;
}

static bool is_being_killed(const struct tamalloc_process *record)
{
	return record->oom_state & TAMALLOC_OOM_VICTIM &&
	       record->oom_exempt != TAMALLOC_EXEMPT_SKIPPED;
}

/* processes is NULL for the machine, else rises by pid. */
static void add(struct tamalloc_oom *oom, const struct cgroup_processes *processes,
		const struct tamalloc_process *record)
{
	struct candidate *candidate = &oom->list[oom->count++];
	const struct cgroup_process *process;

	candidate->record = *record;
	candidate->rank = rank_of(record);
	candidate->place = 0;
	/* Only the backend that knows of victims knows of address spaces. */
	if (record->fields & TAMALLOC_ADDRESS_SPACE)
		oom->domain.fields |= TAMALLOC_DOMAIN_KILLING;
	if (processes) {
		process = oom_find(processes, record->pid);
		if (!process) {
			candidate->rank = RANK_OUTSIDE;
			return;
		}
		candidate->place = process->place;
	}
	oom->inside++;
	if (is_being_killed(record))
		oom->domain.killing = record->pid;
}

static int gather(struct tamalloc_oom *oom, const struct cgroup_processes *processes)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;
	size_t room = 0;
	int result = iterator_open(&iterator, WANTED, 0, oom->domain.total);

	if (result)
		return result;
	while ((result = tamalloc_iterator_next(iterator, &record, sizeof(record))) > 0) {
		result = grow(oom, &room);
		if (result)
			break;
		add(oom, processes, &record);
	}
	if (!result && !oom->domain.total)
		oom->domain.total = iterator_total_pages(iterator);
	if (oom->domain.total)
		oom->domain.fields |= TAMALLOC_DOMAIN_TOTAL;
	tamalloc_iterator_close(iterator);
	return result;
}

/* Not of meminfo, which some containers have their own of. */
static int ask_machine(int proc, struct cgroup_machine *machine)
{
	const char *digits;
	struct sysinfo info;
	char text[64];
	ssize_t length;

	machine->page = (uint64_t)sysconf(_SC_PAGESIZE);
	if (sysinfo(&info))
		return -errno;
	machine->swap = (uint64_t)info.totalswap * info.mem_unit / machine->page;
	length = read_path(proc, "sys/vm/swappiness", text, sizeof(text));
	if (length < 0)
		return (int)length;
	digits = text;
	return parse_number(&digits, &machine->swappiness) ? 0 : -EIO;
}

static int fill_limit(int proc, struct tamalloc_oom *oom)
{
	struct cgroup_machine machine;
	struct cgroup_limit limit;
	int err = ask_machine(proc, &machine);

	if (!err)
		err = cgroup_limit(&oom->cgroup, &machine, &limit);
	if (err)
		return err;
	oom->domain.total = limit.total;
	oom->domain.is_unlimited = limit.is_unlimited;
	return 0;
}

static int open_cgroup(int proc, struct tamalloc_oom *oom)
{
	struct cgroup_processes processes = { 0 };
	int err = fill_limit(proc, oom);

	if (!err)
		err = oom_list(&oom->cgroup, &processes);
	if (!err)
		err = gather(oom, &processes);
	free(processes.list);
	/* It decides about the machine alone. */
	oom->domain.kills_allocating = 0;
	oom->domain.fields &= ~TAMALLOC_DOMAIN_ALLOCATING;
	return err;
}

static int open_domain(int proc, const char *cgroup, struct tamalloc_oom *oom)
{
	int err = 0;

	if (cgroup)
		err = proc < 0 ? proc : oom_find_cgroup(proc, cgroup, &oom->cgroup);
	if (!err && oom->cgroup.path && cgroup_is_root(&oom->cgroup)) {
		free(oom->cgroup.path);
		oom->cgroup.path = NULL;
	}
	if (!err && proc >= 0)
		err = oom_fill_machine(proc, &oom->domain);
	if (err)
		return err;
	if (oom->cgroup.path)
		return open_cgroup(proc, oom);
	err = proc >= 0 ? oom_fill_confined(proc, &oom->domain) : 0;
	return err ? err : gather(oom, NULL);
}

int tamalloc_oom_open(struct tamalloc_oom **oom, const char *cgroup)
{
	struct tamalloc_oom *new;
	int proc = open_proc();
	int err;

	if (proc < 0 && proc != -ENOENT)
		return proc;
	new = calloc(1, sizeof(*new));
	err = new ? open_domain(proc, cgroup, new) : -ENOMEM;
	if (proc >= 0)
		close(proc);
	if (err) {
		tamalloc_oom_close(new);
		return err;
	}
	oom_sort(new->list, new->count);
	*oom = new;
	return 0;
}

int tamalloc_oom_domain(const struct tamalloc_oom *oom, struct tamalloc_oom_domain *domain,
			size_t size)
{
	if (record_is_bad(size, DOMAIN_SIZE_FIRST))
		return -EINVAL;
	record_copy(domain, size, &oom->domain, sizeof(oom->domain));
	return 0;
}

int tamalloc_oom_next(struct tamalloc_oom *oom, struct tamalloc_process *record, size_t size)
{
	if (record_is_bad(size, PROCESS_SIZE_FIRST))
		return -EINVAL;
	if (oom->next == oom->inside)
		return 0;
	record_copy(record, size, &oom->list[oom->next++].record, sizeof(*record));
	return 1;
}

void tamalloc_oom_rewind(struct tamalloc_oom *oom)
{
	oom->next = 0;
}

void tamalloc_oom_close(struct tamalloc_oom *oom)
{
	if (!oom)
		return;
	free(oom->cgroup.path);
	free(oom->list);
	free(oom);
}
