// SPDX-License-Identifier: MIT
#include "text.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_escaped(const char *text, bool one_word, const char *wanted)
{
	char *escaped = text_escape(text, one_word);

	assert_non_null(escaped);
	assert_string_equal(escaped, wanted);
	free(escaped);
}

static void test_escape(void **state)
{
	(void)state;
	assert_escaped("", false, "");
	assert_escaped("bash", false, "bash");
	assert_escaped("a\nb", false, "a\\x0ab");
	assert_escaped("\033[31m", false, "\\x1b[31m");
	assert_escaped("\177", false, "\\x7f");
	assert_escaped("a\\x41", false, "a\\x5cx41");
	assert_escaped("a b", false, "a b");
	assert_escaped("a b", true, "a\\x20b");
	assert_escaped("\t", false, "\\x09");
}

static void test_escape_utf8(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	assert_escaped("na\303\257ve", true, "na\303\257ve");
	assert_escaped("\346\274\242", true, "\346\274\242");
	/* not UTF-8, half a character, a surrogate, more bytes than needed */
	assert_escaped("\377", true, "\\xff");
	assert_escaped("ab\346\274", true, "ab\\xe6\\xbc");
	assert_escaped("\355\240\200", true, "\\xed\\xa0\\x80");
	assert_escaped("\300\200", true, "\\xc0\\x80");
	/* right to left from here, a zero width space, an 8-bit control code */
	assert_escaped("a\342\200\256b", true, "a\\xe2\\x80\\xaeb");
	assert_escaped("\342\200\213", true, "\\xe2\\x80\\x8b");
	assert_escaped("\302\233", true, "\\xc2\\x9b");
	assert_escaped("a\343\200\200b", true, "a\\xe3\\x80\\x80b");

	assert_non_null(setlocale(LC_CTYPE, "C"));
	assert_escaped("\303\257", true, "\\xc3\\xaf");
}

/* All the pieces of a text. */
static void assert_pieces(const char *text, const char *wanted)
{
	char all[64] = "";
	char piece[TEXT_PIECE];

	while (text_next_utf8(&text, piece))
		strcat(all, piece);
	assert_string_equal(all, wanted);
}

static void test_any_locale(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C"));
	assert_pieces("", "");
	assert_pieces("a b", "a b");
	assert_pieces("a\\\n\177", "a\\x5c\\x0a\\x7f");
	assert_pieces("\303\257\346\274\242\360\237\230\200",
		      "\303\257\346\274\242\360\237\230\200");
	/* half a character, more bytes than needed, a surrogate, beyond the last */
	assert_pieces("\346\274", "\\xe6\\xbc");
	assert_pieces("\300\200", "\\xc0\\x80");
	assert_pieces("\355\240\200", "\\xed\\xa0\\x80");
	assert_pieces("\364\220\200\200", "\\xf4\\x90\\x80\\x80");
	assert_pieces("\377a", "\\xffa");
	/* an 8-bit control code, right to left from here, the end of a line */
	assert_pieces("\302\233", "\\xc2\\x9b");
	assert_pieces("\342\200\256", "\\xe2\\x80\\xae");
	assert_pieces("\342\200\250", "\\xe2\\x80\\xa8");
}

static void test_width(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("na\303\257ve"), 5);
	assert_int_equal(text_width("\346\274\242"), 2);
}

static const char *const words[] = { "total", "ps", "alloc", "--version", NULL };

static void assert_nearest(const char *word, const char *wanted)
{
	const char *nearest = text_nearest(word, words);

	assert_non_null(nearest);
	assert_string_equal(nearest, wanted);
}

static void test_nearest(void **state)
{
	(void)state;
	assert_nearest("total", "total");
	assert_nearest("toatl", "total");
	assert_nearest("totl", "total");
	assert_nearest("ttotal", "total");
	assert_nearest("p", "ps");
	assert_nearest("pss", "ps");
	assert_nearest("sp", "ps");
	assert_nearest("al", "alloc");
	assert_nearest("allocate", "alloc");
	assert_nearest("aloc", "alloc");
	assert_nearest("--versoin", "--version");
}

static void test_nothing_near(void **state)
{
	(void)state;
	assert_null(text_nearest("", words));
	assert_null(text_nearest("x", words));
	assert_null(text_nearest("xy", words));
	assert_null(text_nearest("watch", words));
	assert_null(text_nearest("a word that is longer than any that there is", words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_utf8),
		cmocka_unit_test(test_any_locale),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_nothing_near),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
