// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "export.h"
#include "intl.h"
#include "layout.h"
#include "message.h"
#include "order.h"
#include "output.h"
#include "parse.h"
#include "table.h"

static const char help[] = N_(
"Usage: tam map [OPTION...] PID\n"
"\n"
"Shows the memory of a process region by region, in KB of 1024 bytes: reserved\n"
"(address space) and committed (resident), the largest first. TAM says whether\n"
"tamalloc reserved the region. What is not known is \"-\".\n"
"\n"
"  -s, --sort=LIST    sort by these columns, by -COLUMN in descending order:\n"
"                     address, reserved, committed, use, private, swap, offset,\n"
"                     access, tamalloc, name; -reserved unless given\n"
"  -n, --rows=N       only the first N lines, after sorting\n"
"      --tamalloc     only what tamalloc reserved\n"
"      --total        end with the sum of all regions, as on a terminal\n"
"      --no-total     do not\n"
"  -h, --human        sizes such as 1.5M\n"
"  -b, --bytes        sizes in bytes\n"
"      --json, --csv  for programs, in bytes\n"
"      --noheadings   do not say what the columns are\n"
"      --help         show this help\n");

enum { OPTION_HELP = 256, OPTION_TAMALLOC, OPTION_TOTAL, OPTION_NO_TOTAL, OPTION_JSON,
       OPTION_CSV, OPTION_NOHEADINGS };

static const struct option options[] = {
	{ "sort", required_argument, NULL, 's' },
	{ "rows", required_argument, NULL, 'n' },
	{ "tamalloc", no_argument, NULL, OPTION_TAMALLOC },
	{ "total", no_argument, NULL, OPTION_TOTAL },
	{ "no-total", no_argument, NULL, OPTION_NO_TOTAL },
	{ "human", no_argument, NULL, 'h' },
	{ "bytes", no_argument, NULL, 'b' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "csv", no_argument, NULL, OPTION_CSV },
	{ "noheadings", no_argument, NULL, OPTION_NOHEADINGS },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

static const char *const of_tables[] = { "address", "reserved", "committed", "use",
					 "access", "tamalloc", "name", NULL };
static const char *const of_terminals[] = { "address", "reserved", "committed", "bar",
					    "access", "tamalloc", "name", NULL };
static const char *const of_exports[] = { "address", "reserved", "committed", "use",
					  "private", "swap", "offset", "access",
					  "tamalloc", "name", NULL };

struct request {
	pid_t pid;
	struct order order;
	unsigned long most; /* rows; 0: all */
	bool only_tamalloc;
	enum { TOTAL_BY_FORM, TOTAL, NO_TOTAL } total;
	enum { TABLE, JSON, CSV } form;
	enum unit unit;
	bool has_headings;
	bool wants_help;
};

static struct column_list list_of(const char *const *names)
{
	struct column_list list = { 0 };

	for (; *names; names++)
		column_list_add(&list, layout_column_find(*names));
	return list;
}

static int fail_process(pid_t pid, int err)
{
	switch (err) {
	case -EACCES:
		return fail("map", _("process %d: not permitted (EACCES): its memory is for "
				     "its own user and for CAP_SYS_PTRACE"), pid);
	case -EINVAL:
		return fail("map", _("process %d: has no memory of its own: "
				     "a kernel thread or a zombie"), pid);
	case -ENOENT:
	case -ENOMEM:
		return fail_call("map", err);
	default:
		return fail("map", _("process %d: %s"), pid, strerror(-err));
	}
}

static bool shows_total(const struct request *request)
{
	if (request->total != TOTAL_BY_FORM)
		return request->total == TOTAL;
	return request->form == JSON ||
	       (request->form == TABLE && isatty(STDOUT_FILENO));
}

static int show(const struct request *request, struct view *view)
{
	struct column_list columns;

	view->columns = &columns;
	switch (request->form) {
	case JSON:
		columns = list_of(of_exports);
		return export_json("map", view);
	case CSV:
		columns = list_of(of_exports);
		return export_csv("map", view);
	default:
		columns = list_of(isatty(STDOUT_FILENO) ? of_terminals : of_tables);
		return table_show("map", view);
	}
}

static int show_layout(const struct request *request, const struct layout *layout)
{
	const struct row **sorted = calloc(layout->count + 1, sizeof(*sorted));
	const struct machine machine = { 0 };
	struct view view = {
		.rows = sorted,
		.count = layout->count,
		.total = shows_total(request) ? &layout->total.row : NULL,
		.machine = &machine,
		.name = "regions",
		.unit = request->unit,
		.has_headings = request->has_headings,
	};
	int status;

	if (!sorted)
		return fail("map", "%s", strerror(ENOMEM));
	for (size_t i = 0; i < layout->count; i++)
		sorted[i] = &layout->rows[i].row;
	order_sort(&request->order, sorted, layout->count, &machine);
	if (request->most && view.count > request->most)
		view.count = request->most;
	status = show(request, &view);
	free(sorted);
	return status;
}

static int run(const struct request *request)
{
	struct layout layout;
	int status;
	int err;

	if (request->only_tamalloc && !layout_knows_tamalloc())
		return fail("map", _("--tamalloc: this kernel does not keep the names of "
				     "regions (CONFIG_ANON_VMA_NAME)"));
	err = layout_read(&layout, request->pid, request->only_tamalloc);
	if (err)
		return fail_process(request->pid, err);
	status = show_layout(request, &layout);
	layout_free(&layout);
	return status;
}

static int take_key(const char *name, struct request *request)
{
	bool descending = *name == '-';
	const struct column *column = layout_sort_key(name + descending);
	const char *nearest;

	if (column && order_add(&request->order, column, descending))
		return 0;
	if (column)
		return usage("map", _("--sort '%s': too many columns"), name);
	nearest = layout_column_nearest(name + descending);
	if (nearest)
		return usage("map", _("--sort '%s': no such column; did you mean '%s'?"),
			     name, nearest);
	return usage("map", _("--sort '%s': no such column; see 'tam map --help'"), name);
}

static int take_order(const char *text, struct request *request)
{
	char *names = strdup(text);
	char *rest = names;
	char *name;
	int status = 0;

	if (!names)
		return fail("map", "%s", strerror(ENOMEM));
	request->order.count = 0;
	while (!status && (name = strsep(&rest, ",")))
		status = take_key(name, request);
	free(names);
	return status;
}

static int set_form(struct request *request, int form)
{
	if (request->form != TABLE && (int)request->form != form)
		return usage("map", _("--json and --csv exclude each other"));
	request->form = form;
	return 0;
}

static int take_option(int option, char **argv, struct request *request)
{
	const char *text;
	const char *wrong;

	switch (option) {
	case 's':
		return take_order(optarg, request);
	case 'n':
		wrong = parse_count(optarg, &request->most);
		return wrong ? usage("map", "--rows '%s': %s", optarg, wrong) : 0;
	case OPTION_TAMALLOC:
		request->only_tamalloc = true;
		return 0;
	case OPTION_TOTAL:
		request->total = TOTAL;
		return 0;
	case OPTION_NO_TOTAL:
		request->total = NO_TOTAL;
		return 0;
	case 'h':
		request->unit = UNIT_HUMAN;
		return 0;
	case 'b':
		request->unit = UNIT_BYTES;
		return 0;
	case OPTION_JSON:
		return set_form(request, JSON);
	case OPTION_CSV:
		return set_form(request, CSV);
	case OPTION_NOHEADINGS:
		request->has_headings = false;
		return 0;
	case OPTION_HELP:
		request->wants_help = true;
		return 0;
	default:
		/* A negative pid looks like an option. */
		text = negative_number(argv, optopt);
		if (text)
			return usage("map", "'%s': %s", text,
				     parse_pid(text, &request->pid));
		return usage_option("map", option, argv, options);
	}
}

static int take_arguments(int argc, char **argv, struct request *request)
{
	const char *wrong;
	int status = 0;
	int option;

	while (!status && !request->wants_help &&
	       (option = getopt_long(argc, argv, ":s:n:hb", options, NULL)) != -1)
		status = take_option(option, argv, request);
	if (status || request->wants_help)
		return status;
	if (request->form == CSV && request->total == TOTAL)
		return usage("map", _("--total and --csv exclude each other: "
				      "the sum would be one more record"));
	if (optind == argc)
		return usage("map", _("no process id; see 'tam map --help'"));
	wrong = parse_pid(argv[optind], &request->pid);
	if (wrong)
		return usage("map", "'%s': %s", argv[optind], wrong);
	if (++optind < argc)
		return usage("map", _("unexpected argument '%s': one process at a time"),
			     argv[optind]);
	return 0;
}

int command_map(int argc, char **argv)
{
	struct request request = { .has_headings = true };
	int status;

	order_add(&request.order, layout_sort_key("reserved"), true);
	status = take_arguments(argc, argv, &request);
	if (status)
		return status;
	if (!request.wants_help)
		return run(&request);
	fputs(_(help), stdout);
	return output_flush("map");
}
