// SPDX-License-Identifier: MIT
/*
 * The allocator and threads: each does whatever it likes, hands blocks to others and
 * frees theirs, while memory is given back and counted. Also run under a detector of
 * races.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "lib-allocate-common.h"

#define THREADS 4
#define PLACES	32

/* Detectors take many times as long for the same. */
#if IS_SANITIZED
#define TURNS 150
#else
#define TURNS 1500
#endif

/* A block, and what its last owner has written into it. */
struct parcel {
	unsigned char *block;
	size_t size;
	size_t first, end; /* bytes that hold the mark */
	unsigned char mark;
};

/* Where threads find what others have left. */
static _Atomic(struct parcel *) places[PLACES];
static atomic_bool is_over;

static bool is_right(const struct parcel *parcel)
{
	return is_zero(parcel->block, parcel->first) &&
	       is_all(parcel->block + parcel->first, parcel->end - parcel->first, parcel->mark) &&
	       is_zero(parcel->block + parcel->end, parcel->size - parcel->end);
}

/* All is zero. */
static void write_on(struct parcel *parcel, struct random *random)
{
	size_t most = below(random, 4) ? parcel->size / 10 : parcel->size;

	parcel->first = below(random, 3) ? 0 : below(random, parcel->size);
	parcel->end = parcel->first + below(random, most + 1);
	if (parcel->end > parcel->size)
		parcel->end = parcel->size;
	parcel->mark = (unsigned char)(1 + below(random, 255));
	memset(parcel->block + parcel->first, parcel->mark, parcel->end - parcel->first);
}

/* Few sizes, so that each has a history, and now and then any. */
static size_t random_size(struct random *random)
{
	static const size_t sizes[] = { 300, LARGE, 300000, MIB, 3 * MIB, 5 * MIB };
	size_t choice = below(random, 8);

	if (choice < sizeof(sizes) / sizeof(sizes[0]))
		return sizes[choice];
	return 1 + below(random, choice == 6 ? 2 * LARGE : 8 * MIB);
}

static struct parcel *make(struct random *random)
{
	struct parcel *parcel = malloc(sizeof(*parcel));
	size_t alignment = (size_t)1 << below(random, 22);

	NEED(parcel);
	parcel->size = random_size(random);
	parcel->block = below(random, 8) ? tamalloc(parcel->size) :
					   tamalloc_aligned(alignment, parcel->size);
	NEED(parcel->block);
	NEED(is_zero(parcel->block, parcel->size));
	write_on(parcel, random);
	return parcel;
}

static void end_parcel(struct parcel *parcel)
{
	if (!parcel)
		return;
	NEED(is_right(parcel));
	tamfree(parcel->block);
	free(parcel);
}

static void resize(struct parcel *parcel, struct random *random)
{
	size_t size = random_size(random), common = size < parcel->size ? size : parcel->size;

	parcel->block = tamrealloc(parcel->block, size);
	NEED(parcel->block);
	parcel->size = size;
	if (parcel->first > common)
		parcel->first = common;
	if (parcel->end > common)
		parcel->end = common;
	NEED(is_right(parcel));
}

static void *play(void *seed)
{
	struct random random = { (uintptr_t)seed * 0x9e3779b97f4a7c15 + 1 };

	for (int turn = 0; turn < TURNS; turn++) {
		_Atomic(struct parcel *) *place = &places[below(&random, PLACES)];
		struct parcel *parcel = atomic_exchange(place, NULL);

		if (!parcel) {
			end_parcel(atomic_exchange(place, make(&random)));
			continue;
		}
		NEED(is_right(parcel));
		switch (below(&random, 8)) {
		case 0:
			resize(parcel, &random);
			break;
		case 1:
			tamalloc_reset(parcel->block);
			NEED(is_zero(parcel->block, parcel->size));
			write_on(parcel, &random);
			break;
		case 2:
			NEED(tamalloc_committed(parcel->block) <=
			     tamalloc_usable_size(parcel->block));
			break;
		default:
			end_parcel(parcel);
			continue;
		}
		end_parcel(atomic_exchange(place, parcel));
	}
	return NULL;
}

/* Gives back, counts and changes the settings while others work. */
static void *disturb(void *unused)
{
	struct random random = { 4711 };

	while (!atomic_load(&is_over)) {
		struct tamalloc_statistics now = statistics();

		NEED(now.cached <= now.reserved && now.committed <= now.reserved);
		NEED(now.blocks <= now.handed_out);
		if (!below(&random, 4))
			tamalloc_trim();
		NEED(!tamalloc_set(TAMALLOC_DECAY, (long)below(&random, 20)));
		NEED(!tamalloc_set(TAMALLOC_HUGE_PAGES, (long)below(&random, 2)));
		sleep_milliseconds(2);
	}
	return unused;
}

static void run_all(void)
{
	pthread_t threads[THREADS], other;

	NEED(!pthread_create(&other, NULL, disturb, NULL));
	for (uintptr_t i = 0; i < THREADS; i++)
		NEED(!pthread_create(&threads[i], NULL, play, (void *)(i + 1)));
	for (int i = 0; i < THREADS; i++)
		NEED(!pthread_join(threads[i], NULL));
	atomic_store(&is_over, true);
	NEED(!pthread_join(other, NULL));
	for (int i = 0; i < PLACES; i++)
		end_parcel(places[i]);
	NEED(statistics().blocks == 0);
	tamalloc_trim();
	NEED(statistics().cached == 0);
}

static void run_with_background(void)
{
	NEED(!tamalloc_set(TAMALLOC_BACKGROUND, 1));
	run_all();
}

static void test_threads(void **state)
{
	(void)state;
	in_child(run_all);
}

static void test_background(void **state)
{
	(void)state;
	in_child(run_with_background);
}

/*
 * Many at once meet in what is done once: settings, policies, the unit costs, the first
 * descriptor.
 */
static pthread_barrier_t barrier;

static void *begin(void *unused)
{
	pthread_barrier_wait(&barrier);
	for (int round = 0; round < 4; round++) {
		unsigned char *block = tamalloc(MIB);

		NEED(block && is_zero(block, MIB));
		memset(block, 1, MIB / 10);
		tamfree(block);
	}
	return unused;
}

static void begin_together(void)
{
	pthread_t threads[8];

	pthread_barrier_init(&barrier, NULL, 8);
	for (int i = 0; i < 8; i++)
		NEED(!pthread_create(&threads[i], NULL, begin, NULL));
	for (int i = 0; i < 8; i++)
		NEED(!pthread_join(threads[i], NULL));
}

static void test_begin(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++)
		in_child(begin_together);
}

/*
 * A thread that is cancelled ends where POSIX says, and an allocator is no such place: nothing
 * of it may stay locked or lost.
 */
static void use(void)
{
	for (int round = 0; round < 3; round++) {
		unsigned char *block = tamalloc(MIB);

		tamfree(tamalloc(100));
		memset(block, 1, MIB / 2);
		block = tamrealloc(block, 40 * MIB);
		tamalloc_reset(block);
		tamalloc_committed(block);
		statistics();
		tamfree(block);
		tamalloc_trim();
	}
}

static bool has_come_back;

static void *use_while_cancelled(void *unused)
{
	has_come_back = false;
	pthread_cancel(pthread_self());
	use();
	has_come_back = true;
	pthread_testcancel();
	return unused;
}

static void cancel(void)
{
	pthread_t thread;
	void *result;

	alarm(60);
	/* In the first round everything is done for the first time. */
	for (int round = 0; round < 3; round++) {
		NEED(!pthread_create(&thread, NULL, use_while_cancelled, NULL));
		NEED(!pthread_join(thread, &result));
		NEED(result == PTHREAD_CANCELED && has_come_back);
		NEED(statistics().blocks == 0);
		use();
	}
}

static void test_cancel(void **state)
{
	(void)state;
	in_child(cancel);
}

/* The thread that began the program has ended: the memory is the others'. */
static void *outlive(void *unused)
{
	unsigned char *block;

	sleep_milliseconds(100);
	block = tamalloc(MIB);
	NEED(block);
	touch(block, 7);
	NEED(tamalloc_committed(block) == PAGE);
	for (int round = 0; round < 40; round++) {
		unsigned char *other = tamalloc(MIB);

		NEED(other);
		/* Where a round before wrote; to read all of it may commit all of it. */
		for (size_t page = 0; page < (size_t)round * 5; page += 5)
			NEED(is_zero(other + page * PAGE, PAGE));
		touch(other, (size_t)round * 5);
		tamfree(other);
	}
	/* As far as can be seen, few pages were touched. */
	NEED(statistics().zeroed < 20 * MIB);
	for (int round = 0; round < 40; round++) {
		unsigned char *other = tamalloc(MIB);

		NEED(other && is_zero(other, MIB));
		touch(other, (size_t)round * 5);
		tamfree(other);
	}
	exit(0);
	return unused;
}

static void leave(void)
{
	pthread_t thread;

	NEED(!pthread_create(&thread, NULL, outlive, NULL));
	pthread_exit(NULL);
}

static void test_native_leader(void **state)
{
	(void)state;
	in_child(leave);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_background),
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_cancel),
#if !IS_SANITIZED /* what the first thread had looks leaked then */
		cmocka_unit_test(test_native_leader),
#endif
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-threads", tests, NULL, NULL);
}
