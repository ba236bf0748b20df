// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "top-draw.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intl.h"
#include "text.h"

/* No terminal is wider. */
#define WIDEST 1024

/* The characters of text that fit into width columns; returns how many they take. */
static int fitting(const char *text, int width, wchar_t *wide)
{
	mbstate_t state = { 0 };
	size_t count = 0;
	int used = 0;

	while (*text && count < WIDEST) {
		size_t length = mbrtowc(&wide[count], text, MB_CUR_MAX, &state);
		int columns = length > MB_CUR_MAX ? -1 : wcwidth(wide[count]);

		if (columns < 0 || used + columns > width)
			break;
		used += columns;
		text += length;
		count++;
	}
	wide[count] = L'\0';
	return used;
}

void draw_text(int row, int column, int width, enum align align, const char *text)
{
	wchar_t wide[WIDEST + 1];
	int used;

	if (column + width > COLS)
		width = COLS - column;
	if (row < 0 || row >= LINES || width <= 0)
		return;
	used = fitting(text, width, wide);
	move(row, column);
	if (align == RIGHT)
		hline(' ' | getattrs(stdscr), width - used);
	move(row, align == RIGHT ? column + width - used : column);
	addwstr(wide);
	if (align == LEFT && used < width)
		hline(' ' | getattrs(stdscr), width - used);
}

static const char *size_or_dash(char *text, uint64_t size, bool known)
{
	if (!known)
		return "-";
	size_format(text, size, UNIT_HUMAN);
	return text;
}

static void draw_total(const struct tamalloc_total *total)
{
	bool has_sums = total->fields & TAMALLOC_TOTAL_PROCESSES;
	bool has_memory = total->fields & TAMALLOC_TOTAL_MEMORY;
	char reserved[SIZE_TEXT], committed[SIZE_TEXT];
	char available[SIZE_TEXT], memory[SIZE_TEXT];
	char line[512];

	snprintf(line, sizeof(line),
		 _("committed %s   reserved %s   available %s of the machine's %s"),
		 size_or_dash(committed, total->committed, has_sums),
		 size_or_dash(reserved, total->reserved, has_sums),
		 size_or_dash(available, total->available, has_memory),
		 size_or_dash(memory, total->memory, has_memory));
	attron(A_BOLD);
	draw_text(0, 0, COLS, LEFT, line);
	attroff(A_BOLD);
}

/* What is in force, and how to learn more. */
static void draw_state(const struct top *top)
{
	const struct model *model = &top->model;
	const char *filter = top->expression ? top->expression : "";
	char *safe = text_escape(filter, false);
	char line[1024];

	snprintf(line, sizeof(line),
		 *filter ? _("h: help   rows: %zu   every %g s   order: %s%s   filter: %s") :
			   _("h: help   rows: %zu   every %g s   order: %s%s"),
		 model->count, top->interval,
		 model->order.key[0].descending ? "-" : "",
		 model->order.key[0].column->header, safe ? safe : "");
	free(safe);
	draw_text(LINES - 1, 0, COLS, LEFT, line);
}

/* The end of a line that is too long is where one types. */
static void draw_prompt(const struct top *top)
{
	const char *label = top->prompt == PROMPT_FILTER ?
				    _("commands that match (Esc: as before): ") :
				    _("seconds between looks (Esc: as before): ");
	int start = (int)text_width(label);
	size_t skip = 0;
	int used = 0;

	if (start > COLS / 2)
		start = 0;
	draw_text(LINES - 1, 0, start, LEFT, label);
	for (size_t i = 0; i < top->line.at; i++)
		used += wcwidth(top->line.text[i]);
	for (; used >= COLS - start; skip++)
		used -= wcwidth(top->line.text[skip]);
	move(LINES - 1, start);
	addwstr(top->line.text + skip);
	clrtoeol();
	move(LINES - 1, start + used);
}

static void draw_status(const struct top *top)
{
	if (top->prompt)
		draw_prompt(top);
	else if (*top->message)
		draw_text(LINES - 1, 0, COLS, LEFT, top->message);
	else if (top->page != PAGE_TABLE)
		draw_text(LINES - 1, 0, COLS, LEFT, _("q: back to the table"));
	else
		draw_state(top);
	curs_set(top->prompt != PROMPT_NONE);
}

/* On a small screen the table comes before the graph. */
static int graph_lines(void)
{
	if (LINES >= 40)
		return 8;
	return LINES >= 20 ? 4 : LINES >= 12 ? 2 : 0;
}

static void draw_processes(struct top *top, int first, int end)
{
	const struct model *model = &top->model;
	const struct draw_table table = {
		.columns = &model->columns,
		.key = model->order.key[0].column,
		.rows = model->rows,
		.count = model->count,
		.machine = &model->machine,
		.scroll = &top->table,
		.width = top->width,
	};

	draw_table(&table, first, end);
	if (!model->count && first + 1 < end)
		draw_text(first + 1, 0, COLS, LEFT, _("no process passes the filter"));
}

void top_draw(struct top *top)
{
	int first = LINES > 3;
	int graph = graph_lines();
	int end = LINES > 1 ? LINES - 1 : LINES;

	erase();
	if (first)
		draw_total(&top->model.total);
	draw_graph(&top->history, first, first + graph);
	switch (top->page) {
	case PAGE_TABLE:
		draw_processes(top, first + graph, end);
		break;
	case PAGE_REGIONS:
		draw_regions(top, first + graph, end);
		break;
	case PAGE_HELP:
		draw_help(top, first, end);
		break;
	}
	if (end < LINES)
		draw_status(top);
	refresh();
}
