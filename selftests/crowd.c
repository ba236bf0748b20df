// SPDX-License-Identifier: GPL-2.0
/* Thousands of processes: each one counted, to the page. */
#include <sys/time.h>

#include "snapshot.h"

#define CROWD_MAX	5000

#define RECORDS		(CROWD_MAX + 500)

static pid_t pids[CROWD_MAX];
static int crowd;
static struct tamalloc_record records[RECORDS];

static int touch_some(void *arg)
{
	unsigned long pages = 1 + (unsigned long)arg % 16;
	char *region = reserve(pages * PAGE);

	if (region == MAP_FAILED)
		return -1;
	touch(region, pages / 2);
	return 0;
}

TEST(statistics_equal_page_walks)
{
	struct tamalloc_global_info all;
	struct tamalloc_proc_info info;
	struct sizes sizes, sum;

	for (int i = 0; i < crowd; i++) {
		ASSERT_EQ(0, sizes_of(pids[i], &sizes));
		ASSERT_EQ(0, process(pids[i], &info));
		ASSERT_EQ(sizes.size * KIB_PER_PAGE, info.vm_kb);
		ASSERT_EQ(sizes.resident * KIB_PER_PAGE, info.rss_kb);
	}
	/*
	 * Of the whole guest: what else runs there had time to settle, whereas
	 * a difference to the total before the crowd would hold what it did since.
	 */
	ASSERT_EQ(0, sizes_of_all(&sum));
	ASSERT_EQ(0, total(&all));
	EXPECT_GE(1, distance(sum.size / PAGES_PER_MIB, all.aggregate_vm_mb));
	EXPECT_GE(1, distance(sum.resident / PAGES_PER_MIB, all.aggregate_rss_mb));
}

/* In one call, and in as many as a program with little room makes. */
TEST(snapshot_equals_page_walks)
{
	static const uint32_t steps[] = { RECORDS, 1000, 10 };
	struct sizes sizes;

	for (size_t step = 0; step < ARRAY_SIZE(steps); step++) {
		int count = take_all(records, RECORDS, steps[step], 0);
		int found = 0;

		ASSERT_LT(crowd, count);
		for (int i = 1; i < count; i++)
			ASSERT_LT(records[i - 1].pid, records[i].pid);
		for (int i = 0; i < count; i++) {
			if (records[i].parent != getppid() || records[i].pid == getpid())
				continue;
			ASSERT_EQ(0, sizes_of(records[i].pid, &sizes));
			ASSERT_EQ(sizes.size * PAGE, records[i].virtual_size);
			ASSERT_EQ(sizes.resident * PAGE, records[i].anonymous +
				  records[i].file + records[i].shared_memory);
			found++;
		}
		ASSERT_EQ(crowd, found)
			TH_LOG("%u at a time", steps[step]);
	}
}

/* Takes a snapshot into memory that others see, and waits to be killed. */
static void take_and_wait(struct tamalloc_record *shared)
{
	struct tamalloc_snapshot about = request(shared, RECORDS);

	die_with_parent();
	pin_to_cpu(1);
	if (ask(&about) < 0)
		_exit(EXIT_FAILURE);
	for (;;)
		pause();
}

/* Kills a caller when its first records have come; returns how many came. */
static int records_until_killed(struct tamalloc_record *shared)
{
	int came = 0, status;
	pid_t pid;

	memset(shared, 0, RECORDS * RECORD_SIZE);
	pid = fork();
	if (pid == 0)
		take_and_wait(shared);
	while (pid > 0 && !__atomic_load_n(&shared->size, __ATOMIC_SEQ_CST) &&
	       !waitpid(pid, &status, WNOHANG))
		;
	if (pid < 0 || kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid ||
	    !WIFSIGNALED(status))
		return -1;
	while (came < RECORDS && shared[came].size)
		came++;
	return came;
}

/*
 * The best of some attempts: where CPUs are virtual, the one that kills may
 * itself be kept from running.
 */
TEST(fatal_signal_ends_a_snapshot)
{
	struct tamalloc_record *shared =
		shared_with_children(RECORDS * RECORD_SIZE);
	int least = RECORDS;

	ASSERT_NE(MAP_FAILED, shared);
	ASSERT_EQ(0, pin_to_cpu(0));
	for (int i = 0; i < 50 && least > crowd / 2; i++) {
		int came = records_until_killed(shared);

		ASSERT_LT(0, came);
		if (least > came)
			least = came;
	}
	TH_LOG("records of the caller killed soonest: %d", least);
	EXPECT_GE(crowd / 2, least);
}

static int alarms;

static void count_alarm(int signal)
{
	alarms++;
}

TEST(other_signals_do_not)
{
	const struct sigaction action = { .sa_handler = count_alarm };
	const struct itimerval often = {
		.it_interval.tv_usec = 1000,
		.it_value.tv_usec = 1000,
	};
	const struct itimerval never = { .it_value.tv_usec = 0 };

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	/* The handler runs when the call is over: in some it came meanwhile. */
	for (int i = 0; i < 10; i++) {
		struct tamalloc_snapshot about = request(records, RECORDS);
		long found;

		ASSERT_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
		found = ask(&about);
		ASSERT_EQ(0, setitimer(ITIMER_REAL, &never, NULL));
		ASSERT_LT(crowd, found);
		ASSERT_EQ(0, about.cursor);
	}
	EXPECT_LT(0, alarms);
}

int main(int argc, char **argv)
{
	int status;

	if (calls_are_absent()) {
		ksft_print_header();
		ksft_exit_skip("kernel without tamalloc\n");
	}
	crowd = is_slow() ? CROWD_MAX / 5 : CROWD_MAX;
	if (raise_crowd(pids, crowd, touch_some)) {
		ksft_print_header();
		ksft_exit_fail_msg("%d processes: %s\n", crowd, strerror(errno));
	}
	status = test_harness_run(argc, argv);
	reap_all(pids, crowd);
	return status;
}
