// SPDX-License-Identifier: MIT
/* The walk over all processes by /proc, while they come and go. */
#include <dirent.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib-common.h"

#define CHILDREN 30
#define GROWN	 (8 << 20)

#define FIRST_SIZE 160

static pid_t children[CHILDREN];

static void start_children(void (*function)(void))
{
	for (int i = 0; i < CHILDREN; i++)
		children[i] = start(function);
}

static void end_children(void)
{
	for (int i = 0; i < CHILDREN; i++)
		end(children[i]);
}

static int child_number(pid_t pid)
{
	for (int i = 0; i < CHILDREN; i++)
		if (children[i] == pid)
			return i;
	return -1;
}

static struct tamalloc_iterator *open_iterator(uint64_t wanted, unsigned int flags)
{
	struct tamalloc_iterator *iterator = NULL;

	NEED(!tamalloc_iterator_open(&iterator, wanted, flags));
	NEED(iterator);
	return iterator;
}

/* Walks to the end: pids rise. Returns how many of the children were seen. */
static int walk(struct tamalloc_iterator *iterator)
{
	struct tamalloc_process record;
	int32_t last = 0;
	int seen = 0, more;

	while ((more = tamalloc_iterator_next(iterator, &record, sizeof(record))) == 1) {
		NEED(record.pid > last);
		last = record.pid;
		seen += child_number(record.pid) >= 0;
	}
	NEED(!more);
	/* And the end stays the end. */
	NEED(!tamalloc_iterator_next(iterator, &record, sizeof(record)));
	return seen;
}

static int open_files(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = -1; /* its own */

	NEED(directory);
	for (struct dirent *entry; (entry = readdir(directory));)
		count += *entry->d_name != '.';
	closedir(directory);
	return count;
}

static void each_once(void)
{
	for (unsigned int flags = 0; flags <= TAMALLOC_KEEP; flags++) {
		int before = open_files();
		struct tamalloc_iterator *iterator = open_iterator(TAMALLOC_ALL_FIELDS, flags);

		for (int round = 0; round < 3; round++) {
			NEED(walk(iterator) == CHILDREN);
			NEED(!tamalloc_iterator_rewind(iterator));
		}
		tamalloc_iterator_close(iterator);
		NEED(open_files() == before);
	}
}

static void test_each_once(void **state)
{
	(void)state;
	start_children(sleep_on);
	in_child(each_once);
	end_children();
}

/* All of them, with the one record that they all have to fill. */
static void test_same_as_one_by_one(void **state)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record, alone;
	int seen = 0;

	(void)state;
	start_children(sleep_on);
	iterator = open_iterator(TAMALLOC_ALL_FIELDS, TAMALLOC_KEEP);
	while (tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1) {
		if (child_number(record.pid) < 0)
			continue;
		assert_int_equal(tamalloc_process(record.pid, TAMALLOC_ALL_FIELDS, &alone,
						  sizeof(alone)), 0);
		assert_memory_equal(&record, &alone, sizeof(record));
		seen++;
	}
	tamalloc_iterator_close(iterator);
	end_children();
	assert_int_equal(seen, CHILDREN);
}

static void come_and_go(unsigned int flags)
{
	struct tamalloc_iterator *iterator;

	start_children(sleep_on);
	iterator = open_iterator(TAMALLOC_COMMITTED, flags);
	if (flags)
		NEED(walk(iterator) == CHILDREN && !tamalloc_iterator_rewind(iterator));
	/* Every other one ends, and they were listed before. */
	for (int i = 0; i < CHILDREN; i += 2)
		end(children[i]);
	NEED(walk(iterator) == CHILDREN / 2);
	for (int i = 0; i < CHILDREN; i += 2)
		children[i] = start(sleep_on);
	NEED(!tamalloc_iterator_rewind(iterator));
	NEED(walk(iterator) == CHILDREN);
	tamalloc_iterator_close(iterator);
	end_children();
}

static void test_processes_come_and_go(void **state)
{
	(void)state;
	come_and_go(0);
	come_and_go(TAMALLOC_KEEP);
}

static void grow(void)
{
	char *memory = mmap(NULL, GROWN, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(memory != MAP_FAILED);
	memset(memory, 1, GROWN);
	raise(SIGSTOP);
	sleep_on();
}

static void execute(void)
{
	execlp("sleep", "sleep", "1000", NULL);
}

static void find(struct tamalloc_iterator *iterator, pid_t pid, struct tamalloc_process *found)
{
	struct tamalloc_process record;
	bool seen = false;

	NEED(!tamalloc_iterator_rewind(iterator));
	while (tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1)
		if (record.pid == pid) {
			*found = record;
			seen = true;
		}
	NEED(seen);
}

/* What is kept shows what is, not what was. */
static void test_kept_files_stay_true(void **state)
{
	struct tamalloc_iterator *iterator =
		open_iterator(TAMALLOC_COMMITTED | TAMALLOC_COMMAND, TAMALLOC_KEEP);
	struct tamalloc_process before, after;
	pid_t growing = start(grow), executing = start(execute);
	char name[16];

	(void)state;
	find(iterator, growing, &before);
	kill(growing, SIGCONT);
	assert_int_equal(waitpid(growing, NULL, WUNTRACED), growing);
	find(iterator, growing, &after);
	assert_true(after.committed >= before.committed + GROWN);

	prctl(PR_GET_NAME, name);
	find(iterator, executing, &before);
	assert_string_equal(before.command, name);
	kill(executing, SIGCONT);
	for (int i = 0; i < 1000; i++) {
		find(iterator, executing, &after);
		if (strcmp(after.command, name))
			break;
		usleep(10000);
	}
	assert_string_equal(after.command, "sleep");
	tamalloc_iterator_close(iterator);
	end(growing);
	end(executing);
}

static void few_descriptors(void)
{
	struct rlimit limit = { 16, 16 };
	struct tamalloc_iterator *iterator;
	int before = open_files();

	NEED(!setrlimit(RLIMIT_NOFILE, &limit));
	iterator = open_iterator(TAMALLOC_ALL_FIELDS, TAMALLOC_KEEP);
	for (int round = 0; round < 3; round++) {
		NEED(walk(iterator) == CHILDREN);
		/* Half of 16 are the program's. */
		NEED(open_files() - before < 8);
		NEED(!tamalloc_iterator_rewind(iterator));
	}
	tamalloc_iterator_close(iterator);
	NEED(open_files() == before);
}

static void test_native_few_descriptors(void **state)
{
	(void)state;
	start_children(sleep_on);
	in_child(few_descriptors);
	end_children();
}

/* A program that has many files open itself is left the rest of them. */
static void descriptors_in_use(void)
{
	struct rlimit limit = { 60, 60 };
	struct tamalloc_iterator *iterator;

	NEED(!setrlimit(RLIMIT_NOFILE, &limit));
	for (int i = open_files(); i < 40; i++)
		NEED(dup(1) >= 0);
	iterator = open_iterator(TAMALLOC_ALL_FIELDS, TAMALLOC_KEEP);
	for (int round = 0; round < 3; round++) {
		NEED(walk(iterator) == CHILDREN);
		NEED(!tamalloc_iterator_rewind(iterator));
	}
	tamalloc_iterator_close(iterator);
}

static void test_native_descriptors_in_use(void **state)
{
	(void)state;
	start_children(sleep_on);
	in_child(descriptors_in_use);
	end_children();
}

static void no_descriptors(void)
{
	struct tamalloc_iterator *iterator = NULL;
	struct rlimit limit = { 0, 0 };
	struct tamalloc_process record;
	struct tamalloc_total total;
	int before = open_files();

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 3;
	for (int descriptor = 3; descriptor < 256; descriptor++)
		close(descriptor);
	before = open_files();
	NEED(!setrlimit(RLIMIT_NOFILE, &limit));
	NEED(tamalloc_iterator_open(&iterator, 0, 0) == -EMFILE);
	NEED(tamalloc_iterator_open(&iterator, 0, TAMALLOC_KEEP) == -EMFILE);
	NEED(tamalloc_process(getpid(), 0, &record, sizeof(record)) == -EMFILE);
	NEED(tamalloc_total(TAMALLOC_TOTAL_PROCESSES, &total, sizeof(total)) == -EMFILE);
	NEED(tamalloc_total(TAMALLOC_TOTAL_MEMORY, &total, sizeof(total)) == -EMFILE);
	/* One is enough for the directory, but not for a file in it. */
	limit.rlim_cur = 4;
	NEED(!setrlimit(RLIMIT_NOFILE, &limit));
	NEED(tamalloc_process(getpid(), 0, &record, sizeof(record)) == -EMFILE);
	NEED(!tamalloc_iterator_open(&iterator, 0, 0));
	NEED(tamalloc_iterator_next(iterator, &record, sizeof(record)) == -EMFILE);
	NEED(!tamalloc_iterator_next(iterator, &record, sizeof(record)));
	tamalloc_iterator_close(iterator);
	limit.rlim_cur = 64;
	NEED(!setrlimit(RLIMIT_NOFILE, &limit));
	NEED(open_files() == before);
}

static void test_native_no_descriptors(void **state)
{
	(void)state;
	in_child(no_descriptors);
}

static void fork_in_between(unsigned int flags)
{
	struct tamalloc_iterator *iterator = open_iterator(TAMALLOC_ALL_FIELDS, flags);
	struct tamalloc_process record;
	int seen = 0, status;
	pid_t pid;

	if (flags)
		NEED(walk(iterator) == CHILDREN && !tamalloc_iterator_rewind(iterator));
	while (seen < CHILDREN / 2) {
		NEED(tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1);
		seen += child_number(record.pid) >= 0;
	}
	/* Both go on where they were, and then have a round each. */
	pid = fork();
	NEED(pid >= 0);
	NEED(walk(iterator) == CHILDREN - seen);
	NEED(!tamalloc_iterator_rewind(iterator));
	NEED(walk(iterator) == CHILDREN);
	tamalloc_iterator_close(iterator);
	if (!pid)
		_exit(0);
	NEED(waitpid(pid, &status, 0) == pid && !status);
}

static void test_fork_in_between(void **state)
{
	(void)state;
	start_children(sleep_on);
	fork_in_between(0);
	fork_in_between(TAMALLOC_KEEP);
	end_children();
}

static void test_wrong_arguments(void **state)
{
	struct tamalloc_iterator *iterator = NULL;
	struct tamalloc_process record, same;

	(void)state;
	assert_int_equal(tamalloc_iterator_open(&iterator, TAMALLOC_ALL_FIELDS + 1, 0), -EINVAL);
	assert_int_equal(tamalloc_iterator_open(&iterator, 0, TAMALLOC_KEEP << 1), -EINVAL);
	assert_null(iterator);
	iterator = open_iterator(0, 0);
	memset(&record, 0x5a, sizeof(record));
	same = record;
	assert_int_equal(tamalloc_iterator_next(iterator, &record, FIRST_SIZE - 1), -EINVAL);
	assert_memory_equal(&record, &same, sizeof(record));
	tamalloc_iterator_close(iterator);
	tamalloc_iterator_close(NULL);
}

/* Of a program that was linked against the first version. */
static void test_first_record(void **state)
{
	struct tamalloc_iterator *iterator = open_iterator(TAMALLOC_ALL_FIELDS, 0);
	struct tamalloc_process record, same;

	(void)state;
	memset(&record, 0x5a, sizeof(record));
	same = record;
	assert_int_equal(tamalloc_iterator_next(iterator, &record, FIRST_SIZE), 1);
	assert_memory_equal((char *)&record + FIRST_SIZE, (char *)&same + FIRST_SIZE,
			    sizeof(record) - FIRST_SIZE);
	assert_true(record.fields & TAMALLOC_COMMITTED);
	tamalloc_iterator_close(iterator);
}

static void test_larger_record(void **state)
{
	struct { struct tamalloc_process record; char later[64]; } larger;
	struct tamalloc_iterator *iterator = open_iterator(0, 0);
	static const char zero[64];

	(void)state;
	memset(&larger, 0xff, sizeof(larger));
	assert_int_equal(tamalloc_iterator_next(iterator, &larger.record, sizeof(larger)), 1);
	assert_memory_equal(larger.later, zero, sizeof(zero));
	tamalloc_iterator_close(iterator);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_same_as_one_by_one),
		cmocka_unit_test(test_processes_come_and_go),
		cmocka_unit_test(test_kept_files_stay_true),
		cmocka_unit_test(test_native_few_descriptors),
		cmocka_unit_test(test_native_descriptors_in_use),
		cmocka_unit_test(test_native_no_descriptors),
		cmocka_unit_test(test_fork_in_between),
		cmocka_unit_test(test_wrong_arguments),
		cmocka_unit_test(test_first_record),
		cmocka_unit_test(test_larger_record),
	};

	tamalloc_set_backend(TAMALLOC_PROC);
	print_tap();
	return cmocka_run_group_tests_name("lib-iterator", tests, NULL, NULL);
}
