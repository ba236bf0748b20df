// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "top.h"

#include <curses.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intl.h"
#include "parse.h"
#include "text.h"

static void __attribute__((format(printf, 2, 3)))
say(struct top *top, const char *how, ...)
{
	va_list args;

	va_start(args, how);
	vsnprintf(top->message, sizeof(top->message), how, args);
	va_end(args);
}

/*
 * The selection
 */

static const struct row *selected(const struct top *top)
{
	const struct model *model = &top->model;

	return top->table.selected < model->count ? model->rows[top->table.selected] :
						    NULL;
}

/* A process that was chosen stays so; the first line is just the first. */
static void follow(struct top *top)
{
	const struct row *row = selected(top);

	top->followed = row && top->table.selected && !top->model.group ?
				row->process.pid : 0;
}

static void find_followed(struct top *top)
{
	struct model *model = &top->model;

	if (top->followed && !model->group)
		for (size_t i = 0; i < model->count; i++)
			if (model->rows[i]->process.pid == top->followed)
				top->table.selected = i;
	scroll_fit(&top->table, model->count, top->table.page);
}

int top_arrange(struct top *top)
{
	int err = model_arrange(&top->model);

	if (!err)
		find_followed(top);
	return err;
}

/*
 * The regions of a process
 */

static void forget_regions(struct top_regions *regions)
{
	layout_free(&regions->layout);
	free(regions->rows);
	regions->rows = NULL;
}

static void read_regions(struct top_regions *regions)
{
	static const struct machine machine;
	struct order order = { 0 };

	forget_regions(regions);
	regions->error = layout_read(&regions->layout, regions->pid, false);
	if (regions->error)
		return;
	regions->rows = calloc(regions->layout.count, sizeof(*regions->rows));
	if (!regions->rows) {
		layout_free(&regions->layout);
		regions->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < regions->layout.count; i++)
		regions->rows[i] = &regions->layout.rows[i].row;
	order_add(&order, layout_sort_key("reserved"), true);
	order_sort(&order, regions->rows, regions->layout.count, &machine);
}

static int show_regions(struct top *top)
{
	const struct row *row = selected(top);
	struct top_regions *regions = &top->regions;

	if (!row)
		return 0;
	if (top->model.group) {
		say(top, _("a group has no regions; g shows single processes"));
		return 0;
	}
	free(regions->command);
	regions->command = text_escape(row->process.command, false);
	if (!regions->command)
		return -ENOMEM;
	regions->pid = row->process.pid;
	memset(regions->width, 0, sizeof(regions->width));
	top->page = PAGE_REGIONS;
	top->detail = (struct scroll){ 0 };
	read_regions(&top->regions);
	return 0;
}

int top_read(struct top *top)
{
	int err = model_read(&top->model);

	if (err)
		return err;
	history_add(&top->history, top->model.total.committed);
	find_followed(top);
	if (top->page == PAGE_REGIONS)
		read_regions(&top->regions);
	return 0;
}

/*
 * The order
 */

static size_t index_of(const struct column_list *list, const struct column *column)
{
	size_t at = 0;

	while (at < list->count && list->column[at] != column)
		at++;
	return at;
}

/* Figures begin with the largest, names with the first. */
static void sort_by(struct top *top, const struct column *column)
{
	top->model.order = (struct order){ 0 };
	order_add(&top->model.order, column,
		  column->type != COLUMN_TEXT && column != column_find("pid"));
}

/* By the next or the previous column, round and round. */
static int sort_by_neighbour(struct top *top, bool next)
{
	const struct column_list *list = &top->model.columns;
	size_t at = index_of(list, top->model.order.key[0].column);

	if (at == list->count)
		at = next ? list->count - 1 : 0;
	/* There may be nothing but bars: then the order stays. */
	for (size_t steps = 0; steps < list->count; steps++) {
		at = (at + (next ? 1 : list->count - 1)) % list->count;
		if (list->column[at]->type == COLUMN_BAR)
			continue;
		sort_by(top, list->column[at]);
		return top_arrange(top);
	}
	return 0;
}

static int sort_by_letter(struct top *top, const char *name)
{
	const struct column *column = column_find(name);

	if (top->model.group && (column->fields & ROW_PID)) {
		say(top, _("a group has no process id; g shows single processes"));
		return 0;
	}
	sort_by(top, column);
	return top_arrange(top);
}

static int reverse(struct top *top)
{
	top->model.order.key[0].descending ^= true;
	return top_arrange(top);
}

static int change_group(struct top *top)
{
	struct model *model = &top->model;
	int err;

	model->group = model_next_group(model->group);
	top->followed = 0;
	top->table.selected = 0;
	memset(top->width, 0, sizeof(top->width));
	err = model_arrange(model);
	if (!err && index_of(&model->columns, model->order.key[0].column) ==
			    model->columns.count) {
		sort_by(top, column_find("rss"));
		err = model_arrange(model);
	}
	return err;
}

/*
 * Prompts
 */

static void ask(struct top *top, enum top_prompt prompt, const char *text)
{
	top->prompt = prompt;
	line_begin(&top->line, text);
}

static void ask_interval(struct top *top)
{
	char text[32];

	snprintf(text, sizeof(text), "%g", top->interval);
	ask(top, PROMPT_INTERVAL, text);
}

/* A bad expression leaves the filter as it was. */
static bool set_filter(struct top *top, const char *expression)
{
	struct filter trial = { 0 };
	int wrong = filter_set_command(&trial, expression);
	char *text = NULL;
	char why[128];

	if (!wrong && *expression)
		text = strdup(expression);
	if (wrong)
		regerror(wrong, &trial.command, why, sizeof(why));
	filter_free(&trial);
	if (wrong || (*expression && !text)) {
		say(top, _("not a regular expression: %s"), wrong ? why : strerror(ENOMEM));
		return false;
	}
	if (text) {
		filter_set_command(&top->model.filter, text);
	} else if (top->model.filter.by_command) {
		regfree(&top->model.filter.command);
		top->model.filter.by_command = false;
	}
	free(top->expression);
	top->expression = text;
	return true;
}

static void set_interval(struct top *top, const char *text)
{
	const char *wrong = parse_watch(text, &top->interval);

	if (wrong)
		say(top, _("not an interval: %s"), wrong);
}

static int prompt_key(struct top *top, wint_t key, bool is_code)
{
	enum top_prompt prompt = top->prompt;
	char *text;
	int err = 0;

	switch (line_key(&top->line, key, is_code)) {
	case LINE_GOES_ON:
		return 0;
	case LINE_CANCELLED:
		top->prompt = PROMPT_NONE;
		return 0;
	case LINE_DONE:
		break;
	}
	top->prompt = PROMPT_NONE;
	text = line_text(&top->line);
	if (!text)
		return -ENOMEM;
	if (prompt == PROMPT_INTERVAL)
		set_interval(top, text);
	else if (set_filter(top, text))
		err = top_arrange(top);
	free(text);
	return err;
}

/*
 * Pages
 */

/* Regions and help: what is not a movement and not known goes back. */
static int detail_key(struct top *top, wint_t key, bool is_code)
{
	if (is_code && scroll_key(&top->detail, (int)key))
		return 0;
	if (is_code ? key == KEY_LEFT || key == KEY_ENTER :
		      key && wcschr(L"qhm?\r\n\033", (wchar_t)key))
		top->page = PAGE_TABLE;
	return 0;
}

static int table_code(struct top *top, int key)
{
	if (scroll_key(&top->table, key)) {
		follow(top);
		return 0;
	}
	switch (key) {
	case KEY_ENTER:
		return show_regions(top);
	case KEY_LEFT:
	case KEY_RIGHT:
		return sort_by_neighbour(top, key == KEY_RIGHT);
	default:
		return 0;
	}
}

static int table_key(struct top *top, wint_t key)
{
	switch (key) {
	case 'q':
		return 1;
	case '\r':
	case '\n':
	case 'm':
		return show_regions(top);
	case 's':
	case '>':
	case '<':
		return sort_by_neighbour(top, key != '<');
	case 'R':
		return sort_by_letter(top, "vsz");
	case 'C':
		return sort_by_letter(top, "rss");
	case 'P':
		return sort_by_letter(top, "pid");
	case 'r':
		return reverse(top);
	case '/':
	case 'f':
		ask(top, PROMPT_FILTER, top->expression ? top->expression : "");
		return 0;
	case 'i':
		ask_interval(top);
		return 0;
	case 'g':
		return change_group(top);
	case 'h':
	case '?':
		top->page = PAGE_HELP;
		top->detail = (struct scroll){ 0 };
		return 0;
	default:
		return 0;
	}
}

void top_free(struct top *top)
{
	model_free(&top->model);
	forget_regions(&top->regions);
	free(top->regions.command);
	free(top->expression);
}

int top_key(struct top *top, wint_t key, bool is_code)
{
	if (is_code && key == KEY_RESIZE)
		return 0;
	*top->message = '\0';
	if (top->prompt)
		return prompt_key(top, key, is_code);
	if (top->page != PAGE_TABLE)
		return detail_key(top, key, is_code);
	return is_code ? table_code(top, (int)key) : table_key(top, key);
}
