// SPDX-License-Identifier: MIT
#include "run-report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIGURES "blocks=1 allocated=2 zeroed=3 skipped=4 dropped=5 faults=6 peak=7"

/* As the parser leaves it. */
static char line[512];

static bool parse(const char *text, struct run_report *report)
{
	assert_true(strlen(text) < sizeof(line));
	strcpy(line, text);
	return run_report_parse(line, report);
}

static void assert_refused(const char *text)
{
	struct run_report report;

	if (parse(text, &report))
		fail_msg("not refused: %s", text);
	assert_string_equal(line, text);
}

static void assert_command(const char *escaped, const char *wanted)
{
	struct run_report report;
	char text[256] = "tamalloc 1 pid=1 command=";

	strcat(strcat(text, escaped), " " FIGURES);
	assert_true(parse(text, &report));
	assert_string_equal(report.command, wanted);
	/* What comes behind the name is where it was. */
	assert_int_equal(report.peak, 7);
}

static void test_figures(void **state)
{
	struct run_report report;

	(void)state;
	assert_true(parse("tamalloc 1 pid=2147483647 command=python3 " FIGURES, &report));
	assert_int_equal(report.pid, 2147483647);
	assert_string_equal(report.command, "python3");
	assert_int_equal(report.blocks, 1);
	assert_int_equal(report.allocated, 2);
	assert_int_equal(report.zeroed, 3);
	assert_int_equal(report.skipped, 4);
	assert_int_equal(report.dropped, 5);
	assert_int_equal(report.faults, 6);
	assert_int_equal(report.peak, 7);
}

static void test_limits(void **state)
{
	struct run_report report;

	(void)state;
	assert_true(parse("tamalloc 1 pid=0 command=a blocks=0 allocated=9223372036854775807 "
			  "zeroed=00 skipped=0 dropped=0 faults=0 peak=0", &report));
	assert_int_equal(report.allocated, INT64_MAX);
	assert_refused("tamalloc 1 pid=0 command=a blocks=0 allocated=9223372036854775808 "
		       "zeroed=0 skipped=0 dropped=0 faults=0 peak=0");
	assert_refused("tamalloc 1 pid=0 command=a blocks=0 allocated=99999999999999999999 "
		       "zeroed=0 skipped=0 dropped=0 faults=0 peak=0");
	assert_refused("tamalloc 1 pid=2147483648 command=a " FIGURES);
}

static void test_command(void **state)
{
	(void)state;
	assert_command("", "");
	assert_command("a=b", "a=b");
	assert_command("a\\040b", "a b");
	assert_command("\\134\\011\\012", "\\\t\n");
	assert_command("\\377\\001", "\377\001");
	assert_command("na\303\257ve", "na\303\257ve");
	assert_command("pid=\\061", "pid=1");
}

static void test_wrong_command(void **state)
{
	static const char *const commands[] = {
		"a\\", "a\\4", "a\\04", "\\08", "\\400", "\\777", "\\000", "\\x20",
		"a\tb", "\001", "\177",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char text[256] = "tamalloc 1 pid=1 command=";

		strcat(strcat(text, commands[i]), " " FIGURES);
		assert_refused(text);
	}
}

static void test_wrong_line(void **state)
{
	(void)state;
	assert_refused("");
	assert_refused("tamalloc");
	assert_refused("tamalloc 2 pid=1 command=a " FIGURES);
	assert_refused("tamalloc 10 pid=1 command=a " FIGURES);
	assert_refused(" tamalloc 1 pid=1 command=a " FIGURES);
	assert_refused("tamalloc 1 pid= command=a " FIGURES);
	assert_refused("tamalloc 1 pid=-1 command=a " FIGURES);
	assert_refused("tamalloc 1 pid=+1 command=a " FIGURES);
	assert_refused("tamalloc 1 pid=1x command=a " FIGURES);
	assert_refused("tamalloc 1 pid=1 command=a");
	assert_refused("tamalloc 1 pid=1 command=a ");
	assert_refused("tamalloc 1 pid=1 command=a b " FIGURES);
	assert_refused("tamalloc 1 pid=1 command=\\040 " FIGURES " ");
	assert_refused("tamalloc 1 pid=1 command=a " FIGURES " ");
	assert_refused("tamalloc 1 pid=1 command=a " FIGURES "\n");
	assert_refused("tamalloc 1 pid=1 command=a " FIGURES "0x");
	assert_refused("tamalloc 1 pid=1 command=a " FIGURES " more=8");
	assert_refused("tamalloc 1 pid=1 command=a allocated=2 blocks=1 zeroed=3 skipped=4 "
		       "dropped=5 faults=6 peak=7");
	assert_refused("tamalloc 1 pid=1 command=a blocks=1 allocated=2 zeroed=3 skipped=4 "
		       "dropped=5 faults=6");
}

/* Every line that a whole one begins with is refused, and read no further. */
static void test_cut_short(void **state)
{
	const char *whole = "tamalloc 1 pid=1 command=a\\040b " FIGURES;
	struct run_report report;

	(void)state;
	assert_true(parse(whole, &report));
	for (size_t length = 0; length < strlen(whole); length++) {
		char *text = strndup(whole, length);

		assert_non_null(text);
		assert_false(run_report_parse(text, &report));
		free(text);
	}
}

static void test_add(void **state)
{
	struct run_report total = { 0 };
	const struct run_report one = {
		.blocks = 1, .allocated = 20, .zeroed = 300, .skipped = 4000,
		.dropped = 50000, .faults = 600000, .peak = 7000000,
	};
	const struct run_report most = { .allocated = INT64_MAX, .zeroed = INT64_MAX - 300 };

	(void)state;
	run_report_add(&total, &one);
	run_report_add(&total, &one);
	assert_int_equal(total.blocks, 2);
	assert_int_equal(total.allocated, 40);
	assert_int_equal(total.zeroed, 600);
	assert_int_equal(total.skipped, 8000);
	assert_int_equal(total.dropped, 100000);
	assert_int_equal(total.faults, 1200000);
	assert_int_equal(total.peak, 0);
	total = one;
	run_report_add(&total, &most);
	assert_int_equal(total.allocated, INT64_MAX);
	assert_int_equal(total.zeroed, INT64_MAX);
	run_report_add(&total, &most);
	assert_int_equal(total.allocated, INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_wrong_command),
		cmocka_unit_test(test_wrong_line),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_add),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run-report", tests, NULL, NULL);
}
