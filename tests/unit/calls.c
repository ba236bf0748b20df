// SPDX-License-Identifier: MIT
/* The system calls are answered here, by the linker's --wrap. */
#include "calls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/tamalloc.h>

static struct {
	int error; /* for every call and process but the spared one */
	pid_t spared;
	long address;
} kernel;

static int answer_process(pid_t pid, struct tamalloc_proc_info *info)
{
	if (kernel.error && pid != kernel.spared) {
		errno = kernel.error;
		return -1;
	}
	*info = (struct tamalloc_proc_info){
		.vm_kb = 4000, .rss_kb = 1000, .rss_percent_of_vm = 25,
		.oom_adjustment = -17,
	};
	return 0;
}

long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
	struct tamalloc_proc_info *process;
	struct tamalloc_global_info *total;
	va_list args;
	long answer = 0;
	pid_t pid;

	va_start(args, number);
	switch (number) {
	case __NR_tamalloc_process:
		pid = va_arg(args, pid_t);
		process = va_arg(args, struct tamalloc_proc_info *);
		answer = answer_process(pid, process);
		break;
	case __NR_tamalloc_total:
		total = va_arg(args, struct tamalloc_global_info *);
		*total = (struct tamalloc_global_info){ 300, 200 };
		/* fall through */
	default:
		if (kernel.error) {
			errno = kernel.error;
			answer = -1;
		} else if (number == __NR_tamalloc_reserve) {
			answer = kernel.address;
		}
	}
	va_end(args);
	return answer;
}

static int set_up(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	return 0;
}

static void test_total(void **state)
{
	struct memory_total total;

	(void)state;
	assert_int_equal(calls_total(&total), 0);
	assert_int_equal(total.vm_mb, 300);
	assert_int_equal(total.rss_mb, 200);
	kernel.error = ENOSYS;
	assert_int_equal(calls_total(&total), -ENOSYS);
}

static void test_process(void **state)
{
	struct process_memory process;

	(void)state;
	assert_int_equal(prctl(PR_SET_NAME, "a name\n"), 0);
	assert_int_equal(calls_process(getpid(), &process), 0);
	assert_int_equal(process.pid, getpid());
	assert_string_equal(process.command, "a name\n");
	assert_int_equal(process.vm_kb, 4000);
	assert_int_equal(process.rss_kb, 1000);
	assert_int_equal(process.rss_percent_of_vm, 25);
	assert_int_equal(process.oom_adjustment, -17);
	kernel.error = ESRCH;
	assert_int_equal(calls_process(getpid(), &process), -ESRCH);
}

/* The call has answered: a name that is not to be had does not undo that. */
static void test_no_name(void **state)
{
	struct process_memory process;

	(void)state;
	assert_int_equal(calls_process(2147483647, &process), 0);
	assert_string_equal(process.command, "");
}

static void test_reserve(void **state)
{
	void *region = NULL;

	(void)state;
	kernel.address = 0x7f0000001000;
	assert_int_equal(calls_reserve(1, &region), 0);
	assert_ptr_equal(region, (void *)0x7f0000001000);
	kernel.error = ENOMEM;
	assert_int_equal(calls_reserve(1, &region), -ENOMEM);
}

static void test_list(void **state)
{
	struct process_memory *list;
	bool self = false;
	size_t count;

	(void)state;
	assert_int_equal(calls_processes(&list, &count), 0);
	for (size_t i = 0; i < count; i++) {
		assert_true(!i || list[i].pid > list[i - 1].pid);
		self |= list[i].pid == getpid();
	}
	assert_true(self);
	free(list);
}

/* Processes that are gone, have no memory or are refused are not there. */
static void test_list_leaves_out(void **state)
{
	static const int errors[] = { ESRCH, EINVAL, EPERM };
	struct process_memory *list;
	size_t count;

	(void)state;
	kernel.spared = getpid();
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		kernel.error = errors[i];
		assert_int_equal(calls_processes(&list, &count), 0);
		assert_int_equal(count, 1);
		assert_int_equal(list[0].pid, getpid());
		free(list);
	}
}

static void test_list_fails(void **state)
{
	struct process_memory *list;
	size_t count;

	(void)state;
	kernel.error = ENOSYS;
	assert_int_equal(calls_processes(&list, &count), -ENOSYS);
	kernel.error = EPERM; /* even for ourselves: a filter */
	assert_int_equal(calls_processes(&list, &count), -EPERM);
	kernel.error = ESRCH; /* even for ourselves: another's /proc */
	assert_int_equal(calls_processes(&list, &count), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_total, set_up),
		cmocka_unit_test_setup(test_process, set_up),
		cmocka_unit_test_setup(test_no_name, set_up),
		cmocka_unit_test_setup(test_reserve, set_up),
		cmocka_unit_test_setup(test_list, set_up),
		cmocka_unit_test_setup(test_list_leaves_out, set_up),
		cmocka_unit_test_setup(test_list_fails, set_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
