// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#include "parse.h"

#include <string.h>

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool parse_number(const char **text, uint64_t *value)
{
	const char *digit = *text;
	uint64_t number = 0;

	if (!is_digit(*digit))
		return false;
	for (; is_digit(*digit); digit++) {
		unsigned int units = (unsigned int)(*digit - '0');

		if (number > (UINT64_MAX - units) / 10)
			return false;
		number = number * 10 + units;
	}
	*text = digit;
	*value = number;
	return true;
}

static bool at_end(const char *text)
{
	return !*text || *text == '\n';
}

static const char *skip_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

/* Behind the next n fields, which single blanks separate; NULL: not so many. */
static const char *skip_fields(const char *text, int n)
{
	while (n-- && text) {
		text = strchr(text, ' ');
		if (text)
			text++;
	}
	return text;
}

bool parse_signed(const char *text, int64_t *value)
{
	bool negative = *text == '-';
	uint64_t number;

	text += negative;
	if (!parse_number(&text, &number) || !at_end(text) || number > INT64_MAX)
		return false;
	*value = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

bool parse_statm(const char *text, struct statm *statm)
{
	uint64_t field[7];

	for (int i = 0; i < 7; i++) {
		if (i && *text++ != ' ')
			return false;
		if (!parse_number(&text, &field[i]))
			return false;
	}
	if (!at_end(text))
		return false;
	/* size resident shared text lib data dirty */
	statm->size = field[0];
	statm->resident = field[1];
	statm->text = field[3];
	statm->data = field[5];
	return true;
}

static void copy_name(const char *from, size_t length, char *name, size_t size)
{
	if (length > size - 1)
		length = size - 1;
	memcpy(name, from, length);
	memset(name + length, 0, size - length);
}

bool parse_stat(const char *text, struct stat_line *stat)
{
	/* The name may hold anything, but nothing after it holds a bracket. */
	const char *open = strchr(text, '(');
	const char *close = strrchr(text, ')');
	uint64_t parent, flags;

	if (!open || !close || close < open || close[1] != ' ' || !close[2] ||
	    close[2] == ' ' || close[3] != ' ')
		return false;
	copy_name(open + 1, (size_t)(close - open - 1), stat->command,
		  sizeof(stat->command));
	text = close + 2;
	/* state ppid */
	stat->state = *text;
	text = skip_fields(text, 1);
	if (!text || !parse_number(&text, &parent) || parent > INT32_MAX)
		return false;
	stat->parent = (int32_t)parent;
	/* ppid pgrp session tty_nr tpgid flags: proc(5), fields 4 to 9 */
	text = skip_fields(text, 5);
	if (!text || !parse_number(&text, &flags))
		return false;
	stat->is_kernel_thread = flags & PF_KTHREAD;
	/* flags ... num_threads, fields 9 to 20; itrealvalue, starttime */
	text = skip_fields(text, 11);
	if (!text || !parse_number(&text, &stat->threads))
		return false;
	text = skip_fields(text, 2);
	return text && parse_number(&text, &stat->start_time);
}

void parse_command(const char *text, size_t length, char *command, size_t size)
{
	/* Only the last newline is the kernel's; others belong to the name. */
	if (length && text[length - 1] == '\n')
		length--;
	copy_name(text, length, command, size);
}

bool parse_kilobytes(const char *line, const char *key, uint64_t *bytes)
{
	size_t length = strlen(key);
	uint64_t number;

	if (strncmp(line, key, length))
		return false;
	line = skip_blanks(line + length);
	if (!parse_number(&line, &number) || strncmp(line, " kB", 3) ||
	    !at_end(line + 3) || number > UINT64_MAX / 1024)
		return false;
	*bytes = number * 1024;
	return true;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}

void parse_status(const char *text, struct status *status)
{
	bool anonymous = false, file = false, shared = false;

	memset(status, 0, sizeof(*status));
	for (; text; text = next_line(text)) {
		/* Almost every line is another one. */
		switch (*text) {
		case 'R':
			anonymous |= parse_kilobytes(text, "RssAnon:", &status->anonymous);
			file |= parse_kilobytes(text, "RssFile:", &status->file);
			shared |= parse_kilobytes(text, "RssShmem:", &status->shared);
			break;
		case 'V':
			status->has_page_tables |=
				parse_kilobytes(text, "VmPTE:", &status->page_tables);
			status->has_swap |= parse_kilobytes(text, "VmSwap:", &status->swap);
			break;
		case 'S':
			if (!strncmp(text, "Seccomp:\t", 9)) {
				text += 9;
				status->has_seccomp = parse_number(&text, &status->seccomp);
			}
			break;
		}
	}
	status->has_parts = anonymous && file && shared;
}

void parse_meminfo(const char *text, struct meminfo *meminfo)
{
	bool total = false, available = false, swap = false, swap_free = false;
	bool limit = false, charge = false;

	memset(meminfo, 0, sizeof(*meminfo));
	for (; text; text = next_line(text)) {
		total |= parse_kilobytes(text, "MemTotal:", &meminfo->memory);
		available |= parse_kilobytes(text, "MemAvailable:", &meminfo->available);
		swap |= parse_kilobytes(text, "SwapTotal:", &meminfo->swap);
		swap_free |= parse_kilobytes(text, "SwapFree:", &meminfo->swap_free);
		limit |= parse_kilobytes(text, "CommitLimit:", &meminfo->commit_limit);
		charge |= parse_kilobytes(text, "Committed_AS:", &meminfo->commit_charge);
	}
	meminfo->has_memory = total && available;
	meminfo->has_swap = swap && swap_free;
	meminfo->has_commit = limit && charge;
}

static bool parse_hex(const char **text, uint64_t *value)
{
	static const char digits[] = "0123456789abcdef";
	const char *start = *text;
	uint64_t number = 0;

	for (; **text; ++*text) {
		const char *digit = strchr(digits, **text);

		if (!digit)
			break;
		if (number >> 60)
			return false;
		number = number << 4 | (uint64_t)(digit - digits);
	}
	*value = number;
	return *text != start;
}

bool parse_region(const char *line, struct region_line *region)
{
	if (!parse_hex(&line, &region->start) || *line++ != '-' ||
	    !parse_hex(&line, &region->end) || *line++ != ' ' ||
	    region->end < region->start || strcspn(line, "\n") < 5 || line[4] != ' ')
		return false;
	region->read = line[0] == 'r';
	region->write = line[1] == 'w';
	region->execute = line[2] == 'x';
	region->shared = line[3] == 's';
	line += 5;
	if (!parse_hex(&line, &region->offset) || *line++ != ' ')
		return false;
	/* device inode, then blanks up to a column of their own */
	line += strcspn(line, " \n");
	if (*line++ != ' ' || !is_digit(*line))
		return false;
	while (is_digit(*line))
		line++;
	region->name = skip_blanks(line);
	region->name_length = strcspn(region->name, "\n");
	return true;
}

const char *parse_cgroup(const char *text, size_t *length)
{
	const char *found = NULL;

	for (; text; text = next_line(text)) {
		size_t line = strcspn(text, "\n");
		const char *names = memchr(text, ':', line);
		const char *path = names ? memchr(names + 1, ':', line - (size_t)(names + 1 - text))
					 : NULL;
		bool is_memory = false;

		if (!path)
			continue;
		for (const char *name = names + 1; name <= path;) {
			size_t end = strcspn(name, ",:");

			is_memory |= end == 6 && !strncmp(name, "memory", 6);
			name += end + 1;
		}
		if (!is_memory && names + 1 != path)
			continue;
		/* An older one without a name of a controller is version 2's. */
		if (is_memory || !found) {
			found = path + 1;
			*length = line - (size_t)(found - text);
		}
		if (is_memory)
			break;
	}
	return found;
}

/* The value of an option in "a,b=c,d", up to the end of the line. */
static const char *find_option(const char *options, const char *name)
{
	size_t length = strlen(name);

	while (!at_end(options)) {
		if (!strncmp(options, name, length))
			return options + length;
		options += strcspn(options, ",\n");
		options += *options == ',';
	}
	return NULL;
}

static int hidepid_value(const char *options)
{
	static const struct {
		const char *name;
		int value;
	} names[] = {
		{ "off", 0 }, { "0", 0 }, { "noaccess", 1 }, { "1", 1 },
		{ "invisible", 2 }, { "2", 2 }, { "ptraceable", 4 }, { "4", 4 },
	};
	const char *value = find_option(options, "hidepid=");

	if (!value)
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i].name);

		if (strcspn(value, ",\n") == length && !strncmp(value, names[i].name, length))
			return names[i].value;
	}
	return -1;
}

int parse_hidepid(const char *text)
{
	int hidepid = -1;

	for (; text; text = next_line(text)) {
		/* id parent major:minor root mountpoint ... - type source options */
		const char *point = skip_fields(text, 4);
		const char *end = text + strcspn(text, "\n");
		const char *type;

		if (!point || point > end || strncmp(point, "/proc ", 6))
			continue;
		type = strstr(point, " - ");
		if (!type || type > end || strncmp(type, " - proc ", 8))
			continue;
		type = skip_fields(type + 8, 1);
		if (type && type < end)
			hidepid = hidepid_value(type);
	}
	return hidepid;
}
