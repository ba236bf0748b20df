// SPDX-License-Identifier: MIT
/* Who works beside others, and who alone. */
#include <pthread.h>

#include "fuzz.h"

/* A thread that wants to be alone has to get its turn. */
#define GATE_INITIAL PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP

static pthread_rwlock_t gate = GATE_INITIAL;

void gate_enter(void)
{
	pthread_rwlock_rdlock(&gate);
}

void gate_enter_alone(void)
{
	pthread_rwlock_wrlock(&gate);
}

void gate_leave(void)
{
	pthread_rwlock_unlock(&gate);
}

/* The one thread of a child works beside others. */
void gate_after_fork(void)
{
	gate = (pthread_rwlock_t)GATE_INITIAL;
	gate_enter();
}
