// SPDX-License-Identifier: MIT
/* What happens when memory runs out, by what the kernel asks first. */
#include "oom-report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MACHINE false
#define CGROUP true

static const struct tamalloc_oom_domain nothing;

static void test_badness(void **state)
{
	(void)state;
	assert_int_equal(oom_outcome(&nothing, MACHINE, true), OOM_KILL);
	assert_int_equal(oom_outcome(&nothing, CGROUP, true), OOM_KILL);
}

static void test_nobody(void **state)
{
	(void)state;
	assert_int_equal(oom_outcome(&nothing, MACHINE, false), OOM_DEADLOCK);
	assert_int_equal(oom_outcome(&nothing, CGROUP, false), OOM_REFUSE);
}

/* 1 is for the machine alone, and both come before anything is chosen. */
static void test_panic(void **state)
{
	const struct tamalloc_oom_domain once = { .panic = 1, .kills_allocating = 1 };
	const struct tamalloc_oom_domain always = { .panic = 2, .killing = 1 };

	(void)state;
	assert_int_equal(oom_outcome(&once, MACHINE, true), OOM_PANIC);
	assert_int_equal(oom_outcome(&once, CGROUP, true), OOM_KILL);
	assert_int_equal(oom_outcome(&always, MACHINE, false), OOM_PANIC);
	assert_int_equal(oom_outcome(&always, CGROUP, true), OOM_PANIC);
}

static void test_allocating(void **state)
{
	const struct tamalloc_oom_domain domain = { .kills_allocating = 1, .killing = 1 };

	(void)state;
	assert_int_equal(oom_outcome(&domain, MACHINE, true), OOM_KILL_ALLOCATING);
	assert_int_equal(oom_outcome(&domain, CGROUP, true), OOM_WAIT);
}

static void test_under_way(void **state)
{
	const struct tamalloc_oom_domain domain = { .killing = 7 };

	(void)state;
	assert_int_equal(oom_outcome(&domain, MACHINE, true), OOM_WAIT);
	assert_int_equal(oom_outcome(&domain, CGROUP, false), OOM_WAIT);
}

/* What has no limit cannot meet it, whatever is set. */
static void test_unlimited(void **state)
{
	const struct tamalloc_oom_domain domain = { .is_unlimited = 1, .panic = 2,
						    .killing = 7 };

	(void)state;
	assert_int_equal(oom_outcome(&domain, CGROUP, true), OOM_UNLIMITED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_badness),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_panic),
		cmocka_unit_test(test_allocating),
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_unlimited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("oom-report", tests, NULL, NULL);
}
