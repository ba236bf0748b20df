// SPDX-License-Identifier: MIT
#include "run-report.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

/* The byte that \ooo stands for: 1 to 255; 0: it is no such thing. */
static unsigned int unescape(const char *text)
{
	unsigned int byte = 0;

	for (int i = 1; i <= 3; i++) {
		if (text[i] < '0' || text[i] > '7')
			return 0;
		byte = byte * 8 + (unsigned int)(text[i] - '0');
	}
	return byte <= UCHAR_MAX ? byte : 0;
}

/* Goes to the blank after a name. */
static bool skip_name(char **text)
{
	for (; **text != ' '; ++*text) {
		unsigned int byte = (unsigned char)**text;

		if (byte < ' ' || byte == '\177')
			return false;
		if (byte == '\\' && !unescape(*text))
			return false;
	}
	return true;
}

/* Where it stands, up to the blank. */
static void unescape_name(char *name)
{
	const char *from = name;
	char *to = name;

	while (*from != ' ') {
		bool is_escaped = *from == '\\';

		*to++ = is_escaped ? (char)unescape(from) : *from;
		from += is_escaped ? 4 : 1;
	}
	*to = '\0';
}

static bool take_number(char **text, uint64_t most, uint64_t *number)
{
	char *start = *text;

	*number = 0;
	for (; **text >= '0' && **text <= '9'; ++*text) {
		uint64_t digit = (uint64_t)(**text - '0');

		if (*number > (most - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return *text > start;
}

static bool take_word(char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length))
		return false;
	*text += length;
	return true;
}

bool run_report_parse(char *line, struct run_report *report)
{
	const struct {
		const char *key;
		uint64_t *number;
	} figures[] = {
		{ "blocks=", &report->blocks },	     { " allocated=", &report->allocated },
		{ " zeroed=", &report->zeroed },     { " skipped=", &report->skipped },
		{ " dropped=", &report->dropped },   { " faults=", &report->faults },
		{ " peak=", &report->peak },
	};
	uint64_t pid;
	char *name;

	if (!take_word(&line, "tamalloc 1 pid=") || !take_number(&line, INT_MAX, &pid) ||
	    !take_word(&line, " command="))
		return false;
	name = line;
	if (!skip_name(&line) || !take_word(&line, " "))
		return false;
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		if (!take_word(&line, figures[i].key) ||
		    !take_number(&line, INT64_MAX, figures[i].number))
			return false;
	if (*line)
		return false;
	unescape_name(name);
	report->pid = (pid_t)pid;
	report->command = name;
	return true;
}

static void add(uint64_t *total, uint64_t number)
{
	*total = number > INT64_MAX - *total ? INT64_MAX : *total + number;
}

void run_report_add(struct run_report *total, const struct run_report *report)
{
	add(&total->blocks, report->blocks);
	add(&total->allocated, report->allocated);
	add(&total->zeroed, report->zeroed);
	add(&total->skipped, report->skipped);
	add(&total->dropped, report->dropped);
	add(&total->faults, report->faults);
}
