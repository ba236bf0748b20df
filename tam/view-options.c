// SPDX-License-Identifier: MIT
#include "view-options.h"

#include <unistd.h>

#include "arguments.h"
#include "export.h"
#include "intl.h"
#include "message.h"
#include "table.h"

static int set_form(const char *what, struct view_options *options, enum view_form form)
{
	if (options->form != FORM_TABLE && options->form != form)
		return usage(what, _("--json and --csv exclude each other"));
	options->form = form;
	return 0;
}

bool view_options_take(const char *what, int option, struct view_options *options,
		       int *status)
{
	*status = 0;
	switch (option) {
	case 'n':
		*status = arguments_count(what, "--rows", optarg, &options->most);
		return true;
	case 'h':
		options->unit = UNIT_HUMAN;
		return true;
	case 'b':
		options->unit = UNIT_BYTES;
		return true;
	case OPTION_JSON:
		*status = set_form(what, options, FORM_JSON);
		return true;
	case OPTION_CSV:
		*status = set_form(what, options, FORM_CSV);
		return true;
	case OPTION_NOHEADINGS:
		options->no_headings = true;
		return true;
	case OPTION_TOTAL:
		options->total = TOTAL;
		return true;
	case OPTION_NO_TOTAL:
		options->total = NO_TOTAL;
		return true;
	default:
		return false;
	}
}

int view_options_check(const char *what, const struct view_options *options)
{
	if (options->form == FORM_CSV && options->total == TOTAL)
		return usage(what, _("--total and --csv exclude each other: "
				     "the sum would be one more record"));
	return 0;
}

bool view_options_total(const struct view_options *options, bool has_json_total)
{
	if (options->total != TOTAL_BY_FORM)
		return options->total == TOTAL;
	return options->form == FORM_TABLE ? isatty(STDOUT_FILENO) :
					     options->form == FORM_JSON && has_json_total;
}

void view_options_apply(const struct view_options *options, struct view *view)
{
	view->unit = options->unit;
	view->has_headings = !options->no_headings;
	if (options->most && view->count > options->most)
		view->count = options->most;
}

int view_options_show(const char *what, const struct view_options *options,
		      const struct view *view)
{
	switch (options->form) {
	case FORM_JSON:
		return export_json(what, view);
	case FORM_CSV:
		return export_csv(what, view);
	default:
		return table_show(what, view);
	}
}
