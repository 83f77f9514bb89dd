/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State of engine `fast` in a lane: translations it remembers, and hits it has counted but not
 * yet booked. Nothing in it is part of the model: with all of it thrown away at any moment the
 * counts stay the same.
 */
#ifndef SHADEWALK_SIM_FAST_H
#define SHADEWALK_SIM_FAST_H

#include <stdbool.h>
#include <stdint.h>

/* What an access to a 1 KB granule may do; a byte a granule of the frame in xlat.may. */
enum {
	MAY_READ = 1, MAY_WRITE = 2,            /* rights, in the context */
	MAY_FETCH_HIT = 4,                      /* readable, and its lines live in the I cache */
	MAY_LOAD_HIT = 8,                       /* readable, and its lines live in the D cache */
	MAY_STORE_HIT = 16,                     /* writable, and write-back there */
};

/* A frame that the TLB translated. Good while its TLB entry stands (models/tlb/tlb_hot.h). */
struct xlat {
	uint32_t fetch, load, store;    /* its key where all four granules MAY_..._HIT, else 0 */
	uint32_t key;                   /* xlat_key(); 0 is empty */
	uint32_t seq;                   /* of the TLB entry */
	uint32_t may;                   /* MAY_* by granule; 0: not allowed, or not known */
	uint32_t pa;                    /* of the frame */
	uint16_t index;                 /* of the TLB entry */
	uint8_t cb;
};

enum { XLATS = 256, XLAT_CONTEXTS = 4 };

/* Rights depend on what is not in the TLB: DACR, SCTLR and privilege. A monitor switches views
 * by its DACR at every change of the guest's mode, so a few contexts are kept. */
struct xlat_context {
	uint32_t dacr, sctlr;
	uint64_t epoch;                 /* of what is in x; 0: unused */
	bool user;
	struct xlat x[XLATS];           /* a direct-mapped table by frame */
};

struct fast {
	struct xlat_context context[XLAT_CONTEXTS];
	struct xlat_context *now;       /* of plain accesses */
	unsigned next_context;          /* the one that goes */
	uint64_t epoch;                 /* moves when every translation is void */
	uint64_t generation;            /* of the TLB, when the epoch began */

	/*
	 * The open run (engine_plain.c): fetches of its instructions lane.run_next to counted - 1
	 * are known to hit, and are counted below already; counted >= lane.run_next.
	 */
	unsigned counted;
	/* counted, not booked, of what hit the TLB; loads, stores, unprivileged loads and stores:
	 * refs hit the cache too, other did not; line_misses: fetches that did not */
	uint64_t fetches, line_misses, retired, refs[4], other[4];
	uint64_t ticks;                 /* accesses the write buffer has not been told of */
};

static inline uint32_t xlat_key(uint32_t mva) { return (mva >> 12) + 1; }

#endif
