/* SPDX-License-Identifier: MIT */
/* Translation: _() where a text is shown, N_() where a table only holds it. */
#ifndef TAM_INTL_H
#define TAM_INTL_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) (text)

#endif
