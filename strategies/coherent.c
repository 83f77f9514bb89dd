/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLB-coherency-based shadow ("virtual TLB"): the shadow is one big software-filled TLB. Filled
 * on hidden faults only, emptied exactly where the guest would empty a TLB.
 *
 *  1. An entry lives only between covering invalidates of the guest: it is a member of P.
 *  2. A fault is injected only if a walk of the guest's tables at that moment faults.
 *  3. DACR, S, R and the MMU switch act at once: entries that depend on them are dropped. So do, from
 *     ARMv6 on, the bits of SCTLR that say how table words are read, and PRRR and NMRR while they count.
 *  4. TTBR, TTBCR and FCSE writes force nothing (the guest's own invalidate does); ttbr=flush drops
 *     all the same.
 *  5. A way is the shadow of one ASID of the guest, under a host ASID of its own; it holds global
 *     entries as well. Another ASID finds its way, or takes the one that was longest unused, whose
 *     entries that are not global go. asids=1: every change of ASID drops them.
 *
 * A guest of ARMv6 has shadows with SCTLR.XP = 1, whatever its own words are (host_words.h): a small page
 * whose quarters differ grants what all of them do, and accesses beyond that are emulated.
 *
 * The bounded FIFO directory follows the reference implementation (Xvisor arm32, 432 entries)
 * in kind, not in its five zones. Guest TLB lockdown is ignored (entries may vanish).
 */
#include "strategies/shadow.h"
#include "strategies/window.h"

#include <string.h>

struct coherent_params { uint32_t asids, entries, sections, ttbr, mb, view, dacr, vectors; };

enum { MAX_WAYS = 8 };

enum { SECTIONS_KEEP, SECTIONS_FRACTURE };
enum { TTBR_RECORD, TTBR_FLUSH };
enum { MB_POLICY_AP, MB_POLICY_STRICT };

static const char *const w_sections[] = { "keep", "fracture", NULL };
static const char *const w_ttbr[] = { "record", "flush", NULL };
static const char *const w_mb[] = { "ap", "strict", NULL };
static const char *const w_view[] = { "domains", NULL };
static const char *const w_dacr[] = { "xor", NULL };
static const char *const w_vectors[] = { "overlay", NULL };

#define P struct coherent_params
static const struct param params[] = {
	PARAM_NUM(P, "asids", asids, 1, MAX_WAYS, false,
		  "guests of ARMv6: ASIDs whose shadows are kept; 1: a change of ASID drops what is not "
		  "global"),
	PARAM_WORD(P, "dacr", dacr, w_dacr, "guest DACR write: drop entries of changed domains"),
	PARAM_NUM(P, "entries", entries, 0, SHADOW_MAX_ENTRIES, false,
		  "live shadow entries of each address space; 0: as many as fit"),
	PARAM_WORD(P, "mb", mb, w_mb, "megabyte of mixed classes: re-derive for one view at a "
		   "time, or emulate what both views may not do"),
	PARAM_WORD(P, "sections", sections, w_sections, "map sections and large pages whole, or "
		   "by 4 KB"),
	PARAM_WORD(P, "ttbr", ttbr, w_ttbr, "guest TTBR write: record it, or drop everything"),
	PARAM_WORD(P, "vectors", vectors, w_vectors, "the guest's vectors page under the "
		   "hypervisor's"),
	PARAM_WORD(P, "view", view, w_view, "guest kernel and user in one table, told apart by "
		   "domains"),
};
#undef P

struct way { struct shadow sh; uint8_t asid; uint64_t last; };

struct coherent {
	const struct coherent_params *p;
	const struct strategy_port *port;
	bool v6;                        /* the guest */
	enum host_format format;
	unsigned nways;
	uint64_t switches;
	struct way *current;
	struct way way[MAX_WAYS];
	struct window window;           /* entries outside the directories */
};

#define EACH_WAY(c, w) struct way *w = (c)->way; w < (c)->way + (c)->nways; w++

static void coherent_defaults(void *params_out)
{
	*(struct coherent_params *)params_out = (struct coherent_params){ .asids = 1, .entries = 432 };
}

/* First-level tables lie one behind the other, what is left of the pool is shared out. */
static struct shadow_config way_config(const struct coherent *c, unsigned i)
{
	enum { ROOT_KB = 16 };
	unsigned end = c->v6 ? HV_POOL_V6_END : HV_POOL_END, more = c->nways - 1;
	unsigned units = ((end - HV_POOL) / 1024 - ROOT_KB * more) / c->nways & ~3u;

	return (struct shadow_config){
		.entries = c->p->entries,
		.root = i ? HV_POOL + 1024 * ROOT_KB * (i - 1) : HV_SL1,
		.pool = HV_POOL + 1024 * ROOT_KB * more + 1024 * units * i,
		.units = units,
		.format = c->format, .tagged = c->v6, .asid = (uint8_t)(i + 1),
	};
}

static void host_root(struct coherent *c)
{
	const struct shadow_config *sc = &c->current->sh.c;

	c->port->host_set(c->port->m, HOST_TTBR, HV_HPA + sc->root);
	if (c->v6)
		c->port->host_set(c->port->m, HOST_ASID, sc->asid);
}

static enum err coherent_start(void *self, const void *p, const struct strategy_port *port,
			       struct diag *d)
{
	struct coherent *c = self;
	uint32_t sctlr = SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_V;
	enum err e = ERR_OK;

	c->p = p;
	c->port = port;
	c->v6 = port->guest->v6;
	c->format = c->v6 ? HOST_V6 : HOST_V5;
	c->nways = c->v6 ? c->p->asids : 1;
	c->current = c->way;
	c->current->asid = guest_asid(port->guest);
	window_start(&c->window, port, c->format);
	if (c->nways > 1 && !port->host->asid)
		return diag_set(d, ERR_CONFIG, "coherent: asids=%u needs a host with ASIDs "
				"(feature.asid)", c->nways);
	for (unsigned i = 0; !e && i < c->nways; i++) {
		struct shadow_config sc = way_config(c, i);

		e = shadow_start(&c->way[i].sh, port, &sc, d);
	}
	port->host_set(port->m, HOST_SCTLR, c->v6 ? sctlr | SCTLR_XP : sctlr);
	port->host_set(port->m, HOST_DACR, view_dacr(guest_is_user(port->guest)));
	host_root(c);
	return e;
}

static void coherent_stop(void *self)
{
	struct coherent *c = self;

	for (EACH_WAY(c, w))
		shadow_stop(&w->sh);
}

/* --- hidden and true faults ----------------------------------------------------------- */

/* Does one AP do for a page of this size? */
static bool is_uniform(const struct view_rights *r)
{
	struct view_rights all = *r;

	view_intersect(&all);
	return !memcmp(all.k, r->k, sizeof(r->k)) && !memcmp(all.u, r->u, sizeof(r->u));
}

/* Largest shadow page: the guest's, clipped to what is contiguous in the machine, and to what the host's
 * words can say. */
static bool clip(struct coherent *c, const struct walk *w, gva_t mva, struct shadow_map *m)
{
	static const uint8_t sizes[] = { SECTION_LOG2, 16, FRAME_LOG2, GRANULE_LOG2 };

	for (unsigned i = 0; i < sizeof(sizes); i++) {
		uint32_t base = walk_pa(w, mva) & ~((UINT32_C(1) << sizes[i]) - 1);

		if (sizes[i] > w->leaf.size_log2 ||
		    (c->format == HOST_V6 && (sizes[i] < FRAME_LOG2 ||
					      (sizes[i] == PT_LARGE_LOG2 && !is_uniform(&m->rights)))) ||
		    (c->p->sections == SECTIONS_FRACTURE && sizes[i] > FRAME_LOG2))
			continue;
		if (!c->port->to_host(c->port->m, base, sizes[i], &m->hpa))
			continue;
		m->size_log2 = sizes[i];
		return true;
	}
	return false;
}

/* HOST_V6: one AP a page. False: an access to some quarter may be allowed that the page cannot grant. */
static bool flatten(struct shadow_map *m, bool user, enum access access)
{
	unsigned guest_log2 = m->w->leaf.size_log2;

	if (m->size_log2 < guest_log2)
		view_take_quarter(&m->rights, m->mva.raw >> (guest_log2 - 2) & 3);
	else
		view_intersect(&m->rights);
	return view_allows(&m->rights, 0, MB_CLASS, user, access);
}

static enum abort_verdict coherent_abort(void *self, struct abort_info *a)
{
	struct coherent *c = self;
	const struct guest *g = c->port->guest;
	struct shadow_map m = { .mva = a->mva, .w = &a->w };
	struct shadow *sh = &c->current->sh;
	struct guest_page page;

	c->port->walk_guest(c->port->m, a->mva, &a->w);
	a->fs = (enum fault_status)a->w.fs;
	a->domain = a->w.domain;
	if (!a->fs)
		a->fs = guest_check(g, &a->w, a->mva, a->user, a->access);
	if (a->fs)
		return VERDICT_INJECT;
	page = guest_page_of(g, &a->w);
	m.rights = page.rights;
	m.memory = page.memory;
	m.ng = page.ng;
	if (a->mva.raw >= HV_WINDOW_VA)
		return window_fill(&c->window, a, &page) ? VERDICT_RETRY : VERDICT_EMULATE;
	a->emulate = EV_MMIO;           /* the guest names what the machine does not give it */
	if (!clip(c, &a->w, a->mva, &m))
		return VERDICT_EMULATE;
	a->emulate = EV_HIDDEN_EMUL;
	if (c->format == HOST_V6 && !flatten(&m, a->user, a->access))
		return VERDICT_EMULATE;
	if (c->p->mb == MB_POLICY_STRICT && a->access != ACCESS_FETCH &&
	    shadow_needs_konly(sh, &m, a->user, a->access))
		return VERDICT_EMULATE;
	c->port->charge(c->port->m,
			shadow_fill(sh, &m, a->user, a->access) ? EV_HIDDEN : EV_SPURIOUS, 1);
	shadow_flush_host(sh);
	return VERDICT_RETRY;
}

/* --- operations of the guest ---------------------------------------------------------- */

static void zap_everything(struct coherent *c)
{
	window_zap_all(&c->window);
	for (EACH_WAY(c, w)) {
		shadow_zap_all(&w->sh);
		shadow_host_is_flushed(&w->sh);
	}
	c->port->shadow_sync(c->port->m);
	c->port->host_tlbi_all(c->port->m);
}

static void flush_zapped(struct coherent *c)
{
	for (EACH_WAY(c, w))
		if (w->sh.zapped)
			shadow_flush_host(&w->sh);
}

static void coherent_tlbi_all(void *self)
{
	zap_everything(self);
}

static void coherent_tlbi_mva(void *self, gva_t mva)
{
	struct coherent *c = self;

	window_zap_covering(&c->window, mva);
	for (EACH_WAY(c, w))
		shadow_zap_covering(&w->sh, mva);
	flush_zapped(c);
}

static void coherent_tlbi_mva_asid(void *self, gva_t mva, uint8_t asid)
{
	struct coherent *c = self;

	window_zap_covering(&c->window, mva);
	for (EACH_WAY(c, w))
		if (w->asid == asid)
			shadow_zap_covering(&w->sh, mva);
		else
			shadow_zap_global_covering(&w->sh, mva);
	flush_zapped(c);
}

static void coherent_tlbi_asid(void *self, uint8_t asid)
{
	struct coherent *c = self;

	window_zap_nonglobal(&c->window);
	for (EACH_WAY(c, w))
		if (w->asid == asid)
			shadow_zap_nonglobal(&w->sh);
	flush_zapped(c);
}

/* The way of an ASID, or the one to give it: a free one first (never used: last 0). */
static struct way *way_of(struct coherent *c, uint8_t asid)
{
	struct way *oldest = c->way;

	for (EACH_WAY(c, w)) {
		if (w->asid == asid && (w->last || w == c->current))
			return w;
		if (w->last < oldest->last)
			oldest = w;
	}
	return oldest;
}

static void coherent_asid(void *self, uint32_t old, uint32_t new)
{
	struct coherent *c = self;
	uint8_t asid = (uint8_t)new;
	struct way *w;

	if (asid == (uint8_t)old)
		return;
	window_zap_nonglobal(&c->window);
	c->current->last = ++c->switches;
	w = way_of(c, asid);
	if (w->asid != asid) {
		w->asid = asid;
		shadow_zap_nonglobal(&w->sh);
		flush_zapped(c);
	}
	if (w == c->current)
		return;
	c->current = w;
	host_root(c);
	c->port->charge(c->port->m, EV_MAINT_OP, 2);    /* TTBR0 and CONTEXTIDR */
}

static void coherent_ttbr(void *self, uint32_t old, uint32_t new)
{
	struct coherent *c = self;

	(void)old;
	(void)new;
	if (c->p->ttbr == TTBR_FLUSH)
		zap_everything(c);
}

static void coherent_dacr(void *self, uint32_t old, uint32_t new)
{
	struct coherent *c = self;

	if (old == new)
		return;
	window_zap_domains(&c->window, old ^ new);
	for (EACH_WAY(c, w))
		shadow_zap_domains(&w->sh, old ^ new);
	flush_zapped(c);
}

static void coherent_sctlr(void *self, uint32_t old, uint32_t new)
{
	uint32_t counts = SCTLR_M | SCTLR_S | SCTLR_R;

	if (((struct coherent *)self)->v6)
		counts |= SCTLR_XP | SCTLR_TRE | SCTLR_AFE;
	if ((old ^ new) & counts)
		zap_everything(self);
}

static void coherent_remap(void *self)
{
	struct coherent *c = self;
	const struct guest *g = c->port->guest;

	if (mmu_tex_remap(g->arch, g->sctlr))
		zap_everything(c);
}

static void coherent_mode(void *self, bool user)
{
	struct coherent *c = self;

	window_leave_view(&c->window);
	c->port->charge(c->port->m, EV_VIEW_SWITCH, 1);
	c->port->host_set(c->port->m, HOST_DACR, view_dacr(user));
}

/* Around an LDRT/STRT the hypervisor carries out: user view, then back. */
static void coherent_unpriv(void *self, bool enter)
{
	struct coherent *c = self;

	window_leave_view(&c->window);
	c->port->host_set(c->port->m, HOST_DACR,
			  view_dacr(enter || guest_is_user(c->port->guest)));
}

static unsigned coherent_memory(void *self, struct strategy_memory *rows, unsigned max)
{
	struct coherent *c = self;
	struct strategy_memory more[8];
	unsigned n = 0, k;

	for (EACH_WAY(c, w)) {
		k = shadow_memory(&w->sh, w == c->way ? rows : more, w == c->way ? max : 8);
		for (unsigned i = 0; w != c->way && i < n; i++)
			rows[i].bytes += more[i].bytes;
		n = k < max ? k : max;
	}
	return n;
}

static unsigned coherent_audit(void *self, struct diag *d)
{
	struct coherent *c = self;
	unsigned bad = window_audit(&c->window, d);

	for (EACH_WAY(c, w))
		bad += shadow_audit(&w->sh, d);
	return bad;
}

const struct strategy_ops strategy_coherent = {
	.name = "coherent",
	.summary = "TLB-coherency-based shadow: filled on hidden faults, emptied where the guest "
		   "empties its TLB",
	.deprivileged = true,
	.v6 = true,
	.tag = "patched",
	.params = params,
	.nparams = sizeof(params) / sizeof(params[0]),
	.params_bytes = sizeof(struct coherent_params),
	.defaults = coherent_defaults,
	.state_bytes = sizeof(struct coherent),
	.start = coherent_start,
	.stop = coherent_stop,
	.on_abort = coherent_abort,
	.on_tlbi_all = coherent_tlbi_all,
	.on_tlbi_mva = coherent_tlbi_mva,
	.on_ttbr = coherent_ttbr,
	.on_dacr = coherent_dacr,
	.on_sctlr = coherent_sctlr,
	.on_tlbi_mva_asid = coherent_tlbi_mva_asid,
	.on_tlbi_asid = coherent_tlbi_asid,
	.on_asid = coherent_asid,
	.on_ttbr1 = coherent_ttbr,
	.on_ttbcr = coherent_ttbr,
	.on_remap = coherent_remap,
	.on_mode = coherent_mode,
	.on_unpriv = coherent_unpriv,
	.memory = coherent_memory,
	.audit = coherent_audit,
};
