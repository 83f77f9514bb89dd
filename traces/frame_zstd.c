/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Only libzstd's stable interface is used. Compression is single-threaded, so that equal
 * input, level and library give equal bytes.
 */
#include "traces/frame_zstd.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

struct frame_enc {
	ZSTD_CCtx *ctx;
	uint8_t *dst;
	size_t cap;
};

struct frame_dec {
	ZSTD_DCtx *ctx;
	uint8_t *dst;
	size_t cap;
};

enum err frame_enc_create(struct frame_enc **out, int level, struct diag *d)
{
	struct frame_enc *e = calloc(1, sizeof(*e));

	*out = NULL;
	if (!e || !(e->ctx = ZSTD_createCCtx())) {
		free(e);
		return diag_set(d, ERR_NOMEM, "out of memory");
	}
	if (level < FRAME_LEVEL_MIN || level > FRAME_LEVEL_MAX ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(e->ctx, ZSTD_c_compressionLevel, level)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(e->ctx, ZSTD_c_checksumFlag, 1)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(e->ctx, ZSTD_c_contentSizeFlag, 1))) {
		frame_enc_destroy(e);
		return diag_set(d, ERR_USAGE, "compression level %d: want 1..22", level);
	}
	*out = e;
	return ERR_OK;
}

void frame_enc_destroy(struct frame_enc *e)
{
	if (!e)
		return;
	ZSTD_freeCCtx(e->ctx);
	free(e->dst);
	free(e);
}

enum err frame_enc_run(struct frame_enc *e, const uint8_t *src, size_t bytes,
		       const uint8_t **dst, size_t *dst_bytes, struct diag *d)
{
	size_t bound = ZSTD_compressBound(bytes), n;

	if (bound > e->cap) {
		free(e->dst);
		e->cap = 0;
		if (!(e->dst = malloc(bound)))
			return diag_set(d, ERR_NOMEM, "out of memory (%zu bytes)", bound);
		e->cap = bound;
	}
	n = ZSTD_compress2(e->ctx, e->dst, e->cap, src, bytes);
	if (ZSTD_isError(n))
		return diag_set(d, ERR_NOMEM, "zstd: %s", ZSTD_getErrorName(n));
	*dst = e->dst;
	*dst_bytes = n;
	return ERR_OK;
}

enum err frame_dec_create(struct frame_dec **out, struct diag *d)
{
	struct frame_dec *z = calloc(1, sizeof(*z));

	*out = NULL;
	if (!z || !(z->ctx = ZSTD_createDCtx())) {
		free(z);
		return diag_set(d, ERR_NOMEM, "out of memory");
	}
	*out = z;
	return ERR_OK;
}

void frame_dec_destroy(struct frame_dec *z)
{
	if (!z)
		return;
	ZSTD_freeDCtx(z->ctx);
	free(z->dst);
	free(z);
}

const char *frame_dec_run(struct frame_dec *z, const uint8_t *src, size_t bytes,
			  size_t max_bytes, size_t slack,
			  const uint8_t **dst, size_t *dst_bytes)
{
	unsigned long long want = ZSTD_getFrameContentSize(src, bytes);
	size_t n;

	if (want == ZSTD_CONTENTSIZE_ERROR)
		return "not a zstd frame";
	if (want == ZSTD_CONTENTSIZE_UNKNOWN || want > max_bytes)
		return "content size is absent or too large";
	if (ZSTD_findFrameCompressedSize(src, bytes) != bytes)
		return "zstd frame does not fill its place";
	if (want + slack > z->cap) {
		free(z->dst);
		z->cap = 0;
		if (!(z->dst = malloc(want + slack)))
			return "out of memory";
		z->cap = want + slack;
	}
	n = ZSTD_decompressDCtx(z->ctx, z->dst, want, src, bytes);
	if (ZSTD_isError(n))
		return ZSTD_getErrorName(n);
	if (n != want)
		return "content is shorter than announced";
	memset(z->dst + n, 0, slack);
	*dst = z->dst;
	*dst_bytes = n;
	return NULL;
}

size_t frame_extent(const uint8_t *src, size_t bytes)
{
	size_t n = ZSTD_findFrameCompressedSize(src, bytes);

	return ZSTD_isError(n) ? 0 : n;
}
