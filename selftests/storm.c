// SPDX-License-Identifier: GPL-2.0
/* The statistics while processes come and go on all CPUs. */
#include <pthread.h>

#include "snapshot.h"

#define RESIDENTS	40
#define STORMERS	4
/* So few pids that they are soon given again, below those who stay, too. */
#define PID_MAX		"600"
#define PID_MAX_FILE	"/proc/sys/kernel/pid_max"

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
	char pid_max[16];
	time_t end;
};

FIXTURE_SETUP(storm)
{
	ASSERT_LT(0, read_file(PID_MAX_FILE, self->pid_max, sizeof(self->pid_max)));
	ASSERT_EQ(0, write_file(PID_MAX_FILE, PID_MAX));
	for (int i = 0; i < STORMERS; i++) {
		self->stormers[i] = fork();
		ASSERT_LE(0, self->stormers[i]);
		if (self->stormers[i] == 0)
			storm(i % 2);
	}
	/* In the storm, so that others come and go between their pids. */
	for (int i = 0; i < RESIDENTS; i++) {
		self->residents[i] = spawn_stopped(reserve_some, NULL);
		ASSERT_LT(0, self->residents[i]);
	}
	self->end = now() + (is_slow() ? 8 : 4);
}

FIXTURE_TEARDOWN(storm)
{
	reap_all(self->stormers, STORMERS);
	reap_all(self->residents, RESIDENTS);
	write_file(PID_MAX_FILE, self->pid_max);
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

/* One, some, all but one of a page of the kernel's, that page, more, and all. */
TEST_F(storm, snapshot_holds_those_who_stay_once)
{
	static const uint32_t steps[] = {
		1, 7, RECORDS_PER_PAGE, RECORDS_PER_PAGE + 1, 1000,
	};
	static struct tamalloc_record records[1000];
	uint64_t seen_before = 0;
	int rounds = 0, changes = 0;

	do {
		uint32_t step = steps[rounds++ % ARRAY_SIZE(steps)];
		int count = take_all(records, ARRAY_SIZE(records), step, 0);
		int stay = 0;
		uint64_t sum = 0;

		ASSERT_LT(RESIDENTS, count);
		for (int i = 0; i < count; i++) {
			sum += records[i].start_time;
			ASSERT_EQ(RECORD_SIZE, records[i].size);
			ASSERT_EQ('\0', records[i].command[15]);
			ASSERT_LT(i ? records[i - 1].pid : 0, records[i].pid)
				TH_LOG("%u at a time", step);
			for (int j = 0; j < RESIDENTS; j++) {
				if (records[i].pid != self->residents[j])
					continue;
				stay++;
				ASSERT_LE(16 * MIB, records[i].virtual_size);
				ASSERT_LE(MIB, records[i].anonymous);
				ASSERT_EQ(0, records[i].flags);
			}
		}
		ASSERT_EQ(RESIDENTS, stay)
			TH_LOG("%u at a time", step);
		changes += sum != seen_before;
		seen_before = sum;
	} while (now() < self->end || rounds < 4 * ARRAY_SIZE(steps));
	/* There was a storm. */
	EXPECT_LT(ARRAY_SIZE(steps), changes);
}

TAMALLOC_TEST_MAIN
