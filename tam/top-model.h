/* SPDX-License-Identifier: MIT */
/*
 * What the live view and the batch output show. Functions return 0 or a negative
 * errno.
 */
#ifndef TAM_TOP_MODEL_H
#define TAM_TOP_MODEL_H

#include <tamalloc.h>

#include "arguments.h"
#include "columns.h"
#include "filter.h"
#include "order.h"
#include "rows.h"

struct model {
	/* What is wanted: model_arrange() and model_read() go by it. */
	struct filter filter;
	struct pid_list pids; /* only these; none: any */
	struct order order;
	const struct column *group; /* NULL: each process for itself */
	struct column_list given; /* the columns of the group below */
	const struct column *given_for;

	/* What came of it. */
	struct column_list columns;
	const struct row **rows; /* filtered, grouped, in order */
	size_t count;
	struct machine machine;
	struct tamalloc_total total; /* of all processes */

	/* What it is made of. */
	struct tamalloc_iterator *iterator;
	uint64_t fields; /* that it was opened for */
	struct rows all;
	struct rows passed; /* copies of rows in all: texts belong to those */
	struct rows groups;
	struct {
		uint64_t reserved, committed;
	} shared;	     /* what the processes have beyond the exact total */
	double exact_before; /* the exact total is good until then */
};

/* Unless given: of each process, or of groups, to which the group is added. */
#define MODEL_COLUMNS "pid,user,vsz,rss,use,bar,comm"
#define MODEL_COLUMNS_OF_GROUPS "processes,vsz,rss,use,bar,"

/* The next round: asks for what the columns, filter and order need. */
int model_read(struct model *model);

/* After a change of the filter, order or group: the last round anew. */
int model_arrange(struct model *model);

/* The next group after none, user, command and cgroup, which comes round. */
const struct column *model_next_group(const struct column *group);

void model_free(struct model *model);

#endif
