/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever bytes come as a din or lackey trace: read, or refused with one line of text that names a
 * line; what is read are records that any trace may hold, and as many as were counted.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "traces/check.h"
#include "traces/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen { struct trace_check check; uint64_t n; };

static enum err take(void *ctx, const struct trace_rec *r, struct diag *d)
{
	struct seen *s = ctx;

	(void)d;
	assert(!trace_check_next(&s->check, r, 0));
	s->n++;
	return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (unsigned how = 0; size && how < 2 * IMPORT_FORMATS; how++) {
		struct import_options o = { .format = (enum import_format)(how >> 1),
					    .fold = how & 1, .skip_other = how & 1 };
		FILE *f = fmemopen((void *)(uintptr_t)data, size, "r");
		struct seen s = { .n = 0 };
		struct diag d = { .msg = "" };
		struct import_counts n;
		enum err e;

		if (!f)
			return 0;
		e = trace_import(f, "t", &o, take, &s, &n, NULL, &d);
		fclose(f);
		assert(s.n == n.fetches + n.loads + n.stores);
		if (e)
			assert(e == ERR_TRACE && !strncmp(d.msg, "t: ", 3) && strstr(d.msg, " line") &&
			       !strchr(d.msg, '\n'));
		else
			assert(s.n && n.lines);
		assert(o.fold || !n.folded);
	}
	return 0;
}
