// SPDX-License-Identifier: GPL-2.0
/*
 * A walk over thousands of processes gives the CPU back on the way. A real-time
 * thread on the same CPU is woken from the other one all the time; while a call
 * runs it must get its turn again and again, where a walk that does not let go
 * makes it wait until the end.
 *
 * A kernel with full preemption passes whatever the walk does, unless that holds
 * a spin lock: there the test shows nothing.
 */
#include <linux/futex.h>
#include <pthread.h>

#include "common.h"

#define CHILDREN	3000
#define CALLS		30
/* The wakeups that may slip in before the walk begins and after its end. */
#define SLIPPED		4

static pid_t pids[CHILDREN];
static unsigned int ticket;	/* changed by the waker, awaited by the guest */
static bool calling;		/* the caller is in, or next to, its call */
static unsigned int turns;	/* of the guest, while calling */
static bool guest_failed;

static void *run_guest(void *arg)
{
	const struct sched_param param = { .sched_priority = 10 };
	unsigned int seen;

	if (pin_to_cpu(0) || sched_setscheduler(0, SCHED_FIFO, &param)) {
		__atomic_store_n(&guest_failed, true, __ATOMIC_SEQ_CST);
		return NULL;
	}
	for (;;) {
		seen = __atomic_load_n(&ticket, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&calling, __ATOMIC_SEQ_CST))
			__atomic_add_fetch(&turns, 1, __ATOMIC_SEQ_CST);
		syscall(SYS_futex, &ticket, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
	}
	return NULL;
}

static void *run_waker(void *arg)
{
	pin_to_cpu(1);
	for (;;) {
		__atomic_add_fetch(&ticket, 1, __ATOMIC_SEQ_CST);
		syscall(SYS_futex, &ticket, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	return NULL;
}

/* The turns that the guest had while fn ran. */
static unsigned int turns_during(long (*fn)(void))
{
	__atomic_store_n(&turns, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&calling, true, __ATOMIC_SEQ_CST);
	fn();
	__atomic_store_n(&calling, false, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&turns, __ATOMIC_SEQ_CST);
}

static long call_total(void)
{
	struct tamalloc_global_info info;

	return total(&info);
}

static unsigned int median(unsigned int *values, int count)
{
	for (int i = 1; i < count; i++)
		for (int j = i; j && values[j - 1] > values[j]; j--) {
			unsigned int swap = values[j];

			values[j] = values[j - 1];
			values[j - 1] = swap;
		}
	return values[count / 2];
}

#define RT_RUNTIME	"/proc/sys/kernel/sched_rt_runtime_us"

FIXTURE(crowd) {
	int children;
	char rt_runtime[16];
};

FIXTURE_SETUP(crowd)
{
	pthread_t thread;

	ASSERT_LE(2, sysconf(_SC_NPROCESSORS_ONLN));
	self->children = is_slow() ? CHILDREN / 5 : CHILDREN;
	for (int i = 0; i < self->children; i++) {
		pids[i] = spawn_stopped(NULL, NULL);
		ASSERT_LT(0, pids[i]);
	}
	/* Else the kernel throttles a real-time thread that is too busy. */
	ASSERT_LT(0, read_file(RT_RUNTIME, self->rt_runtime,
			       sizeof(self->rt_runtime)));
	ASSERT_EQ(0, write_file(RT_RUNTIME, "-1"));
	ASSERT_EQ(0, pin_to_cpu(0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_guest, NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_waker, NULL));
}

FIXTURE_TEARDOWN(crowd)
{
	write_file(RT_RUNTIME, self->rt_runtime);
	reap_all(pids, self->children);
}

TEST_F_TIMEOUT(crowd, walk_lets_others_run, 120)
{
	unsigned int found[CALLS];

	for (int i = 0; i < CALLS; i++)
		found[i] = turns_during(call_total);
	ASSERT_FALSE(__atomic_load_n(&guest_failed, __ATOMIC_SEQ_CST));
	EXPECT_LT(SLIPPED, median(found, CALLS))
		TH_LOG("the guest had %u turns in a call", median(found, CALLS));
}

TAMALLOC_TEST_MAIN
