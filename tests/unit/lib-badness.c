// SPDX-License-Identifier: MIT
/* How the OOM killer chooses, as far as /proc says it. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "internal.h"
#include "lib-common.h"

#define TOUCHED (64 << 20)
/* Pages of files that come and go between two looks; a thousandth of memory is more. */
#define NOISE 4000
#define WANTED (TAMALLOC_OOM_BADNESS | TAMALLOC_OOM_SCORE | TAMALLOC_THREADS)

static struct tamalloc_process ask(pid_t pid)
{
	struct tamalloc_process record;

	NEED(!tamalloc_process(pid, WANTED, &record, sizeof(record)));
	NEED(record.fields & TAMALLOC_OOM_BADNESS);
	return record;
}

static int64_t machine_pages(void)
{
	struct tamalloc_total total;

	NEED(!tamalloc_total(TAMALLOC_TOTAL_MEMORY | TAMALLOC_TOTAL_SWAP, &total,
			     sizeof(total)));
	return (int64_t)((total.memory + total.swap) / (uint64_t)sysconf(_SC_PAGESIZE));
}

static bool try_adj(const char *text)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "w");

	NEED(file && fputs(text, file) > 0);
	return !fclose(file);
}

static void set_adj(const char *text)
{
	NEED(try_adj(text));
}

static void parts_of_badness(void)
{
	struct tamalloc_process record;
	int64_t page = sysconf(_SC_PAGESIZE);
	int64_t pages;
	char *memory = mmap(NULL, TOUCHED, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(memory != MAP_FAILED);
	set_adj("0");
	record = ask(getpid());
	NEED(record.oom_exempt == TAMALLOC_EXEMPT_NOT);
	pages = (int64_t)(record.committed + record.swap + record.page_tables) / page;
	NEED(record.oom_badness == pages && pages > 0);
	memset(memory, 1, TOUCHED);
	record = ask(getpid());
	/* The pages themselves, tables for them, and what a detector keeps of them. */
	NEED(record.oom_badness > pages + TOUCHED / page);
	NEED(record.oom_badness < pages + TOUCHED / page * 5 / 4);
	pages = record.oom_badness;
	set_adj("500");
	record = ask(getpid());
	NEED(llabs(record.oom_badness - pages - 500 * (machine_pages() / 1000)) < NOISE);
	set_adj("1000");
	NEED(llabs(ask(getpid()).oom_badness - pages - 1000 * (machine_pages() / 1000)) < NOISE);
}

static void test_parts_of_badness(void **state)
{
	(void)state;
	in_child(parts_of_badness);
}

static void against_a_limit(void)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record, machine;

	set_adj("300");
	machine = ask(getpid());
	NEED(!iterator_open(&iterator, TAMALLOC_ALL_FIELDS, 0, 100000));
	NEED(iterator_total_pages(iterator) == 100000);
	do
		NEED(tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1);
	while (record.pid != getpid());
	NEED(!(record.fields & TAMALLOC_OOM_SCORE));
	NEED(llabs(record.oom_badness - 300 * 100 -
		   (machine.oom_badness - 300 * (machine_pages() / 1000))) < NOISE);
	tamalloc_iterator_close(iterator);

	NEED(!iterator_open(&iterator, TAMALLOC_OOM_BADNESS, TAMALLOC_KEEP, 0));
	NEED(iterator_total_pages(iterator) == (uint64_t)machine_pages());
	NEED(!tamalloc_iterator_rewind(iterator));
	NEED(iterator_total_pages(iterator) == (uint64_t)machine_pages());
	tamalloc_iterator_close(iterator);
}

static void test_against_a_limit(void **state)
{
	(void)state;
	in_child(against_a_limit);
}

/* Since 5.9 a score says who is exempt; before that, small processes have 0 too. */
static bool score_tells(void)
{
	struct utsname kernel;
	int major, minor;

	uname(&kernel);
	return sscanf(kernel.release, "%d.%d", &major, &minor) == 2 &&
	       major * 1000 + minor >= 5009;
}

static void spawn_and_wait(void)
{
	pid_t self = getpid();

	if (!vfork()) {
		end_with(self);
		pause();
		_exit(0);
	}
	_exit(0);
}

static pid_t child_of(pid_t pid)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;
	pid_t child = 0;

	NEED(!tamalloc_iterator_open(&iterator, TAMALLOC_PARENT, 0));
	while (tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1)
		if (record.parent == pid)
			child = record.pid;
	tamalloc_iterator_close(iterator);
	return child;
}

static void test_native_vfork(void **state)
{
	pid_t parent = start(spawn_and_wait);
	struct tamalloc_process child;
	pid_t pid = 0;

	(void)state;
	kill(parent, SIGCONT);
	while (!pid)
		pid = child_of(parent);
	child = ask(pid);
	assert_int_equal(ask(parent).oom_exempt, TAMALLOC_EXEMPT_NOT);
	end(parent);
	if (score_tells()) {
		assert_int_equal(child.oom_exempt, TAMALLOC_EXEMPT_UNKNOWN);
		assert_int_equal(child.oom_badness, 0);
		assert_int_equal(child.oom_score, 0);
	} else {
		assert_int_equal(child.oom_exempt, TAMALLOC_EXEMPT_NOT);
	}
}

static void test_native_first_process(void **state)
{
	struct tamalloc_system system;
	uint32_t expected;

	(void)state;
	assert_int_equal(tamalloc_system(&system, sizeof(system)), 0);
	assert_true(system.fields & TAMALLOC_SYSTEM_NAMESPACE);
	/* That of a container is a process like others. */
	expected = system.in_namespace ? TAMALLOC_EXEMPT_NOT : TAMALLOC_EXEMPT_INIT;
	assert_int_equal(ask(1).oom_exempt, expected);
}

/*
 * The file has thirds of a thousandth; and it counts cheaply, which a page at an
 * edge may carry into the next step.
 */
static bool agrees(const struct tamalloc_process *record, int64_t pages)
{
	int32_t mine = record->oom_exempt ? 0 : oom_score(record->oom_badness, (uint64_t)pages);

	return abs(record->oom_score - mine) <= 1;
}

/* Every process of this machine. It may have grown between two files: ask again. */
static void test_native_agrees_with_oom_score(void **state)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;
	int64_t pages = machine_pages();
	int seen = 0;

	(void)state;
	if (!score_tells())
		skip();
	assert_int_equal(tamalloc_iterator_open(&iterator, WANTED, 0), 0);
	while (tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1) {
		int tries = 20, err = 0;

		while (!err && !agrees(&record, pages) && --tries)
			err = tamalloc_process(record.pid, WANTED, &record, sizeof(record));
		if (!tries)
			print_message("# process %d: badness %jd, score %d\n", record.pid,
				      (intmax_t)record.oom_badness, record.oom_score);
		assert_true(tries > 0);
		seen++;
	}
	tamalloc_iterator_close(iterator);
	assert_true(seen > 1);
}

static void *stay(void *unused)
{
	sleep_on();
	return unused;
}

static void threads(void)
{
	pthread_t thread;

	for (uint32_t i = 1; i < 5; i++) {
		NEED(ask(getpid()).threads == i);
		NEED(!pthread_create(&thread, NULL, stay, NULL));
	}
	NEED(ask(getpid()).threads == 5);
}

static void test_native_threads(void **state)
{
	(void)state;
	in_child(threads);
}

static void test_scores(void **state)
{
	(void)state;
	assert_int_equal(oom_score(0, 1000000), 666);
	assert_int_equal(oom_score(999, 1000000), 666);
	assert_int_equal(oom_score(1000, 1000000), 667);
	assert_int_equal(oom_score(-999000, 1000000), 0);
	assert_int_equal(oom_score(2000000, 1000000), 2000);
	/* A small machine, where a page is more than a step. */
	assert_int_equal(oom_score(1, 500), 668);
}

#define MACHINE_PAGES 1000000

/* Of a process that is not there: what is known of it suffices. */
static struct tamalloc_process reckon(int32_t adj, const struct oom_rules *rules)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct place place = { .directory = -1, .pid = INT32_MAX };
	struct tamalloc_process record = {
		.fields = FIELDS_OF_BADNESS | TAMALLOC_OOM_SCORE,
		.pid = INT32_MAX,
		.committed = 10 * page, .swap = 300 * page, .page_tables = 2 * page,
		.oom_score_adj = adj,
	};

	assert_int_equal(fill_badness(&place, rules, &record), 0);
	return record;
}

static void test_arithmetic(void **state)
{
	struct oom_rules rules = { .total_pages = 123999, .machine_pages = MACHINE_PAGES };
	struct tamalloc_process record = reckon(-7, &rules);

	(void)state;
	assert_true(record.fields & TAMALLOC_OOM_BADNESS);
	assert_int_equal(record.oom_badness, 312 - 7 * 123);
	assert_int_equal(reckon(0, &rules).oom_badness, 312);
	assert_int_equal(reckon(-1000, &rules).oom_badness, 0);
	/* Without the memory there is nothing to reckon with. */
	rules.total_pages = 0;
	assert_false(reckon(0, &rules).fields & TAMALLOC_OOM_BADNESS);
}

/* Its score is 0, which the machine's memory explains or not, whatever the limit. */
static void test_score_of_zero(void **state)
{
	struct oom_rules rules = {
		.total_pages = 100, .machine_pages = MACHINE_PAGES, .score_tells = true,
	};

	(void)state;
	assert_int_equal(reckon(-999, &rules).oom_exempt, TAMALLOC_EXEMPT_NOT);
	assert_int_equal(reckon(-999, &rules).oom_badness, 312);
	assert_int_equal(reckon(0, &rules).oom_exempt, TAMALLOC_EXEMPT_UNKNOWN);
	assert_int_equal(reckon(0, &rules).oom_badness, 0);
	rules.score_tells = false;
	assert_int_equal(reckon(0, &rules).oom_exempt, TAMALLOC_EXEMPT_NOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_of_badness),
		cmocka_unit_test(test_against_a_limit),
		cmocka_unit_test(test_native_vfork),
		cmocka_unit_test(test_native_first_process),
		cmocka_unit_test(test_native_agrees_with_oom_score),
		cmocka_unit_test(test_native_threads),
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_score_of_zero),
	};

	tamalloc_set_backend(TAMALLOC_PROC);
	print_tap();
	return cmocka_run_group_tests_name("lib-badness", tests, NULL, NULL);
}
