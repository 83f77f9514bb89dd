/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same records in another file. */
#ifndef SHADEWALK_SIM_TRACE_COPY_H
#define SHADEWALK_SIM_TRACE_COPY_H

#include "base/err.h"
#include "traces/reader.h"
#include "traces/writer.h"

/* All of r, unread so far. Nothing is left under `out` on failure. */
enum err trace_copy_swt(struct trace_reader *r, const char *out,
			const struct trace_writer_options *o, struct diag *d)
	__attribute__((warn_unused_result));

#endif
