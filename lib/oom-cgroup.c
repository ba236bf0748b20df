// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#include <stdlib.h>

#include "oom.h"

static int by_pid(const void *a, const void *b)
{
	const struct cgroup_process *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

const struct cgroup_process *oom_find(const struct cgroup_processes *processes, pid_t pid)
{
	struct cgroup_process wanted = { .pid = pid };

	if (!processes->count)
		return NULL;
	return bsearch(&wanted, processes->list, processes->count, sizeof(wanted), by_pid);
}

int oom_list(const struct cgroup *cgroup, struct cgroup_processes *processes)
{
	int err = cgroup_processes(cgroup, processes);

	if (!err && processes->count)
		qsort(processes->list, processes->count, sizeof(*processes->list), by_pid);
	return err;
}

int oom_find_cgroup(int proc, const char *name, struct cgroup *cgroup)
{
	char *mounts;
	ssize_t length;
	int err;

	/* A cgroup's list has pids of the caller's namespace. */
	if (!proc_is_ours(proc))
		return -ENOENT;
	length = read_whole(proc, "self/mountinfo", &mounts);
	if (length < 0)
		return (int)length;
	err = cgroup_find(mounts, name, cgroup);
	free(mounts);
	return err;
}
