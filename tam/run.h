/* SPDX-License-Identifier: MIT */
/* What the files of tam run share. */
#ifndef TAM_RUN_H
#define TAM_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "columns.h"
#include "run-report.h"

/* As env(1) and nohup(1) have it: any other status is that of the command. */
enum { RUN_FAILED = 125, RUN_NOT_EXECUTABLE, RUN_NOT_FOUND };

/*
 * run-library.c. Puts the library first in LD_PRELOAD: 0, or another status after
 * a message.
 */
int run_preload(void);

/*
 * run-command.c
 */

/* Becomes the command. Returns only when it cannot: the status, after a message. */
int run_become(char **command);

struct run_end {
	pid_t pid;
	int status; /* 128 + N: signal N killed it */
};

/* Runs the command and waits: 0, or the status after a message: it did not start. */
int run_and_wait(char **command, struct run_end *end);

/*
 * run-file.c. The file for the reports: that which the environment names, else one
 * of our own.
 */
struct run_file {
	char *path;
	char *directory; /* where our own one is; NULL: it is that which the environment names */
	int fd;
	off_t start; /* what stands before was there already */
};

/* One line of the file. For the columns of run-show.c: they find it by its row. */
struct run_row {
	struct row row;
	struct run_report report;
};

struct run_rows {
	struct run_row *rows; /* in the order of the file */
	size_t count, room;
	struct run_row total;
	char *text; /* in which their commands are */
};

/*
 * Opens it and puts its name into TAMALLOC_REPORT: 0, or another status after a
 * message; then there is nothing to close.
 */
int run_file_open(struct run_file *file);

/*
 * Reads what has been added: 0, or another status after a message. To be freed
 * either way.
 */
int run_file_read(const struct run_file *file, struct run_rows *rows);

/* Removes the file and its directory if it is ours and not to be kept. */
void run_file_close(struct run_file *file, bool keep);

void run_rows_free(struct run_rows *rows);

/* run-show.c. Shows the reports on stdout: 0, or another status after a message. */
int run_show(struct run_rows *rows, const struct run_end *end, bool json);

#endif
