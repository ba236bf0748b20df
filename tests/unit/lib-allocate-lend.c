// SPDX-License-Identifier: MIT
/*
 * What is cached is there for others: for small blocks, for a program that is idle, and for
 * the machine and the cgroup, whose files are made up here.
 */
#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib-allocate-common.h"

#define SLACK	 (2 * MIB)
#define PATIENCE 20000 /* milliseconds */

/*
 * Files of the kernel's
 */

static char tree[] = "/tmp/lib-allocate-lend-XXXXXX";
static bool is_made_up;

static bool is_replaced(const char *path)
{
	return is_made_up &&
	       (!strncmp(path, "/sys/fs/cgroup", strlen("/sys/fs/cgroup")) ||
		!strncmp(path, "/proc/pressure", strlen("/proc/pressure")) ||
		!strcmp(path, "/proc/self/cgroup") || !strcmp(path, "/proc/meminfo"));
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* What the allocator reads. */
long __wrap_syscall(long number, ...)
{
	char other[1024];
	long value[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		value[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_openat && is_replaced((const char *)value[1])) {
		snprintf(other, sizeof(other), "%s%s", tree, (const char *)value[1]);
		value[1] = (long)other;
	}
	return __real_syscall(number, value[0], value[1], value[2], value[3], value[4], value[5]);
}

/* With the directories that it is in. */
static void make_up(const char *path, const char *text)
{
	char name[1024];
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", tree, path);
	for (char *slash = name + strlen(tree) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		NEED(!mkdir(name, 0700) || errno == EEXIST);
		*slash = '/';
	}
	file = fopen(name, "w");
	NEED(file && fputs(text, file) >= 0 && !fclose(file));
}

static void remove_all(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", tree);
	NEED(!system(command));
}

#define BLOCK (64 * MIB)

/* What is cached of a block when it has just been freed, in MiB. */
static size_t cached(void)
{
	unsigned char *block;

	is_made_up = true;
	block = tamalloc(BLOCK);
	NEED(block);
	memset(block, 1, BLOCK);
	tamfree(block);
	return statistics().cached / MIB;
}

/* In a child of its own, so that its files are, too. */
static void start_tree(void)
{
	strcpy(tree + strlen(tree) - 6, "XXXXXX");
	NEED(mkdtemp(tree));
	make_up("/proc/self/cgroup", "5:cpu:/a\n4:memory:/x/y\n0::/a/b\n");
	make_up("/proc/meminfo", "MemTotal: 99 kB\nMemAvailable:  99999999 kB\n");
	make_up("/proc/pressure/memory", "some avg10=0.20 avg60=9.00\nfull avg10=0.00\n");
}

static void end_tree(void)
{
	is_made_up = false;
	remove_all();
}

/* So much as is left when half of it has been given back: (64 + left) / 2. */
static void need_cached(size_t most)
{
	size_t now = cached();

	if (now != most)
		fprintf(stderr, "# %zu MiB\n", now);
	NEED(now == most);
	end_tree();
}

static void no_limit(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/a/b/memory.max", "max\n");
	make_up("/sys/fs/cgroup/a/b/memory.current", "123\n");
	make_up("/sys/fs/cgroup/memory/x/y/memory.limit_in_bytes", "9223372036854771712\n");
	make_up("/sys/fs/cgroup/memory/x/y/memory.usage_in_bytes", "123\n");
	need_cached(64);
}

static void limit(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/a/b/memory.max", "104857600\n");
	make_up("/sys/fs/cgroup/a/b/memory.current", "83886080\n");
	need_cached(42);
}

static void limit_high(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/a/b/memory.max", "max\n");
	make_up("/sys/fs/cgroup/a/b/memory.high", "104857600\n");
	make_up("/sys/fs/cgroup/a/b/memory.current", "83886080\n");
	need_cached(42);
}

static void limit_above(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/a/memory.max", "104857600\n");
	make_up("/sys/fs/cgroup/a/memory.current", "83886080\n");
	make_up("/sys/fs/cgroup/a/b/memory.max", "max\n");
	need_cached(42);
}

/* Where the path is another namespace's. */
static void limit_at_top(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/memory.max", "104857600\n");
	make_up("/sys/fs/cgroup/memory.current", "83886080\n");
	need_cached(42);
}

static void limit_first_version(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/memory/x/y/memory.limit_in_bytes", "104857600\n");
	make_up("/sys/fs/cgroup/memory/x/y/memory.usage_in_bytes", "83886080\n");
	need_cached(42);
}

/* Files are dropped first. */
static void limit_with_files(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/a/b/memory.max", "104857600\n");
	make_up("/sys/fs/cgroup/a/b/memory.current", "83886080\n");
	make_up("/sys/fs/cgroup/a/b/memory.stat",
		"anon 1\ninactive_file 10485760\nactive_file 10485760\n");
	need_cached(52);
}

static void limit_passed(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/a/b/memory.high", "104857600\n");
	make_up("/sys/fs/cgroup/a/b/memory.current", "204857600\n");
	need_cached(32);
}

static void limit_of_machine(void)
{
	start_tree();
	make_up("/proc/meminfo", "MemTotal: 99 kB\nMemAvailable:  20480 kB\n");
	need_cached(42);
}

static void is_short(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/a/b/memory.pressure", "some avg10=12.50 avg60=0\n");
	need_cached(32);
}

static void machine_is_short(void)
{
	start_tree();
	make_up("/proc/pressure/memory", "some avg10=10.00 avg60=9.00\n");
	need_cached(32);
}

static void nothing_is_there(void)
{
	start_tree();
	remove_all();
	need_cached(64);
}

/* It is not what it was: what small calls do meanwhile is looked at again. */
static void limit_comes_near(void)
{
	start_tree();
	make_up("/sys/fs/cgroup/a/b/memory.max", "209715200\n");
	make_up("/sys/fs/cgroup/a/b/memory.current", "83886080\n");
	NEED(cached() == 64);
	make_up("/sys/fs/cgroup/a/b/memory.current", "209715200\n");
	for (int i = 0; i < 100 && statistics().cached > 8 * MIB; i++) {
		sleep_milliseconds(20);
		tamfree(tamalloc(100));
	}
	NEED(statistics().cached <= 8 * MIB);
	/* Sooner than by getting old. */
	NEED(statistics().released_bytes > 0);
	end_tree();
}

/* Memory was short for a while: what is cached then is little, and later as much as ever. */
static void limit_recedes(void)
{
	size_t now = 64;

	start_tree();
	make_up("/proc/pressure/memory", "some avg10=90.00 avg60=9.00\n");
	for (int i = 0; i < 100 && (now = cached()) > 8; i++)
		sleep_milliseconds(20);
	NEED(now <= 8);
	make_up("/proc/pressure/memory", "some avg10=0.00 avg60=9.00\n");
	for (int i = 0; i < 100 && (now = cached()) < 64; i++)
		sleep_milliseconds(20);
	if (now < 64)
		fprintf(stderr, "# %zu MiB\n", now);
	NEED(now == 64);
	end_tree();
}

static void test_pressure(void **state)
{
	(void)state;
	in_child(no_limit);
	in_child(limit);
	in_child(limit_high);
	in_child(limit_above);
	in_child(limit_at_top);
	in_child(limit_first_version);
	in_child(limit_with_files);
	in_child(limit_passed);
	in_child(limit_of_machine);
	in_child(is_short);
	in_child(machine_is_short);
	in_child(nothing_is_there);
	in_child(limit_comes_near);
	in_child(limit_recedes);
}

/*
 * Small blocks
 */

static void lend(void)
{
	struct rlimit limit = { own_reserved() + 300 * MIB, own_reserved() + 300 * MIB };
	unsigned char *block = tamalloc(200 * MIB);
	size_t sum = 0;

	NEED(block);
	memset(block, 1, 200 * MIB);
	NEED(!setrlimit(RLIMIT_AS, &limit));
	tamfree(block);
	errno = 5;
	for (; sum < 200 * MIB; sum += 2000)
		if (!tamalloc(2000))
			break;
	if (sum < 200 * MIB)
		fprintf(stderr, "# %zu MiB\n", sum / MIB);
	NEED(sum >= 200 * MIB && errno == 5);
}

static void test_native_lend(void **state)
{
	(void)state;
	in_child(lend);
}

static void settle_by_small_calls(void)
{
	size_t before = own_resident();
	unsigned char *block = tamalloc(40 * MIB);

	NEED(!tamalloc_set(TAMALLOC_DECAY, 200));
	memset(block, 1, 40 * MIB);
	tamfree(block);
	NEED(own_resident() >= before + 30 * MIB);
	sleep_milliseconds(300);
	for (int i = 0; i < 1000 && statistics().cached; i++)
		tamfree(tamalloc(100));
	NEED(statistics().cached == 0);
	NEED(own_resident() <= before + SLACK);
}

/* However much is cached, one call gives back a little of it: 16 MiB, and 4 when it looks. */
static void settle_little_by_little(void)
{
	unsigned char *block = tamalloc(200 * MIB);
	size_t most = 0;

	NEED(!tamalloc_set(TAMALLOC_DECAY, 200));
	memset(block, 1, 120 * MIB);
	tamfree(block);
	NEED(statistics().cached >= 120 * MIB);
	sleep_milliseconds(300);
	for (int i = 0; i < 20000 && statistics().cached; i++) {
		size_t cached = statistics().cached, now;

		tamfree(tamalloc(100));
		now = statistics().cached;
		if (cached - now > most)
			most = cached - now;
	}
	if (most > 24 * MIB)
		fprintf(stderr, "# %zu MiB\n", most / MIB);
	NEED(most <= 24 * MIB);
	NEED(statistics().cached == 0);
}

/* Who calls seldom gives back more at once: few calls do for all of it. */
static void settle_by_rare_calls(void)
{
	unsigned char *block = tamalloc(240 * MIB);

	NEED(!tamalloc_set(TAMALLOC_DECAY, 200));
	memset(block, 1, 240 * MIB);
	tamfree(block);
	NEED(statistics().cached >= 240 * MIB);
	sleep_milliseconds(300);
	for (int i = 0; i < 20; i++) {
		tamfree(tamalloc(100));
		sleep_milliseconds(50);
	}
	NEED(statistics().cached == 0);
}

static void test_native_small(void **state)
{
	(void)state;
	in_child(settle_by_small_calls);
	in_child(settle_little_by_little);
	in_child(settle_by_rare_calls);
}

/*
 * Programs that have threads
 */

static size_t count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	size_t count = 0;

	NEED(tasks);
	while (readdir(tasks))
		count++;
	closedir(tasks);
	return count - 2;
}

static void *wait_on(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void free_some(void)
{
	unsigned char *block = tamalloc(40 * MIB);

	NEED(block);
	memset(block, 1, 40 * MIB);
	tamfree(block);
}

/* One more gives back what is free, and ends when nothing is. */
static void idle_with_threads(void)
{
	size_t before = own_resident();
	pthread_t thread;

	NEED(!pthread_create(&thread, NULL, wait_on, NULL));
	for (int round = 0; round < 3; round++) {
		long waited = 0;

		free_some();
		NEED(own_resident() >= before + 30 * MIB);
		for (; own_resident() > before + SLACK || count_threads() > 2; waited += 10) {
			NEED(waited < PATIENCE);
			sleep_milliseconds(10);
		}
	}
}

/* Where it is refused, or the program has no thread, there is none more. */
static void idle_without(void)
{
	pthread_t thread;

	free_some();
	NEED(count_threads() == 1);
	NEED(!tamalloc_set(TAMALLOC_BACKGROUND, 0));
	NEED(!pthread_create(&thread, NULL, wait_on, NULL));
	free_some();
	NEED(count_threads() == 2);
}

static void test_native_threads(void **state)
{
	(void)state;
	in_child(idle_with_threads);
	in_child(idle_without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pressure),
#if !IS_SANITIZED
		cmocka_unit_test(test_native_lend),
		cmocka_unit_test(test_native_small),
		cmocka_unit_test(test_native_threads),
#endif
	};

	print_tap();
	return cmocka_run_group_tests_name("lib-allocate-lend", tests, NULL, NULL);
}
