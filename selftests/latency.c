// SPDX-License-Identifier: GPL-2.0
/*
 * A walk over thousands of processes gives the CPU back on the way. A real-time
 * thread on the same CPU is woken from the other one every now and then; while a
 * call runs it must get its turn again and again, where a walk that does not let
 * go makes it wait until the end.
 *
 * Not by a timer: without a good clock those of a guest tick too slowly. The
 * best of many calls counts, of those in which the waker was not itself kept
 * from running.
 *
 * A kernel with full preemption lets the thread run whatever the walk does,
 * unless that disables preemption or holds a spin lock: there the test shows
 * less.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <time.h>

#include "snapshot.h"

#define CHILDREN	6000
#define SECONDS		30
/* Much more than may slip in before the walk begins and after its end. */
#define TURNS		12
/*
 * A call tells something if the waker ran beside it: where the CPUs are virtual, it may
 * have been kept from that. So many calls that do, however long it takes, within reason.
 */
#define WAKES		(4 * TURNS)
#define CALLS		20
#define SECONDS_MAX	240

static pid_t pids[CHILDREN];
static unsigned int ticket;	/* changed by the waker, awaited by the guest */
static bool calling;		/* the caller is in, or next to, its call */
static unsigned int turns;	/* of the guest, while calling */
static unsigned int wakes;	/* of the waker, while calling */
static bool guest_failed;

static void *run_guest(void *arg)
{
	const struct sched_param param = { .sched_priority = 10 };
	unsigned int seen;

	if (sched_setscheduler(0, SCHED_FIFO, &param)) {
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
		/* Long against the way into the kernel, short against a walk. */
		for (int i = 0; i < 50000; i++)
			__asm__ __volatile__("");
		__atomic_add_fetch(&ticket, 1, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&calling, __ATOMIC_SEQ_CST))
			__atomic_add_fetch(&wakes, 1, __ATOMIC_SEQ_CST);
		syscall(SYS_futex, &ticket, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	return NULL;
}

/* The turns that the guest had while fn ran. */
static unsigned int turns_during(long (*fn)(void))
{
	__atomic_store_n(&turns, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&wakes, 0, __ATOMIC_SEQ_CST);
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

static long call_snapshot(void)
{
	static struct tamalloc_record records[2 * CHILDREN];
	struct tamalloc_snapshot about = request(records, ARRAY_SIZE(records));

	return ask(&about);
}

#define RT_RUNTIME	"/proc/sys/kernel/sched_rt_runtime_us"

FIXTURE(crowd) {
	char rt_runtime[16];
};

FIXTURE_VARIANT(crowd) {
	long (*call)(void);
};

FIXTURE_VARIANT_ADD(crowd, total) { .call = call_total };
FIXTURE_VARIANT_ADD(crowd, snapshot) { .call = call_snapshot };

FIXTURE_SETUP(crowd)
{
	pthread_t thread;

	ASSERT_LE(2, sysconf(_SC_NPROCESSORS_ONLN));
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
}

TEST_F(crowd, walk_lets_others_run)
{
	unsigned int found, best = 0, telling = 0;
	time_t start = time(NULL), passed;

	do {
		found = turns_during(variant->call);
		if (best < found)
			best = found;
		telling += __atomic_load_n(&wakes, __ATOMIC_SEQ_CST) >= WAKES;
		passed = time(NULL) - start;
	} while (best < TURNS && passed < SECONDS_MAX &&
		 (passed < SECONDS || telling < CALLS));
	ASSERT_FALSE(__atomic_load_n(&guest_failed, __ATOMIC_SEQ_CST));
	TH_LOG("turns of the guest in a call: %u; %u calls beside the waker", best, telling);
	EXPECT_LE(TURNS, best);
}

int main(int argc, char **argv)
{
	int children = is_slow() ? CHILDREN / 5 : CHILDREN;
	int status;

	if (calls_are_absent()) {
		ksft_print_header();
		ksft_exit_skip("kernel without tamalloc\n");
	}
	if (raise_crowd(pids, children, NULL)) {
		ksft_print_header();
		ksft_exit_fail_msg("%d processes: %s\n", children, strerror(errno));
	}
	status = test_harness_run(argc, argv);
	reap_all(pids, children);
	return status;
}
