// SPDX-License-Identifier: MIT
/* The walk by system call 553, before a kernel that has as many processes as wanted. */
#include <sys/resource.h>
#include <sys/syscall.h>

#include <linux/tamalloc.h>

#include "internal.h"
#include "lib-common.h"

#define MACHINE_PAGES 1000000

/* What stands in for the kernel: processes with these pids, and how it fails. */
static uint32_t first_pid = 1, distance = 3, processes = 10;
static int snapshot_error; /* errno, or 0 */
static int calls_before_error;
static unsigned int asked[4]; /* 550 to 553 */
static struct tamalloc_snapshot last_call;
static struct tamalloc_record model; /* of every process but for pid */

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static long fail_with(int error)
{
	errno = error;
	return -1;
}

static long snapshot_call(struct tamalloc_snapshot *call, size_t size)
{
	uint32_t index, filled = 0;

	if (snapshot_error && calls_before_error-- <= 0)
		return fail_with(snapshot_error);
	if (!call)
		return fail_with(EFAULT);
	last_call = *call;
	if (size != sizeof(*call) || call->flags || call->padding || !call->count ||
	    call->record_size != sizeof(model))
		return fail_with(EINVAL);
	if (!call->total_pages)
		call->total_pages = MACHINE_PAGES;
	index = call->cursor <= first_pid ? 0 :
		(call->cursor - first_pid + distance - 1) / distance;
	for (; index < processes && filled < call->count; index++, filled++) {
		struct tamalloc_record *record =
			(struct tamalloc_record *)(uintptr_t)call->records + filled;

		*record = model;
		record->pid = (int32_t)(first_pid + index * distance);
	}
	call->cursor = index < processes ? first_pid + index * distance : 0;
	return filled;
}

static long process_call(struct tamalloc_proc_info *info)
{
	if (!info)
		return fail_with(EFAULT);
	*info = (struct tamalloc_proc_info){ .vm_kb = 4096, .rss_kb = 1024 };
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
	asked[number - __NR_tamalloc_total]++;
	switch (number) {
	case __NR_tamalloc_process:
		return process_call((void *)argument[1]);
	case __NR_tamalloc_snapshot:
		return snapshot_call((void *)argument[0], argument[1]);
	default:
		return fail_with(EINVAL);
	}
}

static unsigned int snapshots(void)
{
	return asked[3];
}

static struct tamalloc_iterator *open_iterator(uint64_t wanted, unsigned int flags)
{
	struct tamalloc_iterator *iterator = NULL;

	NEED(!tamalloc_iterator_open(&iterator, wanted, flags));
	return iterator;
}

/* Walks to the end: all processes, in order. */
static void walk(struct tamalloc_iterator *iterator)
{
	struct tamalloc_process record;

	for (uint32_t i = 0; i < processes; i++) {
		NEED(tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1);
		NEED(record.pid == (int32_t)(first_pid + i * distance));
	}
	NEED(!tamalloc_iterator_next(iterator, &record, sizeof(record)));
	NEED(!tamalloc_iterator_next(iterator, &record, sizeof(record)));
}

static void one_call_a_round(void)
{
	struct rlimit limit = { 0, 0 };

	/* Nothing can be opened, and nothing needs to be. */
	NEED(!setrlimit(RLIMIT_NOFILE, &limit));
	for (unsigned int flags = 0; flags <= TAMALLOC_KEEP; flags++) {
		struct tamalloc_iterator *iterator;

		NEED(tamalloc_get_backend() == TAMALLOC_SYSCALL);
		memset(asked, 0, sizeof(asked));
		iterator = open_iterator(TAMALLOC_ALL_FIELDS, flags);
		walk(iterator);
		for (int round = 0; round < 9; round++) {
			NEED(!tamalloc_iterator_rewind(iterator));
			walk(iterator);
		}
		tamalloc_iterator_close(iterator);
		NEED(snapshots() == 10);
		NEED(!asked[0] && !asked[1] && !asked[2]);
	}
}

static void test_native_one_call_a_round(void **state)
{
	(void)state;
	in_child(one_call_a_round);
}

/* Of more processes than one buffer has room for, none is left out or told twice. */
static void very_many(void)
{
	for (processes = 0; processes <= 300000; processes += processes < 2 ? 1 : 99999) {
		struct tamalloc_iterator *iterator = open_iterator(0, 0);

		walk(iterator);
		/* In the middle of a round another one begins. */
		NEED(!tamalloc_iterator_rewind(iterator));
		for (uint32_t i = 0; i < processes / 2; i++) {
			struct tamalloc_process record;

			NEED(tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1);
		}
		NEED(!tamalloc_iterator_rewind(iterator));
		walk(iterator);
		tamalloc_iterator_close(iterator);
	}
	processes = 10000;
	asked[3] = 0;
	tamalloc_iterator_close(open_iterator(0, 0));
	NEED(snapshots() == 1);
}

static void test_very_many(void **state)
{
	(void)state;
	in_child(very_many);
}

/* Exactly as many as a buffer has room for, which is asked of the first call. */
static void full_buffers(void)
{
	struct tamalloc_iterator *iterator = open_iterator(0, TAMALLOC_KEEP);
	uint32_t room = last_call.count;

	NEED(room >= 1000);
	for (processes = room - 1; processes <= room + 1; processes++) {
		NEED(!tamalloc_iterator_rewind(iterator));
		asked[3] = 0;
		walk(iterator);
		NEED(snapshots() == (processes > room));
	}
	tamalloc_iterator_close(iterator);
}

static void test_full_buffers(void **state)
{
	(void)state;
	in_child(full_buffers);
}

static struct tamalloc_process first_of_round(struct tamalloc_iterator *iterator)
{
	struct tamalloc_process record;

	NEED(!tamalloc_iterator_rewind(iterator));
	NEED(tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1);
	return record;
}

static void every_field(void)
{
	struct tamalloc_process record, alone;
	struct tamalloc_iterator *iterator;

	model = (struct tamalloc_record){
		.size = sizeof(model),
		.flags = TAMALLOC_RECORD_SHARED | TAMALLOC_RECORD_OOM_VICTIM,
		.parent = 17, .user = 1000, .threads = 5, .oom_score_adj = -3,
		.oom_badness = 1234, .address_space = 99, .start_time = 10000000001,
		.virtual_size = 1 << 30, .anonymous = 1 << 20, .file = 1 << 13,
		.shared_memory = 1 << 12, .swap = 1 << 14, .page_tables = 1 << 15,
		.command = "fifteen letters",
	};
	iterator = open_iterator(0, 0);
	record = first_of_round(iterator);
	NEED(record.fields == TAMALLOC_ALL_FIELDS);
	NEED(record.pid == 1 && record.parent == 17 && record.user == 1000);
	NEED(record.oom_score_adj == -3 && record.threads == 5);
	NEED(record.start_time == 10000000001 && record.address_space == 99);
	NEED(record.reserved == 1 << 30);
	NEED(record.committed == (1 << 20) + (1 << 13) + (1 << 12));
	NEED(record.anonymous == 1 << 20 && record.file == 1 << 13);
	NEED(record.shared == 1 << 12 && record.swap == 1 << 14);
	NEED(record.page_tables == 1 << 15);
	NEED(!strcmp(record.command, "fifteen letters"));
	NEED(record.oom_badness == 1234 && record.oom_exempt == TAMALLOC_EXEMPT_NOT);
	NEED(record.oom_state == TAMALLOC_OOM_VICTIM);
	NEED(record.oom_score == (1000 + 1) * 2 / 3);
	NEED(!record.padding && !record.padding_2);
	NEED(!tamalloc_process(1, TAMALLOC_ALL_FIELDS, &alone, sizeof(alone)));
	NEED(!memcmp(&record, &alone, sizeof(record)));

	model.flags = TAMALLOC_RECORD_OOM_ORIGIN;
	NEED(first_of_round(iterator).oom_state == TAMALLOC_OOM_ORIGIN);
	tamalloc_iterator_close(iterator);
}

static void test_every_field(void **state)
{
	(void)state;
	in_child(every_field);
}

/* The kernel's own arithmetic, by hand. */
static void scores(void)
{
	static const struct {
		int64_t badness;
		int32_t score;
	} known[] = {
		{ 0, 666 }, { 999, 666 }, { 1000, 667 }, { -1, 666 }, { -1000, 666 },
		{ 2000, 668 }, { MACHINE_PAGES, 1333 }, { 2 * MACHINE_PAGES, 2000 },
		{ -999 * (MACHINE_PAGES / 1000), 0 }, { -500000, 333 },
	};
	struct tamalloc_iterator *iterator = open_iterator(TAMALLOC_OOM_SCORE, 0);
	struct tamalloc_process record;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		model.oom_badness = known[i].badness;
		NEED(first_of_round(iterator).oom_score == known[i].score);
	}
	model.oom_badness = 0;
	for (uint32_t reason = TAMALLOC_OOM_INIT; reason <= TAMALLOC_OOM_VFORK + 1; reason++) {
		model.oom_reason = reason;
		record = first_of_round(iterator);
		NEED(record.fields & TAMALLOC_OOM_SCORE && !record.oom_score);
		NEED(record.oom_exempt == reason);
	}
	/* What a later kernel may know. */
	NEED(record.oom_exempt == TAMALLOC_EXEMPT_UNKNOWN);
	model.oom_reason = 1000;
	NEED(first_of_round(iterator).oom_exempt == TAMALLOC_EXEMPT_UNKNOWN);
	tamalloc_iterator_close(iterator);
}

static void test_scores(void **state)
{
	(void)state;
	in_child(scores);
}

static void limit_of_a_group(void)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;

	NEED(!iterator_open(&iterator, TAMALLOC_ALL_FIELDS, 0, 5000));
	NEED(last_call.total_pages == 5000);
	NEED(iterator_total_pages(iterator) == 5000);
	record = first_of_round(iterator);
	/* The score is the machine's. */
	NEED(record.fields == (TAMALLOC_ALL_FIELDS & ~TAMALLOC_OOM_SCORE));
	NEED(!record.oom_score);
	tamalloc_iterator_close(iterator);

	NEED(!iterator_open(&iterator, TAMALLOC_ALL_FIELDS, 0, 0));
	NEED(iterator_total_pages(iterator) == MACHINE_PAGES);
	tamalloc_iterator_close(iterator);
}

static void test_limit_of_a_group(void **state)
{
	(void)state;
	in_child(limit_of_a_group);
}

/* Whether this process itself is seen, with what 551 says of it. */
static bool is_listed(struct tamalloc_iterator *iterator)
{
	struct tamalloc_process record;
	bool seen = false;

	while (tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1)
		seen |= record.pid == getpid() && record.reserved == 4096 * 1024;
	return seen;
}

static void without_the_call(int error, unsigned int flags)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;

	/* Among pids that no process has. */
	first_pid = 1 << 22;
	snapshot_error = error;
	calls_before_error = 0;
	NEED(tamalloc_get_backend() == TAMALLOC_SYSCALL);
	iterator = open_iterator(TAMALLOC_RESERVED | TAMALLOC_PARENT, flags);
	NEED(is_listed(iterator));
	NEED(!tamalloc_process(getpid(), TAMALLOC_PARENT, &record, sizeof(record)));
	NEED(record.parent == getppid());
	/* A refusal may be this thread's, or be over: it is asked each time. */
	snapshot_error = 0;
	NEED(!tamalloc_iterator_rewind(iterator));
	walk(iterator);
	snapshot_error = error;
	calls_before_error = 0;
	NEED(!tamalloc_iterator_rewind(iterator));
	NEED(is_listed(iterator));
	tamalloc_iterator_close(iterator);
	snapshot_error = 0;
}

static void older_kernel_or_filter(void)
{
	for (unsigned int flags = 0; flags <= TAMALLOC_KEEP; flags++) {
		without_the_call(ENOSYS, flags);
		without_the_call(EPERM, flags);
		without_the_call(EACCES, flags);
	}
	/* That the backend is forced asks for the calls, not for this one. */
	NEED(!tamalloc_set_backend(TAMALLOC_SYSCALL));
	without_the_call(ENOSYS, 0);
	without_the_call(EPERM, 0);
}

static void test_older_kernel_or_filter(void **state)
{
	(void)state;
	in_child(older_kernel_or_filter);
}

static void errors(void)
{
	struct tamalloc_iterator *iterator = NULL;
	struct tamalloc_process record;
	int result;

	snapshot_error = ENOMEM;
	NEED(tamalloc_iterator_open(&iterator, 0, 0) == -ENOMEM);
	NEED(!iterator);
	/* In the middle of a round there is no other way to go on. */
	processes = 100000;
	calls_before_error = 1;
	snapshot_error = EPERM;
	iterator = open_iterator(0, TAMALLOC_KEEP);
	while ((result = tamalloc_iterator_next(iterator, &record, sizeof(record))) == 1)
		;
	NEED(result == -EPERM);
	NEED(!tamalloc_iterator_next(iterator, &record, sizeof(record)));
	snapshot_error = 0;
	NEED(!tamalloc_iterator_rewind(iterator));
	walk(iterator);
	tamalloc_iterator_close(iterator);
}

static void test_errors(void **state)
{
	(void)state;
	in_child(errors);
}

static void backend_of_proc(void)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;

	NEED(!tamalloc_set_backend(TAMALLOC_PROC));
	iterator = open_iterator(TAMALLOC_ALL_FIELDS, 0);
	NEED(tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1);
	NEED(!tamalloc_process(getpid(), TAMALLOC_ALL_FIELDS, &record, sizeof(record)));
	tamalloc_iterator_close(iterator);
	NEED(!snapshots());
}

static void test_backend_of_proc(void **state)
{
	(void)state;
	in_child(backend_of_proc);
}

/* One process: by the cheapest call that knows what is wanted. */
static void one_process(void)
{
	struct tamalloc_process record;
	uint32_t self = (uint32_t)getpid();

	first_pid = self;
	model.parent = 4321;
	NEED(tamalloc_get_backend() == TAMALLOC_SYSCALL);
	memset(asked, 0, sizeof(asked));
	NEED(!tamalloc_process(getpid(), FIELDS_OF_CALL, &record, sizeof(record)));
	NEED(record.reserved == 4096 * 1024 && asked[1] == 1 && !snapshots());
	NEED(!tamalloc_process(getpid(), TAMALLOC_PARENT, &record, sizeof(record)));
	NEED(record.parent == 4321 && asked[1] == 1 && snapshots() == 1);
	NEED(last_call.cursor == self && last_call.count == 1);
	/* The id of a thread, or of someone hidden: the record is another's. */
	first_pid = self + 1;
	NEED(!tamalloc_process(getpid(), TAMALLOC_PARENT, &record, sizeof(record)));
	NEED(record.pid == getpid() && record.parent == getppid());
	/* Or there is none. */
	first_pid = self - 1;
	processes = 1;
	NEED(!tamalloc_process(getpid(), TAMALLOC_PARENT, &record, sizeof(record)));
	NEED(record.pid == getpid() && record.parent == getppid());
}

static void test_one_process(void **state)
{
	(void)state;
	in_child(one_process);
}

/* A program that knows the first record, this one, and one that knows a later. */
static void record_sizes(void)
{
	struct { struct tamalloc_process record; char later[64]; } larger, untouched;
	struct tamalloc_iterator *iterator = open_iterator(0, 0);
	static const char zero[64];

	model.threads = 7;
	memset(&untouched, 0xff, sizeof(untouched));
	for (size_t size = 0; size <= sizeof(larger); size += 8) {
		int expected = size < 160 ? -EINVAL : 1;
		size_t tail = size > sizeof(larger.record) ? size - sizeof(larger.record) : 0;

		memset(&larger, 0xff, sizeof(larger));
		NEED(!tamalloc_iterator_rewind(iterator));
		NEED(tamalloc_iterator_next(iterator, &larger.record, size) == expected);
		NEED(!memcmp((char *)&larger + (expected == 1 ? size : 0), &untouched,
			     sizeof(larger) - (expected == 1 ? size : 0)));
		NEED(!memcmp(larger.later, zero, tail));
		if (expected != 1)
			continue;
		NEED(larger.record.pid == 1 && larger.record.fields == TAMALLOC_ALL_FIELDS);
		NEED(size < 168 || larger.record.threads == 7);
	}
	tamalloc_iterator_close(iterator);
}

static void test_record_sizes(void **state)
{
	(void)state;
	in_child(record_sizes);
}

static void fork_in_between(void)
{
	struct tamalloc_iterator *iterator;
	struct tamalloc_process record;
	int status;
	pid_t pid;

	processes = 50000;
	iterator = open_iterator(0, TAMALLOC_KEEP);
	for (uint32_t i = 0; i < 20000; i++)
		NEED(tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1);
	pid = fork();
	NEED(pid >= 0);
	for (uint32_t i = 20000; i < processes; i++) {
		NEED(tamalloc_iterator_next(iterator, &record, sizeof(record)) == 1);
		NEED(record.pid == (int32_t)(first_pid + i * distance));
	}
	NEED(!tamalloc_iterator_next(iterator, &record, sizeof(record)));
	tamalloc_iterator_close(iterator);
	if (!pid)
		_exit(0);
	NEED(waitpid(pid, &status, 0) == pid && !status);
}

static void test_fork_in_between(void **state)
{
	(void)state;
	in_child(fork_in_between);
}

static void probe(void)
{
	NEED(!tamalloc_probe(553));
	snapshot_error = EPERM;
	NEED(tamalloc_probe(553) == -EPERM);
	snapshot_error = ENOSYS;
	calls_before_error = 0;
	NEED(tamalloc_probe(553) == -ENOSYS);
}

static void test_probe(void **state)
{
	(void)state;
	in_child(probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native_one_call_a_round),
		cmocka_unit_test(test_very_many),
		cmocka_unit_test(test_full_buffers),
		cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_limit_of_a_group),
		cmocka_unit_test(test_older_kernel_or_filter),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_backend_of_proc),
		cmocka_unit_test(test_one_process),
		cmocka_unit_test(test_record_sizes),
		cmocka_unit_test(test_fork_in_between),
		cmocka_unit_test(test_probe),
	};

	unsetenv("TAMALLOC_BACKEND");
	print_tap();
	return cmocka_run_group_tests_name("lib-snapshot", tests, NULL, NULL);
}
