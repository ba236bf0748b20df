// SPDX-License-Identifier: MIT
#include "top.h"

#include <stdio.h>

#include "intl.h"
#include "message.h"
#include "output.h"
#include "screen.h"
#include "table.h"

static const char *size_or_dash(char *text, uint64_t size, bool known)
{
	if (!known)
		return "-";
	size_format(text, size, UNIT_KB);
	return text;
}

static int show_total(const struct tamalloc_total *total)
{
	bool has_sums = total->fields & TAMALLOC_TOTAL_PROCESSES;
	bool has_memory = total->fields & TAMALLOC_TOTAL_MEMORY;
	char reserved[SIZE_TEXT], committed[SIZE_TEXT], available[SIZE_TEXT];

	printf(_("reserved %s KB, committed %s KB, available %s KB\n"),
	       size_or_dash(reserved, total->reserved, has_sums),
	       size_or_dash(committed, total->committed, has_sums),
	       size_or_dash(available, total->available, has_memory));
	return output_flush("top");
}

static int show(struct model *model)
{
	struct view view = { .unit = UNIT_KB, .has_headings = true };
	int err = model_read(model);
	int status;

	if (err)
		return fail_call("top", err);
	view.columns = &model->columns;
	view.rows = model->rows;
	view.count = model->count;
	view.machine = &model->machine;
	status = show_total(&model->total);
	return status ? status : table_show("top", &view);
}

int top_batch(struct top *top, unsigned long rounds)
{
	int status;

	screen_begin(false);
	for (unsigned long round = 1;; round++) {
		status = show(&top->model);
		if (status || round == rounds)
			return status;
		screen_sleep(top->interval);
		putchar('\n');
	}
}
