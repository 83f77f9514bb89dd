/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In-place shadow tables: no second copy of a guest's second-level tables to fill, and none to keep coherent. What
 * the files share is in inplace.h, with the invariants.
 *
 *  variant=I1  stores and loads of a rewritten table trap and are emulated
 *  variant=I2  loads do not, for its words differ in APs alone: the machine map has to be the identity
 *  variant=I4  a word is rewritten when it is first of use, and stashed until then
 *  variant=I6  the first store gives the guest its table back, the next walk through it rewrites it again
 *
 *  6. A fault is injected only if a walk of the guest's tables at that moment faults.
 *  7. S, R and the MMU switch act at once: everything is dropped, or another root is used.
 *
 * A table word that changes drops its host TLB entry at once, though the guest's own invalidate would be early
 * enough: what an old entry still maps is in no list any more, and may become a table.
 * Deliberately not: guest TLB lockdown, tables that devices read or write.
 */
#include "strategies/inplace.h"

#include <stdlib.h>

static const char *const w_switch[] = { "off", "on", NULL };
static const char *const w_variant[] = { "I1", "I2", "I4", "I6", NULL };
static const char *const w_view[] = { "domains", NULL };
static const char *const w_dacr[] = { "pass", NULL };

#define P struct inplace_params
static const struct param params[] = {
	PARAM_WORD(P, "dacr", dacr, w_dacr, "guest DACR write: the host's domains follow, the tables stay"),
	PARAM_WORD(P, "filter", filter, w_switch, "hold back quarters of a frame: those without tables stay "
		   "readable and writable"),
	PARAM_NUM(P, "flood", flood, 0, 65535, false, "stores to a first-level table since it was in use, after "
		  "which its shadow is dropped; 0: never"),
	PARAM_NUM(P, "roots", roots, 1, INPLACE_MAX_ROOTS, false, "shadow first-level tables kept"),
	PARAM_WORD(P, "variant", variant, w_variant, "loads and stores trap; stores alone; as I1, words rewritten "
		   "when first of use; the first store gives the table back"),
	PARAM_WORD(P, "view", view, w_view, "guest kernel and user in one table, told apart by domains"),
};
#undef P

static void inplace_defaults(void *params_out)
{
	*(struct inplace_params *)params_out = (struct inplace_params){ .roots = 16, .flood = 4 };
}

static void inplace_stop(void *self)
{
	struct inplace *c = self;

	free(c->entry);
	free(c->in_frame);
	free(c->in_mb);
	free(c->tables_in);
	free(c->splits_in);
	free(c->no_stores);
	free(c->nothing);
	free(c->slot);
}

static bool allocate(struct inplace *c)
{
	c->slots = c->p->roots * ROOT_WORDS;
	c->entry = calloc(c->slots + (size_t)INPLACE_UNITS * TABLE_WORDS, sizeof(*c->entry));
	c->in_frame = calloc(GUEST_FRAMES, sizeof(*c->in_frame));
	c->in_mb = calloc(ROOT_WORDS, sizeof(*c->in_mb));
	c->tables_in = calloc(GUEST_FRAMES, sizeof(*c->tables_in));
	c->splits_in = calloc(ROOT_WORDS, sizeof(*c->splits_in));
	c->no_stores = calloc(GUEST_FRAMES, sizeof(*c->no_stores));
	c->nothing = calloc(GUEST_FRAMES, sizeof(*c->nothing));
	c->slot = calloc(c->slots, sizeof(*c->slot));
	return c->entry && c->in_frame && c->in_mb && c->tables_in && c->splits_in && c->no_stores && c->nothing &&
	       c->slot;
}

static enum err inplace_start(void *self, const void *p, const struct strategy_port *port, struct diag *d)
{
	struct inplace *c = self;

	c->p = p;
	c->port = port;
	if (c->p->variant == VARIANT_I2 && !port->map_is_identity)
		return diag_set(d, ERR_CONFIG, "inplace: variant=I2 shows the guest words that differ from its own in "
				"nothing but APs: guest memory has to lie where the guest believes it to be (want "
				"map=contiguous; or variant=I1, I4, I6)");
	c->v6 = port->guest->v6;
	c->tagged = c->v6 && port->host->asid;
	c->format = c->v6 ? HOST_V6 : HOST_V5;
	if (c->v6 && c->p->filter)
		return diag_set(d, ERR_CONFIG, "inplace: filter=on needs pages with four APs, which the words that run a "
				"guest of ARMv6 have not (want filter=off)");
	if (!allocate(c))
		return diag_set(d, ERR_NOMEM, "out of memory");
	c->mapped = 1;
	c->quiet = true;
	c->user_view = guest_is_user(port->guest);
	window_preset(port, c->format, INPLACE_POOL_END);
	window_start(&c->window, port, c->format);
	c->window.held = c->no_stores;
	port->host_set(port->m, HOST_SCTLR, SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_V |
					    (c->v6 ? (uint32_t)SCTLR_XP : 0));
	if (c->v6)
		port->host_set(port->m, HOST_ASID, guest_asid(port->guest));
	inplace_use_root(c);
	inplace_set_dacr(c);
	c->quiet = false;
	return ERR_OK;
}

/* --- aborts ------------------------------------------------------------------------------- */

static bool domain_is_open(const struct inplace *c, unsigned guest_domain)
{
	return guest_domain == NO_DOMAIN || c->port->guest->dacr >> 2 * guest_domain & 1;
}

/* The guest may do it, to what is held: the words that the hardware has, and what they were, say so. */
static bool is_held_access(struct inplace *c, struct abort_info *a)
{
	const struct inplace_slot *s = &c->slot[c->now * ROOT_WORDS + (a->mva.raw >> SECTION_LOG2)];
	int32_t n = inplace_entry_at(c, a->mva);
	const struct inplace_table *t;
	struct inplace_map m;

	if (n < 0 || !s->table || !domain_is_open(c, s->guest))
		return false;
	t = &c->table[s->table - 1];
	if (!inplace_map_entry(c, t, (uint32_t)n - t->entry, &m) || !inplace_holds(&m, a->mva, a->access) ||
	    !inplace_allows(&m, a->mva, a->user, a->access))
		return false;
	a->w = (struct walk){ .levels = 2, .leaf = { .kind = PT_LEAF, .base = m.gpa,
						     .size_log2 = (uint8_t)m.size_log2 } };
	return true;
}

/* I6: the guest has its table back, and stores. The table that serves the store itself stays. */
static bool gave_back(struct inplace *c, const struct abort_info *a, uint32_t gpa)
{
	uint16_t by = c->slot[c->now * ROOT_WORDS + (a->mva.raw >> SECTION_LOG2)].table;
	const struct inplace_table *t = by ? &c->table[by - 1] : NULL;
	int32_t n;

	if (c->p->variant != VARIANT_I6 || a->access != ACCESS_WRITE ||
	    (t && t->kind != TABLE_SPLIT && t->key >> FRAME_LOG2 == gpa >> FRAME_LOG2) ||
	    !inplace_restore(c, gpa))
		return false;
	n = inplace_entry_at(c, a->mva);
	if (n >= 0) {
		(void)inplace_refresh(c, inplace_table_of(c, (uint32_t)n),
				      (uint32_t)n - inplace_table_of(c, (uint32_t)n)->entry, EV_FILL_WORD);
		inplace_note_entry(c, (uint32_t)n);
	}
	return true;
}

/* Performed; or the guest's table is its own again, and the store runs. */
static enum abort_verdict held_access(struct inplace *c, struct abort_info *a)
{
	uint32_t gpa = walk_pa(&a->w, a->mva);
	bool store = a->access == ACCESS_WRITE, table, root;

	if (gave_back(c, a, gpa)) {
		inplace_flush(c);
		c->port->charge(c->port->m, EV_HIDDEN, 1);
		return VERDICT_RETRY;
	}
	inplace_flush(c);
	table = inplace_table_at(c, gpa);
	root = inplace_root_with(c, gpa, -1) >= 0;
	if (!store) {
		a->emulate = table ? EV_PT_READ : EV_PT_READ_FALSE;
		return VERDICT_EMULATE;
	}
	a->emulate = table || root ? EV_PT_WRITE : EV_PT_FALSE;
	a->own_store = table;
	a->publish = root;
	c->storing = table;
	c->store_at = gva(a->mva.raw & ~3u);
	c->store_gpa = gpa & ~3u;
	return VERDICT_EMULATE;
}

/* Nothing of a frame with a rewritten table is mapped there: it is emulated access by access. */
static enum abort_verdict in_window(struct inplace *c, struct abort_info *a)
{
	struct guest_page p = guest_page_of(c->port->guest, &a->w);
	uint32_t gpa = walk_pa(&a->w, a->mva);
	bool vectors = is_guest_vectors(a->mva) && c->port->guest->sctlr & SCTLR_V;

	a->emulate = vectors ? EV_VECTORS_EMUL : EV_HYPHOLE;
	a->publish = a->access == ACCESS_WRITE && inplace_root_with(c, gpa, -1) >= 0;
	if (c->nothing[gpa >> FRAME_LOG2])
		return VERDICT_EMULATE;
	return window_fill(&c->window, a, &p) ? VERDICT_RETRY : VERDICT_EMULATE;
}

static bool is_fine(const struct walk *w)
{
	enum { TYPE = 3, FINE = 3 };

	return w->levels == 2 && (w->l1 & TYPE) == FINE;
}

/* A host without fine tables: nothing of them is ever mapped. */
static enum abort_verdict tiny_access(struct inplace *c, struct abort_info *a)
{
	if (c->nothing[walk_pa(&a->w, a->mva) >> FRAME_LOG2])
		return held_access(c, a);
	a->emulate = EV_TINYEMU;
	a->publish = a->access == ACCESS_WRITE && inplace_root_with(c, walk_pa(&a->w, a->mva), -1) >= 0;
	return VERDICT_EMULATE;
}

static enum abort_verdict inplace_abort(void *self, struct abort_info *a)
{
	struct inplace *c = self;
	bool below = !is_hypervisors(c->port, a->mva);
	struct inplace_map m;
	enum fill f;

	c->storing = false;
	if (below)
		c->port->charge(c->port->m, EV_SHADOW_FIND, 1);
	if (below && is_held_access(c, a))
		return held_access(c, a);
	c->port->walk_guest(c->port->m, a->mva, &a->w);
	a->fs = (enum fault_status)a->w.fs;
	a->domain = a->w.domain;
	if (!a->fs)
		a->fs = guest_check(c->port->guest, &a->w, a->mva, a->user, a->access);
	if (a->fs)
		return VERDICT_INJECT;
	if (!below)
		return in_window(c, a);
	if (is_fine(&a->w) && !c->port->fine)
		return tiny_access(c, a);
	f = inplace_fill(c, a->mva, &a->w, a->user, a->access, &m);
	inplace_flush(c);
	if (f != FILL_NO_MEMORY && f != FILL_EMULATE) {
		if (!inplace_holds(&m, a->mva, a->access)) {
			c->port->charge(c->port->m, f == FILL_DONE ? EV_HIDDEN : EV_SPURIOUS, 1);
			return VERDICT_RETRY;
		}
		return held_access(c, a);
	}
	a->emulate = f == FILL_EMULATE ? EV_HIDDEN_EMUL : EV_MMIO;
	return VERDICT_EMULATE;
}

/* --- operations of the guest ---------------------------------------------------------------- */

/*
 * All words are in sync, so nothing of this root is old. But the host's TLB may hold what another root had under the
 * same ASID, where it is not emptied at changes of root.
 */
static void inplace_tlbi_all(void *self)
{
	struct inplace *c = self;

	window_check_all(&c->window);
	if (c->tagged)
		c->port->host_tlbi_all(c->port->m);
}

static void inplace_tlbi_mva(void *self, gva_t mva)
{
	struct inplace *c = self;

	window_check_covering(&c->window, mva);
	inplace_invalidate(c, mva);
}

static void inplace_tlbi_asid(void *self, uint8_t asid)
{
	struct inplace *c = self;

	window_check_nonglobal(&c->window);
	if (c->tagged)
		c->port->host_tlbi_asid(c->port->m, asid);
}

/* The guest's ASIDs are the host's: nG is in the guest's own words. */
static void inplace_asid(void *self, uint32_t old, uint32_t new)
{
	struct inplace *c = self;

	if ((uint8_t)old == (uint8_t)new)
		return;
	window_check_nonglobal(&c->window);
	c->port->charge(c->port->m, EV_MAINT_OP, 1);
	c->port->host_set(c->port->m, HOST_ASID, (uint8_t)new);
	if (c->v6 && !c->tagged)
		c->port->host_tlbi_all(c->port->m);
}

static void inplace_ttbr(void *self, uint32_t old, uint32_t new)
{
	struct inplace *c = self;

	(void)old;
	(void)new;
	if (c->port->guest->sctlr & SCTLR_M)
		inplace_use_root(c);
}

/* A manager's rights are in the words: tables of a domain that becomes one, or is one no more, are written anew
 * when they are of use again. */
static void inplace_dacr_write(void *self, uint32_t old, uint32_t new)
{
	struct inplace *c = self;
	uint32_t manager = ((old & old >> 1) ^ (new & new >> 1)) & 0x55555555;

	window_zap_domains(&c->window, old ^ new);
	for (uint32_t s = 0; manager && s < c->slots; s++) {
		const struct inplace_slot *t = &c->slot[s];

		if (!t->table && !c->entry[s].live)
			continue;
		c->port->charge(c->port->m, EV_FOLD, 1);
		if (t->guest != NO_DOMAIN && manager >> 2 * t->guest & 1)
			inplace_clear_slot(c, s, EV_ZAP);
	}
	inplace_flush(c);
	inplace_set_dacr(c);
}

static void drop_everything(struct inplace *c)
{
	inplace_drop_all(c);
	inplace_flush(c);
}

static void inplace_sctlr(void *self, uint32_t old, uint32_t new)
{
	struct inplace *c = self;
	uint32_t counts = SCTLR_M | SCTLR_S | SCTLR_R |
			  (c->v6 ? SCTLR_XP | SCTLR_TRE | SCTLR_AFE : 0u);

	if (!((old ^ new) & counts))
		return;
	window_zap_all(&c->window);
	if ((old ^ new) & counts & ~(uint32_t)SCTLR_M)
		drop_everything(c);
	if ((old ^ new) & SCTLR_M && c->tagged)
		c->port->host_tlbi_all(c->port->m);
	if ((old ^ new) & SCTLR_M)
		inplace_use_root(c);
}

/* Types of memory are in the words. */
static void inplace_remap(void *self)
{
	struct inplace *c = self;
	const struct guest *g = c->port->guest;

	if (!mmu_tex_remap(g->arch, g->sctlr))
		return;
	window_zap_all(&c->window);
	drop_everything(c);
}

static void set_view(struct inplace *c, bool user)
{
	window_leave_view(&c->window);
	c->user_view = user;
	inplace_set_dacr(c);
}

static void inplace_mode(void *self, bool user)
{
	struct inplace *c = self;

	c->port->charge(c->port->m, EV_VIEW_SWITCH, 1);
	set_view(c, user);
}

/* Around an LDRT/STRT the hypervisor carries out: user view, then back. */
static void inplace_unpriv(void *self, bool enter)
{
	struct inplace *c = self;

	set_view(c, enter || guest_is_user(c->port->guest));
}

static bool inplace_shows_word(void *self, uint32_t gpa, uint32_t seen, uint32_t wrote)
{
	struct inplace *c = self;
	const struct inplace_table *t = inplace_table_at(c, gpa);

	return c->p->variant == VARIANT_I2 && t && inplace_shows(c, t, seen, wrote);
}

/* In the monitor of a 32-bit machine: two links of an entry that maps something, some bits of each word. A stashed
 * word is where it was. */
static unsigned inplace_memory(void *self, struct strategy_memory *rows, unsigned max)
{
	enum { LINKS = 8 };
	const struct inplace *c = self;
	unsigned bits = c->v6 ? INPLACE_SIDE_BITS_V6 : INPLACE_SIDE_BITS;
	uint64_t roots = 0, side = (uint64_t)c->nguest * TABLE_WORDS * bits / 8;
	uint64_t split = 1024 * (uint64_t)c->nsplit, rmap = LINKS * (uint64_t)c->nlive;
	unsigned n = 0;

	for (unsigned i = 0; i < c->p->roots; i++)
		roots += c->root[i].used ? 16384 : 0;
	const struct strategy_memory r[] = {
		{ "sL1", roots }, { "split", split }, { "side", side }, { "rmap", rmap },
	};

	for (; n < sizeof(r) / sizeof(r[0]) && n < max; n++)
		rows[n] = r[n];
	return n;
}

const struct strategy_ops strategy_inplace = {
	.name = "inplace",
	.summary = "the guest's second-level tables rewritten where they lie; first-level tables have shadows",
	.deprivileged = true,
	.v6 = true,
	.tag = "patched",
	.params = params,
	.nparams = sizeof(params) / sizeof(params[0]),
	.params_bytes = sizeof(struct inplace_params),
	.defaults = inplace_defaults,
	.state_bytes = sizeof(struct inplace),
	.start = inplace_start,
	.stop = inplace_stop,
	.on_abort = inplace_abort,
	.on_tlbi_all = inplace_tlbi_all,
	.on_tlbi_mva = inplace_tlbi_mva,
	.on_ttbr = inplace_ttbr,
	.on_dacr = inplace_dacr_write,
	.on_sctlr = inplace_sctlr,
	.on_tlbi_asid = inplace_tlbi_asid,
	.on_asid = inplace_asid,
	.on_ttbr1 = inplace_ttbr,
	.on_ttbcr = inplace_ttbr,
	.on_remap = inplace_remap,
	.on_mode = inplace_mode,
	.on_unpriv = inplace_unpriv,
	.on_pt_write = inplace_pt_write,
	.shows = inplace_shows_word,
	.memory = inplace_memory,
	.audit = inplace_audit,
};
