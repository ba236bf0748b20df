// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much memory is reserved and committed: by one process, by all.
 */
#include <linux/build_bug.h>
#include <linux/sched/task.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#include "tamalloc.h"

static_assert(sizeof(struct tamalloc_global_info) == 16);
static_assert(sizeof(struct tamalloc_proc_info) == 24);

/**
 * sys__202000173_tamalloc - tell the memory of all processes together
 * @info: where to put it
 *
 * All processes means those of the caller's pid namespace that it may see, by
 * vm.tamalloc_restrict and for the security modules, without zombies and kernel
 * threads. An address space that several of them share counts once. Pages are added up and
 * converted once. Not atomic: processes come and go during the walk.
 *
 * Return:
 * * 0
 * * %-EFAULT - @info is not writable memory
 * * %-EINTR - a fatal signal ended the caller, which does not see this
 */
SYSCALL_DEFINE1(_202000173_tamalloc, struct tamalloc_global_info __user *, info)
{
	struct tamalloc_shared shared = { .first = 1 };
	struct tamalloc_global_info result;
	struct tamalloc_memory memory;
	u64 vm_pages = 0, rss_pages = 0;
	struct tamalloc_walk walk;

	tamalloc_walk_begin(&walk, shared.first);
	while (tamalloc_walk_next(&walk)) {
		if (tamalloc_read_memory(walk.task, 0, &memory))
			continue;
		if (!tamalloc_shared_seen(&shared, &walk, memory.mm)) {
			vm_pages += memory.vm_pages;
			rss_pages += tamalloc_rss_pages(&memory);
		}
		tamalloc_put_memory(&memory);
	}
	tamalloc_shared_release(&shared);
	if (walk.error)
		return walk.error;

	tamalloc_fill_global(&result, vm_pages, rss_pages);
	if (copy_to_user(info, &result, sizeof(result)))
		return -EFAULT;

	return 0;
}

/**
 * sys__202000173_memory_allocation_statistics - tell the memory of one process
 * @pid: any thread of the process, as the caller's pid namespace numbers it
 * @info: where to put it
 *
 * Return:
 * * 0
 * * %-ESRCH - the caller's pid namespace has no such thread
 * * %-EPERM - the caller may not see it: by vm.tamalloc_restrict, or for a
 *   security module
 * * %-EINVAL - the process has no memory of its own: a kernel thread, a zombie
 * * %-EFAULT - @info is not writable memory
 */
SYSCALL_DEFINE2(_202000173_memory_allocation_statistics, pid_t, pid,
		struct tamalloc_proc_info __user *, info)
{
	struct tamalloc_proc_info result;
	struct tamalloc_memory memory;
	struct task_struct *task;
	int error = -EPERM;

	task = pid > 0 ? find_get_task_by_vpid(pid) : NULL;
	if (!task)
		return -ESRCH;
	if (tamalloc_may_see(task))
		error = tamalloc_read_memory(task, 0, &memory);
	put_task_struct(task);
	if (error)
		return error;

	tamalloc_fill_proc(&result, &memory);
	tamalloc_put_memory(&memory);
	if (copy_to_user(info, &result, sizeof(result)))
		return -EFAULT;

	return 0;
}
