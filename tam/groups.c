// SPDX-License-Identifier: MIT
#include "groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"

const char *const groups_names[] = { "user", "command", "cgroup", NULL };

const struct column *groups_column(const char *name)
{
	for (const char *const *known = groups_names; *known; known++)
		if (!strcmp(name, *known))
			return column_find(name);
	return NULL;
}

/* Fields that are kept as long as they are the same. */
static const struct {
	uint64_t field;
	size_t offset, size;
} alike[] = {
#define ALIKE(field, member) \
	{ field, offsetof(struct tamalloc_process, member), \
	  sizeof(((struct tamalloc_process *)0)->member) }
	ALIKE(ROW_PID, pid),
	ALIKE(TAMALLOC_PARENT, parent),
	ALIKE(TAMALLOC_USER, user),
	ALIKE(TAMALLOC_START_TIME, start_time),
	ALIKE(TAMALLOC_OOM_SCORE_ADJ, oom_score_adj),
	ALIKE(TAMALLOC_OOM_SCORE, oom_score),
	ALIKE(TAMALLOC_OOM_BADNESS, oom_badness),
	ALIKE(TAMALLOC_OOM_BADNESS, oom_exempt),
#undef ALIKE
};

static uint64_t differing(const struct row *a, const struct row *b)
{
	const char *x = (const char *)&a->process, *y = (const char *)&b->process;
	uint64_t fields = 0;

	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
		if (memcmp(x + alike[i].offset, y + alike[i].offset, alike[i].size))
			fields |= alike[i].field;
	if (strcmp(a->process.command, b->process.command))
		fields |= TAMALLOC_COMMAND;
	if (a->cgroup && b->cgroup && strcmp(a->cgroup, b->cgroup))
		fields |= ROW_CGROUP;
	return fields;
}

void groups_add(struct row *group, const struct row *row)
{
	struct tamalloc_process *sum = &group->process;
	const struct tamalloc_process *process = &row->process;

	if (!group->processes) {
		*group = *row;
		return;
	}
	/* A sum of which a part is not known is not known either. */
	sum->fields &= process->fields & ~differing(group, row);
	sum->reserved += process->reserved;
	sum->committed += process->committed;
	sum->anonymous += process->anonymous;
	sum->file += process->file;
	sum->shared += process->shared;
	sum->swap += process->swap;
	sum->page_tables += process->page_tables;
	sum->threads += process->threads;
	group->processes += row->processes;
}

int groups_make(struct rows *groups, const struct rows *rows,
		const struct column *column, const struct machine *machine)
{
	const struct order order = { .key = { { column, false } }, .count = 1 };
	const struct row **sorted = calloc(rows->count + 1, sizeof(*sorted));
	struct row *group = NULL;
	int err = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++)
		sorted[i] = &rows->list[i];
	order_sort(&order, sorted, rows->count, machine);
	for (size_t i = 0; i < rows->count; i++) {
		if (!i || column_compare(column, sorted[i - 1], sorted[i], machine, false))
			group = rows_add(groups);
		if (!group) {
			err = -ENOMEM;
			break;
		}
		groups_add(group, sorted[i]);
	}
	free(sorted);
	return err;
}

void groups_free(struct rows *groups)
{
	free(groups->list);
	*groups = (struct rows){ 0 };
}
