/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main TLB: set-associative (or fully, ways == entries), pages of mixed sizes in one structure,
 * plus a small fully associative lockdown part. Entries hold domain number and raw AP; DACR,
 * S, R and privilege are applied by the caller at each access. No data, no cycles.
 *
 * A page of size 2^n is placed in set (MVA >> n) mod sets; a lookup probes one set per size
 * that is resident, larger sizes first. How the ARM926 indexes its TLB for mixed sizes is not
 * documented: assumption. A fill takes an invalid way before it asks the policy for a victim.
 *
 * Entries carry ASID (not global, nG), VMID, or neither; a lookup sees those of the current
 * context. A TLB that is never told of one has ASID 0 and VMID 0, and only global entries.
 */
#ifndef SHADEWALK_MODELS_TLB_TLB_H
#define SHADEWALK_MODELS_TLB_TLB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/replace.h"
#include "models/pt/pt.h"

/*
 * How software keeps an entry: X(id, name)
 *   part     a fully associative part of its own (`locked` entries): ARM926EJ-S TRM DDI 0198D
 *            2.3.11; ARM1136, ARM1176
 *   base     entries below a base are passed over, and those filled while P is set outlive
 *            "invalidate all": ARM920T DDI 0151C, ARM922T DDI 0184B, Cortex-A8 DDI 0344 3.2.56
 *   pointer  a lock pointer hands out entries from 0 up; the last one cannot be locked: XScale
 *            core developer's manual 3.4.3, 3.4.4
 * base and pointer also fill where the victim counter stands, valid or not, as these cores do.
 */
#define TLB_LOCK_LIST(X) X(PART, part) X(BASE, base) X(POINTER, pointer)
enum tlb_lock {
#define X(id, name) TLB_LOCK_##id,
	TLB_LOCK_LIST(X)
#undef X
	TLB_LOCKS
};
extern const char *const tlb_lock_name[TLB_LOCKS];

struct tlb_geom {
	uint16_t entries, ways;         /* entries = sets * ways; sets a power of two.
					 * entries 0: absent: lookups miss, a fill gives NULL */
	uint8_t locked;                 /* lockdown entries, fully associative */
	uint8_t policy;                 /* enum replace */
	uint8_t lock;                   /* enum tlb_lock; base, pointer: fully associative */
};

/* Whose translation it is. The ASID counts only with ng; a global entry serves every ASID of
 * its VMID. */
struct tlb_tag { uint8_t asid, vmid; bool ng; };

struct tlb_entry {
	struct walk w;                  /* as walked: translation and its descriptor words */
	uint32_t vpage;                 /* MVA >> size_log2 */
	uint8_t size_log2, valid;
	struct tlb_tag tag;
	bool kept;                      /* outlives "invalidate all" (P; lock pointer) */
	bool outlived;                  /* did outlive one, by that or in the lockdown part */
	uint8_t whole_log2;             /* a piece of a larger page: log2 of that; 0 after a fill */
	uint32_t user;                  /* caller's tag (what a strategy knows of the entry);
					 * 0 after a fill, see tlb_set_user */
};

/* All monotonically increasing. evictions: made room for another page. dropped: invalidated, or
 * replaced by a fill that translates the same mva. fills - evictions - dropped = resident. */
struct tlb_counts {
	uint64_t lookups, hits, misses, fills, evictions, inval_all, inval_mva, dropped,
		 inval_asid, inval_vmid;        /* inval_mva: of one or of any ASID */
};

struct tlb;

enum err tlb_geom_check(const struct tlb_geom *g, const char *name, struct diag *d)
	__attribute__((warn_unused_result));    /* ERR_CONFIG says what is allowed */
/* name selects the random stream: (seed, name). */
enum err tlb_create(struct tlb **out, const struct tlb_geom *g, uint64_t seed,
		    const char *name, struct diag *d) __attribute__((warn_unused_result));
void tlb_destroy(struct tlb *t);

/* Counted lookup; NULL on a miss. Lockdown part first. Updates replacement state. The entry is
 * borrowed until the next fill or invalidation. */
const struct tlb_entry *tlb_lookup(struct tlb *t, gva_t mva);
/* Uncounted, changes nothing. */
const struct tlb_entry *tlb_peek(const struct tlb *t, gva_t mva);
/* ASID and VMID of the lookups, fills and invalidates by address that follow. Drops nothing. */
void tlb_set_context(struct tlb *t, uint8_t asid, uint8_t vmid);
/* Inserts the result of a successful walk (w->fs == 0, levels > 0) as a global entry. An entry
 * that already translates mva is replaced, in place when it is locked or of the same size;
 * other entries that translate mva in this context go. Random draws once, only when the set is
 * full (base, pointer: for every new entry that is not forced). */
const struct tlb_entry *tlb_fill(struct tlb *t, gva_t mva, const struct walk *w);
/* The same for the context of the tag, which should be the current one: an entry is recorded
 * under the ASID that is current when the walk's result is written. */
const struct tlb_entry *tlb_fill_tagged(struct tlb *t, gva_t mva, const struct walk *w,
					struct tlb_tag tag);
/* Same into lockdown entry `slot`, whoever was there. */
const struct tlb_entry *tlb_fill_locked(struct tlb *t, unsigned slot, gva_t mva,
					const struct walk *w);
const struct tlb_entry *tlb_fill_locked_tagged(struct tlb *t, unsigned slot, gva_t mva,
					       const struct walk *w, struct tlb_tag tag);

/* --- invalidation: each returns how many it dropped ---------------------------------------
 * By address: in the current VMID, whatever the size, locked ones too. By ASID: locked ones
 * too, never global ones (Cortex-A8 DDI 0344 3.2.41; for ARM11 an assumption). */
unsigned tlb_inval_all(struct tlb *t);                          /* unlocked, every VMID */
unsigned tlb_inval_mva(struct tlb *t, gva_t mva);               /* of any ASID */
unsigned tlb_inval_mva_asid(struct tlb *t, gva_t mva, uint8_t asid);    /* of it, or global */
unsigned tlb_inval_asid(struct tlb *t, uint8_t asid);           /* of the current VMID */
unsigned tlb_inval_vmid(struct tlb *t, uint8_t vmid);           /* unlocked ones of it */

/* --- lockdown of kinds base and pointer ---------------------------------------------------
 * A write of the lockdown register: entries below `base` are no victims, the next new entry
 * goes to `victim`, entries filled from now on are kept if `preserve`. Kind base only. */
void tlb_set_base(struct tlb *t, unsigned base, unsigned victim, bool preserve);
/* Where the next new entry goes, as far as that is known (always under fifo). */
unsigned tlb_victim(const struct tlb *t);
/* Translate-and-lock, behind its walk. Kind pointer only. An entry that translates mva already
 * is dropped first (the manual calls that case unpredictable). With every lockable entry taken
 * the last one gets it, unlocked: see ->kept. */
const struct tlb_entry *tlb_fill_lock(struct tlb *t, gva_t mva, const struct walk *w,
				      struct tlb_tag tag);
void tlb_unlock(struct tlb *t);         /* kinds base and pointer: all become ordinary entries */

/* Valid entries that translate mva for an ASID and VMID; more than one is a mistake of the
 * guest, which the architecture leaves unpredictable. Uncounted. */
unsigned tlb_matches(const struct tlb *t, gva_t mva, uint8_t asid, uint8_t vmid);
unsigned tlb_resident(const struct tlb *t);     /* valid entries, locked ones included */
const struct tlb_counts *tlb_counts(const struct tlb *t);
void tlb_set_user(struct tlb *t, const struct tlb_entry *e, uint32_t user);
/* The entry is a piece of a page of that size, which a second stage has in pieces. An invalidate of any
 * address of the page drops the piece: it is the guest's page that the guest names. */
void tlb_set_whole(struct tlb *t, const struct tlb_entry *e, unsigned size_log2);
void tlb_set_policy(struct tlb *t, enum replace p);     /* SCTLR.RR on a native ARM9 */
/* Calls fn for every valid entry, in a fixed order. */
void tlb_each(const struct tlb *t, void (*fn)(void *ctx, const struct tlb_entry *e), void *ctx);

#endif
