// SPDX-License-Identifier: MIT
#include "lib-common.h"
#include "parse.h"

static void test_numbers(void **state)
{
	static const char *const bad[] = {
		"", "\n", " 1", "-", "--1", "+1", "1x", "1 ", "9223372036854775808",
		"18446744073709551616", "-9223372036854775808",
	};
	int64_t value = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse_signed(bad[i], &value));
	assert_int_equal(value, 7);
	assert_true(parse_signed("-1000\n", &value));
	assert_int_equal(value, -1000);
	assert_true(parse_signed("0", &value));
	assert_int_equal(value, 0);
	assert_true(parse_signed("9223372036854775807\n", &value));
	assert_int_equal(value, INT64_MAX);
}

static void test_number_stops_behind_its_digits(void **state)
{
	const char *text = "18446744073709551615 kB";
	uint64_t value;

	(void)state;
	assert_true(parse_number(&text, &value));
	assert_true(value == UINT64_MAX);
	assert_string_equal(text, " kB");
	assert_false(parse_number(&text, &value));
	assert_string_equal(text, " kB");
}

static void test_statm(void **state)
{
	static const char *const bad[] = {
		"", "\n", "581 367 353 388 0 93", "581 367 353 388 0 93 0 0",
		"581 367 353 388 0 93 ", "581  367 353 388 0 93 0", "581 -1 353 388 0 93 0",
		"18446744073709551616 367 353 388 0 93 0", "581 367 353 388 0 93 0x",
	};
	struct statm statm;

	(void)state;
	assert_true(parse_statm("581 367 353 388 0 93 0\n", &statm));
	assert_int_equal(statm.size, 581);
	assert_int_equal(statm.resident, 367);
	assert_int_equal(statm.text, 388);
	assert_int_equal(statm.data, 93);
	assert_true(parse_statm("18446744073709551615 0 0 0 0 0 0", &statm));
	assert_true(statm.size == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse_statm(bad[i], &statm));
}

#define STAT_REST " S 56 56 56 0 -1 4194304 58 0 0 0 0 0 0 0 20 0 3 0 156 2379776 331\n"

static void test_stat(void **state)
{
	struct stat_line stat;

	(void)state;
	assert_true(parse_stat("58 (cat)" STAT_REST, &stat));
	assert_string_equal(stat.command, "cat");
	assert_int_equal(stat.state, 'S');
	assert_int_equal(stat.parent, 56);
	assert_false(stat.is_kernel_thread);
	assert_int_equal(stat.threads, 3);
	assert_int_equal(stat.start_time, 156);
	assert_true(parse_stat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 3 0 0 20 0 1 0 "
			       "20 0 0 18446744073709551615\n", &stat));
	assert_true(stat.is_kernel_thread);
	assert_int_equal(stat.parent, 0);
}

static void test_stat_with_odd_names(void **state)
{
	static const char *const names[] = {
		"", " ", ")", "(", "))", ") R 1 (", "a b", "a\nb", "\x1b[2J", "\xff\xfe",
		") S 1 1 1 0 -1 2129984 58 0 0 0 0 0 0 0 20 0 3 0 156",
	};
	struct stat_line stat;
	char line[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line), "58 (%s)" STAT_REST, names[i]);
		assert_true(parse_stat(line, &stat));
		assert_string_equal(stat.command, names[i]);
		assert_int_equal(stat.parent, 56);
		assert_int_equal(stat.start_time, 156);
	}
}

static void test_stat_with_a_long_name(void **state)
{
	struct stat_line stat;
	char name[101], line[256];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[100] = '\0';
	snprintf(line, sizeof(line), "58 (%s)" STAT_REST, name);
	assert_true(parse_stat(line, &stat));
	name[63] = '\0';
	assert_string_equal(stat.command, name);
}

static void test_stat_that_ends_early(void **state)
{
	static const char whole[] = "58 (cat)" STAT_REST;
	size_t start_time = (size_t)(strstr(whole, " 156") - whole) + 1;
	struct stat_line stat;
	char line[sizeof(whole)];

	(void)state;
	for (size_t length = 0; length < sizeof(whole); length++) {
		memcpy(line, whole, length);
		line[length] = '\0';
		assert_int_equal(parse_stat(line, &stat), length > start_time);
	}
	assert_false(parse_stat("58 )cat(" STAT_REST, &stat));
	assert_false(parse_stat("58 (cat)S 56 56", &stat));
	assert_false(parse_stat("58 (cat) S x 56 56 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 156", &stat));
	assert_false(parse_stat("58 (cat) S 2147483648 56 56 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 156",
				&stat));
}

static void test_command(void **state)
{
	char name[8];

	(void)state;
	parse_command("cat\n", 4, name, sizeof(name));
	assert_string_equal(name, "cat");
	parse_command("a\n\n", 3, name, sizeof(name));
	assert_string_equal(name, "a\n");
	parse_command("", 0, name, sizeof(name));
	assert_string_equal(name, "");
	memset(name, 'x', sizeof(name));
	parse_command("kworker/0:1\n", 12, name, sizeof(name));
	assert_string_equal(name, "kworker");
	memset(name, 'x', sizeof(name));
	parse_command("ab\n", 3, name, sizeof(name));
	assert_memory_equal(name, "ab\0\0\0\0\0\0", sizeof(name));
}

static void test_status(void **state)
{
	struct status status;

	(void)state;
	/* As Linux 6.1 writes it, and 6.12: with lines in between. */
	parse_status("Name:\tcat\nNSsid:\t56\nVmPeak:\t    2324 kB\nVmRSS:\t    1464 kB\n"
		     "RssAnon:\t      52 kB\nRssFile:\t       4 kB\nRssShmem:\t    1408 kB\n"
		     "VmData:\t     240 kB\nVmPTE:\t      40 kB\nVmSwap:\t       8 kB\n"
		     "HugetlbPages:\t       0 kB\nNoNewPrivs:\t0\nSeccomp:\t2\n"
		     "Seccomp_filters:\t1\n", &status);
	assert_true(status.has_parts && status.has_swap);
	assert_true(status.has_page_tables && status.has_seccomp);
	assert_int_equal(status.anonymous, 52 * 1024);
	assert_int_equal(status.file, 4 * 1024);
	assert_int_equal(status.shared, 1408 * 1024);
	assert_int_equal(status.page_tables, 40 * 1024);
	assert_int_equal(status.swap, 8 * 1024);
	assert_int_equal(status.seccomp, 2);
	parse_status("Kthread:\t0\nRssAnon:\t1 kB\nuntag_mask:\t0xff\nRssFile:\t2 kB\n"
		     "RssShmem:\t3 kB\nTHP_enabled:\t1\n", &status);
	assert_true(status.has_parts);
	assert_false(status.has_swap || status.has_page_tables || status.has_seccomp);
}

static void test_status_without_figures(void **state)
{
	static const char *const texts[] = {
		"", "\n", "Name:\tkthreadd\nKthread:\t1\nThreads:\t1\n",
		/* What is in a name is no line; half a number is none. */
		"Name:\tx\\nVmSwap:\\t1 kB\n", "VmSwap:\t12", "VmSwap:\t12 k", "VmSwap:\t kB",
		"VmSwap:\t-1 kB", "VmSwap:\t18446744073709551615 kB", " VmSwap:\t1 kB",
		"RssAnon:\t1 kB\nRssFile:\t1 kB\n",
	};
	struct status status;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		parse_status(texts[i], &status);
		assert_false(status.has_parts || status.has_swap);
		assert_false(status.has_page_tables || status.has_seccomp);
	}
}

static void test_meminfo(void **state)
{
	struct meminfo meminfo;

	(void)state;
	parse_meminfo("MemTotal:        1020864 kB\nMemFree:          985936 kB\n"
		      "MemAvailable:     952228 kB\nSwapCached:            0 kB\n"
		      "SwapTotal:          4096 kB\nSwapFree:           1024 kB\n"
		      "CommitLimit:      510432 kB\nCommitted_AS:       3884 kB\n"
		      "HugePages_Total:       0\n", &meminfo);
	assert_true(meminfo.has_memory && meminfo.has_swap && meminfo.has_commit);
	assert_int_equal(meminfo.memory, 1020864ULL * 1024);
	assert_int_equal(meminfo.available, 952228ULL * 1024);
	assert_int_equal(meminfo.swap, 4096 * 1024);
	assert_int_equal(meminfo.swap_free, 1024 * 1024);
	assert_int_equal(meminfo.commit_limit, 510432 * 1024);
	assert_int_equal(meminfo.commit_charge, 3884 * 1024);
	/* One of two is not enough. */
	parse_meminfo("MemTotal: 1 kB\nSwapFree: 1 kB\nCommitLimit: 1 kB", &meminfo);
	assert_false(meminfo.has_memory || meminfo.has_swap || meminfo.has_commit);
}

static void check_region(const char *line, uint64_t start, uint64_t end, const char *access,
			 uint64_t offset, const char *name)
{
	struct region_line region;

	assert_true(parse_region(line, &region));
	assert_true(region.start == start && region.end == end);
	assert_true(region.offset == offset);
	assert_int_equal(region.read, access[0] == 'r');
	assert_int_equal(region.write, access[1] == 'w');
	assert_int_equal(region.execute, access[2] == 'x');
	assert_int_equal(region.shared, access[3] == 's');
	assert_int_equal(region.name_length, strlen(name));
	assert_memory_equal(region.name, name, strlen(name));
}

static void test_regions(void **state)
{
	static const char *const bad[] = {
		"", "\n", "Rss:                   4 kB\n", "VmFlags: rd mr mw me \n",
		"1000-2000", "1000-2000 rw-p", "1000-2000 rw-p 0", "1000-2000 rw-p 0 08:01",
		"1000-2000 rw-p 0 08:01 x", "1000-2000 rw 0 08:01 1 a", "2000-1000 rw-p 0 08:01 1",
		"10000000000000000-20000000000000000 rw-p 0 08:01 1", "1000 2000 rw-p 0 08:01 1",
		"1000-2000 rw-p 0\n08:01 1 a", "1000-2000 rw\np 0 08:01 1", "-2000 rw-p 0 08:01 1",
	};
	struct region_line region;

	(void)state;
	check_region("00400000-00401000 r--p 00001000 08:02 24               /bin/busybox\n",
		     0x400000, 0x401000, "r--p", 0x1000, "/bin/busybox");
	check_region("7fff0000-7fff1000 rwxs 00000000 00:00 0 \n",
		     0x7fff0000, 0x7fff1000, "rwxs", 0, "");
	check_region("7fff0000-7fff1000 ---p 00000000 00:00 0",
		     0x7fff0000, 0x7fff1000, "---p", 0, "");
	check_region("ffffffffff600000-ffffffffffffffff --xp 0 00:00 0      [vsyscall]\nRss: 1 kB",
		     0xffffffffff600000, UINT64_MAX, "--xp", 0, "[vsyscall]");
	check_region("1000-2000 rw-s 0 103:0a 18446744073709551615  /a b\\012c (deleted)",
		     0x1000, 0x2000, "rw-s", 0, "/a b\\012c (deleted)");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse_region(bad[i], &region));
}

static void test_kilobytes(void **state)
{
	uint64_t bytes = 7;

	(void)state;
	assert_false(parse_kilobytes("Rss: 4 kB", "Swap:", &bytes));
	assert_false(parse_kilobytes("Rss: 4 MB", "Rss:", &bytes));
	assert_false(parse_kilobytes("Rss: 4", "Rss:", &bytes));
	assert_false(parse_kilobytes("Rss: 4 kB more", "Rss:", &bytes));
	assert_false(parse_kilobytes("Rss: 18014398509481984 kB", "Rss:", &bytes));
	assert_int_equal(bytes, 7);
	assert_true(parse_kilobytes("Rss: 18014398509481983 kB\n", "Rss:", &bytes));
	assert_true(bytes == UINT64_MAX - 1023);
	assert_true(parse_kilobytes("Rss:\t0 kB", "Rss:", &bytes));
	assert_int_equal(bytes, 0);
}

static void check_cgroup(const char *text, const char *path)
{
	size_t length = 0;
	const char *found = parse_cgroup(text, &length);

	if (!path) {
		assert_null(found);
		return;
	}
	assert_non_null(found);
	assert_int_equal(length, strlen(path));
	assert_memory_equal(found, path, length);
}

static void test_cgroups(void **state)
{
	(void)state;
	check_cgroup("0::/user.slice/session-2.scope\n", "/user.slice/session-2.scope");
	check_cgroup("0::/", "/");
	check_cgroup("4:memory:/a\n1:name=systemd:/b\n0::/c\n", "/a");
	check_cgroup("0::/c\n4:devices,memory,pids:/a:b\n", "/a:b");
	check_cgroup("5:memory2:/a\n1:name=memory:/b\n3:cpu,cpuacct:/c\n", NULL);
	check_cgroup("", NULL);
	check_cgroup("\n", NULL);
	check_cgroup("0:", NULL);
	check_cgroup("0::\n", "");
	check_cgroup("no colon\n0::/x\n", "/x");
}

static void test_hidepid(void **state)
{
	(void)state;
	assert_int_equal(parse_hidepid("15 1 0:13 / /proc rw,relatime - proc proc rw\n"), 0);
	assert_int_equal(parse_hidepid("15 1 0:13 / /proc rw shared:5 - proc proc rw,hidepid=2\n"), 2);
	assert_int_equal(parse_hidepid("15 1 0:13 / /proc rw - proc x rw,gid=4,hidepid=noaccess"), 1);
	assert_int_equal(parse_hidepid("15 1 0:13 / /proc rw - proc x hidepid=ptraceable,subset=pid"), 4);
	/* The one on top counts; those elsewhere do not. */
	assert_int_equal(parse_hidepid("15 1 0:13 / /proc rw - proc proc rw,hidepid=2\n"
				       "31 15 0:33 / /proc rw - proc proc rw,hidepid=1\n"
				       "32 15 0:34 / /mnt/proc rw - proc proc rw,hidepid=4\n"
				       "33 15 0:35 / /proc/bus ro - proc proc rw,hidepid=4\n"), 1);
	assert_int_equal(parse_hidepid(""), -1);
	assert_int_equal(parse_hidepid("16 1 0:14 / /sys rw - sysfs sysfs rw\n"), -1);
	assert_int_equal(parse_hidepid("15 1 0:13 / /proc rw - tmpfs x rw,hidepid=2\n"), -1);
	/* A value of a later kernel is not known. */
	assert_int_equal(parse_hidepid("15 1 0:13 / /proc rw - proc proc rw,hidepid=new\n"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_number_stops_behind_its_digits),
		cmocka_unit_test(test_statm),
		cmocka_unit_test(test_stat),
		cmocka_unit_test(test_stat_with_odd_names),
		cmocka_unit_test(test_stat_with_a_long_name),
		cmocka_unit_test(test_stat_that_ends_early),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_status_without_figures),
		cmocka_unit_test(test_meminfo),
		cmocka_unit_test(test_regions),
		cmocka_unit_test(test_kilobytes),
		cmocka_unit_test(test_cgroups),
		cmocka_unit_test(test_hidepid),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-parse", tests, NULL, NULL);
}
