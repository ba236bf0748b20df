// SPDX-License-Identifier: MIT
/*
 * The choice of the backend, before kernels that have the system calls (but for
 * 553, which is older ones' lack), have them not, or refuse them. Each test begins in a process that has not chosen.
 */
#include <sys/syscall.h>

#include <linux/tamalloc.h>

#include "lib-common.h"

/* What stands in for the kernel; 0 lets the real one answer. */
#define ANSWERS (-1)
static int answer;	   /* ANSWERS, or the errno that they end with */
static int about_others;   /* what 551 says of another process: an errno */
static unsigned int asked; /* how often 550 to 553 were called */

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static long process_call(pid_t pid, struct tamalloc_proc_info *info)
{
	if (pid != getpid() && about_others) {
		errno = about_others;
		return -1;
	}
	if (!info) {
		errno = EFAULT;
		return -1;
	}
	*info = (struct tamalloc_proc_info){
		.vm_kb = 4096, .rss_kb = 1024, .rss_percent_of_vm = 25, .oom_adjustment = -5,
	};
	return 0;
}

static long total_call(struct tamalloc_global_info *info)
{
	if (!info) {
		errno = EFAULT;
		return -1;
	}
	*info = (struct tamalloc_global_info){ .aggregate_vm_mb = 7, .aggregate_rss_mb = 3 };
	return 0;
}

long __wrap_syscall(long number, ...)
{
	unsigned long argument[5];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 5; i++)
		argument[i] = va_arg(list, unsigned long);
	va_end(list);
	if (number < __NR_tamalloc_total || number > __NR_tamalloc_snapshot)
		return __real_syscall(number, argument[0], argument[1], argument[2],
				      argument[3], argument[4]);
	asked++;
	if (!answer)
		return __real_syscall(number, argument[0], argument[1]);
	if (answer != ANSWERS) {
		errno = answer;
		return -1;
	}
	switch (number) {
	case __NR_tamalloc_total:
		return total_call((void *)argument[0]);
	case __NR_tamalloc_process:
		return process_call((pid_t)argument[0], (void *)argument[1]);
	case __NR_tamalloc_snapshot:
		errno = ENOSYS;
		return -1;
	default:
		errno = EINVAL;
		return -1;
	}
}

/* Of this process; whether it was the stand-in that told. */
static int ask(bool *by_call)
{
	struct tamalloc_process record;
	int err = tamalloc_process(getpid(), TAMALLOC_RESERVED, &record, sizeof(record));

	*by_call = !err && record.reserved == 4096 * 1024;
	return err;
}

static bool told_by_call(void)
{
	bool by_call;

	return !ask(&by_call) && by_call;
}

static bool told_by_proc(void)
{
	bool by_call;

	return !ask(&by_call) && !by_call;
}

static void kernel_with_calls(void)
{
	struct tamalloc_process record;
	struct tamalloc_total total;

	answer = ANSWERS;
	NEED(tamalloc_get_backend() == TAMALLOC_SYSCALL);
	NEED(!tamalloc_process(getpid(), TAMALLOC_ALL_FIELDS, &record, sizeof(record)));
	NEED(record.reserved == 4096 * 1024 && record.committed == 1024 * 1024);
	NEED(record.oom_score_adj == -5 && record.pid == getpid());
	/* The rest comes from /proc all the same. */
	NEED(record.fields == (TAMALLOC_ALL_FIELDS & ~TAMALLOC_ADDRESS_SPACE));
	NEED(record.parent == getppid());
	NEED(!tamalloc_total(TAMALLOC_TOTAL_PROCESSES, &total, sizeof(total)));
	NEED(total.reserved == 7 << 20 && total.committed == 3 << 20);
	NEED(total.granularity == 1 << 20 && !total.doubtful);
	NEED(!tamalloc_probe(550) && !tamalloc_probe(551) && !tamalloc_probe(552));
	NEED(tamalloc_probe(553) == -ENOSYS);
}

static void test_kernel_with_calls(void **state)
{
	(void)state;
	in_child(kernel_with_calls);
}

static void kernel_without_calls(void)
{
	answer = ENOSYS;
	NEED(tamalloc_get_backend() == TAMALLOC_PROC);
	NEED(tamalloc_probe(550) == -ENOSYS && tamalloc_probe(552) == -ENOSYS);
	NEED(told_by_proc());
	/* That is a definite answer: it is not asked for again. */
	asked = 0;
	for (int i = 0; i < 10; i++)
		NEED(told_by_proc());
	NEED(!asked);
}

static void test_kernel_without_calls(void **state)
{
	(void)state;
	in_child(kernel_without_calls);
}

static void refusal_is_not_remembered(void)
{
	answer = EPERM;
	NEED(tamalloc_get_backend() == TAMALLOC_PROC);
	NEED(tamalloc_probe(551) == -EPERM);
	NEED(told_by_proc());
	answer = ANSWERS;
	NEED(tamalloc_get_backend() == TAMALLOC_SYSCALL);
	NEED(told_by_call());
}

static void test_refusal_is_not_remembered(void **state)
{
	(void)state;
	in_child(refusal_is_not_remembered);
}

static void filter_that_comes_later(void)
{
	struct tamalloc_total total;

	answer = ANSWERS;
	NEED(told_by_call());
	answer = EPERM;
	NEED(told_by_proc());
	NEED(tamalloc_get_backend() == TAMALLOC_PROC);
	NEED(!tamalloc_total(TAMALLOC_TOTAL_PROCESSES, &total, sizeof(total)));
	NEED(total.granularity < 1 << 20);
	answer = ENOSYS;
	NEED(told_by_proc());
	NEED(tamalloc_get_backend() == TAMALLOC_PROC);
}

static void test_filter_that_comes_later(void **state)
{
	(void)state;
	in_child(filter_that_comes_later);
}

/* vm.tamalloc_restrict: the calls answer, but not about everyone. */
static void restricted(void)
{
	struct tamalloc_process record;

	answer = ANSWERS;
	about_others = EPERM;
	NEED(told_by_call());
	NEED(tamalloc_process(getppid(), TAMALLOC_RESERVED, &record, sizeof(record)) == -EPERM);
}

static void test_restricted(void **state)
{
	(void)state;
	in_child(restricted);
}

static void forced_by_environment(void)
{
	bool by_call;

	answer = ANSWERS;
	setenv("TAMALLOC_BACKEND", "proc", 1);
	NEED(tamalloc_get_backend() == TAMALLOC_PROC);
	NEED(told_by_proc());
	NEED(!asked);
	/* The program's own word counts for more. */
	NEED(!tamalloc_set_backend(TAMALLOC_SYSCALL));
	NEED(told_by_call());
	answer = ENOSYS;
	NEED(ask(&by_call) == -ENOSYS);
}

static void test_forced_by_environment(void **state)
{
	(void)state;
	in_child(forced_by_environment);
}

static void unknown_name_in_environment(void)
{
	answer = ANSWERS;
	setenv("TAMALLOC_BACKEND", "SYSCALL", 1);
	NEED(tamalloc_get_backend() == TAMALLOC_SYSCALL);
	NEED(asked);
}

static void test_unknown_name_in_environment(void **state)
{
	(void)state;
	in_child(unknown_name_in_environment);
}

static void forced_calls(int error)
{
	struct tamalloc_iterator *iterator = NULL;
	struct tamalloc_total total;
	bool by_call;

	setenv("TAMALLOC_BACKEND", "syscall", 1);
	answer = error;
	NEED(tamalloc_get_backend() == TAMALLOC_SYSCALL);
	NEED(ask(&by_call) == -error);
	NEED(tamalloc_total(TAMALLOC_TOTAL_PROCESSES, &total, sizeof(total)) == -error);
	NEED(tamalloc_iterator_open(&iterator, TAMALLOC_RESERVED, 0) == -error);
	/* The machine's own figures need no call. */
	NEED(!tamalloc_total(TAMALLOC_TOTAL_MEMORY, &total, sizeof(total)));
	NEED(!tamalloc_set_backend(TAMALLOC_AUTO));
	NEED(told_by_proc());
}

static void forced_calls_absent(void)
{
	forced_calls(ENOSYS);
}

static void forced_calls_refused(void)
{
	forced_calls(EPERM);
}

static void test_forced_calls_without_answer(void **state)
{
	(void)state;
	in_child(forced_calls_absent);
	in_child(forced_calls_refused);
}

static void filter_enosys(void)
{
	refuse_call(__NR_tamalloc_process, ENOSYS);
	NEED(tamalloc_probe(551) == -ENOSYS);
	NEED(tamalloc_get_backend() == TAMALLOC_PROC);
	NEED(told_by_proc());
}

static void filter_eperm(void)
{
	bool by_call;

	refuse_call(__NR_tamalloc_process, EPERM);
	NEED(tamalloc_probe(551) == -EPERM);
	NEED(tamalloc_get_backend() == TAMALLOC_PROC);
	NEED(told_by_proc());
	NEED(!tamalloc_set_backend(TAMALLOC_SYSCALL));
	NEED(ask(&by_call) == -EPERM);
}

static void test_native_filters(void **state)
{
	(void)state;
	in_child(filter_enosys);
	in_child(filter_eperm);
}

static void works_after_fork(void)
{
	answer = ANSWERS;
	NEED(told_by_call());
	in_child(kernel_with_calls);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(tamalloc_backend_name(TAMALLOC_SYSCALL), "syscall");
	assert_string_equal(tamalloc_backend_name(TAMALLOC_PROC), "proc");
	assert_null(tamalloc_backend_name(TAMALLOC_AUTO));
	assert_null(tamalloc_backend_name((enum tamalloc_backend)3));
}

static void wrong_backend(void)
{
	answer = ANSWERS;
	NEED(!tamalloc_set_backend(TAMALLOC_PROC));
	NEED(tamalloc_set_backend((enum tamalloc_backend)3) == -EINVAL);
	NEED(tamalloc_set_backend((enum tamalloc_backend)-1) == -EINVAL);
	NEED(tamalloc_get_backend() == TAMALLOC_PROC);
	NEED(tamalloc_probe(549) == -EINVAL && tamalloc_probe(554) == -EINVAL);
	NEED(!asked);
}

static void test_wrong_backend(void **state)
{
	(void)state;
	in_child(wrong_backend);
}

static void test_works_after_fork(void **state)
{
	(void)state;
	in_child(works_after_fork);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel_with_calls),
		cmocka_unit_test(test_kernel_without_calls),
		cmocka_unit_test(test_refusal_is_not_remembered),
		cmocka_unit_test(test_filter_that_comes_later),
		cmocka_unit_test(test_restricted),
		cmocka_unit_test(test_forced_by_environment),
		cmocka_unit_test(test_unknown_name_in_environment),
		cmocka_unit_test(test_forced_calls_without_answer),
		cmocka_unit_test(test_native_filters),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_wrong_backend),
		cmocka_unit_test(test_works_after_fork),
	};

	unsetenv("TAMALLOC_BACKEND");
	print_tap();
	return cmocka_run_group_tests_name("lib-backend", tests, NULL, NULL);
}
