// SPDX-License-Identifier: MIT
/*
 * What programs do to the mapping of a block that they have: part of it gets other rights,
 * advice, a lock, other memory; and stays so when it is freed, or not.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

/* Of a later C library's headers, or a later kernel's. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#define ADVICE_GUARD_INSTALL 102
#define ADVICE_GUARD_REMOVE  103

/* What is touched as a whole is no more than this. */
#define DENSE_MOST (2 * MIB)

static const enum group groups[] = { ADVISE, PROTECT, LOCK, MAP, HOLE, USERFAULT };

#define COUNT (sizeof(groups) / sizeof(groups[0]))

/*
 * Where address space is short, a large block may lie among small ones, the next allocator's
 * or in its heap: there, what was done to it is left for others by each allocator.
 */
bool has_changes(void)
{
	if (me.is_short)
		return false;
	for (size_t i = 0; i < COUNT; i++)
		if (options.has[groups[i]])
			return true;
	return false;
}

struct range {
	uintptr_t start, end;
};

static size_t length(const struct range *range)
{
	return range->end - range->start;
}

/* Whole pages of the block. */
static struct range choose(const struct block *block, size_t most)
{
	uintptr_t start = ((uintptr_t)block->at + PAGE - 1) & ~(PAGE - 1);
	uintptr_t end = ((uintptr_t)block->at + block->size) & ~(PAGE - 1);
	size_t pages = (end - start) / PAGE, first;
	struct range range = { start, end };

	switch (below(5)) {
	case 0:
		break;
	case 1:
		range.end = start + pages / 2 * PAGE;
		break;
	case 2:
		range.start = start + pages / 2 * PAGE;
		break;
	case 3:
		range.start = start + below(pages) * PAGE;
		range.end = range.start + PAGE;
		break;
	default:
		first = below(pages);
		range.start = start + first * PAGE;
		range.end = range.start + (1 + below(pages - first)) * PAGE;
	}
	if (length(&range) > most)
		range.end = range.start + most;
	return range;
}

/* A call that failed may have done a part of its work. */
static void leave_alone(struct block *block, const struct range *range)
{
	block_add_change(block, NO_ACCESS, range->start, range->end);
}

/*
 * madvise
 */

enum effect { NOTHING_SEEN, ZEROED, MAYBE_ZEROED, CHILD_DIFFERS, GUARDED };

static const struct {
	int advice;
	enum effect effect;
	bool is_dense; /* brings pages in */
} advices[] = {
	{ MADV_DONTNEED, ZEROED, false },
	{ MADV_DONTNEED_LOCKED, ZEROED, false },
	{ MADV_FREE, MAYBE_ZEROED, false },
	{ MADV_HUGEPAGE, NOTHING_SEEN, true },
	{ MADV_NOHUGEPAGE, NOTHING_SEEN, false },
	{ MADV_DONTFORK, CHILD_DIFFERS, false },
	{ MADV_WIPEONFORK, CHILD_DIFFERS, false },
	{ MADV_DONTDUMP, NOTHING_SEEN, false },
	{ MADV_MERGEABLE, NOTHING_SEEN, false },
	{ MADV_RANDOM, NOTHING_SEEN, false },
	{ MADV_SEQUENTIAL, NOTHING_SEEN, false },
	{ MADV_POPULATE_WRITE, NOTHING_SEEN, true },
	{ MADV_COLLAPSE, NOTHING_SEEN, true },
	{ MADV_COLD, NOTHING_SEEN, false },
	{ ADVICE_GUARD_INSTALL, GUARDED, false },
};

/* Each second chunk gives many mappings. */
static void advise_stripes(struct block *block, int advice)
{
	struct range range = choose(block, SIZE_MAX);

	for (; length(&range) > 4 * MIB; range.start += 4 * MIB)
		madvise((void *)range.start, 2 * MIB, advice);
	block->is_partial_in_child |= advice == MADV_DONTFORK || advice == MADV_WIPEONFORK;
}

static void advise(struct block *block)
{
	size_t i = below(sizeof(advices) / sizeof(advices[0]));
	struct range range = choose(block, advices[i].is_dense ? DENSE_MOST : SIZE_MAX);

	doing(ADVISING);
	if (block->size >= 8 * MIB && !below(3)) {
		advise_stripes(block, below(2) ? MADV_DONTFORK : MADV_DONTDUMP);
		return;
	}
	if (advices[i].effect == CHILD_DIFFERS)
		block->is_partial_in_child = true;
	/* Where one of several mappings is refused, others may be done. */
	if (madvise((void *)range.start, length(&range), advices[i].advice) &&
	    advices[i].effect == GUARDED && errno != EINVAL) {
		leave_alone(block, &range);
		return;
	}
	if (advices[i].effect == GUARDED)
		leave_alone(block, &range);
	else if (advices[i].effect != NOTHING_SEEN)
		block_write_range(block, range.start, range.end);
}

/*
 * mprotect
 */

static void protect(struct block *block)
{
	struct range range = choose(block, SIZE_MAX);
	bool reads = below(2);

	doing(PROTECTING);
	if (mprotect((void *)range.start, length(&range), reads ? PROT_READ : PROT_NONE))
		leave_alone(block, &range);
	else
		block_add_change(block, reads ? READ_ONLY : NO_ACCESS, range.start, range.end);
	if (below(2))
		block_restore(block);
}

bool block_restore(struct block *block)
{
	while (block->change_count) {
		struct change *last = &block->changes[block->change_count - 1];
		struct range range = { last->start, last->end };

		/*
		 * Guards are no matter of rights. A kernel that has none says EINVAL; where a
		 * filter refuses, they are still there.
		 */
		if (madvise((void *)range.start, length(&range), ADVICE_GUARD_REMOVE) &&
		    errno != EINVAL)
			return false;
		if (mprotect((void *)range.start, length(&range), PROT_READ | PROT_WRITE))
			return false;
		block->change_count--;
		block_write_range(block, range.start, range.end);
	}
	return true;
}

/*
 * mlock
 */

static void lock(struct block *block)
{
	bool on_fault = below(2);
	struct range range = choose(block, on_fault ? SIZE_MAX : DENSE_MOST);

	doing(LOCKING);
	if (on_fault ? mlock2((void *)range.start, length(&range), MLOCK_ONFAULT) :
		       mlock((void *)range.start, length(&range)))
		return;
	block->is_locked = true;
	if (below(2)) {
		munlock((void *)range.start, length(&range));
		if (below(2))
			munlock(block->at, block->size);
	}
}

/*
 * mmap
 */

static bool map_over(struct block *block, const struct range *range, int rights, int flags,
		     enum file file, off_t offset)
{
	bool is_file = !(flags & MAP_ANONYMOUS);
	int fd = -1;
	void *mapped = MAP_FAILED;

	files_lock();
	if (is_file)
		fd = file_open(file);
	if (!is_file || fd >= 0)
		mapped = mmap((void *)range->start, length(range), rights, flags | MAP_FIXED, fd,
			      offset);
	if (mapped == MAP_FAILED && (!is_file || fd >= 0))
		leave_alone(block, range);
	if (fd >= 0)
		close(fd);
	files_unlock();
	return mapped != MAP_FAILED;
}

static void map_anonymous(struct block *block)
{
	struct range range = choose(block, SIZE_MAX);

	if (map_over(block, &range, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0))
		block_write_range(block, range.start, range.end);
}

static void map_nothing(struct block *block)
{
	struct range range = choose(block, SIZE_MAX);

	if (map_over(block, &range, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, 0, 0))
		leave_alone(block, &range);
}

static void map_shared(struct block *block)
{
	struct range range = choose(block, DENSE_MOST);

	/* Before it is: a child that another thread forks could meet it. */
	block->is_shared = true;
	if (map_over(block, &range, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, 0, 0))
		block_write_range(block, range.start, range.end);
}

/*
 * The last page is left out, and what is behind does not shrink away: the C library lets a
 * mapping grow that ends a block, and a file's then goes on with what others have of it.
 */
static struct range choose_for_file(struct block *block)
{
	struct range range = choose(block, FILE_PART);

	if (range.end + PAGE > (uintptr_t)block->at + block->size)
		range.end -= PAGE;
	if (block->kept < range.end + PAGE - (uintptr_t)block->at)
		block->kept = range.end + PAGE - (uintptr_t)block->at;
	return range;
}

static void map_private_file(struct block *block)
{
	struct range range = choose_for_file(block);

	if (range.end <= range.start)
		return;
	block->is_zeroed = false;
	if (map_over(block, &range, PROT_READ | PROT_WRITE, MAP_PRIVATE, FILE_PRIVATE, 0))
		block_write_range(block, range.start, range.end);
}

static void map_shared_file(struct slot *slot)
{
	struct block *block = &slot->block;
	struct range range = choose_for_file(block);
	off_t part = (off_t)((size_t)(slot - slots) * FILE_PART);

	/* Twice in a block it would be the same memory at two places. */
	if (range.end <= range.start || block->maps_file)
		return;
	block->is_shared = block->maps_file = true;
	block->is_zeroed = false;
	if (!map_over(block, &range, PROT_READ | PROT_WRITE, MAP_SHARED, FILE_SHARED, part))
		return;
	block_write_range(block, range.start, range.end);
	slot->has_file = slot->keeps_file = true;
	slot->file_start = range.start;
	slot->file_end = range.end;
	slot->file_block = *block;
}

static unsigned char *view_of(const struct slot *slot)
{
	return file_view + (size_t)(slot - slots) * FILE_PART;
}

void slot_check_file(struct slot *slot)
{
	if (!slot->has_file || slot->keeps_file)
		return;
	if (!block_is_at(&slot->file_block, slot->file_start, slot->file_end, view_of(slot)))
		fail("a file that was mapped over block %p of %zu bytes, freed since, has changed",
		     (void *)slot->file_block.at, slot->file_block.size);
}

/* From now on the file stays as it is, unless its mapping went along to where the block is now. */
void slot_leave_file(struct slot *slot, unsigned char *moved, size_t size)
{
	size_t offset = slot->file_start - (uintptr_t)slot->file_block.at;
	volatile unsigned char *view = view_of(slot);
	unsigned char before = *view;

	if (offset < size) {
		moved[offset] ^= 0xff;
		slot->has_file = *view == before;
		moved[offset] ^= 0xff;
	}
	slot->keeps_file = false;
}

static void map(struct slot *slot)
{
	struct block *block = &slot->block;

	doing(MAPPING);
	slot_check_file(slot);
	/* Part of it may be gone from the block then, and part not. */
	slot->has_file = slot->keeps_file = false;
	switch (below(5)) {
	case 0:
		map_anonymous(block);
		break;
	case 1:
		map_nothing(block);
		break;
	case 2:
		map_private_file(block);
		break;
	case 3:
		/* Of a child's own they would be, and its parent has them as well. */
		if (me.depth)
			break;
		map_shared(block);
		break;
	default:
		if (me.depth)
			break;
		map_shared_file(slot);
	}
}

/*
 * Holes: nobody else maps anything until the block is freed
 */

static void move_away(struct slot *slot)
{
	struct block *block = &slot->block;
	struct range range = choose(block, SIZE_MAX);
	struct block before;
	unsigned char *moved;

	doing(MOVING);
	moved = mmap(NULL, length(&range), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		     -1, 0);
	if (moved == MAP_FAILED)
		return;
	if (mremap((void *)range.start, length(&range), length(&range),
		   MREMAP_MAYMOVE | MREMAP_FIXED, moved) == MAP_FAILED) {
		leave_alone(block, &range);
		munmap(moved, length(&range));
		return;
	}
	before = *block;
	leave_alone(block, &range);
	slot_free(slot);
	doing(MOVING);
	if (!block_is_at(&before, range.start, range.end, moved))
		fail("pages that were moved out of block %p of %zu bytes, freed since, have changed",
		     (void *)before.at, before.size);
	munmap(moved, length(&range));
}

static void unmap(struct slot *slot)
{
	struct block *block = &slot->block;
	struct range range = choose(block, SIZE_MAX);

	doing(UNMAPPING);
	munmap((void *)range.start, length(&range));
	leave_alone(block, &range);
	slot_free(slot);
}

static void make_hole(struct slot *slot)
{
	/* Who forks meanwhile is not alone, and waits for that lock. */
	if (me.has_lock)
		return;
	gate_leave();
	gate_enter_alone();
	if (below(2))
		unmap(slot);
	else
		move_away(slot);
	gate_leave();
	gate_enter();
}

/*
 * userfaultfd: pages that are missing end in a signal, so that nobody waits for a page
 */

#ifndef UFFD_FEATURE_SIGBUS
#define UFFD_FEATURE_SIGBUS (1 << 7)
#endif

static void touch(const struct range *range)
{
	for (uintptr_t at = range->start; at < range->end; at += PAGE)
		*(volatile unsigned char *)at = *(volatile unsigned char *)at;
}

/* What is registered is so until its descriptor is closed: some are, at some time. */
static void keep(int fd)
{
	static _Atomic int kept[8];
	int before = atomic_exchange(&kept[below(8)], fd);

	/* The number may be somebody else's by now, or of the parent. */
	if (before && !options.has[DESCRIPTORS] && !me.depth)
		close(before);
}

static void register_range(struct block *block)
{
	bool is_missing = below(2);
	struct range range = choose(block, DENSE_MOST);
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS };
	struct uffdio_register request = {
		.mode = is_missing ? UFFDIO_REGISTER_MODE_MISSING : UFFDIO_REGISTER_MODE_WP,
	};
	int fd;

	doing(REGISTERING);
	/* The last page is left out: when the block grows in place, so would what is registered. */
	if (range.end + PAGE > (uintptr_t)block->at + block->size)
		range.end -= PAGE;
	if (range.end <= range.start || block->change_count || block->is_shared)
		return;
	if (!is_missing)
		api.features |= UFFD_FEATURE_PAGEFAULT_FLAG_WP;
	request.range.start = range.start;
	request.range.len = length(&range);
	files_lock();
	fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && !ioctl(fd, UFFDIO_API, &api)) {
		touch(&range);
		block->is_registered |= !ioctl(fd, UFFDIO_REGISTER, &request);
	}
	if (fd >= 0)
		keep(fd);
	files_unlock();
}

void slot_change(struct slot *slot)
{
	struct block *block = &slot->block;
	enum group group;

	/* A page that is taken away there is missing for good. */
	if (block->is_registered)
		return;
	do
		group = groups[below(COUNT)];
	while (!options.has[group]);
	if (block->change_count && !block_restore(block))
		return;
	switch (group) {
	case ADVISE:
		advise(block);
		break;
	case PROTECT:
		protect(block);
		break;
	case LOCK:
		lock(block);
		break;
	case MAP:
		map(slot);
		break;
	case HOLE:
		make_hole(slot);
		break;
	default:
		register_range(block);
	}
}
