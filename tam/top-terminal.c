// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "top-terminal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define NCURSES_NOMACROS
#include <curses.h>
#include <term.h>

#include "intl.h"
#include "message.h"

/* Esc is told from the beginning of a key's code by what follows in this time. */
#define ESCAPE_MILLISECONDS 200

static SCREEN *screen;

/* Asked for only while terminal_wait() waits; blocked at all other times. */
static const int asked_for[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
static volatile sig_atomic_t received;
static sigset_t outside;

/* Crashes, and what else ends a program that does not handle it. */
static const int deadly[] = {
	SIGSEGV, SIGBUS,  SIGABRT, SIGFPE,    SIGILL,  SIGTRAP, SIGSYS,
	SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ,
	SIGPOLL, SIGPWR,
#ifdef SIGSTKFLT
	SIGSTKFLT,
#endif
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/*
 * What a crash needs: it can trust neither ncurses nor the stack. Text is what
 * gives the screen back.
 */
static struct {
	volatile sig_atomic_t is_armed;
	struct termios mode;
	char text[256];
	size_t length;
} rescue;

static char crash_stack[16384];

static int add_to_rescue(int c)
{
	if (rescue.length == sizeof(rescue.text))
		return EOF;
	rescue.text[rescue.length++] = (char)c;
	return c;
}

/* tputs() leaves out the padding, which is for terminals made of metal. */
static void prepare_rescue(void)
{
	const char *const parts[] = {
		exit_attribute_mode, orig_pair, cursor_normal, keypad_local,
		exit_ca_mode ? exit_ca_mode : "\r\n",
	};

	rescue.length = 0;
	for (size_t i = 0; i < COUNT(parts); i++)
		if (parts[i])
			tputs(parts[i], 1, add_to_rescue);
}

static void on_crash(int signo)
{
	if (rescue.is_armed) {
		ssize_t written = write(STDOUT_FILENO, rescue.text, rescue.length);

		(void)written; /* nothing is left to do about it */
		signal(SIGTTOU, SIG_IGN); /* a job in the background would stop */
		tcsetattr(STDIN_FILENO, TCSANOW, &rescue.mode);
	}
	/* The default by SA_RESETHAND, and not blocked by SA_NODEFER. */
	raise(signo);
}

static void on_signal(int signo)
{
	received = signo;
}

static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	stack_t stack = { .ss_sp = crash_stack, .ss_size = sizeof(crash_stack) };
	struct sigaction old;
	sigset_t blocked;

	/* One at a time: those that come meanwhile stay pending. */
	sigfillset(&action.sa_mask);
	/* ncurses handles SIGWINCH: a change of size then comes as a key. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	for (size_t i = 0; i < COUNT(asked_for); i++) {
		/* What the shell made us ignore stays ignored (nohup). */
		if (sigaction(asked_for[i], NULL, &old) || old.sa_handler == SIG_IGN)
			continue;
		sigaction(asked_for[i], &action, NULL);
		sigaddset(&blocked, asked_for[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, &outside);

	sigaltstack(&stack, NULL);
	action.sa_handler = on_crash;
	action.sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
	for (size_t i = 0; i < COUNT(deadly); i++)
		if (!sigaction(deadly[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(deadly[i], &action, NULL);
}

bool terminal_is_usable(void)
{
	const char *term = getenv("TERM");
	int result;

	if (!term || !*term) {
		fail("top", _("TERM is not set; 'tam top -b' needs no terminal"));
		return false;
	}
	if (setupterm(term, STDOUT_FILENO, &result) != OK) {
		fail("top", _("the terminal '%s' (TERM) is not known; "
			      "'tam top -b' needs none"), term);
		return false;
	}
	if (!cursor_address || !clear_screen) {
		fail("top", _("the terminal '%s' (TERM) cannot move its cursor; "
			      "'tam top -b' needs none"), term);
		return false;
	}
	del_curterm(cur_term);
	return true;
}

static void choose_colors(void)
{
	const char *no_color = getenv("NO_COLOR");

	if ((no_color && *no_color) || !has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	init_pair(1, COLOR_GREEN, -1);
}

bool terminal_take(void)
{
	if (tcgetattr(STDIN_FILENO, &rescue.mode)) {
		fail("top", _("the terminal's mode: %s"), strerror(errno));
		return false;
	}
	handle_signals();
	screen = newterm(NULL, stdout, stdin);
	if (!screen) {
		fail("top", _("the terminal cannot be set up; 'tam top -b' needs none"));
		return false;
	}
	prepare_rescue();
	rescue.is_armed = 1;
	choose_colors();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	if (!getenv("ESCDELAY"))
		set_escdelay(ESCAPE_MILLISECONDS);
	return true;
}

void terminal_give_back(void)
{
	if (!rescue.is_armed)
		return;
	endwin();
	rescue.is_armed = 0;
}

/* As the signal would have done, had it not been handled; once it may go on. */
static void succumb(int signo)
{
	struct sigaction action = { .sa_handler = SIG_DFL }, old;
	sigset_t set, mask;

	sigaction(signo, &action, &old);
	sigemptyset(&set);
	sigaddset(&set, signo);
	raise(signo);
	sigprocmask(SIG_UNBLOCK, &set, &mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(signo, &old, NULL);
}

/* Whether one came while the program was stopped. */
static bool is_asked(void)
{
	sigset_t pending;
	bool asked = false;

	sigpending(&pending);
	for (size_t i = 0; i < COUNT(asked_for); i++)
		asked |= sigismember(&pending, asked_for[i]) == 1 &&
			 sigismember(&outside, asked_for[i]) == 0;
	return asked;
}

/* A program that is stopped is not told of a new size. */
static void ask_size(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col &&
	    is_term_resized(size.ws_row, size.ws_col))
		resizeterm(size.ws_row, size.ws_col);
}

static int take_received(void)
{
	int signo = received;

	received = 0;
	return signo;
}

static enum terminal_event answer(int signo)
{
	switch (signo) {
	case SIGINT:
	case SIGTERM:
		return TERMINAL_STOP;
	case SIGTSTP:
		terminal_give_back();
		succumb(signo);
		/*
		 * One that is to end, in the background perhaps, draws no more.
		 * Keys that wait would keep poll() from delivering the signal.
		 */
		if (is_asked()) {
			while (!received)
				sigsuspend(&outside);
			return answer(take_received());
		}
		rescue.is_armed = 1;
		ask_size();
		return TERMINAL_RETURNED;
	default:
		terminal_give_back();
		succumb(signo);
		return TERMINAL_STOP;
	}
}

enum terminal_event terminal_wait(double seconds)
{
	struct pollfd ready = { .fd = STDIN_FILENO, .events = POLLIN };
	struct timespec timeout = { .tv_sec = (time_t)seconds };
	int count;

	timeout.tv_nsec = (long)((seconds - (double)timeout.tv_sec) * 1e9);
	count = ppoll(&ready, 1, &timeout, &outside);
	if (received)
		return answer(take_received());
	if (count > 0)
		return ready.revents == POLLIN ? TERMINAL_INPUT : TERMINAL_GONE;
	/* Interrupted by SIGWINCH, which ncurses tells by a key. */
	return count < 0 ? TERMINAL_INPUT : TERMINAL_TIME;
}

bool terminal_has_blocks(void)
{
	/* The lower half block, in the terminal's character set. */
	char bytes[MB_LEN_MAX];
	mbstate_t state = { 0 };

	return wcrtomb(bytes, L'\u2584', &state) != (size_t)-1;
}
