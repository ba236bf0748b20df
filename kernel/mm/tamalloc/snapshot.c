// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of each process, and what the OOM killer makes of it.
 */
#include <linux/build_bug.h>
#include <linux/cred.h>
#include <linux/highuid.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/oom.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/syscalls.h>
#include <linux/time64.h>
#include <linux/time_namespace.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>

#include "tamalloc.h"

#define SNAPSHOT_SIZE_FIRST	40
#define RECORD_SIZE_FIRST	120
#define OOM_TRIES		3
/* What /proc/PID/stat counts in. */
#define NSEC_PER_TICK		(NSEC_PER_SEC / USER_HZ)
#define FLAGS	(TAMALLOC_SNAPSHOT_APPROXIMATE | TAMALLOC_SNAPSHOT_MEMORYLESS)

static_assert(sizeof(struct tamalloc_snapshot) == SNAPSHOT_SIZE_FIRST);
static_assert(sizeof(struct tamalloc_record) == RECORD_SIZE_FIRST);
static_assert(sizeof_field(struct tamalloc_record, command) == TASK_COMM_LEN);

/**
 * struct batch - records on their way to the caller
 * @page: those that have not been copied yet, as they are to be
 * @used: bytes of @page
 * @record_size: bytes from one record to the next
 * @record_room: bytes that a record takes while it is the last one
 * @destination: where the next page full of them goes
 * @count: how many there may be
 * @done: how many have been copied
 * @next: the process that the caller goes on from
 * @euid: the user of the last process, and
 * @user: the same, as the caller's user namespace numbers it
 */
struct batch {
	void *page;
	size_t used;
	size_t record_size;
	size_t record_room;
	void __user *destination;
	u32 count;
	u32 done;
	pid_t next;
	kuid_t euid;
	uid_t user;
};

static int read_arguments(struct tamalloc_snapshot *snapshot,
			  struct tamalloc_snapshot __user *from, size_t size)
{
	int error;

	if (size < SNAPSHOT_SIZE_FIRST)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	error = copy_struct_from_user(snapshot, sizeof(*snapshot), from, size);
	if (error)
		return error;

	if (snapshot->flags & ~FLAGS || snapshot->padding || !snapshot->count ||
	    snapshot->cursor > PID_MAX_LIMIT ||
	    snapshot->total_pages > LONG_MAX / PAGE_SIZE ||
	    snapshot->record_size < RECORD_SIZE_FIRST ||
	    snapshot->record_size % sizeof(u64))
		return -EINVAL;
	if (snapshot->record_size > PAGE_SIZE)
		return -E2BIG;

	if (!snapshot->total_pages)
		snapshot->total_pages = totalram_pages() + total_swap_pages;
	return 0;
}

static int write_results(struct tamalloc_snapshot __user *to,
			 const struct tamalloc_snapshot *snapshot)
{
	if (put_user(snapshot->cursor, &to->cursor) ||
	    put_user(snapshot->total_pages, &to->total_pages))
		return -EFAULT;
	return 0;
}

/* Returns whether the process belongs into the snapshot. */
static bool read_process(struct tamalloc_memory *memory,
			 const struct tamalloc_snapshot *snapshot,
			 struct task_struct *task)
{
	unsigned int what = TAMALLOC_READ_ALL;

	if (snapshot->flags & TAMALLOC_SNAPSHOT_APPROXIMATE)
		what |= TAMALLOC_READ_APPROXIMATE;
	if (!tamalloc_read_memory(task, what, memory))
		return true;

	*memory = (struct tamalloc_memory){
		.oom_score_adj = READ_ONCE(task->signal->oom_score_adj),
		.oom_reason = task->flags & PF_KTHREAD ?
				      TAMALLOC_OOM_KERNEL_THREAD :
				      TAMALLOC_OOM_NO_MEMORY,
	};
	return snapshot->flags & TAMALLOC_SNAPSHOT_MEMORYLESS;
}

/*
 * The badness is asked for when the lock under which the reason was read is no
 * longer held. Where the OOM killer does not take the process any more, why is
 * asked again. Whoever changes that all the time remains without a badness.
 */
static void fill_oom(struct tamalloc_record *record, struct task_struct *task,
		     unsigned long total_pages)
{
	long badness;
	int tries;

	if (tsk_is_oom_victim(task))
		record->flags |= TAMALLOC_RECORD_OOM_VICTIM;
	if (oom_task_origin(task))
		record->flags |= TAMALLOC_RECORD_OOM_ORIGIN;

	for (tries = 0; tries < OOM_TRIES; tries++) {
		if (record->oom_reason != TAMALLOC_OOM_ELIGIBLE)
			return;
		badness = oom_badness(task, total_pages);
		if (badness != LONG_MIN) {
			record->oom_badness = badness;
			return;
		}
		record->oom_reason = tamalloc_oom_reason(task);
		record->oom_score_adj = READ_ONCE(task->signal->oom_score_adj);
	}
}

/* Most processes have the same user as the one before. */
static uid_t user_of(struct task_struct *task, struct batch *batch)
{
	kuid_t euid = task_cred_xxx(task, euid);

	if (!uid_eq(euid, batch->euid)) {
		batch->euid = euid;
		batch->user = from_kuid_munged(current_user_ns(), euid);
	}
	return batch->user;
}

/*
 * Each field is set here, since the page still holds the records before. Of a
 * caller with shorter records, the next one covers the end of this.
 */
static void fill_record(struct tamalloc_record *record, struct batch *batch,
			const struct tamalloc_walk *walk,
			const struct tamalloc_memory *memory)
{
	const unsigned long *pages = memory->pages;
	struct task_struct *task = walk->task;

	record->size = min(batch->record_size, sizeof(*record));
	record->flags = 0;
	record->pid = walk->tgid;
	record->parent = task_ppid_nr_ns(task, walk->ns);
	record->user = user_of(task, batch);
	record->threads = get_nr_threads(task);
	record->oom_score_adj = memory->oom_score_adj;
	record->oom_reason = memory->oom_reason;
	record->oom_badness = 0;
	record->address_space = memory->address_space;
	record->start_time = timens_add_boottime_ns(task->start_boottime);
	/* No more of others than /proc and kcmp(2) would tell. */
	if (walk->everybody && !tamalloc_may_inspect(task)) {
		record->address_space = 0;
		record->start_time -= record->start_time % NSEC_PER_TICK;
	}
	record->virtual_size = (u64)memory->vm_pages << PAGE_SHIFT;
	record->anonymous = (u64)pages[MM_ANONPAGES] << PAGE_SHIFT;
	record->file = (u64)pages[MM_FILEPAGES] << PAGE_SHIFT;
	record->shared_memory = (u64)pages[MM_SHMEMPAGES] << PAGE_SHIFT;
	record->swap = (u64)pages[MM_SWAPENTS] << PAGE_SHIFT;
	record->page_tables = memory->page_tables;
	/* Padded with zeroes; but while a longer name is cut, it may lack its end. */
	memcpy(record->command, task->comm, sizeof(record->command));
	record->command[sizeof(record->command) - 1] = '\0';

	if (batch->record_size > sizeof(*record))
		memset(record + 1, 0, batch->record_size - sizeof(*record));
}

/* Returns whether there is one more record in the batch. */
static bool add_process(struct batch *batch,
			const struct tamalloc_snapshot *snapshot,
			const struct tamalloc_walk *walk,
			struct tamalloc_shared *shared)
{
	struct tamalloc_record *record = batch->page + batch->used;
	struct tamalloc_memory memory;

	if (!read_process(&memory, snapshot, walk->task))
		return false;

	fill_record(record, batch, walk, &memory);
	fill_oom(record, walk->task, snapshot->total_pages);
	if (memory.mm && tamalloc_shared_seen(shared, walk, memory.mm))
		record->flags |= TAMALLOC_RECORD_SHARED;
	tamalloc_put_memory(&memory);
	batch->used += batch->record_size;
	return true;
}

/* Copies what is in the page. On a fault, whole records only count. */
static int flush(struct batch *batch)
{
	size_t left = copy_to_user(batch->destination, batch->page, batch->used);
	size_t whole = (batch->used - left) / batch->record_size;
	struct tamalloc_record *first_lost;

	batch->done += whole;
	if (left) {
		first_lost = batch->page + whole * batch->record_size;
		batch->next = first_lost->pid;
		return -EFAULT;
	}
	batch->destination += batch->used;
	batch->used = 0;
	return 0;
}

/* Fills the batch until it is full or there are no more processes. */
static int fill_batch(struct batch *batch,
		      const struct tamalloc_snapshot *snapshot)
{
	struct tamalloc_shared shared = { .first = batch->next };
	struct tamalloc_walk walk;
	u32 filled = 0;
	int error = 0;

	tamalloc_walk_begin(&walk, shared.first);
	while (filled < batch->count && tamalloc_walk_next(&walk)) {
		if (!add_process(batch, snapshot, &walk, &shared))
			continue;
		filled++;
		if (batch->used + batch->record_room > PAGE_SIZE) {
			error = flush(batch);
			if (error)
				break;
		}
	}
	tamalloc_shared_release(&shared);
	error = error ?: walk.error;
	if (!error) {
		/* Without a process the walk has come to its end. */
		batch->next = walk.task ? walk.next : 0;
		if (batch->used)
			error = flush(batch);
	}
	tamalloc_walk_end(&walk);
	return error;
}

/**
 * sys_tamalloc_snapshot - tell the memory of each process
 * @snapshot: what is asked, and where to put it
 * @size: of the struct, as the caller knows it
 *
 * The processes are those that tamalloc_total() adds up, by rising pid. Not
 * atomic: each record is of the moment at which it is made. The kernel works in
 * a page, however many processes there are, and a table of the address spaces
 * that several of them share.
 *
 * Return:
 * * the number of records written
 * * %-EINVAL - @size or the size of a record is less than it first was, the
 *   latter no multiple of 8; an unknown flag; no room for a record; a cursor
 *   that is no pid; padding that is not 0; more pages than can be
 * * %-E2BIG - one of the sizes is more than a page, or the struct has fields
 *   that are not known here and not 0
 * * %-EFAULT - @snapshot or the first record is not writable memory
 * * %-ENOMEM - no page to work in
 * * %-EINTR - a fatal signal ended the caller, which does not see this
 */
SYSCALL_DEFINE2(tamalloc_snapshot, struct tamalloc_snapshot __user *, snapshot,
		size_t, size)
{
	struct tamalloc_snapshot arguments;
	struct batch batch = { .euid = INVALID_UID, .user = overflowuid };
	int error;

	error = read_arguments(&arguments, snapshot, size);
	if (error)
		return error;
	/* Before anything is done: later nothing could be taken back. */
	error = write_results(snapshot, &arguments);
	if (error)
		return error;

	batch.page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!batch.page)
		return -ENOMEM;
	batch.record_size = arguments.record_size;
	batch.record_room = max(batch.record_size, sizeof(struct tamalloc_record));
	batch.destination = u64_to_user_ptr(arguments.records);
	batch.count = arguments.count;
	batch.next = max_t(pid_t, arguments.cursor, 1);
	error = fill_batch(&batch, &arguments);
	free_page((unsigned long)batch.page);
	if (error && !(error == -EFAULT && batch.done))
		return error;

	arguments.cursor = batch.next;
	error = write_results(snapshot, &arguments);
	return error ?: batch.done;
}
