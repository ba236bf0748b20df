// SPDX-License-Identifier: MIT
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "intl.h"
#include "message.h"
#include "output.h"
#include "text.h"

static const char *help(void)
{
	return _(
"Usage: tam SUBCOMMAND [ARGUMENT...]\n"
"\n"
"Shows memory that is reserved at once and committed when it is first touched.\n"
"\n"
"  ps [PID...]    memory of each process, or of those named\n"
"  total          memory of all processes together, and of the machine\n"
"  top            the same as a live view\n"
"  map PID        memory of a process, region by region\n"
"  oom            who would be killed if memory ran out, and who next\n"
"  alloc [SIZE]   demonstration: reserve, touch, look\n"
"  run COMMAND    runs a program with the allocator of tamalloc\n"
"  doctor         what works here, what limits it, and why\n"
"\n"
"  -h, --help     show this help; 'tam SUBCOMMAND --help' about a subcommand\n"
"  -V, --version  show the version\n"
"\n"
"Exit status: 0 done, 1 what was asked for failed, 2 wrong usage; run: its own.\n"
"Uses the tamalloc system calls where the kernel has them, else /proc.\n"
"More: man tam\n");
}

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "total", command_total },
	{ "ps", command_ps },
	{ "top", command_top },
	{ "oom", command_oom },
	{ "map", command_map },
	{ "alloc", command_alloc },
	{ "run", command_run },
	{ "doctor", command_doctor },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage_command(const char *given)
{
	const char *names[COMMANDS + 3] = { "--help", "--version" };
	const char *nearest;

	for (size_t i = 0; i < COMMANDS; i++)
		names[2 + i] = commands[i].name;
	nearest = text_nearest(given, names);
	if (*given == '-' && nearest)
		return usage(NULL, _("unknown option '%s'; did you mean '%s'?"), given,
			     nearest);
	if (*given == '-')
		return usage(NULL, _("unknown option '%s'; see 'tam --help'"), given);
	if (nearest)
		return usage(NULL, _("unknown subcommand '%s'; did you mean '%s'?"), given,
			     nearest);
	return usage(NULL, _("unknown subcommand '%s'; see 'tam --help'"), given);
}

int main(int argc, char **argv)
{
	/* Numbers stay as they are: others read and compare them. */
	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
	bindtextdomain("tam", LOCALEDIR);
	textdomain("tam");
	/* A reader who leaves is noticed when writing. */
	run_sigpipe = signal(SIGPIPE, SIG_IGN);

	if (argc < 2)
		return usage(NULL, _("no subcommand; see 'tam --help'"));
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help")) {
		fputs(help(), stdout);
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
