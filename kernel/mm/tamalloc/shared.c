// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces that several processes share (clone() with CLONE_VM but
 * without CLONE_THREAD, vfork()) are one memory and count once. Those met on
 * a walk are kept in a table of one page, so that a walk needs the same memory
 * however many processes there are. When they do not fit, or there is no page,
 * an earlier process with the same address space is looked for instead, as it is
 * where a walk did not begin with the first process: slower, never wrong.
 */
#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "tamalloc.h"

#define SLOT_BITS	(PAGE_SHIFT - 3)
#define SLOTS		BIT(SLOT_BITS)
/* Free slots keep the probes short, and end them. */
#define SLOTS_MAX	(SLOTS / 4 * 3)

/* Whether anyone but the threads of @task uses @mm. */
static bool used_elsewhere(struct task_struct *task, struct mm_struct *mm)
{
	int users = atomic_read(&mm->mm_users);
	struct task_struct *thread;

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

/* Whether a process before @end that the caller may see uses @mm. */
static bool used_before(struct pid_namespace *ns, pid_t end,
			struct mm_struct *mm)
{
	struct tamalloc_walk walk = { .ns = ns, .next = 1 };
	bool found = false;

	while (!found && tamalloc_walk_next(&walk) && walk.tgid < end)
		found = uses(walk.task, mm);
	tamalloc_walk_end(&walk);

	return found;
}

/* The slot that holds @mm, or the free one where it belongs. */
static struct mm_struct **find_slot(struct tamalloc_shared *shared,
				    struct mm_struct *mm)
{
	unsigned int i = hash_ptr(mm, SLOT_BITS);

	while (shared->slots[i] && shared->slots[i] != mm)
		i = (i + 1) % SLOTS;

	return &shared->slots[i];
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
	struct mm_struct **slot;

	if (!used_elsewhere(walk->task, mm))
		return false;

	if (!shared->slots && !shared->full) {
		shared->slots = kcalloc(SLOTS, sizeof(*shared->slots),
					GFP_KERNEL | __GFP_NOWARN);
		shared->full = !shared->slots;
	}

	if (shared->slots) {
		slot = find_slot(shared, mm);
		if (*slot)
			return true;
		if (shared->used < SLOTS_MAX) {
			mmgrab(mm);
			*slot = mm;
			shared->used++;
		} else {
			shared->full = true;
		}
	}

	if (shared->full)
		return used_before(walk->ns, walk->tgid, mm);
	return shared->first > 1 && used_before(walk->ns, shared->first, mm);
}

void tamalloc_shared_release(struct tamalloc_shared *shared)
{
	unsigned int i;

	if (!shared->slots)
		return;
	for (i = 0; i < SLOTS; i++) {
		if (shared->slots[i])
			mmdrop(shared->slots[i]);
	}
	kfree(shared->slots);
}
