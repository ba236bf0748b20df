// SPDX-License-Identifier: MIT
/*
 * The binary interface of the library on x86-64, as far as the compiler knows
 * it; abi.t compiles this and looks no further. A record grows at its end only:
 * then its size changes here, and lines are added.
 */
#include <tamalloc.h>

#define RECORD(record, size) \
	_Static_assert(sizeof(struct record) == (size), "size of " #record)
#define MEMBER(record, member, offset, size)                               \
	_Static_assert(offsetof(struct record, member) == (offset) &&      \
			       sizeof(((struct record *)0)->member) == (size), \
		       #record "." #member)
#define VALUE(constant, value) \
	_Static_assert((constant) == (value), #constant)

RECORD(tamalloc_process, 192);
MEMBER(tamalloc_process, fields, 0, 8);
MEMBER(tamalloc_process, pid, 8, 4);
MEMBER(tamalloc_process, parent, 12, 4);
MEMBER(tamalloc_process, user, 16, 4);
MEMBER(tamalloc_process, oom_score_adj, 20, 4);
MEMBER(tamalloc_process, oom_score, 24, 4);
MEMBER(tamalloc_process, padding, 28, 4);
MEMBER(tamalloc_process, start_time, 32, 8);
MEMBER(tamalloc_process, reserved, 40, 8);
MEMBER(tamalloc_process, committed, 48, 8);
MEMBER(tamalloc_process, anonymous, 56, 8);
MEMBER(tamalloc_process, file, 64, 8);
MEMBER(tamalloc_process, shared, 72, 8);
MEMBER(tamalloc_process, swap, 80, 8);
MEMBER(tamalloc_process, page_tables, 88, 8);
MEMBER(tamalloc_process, command, 96, 64);
MEMBER(tamalloc_process, threads, 160, 4);
MEMBER(tamalloc_process, oom_exempt, 164, 4);
MEMBER(tamalloc_process, oom_badness, 168, 8);
MEMBER(tamalloc_process, address_space, 176, 8);
MEMBER(tamalloc_process, oom_state, 184, 4);
MEMBER(tamalloc_process, padding_2, 188, 4);

RECORD(tamalloc_oom_domain, 40);
MEMBER(tamalloc_oom_domain, fields, 0, 8);
MEMBER(tamalloc_oom_domain, total, 8, 8);
MEMBER(tamalloc_oom_domain, panic, 16, 4);
MEMBER(tamalloc_oom_domain, kills_allocating, 20, 4);
MEMBER(tamalloc_oom_domain, confined, 24, 4);
MEMBER(tamalloc_oom_domain, is_unlimited, 28, 4);
MEMBER(tamalloc_oom_domain, killing, 32, 4);
MEMBER(tamalloc_oom_domain, padding, 36, 4);

RECORD(tamalloc_oom_victim, 8);
MEMBER(tamalloc_oom_victim, pid, 0, 4);
MEMBER(tamalloc_oom_victim, bond, 4, 4);

RECORD(tamalloc_total, 96);
MEMBER(tamalloc_total, fields, 0, 8);
MEMBER(tamalloc_total, reserved, 8, 8);
MEMBER(tamalloc_total, committed, 16, 8);
MEMBER(tamalloc_total, granularity, 24, 8);
MEMBER(tamalloc_total, doubtful, 32, 8);
MEMBER(tamalloc_total, memory, 40, 8);
MEMBER(tamalloc_total, available, 48, 8);
MEMBER(tamalloc_total, swap, 56, 8);
MEMBER(tamalloc_total, swap_free, 64, 8);
MEMBER(tamalloc_total, commit_limit, 72, 8);
MEMBER(tamalloc_total, commit_charge, 80, 8);
MEMBER(tamalloc_total, overcommit, 88, 4);
MEMBER(tamalloc_total, padding, 92, 4);

RECORD(tamalloc_region, 72);
MEMBER(tamalloc_region, fields, 0, 8);
MEMBER(tamalloc_region, start, 8, 8);
MEMBER(tamalloc_region, reserved, 16, 8);
MEMBER(tamalloc_region, committed, 24, 8);
MEMBER(tamalloc_region, private_memory, 32, 8);
MEMBER(tamalloc_region, swap, 40, 8);
MEMBER(tamalloc_region, offset, 48, 8);
MEMBER(tamalloc_region, access, 56, 4);
MEMBER(tamalloc_region, is_tamalloc, 60, 4);
MEMBER(tamalloc_region, name, 64, 8);

RECORD(tamalloc_statistics, 112);
MEMBER(tamalloc_statistics, reserved, 0, 8);
MEMBER(tamalloc_statistics, committed, 8, 8);
MEMBER(tamalloc_statistics, cached, 16, 8);
MEMBER(tamalloc_statistics, blocks, 24, 8);
MEMBER(tamalloc_statistics, handed_out, 32, 8);
MEMBER(tamalloc_statistics, allocated, 40, 8);
MEMBER(tamalloc_statistics, zeroed, 48, 8);
MEMBER(tamalloc_statistics, zeroed_nothing, 56, 8);
MEMBER(tamalloc_statistics, zeroed_touched, 64, 8);
MEMBER(tamalloc_statistics, zeroed_whole, 72, 8);
MEMBER(tamalloc_statistics, kept, 80, 8);
MEMBER(tamalloc_statistics, dropped, 88, 8);
MEMBER(tamalloc_statistics, dropped_bytes, 96, 8);
MEMBER(tamalloc_statistics, released_bytes, 104, 8);

RECORD(tamalloc_system, 40);
MEMBER(tamalloc_system, fields, 0, 8);
MEMBER(tamalloc_system, restricted, 8, 4);
MEMBER(tamalloc_system, hidepid, 12, 4);
MEMBER(tamalloc_system, in_namespace, 16, 4);
MEMBER(tamalloc_system, seccomp, 20, 4);
MEMBER(tamalloc_system, has_kcmp, 24, 4);
MEMBER(tamalloc_system, statm_is_exact, 28, 4);
MEMBER(tamalloc_system, open_files, 32, 8);

VALUE(TAMALLOC_AUTO, 0);
VALUE(TAMALLOC_SYSCALL, 0x1);
VALUE(TAMALLOC_PROC, 0x2);
VALUE(TAMALLOC_PARENT, 0x1);
VALUE(TAMALLOC_USER, 0x2);
VALUE(TAMALLOC_START_TIME, 0x4);
VALUE(TAMALLOC_COMMAND, 0x8);
VALUE(TAMALLOC_RESERVED, 0x10);
VALUE(TAMALLOC_COMMITTED, 0x20);
VALUE(TAMALLOC_ANONYMOUS, 0x40);
VALUE(TAMALLOC_FILE, 0x80);
VALUE(TAMALLOC_SHARED, 0x100);
VALUE(TAMALLOC_SWAP, 0x200);
VALUE(TAMALLOC_PAGE_TABLES, 0x400);
VALUE(TAMALLOC_OOM_SCORE_ADJ, 0x800);
VALUE(TAMALLOC_OOM_SCORE, 0x1000);
VALUE(TAMALLOC_THREADS, 0x2000);
VALUE(TAMALLOC_ADDRESS_SPACE, 0x4000);
VALUE(TAMALLOC_OOM_BADNESS, 0x8000);
VALUE(TAMALLOC_ALL_FIELDS, 0xffff);
VALUE(TAMALLOC_EXEMPT_NOT, 0);
VALUE(TAMALLOC_EXEMPT_INIT, 0x1);
VALUE(TAMALLOC_EXEMPT_KERNEL_THREAD, 0x2);
VALUE(TAMALLOC_EXEMPT_NO_MEMORY, 0x3);
VALUE(TAMALLOC_EXEMPT_DISABLED, 0x4);
VALUE(TAMALLOC_EXEMPT_SKIPPED, 0x5);
VALUE(TAMALLOC_EXEMPT_VFORK, 0x6);
VALUE(TAMALLOC_EXEMPT_UNKNOWN, 0x7);
VALUE(TAMALLOC_OOM_VICTIM, 0x1);
VALUE(TAMALLOC_OOM_ORIGIN, 0x2);
VALUE(TAMALLOC_DOMAIN_TOTAL, 0x1);
VALUE(TAMALLOC_DOMAIN_PANIC, 0x2);
VALUE(TAMALLOC_DOMAIN_ALLOCATING, 0x4);
VALUE(TAMALLOC_DOMAIN_CONFINED, 0x8);
VALUE(TAMALLOC_DOMAIN_KILLING, 0x10);
VALUE(TAMALLOC_CONFINED_CPUSET, 0x1);
VALUE(TAMALLOC_CONFINED_POLICY, 0x2);
VALUE(TAMALLOC_BOND_ITSELF, 0);
VALUE(TAMALLOC_BOND_ADDRESS_SPACE, 0x1);
VALUE(TAMALLOC_BOND_GROUP, 0x2);
VALUE(TAMALLOC_KEEP, 0x1);
VALUE(TAMALLOC_TOTAL_PROCESSES, 0x1);
VALUE(TAMALLOC_TOTAL_MEMORY, 0x2);
VALUE(TAMALLOC_TOTAL_SWAP, 0x4);
VALUE(TAMALLOC_TOTAL_COMMIT, 0x8);
VALUE(TAMALLOC_TOTAL_OVERCOMMIT, 0x10);
VALUE(TAMALLOC_TOTAL_ALL_FIELDS, 0x1f);
VALUE(TAMALLOC_REGION_MEMORY, 0x1);
VALUE(TAMALLOC_READ, 0x1);
VALUE(TAMALLOC_WRITE, 0x2);
VALUE(TAMALLOC_EXECUTE, 0x4);
VALUE(TAMALLOC_MAP_SHARED, 0x8);
VALUE(TAMALLOC_BACKGROUND, 0);
VALUE(TAMALLOC_DECAY, 0x1);
VALUE(TAMALLOC_CACHE, 0x2);
VALUE(TAMALLOC_HUGE_PAGES, 0x3);
VALUE(TAMALLOC_LOOK, 0x4);
VALUE(TAMALLOC_SYSTEM_RESTRICT, 0x1);
VALUE(TAMALLOC_SYSTEM_HIDEPID, 0x2);
VALUE(TAMALLOC_SYSTEM_NAMESPACE, 0x4);
VALUE(TAMALLOC_SYSTEM_SECCOMP, 0x8);
VALUE(TAMALLOC_SYSTEM_KCMP, 0x10);
VALUE(TAMALLOC_SYSTEM_OPEN_FILES, 0x20);
VALUE(TAMALLOC_SYSTEM_STATM, 0x40);
