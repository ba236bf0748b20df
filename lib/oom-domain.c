// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oom.h"
#include "parse-oom.h"
#include "parse.h"

/* 1: value has been read; 0: the kernel does not say. */
static int read_setting(int proc, const char *path, uint32_t *value)
{
	int64_t number;
	char text[64];
	ssize_t length = read_path(proc, path, text, sizeof(text));

	if (length < 0)
		return absent_or_error(length);
	if (!parse_signed(text, &number))
		return 0;
	*value = (uint32_t)number;
	return 1;
}

int oom_fill_machine(int proc, struct tamalloc_oom_domain *domain)
{
	int result = read_setting(proc, "sys/vm/panic_on_oom", &domain->panic);

	if (result > 0)
		domain->fields |= TAMALLOC_DOMAIN_PANIC;
	if (result >= 0)
		result = read_setting(proc, "sys/vm/oom_kill_allocating_task",
				      &domain->kills_allocating);
	if (result > 0)
		domain->fields |= TAMALLOC_DOMAIN_ALLOCATING;
	return result < 0 ? result : 0;
}

/*
 * The nodes from which this thread may take memory. Of the policies only this one
 * refuses memory of others; the rest merely prefer some.
 */
static int bound_nodes(struct nodes *nodes, bool *is_bound)
{
	int mode;

	/* The kernel leaves out the last bit of as many as it is told. */
	if (syscall(SYS_get_mempolicy, &mode, nodes->bits, NODES + 1, NULL, 0))
		return -errno;
	*is_bound = (mode & ~MPOL_MODE_FLAGS) == MPOL_BIND;
	return 0;
}

static bool read_nodes_with_memory(struct nodes *nodes)
{
	static const char *const paths[] = {
		"/sys/devices/system/node/has_memory",
		"/sys/devices/system/node/has_normal_memory",
	};
	char text[4096];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (read_path(AT_FDCWD, paths[i], text, sizeof(text)) > 0)
			return parse_nodes(text, nodes);
	return false;
}

int oom_fill_confined(int proc, struct tamalloc_oom_domain *domain)
{
	struct nodes all, allowed, bound = { 0 };
	bool is_bound = false;
	ssize_t length;
	char *text;
	bool good;
	int err = bound_nodes(&bound, &is_bound);

	/* A kernel without nodes has all memory in one place. */
	if (err == -ENOSYS) {
		domain->fields |= TAMALLOC_DOMAIN_CONFINED;
		return 0;
	}
	if (err || !read_nodes_with_memory(&all))
		return 0;
	length = read_whole(proc, "thread-self/status", &text);
	if (length < 0)
		return absent_or_error(length);
	good = parse_allowed_nodes(text, &allowed);
	free(text);
	if (!good)
		return 0;
	if (!nodes_are_within(&all, &allowed))
		domain->confined |= TAMALLOC_CONFINED_CPUSET;
	if (is_bound && !nodes_are_within(&all, &bound))
		domain->confined |= TAMALLOC_CONFINED_POLICY;
	domain->fields |= TAMALLOC_DOMAIN_CONFINED;
	return 0;
}
