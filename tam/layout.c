// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "layout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intl.h"
#include "text.h"

static const struct layout_row *row_of(const struct row *row)
{
	return (const struct layout_row *)((const char *)row -
					   offsetof(struct layout_row, row));
}

static struct value text(const char *text)
{
	return (struct value){ .known = text && *text, .text = text };
}

static struct value get_address(const struct column *column, const struct row *row,
				const struct machine *machine)
{
	(void)column, (void)machine;
	return text(row_of(row)->address);
}

static struct value get_size(const struct column *column, const struct row *row,
			     const struct machine *machine)
{
	const char *region = (const char *)&row_of(row)->region;
	struct value value = { .known = true };

	(void)machine;
	memcpy(&value.size, region + column->offset, sizeof(value.size));
	return value;
}

/* In percent, or in thousandths for a bar; rounded down. */
static struct value get_use(const struct column *column, const struct row *row,
			    const struct machine *machine)
{
	const struct tamalloc_region *region = &row_of(row)->region;
	unsigned int scale = column->type == COLUMN_BAR ? 1000 : 100;
	struct value value = { .known = true };

	(void)machine;
	if (region->reserved)
		value.number = (int64_t)((unsigned __int128)region->committed * scale /
					 region->reserved);
	return value;
}

static struct value get_access(const struct column *column, const struct row *row,
			       const struct machine *machine)
{
	(void)column, (void)machine;
	return text(row_of(row)->access);
}

static struct value get_tamalloc(const struct column *column, const struct row *row,
				 const struct machine *machine)
{
	const struct layout_row *of = row_of(row);

	(void)column, (void)machine;
	if (!of->knows_tamalloc)
		return text(NULL);
	return text(of->region.is_tamalloc ? "yes" : "no");
}

static struct value get_name(const struct column *column, const struct row *row,
			     const struct machine *machine)
{
	(void)column, (void)machine;
	return text(row_of(row)->region.name);
}

/* row.process.fields has those of the region, and this, which a total has not. */
#define IS_REGION (1ULL << 32)

#define SIZE(member) .type = COLUMN_SIZE, .get = get_size, \
	.offset = offsetof(struct tamalloc_region, member)

static const struct column columns[] = {
	{ .name = "address", .key = "address", .header = "ADDRESS",
	  .fields = IS_REGION, .type = COLUMN_TEXT, .get = get_address },
	{ .name = "reserved", .key = "reserved", .header = "RESERVED", SIZE(reserved) },
	{ .name = "committed", .key = "committed", .header = "COMMITTED",
	  .fields = TAMALLOC_REGION_MEMORY, SIZE(committed) },
	{ .name = "use", .key = "use_percent", .header = "USE%",
	  .fields = TAMALLOC_REGION_MEMORY, .type = COLUMN_NUMBER, .get = get_use },
	{ .name = "bar", .key = "use_percent", .header = "BAR",
	  .fields = TAMALLOC_REGION_MEMORY, .type = COLUMN_BAR, .get = get_use },
	{ .name = "private", .key = "private", .header = "PRIVATE",
	  .fields = TAMALLOC_REGION_MEMORY, SIZE(private_memory) },
	{ .name = "swap", .key = "swap", .header = "SWAP",
	  .fields = TAMALLOC_REGION_MEMORY, SIZE(swap) },
	{ .name = "offset", .key = "offset", .header = "OFFSET",
	  .fields = IS_REGION, SIZE(offset) },
	{ .name = "access", .key = "access", .header = "PERM",
	  .type = COLUMN_TEXT, .get = get_access },
	{ .name = "tamalloc", .key = "tamalloc", .header = "TAM",
	  .type = COLUMN_TEXT, .get = get_tamalloc },
	{ .name = "name", .key = "name", .header = "NAME", .wide = true,
	  .type = COLUMN_TEXT, .get = get_name },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

const struct column *layout_column(size_t index)
{
	return index < COLUMNS ? &columns[index] : NULL;
}

const struct column *layout_column_find(const char *name)
{
	for (size_t i = 0; i < COLUMNS; i++)
		if (!strcmp(name, columns[i].name))
			return &columns[i];
	return NULL;
}

/* Addresses are shown as text, which has another order. */
const struct column *layout_sort_key(const char *name)
{
	static const struct column start = { .name = "address", SIZE(start) };

	return strcmp(name, start.name) ? layout_column_find(name) : &start;
}

const char *layout_column_nearest(const char *name)
{
	const char *names[COLUMNS + 1] = { 0 };

	for (size_t i = 0; i < COLUMNS; i++)
		names[i] = columns[i].name;
	return text_nearest(name, names);
}

bool layout_knows_tamalloc(void)
{
	void *page = tamalloc_reserve(1);
	struct tamalloc_regions *regions;
	struct tamalloc_region region;
	bool knows = false;

	if (!page)
		return false;
	if (!tamalloc_regions_open(&regions, getpid())) {
		while (!knows && tamalloc_regions_next(regions, &region, sizeof(region)) > 0)
			knows = region.is_tamalloc;
		tamalloc_regions_close(regions);
	}
	tamalloc_release(page, 1);
	return knows;
}

static void describe(struct layout_row *row)
{
	uint32_t access = row->region.access;

	row->row.process.fields = row->region.fields | IS_REGION;
	snprintf(row->address, sizeof(row->address), "%" PRIx64, row->region.start);
	row->access[0] = access & TAMALLOC_READ ? 'r' : '-';
	row->access[1] = access & TAMALLOC_WRITE ? 'w' : '-';
	row->access[2] = access & TAMALLOC_EXECUTE ? 'x' : '-';
	row->access[3] = access & TAMALLOC_MAP_SHARED ? 's' : 'p';
}

static int add(struct layout *layout, const struct tamalloc_region *region)
{
	struct layout_row *row;

	if (layout->count == layout->room) {
		size_t room = layout->room ? layout->room * 2 : 64;
		void *grown = reallocarray(layout->rows, room, sizeof(*row));

		if (!grown)
			return -ENOMEM;
		layout->rows = grown;
		layout->room = room;
	}
	row = &layout->rows[layout->count];
	*row = (struct layout_row){
		.region = *region,
		.knows_tamalloc = layout->knows_tamalloc,
	};
	row->region.name = strdup(region->name);
	if (!row->region.name)
		return -ENOMEM;
	describe(row);
	layout->count++;
	return 0;
}

static void add_up(struct layout *layout)
{
	struct tamalloc_region *total = &layout->total.region;

	*total = (struct tamalloc_region){ .fields = TAMALLOC_REGION_MEMORY };
	for (size_t i = 0; i < layout->count; i++) {
		const struct tamalloc_region *region = &layout->rows[i].region;

		total->fields &= region->fields;
		total->reserved += region->reserved;
		total->committed += region->committed;
		total->private_memory += region->private_memory;
		total->swap += region->swap;
	}
	layout->total.row.process.fields = total->fields;
}

static int read_regions(struct layout *layout, struct tamalloc_regions *regions,
			bool only_tamalloc)
{
	struct tamalloc_region region;
	bool saw_any = false;
	int result;

	while ((result = tamalloc_regions_next(regions, &region, sizeof(region))) > 0) {
		saw_any = true;
		if (only_tamalloc && !region.is_tamalloc)
			continue;
		result = add(layout, &region);
		if (result)
			return result;
	}
	return !result && !saw_any ? -ESRCH : result;
}

int layout_read(struct layout *layout, pid_t pid, bool only_tamalloc)
{
	struct tamalloc_regions *regions;
	int err = tamalloc_regions_open(&regions, pid);

	if (err)
		return err;
	*layout = (struct layout){ .knows_tamalloc = layout_knows_tamalloc() };
	err = read_regions(layout, regions, only_tamalloc);
	tamalloc_regions_close(regions);
	if (err)
		layout_free(layout);
	else
		add_up(layout);
	return err;
}

void layout_free(struct layout *layout)
{
	for (size_t i = 0; i < layout->count; i++)
		free((char *)layout->rows[i].region.name);
	free(layout->rows);
	*layout = (struct layout){ 0 };
}
