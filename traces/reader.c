/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traces/codec.h"
#include "traces/frame_zstd.h"
#include "traces/id.h"
#include "traces/swt_file.h"
#include "traces/text.h"

struct trace_reader {
	char *path;
	int fd;
	uint64_t bytes;
	bool is_text, is_failed, verify_id;
	struct swt_file file;           /* footer: also of a text */
	struct trace_text text;
	struct frame_dec *zstd;
	struct codec_dec *dec;
	struct trace_id *id;            /* running, when verify_id */
	size_t frame;                   /* next data frame */
	struct codec_frame cur;         /* data frame being decoded; p: its payload area */
	uint64_t next;                  /* number of the next record */
	uint64_t references;            /* of the data frames opened so far */
	bool was_moved;                 /* trace_reader_seek: no totals at the end */
	char hex[TRACE_ID_HEX];
	char cut_off[700];
	struct trace_rec rec[CODEC_BATCH];
};

static enum err open_file(struct trace_reader *t, struct diag *d)
{
	struct stat st;

	t->fd = open(t->path, O_RDONLY | O_CLOEXEC);
	if (t->fd < 0 || fstat(t->fd, &st))
		return diag_set(d, ERR_TRACE, "%s: %s", t->path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return diag_set(d, ERR_TRACE, "%s: is a directory, not a trace", t->path);
	if (!S_ISREG(st.st_mode))
		return diag_set(d, ERR_TRACE, "%s: not a regular file", t->path);
	if (!st.st_size)
		return diag_set(d, ERR_TRACE, "%s: offset 0: empty file, not a trace", t->path);
	t->bytes = (uint64_t)st.st_size;
	return ERR_OK;
}

static bool looks_like_text(const struct trace_reader *t)
{
	char head[sizeof(TRACE_TEXT_MAGIC) - 1];

	return pread(t->fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	       !memcmp(head, TRACE_TEXT_MAGIC, sizeof(head));
}

/* A text has no footer: totals and id are computed. */
static enum err text_totals(struct trace_reader *t, struct diag *d)
{
	struct swt_footer *f = &t->file.footer;
	struct trace_id *id;
	enum err err = trace_id_create(&id, &t->text.header, d);

	if (err)
		return err;
	for (size_t i = 0; i < t->text.n; i++) {
		const struct trace_rec *r = &t->text.rec[i];

		trace_id_add(id, r, trace_has_payload(r->kind) ? t->text.payload + r->b : NULL);
		f->instructions += trace_rec_instructions(r);
		f->references += trace_rec_references(r);
	}
	f->records = t->text.n;
	trace_id_finish(id, f->id);
	trace_id_destroy(id);
	return ERR_OK;
}

static enum err open_text(struct trace_reader *t, struct diag *d)
{
	char *text = malloc(t->bytes);
	size_t got = 0;
	enum err err;

	if (!text)
		return diag_set(d, ERR_NOMEM, "out of memory");
	while (got < t->bytes) {
		ssize_t n = pread(t->fd, text + got, t->bytes - got, (off_t)got);

		if (n <= 0 && !(n < 0 && errno == EINTR)) {
			err = diag_set(d, ERR_TRACE, "%s: offset %zu: %s", t->path, got,
				       n ? strerror(errno) : "file ends too early");
			goto out;
		}
		got += n > 0 ? (size_t)n : 0;
	}
	t->is_text = true;
	err = trace_text_parse(&t->text, t->path, text, t->bytes, d);
	if (!err)
		err = text_totals(t, d);
out:
	free(text);
	return err;
}

static enum err open_swt(struct trace_reader *t, bool is_partial, struct diag *d)
{
	enum err err = swt_file_open(&t->file, t->path, t->fd, t->bytes, is_partial, d);

	if (err)
		return err;
	if (t->file.cut_off[0])
		snprintf(t->cut_off, sizeof(t->cut_off), "%.500s: %s", t->path,
			 t->file.cut_off);
	if ((err = frame_dec_create(&t->zstd, d)))
		return err;
	return codec_dec_create(&t->dec, d);
}

static enum err reader_open(struct trace_reader **out, const char *path, bool is_partial,
			    struct diag *d)
{
	struct trace_reader *t = calloc(1, sizeof(*t));
	enum err err;

	*out = NULL;
	if (!t)
		return diag_set(d, ERR_NOMEM, "out of memory");
	t->fd = -1;
	if (!(t->path = strdup(path))) {
		free(t);
		return diag_set(d, ERR_NOMEM, "out of memory");
	}
	err = open_file(t, d);
	if (!err)
		err = looks_like_text(t) ? open_text(t, d) : open_swt(t, is_partial, d);
	if (err) {
		trace_reader_close(t);
		return err;
	}
	if (!t->cut_off[0])
		trace_id_to_hex(t->file.footer.id, t->hex);
	*out = t;
	return ERR_OK;
}

enum err trace_reader_open(struct trace_reader **out, const char *path, struct diag *d)
{
	return reader_open(out, path, false, d);
}

enum err trace_reader_open_partial(struct trace_reader **out, const char *path, struct diag *d)
{
	return reader_open(out, path, true, d);
}

const char *trace_reader_cut_off(const struct trace_reader *t)
{
	return t->cut_off[0] ? t->cut_off : NULL;
}

const struct trace_header *trace_reader_header(const struct trace_reader *t)
{
	return t->is_text ? &t->text.header : &t->file.header;
}

const struct trace_symbols *trace_reader_symbols(const struct trace_reader *t)
{
	const struct trace_symbols *s = t->is_text ? &t->text.symbols : &t->file.symbols;

	return s->n ? s : NULL;
}

const char *trace_reader_id(const struct trace_reader *t) { return t->hex; }

uint64_t trace_reader_records(const struct trace_reader *t)
{
	return t->file.footer.records;
}

uint64_t trace_reader_instructions(const struct trace_reader *t)
{
	return t->file.footer.instructions;
}

uint64_t trace_reader_references(const struct trace_reader *t)
{
	return t->file.footer.references;
}

uint64_t trace_reader_bytes(const struct trace_reader *t) { return t->bytes; }
bool trace_reader_is_text(const struct trace_reader *t) { return t->is_text; }
size_t trace_reader_frames(const struct trace_reader *t) { return t->file.frames; }

void trace_reader_verify_id(struct trace_reader *t, bool on)
{
	t->verify_id = on && !t->cut_off[0];
}

static enum err frame_damage(const struct trace_reader *t, size_t i, const char *why,
			     struct diag *d)
{
	return diag_set(d, ERR_TRACE, "%s: offset %llu: data frame %zu: %s", t->path,
			(unsigned long long)t->file.seek[i].offset, i, why);
}

/* Are the frame's own totals those of seek table and footer? */
static bool frame_agrees(const struct trace_reader *t, size_t i)
{
	const struct swt_seek *s = &t->file.seek[i];
	uint64_t after = i + 1 < t->file.frames ? s[1].instructions :
			 t->file.footer.instructions;

	return t->cur.records == s->records &&
	       t->cur.instructions == after - s->instructions;
}

static enum err open_frame(struct trace_reader *t, struct diag *d)
{
	const struct swt_seek *s = &t->file.seek[t->frame];
	const uint8_t *src, *p;
	const char *why;
	size_t bytes;
	enum err err = swt_file_frame(&t->file, t->frame, &src, d);

	if (err)
		return err;
	why = frame_dec_run(t->zstd, src, s->bytes, CODEC_MAX_BYTES, CODEC_SLACK, &p, &bytes);
	if (!why)
		why = codec_dec_begin(t->dec, p, bytes, &t->cur);
	if (!why && !frame_agrees(t, t->frame))
		why = "totals differ from the seek table";
	if (why)
		return frame_damage(t, t->frame, why, d);
	t->references += t->cur.references;
	t->frame++;
	return ERR_OK;
}

/* At the clean end: whatever only the whole stream can tell. */
static enum err check_end(struct trace_reader *t, struct diag *d)
{
	uint8_t id[TRACE_ID_BYTES];

	if (t->was_moved)
		return ERR_OK;
	if (!t->is_text && t->references != t->file.footer.references)
		return swt_damage(t->path, t->bytes - SWT_FOOTER_BYTES,
				  "number of references in the footer is wrong", d);
	if (!t->id)
		return ERR_OK;
	trace_id_finish(t->id, id);
	trace_id_destroy(t->id);
	t->id = NULL;
	t->verify_id = false;
	if (memcmp(id, t->file.footer.id, sizeof(id)))
		return swt_damage(t->path, t->bytes - SWT_FOOTER_BYTES,
				  "trace id in the footer is not that of the records", d);
	return ERR_OK;
}

static enum err next_swt(struct trace_reader *t, struct trace_batch *b, struct diag *d)
{
	for (;;) {
		const char *why = codec_dec_next(t->dec, t->rec, CODEC_BATCH, &b->n);
		enum err err;

		if (why)
			return frame_damage(t, t->frame - 1, why, d);
		if (b->n)
			break;
		if (t->frame == t->file.frames)
			return ERR_OK;
		if ((err = open_frame(t, d)))
			return err;
	}
	b->rec = t->rec;
	b->payload = t->cur.p;
	return ERR_OK;
}

static void next_text(struct trace_reader *t, struct trace_batch *b)
{
	size_t left = t->text.n - (size_t)t->next;

	b->n = left < CODEC_BATCH ? left : CODEC_BATCH;
	b->rec = t->text.rec + t->next;
	b->payload = t->text.payload;
}

static enum err reader_next(struct trace_reader *t, struct trace_batch *b, struct diag *d)
{
	enum err err;

	if (t->verify_id && !t->id && !t->next &&
	    (err = trace_id_create(&t->id, trace_reader_header(t), d)))
		return err;
	if (t->is_text)
		next_text(t, b);
	else if ((err = next_swt(t, b, d)))
		return err;
	if (!b->n)
		return check_end(t, d);
	t->next += b->n;
	for (size_t i = 0; t->id && i < b->n; i++)
		trace_id_add(t->id, &b->rec[i], trace_has_payload(b->rec[i].kind) ?
			     b->payload + b->rec[i].b : NULL);
	return ERR_OK;
}

enum err trace_reader_next(struct trace_reader *t, struct trace_batch *b, struct diag *d)
{
	enum err err;

	*b = (struct trace_batch){ .first = t->next };
	if (t->is_failed)
		return diag_set(d, ERR_TRACE, "%s: read on after an error", t->path);
	err = reader_next(t, b, d);
	if (err) {
		t->is_failed = true;
		b->n = 0;
	}
	return err;
}

void trace_reader_seek(struct trace_reader *t, uint64_t record)
{
	size_t lo = 0, hi = t->file.frames;

	t->was_moved = true;
	t->verify_id = false;
	trace_id_destroy(t->id);
	t->id = NULL;
	if (t->is_text) {
		t->next = record < t->text.n ? record : t->text.n;
		return;
	}
	while (lo < hi) {               /* first frame that starts behind the record */
		size_t mid = lo + (hi - lo) / 2;

		if (t->file.seek[mid].first <= record)
			lo = mid + 1;
		else
			hi = mid;
	}
	t->frame = lo ? lo - 1 : 0;
	t->next = t->file.frames ? t->file.seek[t->frame].first : 0;
	codec_dec_stop(t->dec);
}

void trace_reader_close(struct trace_reader *t)
{
	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	swt_file_close(&t->file);
	trace_text_clear(&t->text);
	frame_dec_destroy(t->zstd);
	codec_dec_destroy(t->dec);
	trace_id_destroy(t->id);
	free(t->path);
	free(t);
}
