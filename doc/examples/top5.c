// SPDX-License-Identifier: MIT
/*
 * The five processes with most committed memory. To be linked with libtamalloc.
 */
#include <stdio.h>
#include <string.h>
#include <tamalloc.h>

#define ROWS 5

/* Keeps the rows in order, largest first. */
static void insert(struct tamalloc_process *rows, int *count,
		   const struct tamalloc_process *process)
{
	int i = *count < ROWS ? (*count)++ : ROWS - 1;

	if (rows[i].committed > process->committed)
		return;
	for (; i > 0 && rows[i - 1].committed < process->committed; i--)
		rows[i] = rows[i - 1];
	rows[i] = *process;
}

/* Names may hold anything, also what would change the terminal. */
static void print_name(const char *name)
{
	for (; *name; name++)
		putchar(*name > ' ' && *name <= '~' ? *name : '?');
}

int main(void)
{
	struct tamalloc_process process, rows[ROWS] = { { 0 } };
	struct tamalloc_iterator *iterator;
	int count = 0;
	int result;

	result = tamalloc_iterator_open(
		&iterator, TAMALLOC_COMMITTED | TAMALLOC_COMMAND, 0);
	if (!result) {
		while ((result = tamalloc_iterator_next(
				iterator, &process, sizeof(process))) > 0)
			if (process.fields & TAMALLOC_COMMITTED)
				insert(rows, &count, &process);
		tamalloc_iterator_close(iterator);
	}
	if (result < 0) {
		fprintf(stderr, "top5: cannot list the processes: %s\n",
			strerror(-result));
		return 1;
	}
	for (int i = 0; i < count; i++) {
		printf("%7d %9llu KiB ", rows[i].pid,
		       (unsigned long long)rows[i].committed / 1024);
		print_name(rows[i].fields & TAMALLOC_COMMAND ? rows[i].command : "-");
		putchar('\n');
	}
	return 0;
}
