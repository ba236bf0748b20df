// SPDX-License-Identifier: MIT
/*
 * Which processes are one address space, while one of them ends: before each comparison
 * in turn. Those that live are told apart all the same, and none is lost.
 */
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "../alone.h"
#include "internal.h"
#include "lib-common.h"

#define GIB ((uint64_t)1 << 30)

#define OTHERS 5
#define MEMBERS (OTHERS + 3)

static bool is_alone;	/* with its own processes */

static pid_t victim;
static unsigned int calls, end_at; /* 0: it lives */

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_kcmp && end_at && ++calls == end_at) {
		end_at = 0;
		end(victim);
	}
	return __real_syscall(number, a, b, c, d, e, f);
}

static int sleep_beside(void *parent)
{
	end_with(*(pid_t *)parent);
	sleep_on();
	return 0;
}

/* A process in the same memory as this one. */
static pid_t start_twin(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	static pid_t self;
	pid_t twin;

	self = getpid();
	twin = clone(sleep_beside, stack + sizeof(stack), CLONE_VM | SIGCHLD, &self);
	NEED(twin > 0);
	return twin;
}

static struct member member_of(pid_t pid)
{
	/* A size of its own each: nobody is in doubt. */
	return (struct member){ .pid = pid, .thread = pid, .text = 1, .size = (uint64_t)pid };
}

struct result {
	unsigned int runs, wrong, doubtful;
};

/* The members in an order that begins with the first-th. */
static bool run(const pid_t *pids, size_t first, struct result *result)
{
	struct member members[MEMBERS], spare[MEMBERS];
	unsigned int of_pair = 0, others = 0;
	uint64_t doubtful;
	size_t count;

	for (size_t i = 0; i < MEMBERS; i++)
		members[i] = member_of(pids[(first + i) % MEMBERS]);
	count = sharing_resolve(members, MEMBERS, spare, true, &doubtful);
	for (size_t i = 0; i < count && i < MEMBERS; i++) {
		if (members[i].pid == pids[0] || members[i].pid == pids[1])
			of_pair++;
		else
			others++;
	}
	result->runs++;
	result->wrong += of_pair != 1 || others != MEMBERS - 2;
	result->doubtful += doubtful != 0;
	return !end_at;
}

static void compare_while_one_ends(void)
{
	struct result result = { 0 };
	pid_t pids[MEMBERS];

	/* This one and its twin; then those that have nobody; the last is to end. */
	pids[0] = getpid();
	pids[1] = start_twin();
	for (size_t i = 2; i < MEMBERS - 1; i++)
		pids[i] = start(sleep_on);
	for (size_t first = 0; first < MEMBERS; first++) {
		bool has_ended = true;

		for (unsigned int n = 1; has_ended; n++) {
			victim = pids[MEMBERS - 1] = start(sleep_on);
			calls = 0;
			end_at = n;
			has_ended = run(pids, first, &result);
			if (!has_ended)
				end(victim);
		}
	}
	for (size_t i = 1; i < MEMBERS - 1; i++)
		end(pids[i]);
	fprintf(stderr, "# %u runs, %u wrong, %u in doubt\n", result.runs, result.wrong,
		result.doubtful);
	NEED(result.runs > MEMBERS * 8 && !result.wrong && !result.doubtful);
}

static void test_native_one_ends(void **state)
{
	(void)state;
	in_child(compare_while_one_ends);
}

/* More than a few, of which every other shares with the one before it. */
static void compare_many(void)
{
	enum { PAIRS = 50 };
	struct member members[3 * PAIRS], spare[3 * PAIRS];
	uint64_t doubtful;
	pid_t twin = start_twin(), others[PAIRS];

	for (size_t i = 0; i < 3 * PAIRS; i += 3) {
		members[i] = member_of(getpid());
		others[i / 3] = start(sleep_on);
		members[i + 1] = member_of(others[i / 3]);
		members[i + 2] = member_of(twin);
	}
	NEED(sharing_resolve(members, 3 * PAIRS, spare, true, &doubtful) == PAIRS + 1);
	NEED(!doubtful);
	NEED(sharing_resolve(members, 0, spare, true, &doubtful) == 0);
	NEED(sharing_resolve(members, 1, spare, true, &doubtful) == 1);
	/* Each to its end: the next test counts what lives. */
	for (size_t i = 0; i < PAIRS; i++)
		end(others[i]);
	end(twin);
}

static void test_native_many(void **state)
{
	(void)state;
	in_child(compare_many);
}

static uint64_t total_reserved(void)
{
	struct tamalloc_total total;

	NEED(!tamalloc_total(TAMALLOC_TOTAL_PROCESSES, &total, sizeof(total)));
	return total.reserved;
}

static void reserve_and_share(void)
{
	NEED(mmap(NULL, 16 * GIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		  -1, 0) != MAP_FAILED);
	start_twin();
	raise(SIGSTOP);
	sleep_on();
}

/*
 * Two processes in one address space add to the sum what one of them has: exactly, where
 * the test sees its own processes only. Elsewhere others come and go; then no less.
 */
static void test_native_shared_memory_counts_once(void **state)
{
	struct tamalloc_process record;
	uint64_t before, with;
	pid_t pid;
	int err;

	(void)state;
	before = total_reserved();
	pid = start(reserve_and_share);
	kill(pid, SIGCONT);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	with = total_reserved();
	err = tamalloc_process(pid, TAMALLOC_RESERVED, &record, sizeof(record));
	end(pid);
	assert_int_equal(err, 0);
	assert_true(record.reserved >= 16 * GIB);
	if (is_alone)
		assert_true(with - before == record.reserved);
	else
		assert_true(with >= record.reserved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native_one_ends),
		cmocka_unit_test(test_native_many),
		cmocka_unit_test(test_native_shared_memory_counts_once),
	};

	is_alone = live_alone();
	tamalloc_set_backend(TAMALLOC_PROC);
	print_tap();
	return cmocka_run_group_tests_name("lib-sharing", tests, NULL, NULL);
}
