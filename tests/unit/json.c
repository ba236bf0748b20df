// SPDX-License-Identifier: MIT
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What a text becomes, without the newline of an outermost object. */
static void assert_text(const char *text, const char *wanted)
{
	char *written;
	size_t size;
	struct json json = { .out = open_memstream(&written, &size) };

	assert_non_null(json.out);
	json_text(&json, NULL, text);
	fclose(json.out);
	assert_string_equal(written, wanted);
	free(written);
}

static void test_text(void **state)
{
	(void)state;
	assert_text("", "\"\"");
	assert_text("bash", "\"bash\"");
	assert_text(NULL, "null");
	assert_text("a\"b", "\"a\\\"b\"");
	assert_text("a/b", "\"a/b\"");
	assert_text("a\\b", "\"a\\\\x5cb\"");
	assert_text("\n\033\177", "\"\\\\x0a\\\\x1b\\\\x7f\"");
	assert_text("na\303\257ve", "\"na\303\257ve\"");
	assert_text("\377a\346\274", "\"\\\\xffa\\\\xe6\\\\xbc\"");
}

static void test_structure(void **state)
{
	char *written;
	size_t size;
	struct json json = { .out = open_memstream(&written, &size) };

	(void)state;
	assert_non_null(json.out);
	json_begin_object(&json, NULL);
	json_begin_array(&json, "none");
	json_end_array(&json);
	json_begin_array(&json, "list");
	json_signed(&json, NULL, INT64_MIN);
	json_unsigned(&json, NULL, UINT64_MAX);
	json_begin_object(&json, NULL);
	json_tenths(&json, "tenths", 105);
	json_end_object(&json);
	json_end_array(&json);
	json_bool(&json, "yes", true);
	json_null(&json, "nothing");
	json_end_object(&json);
	fclose(json.out);
	assert_string_equal(written, "{\n"
				     "  \"none\": [],\n"
				     "  \"list\": [\n"
				     "    -9223372036854775808,\n"
				     "    18446744073709551615,\n"
				     "    {\n"
				     "      \"tenths\": 10.5\n"
				     "    }\n"
				     "  ],\n"
				     "  \"yes\": true,\n"
				     "  \"nothing\": null\n"
				     "}\n");
	free(written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_structure),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
