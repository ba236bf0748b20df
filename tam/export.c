// SPDX-License-Identifier: MIT
#include "export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "json.h"
#include "message.h"
#include "output.h"

static struct column_list with_unique_keys(const struct column_list *list)
{
	struct column_list unique = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		size_t same = 0;

		while (same < unique.count &&
		       strcmp(unique.column[same]->key, list->column[i]->key))
			same++;
		if (same == unique.count)
			column_list_add(&unique, list->column[i]);
	}
	return unique;
}

/* A share in thousandths is a percentage rounded down, as in its own column. */
static int64_t percent(int64_t thousandths)
{
	return thousandths / 10;
}

static void write_json(struct json *json, const struct column *column,
		       const struct value *value)
{
	char moment[MOMENT_TEXT];

	if (!value->known) {
		json_null(json, column->key);
		return;
	}
	switch (column->type) {
	case COLUMN_NUMBER:
		json_signed(json, column->key, value->number);
		break;
	case COLUMN_TENTHS:
		json_tenths(json, column->key, value->number);
		break;
	case COLUMN_SIZE:
		json_unsigned(json, column->key, value->size);
		break;
	case COLUMN_TEXT:
		json_text(json, column->key, value->text);
		break;
	case COLUMN_TIME:
	case COLUMN_MOMENT:
		cell_moment(value->number, moment);
		json_text(json, column->key, moment);
		break;
	case COLUMN_BAR:
		json_signed(json, column->key, percent(value->number));
		break;
	}
}

static void write_json_row(struct json *json, const char *key, const struct row *row,
			   const struct column_list *columns,
			   const struct machine *machine)
{
	json_begin_object(json, key);
	for (size_t i = 0; i < columns->count; i++) {
		struct value value = column_value(columns->column[i], row, machine);

		write_json(json, columns->column[i], &value);
	}
	json_end_object(json);
}

static void json(FILE *out, const struct view *view)
{
	struct column_list columns = with_unique_keys(view->columns);
	struct json json = { .out = out };

	json_begin_object(&json, NULL);
	if (view->write_json)
		view->write_json(&json, view->about);
	json_begin_array(&json, view->name);
	for (size_t i = 0; i < view->count; i++)
		write_json_row(&json, NULL, view->rows[i], &columns, view->machine);
	json_end_array(&json);
	if (view->total)
		write_json_row(&json, "total", view->total, &columns, view->machine);
	json_end_object(&json);
}

static void write_csv(FILE *out, bool is_first, const struct column *column,
		      const struct value *value)
{
	char text[MOMENT_TEXT] = "";

	if (!value->known) {
		csv_field(out, is_first, NULL);
		return;
	}
	switch (column->type) {
	case COLUMN_NUMBER:
		size_signed(text, value->number);
		break;
	case COLUMN_TENTHS:
		size_tenths(text, value->number);
		break;
	case COLUMN_SIZE:
		size_format(text, value->size, UNIT_BYTES);
		break;
	case COLUMN_TEXT:
		csv_field(out, is_first, value->text);
		return;
	case COLUMN_TIME:
	case COLUMN_MOMENT:
		cell_moment(value->number, text);
		break;
	case COLUMN_BAR:
		size_signed(text, percent(value->number));
		break;
	}
	csv_field(out, is_first, text);
}

static void csv(FILE *out, const struct view *view)
{
	struct column_list columns = with_unique_keys(view->columns);

	for (size_t i = 0; view->has_headings && i < columns.count; i++)
		csv_field(out, !i, columns.column[i]->key);
	if (view->has_headings)
		putc('\n', out);
	for (size_t row = 0; row < view->count; row++) {
		for (size_t i = 0; i < columns.count; i++) {
			struct value value = column_value(columns.column[i],
							  view->rows[row],
							  view->machine);

			write_csv(out, !i, columns.column[i], &value);
		}
		putc('\n', out);
	}
}

/* To memory first, so that the error of a write is known when it is reported. */
static int export(const char *what, const struct view *view,
		  void (*write)(FILE *out, const struct view *view))
{
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	bool failed = true;
	int status;

	if (out) {
		write(out, view);
		failed = ferror(out);
		failed |= fclose(out);
	}
	status = failed ? fail(what, "%s", strerror(ENOMEM)) : output_text(what, text);
	free(text);
	return status;
}

int export_json(const char *what, const struct view *view)
{
	return export(what, view, json);
}

int export_csv(const char *what, const struct view *view)
{
	return export(what, view, csv);
}
