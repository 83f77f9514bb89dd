/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running digest of all that steers translation: the header's semantic part, table images,
 * valued stores, coprocessor writes, code. Who makes a trace ends it with a HASH record that
 * holds it; `trace check` recomputes it, so that an altered or lost effect is found even where
 * no witness depends on it. A chain of XXH64: no state but the value.
 */
#ifndef SHADEWALK_TRACES_DIGEST_H
#define SHADEWALK_TRACES_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "traces/header.h"
#include "traces/record.h"

enum err trace_digest_start(const struct trace_header *h, uint64_t *digest, struct diag *d)
	__attribute__((warn_unused_result));
/* The digest behind this record; most kinds leave it as it is. payload as in trace_writer_put. */
uint64_t trace_digest_add(uint64_t digest, const struct trace_rec *r, const void *payload,
			  size_t bytes);
/* The record that ends a trace. */
struct trace_rec trace_digest_record(uint64_t digest);

#endif
