/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In-place shadow tables: the hardware walks the guest's own second-level tables, at their machine
 * addresses. The monitor rewrites their words there (inplace_words.h); first-level tables have classic
 * shadows, and a section that cannot be mapped whole a table of the monitor's own (TABLE_SPLIT).
 *
 * Invariants, checked by inplace_audit():
 *  1. The hardware reaches no table of the guest that is not rewritten. A word of one that is rewritten is type
 *     00, or what the guest's word becomes: same machine address, same attributes, no more rights.
 *  2. Of each of its words, and its side, the guest's own word can be brought back.
 *  3. What the guest could store to or load from a rewritten table is held back wherever it maps its frame; of
 *     first-level tables, stores. Nothing larger than a frame maps it. (I2 shows words that differ in AP alone.)
 *  4. A first-level word leads to the table that the guest's word leads to, in a host domain that stands for that
 *     guest domain and for what the table grants (enum grant). A table is rewritten while one leads to it.
 *  5. The hypervisor's window is in no guest domain.
 */
#ifndef SHADEWALK_STRATEGIES_INPLACE_H
#define SHADEWALK_STRATEGIES_INPLACE_H

#include "strategies/domains.h"
#include "strategies/host_words.h"
#include "strategies/inplace_words.h"
#include "strategies/strategy.h"
#include "strategies/view.h"
#include "strategies/window.h"

enum {
	INPLACE_MAX_ROOTS = 32,
	/* The monitor's own mapping of the frame that it rewrites. */
	INPLACE_MAP = 0xe8000, INPLACE_POOL_END = 0xe0000,
	INPLACE_SPLITS = (INPLACE_POOL_END - HV_SL1) / 1024,    /* 1 KB a table; roots come first */
	INPLACE_UNITS = 2048,                           /* of 256 words, guest tables and splits */
	ROOT_WORDS = 4096, TABLE_WORDS = 256,
	GUEST_FRAMES = 1 << 20,
	ALL_QUARTERS = 0xf, ALL_RIGHTS = 0xff,
};

enum inplace_variant { VARIANT_I1, VARIANT_I2, VARIANT_I4, VARIANT_I6 };

enum table_kind { TABLE_COARSE, TABLE_FINE, TABLE_SPLIT };

/* A word of a shadow: of a first-level table (a section), of a rewritten table, or of a split section. */
struct inplace_entry {
	int32_t next, prev;     /* that map the same frame, or megabyte; number + 1, 0 ends */
	struct inplace_side side;
	bool live;              /* a page or section, in these lists */
};

struct inplace_table {
	bool used, all;         /* all: of a manager domain, or with the MMU off */
	bool opaque;            /* I2: some word differs in more than its AP */
	uint8_t kind, grant;    /* enum table_kind, enum grant */
	uint32_t key;           /* the guest table's address; of TABLE_SPLIT: the section's word */
	uint32_t entry;         /* number of the first */
	uint32_t offset;        /* of TABLE_SPLIT: in the hypervisor's area */
	int32_t links;          /* slots that lead here, slot + 1 */
	uint16_t next;          /* tables in the same guest frame (of TABLE_SPLIT: megabyte), index + 1 */
	uint64_t at;            /* last of use */
};

struct inplace_slot {           /* a first-level word: of root slot / 4096, megabyte slot % 4096 */
	uint16_t table;         /* index + 1; 0: empty, or a section (its entry says) */
	uint8_t host, guest;    /* domains */
	bool all;
	uint32_t word;          /* of a section: the guest's; the MMU off: its address */
	int32_t next, prev;     /* slots of the same table, slot + 1 */
};

struct inplace_root {
	bool used, off;         /* off: of the MMU being off */
	struct walk_regs regs;  /* as written; those that lead to its tables */
	uint32_t flood;         /* stores since it was of use */
	uint64_t at;
};

/* Quarters of a page that the guest may not store to, and not touch at all. */
struct inplace_held { uint8_t stores, all; };

struct inplace_params { uint32_t variant, roots, filter, flood, view, dacr; };

struct inplace {
	const struct inplace_params *p;
	const struct strategy_port *port;
	bool v6;                        /* the guest */
	bool tagged;                    /* the host's TLB tells ASIDs apart: it is not emptied at a change of root */
	enum host_format format;
	bool quiet;                     /* set-up: nothing is charged */
	bool user_view;
	uint32_t slots;                 /* of all roots: entry numbers below are theirs */
	struct inplace_entry *entry;    /* slots, then 256 a unit */
	int32_t *in_frame, *in_mb;      /* first entry up to a frame in a guest frame; larger ones */
	uint16_t *tables_in, *splits_in;/* first table in a guest frame; split section in a megabyte */
	uint8_t *no_stores, *nothing;   /* of each guest frame: quarters that the guest may not store to, or touch */
	struct inplace_table table[INPLACE_UNITS];
	uint16_t owner[INPLACE_UNITS];  /* table + 1 of a unit */
	bool split_used[INPLACE_SPLITS];
	struct inplace_slot *slot;
	struct inplace_root root[INPLACE_MAX_ROOTS];
	unsigned now;                   /* the root in use */
	struct inplace_table *pinned;   /* being filled: it may be without a link for a while */
	struct domains domains;
	struct window window;
	uint32_t mapped;                /* guest frame of INPLACE_MAP; 1: none */
	gva_t store_at;                 /* of the store that is being emulated: where the guest has it */
	uint32_t store_gpa;
	bool storing;
	bool shown;                     /* I2: a table became opaque, its frame is not held yet */
	uint64_t tick;
	uint32_t nlive, nguest, nsplit; /* entries; KB of tables */
	unsigned zapped;                /* since the last inplace_flush() */
	gva_t zapped_mva[4];
};

/* What a page or section maps. */
struct inplace_map {
	uint32_t gpa, hpa;
	unsigned size_log2;
	uint8_t k, u;                   /* the guest's rights, two bits a quarter */
	uint8_t cb;                     /* HOST_V5 */
	struct pt_memory memory;        /* HOST_V6 */
	bool xn, ng;                    /* HOST_V6 */
	struct inplace_held held;       /* its own quarters */
};

/* --- inplace_entry.c: what entries say ------------------------------------------------------- */
static inline bool inplace_is_slot(const struct inplace *c, uint32_t n) { return n < c->slots; }
struct inplace_table *inplace_table_of(struct inplace *c, uint32_t n);
static inline unsigned inplace_words_of(const struct inplace_table *t)
{
	return t->kind == TABLE_FINE ? 4 * TABLE_WORDS : TABLE_WORDS;
}
static inline struct inplace_form inplace_form_of(const struct inplace *c, const struct inplace_table *t)
{
	return (struct inplace_form){ .fine = t->kind == TABLE_FINE, .v6 = c->v6 };
}
static inline unsigned inplace_shift_of(const struct inplace_table *t)
{
	return t->kind == TABLE_FINE ? GRANULE_LOG2 : FRAME_LOG2;
}
/* The guest's word behind entry i of a table, by what is there. */
uint32_t inplace_guest_has(const struct inplace *c, const struct inplace_table *t, uint32_t i);
/* The guest's word w at i of a table: what a page maps; false: no page, or nothing of the machine's. */
bool inplace_map_word(const struct inplace *c, const struct inplace_table *t, uint32_t i, uint32_t w,
		      struct inplace_map *m);
/* The same of entry i, by the guest's word that is behind it. */
bool inplace_map_entry(const struct inplace *c, const struct inplace_table *t, uint32_t i,
		       struct inplace_map *m);
/* A section of the guest's; false: it cannot be mapped whole. */
bool inplace_map_section(const struct inplace *c, uint32_t gpa, const struct pt_desc *leaf, bool all, bool off,
			 struct inplace_map *m);
/* The guest's rights that are left of a map: kernel's and user's. */
unsigned inplace_left(unsigned rights, struct inplace_held held);
/* Does it have an AP under this grant? */
bool inplace_is_expressible(const struct inplace_map *m, enum grant g);
void inplace_ap(const struct inplace_map *m, enum grant g, uint8_t ap[4]);
/* Its word in the host's format. */
uint32_t inplace_word(const struct inplace *c, const struct inplace_map *m, enum grant g, unsigned domain);
/* The guest may do it by its own word, and by what one AP can say of it. */
bool inplace_allows(const struct inplace_map *m, gva_t mva, bool user, enum access access);
/* Does the view get from it what the access needs? */
bool inplace_serves(enum grant g, const struct inplace_map *m, gva_t mva, bool user, enum access access);
/* Does g give all that the guest gives, and nothing more? */
bool inplace_is_perfect(enum grant g, const struct inplace_map *m);
/* Quarters held of 2^size_log2 bytes at gpa. */
struct inplace_held inplace_held_of(const struct inplace *c, uint32_t gpa, unsigned size_log2);
bool inplace_is_held(const struct inplace *c, uint32_t gpa, unsigned size_log2);
/* Is this access one that has to be emulated? */
bool inplace_holds(const struct inplace_map *m, gva_t mva, enum access access);
/* Lists of what maps the same memory: n, whose word is there, comes to be live, or no more. */
void inplace_add(struct inplace *c, uint32_t n);
void inplace_remove(struct inplace *c, uint32_t n);

/* --- inplace_table.c: tables, slots, roots ---------------------------------------------------- */
void inplace_book(const struct inplace *c, enum event e, uint64_t n);
uint32_t inplace_peek(const struct inplace *c, uint32_t n);
/* The guest's word w at i of its table takes its place, rewritten; at: where the monitor stores. lazily: stashed. */
void inplace_put(struct inplace *c, struct inplace_table *t, uint32_t i, uint32_t w, gva_t at, bool lazily);
/* Entry i becomes what its guest's word, what is held and the grant want now. False: it was. */
bool inplace_refresh(struct inplace *c, struct inplace_table *t, uint32_t i, enum event e);
/* The monitor's own mapping of the word at gpa. */
gva_t inplace_window_of(struct inplace *c, uint32_t gpa);
static inline bool inplace_is_in_tlb(const struct inplace *c, unsigned root) { return c->tagged || root == c->now; }
/* Host TLB entries of mva, in the root in use, have to go; those of an entry, wherever that root has it. */
void inplace_note(struct inplace *c, gva_t mva);
void inplace_note_all(struct inplace *c);
void inplace_note_entry(struct inplace *c, uint32_t n);
enum { INPLACE_MVAS = 4 };
unsigned inplace_mvas(struct inplace *c, uint32_t n, gva_t mva[INPLACE_MVAS]);
/* Cleans what was stored, drains, and drops what was noted from the host TLB. */
void inplace_flush(struct inplace *c);
/* A live entry goes: type 00. */
void inplace_zap(struct inplace *c, uint32_t n, enum event e);
/* The slot becomes empty; a table without other slots goes with it. */
void inplace_clear_slot(struct inplace *c, uint32_t slot, enum event e);
/* An empty slot leads to t; or is a section, by the guest's word. */
void inplace_link(struct inplace *c, uint32_t slot, struct inplace_table *t, unsigned guest_domain);
void inplace_set_section(struct inplace *c, uint32_t slot, uint32_t word, unsigned guest_domain, bool all,
			 const struct inplace_map *m, enum grant g);

/* --- inplace_convert.c ---------------------------------------------------------------------------- */
/* Quarters of its frame that a guest's table takes. */
unsigned inplace_quarters_of(const struct inplace_table *t);
/* I2: may the guest load this instead of what it wrote? Words that differ in APs alone. */
bool inplace_shows(const struct inplace *c, const struct inplace_table *t, uint32_t machine, uint32_t wrote);
/* I2: entry i was written; a table with words of another kind is held as a whole, at the next flush. */
void inplace_see(struct inplace *c, struct inplace_table *t, uint32_t i, uint32_t wrote);
/* The rewritten table that the guest's word at gpa is in. */
struct inplace_table *inplace_table_at(struct inplace *c, uint32_t gpa);
/* Its slots go; a guest's table gets its own words back. */
void inplace_drop_table(struct inplace *c, struct inplace_table *t, enum event e);
struct inplace_table *inplace_find_table(struct inplace *c, enum table_kind kind, uint32_t key, bool all);
/* Rewritten, without a slot: pinned until one leads to it. */
struct inplace_table *inplace_new_table(struct inplace *c, enum table_kind kind, uint32_t key, bool all,
					enum grant g);
/* Written anew for another way of granting; its slots go. */
void inplace_regrant(struct inplace *c, struct inplace_table *t, enum grant g, bool all);

/* --- inplace_root.c ------------------------------------------------------------------------------- */
/* Makes the root of the guest's registers (or of the MMU being off) the one in use. */
void inplace_use_root(struct inplace *c);
/* The root with a shadow that the word, or any word of the frame, at gpa is of; -1: none. after: the one before. */
int inplace_root_with(const struct inplace *c, uint32_t gpa, int after);
bool inplace_is_root_frame(const struct inplace *c, uint32_t frame);
/* Megabyte that the word at gpa is the first-level word of; -1: none. */
int inplace_megabyte_of(const struct inplace *c, const struct inplace_root *r, uint32_t gpa);
/* Key of a split table: a section's word with the address of its megabyte. */
static inline uint32_t inplace_section_key(uint32_t word, uint32_t gpa)
{
	enum { DOMAIN_FIELD = 0xf << 5 };

	return (gpa & ~(SECTION_BYTES - 1u)) | (word & (SECTION_BYTES - 1u) & ~(uint32_t)DOMAIN_FIELD);
}
void inplace_drop_root(struct inplace *c, unsigned r, enum event e);
/* Whatever of mva the host's TLB has from another root, or in more pieces than the guest. */
void inplace_invalidate(struct inplace *c, gva_t mva);
void inplace_drop_all(struct inplace *c);

/* --- inplace_domain.c ------------------------------------------------------------------------- */
/* Host domain for that, with what it costs to have one. */
unsigned inplace_domain_for(struct inplace *c, enum grant grant, unsigned guest_domain);
/* The host's DACR of the view in use, from the guest's. */
void inplace_set_dacr(struct inplace *c);

/* --- inplace_fill.c --------------------------------------------------------------------------- */
enum fill { FILL_DONE, FILL_SPURIOUS, FILL_NO_MEMORY, FILL_EMULATE };
enum fill inplace_fill(struct inplace *c, gva_t mva, const struct walk *w, bool user, enum access access,
		       struct inplace_map *m);
/* The entry that serves mva in the root in use, live; -1: none. */
int32_t inplace_entry_at(struct inplace *c, gva_t mva);

/* --- inplace_trace.c -------------------------------------------------------------------------- */
/* A table or root came to the frame or left it: what is held of it follows. What maps it and has to give
 * something up does so. */
void inplace_hold(struct inplace *c, uint32_t frame);
/* Lines of these quarters of the frame, wherever entry n has them in the root in use. */
void inplace_purge_entry(struct inplace *c, uint32_t n, uint32_t frame, unsigned quarters);
/* I6: the guest stores to a rewritten table: all that keep it from it get their own words back. False: a root's. */
bool inplace_restore(struct inplace *c, uint32_t gpa);
void inplace_pt_write(void *self, uint32_t gpa, uint32_t old, uint32_t new);

unsigned inplace_audit(void *self, struct diag *d);

#endif
