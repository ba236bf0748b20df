// SPDX-License-Identifier: MIT
/* One process, and the sums, by what /proc says. */
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "internal.h"
#include "lib-common.h"
#include "parse.h"

#define MIB	((uint64_t)1 << 20)
#define TOUCHED	(8 * MIB)

#define PROC_FIELDS (TAMALLOC_ALL_FIELDS & ~TAMALLOC_ADDRESS_SPACE)

static void fill_memory(void)
{
	char *memory = mmap(NULL, TOUCHED, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(memory != MAP_FAILED);
	memset(memory, 1, TOUCHED);
}

static void hold_still(void)
{
	fill_memory();
	raise(SIGSTOP);
	sleep_on();
}

/* A child with memory that has run as far as it will. */
static pid_t start_idle(void)
{
	pid_t pid = start(hold_still);
	int status;

	kill(pid, SIGCONT);
	NEED(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	return pid;
}

static void test_every_field(void **state)
{
	struct tamalloc_process record;
	pid_t pid = start_idle();
	struct timespec now;
	uint64_t boot;
	int err;

	(void)state;
	memset(&record, 0xff, sizeof(record));
	err = tamalloc_process(pid, TAMALLOC_ALL_FIELDS, &record, sizeof(record));
	end(pid);
	clock_gettime(CLOCK_BOOTTIME, &now);
	boot = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	assert_int_equal(err, 0);
	assert_true(record.fields == PROC_FIELDS);
	assert_int_equal(record.pid, pid);
	assert_int_equal(record.parent, getpid());
	assert_int_equal(record.user, geteuid());
	assert_string_equal(record.command, "lib-process");
	assert_true(record.start_time <= boot && record.start_time + 600000000000 > boot);
	assert_true(record.anonymous >= TOUCHED);
	assert_true(record.committed == record.anonymous + record.file + record.shared);
	assert_true(record.reserved >= record.committed);
	assert_true(record.page_tables > 0);
	assert_in_range(record.oom_score, 0, 2000);
	assert_int_equal(record.padding, 0);
	assert_int_equal(record.threads, 1);
	assert_int_equal(record.address_space, 0);
	assert_int_equal(record.oom_state, 0);
	assert_int_equal(record.padding_2, 0);
}

static void set_oom_score_adj(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "w");
	struct tamalloc_process record;

	/* Anyone may raise it. */
	NEED(file && fputs("777", file) > 0 && !fclose(file));
	NEED(!tamalloc_process(getpid(), TAMALLOC_OOM_SCORE_ADJ, &record, sizeof(record)));
	NEED(record.fields & TAMALLOC_OOM_SCORE_ADJ && record.oom_score_adj == 777);
}

static void test_oom_score_adj(void **state)
{
	(void)state;
	in_child(set_oom_score_adj);
}

static void odd_name(void)
{
	struct tamalloc_process record;

	prctl(PR_SET_NAME, ") \n\x1b[1m\xff(");
	NEED(!tamalloc_process(getpid(), TAMALLOC_COMMAND, &record, sizeof(record)));
	NEED(!strcmp(record.command, ") \n\x1b[1m\xff("));
	NEED(!tamalloc_process(getpid(), TAMALLOC_COMMAND | TAMALLOC_PARENT, &record,
			       sizeof(record)));
	NEED(!strcmp(record.command, ") \n\x1b[1m\xff(") && record.parent == getppid());
	prctl(PR_SET_NAME, "");
	NEED(!tamalloc_process(getpid(), TAMALLOC_COMMAND, &record, sizeof(record)));
	NEED(record.fields & TAMALLOC_COMMAND && !*record.command);
}

static void test_odd_names(void **state)
{
	(void)state;
	in_child(odd_name);
}

#define FIRST_SIZE 160

static void test_record_sizes(void **state)
{
	struct { struct tamalloc_process record; char later[64]; } larger;
	struct { struct tamalloc_total record; char later[64]; } total;
	struct tamalloc_process record;
	static const char zero[64];

	(void)state;
	memset(&larger, 0xff, sizeof(larger));
	assert_int_equal(tamalloc_process(getpid(), TAMALLOC_COMMITTED, &larger.record,
					  sizeof(larger)), 0);
	assert_true(larger.record.committed > 0);
	assert_memory_equal(larger.later, zero, sizeof(zero));
	memset(&total, 0xff, sizeof(total));
	assert_int_equal(tamalloc_total(TAMALLOC_TOTAL_ALL_FIELDS, &total.record,
					sizeof(total)), 0);
	assert_memory_equal(total.later, zero, sizeof(zero));

	memset(&record, 0x5a, sizeof(record));
	memset(&larger, 0x5a, sizeof(larger));
	assert_int_equal(tamalloc_process(getpid(), 0, &record, FIRST_SIZE - 1), -EINVAL);
	assert_int_equal(tamalloc_process(getpid(), 0, &record, 0), -EINVAL);
	assert_memory_equal(&record, &larger, sizeof(record));
	/* What was linked against the first version has room for no more. */
	assert_int_equal(tamalloc_process(getpid(), TAMALLOC_THREADS, &record, FIRST_SIZE), 0);
	assert_int_equal(record.pid, getpid());
	assert_memory_equal((char *)&record + FIRST_SIZE, (char *)&larger + FIRST_SIZE,
			    sizeof(record) - FIRST_SIZE);
	assert_int_equal(tamalloc_total(0, &total.record, sizeof(total.record) - 1), -EINVAL);
}

static void test_wrong_fields(void **state)
{
	struct tamalloc_process record;
	struct tamalloc_total total;

	(void)state;
	assert_int_equal(tamalloc_process(getpid(), TAMALLOC_ALL_FIELDS + 1, &record,
					  sizeof(record)), -EINVAL);
	assert_int_equal(tamalloc_process(getpid(), 1ULL << 63, &record, sizeof(record)),
			 -EINVAL);
	assert_int_equal(tamalloc_total(TAMALLOC_TOTAL_ALL_FIELDS + 1, &total, sizeof(total)),
			 -EINVAL);
}

static void test_no_such_process(void **state)
{
	struct tamalloc_process record;
	pid_t pid = start(sleep_on);
	char text[8];

	(void)state;
	end(pid);
	assert_int_equal(tamalloc_process(pid, 0, &record, sizeof(record)), -ESRCH);
	assert_int_equal(tamalloc_process(0, 0, &record, sizeof(record)), -ESRCH);
	assert_int_equal(tamalloc_process(-1, 0, &record, sizeof(record)), -ESRCH);
	assert_int_equal(tamalloc_process(INT32_MAX, 0, &record, sizeof(record)), -ESRCH);
	assert_int_equal(tamalloc_cgroup(pid, text, sizeof(text)), -ESRCH);
}

static void test_zombie(void **state)
{
	struct tamalloc_process record;
	pid_t pid = start(sleep_on);
	siginfo_t info;
	int err;

	(void)state;
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	err = tamalloc_process(pid, TAMALLOC_ALL_FIELDS, &record, sizeof(record));
	end(pid);
	assert_int_equal(err, -EINVAL);
}

/* The kernel's thread that starts all others; not to be seen in a container. */
static void test_kernel_thread(void **state)
{
	struct tamalloc_process record;
	char name[32] = "";
	FILE *file = fopen("/proc/2/comm", "r");

	(void)state;
	if (file) {
		if (!fgets(name, sizeof(name), file))
			*name = '\0';
		fclose(file);
	}
	if (strcmp(name, "kthreadd\n"))
		skip();
	assert_int_equal(tamalloc_process(2, TAMALLOC_ALL_FIELDS, &record, sizeof(record)),
			 -EINVAL);
}

/* Their numbers come before the sizes in the text that is read. */
static void many_groups(void)
{
	struct tamalloc_process record;
	struct tamalloc_system system;
	gid_t groups[2000];

	for (size_t i = 0; i < 2000; i++)
		groups[i] = (gid_t)(4000000000U + i);
	NEED(!setgroups(2000, groups));
	NEED(!tamalloc_process(getpid(), TAMALLOC_ALL_FIELDS, &record, sizeof(record)));
	NEED(record.fields == PROC_FIELDS);
	NEED(!tamalloc_system(&system, sizeof(system)));
	NEED(system.fields & TAMALLOC_SYSTEM_SECCOMP);
}

static void test_many_groups(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	in_child(many_groups);
}

static void *stay(void *unused)
{
	sleep_on();
	return unused;
}

static void leave_it_to_a_thread(void)
{
	pthread_t thread;

	fill_memory();
	NEED(!pthread_create(&thread, NULL, stay, NULL));
	pthread_exit(NULL);
}

static bool is_zombie(pid_t pid)
{
	struct place place = { .proc = open_proc(), .pid = pid };
	struct stat_line stat;
	char text[512];

	NEED(place.proc >= 0 && !place_open(&place));
	NEED(read_file(&place, FILE_STAT, text, sizeof(text)) > 0 && parse_stat(text, &stat));
	place_close(&place);
	close(place.proc);
	return stat.state == 'Z';
}

static void test_leader_has_exited(void **state)
{
	pid_t pid = start(leave_it_to_a_thread);
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record, seen;
	bool found = false;

	(void)state;
	kill(pid, SIGCONT);
	while (!is_zombie(pid))
		usleep(1000);
	assert_int_equal(tamalloc_process(pid, TAMALLOC_ALL_FIELDS, &record, sizeof(record)), 0);
	assert_int_equal(tamalloc_iterator_open(&iterator, TAMALLOC_COMMITTED, 0), 0);
	while (tamalloc_iterator_next(iterator, &seen, sizeof(seen)) == 1)
		found |= seen.pid == pid && seen.committed >= TOUCHED;
	tamalloc_iterator_close(iterator);
	end(pid);
	assert_true(found);
	assert_true(record.committed >= TOUCHED);
	assert_true(record.fields & TAMALLOC_PAGE_TABLES && record.page_tables > 0);
	assert_true(record.anonymous >= TOUCHED);
}

static int sleep_beside(void *parent)
{
	end_with(*(pid_t *)parent);
	sleep_on();
	return 0;
}

/* A process in the same memory as this one. */
static pid_t start_twin(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	static pid_t self;
	pid_t twin;

	self = getpid();
	twin = clone(sleep_beside, stack + sizeof(stack), CLONE_VM | SIGCHLD, &self);
	NEED(twin > 0);
	return twin;
}

static void members_of_a_pair(void)
{
	pid_t twin = start_twin();
	pid_t other = start(sleep_on);
	struct member members[] = {
		{ .pid = getpid(), .thread = getpid(), .size = 5, .text = 1, .data = 2 },
		{ .pid = other, .thread = other, .size = 5, .text = 1, .data = 2 },
		/* Asked later, when it had grown. */
		{ .pid = twin, .thread = twin, .size = 6, .text = 1, .data = 3 },
	};
	struct member spare[3];
	uint64_t doubtful;

	NEED(sharing_resolve(members, 3, spare, true, &doubtful) == 2);
	NEED(!doubtful);
	NEED(sharing_resolve(members, 2, spare, false, &doubtful) == 2);
	NEED(doubtful == 2);
	refuse_call(SYS_kcmp, EPERM);
	NEED(sharing_resolve(members, 2, spare, true, &doubtful) == 2);
	NEED(doubtful == 2);
	end(twin);
	end(other);
}

static void test_native_members_are_compared(void **state)
{
	(void)state;
	in_child(members_of_a_pair);
}

static void total_without_kcmp(void)
{
	struct tamalloc_system system;
	struct tamalloc_total total;
	pid_t one = start(sleep_on), two = start(sleep_on);

	refuse_call(SYS_kcmp, EPERM);
	NEED(!tamalloc_total(TAMALLOC_TOTAL_PROCESSES, &total, sizeof(total)));
	NEED(total.doubtful >= 2);
	NEED(!tamalloc_system(&system, sizeof(system)));
	NEED(system.fields & TAMALLOC_SYSTEM_KCMP && !system.has_kcmp);
	NEED(system.fields & TAMALLOC_SYSTEM_SECCOMP && system.seccomp == 2);
	end(one);
	end(two);
}

static void test_doubtful_without_kcmp(void **state)
{
	(void)state;
	in_child(total_without_kcmp);
}

static void test_machine(void **state)
{
	struct tamalloc_total total;

	(void)state;
	assert_int_equal(tamalloc_total(TAMALLOC_TOTAL_ALL_FIELDS, &total, sizeof(total)), 0);
	assert_true(total.fields == TAMALLOC_TOTAL_ALL_FIELDS);
	assert_true(total.memory > 0 && total.available <= total.memory);
	assert_true(total.swap_free <= total.swap);
	assert_true(total.commit_limit > 0 && total.commit_charge > 0);
	assert_in_range(total.overcommit, 0, 2);
	assert_true(total.reserved >= total.committed && total.committed > 0);
	assert_int_equal(total.reserved % total.granularity, 0);
	/* Only what is wanted. */
	assert_int_equal(tamalloc_total(TAMALLOC_TOTAL_SWAP, &total, sizeof(total)), 0);
	assert_int_equal(total.reserved, 0);
	assert_false(total.fields & TAMALLOC_TOTAL_PROCESSES);
}

static void test_cgroup(void **state)
{
	char path[4096], small[1];
	int err = tamalloc_cgroup(getpid(), path, sizeof(path));

	(void)state;
	if (err == -ENODATA)
		return;
	assert_int_equal(err, 0);
	assert_int_equal(path[0], '/');
	assert_int_equal(tamalloc_cgroup(getpid(), small, sizeof(small)), -ERANGE);
	assert_int_equal(tamalloc_cgroup(getpid(), path, strlen(path)), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_oom_score_adj),
		cmocka_unit_test(test_odd_names),
		cmocka_unit_test(test_record_sizes),
		cmocka_unit_test(test_wrong_fields),
		cmocka_unit_test(test_no_such_process),
		cmocka_unit_test(test_zombie),
		cmocka_unit_test(test_kernel_thread),
		cmocka_unit_test(test_many_groups),
		cmocka_unit_test(test_leader_has_exited),
		cmocka_unit_test(test_native_members_are_compared),
		cmocka_unit_test(test_doubtful_without_kcmp),
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_cgroup),
	};

	prctl(PR_SET_NAME, "lib-process");
	tamalloc_set_backend(TAMALLOC_PROC);
	print_tap();
	return cmocka_run_group_tests_name("lib-process", tests, NULL, NULL);
}
