/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -o FILE of commands that print: nothing stands under the name before all of it is written. A
 * device, pipe or socket is written to as it is, never replaced by a file.
 */
#ifndef SHADEWALK_SIM_CMD_OUT_H
#define SHADEWALK_SIM_CMD_OUT_H

#include <stdio.h>

#include "base/err.h"

struct cmd_out { FILE *f; const char *path; char *partial; };

/* path NULL or "-": stdout. Borrowed until close. in[n]: what the command reads, never written. */
enum err cmd_out_open(struct cmd_out *o, const char *path, const char *const *in, size_t n,
		      struct diag *d)
	__attribute__((warn_unused_result));
/* e is what happened so far: a failure removes the file and is returned as it is. */
enum err cmd_out_close(struct cmd_out *o, enum err e, struct diag *d)
	__attribute__((warn_unused_result));

#endif
