// SPDX-License-Identifier: MIT
/* Memory cgroups, in directories that look like those of the kernel. */
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "lib-common.h"
#include "parse-oom.h"

#define PAGE 4096

static char top[] = "/tmp/lib-cgroup-XXXXXX";

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s%s", top, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void make_cgroup(const char *name, const char *processes)
{
	char file[128];

	assert_int_equal(mkdir(path_of(name), 0755), 0);
	snprintf(file, sizeof(file), "%s/cgroup.procs", name);
	write_file(file, processes);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(top + strlen(top) - 6, "XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct cgroup cgroup_at(const char *name, int version)
{
	return (struct cgroup){
		.version = version,
		.path = (char *)path_of(name),
		.top = strlen(top),
	};
}

/* root is the cgroup that is mounted on point, below the directory of the test. */
static const char *mount_line(const char *root, const char *point, int version)
{
	static char lines[2][512];
	static int line;

	line = !line;
	snprintf(lines[line], sizeof(lines[line]), "9 8 0:1 %s %s%s rw - %s x rw%s\n", root, top,
		 point, version == 1 ? "cgroup" : "cgroup2", version == 1 ? ",memory" : "");
	return lines[line];
}

static void check_found(const char *mounts, const char *name, const char *want, int version)
{
	struct cgroup cgroup;

	assert_int_equal(cgroup_find(mounts, name, &cgroup), 0);
	assert_string_equal(cgroup.path, path_of(want));
	assert_int_equal(cgroup.version, version);
	free(cgroup.path);
}

static void check_not_found(const char *mounts, const char *name, int err)
{
	struct cgroup cgroup;

	assert_int_equal(cgroup_find(mounts, name, &cgroup), err);
	assert_null(cgroup.path);
}

static void test_find(void **state)
{
	const char *mounts = mount_line("/", "", 2);

	(void)state;
	make_cgroup("/a", "");
	make_cgroup("/a/b c", "");
	write_file("/cgroup.procs", "");
	assert_int_equal(mkdir(path_of("/other"), 0755), 0);
	check_found(mounts, "/a", "/a", 2);
	check_found(mounts, "/a/b c", "/a/b c", 2);
	check_found(mounts, "/", "", 2);
	check_found(mounts, "//a//b c/", "/a/b c", 2);
	check_found(mounts, "/a/../a/.", "/a", 2);
	check_found(mounts, path_of("/a"), "/a", 2);
	check_found(mounts, path_of(""), "", 2);
	check_not_found(mounts, "/a/b", -ENOENT);
	check_not_found(mounts, "/other", -ENOENT);
	check_not_found(mounts, "/a/cgroup.procs/x", -ENOENT);
	check_not_found(mounts, "a", -ENOENT);
	check_not_found(mounts, "", -ENOENT);
	check_not_found("", "/a", -ENODATA);
}

static void test_find_does_not_leave_the_mount(void **state)
{
	(void)state;
	make_cgroup("/m", "");
	make_cgroup("/m2", "");
	check_not_found(mount_line("/", "/m", 2), "/../m2", -ENOENT);
	check_not_found(mount_line("/", "/m", 2), path_of("/m2"), -ENOENT);
}

/* In a container only a part of the hierarchy is mounted. */
static void test_find_below_another_root(void **state)
{
	const char *mounts = mount_line("/box/1", "/m\\040x", 1);

	(void)state;
	make_cgroup("/m x", "");
	make_cgroup("/m x/a", "");
	check_found(mounts, "/box/1/a", "/m x/a", 1);
	check_found(mounts, "/box/1", "/m x", 1);
	check_found(mounts, path_of("/m x/a"), "/m x/a", 1);
	check_not_found(mounts, "/box/12", -ENOENT);
	check_not_found(mounts, "/box", -ENOENT);
	check_not_found(mounts, "/a", -ENOENT);
}

static void test_find_in_the_closest_mount(void **state)
{
	char mounts[2048];

	(void)state;
	make_cgroup("/m", "");
	make_cgroup("/m/a", "");
	make_cgroup("/n", "");
	snprintf(mounts, sizeof(mounts), "%s%s", mount_line("/", "/m", 2), mount_line("/a", "/n", 2));
	check_found(mounts, "/a", "/n", 2);
	snprintf(mounts, sizeof(mounts), "%s%s", mount_line("/a", "/n", 2), mount_line("/", "/m", 2));
	check_found(mounts, "/a", "/n", 2);
	check_found(mounts, path_of("/m/a"), "/m/a", 2);
}

/* That which has the memory controller. */
static void test_version_1_comes_first(void **state)
{
	char mounts[2048];

	(void)state;
	make_cgroup("/v1", "");
	make_cgroup("/v2", "");
	make_cgroup("/v2/a", "");
	snprintf(mounts, sizeof(mounts), "%s%s", mount_line("/", "/v2", 2), mount_line("/", "/v1", 1));
	check_found(mounts, "/", "/v1", 1);
	check_not_found(mounts, "/a", -ENOENT);
}

static void test_roots(void **state)
{
	struct cgroup cgroup = cgroup_at("", 2);

	(void)state;
	assert_true(cgroup_is_root(&cgroup));
	write_file("/cgroup.events", "");
	cgroup = cgroup_at("", 2);
	assert_false(cgroup_is_root(&cgroup));
	cgroup = cgroup_at("", 1);
	assert_false(cgroup_is_root(&cgroup));
	write_file("/release_agent", "");
	cgroup = cgroup_at("", 1);
	assert_true(cgroup_is_root(&cgroup));
}

static void check_limit(int version, uint64_t swap, uint64_t swappiness, uint64_t total,
			bool is_unlimited)
{
	struct cgroup_machine machine = { .page = PAGE, .swap = swap, .swappiness = swappiness };
	struct cgroup cgroup = cgroup_at("", version);
	struct cgroup_limit limit;

	assert_int_equal(cgroup_limit(&cgroup, &machine, &limit), 0);
	assert_true(limit.total == total);
	assert_int_equal(limit.is_unlimited, is_unlimited);
}

static void test_limit_of_version_2(void **state)
{
	(void)state;
	write_file("/memory.max", "409600\n");
	check_limit(2, 50, 60, 150, false);
	write_file("/memory.swap.max", "81920\n");
	check_limit(2, 50, 60, 120, false);
	check_limit(2, 5, 60, 105, false);
	check_limit(2, 50, 0, 100, false);
	write_file("/memory.swap.max", "max\n");
	check_limit(2, 50, 60, 150, false);
	/* Another version's file has no say. */
	write_file("/memory.swappiness", "0\n");
	check_limit(2, 50, 60, 150, false);
	write_file("/memory.max", "0\n");
	check_limit(2, 0, 60, 1, false);
	write_file("/memory.max", "max\n");
	check_limit(2, 50, 60, PAGES_UNLIMITED(PAGE), true);
}

static void test_limit_of_version_1(void **state)
{
	(void)state;
	write_file("/memory.limit_in_bytes", "409600\n");
	check_limit(1, 50, 60, 150, false);
	write_file("/memory.memsw.limit_in_bytes", "491520\n");
	check_limit(1, 50, 60, 120, false);
	check_limit(1, 5, 60, 105, false);
	write_file("/memory.swappiness", "0\n");
	check_limit(1, 50, 60, 100, false);
	write_file("/memory.swappiness", "1\n");
	check_limit(1, 50, 0, 120, false);
	write_file("/memory.limit_in_bytes", "9223372036854771712\n");
	check_limit(1, 50, 60, PAGES_UNLIMITED(PAGE), true);
}

static void test_no_limit(void **state)
{
	struct cgroup_machine machine = { .page = PAGE };
	struct cgroup_limit limit;

	(void)state;
	for (int version = 1; version <= 2; version++) {
		struct cgroup cgroup = cgroup_at("", version);

		assert_int_equal(cgroup_limit(&cgroup, &machine, &limit), -ENODATA);
	}
	write_file("/memory.max", "much\n");
	assert_int_equal(cgroup_limit(&(struct cgroup){ .version = 2, .path = top }, &machine,
				      &limit), -EIO);
}

/* Asserts that these and no others are there, in this order; 0 ends them. */
static void check_processes(const char *name, int version, const pid_t *pids)
{
	struct cgroup cgroup = cgroup_at(name, version);
	struct cgroup_processes processes;
	size_t i;

	assert_int_equal(cgroup_processes(&cgroup, &processes), 0);
	for (i = 0; i < processes.count; i++) {
		assert_int_equal(processes.list[i].pid, pids[i]);
		if (i && version == 2)
			assert_true(processes.list[i].place > processes.list[i - 1].place);
	}
	assert_int_equal(pids[i], 0);
	free(processes.list);
}

static uint64_t inode_of(const char *name)
{
	struct stat buffer;

	assert_int_equal(stat(path_of(name), &buffer), 0);
	return buffer.st_ino;
}

static void test_processes(void **state)
{
	bool z_is_older;

	(void)state;
	make_cgroup("/a", "70\n3\n0\n50\n");
	make_cgroup("/a/z", "9\n");
	make_cgroup("/a/b", "");
	make_cgroup("/a/b/c", "12\n11\n");
	make_cgroup("/b", "99\n");
	/* Other file systems may number what is younger lower. */
	z_is_older = inode_of("/a/z") < inode_of("/a/b");
	if (z_is_older)
		check_processes("/a", 2, (const pid_t[]){ 70, 3, 50, 9, 12, 11, 0 });
	else
		check_processes("/a", 2, (const pid_t[]){ 70, 3, 50, 12, 11, 9, 0 });
	check_processes("/a/b", 2, (const pid_t[]){ 12, 11, 0 });
	check_processes("/a/z", 2, (const pid_t[]){ 9, 0 });
}

static void test_places_of_version_1(void **state)
{
	struct cgroup_processes processes;
	struct cgroup cgroup;

	(void)state;
	make_cgroup("/a", "3\n5\n");
	make_cgroup("/a/b", "4\n");
	cgroup = cgroup_at("/a", 1);
	assert_int_equal(cgroup_processes(&cgroup, &processes), 0);
	assert_int_equal(processes.count, 3);
	assert_true(processes.list[0].place == processes.list[1].place);
	assert_int_equal(processes.list[2].pid, 4);
	assert_true(processes.list[2].place > processes.list[1].place);
	free(processes.list);
}

static void test_many_processes(void **state)
{
	struct cgroup_processes processes;
	struct cgroup cgroup;
	char text[40000], *end = text;

	(void)state;
	for (int pid = 5000; pid > 0; pid--)
		end += sprintf(end, "%d\n", pid);
	make_cgroup("/a", text);
	cgroup = cgroup_at("/a", 2);
	assert_int_equal(cgroup_processes(&cgroup, &processes), 0);
	assert_int_equal(processes.count, 5000);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(processes.list[i].pid, 5000 - i);
	free(processes.list);
}

static void check_refused(const char *name, int err)
{
	struct cgroup cgroup = cgroup_at(name, 2);
	struct cgroup_processes processes;

	assert_int_equal(cgroup_processes(&cgroup, &processes), err);
	free(processes.list);
}

static void test_processes_that_are_none(void **state)
{
	(void)state;
	check_refused("/gone", -ENOENT);
	make_cgroup("/a", "1\nx\n");
	check_refused("/a", -EIO);
	write_file("/a/cgroup.procs", "1 2\n");
	check_refused("/a", -EIO);
	write_file("/a/cgroup.procs", "4294967296\n");
	check_refused("/a", -EIO);
}

/* want: the path of the group, NULL: there is none. */
static void check_group(const char *name, const char *domain, const char *want)
{
	struct cgroup cgroup = { .version = 2, .path = strdup(path_of(name)), .top = strlen(top) };
	char *within = domain ? strdup(path_of(domain)) : NULL;

	assert_int_equal(cgroup_find_group(&cgroup, within), want ? 1 : 0);
	assert_string_equal(cgroup.path, path_of(want ? want : name));
	free(cgroup.path);
	free(within);
}

static void test_groups(void **state)
{
	(void)state;
	make_cgroup("/a", "");
	make_cgroup("/a/b", "");
	make_cgroup("/a/b/c", "");
	check_group("/a/b/c", NULL, NULL);
	write_file("/a/memory.oom.group", "1\n");
	write_file("/a/b/memory.oom.group", "0\n");
	write_file("/a/b/c/memory.oom.group", "1\n");
	/* The highest one, but no higher than where memory runs out. */
	check_group("/a/b/c", NULL, "/a");
	check_group("/a/b", NULL, "/a");
	check_group("/a/b/c", "/a", "/a");
	check_group("/a/b/c", "/a/b", "/a/b/c");
	check_group("/a/b", "/a/b", NULL);
	/* It has been moved away since. */
	check_group("/a/b/c", "/x", NULL);
	check_group("/a/b/c", "/a/b/c/d", NULL);
	check_group("", NULL, NULL);
}

static void test_no_groups_in_version_1(void **state)
{
	struct cgroup cgroup;

	(void)state;
	make_cgroup("/a", "");
	write_file("/a/memory.oom.group", "1\n");
	cgroup = cgroup_at("/a", 1);
	assert_int_equal(cgroup_find_group(&cgroup, NULL), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_find),
		TEST(test_find_does_not_leave_the_mount),
		TEST(test_find_below_another_root),
		TEST(test_find_in_the_closest_mount),
		TEST(test_version_1_comes_first),
		TEST(test_roots),
		TEST(test_limit_of_version_2),
		TEST(test_limit_of_version_1),
		TEST(test_no_limit),
		TEST(test_processes),
		TEST(test_places_of_version_1),
		TEST(test_many_processes),
		TEST(test_processes_that_are_none),
		TEST(test_groups),
		TEST(test_no_groups_in_version_1),
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-cgroup", tests, NULL, NULL);
}
