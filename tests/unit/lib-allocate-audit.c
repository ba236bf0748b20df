// SPDX-License-Identifier: MIT
/*
 * TAMALLOC_AUDIT=1: a use of large blocks that is wrong ends with SIGSEGV where it happens, and
 * right ones go on as ever.
 */
#include "lib-allocate-common.h"

static const size_t sizes[] = { LARGE, LARGE + 1, 300000, 2 * MIB, 5 * MIB + 77, 40 * MIB };

#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static volatile unsigned char *at;

static void end_well(int number)
{
	(void)number;
	_exit(0);
}

/* Runs in a child, and must end at the one access that it leads to. */
static void faults(void (*function)(size_t size), size_t size)
{
	pid_t pid = fork();
	int status;

	NEED(pid >= 0);
	if (!pid) {
		function(size);
		/* Not before. */
		signal(SIGSEGV, end_well);
		*at = 1;
		_exit(2);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	if (status)
		fprintf(stderr, "# block of %zu bytes: status 0x%x\n", size, status);
	NEED(!status);
}

static void use_freed(size_t size)
{
	unsigned char *block = tamalloc(size);

	NEED(block && is_zero(block, size));
	memset(block, 1, size);
	tamfree(block);
	at = block + size / 2;
}

static void use_long_freed(size_t size)
{
	unsigned char *block = tamalloc(size);

	NEED(block);
	tamfree(block);
	tamalloc_trim();
	at = block;
}

/* The page behind its last. */
static void use_behind(size_t size)
{
	unsigned char *block = tamalloc(size);

	NEED(block);
	block[size - 1] = 1;
	at = block + (size + PAGE - 1) / PAGE * PAGE;
}

static void use_behind_aligned(size_t size)
{
	unsigned char *block = tamalloc_aligned(64 * MIB, size);

	NEED(block && !((uintptr_t)block % (64 * MIB)));
	at = block + (size + PAGE - 1) / PAGE * PAGE;
}

static void use_grown(size_t size)
{
	unsigned char *block = tamalloc(size), *other;

	NEED(block);
	block[size - 1] = 7;
	other = tamrealloc(block, size + 3 * PAGE);
	NEED(other && other != block && other[size - 1] == 7 && is_zero(other + size, 3 * PAGE));
	at = block + size - 1;
}

static void use_cut_off(size_t size)
{
	unsigned char *block = tamalloc(2 * size);

	NEED(block);
	memset(block, 7, 2 * size);
	block = tamrealloc(block, size);
	NEED(block && is_all(block, size, 7));
	at = block + (size + PAGE - 1) / PAGE * PAGE;
}

static void fault_each(void)
{
	static void (*const uses[])(size_t) = {
		use_freed, use_long_freed, use_behind, use_behind_aligned, use_grown, use_cut_off,
	};

	setenv("TAMALLOC_AUDIT", "1", 1);
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		for (size_t j = 0; j < SIZES; j++)
			faults(uses[i], sizes[j]);
}

static void test_native_wrong(void **state)
{
	(void)state;
	in_child(fault_each);
}

struct kept {
	unsigned char *block;
	size_t size;
	unsigned char mark;
};

static void check(const struct kept *kept)
{
	NEED(kept->block[0] == kept->mark && kept->block[kept->size - 1] == kept->mark);
	NEED(is_zero(kept->block + 1, kept->size - 2));
}

static void change(struct kept *kept, struct random *random)
{
	size_t size = sizes[below(random, SIZES)] + below(random, 3 * PAGE);

	if (kept->block) {
		check(kept);
		if (below(random, 3)) {
			tamfree(kept->block);
			kept->block = NULL;
			return;
		}
		if (kept->size <= size)
			kept->block[kept->size - 1] = 0;
		kept->block = tamrealloc(kept->block, size);
	} else {
		kept->block = tamalloc(size);
		NEED(kept->block && is_zero(kept->block, size));
	}
	NEED(kept->block);
	NEED(is_zero(kept->block + 1, size - 2));
	kept->size = size;
	kept->mark = (unsigned char)(1 + below(random, 255));
	kept->block[0] = kept->block[size - 1] = kept->mark;
}

static void play(void)
{
	struct random random = { 4242 };
	struct kept kept[8] = { 0 };
	pid_t pid = 0;

	setenv("TAMALLOC_AUDIT", "1", 1);
	for (int turn = 0; turn < 400; turn++) {
		/* Parent and child both go on. */
		if (turn == 200)
			pid = fork();
		NEED(pid >= 0);
		change(&kept[below(&random, 8)], &random);
		if (turn % 50 == 49) {
			tamalloc_trim();
			NEED(statistics().cached == 0);
		}
	}
	for (int i = 0; i < 8; i++)
		if (kept[i].block)
			check(&kept[i]);
	if (pid) {
		int status;

		NEED(waitpid(pid, &status, 0) == pid && !status);
	}
}

static void test_right(void **state)
{
	(void)state;
	in_child(play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#if !IS_SANITIZED
		cmocka_unit_test(test_native_wrong),
#endif
		cmocka_unit_test(test_right),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-audit", tests, NULL, NULL);
}
