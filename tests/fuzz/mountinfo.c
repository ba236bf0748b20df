// SPDX-License-Identifier: MIT
/* /proc/PID/mountinfo, of which the option hidepid is wanted. */
#include "both-ways.h"
#include "parse.h"

static void check_text(const char *text)
{
	int hidepid = parse_hidepid(text);

	EXPECT(hidepid == -1 || hidepid == 0 || hidepid == 1 || hidepid == 2 || hidepid == 4);
	if (hidepid != -1)
		EXPECT(strstr(text, " /proc ") && strstr(text, " - proc "));
}

/* The last one that is mounted on /proc counts, and no other. */
static void check_values(struct bytes bytes)
{
	static const struct {
		const char *line;
		int hidepid; /* -2: not a /proc */
	} kinds[] = {
		{ "22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw\n", 0 },
		{ "22 27 0:21 / /proc rw - proc proc rw,hidepid=invisible\n", 2 },
		{ "22 27 0:21 / /proc rw master:1 - proc proc rw,gid=4,hidepid=1\n", 1 },
		{ "22 27 0:21 / /proc rw - proc none rw,hidepid=ptraceable,subset=pid\n", 4 },
		{ "22 27 0:21 / /proc rw - proc proc rw,hidepid=off\n", 0 },
		{ "22 27 0:21 / /mnt/proc rw - proc proc rw,hidepid=2\n", -2 },
		{ "22 27 0:21 / /proc/bus ro - proc proc rw,hidepid=2\n", -2 },
		{ "22 27 0:21 / /proc rw - tmpfs none rw,hidepid=2\n", -2 },
	};
	int lines = take_byte(&bytes) % 12, want = -1;
	char text[2048] = "";
	size_t used = 0;

	for (int i = 0; i < lines; i++) {
		unsigned int kind = take_byte(&bytes) % 8;

		if (kinds[kind].hidepid != -2)
			want = kinds[kind].hidepid;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s",
					 kinds[kind].line);
	}
	EXPECT(parse_hidepid(text) == want);
}
