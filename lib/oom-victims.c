// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Who dies with the one that is taken. The kernel kills each process that has the
 * same address space, then, if a group is to go as a whole, each of its processes
 * and again each that shares memory with it.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

#include "oom.h"
#include "parse.h"

#define OOM_SCORE_ADJ_MIN -1000 /* include/uapi/linux/oom.h */

enum fate { LIVES, ITSELF, SHARES, GROUPED };

struct doom {
	const struct tamalloc_oom *oom;
	enum fate *fates;	/* one for each of oom->list */
	struct member *members; /* the same; NULL where the kernel has told */
};

/* What to pass on of an error; others mean that there is nothing to be known. */
static int shortage(ssize_t err)
{
	return err == -ENOMEM || err == -EMFILE || err == -ENFILE ? (int)err : 0;
}

/* What kcmp(2) has to be asked with; 0 as the thread's id of who has ended. */
static int look_at_members(int proc, struct doom *doom)
{
	const struct tamalloc_oom *oom = doom->oom;

	doom->members = calloc(oom->count, sizeof(*doom->members));
	if (!doom->members)
		return -ENOMEM;
	for (size_t i = 0; i < oom->count; i++) {
		struct statm statm;
		int err = proc_memory_of(proc, oom->list[i].record.pid, &statm,
					 &doom->members[i].thread);

		if (err) {
			doom->members[i].thread = 0;
			if (shortage(err))
				return err;
			continue;
		}
		doom->members[i].text = statm.text;
	}
	return 0;
}

static bool is_shared(const struct doom *doom, size_t one, size_t other)
{
	const struct tamalloc_process *a = &doom->oom->list[one].record;
	const struct tamalloc_process *b = &doom->oom->list[other].record;

	if (doom->members)
		return sharing_is_same(&doom->members[one], &doom->members[other]);
	/* 0 is that of everyone whom the caller may not inspect. */
	return a->fields & b->fields & TAMALLOC_ADDRESS_SPACE && a->address_space &&
	       a->address_space == b->address_space;
}

/* Those that share memory with this one are killed; the first process never is. */
static void doom_sharers(struct doom *doom, size_t one)
{
	for (size_t i = 0; i < doom->oom->count; i++)
		if (doom->fates[i] == LIVES &&
		    doom->oom->list[i].record.oom_exempt != TAMALLOC_EXEMPT_INIT &&
		    is_shared(doom, one, i))
			doom->fates[i] = SHARES;
}

/* 1: it is in a group that is killed as a whole, whose path is in group. */
static int find_group(int proc, const struct doom *doom, pid_t pid, struct cgroup *group)
{
	size_t length;
	char *lines, *path;
	int err = cgroup_lines(proc, pid, &lines);

	if (err)
		return shortage(err);
	path = (char *)parse_cgroup(lines, &length);
	err = -ENOENT;
	if (path) {
		path[length] = '\0';
		err = oom_find_cgroup(proc, path, group);
	}
	free(lines);
	return err ? shortage(err) : cgroup_find_group(group, doom->oom->cgroup.path);
}

static int doom_group(int proc, struct doom *doom, pid_t pid)
{
	struct cgroup_processes processes = { 0 };
	struct cgroup group = { 0 };
	int result = find_group(proc, doom, pid, &group);

	if (result > 0)
		result = oom_list(&group, &processes);
	for (size_t i = 0; processes.count && i < doom->oom->count; i++) {
		const struct tamalloc_process *record = &doom->oom->list[i].record;

		if (doom->fates[i] == LIVES && record->oom_score_adj != OOM_SCORE_ADJ_MIN &&
		    record->oom_exempt != TAMALLOC_EXEMPT_INIT &&
		    oom_find(&processes, record->pid))
			doom->fates[i] = GROUPED;
	}
	free(processes.list);
	free(group.path);
	return shortage(result);
}

static int by_pid(const void *a, const void *b)
{
	const struct tamalloc_oom_victim *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

/* size: of each of theirs. */
static ssize_t list_victims(const struct doom *doom, size_t first, void *victims, size_t room,
			    size_t size)
{
	static const enum tamalloc_oom_bond bonds[] = {
		[SHARES] = TAMALLOC_BOND_ADDRESS_SPACE,
		[GROUPED] = TAMALLOC_BOND_GROUP,
	};
	struct tamalloc_oom_victim *all;
	size_t count = 1;

	for (size_t i = 0; i < doom->oom->count; i++)
		count += i != first && doom->fates[i] != LIVES;
	all = calloc(count, sizeof(*all));
	if (!all)
		return -ENOMEM;
	all[0].pid = doom->oom->list[first].record.pid;
	all[0].bond = TAMALLOC_BOND_ITSELF;
	count = 1;
	for (size_t i = 0; i < doom->oom->count; i++) {
		if (i == first || doom->fates[i] == LIVES)
			continue;
		all[count].pid = doom->oom->list[i].record.pid;
		all[count++].bond = bonds[doom->fates[i]];
	}
	qsort(all + 1, count - 1, sizeof(*all), by_pid);
	for (size_t i = 0; i < room && i < count; i++)
		record_copy((char *)victims + i * size, size, &all[i], sizeof(*all));
	free(all);
	return (ssize_t)count;
}

static int doom_all(int proc, struct doom *doom, size_t first)
{
	const struct tamalloc_process *record = &doom->oom->list[first].record;
	bool is_ours = proc >= 0 && proc_is_ours(proc);
	int err = 0;

	if (!(record->fields & TAMALLOC_ADDRESS_SPACE) && is_ours)
		err = look_at_members(proc, doom);
	if (err)
		return err;
	doom->fates[first] = ITSELF;
	doom_sharers(doom, first);
	if (is_ours)
		err = doom_group(proc, doom, record->pid);
	for (size_t i = 0; !err && i < doom->oom->count; i++)
		if (doom->fates[i] == GROUPED)
			doom_sharers(doom, i);
	return err;
}

ssize_t tamalloc_oom_victims_sized(const struct tamalloc_oom *oom, pid_t pid,
				   struct tamalloc_oom_victim *victims, size_t room,
				   size_t size)
{
	struct doom doom = { .oom = oom };
	ssize_t result = -ENOMEM;
	size_t first = 0;
	int proc;

	if (record_is_bad(size, VICTIM_SIZE_FIRST))
		return -EINVAL;
	while (first < oom->inside && oom->list[first].record.pid != pid)
		first++;
	if (first == oom->inside)
		return -ESRCH;
	proc = open_proc();
	if (proc < 0 && proc != -ENOENT)
		return proc;
	doom.fates = calloc(oom->count, sizeof(*doom.fates));
	if (doom.fates)
		result = doom_all(proc, &doom, first);
	if (!result)
		result = list_victims(&doom, first, victims, room, size);
	free(doom.members);
	free(doom.fates);
	if (proc >= 0)
		close(proc);
	return result;
}

/*
 * What programs are linked against that were compiled with the header of 0.3 or 0.4: there
 * it was no inline function, and its records were those of the first version.
 */
#pragma GCC visibility push(default)
ssize_t oom_victims_first(const struct tamalloc_oom *oom, pid_t pid,
			  struct tamalloc_oom_victim *victims, size_t room)
	__asm__("tamalloc_oom_victims");
#pragma GCC visibility pop

ssize_t oom_victims_first(const struct tamalloc_oom *oom, pid_t pid,
			  struct tamalloc_oom_victim *victims, size_t room)
{
	return tamalloc_oom_victims_sized(oom, pid, victims, room, VICTIM_SIZE_FIRST);
}
