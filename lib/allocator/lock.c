// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The heap's lock. It says who has it, so that the child of a fork knows whether that is a
 * thread which is not there; the C library's locks do not tell.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "allocator.h"

/* In the word beside the owner's name: somebody may sleep. */
#define SLEEPERS 0x80000000u

static _Atomic uint32_t word;

uint32_t lock_owner(void)
{
	static _Atomic uint32_t last;
	static _Thread_local uint32_t name __attribute__((tls_model("initial-exec")));

	while (!name)
		name = (atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1) & ~SLEEPERS;
	return name;
}

uint32_t lock_holder(void)
{
	return atomic_load(&word) & ~SLEEPERS;
}

void lock_seize(void)
{
	heap.now = 0;
	atomic_store(&word, lock_owner());
}

static __attribute__((noinline)) void wait(uint32_t owner)
{
	int before = errno;

	for (;;) {
		uint32_t seen = 0;

		/* There may be others who sleep. */
		if (atomic_compare_exchange_strong(&word, &seen, owner | SLEEPERS))
			break;
		/* Who has it may not be in this process. */
		if (fork_is_child()) {
			fork_settle();
			continue;
		}
		if (!(seen & SLEEPERS) &&
		    !atomic_compare_exchange_strong(&word, &seen, seen | SLEEPERS))
			continue;
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen | SLEEPERS, NULL, NULL, 0);
	}
	errno = before;
}

void heap_lock(void)
{
	uint32_t owner = lock_owner(), nobody = 0;

	/* Before it is taken: else who takes it would look like a thread that is not there. */
	if (fork_is_child())
		fork_settle();
	if (!atomic_compare_exchange_strong_explicit(&word, &nobody, owner, memory_order_acquire,
						     memory_order_relaxed))
		wait(owner);
	if (atomic_load_explicit(&heap_has_waiting, memory_order_relaxed))
		heap_note_waiting();
}

void heap_unlock(void)
{
	uint32_t before;

	heap.now = 0;
	before = atomic_exchange_explicit(&word, 0, memory_order_release);
	if (before & SLEEPERS) {
		int err = errno;

		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
		errno = err;
	}
}
