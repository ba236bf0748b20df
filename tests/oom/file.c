// SPDX-License-Identifier: MIT
/* Files of /proc, the knobs of the machine, its swap. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#include "oom.h"

#define SWAP_DISK "/dev/vda"

void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		bail_out("%s: \"%s\" cannot be written: %s", path, text, strerror(errno));
	close(fd);
}

/* The number behind the word key that begins a line; -1 without it. */
long number_in(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	long number = -1;
	char line[256];

	if (!file)
		return -1;
	while (number < 0 && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, key, strlen(key)))
			number = atol(line + strlen(key));
	}
	fclose(file);
	return number;
}

void set_adj(pid_t pid, int adj)
{
	char path[64], text[16];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	snprintf(text, sizeof(text), "%d", adj);
	write_file(path, text);
}

void set_sysctl(const char *name, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	write_file(path, value);
}

void swap_on(void)
{
	if (system("mkswap " SWAP_DISK " >/dev/null") || swapon(SWAP_DISK, 0))
		bail_out(SWAP_DISK " cannot be swapped on: %s", strerror(errno));
}

void swap_off(void)
{
	if (swapoff(SWAP_DISK) && errno != EINVAL)
		bail_out(SWAP_DISK ": swapoff: %s", strerror(errno));
}
