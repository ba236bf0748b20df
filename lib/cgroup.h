/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* Memory cgroups in the file system, of either version. */
#ifndef LIB_CGROUP_H
#define LIB_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup {
	int version;
	char *path;  /* its directory */
	size_t top;  /* as much of it is the mount's, above which nothing is seen */
};

/*
 * Finds a cgroup by its name, as /proc/PID/cgroup has it, or by the path of its
 * directory; mounts is the text of mountinfo. -ENOENT: there is none of this
 * name. -ENODATA: no hierarchy is mounted that could limit memory. The caller
 * frees path, which is NULL on an error.
 */
int cgroup_find(const char *mounts, const char *name, struct cgroup *cgroup);

/* Whether it is the root of its hierarchy, and not only of what is mounted. */
bool cgroup_is_root(const struct cgroup *cgroup);

/* What of the machine has a part in the limit. */
struct cgroup_machine {
	uint64_t page;	     /* bytes */
	uint64_t swap;	     /* pages */
	uint64_t swappiness; /* vm.swappiness */
};

struct cgroup_limit {
	uint64_t total; /* pages, of memory and swap */
	bool is_unlimited;
};

/* -ENODATA: the memory controller is not at work in this cgroup. */
int cgroup_limit(const struct cgroup *cgroup, const struct cgroup_machine *machine,
		 struct cgroup_limit *limit);

struct cgroup_process {
	pid_t pid;
	uint64_t place; /* the OOM killer sees those with a lower one earlier */
};

struct cgroup_processes {
	struct cgroup_process *list; /* in the order of their places */
	size_t count, room;
	uint64_t places;
};

/*
 * The processes of a cgroup and of all below it. Those of one cgroup of version
 * 1, where the kernel sorts them, have the same place. The caller frees list,
 * also after an error. -ENOENT: it has been removed.
 */
int cgroup_processes(const struct cgroup *cgroup, struct cgroup_processes *processes);

/*
 * Cuts the path of a cgroup down to that of the highest above it, or its own,
 * which has memory.oom.group set, and is in the one whose path is domain, or
 * anywhere where that is NULL. 1, or 0: there is none.
 */
int cgroup_find_group(struct cgroup *cgroup, const char *domain);

#endif
