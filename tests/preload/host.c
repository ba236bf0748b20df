// SPDX-License-Identifier: MIT
/*
 * host PLUGIN: a program in C that loads a library in C++, as plugin.cc is. Counts
 * what is asked of the loader meanwhile, be it by whoever has the operators.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "need.h"

static unsigned long asked;

/* Called by others in this one's place: they go on as if called by whoever called this. */
void *dlsym(void *restrict handle, const char *restrict name)
{
	static void *(*real)(void *, const char *);

	asked++;
	if (!real)
		real = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
	if (!real)
		real = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
	return real(handle, name);
}

int main(int argc, char **argv)
{
	void (*use_operators)(void);
	int (*use_too_much)(void);
	unsigned long before;
	const char *error;
	void *plugin;

	alarm(60);
	NEED(argc == 2);
	for (int round = 0; round < 3; round++) {
		plugin = dlopen(argv[1], RTLD_NOW);
		if (!plugin)
			puts(dlerror());
		NEED(plugin);
		use_operators = (void (*)(void))dlsym(plugin, "use_operators");
		use_too_much = (int (*)(void))dlsym(plugin, "use_too_much");
		NEED(use_operators && use_too_much);
		before = asked;
		/* An error that the program has yet to look at. */
		NEED(!dlopen("/nowhere/at/all", RTLD_NOW));
		for (int turn = 0; turn < 100; turn++)
			use_operators();
		error = dlerror();
		if (!error || !strstr(error, "/nowhere/at/all"))
			printf("the error is lost: %s\n", error ? error : "none");
		if (asked != before)
			printf("%lu times asked for a symbol\n", asked - before);
		before = (unsigned long)use_too_much();
		if (before)
			printf("no memory: %lu\n", before);
		/* What was found in it must not be used afterwards. */
		NEED(!dlclose(plugin));
	}
	puts("well");
	return 0;
}
