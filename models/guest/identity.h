/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mapping of an imported stream, which brings no tables: 4 GB of 4 KB pages, each onto itself,
 * normal memory, written back, allocating on writes where words can say so, open to everybody. The
 * words are those that a table would hold in the host's own format, made when they are read: a
 * first-level table at 0, and the second-level tables one behind the other. They lie in an address
 * space of their own, which the host has above 4 GB, so no reference of the stream meets them.
 */
#ifndef SHADEWALK_MODELS_GUEST_IDENTITY_H
#define SHADEWALK_MODELS_GUEST_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "models/pt/mmu.h"

/* Host physical address of the space: word addr of a table is at IDENTITY_HPA + addr. */
#define IDENTITY_HPA (UINT64_C(1) << 32)

enum {
	IDENTITY_L1_BYTES = 1 << 14,            /* a word a megabyte, at 0: TTBR0 */
	IDENTITY_L2 = 1 << 22,                  /* a word a page, from here */
	IDENTITY_L2_BYTES = 1 << 22,
};

/* SCTLR, DACR of a core that uses them: MMU and caches on, the words of ARMv6 where it has them. */
uint32_t identity_sctlr(const struct mmu_arch *a);
#define IDENTITY_DACR 1u                        /* domain 0: client */

/* The word at addr; false: there is no table. */
bool identity_word(const struct mmu_arch *a, uint32_t sctlr, uint32_t addr, uint32_t *word);

#endif
