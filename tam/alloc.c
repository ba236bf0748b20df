// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tamalloc.h>

#include "commands.h"
#include "intl.h"
#include "message.h"
#include "output.h"
#include "parse.h"
#include "region.h"
#include "screen.h"

static const char *const help = N_(
"Usage: tam alloc [SIZE] [--touch PERCENT] [--verify] [--interval S] [--count N]\n"
"\n"
"Demonstrates lazily zeroed memory: reserves a region of SIZE bytes (K, M, G or T\n"
"after it are powers of 1024; 1M unless given), writes its first and its last\n"
"byte, reads them back, and shows what this process has reserved and committed\n"
"before and after each step. Then again, until Ctrl+C. Regions are kept, so that\n"
"memory grows.\n"
"\n"
"  -t, --touch=PERCENT  write to that share of the pages, spread evenly; the\n"
"                       first and the last page are always among them\n"
"  -v, --verify         read every other byte too: all have to be zero\n"
"  -i, --interval=S     seconds between two regions, 1 unless given\n"
"  -c, --count=N        stop after N regions\n"
"  -h, --help           show this help\n");

static const struct option options[] = {
	{ "touch", required_argument, NULL, 't' },
	{ "verify", no_argument, NULL, 'v' },
	{ "interval", required_argument, NULL, 'i' },
	{ "count", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct plan {
	size_t size;
	double percent;
	bool verify;
	double interval;
	unsigned long count; /* 0: until stopped */
};

/* What a round does, in order, and this process's memory after each. */
enum { BEFORE, RESERVING, TOUCHING, READING, STEPS };

struct round {
	void *region;
	size_t pages, touched;
	bool read_back;
	size_t dirt;
	struct tamalloc_process after[STEPS];
};

static int look(struct tamalloc_process *self)
{
	const uint64_t wanted = TAMALLOC_RESERVED | TAMALLOC_COMMITTED;
	int err = tamalloc_process(getpid(), wanted, self, sizeof(*self));

	if (!err && (self->fields & wanted) != wanted)
		err = -ENODATA;
	return err;
}

/*
 * Nothing is printed in between: output takes memory of its own, which would
 * show in the figures.
 */
static int run_round(const struct plan *plan, struct round *round)
{
	int err;

	round->pages = region_pages(plan->size);
	round->touched = region_share(plan->size, plan->percent);

	err = look(&round->after[BEFORE]);
	if (err)
		return err;
	round->region = tamalloc_reserve(plan->size);
	if (!round->region)
		return -errno;
	err = look(&round->after[RESERVING]);
	if (err)
		return err;
	round->read_back = region_touch(round->region, plan->size, round->touched);
	err = look(&round->after[TOUCHING]);
	if (err || !plan->verify)
		return err;
	round->dirt = region_find_dirt(round->region, plan->size, round->touched);
	return look(&round->after[READING]);
}

/*
 * The first use of a function commits the page of the program that it is in.
 * A small round in advance takes that out of the figures.
 */
static int warm_up(void)
{
	const struct plan plan = { .size = 1, .verify = true };
	struct round round;
	int err = run_round(&plan, &round);

	return err ? err : tamalloc_release(round.region, plan.size);
}

static void print_region(unsigned long number, size_t size, const void *region)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	size_t whole = size;
	int unit = -1;

	while (unit < 3 && !(whole % 1024)) {
		whole /= 1024;
		unit++;
	}
	if (unit < 0)
		printf(ngettext("region %lu: %zu byte, at %p\n",
				"region %lu: %zu bytes, at %p\n", size),
		       number, size, region);
	else
		printf(ngettext("region %lu: %zu %s, %zu byte, at %p\n",
				"region %lu: %zu %s, %zu bytes, at %p\n", size),
		       number, whole, units[unit], size, region);
}

static uintmax_t kilobytes(uint64_t bytes)
{
	return bytes / 1024;
}

static intmax_t added(uint64_t before, uint64_t after)
{
	return (intmax_t)(kilobytes(after) - kilobytes(before));
}

static int digits(uint64_t bytes)
{
	return snprintf(NULL, 0, "%ju", kilobytes(bytes));
}

/* One line a step; the last of the figures are the widest. */
static void print_steps(const struct round *round, int steps)
{
	static const char *const names[] = { N_("before"), N_("reserving"),
					     N_("touching"), N_("reading") };
	const struct tamalloc_process *last = &round->after[steps - 1];
	int reserved_digits = digits(last->reserved);
	int committed_digits = digits(last->committed);

	for (int i = 0; i < steps; i++) {
		const struct tamalloc_process *after = &round->after[i];
		const struct tamalloc_process *before = i ? after - 1 : after;

		printf(_("  %-9s  reserved %*ju KB %+*jd  committed %*ju KB %+*jd\n"),
		       _(names[i]), reserved_digits, kilobytes(after->reserved),
		       reserved_digits + 1, added(before->reserved, after->reserved),
		       committed_digits, kilobytes(after->committed),
		       committed_digits + 1, added(before->committed, after->committed));
	}
}

static int show_round(const struct plan *plan, const struct round *round,
		      unsigned long number)
{
	size_t bytes = round->pages * (size_t)sysconf(_SC_PAGESIZE);

	print_region(number, plan->size, round->region);
	print_steps(round, plan->verify ? READING + 1 : TOUCHING + 1);
	printf(ngettext("  touched %zu of %zu page\n", "  touched %zu of %zu pages\n",
			round->pages), round->touched, round->pages);
	if (round->read_back)
		fputs(_("  first byte 'H', last byte 'Z': written and read back\n"), stdout);
	if (plan->verify && round->dirt == bytes)
		fputs(_("  every other byte: zero\n"), stdout);
	if (output_flush("alloc"))
		return EXIT_FAILED;
	if (!round->read_back)
		return fail("alloc", _("a byte does not read back as it was written"));
	if (plan->verify && round->dirt != bytes)
		return fail("alloc", _("the untouched byte at offset %zu is not zero"),
			    round->dirt);
	return EXIT_DONE;
}

static int demonstrate(const struct plan *plan)
{
	struct round round;
	int status;
	int err;

	err = warm_up();
	for (unsigned long number = 1; !err; number++) {
		err = run_round(plan, &round);
		if (err)
			break;
		status = show_round(plan, &round, number);
		if (status || number == plan->count)
			return status;
		screen_sleep(plan->interval);
	}
	if (err == -ENOMEM)
		return fail("alloc", ngettext("reserving %zu byte: %s",
					      "reserving %zu bytes: %s", plan->size),
			    plan->size, strerror(ENOMEM));
	return fail_call("alloc", err);
}

int command_alloc(int argc, char **argv)
{
	struct plan plan = { .size = 1 << 20, .interval = 1 };
	const char *text;
	const char *wrong;
	int option;

	while ((option = getopt_long(argc, argv, ":t:vi:c:h", options, NULL)) != -1) {
		switch (option) {
		case 't':
			wrong = parse_percent(optarg, &plan.percent);
			if (wrong)
				return usage("alloc", "--touch '%s': %s", optarg, wrong);
			break;
		case 'v':
			plan.verify = true;
			break;
		case 'i':
			wrong = parse_interval(optarg, &plan.interval);
			if (wrong)
				return usage("alloc", "--interval '%s': %s", optarg, wrong);
			break;
		case 'c':
			wrong = parse_count(optarg, &plan.count);
			if (wrong)
				return usage("alloc", "--count '%s': %s", optarg, wrong);
			break;
		case 'h':
			fputs(_(help), stdout);
			return output_flush("alloc");
		default:
			/* A negative size looks like an option. */
			text = negative_number(argv, optopt);
			if (text)
				return usage("alloc", "'%s': %s", text,
					     parse_size(text, &plan.size));
			return usage_option("alloc", option, argv, options);
		}
	}
	if (optind < argc) {
		text = argv[optind++];
		wrong = parse_size(text, &plan.size);
		if (wrong)
			return usage("alloc", "'%s': %s", text, wrong);
	}
	if (optind < argc)
		return usage("alloc", _("unexpected argument '%s'"), argv[optind]);

	screen_begin(false);
	return demonstrate(&plan);
}
