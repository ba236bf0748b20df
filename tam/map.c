// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "intl.h"
#include "layout.h"
#include "message.h"
#include "order.h"
#include "output.h"
#include "parse.h"
#include "view-options.h"

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

enum { OPTION_HELP = OPTION_OWN, OPTION_TAMALLOC };

static const struct option options[] = {
	{ "sort", required_argument, NULL, 's' },
	VIEW_OPTIONS_ROWS,
	{ "tamalloc", no_argument, NULL, OPTION_TAMALLOC },
	VIEW_OPTIONS_TOTAL,
	VIEW_OPTIONS_UNIT,
	VIEW_OPTIONS_FORM,
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
	bool only_tamalloc;
	struct view_options view;
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

static struct column_list columns_for(enum view_form form)
{
	if (form != FORM_TABLE)
		return list_of(of_exports);
	return list_of(isatty(STDOUT_FILENO) ? of_terminals : of_tables);
}

static int show_layout(const struct request *request, const struct layout *layout)
{
	const struct row **sorted = calloc(layout->count + 1, sizeof(*sorted));
	const struct column_list columns = columns_for(request->view.form);
	const struct machine machine = { 0 };
	struct view view = {
		.columns = &columns,
		.rows = sorted,
		.count = layout->count,
		.machine = &machine,
		.name = "regions",
	};
	int status;

	if (!sorted)
		return fail("map", "%s", strerror(ENOMEM));
	for (size_t i = 0; i < layout->count; i++)
		sorted[i] = &layout->rows[i].row;
	order_sort(&request->order, sorted, layout->count, &machine);
	if (view_options_total(&request->view, true))
		view.total = &layout->total.row;
	view_options_apply(&request->view, &view);
	status = view_options_show("map", &request->view, &view);
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

static int take_option(int option, char **argv, struct request *request)
{
	const char *text;
	int status;

	if (view_options_take("map", option, &request->view, &status))
		return status;
	switch (option) {
	case 's':
		return take_order(optarg, request);
	case OPTION_TAMALLOC:
		request->only_tamalloc = true;
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
	if (!status && !request->wants_help)
		status = view_options_check("map", &request->view);
	if (status || request->wants_help)
		return status;
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
	struct request request = { 0 };
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
