// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "top-regions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void clear(struct regions *regions)
{
	for (size_t i = 0; i < regions->count; i++)
		free((char *)regions->list[i].name);
	regions->count = 0;
	regions->reserved = 0;
	regions->committed = 0;
	regions->has_memory = true;
}

static int compare(const void *one, const void *other)
{
	const struct tamalloc_region *a = one, *b = other;

	if (a->committed != b->committed)
		return a->committed > b->committed ? -1 : 1;
	if (a->reserved != b->reserved)
		return a->reserved > b->reserved ? -1 : 1;
	return (a->start > b->start) - (a->start < b->start);
}

static int add(struct regions *regions, const struct tamalloc_region *region)
{
	struct tamalloc_region *new;

	if (regions->count == regions->room) {
		size_t room = regions->room ? regions->room * 2 : 64;

		new = reallocarray(regions->list, room, sizeof(*new));
		if (!new)
			return -ENOMEM;
		regions->list = new;
		regions->room = room;
	}
	new = &regions->list[regions->count];
	*new = *region;
	new->name = strdup(region->name);
	if (!new->name)
		return -ENOMEM;
	regions->count++;
	regions->reserved += region->reserved;
	regions->committed += region->committed;
	regions->has_memory &= !!(region->fields & TAMALLOC_REGION_MEMORY);
	return 0;
}

int regions_read(struct regions *regions, pid_t pid)
{
	struct tamalloc_regions *from;
	struct tamalloc_region region;
	int result;
	int err;

	clear(regions);
	err = tamalloc_regions_open(&from, pid);
	if (err)
		return err;
	while ((result = tamalloc_regions_next(from, &region, sizeof(region))) > 0) {
		result = add(regions, &region);
		if (result)
			break;
	}
	tamalloc_regions_close(from);
	if (result < 0)
		return result;
	/* It ended while it was looked at. */
	if (!regions->count)
		return -ESRCH;
	qsort(regions->list, regions->count, sizeof(*regions->list), compare);
	return 0;
}

void regions_free(struct regions *regions)
{
	clear(regions);
	free(regions->list);
}
