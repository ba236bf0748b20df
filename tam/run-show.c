// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export.h"
#include "intl.h"
#include "json.h"
#include "message.h"
#include "output.h"
#include "run.h"
#include "size.h"
#include "table.h"

/* In row.process.fields: a total is of no process, and a sum of peaks is no peak. */
#define IS_PROCESS (1ULL << 32)

static const struct run_report *report_of(const struct row *row)
{
	return &((const struct run_row *)((const char *)row -
					  offsetof(struct run_row, row)))->report;
}

static struct value get_pid(const struct column *column, const struct row *row,
			    const struct machine *machine)
{
	(void)column, (void)machine;
	return (struct value){ .known = true, .number = report_of(row)->pid };
}

static struct value get_command(const struct column *column, const struct row *row,
				const struct machine *machine)
{
	(void)column, (void)machine;
	return (struct value){ .known = true, .text = report_of(row)->command };
}

static struct value get_figure(const struct column *column, const struct row *row,
			       const struct machine *machine)
{
	const char *report = (const char *)report_of(row);
	struct value value = { .known = true };
	uint64_t figure;

	(void)machine;
	memcpy(&figure, report + column->offset, sizeof(figure));
	if (column->type == COLUMN_SIZE)
		value.size = figure;
	else
		value.number = (int64_t)figure;
	return value;
}

#define FIGURE(member) .key = #member, .get = get_figure, \
	.offset = offsetof(struct run_report, member)

static const struct column columns[] = {
	{ .key = "pid", .header = "PID", .fields = IS_PROCESS, .type = COLUMN_NUMBER,
	  .get = get_pid },
	{ .key = "command", .header = "COMMAND", .fields = IS_PROCESS, .type = COLUMN_TEXT,
	  .get = get_command, .wide = true },
	{ FIGURE(blocks), .header = "BLOCKS", .type = COLUMN_NUMBER },
	{ FIGURE(allocated), .header = "ALLOCATED", .type = COLUMN_SIZE },
	{ FIGURE(zeroed), .header = "ZEROED", .type = COLUMN_SIZE },
	{ FIGURE(skipped), .header = "SKIPPED", .type = COLUMN_SIZE },
	{ FIGURE(dropped), .header = "DROPPED", .type = COLUMN_SIZE },
	{ FIGURE(faults), .header = "FAULTS", .type = COLUMN_NUMBER },
	{ FIGURE(peak), .header = "PEAK", .fields = IS_PROCESS, .type = COLUMN_SIZE },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void write_end(struct json *json, const void *about)
{
	const struct run_end *end = about;

	json_signed(json, "pid", end->pid);
	json_signed(json, "status", end->status);
}

static void print_saved(const struct run_report *total, FILE *out)
{
	char allocated[SIZE_TEXT], zeroed[SIZE_TEXT], skipped[SIZE_TEXT], dropped[SIZE_TEXT];

	if (!total->blocks) {
		fputs(_("No large block was asked for.\n"), out);
		return;
	}
	size_format(allocated, total->allocated, UNIT_HUMAN);
	size_format(zeroed, total->zeroed, UNIT_HUMAN);
	size_format(skipped, total->skipped, UNIT_HUMAN);
	size_format(dropped, total->dropped, UNIT_HUMAN);
	if (total->allocated)
		fprintf(out, _("Of %s that had to read as zero, %s was zeroed; %s did not need "
			       "it. An\nallocator that zeroes whole blocks would have zeroed "
			       "all.\n"), allocated, zeroed, skipped);
	else
		fputs(_("No large block had to read as zero.\n"), out);
	if (total->dropped)
		fprintf(out, _("%s was given back to the kernel when it was freed.\n"), dropped);
}

static bool has_reported(const struct run_rows *rows, pid_t pid)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].report.pid == pid)
			return true;
	return false;
}

static void print_sentences(const struct run_rows *rows, const struct run_end *end, FILE *out)
{
	if (!rows->count) {
		fputs(_("No process reported: the program is static or setuid, became a user "
			"who may not\nwrite to the file for reports, was killed, or ended by "
			"_exit, as some shells do.\n"), out);
		return;
	}
	print_saved(&rows->total.report, out);
	if (!has_reported(rows, end->pid))
		fprintf(out, _("Process %d, the command itself, did not report: it is static "
			       "or setuid,\nbecame a user who may not write to the file for "
			       "reports, was killed, or ended by\n_exit, as some shells do.\n"),
			end->pid);
}

/* What the table does not say. */
static int show_sentences(const struct run_rows *rows, const struct run_end *end)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool failed = true;
	int status;

	if (out) {
		print_sentences(rows, end, out);
		failed = ferror(out);
		failed |= fclose(out);
	}
	status = failed ? fail("run", "%s", strerror(ENOMEM)) : output_text("run", text);
	free(text);
	return status;
}

int run_show(struct run_rows *rows, const struct run_end *end, bool json)
{
	const struct row **list = calloc(rows->count + 1, sizeof(*list));
	const struct machine machine = { 0 };
	struct column_list shown = { 0 };
	struct view view = {
		.columns = &shown,
		.rows = list,
		.count = rows->count,
		.total = json || rows->count > 1 ? &rows->total.row : NULL,
		.machine = &machine,
		.name = "processes",
		.unit = isatty(STDOUT_FILENO) ? UNIT_HUMAN : UNIT_KB,
		.has_headings = true,
		.write_json = write_end,
		.about = end,
	};
	int status = 0;

	if (!list)
		return fail("run", "%s", strerror(ENOMEM));
	for (size_t i = 0; i < COLUMNS; i++)
		column_list_add(&shown, &columns[i]);
	for (size_t i = 0; i < rows->count; i++) {
		rows->rows[i].row.process.fields = IS_PROCESS;
		list[i] = &rows->rows[i].row;
	}
	if (json)
		status = export_json("run", &view);
	else if (rows->count)
		status = table_show("run", &view);
	if (!json && !status)
		status = show_sentences(rows, end);
	free(list);
	return status;
}
