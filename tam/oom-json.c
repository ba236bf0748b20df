// SPDX-License-Identifier: MIT
#include "json.h"
#include "oom-view.h"

static const char *const outcomes[] = {
	[OOM_KILL] = "kill",
	[OOM_UNLIMITED] = "unlimited",
	[OOM_PANIC] = "panic",
	[OOM_KILL_ALLOCATING] = "kill_allocating",
	[OOM_WAIT] = "wait",
	[OOM_DEADLOCK] = "deadlock",
	[OOM_REFUSE] = "refuse",
};

static void write_number(struct json *json, const char *key, bool known, uint64_t number)
{
	if (known)
		json_unsigned(json, key, number);
	else
		json_null(json, key);
}

static void write_confined(struct json *json, const struct tamalloc_oom_domain *domain)
{
	if (!(domain->fields & TAMALLOC_DOMAIN_CONFINED)) {
		json_null(json, "confined_by");
		return;
	}
	json_begin_array(json, "confined_by");
	if (domain->confined & TAMALLOC_CONFINED_CPUSET)
		json_text(json, NULL, "cpuset");
	if (domain->confined & TAMALLOC_CONFINED_POLICY)
		json_text(json, NULL, "mempolicy");
	json_end_array(json);
}

static void write_victim(struct json *json, const struct oom_report *report)
{
	const struct row *victim = oom_report_victim(report);
	struct value share;

	if (!victim) {
		json_null(json, "victim");
		return;
	}
	json_begin_object(json, "victim");
	json_signed(json, "pid", victim->process.pid);
	json_text(json, "command", victim->process.fields & TAMALLOC_COMMAND ?
				   victim->process.command : NULL);
	json_signed(json, "badness", victim->process.oom_badness);
	share = oom_share(victim->process.oom_badness, oom_report_pages(report));
	if (share.known)
		json_tenths(json, "share_percent", share.number);
	else
		json_null(json, "share_percent");
	json_end_object(json);
}

static void write_deaths(struct json *json, const struct oom_report *report)
{
	json_begin_array(json, "also");
	for (size_t i = 0; i < report->death_count; i++) {
		const struct oom_death *death = &report->deaths[i];

		json_begin_object(json, NULL);
		json_signed(json, "pid", death->pid);
		json_text(json, "command", *death->command ? death->command : NULL);
		json_text(json, "why", death->bond == TAMALLOC_BOND_GROUP ?
				       "cgroup" : "address_space");
		json_end_object(json);
	}
	json_end_array(json);
}

void oom_write_json(struct json *json, const void *about)
{
	const struct oom_report *report = about;
	const struct tamalloc_oom_domain *domain = &report->domain;

	json_begin_object(json, "oom");
	json_text(json, "cgroup", report->cgroup);
	write_number(json, "total_pages", oom_report_pages(report), oom_report_pages(report));
	json_text(json, "outcome", outcomes[report->outcome]);
	write_number(json, "panic_on_oom", domain->fields & TAMALLOC_DOMAIN_PANIC,
		     domain->panic);
	write_number(json, "oom_kill_allocating_task",
		     domain->fields & TAMALLOC_DOMAIN_ALLOCATING,
		     domain->kills_allocating);
	write_confined(json, domain);
	write_number(json, "killing", domain->killing, (uint64_t)domain->killing);
	write_victim(json, report);
	write_deaths(json, report);
	json_end_object(json);
}
