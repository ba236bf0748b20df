/* SPDX-License-Identifier: MIT */
/* The regions of one process. */
#ifndef TAM_TOP_REGIONS_H
#define TAM_TOP_REGIONS_H

#include <stdbool.h>

#include <tamalloc.h>

struct regions {
	struct tamalloc_region *list; /* those with most committed memory first */
	size_t count, room;
	uint64_t reserved, committed; /* of all */
	bool has_memory;	      /* more than reserved sizes is known */
};

/*
 * What was there is replaced, also by nothing: then the result is a negative
 * errno, -ESRCH when the process has ended.
 */
int regions_read(struct regions *regions, pid_t pid);

void regions_free(struct regions *regions);

#endif
