// SPDX-License-Identifier: MIT
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "intl.h"
#include "message.h"

bool output_is_styled(void)
{
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") &&
	       !(no_color && *no_color);
}

size_t output_width(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 80;
}

size_t output_height(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row)
		return size.ws_row;
	return 24;
}

static int fail_write(const char *what, int error)
{
	if (error == EPIPE)
		return EXIT_FAILED;
	return fail(what, _("writing the output: %s"), strerror(error ? error : EIO));
}

int output_text(const char *what, const char *text)
{
	size_t length = strlen(text);

	errno = 0;
	if (fputs(text, stdout) == EOF ||
	    (length && text[length - 1] != '\n' && putchar('\n') == EOF))
		return fail_write(what, errno);
	return output_flush(what);
}

int output_flush(const char *what)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_DONE;
	return fail_write(what, errno);
}
