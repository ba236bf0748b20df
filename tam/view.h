/* SPDX-License-Identifier: MIT */
/* What is to be shown, in whichever form. */
#ifndef TAM_VIEW_H
#define TAM_VIEW_H

#include "cell.h"
#include "columns.h"

struct json;

struct view {
	const struct column_list *columns;
	const struct row **rows;
	size_t count;
	const struct row *total; /* NULL: not to be shown */
	const struct machine *machine;
	const char *name; /* of the rows, in JSON */
	enum unit unit;
	bool has_headings;
	const struct column *if_room; /* a column for the end of a terminal's line */
	/* Writes what JSON has before the rows, of about; NULL: nothing. */
	void (*write_json)(struct json *json, const void *about);
	const void *about;
};

#endif
