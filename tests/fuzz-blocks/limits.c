// SPDX-License-Identifier: MIT
/* Children with little address space, or few descriptors, and then with enough again. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fuzz.h"

static void set(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return;
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	setrlimit(resource, &limit);
}

/* Bytes of address space; no memory is asked for. */
static size_t reserved(void)
{
	char text[32] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 512 * MIB;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strtoul(text, NULL, 10) * PAGE;
}

/* Room for some blocks, for one, or for hardly any. */
static void set_room(void)
{
	set(RLIMIT_AS, reserved() + below((size_t)64 * KIB << below(11)));
}

static void change_limits(void)
{
	if (below(8))
		return;
	switch (below(6)) {
	case 0:
		set(RLIMIT_AS, RLIM_INFINITY);
		set(RLIMIT_DATA, RLIM_INFINITY);
		break;
	case 1:
		set(RLIMIT_NOFILE, 3 + below(200));
		break;
	case 2:
		set(RLIMIT_NOFILE, 1024);
		break;
	case 3:
		set(RLIMIT_DATA, reserved() + below(64 * MIB));
		break;
	default:
		set_room();
	}
}

static void begin_limits(void)
{
	me.is_short = true;
	set_room();
}

void fork_limited(void)
{
	doing(LIMITING);
	fork_child(100 + below(500), begin_limits, change_limits);
}
