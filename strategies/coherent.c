/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLB-coherency-based shadow ("virtual TLB"): the shadow is one big software-filled TLB. Filled
 * on hidden faults only, emptied exactly where the guest would empty a TLB.
 *
 *  1. An entry lives only between covering invalidates of the guest: it is a member of P.
 *  2. A fault is injected only if a walk of the guest's tables at that moment faults.
 *  3. DACR, S, R and the MMU switch act at once: entries that depend on them are dropped.
 *  4. TTBR and FCSE writes force nothing (the guest's own invalidate does); ttbr=flush drops
 *     all the same.
 *
 * The bounded FIFO directory follows the reference implementation (Xvisor arm32, 432 entries)
 * in kind, not in its five zones. Guest TLB lockdown is ignored (entries may vanish).
 */
#include "strategies/shadow.h"

struct coherent_params { uint32_t entries, sections, ttbr, mb, view, dacr, vectors; };

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
	PARAM_WORD(P, "dacr", dacr, w_dacr, "guest DACR write: drop entries of changed domains"),
	PARAM_NUM(P, "entries", entries, 0, SHADOW_MAX_ENTRIES, false,
		  "live shadow entries; 0: as many as fit"),
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

/* A page of the guest's vectors area where it runs: entries outside the directory. */
struct alias { bool live; uint32_t guest_mva; uint8_t guest_size_log2, guest_domain; };

struct coherent {
	const struct coherent_params *p;
	const struct strategy_port *port;
	struct shadow sh;
	struct alias alias[VECTORS_PAGES];
};

static void coherent_defaults(void *params_out)
{
	*(struct coherent_params *)params_out = (struct coherent_params){ .entries = 432 };
}

static enum err coherent_start(void *self, const void *p, const struct strategy_port *port,
			       struct diag *d)
{
	struct coherent *c = self;

	c->p = p;
	c->port = port;
	port->host_set(port->m, HOST_SCTLR, SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_V);
	port->host_set(port->m, HOST_TTBR, HV_HPA + HV_SL1);
	port->host_set(port->m, HOST_DACR, view_dacr(guest_is_user(port->guest)));
	return shadow_start(&c->sh, port, c->p->entries, d);
}

static void coherent_stop(void *self)
{
	shadow_stop(&((struct coherent *)self)->sh);
}

/* --- the alias of the vectors area ---------------------------------------------------- */

static uint32_t alias_word(unsigned i)
{
	return HV_L2 + 4 * ((HV_ALIAS >> FRAME_LOG2) + i);
}

static void alias_zap(struct coherent *c, unsigned i)
{
	c->alias[i].live = false;
	c->port->charge(c->port->m, EV_ZAP, 1);
	c->port->shadow_write(c->port->m, alias_word(i), 0);
	c->port->shadow_sync(c->port->m);
	c->port->host_tlbi_mva(c->port->m, gva(HV_ALIAS_VA + i * FRAME_BYTES));
}

static bool alias_covered(const struct alias *a, gva_t mva)
{
	return a->live && mva.raw >> a->guest_size_log2 == a->guest_mva >> a->guest_size_log2;
}

/*
 * Readable in both views, never writable (stores are emulated): the window has one domain.
 * A guest user that knew the window's addresses could read there what its own tables keep
 * from it; the area holds exception stubs, no secrets (doc/model.md, "Vectors").
 */
static void alias_fill(struct coherent *c, const struct abort_info *a, uint32_t frame)
{
	static const uint8_t read_only[4] = { 2, 2, 2, 2 };
	unsigned i = a->mva.raw >> FRAME_LOG2 & (VECTORS_PAGES - 1);

	c->alias[i] = (struct alias){ .live = true, .guest_mva = a->mva.raw,
		.guest_size_log2 = a->w.leaf.size_log2,
		.guest_domain = a->w.levels ? a->w.leaf.domain : 16 };
	c->port->charge(c->port->m, EV_HIDDEN, 1);
	c->port->charge(c->port->m, EV_FILL, 1);
	c->port->shadow_write(c->port->m, alias_word(i),
			      pt_encode_v5_small(frame, read_only, a->w.levels ? a->w.leaf.cb : 0));
	c->port->shadow_sync(c->port->m);
	c->port->host_tlbi_mva(c->port->m, vectors_alias(a->mva));
}

/* An access inside the hypervisor's window that the guest's own tables allow. */
static enum abort_verdict in_window(struct coherent *c, struct abort_info *a)
{
	bool vectors = is_guest_vectors(a->mva) && c->port->guest->sctlr & SCTLR_V;
	uint32_t frame;

	a->emulate = vectors ? EV_VECTORS_EMUL : EV_HYPHOLE;
	/* tiny pages may lie in any order in their frame, subpages may differ in rights */
	if (!a->alias || a->access == ACCESS_WRITE || a->w.leaf.size_log2 < FRAME_LOG2 ||
	    c->alias[a->mva.raw >> FRAME_LOG2 & (VECTORS_PAGES - 1)].live)
		return VERDICT_EMULATE;
	if (!c->port->to_host(c->port->m, walk_pa(&a->w, a->mva) & ~(FRAME_BYTES - 1u),
			      FRAME_LOG2, &frame))
		return VERDICT_EMULATE;
	alias_fill(c, a, frame);
	return VERDICT_RETRY;
}

/* --- hidden and true faults ----------------------------------------------------------- */

/* Largest shadow page: the guest's, clipped to what is contiguous in the machine. */
static bool clip(struct coherent *c, const struct walk *w, gva_t mva, struct shadow_map *m)
{
	static const uint8_t sizes[] = { SECTION_LOG2, 16, FRAME_LOG2, GRANULE_LOG2 };

	for (unsigned i = 0; i < sizeof(sizes); i++) {
		uint32_t base = walk_pa(w, mva) & ~((UINT32_C(1) << sizes[i]) - 1);

		if (sizes[i] > w->leaf.size_log2 ||
		    (c->p->sections == SECTIONS_FRACTURE && sizes[i] > FRAME_LOG2))
			continue;
		if (!c->port->to_host(c->port->m, base, sizes[i], &m->hpa))
			continue;
		m->size_log2 = sizes[i];
		return true;
	}
	return false;
}

static enum abort_verdict coherent_abort(void *self, struct abort_info *a)
{
	struct coherent *c = self;
	const struct guest *g = c->port->guest;
	struct shadow_map m = { .mva = a->mva, .w = &a->w };

	c->port->walk_guest(c->port->m, a->mva, &a->w);
	a->fs = (enum fault_status)a->w.fs;
	a->domain = a->w.domain;
	if (!a->fs)
		a->fs = guest_check(g, &a->w, a->mva, a->user, a->access);
	if (a->fs)
		return VERDICT_INJECT;
	if (a->mva.raw >= HV_WINDOW_VA)
		return in_window(c, a);
	a->emulate = EV_MMIO;           /* the guest names what the machine does not give it */
	if (!clip(c, &a->w, a->mva, &m))
		return VERDICT_EMULATE;
	a->emulate = EV_HIDDEN_EMUL;
	m.rights = view_fold(&a->w, g->dacr, g->sctlr);
	if (c->p->mb == MB_POLICY_STRICT && a->access != ACCESS_FETCH &&
	    shadow_needs_konly(&c->sh, &m, a->user, a->access))
		return VERDICT_EMULATE;
	c->port->charge(c->port->m,
			shadow_fill(&c->sh, &m, a->user, a->access) ? EV_HIDDEN : EV_SPURIOUS, 1);
	shadow_flush_host(&c->sh);
	return VERDICT_RETRY;
}

/* --- operations of the guest ---------------------------------------------------------- */

static void zap_everything(struct coherent *c)
{
	for (unsigned i = 0; i < VECTORS_PAGES; i++)
		if (c->alias[i].live)
			alias_zap(c, i);
	shadow_zap_all(&c->sh);
	c->port->shadow_sync(c->port->m);
	c->sh.zapped = 0;
	c->port->host_tlbi_all(c->port->m);
}

static void coherent_tlbi_all(void *self)
{
	zap_everything(self);
}

static void coherent_tlbi_mva(void *self, gva_t mva)
{
	struct coherent *c = self;

	for (unsigned i = 0; i < VECTORS_PAGES; i++)
		if (alias_covered(&c->alias[i], mva))
			alias_zap(c, i);
	shadow_zap_covering(&c->sh, mva);
	if (c->sh.zapped)
		shadow_flush_host(&c->sh);
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
	for (unsigned i = 0; i < VECTORS_PAGES; i++)
		if (c->alias[i].live && c->alias[i].guest_domain < 16 &&
		    (old ^ new) >> 2 * c->alias[i].guest_domain & 3)
			alias_zap(c, i);
	shadow_zap_domains(&c->sh, old ^ new);
	if (c->sh.zapped)
		shadow_flush_host(&c->sh);
}

static void coherent_sctlr(void *self, uint32_t old, uint32_t new)
{
	if ((old ^ new) & (SCTLR_M | SCTLR_S | SCTLR_R))
		zap_everything(self);
}

static void coherent_mode(void *self, bool user)
{
	struct coherent *c = self;

	c->port->charge(c->port->m, EV_VIEW_SWITCH, 1);
	c->port->host_set(c->port->m, HOST_DACR, view_dacr(user));
}

/* Around an LDRT/STRT the hypervisor carries out: user view, then back. */
static void coherent_unpriv(void *self, bool enter)
{
	struct coherent *c = self;

	c->port->host_set(c->port->m, HOST_DACR,
			  view_dacr(enter || guest_is_user(c->port->guest)));
}

static unsigned coherent_memory(void *self, struct strategy_memory *rows, unsigned max)
{
	return shadow_memory(&((struct coherent *)self)->sh, rows, max);
}

static unsigned coherent_audit(void *self, struct diag *d)
{
	return shadow_audit(&((struct coherent *)self)->sh, d);
}

const struct strategy_ops strategy_coherent = {
	.name = "coherent",
	.summary = "TLB-coherency-based shadow: filled on hidden faults, emptied where the guest "
		   "empties its TLB",
	.deprivileged = true,
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
	.on_mode = coherent_mode,
	.on_unpriv = coherent_unpriv,
	.memory = coherent_memory,
	.audit = coherent_audit,
};
