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

/**
 * tamalloc_next_process - find the next process of a pid namespace
 * @ns: the namespace
 * @tgid: where to start; the process found, as @ns numbers it
 *
 * The search sleeps between pids, so that neither many processes nor many
 * threads keep the CPU from others. Processes that start or end meanwhile may
 * or may not be found; one that lives throughout is found exactly once.
 *
 * Return: the process, to be released with put_task_struct(), or NULL when
 * there is none at or above @tgid
 */
struct task_struct *tamalloc_next_process(struct pid_namespace *ns, pid_t *tgid)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	for (;;) {
		rcu_read_lock();
		pid = find_ge_pid(*tgid, ns);
		if (pid) {
			*tgid = pid_nr_ns(pid, ns);
			task = pid_task(pid, PIDTYPE_TGID);
			if (task)
				get_task_struct(task);
		}
		rcu_read_unlock();
		if (task || !pid)
			return task;
		++*tgid;
		cond_resched();
	}
}

/* Whether the sysctl vm.tamalloc_restrict lets the caller see @task. */
bool tamalloc_may_inspect(struct task_struct *task)
{
	return !READ_ONCE(restrict_to_inspectable) ||
	       ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
}

/**
 * tamalloc_read_memory - read the memory of a process
 * @task: any of its threads, referenced
 * @memory: filled in; to be released with tamalloc_put_memory()
 *
 * A leader that has exited has no mm while its other threads still use it:
 * any thread's will do. Kernel threads are told by their flag, since they may
 * borrow the mm of a process.
 *
 * Return: 0, or %-EINVAL for a process without memory of its own
 */
int tamalloc_read_memory(struct task_struct *task,
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
	memory->rss_pages = tamalloc_mm_counter(mm, MM_FILEPAGES) +
			    tamalloc_mm_counter(mm, MM_ANONPAGES) +
			    tamalloc_mm_counter(mm, MM_SHMEMPAGES);
	memory->oom_score_adj = thread->signal->oom_score_adj;
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
