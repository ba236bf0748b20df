/* SPDX-License-Identifier: MIT */
/* The options of subcommands that show a table. what is the subcommand. */
#ifndef TAM_VIEW_OPTIONS_H
#define TAM_VIEW_OPTIONS_H

#include <getopt.h>

#include "view.h"

enum view_form { FORM_TABLE, FORM_JSON, FORM_CSV };

struct view_options {
	enum view_form form;
	enum unit unit;
	unsigned long most; /* rows; 0: all */
	enum { TOTAL_BY_FORM, TOTAL, NO_TOTAL } total;
	bool no_headings;
};

enum { OPTION_JSON = 256, OPTION_CSV, OPTION_NOHEADINGS, OPTION_TOTAL, OPTION_NO_TOTAL,
       OPTION_OWN /* the subcommand's own begin here */ };

/* For its struct option []; in the letters, -h, -b and -n: are the same. */
#define VIEW_OPTIONS_UNIT					\
	{ "human", no_argument, NULL, 'h' },			\
	{ "bytes", no_argument, NULL, 'b' }
#define VIEW_OPTIONS_TOTAL					\
	{ "total", no_argument, NULL, OPTION_TOTAL },		\
	{ "no-total", no_argument, NULL, OPTION_NO_TOTAL }
#define VIEW_OPTIONS_FORM					\
	{ "json", no_argument, NULL, OPTION_JSON },		\
	{ "csv", no_argument, NULL, OPTION_CSV },		\
	{ "noheadings", no_argument, NULL, OPTION_NOHEADINGS }
#define VIEW_OPTIONS_ROWS					\
	{ "rows", required_argument, NULL, 'n' }

/* Whether option is one of these. *status is 0, or that of wrong usage. */
bool view_options_take(const char *what, int option, struct view_options *options,
		       int *status);

/* After all of them: 0, or the status of wrong usage. */
int view_options_check(const char *what, const struct view_options *options);

/* Whether a total was asked for, or is what the form has: a table on a terminal. */
bool view_options_total(const struct view_options *options, bool has_json_total);

/* Fills in what the view takes from the options, and cuts its rows. */
void view_options_apply(const struct view_options *options, struct view *view);

/* In the form that was asked for; returns the exit status. */
int view_options_show(const char *what, const struct view_options *options,
		      const struct view *view);

#endif
