// SPDX-License-Identifier: MIT
/* The machine is one that each test makes up, in place of the library's. */
#include "diagnosis.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tamalloc.h>

static struct {
	int probe; /* what each call answers */
	int snapshot_probe; /* 553, where the others answer */
	enum tamalloc_backend backend;
	int process_error, list_error, total_error, regions_error, system_error;
	int reserve_error;
	size_t processes;
	uint64_t doubtful;
	bool lists_the_page, keeps_names, has_smaps;
	struct tamalloc_system system;
	int open; /* walks and regions that were not given back */
} machine;

static char page[1];

const char *tamalloc_version(void)
{
	return "1.2.3";
}

int tamalloc_probe(int number)
{
	assert_in_range(number, 550, 553);
	return number == 553 && !machine.probe ? machine.snapshot_probe : machine.probe;
}

enum tamalloc_backend tamalloc_get_backend(void)
{
	return machine.backend;
}

const char *tamalloc_backend_name(enum tamalloc_backend backend)
{
	return backend == TAMALLOC_SYSCALL ? "syscall" : "proc";
}

int tamalloc_process(pid_t pid, uint64_t wanted, struct tamalloc_process *record,
		     size_t size)
{
	assert_true(pid > 0 && size == sizeof(*record));
	*record = (struct tamalloc_process){ .fields = wanted };
	return machine.process_error;
}

struct tamalloc_iterator {
	size_t next;
};

int tamalloc_iterator_open(struct tamalloc_iterator **iterator, uint64_t wanted,
			   unsigned int flags)
{
	static struct tamalloc_iterator only;

	assert_true(wanted && !flags);
	if (machine.list_error)
		return machine.list_error;
	only.next = 0;
	*iterator = &only;
	machine.open++;
	return 0;
}

int tamalloc_iterator_next(struct tamalloc_iterator *iterator,
			   struct tamalloc_process *record, size_t size)
{
	assert_int_equal(size, sizeof(*record));
	return iterator->next++ < machine.processes;
}

void tamalloc_iterator_close(struct tamalloc_iterator *iterator)
{
	machine.open -= iterator != NULL;
}

int tamalloc_total(uint64_t wanted, struct tamalloc_total *record, size_t size)
{
	assert_int_equal(size, sizeof(*record));
	*record = (struct tamalloc_total){
		.fields = wanted, .doubtful = machine.doubtful,
	};
	return machine.total_error;
}

struct tamalloc_regions {
	bool is_done;
};

int tamalloc_regions_open(struct tamalloc_regions **regions, pid_t pid)
{
	static struct tamalloc_regions only;

	assert_true(pid > 0);
	if (machine.regions_error)
		return machine.regions_error;
	only.is_done = false;
	*regions = &only;
	machine.open++;
	return 0;
}

int tamalloc_regions_next(struct tamalloc_regions *regions,
			  struct tamalloc_region *region, size_t size)
{
	assert_int_equal(size, sizeof(*region));
	if (regions->is_done)
		return 0;
	regions->is_done = true;
	*region = (struct tamalloc_region){
		.fields = machine.has_smaps ? TAMALLOC_REGION_MEMORY : 0,
		.start = (uintptr_t)page + !machine.lists_the_page,
		.reserved = 1,
		.is_tamalloc = machine.keeps_names,
		.name = "",
	};
	return 1;
}

void tamalloc_regions_close(struct tamalloc_regions *regions)
{
	assert_non_null(regions);
	machine.open--;
}

void *tamalloc_reserve(size_t size)
{
	assert_int_equal(size, 1);
	errno = machine.reserve_error;
	if (errno)
		return NULL;
	machine.open++;
	return page;
}

int tamalloc_release(void *address, size_t size)
{
	assert_true(address == page && size == 1);
	machine.open--;
	return 0;
}

int tamalloc_system(struct tamalloc_system *record, size_t size)
{
	assert_int_equal(size, sizeof(*record));
	*record = machine.system;
	return machine.system_error;
}

/* A machine on which all is well, with the calls. */
static int set_up(void **state)
{
	(void)state;
	unsetenv("TAMALLOC_BACKEND");
	memset(&machine, 0, sizeof(machine));
	machine.backend = TAMALLOC_SYSCALL;
	machine.processes = 7;
	machine.lists_the_page = machine.keeps_names = machine.has_smaps = true;
	machine.system = (struct tamalloc_system){
		.fields = TAMALLOC_SYSTEM_RESTRICT | TAMALLOC_SYSTEM_HIDEPID |
			  TAMALLOC_SYSTEM_NAMESPACE | TAMALLOC_SYSTEM_SECCOMP |
			  TAMALLOC_SYSTEM_KCMP | TAMALLOC_SYSTEM_OPEN_FILES |
			  TAMALLOC_SYSTEM_STATM,
		.has_kcmp = 1,
		.statm_is_exact = 1,
		.open_files = 1024,
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return machine.open;
}

static void without_calls(void)
{
	machine.probe = -ENOSYS;
	machine.backend = TAMALLOC_PROC;
	machine.system.fields &= ~TAMALLOC_SYSTEM_RESTRICT;
}

static enum verdict verdict_of(const struct diagnosis *diagnosis, const char *name)
{
	for (size_t i = 0; i < diagnosis->count; i++)
		if (!strcmp(diagnosis->findings[i].name, name))
			return diagnosis->findings[i].verdict;
	fail_msg("nothing is said about %s", name);
	return VERDICT_FAIL;
}

/* Examines the machine; all that is not ok is to be verdict on name, if given. */
static void check(const char *name, enum verdict verdict)
{
	struct diagnosis diagnosis;

	diagnosis_make(&diagnosis);
	assert_false(diagnosis.is_short);
	assert_int_equal(diagnosis.works, verdict != VERDICT_FAIL);
	assert_int_equal(diagnosis.lacks_calls, machine.probe || machine.snapshot_probe);
	for (size_t i = 0; i < diagnosis.count; i++) {
		const struct finding *finding = &diagnosis.findings[i];

		assert_non_null(finding->message);
		if (machine.probe && !strncmp(finding->name, "call_", 5))
			continue;
		if (finding->verdict != VERDICT_OK)
			assert_string_equal(finding->name, name ? name : "");
	}
	if (name)
		assert_int_equal(verdict_of(&diagnosis, name), verdict);
	diagnosis_free(&diagnosis);
}

static void test_all_is_well(void **state)
{
	(void)state;
	check(NULL, VERDICT_OK);
	without_calls();
	check(NULL, VERDICT_OK);
	machine.probe = -EPERM;
	check(NULL, VERDICT_OK);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *name;
		uint64_t number;
	} numbers[] = {
		{ "processes", 7 }, { "regions", 1 }, { "restrict", 0 }, { "hidepid", 0 },
		{ "statm", 1 }, { "kcmp", 1 }, { "open_files", 1024 },
	};
	struct diagnosis diagnosis;
	size_t found = 0;

	(void)state;
	diagnosis_make(&diagnosis);
	for (size_t i = 0; i < diagnosis.count; i++)
		for (size_t j = 0; j < sizeof(numbers) / sizeof(numbers[0]); j++)
			if (!strcmp(diagnosis.findings[i].name, numbers[j].name)) {
				assert_true(diagnosis.findings[i].is_number);
				assert_int_equal(diagnosis.findings[i].number,
						 numbers[j].number);
				found++;
			}
	assert_int_equal(found, sizeof(numbers) / sizeof(numbers[0]));
	diagnosis_free(&diagnosis);
}

static void test_backend(void **state)
{
	(void)state;
	assert_int_equal(setenv("TAMALLOC_BACKEND", "other", 1), 0);
	check("backend", VERDICT_NOTE);
	assert_int_equal(setenv("TAMALLOC_BACKEND", "", 1), 0);
	check(NULL, VERDICT_OK);
	assert_int_equal(setenv("TAMALLOC_BACKEND", "syscall", 1), 0);
	check(NULL, VERDICT_OK);
	machine.probe = -ENOSYS;
	check("backend", VERDICT_FAIL);
	machine.probe = -EPERM;
	check("backend", VERDICT_FAIL);
	without_calls();
	assert_int_equal(setenv("TAMALLOC_BACKEND", "proc", 1), 0);
	check(NULL, VERDICT_OK);
}

static void test_what_fails(void **state)
{
	(void)state;
	machine.process_error = -ENOENT;
	check("process", VERDICT_FAIL);
	machine.process_error = 0;
	machine.list_error = -EMFILE;
	check("processes", VERDICT_FAIL);
	machine.list_error = 0;
	machine.total_error = -ENOMEM;
	check("total", VERDICT_FAIL);
	machine.total_error = 0;
	machine.reserve_error = ENOMEM;
	check("reserve", VERDICT_FAIL);
	machine.reserve_error = 0;
	machine.regions_error = -EACCES;
	check("regions", VERDICT_FAIL);
	machine.regions_error = 0;
	machine.system_error = -ENOENT;
	check("limits", VERDICT_FAIL);
}

/* Regions without the one that was reserved are those of another process. */
static void test_regions(void **state)
{
	(void)state;
	machine.keeps_names = false;
	check("regions", VERDICT_NOTE);
	machine.has_smaps = false;
	check("regions", VERDICT_NOTE);
	machine.lists_the_page = false;
	check("regions", VERDICT_FAIL);
}

/* The caller is a process: not to see even that is no answer. */
static void test_nobody(void **state)
{
	(void)state;
	machine.processes = 0;
	check("processes", VERDICT_FAIL);
}

static void test_limits(void **state)
{
	(void)state;
	machine.doubtful = 3;
	check("total", VERDICT_NOTE);
	machine.doubtful = 0;
	machine.system.restricted = 1;
	check("restrict", VERDICT_NOTE);
	machine.system.restricted = 2;
	check("restrict", VERDICT_OK);
	machine.system.restricted = 0;
	machine.system.hidepid = 4;
	check("hidepid", VERDICT_NOTE);
	machine.system.hidepid = 0;
	machine.system.in_namespace = 1;
	check("namespace", VERDICT_NOTE);
	machine.system.in_namespace = 0;
	machine.system.seccomp = 2;
	check("seccomp", VERDICT_NOTE);
	machine.system.seccomp = 0;
}

/* One call for all processes needs no files. */
static void test_open_files(void **state)
{
	(void)state;
	machine.system.open_files = 3;
	check(NULL, VERDICT_OK);
	without_calls();
	machine.system.open_files = 13;
	check("open_files", VERDICT_NOTE);
	machine.system.open_files = 14;
	check(NULL, VERDICT_OK);
}

/* A kernel, or a filter, that has 550 to 552 only. */
static void test_without_snapshot(void **state)
{
	(void)state;
	machine.snapshot_probe = -ENOSYS;
	check("call_553", VERDICT_NOTE);
	machine.snapshot_probe = -EPERM;
	check("call_553", VERDICT_NOTE);
}

static const char *said_about(const struct diagnosis *diagnosis, const char *name)
{
	for (size_t i = 0; i < diagnosis->count; i++)
		if (!strcmp(diagnosis->findings[i].name, name))
			return diagnosis->findings[i].message;
	fail_msg("nothing is said about %s", name);
	return NULL;
}

/* Whom /proc hides, the call does not. */
static void test_hidepid(void **state)
{
	struct diagnosis with, without;

	(void)state;
	machine.system.hidepid = 2;
	diagnosis_make(&with);
	machine.snapshot_probe = -ENOSYS;
	diagnosis_make(&without);
	assert_non_null(strstr(said_about(&with, "hidepid"), "the system calls do not"));
	assert_non_null(strstr(said_about(&without, "hidepid"), "the privileged"));
	diagnosis_free(&with);
	diagnosis_free(&without);
}

/* Nor what /proc has only roughly. */
static void test_statm(void **state)
{
	(void)state;
	machine.system.statm_is_exact = 0;
	check("statm", VERDICT_OK);
	without_calls();
	check("statm", VERDICT_NOTE);
	machine.system.fields &= ~TAMALLOC_SYSTEM_STATM;
	check("statm", VERDICT_NOTE);
}

/* The system call needs no kcmp. */
static void test_kcmp(void **state)
{
	(void)state;
	machine.system.has_kcmp = 0;
	check(NULL, VERDICT_OK);
	without_calls();
	check("kcmp", VERDICT_NOTE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_is_well),
		TEST(test_numbers),
		TEST(test_backend),
		TEST(test_what_fails),
		TEST(test_regions),
		TEST(test_nobody),
		TEST(test_limits),
		TEST(test_kcmp),
		TEST(test_statm),
		TEST(test_open_files),
		TEST(test_without_snapshot),
		TEST(test_hidepid),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("diagnosis", tests, NULL, NULL);
}
