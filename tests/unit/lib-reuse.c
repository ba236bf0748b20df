// SPDX-License-Identifier: MIT
/*
 * A pid that is given to another process in the midst of a look: before each system call
 * of it in turn the one that is looked at ends, and another is started with its pid. What
 * is then said is of the one or of the other, and never of both.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../alone.h"
#include "lib-common.h"

#define MIB ((size_t)1 << 20)
#define BETWEEN (20 * MIB) /* the sizes of the two */

/* What tells the two apart. */
static const struct kind {
	size_t size;
	const char *command, *adj;
	uint32_t user;
} kinds[] = { { 8 * MIB, "reuse-one", "100", 11111 }, { 32 * MIB, "reuse-two", "200", 22222 } };

static pid_t pid;	/* that both have */
static unsigned int call, change_at; /* 0: never */
static struct tamalloc_process self; /* what both have besides: a detector has much */
static bool has_users;	/* in a user namespace there are no others */

static void live(const struct kind *kind, pid_t parent)
{
	char *memory = mmap(NULL, kind->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(memory != MAP_FAILED);
	memset(memory, 1, kind->size);
	prctl(PR_SET_NAME, kind->command);
	NEED(alone_write("/proc/self/oom_score_adj", kind->adj));
	NEED(!has_users || !seteuid(kind->user));
	end_with(parent);
	raise(SIGSTOP);
	sleep_on();
}

/* wanted: its pid, or 0. False: not allowed here. */
static bool start_as(pid_t wanted, const struct kind *kind)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t parent = getpid();
	int status;

	if (wanted) {
		args.set_tid = (uintptr_t)&wanted;
		args.set_tid_size = 1;
	}
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		live(kind, parent);
	if (pid < 0)
		return false;
	NEED(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	return true;
}

static void change(void)
{
	pid_t old = pid;

	end(old);
	NEED(start_as(old, &kinds[1]));
}

static void step(void)
{
	if (change_at && ++call == change_at) {
		change_at = 0;
		change();
	}
}

int __real_openat(int directory, const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...)
{
	step();
	return __real_openat(directory, path, flags);
}

ssize_t __real_read(int descriptor, void *text, size_t size);
ssize_t __wrap_read(int descriptor, void *text, size_t size);
ssize_t __wrap_read(int descriptor, void *text, size_t size)
{
	step();
	return __real_read(descriptor, text, size);
}

ssize_t __real_pread(int descriptor, void *text, size_t size, off_t offset);
ssize_t __wrap_pread(int descriptor, void *text, size_t size, off_t offset);
ssize_t __wrap_pread(int descriptor, void *text, size_t size, off_t offset)
{
	step();
	return __real_pread(descriptor, text, size, offset);
}

int __real_fstat(int descriptor, struct stat *stat);
int __wrap_fstat(int descriptor, struct stat *stat);
int __wrap_fstat(int descriptor, struct stat *stat)
{
	step();
	return __real_fstat(descriptor, stat);
}

int __real_fstatat(int directory, const char *path, struct stat *stat, int flags);
int __wrap_fstatat(int directory, const char *path, struct stat *stat, int flags);
int __wrap_fstatat(int directory, const char *path, struct stat *stat, int flags)
{
	step();
	return __real_fstatat(directory, path, stat, flags);
}

int __real_faccessat(int directory, const char *path, int mode, int flags);
int __wrap_faccessat(int directory, const char *path, int mode, int flags);
int __wrap_faccessat(int directory, const char *path, int mode, int flags)
{
	step();
	return __real_faccessat(directory, path, mode, flags);
}

/* Which of the two a field is of, of those that are there. */
static bool is_mixed(const struct tamalloc_process *record, bool *is_second)
{
	unsigned int first = 0, second = 0;

#define COUNT(field, of_second) \
	(record->fields & (field) ? ((of_second) ? second++ : first++) : 0)
	COUNT(TAMALLOC_RESERVED, record->reserved > self.reserved + BETWEEN);
	COUNT(TAMALLOC_COMMITTED, record->committed > self.committed + BETWEEN);
	COUNT(TAMALLOC_ANONYMOUS, record->anonymous > self.anonymous + BETWEEN);
	COUNT(TAMALLOC_OOM_SCORE_ADJ, record->oom_score_adj != 100);
	COUNT(TAMALLOC_COMMAND, strcmp(record->command, kinds[0].command));
	if (has_users)
		COUNT(TAMALLOC_USER, record->user != kinds[0].user);
#undef COUNT
	*is_second = second;
	/* Root is neither: to whom what has ended belongs. */
	return (first && second) || (has_users && record->fields & TAMALLOC_USER &&
				     !record->user);
}

static struct result {
	unsigned int looks, mixed, of_first, of_second, of_none;
} result;

static void judge(int found, const struct tamalloc_process *record)
{
	bool is_second;

	result.looks++;
	if (!found) {
		result.of_none++;
	} else if (is_mixed(record, &is_second)) {
		result.mixed++;
		printf("# before call %u: %" PRIu64 " bytes committed, oom_score_adj %d, "
		       "user %u, %s\n", call, record->committed, record->oom_score_adj,
		       record->user, record->command);
	} else if (is_second) {
		result.of_second++;
	} else {
		result.of_first++;
	}
}

static void check_result(const char *what)
{
	printf("# %s: %u looks, of the first %u, of the second %u, of none %u, mixed %u\n",
	       what, result.looks, result.of_first, result.of_second, result.of_none,
	       result.mixed);
	assert_true(result.looks > 10);
	assert_int_equal(result.mixed, 0);
	result = (struct result){ 0 };
}

/* Begins with the first process, which changes before the n-th call. */
static void arm(unsigned int n)
{
	NEED(start_as(0, &kinds[0]));
	call = 0;
	change_at = n;
}

/* Whether it has changed: else the look was over before. */
static bool disarm(void)
{
	bool has_changed = !change_at;

	change_at = 0;
	end(pid);
	return has_changed;
}

static void test_native_one_process(void **state)
{
	struct tamalloc_process record;
	unsigned int n = 0;
	int err;

	(void)state;
	do {
		arm(++n);
		err = tamalloc_process(pid, TAMALLOC_ALL_FIELDS, &record, sizeof(record));
		assert_true(!err || err == -ESRCH);
		judge(!err, &record);
	} while (disarm());
	check_result("tamalloc_process()");
}

static int find(struct tamalloc_iterator *iterator, struct tamalloc_process *found)
{
	struct tamalloc_process record;
	int more, seen = 0;

	while ((more = tamalloc_iterator_next(iterator, &record, sizeof(record))) == 1)
		if (record.pid == pid) {
			*found = record;
			seen++;
		}
	NEED(!more && seen <= 1);
	return seen;
}

static void walk(unsigned int flags)
{
	struct tamalloc_process record;
	unsigned int n = 0;
	bool has_changed;

	do {
		struct tamalloc_iterator *iterator;

		arm(0);
		NEED(!tamalloc_iterator_open(&iterator, TAMALLOC_ALL_FIELDS, flags));
		NEED(find(iterator, &record));
		NEED(!tamalloc_iterator_rewind(iterator));
		call = 0;
		change_at = ++n;
		judge(find(iterator, &record), &record);
		has_changed = !change_at;
		/* Whatever was kept: the next round has who is there now. */
		NEED(!tamalloc_iterator_rewind(iterator));
		NEED(find(iterator, &record));
		if (has_changed)
			NEED(!strcmp(record.command, kinds[1].command) &&
			     record.oom_score_adj == 200);
		tamalloc_iterator_close(iterator);
		disarm();
	} while (has_changed);
}

static void test_native_walk(void **state)
{
	(void)state;
	walk(0);
	check_result("a walk");
}

static void test_native_walk_that_keeps(void **state)
{
	(void)state;
	walk(TAMALLOC_KEEP);
	check_result("a walk that keeps files");
}

/* The directory's owner, which is no file's text. */
static void test_native_user(void **state)
{
	struct tamalloc_process record;
	unsigned int n = 0;
	int err;

	(void)state;
	do {
		arm(++n);
		err = tamalloc_process(pid, TAMALLOC_USER, &record, sizeof(record));
		judge(!err, &record);
	} while (disarm());
	assert_int_equal(result.mixed, 0);
	result = (struct result){ 0 };
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native_one_process),
		cmocka_unit_test(test_native_walk),
		cmocka_unit_test(test_native_walk_that_keeps),
		cmocka_unit_test(test_native_user),
	};
	bool is_alone = live_alone();

	print_tap();
	has_users = !geteuid() && !seteuid(kinds[0].user) && !seteuid(0);
	/* Who may not choose pids cannot see it. */
	if (!is_alone || !start_as(30000, &kinds[0])) {
		printf("1..0 # SKIP no pid namespace, or no choice of pids\n");
		return 0;
	}
	end(pid);
	tamalloc_set_backend(TAMALLOC_PROC);
	NEED(!tamalloc_process(getpid(), TAMALLOC_ANONYMOUS, &self, sizeof(self)));
	return cmocka_run_group_tests_name("lib-reuse", tests, NULL, NULL);
}
