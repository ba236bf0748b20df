// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include "allocator.h"

#define THRESHOLD_LEAST ((size_t)64 << 10)
#define THRESHOLD_MOST	((size_t)1 << 30)

struct settings settings = {
	.threshold = (size_t)256 << 10,
	.decay = 1000,
	.background = -1,
	.cache = 20,
	.huge_pages = 1,
};

static const struct {
	enum tamalloc_setting setting;
	const char *name; /* in the environment */
	long most;
	_Atomic int *value;
} known[] = {
	{ TAMALLOC_BACKGROUND, "TAMALLOC_BACKGROUND", 1, &settings.background },
	{ TAMALLOC_DECAY, "TAMALLOC_DECAY", 3600000, &settings.decay },
	{ TAMALLOC_CACHE, "TAMALLOC_CACHE", 1000, &settings.cache },
	{ TAMALLOC_HUGE_PAGES, "TAMALLOC_HUGE_PAGES", 1, &settings.huge_pages },
	{ TAMALLOC_LOOK, "TAMALLOC_LOOK", 1, &look_setting },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

/* A whole number in range, or nothing: a program is not ended for its environment. */
static bool read_number(const char *name, long least, long most, long *value)
{
	const char *text = secure_getenv(name);
	char *end;
	int before = errno;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtol(text, &end, 10);
	if (errno || *end || *value < least || *value > most) {
		errno = before;
		return false;
	}
	errno = before;
	return true;
}

/* What the program has set already is not read: it knows better. */
static _Atomic uint32_t is_set;

static void read_environment(void)
{
	long value;

	for (size_t i = 0; i < KNOWN; i++)
		if (!(atomic_load(&is_set) >> known[i].setting & 1) &&
		    read_number(known[i].name, 0, known[i].most, &value))
			atomic_store(known[i].value, (int)value);
	if (read_number("TAMALLOC_THRESHOLD", (long)THRESHOLD_LEAST, (long)THRESHOLD_MOST, &value))
		settings.threshold = (size_t)value;
	if (read_number("TAMALLOC_AUDIT", 0, 1, &value))
		settings.audit = value;
	if (getauxval(AT_PAGESZ) != PAGE)
		settings.threshold = SIZE_MAX;
}

void settings_read(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_environment);
}

int tamalloc_set(enum tamalloc_setting setting, long value)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].setting != setting)
			continue;
		if (value < 0 || value > known[i].most)
			return -EINVAL;
		atomic_fetch_or(&is_set, 1U << setting);
		atomic_store(known[i].value, (int)value);
		return 0;
	}
	return -EINVAL;
}
