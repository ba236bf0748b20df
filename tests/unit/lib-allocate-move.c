// SPDX-License-Identifier: MIT
/*
 * Blocks that grow and move: whatever this kernel answers, all their bytes are there, or the
 * call fails and the block is as it was. No answer of the kernel's is made up here.
 */
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "../../lib/allocator/allocator.h"
#include "lib-allocate-common.h"

#define NONE ((unsigned char *)MAP_FAILED)

static unsigned char *map(void *address, size_t size, int access, int flags)
{
	return mmap(address, size, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags,
		    -1, 0);
}

/*
 * What the kernel says of a range
 */

/* Whether it can be moved is known before it is tried. */
static void test_native_movable(void **state)
{
	const size_t chunk = 2 * MIB, pages = chunk / PAGE;
	unsigned char *range = map(NULL, 8 * chunk, PROT_READ | PROT_WRITE, 0);
	size_t page = page_of(range);

	(void)state;
	assert_ptr_not_equal(range, NONE);
	/* The first two chunks are one mapping, and so are those behind it. */
	assert_int_equal(madvise(range + 2 * chunk, chunk, MADV_DONTFORK), 0);
	assert_true(memory_is_movable(page, 2 * pages));
	assert_true(memory_is_movable(page + pages, pages));
	assert_true(memory_is_movable(page + 2 * pages, pages));
	assert_true(memory_is_movable(page + 3 * pages, 5 * pages));
	assert_false(memory_is_movable(page, 3 * pages));
	assert_false(memory_is_movable(page + pages, 2 * pages));
	assert_false(memory_is_movable(page + 2 * pages, 2 * pages));
	munmap(range + 5 * chunk, chunk);
	assert_false(memory_is_movable(page + 3 * pages, 3 * pages));
	assert_false(memory_is_movable(page + 5 * pages, pages));
	assert_true(memory_is_movable(page + 3 * pages, 2 * pages));
	munmap(range, 8 * chunk);
}

/* A move of several mappings that grow is refused as a whole, and takes nothing away. */
static void test_native_several(void **state)
{
	const size_t chunk = 2 * MIB, pages = chunk / PAGE;
	unsigned char *from = map(NULL, 4 * chunk, PROT_READ | PROT_WRITE, 0);
	unsigned char *to = map(NULL, 8 * chunk, PROT_READ | PROT_WRITE, 0);

	(void)state;
	memset(from, 1, 4 * chunk);
	assert_int_equal(madvise(from + 2 * chunk, chunk, MADV_DONTFORK), 0);
	assert_true(memory_move(page_of(to), 8 * pages, page_of(from), 4 * pages) < 0);
	assert_true(is_all(from, 4 * chunk, 1));
	/* Nor is one moved that does not grow: since Linux 6.17 only a part may be. */
	assert_int_equal(memory_move(page_of(to), 4 * pages, page_of(from), 4 * pages), -EINVAL);
	assert_true(is_all(from, 4 * chunk, 1));
	munmap(from, 4 * chunk);
}

/*
 * Vectors that grow
 */

#define VECTORS 400
#define LONGEST (24 * MIB)

static size_t written[VECTORS];
static unsigned char *vectors[VECTORS];

static unsigned char byte_of(size_t vector, size_t offset)
{
	return (unsigned char)(vector * 7 + offset / MIB + 1);
}

/* A byte each MiB. How many mappings that made. */
static size_t grow_vectors(void *(*grow)(void *, size_t, size_t))
{
	size_t before = own_mappings();

	memset(written, 0, sizeof(written));
	memset(vectors, 0, sizeof(vectors));
	for (size_t size = 3 * MIB; size < LONGEST; size = size * 3 / 2)
		for (size_t i = 0; i < VECTORS; i++) {
			vectors[i] = grow(vectors[i], written[i], size);
			NEED(vectors[i]);
			for (size_t at = 0; at < size; at += MIB) {
				if (at < written[i])
					NEED(vectors[i][at] == byte_of(i, at));
				vectors[i][at] = byte_of(i, at);
			}
			written[i] = size;
		}
	return own_mappings() - before;
}

/* As the C library's realloc(3) does. */
static void *grow_plainly(void *block, size_t before, size_t size)
{
	/* A page in front that is the block's own, or neighbours would become one. */
	if (!before)
		return map(NULL, size, PROT_READ | PROT_WRITE, 0);
	return mremap(block, (before + PAGE - 1) & ~(PAGE - 1), (size + PAGE - 1) & ~(PAGE - 1),
		      MREMAP_MAYMOVE);
}

static void *grow_block(void *block, size_t before, size_t size)
{
	(void)before;
	return tamrealloc(block, size);
}

/* Not many more than of a program that has each vector mapped by itself. */
static void count_mappings(void)
{
	size_t plain = grow_vectors(grow_plainly), ours;

	for (size_t i = 0; i < VECTORS; i++)
		munmap(vectors[i], written[i]);
	ours = grow_vectors(grow_block);
	NEED(ours <= 2 * plain + 20);
	for (size_t i = 0; i < VECTORS; i++)
		tamfree(vectors[i]);
}

static void test_native_vectors(void **state)
{
	(void)state;
	in_child(count_mappings);
}

/*
 * What the program did to parts of a block
 */

static void write_pages(unsigned char *block, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE)
		block[at + at / PAGE % PAGE] = (unsigned char)(at / PAGE * 11 % 251 + 1);
}

static size_t wrong_pages(const unsigned char *block, size_t size)
{
	size_t wrong = 0;

	for (size_t at = 0; at < size; at += PAGE)
		wrong += block[at + at / PAGE % PAGE] != (unsigned char)(at / PAGE * 11 % 251 + 1);
	return wrong;
}

/* It grows, or stays as it was. */
static void grow_written(unsigned char *block, size_t size)
{
	unsigned char *other = tamrealloc(block, 4 * size);

	NEED(other || errno == ENOMEM);
	NEED(wrong_pages(other ? other : block, size) == 0);
	if (other)
		NEED(is_zero(other + size, 3 * size));
	tamfree(other ? other : block);
}

/* Every second chunk has another mapping: of a part a move may succeed. */
static unsigned char *alternate(size_t size)
{
	unsigned char *block = tamalloc(size);

	NEED(block);
	write_pages(block, size);
	for (size_t at = 0; at < size; at += 4 * MIB)
		NEED(!madvise(block + at, 2 * MIB, MADV_DONTFORK));
	return block;
}

static void grow_alternating(void)
{
	for (int round = 0; round < 3; round++)
		grow_written(alternate(32 * MIB), 32 * MIB);
}

/* So many mappings that but a few more can be. */
static void fill_table(size_t left)
{
	size_t most = read_number("/proc/sys/vm/max_map_count", 0), have = own_mappings();
	unsigned char *range;

	NEED(most < 1000000);
	range = map(NULL, (most + 1) * PAGE, PROT_READ, 0);
	NEED(range != NONE);
	for (size_t i = 1; have + 2 + left < most; i += 2, have += 2)
		NEED(!mprotect(range + i * PAGE, PAGE, PROT_NONE));
}

static size_t left_mappings;

static void grow_with_full_table(void)
{
	unsigned char *block = alternate(32 * MIB), *plain = tamalloc(32 * MIB);

	NEED(plain);
	write_pages(plain, 32 * MIB);
	fill_table(left_mappings);
	grow_written(block, 32 * MIB);
	grow_written(plain, 32 * MIB);
	/* Again and again: what each failure loses must not add up. */
	for (int round = 0; round < 50; round++) {
		size_t before;

		block = tamalloc(4 * MIB);
		if (!block)
			break;
		write_pages(block, 4 * MIB);
		before = own_reserved();
		grow_written(block, 4 * MIB);
		NEED(round < 5 || own_reserved() <= before + 40 * MIB);
	}
}

static void test_native_alternating(void **state)
{
	(void)state;
	in_child(grow_alternating);
}

static void test_native_full_table(void **state)
{
	const char *slow = getenv("TAMALLOC_SLOW");
	size_t step = slow && *slow ? 12 : 3;

	(void)state;
	if (read_number("/proc/sys/vm/max_map_count", 0) >= 1000000)
		return;
	for (left_mappings = 0; left_mappings < 24; left_mappings += step)
		in_child(grow_with_full_table);
}

/* The kernel does not let a program without privilege have one: then nothing is shown. */
static int open_userfault(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void grow_registered(void)
{
	struct uffdio_register request = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	unsigned char *block = tamalloc(32 * MIB);
	int fd = open_userfault();

	if (fd < 0)
		return;
	NEED(block);
	write_pages(block, 32 * MIB);
	request.range.start = (uintptr_t)block + 16 * MIB;
	request.range.len = 16 * MIB;
	NEED(!ioctl(fd, UFFDIO_REGISTER, &request));
	block = tamrealloc(block, 64 * MIB);
	NEED(block && wrong_pages(block, 32 * MIB) == 0);
}

static void test_native_userfault(void **state)
{
	(void)state;
	in_child(grow_registered);
}

/*
 * In a small address space
 */

static void grow_in_limit(void)
{
	size_t most = own_reserved() + 100 * MIB, size = 4 * MIB;
	struct rlimit limit = { most, most };
	unsigned char *block = tamalloc(size);

	NEED(block && !setrlimit(RLIMIT_AS, &limit));
	write_pages(block, size);
	for (;;) {
		unsigned char *other = tamrealloc(block, size + 3 * MIB);

		if (!other)
			break;
		NEED(wrong_pages(other, size) == 0);
		block = other;
		size += 3 * MIB;
		write_pages(block, size);
	}
	NEED(errno == ENOMEM && size > 30 * MIB);
	NEED(wrong_pages(block, size) == 0);
	tamfree(block);
}

static void test_native_limit(void **state)
{
	(void)state;
	in_child(grow_in_limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native_movable),
		cmocka_unit_test(test_native_several),
		cmocka_unit_test(test_native_vectors),
		cmocka_unit_test(test_native_alternating),
		cmocka_unit_test(test_native_full_table),
		cmocka_unit_test(test_native_userfault),
		cmocka_unit_test(test_native_limit),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-move", tests, NULL, NULL);
}
