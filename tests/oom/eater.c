// SPDX-License-Identifier: MIT
/* The one that makes memory run out. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "oom.h"

/* More than any machine that this is for has. */
#define TABLE_SIZE (1UL << 36)
#define PAGE 4096UL

__attribute__((noreturn))
static void eat(void)
{
	char *table = mmap(NULL, TABLE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (table == MAP_FAILED)
		bail_out("the eater gets no table: %s", strerror(errno));
	for (size_t at = 0; at < TABLE_SIZE; at += PAGE)
		table[at] = 1;
	bail_out("the eater has eaten all that there is");
}

/* A page that is still shared with a child would have to be copied, when there
 * is no memory. Locking copies it now. */
static void keep_what_watches(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		bail_out("mlockall: %s", strerror(errno));
}

pid_t start_eater(const struct stage *stage)
{
	int start[2];
	char byte = 0;
	pid_t pid;

	if (pipe(start))
		bail_out("no pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		bail_out("the eater cannot start: %s", strerror(errno));
	if (!pid) {
		if (stage->eater_group)
			join_group(stage->eater_group);
		set_adj(getpid(), stage->eater_adj);
		close(start[1]);
		if (read(start[0], &byte, 1) != 1)
			_exit(1);
		eat();
	}
	close(start[0]);
	keep_what_watches();
	if (write(start[1], &byte, 1) != 1)
		bail_out("the eater has gone: %s", strerror(errno));
	close(start[1]);
	return pid;
}
