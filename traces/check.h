/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is this record well formed where it stands? Used by writer, decoder and text parser. */
#ifndef SHADEWALK_TRACES_CHECK_H
#define SHADEWALK_TRACES_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traces/record.h"

enum {
	RUN_PAGE_BYTES = 1024,          /* a run never crosses such a boundary */
	RUN_MAX_ACCESSES = 65535,
	FETCH_MAX_BYTES = 255,
};

/* Where we are in the stream; all zero before the first record. */
struct trace_check {
	uint32_t insns;                 /* of the open run; 0: no run is open */
	uint32_t idx;                   /* of its last access */
	uint32_t accesses;              /* of the open run */
	bool any_run;                   /* a capture: no access stands outside a run */
};

/* NULL, and *c moved behind r; or why not (a constant string), and *c untouched. */
const char *trace_check_next(struct trace_check *c, const struct trace_rec *r, size_t bytes);

/* The part that does not depend on the neighbours. */
const char *trace_check_alone(const struct trace_rec *r, size_t bytes);

const char *trace_kind_name(unsigned kind);     /* text form; "?" when out of range */

static inline bool trace_is_access(const struct trace_rec *r)
{
	return r->kind == TRACE_LOAD || r->kind == TRACE_STORE;
}

static inline bool trace_has_payload(unsigned kind)
{
	return kind == TRACE_CODE || kind == TRACE_IMAGE || kind == TRACE_ABORT;
}

/* MCRR and MRRC have neither CRn nor opc2. */
static inline bool trace_is_cp_key(uint16_t key)
{
	return !(key & CP_KEY_64) || !(key & CP_KEY(15, 0, 0, 7));
}

/* Bytes of payload the record's own fields call for. */
static inline size_t trace_payload_bytes(const struct trace_rec *r)
{
	switch (r->kind) {
	case TRACE_CODE: return 4u * r->arg;
	case TRACE_IMAGE: return 4096;
	case TRACE_ABORT: return sizeof(struct trace_abort);
	default: return 0;
	}
}

/* Retired instructions and references of one record. A FETCH counts as one of each. */
static inline uint32_t trace_rec_instructions(const struct trace_rec *r)
{
	if (r->kind == TRACE_RUN)
		return r->arg - (r->flags & RUN_NO_RETIRE ? 1u : 0u);
	return r->kind == TRACE_FETCH;
}

static inline uint32_t trace_rec_references(const struct trace_rec *r)
{
	if (r->kind == TRACE_RUN)
		return r->arg;
	return trace_is_access(r) || r->kind == TRACE_FETCH;
}

#endif
