// SPDX-License-Identifier: GPL-2.0
/* Where the structs are written: everything of them, and nothing beside. */
#include "common.h"

#define CANARY	0x5a

static pid_t idle;

static long call_total(void *info)
{
	return total(info);
}

static long call_process(void *info)
{
	return process(idle, info);
}

FIXTURE(output) {
	char *page;	/* followed by one that is not mapped */
};

FIXTURE_VARIANT(output) {
	long (*call)(void *info);
	size_t size;
};

FIXTURE_SETUP(output)
{
	self->page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	ASSERT_EQ(0, munmap(self->page + PAGE, PAGE));
	memset(self->page, CANARY, PAGE);
	idle = spawn_stopped(NULL, NULL);
	ASSERT_LT(0, idle);
}

FIXTURE_TEARDOWN(output)
{
	reap(idle);
}

FIXTURE_VARIANT_ADD(output, total) {
	.call = call_total,
	.size = sizeof(struct tamalloc_global_info),
};

FIXTURE_VARIANT_ADD(output, process) {
	.call = call_process,
	.size = sizeof(struct tamalloc_proc_info),
};

TEST_F(output, null_faults)
{
	EXPECT_EQ(-1, variant->call(NULL));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(output, unmapped_faults)
{
	EXPECT_EQ(-1, variant->call(self->page + PAGE));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(output, read_only_faults_and_stays_as_it_was)
{
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_READ));
	EXPECT_EQ(-1, variant->call(self->page));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_TRUE(is_filled_with(self->page, self->page + PAGE, CANARY));
}

TEST_F(output, inaccessible_faults)
{
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_NONE));
	EXPECT_EQ(-1, variant->call(self->page));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(output, beyond_user_space_faults)
{
	static const unsigned long bad[] = {
		0x00007ffffffff000UL - 8,	/* ends beyond the last page */
		0x00007ffffffff000UL,
		0x0000800000000000UL,		/* not canonical */
		0xffff800000000000UL,
		0xffff888000000000UL,		/* the direct map */
		0xffffffff81000000UL,		/* the kernel's code */
		-8UL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-1, variant->call((void *)bad[i]))
			TH_LOG("%#lx", bad[i]);
		EXPECT_EQ(EFAULT, errno);
	}
}

TEST_F(output, half_mapped_faults_and_spoils_nothing_before)
{
	for (size_t inside = 1; inside < variant->size; inside++) {
		char *info = self->page + PAGE - inside;

		memset(self->page, CANARY, PAGE);
		EXPECT_EQ(-1, variant->call(info))
			TH_LOG("%zu bytes mapped", inside);
		EXPECT_EQ(EFAULT, errno);
		EXPECT_TRUE(is_filled_with(self->page, info, CANARY));
	}
}

TEST_F(output, half_read_only_faults_and_spoils_nothing_after)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, pages);
	memset(pages, CANARY, 2 * PAGE);
	ASSERT_EQ(0, mprotect(pages + PAGE, PAGE, PROT_READ));
	EXPECT_EQ(-1, variant->call(pages + PAGE - 8));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_TRUE(is_filled_with(pages, pages + PAGE - 8, CANARY));
	EXPECT_TRUE(is_filled_with(pages + PAGE, pages + 2 * PAGE, CANARY));
}

TEST_F(output, nothing_beside_the_struct_is_written)
{
	for (size_t offset = 64; offset < 64 + 16; offset++) {
		char *info = self->page + offset;

		memset(self->page, CANARY, PAGE);
		ASSERT_EQ(0, variant->call(info));
		EXPECT_TRUE(is_filled_with(self->page, info, CANARY));
		EXPECT_TRUE(is_filled_with(info + variant->size,
					   self->page + PAGE, CANARY));
	}
}

TEST_F(output, struct_may_end_with_its_page)
{
	char *info = self->page + PAGE - variant->size;

	EXPECT_EQ(0, variant->call(info));
	EXPECT_TRUE(is_filled_with(self->page, info, CANARY));
}

/* What was in the buffer, or on the kernel's stack, must not show. */
TEST_F(output, every_byte_of_the_struct_is_written)
{
	static const unsigned char fills[] = { 0x00, 0xff, 0xaa, 0x55 };
	char first[64], again[64];
	bool same = false;

	/* Another process may have changed the total between two calls. */
	for (int attempt = 0; attempt < 5 && !same; attempt++) {
		same = true;
		memset(first, 0x33, sizeof(first));
		ASSERT_EQ(0, variant->call(first));
		for (size_t i = 0; i < ARRAY_SIZE(fills); i++) {
			memset(again, fills[i], sizeof(again));
			ASSERT_EQ(0, variant->call(again));
			same &= !memcmp(first, again, variant->size);
		}
	}
	EXPECT_TRUE(same);
}

TEST(failed_process_call_writes_nothing)
{
	static const pid_t bad[] = { 0, -1, 2 /* kthreadd */, INT32_MAX };
	char info[sizeof(struct tamalloc_proc_info)];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(info, CANARY, sizeof(info));
		EXPECT_EQ(-1, process(bad[i], (void *)info));
		EXPECT_TRUE(is_filled_with(info, info + sizeof(info), CANARY));
	}
}

TAMALLOC_TEST_MAIN
