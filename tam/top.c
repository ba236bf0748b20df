// SPDX-License-Identifier: MIT
#include "top.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "intl.h"
#include "message.h"
#include "output.h"

static const char help[] = N_(
"Usage: tam top [OPTION...]\n"
"\n"
"Shows the memory of all processes and of each, and goes on: reserved (address\n"
"space) and committed (resident), with a graph. h shows the keys, q quits.\n"
"\n"
"  -d, --interval=SECONDS  look again after so long, at least 0.1; 1 unless given\n"
"  -s, --sort=LIST         sort by these columns, by -COLUMN in descending order\n"
"  -o, --columns=LIST      show these columns; +LIST: these too\n"
"  -p, --pid=LIST          these processes\n"
"  -u, --user=LIST         only those of these users, names or numbers\n"
"  -C, --command=REGEX     only those whose name the regular expression fits\n"
"      --by=WHAT           add up by user, command or cgroup\n"
"  -b, --batch             print tables as plain text, in KB; Ctrl+C ends it\n"
"  -n, --count=N           with -b: N tables\n"
"  -h, --help              show this help\n"
"\n"
"Columns: see 'tam ps -o help'.\n");

enum { OPTION_BY = 256 };

static const struct option options[] = {
	{ "interval", required_argument, NULL, 'd' },
	{ "sort", required_argument, NULL, 's' },
	{ "columns", required_argument, NULL, 'o' },
	{ "pid", required_argument, NULL, 'p' },
	{ "user", required_argument, NULL, 'u' },
	{ "command", required_argument, NULL, 'C' },
	{ "by", required_argument, NULL, OPTION_BY },
	{ "batch", no_argument, NULL, 'b' },
	{ "count", required_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct request {
	struct top top;
	struct arguments_columns columns;
	unsigned long count; /* 0: for ever */
	bool is_batch, is_help;
};

/* The filter can be changed by a key, so that its text is kept. */
static int take_command(struct top *top)
{
	int status = arguments_command("top", optarg, &top->model.filter);

	if (status)
		return status;
	free(top->expression);
	top->expression = strdup(optarg);
	return top->expression ? 0 : fail_call("top", -ENOMEM);
}

static int take_option(int option, char **argv, struct request *request)
{
	struct top *top = &request->top;

	switch (option) {
	case 'd':
		return arguments_watch("top", "--interval", optarg, &top->interval);
	case 's':
		return arguments_order("top", optarg, &top->model.order);
	case 'o':
		return arguments_columns("top", optarg, &request->columns);
	case 'p':
		return arguments_pids("top", optarg, &top->model.pids);
	case 'u':
		return arguments_users("top", optarg, &top->model.filter);
	case 'C':
		return take_command(top);
	case OPTION_BY:
		return arguments_by("top", optarg, &top->model.group);
	case 'b':
		request->is_batch = true;
		return 0;
	case 'n':
		return arguments_count("top", "--count", optarg, &request->count);
	case 'h':
		request->is_help = true;
		return 0;
	default:
		return usage_option("top", option, argv, options);
	}
}

static int take_arguments(int argc, char **argv, struct request *request)
{
	int status = 0;
	int option;

	while (!status && !request->is_help &&
	       (option = getopt_long(argc, argv, ":d:s:o:p:u:C:bn:h", options, NULL)) != -1)
		status = take_option(option, argv, request);
	if (status || request->is_help)
		return status;
	if (optind < argc)
		return usage("top", _("unexpected argument '%s'; see 'tam top --help'"),
			     argv[optind]);
	if (request->count && !request->is_batch)
		return usage("top", _("--count goes with --batch"));
	return 0;
}

static int run(struct request *request)
{
	struct model *model = &request->top.model;
	char names[64];

	snprintf(names, sizeof(names), "%s%s", model->group ? MODEL_COLUMNS_OF_GROUPS :
		 MODEL_COLUMNS, model->group ? model->group->name : "");
	model->given = arguments_chosen(&request->columns, names);
	model->given_for = model->group;
	if (!model->order.count)
		order_add(&model->order, column_find("rss"), true);
	return request->is_batch ? top_batch(&request->top, request->count) :
				   top_live(&request->top);
}

int command_top(int argc, char **argv)
{
	struct request request = { .top.interval = 1 };
	int status = take_arguments(argc, argv, &request);

	if (!status)
		status = request.is_help ? output_text("top", _(help)) : run(&request);
	top_free(&request.top);
	return status;
}
