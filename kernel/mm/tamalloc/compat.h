/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that tamalloc goes into, and nothing else.
 * The Makefile beside this file defines TAMALLOC_HAS_* from the tree's headers.
 */
#ifndef _MM_TAMALLOC_COMPAT_H
#define _MM_TAMALLOC_COMPAT_H

#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/percpu_counter.h>
#include <linux/sched/signal.h>
#include <linux/sysctl.h>

#ifndef TAMALLOC_HAS_SET_ANON_NAME
#include "../internal.h"
#endif

/*
 * Pages of one kind that are resident in @mm, the memory of @task. Counters are
 * per CPU since 6.2: a plain read is off by up to a batch a CPU, only the sum is
 * exact. Before, each thread keeps its changes to itself until there were 64 page
 * faults: those of @task are added. Others that share @mm are not looked for.
 */
static inline unsigned long tamalloc_mm_counter(struct task_struct *task,
						struct mm_struct *mm, int member)
{
#ifdef TAMALLOC_HAS_PERCPU_RSS
	return percpu_counter_sum_positive(&mm->rss_stat[member]);
#elif defined(SPLIT_RSS_COUNTING)
	long pages = atomic_long_read(&mm->rss_stat.count[member]);
	struct task_struct *thread;

	rcu_read_lock();
	for_each_thread(task, thread) {
		if (READ_ONCE(thread->mm) == mm)
			pages += READ_ONCE(thread->rss_stat.count[member]);
	}
	rcu_read_unlock();

	return max(pages, 0L);
#else
	return get_mm_counter(mm, member);
#endif
}

/* Whether the OOM killer has no more to get from this address space. */
static inline bool tamalloc_mm_oom_skip(struct mm_struct *mm)
{
#ifdef TAMALLOC_HAS_MM_FLAGS
	return mm_flags_test(MMF_OOM_SKIP, mm);
#else
	return test_bit(MMF_OOM_SKIP, &mm->flags);
#endif
}

#ifdef CONFIG_ANON_VMA_NAME
/*
 * Names [start, start + len), a mapping or part of one. Under the write-held
 * mmap_lock. Since 6.17 madvise.c keeps its function to itself; what it does is
 * to split or merge mappings by mm/vma.h, and to set the name of the outcome.
 */
static inline void tamalloc_set_name(struct mm_struct *mm, unsigned long start,
				     unsigned long len,
				     struct anon_vma_name *name)
{
#ifdef TAMALLOC_HAS_SET_ANON_NAME
	madvise_set_anon_name(mm, start, len, name);
#else
	VMA_ITERATOR(vmi, mm, start);
	struct anon_vma_name *former;
	struct vm_area_struct *vma, *prev;

	vma = find_vma_prev(mm, start, &prev);
	if (!vma || vma->vm_start > start || vma->vm_end < start + len ||
	    !vma_is_anonymous(vma))
		return;
	if (vma->vm_start < start)
		prev = vma;
	vma = vma_modify_name(&vmi, prev, vma, start, start + len, name);
	if (IS_ERR(vma) || anon_vma_name_eq(anon_vma_name(vma), name))
		return;

	vma_start_write(vma);
	former = vma->anon_name;
	vma->anon_name = anon_vma_name_reuse(name);
	anon_vma_name_put(former);
#endif
}
#endif

/* Since 6.6 a table carries its size; before, it ends with an empty entry. */
#ifdef TAMALLOC_HAS_SIZED_SYSCTL
#define TAMALLOC_SYSCTL_END
#else
#define TAMALLOC_SYSCTL_END { }
#endif

#endif /* _MM_TAMALLOC_COMPAT_H */
