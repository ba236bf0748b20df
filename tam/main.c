// SPDX-License-Identifier: MIT
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "message.h"
#include "output.h"
#include "text.h"

static const char help[] =
"Usage: tam SUBCOMMAND [ARGUMENT...]\n"
"\n"
"Shows memory that is reserved at once and committed when it is first touched.\n"
"\n"
"  total [--watch[=SECONDS]]   memory of all processes together\n"
"  ps [PID...]                 memory of each process, or of those named\n"
"  alloc [SIZE]                demonstration: reserve, touch, look\n"
"\n"
"  -h, --help                  show this help; after a subcommand, about it\n"
"  -V, --version               show the version\n"
"\n"
"Exit status: 0 done, 1 what was asked for failed, 2 wrong usage.\n"
"Needs a kernel with the tamalloc system calls. More: man tam\n";

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "total", command_total },
	{ "ps", command_ps },
	{ "alloc", command_alloc },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage_command(const char *given)
{
	static const char *const names[] = {
		"total", "ps", "alloc", "--help", "--version", NULL
	};
	const char *nearest = text_nearest(given, names);
	const char *kind = *given == '-' ? "option" : "subcommand";

	if (nearest)
		return usage(NULL, "unknown %s '%s'; did you mean '%s'?", kind, given,
			     nearest);
	return usage(NULL, "unknown %s '%s'; see 'tam --help'", kind, given);
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	/* A reader who leaves is noticed when writing. */
	signal(SIGPIPE, SIG_IGN);

	if (argc < 2)
		return usage(NULL, "no subcommand; see 'tam --help'");
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return output_flush(NULL);
	}
	if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version")) {
		puts("tam " VERSION);
		return output_flush(NULL);
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return usage_command(argv[1]);
}
