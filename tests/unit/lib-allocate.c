// SPDX-License-Identifier: MIT
/*
 * The allocator against a model: whatever is done, each block is its owner's alone, is
 * aligned, keeps what was written, and reads as zero elsewhere.
 */
#include "lib-allocate-common.h"

#define SLOTS 24

struct slot {
	unsigned char *block;
	size_t size;
	size_t written; /* so many bytes from each end hold the mark */
	unsigned char mark;
};

/* Of each order of magnitude as many. */
static size_t random_size(struct random *random, int most)
{
	size_t power = (size_t)1 << below(random, (size_t)most);

	return power + below(random, power);
}

static bool is_right(const struct slot *slot)
{
	size_t end = slot->size - slot->written;

	return is_all(slot->block, slot->written, slot->mark) &&
	       is_all(slot->block + end, slot->written, slot->mark) &&
	       is_all(slot->block + slot->written, end - slot->written, 0);
}

/* Writes into the block: its ends, all of it, or not at all. */
static void write_on(struct slot *slot, struct random *random)
{
	size_t most = slot->size / 2;

	slot->mark = (unsigned char)(1 + below(random, 255));
	switch (below(random, 4)) {
	case 0:
		slot->written = 0;
		break;
	case 1:
		slot->written = most;
		break;
	default:
		slot->written = most ? below(random, most) / (1 + below(random, 20)) : 0;
	}
	memset(slot->block, slot->mark, slot->written);
	memset(slot->block + slot->size - slot->written, slot->mark, slot->written);
	/* What lies between is zero: it may have been written before. */
	if (slot->size - 2 * slot->written < 64)
		memset(slot->block + slot->written, 0, slot->size - 2 * slot->written);
}

static void give(struct slot *slot, struct random *random, int most)
{
	size_t alignment = (size_t)1 << below(random, 23);

	slot->size = random_size(random, most);
	if (below(random, 8)) {
		slot->block = tamalloc(slot->size);
		NEED(((uintptr_t)slot->block & 15) == 0);
	} else {
		slot->block = tamalloc_aligned(alignment, slot->size);
		NEED(((uintptr_t)slot->block & (alignment - 1)) == 0);
	}
	NEED(slot->block);
	NEED(tamalloc_usable_size(slot->block) >= slot->size);
	slot->written = 0;
	NEED(is_right(slot));
	/* What may be used reads as zero, too. */
	NEED(is_all(slot->block, tamalloc_usable_size(slot->block), 0));
	write_on(slot, random);
}

/* Another size: all that was there before is there, what is new is zero. */
static void resize(struct slot *slot, struct random *random, int most)
{
	size_t size = random_size(random, most), common, left, right;
	unsigned char *block;

	/* Beyond its size a block may be written to, as far as it is usable. */
	memset(slot->block + slot->size, 0xee, tamalloc_usable_size(slot->block) - slot->size);
	block = tamrealloc(slot->block, size);
	NEED(block);
	common = size < slot->size ? size : slot->size;
	left = slot->written < common ? slot->written : common;
	right = slot->size - slot->written;
	NEED(is_all(block, left, slot->mark));
	if (right < common)
		NEED(is_all(block + right, common - right, slot->mark));
	if (left < common)
		NEED(is_all(block + left, (right < common ? right : common) - left, 0));
	NEED(is_all(block + common, size - common, 0));
	slot->block = block;
	slot->size = size;
	memset(block, 0, size);
	write_on(slot, random);
}

static void reset(struct slot *slot)
{
	tamalloc_reset(slot->block);
	slot->written = 0;
	NEED(is_right(slot));
}

static void play(uint64_t seed, int turns, int most)
{
	struct random random = { seed * 0x9e3779b97f4a7c15 + 1 };
	struct slot slots[SLOTS] = { 0 };

	for (int turn = 0; turn < turns; turn++) {
		struct slot *slot = &slots[below(&random, SLOTS)];

		if (!slot->block) {
			give(slot, &random, most);
			continue;
		}
		NEED(is_right(slot));
		switch (below(&random, 8)) {
		case 0:
			resize(slot, &random, most);
			break;
		case 1:
			reset(slot);
			break;
		case 2:
			NEED(tamalloc_committed(slot->block) <=
			     tamalloc_usable_size(slot->block));
			break;
		default:
			tamfree(slot->block);
			slot->block = NULL;
		}
		if (!below(&random, 1000))
			tamalloc_trim();
	}
	for (int i = 0; i < SLOTS; i++) {
		NEED(!slots[i].block || is_right(&slots[i]));
		tamfree(slots[i].block);
	}
}

static int turns(int usual)
{
	const char *times = getenv("TESTS_SOAK");

	return times ? usual * atoi(times) : usual;
}

static void model(void)
{
	for (uint64_t seed = 1; seed <= 4; seed++)
		play(seed, turns(1500), 24);
}

/* One size again and again, which is how a program becomes known. */
static void model_steady(void)
{
	static const size_t sizes[] = { 256 << 10, 300000, 1 << 20, 5 << 20, 16 << 20 };
	struct random random = { 99 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int turn = 0; turn < 400; turn++) {
			size_t pages = sizes[i] / PAGE, touched;
			unsigned char *block = tamalloc(sizes[i]);

			NEED(block && is_all(block, sizes[i], 0));
			/* Phases: dense, the first tenth, at random, nothing. */
			touched = turn < 100 ? pages : turn < 200 ? pages / 10 :
				  turn < 300 ? 3 : 0;
			for (size_t page = 0; page < touched; page++)
				block[(turn < 200 ? page : below(&random, pages)) * PAGE +
				      below(&random, PAGE)] = 1;
			tamfree(block);
		}
}

/* A large block takes whole chunks: what is behind its last page may have been another's. */
static void grow_within_chunk(void)
{
	const size_t mib = 1 << 20;
	unsigned char *block = tamalloc(40 * mib), *again;

	memset(block, 0xff, 40 * mib);
	tamfree(block);
	again = tamalloc(33 * mib);
	NEED(again == block && is_all(again, 33 * mib, 0));
	again = tamrealloc(again, 34 * mib);
	NEED(again == block && is_all(again, 34 * mib, 0));
	tamfree(again);
}

static void test_within_chunk(void **state)
{
	(void)state;
	in_child(grow_within_chunk);
}

static void test_model(void **state)
{
	(void)state;
	in_child(model);
}

static void test_steady(void **state)
{
	(void)state;
	in_child(model_steady);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_within_chunk),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate", tests, NULL, NULL);
}
