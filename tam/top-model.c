// SPDX-License-Identifier: MIT
#include "top-model.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "groups.h"

/*
 * The exact total may have to look at every process once more, to find those
 * that share an address space. It is taken again after so many times the
 * processor time that it took: 0.1 % of a processor at most.
 */
#define EXACT_PAUSE 1000

static uint64_t fields_for(struct model *model)
{
	uint64_t fields = TAMALLOC_RESERVED | TAMALLOC_COMMITTED;

	if (model->group == model->given_for) {
		model->columns = model->given;
	} else if (model->group) {
		model->columns = column_list_of(MODEL_COLUMNS_OF_GROUPS);
		column_list_add(&model->columns, model->group);
	} else {
		model->columns = column_list_of(MODEL_COLUMNS);
	}
	if (model->group)
		fields |= model->group->fields;
	fields |= column_list_fields(&model->columns) | order_fields(&model->order);
	return fields | filter_fields(&model->filter);
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int begin_round(struct model *model, uint64_t fields)
{
	if (model->iterator && model->fields == fields)
		return tamalloc_iterator_rewind(model->iterator);
	tamalloc_iterator_close(model->iterator);
	model->iterator = NULL;
	model->fields = fields;
	return tamalloc_iterator_open(&model->iterator, fields & TAMALLOC_ALL_FIELDS,
				      TAMALLOC_KEEP);
}

static uint64_t difference(uint64_t from, uint64_t part)
{
	return from > part ? from - part : 0;
}

/*
 * Between two exact totals: the sums of the processes, less what was counted
 * more than once at the time of the last exact one.
 */
static int read_total(struct model *model)
{
	struct tamalloc_total *total = &model->total;
	uint64_t reserved = 0, committed = 0;
	uint64_t wanted = TAMALLOC_TOTAL_MEMORY;
	double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
	double now = seconds(CLOCK_MONOTONIC);
	bool exact = now >= model->exact_before;
	int err;

	if (exact)
		wanted |= TAMALLOC_TOTAL_PROCESSES;
	err = tamalloc_total(wanted, total, sizeof(*total));
	if (err)
		return err;
	for (size_t i = 0; i < model->all.count; i++) {
		reserved += model->all.list[i].process.reserved;
		committed += model->all.list[i].process.committed;
	}
	if (exact) {
		model->shared.reserved = difference(reserved, total->reserved);
		model->shared.committed = difference(committed, total->committed);
		model->exact_before =
			now + EXACT_PAUSE * (seconds(CLOCK_PROCESS_CPUTIME_ID) - start);
	} else {
		total->reserved = difference(reserved, model->shared.reserved);
		total->committed = difference(committed, model->shared.committed);
		total->fields |= TAMALLOC_TOTAL_PROCESSES;
	}
	return 0;
}

int model_read(struct model *model)
{
	const struct filter all = { 0 };
	uint64_t fields = fields_for(model);
	int err = begin_round(model, fields);

	if (err)
		return err;
	model->count = 0;
	rows_clear(&model->all);
	err = rows_read(&model->all, model->iterator, fields, &all);
	if (!err)
		err = read_total(model);
	if (!model->machine.booted)
		model->machine = rows_machine();
	return err ? err : model_arrange(model);
}

static bool passes(const struct model *model, const struct row *row)
{
	bool found = !model->pids.count;

	for (size_t i = 0; i < model->pids.count; i++)
		found |= model->pids.list[i] == row->process.pid;
	return found && filter_passes(&model->filter, &row->process);
}

int model_arrange(struct model *model)
{
	const struct rows *shown = &model->passed;
	const struct row **list;

	model->count = 0;
	/* The group or the order may need what the last round did not ask for. */
	if (!model->iterator || fields_for(model) & ~model->fields)
		return model_read(model);
	model->passed.count = 0;
	for (size_t i = 0; i < model->all.count; i++) {
		struct row *row;

		if (!passes(model, &model->all.list[i]))
			continue;
		row = rows_add(&model->passed);
		if (!row)
			return -ENOMEM;
		*row = model->all.list[i];
	}
	groups_free(&model->groups);
	if (model->group) {
		if (groups_make(&model->groups, &model->passed, model->group,
				&model->machine))
			return -ENOMEM;
		shown = &model->groups;
	}
	list = reallocarray(model->rows, shown->count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	model->rows = list;
	for (size_t i = 0; i < shown->count; i++)
		list[i] = &shown->list[i];
	order_sort(&model->order, list, shown->count, &model->machine);
	model->count = shown->count;
	return 0;
}

const struct column *model_next_group(const struct column *group)
{
	const char *const *name = groups_names;

	while (group && *name && groups_column(*name) != group)
		name++;
	name += group && *name;
	return *name ? groups_column(*name) : NULL;
}

void model_free(struct model *model)
{
	tamalloc_iterator_close(model->iterator);
	groups_free(&model->groups);
	free(model->passed.list);
	rows_free(&model->all);
	filter_free(&model->filter);
	free(model->pids.list);
	free(model->rows);
}
