/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/trace_copy.h"

#include "traces/check.h"

static enum err copy_records(struct trace_writer *w, struct trace_reader *r, struct diag *d)
{
	struct trace_batch b;
	enum err err;

	while (!(err = trace_reader_next(r, &b, d)) && b.n)
		for (size_t i = 0; i < b.n; i++) {
			const struct trace_rec *rec = &b.rec[i];
			size_t bytes = trace_payload_bytes(rec);

			err = trace_writer_put(w, rec, bytes ? b.payload + rec->b : NULL, bytes,
					       d);
			if (err)
				return err;
		}
	return err;
}

enum err trace_copy_swt(struct trace_reader *r, const char *out,
			const struct trace_writer_options *o, struct diag *d)
{
	struct trace_writer *w;
	enum err err = trace_writer_open(&w, out, trace_reader_header(r), o, d);

	if (err)
		return err;
	err = copy_records(w, r, d);
	if (!err)
		return trace_writer_close(w, NULL, d);
	trace_writer_abort(w);
	return err;
}
