// SPDX-License-Identifier: MIT
/*
 * What a program does to the mapping of a block is that block's: none that comes after it has
 * somebody else's file, access, locks or advice. One argument: which kind of change; without
 * it, how many kinds there are. Prints "well", or what is wrong.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "need.h"

#define PAGE ((size_t)4096)
#define SIZE ((size_t)24 << 20)

static int file;
static char *block;

/* A file of the block's size without a zero byte. */
static void make_file(void)
{
	char text[1 << 16];

	memset(text, 7, sizeof(text));
	file = memfd_create("file", 0);
	NEED(file >= 0);
	for (size_t at = 0; at < SIZE; at += sizeof(text))
		NEED(pwrite(file, text, sizeof(text), (off_t)at) == (ssize_t)sizeof(text));
}

static void map(size_t from, size_t size, int flags)
{
	int fd = flags & MAP_ANONYMOUS ? -1 : file;

	NEED(mmap(block + from, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0) ==
	     block + from);
}

static void map_private(void)
{
	map(0, SIZE, MAP_PRIVATE);
}

static void map_shared(void)
{
	map(PAGE, SIZE / 2, MAP_SHARED);
}

/* It shrinks and grows where it is. */
static void map_resized(void)
{
	map(0, SIZE, MAP_SHARED);
	block = realloc(block, SIZE / 2);
	NEED(block);
	block = realloc(block, SIZE);
	NEED(block);
}

static void map_shared_anonymous(void)
{
	map(SIZE / 4, SIZE / 4, MAP_SHARED | MAP_ANONYMOUS);
}

static void protect(void)
{
	NEED(!mprotect(block, SIZE, PROT_READ));
}

static void protect_some(void)
{
	NEED(!mprotect(block + 5 * PAGE, 5 * PAGE, PROT_NONE));
}

static void punch(void)
{
	NEED(!munmap(block + SIZE / 2, SIZE / 8));
}

static void move_away(void)
{
	NEED(mremap(block + SIZE / 2, SIZE / 8, SIZE / 4, MREMAP_MAYMOVE) != MAP_FAILED);
}

static void shrink(void)
{
	NEED(mremap(block, SIZE, SIZE / 2, 0) == block);
}

static void move_over(void)
{
	char *other = mmap(NULL, SIZE / 2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(mremap(other, SIZE / 2, SIZE / 2, MREMAP_MAYMOVE | MREMAP_FIXED, block) == block);
}

static void attach(void)
{
	int id = shmget(IPC_PRIVATE, SIZE / 2, IPC_CREAT | 0600);

	NEED(id >= 0);
	NEED(shmat(id, block, SHM_REMAP) == block);
	NEED(!shmctl(id, IPC_RMID, NULL));
}

static void lock_all(void)
{
	NEED(!mlock(block, SIZE / 8));
	NEED(!mlock2(block + SIZE / 2, SIZE / 8, MLOCK_ONFAULT));
}

static void advise(int advice)
{
	/* A kernel that does not know it does nothing. */
	madvise(block, SIZE, advice);
}

static void refuse_fork(void)
{
	advise(MADV_DONTFORK);
}

static void wipe_on_fork(void)
{
	advise(MADV_WIPEONFORK);
}

static void refuse_dump(void)
{
	advise(MADV_DONTDUMP);
}

static void merge(void)
{
	advise(MADV_MERGEABLE);
}

static void guard(void)
{
	advise(102); /* MADV_GUARD_INSTALL, Linux 6.13 */
}

static void ask_for_huge_pages(void)
{
	advise(MADV_HUGEPAGE);
}

/* Who may have one. */
static void register_faults(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register request = {
		.range = { (uintptr_t)block, SIZE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd >= 0 && !ioctl(fd, UFFDIO_API, &api))
		NEED(!ioctl(fd, UFFDIO_REGISTER, &request));
}

/* Not on one block: over all that is mapped around it, as read in a list of mappings. */
static void advise_around(void)
{
	uintptr_t start = (uintptr_t)block, first, last;
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4096];

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &first, &last) == 2 && first <= start && last > start)
			NEED(!madvise((void *)first, last - first, MADV_DONTFORK));
	fclose(maps);
}

static void (*const changes[])(void) = {
	map_private, map_shared, map_resized, map_shared_anonymous, protect, protect_some, punch, move_away,
	shrink, move_over, attach, lock_all, refuse_fork, wipe_on_fork, refuse_dump, merge, guard,
	ask_for_huge_pages, register_faults, advise_around,
};

#define CHANGES (sizeof(changes) / sizeof(changes[0]))

/* The flags of the mapping of an address, as smaps has them, with blanks around each. */
static void check_flags(const char *address)
{
	static const char *const foreign[] = { " sh ", " lo ", " dc ", " wf ", " dd ", " mg ",
					       " um ", " hg " };
	FILE *smaps = fopen("/proc/self/smaps", "r");
	unsigned long first = 0, last = 0, start, end;
	char line[4096];

	NEED(smaps);
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
			first = start;
			last = end;
		}
		if ((uintptr_t)address < first || (uintptr_t)address >= last ||
		    strncmp(line, "VmFlags:", 8))
			continue;
		for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
			if (strstr(line, foreign[i])) {
				printf("a new block has the flag%sat %p\n", foreign[i],
				       (const void *)address);
				exit(1);
			}
	}
	fclose(smaps);
}

/* All of it is the program's own, as memory is. */
static void check_new(char *now)
{
	int status;
	pid_t pid;

	for (size_t at = 0; at < SIZE; at += PAGE) {
		NEED(!now[at] && !now[at + PAGE - 1]);
		if (at % (SIZE / 16) == 0)
			check_flags(now + at);
	}
	memset(now, 3, SIZE);
	pid = fork();
	NEED(pid >= 0);
	if (!pid) {
		for (size_t at = 0; at < SIZE; at += PAGE)
			if (now[at] != 3)
				_exit(1);
		memset(now, 4, SIZE);
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid && !status);
	for (size_t at = 0; at < SIZE; at += PAGE)
		NEED(now[at] == 3);
}

static void check_file(void)
{
	char text[PAGE];

	for (size_t at = 0; at < SIZE; at += PAGE) {
		NEED(pread(file, text, PAGE, (off_t)at) == (ssize_t)PAGE);
		for (size_t i = 0; i < PAGE; i++)
			NEED(text[i] == 7);
	}
}

int main(int argc, char **argv)
{
	size_t kind = argc > 1 ? strtoul(argv[1], NULL, 10) : CHANGES;

	if (kind >= CHANGES) {
		printf("%zu\n", CHANGES);
		return argc > 1;
	}
	make_file();
	for (int round = 0; round < 3; round++) {
		void *found;
		char *now;

		NEED(!posix_memalign(&found, PAGE, SIZE));
		block = found;
		memset(block, 1, SIZE / 4);
		changes[kind]();
		free(block);
		now = calloc(1, SIZE);
		NEED(now);
		check_new(now);
		check_file();
		free(now);
	}
	puts("well");
	return 0;
}
