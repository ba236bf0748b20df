// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "oom-view.h"

struct value oom_share(int64_t badness, uint64_t pages)
{
	struct value share = { .known = pages };

	if (pages)
		share.number = (int64_t)((__int128)badness * 1000 / (__int128)pages);
	return share;
}

static struct value get_share(const struct column *column, const struct row *row,
			      const struct machine *machine)
{
	struct value badness = column_value(column_find("badness"), row, machine);

	(void)column;
	return badness.known ? oom_share(badness.number, machine->pages) : badness;
}

/* In pages, and in the kernel's integers: thousandths of the memory come first. */
static struct value get_adjustment(const struct column *column, const struct row *row,
				   const struct machine *machine)
{
	(void)column;
	return (struct value){
		.known = machine->pages,
		.number = (int64_t)(machine->pages / 1000) * row->process.oom_score_adj,
	};
}

static const struct column share = {
	.name = "share", .key = "share_percent", .header = "SHARE%",
	.fields = TAMALLOC_OOM_BADNESS, .type = COLUMN_TENTHS, .get = get_share
};
static const struct column adjustment = {
	.name = "adjustment", .key = "adjustment_pages", .header = "ADJUSTMENT",
	.fields = TAMALLOC_OOM_SCORE_ADJ, .type = COLUMN_NUMBER, .get = get_adjustment
};

static struct column_list columns_for(enum view_form form)
{
	static const char *const names[] = { "pid", "comm", "badness", "share", "anon",
					     "file", "shared", "swap", "pte", "oomadj" };
	struct column_list list = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		column_list_add(&list, strcmp(names[i], share.name) ? column_find(names[i]) :
								      &share);
	if (form != FORM_TABLE) {
		column_list_add(&list, &adjustment);
		column_list_add(&list, column_find("threads"));
	}
	column_list_add(&list, column_find("exempt"));
	return list;
}

int oom_show_rows(const struct oom_report *report, const struct view_options *options)
{
	const struct row **rows = calloc(report->rows.count + 1, sizeof(*rows));
	const struct column_list columns = columns_for(options->form);
	const struct machine machine = { .pages = oom_report_pages(report) };
	struct view view = {
		.columns = &columns,
		.rows = rows,
		.count = report->rows.count,
		.machine = &machine,
		.name = "processes",
		.write_json = oom_write_json,
		.about = report,
	};
	int status;

	if (!rows)
		return fail("oom", "%s", strerror(ENOMEM));
	for (size_t i = 0; i < report->rows.count; i++)
		rows[i] = &report->rows.list[i];
	view_options_apply(options, &view);
	/* In KB a line would be longer than most terminals are wide. */
	if (view.unit == UNIT_KB && isatty(STDOUT_FILENO))
		view.unit = UNIT_HUMAN;
	status = view_options_show("oom", options, &view);
	free(rows);
	return status;
}
