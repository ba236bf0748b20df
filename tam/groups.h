/* SPDX-License-Identifier: MIT */
/* Several processes as one row. */
#ifndef TAM_GROUPS_H
#define TAM_GROUPS_H

#include "rows.h"

/* "user", "command" or "cgroup"; NULL for anything else. */
const struct column *groups_column(const char *name);

/* The names that groups_column() takes, NULL-terminated. */
extern const char *const groups_names[];

/* Adds a row to a group, which is empty at first: .processes is 0. */
void groups_add(struct row *group, const struct row *row);

/*
 * Adds to groups a row for each value of the column. The groups point to texts
 * of the rows: to be freed with groups_free(), before the rows. Returns 0 or
 * -ENOMEM.
 */
int groups_make(struct rows *groups, const struct rows *rows,
		const struct column *column, const struct machine *machine);

void groups_free(struct rows *groups);

#endif
