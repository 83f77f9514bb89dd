/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of strategy `coherent` share. */
#ifndef SHADEWALK_STRATEGIES_COHERENT_H
#define SHADEWALK_STRATEGIES_COHERENT_H

#include "strategies/shadow.h"
#include "strategies/window.h"

enum { COHERENT_MAX_WAYS = 8 };

enum { SECTIONS_KEEP, SECTIONS_FRACTURE };
enum { TTBR_RECORD, TTBR_FLUSH };
enum { MB_POLICY_AP, MB_POLICY_STRICT, MB_POLICY_SPLIT, MB_POLICY_FIRST };
enum { VIEW_DOMAINS, VIEW_TWO_TABLES, VIEW_REFLUSH, VIEW_FOLD };
enum { DACR_XOR, DACR_PASS };
enum { DESIGN_OWN, DESIGN_XVISOR, DESIGNS };
enum { ZONES_ONE, ZONES_FIVE };
enum { GLOBAL_GUEST, GLOBAL_NONE };
enum { TLBI_MVA_ALL, TLBI_MVA_NG_ONLY };
enum { EMPTY_KEEP, EMPTY_FREE };
enum { FCSE_NONE, FCSE_FLUSH };
enum { SCTLR_KEEP, SCTLR_NONGLOBAL };
enum { UNPRIV_TRAP, UNPRIV_PLAIN };

struct coherent_params {
	uint32_t asids, entries, sections, ttbr, mb, view, dacr, vectors, words, tiny;
	uint32_t design, zones, global, tlbi_mva, empty, fcse, sctlr, sctlr_again, unpriv;
};

/* The shadow of one ASID of the guest: one table, or the kernel's and the user's. */
struct way {
	struct shadow sh[2];
	uint8_t asid;
	bool user;                      /* view=reflush: whose the entries are that differ */
	uint64_t last;
};

struct coherent {
	const struct coherent_params *p;
	const struct strategy_port *port;
	bool v6;                        /* the guest */
	bool user;                      /* the view in use */
	bool fine;                      /* tiny pages in the shadow */
	bool tags;                      /* entries have a host ASID */
	enum host_format format;
	unsigned nways, ntables;        /* ntables: of a way */
	uint64_t switches;
	struct way *current;
	struct way way[COHERENT_MAX_WAYS];
	struct window window;           /* entries outside the directories */
	struct shadow_pass pass;        /* dacr=pass */
};

#define EACH_WAY(c, w) struct way *w = (c)->way; w < (c)->way + (c)->nways; w++
#define EACH_TABLE(c, w, s) struct shadow *s = (w)->sh; s < (w)->sh + (c)->ntables; s++

static inline bool has_two_tables(const struct coherent *c)
{
	return c->p->view == VIEW_TWO_TABLES;
}
/* The shadow that the hardware walks. */
static inline struct shadow *shadow_in_use(struct coherent *c)
{
	return &c->current->sh[has_two_tables(c) && c->user];
}
/* What each shadow noted as gone leaves the host TLB. */
void coherent_flush_zapped(struct coherent *c);

/* --- coherent_view.c ---------------------------------------------------------------------- */
enum err coherent_check_view(const struct coherent_params *p, struct diag *d);
enum err coherent_start_tables(struct coherent *c, struct diag *d) __attribute__((warn_unused_result));
/* The DACR that rights in entries depend on. */
uint32_t coherent_fold_dacr(const struct coherent *c);
/* Rights of a leaf as its entry has them, before the view takes its own. */
struct view_rights coherent_rights(const struct coherent *c, const struct walk *w);
/* The host's root and ASID, of the way and view in use. */
void coherent_host_root(struct coherent *c);
void coherent_host_dacr(struct coherent *c);
/* Another way is in use: it is of the view that is. */
void coherent_way_in_view(struct coherent *c);
void coherent_mode(void *self, bool user);
void coherent_unpriv(void *self, bool enter);
enum event coherent_unpriv_event(void *self);

/* --- coherent_design.c -------------------------------------------------------------------- */
void coherent_preset(void *params);
void coherent_monitor(const void *params, struct monitor_kind *k);
enum err coherent_check_design(const struct coherent_params *p, struct diag *d);
/* mb=first: true if the abort ends so. */
bool coherent_forgets(struct coherent *c, const struct abort_info *a);
/* tlbi_mva=ng-only: true if an invalidate by address was one of those. */
bool coherent_tlbi_by_design(struct coherent *c, gva_t mva);
void coherent_sctlr_unchanged(struct coherent *c);

#endif
