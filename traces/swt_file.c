/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file must be header, maybe a symbol map, data frames, seek table, footer, each starting where the one before
 * ends: a byte that belongs to none of them is damage, so that no flipped bit goes unseen.
 */
#include "traces/swt_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "traces/codec.h"
#include "traces/frame_zstd.h"

enum { SCAN_START_BYTES = 1 << 20 };
#define ZSTD_FRAME_MAGIC UINT32_C(0xFD2FB528)

enum err swt_damage(const char *path, uint64_t offset, const char *why, struct diag *d)
{
	return diag_set(d, ERR_TRACE, "%s: offset %llu: %s", path, (unsigned long long)offset,
			why);
}

static enum err buf_reserve(struct swt_file *f, size_t bytes, struct diag *d)
{
	if (bytes <= f->cap)
		return ERR_OK;
	free(f->buf);
	f->cap = 0;
	if (!(f->buf = malloc(bytes)))
		return diag_set(d, ERR_NOMEM, "out of memory (%zu bytes)", bytes);
	f->cap = bytes;
	return ERR_OK;
}

static enum err read_at(struct swt_file *f, uint64_t offset, size_t bytes, struct diag *d)
{
	enum err err = buf_reserve(f, bytes, d);

	for (size_t got = 0; !err && got < bytes;) {
		ssize_t n = pread(f->fd, f->buf + got, bytes - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return diag_set(d, ERR_TRACE, "%s: offset %llu: %s", f->path,
					(unsigned long long)(offset + got), strerror(errno));
		if (!n)
			return swt_damage(f->path, offset + got, "file ends too early", d);
		got += (size_t)n;
	}
	return err;
}

/* Checks what surrounds the body of the frame in f->buf. */
static enum err check_frame(struct swt_file *f, uint64_t offset, size_t bytes, uint32_t magic,
			    const char *tag, struct diag *d)
{
	const uint8_t *p = f->buf;
	uint32_t version = le32_get(p + SWT_VERSION_AT);

	if (le32_get(p) != magic || memcmp(p + SWT_TAG_AT, tag, 4))
		return diag_set(d, ERR_TRACE, "%s: offset %llu: wrong magic, want %s", f->path,
				(unsigned long long)offset, tag);
	if (le32_get(p + 4) != bytes - SWT_SKIP_BYTES)
		return swt_damage(f->path, offset + 4, "wrong size of a frame", d);
	if (version != SWT_VERSION)
		return diag_set(d, ERR_TRACE, "%s: offset %llu: format version %u, but this "
				"program reads version %d", f->path,
				(unsigned long long)offset + SWT_VERSION_AT, version,
				SWT_VERSION);
	if (le64_get(p + bytes - SWT_HASH_BYTES) != XXH64(p, bytes - SWT_HASH_BYTES, 0))
		return diag_set(d, ERR_TRACE, "%s: offset %llu: checksum of %s is wrong",
				f->path, (unsigned long long)offset, tag);
	return ERR_OK;
}

static enum err read_header(struct swt_file *f, struct diag *d)
{
	struct diag why;
	size_t bytes, n;
	char *json;
	enum err err;

	if (f->bytes < SWT_AROUND_BYTES)
		return swt_damage(f->path, f->bytes, "shorter than a trace header", d);
	if ((err = read_at(f, 0, SWT_AROUND_BYTES, d)))
		return err;
	if (le32_get(f->buf) != SWT_MAGIC_HEADER ||
	    memcmp(f->buf + SWT_TAG_AT, SWT_TAG_HEADER, 4))
		return swt_damage(f->path, 0, "not a trace: neither a .swt header nor the line "
				  "\"swt-text 1\"", d);
	bytes = (size_t)le32_get(f->buf + 4) + SWT_SKIP_BYTES;
	if (bytes < SWT_AROUND_BYTES || bytes > SWT_MAX_HEADER_BYTES + SWT_AROUND_BYTES)
		return swt_damage(f->path, 4, "size of the header is out of range", d);
	if (bytes > f->bytes)
		return swt_damage(f->path, f->bytes, "cut off within the header", d);
	if ((err = read_at(f, 0, bytes, d)) ||
	    (err = check_frame(f, 0, bytes, SWT_MAGIC_HEADER, SWT_TAG_HEADER, d)))
		return err;
	n = bytes - SWT_AROUND_BYTES;
	if (!(json = malloc(n + 1)))
		return diag_set(d, ERR_NOMEM, "out of memory");
	memcpy(json, f->buf + SWT_BODY_AT, n);
	json[n] = 0;
	if (strlen(json) != n)
		err = swt_damage(f->path, SWT_BODY_AT, "zero byte in the header's text", d);
	else if ((err = trace_header_from_json(&f->header, json, &why)))
		err = swt_damage(f->path, SWT_BODY_AT, why.msg, d);
	free(json);
	f->data_at = bytes;
	return err;
}

/* The frame of size f->buf[4] at data_at is the symbol map, of which there may be none. */
static enum err unpack_symbols(struct swt_file *f, size_t bytes, struct diag *d)
{
	struct frame_dec *z;
	const uint8_t *p;
	const char *why;
	size_t n;
	enum err err = frame_dec_create(&z, d);

	if (err)
		return err;
	why = frame_dec_run(z, f->buf + SWT_BODY_AT, bytes - SWT_AROUND_BYTES,
			    TRACE_MAX_SYMBOL_BYTES, 0, &p, &n);
	if (!why)
		why = trace_symbols_decode(&f->symbols, p, n);
	if (why)
		err = swt_damage(f->path, f->data_at + SWT_BODY_AT, why, d);
	frame_dec_destroy(z);
	return err;
}

static enum err read_symbols(struct swt_file *f, struct diag *d)
{
	uint64_t left = f->bytes - f->data_at;
	size_t bytes;
	enum err err;

	if (left < SWT_AROUND_BYTES)
		return ERR_OK;
	if ((err = read_at(f, f->data_at, SWT_AROUND_BYTES, d)))
		return err;
	if (le32_get(f->buf) != SWT_MAGIC_SYMBOLS)
		return ERR_OK;
	bytes = (size_t)le32_get(f->buf + 4) + SWT_SKIP_BYTES;
	if (bytes < SWT_AROUND_BYTES || bytes > SWT_MAX_SYMBOL_BYTES + SWT_AROUND_BYTES)
		return swt_damage(f->path, f->data_at + 4, "size of the symbol map is out of range",
				  d);
	if (bytes > left)
		return swt_damage(f->path, f->bytes, "cut off within the symbol map", d);
	if ((err = read_at(f, f->data_at, bytes, d)) ||
	    (err = check_frame(f, f->data_at, bytes, SWT_MAGIC_SYMBOLS, SWT_TAG_SYMBOLS, d)) ||
	    (err = unpack_symbols(f, bytes, d)))
		return err;
	f->data_at += bytes;
	return ERR_OK;
}

/* Does the end of the file look like a footer, even if a damaged one? */
static bool has_footer(struct swt_file *f)
{
	const uint8_t *p;

	if (f->bytes < f->data_at + SWT_FOOTER_BYTES ||
	    read_at(f, f->bytes - SWT_FOOTER_BYTES, SWT_FOOTER_BYTES, NULL))
		return false;
	p = f->buf;
	return le32_get(p) == SWT_MAGIC_FOOTER || !memcmp(p + SWT_TAG_AT, SWT_TAG_FOOTER, 4);
}

static enum err read_footer(struct swt_file *f, struct diag *d)
{
	uint64_t at = f->bytes - SWT_FOOTER_BYTES, seek_bytes;
	enum err err = read_at(f, at, SWT_FOOTER_BYTES, d);

	if (err || (err = check_frame(f, at, SWT_FOOTER_BYTES, SWT_MAGIC_FOOTER,
				      SWT_TAG_FOOTER, d)))
		return err;
	swt_footer_get(&f->footer, f->buf + SWT_BODY_AT);
	if (f->footer.seek_offset < f->data_at || f->footer.seek_offset > at)
		return swt_damage(f->path, at, "seek table is outside the file", d);
	seek_bytes = at - f->footer.seek_offset;
	if (seek_bytes < SWT_AROUND_BYTES ||
	    f->footer.frames != (seek_bytes - SWT_AROUND_BYTES) / SWT_SEEK_ENTRY_BYTES ||
	    (seek_bytes - SWT_AROUND_BYTES) % SWT_SEEK_ENTRY_BYTES)
		return swt_damage(f->path, at, "seek table does not fill its place", d);
	return ERR_OK;
}

static enum err check_seek(const struct swt_file *f, struct diag *d)
{
	uint64_t offset = f->data_at, first = 0, insns = 0;

	for (size_t i = 0; i < f->frames; i++) {
		const struct swt_seek *s = &f->seek[i];

		if (s->offset != offset || s->bytes > f->footer.seek_offset - offset ||
		    s->first != first || !s->records || s->instructions < insns)
			return swt_damage(f->path, f->footer.seek_offset + SWT_BODY_AT +
				i * SWT_SEEK_ENTRY_BYTES, "seek table entry does not follow "
				"the one before", d);
		offset += s->bytes;
		first += s->records;
		insns = s->instructions;
	}
	if (offset != f->footer.seek_offset || first != f->footer.records ||
	    insns > f->footer.instructions)
		return swt_damage(f->path, offset, "data frames do not end at the seek table", d);
	return ERR_OK;
}

static enum err read_seek(struct swt_file *f, struct diag *d)
{
	uint64_t at = f->footer.seek_offset;
	size_t bytes = (size_t)(f->bytes - SWT_FOOTER_BYTES - at);
	enum err err = read_at(f, at, bytes, d);

	if (err || (err = check_frame(f, at, bytes, SWT_MAGIC_SEEK, SWT_TAG_SEEK, d)))
		return err;
	f->frames = (size_t)f->footer.frames;
	if (!(f->seek = calloc(f->frames + 1, sizeof(*f->seek))))
		return diag_set(d, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < f->frames; i++)
		f->seek[i] = swt_seek_get(f->buf + SWT_BODY_AT + i * SWT_SEEK_ENTRY_BYTES);
	return check_seek(f, d);
}

/* Length of the whole data frame at offset, left in f->buf; 0: there is none. */
static size_t scan_extent(struct swt_file *f, uint64_t offset)
{
	uint64_t rest = f->bytes - offset, most = CODEC_MAX_BYTES + CODEC_MAX_BYTES / 64;

	for (uint64_t want = SCAN_START_BYTES; rest >= 4; want *= 4) {
		size_t n = (size_t)(want < rest ? want : rest);

		if (read_at(f, offset, n, NULL) || le32_get(f->buf) != ZSTD_FRAME_MAGIC)
			return 0;
		if (frame_extent(f->buf, n))
			return frame_extent(f->buf, n);
		if (n == rest || want > most)
			return 0;
	}
	return 0;
}

static bool scan_add(struct swt_file *f, const struct swt_seek *s)
{
	if (!(f->frames & (f->frames + 1))) {   /* capacity is the next power of two */
		struct swt_seek *p = realloc(f->seek, 2 * (f->frames + 1) * sizeof(*p));

		if (!p)
			return false;
		f->seek = p;
	}
	f->seek[f->frames++] = *s;
	return true;
}

/* One frame at s->offset: fills the rest of *s, adds to the totals. False: no good. */
static bool scan_frame(struct swt_file *f, struct frame_dec *z, struct codec_dec *c,
		       struct swt_seek *s)
{
	struct codec_frame frame;
	const uint8_t *p;
	size_t bytes = scan_extent(f, s->offset), n;

	if (!bytes || bytes > UINT32_MAX ||
	    frame_dec_run(z, f->buf, bytes, CODEC_MAX_BYTES, CODEC_SLACK, &p, &n) ||
	    codec_dec_begin(c, p, n, &frame))
		return false;
	s->bytes = (uint32_t)bytes;
	s->records = frame.records;
	s->hash = XXH64(f->buf, bytes, 0);
	if (!scan_add(f, s))
		return false;
	f->footer.records += frame.records;
	f->footer.instructions += frame.instructions;
	f->footer.references += frame.references;
	return true;
}

/* Finds the whole frames of a file that has no seek table. */
static enum err scan(struct swt_file *f, struct diag *d)
{
	struct swt_seek s = { .offset = f->data_at };
	struct frame_dec *z = NULL;
	struct codec_dec *c = NULL;
	enum err err = frame_dec_create(&z, d);

	free(f->seek);
	f->seek = NULL;
	f->frames = 0;
	memset(&f->footer, 0, sizeof(f->footer));
	if (!err)
		err = codec_dec_create(&c, d);
	while (!err && scan_frame(f, z, c, &s)) {
		s.offset += s.bytes;
		s.first = f->footer.records;
		s.instructions = f->footer.instructions;
	}
	frame_dec_destroy(z);
	codec_dec_destroy(c);
	f->footer.seek_offset = s.offset;
	f->footer.frames = f->frames;
	snprintf(f->cut_off, sizeof(f->cut_off), "offset %llu: cut off after %zu whole frames "
		 "(%llu records)", (unsigned long long)s.offset, f->frames,
		 (unsigned long long)f->footer.records);
	return err;
}

static enum err open_rest(struct swt_file *f, bool is_partial, struct diag *d)
{
	enum err err;

	if (has_footer(f)) {
		err = read_footer(f, d);
		if (!err)
			err = read_seek(f, d);
		if (!err || err == ERR_NOMEM || !is_partial)
			return err;
	}
	err = scan(f, d);
	if (!err && !is_partial)
		err = diag_set(d, ERR_TRACE, "%s: %s", f->path, f->cut_off);
	return err;
}

enum err swt_file_open(struct swt_file *f, const char *path, int fd, uint64_t bytes,
		       bool is_partial, struct diag *d)
{
	enum err err;

	memset(f, 0, sizeof(*f));
	f->path = path;
	f->fd = fd;
	f->bytes = bytes;
	if ((err = read_header(f, d)) || (err = read_symbols(f, d)) ||
	    (err = open_rest(f, is_partial, d)))
		swt_file_close(f);
	return err;
}

void swt_file_close(struct swt_file *f)
{
	trace_header_clear(&f->header);
	trace_symbols_clear(&f->symbols);
	free(f->seek);
	free(f->buf);
	memset(f, 0, sizeof(*f));
}

enum err swt_file_frame(struct swt_file *f, size_t i, const uint8_t **p, struct diag *d)
{
	const struct swt_seek *s = &f->seek[i];
	enum err err = read_at(f, s->offset, s->bytes, d);

	if (err)
		return err;
	if (XXH64(f->buf, s->bytes, 0) != s->hash)
		return diag_set(d, ERR_TRACE, "%s: offset %llu: checksum of data frame %zu is "
				"wrong", f->path, (unsigned long long)s->offset, i);
	*p = f->buf;
	return ERR_OK;
}
