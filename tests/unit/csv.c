// SPDX-License-Identifier: MIT
#include "csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_field(bool is_first, const char *text, const char *wanted)
{
	char *written;
	size_t size;
	FILE *out = open_memstream(&written, &size);

	assert_non_null(out);
	csv_field(out, is_first, text);
	fclose(out);
	assert_string_equal(written, wanted);
	free(written);
}

static void test_field(void **state)
{
	(void)state;
	assert_field(true, "bash", "bash");
	assert_field(false, "bash", ",bash");
	assert_field(true, NULL, "");
	assert_field(false, NULL, ",");
	assert_field(false, "a b", ",a b");
	assert_field(true, "a,b", "\"a,b\"");
	assert_field(true, "\"", "\"\"\"\"");
	assert_field(true, "a\\b", "a\\x5cb");
	assert_field(true, "a\r\nb", "a\\x0d\\x0ab");
	assert_field(true, "\303\257\377", "\303\257\\xff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
