// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may see whose memory.
 */
#include <linux/init.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/oom.h>
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

/*
 * The thread of @task whose rights decide, referenced: one that has memory,
 * since a leader that has exited would pass for dumpable.
 */
static struct task_struct *get_deciding_thread(struct task_struct *task)
{
	struct task_struct *thread = NULL;

	if (!(task->flags & PF_KTHREAD) && !READ_ONCE(task->mm))
		thread = find_lock_task_mm(task);
	if (!thread)
		return get_task_struct(task);
	/* The function above does not tell sparse what it locks. */
	__acquire(&thread->alloc_lock);
	get_task_struct(thread);
	task_unlock(thread);

	return thread;
}

/* Whether the sysctl vm.tamalloc_restrict lets the caller see @task. */
bool tamalloc_may_inspect(struct task_struct *task)
{
	struct task_struct *thread;
	bool may;

	if (!READ_ONCE(restrict_to_inspectable))
		return true;

	thread = get_deciding_thread(task);
	/* A walk asks about each process: too much for an audit log. */
	may = ptrace_may_access(thread, PTRACE_MODE_READ_FSCREDS |
					PTRACE_MODE_NOAUDIT);
	put_task_struct(thread);

	return may;
}
