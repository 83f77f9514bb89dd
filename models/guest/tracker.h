/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Classifies records into guest events, once for all lanes: one event a record, in order. */
#ifndef SHADEWALK_MODELS_GUEST_TRACKER_H
#define SHADEWALK_MODELS_GUEST_TRACKER_H

#include "models/guest/event.h"
#include "models/guest/guest.h"
#include "models/guest/insn_mix.h"
#include "models/guest/unknown_ops.h"
#include "traces/reader.h"

struct tracker;

/* header: borrowed until destroy; arch must be one the program knows ("armv5", "armv6"). */
enum err tracker_create(struct tracker **out, const struct trace_header *header, struct diag *d)
	__attribute__((warn_unused_result));
/* Instructions are not to be counted by class: no caller of its batches reads `mix`, which is NULL then. */
void tracker_skip_mix(struct tracker *t);
void tracker_destroy(struct tracker *t);

enum { TRACKER_MAX_BATCH = 4096 };

/* Room for the full events of one batch and the images they carry. Zero it before the first
 * use. The records stay where they are: batch.rec is in->rec. */
struct event_store {
	struct guest_event *full;       /* TRACKER_MAX_BATCH */
	struct hot_rec *hot;            /* TRACKER_MAX_BATCH */
	mix_tag *tag;                   /* TRACKER_MAX_BATCH */
	struct mix_batch mix;
	uint8_t *images;
	size_t image_bytes, image_cap;
	struct event_batch batch;       /* what is in it */
};
void event_store_free(struct event_store *s);

/* As tracker_batch(), into the caller's store: several batches may be in flight. */
enum err tracker_fill(struct tracker *t, const struct trace_batch *in, struct event_store *s,
		      struct diag *d) __attribute__((warn_unused_result));

/*
 * Events of a batch; borrowed until the next call. ERR_TRACE, naming the record, for a valued
 * store that no image announced or that straddles words.
 */
enum err tracker_batch(struct tracker *t, const struct trace_batch *in, struct event_batch *out,
		       struct diag *d) __attribute__((warn_unused_result));

/* The tracker's own replica: the state *after* the last batch. */
const struct guest *tracker_guest(const struct tracker *t);
/* CP15/CP14 operations that the core's map does not know, so far. */
const struct unknown_ops *tracker_unknown_ops(const struct tracker *t);

/* Instructions whose code the trace does not hold, or whose class is not known, so far. */
uint64_t tracker_unknown_code(const struct tracker *t);

/* Mean length of the guest's handler of an abort class, in guest instructions (rounded), from
 * entry to the re-run of the aborting instruction: [0] translation, [1] domain, permission. */
struct handler_span { uint64_t entries, instructions; };
const struct handler_span *tracker_handlers(const struct tracker *t);

#endif
