// SPDX-License-Identifier: MIT
#include "oom-report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Whoever does swapoff(2) is killed whatever its adjustment. */
static bool is_eligible(const struct tamalloc_process *process)
{
	if (!(process->fields & TAMALLOC_OOM_BADNESS))
		return false;
	return process->oom_exempt == TAMALLOC_EXEMPT_NOT ||
	       (process->oom_state & TAMALLOC_OOM_ORIGIN &&
		process->oom_exempt != TAMALLOC_EXEMPT_INIT);
}

static int read_rows(struct oom_report *report, struct tamalloc_oom *oom)
{
	int result;

	do {
		struct row *row = rows_add(&report->rows);

		if (!row)
			return -ENOMEM;
		result = tamalloc_oom_next(oom, &row->process, sizeof(row->process));
		if (result != 1) {
			report->rows.count--;
			return result;
		}
		row->processes = 1;
		row->process.fields |= ROW_PID;
		report->eligible += is_eligible(&row->process);
	} while (true);
}

static int keep_deaths(struct oom_report *report,
		       const struct tamalloc_oom_victim *victims, size_t count)
{
	report->deaths = calloc(count + 1, sizeof(*report->deaths));
	if (!report->deaths)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct oom_death *death = &report->deaths[report->death_count];

		if (victims[i].bond == TAMALLOC_BOND_ITSELF)
			continue;
		death->pid = victims[i].pid;
		death->bond = victims[i].bond;
		oom_report_command(report, death->pid, death->command);
		report->death_count++;
	}
	return 0;
}

static int read_deaths(struct oom_report *report, const struct tamalloc_oom *oom)
{
	const struct row *victim = oom_report_victim(report);
	struct tamalloc_oom_victim *victims;
	ssize_t count, again;
	int err;

	if (!victim)
		return 0;
	count = tamalloc_oom_victims(oom, victim->process.pid, NULL, 0);
	if (count < 0)
		return (int)count;
	victims = calloc((size_t)count + 1, sizeof(*victims));
	if (!victims)
		return -ENOMEM;
	again = tamalloc_oom_victims(oom, victim->process.pid, victims, (size_t)count);
	/* Of those for whom there was room, should there be more now. */
	err = again < 0 ? (int)again :
			  keep_deaths(report, victims, (size_t)(again < count ? again : count));
	free(victims);
	return err;
}

static int read_all(struct oom_report *report, struct tamalloc_oom *oom)
{
	int err = tamalloc_oom_domain(oom, &report->domain, sizeof(report->domain));

	if (!err)
		err = read_rows(report, oom);
	return err ? err : read_deaths(report, oom);
}

int oom_report_read(struct oom_report *report, const char *cgroup)
{
	struct tamalloc_oom *oom;
	int err = tamalloc_oom_open(&oom, cgroup);

	if (err)
		return err;
	*report = (struct oom_report){ .cgroup = cgroup };
	err = read_all(report, oom);
	tamalloc_oom_close(oom);
	if (err)
		oom_report_free(report);
	else
		report->outcome = oom_outcome(&report->domain, cgroup, report->eligible);
	return err;
}

void oom_report_free(struct oom_report *report)
{
	rows_free(&report->rows);
	free(report->deaths);
	*report = (struct oom_report){ 0 };
}

enum oom_outcome oom_outcome(const struct tamalloc_oom_domain *domain, bool is_cgroup,
			     bool has_victim)
{
	if (is_cgroup && domain->is_unlimited)
		return OOM_UNLIMITED;
	if (domain->panic == 2 || (domain->panic && !is_cgroup))
		return OOM_PANIC;
	if (!is_cgroup && domain->kills_allocating)
		return OOM_KILL_ALLOCATING;
	if (domain->killing)
		return OOM_WAIT;
	if (!has_victim)
		return is_cgroup ? OOM_REFUSE : OOM_DEADLOCK;
	return OOM_KILL;
}

uint64_t oom_report_pages(const struct oom_report *report)
{
	return report->domain.is_unlimited ? 0 : report->domain.total;
}

const struct row *oom_report_victim(const struct oom_report *report)
{
	return report->eligible ? &report->rows.list[0] : NULL;
}

void oom_report_command(const struct oom_report *report, pid_t pid,
			char command[OOM_COMMAND])
{
	struct tamalloc_process other = { 0 };
	const struct tamalloc_process *process = &other;

	for (size_t i = 0; i < report->rows.count && process == &other; i++)
		if (report->rows.list[i].process.pid == pid)
			process = &report->rows.list[i].process;
	/* One that shares memory with a process of the cgroup may be outside. */
	if (process == &other)
		tamalloc_process(pid, TAMALLOC_COMMAND, &other, sizeof(other));
	snprintf(command, OOM_COMMAND, "%s", process->command);
}
