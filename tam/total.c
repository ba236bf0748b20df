// SPDX-License-Identifier: MIT
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <tamalloc.h>

#include "arguments.h"
#include "commands.h"
#include "intl.h"
#include "json.h"
#include "message.h"
#include "output.h"
#include "screen.h"
#include "text.h"
#include "view-options.h"

static const char *const help = N_(
"Usage: tam total [OPTION...]\n"
"\n"
"Shows the memory of all processes together, in MiB: reserved (address space) and\n"
"committed (resident), what several processes share counted once; and under it\n"
"what the machine has. What is not known is \"-\".\n"
"\n"
"  -w, --watch[=SECONDS]  clear the screen and show it again every SECONDS,\n"
"                         1 unless given, at least 0.1, until Ctrl+C; where\n"
"                         stdout is not a terminal, the first line each time\n"
"  -h, --human            sizes such as 1.5G\n"
"  -b, --bytes            sizes in bytes\n"
"      --json             for programs, in bytes\n"
"      --help             show this help\n");

enum { OPTION_HELP = OPTION_OWN };

static const struct option options[] = {
	{ "watch", optional_argument, NULL, 'w' },
	VIEW_OPTIONS_UNIT,
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

struct request {
	double seconds; /* from one time to the next; 0: once */
	struct view_options view; /* UNIT_KB: in MiB */
	bool is_brief;		  /* the first line only */
};

#define FIGURE_TEXT 64

static const char *format(char *text, uint64_t size, enum unit unit)
{
	char number[SIZE_TEXT];

	switch (unit) {
	case UNIT_HUMAN:
		size_format(text, size, unit);
		break;
	case UNIT_BYTES:
		size_format(number, size, unit);
		snprintf(text, FIGURE_TEXT, ngettext("%s byte", "%s bytes", size), number);
		break;
	default:
		snprintf(text, FIGURE_TEXT, _("%" PRIu64 " MiB"), size >> 20);
	}
	return text;
}

/* The label to the left, the figure to the right. */
#define LINE_WIDTH 64

static void print_line(const char *label, const char *figure)
{
	int gap = LINE_WIDTH - (int)text_width(label) - (int)text_width(figure);

	printf("%s%*s%s\n", label, gap > 1 ? gap : 1, "", figure);
}

static void print_size(const char *label, const struct tamalloc_total *total,
		       uint64_t field, uint64_t size, enum unit unit)
{
	char text[FIGURE_TEXT];

	print_line(label, total->fields & field ? format(text, size, unit) : "-");
}

static void print_overcommit(const struct tamalloc_total *total)
{
	static const char *const modes[] = {
		N_("0: refuses what obviously cannot be had"),
		N_("1: refuses nothing"),
		N_("2: refuses what exceeds the commit limit"),
	};
	const char *mode = "-";
	char other[16];

	if (total->fields & TAMALLOC_TOTAL_OVERCOMMIT) {
		snprintf(other, sizeof(other), "%" PRIu32, total->overcommit);
		mode = total->overcommit < 3 ? _(modes[total->overcommit]) : other;
	}
	print_line(_("overcommit mode"), mode);
}

static void print_machine(const struct tamalloc_total *total, enum unit unit)
{
	bool is_binding = total->fields & TAMALLOC_TOTAL_OVERCOMMIT &&
			  total->overcommit == 2;

	putchar('\n');
	print_size(_("memory of the machine"), total, TAMALLOC_TOTAL_MEMORY,
		   total->memory, unit);
	print_size(_("available"), total, TAMALLOC_TOTAL_MEMORY, total->available, unit);
	print_size(_("swap"), total, TAMALLOC_TOTAL_SWAP, total->swap, unit);
	print_size(_("swap that is free"), total, TAMALLOC_TOTAL_SWAP, total->swap_free,
		   unit);
	print_size(is_binding ? _("commit limit") : _("commit limit (not in force)"), total,
		   TAMALLOC_TOTAL_COMMIT, total->commit_limit, unit);
	print_size(_("committed address space"), total, TAMALLOC_TOTAL_COMMIT,
		   total->commit_charge, unit);
	print_overcommit(total);
}

static void print_doubt(const struct tamalloc_total *total)
{
	if (total->doubtful)
		printf(ngettext("note: %" PRIu64 " process may count twice: whether it shares "
				"its memory cannot be seen\n",
				"note: %" PRIu64 " processes may count twice: whether they "
				"share memory cannot be seen\n", total->doubtful),
		       total->doubtful);
}

static void print_text(const struct tamalloc_total *total, const struct request *request)
{
	char reserved[FIGURE_TEXT] = "-", committed[FIGURE_TEXT] = "-";

	if (total->fields & TAMALLOC_TOTAL_PROCESSES) {
		format(reserved, total->reserved, request->view.unit);
		format(committed, total->committed, request->view.unit);
	}
	printf(_("reserved %s, committed %s\n"), reserved, committed);
	if (request->is_brief)
		return;
	print_machine(total, request->view.unit);
	print_doubt(total);
}

static void print_json(const struct tamalloc_total *total)
{
	const struct {
		const char *key;
		uint64_t field, value;
	} figures[] = {
		{ "reserved", TAMALLOC_TOTAL_PROCESSES, total->reserved },
		{ "committed", TAMALLOC_TOTAL_PROCESSES, total->committed },
		{ "granularity", TAMALLOC_TOTAL_PROCESSES, total->granularity },
		{ "doubtful", TAMALLOC_TOTAL_PROCESSES, total->doubtful },
		{ "memory", TAMALLOC_TOTAL_MEMORY, total->memory },
		{ "available", TAMALLOC_TOTAL_MEMORY, total->available },
		{ "swap", TAMALLOC_TOTAL_SWAP, total->swap },
		{ "swap_free", TAMALLOC_TOTAL_SWAP, total->swap_free },
		{ "commit_limit", TAMALLOC_TOTAL_COMMIT, total->commit_limit },
		{ "committed_address_space", TAMALLOC_TOTAL_COMMIT, total->commit_charge },
		{ "overcommit", TAMALLOC_TOTAL_OVERCOMMIT, total->overcommit },
	};
	struct json json = { .out = stdout };

	json_begin_object(&json, NULL);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		if (total->fields & figures[i].field)
			json_unsigned(&json, figures[i].key, figures[i].value);
		else
			json_null(&json, figures[i].key);
	}
	json_end_object(&json);
}

static int show(const void *argument)
{
	const struct request *request = argument;
	uint64_t wanted = request->is_brief ? TAMALLOC_TOTAL_PROCESSES :
					      TAMALLOC_TOTAL_ALL_FIELDS;
	struct tamalloc_total total;
	int err = tamalloc_total(wanted, &total, sizeof(total));

	if (err) {
		screen_end();
		return fail_call("total", err);
	}
	screen_clear();
	if (request->view.form == FORM_JSON)
		print_json(&total);
	else
		print_text(&total, request);
	return output_flush("total");
}

static int take_option(int option, char **argv, struct request *request)
{
	int status;

	if (view_options_take("total", option, &request->view, &status))
		return status;
	if (option != 'w')
		return usage_option("total", option, argv, options);
	request->seconds = 1;
	return optarg ? arguments_watch("total", "--watch", optarg, &request->seconds) : 0;
}

int command_total(int argc, char **argv)
{
	struct request request = { 0 };
	int option;
	int status;

	while ((option = getopt_long(argc, argv, ":w::hb", options, NULL)) != -1) {
		if (option == OPTION_HELP)
			return output_text("total", _(help));
		status = take_option(option, argv, &request);
		if (status)
			return status;
	}
	if (optind < argc && request.seconds)
		return usage("total", _("unexpected argument '%s'; an interval is given as "
					"--watch=SECONDS"), argv[optind]);
	if (optind < argc)
		return usage("total", _("unexpected argument '%s'"), argv[optind]);

	request.is_brief = request.seconds && request.view.form == FORM_TABLE &&
			   !output_is_styled();
	return screen_show(show, &request, request.seconds);
}
