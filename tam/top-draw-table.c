// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "top-draw.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
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
static char *cell(const struct draw_table *table, const struct column *column,
		  const struct row *row)
{
	const struct style style = { .unit = UNIT_HUMAN, .blocks = terminal_has_blocks() };
	struct value value = column_value(column, row, table->machine);

	return cell_format(column, &value, &style);
}

/* To what is on the screen: columns do not move whenever a line comes or goes. */
static void grow_widths(const struct draw_table *table, const struct row **rows,
			size_t count)
{
	const struct column_list *list = table->columns;

	for (size_t i = 0; i < list->count; i++) {
		size_t *width = &table->width[i];
		char header[HEADER_TEXT];

		cell_header(list->column[i], UNIT_HUMAN, header);
		if (*width < strlen(header))
			*width = strlen(header);
		for (size_t row = 0; row < count; row++) {
			char *text = cell(table, list->column[i], rows[row]);

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
static void place_columns(const struct draw_table *table, int *place, int *width)
{
	const struct column_list *list = table->columns;
	size_t last = list->count - 1;
	bool stretches = list->column[last]->wide;
	int left = COLS + 1;
	int at = 0;

	for (size_t i = 0; i <= last; i++) {
		width[i] = i == last && stretches ? NAME_WIDTH : (int)table->width[i];
		left -= width[i] + 1;
		place[i] = 0;
	}
	for (size_t i = last; left < 0 && i-- > 0;) {
		if (list->column[i] == table->key)
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

static void draw_header(const struct draw_table *table, int line, const int *place,
			const int *width)
{
	const struct column_list *list = table->columns;

	attron(A_REVERSE);
	draw_text(line, 0, COLS, LEFT, "");
	for (size_t i = 0; i < list->count; i++) {
		bool is_key = list->column[i] == table->key;
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

static void draw_row(const struct draw_table *table, const struct row *row, int line,
		     const int *place, const int *width)
{
	const struct column_list *list = table->columns;

	for (size_t i = 0; i < list->count; i++) {
		bool is_bar = list->column[i]->type == COLUMN_BAR;
		char *text;

		if (place[i] < 0)
			continue;
		text = cell(table, list->column[i], row);
		if (is_bar)
			attron(COLOR_PAIR(DRAW_GREEN));
		draw_text(line, place[i], width[i], is_name(list->column[i]) ? LEFT : RIGHT,
			  text ? text : "-");
		if (is_bar)
			attroff(COLOR_PAIR(DRAW_GREEN));
		free(text);
	}
}

void draw_table(const struct draw_table *table, int first, int end)
{
	int place[COLUMNS_MAX], width[COLUMNS_MAX];
	struct scroll *scroll = table->scroll;
	int line = first + (end - first > 1); /* under a header, if it fits */
	const struct row **rows;
	size_t count;

	scroll_fit(scroll, table->count, line < end ? (size_t)(end - line) : 0);
	rows = table->rows + scroll->first;
	count = table->count - scroll->first;
	if (count > scroll->page)
		count = scroll->page;

	grow_widths(table, rows, count);
	place_columns(table, place, width);
	if (line > first)
		draw_header(table, first, place, width);
	for (size_t i = 0; i < count; i++, line++) {
		bool is_selected = scroll->first + i == scroll->selected;

		if (is_selected)
			attron(A_REVERSE);
		draw_text(line, 0, COLS, LEFT, "");
		draw_row(table, rows[i], line, place, width);
		if (is_selected)
			attroff(A_REVERSE);
	}
}
