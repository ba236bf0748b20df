// SPDX-License-Identifier: MIT
#include "message.h"

#include <errno.h>
#include <stdarg.h>
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

const char *short_option(char **argv, int letter)
{
	for (argv++; *argv; argv++)
		if ((*argv)[0] == '-' && (*argv)[1] != '-' && strchr(*argv, letter))
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

int usage_option(const char *what, int result, char **argv,
		 const struct option *options)
{
	char *name = strndup(argv[optind - 1], strcspn(argv[optind - 1], "="));
	const char *cluster;
	int status;

	if (!name) {
		status = fail(what, "%s", strerror(ENOMEM));
	} else if (result == ':') {
		status = usage(what, _("option '%s' needs a value"), name);
	} else if (!strncmp(name, "--", 2) && optopt) {
		status = usage(what, _("option '%s' takes no value"), name);
	} else if (!strncmp(name, "--", 2)) {
		status = unknown_long(what, name, options);
	} else {
		cluster = short_option(argv, optopt);
		status = usage(what, _("unknown option '%s'; see 'tam %s --help'"),
			       cluster ? cluster : name, what);
	}
	free(name);
	return status;
}
