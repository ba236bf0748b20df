// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"
#include "parse.h"

#define ADJ_MIN (-1000)

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* proc_oom_score() in fs/proc/base.c, since Linux 5.9 */
int32_t oom_score(int64_t badness, uint64_t machine_pages)
{
	return (int32_t)((1000 + badness * 1000 / (int64_t)machine_pages) * 2 / 3);
}

/* oom_badness() in mm/oom_kill.c */
static int64_t badness_of(const struct tamalloc_process *record, uint64_t total_pages)
{
	uint64_t bytes = record->committed + record->swap + record->page_tables;

	return (int64_t)(bytes / page_size()) +
	       record->oom_score_adj * (int64_t)(total_pages / 1000);
}

static int read_number(int directory, const char *path, int64_t *number)
{
	char text[64];
	ssize_t length = read_path(directory, path, text, sizeof(text));

	if (length < 0)
		return (int)length;
	return parse_signed(text, number) ? 0 : -EIO;
}

/*
 * Before Linux 5.9, 0 was also the score of whoever is small, and what stands in
 * for a kernel may say 0 of everyone. The caller's own is told apart: it has no
 * less than two thirds of its oom_score_adj, counted from -1000.
 */
static bool score_tells(int directory)
{
	int64_t score, adj;

	if (read_number(directory, "self/oom_score", &score) ||
	    read_number(directory, "self/oom_score_adj", &adj))
		return false;
	/* The thousandths are rounded, which may take one away. */
	return score > 0 && score + 1 >= (adj - ADJ_MIN) * 2 / 3;
}

int oom_rules_read(int directory, uint64_t total_pages, struct oom_rules *rules)
{
	struct meminfo meminfo;
	int err = read_meminfo(directory, &meminfo);

	*rules = (struct oom_rules){ .total_pages = total_pages };
	if (err)
		return absent_or_error(err);
	rules->machine_pages = (meminfo.memory + meminfo.swap) / page_size();
	if (!total_pages)
		rules->total_pages = rules->machine_pages;
	rules->has_init = in_first_pid_namespace(directory) > 0;
	rules->score_tells = rules->machine_pages && score_tells(directory);
	return 0;
}

/* 0 although the process is large enough for more: the kernel would not take it. */
static int score_is_zero(const struct place *place, const struct tamalloc_process *record,
			 bool *is_zero)
{
	int64_t score = record->oom_score;
	char text[64];
	ssize_t length;

	if (!(record->fields & TAMALLOC_OOM_SCORE)) {
		length = read_file(place, FILE_OOM_SCORE, text, sizeof(text));
		if (length < 0 || !parse_signed(text, &score)) {
			*is_zero = false;
			return absent_or_error(length);
		}
	}
	*is_zero = !score;
	return 0;
}

static int exempt_of(const struct place *place, const struct oom_rules *rules,
		     const struct tamalloc_process *record, uint32_t *exempt)
{
	bool is_zero = false;
	int err = 0;

	if (record->pid == 1 && rules->has_init)
		*exempt = TAMALLOC_EXEMPT_INIT;
	else if (record->oom_score_adj == ADJ_MIN)
		*exempt = TAMALLOC_EXEMPT_DISABLED;
	else
		*exempt = TAMALLOC_EXEMPT_NOT;
	/* Sizes are from another moment and another counter: one step may be theirs. */
	if (*exempt || !rules->score_tells ||
	    oom_score(badness_of(record, rules->machine_pages), rules->machine_pages) < 2)
		return 0;
	err = score_is_zero(place, record, &is_zero);
	if (is_zero)
		*exempt = TAMALLOC_EXEMPT_UNKNOWN;
	return err;
}

int fill_badness(const struct place *place, const struct oom_rules *rules,
		 struct tamalloc_process *record)
{
	int err;

	if ((record->fields & FIELDS_OF_BADNESS) != FIELDS_OF_BADNESS || !rules->total_pages)
		return 0;
	err = exempt_of(place, rules, record, &record->oom_exempt);
	if (err)
		return err;
	if (!record->oom_exempt)
		record->oom_badness = badness_of(record, rules->total_pages);
	record->fields |= TAMALLOC_OOM_BADNESS;
	return 0;
}
