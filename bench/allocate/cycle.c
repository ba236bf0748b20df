// SPDX-License-Identifier: MIT
/*
 * What zeroed memory costs when it is freed and asked for again. Calls calloc()
 * and free() and no other function of the allocator, which the environment
 * chooses (LD_PRELOAD, GLIBC_TUNABLES):
 *
 *	cycle repeat SIZE TOUCH BUDGET [WAIT]
 *	cycle mixed MIN-MAX TOUCH TURNS [WAIT]
 *	cycle back SIZE
 *
 * repeat: one block of SIZE bytes again and again, for BUDGET milliseconds.
 * mixed: eight slots; each turn frees the block in one of them and puts one of
 * MIN to MAX bytes there, their logarithms evenly spread. Slots, sizes and places
 * are the same ones for every allocator. TOUCH: nothing, first10, random1, every
 * or fill.
 * back: writes SIZE bytes from mmap once, so that the host of a virtual machine
 * has given the memory that the measurements take.
 *
 * Prints one line, separated by tabs: nanoseconds of the process's time for one
 * cycle (allocation, touch, free), page faults of one cycle; KiB resident more than
 * before the first allocation: after the last free, WAIT milliseconds later
 * without any call ("-" when WAIT is 0), and at most; cycles measured.
 * Descriptor 3 is closed as soon as nothing but waiting is left to be done.
 */
#include <err.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../statistics/median.h"
#include "random.h"

#define PAGE		4096
#define SLOTS		8
#define MAX_TURNS	65536
#define MAX_BATCHES	4096
#define PASSES		3	/* of the sequence of mixed sizes that are timed */
#define FEWEST		3	/* batches, however long they take */
#define SETTLED		20	/* cycles to warm up, if they are not too long */
#define SAMPLES		64
#define WORKING		3	/* the descriptor that is open meanwhile */

enum touch { NOTHING, FIRST10, RANDOM1, EVERY, FILL, TOUCHES };

static const char *const touch_names[TOUCHES] = {
	"nothing", "first10", "random1", "every", "fill",
};

/* Times are kept in batches or passes, which qsort() may allocate memory to sort. */
struct figures {
	size_t count;
	double faults;
	unsigned long cycles;
};

/* All in static memory: a measurement must not be the allocator's work too. */
static double times[MAX_BATCHES];
static struct turn {
	unsigned int slot;
	size_t size;
} turns[MAX_TURNS];
static unsigned char *slots[SLOTS];
static char text[8192];
static enum touch touch;
/* Where random1 is in its sequence, and where it was a cycle before. */
static uint64_t places = SEED, last_places = SEED;

/*
 * The time of all threads of the process, so that neither the machine's other
 * work counts nor does what a thread of the allocator does come for free.
 */
static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static double faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_minflt + usage.ru_majflt);
}

/* The KiB that a line of a file in /proc tells. */
static long read_kib(const char *path, const char *name)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length, all = 0;
	const char *line;

	if (file < 0)
		err(1, "%s", path);
	while ((length = read(file, text + all, sizeof(text) - 1 - (size_t)all)) > 0)
		all += length;
	close(file);
	text[all] = '\0';
	line = strstr(text, name);
	if (!line)
		errx(1, "%s: no line '%s'", path, name);
	return atol(line + strlen(name));
}

/*
 * Exact, which statm is not. Pages of files are left out: how much of the
 * libraries' code has been looked at is not the allocator's doing.
 */
static long resident(void)
{
	return read_kib("/proc/self/smaps_rollup", "Anonymous:");
}

static long peak(void)
{
	return read_kib("/proc/self/status", "VmHWM:");
}

/* Where that is not permitted, the peak includes how the process was started. */
static void reset_peak(void)
{
	int file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return;
	if (write(file, "5", 1) != 1)
		warn("/proc/self/clear_refs");
	close(file);
}

static void must_be_zero(const unsigned char *block, size_t size, size_t offset)
{
	if (block[offset])
		errx(1, "byte %zu of %zu that calloc gave at %p is %#x, not 0",
		     offset, size, (const void *)block, block[offset]);
}

static inline __attribute__((always_inline)) void
visit(unsigned char *block, size_t size, size_t offset, bool check)
{
	if (check)
		must_be_zero(block, size, offset);
	else
		block[offset] = 1;
}

/* Writes to the places that the touch is about, or looks whether they are 0. */
static inline __attribute__((always_inline)) void
visit_all(unsigned char *block, size_t size, uint64_t *state, bool check)
{
	size_t pages = (size + PAGE - 1) / PAGE, count = pages / 100 ?: 1;

	switch (touch) {
	case FIRST10:
		for (size_t i = 0; i < size / 10; i += PAGE)
			visit(block, size, i, check);
		break;
	case RANDOM1:
		while (count--) {
			uint64_t random = next_random(state);
			size_t offset = below(random, pages) * PAGE + random % PAGE;

			visit(block, size, offset < size ? offset : size - 1, check);
		}
		break;
	case EVERY:
		for (size_t i = 0; i < size; i += PAGE)
			visit(block, size, i, check);
		break;
	case FILL:
		if (!check) {
			memset(block, 0xa5, size);
		} else {
			must_be_zero(block, size, 0);
			if (memcmp(block, block + 1, size - 1))
				for (size_t i = 0; i < size; i++)
					must_be_zero(block, size, i);
		}
		break;
	default:
		break;
	}
}

/* The compiler must not see that nobody reads the block. */
static unsigned char *allocate(size_t size)
{
	unsigned char *block = calloc(size, 1);

	if (!block)
		err(1, "calloc of %zu bytes", size);
	__asm__ volatile("" : "+r"(block) : : "memory");
	return block;
}

static void release(unsigned char *block)
{
	__asm__ volatile("" : "+r"(block) : : "memory");
	free(block);
}

static void cycle(size_t size)
{
	unsigned char *block = allocate(size);

	last_places = places;
	visit_all(block, size, &places, false);
	release(block);
}

static void check(unsigned char *block, size_t size, bool sample)
{
	uint64_t state = places;

	visit_all(block, size, &state, true);
	for (int i = 0; sample && i < SAMPLES; i++)
		must_be_zero(block, size, below(next_random(&state), size));
}

/*
 * Some cycles that look before they write, also at the places of the cycle
 * before. Samples of the rest too, where it does not matter any more that
 * they were looked at.
 */
static void verify(size_t size, int least, double budget, bool sample)
{
	double begin = now();

	for (int i = 0; i < least || (i < SLOTS && now() - begin < budget); i++) {
		unsigned char *block = allocate(size);

		visit_all(block, size, &last_places, true);
		check(block, size, sample);
		last_places = places;
		visit_all(block, size, &places, false);
		release(block);
	}
}

static double run_batch(size_t size, unsigned long cycles)
{
	double begin = now();

	while (cycles--)
		cycle(size);
	return now() - begin;
}

static struct figures repeat(size_t size, double budget)
{
	double spent = 0, before;
	unsigned long batch = 1, cycles = 0;
	size_t count = 0;
	bool growing;

	/* An allocator may have to learn. Also finds how large a batch is. */
	do {
		double time = run_batch(size, batch);

		spent += time;
		cycles += batch;
		growing = time < budget / 32;
		if (growing)
			batch *= 2;
	} while (spent < 3 * budget &&
		 (growing || cycles < SETTLED || spent < budget / 5));

	before = faults();
	for (spent = 0; count < MAX_BATCHES && (count < FEWEST || spent < budget); count++) {
		double time = run_batch(size, batch);

		spent += time;
		times[count] = time / (double)batch;
	}
	cycles = count * batch;
	return (struct figures){ count, (faults() - before) / (double)cycles, cycles };
}

static void plan_turns(size_t least, size_t most, size_t count)
{
	uint64_t state = SEED;
	double range = log((double)most / (double)least);

	for (size_t i = 0; i < count; i++) {
		double even = (double)(next_random(&state) >> 11) * 0x1p-53;

		turns[i].slot = (unsigned int)below(next_random(&state), SLOTS);
		turns[i].size = (size_t)((double)least * exp(range * even));
	}
}

static void empty_slots(void)
{
	for (int i = 0; i < SLOTS; i++) {
		release(slots[i]);
		slots[i] = NULL;
	}
}

static inline __attribute__((always_inline)) void
take_turns(size_t count, bool verifying, bool sample)
{
	for (size_t i = 0; i < count; i++) {
		unsigned char **slot = slots + turns[i].slot;

		release(*slot);
		*slot = allocate(turns[i].size);
		if (verifying)
			check(*slot, turns[i].size, sample);
		visit_all(*slot, turns[i].size, &places, false);
	}
}

static struct figures mixed(size_t count)
{
	double before;

	take_turns(count, false, false);
	before = faults();
	for (int pass = 0; pass < PASSES; pass++) {
		double begin = now();

		take_turns(count, false, false);
		times[pass] = (now() - begin) / (double)count;
	}
	before = faults() - before;
	empty_slots();
	return (struct figures){ PASSES, before / (double)(PASSES * count), PASSES * count };
}

static void back(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap of %zu bytes", size);
	memset(memory, 1, size);
	munmap(memory, size);
}

static size_t parse_size(const char *word, char **end)
{
	size_t size = strtoul(word, end, 10);
	const char *unit = **end ? strchr("KMG", **end) : NULL;

	if (unit) {
		size <<= 10 * (*unit == 'K' ? 1 : *unit == 'M' ? 2 : 3);
		++*end;
	}
	if (!size)
		errx(2, "'%s' is no size: a number of bytes, or of K, M or G", word);
	return size;
}

static double parse_number(const char *word)
{
	char *end;
	double number = strtod(word, &end);

	if (end == word || *end || !(number >= 0 && number < 1e9))
		errx(2, "'%s' is no number", word);
	return number;
}

static void sleep_ms(double ms)
{
	struct timespec time = { .tv_sec = (time_t)(ms / 1e3) };

	time.tv_nsec = (long)(1e6 * (ms - 1e3 * (double)time.tv_sec));
	while (nanosleep(&time, &time))
		;
}

int main(int argc, char **argv)
{
	bool is_mixed = argc > 1 && !strcmp(argv[1], "mixed");
	bool is_repeat = argc > 1 && !strcmp(argv[1], "repeat");
	double amount, wait, budget = 0;
	long before, first_peak, freed, later = 0, last_peak;
	size_t least, most, turn_count = 0, few;
	struct figures figures;
	char *end;

	if (argc == 3 && !strcmp(argv[1], "back")) {
		back(parse_size(argv[2], &end));
		return 0;
	}
	if (argc < 5 || argc > 6 || (!is_mixed && !is_repeat))
		errx(2, "usage: cycle repeat SIZE TOUCH MILLISECONDS [WAIT], or\n"
			"cycle mixed MIN-MAX TOUCH TURNS [WAIT], or cycle back SIZE");
	least = most = parse_size(argv[2], &end);
	if (is_mixed && *end == '-')
		most = parse_size(end + 1, &end);
	if (*end || most < least)
		errx(2, "'%s' is no %s", argv[2], is_mixed ? "range MIN-MAX" : "size");
	while (touch < TOUCHES && strcmp(argv[3], touch_names[touch]))
		touch++;
	if (touch == TOUCHES)
		errx(2, "'%s': nothing, first10, random1, every, or fill", argv[3]);
	amount = parse_number(argv[4]);
	wait = argc > 5 ? parse_number(argv[5]) : 0;
	if (is_repeat)
		budget = 1e6 * amount;
	else if (amount >= 1 && amount <= MAX_TURNS)
		turn_count = (size_t)amount;
	else
		errx(2, "'%s': 1 to %d turns", argv[4], MAX_TURNS);
	if (is_mixed)
		plan_turns(least, most, turn_count);
	few = turn_count < SLOTS ? turn_count : SLOTS;
	memset(times, 0, sizeof(times));

	before = resident();
	reset_peak();
	first_peak = peak();
	if (is_repeat) {
		verify(most, 2, budget / 5, false);
		figures = repeat(most, budget);
	} else {
		take_turns(few, true, false);
		figures = mixed(turn_count);
	}
	last_peak = peak();

	/* What has been learnt must not have made it forget to zero. */
	if (is_repeat) {
		verify(most, 1, 0, true);
	} else {
		take_turns(few, true, true);
		empty_slots();
	}
	freed = resident();
	close(WORKING);
	if (wait > 0) {
		sleep_ms(wait);
		later = resident();
	}

	qsort(times, figures.count, sizeof(*times), compare_doubles);
	printf("%.1f\t%.3f\t%ld\t", times[figures.count / 2], figures.faults, freed - before);
	if (wait > 0)
		printf("%ld", later - before);
	else
		printf("-");
	printf("\t%ld\t%lu\n", last_peak - first_peak, figures.cycles);
	return 0;
}
