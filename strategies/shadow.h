/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shadow tables of one address space, written as ARM descriptors into the hypervisor's
 * area, with a bounded directory of live entries. The one writer of shadow entries.
 *
 * Invariants, checked by shadow_audit():
 *  1. A word of a shadow table is non-zero only where a live entry says so.
 *  2. All entries of a megabyte grant what its state (view.h) says, and no more.
 *  3. The hypervisor's window is in no guest domain.
 *  4. An entry knows the guest page it came from, so that an invalidate inside a large page or
 *     section drops every fragment of it.
 *  5. What grants one view more than the other may have is out of the other's reach: by its host domain, or
 *     because it is in another table, or gone (enum shadow_views).
 */
#ifndef SHADEWALK_STRATEGIES_SHADOW_H
#define SHADEWALK_STRATEGIES_SHADOW_H

#include "strategies/domains.h"
#include "strategies/host_words.h"
#include "strategies/strategy.h"
#include "strategies/view.h"
#include "strategies/zones.h"

enum { SHADOW_MAX_ENTRIES = 65536, SHADOW_TABLES = (HV_POOL_END - HV_POOL) / 1024 };

/* Whose rights an entry has, and how the views are kept apart. */
enum shadow_views {
	SHADOW_BY_DOMAINS, /* both views', by the host domain of its class, or of what its megabyte grants */
	SHADOW_BY_FOLD,    /* one view's; a megabyte with the kernel's has a domain that the user view closes */
	SHADOW_BY_TABLES, /* one view's: there is another shadow for the other */
	SHADOW_BY_REFLUSH, /* one view's: shadow_drop_view() before the other's turn */
};

/* dacr=pass: host domains for all shadows of a guest. */
struct shadow_pass {
	struct domains domains;
	void *owner;
	void (*take)(void *owner, unsigned host);       /* shadow_drop_domain() of each */
	void (*changed)(void *owner);                   /* the host's DACR has to follow */
};

/* Where in the hypervisor's area it lies, and how it is written. */
struct shadow_config {
	uint32_t entries;               /* directory; 0: as many as there can be */
	uint32_t root, pool, units;     /* offsets; KB of the pool, a multiple of 4 */
	enum host_format format;
	bool tagged;                    /* HOST_V6: what is not global has host ASID `asid` */
	uint8_t asid;
	enum shadow_views views;
	bool split;                     /* SHADOW_BY_DOMAINS: a mixed megabyte has a table for each view */
	bool five_zones;                /* of the directory, which has ZONE_ENTRIES */
	bool none_global;               /* HOST_V6: all entries are tagged */
	bool first;                     /* a table's domain is that of its first page, whoever comes later */
	bool free_empty;                /* a table without entries is given back */
	struct shadow_pass *pass;       /* NULL: the guest's DACR is in the rights, domains are fixed */
};

struct shadow_entry {
	uint32_t mva;                   /* base of what the shadow maps */
	uint32_t guest_mva;             /* base of the guest page it came from */
	uint8_t size_log2, guest_size_log2;
	uint8_t guest_domain;           /* 16: none (guest MMU off) */
	bool live, ng;                  /* ng: not global, HOST_V6 */
	bool tagged;                    /* HOST_V6: not global in the host TLB either */
	bool differs;                   /* the guest grants the other view something else */
	bool user;                      /* made for the user view, where entries are one view's */
	struct view_rights rights;
	uint32_t offset;                /* first descriptor word, in the hypervisor's area */
	uint16_t nwords;
	int32_t prev, next;             /* in its megabyte; -1 ends */
	int32_t view_prev, view_next;   /* SHADOW_BY_REFLUSH: of those that differ */
};

enum slot_kind { SLOT_EMPTY, SLOT_SECTION, SLOT_COARSE, SLOT_FINE };

struct shadow_slot {                    /* one megabyte, in state MB_SPLIT as one view has it */
	uint8_t kind, state;            /* enum slot_kind, enum mb_state */
	uint8_t domain;                 /* host domain now in the first-level word; NO_HOST */
	uint8_t grant, guest;           /* dacr=pass: what that stands for */
	uint16_t unit;                  /* first KB of its table in the pool */
	uint16_t equal, konly, full;    /* entries with U = K, without U, with K all and no XN */
	uint32_t live;
	uint32_t word;                  /* first-level word, while its view is the current one */
	int32_t first;                  /* entries, -1 none */
};
enum { NO_HOST = 0xff, NO_MEGABYTE = 4096 };

struct shadow {
	const struct strategy_port *port;
	struct shadow_config c;
	struct shadow_entry *entry;     /* ring: the oldest goes first */
	struct zones zones;
	uint32_t capacity, live;
	unsigned filling;               /* the megabyte whose tables stay, entries or not; NO_MEGABYTE */
	struct shadow_slot slot[4096];
	struct shadow_slot *split;      /* config.split: megabytes in state MB_SPLIT as the user has them */
	uint16_t split_mb[4096];        /* those, in any order */
	unsigned nsplit;
	bool user;                      /* view that first-level words of such megabytes are of now */
	int32_t differing;              /* SHADOW_BY_REFLUSH: first entry that differs, -1 none */
	uint16_t owner[SHADOW_TABLES];  /* who owns this KB of the pool (shadow_inside.h); 0 free */
	uint32_t table_hand, units_used;
	uint32_t zapped;                /* since the last shadow_flush_host() */
	bool zapped_global;             /* some of them may have global entries in the host TLB */
	gva_t zapped_mva[4];
};

enum err shadow_start(struct shadow *s, const struct strategy_port *port,
		      const struct shadow_config *c, struct diag *d)
	__attribute__((warn_unused_result));
void shadow_stop(struct shadow *s);

/* What to map: a guest page (or the part of it that is contiguous in the machine). */
struct shadow_map {
	gva_t mva;                      /* the address that missed */
	const struct walk *w;           /* guest walk */
	unsigned size_log2;             /* of the shadow page: <= the guest's */
	uint32_t hpa;                   /* its machine base */
	struct view_rights rights;      /* HOST_V6: all quarters equal */
	struct pt_memory memory;        /* HOST_V6 */
	bool ng;                        /* HOST_V6 */
	enum zone zone;
	bool all;                       /* dacr=pass: a manager's; the host's DACR grants what rights do not */
};

/* True when mapping m for this access needs a mixed megabyte to be what the user view may not reach. */
bool shadow_needs_konly(const struct shadow *s, const struct shadow_map *m, bool user,
			enum access access);
/*
 * Writes the entry, evicting, allocating, re-tagging as needed; false when the shadow already
 * said exactly that (a spurious abort). Stores only: shadow_flush_host() completes it.
 */
bool shadow_fill(struct shadow *s, const struct shadow_map *m, bool user, enum access access);
/* Zaps entries. `ev` is the event booked for each word: EV_ZAP or EV_EVICT. */
void shadow_zap_all(struct shadow *s);
void shadow_zap_covering(struct shadow *s, gva_t mva);  /* guest page covers mva */
void shadow_zap_global_covering(struct shadow *s, gva_t mva);
void shadow_zap_nonglobal(struct shadow *s);
void shadow_zap_nonglobal_covering(struct shadow *s, gva_t mva);
/* The entry that maps mva goes; false: there is none. */
bool shadow_forget(struct shadow *s, gva_t mva);
void shadow_zap_domains(struct shadow *s, uint32_t changed);    /* guest DACR bits that changed */
/* SHADOW_BY_REFLUSH: entries that the other view must not have, or has otherwise. */
void shadow_drop_view(struct shadow *s);
/* First-level words of split megabytes become those of the view. */
void shadow_set_view(struct shadow *s, bool user);
/* A host domain will stand for something else: nothing is in it any more. */
void shadow_drop_domain(struct shadow *s, unsigned host);
/* Cleans what was stored, drains, and drops what was zapped from the host TLB. */
void shadow_flush_host(struct shadow *s);
/* What was zapped needs no more: the caller empties the host TLB. */
void shadow_host_is_flushed(struct shadow *s);

/* Adds the megabytes that each host domain has. */
void shadow_count_domains(const struct shadow *s, uint32_t megabytes[16]);
unsigned shadow_audit(const struct shadow *s, struct diag *d);
unsigned shadow_memory(const struct shadow *s, struct strategy_memory *rows, unsigned max);

#endif
