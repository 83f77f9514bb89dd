/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long descriptors with a granule of 4 KB (DDI 0406C B3.6, stage 2: B3.6.2): tables of 512 words of 8
 * bytes, a table a level, from a start level down to 3. Level 0 no ARMv7 has; with it the same walk has the
 * four levels of x86-64 and ARMv8, for which the two-stage walk is checked (models/tlb/walk2d.h).
 *
 * level  one word reaches   a leaf there is
 *   0        512 GB         (none)
 *   1          1 GB         a block
 *   2          2 MB         a block
 *   3          4 KB         a page; 16 of them with the contiguous bit are one of 64 KB to a TLB
 */
#ifndef SHADEWALK_MODELS_PT_LPAE_H
#define SHADEWALK_MODELS_PT_LPAE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum {
	LPAE_WORD_LOG2 = 3, LPAE_INDEX_LOG2 = 9, LPAE_TABLE_LOG2 = 12, LPAE_LAST = 3,
	LPAE_CONTIGUOUS_LOG2 = 4,       /* pages side by side that the hint makes one */
};

enum lpae_kind { LPAE_FAULT, LPAE_TABLE, LPAE_LEAF };

struct lpae_desc {
	uint64_t base;                  /* [39:12] and less, of what the level has */
	uint8_t kind, size_log2;        /* enum lpae_kind; of a leaf: its reach */
	/* a leaf of stage 2 */
	uint8_t hap;                    /* LPAE_HAP_* */
	uint8_t memattr;                /* [5:2] */
	bool af, xn;
};

enum { LPAE_HAP_READ = 1, LPAE_HAP_WRITE = 2, LPAE_HAP_ALL = 3, LPAE_NORMAL_WB = 0xf };

/* Kinds of fault: a status is one of them, or 0, with the level in its low bits (DDI 0406C table B3-23). */
enum lpae_status {
	LPAE_OK = 0, LPAE_TRANSLATION = 0x04, LPAE_ACCESS_FLAG = 0x08, LPAE_EXTERNAL = 0x14,
};

static inline unsigned lpae_level_log2(unsigned level)
{
	return LPAE_TABLE_LOG2 + LPAE_INDEX_LOG2 * (LPAE_LAST - level);
}

void lpae_decode(uint64_t word, unsigned level, struct lpae_desc *out);
uint64_t lpae_encode_table(uint64_t table);
/* A leaf of stage 2 that takes nothing away: read, write and execute, normal write-back memory. */
uint64_t lpae_encode_leaf(uint64_t base, unsigned level, bool contiguous);

/* VTTBR and VTCR, decoded: tables of the start level lie side by side, as many as the input has room for. */
struct lpae_regs { uint64_t root; uint8_t start, input_log2; };

/* Legal for stage 2 of ARMv7 (DDI 0406C table B3-16), or of four levels from level 0. */
enum err lpae_check(const struct lpae_regs *r, struct diag *d) __attribute__((warn_unused_result));

/* Reads one word of a table of that level. false: nothing answers there. */
typedef bool (*lpae_read_fn)(void *ctx, unsigned level, uint64_t at, uint64_t *word);

struct lpae_walk {
	uint8_t status;                 /* LPAE_OK, or kind of fault + level */
	uint8_t level, reads;           /* where it ended; words read or aborted */
	struct lpae_desc leaf;          /* with LPAE_OK */
};

void lpae_walk(const struct lpae_regs *r, uint64_t input, lpae_read_fn read, void *ctx,
	       struct lpae_walk *out);

#endif
