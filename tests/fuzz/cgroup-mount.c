// SPDX-License-Identifier: MIT
/* /proc/PID/mountinfo, of which the mounts of cgroups are wanted. */
#include "both-ways.h"
#include "parse-oom.h"

/* Whether it lies on one line of the text, and holds no blank. */
static void check_field(const char *text, const char *field, size_t length)
{
	EXPECT(length);
	EXPECT(field > text && field + length < text + strlen(text));
	EXPECT(!memchr(field, ' ', length) && !memchr(field, '\n', length));
}

static void check_text(const char *text)
{
	const char *rest = text, *next;
	struct cgroup_mount mount;

	while ((next = parse_cgroup_mount(rest, &mount))) {
		char *plain = malloc(mount.point_length);

		EXPECT(next > rest);
		EXPECT(mount.version == 1 || mount.version == 2);
		check_field(text, mount.root, mount.root_length);
		check_field(text, mount.point, mount.point_length);
		EXPECT(plain);
		EXPECT(parse_escaped(mount.point, mount.point_length, plain) <=
		       mount.point_length);
		free(plain);
		rest = next;
	}
}

/* As the kernel writes a path: blanks, line ends and backslashes in octal. */
static size_t escape(const char *from, size_t length, char *to)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		if (strchr(" \t\n\\#", from[i]) && from[i])
			used += (size_t)sprintf(to + used, "\\%03o", (unsigned char)from[i]);
		else
			to[used++] = from[i];
	}
	to[used] = '\0';
	return used;
}

static void check_values(struct bytes bytes)
{
	static const struct {
		const char *tail;
		int version; /* 0: not one of them */
	} kinds[] = {
		{ "rw - cgroup2 cgroup2 rw,nsdelegate", 2 },
		{ "rw shared:4 master:1 - cgroup2 none rw", 2 },
		{ "rw - cgroup cgroup rw,memory", 1 },
		{ "rw - cgroup none rw,cpu,memory,pids", 1 },
		{ "rw - cgroup cgroup rw,cpu,cpuacct", 0 },
		{ "rw - cgroup cgroup rw,name=memory", 0 },
		{ "rw - tmpfs cgroup2 rw,memory", 0 },
		{ "rw - ext4 /dev/vda rw", 0 },
	};
	struct { char point[17]; size_t length; int version; } want[8];
	char text[4096] = "", escaped[80], plain[80];
	int lines = take_byte(&bytes) % 8, wanted = 0;
	struct cgroup_mount mount;
	const char *rest = text;
	size_t used = 0;

	for (int i = 0; i < lines; i++) {
		unsigned int kind = take_byte(&bytes) % 8;
		size_t length = 1 + take_byte(&bytes) % 16;

		want[wanted].version = kinds[kind].version;
		want[wanted].length = length;
		want[wanted].point[0] = '/';
		for (size_t at = 1; at < length; at++) {
			uint8_t byte = take_byte(&bytes);

			want[wanted].point[at] = (char)(byte ? byte : 'x');
		}
		escape(want[wanted].point, length, escaped);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%d 1 0:%d /r %s %s\n", i, i, escaped,
					 kinds[kind].tail);
		wanted += !!kinds[kind].version;
	}
	for (int i = 0; i < wanted; i++) {
		rest = parse_cgroup_mount(rest, &mount);
		EXPECT(rest);
		EXPECT(mount.version == want[i].version);
		EXPECT(mount.root_length == 2 && !memcmp(mount.root, "/r", 2));
		EXPECT(mount.point_length < sizeof(plain));
		EXPECT(parse_escaped(mount.point, mount.point_length, plain) == want[i].length);
		EXPECT(!memcmp(plain, want[i].point, want[i].length));
	}
	EXPECT(!parse_cgroup_mount(rest, &mount));
}
