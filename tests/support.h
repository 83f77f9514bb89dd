/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every compiled test starts with: cmocka and the headers it wants before it. */
#ifndef SHADEWALK_TESTS_SUPPORT_H
#define SHADEWALK_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

/* The call succeeded; otherwise the test fails with the error's name and text. */
#define assert_ok(call, diag) test_ok((call), (diag), #call, __FILE__, __LINE__)
/* The call failed in just this way, and its one-line text contains the words. */
#define assert_err(want, call, diag, words) \
	test_err((want), (call), (diag), (words), #call, __FILE__, __LINE__)

void test_ok(enum err e, const struct diag *d, const char *call, const char *file, int line);
void test_err(enum err want, enum err e, const struct diag *d, const char *words,
	      const char *call, const char *file, int line);

/* Path below the source tree ("tests/golden/x.swt"), in a static buffer of the callee. */
const char *test_path(const char *relative);

#endif
