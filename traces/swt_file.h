/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A .swt file as a list of data frames; what surrounds them is read and checked at opening. */
#ifndef SHADEWALK_TRACES_SWT_FILE_H
#define SHADEWALK_TRACES_SWT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "traces/header.h"
#include "traces/swt.h"

struct swt_file {
	const char *path;               /* borrowed until close */
	int fd;                         /* borrowed until close */
	uint64_t bytes, data_at;        /* of the file; where the first data frame starts */
	struct trace_header header;
	struct trace_symbols symbols;   /* empty: the file has no map */
	struct swt_footer footer;       /* of a cut off file: of what is left; no id */
	struct swt_seek *seek;
	size_t frames;
	char cut_off[160];              /* "" when whole */
	uint8_t *buf;
	size_t cap;
};

/* With is_partial, a cut off file opens, with cut_off filled. f is closed again on failure. */
enum err swt_file_open(struct swt_file *f, const char *path, int fd, uint64_t bytes,
		       bool is_partial, struct diag *d) __attribute__((warn_unused_result));
void swt_file_close(struct swt_file *f);

/* Bytes of data frame i, their XXH64 checked. Borrowed until the next call. */
enum err swt_file_frame(struct swt_file *f, size_t i, const uint8_t **p, struct diag *d)
	__attribute__((warn_unused_result));

/* ERR_TRACE with "PATH: offset N: why". */
enum err swt_damage(const char *path, uint64_t offset, const char *why, struct diag *d)
	__attribute__((warn_unused_result));

#endif
