/* SPDX-License-Identifier: MIT */
/*
 * What the files of the fuzzer of blocks share. It is an ordinary program: it calls
 * malloc(3) and its relatives, whosever they are, and keeps what it knows of its blocks
 * in memory that it never had from them.
 */
#ifndef FUZZ_BLOCKS_FUZZ_H
#define FUZZ_BLOCKS_FUZZ_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE	((size_t)4096)
#define KIB	((size_t)1 << 10)
#define MIB	((size_t)1 << 20)
/* From here on a block is a large one of tamalloc's, with its usual settings. */
#define LARGE	(256 * KIB)
#define SLOTS	64
/* All live blocks together. */
#define LIVE_MOST (768 * MIB)
#define THREADS_MOST 16

/*
 * options.c: what to do, and what to leave out
 */

enum group {
	RESIZE, ALIGN, FORK, ATFORK, STREAM, SIGNAL, ADVISE, PROTECT, LOCK, MAP, HOLE, USERFAULT,
	DESCRIPTORS, LIMITS, TABLE, REFUSE, GROUPS
};

struct options {
	bool has[GROUPS];
	uint64_t seed;
	long seconds;
	unsigned long operations; /* of each thread; 0: no limit but the time */
	int threads;
	size_t least, most;	/* bytes of a block */
};

extern struct options options;

void options_read(int argc, char **argv);

/*
 * random.c
 */

struct random {
	uint64_t state;
};

uint64_t next(struct random *random);

/* Two numbers become one that tells neither. */
uint64_t mix(uint64_t one, uint64_t other);

/*
 * progress.c: what all processes of the run share
 */

enum operation {
	CHECKING, ALLOCATING, ZERO_ALLOCATING, ALIGNING, RESIZING, FREEING, FORKING, SIGNALLING,
	ADVISING, PROTECTING, LOCKING, MAPPING, UNMAPPING, MOVING, REGISTERING, SWEEPING,
	FLUSHING, LIMITING, FILLING_TABLE, REFUSING, OPERATIONS
};

extern const char *const operation_names[OPERATIONS];

/* Where a thread is, for whoever waits for it. */
struct beat {
	_Atomic bool is_taken;
	_Atomic unsigned long count;
	_Atomic int doing;
	_Atomic unsigned long operation;
	char path[64];
};

#define BEATS 256

struct progress {
	_Atomic bool is_failing; /* who sets it says why */
	_Atomic bool has_failed; /* it is said */
	_Atomic bool is_over;	/* the time */
	_Atomic unsigned long done[OPERATIONS];
	_Atomic unsigned long refused; /* calls that failed where they may */
	_Atomic unsigned long looks;   /* blocks of which the kernel was asked */
	_Atomic unsigned long mappings; /* the most that a process had */
	struct beat beats[BEATS];
};

extern struct progress *progress;

void progress_begin(void);

/* A thread, or the only one of a child. */
struct worker {
	struct random random;
	unsigned long operation;
	int depth;		/* of forks */
	bool may_fail;		/* here the allocator may have no memory */
	bool is_short;		/* of address space, so that it takes what else there is */
	volatile bool in_call;	/* of the C library's: a signal may not call what that calls */
	struct beat *beat;
	bool has_lock;		/* that handlers of fork take, too */
	pid_t children[2];
};

extern _Thread_local struct worker me;

static inline size_t below(size_t limit)
{
	return (size_t)(next(&me.random) % limit);
}

/* A place for who begins at this path: 0:12/7/. */
struct beat *beat_take(const char *path);

/* This thread, or the only one of a child, begins. */
void worker_begin(struct beat *beat, uint64_t seed);
void worker_end(void);

static inline void beat(void)
{
	atomic_fetch_add_explicit(&me.beat->count, 1, memory_order_relaxed);
}

void doing(enum operation operation);

/* Says what, where and how to see it again, and ends the process. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What is not said as a failure but as a signal. */
void catch_faults(void);

/*
 * model.c: what a block should hold
 */

enum style { SPARSE, PAGES, FULL, NOTHING, STYLES };

enum change_kind {
	NO_ACCESS,	/* or nobody knows: not to be touched */
	READ_ONLY,
};

struct change {
	enum change_kind kind;
	uintptr_t start, end;
};

#define CHANGES 4

struct block {
	unsigned char *at;	/* NULL: there is none */
	size_t size, extent;	/* asked for; in use */
	uint64_t seed;
	enum style style;
	bool is_zeroed;		/* elsewhere it reads as zero */
	bool is_partial_in_child; /* MADV_DONTFORK, MADV_WIPEONFORK */
	bool is_shared;		/* with children, that is */
	bool is_locked;
	bool is_registered;	/* with userfaultfd(2) */
	bool maps_file;		/* its slot's part of the shared file, or did once */
	size_t kept;		/* it does not get smaller than this */
	struct change changes[CHANGES];
	size_t change_count;
};

/* A new block: it has to be all the program's, and what nobody has written to. */
void block_begin(struct block *block, bool zeroed);

/* Everything up to this many bytes is as it was written. */
void block_check(const struct block *block, size_t limit);

/* Writes something else. */
void block_write(struct block *block);

/* Writes the same again where it should be between two addresses. */
void block_write_range(struct block *block, uintptr_t start, uintptr_t end);

/* Whether what should be between two addresses is at others. */
bool block_is_at(const struct block *block, uintptr_t start, uintptr_t end,
		 const unsigned char *other);

void block_add_change(struct block *block, enum change_kind kind, uintptr_t start, uintptr_t end);

/*
 * look.c: what the kernel says of a new block
 */

void look_at(const struct block *block, bool zeroed);

/* How many mappings the process has. */
void look_at_count(void);

/*
 * slots.c: the blocks that are live
 */

struct slot {
	_Atomic bool is_taken;
	struct block block;
	bool has_file;		/* a block had this in its part of the file when it last could */
	bool keeps_file;	/* it is there still, and may change what is in the file */
	struct block file_block;
	uintptr_t file_start, file_end;
};

extern struct slot slots[SLOTS];

bool slot_take(struct slot *slot);
void slot_give(struct slot *slot);

/* Bytes of all live blocks, roughly: others change them. */
size_t slots_live(void);

/* Of slots that are taken by this thread. */
void slot_allocate(struct slot *slot);
void slot_resize(struct slot *slot);
void slot_free(struct slot *slot);

/*
 * gate.c: most operations go side by side; one that leaves a hole among the addresses must
 * be alone until the block is freed, for who maps something may get them.
 */

void gate_enter(void);
void gate_leave(void);
void gate_enter_alone(void);
void gate_after_fork(void);

/*
 * change.c: what programs do to the mapping of a block
 */

bool has_changes(void);
void slot_change(struct slot *slot);

/* All of it may be read and written again; false: that is refused. */
bool block_restore(struct block *block);

/* The part of the shared file that was a slot's holds what its block held last. */
void slot_check_file(struct slot *slot);

/* The block has so many bytes elsewhere, or 0: it is freed. */
void slot_leave_file(struct slot *slot, unsigned char *moved, size_t size);

/*
 * files.c: descriptors that are the fuzzer's own
 */

/* The watcher has them open, whatever the program closes. */
void files_begin(void);

enum file { FILE_PRIVATE, FILE_SHARED, FILE_SPARSE, FILES };

/* Bytes of the shared file that are each slot's, and where the fuzzer sees them. */
#define FILE_PART MIB
extern unsigned char *file_view;

/* While they are locked nobody sweeps them away. */
void files_lock(void);
void files_unlock(void);
void files_after_fork(void);
int file_open(enum file file);

void sweep(void);

/*
 * child.c: forks
 */

/* The child checks all blocks and goes on with so many operations. */
void fork_child(unsigned long operations, void (*prepare)(void), void (*each)(void));
void reap_children(void);

void fork_plain(void);

/* limits.c, table.c, refuse.c: children in which calls fail. */
void fork_limited(void);
void fork_with_full_table(void);
void fork_refused(void);

/*
 * locks.c: what else a fork waits for
 */

/* A lock that handlers of fork(2) take as well. */
void locks_hold(void);
void locks_release(void);

/* A stream whose function for writing allocates. */
void streams_begin(void);
void streams_flush(void);

/*
 * signals.c: forks in the handler of a signal
 */

void signals_begin(void);
void signals_hold(void);
void signals_go_on(void);

/*
 * run.c
 */

void operate(void);
void check_all(void);
_Noreturn void run(void);

#endif
