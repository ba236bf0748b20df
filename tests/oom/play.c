// SPDX-License-Identifier: MIT
/* One performance of a scenario, and what is to be said about it. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "oom.h"

#define TRIES 6000
#define PAUSE_MS 10
/* The kernel describes ten kills in five seconds, and keeps quiet about more. */
#define SETTLE_US 500000
/* Never the victim, and not exempt: from /proc, tam learns by its own oom_score
 * what that of others means. */
#define ASKER_ADJ (-500)

static const char *const backends[] = { "syscall", "proc" };

void doom(struct stage *stage, struct actor *victim)
{
	stage->victim = victim;
	victim->doomed = true;
}

void doom_too(struct actor *actor)
{
	actor->doomed = true;
}

static bool as_doomed(const struct stage *stage)
{
	for (unsigned int i = 0; i < stage->size; i++) {
		if (stage->cast[i].doomed && !stage->cast[i].dead)
			return false;
	}
	return true;
}

/* The eater stops at the first kill: the dead give their memory back slowly. Who
 * is to die has time to, and who is not, to show it. */
static bool run_out(struct stage *stage, struct record *record)
{
	struct pollfd log = { .fd = open_log(), .events = POLLIN };
	bool over = false;

	stage->eater = start_eater(stage);
	for (int i = 0; i < TRIES && !(over && as_doomed(stage)); i++) {
		poll(&log, 1, PAUSE_MS);
		read_log(log.fd, record);
		over |= bury(stage);
		if (record->count && !over)
			kill(stage->eater, SIGKILL);
	}
	if (!over)
		kill(stage->eater, SIGKILL);
	usleep(SETTLE_US);
	read_log(log.fd, record);
	bury(stage);
	close(log.fd);
	return over;
}

static bool log_names(const struct record *record, const struct stage *stage)
{
	const char *constraint = stage->group ? "CONSTRAINT_MEMCG" : "CONSTRAINT_NONE";
	pid_t pid = stage->victim ? stage->victim->pid : stage->eater;
	pid_t task = stage->victim ? stage->victim->task : stage->eater;

	return !strcmp(record->constraint, constraint) &&
	       !strcmp(record->group, stage->group ?: "") &&
	       record->chosen == pid && record->count && record->killed[0] == task;
}

static bool came_as_planned(const struct record *record, const struct stage *stage)
{
	for (unsigned int i = 0; i < stage->size; i++) {
		if (stage->cast[i].dead != stage->cast[i].doomed)
			return false;
	}
	return log_names(record, stage);
}

/* Nobody of the cast dies when the eater does. */
static bool came_as_foretold(const struct prediction *prediction,
			     const struct record *record, const struct stage *stage)
{
	bool takes_eater = !strcmp(prediction->outcome, "kill_allocating") &&
			   stage->eater_adj != EXEMPT;
	unsigned int dead = 0;

	for (unsigned int i = 0; i < stage->size; i++) {
		const struct actor *actor = &stage->cast[i];

		if (actor->dead != (!takes_eater && foretold(prediction, actor->pid)))
			return false;
		dead += actor->dead;
	}
	if (strcmp(prediction->outcome, stage->outcome))
		return false;
	if (takes_eater)
		return record->chosen == stage->eater;
	return record->chosen == prediction->victim && dead == 1 + prediction->also_count;
}

/* All that a tie is between has the same badness, by the kernel's own count. */
static bool is_tied(const struct prediction *prediction, unsigned int tied)
{
	if (prediction->count < tied)
		return false;
	for (unsigned int i = 1; i < tied; i++) {
		if (prediction->badness[i] != prediction->badness[0])
			return false;
	}
	return true;
}

static void note_stage(const struct stage *stage, const struct record *record)
{
	note("log: %s of \"%s\", chosen %d, eater %d", record->constraint, record->group,
	     record->chosen, stage->eater);
	for (unsigned int i = 0; i < record->count; i++)
		note("log: killed %d", record->killed[i]);
	for (unsigned int i = 0; i < stage->size; i++) {
		const struct actor *actor = &stage->cast[i];

		note("%s: %d, task %d,%s%s", actor->name, actor->pid, actor->task,
		     actor->doomed ? " should die," : "",
		     actor->dead ? " is dead" : " lives");
	}
}

static void note_prediction(const char *backend, const struct prediction *prediction)
{
	note("%s: %s %d", backend, prediction->outcome, prediction->victim);
	for (unsigned int i = 0; i < prediction->also_count; i++)
		note("%s: also %d", backend, prediction->also[i]);
	for (unsigned int i = 0; i < prediction->count; i++)
		note("%s: %d has %ld", backend, prediction->pid[i], prediction->badness[i]);
}

static void perform(struct stage *stage, const char *title)
{
	struct prediction predictions[ARRAY_SIZE(backends)];
	struct record record = { .count = 0 };
	bool fine;

	for (unsigned int i = 0; i < ARRAY_SIZE(backends); i++)
		predict(backends[i], stage, &predictions[i]);
	if (stage->tied && !is_tied(&predictions[0], stage->tied)) {
		note_prediction(backends[0], &predictions[0]);
		bail_out("%s: it is no tie", title);
	}
	fine = run_out(stage, &record) && came_as_planned(&record, stage);
	ok(fine, "%s: the kernel takes %s", title, stage->victim ? stage->victim->name : "the eater");
	if (!fine)
		note_stage(stage, &record);
	for (unsigned int i = 0; i < ARRAY_SIZE(backends); i++) {
		fine = came_as_foretold(&predictions[i], &record, stage);
		ok(fine, "%s: foretold by %s", title, backends[i]);
		if (!fine)
			note_prediction(backends[i], &predictions[i]);
	}
}

static void clear(struct stage *stage)
{
	dismiss(stage);
	remove_groups();
	set_sysctl("oom_kill_allocating_task", "0");
	set_sysctl("panic_on_oom", "0");
	swap_off();
}

/* Without a kill: what would end the machine, or does not end. */
static void ask(struct stage *stage, const char *title)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(backends); i++) {
		struct prediction prediction;
		bool fine;

		predict(backends[i], stage, &prediction);
		fine = !strcmp(prediction.outcome, stage->outcome);
		ok(fine, "%s: %s, by %s", title, stage->outcome, backends[i]);
		if (!fine)
			note_prediction(backends[i], &prediction);
	}
}

void play(const struct scenario *scenario, unsigned int variation)
{
	struct stage stage = {
		.outcome = "kill",
		.eater_adj = EXEMPT,
		.asker_adj = ASKER_ADJ,
	};
	char title[128];

	snprintf(title, sizeof(title), "%s, %u of %u", scenario->name, variation + 1,
		 scenario->variations);
	scenario->set(&stage, variation);
	if (stage.only_ask)
		ask(&stage, title);
	else
		perform(&stage, title);
	clear(&stage);
}
