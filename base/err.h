/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors of input and environment: a code, and one line of text filled where it was found.
 * Our own bugs are asserts; what the guest does wrong is a modelled outcome, never an error.
 */
#ifndef SHADEWALK_BASE_ERR_H
#define SHADEWALK_BASE_ERR_H

/* X(id, exit code of the program, text) ; exit codes are listed in the manual page */
#define ERR_LIST(X)                                              \
	X(OK,       0, "success")                                \
	X(NOMEM,    1, "out of memory")                          \
	X(IO,       1, "read or write failed")                   \
	X(DB,       1, "results database refused")               \
	X(USAGE,    2, "wrong usage")                            \
	X(CONFIG,   2, "impossible configuration")               \
	X(TRACE,    3, "trace is unreadable, corrupt or cut off") \
	X(POINTS,   4, "some points failed")                     \
	X(CHECK,    5, "a check found a violation")              \
	X(STOPPED, 75, "stopped early, can be resumed")

enum err {
#define X(id, code, text) ERR_##id,
	ERR_LIST(X)
#undef X
	ERR_COUNT
};

struct diag {
	char msg[512];          /* one line, no newline: who, where, what, what is allowed */
};

/* Fills d (may be NULL) and returns e, so that callers write `return diag_set(...)`. */
enum err diag_set(struct diag *d, enum err e, const char *fmt, ...)
	__attribute__((warn_unused_result, format(printf, 3, 4)));
const char *err_text(enum err e);
int err_exit_code(enum err e);

#endif
