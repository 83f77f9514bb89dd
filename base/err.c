/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const struct { int exit_code; const char *text; } errs[ERR_COUNT] = {
#define X(id, code, txt) [ERR_##id] = { .exit_code = (code), .text = (txt) },
	ERR_LIST(X)
#undef X
};

enum err diag_set(struct diag *d, enum err e, const char *fmt, ...)
{
	if (d) {
		va_list ap;

		va_start(ap, fmt);
		vsnprintf(d->msg, sizeof(d->msg), fmt, ap);
		va_end(ap);
	}
	return e;
}

const char *err_text(enum err e)
{
	return (unsigned)e < ERR_COUNT ? errs[e].text : "unknown error";
}

int err_exit_code(enum err e)
{
	return (unsigned)e < ERR_COUNT ? errs[e].exit_code : 1;
}
