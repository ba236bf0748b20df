// SPDX-License-Identifier: MIT
/*
 * Many hours' worth of operations: nothing grows. TESTS_SOAK=N makes it N times as long
 * as the few seconds that it takes else.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "lib-allocate-common.h"

#define THREADS 3
#define PLACES	16 /* of each thread */
#define SECONDS 4
#define WARM_UP 4000 /* operations */

static atomic_bool is_over;
static atomic_ulong operations;

struct place {
	unsigned char *block;
	size_t size, written;
};

/* Programs use a few sizes often, and some seldom. */
static size_t random_size(struct random *random)
{
	size_t power = below(random, 20);

	if (power < 8)
		return LARGE + power * 40000;
	if (power < 19)
		return ((size_t)1 << power) + below(random, (size_t)1 << power);
	return below(random, 24 * MIB);
}

static void write_on(struct place *place, struct random *random)
{
	/* Every byte of it the same; how much is a matter of the size, mostly. */
	place->written = place->size / (1 + place->size / 4096 % 7);
	if (!below(random, 5))
		place->written = below(random, place->size + 1);
	memset(place->block, 0x99, place->written);
}

static void check(const struct place *place)
{
	NEED(is_all(place->block, place->written, 0x99));
	NEED(is_zero(place->block + place->written, place->size - place->written));
}

static void operate(struct place *place, struct random *random)
{
	if (!place->block) {
		place->size = random_size(random);
		place->block = below(random, 10) ?
				       tamalloc(place->size) :
				       tamalloc_aligned((size_t)1 << below(random, 22), place->size);
		place->written = 0;
		NEED(place->block);
		check(place);
		write_on(place, random);
		return;
	}
	switch (below(random, 10)) {
	case 0:
	case 1:
		check(place);
		place->size = random_size(random);
		place->block = tamrealloc(place->block, place->size);
		NEED(place->block);
		if (place->written > place->size)
			place->written = place->size;
		check(place);
		break;
	case 2:
		tamalloc_reset(place->block);
		place->written = 0;
		check(place);
		break;
	case 3:
		NEED(tamalloc_committed(place->block) <= tamalloc_usable_size(place->block));
		break;
	case 4:
		if (!below(random, 200))
			tamalloc_trim();
		break;
	default:
		tamfree(place->block);
		place->block = NULL;
	}
}

static void *play(void *seed)
{
	struct random random = { (uintptr_t)seed * 0x9e3779b97f4a7c15 + 1 };
	struct place places[PLACES] = { 0 };

	while (!atomic_load_explicit(&is_over, memory_order_relaxed)) {
		operate(&places[below(&random, PLACES)], &random);
		atomic_fetch_add_explicit(&operations, 1, memory_order_relaxed);
	}
	for (int i = 0; i < PLACES; i++)
		tamfree(places[i].block);
	return NULL;
}

/* What must not grow, at its most in a part of the time. */
struct sizes {
	size_t resident, reserved, mappings, descriptors;
};

static void raise_to(size_t *most, size_t now)
{
	if (now > *most)
		*most = now;
}

static long now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct sizes watch(long milliseconds)
{
	long end = now_milliseconds() + milliseconds;
	struct sizes most = { 0 };

	while (now_milliseconds() < end) {
		raise_to(&most.resident, own_resident());
		raise_to(&most.reserved, own_reserved());
		raise_to(&most.mappings, own_mappings());
		raise_to(&most.descriptors, own_descriptors());
		sleep_milliseconds(10);
	}
	return most;
}

static void print_sizes(const char *when, const struct sizes *sizes)
{
	fprintf(stderr, "# %s: resident %zu MiB, reserved %zu MiB, %zu mappings, %zu descriptors\n",
		when, sizes->resident / MIB, sizes->reserved / MIB, sizes->mappings,
		sizes->descriptors);
}

static void soak(void)
{
	const char *times = getenv("TESTS_SOAK");
	long quarter = SECONDS * 1000 / 4 * (times ? atol(times) : 1);
	struct sizes first, middle, last, end;
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		NEED(!pthread_create(&threads[i], NULL, play, (void *)(i + 1)));
	/* Until all places are in use. */
	while (atomic_load(&operations) < WARM_UP)
		sleep_milliseconds(10);
	first = watch(quarter);
	middle = watch(2 * quarter);
	last = watch(quarter);
	atomic_store(&is_over, true);
	for (int i = 0; i < THREADS; i++)
		NEED(!pthread_join(threads[i], NULL));
	print_sizes("first quarter", &first);
	print_sizes("between", &middle);
	print_sizes("last quarter", &last);
	fprintf(stderr, "# %lu operations\n", atomic_load(&operations));
	/* The most of what is random is more the longer one looks, but not by much. */
	NEED(last.resident <= first.resident + first.resident / (times ? 4 : 2) + 8 * MIB);
	NEED(last.reserved <= first.reserved + first.reserved / 4 + 64 * MIB);
	NEED(last.mappings <= first.mappings + first.mappings / 4 + 32);
	/* Each thread may be opening one. */
	NEED(last.descriptors <= first.descriptors + THREADS);
	NEED(statistics().blocks == 0);
	/* And nothing is left. */
	tamalloc_trim();
	end = watch(1);
	print_sizes("at the end", &end);
	NEED(statistics().reserved == 0 && statistics().cached == 0);
	NEED(end.resident <= 24 * MIB);
	NEED(end.mappings <= 64);
}

static void test_native_soak(void **state)
{
	(void)state;
	in_child(soak);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native_soak),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-soak", tests, NULL, NULL);
}
