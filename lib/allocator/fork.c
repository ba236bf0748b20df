// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What becomes of the allocator in the child of a fork. The parent does nothing for it: no
 * order of handlers would let it wait for the heap's lock without others waiting for it in
 * turn, the C library among them. The child finds memory as another thread may have been
 * changing it, and puts it in order.
 */
#include <pthread.h>
#include <sched.h>

#include "allocator.h"

/*
 * A word that the kernel wipes in the child, also of a fork that the C library does not
 * see. Without it, for want of memory or of a kernel that does that, the C library's forks
 * are those that count.
 */
enum { WIPED, SETTLING, SETTLED };
static _Atomic(_Atomic uint32_t *) mark;

__attribute__((constructor)) void fork_begin(void)
{
	static atomic_bool has_begun;

	if (atomic_exchange(&has_begun, true))
		return;
	pthread_atfork(NULL, NULL, fork_settle);
}

void fork_prepare(void)
{
	static bool has_word;
	_Atomic uint32_t *word;

	if (has_word)
		return;
	fork_begin();
	word = memory_wiped_by_fork();
	if (word)
		atomic_store(word, SETTLED);
	atomic_store_explicit(&mark, word, memory_order_release);
	has_word = true;
}

bool fork_is_child(void)
{
	_Atomic uint32_t *word = atomic_load_explicit(&mark, memory_order_acquire);

	return word && atomic_load_explicit(word, memory_order_acquire) != SETTLED;
}

/* By a pid it is not: the child of vfork(2) has one of its own, and the parent's memory. */
bool fork_is_known(void)
{
	return atomic_load_explicit(&mark, memory_order_acquire);
}

/*
 * Nobody takes the lock before this is done: who has it had it when the process was forked. A
 * handler of a signal may have forked where this thread was about to take it, in heap_lock();
 * then there is no other thread.
 */
static void settle(void)
{
	uint32_t holder = lock_holder();

	touched_after_fork();
	costs_after_fork();
	pressure_after_fork();
	background_after_fork();
	/*
	 * A signal handler of this very thread may have forked: then what it has
	 * interrupted goes on when it returns.
	 */
	if (holder == lock_owner())
		return;
	lock_seize();
	heap_after_fork(!holder);
	heap_unlock();
}

void fork_settle(void)
{
	_Atomic uint32_t *word = atomic_load_explicit(&mark, memory_order_acquire);
	uint32_t state = WIPED;

	if (!word) {
		settle();
		return;
	}
	if (atomic_compare_exchange_strong(word, &state, SETTLING)) {
		settle();
		atomic_store_explicit(word, SETTLED, memory_order_release);
	}
	/* Another thread of the child may be at it. */
	while (atomic_load_explicit(word, memory_order_acquire) == SETTLING)
		sched_yield();
}
