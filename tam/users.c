// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "users.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct user {
	uint32_t uid;
	char name[];
};

static int compare(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

static struct user *look_up(uint32_t uid)
{
	const struct passwd *entry = getpwuid(uid);
	char number[16];
	struct user *user;
	const char *name;

	snprintf(number, sizeof(number), "%u", uid);
	name = entry ? entry->pw_name : number;
	user = malloc(sizeof(*user) + strlen(name) + 1);
	if (user) {
		user->uid = uid;
		strcpy(user->name, name);
	}
	return user;
}

const char *users_name(uint32_t uid)
{
	static const struct user *last;
	static void *known;
	const struct user wanted = { .uid = uid };
	struct user **found;
	struct user *user;

	/* Mostly the same one as before. */
	if (last && last->uid == uid)
		return last->name;
	found = tfind(&wanted, &known, compare);
	if (!found) {
		user = look_up(uid);
		if (!user)
			return NULL;
		found = tsearch(user, &known, compare);
		if (!found) {
			free(user);
			return NULL;
		}
	}
	last = *found;
	return last->name;
}

bool users_find(const char *text, uint32_t *uid)
{
	const struct passwd *entry;
	unsigned long long value;
	char *end;

	entry = *text ? getpwnam(text) : NULL;
	if (entry) {
		*uid = entry->pw_uid;
		return true;
	}
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	/* The highest one is nobody's: chown(2) takes it for "no change". */
	if (*end || errno || value >= UINT32_MAX)
		return false;
	*uid = (uint32_t)value;
	return true;
}

char *users_nearest(const char *name)
{
	const struct passwd *entry;
	char *nearest = NULL;

	setpwent();
	while ((entry = getpwent())) {
		/* Against the best so far: the nearer of two. */
		const char *const pair[] = { nearest ? nearest : entry->pw_name,
					     entry->pw_name, NULL };
		const char *best = text_nearest(name, pair);

		if (best && best != nearest) {
			free(nearest);
			nearest = strdup(best);
		}
	}
	endpwent();
	return nearest;
}
