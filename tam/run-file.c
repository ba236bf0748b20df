// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "intl.h"
#include "message.h"
#include "run.h"

#define VARIABLE "TAMALLOC_REPORT"

static int fail_file(const char *path, int error)
{
	return fail("run", VARIABLE " '%s': %s", path, strerror(error));
}

/* What was not there is made: the library does not. */
static int open_named(struct run_file *file, const char *name)
{
	file->path = strdup(name);
	if (!file->path)
		return fail("run", "%s", strerror(ENOMEM));
	file->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
	return file->fd < 0 ? fail_file(file->path, errno) : 0;
}

/*
 * The command may become another user, who has to be able to write to the file. So all may
 * write, but only who was told its name finds it: its directory has a random name, others
 * can enter that but not list it, and can put nothing there.
 */
static int make_own(struct run_file *file)
{
	if (chmod(file->directory, 0711))
		return -1;
	file->fd = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return file->fd < 0 ? -1 : fchmod(file->fd, 0622);
}

static int open_own(struct run_file *file)
{
	const char *parent = getenv("TMPDIR");
	char *directory;
	int status;

	if (!parent || !*parent)
		parent = "/tmp";
	if (asprintf(&directory, "%s/tam-run-XXXXXX", parent) < 0)
		return fail("run", "%s", strerror(ENOMEM));
	if (!mkdtemp(directory)) {
		status = fail("run", _("a file for reports in '%s' (TMPDIR): %s"), parent,
			      strerror(errno));
		free(directory);
		return status;
	}
	file->directory = directory;
	if (asprintf(&file->path, "%s/reports", directory) < 0) {
		file->path = NULL;
		return fail("run", "%s", strerror(ENOMEM));
	}
	if (make_own(file))
		return fail("run", _("a file for reports in '%s' (TMPDIR): %s"), parent,
			    strerror(errno));
	return 0;
}

/* What is in it already is of no interest. */
static int find_end(struct run_file *file)
{
	struct stat about;

	if (fstat(file->fd, &about))
		return fail_file(file->path, errno);
	if (!S_ISREG(about.st_mode))
		return fail("run", _("TAMALLOC_REPORT '%s': not a regular file, from which "
				     "reports can be read back"), file->path);
	file->start = about.st_size;
	return 0;
}

/* The command may go to another directory. */
static int name_for_command(struct run_file *file)
{
	char *path = realpath(file->path, NULL);
	int status;

	if (!path)
		return fail_file(file->path, errno);
	status = setenv(VARIABLE, path, 1) ? fail("run", "%s", strerror(ENOMEM)) : 0;
	free(path);
	return status;
}

int run_file_open(struct run_file *file)
{
	const char *named = getenv(VARIABLE);
	int status;

	*file = (struct run_file){ .fd = -1 };
	status = named && *named ? open_named(file, named) : open_own(file);
	if (!status)
		status = find_end(file);
	if (!status)
		status = name_for_command(file);
	if (status)
		run_file_close(file, false);
	return status;
}

void run_file_close(struct run_file *file, bool keep)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->directory && !keep) {
		if (file->path)
			unlink(file->path);
		rmdir(file->directory);
	}
	free(file->directory);
	free(file->path);
	*file = (struct run_file){ .fd = -1 };
}

/* All of it from start on, with a NUL behind it. */
static int read_text(const struct run_file *file, char **text, size_t *length)
{
	size_t room = 0;

	*length = 0;
	for (;;) {
		ssize_t got;

		if (*length + 1 >= room) {
			char *grown = realloc(*text, room = room ? room * 2 : 4096);

			if (!grown)
				return fail("run", "%s", strerror(ENOMEM));
			*text = grown;
		}
		got = pread(file->fd, *text + *length, room - *length - 1,
			    file->start + (off_t)*length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_file(file->path, errno);
		if (!got)
			break;
		*length += (size_t)got;
	}
	(*text)[*length] = '\0';
	return 0;
}

static int add(struct run_rows *rows, const struct run_report *report)
{
	if (rows->count == rows->room) {
		size_t room = rows->room ? rows->room * 2 : 64;
		void *grown = reallocarray(rows->rows, room, sizeof(*rows->rows));

		if (!grown)
			return fail("run", "%s", strerror(ENOMEM));
		rows->rows = grown;
		rows->room = room;
	}
	rows->rows[rows->count++] = (struct run_row){ .report = *report };
	run_report_add(&rows->total.report, report);
	return 0;
}

/* One without a newline was cut short; one with a NUL is none of the library's. */
static int add_line(struct run_rows *rows, const char *path, char *line, size_t length,
		    bool is_whole)
{
	struct run_report report;

	if (is_whole && strlen(line) == length && run_report_parse(line, &report))
		return add(rows, &report);
	return fail("run", _("%s: line %zu of what was added is no report of this version: "
			     "'%s'"), path, rows->count + 1, line);
}

int run_file_read(const struct run_file *file, struct run_rows *rows)
{
	size_t length;
	int status;
	char *line;

	*rows = (struct run_rows){ 0 };
	status = read_text(file, &rows->text, &length);
	line = rows->text;
	while (!status && line < rows->text + length) {
		size_t left = length - (size_t)(line - rows->text);
		char *end = memchr(line, '\n', left);
		size_t taken = end ? (size_t)(end - line) : left;

		line[taken] = '\0';
		status = add_line(rows, file->path, line, taken, end);
		line += taken + 1;
	}
	return status;
}

void run_rows_free(struct run_rows *rows)
{
	free(rows->rows);
	free(rows->text);
	*rows = (struct run_rows){ 0 };
}
