// SPDX-License-Identifier: MIT
/*
 * Programs that lock all of their memory: what is freed is used again or given back, what
 * nobody has asked for is not in memory, and what was asked for is, as the kernel promises.
 */
#include <sys/mman.h>

#include "lib-allocate-common.h"

#define BLOCK ((size_t)2000000)

/* As much as another allocator that keeps memory holds after the same. */
#define MOST (34 * MIB)

static size_t before;

static void lock_all(int flags)
{
	before = own_resident();
	NEED(!mlockall(flags));
}

static void need_bounded(void)
{
	size_t now = own_resident();

	if (now > before + MOST)
		fprintf(stderr, "# %zu MiB\n", (now - before) / MIB);
	NEED(now <= before + MOST);
}

/* The first half of each block is used. */
static void use_again(void)
{
	for (int turn = 0; turn < 200; turn++) {
		unsigned char *block = tamalloc(BLOCK);

		NEED(block && is_zero(block, BLOCK));
		memset(block, 1, BLOCK / 2);
		tamfree(block);
	}
	need_bounded();
}

static void use_again_locked(void)
{
	lock_all(MCL_CURRENT | MCL_FUTURE);
	use_again();
}

static void use_again_locked_on_fault(void)
{
	lock_all(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
	use_again();
}

/* What was there before is locked, too. */
static void use_again_locked_later(void)
{
	use_again();
	lock_all(MCL_CURRENT | MCL_FUTURE);
	use_again();
	NEED(!munlockall());
	use_again();
}

/* The block it was is free each time. */
static void grow(void)
{
	lock_all(MCL_CURRENT | MCL_FUTURE);
	for (int turn = 0; turn < 60; turn++) {
		unsigned char *block = tamalloc(BLOCK);

		for (size_t times = 2; times <= 4; times++) {
			NEED(block);
			memset(block, 1, (times - 1) * BLOCK);
			block = tamrealloc(block, times * BLOCK);
			NEED(block && is_all(block, (times - 1) * BLOCK, 1));
			NEED(is_zero(block + (times - 1) * BLOCK, BLOCK));
		}
		tamfree(block);
	}
	need_bounded();
}

/* Blocks of many sizes, of which none can have the memory of the one before as it is. */
static void change_sizes(void)
{
	lock_all(MCL_CURRENT | MCL_FUTURE);
	for (size_t turn = 0; turn < 200; turn++) {
		size_t size = LARGE + turn * 37 % 64 * (MIB / 16);
		unsigned char *block = tamalloc(size);

		NEED(block && is_zero(block, size));
		memset(block, 1, size);
		tamfree(block);
	}
	need_bounded();
}

/* It may be given back at once, whole or in part, while it is locked. */
static void trim(void)
{
	unsigned char *block;

	lock_all(MCL_CURRENT | MCL_FUTURE);
	/* Records and tables are there. */
	tamfree(tamalloc(BLOCK));
	tamalloc_trim();
	before = own_resident();
	block = tamalloc(32 * MIB);
	NEED(block && own_resident() >= before + 31 * MIB);
	tamfree(block);
	tamalloc_trim();
	NEED(own_resident() <= before + 2 * MIB);
	NEED(!tamalloc_set(TAMALLOC_DECAY, 0));
	block = tamalloc(8 * MIB);
	memset(block, 1, 8 * MIB);
	tamfree(block);
	NEED(own_resident() <= before + 3 * MIB);
}

/* Growth and tables: not more than the block itself, and what the C library has. */
static void take_little(void)
{
	unsigned char *block;

	lock_all(MCL_CURRENT | MCL_FUTURE);
	before = own_resident();
	block = tamalloc(LARGE);
	NEED(block);
	tamfree(block);
	if (own_resident() > before + MIB)
		fprintf(stderr, "# %zu KiB\n", (own_resident() - before) / 1024);
	NEED(own_resident() <= before + MIB);
}

/* Who has locked all memory waits for no page later, also of a part that a block grows by. */
static void is_there(void)
{
	unsigned char *block, *other;

	lock_all(MCL_CURRENT | MCL_FUTURE);
	block = tamalloc(BLOCK);
	NEED(resident_pages(block, BLOCK) == (BLOCK + PAGE - 1) / PAGE);
	for (size_t times = 2; times < 40; times *= 2) {
		other = tamalloc(BLOCK);
		NEED(resident_pages(other, BLOCK) == (BLOCK + PAGE - 1) / PAGE);
		block = tamrealloc(block, times * BLOCK);
		NEED(resident_pages(block, times * BLOCK) == (times * BLOCK + PAGE - 1) / PAGE);
		tamfree(other);
	}
	tamfree(block);
	/* When it is not locked any more a page costs when it is touched. */
	NEED(!munlockall());
	tamalloc_trim();
	block = tamalloc(64 * MIB);
	NEED(resident_pages(block, 64 * MIB) == 0);
	tamfree(block);
}

static void is_there_when_touched(void)
{
	unsigned char *block;

	lock_all(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
	block = tamalloc(BLOCK);
	NEED(resident_pages(block, BLOCK) == 0);
	touch(block, 5);
	NEED(resident_pages(block, BLOCK) == 1);
	tamfree(block);
}

static void use_again_unlocked(void)
{
	before = own_resident();
	use_again();
}

static void test_native_unlocked(void **state)
{
	(void)state;
	in_child(use_again_unlocked);
}

static void test_native_bounded(void **state)
{
	(void)state;
	in_child(use_again_locked);
	in_child(use_again_locked_on_fault);
	in_child(use_again_locked_later);
	in_child(change_sizes);
}

static void test_native_grow(void **state)
{
	(void)state;
	in_child(grow);
}

static void test_native_trim(void **state)
{
	(void)state;
	in_child(trim);
}

static void test_native_little(void **state)
{
	(void)state;
	in_child(take_little);
}

static void test_native_there(void **state)
{
	(void)state;
	in_child(is_there);
	in_child(is_there_when_touched);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#if !IS_SANITIZED
		/* A detector's own memory would be locked. */
		cmocka_unit_test(test_native_bounded),
		cmocka_unit_test(test_native_grow),
		cmocka_unit_test(test_native_trim),
		cmocka_unit_test(test_native_little),
		cmocka_unit_test(test_native_there),
#endif
		cmocka_unit_test(test_native_unlocked),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-locked", tests, NULL, NULL);
}
