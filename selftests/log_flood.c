// SPDX-License-Identifier: GPL-2.0
/* Failed reservations are told in the kernel log, but cannot flood it. */
#include "common.h"

#define FAILURES	1000
#define TOO_LARGE	(1UL << 47)

/* New records of the kernel log that are about tamalloc. */
static int new_lines(int log)
{
	char record[8192];
	ssize_t length;
	int lines = 0;

	for (;;) {
		length = read(log, record, sizeof(record) - 1);
		if (length < 0 && errno == EPIPE)
			continue;	/* overwritten meanwhile: go on */
		if (length <= 0)
			return lines;
		record[length] = '\0';
		lines += !!strstr(record, "tamalloc");
	}
}

FIXTURE(log) {
	int fd;
};

FIXTURE_SETUP(log)
{
	self->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, lseek(self->fd, 0, SEEK_END));
	ASSERT_EQ(0, setresuid(1000, 1000, 1000));
}

FIXTURE_TEARDOWN(log)
{
	close(self->fd);
}

TEST_F(log, mistaken_size_is_not_told)
{
	ASSERT_EQ(MAP_FAILED, reserve(0));
	ASSERT_EQ(MAP_FAILED, reserve(-1UL));
	EXPECT_EQ(0, new_lines(self->fd));
}

TEST_F(log, failure_is_told)
{
	ASSERT_EQ(MAP_FAILED, reserve(TOO_LARGE));
	EXPECT_EQ(1, new_lines(self->fd));
}

TEST_F(log, many_failures_do_not_flood_it)
{
	int lines;

	for (int i = 0; i < FAILURES; i++)
		ASSERT_EQ(MAP_FAILED, reserve(TOO_LARGE));
	lines = new_lines(self->fd);
	EXPECT_LE(1, lines);
	EXPECT_GE(20, lines);
}

int main(int argc, char **argv)
{
	if (calls_are_absent()) {
		ksft_print_header();
		ksft_exit_skip("kernel without tamalloc\n");
	}
	/*
	 * Failures of programs before this one shall no longer use up the limit;
	 * the next one also tells how many of them have been left out.
	 */
	sleep(6);
	reserve(TOO_LARGE);
	return test_harness_run(argc, argv);
}
