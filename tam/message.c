// SPDX-License-Identifier: MIT
#include "message.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intl.h"
#include "text.h"

#define OPTIONS_MAX 32

/* Arguments may hold anything; a message stays one plain line. */
static void complain(const char *what, const char *why, va_list args)
{
	char line[512];
	char *safe;

	vsnprintf(line, sizeof(line), why, args);
	safe = text_escape(line, false);
	fprintf(stderr, "tam: %s%s%s\n", what ? what : "", what ? ": " : "",
		safe ? safe : strerror(ENOMEM));
	free(safe);
}

int fail(const char *what, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	complain(what, why, args);
	va_end(args);
	return EXIT_FAILED;
}

int fail_call(const char *what, int err)
{
	switch (err) {
	case -ENOSYS:
		return fail(what, _("TAMALLOC_BACKEND=syscall: this kernel has no tamalloc "
				    "system calls (ENOSYS); without it, /proc is used"));
	case -EPERM:
		return fail(what, _("the tamalloc system calls are refused (EPERM), "
				    "probably by a seccomp filter"));
	case -ENOENT:
		return fail(what, _("no processes in /proc: is it mounted?"));
	default:
		return fail(what, "%s", strerror(-err));
	}
}

int usage(const char *what, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	complain(what, why, args);
	va_end(args);
	return EXIT_USAGE;
}

const char *negative_number(char **argv, int digit)
{
	if (!isdigit(digit))
		return NULL;
	for (argv++; *argv; argv++)
		if ((*argv)[0] == '-' && (*argv)[1] == digit)
			return *argv;
	return NULL;
}

static int unknown_long(const char *what, const char *name,
			const struct option *options)
{
	const char *names[OPTIONS_MAX + 1] = { 0 };
	const char *nearest;

	for (size_t i = 0; i < OPTIONS_MAX && options[i].name; i++)
		names[i] = options[i].name;
	nearest = text_nearest(name + 2, names);
	if (nearest)
		return usage(what, _("unknown option '%s'; did you mean '--%s'?"), name,
			     nearest);
	return usage(what, _("unknown option '%s'; see 'tam %s --help'"), name, what);
}

/* An option that exists and takes no value was given one, with a "=". */
static bool has_unwanted_value(const char *word, const struct option *options)
{
	if (strncmp(word, "--", 2) || !strchr(word, '='))
		return false;
	for (; options->name; options++)
		if (options->val == optopt && options->has_arg == no_argument)
			return true;
	return false;
}

int usage_option(const char *what, int result, char **argv,
		 const struct option *options)
{
	const char *word = argv[optind - 1];
	char *name = strndup(word, strcspn(word, "="));
	int status;

	if (!name)
		status = fail(what, "%s", strerror(ENOMEM));
	else if (result == ':')
		status = usage(what, _("option '%s' needs a value"), name);
	else if (has_unwanted_value(word, options))
		status = usage(what, _("option '%s' takes no value"), name);
	else if (optopt)
		/* Perhaps one of several letters, of which getopt does not say where. */
		status = usage(what, _("unknown option '-%c'; see 'tam %s --help'"), optopt,
			       what);
	else
		status = unknown_long(what, name, options);
	free(name);
	return status;
}
