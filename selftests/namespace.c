// SPDX-License-Identifier: GPL-2.0
/* What a container learns: its own processes, by its own numbers. */
#include <sys/mount.h>

#include "snapshot.h"

/* What the first process of a new pid namespace found out. */
struct inside {
	bool done;
	pid_t pid;
	pid_t children[5];
	struct sizes sum;
	struct sizes own;
	struct tamalloc_global_info info;
	struct tamalloc_proc_info one;
	struct tamalloc_proc_info child;
	int outsider_errno[20];
	struct tamalloc_record records[40];
	int found;
};

static struct inside *inside;
static pid_t outsiders[ARRAY_SIZE(((struct inside *)0)->outsider_errno)];

static int reserve_some(void *arg)
{
	char *region = reserve(100 * MIB);

	if (region == MAP_FAILED)
		return -1;
	touch(region, PAGES_PER_MIB);
	return 0;
}

static int look_around(void)
{
	struct tamalloc_proc_info info;

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		return 1;
	inside->pid = getpid();
	for (size_t i = 0; i < ARRAY_SIZE(inside->children); i++) {
		inside->children[i] = spawn_stopped(reserve_some, NULL);
		if (inside->children[i] < 0)
			return 2;
	}
	if (sizes_of_all(&inside->sum) || total(&inside->info))
		return 3;
	if (sizes_of(1, &inside->own) || process(1, &inside->one))
		return 4;
	if (process(inside->children[0], &inside->child))
		return 5;
	for (size_t i = 0; i < ARRAY_SIZE(outsiders); i++)
		inside->outsider_errno[i] =
			process(outsiders[i], &info) ? errno : 0;
	inside->found = take_all(inside->records, ARRAY_SIZE(inside->records),
				 3, TAMALLOC_SNAPSHOT_MEMORYLESS);
	inside->done = true;
	for (;;)
		pause();
}

FIXTURE(namespace) {
	pid_t pid;
};

FIXTURE_SETUP(namespace)
{
	inside = shared_with_children(sizeof(*inside));
	ASSERT_NE(MAP_FAILED, inside);
	for (size_t i = 0; i < ARRAY_SIZE(outsiders); i++) {
		outsiders[i] = spawn_stopped(reserve_some, NULL);
		ASSERT_LT(0, outsiders[i]);
	}
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	self->pid = fork();
	ASSERT_LE(0, self->pid);
	if (self->pid == 0) {
		die_with_parent();
		_exit(look_around());
	}
	while (!__atomic_load_n(&inside->done, __ATOMIC_SEQ_CST)) {
		ASSERT_EQ(0, waitpid(self->pid, NULL, WNOHANG));
		usleep(1000);
	}
}

FIXTURE_TEARDOWN(namespace)
{
	reap(self->pid);
	reap_all(outsiders, ARRAY_SIZE(outsiders));
}

TEST_F(namespace, total_is_that_of_its_own_processes)
{
	EXPECT_LE(500 * PAGES_PER_MIB, inside->sum.size);
	EXPECT_GE(1, distance(inside->sum.size / PAGES_PER_MIB,
			      inside->info.aggregate_vm_mb));
	EXPECT_GE(1, distance(inside->sum.resident / PAGES_PER_MIB,
			      inside->info.aggregate_rss_mb));
}

TEST_F(namespace, total_outside_covers_both)
{
	struct tamalloc_global_info info;
	struct sizes sum;

	ASSERT_EQ(0, sizes_of_all(&sum));
	ASSERT_EQ(0, total(&info));
	EXPECT_LE(inside->info.aggregate_vm_mb + 100 * ARRAY_SIZE(outsiders),
		  info.aggregate_vm_mb);
	EXPECT_GE(1, distance(sum.size / PAGES_PER_MIB, info.aggregate_vm_mb));
}

TEST_F(namespace, first_process_is_number_one)
{
	EXPECT_EQ(1, inside->pid);
	EXPECT_EQ(inside->own.size * KIB_PER_PAGE, inside->one.vm_kb);
	EXPECT_LE(100 * MIB / KIB, inside->child.vm_kb);
}

TEST_F(namespace, outside_pids_do_not_exist)
{
	for (size_t i = 0; i < ARRAY_SIZE(outsiders); i++) {
		bool own = outsiders[i] == 1;

		/* A number that the namespace uses too means its own. */
		for (size_t j = 0; j < ARRAY_SIZE(inside->children); j++)
			own |= outsiders[i] == inside->children[j];
		if (!own) {
			EXPECT_EQ(ESRCH, inside->outsider_errno[i])
				TH_LOG("pid %d", outsiders[i]);
		}
	}
}

TEST_F(namespace, its_processes_have_numbers_outside)
{
	struct tamalloc_proc_info info;

	ASSERT_EQ(0, process(self->pid, &info));
	EXPECT_EQ(inside->one.vm_kb, info.vm_kb);
}

TEST_F(namespace, snapshot_is_of_its_own_processes)
{
	int children = ARRAY_SIZE(inside->children);

	ASSERT_EQ(1 + children, inside->found);
	EXPECT_EQ(1, inside->records[0].pid);
	EXPECT_EQ(0, inside->records[0].parent);
	/* The first of a container is not the machine's. */
	EXPECT_EQ(TAMALLOC_OOM_ELIGIBLE, inside->records[0].oom_reason);
	for (int i = 0; i < children; i++) {
		EXPECT_EQ(inside->children[i], inside->records[1 + i].pid);
		EXPECT_EQ(1, inside->records[1 + i].parent);
	}
}

TEST_F(namespace, snapshot_outside_covers_both)
{
	static struct tamalloc_record records[500];
	const struct tamalloc_record *first, *child;
	int count = take_all(records, ARRAY_SIZE(records), 7, 0);

	ASSERT_LT(0, count);
	first = find_record(records, count, self->pid);
	ASSERT_NE(NULL, first);
	EXPECT_EQ(getpid(), first->parent);
	for (int i = 0; i < inside->found; i++) {
		child = NULL;
		for (int j = 0; j < count; j++)
			if (records[j].address_space ==
			    inside->records[i].address_space)
				child = &records[j];
		ASSERT_NE(NULL, child);
		EXPECT_EQ(inside->records[i].start_time, child->start_time);
		EXPECT_EQ(i ? self->pid : getpid(), child->parent);
	}
	for (size_t i = 0; i < ARRAY_SIZE(outsiders); i++)
		EXPECT_NE(NULL, find_record(records, count, outsiders[i]));
}

#define USER		1000
#define OVERFLOW_USER	65534

static int become_user(void *arg)
{
	return setresuid(USER, USER, USER);
}

static int look_from_user_namespace(pid_t users)
{
	struct tamalloc_record record;

	/* Its /proc files must stay its own, to say who is who inside. */
	if (become_user(NULL) || prctl(PR_SET_DUMPABLE, 1) ||
	    unshare(CLONE_NEWUSER) || write_file("/proc/self/uid_map", "7 1000 1"))
		return 1;
	if (record_of(users, 0, &record) || record.user != 7)
		return 2;
	if (record_of(1, 0, &record) || record.user != OVERFLOW_USER)
		return 3;
	return 0;
}

TEST(users_are_numbered_by_the_callers_namespace)
{
	pid_t pid, users = spawn_stopped(become_user, NULL);
	struct tamalloc_record record;
	int status;

	ASSERT_LT(0, users);
	ASSERT_EQ(0, record_of(users, 0, &record));
	EXPECT_EQ(USER, record.user);
	pid = fork();
	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(look_from_user_namespace(users));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	reap(users);
}

TAMALLOC_TEST_MAIN
