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
 * whose quarters differ grants what all of them do, and accesses beyond that are emulated. One of ARMv5 has
 * what `words` says: on cores of ARMv6 the same, which have no fine tables either (tiny.h).
 *
 * The bounded FIFO directory follows the reference implementation (Xvisor's arm32 port, 432 entries) in kind; with
 * design=xvisor in all that is known of it (coherent_design.c). Guest TLB lockdown is ignored (entries may vanish).
 */
#include <string.h>

#include "strategies/coherent.h"
#include "strategies/tiny.h"

enum { WORDS_AUTO, WORDS_V5, WORDS_V6 };
enum { TINY_EMULATE, TINY_TOGGLE };

static const char *const w_sections[] = { "keep", "fracture", NULL };
static const char *const w_ttbr[] = { "record", "flush", NULL };
static const char *const w_mb[] = { "ap", "strict", "split-view", "first", NULL };
static const char *const w_view[] = { "domains", "two-tables", "reflush", "fold", NULL };
static const char *const w_dacr[] = { "xor", "pass", NULL };
static const char *const w_vectors[] = { "overlay", NULL };
static const char *const w_words[] = { "auto", "v5", "v6", NULL };
static const char *const w_tiny[] = { "emulate", "toggle", NULL };
static const char *const w_design[] = { "own", "xvisor", NULL };
static const char *const w_zones[] = { "one", "five", NULL };
static const char *const w_global[] = { "guest", "none", NULL };
static const char *const w_tlbi_mva[] = { "all", "ng-only", NULL };
static const char *const w_empty[] = { "keep", "free", NULL };
static const char *const w_fcse[] = { "none", "flush", NULL };
static const char *const w_sctlr[] = { "keep", "nonglobal", NULL };
static const char *const w_switch[] = { "off", "on", NULL };
static const char *const w_unpriv[] = { "trap", "plain", NULL };

#define P struct coherent_params
static const struct param params[] = {
	PARAM_NUM(P, "asids", asids, 1, COHERENT_MAX_WAYS, false,
		  "guests of ARMv6: ASIDs whose shadows are kept; 1: a change of ASID drops what is not "
		  "global"),
	PARAM_WORD(P, "dacr", dacr, w_dacr, "guest DACR write: drop entries of changed domains, or let the "
		   "host's domains follow"),
	PARAM_WORD(P, "design", design, w_design, "a monitor that was built: what its other keys are, unless "
		   "said otherwise"),
	PARAM_WORD(P, "empty", empty, w_empty, "second-level table without entries: keep it for the next, or "
		   "give it back"),
	PARAM_NUM(P, "entries", entries, 0, SHADOW_MAX_ENTRIES, false,
		  "live shadow entries of each address space (of each table, view=two-tables); 0: as many as fit"),
	PARAM_WORD(P, "fcse", fcse, w_fcse, "guest FCSE PID write: tables go by modified addresses; or drop "
		   "everything"),
	PARAM_WORD(P, "global", global, w_global, "host TLB entries that answer to any ASID: the guest's "
		   "global ones, or none"),
	PARAM_WORD(P, "mb", mb, w_mb, "megabyte of mixed classes: re-derive for one view at a "
		   "time, emulate what both views may not do, a table for each view, or stay with the class of "
		   "the first page (not sound)"),
	PARAM_WORD(P, "sctlr", sctlr, w_sctlr, "guest SCTLR write that changes nothing of the MMU: nothing, or "
		   "drop what is not global"),
	PARAM_WORD(P, "sctlr_again", sctlr_again, w_switch, "the guest reads back another SCTLR than it wrote, and "
		   "writes it once more an entry into its kernel"),
	PARAM_WORD(P, "sections", sections, w_sections, "map sections and large pages whole, or "
		   "by 4 KB"),
	PARAM_WORD(P, "tiny", tiny, w_tiny, "tiny pages on a host without fine tables, where no small page can say "
		   "them: each access emulated, or those of one frame at a time mapped"),
	PARAM_WORD(P, "tlbi_mva", tlbi_mva, w_tlbi_mva, "guest invalidate by address: all entries that it covers, or "
		   "those alone that are not global (not sound)"),
	PARAM_WORD(P, "ttbr", ttbr, w_ttbr, "guest TTBR write: record it, or drop everything"),
	PARAM_WORD(P, "unpriv", unpriv, w_unpriv, "LDRT and STRT of the guest's kernel: patched to trap, or plain "
		   "loads and stores (not sound)"),
	PARAM_WORD(P, "vectors", vectors, w_vectors, "the guest's vectors page under the "
		   "hypervisor's"),
	PARAM_WORD(P, "view", view, w_view, "guest kernel and user: one table and domains, two tables, one "
		   "view's entries at a time, or entries of one view behind a domain"),
	PARAM_WORD(P, "words", words, w_words, "shadows in words of ARMv5 (on a core of ARMv6: SCTLR.XP = 0) or ARMv6; "
		   "auto: those of the host's core for guests of ARMv5"),
	PARAM_WORD(P, "zones", zones, w_zones, "directory: one FIFO, or five for 16 device pages, 16 high vectors, "
		   "16 low vectors, 256 global and 128 other pages"),
};
#undef P

static void coherent_defaults(void *params_out)
{
	*(struct coherent_params *)params_out = (struct coherent_params){ .design = DESIGN_OWN };
	coherent_preset(params_out);
}

/* Guests of ARMv6 have what words of ARMv5 cannot say. */
static enum host_format format_of(const struct coherent *c)
{
	if (c->v6 || c->p->words == WORDS_V6)
		return HOST_V6;
	if (c->p->words == WORDS_V5 || c->p->tiny == TINY_TOGGLE)
		return HOST_V5;
	return host_format_of(c->port->host);
}

static enum err coherent_start(void *self, const void *p, const struct strategy_port *port,
			       struct diag *d)
{
	struct coherent *c = self;
	uint32_t sctlr = SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_V;
	enum err e;

	c->p = p;
	c->port = port;
	c->v6 = port->guest->v6;
	c->format = format_of(c);
	c->fine = c->format == HOST_V5 && port->fine;
	c->nways = c->v6 ? c->p->asids : 1;
	c->ntables = has_two_tables(c) ? 2 : 1;
	c->tags = c->v6 || (c->ntables == 2 && c->format == HOST_V6 && port->host->asid);
	c->user = guest_is_user(port->guest);
	c->current = c->way;
	c->current->asid = guest_asid(port->guest);
	window_start(&c->window, port, c->format);
	if (c->nways > 1 && !port->host->asid)
		return diag_set(d, ERR_CONFIG, "coherent: asids=%u needs a host with ASIDs "
				"(feature.asid)", c->nways);
	e = coherent_start_tables(c, d);
	port->host_set(port->m, HOST_SCTLR, c->format == HOST_V6 ? sctlr | SCTLR_XP : sctlr);
	coherent_host_dacr(c);
	coherent_host_root(c);
	return e;
}

static void coherent_stop(void *self)
{
	struct coherent *c = self;

	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			shadow_stop(s);
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

		if (sizes[i] > w->leaf.size_log2 || (sizes[i] < FRAME_LOG2 && !c->fine) ||
		    (c->format == HOST_V6 && sizes[i] == PT_LARGE_LOG2 && !is_uniform(&m->rights)) ||
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
	return m->all || view_allows(&m->rights, 0, MB_CLASS, user, access);
}

/* A tiny page becomes part of a small one; false: of none that the host's words can say. */
static bool as_small(struct coherent *c, gva_t mva, struct tiny_page *page, struct shadow_map *m)
{
	enum tiny_how how = tiny_compose(c->port, mva, m->w, coherent_fold_dacr(c), page);

	if (how == TINY_NOT || (how == TINY_PART && c->p->tiny != TINY_TOGGLE))
		return false;
	m->w = &page->w;
	m->rights = page->rights;
	return true;
}

static enum abort_verdict coherent_abort(void *self, struct abort_info *a)
{
	struct coherent *c = self;
	const struct guest *g = c->port->guest;
	struct shadow_map m = { .mva = a->mva, .w = &a->w };
	struct shadow *sh = shadow_in_use(c);
	struct guest_page page;
	struct tiny_page small;

	if (coherent_forgets(c, a))
		return VERDICT_RETRY;
	c->port->walk_guest(c->port->m, a->mva, &a->w);
	a->fs = (enum fault_status)a->w.fs;
	a->domain = a->w.domain;
	if (!a->fs)
		a->fs = guest_check(g, &a->w, a->mva, a->user, a->access);
	if (a->fs)
		return VERDICT_INJECT;
	page = guest_page_of(g, &a->w);
	m.rights = coherent_rights(c, &a->w);
	m.all = c->p->dacr == DACR_PASS && a->w.levels &&
		domains_guest_access(g->dacr, a->w.leaf.domain) == ACCESS_MANAGER;
	m.memory = page.memory;
	m.ng = page.ng;
	m.zone = zone_of(a->mva, !c->port->is_memory(c->port->m, walk_pa(&a->w, a->mva)), m.ng);
	if (is_hypervisors(c->port, a->mva))
		return window_fill(&c->window, a, &page) ? VERDICT_RETRY : VERDICT_EMULATE;
	a->emulate = EV_TINYEMU;
	if (a->w.leaf.size_log2 < FRAME_LOG2 && !c->fine && !as_small(c, a->mva, &small, &m))
		return VERDICT_EMULATE;
	a->emulate = EV_MMIO;           /* the guest names what the machine does not give it */
	if (!clip(c, m.w, a->mva, &m))
		return VERDICT_EMULATE;
	a->emulate = m.w == &a->w ? EV_HIDDEN_EMUL : EV_TINYEMU;
	if (c->format == HOST_V6 && !flatten(&m, a->user, a->access))
		return VERDICT_EMULATE;
	if (c->p->mb == MB_POLICY_STRICT && a->access != ACCESS_FETCH &&
	    shadow_needs_konly(sh, &m, a->user, a->access))
		return VERDICT_EMULATE;
	c->port->charge(c->port->m,
			shadow_fill(sh, &m, a->user, a->access) ? EV_HIDDEN : EV_SPURIOUS, 1);
	coherent_flush_zapped(c);
	return VERDICT_RETRY;
}

/* --- operations of the guest ---------------------------------------------------------- */

static void zap_everything(struct coherent *c)
{
	window_zap_all(&c->window);
	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s)) {
			shadow_zap_all(s);
			shadow_host_is_flushed(s);
		}
	c->port->shadow_sync(c->port->m);
	c->port->host_tlbi_all(c->port->m);
}

void coherent_flush_zapped(struct coherent *c)
{
	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			if (s->zapped)
				shadow_flush_host(s);
}

static void coherent_tlbi_all(void *self)
{
	zap_everything(self);
}

static void coherent_tlbi_mva(void *self, gva_t mva)
{
	struct coherent *c = self;

	if (coherent_tlbi_by_design(c, mva))
		return;
	window_zap_covering(&c->window, mva);
	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			shadow_zap_covering(s, mva);
	coherent_flush_zapped(c);
}

static void coherent_tlbi_mva_asid(void *self, gva_t mva, uint8_t asid)
{
	struct coherent *c = self;

	if (coherent_tlbi_by_design(c, mva))
		return;
	window_zap_covering(&c->window, mva);
	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			if (w->asid == asid)
				shadow_zap_covering(s, mva);
			else
				shadow_zap_global_covering(s, mva);
	coherent_flush_zapped(c);
}

static void coherent_tlbi_asid(void *self, uint8_t asid)
{
	struct coherent *c = self;

	window_zap_nonglobal(&c->window);
	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			if (w->asid == asid)
				shadow_zap_nonglobal(s);
	coherent_flush_zapped(c);
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
		for (EACH_TABLE(c, w, s))
			shadow_zap_nonglobal(s);
		coherent_flush_zapped(c);
	}
	if (w == c->current)
		return;
	c->current = w;
	coherent_host_root(c);
	c->port->charge(c->port->m, EV_MAINT_OP, 2);    /* TTBR0 and CONTEXTIDR */
	coherent_way_in_view(c);
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
	if (c->p->dacr == DACR_PASS) {
		coherent_host_dacr(c);
		return;
	}
	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			shadow_zap_domains(s, old ^ new);
	coherent_flush_zapped(c);
}

static void coherent_sctlr(void *self, uint32_t old, uint32_t new)
{
	uint32_t counts = SCTLR_M | SCTLR_S | SCTLR_R;

	if (((struct coherent *)self)->v6)
		counts |= SCTLR_XP | SCTLR_TRE | SCTLR_AFE;
	if ((old ^ new) & counts)
		zap_everything(self);
	else
		coherent_sctlr_unchanged(self);
}

static void coherent_fcse(void *self, uint32_t old, uint32_t new)
{
	struct coherent *c = self;

	if (c->p->fcse == FCSE_FLUSH && old != new)
		zap_everything(c);
}

static void coherent_remap(void *self)
{
	struct coherent *c = self;
	const struct guest *g = c->port->guest;

	if (mmu_tex_remap(g->arch, g->sctlr))
		zap_everything(c);
}

static unsigned coherent_memory(void *self, struct strategy_memory *rows, unsigned max)
{
	struct coherent *c = self;
	struct strategy_memory more[8];
	unsigned n = 0;

	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s)) {
			bool first = s == c->way->sh;
			unsigned k = shadow_memory(s, first ? rows : more, first ? max : 8);

			for (unsigned i = 0; !first && i < n; i++)
				rows[i].bytes += more[i].bytes;
			n = k < max ? k : max;
		}
	return n;
}

static unsigned audit_domains(struct coherent *c, struct diag *d)
{
	uint32_t refs[16] = { 0 };
	unsigned bad = 0;

	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			shadow_count_domains(s, refs);
	for (unsigned h = 1; h < 16; h++)
		if (refs[h] != c->pass.domains.use[h].refs)
			bad += diag_set(d, ERR_CHECK, "coherent: host domain %u has %u megabytes, counted %u",
					h, refs[h], c->pass.domains.use[h].refs) != ERR_OK;
	return bad;
}

static unsigned coherent_audit(void *self, struct diag *d)
{
	struct coherent *c = self;
	unsigned bad = window_audit(&c->window, d);

	for (EACH_WAY(c, w))
		for (EACH_TABLE(c, w, s))
			bad += shadow_audit(s, d);
	return c->p->dacr == DACR_PASS ? bad + audit_domains(c, d) : bad;
}

static enum err coherent_check(const void *params_in, struct diag *d)
{
	const struct coherent_params *p = params_in;

	if (p->tiny == TINY_TOGGLE && p->words == WORDS_V6)
		return diag_set(d, ERR_CONFIG, "coherent: tiny=toggle with words=v6: with one AP a page the quarters "
				"that are not touched would reach the wrong frame (want words=v5, or "
				"tiny=emulate)");
	if (p->tiny == TINY_TOGGLE && p->dacr == DACR_PASS)
		return diag_set(d, ERR_CONFIG, "coherent: tiny=toggle with dacr=pass: to a domain that the guest "
				"manages no AP counts, and the quarters that are not touched would reach "
				"the wrong frame (want dacr=xor, or tiny=emulate)");
	return coherent_check_view(p, d);
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
	.check = coherent_check,
	.preset = coherent_preset,
	.monitor = coherent_monitor,
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
	.on_fcse = coherent_fcse,
	.on_ttbr1 = coherent_ttbr,
	.on_ttbcr = coherent_ttbr,
	.on_remap = coherent_remap,
	.on_mode = coherent_mode,
	.on_unpriv = coherent_unpriv,
	.unpriv_event = coherent_unpriv_event,
	.memory = coherent_memory,
	.audit = coherent_audit,
};
