// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * Which processes are one address space (CLONE_VM without CLONE_THREAD). /proc
 * does not say; kcmp(2) does, of two processes that the caller may inspect, and
 * it does so as an order, by which they can be sorted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

static long compare(pid_t a, pid_t b)
{
	return syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);
}

int sharing_probe(void)
{
	pid_t self = getpid();

	return compare(self, self) < 0 ? -errno : 0;
}

bool sharing_is_same(const struct member *a, const struct member *b)
{
	return a->thread && b->thread && a->text == b->text &&
	       !compare(a->thread, b->thread);
}

/*
 * Only processes that run the same program can share an address space. Its size
 * says less: they are asked one after the other, and it may change in between.
 */
static int by_program(const void *a, const void *b)
{
	const struct member *left = a, *right = b;

	return (left->text > right->text) - (left->text < right->text);
}

/* Of members that are some first, and some others behind them. */
struct parts {
	size_t distinct; /* address spaces, in the order of kcmp(2), one member of each, */
	size_t unknown;	 /* and those which could not be compared: perhaps they have ended */
};

/* Brings into one what follows each other, by way of spare. */
static struct parts merge(struct member *left, struct parts lefts, struct member *right,
			  struct parts rights, struct member *spare, size_t room)
{
	struct parts both = { 0 };
	size_t l = 0, r = 0, end = room;

	while (l < lefts.distinct && r < rights.distinct) {
		long order = compare(left[l].thread, right[r].thread);

		if (!order)
			r++;
		else if (order == 1)
			spare[both.distinct++] = left[l++];
		else if (order > 1)
			spare[both.distinct++] = right[r++];
		else if (compare(right[r].thread, right[r].thread))
			spare[--end] = right[r++];
		else
			spare[--end] = left[l++];
	}
	while (l < lefts.distinct)
		spare[both.distinct++] = left[l++];
	while (r < rights.distinct)
		spare[both.distinct++] = right[r++];
	while (l < lefts.distinct + lefts.unknown)
		spare[--end] = left[l++];
	while (r < rights.distinct + rights.unknown)
		spare[--end] = right[r++];
	both.unknown = room - end;
	memcpy(left, spare, both.distinct * sizeof(*left));
	memcpy(left + both.distinct, spare + end, both.unknown * sizeof(*left));
	return both;
}

/*
 * Sorts members, and leaves one of each address space. Not by qsort(3): when processes
 * end, or begin another program, while they are compared, their order is none that it
 * could rely on. Here nothing relies on it: each comparison decides about two members that
 * are at hand, by what is so at that moment. Who has ended by then is unknown, and takes no
 * part any more.
 */
static struct parts find_distinct(struct member *members, size_t count, struct member *spare)
{
	size_t half = count / 2;
	struct parts left, right;

	if (!count)
		return (struct parts){ 0 };
	if (count == 1 && compare(members->thread, members->thread))
		return (struct parts){ .unknown = 1 };
	if (count == 1)
		return (struct parts){ .distinct = 1 };
	left = find_distinct(members, half, spare);
	right = find_distinct(members + half, count - half, spare);
	return merge(members, left, members + half, right, spare, count);
}

/* Whether another member is of the same size, to which this cannot be compared. */
static bool is_doubtful(const struct member *group, size_t count, size_t index)
{
	for (size_t i = 0; i < count; i++)
		if (i != index && group[i].size == group[index].size &&
		    group[i].data == group[index].data)
			return true;
	return false;
}

/* The same for members that all run one program. */
static size_t resolve_group(struct member *group, size_t count, struct member *spare,
			    bool may_compare, uint64_t *doubtful)
{
	struct parts parts = { .unknown = count };

	if (count < 2)
		return count;
	if (may_compare)
		parts = find_distinct(group, count, spare);
	count = parts.distinct + parts.unknown;
	for (size_t i = parts.distinct; i < count; i++)
		*doubtful += is_doubtful(group, count, i);
	return count;
}

size_t sharing_resolve(struct member *members, size_t count, struct member *spare,
		       bool may_compare, uint64_t *doubtful)
{
	size_t unique = 0;

	*doubtful = 0;
	qsort(members, count, sizeof(*members), by_program);
	for (size_t i = 0; i < count;) {
		size_t length = 1;
		size_t found;

		while (i + length < count && members[i].text == members[i + length].text)
			length++;
		found = resolve_group(&members[i], length, spare, may_compare, doubtful);
		memmove(&members[unique], &members[i], found * sizeof(*members));
		unique += found;
		i += length;
	}
	return unique;
}
