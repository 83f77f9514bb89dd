/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace id: SHA-256 over the semantic header JSON, a zero byte, and each record as 16 bytes
 * little endian (kind, flags, arg, va, a, b; b is 0 where a payload stands instead) with its
 * payload, unpadded, behind it. Independent of level, frame size and container version.
 */
#ifndef SHADEWALK_TRACES_ID_H
#define SHADEWALK_TRACES_ID_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "traces/header.h"
#include "traces/record.h"

struct trace_id;

enum err trace_id_create(struct trace_id **out, const struct trace_header *h, struct diag *d)
	__attribute__((warn_unused_result));
void trace_id_destroy(struct trace_id *s);
void trace_id_add(struct trace_id *s, const struct trace_rec *r, const void *payload);
void trace_id_finish(struct trace_id *s, uint8_t id[TRACE_ID_BYTES]);
void trace_id_to_hex(const uint8_t id[TRACE_ID_BYTES], char hex[TRACE_ID_HEX]);

#endif
