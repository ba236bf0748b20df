// SPDX-License-Identifier: MIT
#define NCURSES_WIDECHAR 1
#include "top-line.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <curses.h>

#define CONTROL(letter) ((letter) & 0x1f)

static enum line_result press(struct line *line, wint_t key)
{
	return line_key(line, key, key >= KEY_MIN);
}

static void type(struct line *line, const char *text)
{
	for (; *text; text++)
		assert_int_equal(press(line, (wint_t)*text), LINE_GOES_ON);
}

static void assert_line(const struct line *line, const char *wanted)
{
	char *text = line_text(line);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
}

static void test_typing(void **state)
{
	struct line line;

	(void)state;
	line_begin(&line, "old");
	type(&line, "er");
	assert_line(&line, "older");
	press(&line, KEY_HOME);
	type(&line, "b");
	press(&line, KEY_RIGHT);
	press(&line, KEY_DC);
	assert_line(&line, "boder");
	press(&line, KEY_END);
	press(&line, KEY_LEFT);
	press(&line, KEY_BACKSPACE);
	assert_line(&line, "bodr");
}

static void test_words(void **state)
{
	struct line line;

	(void)state;
	line_begin(&line, "one two  ");
	press(&line, CONTROL('W'));
	assert_line(&line, "one ");
	press(&line, CONTROL('W'));
	press(&line, CONTROL('W'));
	assert_line(&line, "");
	line_begin(&line, "one two");
	press(&line, CONTROL('A'));
	press(&line, CONTROL('F'));
	press(&line, CONTROL('K'));
	assert_line(&line, "o");
	press(&line, CONTROL('U'));
	assert_line(&line, "");
}

/* Keys that have nothing to act upon. */
static void test_ends(void **state)
{
	struct line line;

	(void)state;
	line_begin(&line, "");
	press(&line, KEY_LEFT);
	press(&line, KEY_RIGHT);
	press(&line, KEY_BACKSPACE);
	press(&line, KEY_DC);
	press(&line, CONTROL('U'));
	press(&line, CONTROL('K'));
	press(&line, CONTROL('W'));
	press(&line, CONTROL('L'));
	press(&line, KEY_UP);
	assert_line(&line, "");
}

static void test_full(void **state)
{
	struct line line;

	(void)state;
	line_begin(&line, "");
	for (int i = 0; i < LINE_LENGTH + 5; i++)
		type(&line, "x");
	assert_int_equal(line.length, LINE_LENGTH);
	press(&line, KEY_BACKSPACE);
	type(&line, "yz");
	assert_int_equal(line.text[LINE_LENGTH - 1], L'y');
}

static void test_results(void **state)
{
	struct line line;

	(void)state;
	line_begin(&line, "text");
	assert_int_equal(press(&line, '\r'), LINE_DONE);
	assert_int_equal(press(&line, KEY_ENTER), LINE_DONE);
	assert_int_equal(press(&line, 0x1b), LINE_CANCELLED);
	assert_int_equal(press(&line, CONTROL('G')), LINE_CANCELLED);
	assert_line(&line, "text");
}

static void test_characters(void **state)
{
	struct line line;

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	line_begin(&line, "na\303\257");
	/* A character may have the number of a key. */
	assert_int_equal(line_key(&line, KEY_BACKSPACE, false), LINE_GOES_ON);
	line_key(&line, 0x6f22, false);
	assert_int_equal(line.length, 5);
	press(&line, KEY_BACKSPACE);
	press(&line, KEY_BACKSPACE);
	assert_line(&line, "na\303\257");
	line_begin(&line, "not UTF-8: \377");
	assert_line(&line, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_characters),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
