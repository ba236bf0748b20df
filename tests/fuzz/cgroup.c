// SPDX-License-Identifier: MIT
/* /proc/PID/cgroup. */
#include "both-ways.h"
#include "parse.h"

static void check_text(const char *text)
{
	size_t length = 0;
	const char *path = parse_cgroup(text, &length);

	if (!path)
		return;
	EXPECT(path > text && path[-1] == ':');
	EXPECT(path + length <= text + strlen(text));
	EXPECT(!memchr(path, '\n', length));
	EXPECT(!path[length] || path[length] == '\n');
}

/*
 * Lines of each kind, each with its own number as its path, so that the one that
 * must be found is known.
 */
static void check_values(struct bytes bytes)
{
	static const char *const kinds[] = {
		"12:cpu,cpuacct:/%d\n", "1:name=memory:/%d\n", "3:memory:/%d\n",
		"4:cpu,memory,pids:/%d\n", "0::/%d:memory\n", "5:memory2:/%d\n",
	};
	int version1 = -1, version2 = -1, want;
	int lines = take_byte(&bytes) % 16;
	char text[1024] = "", expected[32];
	size_t length = 0, used = 0;
	const char *path;

	for (int i = 0; i < lines; i++) {
		unsigned int kind = take_byte(&bytes) % 6;

		if ((kind == 2 || kind == 3) && version1 < 0)
			version1 = i;
		if (kind == 4 && version2 < 0)
			version2 = i;
		used += (size_t)snprintf(text + used, sizeof(text) - used, kinds[kind], i);
	}
	path = parse_cgroup(text, &length);
	want = version1 >= 0 ? version1 : version2;
	EXPECT(!path == (want < 0));
	if (!path)
		return;
	snprintf(expected, sizeof(expected), version1 >= 0 ? "/%d" : "/%d:memory", want);
	EXPECT(length == strlen(expected) && !memcmp(path, expected, length));
}
