// SPDX-License-Identifier: MIT
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "calls.h"
#include "commands.h"
#include "message.h"
#include "output.h"
#include "parse.h"
#include "screen.h"

static const char help[] =
"Usage: tam total [--watch[=SECONDS]]\n"
"\n"
"Shows the memory of all processes together, in MiB: reserved (address space)\n"
"and committed (resident).\n"
"\n"
"  -w, --watch[=SECONDS]  clear the screen and show it again every SECONDS,\n"
"                         1 unless given, at least 0.1, until Ctrl+C; where\n"
"                         stdout is not a terminal, one line each time\n"
"  -h, --help             show this help\n";

static const struct option options[] = {
	{ "watch", optional_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int show(void)
{
	struct memory_total total;
	int err = calls_total(&total);

	if (err) {
		screen_end();
		return fail_call("total", err);
	}
	screen_clear();
	printf("reserved %" PRIu64 " MiB, committed %" PRIu64 " MiB\n",
	       total.vm_mb, total.rss_mb);
	return output_flush("total");
}

int command_total(int argc, char **argv)
{
	const char *wrong;
	bool watch = false;
	double seconds = 1;
	int option;
	int status;

	while ((option = getopt_long(argc, argv, ":w::h", options, NULL)) != -1) {
		switch (option) {
		case 'w':
			watch = true;
			if (!optarg)
				break;
			wrong = parse_watch(optarg, &seconds);
			if (wrong)
				return usage("total", "--watch '%s': %s", optarg, wrong);
			break;
		case 'h':
			fputs(help, stdout);
			return output_flush("total");
		default:
			return usage_option("total", option, argv, options);
		}
	}
	if (optind < argc)
		return usage("total", "unexpected argument '%s'%s", argv[optind],
			     watch ? "; an interval is given as --watch=SECONDS" : "");

	if (watch)
		screen_begin(output_is_styled());
	while (!(status = show()) && watch)
		screen_sleep(seconds);
	return status;
}
