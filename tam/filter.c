// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "filter.h"

#include <stdlib.h>

static bool has_user(const struct filter *filter, uint32_t uid)
{
	for (size_t i = 0; i < filter->user_count; i++)
		if (filter->users[i] == uid)
			return true;
	return false;
}

bool filter_passes(const struct filter *filter, const struct tamalloc_process *process)
{
	uint64_t fields = filter_fields(filter);

	/* What is not known may be anything. */
	if ((process->fields & fields) != fields)
		return false;
	if (process->committed < filter->least)
		return false;
	if (filter->user_count && !has_user(filter, process->user))
		return false;
	return !filter->by_command ||
	       !regexec(&filter->command, process->command, 0, NULL, 0);
}

uint64_t filter_fields(const struct filter *filter)
{
	return (filter->user_count ? TAMALLOC_USER : 0) |
	       (filter->by_command ? TAMALLOC_COMMAND : 0) |
	       (filter->least ? TAMALLOC_COMMITTED : 0);
}

bool filter_add_user(struct filter *filter, uint32_t uid)
{
	uint32_t *users = reallocarray(filter->users, filter->user_count + 1,
				       sizeof(*users));

	if (!users)
		return false;
	filter->users = users;
	users[filter->user_count++] = uid;
	return true;
}

int filter_set_command(struct filter *filter, const char *expression)
{
	int wrong;

	if (filter->by_command)
		regfree(&filter->command);
	wrong = regcomp(&filter->command, expression, REG_EXTENDED | REG_NOSUB);
	filter->by_command = !wrong;
	return wrong;
}

void filter_free(struct filter *filter)
{
	if (filter->by_command)
		regfree(&filter->command);
	free(filter->users);
	*filter = (struct filter){ 0 };
}
