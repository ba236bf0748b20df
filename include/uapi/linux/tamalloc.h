/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */
/*
 * tamalloc: lazily zeroed memory that can be seen.
 *
 * The binary interface between the kernel and user space, x86-64 and x32.
 * Numbers, argument order, struct layout and error codes never change. There
 * is no C library wrapper: call through syscall(2). i386 has none of these
 * calls and answers ENOSYS, as does a kernel without CONFIG_TAMALLOC.
 *
 * The historical names in the system call table do not say what the calls do;
 * the __NR_tamalloc_* names do, and are the ones to use.
 *
 * __NR_tamalloc_total (550)
 * -------------------------
 *
 *	long total(struct tamalloc_global_info *info);
 *
 * Memory of all processes that the caller can see: those of its own pid
 * namespace and, with the sysctl vm.tamalloc_restrict set to 1, only those
 * that it may inspect as ptrace(2) defines for PTRACE_MODE_READ_FSCREDS.
 * Zombies and processes without memory of their own (kernel threads) do not
 * count, an address space shared by several processes counts once. Sizes are
 * added up in pages and rounded down to MiB once. The sum is not atomic:
 * processes come and go while it is made.
 *
 * Returns 0, or -1 with errno:
 *
 *	EFAULT	info is not writable memory
 *
 * __NR_tamalloc_process (551)
 * ---------------------------
 *
 *	long process(pid_t pid, struct tamalloc_proc_info *info);
 *
 * Memory of the process that has the thread pid, as the caller's pid namespace
 * numbers it. Also when the first thread of the process has exited and others
 * live on.
 *
 * Returns 0, or -1 with errno:
 *
 *	ESRCH	there is no such process or thread in the caller's pid
 *		namespace, or pid is 0 or negative
 *	EPERM	vm.tamalloc_restrict is 1 and the caller may not inspect the
 *		process
 *	EINVAL	the process has no memory of its own: a kernel thread, a zombie
 *	EFAULT	info is not writable memory
 *
 * __NR_tamalloc_reserve (552)
 * ---------------------------
 *
 *	void *reserve(size_t size);
 *
 * Reserves a private, anonymous, readable and writable region of size bytes,
 * rounded up to whole pages, at an address that the kernel chooses. No page of
 * it takes memory until it is first touched; the first touch finds zeroes. The
 * region counts as mmap(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE) would
 * against RLIMIT_AS, the overcommit policy and memory cgroups; as there, pages
 * are resident at once after mlockall(MCL_FUTURE). munmap(2) releases it, whole
 * or in parts.
 *
 * Returns the address, or -1 with errno:
 *
 *	EINVAL	size is 0
 *	ENOMEM	size does not survive rounding up to whole pages, or there is
 *		no room for the region in the address space or under a limit
 */
#ifndef _UAPI_LINUX_TAMALLOC_H
#define _UAPI_LINUX_TAMALLOC_H

#include <asm/unistd.h>
#include <linux/types.h>

#ifndef __NR__202000173_tamalloc
#if defined(__x86_64__) && defined(__ILP32__)
#define __NR__202000173_tamalloc (__X32_SYSCALL_BIT + 550)
#define __NR__202000173_memory_allocation_statistics (__X32_SYSCALL_BIT + 551)
#define __NR__202000173_tamalloc_stats (__X32_SYSCALL_BIT + 552)
#else
#define __NR__202000173_tamalloc 550
#define __NR__202000173_memory_allocation_statistics 551
#define __NR__202000173_tamalloc_stats 552
#endif
#endif

#define __NR_tamalloc_total __NR__202000173_tamalloc
#define __NR_tamalloc_process __NR__202000173_memory_allocation_statistics
#define __NR_tamalloc_reserve __NR__202000173_tamalloc_stats

/**
 * struct tamalloc_global_info - memory of all processes together
 * @aggregate_vm_mb: virtual memory, MiB
 * @aggregate_rss_mb: resident memory, MiB
 */
struct tamalloc_global_info {
	__aligned_u64 aggregate_vm_mb;
	__aligned_u64 aggregate_rss_mb;
};

/**
 * struct tamalloc_proc_info - memory of one process
 * @vm_kb: virtual memory, KiB
 * @rss_kb: resident memory, KiB
 * @rss_percent_of_vm: @rss_kb * 100 / @vm_kb, 0 when @vm_kb is 0
 * @oom_adjustment: the process's oom_score_adj, -1000..1000
 */
struct tamalloc_proc_info {
	__aligned_u64 vm_kb;
	__aligned_u64 rss_kb;
	__u32 rss_percent_of_vm;
	__s32 oom_adjustment;
};

#endif /* _UAPI_LINUX_TAMALLOC_H */
