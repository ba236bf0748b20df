// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#include "parse-oom.h"

#include <string.h>

#include "parse.h"

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}

/* A field up to the next blank; false where the line ends before. */
static bool take_field(const char **line, const char **field, size_t *length)
{
	*field = *line;
	*length = strcspn(*line, " \n");
	*line += *length;
	if (**line != ' ')
		return false;
	++*line;
	return *length;
}

/* Whether a list such as "rw,cpu,memory" up to the end of the line names it. */
static bool list_has(const char *list, const char *name)
{
	size_t wanted = strlen(name);

	for (;;) {
		size_t length = strcspn(list, ", \n");

		if (length == wanted && !strncmp(list, name, wanted))
			return true;
		list += length;
		if (*list++ != ',')
			return false;
	}
}

/*
 * 36 35 98:0 /root /point rw,noatime master:1 - type source rw,errors=continue
 * with any number of optional fields before the dash.
 */
static bool parse_mount(const char *line, struct cgroup_mount *mount)
{
	const char *field;
	size_t length;

	for (int i = 0; i < 3; i++)
		if (!take_field(&line, &field, &length))
			return false;
	if (!take_field(&line, &mount->root, &mount->root_length) ||
	    !take_field(&line, &mount->point, &mount->point_length))
		return false;
	do
		if (!take_field(&line, &field, &length))
			return false;
	while (length != 1 || *field != '-');
	if (!take_field(&line, &field, &length))
		return false;
	mount->version = 0;
	if (length == 7 && !strncmp(field, "cgroup2", 7))
		mount->version = 2;
	else if (length == 6 && !strncmp(field, "cgroup", 6) &&
		 take_field(&line, &field, &length) && list_has(line, "memory"))
		mount->version = 1;
	return mount->version;
}

const char *parse_cgroup_mount(const char *text, struct cgroup_mount *mount)
{
	while (text && *text) {
		bool is_one = parse_mount(text, mount);
		const char *next = next_line(text);

		if (is_one)
			return next ? next : text + strlen(text);
		text = next;
	}
	return NULL;
}

static bool is_octal(const char *text)
{
	return text[0] >= '0' && text[0] <= '3' && text[1] >= '0' && text[1] <= '7' &&
	       text[2] >= '0' && text[2] <= '7';
}

size_t parse_escaped(const char *from, size_t length, char *to)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		if (from[i] == '\\' && length - i > 3 && is_octal(from + i + 1)) {
			to[used++] = (char)((from[i + 1] - '0') << 6 |
					    (from[i + 2] - '0') << 3 | (from[i + 3] - '0'));
			i += 3;
		} else {
			to[used++] = from[i];
		}
	}
	return used;
}

static bool at_end(const char *text)
{
	return !*text || *text == '\n';
}

bool parse_limit(const char *text, uint64_t page, uint64_t *pages)
{
	uint64_t unlimited = PAGES_UNLIMITED(page);
	uint64_t bytes;

	if (!strncmp(text, "max", 3) && at_end(text + 3)) {
		*pages = unlimited;
		return true;
	}
	if (!parse_number(&text, &bytes) || !at_end(text))
		return false;
	*pages = bytes / page < unlimited ? bytes / page : unlimited;
	return true;
}

bool parse_nodes(const char *text, struct nodes *nodes)
{
	memset(nodes, 0, sizeof(*nodes));
	if (at_end(text))
		return true;
	for (;;) {
		uint64_t first, last;

		if (!parse_number(&text, &first))
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!parse_number(&text, &last))
				return false;
		}
		if (last < first || last >= NODES)
			return false;
		for (uint64_t node = first; node <= last; node++)
			nodes->bits[node / NODE_BITS] |= 1ULL << node % NODE_BITS;
		if (at_end(text))
			return true;
		if (*text++ != ',')
			return false;
	}
}

bool parse_allowed_nodes(const char *text, struct nodes *nodes)
{
	static const char key[] = "Mems_allowed_list:\t";

	for (; text; text = next_line(text))
		if (!strncmp(text, key, sizeof(key) - 1))
			return parse_nodes(text + sizeof(key) - 1, nodes);
	return false;
}

bool nodes_are_within(const struct nodes *part, const struct nodes *whole)
{
	for (size_t i = 0; i < NODES / NODE_BITS; i++)
		if (part->bits[i] & ~whole->bits[i])
			return false;
	return true;
}
