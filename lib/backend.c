// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "internal.h"

#define NR_PROCESS 551

/*
 * UNREAD: the environment has not been looked at. OPEN: nothing is forced, and
 * whether the kernel has the calls is not known for sure. HAS, HAS_NOT: it is.
 */
enum state { UNREAD, OPEN, HAS, HAS_NOT, FORCED_SYSCALL, FORCED_PROC };

static _Atomic int state = UNREAD;

static enum state state_of(enum tamalloc_backend backend)
{
	switch (backend) {
	case TAMALLOC_SYSCALL:
		return FORCED_SYSCALL;
	case TAMALLOC_PROC:
		return FORCED_PROC;
	default:
		return OPEN;
	}
}

static enum state from_environment(void)
{
	const char *name = secure_getenv("TAMALLOC_BACKEND");

	for (int backend = TAMALLOC_SYSCALL; name && backend <= TAMALLOC_PROC; backend++)
		if (!strcmp(name, tamalloc_backend_name(backend)))
			return state_of(backend);
	return OPEN;
}

/*
 * A refusal is not remembered: filters are a matter of each thread, and what one
 * is refused another may be answered.
 */
static enum state look(void)
{
	switch (tamalloc_probe(NR_PROCESS)) {
	case 0:
		return HAS;
	case -ENOSYS:
		return HAS_NOT;
	default:
		return OPEN;
	}
}

struct backend backend_choose(void)
{
	int now = atomic_load_explicit(&state, memory_order_relaxed);
	int before = now;

	if (now == UNREAD)
		now = from_environment();
	if (now == OPEN)
		now = look();
	/* Whoever forces a backend in the meantime wins. */
	if (now != before)
		atomic_compare_exchange_strong(&state, &before, now);
	switch (now) {
	case FORCED_SYSCALL:
		return (struct backend){ TAMALLOC_SYSCALL, true };
	case FORCED_PROC:
		return (struct backend){ TAMALLOC_PROC, true };
	case HAS:
		return (struct backend){ TAMALLOC_SYSCALL, false };
	default:
		return (struct backend){ TAMALLOC_PROC, false };
	}
}

bool backend_falls_back(struct backend backend, int err)
{
	if (backend.is_forced)
		return false;
	/* EPERM may also be the answer about another user's process. */
	return err == -ENOSYS || (err == -EPERM && tamalloc_probe(NR_PROCESS));
}

int tamalloc_set_backend(enum tamalloc_backend backend)
{
	if (backend != TAMALLOC_AUTO && !tamalloc_backend_name(backend))
		return -EINVAL;
	atomic_store(&state, state_of(backend));
	return 0;
}

enum tamalloc_backend tamalloc_get_backend(void)
{
	struct backend backend = backend_choose();

	/* A filter may have come since the kernel was asked. */
	if (backend.kind == TAMALLOC_SYSCALL && !backend.is_forced &&
	    tamalloc_probe(NR_PROCESS))
		return TAMALLOC_PROC;
	return backend.kind;
}

const char *tamalloc_backend_name(enum tamalloc_backend backend)
{
	switch (backend) {
	case TAMALLOC_SYSCALL:
		return "syscall";
	case TAMALLOC_PROC:
		return "proc";
	default:
		return NULL;
	}
}
