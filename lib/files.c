// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "internal.h"
#include "parse.h"

/* PROC_PID_INIT_INO of include/linux/proc_ns.h */
#define FIRST_PID_NAMESPACE 0xeffffffc

static const char *const names[FILES] = {
	[FILE_STATM] = "statm",
	[FILE_OOM_SCORE_ADJ] = "oom_score_adj",
	[FILE_COMMAND] = "comm",
	[FILE_STAT] = "stat",
	[FILE_STATUS] = "status",
	[FILE_OOM_SCORE] = "oom_score",
};

int open_proc(void)
{
	int directory = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs statfs;

	if (directory < 0)
		return -errno;
	/* Where it is not mounted there is often an empty directory. */
	if (!fstatfs(directory, &statfs) && statfs.f_type == PROC_SUPER_MAGIC)
		return directory;
	close(directory);
	return -ENOENT;
}

bool proc_is_ours(int directory)
{
	char text[12 + 1];
	const char *digits = text;
	ssize_t length = readlinkat(directory, "self", text, sizeof(text) - 1);
	uint64_t pid;

	if (length < 0)
		return false;
	text[length] = '\0';
	return parse_number(&digits, &pid) && pid == (uint64_t)getpid();
}

int in_first_pid_namespace(int directory)
{
	struct stat stat;

	if (fstatat(directory, "self/ns/pid", &stat, 0))
		return -errno;
	return stat.st_ino == FIRST_PID_NAMESPACE;
}

/* The directory of a process, in /proc. */
static int open_directory(int proc, pid_t pid)
{
	char digits[12] = "";
	char *digit = digits + sizeof(digits) - 1;
	int directory;

	do
		*--digit = (char)('0' + pid % 10);
	while (pid /= 10);
	directory = openat(proc, digit, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return directory;
}

int place_open(struct place *place)
{
	int directory;

	place->directory = -1;
	if (place->kept && *place->is_kernel_thread)
		return 0;
	if (place->kept && place->kept[FILE_DIRECTORY] >= 0) {
		place->directory = place->kept[FILE_DIRECTORY];
		return 0;
	}
	directory = open_directory(place->proc, place->pid);
	if (directory < 0)
		return directory;
	place->directory = directory;
	/* No file is kept without it: they would be of one process, and it of another. */
	if (place->kept && *place->budget > 0) {
		place->kept[FILE_DIRECTORY] = directory;
		--*place->budget;
	} else {
		place->kept = NULL;
	}
	return 0;
}

void place_close(struct place *place)
{
	if (place->directory >= 0 && !place->kept)
		close(place->directory);
	place->directory = -1;
}

int place_lives(const struct place *place)
{
	/* Whatever else is the matter, such as hidepid, is of a process that lives. */
	if (faccessat(place->directory, names[FILE_STAT], F_OK, 0) &&
	    (errno == ENOENT || errno == ESRCH))
		return -ESRCH;
	return 0;
}

static ssize_t finish(ssize_t length, char *text)
{
	if (length < 0)
		return -errno;
	text[length] = '\0';
	return length;
}

static ssize_t read_descriptor(int descriptor, char *text, size_t size)
{
	return finish(pread(descriptor, text, size - 1, 0), text);
}

ssize_t read_path(int directory, const char *path, char *text, size_t size)
{
	int descriptor = openat(directory, path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (descriptor < 0)
		return -errno;
	length = finish(read(descriptor, text, size - 1), text);
	close(descriptor);
	return length;
}

ssize_t read_whole(int directory, const char *path, char **text)
{
	int descriptor = openat(directory, path, O_RDONLY | O_CLOEXEC);
	size_t length = 0, room = 0;
	ssize_t more;

	*text = NULL;
	if (descriptor < 0)
		return -errno;
	do {
		if (room - length < 4096) {
			char *grown = realloc(*text, room += 16384);

			if (!grown) {
				errno = ENOMEM;
				more = -1;
				break;
			}
			*text = grown;
		}
		more = read(descriptor, *text + length, room - length - 1);
		length += more > 0 ? (size_t)more : 0;
	} while (more > 0);
	more = more < 0 ? -errno : (ssize_t)length;
	close(descriptor);
	if (more < 0) {
		free(*text);
		*text = NULL;
	} else {
		(*text)[length] = '\0';
	}
	return more;
}

int read_meminfo(int directory, struct meminfo *meminfo)
{
	char text[8192];
	ssize_t length = read_path(directory, "meminfo", text, sizeof(text));

	if (length < 0)
		return (int)length;
	parse_meminfo(text, meminfo);
	return 0;
}

void forget_file(int *kept, enum file file, int *budget)
{
	if (kept[file] < 0)
		return;
	close(kept[file]);
	kept[file] = -1;
	++*budget;
}

void forget_files(int *kept, int *budget)
{
	for (int file = 0; file < FILES; file++)
		forget_file(kept, (enum file)file, budget);
}

static ssize_t read_and_keep(const struct place *place, enum file file, char *text,
			     size_t size)
{
	int *kept = &place->kept[file];

	*kept = openat(place->directory, names[file], O_RDONLY | O_CLOEXEC);
	if (*kept < 0)
		return -errno;
	--*place->budget;
	return read_descriptor(*kept, text, size);
}

ssize_t read_file(const struct place *place, enum file file, char *text, size_t size)
{
	ssize_t length;

	if (place->kept && place->kept[file] >= 0)
		length = read_descriptor(place->kept[file], text, size);
	else if (place->kept && *place->budget > 0)
		length = read_and_keep(place, file, text, size);
	else
		length = read_path(place->directory, names[file], text, size);
	return length == -ENOENT ? -ESRCH : length;
}
