/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration files of `run`: YAML, the same dotted names as --set, nested or not.
 *
 *	core: generic
 *	tlb: { entries: 32, ways: 32 }
 *	cost.trap_entry: 70
 *	strategies: [native, "coherent:entries=1024"]
 */
#ifndef SHADEWALK_SIM_CONFIG_FILE_H
#define SHADEWALK_SIM_CONFIG_FILE_H

#include <stddef.h>

#include "base/err.h"

enum { CONFIG_FILE_MAX = 256 };         /* settings of one file */

/* Words that are not parameters; NULL: not in the file. where: "FILE:LINE:COLUMN". */
struct config_word { char *text, *where; };

struct config_file {
	char *set[CONFIG_FILE_MAX];     /* KEY=VALUE, in the order of the file */
	char *where[CONFIG_FILE_MAX];   /* of the value */
	size_t n;
	struct config_word core, strategies, seed, warmup;
};

/* ERR_IO: cannot be read; ERR_CONFIG: file, line, column, what was found, what is allowed. Names and
 * values of parameters are for whoever knows the host row. *out is to be freed in any case. */
enum err config_file_read(struct config_file *out, const char *path, struct diag *d)
	__attribute__((warn_unused_result));
/* The same of a text; name stands in messages. */
enum err config_text_read(struct config_file *out, const char *name, const char *text, size_t bytes,
			  struct diag *d) __attribute__((warn_unused_result));
void config_file_free(struct config_file *f);

#endif
