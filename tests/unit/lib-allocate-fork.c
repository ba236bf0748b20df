// SPDX-License-Identifier: MIT
/*
 * The allocator in the child of a fork: also of one with other threads in the midst of
 * it, of one that the C library does not see, and in handlers of fork.
 */
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "../../lib/allocator/allocator.h"
#include "lib-allocate-common.h"

#define SECONDS 60 /* a child that waits for ever ends with SIGALRM */

#if IS_SANITIZED
#define ROUNDS 10
#else
#define ROUNDS 40
#endif

extern char **environ;

/*
 * What the kernel and the program refuse or delay, to order
 */

static atomic_bool refuses_wipe;  /* MADV_WIPEONFORK is not known */
static atomic_int delays;	  /* the next call of this kind waits ... */
static atomic_bool is_delayed;	  /* ... has come ... */
static atomic_bool may_go_on;	  /* ... and goes on */

static atomic_bool refuses_move;  /* when what was there has been taken away */
static atomic_uintptr_t target;	  /* where pages were moved to */

enum { DELAY_NOTHING, DELAY_WIPE, DELAY_ENVIRONMENT, DELAY_MOVE };

static void delay(int kind)
{
	if (!atomic_compare_exchange_strong(&delays, &kind, DELAY_NOTHING))
		return;
	atomic_store(&is_delayed, true);
	while (!atomic_load(&may_go_on))
		sched_yield();
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* The kernel has done it; the caller does not know yet. */
static long move_slowly(const long *value)
{
	long result;
	int err;

	atomic_store(&target, (uintptr_t)value[4]);
	if (atomic_load(&refuses_move)) {
		munmap((void *)value[4], (size_t)value[2]);
		errno = ENOMEM;
		result = -1;
	} else {
		result = __real_syscall(SYS_mremap, value[0], value[1], value[2], value[3],
					value[4]);
	}
	err = errno;
	delay(DELAY_MOVE);
	errno = err;
	return result;
}

long __wrap_syscall(long number, ...)
{
	long value[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		value[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_madvise && value[2] == MADV_WIPEONFORK) {
		delay(DELAY_WIPE);
		if (atomic_load(&refuses_wipe)) {
			errno = EINVAL;
			return -1;
		}
	}
	if (number == SYS_mremap && value[3] & MREMAP_FIXED)
		return move_slowly(value);
	return __real_syscall(number, value[0], value[1], value[2], value[3], value[4], value[5]);
}

char *__real_secure_getenv(const char *name);
char *__wrap_secure_getenv(const char *name);

char *__wrap_secure_getenv(const char *name)
{
	delay(DELAY_ENVIRONMENT);
	return __real_secure_getenv(name);
}

static void await_delayed(void)
{
	while (!atomic_load(&is_delayed))
		sched_yield();
}

/* A child that has ended well, within the time. */
static void await(pid_t pid)
{
	int status;

	NEED(pid > 0);
	NEED(waitpid(pid, &status, 0) == pid);
	if (status)
		fprintf(stderr, "# the child's status is 0x%x\n", status);
	NEED(!status);
}

/*
 * Uses what was freed clean: then touches pages that the parent has not, frees, and asks
 * for them again. Who looks into the parent's page table sees nothing that is to be
 * zeroed.
 */
static void reuse(void)
{
	static const size_t sizes[] = { LARGE, 300000, MIB, 5 * MIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t round = 0; round < 6; round++) {
			unsigned char *block = tamalloc(sizes[i]);

			NEED(block && is_zero(block, sizes[i]));
			for (size_t page = round; page < sizes[i] / PAGE; page += 5)
				touch(block, page);
			if (round == 5)
				tamalloc_reset(block);
			if (round == 5)
				NEED(is_zero(block, sizes[i]));
			tamfree(block);
		}
}

/*
 * Other threads
 */

static atomic_bool is_over;

static void *work(void *seed)
{
	struct random random = { (uintptr_t)seed * 7919 };
	unsigned char *block[6] = { NULL };

	while (!atomic_load(&is_over)) {
		size_t i = below(&random, 6), size = LARGE + below(&random, 4 * MIB);

		if (!block[i]) {
			block[i] = tamalloc(size);
			NEED(block[i] && is_zero(block[i], LARGE));
			memset(block[i], 1, below(&random, LARGE));
		} else if (below(&random, 4)) {
			tamfree(block[i]);
			block[i] = NULL;
		} else {
			block[i] = tamrealloc(block[i], size);
			NEED(block[i]);
		}
		if (!below(&random, 50))
			tamalloc_trim();
	}
	for (int i = 0; i < 6; i++)
		tamfree(block[i]);
	return NULL;
}

/* What the parent had is the child's, too. */
static void use_in_child(unsigned char *block, size_t size)
{
	struct tamalloc_statistics now;

	alarm(SECONDS);
	NEED(is_all(block, size / 2, 0x11) && is_zero(block + size / 2, size - size / 2));
	reuse();
	block = tamrealloc(block, 2 * size);
	NEED(block);
	NEED(is_all(block, size / 2, 0x11) && is_zero(block + size / 2, 2 * size - size / 2));
	tamfree(block);
	reuse();
	now = statistics();
	NEED(now.cached <= now.reserved);
	tamalloc_trim();
	NEED(statistics().cached == 0);
	reuse();
	_exit(0);
}

static void fork_among_threads(void)
{
	pthread_t threads[3];
	size_t size = 2 * MIB;

	NEED(!tamalloc_set(TAMALLOC_DECAY, 5));
	for (uintptr_t i = 0; i < 3; i++)
		NEED(!pthread_create(&threads[i], NULL, work, (void *)(i + 1)));
	for (int round = 0; round < ROUNDS; round++) {
		unsigned char *block = tamalloc(size);
		pid_t pid;

		NEED(block && is_zero(block, size));
		memset(block, 0x11, size / 2);
		pid = fork();
		if (!pid)
			use_in_child(block, size);
		/* Both go on; neither sees what the other writes. */
		memset(block, 0x22, size);
		await(pid);
		NEED(is_all(block, size, 0x22));
		tamfree(block);
	}
	atomic_store(&is_over, true);
	for (int i = 0; i < 3; i++)
		NEED(!pthread_join(threads[i], NULL));
	NEED(statistics().blocks == 0);
}

static void fork_with_background(void)
{
	NEED(!tamalloc_set(TAMALLOC_BACKGROUND, 1));
	fork_among_threads();
}

static void test_threads(void **state)
{
	(void)state;
	in_child(fork_among_threads);
}

static void test_background(void **state)
{
	(void)state;
	in_child(fork_with_background);
}

/* The thread that gives back is started anew in the child. */
static void decay_in_child(void)
{
	pid_t pid;

	NEED(!tamalloc_set(TAMALLOC_BACKGROUND, 1));
	NEED(!tamalloc_set(TAMALLOC_DECAY, 100));
	tamfree(tamalloc(MIB));
	sleep_milliseconds(50);
	pid = fork();
	if (!pid) {
		unsigned char *block = tamalloc(MIB);

		alarm(SECONDS);
		memset(block, 1, MIB);
		tamfree(block);
		while (statistics().reserved)
			sleep_milliseconds(10);
		_exit(0);
	}
	await(pid);
}

static void test_background_in_child(void **state)
{
	(void)state;
	in_child(decay_in_child);
}

/* In the child, what was done is what the child has done. */
static void count_in_child(void)
{
	unsigned char *block = tamalloc(MIB), *other = tamalloc(MIB);
	pid_t pid;

	memset(other, 1, MIB);
	tamfree(other);
	NEED(statistics().handed_out == 2 && statistics().blocks == 1);
	pid = fork();
	if (!pid) {
		NEED(statistics().handed_out == 0 && statistics().blocks == 1);
		tamfree(block);
		tamfree(tamalloc(MIB));
		NEED(statistics().handed_out == 1 && statistics().blocks == 0);
		_exit(0);
	}
	await(pid);
	tamfree(block);
}

static void test_counts(void **state)
{
	(void)state;
	in_child(count_in_child);
}

/*
 * Forks that the C library does not see
 */

static long raw_fork(void)
{
	return syscall(SYS_fork);
}

static long raw_clone(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

/* The descriptor that the parent has is open in the child, and of the parent's memory. */
static void reuse_in_children(long (*make)(void))
{
	for (int round = 0; round < 3; round++) {
		unsigned char *block = tamalloc(3 * MIB);
		long pid;

		memset(block, 3, MIB);
		tamfree(block);
		/* Free and clean, for the children and for us. */
		tamalloc_trim();
		tamfree(tamalloc(8 * MIB));
		pid = make();
		if (!pid) {
			alarm(SECONDS);
			reuse();
			pid = make();
			if (!pid) {
				alarm(SECONDS);
				reuse();
				_exit(0);
			}
			reuse();
			await((pid_t)pid);
			_exit(0);
		}
		await((pid_t)pid);
		reuse();
	}
}

static void fork_raw(void)
{
	reuse_in_children(raw_fork);
	reuse_in_children(raw_clone);
}

static void fork_raw_unwiped(void)
{
	atomic_store(&refuses_wipe, true);
	reuse_in_children(raw_fork);
	reuse_in_children(raw_clone);
}

static void test_raw(void **state)
{
	(void)state;
	in_child(fork_raw);
}

/* A kernel that does not wipe: then the pids tell. */
static void test_raw_unwiped(void **state)
{
	(void)state;
	in_child(fork_raw_unwiped);
}

/*
 * The first thing that the child's threads do is to take the lock, all at once
 */

#define CHILD_THREADS 4
#define CHILD_BLOCKS  200

/* Handlers are not run; the C library's threads can be used. It has that since 2.34. */
extern pid_t _Fork(void) __attribute__((weak));

static atomic_bool may_begin;

/* No block is another thread's, too. */
static void *own_blocks(void *name)
{
	static _Thread_local uintptr_t *block[CHILD_BLOCKS];

	while (!atomic_load(&may_begin))
		sched_yield();
	for (size_t i = 0; i < CHILD_BLOCKS; i++) {
		block[i] = tamalloc(LARGE + i % 8 * 16 * PAGE);
		NEED(block[i]);
		*block[i] = (uintptr_t)name + i;
	}
	for (size_t i = 0; i < CHILD_BLOCKS; i++)
		NEED(*block[i] == (uintptr_t)name + i);
	for (size_t i = 0; i < CHILD_BLOCKS; i++)
		tamfree(block[i]);
	return NULL;
}

static void fork_raw_with_threads(void)
{
	tamfree(tamalloc(MIB));
	for (int round = 0; round < 5 * ROUNDS; round++) {
		pid_t pid = _Fork ? _Fork() : (pid_t)raw_fork();
		pthread_t threads[CHILD_THREADS];

		if (pid) {
			await(pid);
			continue;
		}
		alarm(SECONDS);
		for (uintptr_t i = 0; i < CHILD_THREADS; i++)
			NEED(!pthread_create(&threads[i], NULL, own_blocks, (void *)(i * 1000)));
		atomic_store(&may_begin, true);
		for (int i = 0; i < CHILD_THREADS; i++)
			NEED(!pthread_join(threads[i], NULL));
		NEED(statistics().blocks == 0);
		_exit(0);
	}
}

static void test_raw_with_threads(void **state)
{
	(void)state;
	in_child(fork_raw_with_threads);
}

/* The child's memory is the parent's, its descriptors are its own. */
static void fork_shared(void)
{
	for (volatile int round = 0; round < 5; round++) {
		pid_t pid = vfork();

		if (!pid) {
			unsigned char *block = tamalloc(MIB);

			if (block)
				memset(block, 1, MIB / 3);
			tamfree(block);
			_exit(!block);
		}
		await(pid);
		reuse();
	}
}

static void *spawn(void *unused)
{
	for (int round = 0; round < 10; round++) {
		char *arguments[] = { "true", NULL };
		pid_t pid;

		NEED(!posix_spawnp(&pid, "true", NULL, NULL, arguments, environ));
		await(pid);
	}
	return unused;
}

static void spawn_among_threads(void)
{
	pthread_t threads[2];

	alarm(SECONDS);
	for (uintptr_t i = 0; i < 2; i++)
		NEED(!pthread_create(&threads[i], NULL, work, (void *)(i + 1)));
	spawn(NULL);
	atomic_store(&is_over, true);
	for (int i = 0; i < 2; i++)
		NEED(!pthread_join(threads[i], NULL));
}

static void test_vfork(void **state)
{
	(void)state;
	in_child(fork_shared);
}

static void test_spawn(void **state)
{
	(void)state;
	in_child(spawn_among_threads);
}

/*
 * Handlers of fork
 */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned char *kept;
static atomic_int handled;

/* Resizes, frees and asks. */
static void allocate_in_handler(void)
{
	unsigned char *block = tamalloc(MIB);

	NEED(block && is_zero(block, MIB));
	memset(block, 5, MIB);
	kept = tamrealloc(kept, kept ? 2 * MIB : MIB);
	NEED(kept);
	tamfree(block);
	if (atomic_fetch_add(&handled, 1) % 2) {
		tamfree(kept);
		kept = NULL;
	}
	NEED(statistics().reserved);
}

static void lock_in_handler(void)
{
	pthread_mutex_lock(&mutex);
	allocate_in_handler();
}

static void unlock_in_handler(void)
{
	allocate_in_handler();
	pthread_mutex_unlock(&mutex);
}

/* Who has the handlers' mutex waits for the allocator, not the other way round. */
static void *work_locked(void *unused)
{
	while (!atomic_load(&is_over)) {
		unsigned char *block;

		pthread_mutex_lock(&mutex);
		block = tamalloc(MIB);
		NEED(block && is_zero(block, MIB));
		memset(block, 1, MIB / 2);
		tamfree(block);
		pthread_mutex_unlock(&mutex);
		/* Else nobody else would get it. */
		sched_yield();
	}
	return unused;
}

/* Registered before the allocator's own, as a library's constructor may be. */
static atomic_bool handles_early, locks_early;
static pthread_mutex_t early_mutex = PTHREAD_MUTEX_INITIALIZER;

static void allocate_early(void)
{
	if (atomic_load(&handles_early))
		allocate_in_handler();
}

static void lock_early(void)
{
	if (atomic_load(&locks_early))
		pthread_mutex_lock(&early_mutex);
	allocate_early();
}

static void unlock_early(void)
{
	allocate_early();
	if (atomic_load(&locks_early))
		pthread_mutex_unlock(&early_mutex);
}

static __attribute__((constructor(101))) void register_early(void)
{
	pthread_atfork(lock_early, unlock_early, unlock_early);
}

static void handle_fork(void)
{
	pthread_t thread;

	alarm(SECONDS);
	atomic_store(&handles_early, true);
	NEED(!pthread_atfork(lock_in_handler, unlock_in_handler, unlock_in_handler));
	/* Now the allocator is in use; the same again, registered later. */
	tamfree(tamalloc(MIB));
	NEED(!pthread_atfork(allocate_in_handler, allocate_in_handler, allocate_in_handler));
	NEED(!pthread_create(&thread, NULL, work_locked, NULL));
	for (int round = 0; round < ROUNDS; round++) {
		pid_t pid = fork();

		if (!pid) {
			alarm(SECONDS);
			reuse();
			_exit(0);
		}
		await(pid);
	}
	NEED(atomic_load(&handled) >= 6 * ROUNDS);
	atomic_store(&is_over, true);
	NEED(!pthread_join(thread, NULL));
}

static void test_handlers(void **state)
{
	(void)state;
	in_child(handle_fork);
}

/*
 * Locks that a fork waits for, while those who have them wait for the allocator
 */

static void *work_early(void *unused)
{
	while (!atomic_load(&is_over)) {
		unsigned char *block;

		pthread_mutex_lock(&early_mutex);
		block = tamalloc(MIB);
		NEED(block && is_zero(block, MIB));
		touch(block, 7);
		tamfree(block);
		pthread_mutex_unlock(&early_mutex);
		sched_yield();
	}
	return unused;
}

static ssize_t write_allocating(void *cookie, const char *text, size_t size)
{
	unsigned char *block = tamalloc(MIB);

	(void)cookie, (void)text;
	NEED(block);
	touch(block, 5);
	tamfree(block);
	return (ssize_t)size;
}

/* The C library takes its list of streams when all handlers of fork have run. */
static void *flush_all(void *unused)
{
	FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_allocating });

	NEED(stream);
	while (!atomic_load(&is_over)) {
		NEED(fputs("text", stream) >= 0);
		NEED(!fflush(NULL));
	}
	fclose(stream);
	return unused;
}

static void fork_beside(void *(*run)(void *))
{
	pthread_t threads[2];

	alarm(SECONDS);
	for (int i = 0; i < 2; i++)
		NEED(!pthread_create(&threads[i], NULL, run, NULL));
	for (int round = 0; round < 10 * ROUNDS; round++) {
		pid_t pid = fork();

		if (!pid) {
			alarm(SECONDS);
			reuse();
			_exit(0);
		}
		await(pid);
	}
	atomic_store(&is_over, true);
	for (int i = 0; i < 2; i++)
		NEED(!pthread_join(threads[i], NULL));
}

static void fork_beside_early(void)
{
	atomic_store(&locks_early, true);
	fork_beside(work_early);
}

static void fork_beside_streams(void)
{
	fork_beside(flush_all);
}

static void test_early_lock(void **state)
{
	(void)state;
	in_child(fork_beside_early);
}

static void test_streams(void **state)
{
	(void)state;
	in_child(fork_beside_streams);
}

/*
 * A signal handler that forks: it may have interrupted the allocator, and in the child, too,
 * what it has interrupted goes on
 */

static volatile sig_atomic_t forks;
static volatile pid_t child_of_handler;

/* Each time after another while, which begins when the last handler has ended. */
static void interrupt_soon(void)
{
	static struct random random = { 4711 };
	struct itimerval once = { .it_value.tv_usec = 20 + (long)below(&random, 600) };

	setitimer(ITIMER_REAL, &once, NULL);
}

static void fork_in_handler(int number)
{
	int before = errno;
	pid_t pid = fork();

	(void)number;
	if (!pid) {
		/* It goes on as the program does, for a while. */
		child_of_handler = 1;
		signal(SIGALRM, SIG_DFL);
		alarm(SECONDS);
	} else if (pid > 0) {
		int status;

		waitpid(pid, &status, 0);
		if (status)
			_exit(3);
		forks++;
		interrupt_soon();
	}
	errno = before;
}

static void interrupt_allocator(void)
{
	struct sigaction action = { .sa_handler = fork_in_handler, .sa_flags = SA_RESTART };
	size_t left = 3;

	NEED(!tamalloc_set(TAMALLOC_DECAY, 5));
	NEED(!sigaction(SIGALRM, &action, NULL));
	interrupt_soon();
	for (size_t round = 0; forks < 2 * ROUNDS; round++) {
		unsigned char *block = tamalloc(MIB + round % 5 * 300000);

		NEED(block && is_zero(block, MIB));
		for (size_t page = round % 7; page < MIB / PAGE; page += 3)
			touch(block, page);
		if (!(round % 8))
			block = tamrealloc(block, 9 * MIB);
		NEED(block);
		tamfree(block);
		if (child_of_handler && !left--)
			_exit(0);
	}
}

static void test_signal(void **state)
{
	(void)state;
	in_child(interrupt_allocator);
}

/*
 * A fork while another thread does something for the first time: the child must not wait
 * for it.
 */
static void *begin(void *unused)
{
	unsigned char *block = tamalloc(MIB);

	memset(block, 1, MIB);
	tamfree(block);
	return unused;
}

static void fork_at_first_use(int kind)
{
	pthread_t thread;
	pid_t pid;

	alarm(SECONDS);
	atomic_store(&delays, kind);
	NEED(!pthread_create(&thread, NULL, begin, NULL));
	await_delayed();
	pid = fork();
	if (!pid) {
		alarm(SECONDS);
		reuse();
		_exit(0);
	}
	await(pid);
	atomic_store(&may_go_on, true);
	NEED(!pthread_join(thread, NULL));
	reuse();
}

static void fork_at_first_look(void)
{
	fork_at_first_use(DELAY_WIPE);
}

static void fork_at_first_block(void)
{
	fork_at_first_use(DELAY_ENVIRONMENT);
}

static void test_first_look(void **state)
{
	(void)state;
	in_child(fork_at_first_look);
}

static void test_first_block(void **state)
{
	(void)state;
	in_child(fork_at_first_block);
}

/*
 * Pages that a thread moves: the addresses that they leave, or that the kernel has taken away
 * for them in vain, may be another block's before that thread has the lock again
 */

#define MOVED (32 * MIB)
#define ROOM  (3 * MOVED + 8 * MIB)

static unsigned char *moving;

static void *grow_moving(void *unused)
{
	moving = tamrealloc(moving, 3 * MOVED);
	NEED(moving);
	return unused;
}

/* A block at addresses that were another's. */
static unsigned char *take_addresses(uintptr_t from, size_t size)
{
	for (int tries = 0; tries < 64; tries++) {
		unsigned char *block = tamalloc(2 * MOVED);

		NEED(block);
		if ((uintptr_t)block < from + size && (uintptr_t)block + 2 * MOVED > from)
			return block;
	}
	return NULL;
}

static void mark_block(unsigned char *block)
{
	for (size_t at = 0; at < 2 * MOVED; at += MIB / 4)
		block[at] = 0x55;
}

static void check_marks(const unsigned char *block)
{
	for (size_t at = 0; at < 2 * MOVED; at += MIB / 4)
		NEED(block[at] == 0x55);
}

static void use_beside(const unsigned char *block)
{
	alarm(SECONDS);
	check_marks(block);
	for (int i = 0; i < 8; i++) {
		unsigned char *other = tamalloc(MOVED);

		NEED(other && is_zero(other, MIB));
		NEED(other + MOVED <= block || other >= block + 2 * MOVED);
		memset(other, 1, MIB);
	}
	reuse();
	check_marks(block);
	_exit(0);
}

static void fork_while_moving(void)
{
	unsigned char *room, *block;
	uintptr_t taken;
	pthread_t thread;
	pid_t pid;

	alarm(SECONDS);
	tamalloc(LARGE);
	room = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(room != MAP_FAILED);
	moving = tamalloc(MOVED);
	memset(moving, 0x77, MIB);
	taken = (uintptr_t)moving;
	NEED(!munmap(room, ROOM));
	atomic_store(&delays, DELAY_MOVE);
	NEED(!pthread_create(&thread, NULL, grow_moving, NULL));
	await_delayed();
	/* So that another block ends where this one did. */
	room = (unsigned char *)taken + MOVED;
	NEED(mmap(room, atomic_load(&target) - (uintptr_t)room, PROT_NONE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == room);
	block = atomic_load(&refuses_move) ? take_addresses(atomic_load(&target), 3 * MOVED) :
					     take_addresses(taken, MOVED);
	NEED(block);
	mark_block(block);
	pid = fork();
	if (!pid)
		use_beside(block);
	await(pid);
	atomic_store(&may_go_on, true);
	NEED(!pthread_join(thread, NULL));
	NEED(is_all(moving, MIB, 0x77) && is_zero(moving + MIB, 3 * MOVED - MIB));
	check_marks(block);
	/* What comes behind it finds it. */
	if (block + 2 * MOVED == room)
		NEED(map_edge(page_of(room) / CHUNK_PAGES) == map_block(page_of(block)));
	tamfree(block);
	tamfree(moving);
	reuse();
}

static void fork_while_not_moving(void)
{
	atomic_store(&refuses_move, true);
	fork_while_moving();
}

static void test_moving(void **state)
{
	(void)state;
	in_child(fork_while_moving);
}

static void test_not_moving(void **state)
{
	(void)state;
	in_child(fork_while_not_moving);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_background),
		cmocka_unit_test(test_background_in_child),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_raw_unwiped),
		cmocka_unit_test(test_raw_with_threads),
		cmocka_unit_test(test_vfork),
		cmocka_unit_test(test_spawn),
		cmocka_unit_test(test_handlers),
		cmocka_unit_test(test_early_lock),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_first_look),
		cmocka_unit_test(test_first_block),
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_not_moving),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-fork", tests, NULL, NULL);
}
