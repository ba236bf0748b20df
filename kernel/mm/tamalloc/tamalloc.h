/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MM_TAMALLOC_H
#define _MM_TAMALLOC_H

#include <linux/bits.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/types.h>
#include <uapi/linux/tamalloc.h>

struct pid_namespace;
struct task_struct;

/**
 * struct tamalloc_memory - the memory of one process
 * @vm_pages: virtual memory, pages
 * @pages: resident memory of each kind, and swap, pages: MM_FILEPAGES, ...
 * @page_tables: bytes
 * @address_space: the number of its address space
 * @oom_score_adj: -1000..1000
 * @oom_reason: why the OOM killer does not take it
 * @mm: the address space, referenced with mmgrab(); NULL without one
 */
struct tamalloc_memory {
	unsigned long vm_pages;
	unsigned long pages[NR_MM_COUNTERS];
	unsigned long page_tables;
	u64 address_space;
	short oom_score_adj;
	enum tamalloc_oom_reason oom_reason;
	struct mm_struct *mm;
};

/* What to read beside @vm_pages, @oom_score_adj and exact resident memory. */
#define TAMALLOC_READ_APPROXIMATE	BIT(0)
#define TAMALLOC_READ_ALL		BIT(1)

/**
 * struct tamalloc_walk - a walk over the processes of a pid namespace
 * @ns: the namespace
 * @everybody: not only the processes that the caller may inspect
 * @next: where the search goes on; set at first to where it begins
 * @tgid: the process that was met last, as @ns numbers it
 * @task: the same, referenced until the walk goes on or ends
 * @error: why the walk has ended early
 */
struct tamalloc_walk {
	struct pid_namespace *ns;
	bool everybody;
	pid_t next;
	pid_t tgid;
	struct task_struct *task;
	int error;
};

/**
 * struct tamalloc_shared - address spaces already met during a walk
 * @first: where the walk began; 1 when what lies before it has been looked at
 * @slots: hash table of their numbers, 0 where there is none
 * @bits: log2 of the number of slots
 * @used: slots in use
 * @full: there are address spaces for which there was no memory
 */
struct tamalloc_shared {
	pid_t first;
	u64 *slots;
	unsigned int bits;
	unsigned int used;
	bool full;
};

/* walk.c */
void tamalloc_walk_begin(struct tamalloc_walk *walk, pid_t first);
bool tamalloc_walk_next(struct tamalloc_walk *walk);
void tamalloc_walk_end(struct tamalloc_walk *walk);
struct mm_struct *tamalloc_grab_mm(struct task_struct *task);
int tamalloc_read_memory(struct task_struct *task, unsigned int what,
			 struct tamalloc_memory *memory);
enum tamalloc_oom_reason tamalloc_oom_reason(struct task_struct *task);
void tamalloc_put_memory(struct tamalloc_memory *memory);

/* view.c */
bool tamalloc_may_inspect(struct task_struct *task);
bool tamalloc_sees_everybody(void);
bool tamalloc_security_allows(struct task_struct *task);
bool tamalloc_may_see(struct task_struct *task);

/* shared.c */
bool tamalloc_shared_seen(struct tamalloc_shared *shared,
			  const struct tamalloc_walk *walk,
			  struct mm_struct *mm);
void tamalloc_shared_release(struct tamalloc_shared *shared);

static inline unsigned long
tamalloc_rss_pages(const struct tamalloc_memory *memory)
{
	return memory->pages[MM_FILEPAGES] + memory->pages[MM_ANONPAGES] +
	       memory->pages[MM_SHMEMPAGES];
}

static inline u64 tamalloc_pages_to_kb(u64 pages)
{
	return pages << (PAGE_SHIFT - 10);
}

static inline u64 tamalloc_pages_to_mb(u64 pages)
{
	return pages >> (20 - PAGE_SHIFT);
}

static inline u32 tamalloc_percent(u64 part, u64 whole)
{
	return whole ? div64_u64(part * 100, whole) : 0;
}

/* @size in whole pages, in bytes; 0 when that does not fit an unsigned long. */
static inline unsigned long tamalloc_region_size(size_t size)
{
	return PAGE_ALIGN(size);
}

static inline void tamalloc_fill_global(struct tamalloc_global_info *info,
					u64 vm_pages, u64 rss_pages)
{
	memset(info, 0, sizeof(*info));
	info->aggregate_vm_mb = tamalloc_pages_to_mb(vm_pages);
	info->aggregate_rss_mb = tamalloc_pages_to_mb(rss_pages);
}

static inline void tamalloc_fill_proc(struct tamalloc_proc_info *info,
				      const struct tamalloc_memory *memory)
{
	memset(info, 0, sizeof(*info));
	info->vm_kb = tamalloc_pages_to_kb(memory->vm_pages);
	info->rss_kb = tamalloc_pages_to_kb(tamalloc_rss_pages(memory));
	info->rss_percent_of_vm = tamalloc_percent(info->rss_kb, info->vm_kb);
	info->oom_adjustment = memory->oom_score_adj;
}

#endif /* _MM_TAMALLOC_H */
