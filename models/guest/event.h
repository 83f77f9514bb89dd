/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest events: what the tracker makes of records, once for all lanes. One event a record, in
 * the same order, so event i of a batch is record first + i. Self-contained: every change of a
 * register or of table memory carries old and new value, so that a lane needs no tracker state.
 */
#ifndef SHADEWALK_MODELS_GUEST_EVENT_H
#define SHADEWALK_MODELS_GUEST_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "models/guest/cp15.h"

enum gev_kind {
	GEV_NONE,       /* nothing for a lane (CODE, HASH, ...) */
	GEV_RUN,        /* n = instructions, bytes; flags RUN_* */
	GEV_ACCESS,     /* load or store; flags ACC_*, write says which, idx in its run */
	GEV_CP,         /* coprocessor access; canon, old/new: register value or operand in new */
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

struct event_batch {
	const struct guest_event *ev;
	size_t n;
	uint64_t first;         /* record number of ev[0] */
};

#endif
