// SPDX-License-Identifier: MIT
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "diagnosis.h"
#include "intl.h"
#include "json.h"
#include "message.h"
#include "output.h"

static const char help[] = N_(
"Usage: tam doctor [--json]\n"
"\n"
"Looks at what works on this machine, what limits the answers, and why: the\n"
"kernel and its system calls, the backend in use, a small trial of everything\n"
"that tam does, and the settings that hide processes.\n"
"\n"
"Each line begins with ok, note (good to know) or fail. Exit status: 0 when\n"
"nothing fails, 1 otherwise.\n"
"\n"
"      --json  for programs\n"
"  -h, --help  show this help\n");

enum { OPTION_JSON = 256 };

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static const struct {
	const char *word; /* the same in every language */
	const char *color;
} verdicts[] = {
	[VERDICT_OK] = { "ok", "\033[32m" },
	[VERDICT_NOTE] = { "note", "\033[33m" },
	[VERDICT_FAIL] = { "fail", "\033[31m" },
};

static const char *const gains[] = {
	N_("one call tells of all processes, and no file of /proc is opened"),
	N_("memory that processes share is always counted once"),
	N_("what outlives its first thread is found without a look at all threads"),
};

#define GAINS (sizeof(gains) / sizeof(gains[0]))

static void print(const struct diagnosis *diagnosis)
{
	bool styled = output_is_styled();

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		printf("%s%-4s%s  %-10s  %s\n",
		       styled ? verdicts[finding->verdict].color : "",
		       verdicts[finding->verdict].word, styled ? "\033[m" : "",
		       finding->name, finding->message);
	}
	if (!diagnosis->lacks_calls)
		return;
	printf("\n%s\n", _("With the patched kernel, and all its calls allowed:"));
	for (size_t i = 0; i < GAINS; i++)
		printf("  - %s\n", _(gains[i]));
}

static void print_json(const struct diagnosis *diagnosis)
{
	struct json json = { .out = stdout };

	json_begin_object(&json, NULL);
	json_bool(&json, "works", diagnosis->works);
	json_begin_array(&json, "findings");
	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		json_begin_object(&json, NULL);
		json_text(&json, "name", finding->name);
		json_text(&json, "verdict", verdicts[finding->verdict].word);
		if (finding->is_number)
			json_unsigned(&json, "value", finding->number);
		else
			json_text(&json, "value", finding->text);
		json_text(&json, "message", finding->message);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_begin_array(&json, "with_patched_kernel");
	for (size_t i = 0; diagnosis->lacks_calls && i < GAINS; i++)
		json_text(&json, NULL, _(gains[i]));
	json_end_array(&json);
	json_end_object(&json);
}

int command_doctor(int argc, char **argv)
{
	struct diagnosis diagnosis;
	bool json = false;
	int status;
	int option;

	while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (option) {
		case OPTION_JSON:
			json = true;
			break;
		case 'h':
			fputs(_(help), stdout);
			return output_flush("doctor");
		default:
			return usage_option("doctor", option, argv, options);
		}
	}
	if (optind < argc)
		return usage("doctor", _("unexpected argument '%s'"), argv[optind]);

	/* Programs get the same text, in UTF-8, whatever the user's language. */
	if (json)
		setlocale(LC_MESSAGES, "C");
	diagnosis_make(&diagnosis);
	if (diagnosis.is_short) {
		status = fail("doctor", "%s", strerror(ENOMEM));
	} else {
		if (json)
			print_json(&diagnosis);
		else
			print(&diagnosis);
		status = output_flush("doctor");
		if (!status && !diagnosis.works)
			status = EXIT_FAILED;
	}
	diagnosis_free(&diagnosis);
	return status;
}
