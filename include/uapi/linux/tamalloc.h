/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */
/*
 * tamalloc: lazily zeroed memory that can be seen.
 *
 * The binary interface between the kernel and user space, x86-64 and x32.
 * Numbers, argument order, struct layout and error codes never change. There
 * is no C library wrapper: call through syscall(2). i386 has none of these
 * calls and answers ENOSYS, as does a kernel without CONFIG_TAMALLOC.
 *
 * The historical names that 550 to 552 have in the system call table do not say
 * what the calls do; the __NR_tamalloc_* names do, and are the ones to use.
 *
 * __NR_tamalloc_total (550)
 * -------------------------
 *
 *	long total(struct tamalloc_global_info *info);
 *
 * Memory of all processes that the caller can see: those of its own pid
 * namespace, as far as they are not hidden from it. By the sysctl
 * vm.tamalloc_restrict hidden are
 *
 *	0	none
 *	1	those that it may not inspect as ptrace(2) defines for
 *		PTRACE_MODE_READ_FSCREDS
 *	2	none or those, as the caller's own /proc has it: its mount option
 *		hidepid, from 1 on, hides them from whoever is not in the group of
 *		its option gid. They are hidden as well where nothing can be known:
 *		where the caller has no /proc at /proc, or one of another pid
 *		namespace that does not hold its own. This is the default.
 *
 * Hidden are, too, those that a security module keeps from it, which is asked as
 * sched_getscheduler(2) asks. A process itself is never hidden from itself.
 *
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
 *	EPERM	the process is hidden from the caller, see __NR_tamalloc_total
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
 *
 * __NR_tamalloc_snapshot (553)
 * ----------------------------
 *
 *	long snapshot(struct tamalloc_snapshot *snapshot, size_t size);
 *
 * Fills an array with one struct tamalloc_record for each process that
 * __NR_tamalloc_total counts, by rising pid. A call fills what there is room
 * for and says in snapshot->cursor where the next one goes on.
 *
 * size is that of struct tamalloc_snapshot as the caller knows it. The struct
 * and the records grow at their end only; what either side does not know is 0,
 * and says what the shorter struct said.
 *
 * Not atomic: processes come and go meanwhile, and each record is of the moment
 * at which it was made. A process that lives throughout is reported exactly
 * once, also by several calls that go on from each other's cursor.
 *
 * Returns the number of records, or -1 with errno; then no record was written:
 *
 *	EINVAL	size is smaller than the struct was first; an unknown flag; count
 *		is 0; cursor is no pid; padding is not 0; record_size is smaller
 *		than the record was first, or not a multiple of 8; total_pages
 *		is more than an address space can have
 *	E2BIG	size or record_size is more than a page; or the struct has fields
 *		that this kernel does not know, and they are not 0
 *	EFAULT	snapshot is not writable memory, or has been unmapped meanwhile; or
 *		the first record is not. Where a later record is not, the call
 *		returns the number of those before it, and cursor is its pid;
 *		what lies behind them is undefined.
 *	ENOMEM	there is no page of memory for the kernel to work in
 */
#ifndef _UAPI_LINUX_TAMALLOC_H
#define _UAPI_LINUX_TAMALLOC_H

#include <asm/unistd.h>
#include <linux/types.h>

/* On other machines the numbers may come to mean something else. */
#if defined(__x86_64__) && !defined(__NR__202000173_tamalloc)
#ifdef __ILP32__
#define __NR__202000173_tamalloc (__X32_SYSCALL_BIT + 550)
#define __NR__202000173_memory_allocation_statistics (__X32_SYSCALL_BIT + 551)
#define __NR__202000173_tamalloc_stats (__X32_SYSCALL_BIT + 552)
#define __NR_tamalloc_snapshot (__X32_SYSCALL_BIT + 553)
#else
#define __NR__202000173_tamalloc 550
#define __NR__202000173_memory_allocation_statistics 551
#define __NR__202000173_tamalloc_stats 552
#define __NR_tamalloc_snapshot 553
#endif
#endif

#ifdef __x86_64__
#define __NR_tamalloc_total __NR__202000173_tamalloc
#define __NR_tamalloc_process __NR__202000173_memory_allocation_statistics
#define __NR_tamalloc_reserve __NR__202000173_tamalloc_stats
#endif

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

/*
 * Resident sizes and swap as the kernel's cheap counters have them: cheaper, and
 * off by up to a batch of pages a CPU. Without this flag they are exact.
 */
#define TAMALLOC_SNAPSHOT_APPROXIMATE	(1ULL << 0)
/* Processes without memory of their own, too: kernel threads, zombies. */
#define TAMALLOC_SNAPSHOT_MEMORYLESS	(1ULL << 1)

/**
 * struct tamalloc_snapshot - what __NR_tamalloc_snapshot is asked, and says
 * @flags: TAMALLOC_SNAPSHOT_*
 * @records: address of the array
 * @record_size: bytes from one record to the next, a multiple of 8, at most a
 *	page; sizeof(struct tamalloc_record)
 * @count: records for which there is room
 * @cursor: the lowest pid to report, 0 at first. Comes back as where to go on,
 *	0 when all processes have been reported.
 * @padding: 0
 * @total_pages: the memory of which the OOM badness counts @oom_score_adj
 *	thousandths, in pages: the limit of a memory cgroup, or 0 for the
 *	machine's memory and swap. Comes back as the number used.
 */
struct tamalloc_snapshot {
	__aligned_u64 flags;
	__aligned_u64 records;
	__u32 record_size;
	__u32 count;
	__u32 cursor;
	__u32 padding;
	__aligned_u64 total_pages;
};

/*
 * A process with a lower pid, which the caller may see, has the same address
 * space: its memory has been reported there.
 */
#define TAMALLOC_RECORD_SHARED		(1U << 0)
/* The OOM killer has killed it, and waits for its memory. */
#define TAMALLOC_RECORD_OOM_VICTIM	(1U << 1)
/* It is at work for the kernel (swapoff) and killed before all others. */
#define TAMALLOC_RECORD_OOM_ORIGIN	(1U << 2)

/**
 * enum tamalloc_oom_reason - why the OOM killer does not take a process
 * @TAMALLOC_OOM_ELIGIBLE: it may take it
 * @TAMALLOC_OOM_INIT: the machine's first process
 * @TAMALLOC_OOM_KERNEL_THREAD: a kernel thread
 * @TAMALLOC_OOM_NO_MEMORY: it has no address space any more
 * @TAMALLOC_OOM_DISABLED: its oom_score_adj is -1000
 * @TAMALLOC_OOM_SKIPPED: its memory has been reaped, or cannot be
 * @TAMALLOC_OOM_VFORK: it runs in its parent's address space, until it executes
 *	another program
 */
enum tamalloc_oom_reason {
	TAMALLOC_OOM_ELIGIBLE,
	TAMALLOC_OOM_INIT,
	TAMALLOC_OOM_KERNEL_THREAD,
	TAMALLOC_OOM_NO_MEMORY,
	TAMALLOC_OOM_DISABLED,
	TAMALLOC_OOM_SKIPPED,
	TAMALLOC_OOM_VFORK,
};

/**
 * struct tamalloc_record - one process in a snapshot
 * @size: bytes of this record that the kernel has filled; zeroes follow
 * @flags: TAMALLOC_RECORD_*
 * @pid: the process, as the caller's pid namespace numbers it
 * @parent: its parent's pid, 0 when that is outside the namespace
 * @user: effective user id, as the caller's user namespace numbers it
 * @threads: number of threads
 * @oom_score_adj: -1000..1000
 * @oom_reason: enum tamalloc_oom_reason
 * @oom_badness: pages. The eligible process with the highest is killed. As this
 *	kernel's OOM killer reads it: from the cheap counters, since Linux 7.0 from
 *	exact sums, whatever @flags ask for; 0 when not eligible.
 * @address_space: the same for processes that share one, and never given to
 *	another while the machine runs; 0 without, and for a process that the
 *	caller may not inspect (PTRACE_MODE_READ_FSCREDS)
 * @start_time: nanoseconds after boot; whole ticks of a hundredth of a second for
 *	a process that the caller may not inspect
 * @virtual_size: bytes, as all sizes here
 * @anonymous: resident
 * @file: resident
 * @shared_memory: resident: System V, memfd, tmpfs, shared anonymous
 * @swap: private anonymous memory that is swapped out
 * @page_tables: memory that the page tables take
 * @command: name of the first thread, with a NUL at its end
 */
struct tamalloc_record {
	__u32 size;
	__u32 flags;
	__s32 pid;
	__s32 parent;
	__u32 user;
	__u32 threads;
	__s32 oom_score_adj;
	__u32 oom_reason;
	__s64 oom_badness;
	__aligned_u64 address_space;
	__aligned_u64 start_time;
	__aligned_u64 virtual_size;
	__aligned_u64 anonymous;
	__aligned_u64 file;
	__aligned_u64 shared_memory;
	__aligned_u64 swap;
	__aligned_u64 page_tables;
	char command[16];
};

#endif /* _UAPI_LINUX_TAMALLOC_H */
