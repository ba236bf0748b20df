// SPDX-License-Identifier: MIT
#include "table.h"

#include <errno.h>
#include <langinfo.h>
#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intl.h"
#include "message.h"
#include "output.h"
#include "text.h"

/* A view on its way into a table. */
struct filling {
	const struct view *view;
	struct libscols_table *table;
	struct column_list columns;
	struct style style;
	bool is_terminal;
	size_t width[COLUMNS_MAX]; /* on a terminal */
};

static int set_cell(struct filling *filling, struct libscols_line *line, size_t at,
		    char *text)
{
	if (!text || scols_line_refer_data(line, at, text))
		return -ENOMEM;
	if (filling->is_terminal && text_width(text) > filling->width[at])
		filling->width[at] = text_width(text);
	return 0;
}

/* With a label in place of its first cell, unless it is NULL. */
static int add_row(struct filling *filling, const struct row *row, const char *label)
{
	struct libscols_line *line = scols_table_new_line(filling->table, NULL);
	int err = line ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < filling->columns.count; i++) {
		const struct column *column = filling->columns.column[i];
		struct value value = column_value(column, row, filling->view->machine);

		err = set_cell(filling, line, i,
			       label && !i ? strdup(label) :
					     cell_format(column, &value, &filling->style));
	}
	return err;
}

static int add_column(struct filling *filling, size_t at)
{
	const struct column *column = filling->columns.column[at];
	bool is_text = column->type == COLUMN_TEXT || column->type == COLUMN_BAR;
	int flags = (is_text ? 0 : SCOLS_FL_RIGHT) | (column->wide ? SCOLS_FL_TRUNC : 0);
	struct libscols_column *added;
	char header[HEADER_TEXT];

	cell_header(column, filling->view->unit, header);
	added = scols_table_new_column(filling->table, header, 0, flags);
	if (!added)
		return -ENOMEM;
	if (filling->view->has_headings)
		filling->width[at] = strlen(header);
	if (!output_is_styled())
		return 0;
	return scols_cell_set_color(scols_column_get_header(added), "\033[1m");
}

/* The last column is one that is left out where the line gets too long. */
static int hide_last(struct filling *filling)
{
	size_t last = filling->columns.count - 1;
	struct libscols_column *column = scols_table_get_column(filling->table, last);
	size_t width = last;

	for (size_t i = 0; i <= last; i++)
		width += filling->width[i];
	if (width <= output_width())
		return 0;
	return scols_column_set_flags(column, SCOLS_FL_HIDDEN);
}

static bool is_there(const struct column_list *list, const struct column *column)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->column[i] == column)
			return true;
	return false;
}

static int fill(struct filling *filling)
{
	const struct view *view = filling->view;
	struct libscols_table *table = filling->table;
	bool starts_with_sum = view->columns->column[0]->type == COLUMN_SIZE;
	/* For programs one word, the same in every language. */
	const char *label = filling->is_terminal ? _("total") : "total";
	bool has_optional = false;
	int err = 0;

	if (filling->is_terminal && view->if_room && !is_there(view->columns, view->if_room))
		has_optional = column_list_add(&filling->columns, view->if_room);

	/* The cells come here escaped; libsmartcols would escape them again. */
	scols_table_enable_noencoding(table, 1);
	scols_table_enable_noheadings(table, !view->has_headings);
	scols_table_enable_colors(table, output_is_styled());
	if (filling->is_terminal)
		scols_table_set_termwidth(table, output_width());
	scols_table_set_termforce(table, filling->is_terminal ? SCOLS_TERMFORCE_ALWAYS :
								SCOLS_TERMFORCE_NEVER);

	for (size_t i = 0; !err && i < filling->columns.count; i++)
		err = add_column(filling, i);
	for (size_t i = 0; !err && i < view->count; i++)
		err = add_row(filling, view->rows[i], NULL);
	if (!err && view->total)
		err = add_row(filling, view->total, starts_with_sum ? NULL : label);
	if (!err && has_optional)
		err = hide_last(filling);
	return err;
}

int table_show(const char *what, const struct view *view)
{
	bool is_terminal = isatty(STDOUT_FILENO);
	struct filling filling = {
		.view = view,
		.table = scols_new_table(),
		.columns = *view->columns,
		.style = { .unit = view->unit, .one_word = !is_terminal,
			   .blocks = !strcmp(nl_langinfo(CODESET), "UTF-8") },
		.is_terminal = is_terminal,
	};
	char *text = NULL;
	int status;

	/* To a string first, for libsmartcols does not report write errors. */
	if (!filling.table || fill(&filling) ||
	    scols_print_table_to_string(filling.table, &text))
		status = fail(what, "%s", strerror(ENOMEM));
	else
		status = output_text(what, text);
	free(text);
	scols_unref_table(filling.table);
	return status;
}
