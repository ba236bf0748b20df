// SPDX-License-Identifier: MIT
/* What an actor does: it takes its memory, says that it has it, and waits. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oom.h"

#define MIB (1UL << 20)
#define PAGE 4096UL
#define PAGES_PER_MIB (MIB / PAGE)
/* What one page of page tables maps. */
#define TABLE (2 * MIB)

struct role {
	const struct part *part;
	int ready;
};

__attribute__((noreturn))
static void wait_for_the_end(void)
{
	for (;;)
		pause();
}

static char *map(size_t size, int access)
{
	char *memory = mmap(NULL, size, access,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	return memory;
}

static char *take(unsigned int mib)
{
	char *memory = map(mib * MIB, PROT_READ | PROT_WRITE);

	for (size_t at = 0; at < mib * MIB; at += PAGE)
		memory[at] = 1;
	return memory;
}

/* One page for each page of tables. */
static void take_tables(unsigned int mib)
{
	size_t count = mib * PAGES_PER_MIB;
	char *memory = map(count * TABLE, PROT_READ | PROT_WRITE);

	for (size_t i = 0; i < count; i++)
		memory[i * TABLE] = 1;
}

static void say_ready(int ready, pid_t partner)
{
	struct ready message = { .task = syscall(SYS_gettid), .partner = partner };

	if (write(ready, &message, sizeof(message)) != sizeof(message))
		_exit(1);
}

static void *outlive_leader(void *argument)
{
	const struct role *role = argument;

	take(role->part->mib);
	say_ready(role->ready, 0);
	wait_for_the_end();
}

__attribute__((noreturn))
static void leave_to_thread(struct role *role)
{
	static struct role copy;
	pthread_t thread;

	copy = *role;
	if (pthread_create(&thread, NULL, outlive_leader, &copy))
		_exit(1);
	pthread_exit(NULL);
}

static int share(void *argument)
{
	const struct role *role = argument;

	if (role->part->partner_group)
		join_group(role->part->partner_group);
	say_ready(role->ready, getpid());
	wait_for_the_end();
}

static void clone_partner(struct role *role)
{
	char *stack = map(64 * 1024, PROT_READ | PROT_WRITE);

	if (clone(share, stack + 64 * 1024, CLONE_VM | SIGCHLD, role) < 0)
		_exit(1);
}

void act(const struct part *part, int ready)
{
	struct role role = { part, ready };

	switch (part->act) {
	case PLAIN:
		take(part->mib);
		say_ready(ready, 0);
		break;
	case SWAPPED:
		madvise(take(part->mib), part->mib * MIB, MADV_PAGEOUT);
		say_ready(ready, 0);
		break;
	case TABLES:
		take_tables(part->mib);
		say_ready(ready, 0);
		break;
	case LEADERLESS:
		leave_to_thread(&role);
	case SHARER:
		take(part->mib);
		clone_partner(&role);
		break;
	case VFORKING:
		take(part->mib);
		if (!vfork())
			share(&role);
		break;
	}
	wait_for_the_end();
}
