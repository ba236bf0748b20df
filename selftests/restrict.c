// SPDX-License-Identifier: GPL-2.0
/* The sysctl vm.tamalloc_restrict: who may see whose memory. */
#include <grp.h>
#include <pthread.h>
#include <sys/mount.h>

#include "snapshot.h"

#define SYSCTL	"/proc/sys/vm/tamalloc_restrict"
#define USER	1000

/* What an unprivileged process found out. */
struct seen {
	int root_errno, missing_errno, own_errno, sibling_errno;
	struct sizes sum;
	struct tamalloc_global_info info;
	pid_t own, pids[6];
	bool ready;
	struct tamalloc_record records[500];
	int count;
};

static struct seen *seen;

static int become_user(void)
{
	if (setgroups(0, NULL) || syscall(SYS_setresgid, USER, USER, USER) ||
	    syscall(SYS_setresuid, USER, USER, USER))
		return -1;
	/* Or else the user's processes count as root's. */
	return prctl(PR_SET_DUMPABLE, 1);
}

static int reserve_some(void *arg)
{
	char *region = reserve(100 * MIB);

	if (region == MAP_FAILED)
		return -1;
	touch(region, 5 * PAGES_PER_MIB);
	return 0;
}

static int errno_for(pid_t pid)
{
	struct tamalloc_proc_info info;

	return process(pid, &info) ? errno : 0;
}

static int look_around(void)
{
	pid_t *pids = seen->pids;
	struct sizes sizes;

	if (become_user())
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(seen->pids); i++) {
		pids[i] = spawn_stopped(reserve_some, NULL);
		if (pids[i] < 0 || sizes_of(pids[i], &sizes))
			return 2;
		seen->sum.size += sizes.size;
		seen->sum.resident += sizes.resident;
	}
	seen->root_errno = errno_for(1);
	seen->missing_errno = errno_for(INT32_MAX);
	seen->own_errno = errno_for(getpid());
	seen->sibling_errno = errno_for(pids[0]);
	if (sizes_at("/proc/self", &sizes) || total(&seen->info))
		return 3;
	seen->sum.size += sizes.size;
	seen->sum.resident += sizes.resident;
	seen->own = getpid();
	seen->count = take_all(seen->records, ARRAY_SIZE(seen->records), 2,
			       TAMALLOC_SNAPSHOT_MEMORYLESS);
	reap_all(pids, ARRAY_SIZE(seen->pids));
	return 0;
}

static int run_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		die_with_parent();
		_exit(fn());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

FIXTURE(restrict) {
	pid_t roots;
};

FIXTURE_SETUP(restrict)
{
	seen = shared_with_children(sizeof(*seen));
	ASSERT_NE(MAP_FAILED, seen);
	self->roots = spawn_stopped(reserve_some, NULL);
	ASSERT_LT(0, self->roots);
}

FIXTURE_TEARDOWN(restrict)
{
	write_file(SYSCTL, "2");
	reap(self->roots);
}

TEST_F(restrict, follows_proc_by_default)
{
	char text[16];

	ASSERT_LT(0, read_file(SYSCTL, text, sizeof(text)));
	EXPECT_STREQ("2\n", text);
}

TEST_F(restrict, takes_zero_one_and_two_only)
{
	static const char * const bad[] = { "3", "-1", "256", "4294967296", "x" };
	char text[16];

	ASSERT_EQ(0, write_file(SYSCTL, "1"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-1, write_file(SYSCTL, bad[i]))
			TH_LOG("'%s'", bad[i]);
		EXPECT_EQ(EINVAL, errno);
		ASSERT_LT(0, read_file(SYSCTL, text, sizeof(text)));
		EXPECT_STREQ("1\n", text);
	}
	EXPECT_EQ(0, write_file(SYSCTL, "0"));
	EXPECT_EQ(0, write_file(SYSCTL, "2"));
}

static int try_to_switch_off(void)
{
	return become_user() || write_file(SYSCTL, "0") == 0;
}

TEST_F(restrict, only_root_may_change_it)
{
	char text[16];

	ASSERT_EQ(0, write_file(SYSCTL, "1"));
	EXPECT_EQ(0, run_child(try_to_switch_off));
	ASSERT_LT(0, read_file(SYSCTL, text, sizeof(text)));
	EXPECT_STREQ("1\n", text);
}

TEST_F(restrict, off_everybody_sees_everything)
{
	ASSERT_EQ(0, write_file(SYSCTL, "0"));
	ASSERT_EQ(0, run_child(look_around));
	EXPECT_EQ(0, seen->root_errno);
	EXPECT_EQ(0, seen->own_errno);
	EXPECT_EQ(0, seen->sibling_errno);
	EXPECT_LE(seen->sum.size / PAGES_PER_MIB + 100, seen->info.aggregate_vm_mb);
}

TEST_F(restrict, on_a_user_sees_its_own_processes)
{
	ASSERT_EQ(0, write_file(SYSCTL, "1"));
	ASSERT_EQ(0, run_child(look_around));
	EXPECT_EQ(EPERM, seen->root_errno);
	EXPECT_EQ(ESRCH, seen->missing_errno);
	EXPECT_EQ(0, seen->own_errno);
	EXPECT_EQ(0, seen->sibling_errno);
}

TEST_F(restrict, on_the_total_is_that_of_the_users_processes)
{
	ASSERT_EQ(0, write_file(SYSCTL, "1"));
	ASSERT_EQ(0, run_child(look_around));
	EXPECT_GE(1, distance(seen->sum.size / PAGES_PER_MIB,
			      seen->info.aggregate_vm_mb));
	EXPECT_GE(1, distance(seen->sum.resident / PAGES_PER_MIB,
			      seen->info.aggregate_rss_mb));
}

TEST_F(restrict, off_the_snapshot_is_of_everybody)
{
	ASSERT_EQ(0, write_file(SYSCTL, "0"));
	ASSERT_EQ(0, run_child(look_around));
	EXPECT_LT(1 + ARRAY_SIZE(seen->pids), seen->count);
	EXPECT_NE(NULL, find_record(seen->records, seen->count, 1));
	EXPECT_NE(NULL, find_record(seen->records, seen->count, 2));
	EXPECT_NE(NULL, find_record(seen->records, seen->count, self->roots));
	EXPECT_NE(NULL, find_record(seen->records, seen->count, seen->own));
}

TEST_F(restrict, on_the_snapshot_is_of_the_users_processes)
{
	ASSERT_EQ(0, write_file(SYSCTL, "1"));
	ASSERT_EQ(0, run_child(look_around));
	ASSERT_EQ(1 + ARRAY_SIZE(seen->pids), seen->count);
	EXPECT_EQ(seen->own, seen->records[0].pid);
	/* By its number: that it cannot be seen is another matter. */
	EXPECT_EQ(getpid(), seen->records[0].parent);
	for (size_t i = 0; i < ARRAY_SIZE(seen->pids); i++) {
		EXPECT_EQ(seen->pids[i], seen->records[1 + i].pid);
		EXPECT_EQ(seen->own, seen->records[1 + i].parent);
		EXPECT_EQ(USER, seen->records[1 + i].user);
	}
}

TEST_F(restrict, on_root_still_sees_everything)
{
	struct tamalloc_global_info info;
	struct sizes sum;

	ASSERT_EQ(0, write_file(SYSCTL, "1"));
	EXPECT_EQ(0, errno_for(1));
	EXPECT_EQ(0, errno_for(self->roots));
	EXPECT_EQ(0, record_of(1, 0, seen->records));
	EXPECT_EQ(0, record_of(self->roots, 0, seen->records));
	ASSERT_EQ(0, sizes_of_all(&sum));
	ASSERT_EQ(0, total(&info));
	EXPECT_GE(1, distance(sum.size / PAGES_PER_MIB, info.aggregate_vm_mb));
	EXPECT_GE(1, distance(sum.resident / PAGES_PER_MIB, info.aggregate_rss_mb));
}

/* What the user sees of root's processes, and of its own. */
static int look_for_root(void)
{
	struct tamalloc_record *records = seen->records;

	if (become_user())
		return 11;
	seen->root_errno = errno_for(1);
	seen->own_errno = errno_for(getpid());
	seen->own = getpid();
	if (total(&seen->info))
		return 12;
	seen->count = take_all(records, ARRAY_SIZE(seen->records), 100, 0);
	return seen->count < 1;
}

static void expect_to_see(struct __test_metadata *_metadata, bool everybody)
{
	EXPECT_EQ(0, seen->own_errno);
	EXPECT_NE(NULL, find_record(seen->records, seen->count, seen->own));
	if (everybody) {
		EXPECT_EQ(0, seen->root_errno);
		EXPECT_NE(NULL, find_record(seen->records, seen->count, 1));
		EXPECT_LE(100, seen->info.aggregate_vm_mb);
	} else {
		EXPECT_EQ(EPERM, seen->root_errno);
		EXPECT_EQ(1, seen->count);
		EXPECT_GT(100, seen->info.aggregate_vm_mb);
	}
}

/* The mount options of the next /proc, NULL for something else there. */
static const char *options;

static int look_with_another_proc(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (options ? mount("proc", "/proc", "proc", 0, options) :
		       mount("tmpfs", "/proc", "tmpfs", 0, NULL)))
		return 21;
	return look_for_root();
}

TEST_F(restrict, as_proc_everybody_sees_everything)
{
	ASSERT_EQ(0, run_child(look_for_root));
	expect_to_see(_metadata, true);
	for (const char * const *at = (const char * const[]){ "hidepid=0", "subset=pid", NULL };
	     *at; at++) {
		options = *at;
		ASSERT_EQ(0, run_child(look_with_another_proc));
		expect_to_see(_metadata, true);
	}
}

TEST_F(restrict, as_proc_hidepid_hides_others)
{
	static const char * const all[] = {
		"hidepid=1", "hidepid=2", "hidepid=4", "hidepid=2,subset=pid", "hidepid=2,gid=7",
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		options = all[i];
		ASSERT_EQ(0, run_child(look_with_another_proc));
		expect_to_see(_metadata, false);
	}
}

TEST_F(restrict, as_proc_a_group_may_see)
{
	options = "hidepid=2,gid=1000";
	ASSERT_EQ(0, run_child(look_with_another_proc));
	expect_to_see(_metadata, true);
	options = "hidepid=4,gid=1000";
	ASSERT_EQ(0, run_child(look_with_another_proc));
	expect_to_see(_metadata, false);
}

TEST_F(restrict, as_proc_without_one_others_are_hidden)
{
	options = NULL;
	ASSERT_EQ(0, run_child(look_with_another_proc));
	expect_to_see(_metadata, false);
}

static int mount_proc(void *arg)
{
	return mount("proc", "/proc", "proc", 0, NULL) != 0;
}

/* Anybody can make a pid namespace, and a /proc of it that hides nobody. */
static int look_with_proc_of_another_namespace(void)
{
	static char stack[64 * KIB] __attribute__((aligned(16)));
	int status;
	pid_t pid;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 21;
	pid = clone(mount_proc, stack + sizeof(stack), CLONE_NEWPID | SIGCHLD, NULL);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return 22;
	return look_for_root();
}

TEST_F(restrict, as_proc_one_of_another_namespace_says_nothing)
{
	ASSERT_EQ(0, run_child(look_with_proc_of_another_namespace));
	expect_to_see(_metadata, false);
}

static int look_in_a_namespace(void *arg)
{
	return look_for_root();
}

/* Where a namespace has no /proc of its own, that of the one around it counts. */
TEST_F(restrict, as_proc_one_of_the_namespace_around_counts)
{
	static char stack[64 * KIB] __attribute__((aligned(16)));
	int status;
	pid_t pid;

	pid = clone(look_in_a_namespace, stack + sizeof(stack), CLONE_NEWPID | SIGCHLD, NULL);
	ASSERT_LT(0, pid);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(0, seen->root_errno);
	EXPECT_EQ(1, seen->count);
}

/* When root's process began, and by whom its memory is used, is not for others. */
TEST_F(restrict, off_others_have_no_identity)
{
	const struct tamalloc_record *one;

	ASSERT_EQ(0, write_file(SYSCTL, "0"));
	ASSERT_EQ(0, run_child(look_for_root));
	one = find_record(seen->records, seen->count, self->roots);
	ASSERT_NE(NULL, one);
	EXPECT_EQ(0, one->address_space);
	EXPECT_EQ(0, one->start_time % NS_PER_TICK);
	EXPECT_EQ(stat_number(self->roots, 22), one->start_time / NS_PER_TICK);
	one = find_record(seen->records, seen->count, seen->own);
	ASSERT_NE(NULL, one);
	EXPECT_NE(0, one->address_space);
	ASSERT_EQ(0, record_of(self->roots, 0, seen->records));
	EXPECT_NE(0, seen->records[0].address_space);
}

static void *live_on(void *arg)
{
	die_with_parent();
	__atomic_store_n(&seen->ready, true, __ATOMIC_SEQ_CST);
	for (;;)
		pause();
	return NULL;
}

/* A process of the user's that is not dumpable, with its first thread or without. */
static pid_t spawn_undumpable(bool leaderless)
{
	pthread_t thread;
	pid_t pid;

	seen->ready = false;
	pid = fork();
	if (pid == 0) {
		if (prctl(PR_SET_DUMPABLE, 0))
			_exit(EXIT_FAILURE);
		if (leaderless && pthread_create(&thread, NULL, live_on, NULL) == 0)
			pthread_exit(NULL);
		live_on(NULL);
	}
	/* A first thread that has exited has no sizes in its status. */
	while (pid > 0 && (!__atomic_load_n(&seen->ready, __ATOMIC_SEQ_CST) ||
			   (leaderless && status_number(pid, "VmSize", 0) >= 0)))
		usleep(1000);
	return pid;
}

static int look_at_undumpable(void)
{
	pid_t pid[2];

	if (become_user())
		return 1;
	for (int i = 0; i < 2; i++) {
		pid[i] = spawn_undumpable(i);
		if (pid[i] < 0)
			return 2;
	}
	seen->own_errno = errno_for(pid[0]);
	seen->sibling_errno = errno_for(pid[1]);
	reap_all(pid, 2);
	return 0;
}

/* It is the memory that must not be dumped, whichever thread still has it. */
TEST_F(restrict, on_undumpable_memory_stays_so_without_its_first_thread)
{
	ASSERT_EQ(0, write_file(SYSCTL, "1"));
	ASSERT_EQ(0, run_child(look_at_undumpable));
	EXPECT_EQ(EPERM, seen->own_errno);
	EXPECT_EQ(EPERM, seen->sibling_errno);
}

static int ask_as_user(void *arg)
{
	if (syscall(SYS_setresuid, USER, USER, USER))
		return 1;
	if (sizes_at("/proc/self", &seen->sum) || total(&seen->info))
		return 2;
	return record_of(getpid(), 0, seen->records);
}

/* Root's process, which comes first, must not hide what both share. */
TEST_F(restrict, on_memory_shared_with_an_invisible_process_counts)
{
	static char stack[64 * KIB] __attribute__((aligned(16)));
	int status;
	pid_t pid;

	ASSERT_EQ(0, write_file(SYSCTL, "1"));
	ASSERT_NE(MAP_FAILED, reserve(200 * MIB));
	pid = clone(ask_as_user, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	ASSERT_LT(0, pid);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(0, seen->records[0].flags);
	EXPECT_LE(200, seen->info.aggregate_vm_mb);
	EXPECT_GE(1, distance(seen->sum.size / PAGES_PER_MIB,
			      seen->info.aggregate_vm_mb));
}

TAMALLOC_TEST_MAIN
