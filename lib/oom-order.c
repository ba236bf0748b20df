// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The kernel looks at one process after the other and keeps the worst. One that
 * is just as bad as the worst before it takes its place: of equals the last wins.
 * In the machine they are lined up by their age; a cgroup has an order of its own.
 */
#include <stdlib.h>

#include "oom.h"

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int by_pid(const struct candidate *left, const struct candidate *right)
{
	return COMPARE(left->record.pid, right->record.pid);
}

/* Negative: left is taken first. */
static int by_turn(const struct candidate *left, const struct candidate *right)
{
	const struct tamalloc_process *a = &left->record, *b = &right->record;
	int order = COMPARE(b->oom_state & TAMALLOC_OOM_ORIGIN,
			    a->oom_state & TAMALLOC_OOM_ORIGIN);

	/* All who do such work are as bad as can be. */
	if (!order && !(a->oom_state & TAMALLOC_OOM_ORIGIN))
		order = COMPARE(b->oom_badness, a->oom_badness);
	if (!order)
		order = COMPARE(right->place, left->place);
	if (!order)
		order = COMPARE(b->start_time, a->start_time);
	return order ? order : -by_pid(left, right);
}

static int compare(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	if (left->rank != right->rank)
		return COMPARE(left->rank, right->rank);
	return left->rank == RANK_ELIGIBLE ? by_turn(left, right) : by_pid(left, right);
}

void oom_sort(struct candidate *list, size_t count)
{
	if (count)
		qsort(list, count, sizeof(*list), compare);
}
