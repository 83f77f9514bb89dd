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
 */
#ifndef SHADEWALK_STRATEGIES_SHADOW_H
#define SHADEWALK_STRATEGIES_SHADOW_H

#include "strategies/host_words.h"
#include "strategies/strategy.h"
#include "strategies/view.h"

enum { SHADOW_MAX_ENTRIES = 65536, SHADOW_TABLES = (HV_POOL_END - HV_POOL) / 1024 };

/* Where in the hypervisor's area it lies, and how it is written. */
struct shadow_config {
	uint32_t entries;               /* directory; 0: as many as there can be */
	uint32_t root, pool, units;     /* offsets; KB of the pool, a multiple of 4 */
	enum host_format format;
	bool tagged;                    /* HOST_V6: what is not global has host ASID `asid` */
	uint8_t asid;
};

struct shadow_entry {
	uint32_t mva;                   /* base of what the shadow maps */
	uint32_t guest_mva;             /* base of the guest page it came from */
	uint8_t size_log2, guest_size_log2;
	uint8_t guest_domain;           /* 16: none (guest MMU off) */
	bool live, ng;                  /* ng: not global, HOST_V6 */
	struct view_rights rights;
	uint32_t offset;                /* first descriptor word, in the hypervisor's area */
	uint16_t nwords;
	int32_t prev, next;             /* in its megabyte; -1 ends */
};

enum slot_kind { SLOT_EMPTY, SLOT_SECTION, SLOT_COARSE, SLOT_FINE };

struct shadow_slot {                    /* one megabyte */
	uint8_t kind, state;            /* enum slot_kind, enum mb_state */
	uint8_t domain;                 /* host domain now in the first-level word */
	uint16_t unit;                  /* first KB of its table in the pool */
	uint32_t live;
	int32_t first;                  /* entries, -1 none */
};

struct shadow {
	const struct strategy_port *port;
	struct shadow_config c;
	struct shadow_entry *entry;     /* ring: the oldest goes first */
	uint32_t capacity, hand, live;
	struct shadow_slot slot[4096];
	uint16_t owner[SHADOW_TABLES];  /* megabyte + 1 that owns this KB of the pool; 0 free */
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
};

/* True when mapping m for this access needs the megabyte in state MB_KONLY. */
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
void shadow_zap_domains(struct shadow *s, uint32_t changed);    /* guest DACR bits that changed */
/* Cleans what was stored, drains, and drops what was zapped from the host TLB. */
void shadow_flush_host(struct shadow *s);
/* What was zapped needs no more: the caller empties the host TLB. */
void shadow_host_is_flushed(struct shadow *s);

unsigned shadow_audit(const struct shadow *s, struct diag *d);
unsigned shadow_memory(const struct shadow *s, struct strategy_memory *rows, unsigned max);

#endif
