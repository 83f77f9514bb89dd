/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)  /* without it only the fuzz targets are built */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void test_ok(enum err e, const struct diag *d, const char *call, const char *file, int line)
{
	if (e == ERR_OK)
		return;
	print_error("%s: %s: %s\n", call, err_text(e), d ? d->msg : "");
	_fail(file, line);
}

void test_err(enum err want, enum err e, const struct diag *d, const char *words,
	      const char *call, const char *file, int line)
{
	if (e == want && (!d || (strstr(d->msg, words) && !strchr(d->msg, '\n'))))
		return;
	print_error("%s: got %s (%s), wanted %s with '%s'\n", call, err_text(e),
		    d ? d->msg : "", err_text(want), words);
	_fail(file, line);
}

const char *test_path(const char *relative)
{
	static char path[4096];
	const char *src = getenv("SHADEWALK_SRC");

	snprintf(path, sizeof(path), "%s/%s", src ? src : ".", relative);
	return path;
}
#else
typedef int cmocka_is_missing;
#endif
