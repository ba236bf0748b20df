// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"
#include "parse.h"

static int add(struct pids *pids, pid_t pid)
{
	if (pids->count == pids->room) {
		size_t room = pids->room ? pids->room * 2 : 256;
		void *list = reallocarray(pids->list, room, sizeof(*pids->list));

		if (!list)
			return -ENOMEM;
		pids->list = list;
		pids->room = room;
	}
	pids->list[pids->count++] = pid;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;

	return (left > right) - (left < right);
}

/* Puts what /proc lists in rising order, should it ever not be, and once each. */
static void put_in_order(struct pids *pids)
{
	size_t unique = 0;

	qsort(pids->list, pids->count, sizeof(*pids->list), by_pid);
	for (size_t i = 0; i < pids->count; i++)
		if (!i || pids->list[i] != pids->list[unique - 1])
			pids->list[unique++] = pids->list[i];
	pids->count = unique;
}

int pids_read(int directory, struct pids *pids)
{
	_Alignas(struct dirent64) char buffer[4096];
	bool in_order = true;
	ssize_t length;

	pids->count = 0;
	if (lseek(directory, 0, SEEK_SET) < 0)
		return -errno;
	while ((length = getdents64(directory, buffer, sizeof(buffer))) > 0) {
		for (ssize_t at = 0; at < length;) {
			const struct dirent64 *entry = (const void *)(buffer + at);
			const char *name = entry->d_name;
			uint64_t pid;
			int err;

			at += entry->d_reclen;
			if (!parse_number(&name, &pid) || *name || pid > INT_MAX)
				continue;
			in_order &= !pids->count || pids->list[pids->count - 1] < (pid_t)pid;
			err = add(pids, (pid_t)pid);
			if (err)
				return err;
		}
	}
	if (length < 0)
		return -errno;
	if (!in_order)
		put_in_order(pids);
	return 0;
}
