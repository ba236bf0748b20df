/* SPDX-License-Identifier: MIT */
/*
 * The values that options take, most of them lists: words separated by commas or
 * blanks. what is the subcommand. The functions return 0, or the exit status
 * after a message that names the option, the word and the nearest right one.
 */
#ifndef TAM_ARGUMENTS_H
#define TAM_ARGUMENTS_H

#include "columns.h"
#include "filter.h"
#include "order.h"

/* Columns that were asked for; the first list says whether beside the default. */
struct arguments_columns {
	struct column_list list;
	bool is_given, keeps_default;
};

/* LIST, or +LIST for columns beside the default ones. */
int arguments_columns(const char *what, const char *text,
		      struct arguments_columns *columns);

/* What is to be shown, where names are the default. */
struct column_list arguments_chosen(const struct arguments_columns *columns,
				    const char *names);

/* Columns, each with - before it for descending or + for ascending. */
int arguments_order(const char *what, const char *text, struct order *order);

int arguments_users(const char *what, const char *text, struct filter *filter);

int arguments_command(const char *what, const char *text, struct filter *filter);

struct pid_list {
	pid_t *list;
	size_t count;
};

int arguments_pids(const char *what, const char *text, struct pid_list *pids);

/* One that is no option's. */
int arguments_pid(const char *what, const char *text, struct pid_list *pids);

int arguments_by(const char *what, const char *text, const struct column **by);

/* Of the option that is named: how many, and seconds between two looks. */
int arguments_count(const char *what, const char *option, const char *text,
		    unsigned long *count);
int arguments_watch(const char *what, const char *option, const char *text,
		    double *seconds);

#endif
