/* SPDX-License-Identifier: MIT */
/*
 * The one list of what can be shown of processes. Every view - table, live
 * view, JSON, CSV - and every option that takes a column goes by it.
 */
#ifndef TAM_COLUMNS_H
#define TAM_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tamalloc.h>

/*
 * One line of a view: a process, or several as one. Of several, sizes are sums,
 * and everything else is valid only where it is the same for all of them.
 */
struct row {
	struct tamalloc_process process;
	uint64_t processes;
	char *cgroup; /* valid with ROW_CGROUP */
};

/* In row.process.fields and column.fields, beside TAMALLOC_*. */
#define ROW_PID		(1ULL << 62)
#define ROW_CGROUP	(1ULL << 63)

/* What columns need to know beside the row. */
struct machine {
	uint64_t memory; /* in bytes, 0 when it is not known */
	int64_t booted;	 /* nanoseconds since 1970 */
	uint64_t pages;	 /* of which a badness is a share, 0 when it is not known */
};

enum column_type {
	COLUMN_NUMBER,
	COLUMN_TENTHS, /* a number with one decimal */
	COLUMN_SIZE,   /* bytes */
	COLUMN_TEXT,   /* raw: any byte may be in it */
	COLUMN_TIME,   /* nanoseconds since 1970; short in tables */
	COLUMN_MOMENT, /* the same, in full */
	COLUMN_BAR,    /* thousandths */
};

struct value {
	bool known;
	union {
		int64_t number;	  /* NUMBER, TENTHS, TIME, MOMENT, BAR */
		uint64_t size;	  /* SIZE */
		const char *text; /* TEXT */
	};
};

struct column {
	const char *name;
	const char *aliases[4]; /* NULL-terminated */
	const char *key;	/* in JSON and CSV */
	const char *header;
	const char *help;	/* to be translated */
	uint64_t fields;	/* needed for it: TAMALLOC_*, ROW_* */
	enum column_type type;
	struct value (*get)(const struct column *column, const struct row *row,
			    const struct machine *machine);
	size_t offset;		/* of a size in struct tamalloc_process */
	bool wide;		/* of a terminal's line it may lose its end */
};

/* The columns in the order of their list; NULL after the last one. */
const struct column *column_at(size_t index);

/* By its name, an alias, or its key; NULL when there is none. */
const struct column *column_find(const char *name);

/* The name that was most likely meant; NULL when none is near. */
const char *column_nearest(const char *name);

struct value column_value(const struct column *column, const struct row *row,
			  const struct machine *machine);

/* Negative, 0 or positive; what is not known comes last either way. */
int column_compare(const struct column *column, const struct row *a,
		   const struct row *b, const struct machine *machine,
		   bool descending);

/* As many may be asked for; the others are room for those shown by default. */
#define COLUMNS_GIVEN_MAX 32
#define COLUMNS_MAX 48

struct column_list {
	const struct column *column[COLUMNS_MAX];
	size_t count;
};

/* False when the list is full. */
bool column_list_add(struct column_list *list, const struct column *column);

/* The names are those of columns, separated by commas; for defaults. */
struct column_list column_list_of(const char *names);

uint64_t column_list_fields(const struct column_list *list);

#endif
