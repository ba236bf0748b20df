// SPDX-License-Identifier: MIT
/*
 * Runs a command as a shell's job on a terminal of its own, and looks at the
 * screen:
 *
 *	screen [-r FILE] ROWS COLUMNS COMMAND [ARGUMENT...] <SCRIPT
 *
 * The script has one step a line:
 *
 *	wait TEXT	until TEXT stands on the screen, within one row
 *	gone TEXT	until it does not
 *	type KEYS	^C is Ctrl+C, and so on; <Up>, <Enter>: see keys[]
 *	resize ROWS COLUMNS
 *	run COMMAND	by the shell, whose output is the script's
 *	signal NUMBER	to the job; a stopped one goes on with 18
 *	stopped		until the job has been stopped
 *	ended		until it has ended
 *	show		prints the screen's rows without blanks at their end
 *	row NUMBER	prints one of them; 1 is the uppermost, -1 the lowest
 *	state		prints in what state the terminal is
 *
 * A text after "wait", "gone" and "type" is taken as it is. At the end of the
 * script the job is waited for, and the last line is "=> STATUS, STATE": its
 * exit status, or 128 + the number of the signal that killed it. STATE is
 * "restored", or names what differs from before the start. With -r, everything
 * that the job sent is written to FILE.
 *
 * The exit status is 0; 124 when a step took more than a minute, which prints
 * the step and the screen; 125 for an error of screen itself.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#define STEP_SECONDS 60
#define CELL_BYTES (VTERM_MAX_CHARS_PER_CELL * 4)

enum { EXIT_TIMEOUT = 124, EXIT_BROKEN = 125 };

static struct {
	VTerm *vterm;
	VTermScreen *screen;
	int master, slave;
	int rows, columns;
	bool alternate, cursor_hidden;
	struct termios before;
	FILE *raw;
} terminal;

static struct {
	pid_t pid;
	bool stopped, ended;
	int status;
} job;

static const struct {
	const char *name;
	VTermKey key;
} keys[] = {
	{ "<Enter>", VTERM_KEY_ENTER },	      { "<Escape>", VTERM_KEY_ESCAPE },
	{ "<Backspace>", VTERM_KEY_BACKSPACE }, { "<Delete>", VTERM_KEY_DEL },
	{ "<Up>", VTERM_KEY_UP },	      { "<Down>", VTERM_KEY_DOWN },
	{ "<Left>", VTERM_KEY_LEFT },	      { "<Right>", VTERM_KEY_RIGHT },
	{ "<Home>", VTERM_KEY_HOME },	      { "<End>", VTERM_KEY_END },
	{ "<PageUp>", VTERM_KEY_PAGEUP },     { "<PageDown>", VTERM_KEY_PAGEDOWN },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/*
 * The screen
 */

static size_t encode(uint32_t c, char *out)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = length - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[length == 1 ? 0 : length] | c);
	return length;
}

/* The text of a row, for the caller to free. */
static char *row_text(int row)
{
	char *text = malloc((size_t)terminal.columns * CELL_BYTES + 1);
	size_t length = 0, used = 0;

	if (!text)
		err(EXIT_BROKEN, "malloc");
	for (VTermPos at = { row, 0 }; at.col < terminal.columns;) {
		VTermScreenCell cell = { .width = 1 };

		vterm_screen_get_cell(terminal.screen, at, &cell);
		if (!cell.chars[0])
			text[length++] = ' ';
		for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			length += encode(cell.chars[i], text + length);
		if (text[length - 1] != ' ')
			used = length;
		at.col += cell.width > 1 ? cell.width : 1;
	}
	text[used] = '\0';
	return text;
}

static bool on_screen(const char *wanted)
{
	bool found = false;

	for (int row = 0; row < terminal.rows && !found; row++) {
		char *text = row_text(row);

		found = strstr(text, wanted);
		free(text);
	}
	return found;
}

static void show_row(int row)
{
	char *text = row_text(row);

	puts(text);
	free(text);
}

static void show(void)
{
	for (int row = 0; row < terminal.rows; row++)
		show_row(row);
}

static bool same_mode(void)
{
	struct termios now;

	if (tcgetattr(terminal.slave, &now))
		err(EXIT_BROKEN, "tcgetattr");
	return now.c_iflag == terminal.before.c_iflag &&
	       now.c_oflag == terminal.before.c_oflag &&
	       now.c_cflag == terminal.before.c_cflag &&
	       now.c_lflag == terminal.before.c_lflag &&
	       !memcmp(now.c_cc, terminal.before.c_cc, sizeof(now.c_cc));
}

static void show_state(void)
{
	const char *difference[] = {
		same_mode() ? NULL : "mode changed",
		terminal.alternate ? "alternate screen" : NULL,
		terminal.cursor_hidden ? "cursor hidden" : NULL,
	};
	const char *separator = "";

	for (size_t i = 0; i < 3; i++) {
		if (!difference[i])
			continue;
		printf("%s%s", separator, difference[i]);
		separator = ", ";
	}
	puts(*separator ? "" : "restored");
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
	(void)user;
	if (property == VTERM_PROP_ALTSCREEN)
		terminal.alternate = value->boolean;
	else if (property == VTERM_PROP_CURSORVISIBLE)
		terminal.cursor_hidden = !value->boolean;
	return 1;
}

static void on_keys(const char *bytes, size_t length, void *user)
{
	(void)user;
	if (write(terminal.master, bytes, length) != (ssize_t)length)
		err(EXIT_BROKEN, "typing");
}

static const VTermScreenCallbacks callbacks = { .settermprop = on_property };

static void make_screen(void)
{
	terminal.vterm = vterm_new(terminal.rows, terminal.columns);
	if (!terminal.vterm)
		errx(EXIT_BROKEN, "no virtual terminal");
	vterm_set_utf8(terminal.vterm, 1);
	vterm_output_set_callback(terminal.vterm, on_keys, NULL);
	terminal.screen = vterm_obtain_screen(terminal.vterm);
	vterm_screen_enable_altscreen(terminal.screen, 1);
	vterm_screen_set_callbacks(terminal.screen, &callbacks, NULL);
	vterm_screen_reset(terminal.screen, 1);
}

/* Takes what the job has sent, waiting for it so long; whether there was any. */
static bool take_output(int milliseconds)
{
	struct pollfd ready = { .fd = terminal.master, .events = POLLIN };
	char bytes[4096];
	ssize_t length;

	if (poll(&ready, 1, milliseconds) < 1)
		return false;
	length = read(terminal.master, bytes, sizeof(bytes));
	if (length <= 0)
		return false;
	if (terminal.raw)
		fwrite(bytes, 1, (size_t)length, terminal.raw);
	vterm_input_write(terminal.vterm, bytes, (size_t)length);
	return true;
}

/*
 * The job
 */

static void look_after_job(void)
{
	int status;

	if (job.ended || waitpid(job.pid, &status, WUNTRACED | WCONTINUED | WNOHANG) <= 0)
		return;
	if (WIFSTOPPED(status)) {
		job.stopped = true;
	} else if (WIFCONTINUED(status)) {
		job.stopped = false;
	} else {
		job.ended = true;
		job.status = WIFEXITED(status) ? WEXITSTATUS(status) :
						 128 + WTERMSIG(status);
	}
}

/* A session of its own, and a group apart from it, which Ctrl+Z can stop. */
static void start_job(char **command)
{
	struct winsize size = {
		.ws_row = (unsigned short)terminal.rows,
		.ws_col = (unsigned short)terminal.columns,
	};

	if (openpty(&terminal.master, &terminal.slave, NULL, NULL, &size))
		err(EXIT_BROKEN, "openpty");
	fcntl(terminal.master, F_SETFD, FD_CLOEXEC);
	if (setsid() < 0 || ioctl(terminal.slave, TIOCSCTTY, 0))
		err(EXIT_BROKEN, "taking the terminal");
	if (tcgetattr(terminal.slave, &terminal.before))
		err(EXIT_BROKEN, "tcgetattr");
	job.pid = fork();
	if (job.pid < 0)
		err(EXIT_BROKEN, "fork");
	if (!job.pid) {
		signal(SIGTTOU, SIG_IGN);
		setpgid(0, 0);
		tcsetpgrp(terminal.slave, getpid());
		/* As at a login: what runs in the background of a script
		 * ignores Ctrl+C.
		 */
		for (int signo = 1; signo < NSIG; signo++)
			signal(signo, SIG_DFL);
		dup2(terminal.slave, STDIN_FILENO);
		dup2(terminal.slave, STDOUT_FILENO);
		dup2(terminal.slave, STDERR_FILENO);
		execvp(command[0], command);
		err(127, "%s", command[0]);
	}
}

/*
 * The script
 */

static void type(const char *text)
{
	while (*text) {
		size_t i;

		for (i = 0; i < KEYS; i++)
			if (!strncmp(text, keys[i].name, strlen(keys[i].name)))
				break;
		if (i < KEYS) {
			vterm_keyboard_key(terminal.vterm, keys[i].key, VTERM_MOD_NONE);
			text += strlen(keys[i].name);
		} else if (*text == '^' && text[1]) {
			on_keys(&(char){ text[1] & 0x1f }, 1, NULL);
			text += 2;
		} else {
			on_keys(text++, 1, NULL);
		}
	}
}

static void resize(const char *text)
{
	struct winsize size = { 0 };

	if (sscanf(text, "%d %d", &terminal.rows, &terminal.columns) != 2)
		errx(EXIT_BROKEN, "resize: '%s' is not ROWS COLUMNS", text);
	size.ws_row = (unsigned short)terminal.rows;
	size.ws_col = (unsigned short)terminal.columns;
	vterm_set_size(terminal.vterm, terminal.rows, terminal.columns);
	/* Sends SIGWINCH to the group in the foreground. */
	if (ioctl(terminal.master, TIOCSWINSZ, &size))
		err(EXIT_BROKEN, "resize");
}

static bool is_stopped(const char *text)
{
	(void)text;
	return job.stopped;
}

static bool is_ended(const char *text)
{
	(void)text;
	return job.ended;
}

static bool is_gone(const char *text)
{
	return !on_screen(text);
}

static void until(const char *step, bool (*reached)(const char *), const char *text)
{
	time_t deadline = time(NULL) + STEP_SECONDS;

	for (;;) {
		look_after_job();
		/* All that has come: half a screen says nothing. */
		while (take_output(job.ended ? 0 : 20))
			;
		if (reached(text))
			return;
		if (time(NULL) < deadline && (!job.ended || reached == is_ended))
			continue;
		printf("%s: %s\n", job.ended ? "ended before" : "time is up", step);
		show();
		fflush(stdout);
		kill(-job.pid, SIGKILL);
		exit(EXIT_TIMEOUT);
	}
}

static void take_step(const char *step)
{
	size_t length = strcspn(step, " ");
	const char *text = step + length + (step[length] == ' ');
	char *name = strndup(step, length);
	int number = atoi(text);

	if (!name)
		err(EXIT_BROKEN, "strndup");
	while (take_output(0))
		;
	if (!strcmp(name, "wait"))
		until(step, on_screen, text);
	else if (!strcmp(name, "gone"))
		until(step, is_gone, text);
	else if (!strcmp(name, "type"))
		type(text);
	else if (!strcmp(name, "resize"))
		resize(text);
	else if (!strcmp(name, "run"))
		fflush(stdout), system(text);
	else if (!strcmp(name, "signal"))
		kill(job.pid, number);
	else if (!strcmp(name, "stopped"))
		until(step, is_stopped, NULL);
	else if (!strcmp(name, "ended"))
		until(step, is_ended, NULL);
	else if (!strcmp(name, "show"))
		show();
	else if (!strcmp(name, "row"))
		show_row(number < 0 ? terminal.rows + number : number - 1);
	else if (!strcmp(name, "state"))
		show_state();
	else
		errx(EXIT_BROKEN, "unknown step '%s'", step);
	free(name);
}

static void converse(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	while ((length = getline(&line, &room, stdin)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (*line)
			take_step(line);
	}
	free(line);
	until("the end", is_ended, NULL);
	printf("=> %d, ", job.status);
	show_state();
}

int main(int argc, char **argv)
{
	char **argument = argv + 1;
	pid_t child;
	int status;

	if (argc > 3 && !strcmp(argument[0], "-r")) {
		terminal.raw = fopen(argument[1], "w");
		if (!terminal.raw)
			err(EXIT_BROKEN, "%s", argument[1]);
		argument += 2;
	}
	if (argument + 3 > argv + argc)
		errx(EXIT_BROKEN, "usage: screen [-r FILE] ROWS COLUMNS COMMAND...");
	terminal.rows = atoi(argument[0]);
	terminal.columns = atoi(argument[1]);
	if (terminal.rows < 1 || terminal.columns < 1)
		errx(EXIT_BROKEN, "'%s' rows, '%s' columns", argument[0], argument[1]);

	/* A leader of a group, which this may be, cannot begin a session. */
	child = fork();
	if (child < 0)
		err(EXIT_BROKEN, "fork");
	if (child)
		return waitpid(child, &status, 0) < 0 || !WIFEXITED(status) ?
			       EXIT_BROKEN : WEXITSTATUS(status);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	make_screen();
	start_job(argument + 2);
	converse();
	if (fflush(stdout) || (terminal.raw && fclose(terminal.raw)))
		err(EXIT_BROKEN, "writing");
	return 0;
}
