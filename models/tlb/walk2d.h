/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two-stage walk. The address of every guest descriptor, and the one that the guest's tables give at
 * last, are intermediate (IPA): each costs a walk of stage 2. With g guest levels and s of stage 2 a miss reads
 * g*s + g + s words (Bhargava et al., ASPLOS 2008), unless one of these structures knows better:
 *
 *   walk cache   words that point to a further table: of the guest ("one-dimensional"), and with `stage2`
 *                every word of stage 2 as well ("two-dimensional"). A guest word is known by its IPA,
 *                which saves the stage-2 walk to it, or by its machine address (Bhargava), which saves
 *                the one read alone.
 *   nested TLB   IPA to machine address: all s reads of one IPA. `last`: of the last IPA, too.
 *
 * Both are fully associative. The model knows no guest format: whoever walks the guest's tables calls
 * walk2d_guest() for each word and walk2d_ipa() for what comes out; so it serves short descriptors (g = 2)
 * as well as four levels of long ones. Nothing is booked here; io says what was read and what was known.
 */
#ifndef SHADEWALK_MODELS_TLB_WALK2D_H
#define SHADEWALK_MODELS_TLB_WALK2D_H

#include <stdbool.h>
#include <stdint.h>

#include "models/pt/lpae.h"

enum { WALK2D_MAX = 64 };

struct walk2d_conf {
	struct lpae_regs s2;
	bool one_stage;                 /* there is no second: an IPA is a machine address */
	uint16_t walk_entries;          /* of the walk cache; 0: absent */
	bool stage2;                    /* it holds words of stage 2 as well */
	bool by_ipa;                    /* it knows guest words by IPA, else by machine address */
	uint16_t ntlb_entries;          /* of the nested TLB; 0: absent */
	bool last;                      /* it serves the last IPA, too */
	bool lru;                       /* both replace the longest unused, else first in first out */
};

enum walk2d_hit { WALK2D_HIT_GUEST, WALK2D_HIT_STAGE2, WALK2D_HIT_NTLB, WALK2D_HITS };

struct walk2d_io {
	void *ctx;
	lpae_read_fn stage2;            /* a word of stage 2 by machine address */
	/* A guest word, which is at `at` in the machine. false: nothing answers there. */
	bool (*guest)(void *ctx, unsigned level, uint64_t ipa, uint64_t at, uint64_t *word);
	void (*hit)(void *ctx, enum walk2d_hit which);  /* NULL: nobody asks */
};

struct walk2d_entry { uint64_t key, value; uint8_t kind; };
struct walk2d_cache { uint32_t entries, used, next; struct walk2d_entry e[WALK2D_MAX]; };

struct walk2d_counts {
	uint64_t guest_reads, stage2_reads;             /* words read from memory or caches */
	uint64_t walk_lookups, hits[WALK2D_HITS];
	uint64_t ntlb_lookups;
};

struct walk2d {
	struct walk2d_conf conf;
	struct walk2d_cache cache, ntlb;
	struct walk2d_counts n;
};

enum err walk2d_init(struct walk2d *w, const struct walk2d_conf *c, struct diag *d)
	__attribute__((warn_unused_result));

/* What stage 2 says of an IPA. status: as in struct lpae_walk. */
struct walk2d_page { uint64_t pa; uint8_t size_log2, status; };

/* The walk of stage 2 for an IPA; last: no guest word is read there. false: out->status says why. */
bool walk2d_ipa(struct walk2d *w, const struct walk2d_io *io, uint64_t ipa, bool last,
		struct walk2d_page *out);
/* WALK2D_STAGE2: out->status says why. */
enum walk2d_end { WALK2D_READ, WALK2D_KNOWN, WALK2D_STAGE2, WALK2D_EXTERNAL };
/* The guest word of a level at an IPA. out->pa: where it is, 0 if known without. */
enum walk2d_end walk2d_guest(struct walk2d *w, const struct walk2d_io *io, unsigned level,
			     uint64_t ipa, uint64_t *word, struct walk2d_page *out);
/* A word that walk2d_guest() has READ points to a further table: the walk cache may keep it. */
void walk2d_keep(struct walk2d *w, unsigned level, uint64_t ipa, uint64_t pa, uint64_t word);

/* The same without a trace in counts and structures. */
bool walk2d_peek_ipa(const struct walk2d *w, const struct walk2d_io *io, uint64_t ipa,
		     struct walk2d_page *out);
/* A word that is kept, by its IPA. */
bool walk2d_peek_guest(const struct walk2d *w, unsigned level, uint64_t ipa, uint64_t *word);

/* An invalidate by the guest: its words go. Stage 2 is not its affair. */
void walk2d_flush_guest(struct walk2d *w);
void walk2d_flush(struct walk2d *w);            /* stage 2 was changed */

#endif
