// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols/libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "message.h"
#include "text.h"

static const struct {
	const char *header;
	int flags;
} columns[] = {
	{ "PID", SCOLS_FL_RIGHT },
	{ "COMMAND", SCOLS_FL_TRUNC },
	{ "RESERVED(KB)", SCOLS_FL_RIGHT },
	{ "COMMITTED(KB)", SCOLS_FL_RIGHT },
	{ "USE%", SCOLS_FL_RIGHT },
	{ "OOM_ADJ", SCOLS_FL_RIGHT },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

bool output_is_styled(void)
{
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") &&
	       !(no_color && *no_color);
}

static size_t terminal_width(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 80;
}

/* Hands text over to the line, or sets *err. */
static void set_cell(struct libscols_line *line, size_t column, char *text, int *err)
{
	if (!text)
		*err = -ENOMEM;
	else if (scols_line_refer_data(line, column, text))
		*err = -ENOMEM;
}

static char *__attribute__((format(printf, 1, 2))) format(const char *how, ...)
{
	va_list args;
	char *text;

	va_start(args, how);
	if (vasprintf(&text, how, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}

static int add_process(struct libscols_table *table,
		       const struct process_memory *process, bool one_word)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	const char *command = process->command[0] ? process->command : "?";
	int err = 0;

	if (!line)
		return -ENOMEM;
	set_cell(line, 0, format("%d", process->pid), &err);
	set_cell(line, 1, text_escape(command, one_word), &err);
	set_cell(line, 2, format("%" PRIu64, process->vm_kb), &err);
	set_cell(line, 3, format("%" PRIu64, process->rss_kb), &err);
	set_cell(line, 4, format("%u", process->rss_percent_of_vm), &err);
	set_cell(line, 5, format("%d", process->oom_adjustment), &err);
	return err;
}

static int add_columns(struct libscols_table *table, bool styled)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		struct libscols_column *column;

		column = scols_table_new_column(table, columns[i].header, 0,
						columns[i].flags);
		if (!column)
			return -ENOMEM;
		if (styled &&
		    scols_cell_set_color(scols_column_get_header(column), "\033[1m"))
			return -ENOMEM;
	}
	return 0;
}

static int fill(struct libscols_table *table, const struct process_memory *list,
		size_t count)
{
	bool terminal = isatty(STDOUT_FILENO);
	bool styled = output_is_styled();
	int err;

	/* The names come here escaped; libsmartcols would escape them again. */
	scols_table_enable_noencoding(table, 1);
	scols_table_enable_colors(table, styled);
	if (terminal)
		scols_table_set_termwidth(table, terminal_width());
	scols_table_set_termforce(table, terminal ? SCOLS_TERMFORCE_ALWAYS :
						    SCOLS_TERMFORCE_NEVER);
	err = add_columns(table, styled);
	for (size_t i = 0; !err && i < count; i++)
		err = add_process(table, &list[i], !terminal);
	return err;
}

static int fail_write(const char *what, int error)
{
	if (error == EPIPE)
		return EXIT_FAILED;
	return fail(what, "writing the output: %s", strerror(error ? error : EIO));
}

int output_table(const char *what, const struct process_memory *list, size_t count)
{
	struct libscols_table *table = scols_new_table();
	char *text = NULL;
	int status;

	/* To a string first, for libsmartcols does not report write errors. */
	if (!table || fill(table, list, count) ||
	    scols_print_table_to_string(table, &text))
		status = fail(what, "%s", strerror(ENOMEM));
	else if (puts(text) == EOF)
		status = fail_write(what, errno);
	else
		status = output_flush(what);
	free(text);
	scols_unref_table(table);
	return status;
}

int output_flush(const char *what)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_DONE;
	return fail_write(what, errno);
}
