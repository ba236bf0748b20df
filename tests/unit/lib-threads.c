// SPDX-License-Identifier: MIT
/* Threads that use the library at once; also run under a detector of races. */
#include <pthread.h>
#include <stdatomic.h>

#include "lib-common.h"

#define CHILDREN 10
#define ROUNDS	 20

static pid_t children[CHILDREN];
static atomic_int failures;

static void expect(bool good)
{
	if (!good)
		atomic_fetch_add(&failures, 1);
}

static int count_children(struct tamalloc_iterator *iterator)
{
	struct tamalloc_process record;
	int seen = 0, more;

	while ((more = tamalloc_iterator_next(iterator, &record, sizeof(record))) == 1)
		for (int i = 0; i < CHILDREN; i++)
			seen += children[i] == record.pid;
	expect(!more);
	return seen;
}

static void *iterate(void *flags)
{
	struct tamalloc_iterator *iterator;

	if (tamalloc_iterator_open(&iterator, TAMALLOC_ALL_FIELDS, *(unsigned int *)flags)) {
		expect(false);
		return NULL;
	}
	for (int round = 0; round < ROUNDS; round++) {
		expect(count_children(iterator) == CHILDREN);
		expect(!tamalloc_iterator_rewind(iterator));
	}
	tamalloc_iterator_close(iterator);
	return NULL;
}

/* Only back and forth between what every kernel can do. */
static void *choose(void *unused)
{
	struct tamalloc_process record;
	struct tamalloc_total total;

	for (int round = 0; round < ROUNDS; round++) {
		expect(!tamalloc_set_backend(round & 1 ? TAMALLOC_PROC : TAMALLOC_AUTO));
		expect(tamalloc_get_backend() != TAMALLOC_AUTO);
		expect(!tamalloc_process(getpid(), TAMALLOC_ALL_FIELDS, &record, sizeof(record)));
		expect(!tamalloc_total(TAMALLOC_TOTAL_ALL_FIELDS, &total, sizeof(total)));
	}
	return unused;
}

static void test_threads(void **state)
{
	unsigned int flags[] = { 0, TAMALLOC_KEEP, 0, TAMALLOC_KEEP };
	pthread_t threads[5];

	(void)state;
	for (int i = 0; i < CHILDREN; i++)
		children[i] = start(sleep_on);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, iterate, &flags[i]), 0);
	assert_int_equal(pthread_create(&threads[4], NULL, choose, NULL), 0);
	for (int i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < CHILDREN; i++)
		end(children[i]);
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-threads", tests, NULL, NULL);
}
