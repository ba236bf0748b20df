/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/* What the files of the library share. Functions return 0 or a negative errno. */
#ifndef LIB_INTERNAL_H
#define LIB_INTERNAL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

/* All else is hidden: -fvisibility=hidden. */
#pragma GCC visibility push(default)
#include <tamalloc.h>
#pragma GCC visibility pop

/*
 * backend.c
 */

struct backend {
	enum tamalloc_backend kind; /* never TAMALLOC_AUTO */
	bool is_forced;
};

struct backend backend_choose(void);

/* Whether an answer of a system call means that /proc has to be asked. */
bool backend_falls_back(struct backend backend, int err);

/*
 * calls.c: the only file that knows the numbers of the system calls
 */

#define FIELDS_OF_CALL (TAMALLOC_RESERVED | TAMALLOC_COMMITTED | TAMALLOC_OOM_SCORE_ADJ)

struct tamalloc_snapshot;

int call_process(pid_t pid, struct tamalloc_process *record);
int call_total(struct tamalloc_total *record);
int call_reserve(size_t size, void **address);

/* How many records it has filled. */
int call_snapshot(struct tamalloc_snapshot *snapshot);

/*
 * snapshot.c: all processes by a few system calls
 */

struct snapshot {
	struct tamalloc_record *records; /* NULL before the first round */
	size_t count, next;
	uint32_t cursor;	/* where the next call goes on; 0: nowhere */
	uint64_t wanted_pages;	/* 0: the machine's */
	uint64_t total_pages;	/* what oom_badness counts thousandths of */
};

/* Begins a round. -ENOMEM; whatever else it is means that the call is not there. */
int snapshot_begin(struct snapshot *snapshot, uint64_t total_pages);

/* 1: process is filled with all fields; 0: there are no more. */
int snapshot_next(struct snapshot *snapshot, struct tamalloc_process *process);

void snapshot_free(struct snapshot *snapshot);

/* One process; an error also where pid is that of another thread than the first. */
int snapshot_one(pid_t pid, struct tamalloc_process *process);

/*
 * reserve.c
 */

/* As tamalloc_reserve(), but for errno: 0 or a negative errno. */
int reserve_region(size_t size, void **address);

/*
 * look.c: which system calls may be made besides those of malloc(3)
 */

/* TAMALLOC_LOOK: 0 none, 1 all; below 0: all, but under a filter of system calls. */
extern _Atomic int look_setting;

/* Files may be opened and read, as the loader does. */
bool look_plainly(void);

/* All may be made. */
bool look_fully(void);

/*
 * direct.c: system calls whose names in the C library are the program's. What they return,
 * or a negative errno; errno stays as it is.
 */

struct rlimit;
struct stat;

/* For reading, closed by exec. */
int direct_open(const char *path);
void direct_close(int fd);

/* The first bytes of a file, at most size - 1 of them, and a NUL; how many. */
ssize_t direct_text(const char *path, char *text, size_t size);

ssize_t direct_read_at(int fd, void *to, size_t size, off_t offset);
int direct_status(int fd, struct stat *status);
int direct_status_of(const char *path, struct stat *status);
int direct_fcntl(int fd, int command, long argument);
int direct_ioctl(int fd, unsigned long request, void *argument);
int direct_limit(int resource, struct rlimit *limit);
ssize_t direct_random(void *bytes, size_t size, unsigned int flags);

pid_t direct_pid(void);

/* Of this process's own memory; fails where there is none. */
ssize_t direct_copy(void *to, const void *from, size_t size);

/* What PR_GET_SECCOMP tells. */
int direct_has_filter(void);

/*
 * mapping.c: what the kernel does with mappings. errno stays as it is.
 */

/* Lazily zeroed memory, private, not reserved, named: 552 without the call. */
int mapping_new(size_t size, void **address);

/* The same, but nobody can read or write it before mapping_show(). */
int mapping_new_hidden(size_t size, void **address);
int mapping_show(void *address, size_t size);

/* The same in place of whatever is there. An error: what was there may be gone. */
int mapping_renew(void *address, size_t size);

/* Takes the memory and every access away, and keeps the addresses. Errors as above. */
int mapping_hide(void *address, size_t size);

/* The same where nothing is. -EEXIST: something is, and stays. */
int mapping_fill(void *address, size_t size);

int mapping_remove(void *address, size_t size);
int mapping_advise(void *address, size_t size, int advice);

/* Locked memory: from now on as it is touched, not at once. */
int mapping_lock_on_fault(void *address, size_t size);

/* A byte for each page, of which the lowest bit tells whether it is in memory. */
int mapping_residency(void *address, size_t size, unsigned char *states);

/*
 * Moves pages to other addresses, of whatever is there, and lets them grow: all of it is
 * one mapping then. 0: nothing is at the former addresses any more. An error: the pages
 * are where they were, but what was at the others may be gone.
 */
int mapping_move(void *to, size_t to_size, void *from, size_t size);

/* Whether one mapping has all of it, as mapping_move() needs. False where that is not known. */
bool mapping_is_one(void *address, size_t size);

/*
 * files.c: the files of /proc
 */

enum file { FILE_STATM, FILE_OOM_SCORE_ADJ, FILE_COMMAND, FILE_STAT, FILE_STATUS,
	    FILE_OOM_SCORE, FILE_DIRECTORY /* the process's, with those */, FILES };

/*
 * A process in /proc. Everything is read below one descriptor of its directory: that
 * leads to this process for ever, or nowhere, while the pid may be given to another
 * between two reads. Descriptors may be kept from one time to the next, -1 where there
 * is none.
 */
struct place {
	int proc;      /* /proc, or a negative errno */
	pid_t pid;
	int directory; /* /proc/PID; -1: not open */
	int *kept;     /* NULL: nothing is */
	int *budget;   /* descriptors that may still be kept */
	bool *is_kernel_thread; /* where something is kept: so it was found to be */
};

/* Opens /proc. -ENOENT: it is not there. */
int open_proc(void);

/*
 * Whether pids in this /proc are those of the caller's namespace. They are not in
 * a new namespace in which /proc has not been mounted anew.
 */
bool proc_is_ours(int directory);

/*
 * Whether the caller is in the machine's first pid namespace, and this /proc with
 * it: 1, 0, or a negative errno where that is not to be known.
 */
int in_first_pid_namespace(int directory);

/*
 * Of a field that could not be read: 0 where the kernel does not say, else what
 * to pass on: the process is gone, or this program has run out of something.
 */
static inline int absent_or_error(ssize_t result)
{
	switch (result) {
	case -ESRCH:
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
		return (int)result;
	default:
		return 0;
	}
}

/*
 * Opens the directory of a process whose proc and pid are set, or takes the one that is
 * kept; that of a kernel thread stays closed if its file that tells its end is kept.
 * -ESRCH: there is none.
 */
int place_open(struct place *place);

void place_close(struct place *place);

/* -ESRCH: the process whose directory is open has ended, whoever has its pid now. */
int place_lives(const struct place *place);

/*
 * Reads a file of at most size - 1 bytes and adds a NUL. Its length, or a
 * negative errno; of a process that has ended -ESRCH.
 */
ssize_t read_file(const struct place *place, enum file file, char *text, size_t size);

/* The same for a path below directory; what does not exist is -ENOENT. */
ssize_t read_path(int directory, const char *path, char *text, size_t size);

/* The same for a file of any length; the caller frees text, NULL on an error. */
ssize_t read_whole(int directory, const char *path, char **text);

struct meminfo;

/* What /proc/meminfo says of the machine; 0 or a negative errno. */
int read_meminfo(int directory, struct meminfo *meminfo);

void forget_file(int *kept, enum file file, int *budget);
void forget_files(int *kept, int *budget);

/*
 * proc.c: one process
 */

#define FIELDS_OF_STATUS (TAMALLOC_ANONYMOUS | TAMALLOC_FILE | TAMALLOC_SHARED | \
			  TAMALLOC_SWAP | TAMALLOC_PAGE_TABLES)

struct statm;

/*
 * The sizes of a process whose directory is open, and the thread that they were found
 * with: its first, or, where that has exited, another. -EINVAL: it has no memory of
 * its own.
 */
int proc_memory(const struct place *place, struct statm *statm, pid_t *thread);

/* The same of a process that is not open: one file has all of it, of nearly everyone. */
int proc_memory_of(int proc, pid_t pid, struct statm *statm, pid_t *thread);

struct oom_rules;

/*
 * Fills record with the wanted fields by the backend, all of them of one process; proc,
 * pid and what is kept are set. The rules are those of the round where oom_badness is
 * wanted, else not looked at. -ESRCH: there is none, or it has ended meanwhile; where
 * something of it is kept, the pid may be another's now.
 */
int fill_process(const struct place *where, uint64_t wanted, enum tamalloc_backend backend,
		 const struct oom_rules *rules, struct tamalloc_process *record);

/*
 * process.c: the text of /proc/PID/cgroup, to be freed, or NULL. -ESRCH: no such process.
 * -ENODATA: the kernel has no groups.
 */
int cgroup_lines(int proc, pid_t pid, char **lines);

/*
 * badness.c: how the OOM killer chooses, from what /proc says
 */

struct oom_rules {
	uint64_t total_pages;	/* what oom_badness counts thousandths of; 0: not known */
	uint64_t machine_pages;	/* the same for /proc/PID/oom_score */
	bool has_init;		/* pid 1 is the machine's first process */
	bool score_tells;	/* /proc/PID/oom_score is 0 only of the exempt */
};

/* What /proc/PID/oom_score says of a process that may be taken. */
int32_t oom_score(int64_t badness, uint64_t machine_pages);

/* total_pages: 0 for the machine's. */
int oom_rules_read(int directory, uint64_t total_pages, struct oom_rules *rules);

/* The fields that fill_badness() needs. */
#define FIELDS_OF_BADNESS (TAMALLOC_COMMITTED | TAMALLOC_SWAP | TAMALLOC_PAGE_TABLES | \
			   TAMALLOC_OOM_SCORE_ADJ)

int fill_badness(const struct place *place, const struct oom_rules *rules,
		 struct tamalloc_process *record);

/*
 * pids.c: who is there
 */

struct pids {
	pid_t *list; /* rising */
	size_t count, room;
};

int pids_read(int directory, struct pids *pids);

/*
 * iterator.c
 */

/*
 * As tamalloc_iterator_open(). oom_badness counts thousandths of total_pages: a
 * memory cgroup's limit, or 0 for the machine's memory and swap. With the former
 * there is no oom_score.
 */
int iterator_open(struct tamalloc_iterator **iterator, uint64_t wanted, unsigned int flags,
		  uint64_t total_pages);

/* What oom_badness counts thousandths of in this round; 0: not known. */
uint64_t iterator_total_pages(const struct tamalloc_iterator *iterator);

/*
 * total.c and sharing.c: the sums without the system call
 */

struct member {
	pid_t pid, thread; /* the thread has the memory */
	uint64_t size, text, data, resident; /* pages */
};

/*
 * Moves one member of each address space to the front, and returns how many
 * there are; spare has room for count. doubtful counts those which may share that of
 * another: they could not be compared, as none can be unless may_compare, and as one
 * cannot be that ends meanwhile. They count by themselves.
 */
size_t sharing_resolve(struct member *members, size_t count, struct member *spare,
		       bool may_compare, uint64_t *doubtful);

/* 0 when address spaces can be compared at all. */
int sharing_probe(void);

/* Whether two have one address space, as far as they may be compared. */
bool sharing_is_same(const struct member *a, const struct member *b);

/*
 * Records of another size than ours: a record grows at its end only, by whole fields
 */

#define RECORD_UP_TO(record, last) \
	(offsetof(struct record, last) + sizeof(((struct record *)0)->last))

/* Their sizes in the version that had them first; never to be changed. */
#define PROCESS_SIZE_FIRST    RECORD_UP_TO(tamalloc_process, command)
#define DOMAIN_SIZE_FIRST     RECORD_UP_TO(tamalloc_oom_domain, padding)
#define VICTIM_SIZE_FIRST     RECORD_UP_TO(tamalloc_oom_victim, bond)
#define TOTAL_SIZE_FIRST      RECORD_UP_TO(tamalloc_total, padding)
#define REGION_SIZE_FIRST     RECORD_UP_TO(tamalloc_region, name)
#define STATISTICS_SIZE_FIRST RECORD_UP_TO(tamalloc_statistics, released_bytes)
#define SYSTEM_SIZE_FIRST     RECORD_UP_TO(tamalloc_system, open_files)

static inline bool record_is_bad(size_t size, size_t first)
{
	return size < first;
}

/* Copies as much of ours as theirs has room for, and zeroes the rest. */
static inline void record_copy(void *theirs, size_t size, const void *ours, size_t known)
{
	size_t common = size < known ? size : known;

	memcpy(theirs, ours, common);
	memset((char *)theirs + common, 0, size - common);
}

#endif
