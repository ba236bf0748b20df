// SPDX-License-Identifier: MIT
/* The command line. */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"

struct options options = { .seconds = 10, .threads = 1, .least = 1, .most = 512 * MIB };

static const struct {
	const char *name, *what;
} known[GROUPS] = {
	[RESIZE] = { "resize", "realloc" },
	[ALIGN] = { "align", "posix_memalign, memalign, aligned_alloc" },
	[FORK] = { "fork", "children that check all blocks and go on" },
	[ATFORK] = { "atfork", "a lock that handlers of fork take, too" },
	[STREAM] = { "stream", "fflush(NULL), with a stream that allocates" },
	[SIGNAL] = { "signal", "SIGALRM, whose handler forks" },
	[ADVISE] = { "advise", "madvise" },
	[PROTECT] = { "protect", "mprotect" },
	[LOCK] = { "lock", "mlock, munlock" },
	[MAP] = { "map", "mmap(MAP_FIXED) over a part of a block" },
	[HOLE] = { "hole", "munmap, mremap of a part, then free" },
	[USERFAULT] = { "userfault", "userfaultfd" },
	[DESCRIPTORS] = { "descriptors", "all closed, and sparse files in their place" },
	[LIMITS] = { "limits", "RLIMIT_AS, RLIMIT_DATA, RLIMIT_NOFILE" },
	[TABLE] = { "table", "the table of mappings is full" },
	[REFUSE] = { "refuse", "system calls that a filter refuses" },
};

static _Noreturn void usage(int status)
{
	FILE *to = status ? stderr : stdout;

	fputs("usage: fuzz-blocks [OPTION...]\n"
	      "\n"
	      "Calls malloc(3) and its relatives at random and checks what they give.\n"
	      "\n"
	      "  --seed=N            which run; of one thread, the same again (now's time)\n"
	      "  --seconds=N         how long (10)\n"
	      "  --operations=N      and no more of each thread than that\n"
	      "  --threads=N         1 to 16 (1)\n"
	      "  --least=BYTES       the smallest block (1)\n"
	      "  --most=BYTES        the largest (512 MiB)\n"
	      "  --only=GROUP,...    besides malloc, calloc and free only these groups\n"
	      "  --without=GROUP,... not these\n"
	      "\n"
	      "Groups:\n", to);
	for (int i = 0; i < GROUPS; i++)
		fprintf(to, "  %-12s %s\n", known[i].name, known[i].what);
	exit(status);
}

static unsigned long number(const char *name, const char *text, unsigned long least,
			    unsigned long most)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || *end || end == text || *text == '-' || value < least || value > most)
		errx(2, "--%s=%s: a number from %lu to %lu", name, text, least, most);
	return value;
}

static void choose(const char *option, char *list, bool value)
{
	for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
		int i = 0;

		while (i < GROUPS && strcmp(name, known[i].name))
			i++;
		if (i == GROUPS)
			errx(2, "--%s: no group '%s': see --help", option, name);
		options.has[i] = value;
	}
}

void options_read(int argc, char **argv)
{
	enum { SEED, SECONDS, OPERATIONS_, THREADS, LEAST, MOST, ONLY, WITHOUT, HELP };
	static const struct option list[] = {
		{ "seed", required_argument, NULL, SEED },
		{ "seconds", required_argument, NULL, SECONDS },
		{ "operations", required_argument, NULL, OPERATIONS_ },
		{ "threads", required_argument, NULL, THREADS },
		{ "least", required_argument, NULL, LEAST },
		{ "most", required_argument, NULL, MOST },
		{ "only", required_argument, NULL, ONLY },
		{ "without", required_argument, NULL, WITHOUT },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	int option, index;

	options.seed = (uint64_t)time(NULL);
	memset(options.has, true, sizeof(options.has));
	while ((option = getopt_long(argc, argv, "", list, &index)) != -1) {
		switch (option) {
		case SEED:
			options.seed = number("seed", optarg, 0, UINT64_MAX);
			break;
		case SECONDS:
			options.seconds = (long)number("seconds", optarg, 1, 10000000);
			break;
		case OPERATIONS_:
			options.operations = number("operations", optarg, 1, UINT64_MAX);
			break;
		case THREADS:
			options.threads = (int)number("threads", optarg, 1, THREADS_MOST);
			break;
		case LEAST:
			options.least = number("least", optarg, 1, 16 * MIB);
			break;
		case MOST:
			options.most = number("most", optarg, 4 * KIB, 512 * MIB);
			break;
		case ONLY:
			memset(options.has, false, sizeof(options.has));
			choose("only", optarg, true);
			break;
		case WITHOUT:
			choose("without", optarg, false);
			break;
		case HELP:
			usage(0);
		default:
			usage(2);
		}
	}
	if (optind < argc)
		errx(2, "'%s': only options are known", argv[optind]);
	if (options.least > options.most)
		errx(2, "--least is more than --most");
}
