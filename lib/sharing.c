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

static int by_pid(const struct member *a, const struct member *b)
{
	return (a->pid > b->pid) - (a->pid < b->pid);
}

static int by_address_space(const void *a, const void *b)
{
	const struct member *left = a, *right = b;

	switch (compare(left->thread, right->thread)) {
	case 1:
		return -1;
	case 2:
		return 1;
	default:
		/* The same, or one has just ended. */
		return by_pid(left, right);
	}
}

/* Moves those that may be compared to the front; returns how many. */
static size_t comparable(struct member *members, size_t count)
{
	size_t good = 0;

	for (size_t i = 0; i < count; i++) {
		if (compare(members[i].thread, members[i].thread))
			continue;
		if (i != good) {
			struct member other = members[good];

			members[good] = members[i];
			members[i] = other;
		}
		good++;
	}
	return good;
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
static size_t resolve_group(struct member *group, size_t count, bool may_compare,
			    uint64_t *doubtful)
{
	size_t good, unique = 0;

	if (count < 2)
		return count;
	good = may_compare ? comparable(group, count) : 0;
	for (size_t i = good; i < count; i++)
		*doubtful += is_doubtful(group, count, i);
	qsort(group, good, sizeof(*group), by_address_space);
	for (size_t i = 0; i < count; i++) {
		if (i && i < good && !compare(group[unique - 1].thread, group[i].thread))
			continue;
		group[unique++] = group[i];
	}
	return unique;
}

size_t sharing_resolve(struct member *members, size_t count, bool may_compare,
		       uint64_t *doubtful)
{
	size_t unique = 0;

	*doubtful = 0;
	qsort(members, count, sizeof(*members), by_program);
	for (size_t i = 0; i < count;) {
		size_t length = 1;
		size_t found;

		while (i + length < count && members[i].text == members[i + length].text)
			length++;
		found = resolve_group(&members[i], length, may_compare, doubtful);
		memmove(&members[unique], &members[i], found * sizeof(*members));
		unique += found;
		i += length;
	}
	return unique;
}
