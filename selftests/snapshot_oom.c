// SPDX-License-Identifier: GPL-2.0
/* 553: what the OOM killer makes of a process. */
#include <sys/ptrace.h>
#include <sys/stat.h>

#include "snapshot.h"

/* The first fields of /proc/PID/oom_score, computed as the kernel does. */
static long oom_score_of(pid_t pid)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), "/proc/%d/oom_score", pid);
	return read_file(path, text, sizeof(text)) < 0 ? -1 : atol(text);
}

static long score(const struct tamalloc_record *record, long total_pages)
{
	if (record->oom_reason != TAMALLOC_OOM_ELIGIBLE)
		return 0;
	return (1000 + record->oom_badness * 1000 / total_pages) * 2 / 3;
}

/*
 * What the badness is made of: cheap counters, and exact sums since Linux 7.0. The
 * record is of those that this kernel reads.
 */
static long badness(const struct tamalloc_record *record, long total_pages)
{
	return (record->anonymous + record->file + record->shared_memory +
		record->swap + record->page_tables) / PAGE +
	       record->oom_score_adj * (total_pages / 1000);
}

static int touch_pages(void *arg)
{
	size_t pages = (size_t)arg;
	char *region = reserve(pages * PAGE);

	if (region == MAP_FAILED)
		return -1;
	touch(region, pages);
	return 0;
}

/*
 * How a process must be asked about to be told what the OOM killer reads of it:
 * found by one whose few pages the cheap counters do not show.
 */
static uint64_t flags_of_the_oom_killer(void)
{
	pid_t pid = spawn_stopped(touch_on_both_cpus, (void *)9UL);
	struct tamalloc_record exact = { 0 }, cheap = { 0 };
	struct tamalloc_snapshot about = request(&exact, 1);
	uint64_t flags = 0;

	about.cursor = pid;
	if (pid > 0 && ask(&about) == 1 &&
	    !record_of(pid, TAMALLOC_SNAPSHOT_APPROXIMATE, &cheap) &&
	    badness(&exact, about.total_pages) != badness(&cheap, about.total_pages) &&
	    exact.oom_badness == badness(&cheap, about.total_pages))
		flags = TAMALLOC_SNAPSHOT_APPROXIMATE;
	reap(pid);
	return flags;
}

/* A record of what the OOM killer reads, and the total that its badness is of. */
static int judge(pid_t pid, uint64_t total_pages,
		 struct tamalloc_record *record, long *total_used)
{
	struct tamalloc_snapshot about = request(record, 1);

	about.flags = flags_of_the_oom_killer();
	about.cursor = pid;
	about.total_pages = total_pages;
	if (ask(&about) != 1 || record->pid != pid)
		return -1;
	*total_used = about.total_pages;
	return 0;
}

FIXTURE(victim) {
	pid_t pid;
	struct tamalloc_record record;
	long total_pages;
};

FIXTURE_SETUP(victim)
{
	self->pid = spawn_stopped(touch_pages, (void *)(40 * PAGES_PER_MIB));
	ASSERT_LT(0, self->pid);
	ASSERT_EQ(0, judge(self->pid, 0, &self->record, &self->total_pages));
}

FIXTURE_TEARDOWN(victim)
{
	reap(self->pid);
}

TEST_F(victim, badness_is_what_it_is_made_of)
{
	EXPECT_EQ(TAMALLOC_OOM_ELIGIBLE, self->record.oom_reason);
	EXPECT_EQ(0, self->record.flags);
	EXPECT_EQ(badness(&self->record, self->total_pages),
		  self->record.oom_badness);
	EXPECT_LE(39 * PAGES_PER_MIB, self->record.oom_badness);
}

TEST_F(victim, total_is_that_of_the_machine)
{
	char text[4096];
	char *total;

	ASSERT_LT(0, read_file("/proc/meminfo", text, sizeof(text)));
	total = strstr(text, "MemTotal:");
	ASSERT_NE(NULL, total);
	self->total_pages -= atol(total + 9) / KIB_PER_PAGE;
	total = strstr(text, "SwapTotal:");
	EXPECT_EQ(total ? atol(total + 10) / KIB_PER_PAGE : 0, self->total_pages);
}

TEST_F(victim, adjustment_moves_badness)
{
	static const int values[] = { -999, -500, -1, 0, 1, 321, 999, 1000 };
	struct tamalloc_record record;
	long total_pages;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		ASSERT_EQ(0, set_oom_score_adj(self->pid, values[i]));
		ASSERT_EQ(0, judge(self->pid, 0, &record, &total_pages));
		EXPECT_EQ(values[i], record.oom_score_adj);
		EXPECT_EQ(TAMALLOC_OOM_ELIGIBLE, record.oom_reason);
		EXPECT_EQ(badness(&record, total_pages), record.oom_badness);
		EXPECT_EQ(self->record.oom_badness + values[i] * (total_pages / 1000),
			  record.oom_badness);
		EXPECT_EQ(oom_score_of(self->pid), score(&record, total_pages))
			TH_LOG("adjusted by %d", values[i]);
	}
}

TEST_F(victim, total_of_a_cgroup_moves_badness)
{
	static const uint64_t totals[] = {
		1, 999, 1000, 4096, 1 << 20, 1ULL << 40, INT64_MAX / PAGE,
	};
	struct tamalloc_record record;
	long total_pages;

	ASSERT_EQ(0, set_oom_score_adj(self->pid, 500));
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		ASSERT_EQ(0, judge(self->pid, totals[i], &record, &total_pages));
		EXPECT_EQ(totals[i], total_pages);
		EXPECT_EQ(self->record.oom_badness + 500 * (long)(totals[i] / 1000),
			  record.oom_badness);
	}
}

TEST_F(victim, minus_thousand_is_exempt)
{
	ASSERT_EQ(0, set_oom_score_adj(self->pid, -1000));
	ASSERT_EQ(0, record_of(self->pid, 0, &self->record));
	EXPECT_EQ(-1000, self->record.oom_score_adj);
	EXPECT_EQ(TAMALLOC_OOM_DISABLED, self->record.oom_reason);
	EXPECT_EQ(0, self->record.oom_badness);
	/* Only from the OOM killer: its memory is told as ever. */
	EXPECT_LE(39 * MIB, self->record.anonymous);
}

/* Moves its own adjustment between exempt and not, until it is killed. */
static void change_adjustment(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	die_with_parent();
	pin_to_cpu(1);
	while (fd >= 0 && pwrite(fd, "-1000", 5, 0) == 5 && pwrite(fd, "0", 1, 0) == 1)
		;
	_exit(EXIT_FAILURE);
}

/* A process that is no longer taken when its badness is asked for lives on. */
TEST(who_becomes_exempt_meanwhile_has_memory)
{
	int rounds = is_slow() ? 20000 : 200000, exempt = 0, eligible = 0;
	struct tamalloc_record record;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (pid == 0)
		change_adjustment();
	ASSERT_EQ(0, pin_to_cpu(0));
	for (int i = 0; i < rounds; i++) {
		ASSERT_EQ(0, record_of(pid, 0, &record));
		exempt += record.oom_reason == TAMALLOC_OOM_DISABLED;
		eligible += record.oom_reason == TAMALLOC_OOM_ELIGIBLE;
	}
	reap(pid);
	EXPECT_LT(0, exempt);
	EXPECT_LT(0, eligible);
	EXPECT_EQ(rounds, exempt + eligible);
}

TEST(first_process_is_exempt)
{
	struct tamalloc_record record;

	ASSERT_EQ(0, record_of(1, 0, &record));
	EXPECT_EQ(TAMALLOC_OOM_INIT, record.oom_reason);
	EXPECT_EQ(0, record.oom_badness);
	EXPECT_LT(0, record.virtual_size);
}

/* Also when another exemption holds as well. */
TEST(first_process_is_exempt_as_such)
{
	struct tamalloc_record record;

	ASSERT_EQ(0, set_oom_score_adj(1, -1000));
	EXPECT_EQ(0, record_of(1, 0, &record));
	ASSERT_EQ(0, set_oom_score_adj(1, 0));
	EXPECT_EQ(TAMALLOC_OOM_INIT, record.oom_reason);
}

TEST(scores_of_all_processes_are_those_of_proc)
{
	enum { RECORDS = 500 };
	static struct tamalloc_record records[RECORDS];
	struct tamalloc_snapshot about = request(records, RECORDS);
	pid_t pids[20];
	long found;

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = spawn_stopped(touch_pages, (void *)(i * 200 + 1));
		ASSERT_LT(0, pids[i]);
		ASSERT_EQ(0, set_oom_score_adj(pids[i], i * 100 - 1000));
	}
	found = ask(&about);
	ASSERT_EQ(0, about.cursor);
	ASSERT_LT(ARRAY_SIZE(pids), found);
	for (long i = 0; i < found; i++) {
		const struct tamalloc_record *record = &records[i];

		/* What it was before it asked, is no more. */
		if (record->pid == getpid())
			continue;
		if (record->oom_reason == TAMALLOC_OOM_INIT)
			continue;
		EXPECT_GE(1, distance(oom_score_of(record->pid),
				      score(record, about.total_pages)))
			TH_LOG("pid %d", record->pid);
	}
	reap_all(pids, ARRAY_SIZE(pids));
}

static struct tamalloc_record in_vfork, its_parent;
static int vfork_found;

TEST(child_of_vfork_is_exempt_until_it_executes)
{
	pid_t parent = getpid();
	pid_t pid = vfork();

	if (pid == 0) {
		/* In the parent's address space, which waits. */
		vfork_found = record_of(getpid(), 0, &in_vfork) ||
			      record_of(parent, 0, &its_parent);
		_exit(0);
	}
	ASSERT_LT(0, pid);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	ASSERT_EQ(0, vfork_found);
	EXPECT_EQ(TAMALLOC_OOM_VFORK, in_vfork.oom_reason);
	EXPECT_EQ(0, in_vfork.oom_badness);
	EXPECT_EQ(TAMALLOC_RECORD_SHARED, in_vfork.flags);
	EXPECT_EQ(TAMALLOC_OOM_ELIGIBLE, its_parent.oom_reason);
	EXPECT_EQ(0, its_parent.flags);
	EXPECT_EQ(its_parent.address_space, in_vfork.address_space);
}

#define CGROUPS		"/sys/fs/cgroup"
#define CGROUP		CGROUPS "/tamalloc_snapshot"

static void exceed_limit(void)
{
	die_with_parent();
	if (ptrace(PTRACE_TRACEME, 0, 0, 0))
		_exit(1);
	raise(SIGSTOP);
	if (write_file(CGROUP "/cgroup.procs", "0"))
		_exit(2);
	touch_pages((void *)(64 * PAGES_PER_MIB));
	_exit(3);
}

FIXTURE(cgroup) {
	pid_t pid;
};

FIXTURE_SETUP(cgroup)
{
	ASSERT_EQ(0, write_file(CGROUPS "/cgroup.subtree_control", "+memory"));
	rmdir(CGROUP);
	ASSERT_EQ(0, mkdir(CGROUP, 0755));
	ASSERT_EQ(0, write_file(CGROUP "/memory.max", "16M"));
	if (access(CGROUP "/memory.swap.max", W_OK) == 0)
		ASSERT_EQ(0, write_file(CGROUP "/memory.swap.max", "0"));
}

FIXTURE_TEARDOWN(cgroup)
{
	/* At its end no signal reaches it, only its tracer does. */
	if (self->pid > 0) {
		ptrace(PTRACE_CONT, self->pid, 0, 0);
		reap(self->pid);
	}
	/* The last charges of a dead child may take a moment to go. */
	for (int i = 0; i < 50 && rmdir(CGROUP); i++)
		usleep(20000);
}

/*
 * The tracer holds it at its end, with its address space; meanwhile the OOM
 * killer takes the memory and marks it as done with.
 */
TEST_F(cgroup, victim_that_cannot_end_is_told)
{
	struct tamalloc_record record;
	int status;

	self->pid = fork();
	ASSERT_LE(0, self->pid);
	if (self->pid == 0)
		exceed_limit();
	ASSERT_EQ(self->pid, waitpid(self->pid, &status, 0));
	ASSERT_TRUE(WIFSTOPPED(status));
	ASSERT_EQ(0, ptrace(PTRACE_SETOPTIONS, self->pid, 0, PTRACE_O_TRACEEXIT));
	ASSERT_EQ(0, ptrace(PTRACE_CONT, self->pid, 0, 0));
	ASSERT_EQ(self->pid, waitpid(self->pid, &status, 0));
	ASSERT_EQ(SIGTRAP | (PTRACE_EVENT_EXIT << 8), status >> 8);

	for (int i = 0; i < 500; i++) {
		ASSERT_EQ(0, record_of(self->pid, 0, &record));
		ASSERT_EQ(TAMALLOC_RECORD_OOM_VICTIM, record.flags);
		if (record.oom_reason == TAMALLOC_OOM_SKIPPED)
			break;
		ASSERT_EQ(TAMALLOC_OOM_ELIGIBLE, record.oom_reason);
		usleep(20000);
	}
	EXPECT_EQ(TAMALLOC_OOM_SKIPPED, record.oom_reason);
	EXPECT_EQ(0, record.oom_badness);
	EXPECT_GT(MIB, record.anonymous);
}

TAMALLOC_TEST_MAIN
