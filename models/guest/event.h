/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest events: what the tracker makes of records, once for all lanes. One event a record, in
 * the same order, so event i of a batch is record first + i. Self-contained: every change of a
 * register or of table memory carries old and new value, so that a lane needs no tracker state.
 *
 * A batch is packed: nearly all events say no more than their 16-byte records, and a lane that is
 * in a hurry reads those. Only where the tracker had something to add is there a full event,
 * in `full`, in the order of the records; event_next() makes every record into an event.
 */
#ifndef SHADEWALK_MODELS_GUEST_EVENT_H
#define SHADEWALK_MODELS_GUEST_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/guest/cp15.h"
#include "traces/record.h"

enum gev_kind {
	GEV_NONE,       /* nothing for a lane (CODE, HASH, ...) */
	GEV_RUN,        /* n = instructions, bytes; flags RUN_* */
	GEV_ACCESS,     /* load or store; flags ACC_*, write says which, idx in its run */
	GEV_CP,         /* coprocessor access; canon, old/new: register value or operand in new;
			 * of MCRR: Rt in new, Rt2 in old */
	GEV_ABORT,      /* recorded abort of an access: fsr, pc, insn */
	GEV_EXC,        /* exception entry: vector, new CPSR */
	GEV_MODE,       /* new CPSR */
	GEV_SENS,       /* sensitive instruction */
	GEV_WAIT,
	GEV_IMAGE,      /* frame becomes known; payload */
	GEV_WITNESS,
	GEV_HIST,       /* history behind a cut */
	GEV_MARK,
	GEV_FETCH,      /* imported */
};

struct guest_event {
	uint8_t kind;           /* enum gev_kind */
	uint8_t flags;          /* as in the record */
	uint8_t write;          /* ACCESS: store; CP: write */
	uint8_t ptw;            /* ACCESS: store into a known table frame: slot, old, new hold */
	uint16_t n;             /* RUN: instructions; ACCESS: idx; SENS: class; EXC: vector */
	uint16_t bytes;         /* RUN: length; ACCESS, ABORT, FETCH: size */
	uint32_t va;            /* RUN, ACCESS, ABORT, FETCH, WITNESS; before FCSE */
	uint32_t pa;            /* slot of a table write, IMAGE frame, IO access, WITNESS page */
	uint32_t old, new;      /* table word, register; EXC/MODE: CPSR */
	struct cp_canon canon;  /* CP */
	uint32_t fsr, pc, insn; /* ABORT: status register of its side; EXC: lr in pc */
	const uint8_t *payload; /* IMAGE: 4096 bytes, borrowed until the next batch */
};

/* What a lane has to know of a record first, 8 bytes. */
enum hot_class {
	HOT_LOAD, HOT_STORE,            /* ordinary: one lookup, rights of the mode, no value */
	HOT_RUN,                        /* ARM instructions that all retire */
	HOT_RUN_ODD,                    /* any other run */
	HOT_VALUED,                     /* ordinary store, but into a table frame: a full event */
	HOT_SENS,
	HOT_NOTHING,                    /* ends the run, and says nothing else to a lane */
	HOT_OTHER,
};
struct hot_rec {
	uint32_t mva;                   /* of runs and data, after FCSE */
	uint16_t arg;                   /* as in the record */
	uint8_t cls, unused;            /* enum hot_class */
};

struct mix_batch;

struct event_batch {
	const struct trace_rec *rec;
	const struct hot_rec *hot;      /* of each record */
	const struct guest_event *full; /* one for each record that event_is_full(), in order */
	size_t n;                       /* records */
	uint64_t first;                 /* record number of rec[0] */
	const struct mix_batch *mix;    /* what its instructions are (models/guest/insn_mix.h), or NULL */
};

/* The event holds more than the record: a value from before, a canonical operation, a payload. */
static inline bool event_is_full(const struct trace_rec *r)
{
	enum { FULL = 1 << TRACE_CP_WRITE | 1 << TRACE_CP_READ | 1 << TRACE_ABORT | 1 << TRACE_EXC |
		      1 << TRACE_MODE | 1 << TRACE_IMAGE };

	return r->kind <= TRACE_STORE ? r->kind == TRACE_STORE && r->flags & ACC_VALUED
				      : FULL >> r->kind & 1;
}

/* The event of a record that is not full. */
void event_of_record(const struct trace_rec *r, struct guest_event *e);

/* Goes through a batch event by event. */
struct event_cursor {
	const struct event_batch *b;
	size_t i;                       /* the next record */
	const struct guest_event *full; /* the next full event */
	struct guest_event made;
};

static inline struct event_cursor event_begin(const struct event_batch *b)
{
	return (struct event_cursor){ .b = b, .full = b->full };
}

/* NULL at the end; borrowed until the next call. */
const struct guest_event *event_next(struct event_cursor *c);

#endif
