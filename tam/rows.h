/* SPDX-License-Identifier: MIT */
/* The rows of a view, from the library. Functions return 0 or a negative errno. */
#ifndef TAM_ROWS_H
#define TAM_ROWS_H

#include "columns.h"
#include "filter.h"

struct rows {
	struct row *list;
	size_t count, room;
};

/*
 * Adds a round of the iterator, what passes the filter. fields are those that
 * the rows need (TAMALLOC_*, ROW_*); the iterator was opened with rows_wanted().
 */
int rows_read(struct rows *rows, struct tamalloc_iterator *iterator, uint64_t fields,
	      const struct filter *filter);

/* Adds one process, if it passes the filter. */
int rows_read_one(struct rows *rows, pid_t pid, uint64_t fields,
		  const struct filter *filter);

/* What the library is to be asked for. */
uint64_t rows_wanted(uint64_t fields, const struct filter *filter);

/* Adds an empty row; NULL when there is no memory. */
struct row *rows_add(struct rows *rows);

/* For a new round; memory is kept. */
void rows_clear(struct rows *rows);

void rows_free(struct rows *rows);

/* What is not known of the machine is 0. */
struct machine rows_machine(void);

#endif
