/* SPDX-License-Identifier: MIT */
/* Who would be killed if memory ran out, and what would happen beside or instead. */
#ifndef TAM_OOM_REPORT_H
#define TAM_OOM_REPORT_H

#include "rows.h"

enum oom_outcome {
	OOM_KILL,
	OOM_UNLIMITED,		 /* the cgroup has no limit that could be met */
	OOM_PANIC,		 /* vm.panic_on_oom */
	OOM_KILL_ALLOCATING,	 /* vm.oom_kill_allocating_task */
	OOM_WAIT,		 /* a kill is under way */
	OOM_DEADLOCK,		 /* nobody can be killed, and the kernel panics */
	OOM_REFUSE,		 /* nobody can be killed for the cgroup's limit */
};

#define OOM_COMMAND 64

struct oom_death {
	pid_t pid;
	uint32_t bond; /* enum tamalloc_oom_bond */
	char command[OOM_COMMAND];
};

struct oom_report {
	const char *cgroup; /* NULL: the machine */
	struct tamalloc_oom_domain domain;
	enum oom_outcome outcome;
	struct rows rows; /* in the order in which they would be killed */
	size_t eligible;  /* so many; the others are exempt */
	/* Who dies with the first of them. */
	struct oom_death *deaths;
	size_t death_count;
};

/* 0 or a negative errno of tamalloc_oom_open(); then there is nothing to free. */
int oom_report_read(struct oom_report *report, const char *cgroup);

void oom_report_free(struct oom_report *report);

/* What comes first in the kernel comes first here. */
enum oom_outcome oom_outcome(const struct tamalloc_oom_domain *domain, bool is_cgroup,
			     bool has_victim);

/* Of which a badness is a share; 0 where that would say nothing. */
uint64_t oom_report_pages(const struct oom_report *report);

/* NULL when nobody can be killed. */
const struct row *oom_report_victim(const struct oom_report *report);

/* The name of a process, empty when it has gone. */
void oom_report_command(const struct oom_report *report, pid_t pid,
			char command[OOM_COMMAND]);

#endif
