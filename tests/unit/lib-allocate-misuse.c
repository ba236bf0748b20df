// SPDX-License-Identifier: MIT
/*
 * Wrong pointers end the program with one line that names the function and the pointer;
 * what is unusual but right does what tamalloc.h says.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib-allocate-common.h"

/*
 * Misuse. Each runs in a child, which says at last which pointer it is going to misuse.
 */

static int report;

/* The pointer that the next line must name. */
static void *announce(void *pointer)
{
	NEED(write(report, &pointer, sizeof(pointer)) == sizeof(pointer));
	return pointer;
}

/* All that a process writes until it closes the descriptor. */
static size_t read_all(int fd, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got;

	while (length < size - 1 && (got = read(fd, text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	text[length] = 0;
	return length;
}

/*
 * The child dies of SIGABRT, after it has written "tamalloc: FUNCTION(POINTER): WHY\n" and
 * nothing else on stderr.
 */
static void misuses(void (*act)(void), const char *function, const char *why)
{
	char text[4096], start[128];
	int pointers[2], errors[2], status;
	void *pointer;
	pid_t pid;

	assert_int_equal(pipe(pointers), 0);
	assert_int_equal(pipe(errors), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		report = pointers[1];
		dup2(errors[1], STDERR_FILENO);
		close(errors[1]);
		alarm(60);
		act();
		_exit(0);
	}
	close(pointers[1]);
	close(errors[1]);
	read_all(errors[0], text, sizeof(text));
	assert_int_equal(read(pointers[0], &pointer, sizeof(pointer)), sizeof(pointer));
	close(pointers[0]);
	close(errors[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	snprintf(start, sizeof(start), "tamalloc: %s(%p): ", function, pointer);
	if (strncmp(text, start, strlen(start)) || !strstr(text, why) ||
	    strchr(text, '\n') != text + strlen(text) - 1)
		fail_msg("expected: %s...%s..., got: %s", start, why, text);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
		fail_msg("status 0x%x is not that of SIGABRT, after: %s", status, text);
}

static char *large(void)
{
	char *block = tamalloc(MIB);

	NEED(block);
	memset(block, 1, MIB);
	return block;
}

static char *small(void)
{
	char *block = tamalloc(100);

	NEED(block);
	memset(block, 1, 100);
	return block;
}

static void free_twice(void)
{
	char *block = large();

	tamfree(block);
	tamfree(announce(block));
}

/* Others came and went meanwhile, too large for the place where it was. */
static void free_twice_later(void)
{
	char *before = large(), *block = large(), *behind = large();

	tamfree(block);
	for (int i = 0; i < 20; i++) {
		char *other = tamalloc(MIB + PAGE);

		NEED(other && other != block);
		memset(other, 1, MIB);
		tamfree(other);
	}
	memset(before, 2, MIB);
	memset(behind, 2, MIB);
	tamfree(announce(block));
}

static void free_given_back(void)
{
	char *block = large();

	tamfree(block);
	tamalloc_trim();
	tamfree(announce(block));
}

static void free_page_inside(void)
{
	tamfree(announce(large() + 16 * PAGE));
}

static void free_inside(void)
{
	tamfree(announce(large() + 32));
}

static void free_behind(void)
{
	/* In the last page, behind what was asked for. */
	char *block = tamalloc(LARGE + 1);

	tamfree(announce(block + LARGE));
}

static void free_stack(void)
{
	char array[100];

	tamfree(announce(array + 48));
}

static void free_static(void)
{
	static _Alignas(4096) char array[3 * 4096];

	tamfree(announce(array + 4096));
}

static void free_static_inside(void)
{
	static _Alignas(4096) char array[4096];

	tamfree(announce(array + 512));
}

static void free_odd(void)
{
	static _Alignas(4096) char array[4096];

	tamfree(announce(array + 7));
}

static void free_mapped(void)
{
	tamfree(announce(mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0)));
}

/* Nothing can be read there. */
static void free_guarded(void)
{
	tamfree(announce(mmap(NULL, MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
}

static void free_foreign(void)
{
	char *foreign = malloc(200);

	memset(foreign, 0x41, 200);
	tamfree(announce(foreign + 64));
}

static void free_reserved(void)
{
	tamfree(announce(tamalloc_reserve(MIB)));
}

static void free_highest(void)
{
	tamfree(announce((void *)~(uintptr_t)0xfff));
}

/* No address has so many bits, and to look what is there would end the program otherwise. */
static void free_no_address(void)
{
	tamfree(announce((void *)((uintptr_t)1 << 47 | 0x120)));
}

static void free_of_kernel(void)
{
	tamfree(announce((void *)(0xffff888000000000 | 0x40)));
}

static void free_tagged(void)
{
	tamfree(announce((void *)((uintptr_t)small() | (uintptr_t)0x5a << 56)));
}

static void realloc_no_address(void)
{
	tamrealloc(announce((void *)((uintptr_t)1 << 62 | 0x120)), 100);
}

static void free_small_inside(void)
{
	tamfree(announce(small() + 16));
}

static void free_small_odd(void)
{
	tamfree(announce(small() + 1));
}

/* What was written before the block is no header any more. */
static void overrun(void)
{
	char *block = small();

	block[-1] = 0x55;
	tamfree(announce(block));
}

static void overrun_size(void)
{
	char *block = small();

	block[-16] ^= 1;
	tamfree(announce(block));
}

static void overrun_by_neighbour(void)
{
	char *block[8];

	for (int i = 0; i < 8; i++)
		block[i] = small();
	/* As far as the next block that the C library has put behind this one. */
	for (int i = 0; i < 7; i++)
		if (block[i + 1] > block[i] && block[i + 1] - block[i] < 300) {
			memset(block[i], 7, (size_t)(block[i + 1] - block[i]));
			tamfree(announce(block[i + 1]));
		}
}

static void realloc_twice(void)
{
	char *block = large();

	tamfree(block);
	tamrealloc(announce(block), 2 * MIB);
}

static void realloc_small_foreign(void)
{
	static _Alignas(16) char array[64];

	tamrealloc(announce(array + 32), 100);
}

static void realloc_inside(void)
{
	tamrealloc(announce(large() + 4 * PAGE), 100);
}

static void usable_inside(void)
{
	tamalloc_usable_size(announce(large() + PAGE));
}

static void reset_twice(void)
{
	char *block = large();

	tamfree(block);
	tamalloc_reset(announce(block));
}

static void committed_foreign(void)
{
	static _Alignas(4096) char array[4096];

	tamalloc_committed(announce(array));
}

static void free_small_twice(void)
{
	char *block = small();

	tamfree(block);
	tamfree(announce(block));
}

/* Two at once free the same block, many times: one of them is too late. */
static pthread_barrier_t barrier;
static _Atomic(char *) shared;

static void *free_shared(void *unused)
{
	for (;;) {
		pthread_barrier_wait(&barrier);
		tamfree(shared);
		pthread_barrier_wait(&barrier);
	}
	return unused;
}

static void free_at_once(void)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	shared = large();
	announce(shared);
	NEED(!pthread_create(&thread, NULL, free_shared, NULL));
	free_shared(NULL);
}

static void test_large(void **state)
{
	(void)state;
	misuses(free_twice, "tamfree", "freed already");
	misuses(free_twice_later, "tamfree", "freed already");
	misuses(free_given_back, "tamfree", "given back");
	misuses(free_page_inside, "tamfree", "inside a block");
	misuses(free_inside, "tamfree", "inside a block");
	misuses(free_behind, "tamfree", "inside a block");
	misuses(free_at_once, "tamfree", "freed");
}

static void test_foreign(void **state)
{
	(void)state;
	misuses(free_stack, "tamfree", "no block of tamalloc");
	misuses(free_static, "tamfree", "no block of tamalloc");
	misuses(free_static_inside, "tamfree", "no block of tamalloc");
	misuses(free_odd, "tamfree", "no block of tamalloc");
	misuses(free_mapped, "tamfree", "no block of tamalloc");
	misuses(free_guarded, "tamfree", "no block of tamalloc");
	misuses(free_foreign, "tamfree", "no block of tamalloc");
	misuses(free_reserved, "tamfree", "no block of tamalloc");
	misuses(free_highest, "tamfree", "no block of tamalloc");
	misuses(free_no_address, "tamfree", "no block of tamalloc");
	misuses(free_of_kernel, "tamfree", "no block of tamalloc");
	misuses(free_tagged, "tamfree", "no block of tamalloc");
	misuses(realloc_no_address, "tamrealloc", "no block of tamalloc");
}

static void test_small(void **state)
{
	(void)state;
	misuses(free_small_inside, "tamfree", "no block of tamalloc");
	misuses(free_small_odd, "tamfree", "no block of tamalloc");
	misuses(overrun, "tamfree", "no block of tamalloc");
	misuses(overrun_size, "tamfree", "no block of tamalloc");
}

/* The detectors see these themselves, and say so otherwise. */
static void test_native_small(void **state)
{
	(void)state;
	misuses(overrun_by_neighbour, "tamfree", "no block of tamalloc");
	misuses(free_small_twice, "tamfree", "freed already");
}

static void test_others(void **state)
{
	(void)state;
	misuses(realloc_twice, "tamrealloc", "freed already");
	misuses(realloc_small_foreign, "tamrealloc", "no block of tamalloc");
	misuses(realloc_inside, "tamrealloc", "inside a block");
	misuses(usable_inside, "tamalloc_usable_size", "inside a block");
	misuses(reset_twice, "tamalloc_reset", "freed already");
	misuses(committed_foreign, "tamalloc_committed", "no block of tamalloc");
}

/* A handler of SIGABRT may use the allocator; the program ends nevertheless. */
static void allocate_and_free(int signal)
{
	(void)signal;
	tamfree(tamalloc(2 * MIB));
	tamfree(tamalloc(20));
	statistics();
}

static void handle_abort(void)
{
	signal(SIGABRT, allocate_and_free);
	free_twice();
}

static void test_handler(void **state)
{
	(void)state;
	misuses(handle_abort, "tamfree", "freed already");
}

/*
 * What is unusual
 */

static void test_zero(void **state)
{
	char *block, *other;

	(void)state;
	block = tamalloc(0);
	other = tamalloc(0);
	assert_non_null(block);
	assert_non_null(other);
	assert_ptr_not_equal(block, other);
	assert_int_equal((uintptr_t)block % 16, 0);
	block = tamrealloc(block, MIB);
	assert_non_null(block);
	assert_true(is_zero(block, MIB));
	memset(block, 1, MIB);
	block = tamrealloc(block, 0);
	assert_non_null(block);
	block = tamrealloc(block, 300);
	assert_non_null(block);
	assert_true(is_zero(block, 300));
	tamfree(block);
	tamfree(other);
}

/* Of a page, too: what may be used of it was zero, and is when the block grows. */
static void test_zero_aligned(void **state)
{
	char *block = tamalloc_aligned(PAGE, 0);

	(void)state;
	assert_non_null(block);
	assert_int_equal((uintptr_t)block % PAGE, 0);
	memset(block, 1, tamalloc_usable_size(block));
	block = tamrealloc(block, MIB);
	assert_non_null(block);
	assert_true(is_zero(block, MIB));
	tamfree(block);
}

static void test_null(void **state)
{
	char *block;

	(void)state;
	tamfree(NULL);
	tamalloc_reset(NULL);
	assert_int_equal(tamalloc_usable_size(NULL), 0);
	assert_int_equal(tamalloc_committed(NULL), 0);
	block = tamrealloc(NULL, 5000);
	assert_non_null(block);
	assert_true(is_zero(block, 5000));
	tamfree(block);
}

/* Larger than there can be; a block whose size cannot be changed so stays as it is. */
static void test_overflow(void **state)
{
	static const size_t sizes[] = {
		SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - PAGE, SIZE_MAX - 4 * MIB, SIZE_MAX / 2 + 1,
		PTRDIFF_MAX, PTRDIFF_MAX - PAGE, PTRDIFF_MAX - 4 * MIB, PTRDIFF_MAX - 5 * MIB,
		PTRDIFF_MAX / 2, (size_t)1 << 47, ((size_t)1 << 47) - PAGE,
	};
	static const size_t befores[] = { 100, MIB, 5 * MIB };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		errno = 0;
		assert_null(tamalloc(sizes[i]));
		assert_int_equal(errno, ENOMEM);
		for (size_t alignment = 1; alignment; alignment <<= 1) {
			errno = 0;
			assert_null(tamalloc_aligned(alignment, sizes[i]));
			assert_int_equal(errno, ENOMEM);
		}
		for (size_t j = 0; j < sizeof(befores) / sizeof(befores[0]); j++) {
			unsigned char *block = tamalloc(befores[j]);

			memset(block, 9, befores[j]);
			errno = 0;
			assert_null(tamrealloc(block, sizes[i]));
			assert_int_equal(errno, ENOMEM);
			assert_true(is_all(block, befores[j], 9));
			assert_true(tamalloc_usable_size(block) >= befores[j]);
			tamfree(block);
		}
	}
}

static void test_alignment(void **state)
{
	static const size_t wrong[] = { 0, 3, 24, 4095, 4097, SIZE_MAX, ((size_t)1 << 63) + 1 };
	static const size_t sizes[] = { 0, 1, 100, 5000, LARGE - 1, LARGE, MIB + 5, 5 * MIB };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		errno = 0;
		assert_null(tamalloc_aligned(wrong[i], 100));
		assert_int_equal(errno, EINVAL);
		errno = 0;
		assert_null(tamalloc_aligned(wrong[i], MIB));
		assert_int_equal(errno, EINVAL);
	}
	for (size_t alignment = 1; alignment <= (size_t)1 << 31; alignment <<= 1)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			char *block = tamalloc_aligned(alignment, sizes[i]);

			assert_non_null(block);
			assert_int_equal((uintptr_t)block & (alignment - 1), 0);
			assert_int_equal((uintptr_t)block % 16, 0);
			assert_true(tamalloc_usable_size(block) >= sizes[i]);
			assert_true(is_zero(block, sizes[i]));
			memset(block, 1, sizes[i]);
			tamfree(block);
		}
}

/* From a small block to a large one and back the contents stay, and the rest is zero. */
static void test_threshold(void **state)
{
	static const size_t sizes[] = { 10, LARGE, LARGE - 1, LARGE + 1, 10, 5 * MIB, 20, MIB, 30 };
	unsigned char *block = NULL;
	size_t before = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t common = before < sizes[i] ? before : sizes[i];

		block = tamrealloc(block, sizes[i]);
		assert_non_null(block);
		assert_true(is_all(block, common, 0x77));
		assert_true(is_zero(block + common, sizes[i] - common));
		assert_true(tamalloc_usable_size(block) >= sizes[i]);
		/* A large block begins a page, a small one never does. */
		if (sizes[i] >= LARGE)
			assert_int_equal((uintptr_t)block % PAGE, 0);
		if (sizes[i] < 1000)
			assert_int_not_equal((uintptr_t)block % PAGE, 0);
		memset(block, 0x77, sizes[i]);
		before = sizes[i];
	}
	tamfree(block);
}

/* Where the C library's memory is used up, also: what is of a page is not told by luck. */
static void test_no_page(void **state)
{
	static unsigned char *blocks[3000];

	(void)state;
	for (size_t alignment = 16; alignment < PAGE; alignment <<= 1) {
		for (size_t i = 0; i < 3000; i++) {
			blocks[i] = tamalloc_aligned(alignment, i % 200);
			assert_non_null(blocks[i]);
			assert_int_equal((uintptr_t)blocks[i] & (alignment - 1), 0);
			assert_int_not_equal((uintptr_t)blocks[i] % PAGE, 0);
		}
		for (size_t i = 0; i < 3000; i++)
			tamfree(blocks[i]);
	}
}

static void test_errno(void **state)
{
	char *block;

	(void)state;
	for (int round = 0; round < 20; round++) {
		block = tamalloc(round % 2 ? MIB : 20);
		assert_non_null(block);
		memset(block, 1, 20);
		errno = 4711;
		tamalloc_reset(block);
		assert_int_equal(errno, 4711);
		tamalloc_committed(block);
		assert_int_equal(errno, 4711);
		tamalloc_usable_size(block);
		assert_int_equal(errno, 4711);
		tamfree(block);
		assert_int_equal(errno, 4711);
		tamfree(NULL);
		assert_int_equal(errno, 4711);
		tamalloc_trim();
		assert_int_equal(errno, 4711);
	}
}

/* Also where it cannot look, and says nothing of it. */
static void free_blindly(void)
{
	struct rlimit none = { 0, 0 };
	char *block = tamalloc(5 * MIB);

	NEED(!setrlimit(RLIMIT_NOFILE, &none));
	memset(block, 1, MIB);
	errno = 4711;
	tamfree(block);
	NEED(errno == 4711);
}

static void test_errno_blind(void **state)
{
	(void)state;
	in_child(free_blindly);
}

static void test_settings(void **state)
{
	static const enum tamalloc_setting settings[] = {
		TAMALLOC_BACKGROUND, TAMALLOC_DECAY, TAMALLOC_CACHE, TAMALLOC_HUGE_PAGES,
	};
	static const long most[] = { 1, 3600000, 1000, 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		assert_int_equal(tamalloc_set(settings[i], -1), -EINVAL);
		assert_int_equal(tamalloc_set(settings[i], most[i] + 1), -EINVAL);
		assert_int_equal(tamalloc_set(settings[i], most[i] + (1L << 32)), -EINVAL);
		assert_int_equal(tamalloc_set(settings[i], most[i]), 0);
		assert_int_equal(tamalloc_set(settings[i], 0), 0);
	}
	assert_int_equal(tamalloc_set((enum tamalloc_setting)99, 0), -EINVAL);
	assert_int_equal(tamalloc_set((enum tamalloc_setting)-1, 0), -EINVAL);
}

/* A later library's record is longer: what this one does not know is 0. */
static void test_record(void **state)
{
	struct {
		struct tamalloc_statistics known;
		uint64_t unknown;
	} more;
	struct tamalloc_statistics now;
	uint64_t blocks;
	char *block;

	(void)state;
	assert_int_equal(tamalloc_statistics(&now, sizeof(now)), 0);
	blocks = now.blocks;
	block = tamalloc(MIB);
	assert_non_null(block);
	memset(&more, 0x55, sizeof(more));
	assert_int_equal(tamalloc_statistics(&more.known, sizeof(more)), 0);
	assert_true(more.known.blocks == blocks + 1 && more.unknown == 0);
	memset(&now, 0x55, sizeof(now));
	assert_int_equal(tamalloc_statistics(&now, sizeof(now) - 1), -EINVAL);
	assert_int_equal(tamalloc_statistics(&now, 0), -EINVAL);
	assert_true(is_all((unsigned char *)&now, sizeof(now), 0x55));
	tamfree(block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_small),
#if !IS_SANITIZED
		cmocka_unit_test(test_native_small),
#endif
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_handler),
		cmocka_unit_test(test_zero),
		cmocka_unit_test(test_zero_aligned),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_threshold),
		cmocka_unit_test(test_no_page),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_errno_blind),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_record),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-misuse", tests, NULL, NULL);
}
