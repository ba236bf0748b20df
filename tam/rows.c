// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "rows.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct row *rows_add(struct rows *rows)
{
	struct row *row;

	if (rows->count == rows->room) {
		size_t room = rows->room ? rows->room * 2 : 64;
		struct row *list = reallocarray(rows->list, room, sizeof(*list));

		if (!list)
			return NULL;
		rows->list = list;
		rows->room = room;
	}
	row = &rows->list[rows->count++];
	memset(row, 0, sizeof(*row));
	return row;
}

/* A group that cannot be read is absent. */
static int read_cgroup(struct row *row)
{
	char path[PATH_MAX];

	if (tamalloc_cgroup(row->process.pid, path, sizeof(path)))
		return 0;
	row->cgroup = strdup(path);
	if (!row->cgroup)
		return -ENOMEM;
	row->process.fields |= ROW_CGROUP;
	return 0;
}

/* Keeps the last row if it passes. */
static int finish(struct rows *rows, uint64_t fields, const struct filter *filter)
{
	struct row *row = &rows->list[rows->count - 1];

	if (!filter_passes(filter, &row->process)) {
		rows->count--;
		return 0;
	}
	row->processes = 1;
	row->process.fields |= ROW_PID;
	return fields & ROW_CGROUP ? read_cgroup(row) : 0;
}

int rows_read(struct rows *rows, struct tamalloc_iterator *iterator, uint64_t fields,
	      const struct filter *filter)
{
	int err;

	do {
		struct row *row = rows_add(rows);

		if (!row)
			return -ENOMEM;
		err = tamalloc_iterator_next(iterator, &row->process,
					     sizeof(row->process));
		if (err != 1) {
			rows->count--;
			return err;
		}
		err = finish(rows, fields, filter);
	} while (!err);
	return err;
}

int rows_read_one(struct rows *rows, pid_t pid, uint64_t fields,
		  const struct filter *filter)
{
	struct row *row = rows_add(rows);
	int err;

	if (!row)
		return -ENOMEM;
	err = tamalloc_process(pid, rows_wanted(fields, filter), &row->process,
			       sizeof(row->process));
	if (!err)
		return finish(rows, fields, filter);
	rows->count--;
	return err;
}

uint64_t rows_wanted(uint64_t fields, const struct filter *filter)
{
	return (fields | filter_fields(filter)) & TAMALLOC_ALL_FIELDS;
}

void rows_clear(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->list[i].cgroup);
	rows->count = 0;
}

void rows_free(struct rows *rows)
{
	rows_clear(rows);
	free(rows->list);
	*rows = (struct rows){ 0 };
}

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct machine rows_machine(void)
{
	struct tamalloc_total total;
	int err = tamalloc_total(TAMALLOC_TOTAL_MEMORY, &total, sizeof(total));
	bool known = !err && (total.fields & TAMALLOC_TOTAL_MEMORY);

	return (struct machine){
		.memory = known ? total.memory : 0,
		.booted = nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_BOOTTIME),
	};
}
