/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* What the parts of tamalloc_oom share. */
#ifndef LIB_OOM_H
#define LIB_OOM_H

#include "cgroup.h"
#include "internal.h"

enum rank {
	RANK_ELIGIBLE,
	RANK_EXEMPT,
	RANK_OUTSIDE /* not in the cgroup; but may share memory with one that is */
};

struct candidate {
	enum rank rank;
	uint64_t place; /* in the walk over a cgroup; the same of all: the machine */
	struct tamalloc_process record;
};

struct tamalloc_oom {
	struct cgroup cgroup; /* its path is NULL: the machine */
	struct tamalloc_oom_domain domain;
	struct candidate *list;
	size_t count; /* of them all, */
	size_t inside; /* and of those which are not outside: they come first */
	size_t next;
};

/* Puts the list in the order in which they would be taken. */
void oom_sort(struct candidate *list, size_t count);

/* NULL: it is not among processes, which rise by pid. */
const struct cgroup_process *oom_find(const struct cgroup_processes *processes, pid_t pid);

/* The processes of a cgroup and below, by rising pid. */
int oom_list(const struct cgroup *cgroup, struct cgroup_processes *processes);

/* Finds the cgroup of this name; proc is /proc. */
int oom_find_cgroup(int proc, const char *name, struct cgroup *cgroup);

/* The settings of the machine, as far as they can be read. */
int oom_fill_machine(int proc, struct tamalloc_oom_domain *domain);

/* What confines the caller's allocations to some of the machine's memory. */
int oom_fill_confined(int proc, struct tamalloc_oom_domain *domain);

#endif
