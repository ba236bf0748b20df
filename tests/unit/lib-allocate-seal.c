// SPDX-License-Identifier: MIT
/*
 * What stands before a small block tells nothing of the random bytes that the program was
 * started with: of these the C library makes its stack canary and its pointer guard.
 */
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include "../refuse-call.h"
#include "lib-allocate-common.h"

struct header {
	uint64_t size;
	uint32_t offset;
	uint32_t seal;
};

#define BLOCKS 64

/* A mixer that can be run backwards, as it was used once. */
static uint32_t invertible(const struct header *header, uint64_t secret)
{
	uint64_t value = (uintptr_t)header ^ header->size << 32 ^ header->offset ^ (secret | 1);

	value = (value ^ value >> 33) * 0xff51afd7ed558ccd;
	value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53;
	return (uint32_t)(value ^ value >> 33);
}

static void check_seals(void)
{
	const unsigned char *random = (const void *)getauxval(AT_RANDOM);
	int alike = 0, same = 0;
	uint32_t last = 0;

	NEED(random);
	for (size_t i = 0; i < BLOCKS; i++) {
		char *block = tamalloc(i * 10);
		const struct header *header = (const struct header *)block - 1;

		NEED(block && header->size == i * 10);
		for (size_t half = 0; half < 2; half++) {
			uint64_t secret;

			memcpy(&secret, random + half * sizeof(secret), sizeof(secret));
			alike += header->seal == invertible(header, secret);
		}
		same += header->seal == last;
		last = header->seal;
		if (i % 2)
			tamfree(block);
	}
	NEED(alike < 3 && same < 3);
}

static void *check_in_thread(void *barrier)
{
	pthread_barrier_wait(barrier);
	check_seals();
	return tamalloc(30);
}

/* Several threads begin at once, and take back what is another's. */
static void check_threads(void)
{
	pthread_barrier_t barrier;
	pthread_t threads[4];
	void *block;

	pthread_barrier_init(&barrier, NULL, 4);
	for (int i = 0; i < 4; i++)
		NEED(!pthread_create(&threads[i], NULL, check_in_thread, &barrier));
	for (int i = 0; i < 4; i++) {
		NEED(!pthread_join(threads[i], &block));
		tamfree(block);
	}
}

static void refuse(void)
{
	refuse_call(SYS_getrandom, EPERM);
	errno = 4711;
	tamfree(tamalloc(10));
	NEED(errno == 4711);
	check_seals();
}

/* In this process no block may be had before: each child makes a key of its own. */
static void test_seals(void **state)
{
	(void)state;
	in_child(check_seals);
	in_child(check_threads);
}

static void test_refused(void **state)
{
	(void)state;
	in_child(refuse);
}

/* Two processes of which the kernel gave both the same bytes have different keys. */
static void write_seal(int fd)
{
	/* What the C library hands out first is at the same place in both. */
	const struct header *header = tamalloc(100);

	header--;
	NEED(write(fd, header, sizeof(*header)) == sizeof(*header));
	NEED(write(fd, &header, sizeof(header)) == sizeof(header));
}

static void test_key(void **state)
{
	struct {
		struct header header;
		void *place;
	} got[2];
	int ends[2], status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			write_seal(ends[1]);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_int_equal(read(ends[0], &got[i], sizeof(got[i])), sizeof(got[i]));
	}
	assert_ptr_equal(got[0].place, got[1].place);
	assert_int_equal(got[0].header.size, got[1].header.size);
	assert_int_not_equal(got[0].header.seal, got[1].header.seal);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seals),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_key),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-seal", tests, NULL, NULL);
}
