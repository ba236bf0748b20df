// SPDX-License-Identifier: MIT
/* Loads a library, gets blocks from it, unloads it, and frees the blocks. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	for (int round = 0; round < 10; round++) {
		void *library = dlopen(argv[argc - 1], RTLD_NOW);
		void *(*give)(size_t);
		char *small, *large;

		if (!library) {
			fprintf(stderr, "%s\n", dlerror());
			return 1;
		}
		give = (void *(*)(size_t))dlsym(library, "give");
		small = give ? give(100) : calloc(1, 100);
		large = give ? give(2 << 20) : calloc(1, 2 << 20);
		if (!small || !large || dlclose(library))
			return 1;
		for (int i = 0; i < 2 << 20; i++)
			if (large[i])
				return 2;
		memset(large, 5, 2 << 20);
		memset(small, 5, 100);
		free(large);
		free(small);
	}
	puts("well");
	return 0;
}
