// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "intl.h"
#include "message.h"
#include "output.h"
#include "parse.h"
#include "run.h"

static const char help[] = N_(
"Usage: tam run [OPTION...] [--] COMMAND [ARGUMENT...]\n"
"\n"
"Runs COMMAND with the allocator of tamalloc for large blocks of memory: of those\n"
"that have to read as zero, it zeroes what was touched and nothing else.\n"
"\n"
"  -r, --report          at the end show on stderr what each process saved\n"
"      --json            the same for programs, in bytes\n"
"      --output=FILE     show it in FILE instead\n"
"      --decay=MS        keep freed memory for so many milliseconds, 0 to 3600000\n"
"      --background      give it back then even if COMMAND asks for none any more\n"
"      --cache=PERCENT   let it and what is used exceed the latter's recent peak\n"
"                        by so much at most, 0 to 1000\n"
"      --threshold=SIZE  which blocks are large: from SIZE on, 64K to 1G\n"
"      --no-huge-pages   use no huge pages\n"
"  -h, --help            show this help\n"
"\n"
"Exit status: that of COMMAND; 128 + N killed by signal N, 127 not found, 126\n"
"cannot be executed, 125 tam run itself failed.\n");

enum { OPTION_JSON = 256, OPTION_OUTPUT, OPTION_BACKGROUND, OPTION_DECAY, OPTION_CACHE,
       OPTION_THRESHOLD, OPTION_NO_HUGE_PAGES };

static const struct option options[] = {
	{ "report", no_argument, NULL, 'r' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "output", required_argument, NULL, OPTION_OUTPUT },
	{ "background", no_argument, NULL, OPTION_BACKGROUND },
	{ "decay", required_argument, NULL, OPTION_DECAY },
	{ "cache", required_argument, NULL, OPTION_CACHE },
	{ "threshold", required_argument, NULL, OPTION_THRESHOLD },
	{ "no-huge-pages", no_argument, NULL, OPTION_NO_HUGE_PAGES },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct request {
	bool reports, json;
	const char *output; /* NULL: stderr */
};

static int set(const char *variable, const char *value)
{
	return setenv(variable, value, 1) ? fail("run", "%s", strerror(ENOMEM)) : 0;
}

static int set_number(const char *variable, unsigned long number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lu", number);
	return set(variable, digits);
}

/* Digits alone, and not above most. */
static bool parse_number(const char *text, unsigned long most, unsigned long *number)
{
	size_t digits = strspn(text, "0123456789");

	errno = 0;
	*number = strtoul(text, NULL, 10);
	return digits && !text[digits] && !errno && *number <= most;
}

static int set_decay(void)
{
	unsigned long milliseconds;

	if (!parse_number(optarg, 3600000, &milliseconds))
		return usage("run", _("--decay '%s': a decay is a whole number of milliseconds "
				      "from 0 to 3600000"), optarg);
	return set_number("TAMALLOC_DECAY", milliseconds);
}

static int set_cache(void)
{
	unsigned long percent;

	if (!parse_number(optarg, 1000, &percent))
		return usage("run", _("--cache '%s': a percentage is a whole number here, from 0 "
				      "to 1000"), optarg);
	return set_number("TAMALLOC_CACHE", percent);
}

static int set_threshold(void)
{
	size_t size;

	if (parse_size(optarg, &size) || size < 64 << 10 || size > 1 << 30)
		return usage("run", _("--threshold '%s': a threshold is a size from 64K to 1G, "
				      "such as 512K"), optarg);
	return set_number("TAMALLOC_THRESHOLD", size);
}

/* Settings go to the library by the environment. */
static int take_option(int option, char **argv, struct request *request)
{
	switch (option) {
	case 'r':
		request->reports = true;
		return 0;
	case OPTION_JSON:
		request->reports = request->json = true;
		return 0;
	case OPTION_OUTPUT:
		request->reports = true;
		request->output = optarg;
		return 0;
	case OPTION_BACKGROUND:
		return set("TAMALLOC_BACKGROUND", "1");
	case OPTION_DECAY:
		return set_decay();
	case OPTION_CACHE:
		return set_cache();
	case OPTION_THRESHOLD:
		return set_threshold();
	case OPTION_NO_HUGE_PAGES:
		return set("TAMALLOC_HUGE_PAGES", "0");
	default:
		return usage_option("run", option, argv, options);
	}
}

/* Where the report goes, before there is one: a wrong name is to be known in time. */
static int open_output(const struct request *request, int *output)
{
	*output = STDERR_FILENO;
	if (!request->output)
		return 0;
	*output = open(request->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
		       0666);
	if (*output >= 0)
		return 0;
	return fail("run", "--output '%s': %s", request->output, strerror(errno));
}

/* tam itself has nothing to say on its stdout, which is now that of the report. */
static int show(const struct request *request, struct run_rows *rows,
		const struct run_end *end, int output)
{
	if (dup2(output, STDOUT_FILENO) < 0)
		return fail("run", _("writing the output: %s"), strerror(errno));
	return run_show(rows, end, request->json);
}

static int run_and_report(const struct request *request, char **command)
{
	struct run_file file;
	struct run_rows rows;
	struct run_end end;
	int output;
	int status;

	if (open_output(request, &output) || run_file_open(&file))
		return RUN_FAILED;
	status = run_and_wait(command, &end);
	if (status) {
		run_file_close(&file, false);
		return status;
	}
	status = run_file_read(&file, &rows);
	/* One that cannot be read may be looked at. */
	run_file_close(&file, status);
	if (!status)
		status = show(request, &rows, &end, output);
	run_rows_free(&rows);
	return end.status || !status ? end.status : RUN_FAILED;
}

int command_run(int argc, char **argv)
{
	struct request request = { 0 };
	int option;

	/* What follows the command is the command's. */
	while ((option = getopt_long(argc, argv, "+:rh", options, NULL)) != -1) {
		if (option == 'h')
			return output_text("run", _(help));
		if (take_option(option, argv, &request))
			return RUN_FAILED;
	}
	if (optind == argc) {
		usage("run", _("no command; see 'tam run --help'"));
		return RUN_FAILED;
	}
	if (run_preload())
		return RUN_FAILED;
	if (request.reports)
		return run_and_report(&request, argv + optind);
	return run_become(argv + optind);
}
