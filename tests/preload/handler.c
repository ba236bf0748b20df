// SPDX-License-Identifier: MIT
/*
 * A handler of a signal changes the mapping of a block that nobody else uses, and of a range that
 * is of two blocks, whatever it has interrupted. Prints "well"; who is
 * blocked for ever does not.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "need.h"

#define SIZE	((size_t)1 << 20)
#define SIGNALS 6000

static char *block[2];
static volatile sig_atomic_t count;

static void change(int number)
{
	char *first = block[0] < block[1] ? block[0] : block[1];
	char *last = block[0] < block[1] ? block[1] : block[0];

	(void)number;
	count++;
	if (count % 8)
		NEED(!mprotect(block[0], SIZE, count % 2 ? PROT_READ : PROT_READ | PROT_WRITE));
	else
		madvise(first, (size_t)(last - first) + SIZE, MADV_DODUMP);
}

int main(void)
{
	struct itimerval often = { { 0, 200 }, { 0, 200 } };

	for (int i = 0; i < 2; i++)
		NEED(!posix_memalign((void **)&block[i], 4096, SIZE));
	NEED(signal(SIGALRM, change) != SIG_ERR);
	NEED(!setitimer(ITIMER_REAL, &often, NULL));
	while (count < SIGNALS) {
		char *other = calloc(1, 300000);

		NEED(other && !other[5]);
		other[5] = 1;
		free(other);
	}
	puts("well");
	return 0;
}
