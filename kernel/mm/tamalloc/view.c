// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may see whose memory: what a pid namespace, a security module, the sysctl
 * vm.tamalloc_restrict or the caller's own /proc keeps from a caller.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/magic.h>
#include <linux/namei.h>
#include <linux/oom.h>
#include <linux/path.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/sysctl.h>

#include "compat.h"
#include "tamalloc.h"

/* The values of the sysctl. */
enum {
	SHOW_EVERYBODY,
	SHOW_INSPECTABLE,
	SHOW_AS_PROC,
};

static int restriction __read_mostly = SHOW_AS_PROC;

#ifdef CONFIG_SYSCTL
static struct ctl_table tamalloc_sysctls[] = {
	{
		.procname	= "tamalloc_restrict",
		.data		= &restriction,
		.maxlen		= sizeof(restriction),
		.mode		= 0644,
		.proc_handler	= proc_dointvec_minmax,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_TWO,
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

/**
 * tamalloc_may_inspect - tell whether the caller may look into a process
 * @task: any of its threads, referenced
 *
 * Return: what ptrace(2) says for PTRACE_MODE_READ_FSCREDS, without a message to
 * the audit log: a walk asks about each process
 */
bool tamalloc_may_inspect(struct task_struct *task)
{
	struct task_struct *thread = get_deciding_thread(task);
	bool may = ptrace_may_access(thread, PTRACE_MODE_READ_FSCREDS |
					     PTRACE_MODE_NOAUDIT);

	put_task_struct(thread);
	return may;
}

/* Whether what is seen in @ns is all that can be seen in the caller's. */
static bool covers_callers_namespace(const struct pid_namespace *ns)
{
	const struct pid_namespace *own = task_active_pid_ns(current);

	while (own && own != ns)
		own = own->parent;
	return own;
}

/*
 * Whether the caller's own /proc shows it every process. That is what is mounted
 * there for the caller: whatever /proc it can move to this place, it can read.
 * But one of other processes than the caller asks about, as a namespace of its
 * own has it, says nothing; nor does anything else. Then the answer is no.
 */
static bool proc_shows_everybody(void)
{
	const struct proc_fs_info *info;
	struct path path;
	bool shows = false;

	if (kern_path("/proc", LOOKUP_DIRECTORY, &path))
		return false;
	if (path.dentry->d_sb->s_magic == PROC_SUPER_MAGIC) {
		info = proc_sb_info(path.dentry->d_sb);
		shows = covers_callers_namespace(info->pid_ns) &&
			(info->hide_pid == HIDEPID_OFF ||
			 (info->hide_pid != HIDEPID_NOT_PTRACEABLE &&
			  in_group_p(info->pid_gid)));
	}
	path_put(&path);

	return shows;
}

/**
 * tamalloc_sees_everybody - tell whether a walk need not ask about each process
 *
 * Return: true where the caller sees all processes of its pid namespace but
 * those that a security module keeps from it
 */
bool tamalloc_sees_everybody(void)
{
	switch (READ_ONCE(restriction)) {
	case SHOW_EVERYBODY:
		return true;
	case SHOW_AS_PROC:
		return proc_shows_everybody();
	default:
		return false;
	}
}

/**
 * tamalloc_security_allows - ask the security modules about a process
 * @task: any of its threads, referenced
 *
 * The question is that of sched_getscheduler(2) and its like: what a process
 * takes of the machine, not what is in it. A process may always ask about itself.
 *
 * Return: whether they let the caller know
 */
bool tamalloc_security_allows(struct task_struct *task)
{
	return same_thread_group(task, current) ||
	       !security_task_getscheduler(task);
}

/**
 * tamalloc_may_see - tell whether the caller may know the memory of one process
 * @task: any of its threads, referenced
 *
 * Return: what a walk over all processes would go by
 */
bool tamalloc_may_see(struct task_struct *task)
{
	/* Looking for /proc costs more than what it decides for most callers. */
	return tamalloc_security_allows(task) &&
	       (tamalloc_may_inspect(task) || tamalloc_sees_everybody());
}
