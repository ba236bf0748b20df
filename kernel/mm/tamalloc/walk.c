// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes of a pid namespace, one by one, and the memory of each.
 */
#include <linux/oom.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "tamalloc.h"

/*
 * The process whose number is @tgid or the next one in use, which comes back in
 * @tgid: NULL where that is a thread's or a group's; 0 when there is none.
 */
static struct task_struct *process_at(struct pid_namespace *ns, pid_t *tgid)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	/* They are given out by turns: often the next one is in use, too. */
	pid = find_pid_ns(*tgid, ns);
	if (!pid) {
		pid = find_ge_pid(*tgid, ns);
		*tgid = pid ? pid_nr_ns(pid, ns) : 0;
	}
	task = pid ? pid_task(pid, PIDTYPE_TGID) : NULL;
	if (task)
		get_task_struct(task);
	rcu_read_unlock();

	return task;
}

/* Whether the walk meets @task. */
static bool shows(const struct tamalloc_walk *walk, struct task_struct *task)
{
	return tamalloc_security_allows(task) &&
	       (walk->everybody || tamalloc_may_inspect(task));
}

/**
 * tamalloc_walk_begin - begin a walk over the processes that the caller may see
 * @walk: the walk
 * @first: the lowest number of a process that it meets, at least 1
 */
void tamalloc_walk_begin(struct tamalloc_walk *walk, pid_t first)
{
	*walk = (struct tamalloc_walk){
		.ns = task_active_pid_ns(current),
		.everybody = tamalloc_sees_everybody(),
		.next = first,
	};
}

/**
 * tamalloc_walk_next - go on to the next process that the caller may see
 * @walk: the walk
 *
 * The search sleeps between pids, so that neither many processes nor many
 * threads keep the CPU from others. Processes that start or end meanwhile may
 * or may not be met; one that lives throughout is met exactly once.
 *
 * Return: true, and the process in @walk, to be released with
 * tamalloc_walk_end() if the walk does not go on; false when there is none, or
 * a fatal signal has ended the walk, which @walk tells apart by its error
 */
bool tamalloc_walk_next(struct tamalloc_walk *walk)
{
	for (;;) {
		tamalloc_walk_end(walk);
		if (fatal_signal_pending(current)) {
			walk->error = -EINTR;
			return false;
		}
		cond_resched();

		walk->tgid = walk->next;
		walk->task = process_at(walk->ns, &walk->tgid);
		if (!walk->tgid)
			return false;
		walk->next = walk->tgid + 1;
		if (walk->task && shows(walk, walk->task))
			return true;
	}
}

void tamalloc_walk_end(struct tamalloc_walk *walk)
{
	if (walk->task)
		put_task_struct(walk->task);
	walk->task = NULL;
}

static unsigned long count(struct task_struct *task, struct mm_struct *mm,
			   int member, unsigned int what)
{
	return what & TAMALLOC_READ_APPROXIMATE ?
		       get_mm_counter(mm, member) :
		       tamalloc_mm_counter(task, mm, member);
}

/* Under the lock of @thread, which has the memory, in the OOM killer's order. */
static enum tamalloc_oom_reason oom_reason(struct task_struct *thread)
{
	if (is_global_init(thread))
		return TAMALLOC_OOM_INIT;
	if (READ_ONCE(thread->signal->oom_score_adj) == OOM_SCORE_ADJ_MIN)
		return TAMALLOC_OOM_DISABLED;
	if (tamalloc_mm_oom_skip(thread->mm))
		return TAMALLOC_OOM_SKIPPED;
	if (in_vfork(thread))
		return TAMALLOC_OOM_VFORK;
	return TAMALLOC_OOM_ELIGIBLE;
}

/*
 * Takes hold of the memory of @task, and tells in @reason, unless that is NULL,
 * why the OOM killer does not take it. A leader that has exited has no mm while
 * its other threads still use it: any thread's will do. Kernel threads are told
 * by their flag, since they may borrow the mm of a process.
 */
static struct mm_struct *grab_mm(struct task_struct *task,
				 enum tamalloc_oom_reason *reason)
{
	struct task_struct *thread;
	struct mm_struct *mm;

	if (task->flags & PF_KTHREAD)
		return NULL;
	thread = find_lock_task_mm(task);
	if (!thread)
		return NULL;
	/* The function above does not tell sparse what it locks. */
	__acquire(&thread->alloc_lock);
	mm = thread->mm;
	mmgrab(mm);
	if (reason)
		*reason = oom_reason(thread);
	task_unlock(thread);

	return mm;
}

/**
 * tamalloc_grab_mm - take hold of the address space of a process
 * @task: any of its threads, referenced
 *
 * Return: the address space, to be released with mmdrop(); NULL for a process
 * without memory of its own
 */
struct mm_struct *tamalloc_grab_mm(struct task_struct *task)
{
	return grab_mm(task, NULL);
}

/**
 * tamalloc_oom_reason - tell why the OOM killer does not take a process
 * @task: any of its threads, referenced
 *
 * Return: the reason as it is now
 */
enum tamalloc_oom_reason tamalloc_oom_reason(struct task_struct *task)
{
	enum tamalloc_oom_reason reason = TAMALLOC_OOM_NO_MEMORY;
	struct mm_struct *mm;

	if (task->flags & PF_KTHREAD)
		return TAMALLOC_OOM_KERNEL_THREAD;
	mm = grab_mm(task, &reason);
	if (mm)
		mmdrop(mm);
	return reason;
}

/**
 * tamalloc_read_memory - read the memory of a process
 * @task: any of its threads, referenced
 * @what: TAMALLOC_READ_*
 * @memory: filled in; to be released with tamalloc_put_memory()
 *
 * The counters are read when no lock is held any more: a sum over all CPUs takes
 * longer than others should wait for the lock of the task.
 *
 * Return: 0, or %-EINVAL for a process without memory of its own
 */
int tamalloc_read_memory(struct task_struct *task, unsigned int what,
			 struct tamalloc_memory *memory)
{
	struct mm_struct *mm = grab_mm(task, what & TAMALLOC_READ_ALL ?
						     &memory->oom_reason : NULL);

	if (!mm)
		return -EINVAL;

	memory->mm = mm;
	memory->vm_pages = READ_ONCE(mm->total_vm);
	memory->pages[MM_FILEPAGES] = count(task, mm, MM_FILEPAGES, what);
	memory->pages[MM_ANONPAGES] = count(task, mm, MM_ANONPAGES, what);
	memory->pages[MM_SHMEMPAGES] = count(task, mm, MM_SHMEMPAGES, what);
	memory->oom_score_adj = READ_ONCE(task->signal->oom_score_adj);
	if (what & TAMALLOC_READ_ALL) {
		memory->pages[MM_SWAPENTS] = count(task, mm, MM_SWAPENTS, what);
		memory->page_tables = mm_pgtables_bytes(mm);
		memory->address_space = mm->context.ctx_id;
	}

	return 0;
}

void tamalloc_put_memory(struct tamalloc_memory *memory)
{
	if (memory->mm)
		mmdrop(memory->mm);
}
