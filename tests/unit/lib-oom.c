// SPDX-License-Identifier: MIT
/* Who would be killed, on a list that is made up and in the machine as it is. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib-common.h"
#include "oom.h"

static struct candidate eligible(pid_t pid, int64_t badness, uint64_t start, uint64_t place)
{
	return (struct candidate){
		.place = place,
		.record = { .pid = pid, .oom_badness = badness, .start_time = start },
	};
}

/* Whatever the order in which they come. */
static void check_order(const struct candidate *list, size_t count, const pid_t *pids)
{
	struct candidate sorted[8];

	assert_true(count <= 8);
	for (size_t first = 0; first < count; first++) {
		for (size_t i = 0; i < count; i++)
			sorted[i] = list[(first + i) % count];
		oom_sort(sorted, count);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(sorted[i].record.pid, pids[i]);
	}
}

static void test_worst_first(void **state)
{
	struct candidate list[] = {
		eligible(1, 0, 0, 0), eligible(2, INT64_MAX, 0, 0), eligible(3, -5, 0, 0),
		eligible(4, INT64_MIN + 1, 0, 0), eligible(5, 77, 0, 0),
	};

	(void)state;
	check_order(list, 5, (const pid_t[]){ 2, 5, 1, 3, 4 });
}

static void test_of_equals_the_youngest(void **state)
{
	struct candidate list[] = {
		eligible(300, 9, 100, 0), eligible(20, 9, 200, 0), eligible(400, 9, 100, 0),
		eligible(500, 8, 900, 0),
	};

	(void)state;
	check_order(list, 4, (const pid_t[]){ 20, 400, 300, 500 });
}

static void test_of_equals_the_last_in_the_cgroup(void **state)
{
	struct candidate list[] = {
		eligible(10, 9, 900, 1), eligible(20, 9, 100, 3), eligible(30, 9, 500, 2),
		/* Version 1 does not tell apart those of one cgroup. */
		eligible(40, 9, 600, 2),
	};

	(void)state;
	check_order(list, 4, (const pid_t[]){ 20, 40, 30, 10 });
}

static void test_others_at_the_end(void **state)
{
	struct candidate list[] = {
		eligible(10, 900, 0, 0), eligible(9, 800, 0, 0), eligible(8, 1, 0, 0),
		eligible(7, 700, 0, 0), eligible(6, 2, 0, 0),
	};

	(void)state;
	list[0].rank = list[1].rank = RANK_EXEMPT;
	list[3].rank = RANK_OUTSIDE;
	check_order(list, 5, (const pid_t[]){ 6, 8, 9, 10, 7 });
}

static void test_swapoff_before_all(void **state)
{
	struct candidate list[] = {
		eligible(10, 900, 300, 0), eligible(11, 1, 200, 0), eligible(12, 2, 100, 0),
	};

	(void)state;
	list[1].record.oom_state = list[2].record.oom_state = TAMALLOC_OOM_ORIGIN;
	check_order(list, 3, (const pid_t[]){ 11, 12, 10 });
}

static void test_nothing_to_sort(void **state)
{
	(void)state;
	oom_sort(NULL, 0);
}

/*
 * The machine as it is
 */

static void write_adj(const char *value)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "w");

	NEED(file && fputs(value, file) >= 0 && !fclose(file));
}

static struct tamalloc_oom *open_oom(void)
{
	struct tamalloc_oom *oom = NULL;

	NEED(!tamalloc_oom_open(&oom, NULL));
	NEED(oom);
	return oom;
}

/* Its turn, from 0 on; -1: it is not there. */
static int turn_of(struct tamalloc_oom *oom, pid_t pid, struct tamalloc_process *record)
{
	int turn = 0;

	tamalloc_oom_rewind(oom);
	for (; tamalloc_oom_next(oom, record, sizeof(*record)) == 1; turn++)
		if (record->pid == pid)
			return turn;
	return -1;
}

static void be_worst(void)
{
	write_adj("1000");
	raise(SIGSTOP);
	sleep_on();
}

/* Starts one that has done what function does before it stops. */
static pid_t start_ready(void (*function)(void))
{
	pid_t pid = start(function);
	int status;

	NEED(!kill(pid, SIGCONT));
	NEED(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	return pid;
}

static void test_the_machine(void **state)
{
	pid_t worst = start_ready(be_worst);
	struct tamalloc_process record, before = { .oom_badness = INT64_MAX };
	struct tamalloc_oom_domain domain;
	struct tamalloc_oom *oom = open_oom();
	bool is_exempt = false;
	int32_t last = 0;

	(void)state;
	assert_int_equal(tamalloc_oom_domain(oom, &domain, sizeof(domain)), 0);
	assert_true(domain.fields & TAMALLOC_DOMAIN_TOTAL);
	assert_true(domain.total > 0);
	assert_false(domain.is_unlimited);
	assert_true(turn_of(oom, worst, &record) >= 0);
	assert_int_equal(record.oom_exempt, TAMALLOC_EXEMPT_NOT);
	assert_int_equal(record.oom_score_adj, 1000);
	assert_in_range(record.oom_badness, domain.total / 1000 * 1000, domain.total * 2);
	assert_true(turn_of(oom, getpid(), &record) > turn_of(oom, worst, &record));
	tamalloc_oom_rewind(oom);
	while (tamalloc_oom_next(oom, &record, sizeof(record)) == 1) {
		if (record.oom_exempt == TAMALLOC_EXEMPT_NOT) {
			assert_false(is_exempt);
			assert_true(record.oom_badness <= before.oom_badness);
		} else {
			assert_true(record.pid > last);
			is_exempt = true;
			last = record.pid;
		}
		before = record;
	}
	/* And the end stays the end. */
	assert_int_equal(tamalloc_oom_next(oom, &record, sizeof(record)), 0);
	tamalloc_oom_close(oom);
	end(worst);
}

static int sleep_shared(void *parent)
{
	end_with(*(pid_t *)parent);
	sleep_on();
	return 0;
}

#define STACK 65536

static void share_memory(void)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t self = getpid();

	NEED(stack != MAP_FAILED);
	NEED(clone(sleep_shared, stack + STACK, CLONE_VM | SIGCHLD, &self) > 0);
	raise(SIGSTOP);
	sleep_on();
}

static pid_t only_child(pid_t parent)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;
	pid_t found = 0;

	NEED(!tamalloc_iterator_open(&iterator, TAMALLOC_PARENT, 0));
	while (tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1)
		if (record.parent == parent)
			found = record.pid;
	tamalloc_iterator_close(iterator);
	return found;
}

/* Needs kcmp(2) or the system call, as the library does. */
static void test_native_shared_memory_dies_together(void **state)
{
	pid_t one = start_ready(share_memory), alone = start(sleep_on);
	pid_t other = only_child(one);
	struct tamalloc_oom *oom = open_oom();
	struct tamalloc_oom_victim victims[3] = { { 0 } };

	(void)state;
	assert_true(other > 0);
	assert_int_equal(tamalloc_oom_victims(oom, one, victims, 3), 2);
	assert_int_equal(victims[0].pid, one);
	assert_int_equal(victims[0].bond, TAMALLOC_BOND_ITSELF);
	assert_int_equal(victims[1].pid, other);
	assert_int_equal(victims[1].bond, TAMALLOC_BOND_ADDRESS_SPACE);
	assert_int_equal(victims[2].pid, 0);
	/* The one asked about comes first, and there is not room for both. */
	memset(victims, 0, sizeof(victims));
	assert_int_equal(tamalloc_oom_victims(oom, other, victims, 1), 2);
	assert_int_equal(victims[0].pid, other);
	assert_int_equal(victims[1].pid, 0);
	assert_int_equal(tamalloc_oom_victims(oom, other, NULL, 0), 2);
	assert_int_equal(tamalloc_oom_victims(oom, alone, victims, 3), 1);
	assert_int_equal(victims[0].pid, alone);
	tamalloc_oom_close(oom);
	kill(other, SIGKILL);
	end(one);
	end(alone);
}

static void test_wrong_arguments(void **state)
{
	struct tamalloc_process record, same;
	struct tamalloc_oom_domain domain;
	struct tamalloc_oom_victim victim;
	struct tamalloc_oom *oom = NULL;

	(void)state;
	assert_int_not_equal(tamalloc_oom_open(&oom, "/there/is/no/such/cgroup"), 0);
	assert_int_not_equal(tamalloc_oom_open(&oom, ""), 0);
	assert_null(oom);
	oom = open_oom();
	memset(&record, 0x5a, sizeof(record));
	same = record;
	assert_int_equal(tamalloc_oom_next(oom, &record, PROCESS_SIZE_FIRST - 1), -EINVAL);
	assert_memory_equal(&record, &same, sizeof(record));
	assert_int_equal(tamalloc_oom_domain(oom, &domain, sizeof(domain) - 1), -EINVAL);
	assert_int_equal(tamalloc_oom_victims(oom, 0, &victim, 1), -ESRCH);
	assert_int_equal(tamalloc_oom_victims(oom, INT32_MAX, &victim, 1), -ESRCH);
	tamalloc_oom_close(oom);
	tamalloc_oom_close(NULL);
}

static void test_records_of_other_sizes(void **state)
{
	struct { struct tamalloc_process record; char later[64]; } larger, smaller;
	struct { struct tamalloc_oom_domain domain; char later[64]; } domain;
	static const char zero[64];
	struct tamalloc_oom *oom = open_oom();

	(void)state;
	memset(&larger, 0xff, sizeof(larger));
	memset(&smaller, 0xff, sizeof(smaller));
	memset(&domain, 0xff, sizeof(domain));
	assert_int_equal(tamalloc_oom_next(oom, &larger.record, sizeof(larger)), 1);
	assert_memory_equal(larger.later, zero, sizeof(zero));
	tamalloc_oom_rewind(oom);
	assert_int_equal(tamalloc_oom_next(oom, &smaller.record, PROCESS_SIZE_FIRST), 1);
	assert_memory_equal(&larger, &smaller, PROCESS_SIZE_FIRST);
	assert_int_equal((unsigned char)((char *)&smaller)[PROCESS_SIZE_FIRST], 0xff);
	assert_int_equal(tamalloc_oom_domain(oom, &domain.domain, sizeof(domain)), 0);
	assert_memory_equal(domain.later, zero, sizeof(zero));
	tamalloc_oom_close(oom);
}

static void answers_in_a_child(void)
{
	struct tamalloc_oom_victim victim;
	struct tamalloc_process record;
	struct tamalloc_oom *oom = open_oom();
	pid_t child;
	int status;

	NEED(tamalloc_oom_next(oom, &record, sizeof(record)) == 1);
	child = fork();
	if (!child) {
		NEED(tamalloc_oom_victims(oom, record.pid, &victim, 1) >= 1);
		NEED(victim.pid == record.pid);
		tamalloc_oom_close(oom);
		_exit(0);
	}
	NEED(waitpid(child, &status, 0) == child && !status);
	tamalloc_oom_close(oom);
}

static void test_after_fork(void **state)
{
	(void)state;
	in_child(answers_in_a_child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worst_first),
		cmocka_unit_test(test_of_equals_the_youngest),
		cmocka_unit_test(test_of_equals_the_last_in_the_cgroup),
		cmocka_unit_test(test_others_at_the_end),
		cmocka_unit_test(test_swapoff_before_all),
		cmocka_unit_test(test_nothing_to_sort),
		cmocka_unit_test(test_the_machine),
		cmocka_unit_test(test_native_shared_memory_dies_together),
		cmocka_unit_test(test_wrong_arguments),
		cmocka_unit_test(test_records_of_other_sizes),
		cmocka_unit_test(test_after_fork),
	};

	tamalloc_set_backend(TAMALLOC_PROC);
	print_tap();
	return cmocka_run_group_tests_name("lib-oom", tests, NULL, NULL);
}
