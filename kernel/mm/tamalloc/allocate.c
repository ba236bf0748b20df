// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions of lazily zeroed memory.
 */
#define pr_fmt(fmt) "tamalloc: " fmt

#include <linux/init.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/syscalls.h>

#include "compat.h"
#include "tamalloc.h"

#ifdef CONFIG_ANON_VMA_NAME
/* One for all regions: naming one takes a reference and cannot fail for it. */
static struct anon_vma_name *region_name __ro_after_init;

static int __init region_name_init(void)
{
	region_name = anon_vma_name_alloc("tamalloc");
	return region_name ? 0 : -ENOMEM;
}
core_initcall(region_name_init);

/*
 * A name is a courtesy to whoever reads /proc/PID/maps: the region is good
 * without it. If another thread has already unmapped the region, whose address
 * it can only have guessed, the name goes to what that thread mapped instead.
 */
static void name_region(unsigned long addr, unsigned long len)
{
	struct mm_struct *mm = current->mm;

	if (!region_name || mmap_write_lock_killable(mm))
		return;
	tamalloc_set_name(mm, addr, len, region_name);
	mmap_write_unlock(mm);
}
#else
static void name_region(unsigned long addr, unsigned long len)
{
}
#endif

/**
 * sys__202000173_tamalloc_stats - reserve a region of lazily zeroed memory
 * @size: bytes, rounded up to whole pages
 *
 * The region is private, anonymous, readable, writable and not reserved, at an
 * address that the kernel chooses. None of its pages is resident until it is
 * touched; the first touch finds zeroes. RLIMIT_AS, the overcommit policy and
 * memory cgroups hold as for mmap() with the same flags, munmap() releases it.
 *
 * Return:
 * * the address
 * * %-EINVAL - @size is 0
 * * %-ENOMEM - @size does not survive rounding up, or the mapping failed; the
 *   latter is reported in the kernel log, rate-limited
 */
SYSCALL_DEFINE1(_202000173_tamalloc_stats, size_t, size)
{
	unsigned long len = tamalloc_region_size(size);
	unsigned long addr;

	if (!size)
		return -EINVAL;
	if (!len)
		return -ENOMEM;

	addr = vm_mmap(NULL, 0, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, 0);
	if (IS_ERR_VALUE(addr)) {
		pr_info_ratelimited("%s[%d]: cannot reserve %zu bytes (error %ld)\n",
				    current->comm, task_pid_nr(current), size,
				    (long)addr);
		return -ENOMEM;
	}

	name_region(addr, len);
	return addr;
}
