// SPDX-License-Identifier: GPL-2.0
/*
 * Each call with its first, second, ... possible fault injected, until there is
 * none left to inject: it must succeed, or fail as documented and leave nothing
 * behind. For kernels with fault injection; run it with kmemleak.
 */
#include "maps.h"
#include "snapshot.h"

#define DEBUGFS		"/sys/kernel/debug/"
#define FAULTS_MAX	1000

static int nth_fd;

/* Makes the nth fault from now on happen. */
static int arm(int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", nth);

	return write(nth_fd, text, length) == length ? 0 : -1;
}

/* Whether the fault has happened since arm(); none will happen after this. */
static bool disarm(void)
{
	char text[16] = "";
	bool fired;

	/* A read that fails has met the fault itself. */
	fired = pread(nth_fd, text, sizeof(text) - 1, 0) > 0 && text[0] == '0';
	if (arm(0))
		arm(0);
	return fired;
}

/* A kernel may lack a kind of fault; what it has is set to hit everything. */
static void configure(const char *fault, const char *option, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "%s/%s", fault, option);
	if (access(path, W_OK) == 0 && write_file(path, value))
		ksft_print_msg("cannot write %s\n", path);
}

FIXTURE(faults) {
	int mappings;
	struct sizes sizes;
};

FIXTURE_SETUP(faults)
{
	static const char * const kinds[] = {
		"failslab", "fail_page_alloc", "fail_usercopy",
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		configure(kinds[i], "probability", "0");
		configure(kinds[i], "verbose", "0");
		configure(kinds[i], "ignore-gfp-wait", "N");
		configure(kinds[i], "ignore-gfp-highmem", "N");
		configure(kinds[i], "min-order", "0");
	}
	ASSERT_EQ(0, access(DEBUGFS "failslab", F_OK));
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, nth_fd);

	/* The first reading allocates buffers of its own. */
	count_mappings();
	ASSERT_EQ(0, mlockall(MCL_CURRENT));
	self->mappings = count_mappings();
	ASSERT_EQ(0, sizes_at("/proc/self", &self->sizes));
}

FIXTURE_TEARDOWN(faults)
{
	close(nth_fd);
}

static void expect_nothing_left(struct __test_metadata *_metadata,
				const FIXTURE_DATA(faults) *self)
{
	struct sizes sizes;

	EXPECT_EQ(self->mappings, count_mappings());
	ASSERT_EQ(0, sizes_at("/proc/self", &sizes));
	EXPECT_EQ(self->sizes.size, sizes.size);
}

TEST_F(faults, reserve_succeeds_or_is_out_of_memory)
{
	int failed = 0, fired = 0;

	for (int nth = 1; nth <= FAULTS_MAX; nth++) {
		char *region;
		int error;

		ASSERT_EQ(0, arm(nth));
		region = reserve(64 * PAGE);
		error = errno;
		if (!disarm()) {
			ASSERT_NE(MAP_FAILED, region);
			ASSERT_EQ(0, munmap(region, 64 * PAGE));
			break;
		}
		fired++;
		if (region == MAP_FAILED) {
			EXPECT_EQ(ENOMEM, error);
			failed++;
		} else {
			/* Without its name at worst. */
			region[64 * PAGE - 1] = 'Z';
			EXPECT_EQ(0, region[0]);
			ASSERT_EQ(0, munmap(region, 64 * PAGE));
		}
		expect_nothing_left(_metadata, self);
	}
	EXPECT_LT(0, failed);
	EXPECT_GT(FAULTS_MAX, fired);
	TH_LOG("%d faults, %d of them made the call fail", fired, failed);
}

static void expect_success_or_efault(struct __test_metadata *_metadata,
				     const FIXTURE_DATA(faults) *self,
				     long (*call)(void *info))
{
	int fired = 0;
	char info[32];

	for (int nth = 1; nth <= FAULTS_MAX; nth++) {
		long result;
		int error;

		ASSERT_EQ(0, arm(nth));
		result = call(info);
		error = errno;
		if (!disarm()) {
			EXPECT_EQ(0, result);
			break;
		}
		fired++;
		if (result) {
			EXPECT_EQ(EFAULT, error);
		}
		expect_nothing_left(_metadata, self);
	}
	EXPECT_LT(0, fired);
	EXPECT_GT(FAULTS_MAX, fired);
	TH_LOG("%d faults", fired);
}

static long call_total(void *info)
{
	return total(info);
}

static long call_process(void *info)
{
	return process(getpid(), info);
}

TEST_F(faults, total_succeeds_or_faults)
{
	expect_success_or_efault(_metadata, self, call_total);
}

TEST_F(faults, process_succeeds_or_faults)
{
	expect_success_or_efault(_metadata, self, call_process);
}

static int sleep_on(void *arg)
{
	die_with_parent();
	for (;;)
		pause();
	return 0;
}

/* With shared memory the walk has something to remember. */
TEST_F(faults, total_with_sharers_is_right_or_faults)
{
	static char stack[16 * KIB] __attribute__((aligned(16)));
	struct tamalloc_global_info expected, info;
	int fired = 0;
	pid_t pid;

	pid = clone(sleep_on, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, total(&expected));
	for (int nth = 1; nth <= FAULTS_MAX; nth++) {
		long result;
		int error;

		ASSERT_EQ(0, arm(nth));
		result = total(&info);
		error = errno;
		if (!disarm())
			break;
		fired++;
		if (result) {
			EXPECT_EQ(EFAULT, error);
		} else {
			EXPECT_GE(1, distance(expected.aggregate_vm_mb,
					      info.aggregate_vm_mb));
		}
	}
	/* One for the copy, one for what the walk remembers. */
	EXPECT_LE(2, fired);
	reap(pid);
}

/* Fewer records at worst: what they say, and where to go on, is right. */
static void expect_whole_records(struct __test_metadata *_metadata,
				 const struct tamalloc_snapshot *about, long count,
				 const struct tamalloc_record *records,
				 const struct tamalloc_record *expected, long all)
{
	ASSERT_LT(0, count);
	ASSERT_GE(all, count);
	for (long i = 0; i < count; i++) {
		EXPECT_EQ(expected[i].pid, records[i].pid);
		EXPECT_EQ(expected[i].flags, records[i].flags);
		EXPECT_EQ(expected[i].address_space, records[i].address_space);
	}
	EXPECT_EQ(count < all ? expected[count].pid : 0, about->cursor);
}

/* With shared memory, and with more records than the kernel copies at once. */
TEST_F(faults, snapshot_is_right_or_fails)
{
	enum { RECORDS = 500, CHILDREN = 40 };
	static struct tamalloc_record records[RECORDS], expected[RECORDS];
	static char stack[16 * KIB] __attribute__((aligned(16)));
	int out_of_memory = 0, faulted = 0, cut = 0;
	pid_t pids[CHILDREN], sharer;
	long count;
	int nth;

	sharer = clone(sleep_on, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	ASSERT_LT(0, sharer);
	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = spawn_stopped(NULL, NULL);
		ASSERT_LT(0, pids[i]);
	}
	count = take_all(expected, RECORDS, RECORDS, 0);
	ASSERT_LT(CHILDREN, count);

	for (nth = 1; nth <= FAULTS_MAX; nth++) {
		struct tamalloc_snapshot about = request(records, RECORDS);
		long result;
		int error;

		ASSERT_EQ(0, arm(nth));
		result = ask(&about);
		error = errno;
		if (!disarm()) {
			EXPECT_EQ(count, result);
			break;
		}
		if (result < 0) {
			ASSERT_TRUE(error == ENOMEM || error == EFAULT)
				TH_LOG("errno %d", error);
			out_of_memory += error == ENOMEM;
			faulted += error == EFAULT;
			continue;
		}
		expect_whole_records(_metadata, &about, result, records,
				     expected, count);
		cut += result < count;
	}
	EXPECT_GT(FAULTS_MAX, nth);
	/* The page to work in; the struct and the first records; later ones. */
	EXPECT_LT(0, out_of_memory);
	EXPECT_LT(0, faulted);
	EXPECT_LT(0, cut);
	TH_LOG("%d faults: %d out of memory, %d bad memory, %d fewer records",
	       nth - 1, out_of_memory, faulted, cut);
	reap_all(pids, CHILDREN);
	reap(sharer);
}

int main(int argc, char **argv)
{
	if (calls_are_absent() || access("/proc/self/fail-nth", F_OK)) {
		ksft_print_header();
		ksft_exit_skip("kernel without tamalloc or fault injection\n");
	}
	return test_harness_run(argc, argv);
}
