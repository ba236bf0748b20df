// SPDX-License-Identifier: MIT
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "commands.h"
#include "groups.h"
#include "intl.h"
#include "message.h"
#include "output.h"
#include "parse.h"
#include "rows.h"
#include "view-options.h"

static const char *const help = N_(
"Usage: tam ps [OPTION...] [PID...]\n"
"\n"
"Shows the memory of each process, or of those named, in KB of 1024 bytes:\n"
"reserved (address space) and committed (resident). What is not known is \"-\".\n"
"\n"
"  -o, --columns=LIST   show these columns; +LIST: these too; help: list them\n"
"  -s, --sort=LIST      sort by these columns, by -COLUMN in descending order\n"
"  -p, --pid=LIST       these processes, as PID\n"
"  -u, --user=LIST      only those of these users, names or numbers\n"
"  -C, --command=REGEX  only those in whose name the regular expression is found\n"
"  -m, --min=SIZE       only those with at least SIZE committed, such as 10M\n"
"  -n, --rows=N         only the first N lines, after sorting\n"
"      --by=WHAT        add up by user, command or cgroup\n"
"      --total          end with the sum of the lines, as on a terminal\n"
"      --no-total       do not\n"
"  -h, --human          sizes such as 1.5M\n"
"  -b, --bytes          sizes in bytes\n"
"      --json, --csv    for programs, in bytes\n"
"      --noheadings     do not say what the columns are\n"
"      --help           show this help\n");

enum { OPTION_HELP = OPTION_OWN, OPTION_BY };

static const struct option options[] = {
	{ "columns", required_argument, NULL, 'o' },
	{ "sort", required_argument, NULL, 's' },
	{ "pid", required_argument, NULL, 'p' },
	{ "user", required_argument, NULL, 'u' },
	{ "command", required_argument, NULL, 'C' },
	{ "min", required_argument, NULL, 'm' },
	VIEW_OPTIONS_ROWS,
	{ "by", required_argument, NULL, OPTION_BY },
	VIEW_OPTIONS_TOTAL,
	VIEW_OPTIONS_UNIT,
	VIEW_OPTIONS_FORM,
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

#define DEFAULT_COLUMNS "pid,comm,vsz,rss,use,oomadj"
#define DEFAULT_OF_GROUPS ",processes,vsz,rss,use"

struct request {
	struct arguments_columns columns;
	struct order order;
	struct filter filter;
	struct pid_list pids;
	const struct column *by;
	struct view_options view;
	int (*instead)(void); /* of all this, if it is not NULL */
};

static int show_help(void)
{
	return output_text("ps", _(help));
}

static int list_columns(void)
{
	const struct column *column;

	for (size_t i = 0; (column = column_at(i)); i++) {
		char names[64];
		size_t length = (size_t)snprintf(names, sizeof(names), "%s", column->name);

		for (const char *const *alias = column->aliases; *alias; alias++)
			length += (size_t)snprintf(names + length, sizeof(names) - length,
						   ", %s", *alias);
		if (column_find(column->key) == column && strcmp(column->key, column->name))
			snprintf(names + length, sizeof(names) - length, ", %s", column->key);
		printf("%-30s %s\n", names, _(column->help));
	}
	return output_flush("ps");
}

static int fail_process(pid_t pid, int err)
{
	switch (err) {
	case -EINVAL:
		return fail("ps", _("process %d: has no memory of its own: "
				    "a kernel thread or a zombie"), pid);
	case -EPERM:
		return fail("ps", _("process %d: not permitted (EPERM), by "
				    "vm.tamalloc_restrict, hidepid or a seccomp filter"), pid);
	default:
		return fail("ps", _("process %d: %s"), pid, strerror(-err));
	}
}

static int read_all(const struct request *request, uint64_t fields, struct rows *rows)
{
	struct tamalloc_iterator *iterator;
	int err;

	err = tamalloc_iterator_open(&iterator, rows_wanted(fields, &request->filter), 0);
	if (err)
		return fail_call("ps", err);
	err = rows_read(rows, iterator, fields, &request->filter);
	tamalloc_iterator_close(iterator);
	return err ? fail_call("ps", err) : EXIT_DONE;
}

#define RESERVED_TO_PAGE_TABLES (TAMALLOC_RESERVED | TAMALLOC_COMMITTED | TAMALLOC_ANONYMOUS | \
				 TAMALLOC_FILE | TAMALLOC_SHARED | TAMALLOC_SWAP |       \
				 TAMALLOC_PAGE_TABLES)

/* One that is named twice is shown, and counted, once. */
static bool is_named_before(const struct pid_list *pids, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (pids->list[i] == pids->list[index])
			return true;
	return false;
}

static int read_named(const struct request *request, uint64_t fields, struct rows *rows)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < request->pids.count; i++) {
		pid_t pid = request->pids.list[i];
		int err;

		if (is_named_before(&request->pids, i))
			continue;
		err = rows_read_one(rows, pid, fields, &request->filter);

		if (err == -ENOSYS || err == -ENOENT || err == -ENOMEM)
			return fail_call("ps", err);
		if (err)
			status = fail_process(pid, err);
	}
	return status;
}

static int show(const struct request *request, struct view *view)
{
	struct row total = { 0 };

	for (size_t i = 0; i < view->count; i++)
		groups_add(&total, view->rows[i]);
	/* The sum of nothing: for programs, so that it is always there. */
	if (!view->count)
		total.process.fields = RESERVED_TO_PAGE_TABLES;
	if (view_options_total(&request->view, false) &&
	    (view->count || request->view.form == FORM_JSON))
		view->total = &total;
	return view_options_show("ps", &request->view, view);
}

/* In the order and the number that were asked for. */
static int show_rows(const struct request *request, const struct rows *rows,
		     const struct column_list *columns, const struct machine *machine)
{
	const struct row **sorted = calloc(rows->count + 1, sizeof(*sorted));
	struct view view = {
		.columns = columns,
		.rows = sorted,
		.count = rows->count,
		.machine = machine,
		.name = request->by ? "groups" : "processes",
	};
	int status;

	if (!sorted)
		return fail("ps", "%s", strerror(ENOMEM));
	for (size_t i = 0; i < rows->count; i++)
		sorted[i] = &rows->list[i];
	if (request->order.count)
		order_sort(&request->order, sorted, rows->count, machine);
	view_options_apply(&request->view, &view);
	if (!request->columns.is_given || request->columns.keeps_default)
		view.if_room = column_find("bar");
	status = show(request, &view);
	free(sorted);
	return status;
}

static int show_groups(struct request *request, const struct rows *rows,
		       const struct column_list *columns, const struct machine *machine)
{
	struct rows groups = { 0 };
	int status;

	if (!request->order.count)
		order_add(&request->order, column_find("rss"), true);
	if (groups_make(&groups, rows, request->by, machine))
		status = fail("ps", "%s", strerror(ENOMEM));
	else
		status = show_rows(request, &groups, columns, machine);
	groups_free(&groups);
	return status;
}

static int run(struct request *request)
{
	struct column_list columns;
	struct machine machine;
	struct rows rows = { 0 };
	char names[64];
	uint64_t fields;
	int status, shown;

	snprintf(names, sizeof(names), "%s%s", request->by ? request->by->name :
		 DEFAULT_COLUMNS, request->by ? DEFAULT_OF_GROUPS : "");
	columns = arguments_chosen(&request->columns, names);
	fields = column_list_fields(&columns) | order_fields(&request->order);
	if (request->by)
		fields |= request->by->fields | TAMALLOC_COMMITTED;
	machine = rows_machine();

	if (request->pids.count)
		status = read_named(request, fields, &rows);
	else
		status = read_all(request, fields, &rows);
	/* Where there is nothing but errors to show, no empty table follows them. */
	if (!status || rows.count) {
		shown = request->by ? show_groups(request, &rows, &columns, &machine) :
				      show_rows(request, &rows, &columns, &machine);
		status = shown ? shown : status;
	}
	rows_free(&rows);
	return status;
}

static int take_option(int option, char **argv, struct request *request)
{
	const char *wrong;
	const char *text;
	size_t size = 0;
	int status;

	if (view_options_take("ps", option, &request->view, &status))
		return status;
	switch (option) {
	case 'o':
		if (!strcmp(optarg, "help")) {
			request->instead = list_columns;
			return 0;
		}
		return arguments_columns("ps", optarg, &request->columns);
	case 's':
		return arguments_order("ps", optarg, &request->order);
	case 'p':
		return arguments_pids("ps", optarg, &request->pids);
	case 'u':
		return arguments_users("ps", optarg, &request->filter);
	case 'C':
		return arguments_command("ps", optarg, &request->filter);
	case 'm':
		wrong = parse_size(optarg, &size);
		request->filter.least = size;
		return wrong ? usage("ps", "--min '%s': %s", optarg, wrong) : 0;
	case OPTION_BY:
		return arguments_by("ps", optarg, &request->by);
	case OPTION_HELP:
		request->instead = show_help;
		return 0;
	default:
		/* A negative pid looks like an option. */
		text = negative_number(argv, optopt);
		if (text)
			return arguments_pid("ps", text, &request->pids);
		return usage_option("ps", option, argv, options);
	}
}

/* Nothing is done before all of it is understood. */
static int take_arguments(int argc, char **argv, struct request *request)
{
	int status = 0;
	int option;

	while (!status && !request->instead &&
	       (option = getopt_long(argc, argv, ":o:s:p:u:C:m:n:hb", options, NULL)) != -1)
		status = take_option(option, argv, request);
	if (request->instead)
		return status;
	while (!status && optind < argc)
		status = arguments_pid("ps", argv[optind++], &request->pids);
	return status ? status : view_options_check("ps", &request->view);
}

int command_ps(int argc, char **argv)
{
	struct request request = { 0 };
	int status = take_arguments(argc, argv, &request);

	if (!status)
		status = request.instead ? request.instead() : run(&request);
	filter_free(&request.filter);
	free(request.pids.list);
	return status;
}
