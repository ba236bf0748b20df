// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "intl.h"
#include "oom-view.h"
#include "text.h"

/* As many of those who die together are named. */
#define NAMED 8

static void print_process(FILE *out, pid_t pid, const char *command)
{
	char *safe = text_escape(command, false);

	fprintf(out, "%d (%s)", pid, safe && *safe ? safe : "?");
	free(safe);
}

/* A sentence with a %s for a process. */
static void print_of_process(FILE *out, const char *sentence, pid_t pid,
			     const char *command)
{
	char *process = NULL;
	size_t size;
	FILE *memory = open_memstream(&process, &size);

	if (memory) {
		print_process(memory, pid, command);
		fclose(memory);
	}
	fprintf(out, sentence, process ? process : "?");
	free(process);
}

/* What happens instead of a kill by badness, or before it. */
static void print_outcome(const struct oom_report *report, FILE *out)
{
	char command[OOM_COMMAND];

	switch (report->outcome) {
	case OOM_KILL:
		break;
	case OOM_UNLIMITED:
		fputs(_("The cgroup has no limit of its own that it could meet.\n"), out);
		break;
	case OOM_PANIC:
		fprintf(out, _("When memory runs out, the kernel panics: "
			       "vm.panic_on_oom is %" PRIu32 ".\n"), report->domain.panic);
		break;
	case OOM_KILL_ALLOCATING:
		fputs(_("When memory runs out, whoever asks for it is killed, unless it is "
			"exempt:\nvm.oom_kill_allocating_task is set.\n"), out);
		break;
	case OOM_WAIT:
		oom_report_command(report, report->domain.killing, command);
		print_of_process(out, _("Process %s is being killed; no other will be before "
					"its memory is back.\n"),
				 report->domain.killing, command);
		break;
	case OOM_DEADLOCK:
		fputs(_("No process may be killed: when memory runs out, the kernel panics.\n"),
		      out);
		break;
	case OOM_REFUSE:
		fputs(_("No process of the cgroup may be killed: at its limit it gets no more "
			"memory.\n"), out);
		break;
	}
}

static void print_badness(const struct oom_report *report, int64_t badness, FILE *out)
{
	uint64_t pages = oom_report_pages(report);
	struct value share = oom_share(badness, pages);
	char percent[SIZE_TEXT];

	if (!share.known) {
		fprintf(out, _("its badness is %" PRId64 ".\n"), badness);
		return;
	}
	size_tenths(percent, share.number);
	fprintf(out, _("its badness is %" PRId64 ", %s%% of the %" PRIu64
		       " pages that count.\n"), badness, percent, pages);
}

static void print_victim(const struct oom_report *report, FILE *out)
{
	const struct row *victim = oom_report_victim(report);
	const char *sentence = _("By badness it would be process %s:\n");

	if (!victim)
		return;
	if (report->outcome == OOM_KILL)
		sentence = report->cgroup ?
			   _("If the cgroup met its limit now, the kernel would kill process %s:\n") :
			   _("If memory ran out now, the kernel would kill process %s:\n");
	print_of_process(out, sentence, victim->process.pid, victim->process.command);
	print_badness(report, victim->process.oom_badness, out);
}

/* Nothing where nobody dies for that reason. */
static void print_deaths(const struct oom_report *report, enum tamalloc_oom_bond bond,
			 const char *introduction, FILE *out)
{
	size_t named = 0, more = 0;

	for (size_t i = 0; i < report->death_count; i++) {
		const struct oom_death *death = &report->deaths[i];

		if (death->bond != bond)
			continue;
		if (named == NAMED) {
			more++;
			continue;
		}
		fputs(named++ ? ", " : introduction, out);
		print_process(out, death->pid, death->command);
	}
	if (more)
		fprintf(out, ngettext(" and %zu more", " and %zu more", more), more);
	if (named)
		fputs(".\n", out);
}

static void print_confined(const struct oom_report *report, FILE *out)
{
	if (report->domain.confined & TAMALLOC_CONFINED_CPUSET)
		fputs(_("A cpuset leaves the caller only part of the memory: that may run out "
			"first,\nand then only who uses it is killed.\n"), out);
	if (report->domain.confined & TAMALLOC_CONFINED_POLICY)
		fputs(_("A memory policy leaves the caller only part of the memory: that may run "
			"out first,\nand then only who uses it is killed.\n"), out);
}

void oom_print_sentences(const struct oom_report *report, FILE *out)
{
	print_outcome(report, out);
	print_victim(report, out);
	print_deaths(report, TAMALLOC_BOND_ADDRESS_SPACE,
		     _("With it would die, for they share its address space: "), out);
	print_deaths(report, TAMALLOC_BOND_GROUP,
		     _("With it would die, for memory.oom.group is set: "), out);
	print_confined(report, out);
}
