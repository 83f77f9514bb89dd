/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine of two stages for tests of the walk itself: tables of long descriptors in both, made as
 * addresses are first used. The guest's memory lies 4 GB higher in the machine; its frames are handed out at
 * random, as in a guest that has run for a while. Stage 2 maps them by pages of 4 KB or blocks of 2 MB.
 */
#ifndef SHADEWALK_TESTS_WALK2D_KIT_H
#define SHADEWALK_TESTS_WALK2D_KIT_H

#include "base/rng.h"
#include "models/tlb/walk2d.h"

#define KIT_MACHINE (UINT64_C(1) << 32)         /* IPA to machine address */

struct kit_tables { uint64_t *word, base; uint32_t used, cap; };        /* tables side by side */

struct walk2d_kit {
	struct walk2d w;
	struct walk2d_io io;
	uint8_t guest_start, block_log2;        /* first level of the guest's tables; of stage 2 */
	struct kit_tables guest, stage2;        /* by IPA; by machine address */
	uint64_t *taken;                        /* a bit a frame of guest memory */
	struct rng rng;
	/* Told of every word that is read, by machine address. */
	void (*reads)(void *ctx, uint64_t at);
	void *ctx;
};

void walk2d_kit_make(struct walk2d_kit *k, const struct walk2d_conf *c, unsigned guest_start,
		     unsigned block_log2);
void walk2d_kit_free(struct walk2d_kit *k);
/* Makes the guest map the page (of 4 KB, or 2 MB) around va, and stage 2 all that is needed for it. */
void walk2d_kit_map(struct walk2d_kit *k, uint64_t va, unsigned size_log2);
/* A miss: the machine address, and what a TLB may keep of it. With conf.one_stage: the guest natively. */
uint64_t walk2d_kit_walk(struct walk2d_kit *k, uint64_t va, unsigned *size_log2);

#endif
