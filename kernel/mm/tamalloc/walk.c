// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes of a pid namespace, one by one, and the memory of each.
 */
#include <linux/init.h>
#include <linux/oom.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sysctl.h>

#include "compat.h"
#include "tamalloc.h"

static int restrict_to_inspectable __read_mostly;

#ifdef CONFIG_SYSCTL
static struct ctl_table tamalloc_sysctls[] = {
	{
		.procname	= "tamalloc_restrict",
		.data		= &restrict_to_inspectable,
		.maxlen		= sizeof(restrict_to_inspectable),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_ONE,
	},
	TAMALLOC_SYSCTL_END
};

static int __init tamalloc_sysctl_init(void)
{
	register_sysctl_init("vm", tamalloc_sysctls);
	return 0;
}
late_initcall(tamalloc_sysctl_init);
#endif

/* Whether the sysctl vm.tamalloc_restrict lets the caller see @task. */
bool tamalloc_may_inspect(struct task_struct *task)
{
	return !READ_ONCE(restrict_to_inspectable) ||
	       ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
}

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
		if (walk->task && tamalloc_may_inspect(walk->task))
			return true;
	}
}

void tamalloc_walk_end(struct tamalloc_walk *walk)
{
	if (walk->task)
		put_task_struct(walk->task);
	walk->task = NULL;
}

static unsigned long count(struct mm_struct *mm, int member, unsigned int what)
{
	return what & TAMALLOC_READ_APPROXIMATE ? get_mm_counter(mm, member) :
						  tamalloc_mm_counter(mm, member);
}

/* Under the lock of @thread, which has the memory, in the OOM killer's order. */
static enum tamalloc_oom_reason oom_reason(struct task_struct *thread)
{
	if (is_global_init(thread))
		return TAMALLOC_OOM_INIT;
	if (thread->signal->oom_score_adj == OOM_SCORE_ADJ_MIN)
		return TAMALLOC_OOM_DISABLED;
	if (tamalloc_mm_oom_skip(thread->mm))
		return TAMALLOC_OOM_SKIPPED;
	if (in_vfork(thread))
		return TAMALLOC_OOM_VFORK;
	return TAMALLOC_OOM_ELIGIBLE;
}

/**
 * tamalloc_read_memory - read the memory of a process
 * @task: any of its threads, referenced
 * @what: TAMALLOC_READ_*
 * @memory: filled in; to be released with tamalloc_put_memory()
 *
 * A leader that has exited has no mm while its other threads still use it:
 * any thread's will do. Kernel threads are told by their flag, since they may
 * borrow the mm of a process.
 *
 * Return: 0, or %-EINVAL for a process without memory of its own
 */
int tamalloc_read_memory(struct task_struct *task, unsigned int what,
			 struct tamalloc_memory *memory)
{
	struct task_struct *thread;
	struct mm_struct *mm;

	if (task->flags & PF_KTHREAD)
		return -EINVAL;

	thread = find_lock_task_mm(task);
	if (!thread)
		return -EINVAL;
	/* The function above does not tell sparse what it locks. */
	__acquire(&thread->alloc_lock);

	mm = thread->mm;
	memory->vm_pages = READ_ONCE(mm->total_vm);
	memory->pages[MM_FILEPAGES] = count(mm, MM_FILEPAGES, what);
	memory->pages[MM_ANONPAGES] = count(mm, MM_ANONPAGES, what);
	memory->pages[MM_SHMEMPAGES] = count(mm, MM_SHMEMPAGES, what);
	memory->oom_score_adj = thread->signal->oom_score_adj;
	if (what & TAMALLOC_READ_ALL) {
		memory->pages[MM_SWAPENTS] = count(mm, MM_SWAPENTS, what);
		memory->page_tables = mm_pgtables_bytes(mm);
		memory->address_space = mm->context.ctx_id;
		memory->oom_reason = oom_reason(thread);
	}
	memory->mm = NULL;
	if (atomic_read(&mm->mm_users) > 1) {
		mmgrab(mm);
		memory->mm = mm;
	}
	task_unlock(thread);

	return 0;
}

void tamalloc_put_memory(struct tamalloc_memory *memory)
{
	if (memory->mm)
		mmdrop(memory->mm);
}
