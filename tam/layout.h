/* SPDX-License-Identifier: MIT */
/* The regions of a process as rows of a view. */
#ifndef TAM_LAYOUT_H
#define TAM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "columns.h"

/* For the columns of layout_column() alone: they find the region by its row. */
struct layout_row {
	struct row row;
	struct tamalloc_region region; /* its name is the layout's */
	char address[20];
	char access[5]; /* as in /proc/PID/maps */
	/* Kernels without names do not tell what tamalloc has reserved. */
	bool knows_tamalloc;
};

struct layout {
	struct layout_row *rows; /* by rising address */
	size_t count, room;
	bool knows_tamalloc;
	struct layout_row total;
};

/*
 * Reads the regions of a process, all or only those that tamalloc reserved, and
 * adds them up. 0 or a negative errno, also of tamalloc_regions_open(); then
 * there is nothing to free. -ESRCH also when the process ends meanwhile.
 */
int layout_read(struct layout *layout, pid_t pid, bool only_tamalloc);

void layout_free(struct layout *layout);

/* Whether this kernel keeps the name by which tamalloc's regions are known. */
bool layout_knows_tamalloc(void);

/* The columns in the order of their list; NULL after the last one. */
const struct column *layout_column(size_t index);

/* By its name; NULL when there is none. */
const struct column *layout_column_find(const char *name);

/* The column to sort by for that name; NULL when there is none. */
const struct column *layout_sort_key(const char *name);

/* The name that was most likely meant; NULL when none is near. */
const char *layout_column_nearest(const char *name);

#endif
