// SPDX-License-Identifier: MIT
/*
 * blocks COUNT SIZE [WHAT]: so many blocks of a size, one after the other, of which the
 * first tenth is touched. Then WHAT is done: fork, exec, _exit, chdir, threads (how many
 * there are), twice, inside (a wrong free).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void use(long count, size_t size)
{
	while (count--) {
		char *block = calloc(1, size);

		if (!block || block[0] || block[size / 11] || block[size - 1])
			abort();
		memset(block, 1, size / 10);
		free(block);
	}
}

static int count_threads(void)
{
	DIR *directory = opendir("/proc/self/task");
	int count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count - 2;
}

/* In a child: the pointer, what the allocator says of it, and the signal that ends it. */
static void misuse(const char *what, size_t size)
{
	int status;

	if (!fork()) {
		struct rlimit none = { 0, 0 };
		char *block = malloc(size);

		setrlimit(RLIMIT_CORE, &none);
		if (!strcmp(what, "twice"))
			free(block);
		else
			block += 4096;
		fprintf(stderr, "%p\n", (void *)block);
		free(block);
		_exit(0);
	}
	wait(&status);
	fprintf(stderr, "signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(int argc, char **argv)
{
	size_t size = strtoul(argv[2], NULL, 10);
	const char *what = argc > 3 ? argv[3] : "";

	use(strtol(argv[1], NULL, 10), size);
	if (!strcmp(what, "fork")) {
		if (!fork()) {
			use(1, size);
			return 0;
		}
		wait(NULL);
	} else if (!strcmp(what, "exec")) {
		argv[3] = NULL;
		execv("/proc/self/exe", argv);
	} else if (!strcmp(what, "_exit")) {
		_exit(0);
	} else if (!strcmp(what, "chdir")) {
		if (chdir("/") || unsetenv("TAMALLOC_REPORT"))
			return 1;
	} else if (!strcmp(what, "threads")) {
		printf("%d\n", count_threads());
	} else if (*what) {
		misuse(what, size);
	}
	return 0;
}
