// SPDX-License-Identifier: GPL-2.0
/* The statistics while processes come and go on all CPUs. */
#include <pthread.h>

#include "common.h"

#define RESIDENTS	40
#define STORMERS	4

static int reserve_some(void *arg)
{
	char *region = reserve(16 * MIB);

	if (region == MAP_FAILED)
		return -1;
	touch(region, MIB / PAGE);
	return 0;
}

static void *exit_thread(void *arg)
{
	return NULL;
}

/* One short life; every kind of them in turn. */
static void live_and_die(unsigned int kind)
{
	pthread_t thread;
	char *region;

	switch (kind % 4) {
	case 0:
		break;
	case 1:
		region = reserve(MIB);
		touch(region, 10);
		break;
	case 2:
		if (vfork() == 0)
			_exit(0);
		break;
	case 3:
		/* Leaves the memory to the thread for a moment. */
		pthread_create(&thread, NULL, exit_thread, NULL);
		pthread_exit(NULL);
	}
	_exit(0);
}

static void storm(int cpu)
{
	die_with_parent();
	pin_to_cpu(cpu);
	for (unsigned int i = 0;; i++) {
		pid_t pid = fork();

		if (pid == 0)
			live_and_die(i);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

FIXTURE(storm) {
	pid_t residents[RESIDENTS];
	pid_t stormers[STORMERS];
	time_t end;
};

FIXTURE_SETUP(storm)
{
	for (int i = 0; i < RESIDENTS; i++) {
		self->residents[i] = spawn_stopped(reserve_some, NULL);
		ASSERT_LT(0, self->residents[i]);
	}
	for (int i = 0; i < STORMERS; i++) {
		self->stormers[i] = fork();
		ASSERT_LE(0, self->stormers[i]);
		if (self->stormers[i] == 0)
			storm(i % 2);
	}
	self->end = now() + (is_slow() ? 8 : 4);
}

FIXTURE_TEARDOWN(storm)
{
	reap_all(self->stormers, STORMERS);
	reap_all(self->residents, RESIDENTS);
}

TEST_F(storm, total_always_succeeds_and_counts_those_who_stay)
{
	struct tamalloc_global_info info;
	int calls = 0;

	while (now() < self->end) {
		ASSERT_EQ(0, total(&info));
		ASSERT_LE(RESIDENTS * 16, info.aggregate_vm_mb);
		ASSERT_LE(RESIDENTS, info.aggregate_rss_mb);
		ASSERT_GE(RESIDENTS * 16 + 2048, info.aggregate_vm_mb);
		ASSERT_GE(RESIDENTS + 512, info.aggregate_rss_mb);
		calls++;
	}
	EXPECT_LT(10, calls);
}

TEST_F(storm, process_succeeds_or_tells_that_it_is_gone)
{
	struct tamalloc_proc_info info;
	pid_t newest = getpid();
	int found = 0;

	while (now() < self->end) {
		/* Where the newcomers are: just before the last pid given. */
		newest = fork();
		ASSERT_LE(0, newest);
		if (newest == 0)
			_exit(0);
		for (pid_t pid = newest - 50; pid <= newest + 50; pid++) {
			errno = 0;
			if (process(pid, &info) == 0) {
				found++;
				ASSERT_LE(info.rss_kb, 16 * MIB);
				ASSERT_LE(info.vm_kb, 16 * MIB);
				ASSERT_EQ(0, info.oom_adjustment);
				continue;
			}
			ASSERT_TRUE(errno == ESRCH || errno == EINVAL)
				TH_LOG("pid %d: errno %d", pid, errno);
		}
		waitpid(newest, NULL, 0);
		for (int i = 0; i < RESIDENTS; i++)
			ASSERT_EQ(0, process(self->residents[i], &info));
	}
	EXPECT_LT(10, found);
}

TAMALLOC_TEST_MAIN
