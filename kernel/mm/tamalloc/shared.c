// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces that several processes share (clone() with CLONE_VM but
 * without CLONE_THREAD, vfork()) are one memory and count once. Those met on
 * a walk are kept in a table of their numbers, which pins none of them. It grows
 * with them at the caller's expense, to 64 MiB if each of as many processes as
 * there can be shares its own. Where the caller may have no more memory, an
 * earlier process with the same address space is looked for instead: slower,
 * never wrong.
 */
#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "tamalloc.h"

#define SLOT_BITS_FIRST	6
/* Slots that are moved before others may have the CPU. */
#define MOVED_AT_ONCE	4096

/* Whether anyone but the threads of @task uses @mm. */
static bool used_elsewhere(struct task_struct *task, struct mm_struct *mm)
{
	int users = atomic_read(&mm->mm_users);
	struct task_struct *thread;

	if (users <= 1)
		return false;

	rcu_read_lock();
	for_each_thread(task, thread) {
		if (READ_ONCE(thread->mm) == mm && --users <= 0)
			break;
	}
	rcu_read_unlock();

	return users > 0;
}

/* Whether any thread of @task uses @mm. */
static bool uses(struct task_struct *task, struct mm_struct *mm)
{
	struct task_struct *thread;
	bool found = false;

	if (task->flags & PF_KTHREAD)
		return false;

	rcu_read_lock();
	for_each_thread(task, thread) {
		struct mm_struct *other = READ_ONCE(thread->mm);

		if (other) {
			found = other == mm;
			break;
		}
	}
	rcu_read_unlock();

	return found;
}

/* One over the same processes, from the first on. */
static struct tamalloc_walk first_walk(const struct tamalloc_walk *walk)
{
	return (struct tamalloc_walk){
		.ns = walk->ns,
		.everybody = walk->everybody,
		.next = 1,
	};
}

/* Whether a process before that of @walk, which the caller may see, uses @mm. */
static bool used_before(const struct tamalloc_walk *walk, struct mm_struct *mm)
{
	struct tamalloc_walk before = first_walk(walk);
	bool found = false;

	while (!found && tamalloc_walk_next(&before) && before.tgid < walk->tgid)
		found = uses(before.task, mm);
	tamalloc_walk_end(&before);

	return found;
}

/* The slot that holds @number, or the free one where it belongs. */
static u64 *find_slot(const struct tamalloc_shared *shared, u64 number)
{
	unsigned int mask = BIT(shared->bits) - 1;
	unsigned int i = hash_64(number, shared->bits);

	while (shared->slots[i] && shared->slots[i] != number)
		i = (i + 1) & mask;

	return &shared->slots[i];
}

/* Makes the table twice as large; returns whether there was memory for it. */
static bool grow(struct tamalloc_shared *shared)
{
	struct tamalloc_shared larger = {
		.bits = shared->slots ? shared->bits + 1 : SLOT_BITS_FIRST,
	};
	unsigned long i;

	/* Neither the caller nor the machine is to be killed for it. */
	larger.slots = kvcalloc(BIT(larger.bits), sizeof(*larger.slots),
				GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL |
				__GFP_NOWARN);
	if (!larger.slots)
		return false;

	for (i = 0; shared->slots && i < BIT(shared->bits); i++) {
		if (shared->slots[i])
			*find_slot(&larger, shared->slots[i]) = shared->slots[i];
		if (i % MOVED_AT_ONCE == 0)
			cond_resched();
	}
	kvfree(shared->slots);
	shared->slots = larger.slots;
	shared->bits = larger.bits;

	return true;
}

/*
 * Remembers an address space by the number that this machine gives it for good.
 * Returns whether it was remembered already.
 */
static bool remember(struct tamalloc_shared *shared, struct mm_struct *mm)
{
	u64 number = mm->context.ctx_id;
	u64 *slot = shared->slots ? find_slot(shared, number) : NULL;

	if (slot && *slot)
		return true;

	/* Free slots, a quarter, keep the probes short and end them. */
	if (!slot || shared->used >= BIT(shared->bits) / 4 * 3) {
		if (shared->full || !grow(shared)) {
			shared->full = true;
			return false;
		}
		slot = find_slot(shared, number);
	}
	*slot = number;
	shared->used++;

	return false;
}

/* Remembers the address spaces of the processes before the first of the walk. */
static void look_back(struct tamalloc_shared *shared,
		      const struct tamalloc_walk *walk)
{
	struct tamalloc_walk before = first_walk(walk);
	struct mm_struct *mm;

	while (tamalloc_walk_next(&before) && before.tgid < shared->first) {
		mm = tamalloc_grab_mm(before.task);
		if (!mm)
			continue;
		if (used_elsewhere(before.task, mm))
			remember(shared, mm);
		mmdrop(mm);
	}
	tamalloc_walk_end(&before);
	shared->first = 1;
}

/**
 * tamalloc_shared_seen - tell whether a walk has met an address space before
 * @shared: what the walk has met so far
 * @walk: the walk, at a process
 * @mm: the address space of that process, referenced with mmgrab()
 *
 * Return: true when a process with a lower number that the caller may see has
 * the same address space, also one below the first that the walk has met
 */
bool tamalloc_shared_seen(struct tamalloc_shared *shared,
			  const struct tamalloc_walk *walk,
			  struct mm_struct *mm)
{
	if (!used_elsewhere(walk->task, mm))
		return false;
	if (shared->first > 1)
		look_back(shared, walk);

	return remember(shared, mm) || (shared->full && used_before(walk, mm));
}

void tamalloc_shared_release(struct tamalloc_shared *shared)
{
	kvfree(shared->slots);
}
