// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "arguments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "intl.h"
#include "message.h"
#include "parse.h"
#include "text.h"
#include "users.h"

typedef int take(const char *what, const char *option, const char *word, void *to);

/* Hands the words of a list over, one by one, until one is refused. */
static int each_word(const char *what, const char *option, const char *text, take *take,
		     void *to)
{
	char *copy = strdup(text);
	char *rest = NULL;
	int status = 0;
	char *word;

	if (!copy)
		return fail(what, "%s", strerror(ENOMEM));
	word = strtok_r(copy, ", ", &rest);
	if (!word)
		status = usage(what, _("%s '%s': names nothing"), option, text);
	for (; word && !status; word = strtok_r(NULL, ", ", &rest))
		status = take(what, option, word, to);
	free(copy);
	return status;
}

static int unknown_column(const char *what, const char *option, const char *name)
{
	const char *nearest = column_nearest(name);

	if (nearest)
		return usage(what, _("%s '%s': no such column; did you mean '%s'?"),
			     option, name, nearest);
	return usage(what, _("%s '%s': no such column; see 'tam ps -o help'"), option,
		     name);
}

static int take_column(const char *what, const char *option, const char *word, void *to)
{
	const struct column *column = column_find(word);

	if (!column)
		return unknown_column(what, option, word);
	if (((struct column_list *)to)->count == COLUMNS_GIVEN_MAX)
		return usage(what, _("%s '%s': at most %d columns"), option, word,
			     COLUMNS_GIVEN_MAX);
	column_list_add(to, column);
	return 0;
}

int arguments_columns(const char *what, const char *text,
		      struct arguments_columns *columns)
{
	if (!columns->is_given)
		columns->keeps_default = *text == '+';
	columns->is_given = true;
	return each_word(what, "--columns", text + (*text == '+'), take_column,
			 &columns->list);
}

struct column_list arguments_chosen(const struct arguments_columns *columns,
				    const char *names)
{
	struct column_list chosen = { 0 };

	if (!columns->is_given || columns->keeps_default)
		chosen = column_list_of(names);
	for (size_t i = 0; i < columns->list.count; i++)
		column_list_add(&chosen, columns->list.column[i]);
	return chosen;
}

static int take_key(const char *what, const char *option, const char *word, void *to)
{
	bool has_sign = *word == '-' || *word == '+';
	const struct column *column = column_find(word + has_sign);

	if (!column)
		return unknown_column(what, option, word + has_sign);
	if (!order_add(to, column, *word == '-'))
		return usage(what, _("%s '%s': at most %d columns"), option, word,
			     ORDER_MAX);
	return 0;
}

int arguments_order(const char *what, const char *text, struct order *order)
{
	return each_word(what, "--sort", text, take_key, order);
}

static int take_user(const char *what, const char *option, const char *word, void *to)
{
	char *nearest;
	uint32_t uid;
	int status;

	if (users_find(word, &uid))
		return filter_add_user(to, uid) ? 0 : fail(what, "%s", strerror(ENOMEM));
	nearest = users_nearest(word);
	if (nearest)
		status = usage(what, _("%s '%s': no such user; did you mean '%s'?"),
			       option, word, nearest);
	else
		status = usage(what, _("%s '%s': no such user"), option, word);
	free(nearest);
	return status;
}

int arguments_users(const char *what, const char *text, struct filter *filter)
{
	return each_word(what, "--user", text, take_user, filter);
}

int arguments_command(const char *what, const char *text, struct filter *filter)
{
	int wrong = filter_set_command(filter, text);
	char why[128];

	if (!wrong)
		return 0;
	regerror(wrong, &filter->command, why, sizeof(why));
	return usage(what, _("--command '%s': not a regular expression: %s"), text, why);
}

static int take_pid(const char *what, const char *option, const char *word, void *to)
{
	struct pid_list *pids = to;
	pid_t *list = reallocarray(pids->list, pids->count + 1, sizeof(*list));
	const char *wrong;

	if (!list)
		return fail(what, "%s", strerror(ENOMEM));
	pids->list = list;
	wrong = parse_pid(word, &list[pids->count]);
	if (wrong && option)
		return usage(what, "%s '%s': %s", option, word, wrong);
	if (wrong)
		return usage(what, "'%s': %s", word, wrong);
	pids->count++;
	return 0;
}

int arguments_pids(const char *what, const char *text, struct pid_list *pids)
{
	return each_word(what, "--pid", text, take_pid, pids);
}

int arguments_pid(const char *what, const char *text, struct pid_list *pids)
{
	return take_pid(what, NULL, text, pids);
}

int arguments_by(const char *what, const char *text, const struct column **by)
{
	const char *nearest;

	*by = groups_column(text);
	if (*by)
		return 0;
	nearest = text_nearest(text, groups_names);
	if (nearest)
		return usage(what,
			     _("--by '%s': groups are by user, command or cgroup; "
			       "did you mean '%s'?"), text, nearest);
	return usage(what, _("--by '%s': groups are by user, command or cgroup"), text);
}

int arguments_count(const char *what, const char *option, const char *text,
		    unsigned long *count)
{
	const char *wrong = parse_count(text, count);

	return wrong ? usage(what, "%s '%s': %s", option, text, wrong) : 0;
}

int arguments_watch(const char *what, const char *option, const char *text,
		    double *seconds)
{
	const char *wrong = parse_watch(text, seconds);

	return wrong ? usage(what, "%s '%s': %s", option, text, wrong) : 0;
}
