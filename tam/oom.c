// SPDX-License-Identifier: MIT
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "intl.h"
#include "message.h"
#include "oom-view.h"
#include "output.h"
#include "screen.h"

static const char *const help = N_(
"Usage: tam oom [OPTION...]\n"
"\n"
"Shows which process the kernel would kill if memory ran out now, who would die\n"
"with it or what would happen instead, and the processes in the order in which\n"
"they would be killed: badness in pages, and what it is made of.\n"
"\n"
"      --cgroup=PATH      if this memory cgroup met its limit, such as /a/b\n"
"  -n, --rows=N           only the first N lines\n"
"  -w, --watch[=SECONDS]  clear the screen and show it again every SECONDS,\n"
"                         1 unless given, at least 0.1, until Ctrl+C; where\n"
"                         stdout is not a terminal, without the table\n"
"  -h, --human            sizes such as 1.5M, as on a terminal; else in KB\n"
"  -b, --bytes            sizes in bytes\n"
"      --json, --csv      for programs, in bytes\n"
"      --noheadings       the lines of the table alone\n"
"      --help             show this help\n");

enum { OPTION_HELP = OPTION_OWN, OPTION_CGROUP };

static const struct option options[] = {
	{ "cgroup", required_argument, NULL, OPTION_CGROUP },
	VIEW_OPTIONS_ROWS,
	{ "watch", optional_argument, NULL, 'w' },
	VIEW_OPTIONS_UNIT,
	VIEW_OPTIONS_FORM,
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

struct request {
	const char *cgroup; /* NULL: the machine */
	struct view_options view;
	double seconds; /* from one time to the next; 0: once */
	bool is_brief; /* without the table */
};

static int fail_open(const struct request *request, int err)
{
	if (!request->cgroup)
		return fail_call("oom", err);
	switch (err) {
	case -ENOENT:
		return fail("oom", _("--cgroup '%s': no such memory cgroup; paths are those of "
				     "'tam ps -o cgroup'"), request->cgroup);
	case -ENODATA:
		return fail("oom", _("--cgroup '%s': memory cgroups are not mounted"),
			    request->cgroup);
	case -EACCES:
		return fail("oom", "--cgroup '%s': %s", request->cgroup, strerror(-err));
	default:
		return fail_call("oom", err);
	}
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* A screen that goes on has to hold it all. */
static void fit_screen(struct view_options *view, size_t lines)
{
	size_t height = output_height();
	size_t taken = lines + 1 + !view->no_headings;
	unsigned long most = height > taken ? height - taken : 1;

	if (!view->most || view->most > most)
		view->most = most;
}

static int show_text(const struct request *request, const struct oom_report *report)
{
	struct view_options view = request->view;
	char *sentences = NULL;
	size_t size;
	FILE *memory = open_memstream(&sentences, &size);

	if (!memory)
		return fail_call("oom", -errno);
	if (!view.no_headings || request->is_brief)
		oom_print_sentences(report, memory);
	if (!view.no_headings && !request->is_brief && report->rows.count)
		putc('\n', memory);
	if (fclose(memory)) {
		free(sentences);
		return fail_call("oom", -ENOMEM);
	}
	if (request->seconds)
		fit_screen(&view, count_lines(sentences));
	screen_clear();
	fputs(sentences, stdout);
	free(sentences);
	return request->is_brief ? output_flush("oom") : oom_show_rows(report, &view);
}

static int show(const void *argument)
{
	const struct request *request = argument;
	struct oom_report report;
	int err = oom_report_read(&report, request->cgroup);
	int status;

	if (err) {
		screen_end();
		return fail_open(request, err);
	}
	if (request->view.form == FORM_TABLE)
		status = show_text(request, &report);
	else
		status = oom_show_rows(&report, &request->view);
	oom_report_free(&report);
	return status;
}

static int take_cgroup(struct request *request)
{
	if (*optarg != '/')
		return usage("oom", _("--cgroup '%s': a path begins with /, as those of "
				      "'tam ps -o cgroup'"), optarg);
	/* The uppermost has no limit but the machine's. */
	request->cgroup = optarg[strspn(optarg, "/")] ? optarg : NULL;
	return 0;
}

static int take_option(int option, char **argv, struct request *request)
{
	int status;

	if (view_options_take("oom", option, &request->view, &status))
		return status;
	switch (option) {
	case OPTION_CGROUP:
		return take_cgroup(request);
	case 'w':
		request->seconds = 1;
		if (!optarg)
			return 0;
		return arguments_watch("oom", "--watch", optarg, &request->seconds);
	default:
		return usage_option("oom", option, argv, options);
	}
}

static int unexpected(const struct request *request, const char *argument)
{
	if (request->seconds)
		return usage("oom", _("unexpected argument '%s'; an interval is given as "
				      "--watch=SECONDS"), argument);
	return usage("oom", _("unexpected argument '%s'; see 'tam oom --help'"), argument);
}

int command_oom(int argc, char **argv)
{
	struct request request = { 0 };
	int option;
	int status;

	while ((option = getopt_long(argc, argv, ":n:w::hb", options, NULL)) != -1) {
		if (option == OPTION_HELP)
			return output_text("oom", _(help));
		status = take_option(option, argv, &request);
		if (status)
			return status;
	}
	if (optind < argc)
		return unexpected(&request, argv[optind]);

	request.is_brief = request.seconds && request.view.form == FORM_TABLE &&
			   !output_is_styled();
	return screen_show(show, &request, request.seconds);
}
