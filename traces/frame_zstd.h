/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Independent zstd frames with content size and checksum. frame_zstd.c alone sees zstd.h. */
#ifndef SHADEWALK_TRACES_FRAME_ZSTD_H
#define SHADEWALK_TRACES_FRAME_ZSTD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { FRAME_LEVEL_MIN = 1, FRAME_LEVEL_MAX = 22 };

struct frame_enc;
struct frame_dec;

enum err frame_enc_create(struct frame_enc **out, int level, struct diag *d)
	__attribute__((warn_unused_result));
void frame_enc_destroy(struct frame_enc *e);
/* *dst is borrowed until the next call. */
enum err frame_enc_run(struct frame_enc *e, const uint8_t *src, size_t bytes,
		       const uint8_t **dst, size_t *dst_bytes, struct diag *d)
	__attribute__((warn_unused_result));

enum err frame_dec_create(struct frame_dec **out, struct diag *d)
	__attribute__((warn_unused_result));
void frame_dec_destroy(struct frame_dec *z);
/*
 * Decompresses exactly one frame that fills src. *dst is borrowed until the next call and has
 * `slack` readable zero bytes behind it. NULL, or what is wrong (constant or zstd's text).
 */
const char *frame_dec_run(struct frame_dec *z, const uint8_t *src, size_t bytes,
			  size_t max_bytes, size_t slack,
			  const uint8_t **dst, size_t *dst_bytes);

/* Length of the whole frame at src; 0: none, damaged or not all of it is there. */
size_t frame_extent(const uint8_t *src, size_t bytes);

#endif
