/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frame ends where its record count is reached, but never between a run and its accesses:
 * the decoder's view of "inside a run" starts afresh in each frame.
 */
#include "traces/writer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traces/check.h"
#include "traces/codec.h"
#include "traces/frame_zstd.h"
#include "traces/id.h"
#include "traces/swt.h"

enum { DEFAULT_LEVEL = 3, DEFAULT_FRAME_RECORDS = 1 << 20 };

struct trace_writer {
	char *path, *partial;
	FILE *f;
	uint64_t offset;                /* bytes written */
	struct codec_enc *enc;
	struct frame_enc *zstd;
	struct trace_id *id;
	struct trace_check check;
	uint32_t frame_records;
	struct swt_seek *seek;
	size_t frames, seek_cap;
	struct swt_footer total;        /* of finished frames */
	uint64_t records, instructions; /* put so far */
	bool is_failed;
	enum err failure;
	struct diag why;
};

/* Remembers the first failure: every later call repeats it. */
static enum err writer_fail(struct trace_writer *w, enum err e, const struct diag *d)
{
	if (!w->is_failed) {
		w->is_failed = true;
		w->failure = e;
		if (d)
			w->why = *d;
	}
	return e;
}

static enum err writer_repeat(const struct trace_writer *w, struct diag *d)
{
	return diag_set(d, w->failure, "%s", w->why.msg);
}

static enum err write_bytes(struct trace_writer *w, const void *p, size_t bytes, struct diag *d)
{
	if (fwrite(p, 1, bytes, w->f) != bytes)
		return diag_set(d, ERR_IO, "%s: offset %llu: %s", w->partial,
				(unsigned long long)w->offset, strerror(errno));
	w->offset += bytes;
	return ERR_OK;
}

static enum err write_header(struct trace_writer *w, const struct trace_header *h,
			     struct diag *d)
{
	uint8_t *p = NULL;
	char *json = NULL;
	enum err err = trace_header_to_json(h, &json, d);
	size_t n;

	if (err)
		return err;
	n = strlen(json);
	if (n > SWT_MAX_HEADER_BYTES) {
		err = diag_set(d, ERR_TRACE, "%s: header is larger than 16 MB", w->path);
		goto out;
	}
	if (!(p = malloc(SWT_AROUND_BYTES + n))) {
		err = diag_set(d, ERR_NOMEM, "out of memory");
		goto out;
	}
	memcpy(p + SWT_BODY_AT, json, n);
	swt_seal(p, SWT_AROUND_BYTES + n, SWT_MAGIC_HEADER, SWT_TAG_HEADER);
	err = write_bytes(w, p, SWT_AROUND_BYTES + n, d);
out:
	free(p);
	free(json);
	return err;
}

/* The body is a zstd frame: names of functions pack well. */
static enum err write_symbols(struct trace_writer *w, const struct trace_symbols *s,
			      struct diag *d)
{
	uint8_t *content, *p = NULL;
	const uint8_t *packed;
	size_t bytes, n;
	enum err err;

	if (!s || !s->n)
		return ERR_OK;
	if ((err = trace_symbols_encode(s, &content, &bytes, d)))
		return err;
	err = frame_enc_run(w->zstd, content, bytes, &packed, &n, d);
	if (!err && !(p = malloc(SWT_AROUND_BYTES + n)))
		err = diag_set(d, ERR_NOMEM, "out of memory");
	if (!err) {
		memcpy(p + SWT_BODY_AT, packed, n);
		swt_seal(p, SWT_AROUND_BYTES + n, SWT_MAGIC_SYMBOLS, SWT_TAG_SYMBOLS);
		err = write_bytes(w, p, SWT_AROUND_BYTES + n, d);
	}
	free(p);
	free(content);
	return err;
}

static enum err writer_name(struct trace_writer *w, const char *path, struct diag *d)
{
	size_t n = strlen(path) + sizeof(".partial");

	w->path = strdup(path);
	w->partial = malloc(n);
	if (!w->path || !w->partial)
		return diag_set(d, ERR_NOMEM, "out of memory");
	snprintf(w->partial, n, "%s.partial", path);
	return ERR_OK;
}

/* Bounds: the frame must stay below CODEC_MAX_RECORDS with the accesses of its last run. */
static enum err writer_options(struct trace_writer *w, const struct trace_writer_options *o,
			       int *level, struct diag *d)
{
	*level = o && o->level ? o->level : DEFAULT_LEVEL;
	w->frame_records = o && o->frame_records ? o->frame_records : DEFAULT_FRAME_RECORDS;
	if (w->frame_records > CODEC_MAX_RECORDS / 2)
		return diag_set(d, ERR_USAGE, "%u records per frame: want at most %d",
				w->frame_records, CODEC_MAX_RECORDS / 2);
	return ERR_OK;
}

enum err trace_writer_open(struct trace_writer **out, const char *path,
			   const struct trace_header *h, const struct trace_writer_options *o,
			   struct diag *d)
{
	struct trace_writer *w = calloc(1, sizeof(*w));
	enum err err;
	int level;

	*out = NULL;
	if (!w)
		return diag_set(d, ERR_NOMEM, "out of memory");
	if ((err = writer_name(w, path, d)) || (err = writer_options(w, o, &level, d)) ||
	    (err = trace_id_create(&w->id, h, d)) || (err = codec_enc_create(&w->enc, d)) ||
	    (err = frame_enc_create(&w->zstd, level, d)))
		goto fail;
	w->f = fopen(w->partial, "wb");
	if (!w->f) {
		err = diag_set(d, ERR_IO, "%s: %s", w->partial, strerror(errno));
		goto fail;
	}
	if ((err = write_header(w, h, d)) || (err = write_symbols(w, o ? o->symbols : NULL, d)))
		goto fail;
	*out = w;
	return ERR_OK;
fail:
	trace_writer_abort(w);
	return err;
}

static enum err seek_add(struct trace_writer *w, const struct swt_seek *s, struct diag *d)
{
	if (w->frames == w->seek_cap) {
		size_t cap = w->seek_cap ? 2 * w->seek_cap : 64;
		struct swt_seek *p = realloc(w->seek, cap * sizeof(*p));

		if (!p)
			return diag_set(d, ERR_NOMEM, "out of memory");
		w->seek = p;
		w->seek_cap = cap;
	}
	w->seek[w->frames++] = *s;
	return ERR_OK;
}

static enum err finish_frame(struct trace_writer *w, struct diag *d)
{
	struct swt_seek s = { .offset = w->offset, .first = w->total.records,
			      .instructions = w->total.instructions };
	struct codec_frame frame;
	const uint8_t *p;
	size_t bytes;
	enum err err;

	if (!codec_enc_records(w->enc))
		return ERR_OK;
	if ((err = codec_enc_finish(w->enc, &frame, d)) ||
	    (err = frame_enc_run(w->zstd, frame.p, frame.bytes, &p, &bytes, d)))
		return err;
	s.hash = XXH64(p, bytes, 0);
	s.bytes = (uint32_t)bytes;
	s.records = frame.records;
	if ((err = seek_add(w, &s, d)))
		return err;
	w->total.records += frame.records;
	w->total.instructions += frame.instructions;
	w->total.references += frame.references;
	return write_bytes(w, p, bytes, d);
}

static bool is_frame_full(const struct trace_writer *w, const struct trace_rec *next)
{
	if (trace_is_access(next) && w->check.insns)
		return false;
	return codec_enc_records(w->enc) >= w->frame_records ||
	       codec_enc_bytes(w->enc) >= CODEC_SOFT_BYTES;
}

static enum err writer_put(struct trace_writer *w, const struct trace_rec *r,
			   const void *payload, size_t bytes, struct diag *d)
{
	bool is_full = is_frame_full(w, r);
	const char *why = trace_check_next(&w->check, r, bytes);
	enum err err;

	if (why || (bytes && !payload))
		return diag_set(d, ERR_TRACE, "%s: record %llu (%s va=0x%08x arg=%u): %s",
				w->path, (unsigned long long)w->records,
				trace_kind_name(r->kind), r->va, r->arg,
				why ? why : "payload is missing");
	if (is_full && (err = finish_frame(w, d)))
		return err;
	if ((err = codec_enc_put(w->enc, r, payload, d)))
		return err;
	trace_id_add(w->id, r, payload);
	w->records++;
	w->instructions += trace_rec_instructions(r);
	return ERR_OK;
}

enum err trace_writer_put(struct trace_writer *w, const struct trace_rec *r,
			  const void *payload, size_t bytes, struct diag *d)
{
	struct diag mine;
	enum err err;

	if (__builtin_expect(w->is_failed, 0))
		return writer_repeat(w, d);
	if (!d)
		d = &mine;
	err = writer_put(w, r, payload, bytes, d);
	return err ? writer_fail(w, err, d) : ERR_OK;
}

uint64_t trace_writer_records(const struct trace_writer *w) { return w->records; }
uint64_t trace_writer_instructions(const struct trace_writer *w) { return w->instructions; }

static enum err write_seek(struct trace_writer *w, struct diag *d)
{
	size_t bytes = SWT_AROUND_BYTES + w->frames * SWT_SEEK_ENTRY_BYTES;
	uint8_t *p;
	enum err err;

	if (bytes - SWT_SKIP_BYTES > UINT32_MAX)
		return diag_set(d, ERR_TRACE, "%s: more frames than a seek table holds",
				w->path);
	if (!(p = malloc(bytes)))
		return diag_set(d, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < w->frames; i++)
		swt_seek_put(p + SWT_BODY_AT + i * SWT_SEEK_ENTRY_BYTES, &w->seek[i]);
	swt_seal(p, bytes, SWT_MAGIC_SEEK, SWT_TAG_SEEK);
	w->total.seek_offset = w->offset;
	w->total.frames = w->frames;
	err = write_bytes(w, p, bytes, d);
	free(p);
	return err;
}

static enum err write_footer(struct trace_writer *w, struct diag *d)
{
	uint8_t p[SWT_FOOTER_BYTES];

	trace_id_finish(w->id, w->total.id);
	swt_footer_put(p + SWT_BODY_AT, &w->total);
	swt_seal(p, sizeof(p), SWT_MAGIC_FOOTER, SWT_TAG_FOOTER);
	return write_bytes(w, p, sizeof(p), d);
}

/* The data must be on disk before the name is: a crash leaves the old file or the new one. */
static enum err writer_publish(struct trace_writer *w, struct diag *d)
{
	FILE *f = w->f;
	int failed = fflush(f) || fsync(fileno(f));

	w->f = NULL;
	if (failed) {
		int e = errno;

		fclose(f);
		unlink(w->partial);
		return diag_set(d, ERR_IO, "%s: %s", w->partial, strerror(e));
	}
	if (fclose(f) || rename(w->partial, w->path)) {
		enum err err = diag_set(d, ERR_IO, "%s: %s", w->path, strerror(errno));

		unlink(w->partial);
		return err;
	}
	return ERR_OK;
}

enum err trace_writer_close(struct trace_writer *w, struct trace_summary *s, struct diag *d)
{
	enum err err;

	if (w->is_failed)
		err = writer_repeat(w, d);
	else if (!(err = finish_frame(w, d)) && !(err = write_seek(w, d)) &&
		 !(err = write_footer(w, d)))
		err = writer_publish(w, d);
	if (!err && s) {
		s->records = w->total.records;
		s->instructions = w->total.instructions;
		s->references = w->total.references;
		s->bytes = w->offset;
		trace_id_to_hex(w->total.id, s->id);
	}
	trace_writer_abort(w);
	return err;
}

void trace_writer_abort(struct trace_writer *w)
{
	if (!w)
		return;
	if (w->f) {
		fclose(w->f);
		unlink(w->partial);
	}
	codec_enc_destroy(w->enc);
	frame_enc_destroy(w->zstd);
	trace_id_destroy(w->id);
	free(w->seek);
	free(w->path);
	free(w->partial);
	free(w);
}
