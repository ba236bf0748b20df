// SPDX-License-Identifier: MIT
#include "lib-common.h"
#include "parse-oom.h"

static void check_mount(const char *text, int version, const char *root, const char *point)
{
	struct cgroup_mount mount;

	assert_non_null(parse_cgroup_mount(text, &mount));
	assert_int_equal(mount.version, version);
	assert_int_equal(mount.root_length, strlen(root));
	assert_memory_equal(mount.root, root, strlen(root));
	assert_int_equal(mount.point_length, strlen(point));
	assert_memory_equal(mount.point, point, strlen(point));
}

static void test_mounts(void **state)
{
	(void)state;
	check_mount("41 31 0:38 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
		    2, "/", "/sys/fs/cgroup");
	check_mount("35 31 0:32 /a/b /mnt\\040x rw - cgroup none rw,cpu,memory,pids\n", 1, "/a/b",
		    "/mnt\\040x");
	check_mount("35 31 0:32 / /m rw shared:1 master:2 - cgroup cgroup rw,memory", 1, "/", "/m");
}

static void test_mounts_of_other_kinds(void **state)
{
	static const char *const others[] = {
		"", "\n", "35 31 0:32 / /m rw - cgroup cgroup rw,cpu\n",
		"35 31 0:32 / /m rw - cgroup cgroup rw,memory2,nomemory\n",
		"35 31 0:32 / /m rw - cgroup memory rw\n", "35 31 0:32 / /m rw - tmpfs x rw,memory\n",
		"35 31 0:32 / /m rw - cgroup3 x rw,memory\n", "35 31 0:32 / /m rw cgroup2\n",
		"35 31 0:32 / /m rw - cgroup\n", "35 31 0:32  /m rw - cgroup2 x rw\n",
		"35 31 0:32 / /m - \n",
	};
	struct cgroup_mount mount;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_null(parse_cgroup_mount(others[i], &mount));
}

static void test_one_mount_after_the_other(void **state)
{
	static const char text[] = "1 1 0:1 / / rw - ext4 /dev/x rw\n"
				   "2 1 0:2 / /m rw - cgroup cgroup rw,memory\n"
				   "3 1 0:3 / /u rw - cgroup2 cgroup2 rw\n"
				   "4 1 0:4 / /t rw - tmpfs x rw\n";
	struct cgroup_mount mount;
	const char *rest = parse_cgroup_mount(text, &mount);

	(void)state;
	assert_int_equal(mount.version, 1);
	rest = parse_cgroup_mount(rest, &mount);
	assert_non_null(rest);
	assert_int_equal(mount.version, 2);
	assert_null(parse_cgroup_mount(rest, &mount));
}

static void check_escaped(const char *from, const char *want)
{
	char to[64];
	size_t length = parse_escaped(from, strlen(from), to);

	assert_int_equal(length, strlen(want));
	assert_memory_equal(to, want, length);
}

static void test_escapes(void **state)
{
	(void)state;
	check_escaped("", "");
	check_escaped("/a\\040b\\134\\012", "/a b\\\n");
	check_escaped("/a\\04", "/a\\04");
	check_escaped("\\\\040", "\\ ");
	check_escaped("\\477\\088", "\\477\\088");
	check_escaped("\\377", "\377");
}

static void test_limits(void **state)
{
	static const char *const bad[] = { "", "\n", "maximum", "max ", "-1", "4096 ", "0x10" };
	uint64_t pages = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse_limit(bad[i], 4096, &pages));
	assert_int_equal(pages, 7);
	assert_true(parse_limit("0\n", 4096, &pages));
	assert_int_equal(pages, 0);
	assert_true(parse_limit("8191\n", 4096, &pages));
	assert_int_equal(pages, 1);
	assert_true(parse_limit("max\n", 4096, &pages));
	assert_true(pages == INT64_MAX / 4096);
	/* How version 1 writes that there is no limit. */
	assert_true(parse_limit("9223372036854771712\n", 4096, &pages));
	assert_true(pages == INT64_MAX / 4096);
	assert_true(parse_limit("18446744073709551615\n", 4096, &pages));
	assert_true(pages == INT64_MAX / 4096);
}

static void test_nodes(void **state)
{
	static const char *const bad[] = { "x", "0-", "-1", "1-0", "0,", ",", "0 1", "1024", "0-1024",
					   "99999999999999999999" };
	struct nodes nodes;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse_nodes(bad[i], &nodes));
	assert_true(parse_nodes("\n", &nodes));
	assert_true(nodes.bits[0] == 0);
	assert_true(parse_nodes("0-1,4,63-64,1023\n", &nodes));
	assert_true(nodes.bits[0] == (0x13 | 1ULL << 63));
	assert_true(nodes.bits[1] == 1);
	assert_true(nodes.bits[15] == 1ULL << 63);
}

static void test_nodes_within_others(void **state)
{
	struct nodes part, whole;

	(void)state;
	assert_true(parse_nodes("0,65", &part) && parse_nodes("0-1,65", &whole));
	assert_true(nodes_are_within(&part, &whole));
	assert_false(nodes_are_within(&whole, &part));
	assert_true(nodes_are_within(&part, &part));
	assert_true(parse_nodes("64-65", &whole));
	assert_false(nodes_are_within(&part, &whole));
}

static void test_allowed_nodes(void **state)
{
	struct nodes nodes;

	(void)state;
	assert_true(parse_allowed_nodes("Name:\tx\nMems_allowed:\t3\nMems_allowed_list:\t0-1\nx:\n",
					&nodes));
	assert_true(nodes.bits[0] == 3);
	assert_false(parse_allowed_nodes("Name:\tMems_allowed_list:\t0\n", &nodes));
	assert_false(parse_allowed_nodes("", &nodes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_mounts_of_other_kinds),
		cmocka_unit_test(test_one_mount_after_the_other),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_nodes_within_others),
		cmocka_unit_test(test_allowed_nodes),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-parse-oom", tests, NULL, NULL);
}
