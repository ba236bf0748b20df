// SPDX-License-Identifier: MIT
/*
 * A program that has ideas of its own about file descriptors: it expects the lowest
 * number, closes all it does not know, and takes a number that is in use.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "need.h"

/* Blocks whose pages are looked at when they are freed. */
static void use(void)
{
	for (int round = 0; round < 10; round++) {
		char *block = calloc(1, 3 << 20);

		NEED(block);
		for (int i = 0; i < 3 << 20; i++)
			NEED(!block[i]);
		for (int i = round; i < 3 << 20; i += 9 << 12)
			block[i] = 1;
		free(block);
	}
}

static int highest(void)
{
	int most = 0;

	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			most = fd;
	return most;
}

int main(void)
{
	struct stat before, after;
	int fd, ours, lowest;

	lowest = open("/dev/null", O_RDONLY);
	close(lowest);
	use();
	/* The allocator's own is out of the way. */
	fd = open("/dev/null", O_RDONLY);
	NEED(fd == lowest);
	close(fd);
	for (int round = 0; round < 3; round++) {
		closefrom(3);
		use();
	}
	/* Its number is taken for another file. */
	ours = highest();
	fd = open("/dev/zero", O_RDWR);
	NEED(fd >= 0 && dup2(fd, ours) == ours && !fstat(ours, &before));
	use();
	NEED(!fstat(ours, &after) && before.st_ino == after.st_ino);
	/* None is left to the programs that it starts. */
	closefrom(3);
	use();
	return system("exec ls /proc/self/fd | sort -n | tail -n 1 | grep -qx '[0-3]'");
}
