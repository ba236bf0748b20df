// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "top-draw.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "intl.h"
#include "text.h"
#include "top-terminal.h"

/* A name in the last column takes what the others leave, and this at least. */
#define NAME_WIDTH 8
/* Elsewhere it loses its end. */
#define NAME_WIDTH_ELSEWHERE 24

static bool is_name(const struct column *column)
{
	return column->type == COLUMN_TEXT || column->type == COLUMN_BAR;
}

/* The cell of a row, for the caller to free; NULL: no memory. */
static char *cell(const struct top *top, const struct column *column,
		  const struct row *row)
{
	const struct style style = { .unit = UNIT_HUMAN, .blocks = terminal_has_blocks() };
	struct value value = column_value(column, row, &top->model.machine);

	return cell_format(column, &value, &style);
}

/* To what is on the screen: columns do not move whenever a line comes or goes. */
static void grow_widths(struct top *top, const struct row *const *rows, size_t count)
{
	const struct column_list *list = &top->model.columns;

	for (size_t i = 0; i < list->count; i++) {
		size_t *width = &top->width[i];
		char header[HEADER_TEXT];

		cell_header(list->column[i], UNIT_HUMAN, header);
		if (*width < strlen(header))
			*width = strlen(header);
		for (size_t row = 0; row < count; row++) {
			char *text = cell(top, list->column[i], rows[row]);

			if (text && *width < text_width(text))
				*width = text_width(text);
			free(text);
		}
		if (list->column[i]->wide && *width > NAME_WIDTH_ELSEWHERE)
			*width = NAME_WIDTH_ELSEWHERE;
	}
}

/*
 * Where each column begins, -1 for one that is left out. Where a terminal is
 * narrow, those to the right are, but for the last and the one sorted by.
 */
static void place_columns(const struct top *top, int *place, int *width)
{
	const struct column_list *list = &top->model.columns;
	size_t last = list->count - 1;
	bool stretches = list->column[last]->wide;
	int left = COLS + 1;
	int at = 0;

	for (size_t i = 0; i <= last; i++) {
		width[i] = i == last && stretches ? NAME_WIDTH : (int)top->width[i];
		left -= width[i] + 1;
		place[i] = 0;
	}
	for (size_t i = last; left < 0 && i-- > 0;) {
		if (list->column[i] == top->model.order.key[0].column)
			continue;
		left += width[i] + 1;
		place[i] = -1;
	}
	for (size_t i = 0; i <= last; i++) {
		if (place[i] < 0)
			continue;
		place[i] = at;
		at += width[i] + 1;
	}
	if (stretches)
		width[last] = COLS - place[last];
}

static void draw_header(const struct top *top, int line, const int *place, const int *width)
{
	const struct column_list *list = &top->model.columns;

	attron(A_REVERSE);
	draw_text(line, 0, COLS, LEFT, "");
	for (size_t i = 0; i < list->count; i++) {
		bool is_key = list->column[i] == top->model.order.key[0].column;
		char header[HEADER_TEXT];

		if (place[i] < 0)
			continue;
		cell_header(list->column[i], UNIT_HUMAN, header);
		attr_set(A_REVERSE | (is_key ? A_BOLD | A_UNDERLINE : 0), 0, NULL);
		draw_text(line, place[i], width[i], is_name(list->column[i]) ? LEFT : RIGHT,
			  header);
	}
	attrset(A_NORMAL);
}

static void draw_row(const struct top *top, const struct row *row, int line,
		     const int *place, const int *width)
{
	const struct column_list *list = &top->model.columns;

	for (size_t i = 0; i < list->count; i++) {
		bool is_bar = list->column[i]->type == COLUMN_BAR;
		char *text;

		if (place[i] < 0)
			continue;
		text = cell(top, list->column[i], row);
		if (is_bar)
			attron(COLOR_PAIR(DRAW_GREEN));
		draw_text(line, place[i], width[i], is_name(list->column[i]) ? LEFT : RIGHT,
			  text ? text : "-");
		if (is_bar)
			attroff(COLOR_PAIR(DRAW_GREEN));
		free(text);
	}
}

void draw_table(struct top *top, int first, int end)
{
	const struct model *model = &top->model;
	int place[COLUMNS_MAX], width[COLUMNS_MAX];
	bool has_header = end - first > 1;
	const struct row *const *rows;
	size_t count;
	int line = first + has_header;

	scroll_fit(&top->table, model->count, line < end ? (size_t)(end - line) : 0);
	rows = model->rows + top->table.first;
	count = model->count - top->table.first;
	if (count > top->table.page)
		count = top->table.page;

	grow_widths(top, rows, count);
	place_columns(top, place, width);
	if (has_header)
		draw_header(top, first, place, width);
	if (!count && line < end)
		draw_text(line, 0, COLS, LEFT, _("no process passes the filter"));
	for (size_t i = 0; i < count; i++, line++) {
		bool is_selected = top->table.first + i == top->table.selected;

		if (is_selected)
			attron(A_REVERSE);
		draw_text(line, 0, COLS, LEFT, "");
		draw_row(top, rows[i], line, place, width);
		if (is_selected)
			attroff(A_REVERSE);
	}
}
