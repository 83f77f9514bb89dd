/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cached shadow tables: a shadow for each guest table in use, kept across address-space switches
 * and TLB invalidates. Coherent by write tracing (sync=emulate): every store into a frame that holds a
 * shadowed table traps, is emulated, and the shadow follows at once; so the guest's invalidates have nothing
 * to do, and its DACR writes no more than one of the host's (domain by domain, dacr=pass). Or the first store lets a
 * second-level table out of sync until an invalidate (sync=unsync).
 *
 *  1. to 5. are in cached.h, and hold whenever the guest runs.
 *  6. A fault is injected only if a walk of the guest's tables at that moment faults.
 *  7. What says how words are read (S, R; from ARMv6 on XP, TRE, AFE, PRRR, NMRR) and the MMU switch act at once:
 *     everything is dropped, or another root is used.
 *  8. HOST_V6: a root has a host ASID of its own, whatever ASID the guest uses it with: what it holds is what a walk
 *     now would find, which any ASID may use. Entries that are global for the guest are so for the host; those of
 *     another root that differ go at the guest's invalidates, as a TLB's would.
 *
 * Deliberately not: guest TLB lockdown, tables that devices write.
 */
#include "strategies/cached.h"

#include <stdlib.h>

static const char *const w_switch[] = { "off", "on", NULL };
static const char *const w_sync[] = { "emulate", "unsync", "hint", "stores", "cleans", "tlbi", "roots", NULL };
static const char *const w_victim[] = { "lru", "fifo", "clock", NULL };
static const char *const w_kernel[] = { "own", "shared", NULL };
static const char *const w_view[] = { "domains", "two-tables", "reflush", "fold", NULL };
static const char *const w_dacr[] = { "pass", "iterate-drop", "iterate-swizzle", "track", NULL };
static const char *const w_mb[] = { "ap", "strict", "split-view", NULL };

#define P struct cached_params
static const struct param params[] = {
	PARAM_WORD(P, "dacr", dacr, w_dacr, "guest DACR write: the host's domains follow and the shadow "
		   "stays; or rights are folded in, and first-level words of changed domains are emptied, or lead "
		   "to another variant of their tables, found by a scan or by a list"),
	PARAM_WORD(P, "filter", filter, w_switch, "trace by quarters of a frame: those without tables stay "
		   "writable"),
	PARAM_NUM(P, "flood", flood, 0, 65535, false, "stores to a guest table without use of its "
		  "shadow, after which it is dropped; 0: never"),
	PARAM_WORD(P, "kernel", kernel, w_kernel, "a new root begins empty, or with what the last one has "
		   "where the guest's first-level words are equal"),
	PARAM_WORD(P, "mb", mb, w_mb, "megabyte that no domain fits: re-derive for one view at a time, "
		   "carry out what both views may not do, or a table for each view (view=domains)"),
	PARAM_NUM(P, "pool", pool, 0, CACHED_UNITS, false, "KB of second-level shadow tables; 0: what "
		  "roots leave of the hypervisor's memory"),
	PARAM_NUM(P, "prefetch", prefetch, 0, 8, false, "all of 2^N aligned entries looked for at a "
		  "hidden fault on a page"),
	PARAM_NUM(P, "prefill", prefill, 0, 255, false, "further entries looked for at a hidden "
		  "fault on a page"),
	PARAM_WORD(P, "recompose", recompose, w_switch, "a traced store that maps a page fills its "
		   "shadow at once"),
	PARAM_NUM(P, "roots", roots, 1, CACHED_MAX_ROOTS, false, "shadow first-level tables kept"),
	PARAM_SUM(P, "sync", sync, w_sync, "where changes of guest tables are learnt from: emulate is "
		  "stores, each emulated; unsync is stores+tlbi+roots, let through from the first one on; "
		  "hint is cleans+tlbi+roots, nothing is traced"),
	PARAM_WORD(P, "victim", victim, w_victim, "which second-level table goes when there is no room"),
	PARAM_WORD(P, "view", view, w_view, "guest kernel and user told apart by domains; by tables of "
		   "their own; by dropping what differs at each change; or as it is used"),
};
#undef P

static void cached_defaults(void *params_out)
{
	*(struct cached_params *)params_out = (struct cached_params){ .roots = 16, .flood = 4,
							      .recompose = 1, .sync = 1 };
}

static enum err cached_check(const void *params_in, struct diag *d)
{
	const struct cached_params *p = params_in;
	unsigned all = CACHED_UNITS - p->roots * (ROOT_WORDS / TABLE_WORDS), sources;

	if (p->prefill && p->prefetch)
		return diag_set(d, ERR_CONFIG, "prefill: %u with prefetch=%u: entries behind the missing one, or "
				"the group that it is in; want one of them 0", p->prefill, p->prefetch);
	if (p->pool && (p->pool < CACHED_POOL_LEAST || p->pool > all))
		return diag_set(d, ERR_CONFIG, "pool: %u with roots=%u; want 0 or %u (the tables that one "
				"instruction needs at a time) to %u KB", p->pool, p->roots,
				(unsigned)CACHED_POOL_LEAST, all);
	if (p->mb != MB_BY_AP && p->view != VIEW_DOMAINS)
		return diag_set(d, ERR_CONFIG, "mb: %s with view=%s: a megabyte has one domain for pages of "
				"several kinds with view=domains alone; want mb=ap", w_mb[p->mb],
				w_view[p->view]);
	if (p->view == VIEW_TWO_TABLES && p->roots < 2)
		return diag_set(d, ERR_CONFIG, "roots: %u with view=two-tables, where each address space takes "
				"two; want 2 to %d", p->roots, CACHED_MAX_ROOTS);
	return cached_sources(p->sync, &sources, d);
}

static void cached_stop(void *self)
{
	struct cached *c = self;

	free(c->leaf);
	free(c->from);
	free(c->through);
	free(c->in_frame);
	free(c->in_mb);
	free(c->tables_in);
	free(c->splits_in);
	free(c->traced);
	free(c->slot);
	free(c->aside);
	free(c->listed);
	free(c->viewed);
	free(c->viewed_at);
}

/* What only some views and ways with DACR need. */
static bool alloc_more(struct cached *c)
{
	size_t slots = (size_t)c->p->roots * ROOT_WORDS;
	bool ok = true;

	if (cached_keeps_variants(c))
		ok &= !!(c->aside = calloc(slots * VARIANTS, sizeof(*c->aside)));
	if (cached_folds(c))
		ok &= !!(c->listed = calloc(slots, sizeof(*c->listed)));
	if (c->p->view == VIEW_REFLUSH) {
		c->viewed = calloc(CACHED_WORDS, sizeof(*c->viewed));
		c->viewed_at = calloc(CACHED_WORDS, sizeof(*c->viewed_at));
		ok &= c->viewed && c->viewed_at;
	}
	return ok;
}

static enum err cached_start(void *self, const void *p, const struct strategy_port *port,
			     struct diag *d)
{
	const uint32_t sctlr = SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_V;
	struct cached *c = self;
	enum err e;

	c->p = p;
	c->port = port;
	e = cached_sources(c->p->sync, &c->sources, d);
	if (e)
		return e;
	c->untraced = !(c->sources & SOURCE_STORES);
	c->unsync = !c->untraced && c->sources & SOURCE_TLBI;
	c->leaf = calloc(CACHED_WORDS, sizeof(*c->leaf));
	if (c->unsync || c->untraced)
		c->from = calloc(CACHED_WORDS, sizeof(*c->from));
	if (c->untraced)
		c->through = calloc(GUEST_FRAMES, sizeof(*c->through));
	c->in_frame = calloc(GUEST_FRAMES, sizeof(*c->in_frame));
	c->in_mb = calloc(ROOT_WORDS, sizeof(*c->in_mb));
	c->tables_in = calloc(GUEST_FRAMES, sizeof(*c->tables_in));
	c->splits_in = calloc(ROOT_WORDS, sizeof(*c->splits_in));
	c->traced = calloc(GUEST_FRAMES, sizeof(*c->traced));
	c->slot = calloc((size_t)c->p->roots * ROOT_WORDS, sizeof(*c->slot));
	if (!c->leaf || ((c->unsync || c->untraced) && !c->from) || (c->untraced && !c->through) ||
	    !c->in_frame || !c->in_mb || !c->tables_in || !c->splits_in || !c->traced || !c->slot ||
	    !alloc_more(c))
		return diag_set(d, ERR_NOMEM, "out of memory");
	c->format = port->guest->v6 ? HOST_V6 : host_format_of(port->host);
	c->tagged = c->format == HOST_V6 && port->host->asid;
	c->quiet = true;
	c->user_view = guest_is_user(port->guest);
	cached_window_preset(c);
	port->host_set(port->m, HOST_SCTLR, c->format == HOST_V6 ? sctlr | SCTLR_XP : sctlr);
	cached_use_root(c);
	cached_set_dacr(c);
	c->quiet = false;
	return ERR_OK;
}

/* --- aborts ------------------------------------------------------------------------------- */

static bool domain_is_open(const struct cached *c, unsigned guest_domain)
{
	return guest_domain == NO_DOMAIN || c->port->guest->dacr >> 2 * guest_domain & 1;
}

/* A store that the guest may do, to what is traced: the shadow, which is exact, says so. */
static bool is_traced_store(struct cached *c, struct abort_info *a)
{
	uint32_t slot = c->now * ROOT_WORDS + (a->mva.raw >> SECTION_LOG2);
	int32_t word;
	const struct cached_leaf *l;

	word = cached_leaf_at(c, a->mva);
	if (word < 0 || !domain_is_open(c, c->slot[slot].guest))
		return false;
	l = &c->leaf[word];
	if (!cached_grants(l, a->mva, a->user, ACCESS_WRITE) ||
	    !(cached_held(c, l->gpa, l->size_log2) >> (a->mva.raw >> (l->size_log2 - 2) & 3) & 1))
		return false;
	a->w = (struct walk){ .levels = 2, .leaf = { .kind = PT_LEAF, .base = l->gpa,
						     .size_log2 = l->size_log2 } };
	a->publish = cached_holds_table(c, walk_pa(&a->w, a->mva));
	a->emulate = a->publish ? EV_PT_WRITE : EV_PT_FALSE;
	return true;
}

/* Performed; or its leaf gets its writes back, and the store runs again. */
static enum abort_verdict traced_store(struct cached *c, const struct abort_info *a)
{
	uint32_t word = (uint32_t)cached_leaf_at(c, a->mva);
	struct cached_map m;

	if (!c->unsync || !cached_unsync(c, walk_pa(&a->w, a->mva)))
		return VERDICT_EMULATE;
	cached_map_of(c, word, &m);
	m.held = (uint8_t)cached_held(c, m.gpa, m.size_log2);
	cached_rewrite(c, word, &m);
	cached_note_abort(c, word, a->mva);
	cached_flush(c);
	c->port->charge(c->port->m, EV_HIDDEN, 1);
	return VERDICT_RETRY;
}

static enum abort_verdict cached_abort(void *self, struct abort_info *a)
{
	struct cached *c = self;
	bool store = a->access == ACCESS_WRITE && !is_hypervisors(c->port, a->mva);
	enum fill f;

	if (cached_resume(c, a)) {
		c->port->charge(c->port->m, EV_HIDDEN, 1);
		return VERDICT_RETRY;
	}
	if (store && (!c->untraced || c->nthrough))
		c->port->charge(c->port->m, EV_SHADOW_FIND, 1);
	if (store && is_traced_store(c, a))
		return traced_store(c, a);
	c->port->walk_guest(c->port->m, a->mva, &a->w);
	a->fs = (enum fault_status)a->w.fs;
	a->domain = a->w.domain;
	if (!a->fs)
		a->fs = guest_check(c->port->guest, &a->w, a->mva, a->user, a->access);
	if (a->fs)
		return VERDICT_INJECT;
	if (is_hypervisors(c->port, a->mva))
		return cached_in_window(c, a);
	a->emulate = EV_MMIO;           /* the guest names what the machine does not give it */
	f = cached_fill(c, a->mva, &a->w, a->user, a->access);
	if (f == FILL_NO_MEMORY)
		return VERDICT_EMULATE;
	if (f == FILL_NARROW || f == FILL_TINY) {
		a->publish = store && cached_holds_table(c, walk_pa(&a->w, a->mva));
		a->emulate = a->publish ? EV_PT_WRITE : f == FILL_TINY ? EV_TINYEMU : EV_HIDDEN_EMUL;
		return VERDICT_EMULATE;
	}
	cached_flush(c);
	if (store && is_traced_store(c, a))
		return traced_store(c, a);
	c->port->charge(c->port->m, f == FILL_DONE ? EV_HIDDEN : EV_SPURIOUS, 1);
	return VERDICT_RETRY;
}

/* --- operations of the guest ---------------------------------------------------------------- */

/* Entries of this root are what the guest's words say now. Those that others left may be older. */
static void cached_tlbi_all(void *self)
{
	struct cached *c = self;

	cached_resync_all(c);
	cached_suspect_all(c);
	if (c->tagged && c->port->guest->v6)    /* those of ARMv5 have nothing global */
		cached_note_all(c);
	cached_flush(c);
	window_check_all(&c->window);
}

static void cached_tlbi_mva(void *self, gva_t mva)
{
	struct cached *c = self;

	cached_suspect(c, mva);
	if (c->tagged)
		cached_drop_strangers(c, mva);
	cached_flush(c);
	window_check_covering(&c->window, mva);
}

/* Whatever the ASID: what it has of its own is found with its root. */
static void cached_tlbi_mva_asid(void *self, gva_t mva, uint8_t asid)
{
	(void)asid;
	cached_tlbi_mva(self, mva);
}

static void cached_tlbi_asid(void *self, uint8_t asid)
{
	struct cached *c = self;

	(void)asid;
	cached_resync_all(c);
	cached_suspect_all(c);
	cached_flush(c);
	window_check_nonglobal(&c->window);
}

/* Host ASIDs are of roots, not of the guest's ASIDs: a root in sync gives each of them what a walk now would. */
static void cached_asid(void *self, uint32_t old, uint32_t new)
{
	struct cached *c = self;

	if ((uint8_t)old == (uint8_t)new)
		return;
	cached_resync_all(c);
	cached_compare_nonglobal(c);
	cached_flush(c);
	window_check_nonglobal(&c->window);
}

static void cached_ttbr(void *self, uint32_t old, uint32_t new)
{
	struct cached *c = self;

	(void)old;
	(void)new;
	if (c->port->guest->sctlr & SCTLR_M)
		cached_use_root(c);
}

static void cached_dacr(void *self, uint32_t old, uint32_t new)
{
	cached_dacr_write(self, old, new);
}

static void drop_everything(struct cached *c)
{
	window_zap_all(&c->window);
	cached_drop_all(c);
	cached_flush(c);
}

static void cached_sctlr(void *self, uint32_t old, uint32_t new)
{
	struct cached *c = self;
	uint32_t reads = SCTLR_S | SCTLR_R;     /* how words are read */

	cached_suspect_off(c, old);
	if (c->port->guest->v6)
		reads |= SCTLR_XP | SCTLR_TRE | SCTLR_AFE;
	if ((old ^ new) & reads)
		drop_everything(c);
	if ((old ^ new) & SCTLR_M) {
		window_zap_all(&c->window);
		cached_use_root(c);
	}
}

static void cached_remap(void *self)
{
	struct cached *c = self;

	if (mmu_tex_remap(c->port->guest->arch, c->port->guest->sctlr))
		drop_everything(c);
}

static void cached_mode(void *self, bool user)
{
	struct cached *c = self;

	if (!cached_switch_costs_more(c))
		c->port->charge(c->port->m, EV_VIEW_SWITCH, 1);
	cached_set_view(c, user);
}

/* Around an LDRT/STRT the hypervisor carries out: user view, then back. */
static void cached_unpriv(void *self, bool enter)
{
	struct cached *c = self;

	cached_set_view(c, enter || guest_is_user(c->port->guest));
}

static enum event cached_unpriv_event(void *self)
{
	return cached_switch_costs_more(self) ? EV_UPRIV_BODY : EV_UPRIV;
}

static unsigned cached_memory(void *self, struct strategy_memory *rows, unsigned max)
{
	const struct cached *c = self;
	uint64_t roots = 0, rmap = sizeof(struct cached_leaf) * (uint64_t)c->nleaves;
	uint64_t from = c->from ? sizeof(*c->from) * (uint64_t)c->nleaves : 0;
	unsigned n = 0;

	for (unsigned i = 0; i < c->p->roots; i++)
		roots += c->root[i].used ? 16384 : 0;
	const struct strategy_memory r[] = {
		{ "sL1", roots },
		{ "sL2", 1024 * (uint64_t)(c->nunits - c->nsplit) },
		{ "split", 1024 * (uint64_t)c->nsplit },
		{ "rmap", rmap },
		{ "words", from },
	};

	for (; n < sizeof(r) / sizeof(r[0]) && n < max; n++)
		rows[n] = r[n];
	return n;
}

const struct strategy_ops strategy_cached = {
	.name = "cached",
	.summary = "shadow tables kept across address-space switches, coherent by tracing the stores to "
		   "guest tables",
	.deprivileged = true,
	.v6 = true,
	.tag = "patched",
	.params = params,
	.nparams = sizeof(params) / sizeof(params[0]),
	.params_bytes = sizeof(struct cached_params),
	.defaults = cached_defaults,
	.check = cached_check,
	.state_bytes = sizeof(struct cached),
	.start = cached_start,
	.stop = cached_stop,
	.on_abort = cached_abort,
	.on_tlbi_all = cached_tlbi_all,
	.on_tlbi_mva = cached_tlbi_mva,
	.on_ttbr = cached_ttbr,
	.on_dacr = cached_dacr,
	.on_sctlr = cached_sctlr,
	.on_tlbi_mva_asid = cached_tlbi_mva_asid,
	.on_tlbi_asid = cached_tlbi_asid,
	.on_asid = cached_asid,
	.on_ttbr1 = cached_ttbr,
	.on_ttbcr = cached_ttbr,
	.on_remap = cached_remap,
	.on_mode = cached_mode,
	.on_unpriv = cached_unpriv,
	.unpriv_event = cached_unpriv_event,
	.on_clean = cached_clean,
	.on_clean_all = cached_clean_all,
	.on_pt_write = cached_pt_write,
	.memory = cached_memory,
	.audit = cached_audit,
};
