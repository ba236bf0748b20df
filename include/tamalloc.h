/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libtamalloc: lazily zeroed memory that can be seen.
 *
 * Memory is told in bytes everywhere. *Reserved* memory is address space,
 * *committed* memory is what is resident of it.
 *
 * The functions use the tamalloc system calls where the kernel has them, and
 * /proc and mmap(2) where it has not. Those that return an int or ssize_t return 0
 * or more, or a negative errno. They are thread safe, an iterator by one thread at a
 * time; they work after fork(2), and leave signals alone. (A walk over regions that
 * was begun before a fork goes on in one of the two processes.) They print nothing
 * and end nothing, unless a program frees or resizes what is no block of it; they
 * start no thread, unless it asks for one: see "Blocks". The state that they share
 * is the choice of the backend, and the allocator of the blocks.
 *
 * A record has room for more fields in later versions: its size is passed
 * along, as in openat2(2). A record that is larger than the library knows is
 * filled with zeroes at its end; one that is smaller than in the first version
 * is refused with -EINVAL. It is of one process, also where a pid is given to another
 * in the midst of a look. What a kernel cannot say, or the caller may not see,
 * is absent from the record's mask of fields, and 0 there.
 */
#ifndef TAMALLOC_H
#define TAMALLOC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What compilers are told of memory, as far as they know the attribute: whose size and
 * alignment the arguments are, that nothing else points to it, and what ends it.
 */
#ifdef __has_attribute
#if __has_attribute(__malloc__)
#define tamalloc_is_new_ __attribute__((__malloc__))
#endif
#if __has_attribute(__alloc_size__)
#define tamalloc_has_size_(argument) __attribute__((__alloc_size__(argument)))
#endif
#if __has_attribute(__alloc_align__)
#define tamalloc_has_alignment_(argument) __attribute__((__alloc_align__(argument)))
#endif
#endif
#if defined(__GNUC__) && __GNUC__ >= 11 && !defined(__clang__) && !defined(__INTEL_COMPILER)
#define tamalloc_ended_by_(function) __attribute__((__malloc__(function, 1)))
#endif
#ifndef tamalloc_is_new_
#define tamalloc_is_new_
#endif
#ifndef tamalloc_has_size_
#define tamalloc_has_size_(argument)
#endif
#ifndef tamalloc_has_alignment_
#define tamalloc_has_alignment_(argument)
#endif
#ifndef tamalloc_ended_by_
#define tamalloc_ended_by_(function)
#endif

/* Of the library in use, such as "0.4.0". Never NULL. */
const char *tamalloc_version(void);

/*
 * Backends
 */

enum tamalloc_backend {
	TAMALLOC_AUTO,	  /* the system calls where they answer, else /proc */
	TAMALLOC_SYSCALL, /* the system calls */
	TAMALLOC_PROC	  /* /proc and mmap(2) */
};

/*
 * Forces a backend on this process, or leaves the choice to the library.
 * Overrides the environment variable TAMALLOC_BACKEND (syscall or proc), which
 * is read at the first choice and not in programs that run setuid.
 * -EINVAL: no such backend.
 */
int tamalloc_set_backend(enum tamalloc_backend backend);

/* The backend that the next call will use; never TAMALLOC_AUTO. */
enum tamalloc_backend tamalloc_get_backend(void);

/* "syscall" or "proc"; NULL for anything else. */
const char *tamalloc_backend_name(enum tamalloc_backend backend);

/*
 * Whether a system call answers this thread: 0, -ENOSYS (the kernel has it
 * not, or a filter says so) or -EPERM (a seccomp filter). Asks the kernel each
 * time and allocates nothing. -EINVAL: number is not one of 550 to 553.
 */
int tamalloc_probe(int number);

/*
 * The memory of a process
 */

#define TAMALLOC_PARENT		(1ULL << 0)
#define TAMALLOC_USER		(1ULL << 1)
#define TAMALLOC_START_TIME	(1ULL << 2)
#define TAMALLOC_COMMAND	(1ULL << 3)
#define TAMALLOC_RESERVED	(1ULL << 4)
#define TAMALLOC_COMMITTED	(1ULL << 5)
#define TAMALLOC_ANONYMOUS	(1ULL << 6)
#define TAMALLOC_FILE		(1ULL << 7)
#define TAMALLOC_SHARED		(1ULL << 8)
#define TAMALLOC_SWAP		(1ULL << 9)
#define TAMALLOC_PAGE_TABLES	(1ULL << 10)
#define TAMALLOC_OOM_SCORE_ADJ	(1ULL << 11)
#define TAMALLOC_OOM_SCORE	(1ULL << 12)
#define TAMALLOC_THREADS	(1ULL << 13)
#define TAMALLOC_ADDRESS_SPACE	(1ULL << 14) /* the system call only */
#define TAMALLOC_OOM_BADNESS	(1ULL << 15) /* oom_badness, oom_exempt, oom_state */
#define TAMALLOC_ALL_FIELDS	((1ULL << 16) - 1)

/* Why the OOM killer does not take a process. */
enum tamalloc_exempt {
	TAMALLOC_EXEMPT_NOT,	      /* it may take it */
	TAMALLOC_EXEMPT_INIT,	      /* the machine's first process */
	TAMALLOC_EXEMPT_KERNEL_THREAD,
	TAMALLOC_EXEMPT_NO_MEMORY,    /* it has no address space any more */
	TAMALLOC_EXEMPT_DISABLED,     /* its oom_score_adj is -1000 */
	TAMALLOC_EXEMPT_SKIPPED,      /* its memory has been reaped, or cannot be */
	TAMALLOC_EXEMPT_VFORK,	      /* in its parent's address space till execve(2) */
	/* From /proc, which does not tell the last two apart. */
	TAMALLOC_EXEMPT_UNKNOWN
};

/* In tamalloc_process.oom_state; the system call only. */
#define TAMALLOC_OOM_VICTIM	(1U << 0) /* it is being killed, and waited for */
#define TAMALLOC_OOM_ORIGIN	(1U << 1) /* swapoff(2): killed before all others */

struct tamalloc_process {
	uint64_t fields;	/* which of the following are valid */
	int32_t pid;		/* always valid */
	int32_t parent;		/* its pid, 0 when it has none in sight */
	uint32_t user;		/* effective user id */
	int32_t oom_score_adj;	/* -1000 to 1000 */
	int32_t oom_score;	/* 0 to 2000: who is killed first */
	uint32_t padding;	/* 0 */
	uint64_t start_time;	/* nanoseconds after boot, or whole ticks */
	uint64_t reserved;
	uint64_t committed;
	/* What committed is made of: read a moment later, and of a process at
	 * work perhaps not adding up to it. */
	uint64_t anonymous;
	uint64_t file;
	uint64_t shared;	/* System V, memfd, tmpfs, shared anonymous */
	uint64_t swap;		/* private anonymous memory that is swapped out */
	uint64_t page_tables;
	char command[64];	/* NUL-terminated; any other byte may be in it */
	/* Since 0.3.0 */
	uint32_t threads;	/* how many */
	uint32_t oom_exempt;	/* enum tamalloc_exempt */
	/*
	 * Pages: the process with the highest is killed. Resident and swapped
	 * memory and page tables, and oom_score_adj thousandths of the memory of
	 * the machine (RAM and swap) or of what tamalloc_oom_open() is told.
	 * The system call says what this kernel's OOM killer reads: cheap counters,
	 * exact sums since Linux 7.0. /proc has cheap counters from 6.2 to 6.16, exact
	 * sums since 6.17. 0 where the process is exempt.
	 */
	int64_t oom_badness;
	/* The same of processes that share one; no other will ever have it. 0
	 * where the caller may not inspect the process. */
	uint64_t address_space;
	uint32_t oom_state;	/* TAMALLOC_OOM_* */
	uint32_t padding_2;	/* 0 */
};

/*
 * Fills record with the wanted fields (TAMALLOC_* or-ed together) of the process
 * that pid, the id of any of its threads, names in the caller's pid namespace;
 * from /proc alone, in that of the /proc that is mounted.
 * Only what is wanted is asked for: reserved, committed and oom_score_adj cost
 * least. More fields than were wanted may be filled. Of a thread that is not the
 * first, parent, user, start_time and command are its own.
 *
 * -ESRCH: no such process, or hidden from the caller. -EINVAL: a process without
 * memory of its own (a kernel thread, a zombie); size; a field that does not
 * exist. -EPERM: vm.tamalloc_restrict, the option hidepid=1 of /proc, or a
 * seccomp filter. -EACCES: a security module. -ENOENT: no /proc. -EIO: /proc does
 * not speak as proc(5) says. -EMFILE, -ENFILE, -ENOMEM. -ENOSYS: the system calls
 * were forced and are not there.
 */
int tamalloc_process(pid_t pid, uint64_t wanted, struct tamalloc_process *record,
		     size_t size);

/*
 * The path of a process's control group (cgroup v2, or the memory controller's
 * of v1) into text, which has room for size bytes, with a NUL at its end.
 * -ESRCH: no such process. -ENODATA: no such group. -ERANGE: longer than size.
 * -EPERM, -EACCES, -ENOENT, -EMFILE, -ENFILE, -ENOMEM: as above.
 */
int tamalloc_cgroup(pid_t pid, char *text, size_t size);

/*
 * All processes
 */

struct tamalloc_iterator;

/*
 * An iterator that keeps what it can between rounds: memory for the records of
 * system call 553 or, without it, descriptors of the files of a process in /proc,
 * as long as they take less than half of RLIMIT_NOFILE.
 */
#define TAMALLOC_KEEP	(1U << 0)

/*
 * Begins a walk over all processes that have memory and that the caller may ask
 * about, by rising pid. A process that comes or goes in the meantime is seen or
 * not seen; every other is seen once. Where system call 553 answers, it tells all
 * fields, and nothing in /proc is opened. Elsewhere, with TAMALLOC_KEEP, memory
 * grows by a small constant for each process.
 * -EINVAL: unknown flags or fields. -ENOENT: no /proc, or the system calls were
 * forced and /proc is that of another pid namespace. -EPERM, -ENOSYS: they were
 * forced and do not answer. -ENOMEM, -EMFILE, -ENFILE.
 */
int tamalloc_iterator_open(struct tamalloc_iterator **iterator, uint64_t wanted,
			   unsigned int flags);

/*
 * The next process: 1 when record has been filled, 0 after the last one.
 * -EINVAL: size. -EPERM: a seccomp filter refuses even what may always be asked.
 * -ENOMEM, -EMFILE, -ENFILE, -EIO. An error ends the round.
 */
int tamalloc_iterator_next(struct tamalloc_iterator *iterator,
			   struct tamalloc_process *record, size_t size);

/* Begins the next round. Errors as when it was opened. */
int tamalloc_iterator_rewind(struct tamalloc_iterator *iterator);

/* Frees it; NULL is allowed. */
void tamalloc_iterator_close(struct tamalloc_iterator *iterator);

/*
 * Who is killed when memory runs out
 */

struct tamalloc_oom;

/*
 * Looks who would be killed now, if memory ran out: in the whole machine where
 * cgroup is NULL or the root, else in the memory cgroup of this path when it meets
 * its limit. The path is as /proc/PID/cgroup writes it (version 2, or the memory
 * controller's of version 1), or that of the cgroup's directory. The answer is of
 * this moment; it does not change later.
 *
 * Processes without memory, outside the caller's pid namespace, or hidden from
 * the caller are not looked at, though the OOM killer may take the latter two.
 *
 * -ENOENT: no such cgroup, no /proc, or that of another pid namespace. -ENODATA:
 * memory cgroups are not mounted, or the memory controller is not enabled in this
 * one. -EACCES: the cgroup's files. -EIO: they, or /proc, do not speak as they
 * should. -EPERM, -ENOMEM, -EMFILE, -ENFILE, -ENOSYS: as
 * tamalloc_iterator_open().
 */
int tamalloc_oom_open(struct tamalloc_oom **oom, const char *cgroup);

#define TAMALLOC_DOMAIN_TOTAL	   (1ULL << 0)
#define TAMALLOC_DOMAIN_PANIC	   (1ULL << 1)
#define TAMALLOC_DOMAIN_ALLOCATING (1ULL << 2) /* the machine only */
#define TAMALLOC_DOMAIN_CONFINED   (1ULL << 3) /* the machine only */
#define TAMALLOC_DOMAIN_KILLING	   (1ULL << 4) /* the system call only */

/* In tamalloc_oom_domain.confined */
#define TAMALLOC_CONFINED_CPUSET (1U << 0) /* of the caller: not all memory nodes */
#define TAMALLOC_CONFINED_POLICY (1U << 1) /* set_mempolicy(2): bound to some */

/* What runs out, and what would happen then beside or instead of a kill. */
struct tamalloc_oom_domain {
	uint64_t fields;	/* which of the following are valid */
	uint64_t total;		/* pages: the memory of which oom_score_adj counts
				 * thousandths: RAM and swap, or the cgroup's limit */
	uint32_t panic;		/* vm.panic_on_oom: 0 no, 1 yes, but not for a limit,
				 * 2 always */
	uint32_t kills_allocating; /* vm.oom_kill_allocating_task; not 0: whoever asks
				 * for memory at that moment is killed instead, unless
				 * it is exempt. Not for a cgroup's limit. */
	uint32_t confined;	/* TAMALLOC_CONFINED_*: where the caller's own
				 * allocations would run out earlier */
	uint32_t is_unlimited;	/* 1: the cgroup has no limit of its own; that of one
				 * above it, or the machine, will decide */
	int32_t killing;	/* this process is being killed already, and no other
				 * will be until its memory is back; 0: none */
	uint32_t padding;	/* 0 */
};

/* -EINVAL: size. */
int tamalloc_oom_domain(const struct tamalloc_oom *oom,
			struct tamalloc_oom_domain *domain, size_t size);

/*
 * The processes in the order in which they would be taken, those that are exempt
 * at the end, by pid: 1 when record is filled, 0 after the last one. The record
 * has all fields but TAMALLOC_OOM_SCORE that can be had. Of equal badness the
 * one that was started last is taken first; in a cgroup the last in its list, and
 * those of the cgroups in it, the youngest first, before its own.
 * -EINVAL: size.
 */
int tamalloc_oom_next(struct tamalloc_oom *oom, struct tamalloc_process *record,
		      size_t size);

/* Begins anew with the first process. */
void tamalloc_oom_rewind(struct tamalloc_oom *oom);

/* Why a process dies with another. */
enum tamalloc_oom_bond {
	TAMALLOC_BOND_ITSELF,
	TAMALLOC_BOND_ADDRESS_SPACE, /* it shares that of another that dies */
	TAMALLOC_BOND_GROUP	     /* memory.oom.group of a cgroup that holds both */
};

struct tamalloc_oom_victim {
	int32_t pid;
	uint32_t bond; /* enum tamalloc_oom_bond */
};

/*
 * Who would die if pid were taken: pid first, then the others by rising pid, with
 * the cgroups as they are now. Returns how many there are, also if there is no room
 * for all of them. Without the system call, shared address spaces are known of
 * processes which the caller may compare with kcmp(2). size is that of one of the
 * records.
 * -ESRCH: pid was not among the processes. -EINVAL: size. -ENOMEM, -EMFILE, -ENFILE.
 */
ssize_t tamalloc_oom_victims_sized(const struct tamalloc_oom *oom, pid_t pid,
				   struct tamalloc_oom_victim *victims, size_t room,
				   size_t size);

/*
 * The same with records as they are here. The library has a function of this name too,
 * whose records are for ever those of 0.3.0: for programs that were compiled then, and
 * those that look it up.
 */
static inline ssize_t tamalloc_oom_victims(const struct tamalloc_oom *oom, pid_t pid,
					   struct tamalloc_oom_victim *victims, size_t room)
{
	return tamalloc_oom_victims_sized(oom, pid, victims, room, sizeof(*victims));
}

/* Frees it; NULL is allowed. */
void tamalloc_oom_close(struct tamalloc_oom *oom);

/*
 * The whole machine
 */

#define TAMALLOC_TOTAL_PROCESSES	(1ULL << 0) /* reserved, committed */
#define TAMALLOC_TOTAL_MEMORY		(1ULL << 1) /* memory, available */
#define TAMALLOC_TOTAL_SWAP		(1ULL << 2) /* swap, swap_free */
#define TAMALLOC_TOTAL_COMMIT		(1ULL << 3) /* commit_limit, commit_charge */
#define TAMALLOC_TOTAL_OVERCOMMIT	(1ULL << 4) /* overcommit */
#define TAMALLOC_TOTAL_ALL_FIELDS	((1ULL << 5) - 1)

struct tamalloc_total {
	uint64_t fields;	/* which of the following are valid */
	uint64_t reserved;	/* of all processes in the caller's pid namespace,
				 * from /proc in that of the one mounted */
	uint64_t committed;
	/*
	 * reserved and committed are whole multiples of this, rounded down:
	 * 1 MiB from the system call, a page from /proc.
	 */
	uint64_t granularity;
	/*
	 * Processes of which it is not known whether they share their address
	 * space with another, and which are therefore counted: several have one
	 * of the same size, and the caller may not compare them with kcmp(2).
	 * The system call leaves no doubt.
	 */
	uint64_t doubtful;
	uint64_t memory;	/* of the machine */
	uint64_t available;	/* the kernel's estimate of what can be had */
	uint64_t swap;
	uint64_t swap_free;
	uint64_t commit_limit;	/* binding only where overcommit is 2 */
	uint64_t commit_charge;	/* promised: Committed_AS */
	uint32_t overcommit;	/* vm.overcommit_memory: 0, 1 or 2 */
	uint32_t padding;	/* 0 */
};

/*
 * The sums over all processes, an address space that several share counted
 * once, and the figures of the machine; only what is wanted.
 * -EINVAL: size, or a field that does not exist. -EPERM: a seccomp filter.
 * -ENOENT: no /proc. -EIO: it does not speak as proc(5) says. -ENOMEM, -EMFILE,
 * -ENFILE. -ENOSYS: the system calls were forced and are not there.
 */
int tamalloc_total(uint64_t wanted, struct tamalloc_total *record, size_t size);

/*
 * The regions of a process
 */

struct tamalloc_regions;

#define TAMALLOC_REGION_MEMORY	(1ULL << 0) /* committed, private, swap */

/* In tamalloc_region.access */
#define TAMALLOC_READ		(1U << 0)
#define TAMALLOC_WRITE		(1U << 1)
#define TAMALLOC_EXECUTE	(1U << 2)
#define TAMALLOC_MAP_SHARED	(1U << 3)

struct tamalloc_region {
	uint64_t fields;
	uint64_t start;
	uint64_t reserved;	/* its length: it ends before start + reserved */
	uint64_t committed;
	uint64_t private_memory; /* as much of it as no other process shares */
	uint64_t swap;
	uint64_t offset;	/* into the file */
	uint32_t access;
	uint32_t is_tamalloc;	/* 1: reserved by tamalloc and named so */
	const char *name;	/* file, [heap], [anon:...]; "" when it has none.
				 * Good until the next call. */
};

/*
 * Begins a walk over the regions of a process, by rising address. Reserved sizes
 * need the permission that /proc/PID/maps needs.
 * -ESRCH, -EACCES (another user's process), -EPERM (the option hidepid=1 of
 * /proc), -EINVAL (no memory of its own), -ENOENT (no /proc), -ENOMEM, -EMFILE,
 * -ENFILE.
 */
int tamalloc_regions_open(struct tamalloc_regions **regions, pid_t pid);

/*
 * 1: region is filled, 0: there are no more, or the process has ended. -EINVAL:
 * size. -EIO: /proc does not speak as proc(5) says. -ENOMEM.
 */
int tamalloc_regions_next(struct tamalloc_regions *regions,
			  struct tamalloc_region *region, size_t size);

void tamalloc_regions_close(struct tamalloc_regions *regions);

/*
 * Memory
 */

/*
 * Reserves size bytes, rounded up to whole pages, of lazily zeroed memory:
 * private, readable and writable, not counted until touched. Named
 * [anon:tamalloc] in /proc/PID/maps where the kernel has names. NULL and errno:
 * EINVAL (size is 0), ENOMEM, EPERM (a seccomp filter), ENOSYS (the system calls
 * were forced and are not there).
 */
void *tamalloc_reserve(size_t size) tamalloc_is_new_;

/*
 * Gives back whole pages of a region, not necessarily all of it: -EINVAL when
 * address is not that of a page, or size is 0. -ENOMEM when what remains would
 * be one region more than a process may have.
 */
int tamalloc_release(void *address, size_t size);

/*
 * Blocks
 *
 * Memory that reads as zero, cheap the second time too: of a large block that was used
 * before, only the pages that were touched are zeroed, or they are given back to the
 * kernel, whichever costs less. Freed memory is cached for about a second. Large blocks
 * (from 120 KiB on) begin with a page and are lazily committed; small ones are the C
 * library's.
 *
 * The mapping of a block is the library's: mmap(2) with MAP_FIXED, munmap(2), mremap(2),
 * mprotect(2), mlock(2), userfaultfd(2), and advice of madvise(2) that lasts are not allowed
 * on it; MADV_DONTNEED and MADV_FREE are. The preloaded library notices these calls, and
 * undoes them when the block is freed.
 *
 * Thread safe; they may be used in constructors, and in the child of a fork(2), also
 * of a process with other threads. A fork never waits for them. Not in a signal handler. Where a pointer is none that
 * tamalloc() gave, was freed already, or points into a block, a line on stderr says
 * so and abort(3) ends the program; where no memory is any more, SIGSEGV may.
 */

/* Frees a block; NULL is allowed. Leaves errno as it is. */
void tamfree(void *block);

/*
 * The block with another size, perhaps elsewhere; what is behind the former size reads as
 * zero. Grows where it is if there is room, else pages are moved, not copied, where
 * that is possible. NULL for block: as tamalloc(). NULL and errno: ENOMEM; the block
 * is as it was.
 */
void *tamrealloc(void *block, size_t size);
void *tamrealloc(void *block, size_t size)
	tamalloc_has_size_(2) tamalloc_ended_by_(tamfree) tamalloc_ended_by_(tamrealloc);

/*
 * size bytes that read as zero, aligned for any type; 0: a block of which nothing may be
 * used. NULL and errno: ENOMEM.
 */
void *tamalloc(size_t size)
	tamalloc_is_new_ tamalloc_has_size_(1)
	tamalloc_ended_by_(tamfree) tamalloc_ended_by_(tamrealloc);

/* The same at a multiple of alignment. NULL and errno: EINVAL (no power of two), ENOMEM. */
void *tamalloc_aligned(size_t alignment, size_t size)
	tamalloc_is_new_ tamalloc_has_alignment_(1) tamalloc_has_size_(2)
	tamalloc_ended_by_(tamfree) tamalloc_ended_by_(tamrealloc);

/*
 * How many bytes of the block may be used, at least as many as were asked for. A compiler
 * knows of those that were asked for: a program that uses more, and is compiled to check
 * what it writes (_FORTIFY_SOURCE), asks tamrealloc() for them first.
 */
size_t tamalloc_usable_size(void *block);

/* All of the block reads as zero again. NULL is allowed. Leaves errno as it is. */
void tamalloc_reset(void *block);

/*
 * How many bytes of the block are resident; of a small one, its size. The kernel is asked:
 * microseconds.
 */
size_t tamalloc_committed(void *block);

/* Gives all cached memory back to the kernel: so many bytes. */
size_t tamalloc_trim(void);

struct tamalloc_statistics {
	uint64_t reserved;	/* address space of large blocks and of what is cached */
	uint64_t committed;	/* resident of the large blocks that are in use */
	uint64_t cached;	/* resident, freed */
	uint64_t blocks;	/* large ones in use */
	/* Since the program began, or was forked: */
	uint64_t handed_out;	/* large blocks */
	uint64_t allocated;	/* bytes of them, in whole pages */
	uint64_t zeroed;	/* bytes that had to be zeroed for that */
	uint64_t zeroed_nothing; /* blocks of which nothing had to be zeroed, */
	uint64_t zeroed_touched; /* pages that had been touched, */
	uint64_t zeroed_whole;	/* all */
	uint64_t kept;		/* blocks whose pages were cached when they were freed */
	uint64_t dropped;	/* blocks whose pages were given back then, ... */
	uint64_t dropped_bytes;	/* ... so many bytes, in part estimated */
	uint64_t released_bytes; /* given back out of the cache */
};

/*
 * What the allocator of this process has done. Looks at every block: microseconds for
 * each.
 * -EINVAL: size.
 */
int tamalloc_statistics(struct tamalloc_statistics *record, size_t size);

enum tamalloc_setting {
	TAMALLOC_BACKGROUND,	/* 1: a thread gives cached memory back also when the
				 * program makes no call; 0: calls do; unless set,
				 * a thread does in programs that have some */
	TAMALLOC_DECAY,		/* milliseconds that freed memory is cached: 0 to
				 * 3,600,000; 1,000 */
	TAMALLOC_CACHE,		/* percent that live and cached memory together may be above
				 * the recent peak of live memory: 0 to 1,000; 20 */
	TAMALLOC_HUGE_PAGES,	/* 1, the default: dense blocks may ask for huge pages */
	TAMALLOC_LOOK		/* 0: only system calls that malloc(3) makes, before a filter
				 * that kills for others; 1: all; unless set, all but those
				 * that a filter the program was started with may refuse */
};

/*
 * Changes a setting; the environment variable of the same name is not looked at then.
 * -EINVAL: no such setting, or the value is out of its range.
 */
int tamalloc_set(enum tamalloc_setting setting, long value);

/*
 * What limits the answers
 */

#define TAMALLOC_SYSTEM_RESTRICT	(1ULL << 0)
#define TAMALLOC_SYSTEM_HIDEPID		(1ULL << 1)
#define TAMALLOC_SYSTEM_NAMESPACE	(1ULL << 2)
#define TAMALLOC_SYSTEM_SECCOMP		(1ULL << 3)
#define TAMALLOC_SYSTEM_KCMP		(1ULL << 4)
#define TAMALLOC_SYSTEM_OPEN_FILES	(1ULL << 5)
#define TAMALLOC_SYSTEM_STATM		(1ULL << 6)

struct tamalloc_system {
	uint64_t fields;	/* which of the following are valid */
	uint32_t restricted;	/* the sysctl vm.tamalloc_restrict: 0, 1 or 2 */
	uint32_t hidepid;	/* of /proc: 0, 1, 2 or 4 (ptraceable) */
	uint32_t in_namespace;	/* 1: not in the machine's first pid namespace */
	uint32_t seccomp;	/* of this thread: 0 none, 1 strict, 2 filter */
	uint32_t has_kcmp;	/* 1: address spaces can be compared */
	uint32_t statm_is_exact; /* 1: /proc tells committed memory to the page */
	uint64_t open_files;	/* the soft limit of descriptors, RLIMIT_NOFILE */
};

/* -EINVAL: size. -ENOENT: no /proc. -EMFILE, -ENFILE. */
int tamalloc_system(struct tamalloc_system *record, size_t size);

#undef tamalloc_is_new_
#undef tamalloc_has_size_
#undef tamalloc_has_alignment_
#undef tamalloc_ended_by_

#ifdef __cplusplus
}
#endif

#endif /* TAMALLOC_H */
