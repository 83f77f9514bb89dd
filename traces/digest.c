/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/digest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "traces/le.h"

enum err trace_digest_start(const struct trace_header *h, uint64_t *digest, struct diag *d)
{
	char *json = NULL;
	enum err e = trace_header_semantic_json(h, &json, d);

	if (!e)
		*digest = XXH64(json, strlen(json), 0);
	free(json);
	return e;
}

static bool steers_translation(const struct trace_rec *r)
{
	return r->kind == TRACE_IMAGE || r->kind == TRACE_CP_WRITE || r->kind == TRACE_CODE ||
	       (r->kind == TRACE_STORE && r->flags & ACC_VALUED);
}

uint64_t trace_digest_add(uint64_t digest, const struct trace_rec *r, const void *payload,
			  size_t bytes)
{
	uint8_t raw[16];

	if (!steers_translation(r))
		return digest;
	raw[0] = r->kind;
	raw[1] = r->flags;
	raw[2] = (uint8_t)r->arg;
	raw[3] = (uint8_t)(r->arg >> 8);
	le32_put(raw + 4, r->va);
	le32_put(raw + 8, r->a);
	le32_put(raw + 12, bytes ? 0 : r->b);
	digest = XXH64(raw, sizeof(raw), digest);
	return bytes ? XXH64(payload, bytes, digest) : digest;
}

struct trace_rec trace_digest_record(uint64_t digest)
{
	return (struct trace_rec){ .kind = TRACE_HASH, .a = (uint32_t)digest,
				   .b = (uint32_t)(digest >> 32) };
}
