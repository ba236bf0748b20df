// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "commands.h"
#include "message.h"
#include "output.h"
#include "parse.h"

static const char help[] =
"Usage: tam ps [PID...]\n"
"\n"
"Shows the memory of each process, or of those named: reserved (address space)\n"
"and committed (resident) in KB of 1024 bytes, how much of the reserved memory\n"
"is committed, and the OOM adjustment: -1000 (never killed) to 1000 (killed\n"
"first when memory runs out).\n"
"\n"
"Processes without memory of their own, such as kernel threads, are left out.\n"
"\n"
"  -h, --help  show this help\n";

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int fail_process(pid_t pid, int err)
{
	switch (err) {
	case -EINVAL:
		return fail("ps", "process %d: has no memory of its own: "
				  "a kernel thread or a zombie", pid);
	case -EPERM:
		return fail("ps", "process %d: not permitted (EPERM), by "
				  "vm.tamalloc_restrict or a seccomp filter", pid);
	default:
		return fail("ps", "process %d: %s", pid, strerror(-err));
	}
}

static int show_all(void)
{
	struct process_memory *list;
	size_t count;
	int status;
	int err;

	err = calls_processes(&list, &count);
	if (err == -ENOENT)
		return fail("ps", "no processes in /proc: is it mounted?");
	if (err)
		return fail_call("ps", err);
	status = output_table("ps", list, count);
	free(list);
	return status;
}

static int show_named(char **names, size_t count)
{
	struct process_memory *list = calloc(count, sizeof(*list));
	int status = EXIT_DONE;
	size_t found = 0;

	if (!list)
		return fail("ps", "%s", strerror(ENOMEM));
	/* All are looked at before anything is shown: bad usage does nothing. */
	for (size_t i = 0; i < count; i++) {
		const char *wrong = parse_pid(names[i], &list[i].pid);

		if (wrong) {
			status = usage("ps", "'%s': %s", names[i], wrong);
			goto out;
		}
	}
	for (size_t i = 0; i < count; i++) {
		pid_t pid = list[i].pid;
		int err = calls_process(pid, &list[found]);

		if (!err) {
			found++;
		} else if (err == -ENOSYS) {
			status = fail_call("ps", err);
			goto out;
		} else {
			status = fail_process(pid, err);
		}
	}
	if (found && output_table("ps", list, found))
		status = EXIT_FAILED;
out:
	free(list);
	return status;
}

int command_ps(int argc, char **argv)
{
	const char *text;
	int option;

	while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return output_flush("ps");
		default:
			/* A negative pid looks like an option. */
			text = short_option(argv, optopt);
			if (isdigit(optopt) && text)
				return usage("ps", "'%s': %s", text,
					     parse_pid(text, &(pid_t){ 0 }));
			return usage_option("ps", option, argv, options);
		}
	}
	if (optind == argc)
		return show_all();
	return show_named(argv + optind, (size_t)(argc - optind));
}
