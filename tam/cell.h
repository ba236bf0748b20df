/* SPDX-License-Identifier: MIT */
/* Values as they stand in tables. */
#ifndef TAM_CELL_H
#define TAM_CELL_H

#include "columns.h"
#include "size.h"

struct style {
	enum unit unit;
	bool one_word; /* no blanks in a cell */
	bool blocks;   /* the terminal has the characters for a fine bar */
};

#define BAR_CELLS 10

/* "-" where nothing is known. The caller frees it; NULL: no memory. */
char *cell_format(const struct column *column, const struct value *value,
		  const struct style *style);

/* What stands above a column: sizes have their unit there. */
#define HEADER_TEXT 32
void cell_header(const struct column *column, enum unit unit, char *text);

/* A moment as in RFC 3339, in UTC; for machines. */
#define MOMENT_TEXT 32
void cell_moment(int64_t nanoseconds, char *text);

#endif
