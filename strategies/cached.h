/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow tables that outlive address-space switches: one for each guest table in use, whatever
 * roots lead to it. What the files of strategy `cached` share.
 *
 * Invariants, checked by cached_audit():
 *  1. A shadow word is empty, or what the guest's word composes to now: same machine address, same
 *     memory attributes, no more rights. Of a table that is out of sync: what a word composes to that the
 *     guest's table held since the last invalidate that covers it.
 *  2. A guest frame with a table that is shadowed and in sync is traced: no shadow word lets the guest write
 *     the quarters that are held back. Nothing larger than a frame maps it.
 *  3. A first-level word leads to the shadow of the table that the guest's word leads to, in a host
 *     domain that stands for that guest domain and for what the table grants (enum grant). Where rights
 *     of guest domains are folded into the words: of that domain's access when its root was last used.
 *  4. Every table has a first-level word that leads to it, or may again; counts are those of its leaves.
 *  5. The hypervisor's window is in no guest domain.
 * 10. What one view may do and the other may not is not to be found by the other: view=domains and fold,
 *     by a host domain that is closed to it; two-tables, by tables that only roots of the one view lead
 *     to; reflush, by its absence.
 * Where nothing is traced (sync=hint, tlbi+roots) guest words may have changed without a sign. Then, instead of 1. and 2.:
 *  7. A shadow word is what the guest's word that it was made from composes to.
 *  8. First-level words that lead somewhere, in the root in use, lead to tables that have been compared in this epoch;
 *     other words of that root are empty: parked.
 *  9. A frame with a table that is shadowed is written by cacheable mappings alone, or traced as in 2.
 */
#ifndef SHADEWALK_STRATEGIES_CACHED_H
#define SHADEWALK_STRATEGIES_CACHED_H

#include "strategies/domains.h"
#include "strategies/strategy.h"
#include "strategies/window.h"

enum {
	CACHED_MAX_ROOTS = 32,
	CACHED_WORDS = (HV_POOL_END - HV_SL1) / 4,      /* roots first, then the tables */
	CACHED_UNITS = (HV_POOL_END - HV_SL1) / 1024,
	ROOT_WORDS = 4096, TABLE_WORDS = 256,
	GUEST_FRAMES = 1 << 20,
};

/* A leaf of the shadow, kept for each of its words. */
struct cached_leaf {
	uint32_t gpa;           /* guest physical base of what it maps */
	int32_t next, prev;     /* that map the same frame, or megabyte; word + 1, 0 ends */
	uint8_t size_log2;      /* 0: the word is empty, or a link */
	uint8_t back;           /* words to the first of a replicated leaf: only that is kept */
	uint8_t k, u;           /* the guest's rights, two bits a quarter; HOST_V6: what all quarters have */
	uint8_t held : 4;       /* quarters without writes, for they were traced: bit a quarter */
	uint8_t kernel : 1;     /* view=fold: its words have K's rights, and U's are less */
	uint8_t cb;             /* HOST_V5 */
	uint8_t memory, attr;   /* HOST_V6: cached_pack_memory(), enum leaf_attr */
};

enum leaf_attr { LEAF_XN = 1, LEAF_NG = 2 };
/* A memory type in a byte, and back. */
static inline uint8_t cached_pack_memory(struct pt_memory m)
{
	return (uint8_t)(m.type | m.inner << 2 | m.outer << 4 | m.shared << 6);
}
static inline struct pt_memory cached_unpack_memory(uint8_t m)
{
	return (struct pt_memory){ m & 3, m >> 2 & 3, m >> 4 & 3, m >> 6 };
}

enum table_kind { TABLE_COARSE, TABLE_FINE, TABLE_SPLIT };

enum cached_view { VIEW_DOMAINS, VIEW_TWO_TABLES, VIEW_REFLUSH, VIEW_FOLD };
enum cached_dacr { DACR_PASS, DACR_DROP, DACR_SWIZZLE, DACR_TRACK };
enum cached_mb { MB_BY_AP, MB_BY_EMULATION, MB_BY_VIEW };

/* Whose rights a table's leaves have: one is for both views while the guest tells them apart nowhere. */
enum side { FOR_BOTH, FOR_KERNEL, FOR_USER };
/* Shadows of one guest table that a slot may lead to, by turns: of a manager domain or not, the user
 * view's own or not. */
enum { VARIANTS = 4 };

struct cached_table {
	bool used, all;         /* all: of a manager domain, or with the MMU off */
	bool oos;               /* out of sync: not traced, its words may be old until an invalidate */
	uint8_t kind, grant;    /* enum table_kind, enum grant */
	uint8_t side;           /* enum side */
	uint32_t key;           /* the guest table's address; of TABLE_SPLIT: cached_split_key() */
	uint32_t word;          /* first word in the shadow */
	int32_t links;          /* slots that lead here, slot + 1 */
	int32_t aside;          /* those that may again: cached_aside + 1 */
	uint16_t next;          /* tables in the same guest frame (of TABLE_SPLIT: megabyte), index + 1 */
	uint16_t leaves, equal, konly, full;    /* leaves; with U = K, without U, with K all and no XN */
	uint16_t global;                        /* HOST_V6: leaves that are */
	bool ref;               /* of use since the clock's hand went by */
	uint32_t flood;         /* stores to the guest's table since it was of use */
	uint32_t epoch;         /* of the last comparison: suspect if it is not the present one */
	uint64_t at, born;      /* last of use; first */
};

struct cached_slot {            /* a first-level word: of root slot / 4096, megabyte slot % 4096 */
	uint16_t table;         /* index + 1; 0: empty, or a section (its leaf says) */
	uint8_t host, guest;    /* domains */
	bool all;
	bool closed;            /* a section whose word is 0 while its guest domain is closed */
	uint8_t variant;        /* that it led to last */
	uint8_t k, u, attr;     /* of a section in a client domain: rights, and whether the guest's is global */
	bool parked;            /* the hardware's word is empty until the suspect table has been compared */
	int32_t next, prev;     /* slots of the same table, slot + 1 */
};

/* That a slot led to a table, and may again by its first-level word alone: one a variant. */
struct cached_aside { uint16_t table; int32_t next, prev; };     /* index + 1; of the table, number + 1 */

/* Slots of a root in one guest domain. */
struct cached_listed { bool is; int32_t next, prev; };          /* slot + 1 */

/* A shadow first-level table has two guest tables behind it where TTBCR.N splits addresses. */
struct cached_root {
	bool used, off;         /* off: of the MMU being off */
	bool user;              /* view=two-tables: the user view's */
	uint32_t dacr;          /* guest's, that its words were last brought to */
	uint8_t ttbcr;          /* N, PD0 and PD1 */
	uint32_t key, upper;    /* addresses of TTBR0's table; of TTBR1's if N is not 0 */
	uint32_t flood, epoch;
	uint64_t at;
};

struct cached_params {
	uint32_t roots, filter, flood, recompose, sync, view, dacr, prefill, prefetch, pool, victim, kernel,
		 mb;
};

/* Where changes of guest tables are learnt from (sync); doc/clean-hint.md. */
enum {
	SOURCE_STORES = 1,      /* traced */
	SOURCE_CLEANS = 2,      /* of cache lines by address */
	SOURCE_TLBI = 4, SOURCE_ROOTS = 8,      /* moments to compare */
};

struct cached {
	const struct cached_params *p;
	const struct strategy_port *port;
	enum host_format format;        /* of every word of the shadow */
	bool tagged;                    /* roots have host ASIDs: their entries outlive a switch */
	bool quiet;                     /* set-up: nothing is charged */
	bool user_view;
	unsigned sources;               /* SOURCE_* */
	bool unsync;                    /* the first store to a table lets it out of sync */
	bool untraced;                  /* no stores are traced, but to the frames below */
	uint32_t nthrough;
	uint8_t *through;               /* untraced: guest frames that stores reach memory in, past the cache */
	bool pending;                   /* untraced: lines were cleaned that nobody named */
	uint32_t epoch;                 /* untraced: of comparisons */
	struct cached_leaf *leaf;       /* CACHED_WORDS */
	uint32_t *from;                 /* unsync, untraced: the guest's word behind each leaf; of a slot: its own */
	uint32_t noos;                  /* tables out of sync */
	int32_t *in_frame, *in_mb;      /* first leaf up to a frame in a guest frame; larger ones */
	uint16_t *tables_in, *splits_in;/* first table in a guest frame; split section in a megabyte */
	uint8_t *traced;                /* quarters of a guest frame that hold tables */
	struct cached_table table[CACHED_UNITS];
	uint16_t owner[CACHED_UNITS];   /* table + 1 of a KB behind the roots */
	struct cached_slot *slot;       /* 4096 a root */
	struct cached_aside *aside;     /* VARIANTS a slot; NULL: a slot leads to one table ever */
	struct cached_listed *listed;   /* by slot; NULL with dacr=pass */
	int32_t in_domain[CACHED_MAX_ROOTS][NO_DOMAIN + 1];
	uint32_t *viewed, *viewed_at;   /* view=reflush: leaves that differ between views; index + 1 by word */
	uint32_t nviewed;
	struct cached_root root[CACHED_MAX_ROOTS];
	unsigned now;                   /* the root in use */
	struct cached_table *pinned;    /* being filled: it may be without a link for a while */
	struct domains domains;
	unsigned table_hand;
	struct window window;           /* pages of the guest outside the shadow proper */
	uint64_t tick;
	uint32_t nleaves, nsplit, nunits;
	unsigned zapped;                /* since the last cached_flush(); above 4: too many to name */
	uint8_t zapped_asid;            /* all of them are of this host ASID; 0: they are not */
	struct cached_note { gva_t mva; uint8_t asid; /* 0: of any */ } note[4];
};

/* --- cached_table.c: words, leaves, tables, roots ------------------------------------------ */
void cached_store(struct cached *c, uint32_t word, uint32_t value, enum event e);
uint32_t cached_peek(const struct cached *c, uint32_t word);
static inline uint32_t cached_pool_end(const struct cached *c)
{
	return c->format == HOST_V6 ? HV_POOL_V6_END : HV_POOL_END;
}
/* Host TLB entries have to go: all of them; of a leaf, before it changes, wherever it is; what made an access
 * to a leaf that is there now abort, in the root in use. */
void cached_note_all(struct cached *c);
void cached_note_word(struct cached *c, uint32_t word);
void cached_note_abort(struct cached *c, uint32_t word, gva_t mva);
/* Cleans what was stored, drains, and drops what was noted from the host TLB. */
void cached_flush(struct cached *c);
static inline bool cached_is_root_word(const struct cached *c, uint32_t word)
{
	return word < c->p->roots * ROOT_WORDS;
}
struct cached_table *cached_table_of(struct cached *c, uint32_t word);
static inline unsigned cached_words_of(const struct cached_table *t)
{
	return t->kind == TABLE_FINE ? 4 * TABLE_WORDS : TABLE_WORDS;
}
/* An existing leaf's words become empty. */
void cached_zap(struct cached *c, uint32_t word, enum event e);
/* The slot becomes empty; a table without other slots goes with it. */
void cached_clear_slot(struct cached *c, uint32_t slot, enum event e);
void cached_drop_table(struct cached *c, struct cached_table *t, enum event e);
struct cached_table *cached_find_table(struct cached *c, enum table_kind kind, uint32_t key, bool all,
				       enum side side);
/* Allocated, zeroed, its guest frame traced, without a slot: pinned until one leads to it. */
struct cached_table *cached_new_table(struct cached *c, enum table_kind kind, uint32_t key, bool all,
				      enum side side);
/* A slot that leads to a table does no more; what else it may lead to stays. Its word is 0 then; or another
 * is to be stored. */
void cached_unlink(struct cached *c, uint32_t slot, enum event e);
void cached_detach(struct cached *c, uint32_t slot);
/* An empty slot leads to t. */
void cached_link(struct cached *c, uint32_t slot, struct cached_table *t, unsigned guest_domain);
/* ... that it was led to before, by the same word of the guest's. */
void cached_link_again(struct cached *c, uint32_t slot, struct cached_table *t, unsigned guest_domain);
static inline unsigned cached_variant(const struct cached_table *t)
{
	return (unsigned)t->all | (t->side == FOR_USER) << 1;
}
/* Makes the root of the guest's registers (or of the MMU being off) the one in use. */
void cached_use_root(struct cached *c);
void cached_use_view_root(struct cached *c);    /* the other view's */
/* The guest's tables behind a root: bytes in use, for megabytes from `first` on. Returns how many. */
struct cached_part { uint32_t base, bytes, first; };
unsigned cached_parts(const struct cached_root *r, struct cached_part out[2]);
/* Where the guest's first-level word of a megabyte is; false: the root has none. */
bool cached_root_word(const struct cached_root *r, uint32_t mb, uint32_t *gpa);
/* Quarters of a guest frame that hold first-level tables of roots. */
unsigned cached_root_quarters(const struct cached *c, uint32_t frame);
/* Global entries of other roots' that an invalidate of mva covers: those that this root has otherwise. */
void cached_drop_strangers(struct cached *c, gva_t mva);
void cached_drop_root(struct cached *c, unsigned r, enum event e);
void cached_drop_all(struct cached *c);
/* The slot leads to its table, for the hardware too. */
void cached_store_link(struct cached *c, uint32_t slot);

/* --- cached_leaf.c: what leaves grant ------------------------------------------------------ */
struct cached_map { uint32_t gpa, hpa; unsigned size_log2; uint8_t k, u, held, cb, memory, attr; bool kernel; };
/* Bits two a quarter: what is left of the guest's rights. */
unsigned cached_effective(unsigned rights, unsigned held);
/* Quarters of a leaf whose writes are held back now. */
unsigned cached_held(const struct cached *c, uint32_t gpa, unsigned size_log2);
/* The descriptor of a leaf; domain: of sections. */
uint32_t cached_leaf_word(const struct cached *c, const struct cached_map *m, enum grant grant,
			  unsigned domain);
/* Whose rights it has there, by how its table or section grants. */
enum grant cached_ap_of(const struct cached *c, enum grant grant, const struct cached_map *m);
/* What a leaf maps, again. */
void cached_map_of(const struct cached *c, uint32_t word, struct cached_map *m);
/* Its words hold what m says under its table's grant. */
void cached_rewrite(struct cached *c, uint32_t word, const struct cached_map *m);
/* Bookkeeping of a leaf in its table and among those that map the same memory. */
void cached_add_leaf(struct cached *c, uint32_t word, unsigned nwords, const struct cached_map *m);
void cached_remove_leaf(struct cached *c, uint32_t word);
unsigned cached_leaf_words(struct cached *c, uint32_t word);
/* The leaf that serves mva in the root in use; -1: none. */
int32_t cached_leaf_at(struct cached *c, gva_t mva);
bool cached_grants(const struct cached_leaf *l, gva_t mva, bool user, enum access access);
enum { CACHED_ALL_RIGHTS = 0xff };
/* Host domain for that, with what it costs to have one. */
unsigned cached_domain_for(struct cached *c, enum grant grant, unsigned guest_domain);
/* Views that do without domains of their own have one way of granting. */
static inline enum grant cached_host_grant(const struct cached *c, enum grant g)
{
	return c->p->view == VIEW_DOMAINS || c->p->view == VIEW_FOLD ? g : GRANT_U;
}
/* The host's DACR of the view in use, from the guest's. */
void cached_set_dacr(struct cached *c);

/* --- cached_fill.c ------------------------------------------------------------------------- */
/* FILL_NARROW: the guest's quarters differ, and the host's one AP cannot let this access through; or pages of its
 * megabyte do, and one domain cannot (mb=strict). */
enum fill { FILL_DONE, FILL_SPURIOUS, FILL_NO_MEMORY, FILL_NARROW, FILL_TINY };
/* Stands for a section, or a megabyte of a supersection, in roots that have it at any place. */
uint32_t cached_split_key(const struct walk *w, gva_t mva);
/* What the guest's word `index` of t maps by that word alone, found through slot s; false: nothing, or a page
 * that takes several words. */
bool cached_word_maps(const struct cached *c, const struct cached_table *t, int32_t s, uint32_t index,
		      uint32_t word, gva_t *mva, struct walk *w);
/* A leaf for what t holds at mva, if it can be there without a change to how t grants. */
void cached_put(struct cached *c, struct cached_table *t, gva_t mva, const struct walk *w);
/* Does the table grant in the way g from now on. Its slots are linked again when they are used. */
void cached_regrant(struct cached *c, struct cached_table *t, enum grant g);
/* Could g give every leaf of t, and m, all that the guest gives? */
bool cached_is_perfect(const struct cached_table *t, enum grant g, const struct cached_map *m);
/* Does the view get from a leaf with these rights what the access needs? */
bool cached_grant_serves(enum grant g, const struct cached_map *m, gva_t mva, bool user,
			 enum access access);
/* The shadow of guest walk w at mva, for this access. */
enum fill cached_fill(struct cached *c, gva_t mva, const struct walk *w, bool user, enum access access);

/* --- cached_view.c -------------------------------------------------------------------------- */
/* A change of view is no DACR write. */
static inline bool cached_switch_costs_more(const struct cached *c)
{
	return c->p->view == VIEW_TWO_TABLES || c->p->view == VIEW_REFLUSH;
}
/* The view in use is the guest user's, or the kernel's. */
void cached_set_view(struct cached *c, bool user);
/* What differs between views is of one root alone, and so is never global. Nor is what a guest without ASIDs has:
 * its changes of root have to empty no TLB then. */
static inline bool cached_is_private(const struct cached *c, unsigned k, unsigned u)
{
	return !c->port->guest->v6 || (c->p->view == VIEW_TWO_TABLES && k != u);
}
/* Attributes of a leaf in HOST_V6. With the MMU off nothing is global: it goes when the MMU is on. */
static inline uint8_t cached_attr(const struct cached *c, const struct guest_page *p, bool mmu_off, unsigned k, unsigned u)
{
	bool private = p->ng || mmu_off || cached_is_private(c, k, u);

	return (uint8_t)((p->rights.xn ? LEAF_XN : 0) | (private ? LEAF_NG : 0));
}
/* Does the leaf that is there serve the access? m is what it maps. */
bool cached_leaf_serves(const struct cached *c, const struct cached_table *t, uint32_t word,
			const struct cached_map *m, gva_t mva, bool user, enum access access);
bool cached_section_serves(const struct cached *c, uint32_t slot, const struct cached_map *m, gva_t mva,
			   bool user, enum access access);
/* How a section grants; kernel: it has to serve the kernel's view. */
enum grant cached_section_grant(struct cached *c, struct cached_map *m, bool kernel);
/* Can m be in t as it is? */
bool cached_fits(const struct cached *c, const struct cached_table *t, struct cached_map *m);
/* A leaf's rights depend on the view in use (view=reflush). */
void cached_note_viewed(struct cached *c, uint32_t word);
void cached_forget_viewed(struct cached *c, uint32_t word);
/* The side of a table that serves an access of the view in use. */
enum side cached_side_for(struct cached *c, uint32_t slot, const struct cached_map *m, gva_t mva,
			  bool user, enum access access);
/* Tables are private to a view where the guest tells views apart (two-tables, mb=split-view). */
static inline bool cached_has_sides(const struct cached *c)
{
	return c->p->view == VIEW_TWO_TABLES || c->p->mb == MB_BY_VIEW;
}
/* t, which was for both views, is for one of them from now on. */
void cached_make_private(struct cached *c, struct cached_table *t, enum side side);

/* --- cached_dacr.c -------------------------------------------------------------------------- */
/* Are guest domains' rights folded into the words, instead of having host domains? */
static inline bool cached_folds(const struct cached *c) { return c->p->dacr != DACR_PASS; }
static inline bool cached_keeps_variants(const struct cached *c)
{
	return c->p->dacr == DACR_SWIZZLE || c->p->dacr == DACR_TRACK || c->p->mb == MB_BY_VIEW;
}
void cached_dacr_write(struct cached *c, uint32_t old, uint32_t new);
/* Words of the root in use are what the guest's DACR wants. */
void cached_fold_root(struct cached *c);
/* A slot is in use, in its guest domain; or may be in use no more. */
bool cached_slot_in_use(struct cached *c, uint32_t slot);
void cached_list_slot(struct cached *c, uint32_t slot);
void cached_check_listed(struct cached *c, uint32_t slot);
/* The table that a slot leads to is set aside, and another word is to be stored; what was set aside is given
 * up, is led to again. */
void cached_set_aside(struct cached *c, uint32_t slot);
void cached_forget(struct cached *c, uint32_t slot, unsigned variant);
bool cached_lead_again(struct cached *c, uint32_t slot, bool all);
static inline struct cached_table *cached_table_aside(struct cached *c, uint32_t slot, unsigned variant)
{
	unsigned t = c->aside ? c->aside[slot * VARIANTS + variant].table : 0;

	return t ? &c->table[t - 1] : NULL;
}

/* --- cached_trace.c ------------------------------------------------------------------------ */
/* Quarters `mask` of the guest frame hold tables from now on; what maps it gives up its writes. */
void cached_trace(struct cached *c, uint32_t frame, unsigned mask);
/* A table or root left the frame: traced for what is left in it. */
void cached_retrace(struct cached *c, uint32_t frame);
bool cached_is_traced(const struct cached *c, uint32_t gpa, unsigned size_log2);
/* Its quarter of a frame holds a table that is traced. */
static inline bool cached_holds_table(const struct cached *c, uint32_t gpa)
{
	return c->traced[gpa >> FRAME_LOG2] >> (gpa >> GRANULE_LOG2 & 3) & 1;
}
/* The guest stored: shadows of the word follow. */
void cached_pt_write(void *self, uint32_t gpa, uint32_t old, uint32_t new);

/* --- cached_sync.c ------------------------------------------------------------------------- */
/* Shadows that the guest's next store to gpa may leave behind: out of sync from now on. False: a root's. */
bool cached_unsync(struct cached *c, uint32_t gpa);
/* Entries of a table out of sync are what the guest has now; it stays out of sync. */
void cached_resync_table(struct cached *c, struct cached_table *t);
/* An invalidate of everything, or another root: all tables are in sync again, and traced. */
void cached_resync_all(struct cached *c);
/* One of mva: the entries that it covers are. */
void cached_resync(struct cached *c, gva_t mva);

/* The leaf of a table goes if a guest word behind it is not what it was made from. */
void cached_check_leaf(struct cached *c, const struct cached_table *t, uint32_t word);

/* --- cached_hint.c: tables that are not traced --------------------------------------------- */
enum err cached_sources(uint32_t sync, unsigned *sources, struct diag *d);
void cached_clean(void *self, gva_t mva, uint32_t bytes);
void cached_clean_all(void *self);
/* Some mapping writes to the frame past the cache. */
bool cached_writes_past(const struct cached *c, uint32_t frame);
void cached_set_through(struct cached *c, uint32_t frame, bool through);
/* The frame holds a table from now on: whether its stores have to be traced. */
bool cached_is_through(struct cached *c, uint32_t frame);
/* One that is to go because of what the guest did. */
void cached_leaf_goes(struct cached *c, uint32_t word);
/* A leaf that comes into being: frames with tables that are written through it, past the cache. */
void cached_note_through(struct cached *c, const struct walk *w, gva_t mva);
/* An invalidate of everything, or the root that is now in use: what is suspect is out of the hardware's reach. */
void cached_suspect_all(struct cached *c);
/* An invalidate of mva. */
void cached_suspect(struct cached *c, gva_t mva);
/* The root in use, which another view brought into use: the same. */
void cached_check_root(struct cached *c);
/* SCTLR has changed. */
void cached_suspect_off(struct cached *c, uint32_t old);
/* A table that comes to be used is what the guest has now. */
void cached_compare(struct cached *c, struct cached_table *t);
/* Under another ASID of the guest's. */
void cached_compare_nonglobal(struct cached *c);
/* A parked slot at mva leads to its table again. True: and that serves the access. */
bool cached_resume(struct cached *c, const struct abort_info *a);
/* Whether the slot's first-level word is the guest's. */
bool cached_slot_is_old(struct cached *c, uint32_t slot);

/* --- cached_pool.c ------------------------------------------------------------------------- */
enum { VICTIM_LRU, VICTIM_FIFO, VICTIM_CLOCK };
enum { CACHED_POOL_LEAST = 12 };        /* KB */
unsigned cached_pool_units(const struct cached *c);
struct cached_table *cached_victim(struct cached *c);
/* A new root has what root `from` has, where the guest's words are equal. */
void cached_copy_slots(struct cached *c, unsigned to, unsigned from);

/* --- cached_window.c ----------------------------------------------------------------------- */
enum abort_verdict cached_in_window(struct cached *c, struct abort_info *a);
void cached_window_preset(struct cached *c);

unsigned cached_audit(void *self, struct diag *d);

#endif
