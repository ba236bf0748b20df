/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that share an address space. */
#ifndef TAMALLOC_SELFTEST_SHARERS_H
#define TAMALLOC_SELFTEST_SHARERS_H

#include "common.h"

#define STACK	(16 * KIB)

/* Set by a sharer that is sure to die with its parent. */
static bool settled;

static inline int sleep_on(void *arg)
{
	die_with_parent();
	__atomic_store_n(&settled, true, __ATOMIC_SEQ_CST);
	for (;;)
		pause();
	return 0;
}

/* Starts a process in the caller's address space. */
static inline pid_t spawn_sharer(int (*fn)(void *), int flags, void *arg)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stack == MAP_FAILED)
		return -1;
	return clone(fn, stack + STACK, CLONE_VM | SIGCHLD | flags, arg);
}

/* For spawn_stopped(): makes a pair of the child. */
static inline int share_and_stop(void *arg)
{
	if (reserve(16 * MIB) == MAP_FAILED)
		return -1;
	if (spawn_sharer(sleep_on, 0, NULL) < 0)
		return -1;
	while (!__atomic_load_n(&settled, __ATOMIC_SEQ_CST))
		usleep(100);
	return 0;
}

#endif /* TAMALLOC_SELFTEST_SHARERS_H */
