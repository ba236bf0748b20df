// SPDX-License-Identifier: MIT
#include "csv.h"

#include <string.h>

#include "text.h"

void csv_field(FILE *out, bool is_first, const char *text)
{
	bool quoted = text && strpbrk(text, ",\"");
	char piece[TEXT_PIECE];

	if (!is_first)
		putc(',', out);
	if (quoted)
		putc('"', out);
	while (text && text_next_utf8(&text, piece)) {
		if (*piece == '"')
			putc('"', out);
		fputs(piece, out);
	}
	if (quoted)
		putc('"', out);
}
