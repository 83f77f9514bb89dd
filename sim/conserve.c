/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conservation: the ledger against counters that were incremented elsewhere. A run that does
 * not balance is not a result.
 */
#include "sim/host_tlb.h"
#include "sim/lane.h"

struct balance { const char *what; uint64_t left, right; };

static uint64_t traps(const struct ledger *l)
{
	uint64_t n = 0;

	for (unsigned e = EV_TRAP_UND; e <= EV_TRAP_FIQ; e++)
		n += ledger_event(l, (enum event)e);
	return n + ledger_event(l, EV_TRAP_HYP);
}

static uint64_t emulated(const struct ledger *l)
{
	return ledger_event(l, EV_HIDDEN_EMUL) + ledger_event(l, EV_TINYEMU) +
	       ledger_event(l, EV_UNALIGNED) + ledger_event(l, EV_VECTORS_EMUL) +
	       ledger_event(l, EV_HYPHOLE) + ledger_event(l, EV_MMIO) +
	       ledger_event(l, EV_PT_WRITE) + ledger_event(l, EV_PT_FALSE) +
	       ledger_event(l, EV_PT_READ) + ledger_event(l, EV_PT_READ_FALSE);
}

static bool same_cycles(const struct machine *m)
{
	return m->cycles == ledger_cycles(&m->ledger, &m->costs, COST_NOMINAL);
}

/* The events of instruction classes, whatever their cause, against the tracker's sums. */
static bool same_mix(const struct lane *l)
{
	const struct ledger *g = &l->m->ledger;

	for (unsigned k = 0; k < MIX_EVENTS; k++)
		if (ledger_event(g, (enum event)(EV_EXEC_BRANCH + k)) !=
		    l->mix_all.n[0][k] + l->mix_all.n[1][k])
			return false;
	return true;
}

static uint64_t accesses(const struct cache *c)
{
	return c ? cache_counts(c)->reads + cache_counts(c)->writes : 0;
}

static uint64_t lookups(const struct cache *c)
{
	return c ? cache_counts(c)->hits + cache_counts(c)->misses : 0;
}

static uint64_t fills(const struct cache *c) { return c ? cache_counts(c)->fills : 0; }

/* But those of maintenance, which are booked as such. */
static uint64_t data_fills(const struct cache *c)
{
	const struct cache_counts *n = c ? cache_counts(c) : NULL;

	return n ? n->fills - n->allocs - n->prefetches : 0;
}

static enum err check(const struct machine *m, const struct balance *b, size_t n, struct diag *d)
{
	for (size_t i = 0; i < n; i++)
		if (b[i].left != b[i].right)
			return diag_set(d, ERR_CHECK, "conservation violated (%s): %s: %llu against "
					"%llu", m->ops->name, b[i].what,
					(unsigned long long)b[i].left, (unsigned long long)b[i].right);
	return ERR_OK;
}

static enum err conserve_main(const struct machine *m, const struct tlb *tlb, struct diag *d)
{
	const struct tlb_counts *t = tlb_counts(tlb);
	const struct balance b[] = {
		{ "TLB lookups = hits + misses", t->lookups, t->hits + t->misses },
		{ "TLB fills - evictions - dropped = resident", t->fills - t->evictions - t->dropped,
		  tlb_resident(tlb) },
	};

	return check(m, b, sizeof(b) / sizeof(b[0]), d);
}

static enum err conserve_micro(const struct machine *m, const struct utlb *u, struct diag *d)
{
	const struct utlb_counts *n = &u->n;
	const struct balance b[] = {
		{ "micro-TLB lookups = hits + misses", n->lookups, n->hits + n->misses },
		{ "micro-TLB fills - evictions - dropped = resident",
		  n->fills - n->evictions - n->dropped, u->resident },
	};

	return check(m, b, sizeof(b) / sizeof(b[0]), d);
}

/* Each for itself, and together: every access asks one of them, every miss the next behind it. */
static enum err conserve_tlbs(const struct machine *m, struct diag *d)
{
	const struct tlb *main[2] = { m->tlb, host_tlb_is_split(m) ? m->itlb : NULL };
	uint64_t lookups = 0, misses = 0, micro = 0, micro_misses = 0;
	enum err e = ERR_OK;

	for (unsigned i = 0; !e && i < 2; i++) {
		if (main[i]) {
			lookups += tlb_counts(main[i])->lookups;
			misses += tlb_counts(main[i])->misses;
			e = conserve_main(m, main[i], d);
		}
		if (!e && m->utlb) {
			micro += m->utlb[i].n.lookups;
			micro_misses += m->utlb[i].n.misses;
			e = conserve_micro(m, &m->utlb[i], d);
		}
	}
	const struct balance b[] = {
		{ "translated accesses = TLB lookups + MMU off", m->tally.accesses,
		  (m->utlb ? micro : lookups) + m->tally.mmu_off },
		{ "micro-TLB misses = main TLB lookups", m->utlb ? micro_misses : lookups, lookups },
		{ "micro-TLB misses booked", micro_misses, ledger_event(&m->ledger, EV_UTLB_MISS) },
		{ "TLB misses + translations locked = hardware walks", misses + m->tally.lock_walks,
		  ledger_event(&m->ledger, EV_WALK) },
	};

	return e ? e : check(m, b, sizeof(b) / sizeof(b[0]), d);
}

static uint64_t castouts(const struct cache *c)
{
	return c ? cache_counts(c)->castout_half + cache_counts(c)->castout_full : 0;
}

static uint64_t left(const struct cache *c)
{
	const struct cache_counts *n = c ? cache_counts(c) : NULL;

	return n ? n->fills - n->evictions - n->invalidated : 0;
}

/* events: ended by EVENTS. */
static uint64_t sum(const struct ledger *l, const enum event *e)
{
	uint64_t n = 0;

	for (; *e != EVENTS; e++)
		n += ledger_event(l, *e);
	return n;
}

enum err lane_conserve(const struct lane *l, struct diag *d)
{
	const struct machine *m = l->m;
	const struct ledger *g = &m->ledger;
	const struct cache *l2 = m->outer.l2;
	uint64_t true_faults = ledger_event(g, EV_TRUE_FAULT) + ledger_event(g, EV_NATIVE_FAULT);
	struct balance b[] = {
		{ "I accesses = hits + misses", accesses(m->l1i), lookups(m->l1i) },
		{ "D accesses = hits + misses", accesses(m->l1d), lookups(m->l1d) },
		{ "mini D accesses = hits + misses", accesses(m->minid), lookups(m->minid) },
		{ "walks counted = walks booked", m->tally.walks, ledger_event(g, EV_WALK) },
		{ "walk reads = first + second level", m->tally.walk_refs,
		  sum(g, (const enum event[]){ EV_WALK_L1, EV_WALK_L2, EV_WALK1_IN_L1D,
		  EV_WALK2_IN_L1D, EV_WALK1_IN_L2, EV_WALK2_IN_L2, EV_S1_WALK1, EV_S1_WALK2,
		  EV_S1_WALK1_IN_L1D, EV_S1_WALK2_IN_L1D, EV_S1_WALK1_IN_L2, EV_S1_WALK2_IN_L2, EV_S2_WALK,
		  EV_S2_WALK_IN_L1D, EV_S2_WALK_IN_L2, EVENTS }) },
		{ "traps = entries", traps(g), m->tally.entries },
		{ "coalesced traps booked", m->tally.coalesced, ledger_event(g, EV_COALESCED) },
		{ "entries = exits", m->tally.entries, m->tally.exits },
		{ "returns = exits", ledger_event(g, EV_RETURN) + ledger_event(g, EV_RETURN_HYP),
		  m->tally.exits },
		{ "aborts = hidden + true + emulated + redirected", m->tally.aborts,
		  m->tally.retried + m->tally.injected + m->tally.emulated + m->tally.redirected },
		{ "retried = hidden + spurious", m->tally.retried,
		  ledger_event(g, EV_HIDDEN) + ledger_event(g, EV_SPURIOUS) +
		  ledger_event(g, EV_S2_FAULT) },
		{ "injected = true faults", m->tally.injected, true_faults },
		{ "emulated accesses", m->tally.emulated, emulated(g) },
		{ "recorded + extra = injected + forced", l->recorded + l->extra_true,
		  l->injected + l->forced },
		{ "I fills = misses booked", fills(m->l1i),
		  sum(g, (const enum event[]){ EV_IFILL, EV_HV_IFILL, EV_IFILL_L2, EV_HV_IFILL_L2,
		  EVENTS }) },
		{ "D fills = misses booked", data_fills(m->l1d) + data_fills(m->minid),
		  sum(g, (const enum event[]){ EV_DFILL_R, EV_DFILL_W, EV_HV_DFILL, EV_DFILL_R_L2,
		  EV_DFILL_W_L2, EV_HV_DFILL_L2, EVENTS }) },
		{ "L2 accesses = hits + misses", accesses(l2), lookups(l2) },
		{ "L2 reads answered = booked", m->tally.l2_served,
		  sum(g, (const enum event[]){ EV_IFILL_L2, EV_DFILL_R_L2, EV_DFILL_W_L2, EV_IFETCH_L2,
		  EV_DREAD_L2, EV_MAINT_LOAD_L2, EV_HV_IFILL_L2, EV_HV_DFILL_L2, EV_HV_READ_L2, EV_WALK1_IN_L2,
		  EV_WALK2_IN_L2, EV_S1_WALK1_IN_L2, EV_S1_WALK2_IN_L2, EV_S2_WALK_IN_L2, EVENTS }) },
		{ "L2 castouts = writebacks booked", castouts(l2),
		  sum(g, (const enum event[]){ EV_L2_WRITEBACK, EV_HV_L2_WRITEBACK,
		  EV_WALK_L2_WRITEBACK, EVENTS }) },
		{ "L2 fills - evictions - invalidated = resident", left(l2), l2 ? cache_resident(l2) : 0 },
		{ "instruction classes booked = those of the trace", same_mix(l), 1 },
		{ "cycles added = counts x costs", same_cycles(m), 1 },
	};
	enum err e = check(m, b, sizeof(b) / sizeof(b[0]), d);

	return e ? e : conserve_tlbs(m, d);
}

void lane_counts(const struct lane *l, struct structure_counts *c)
{
	const struct machine *m = l->m;

	*c = (struct structure_counts){ .tlb = *tlb_counts(m->tlb), .itlb = *tlb_counts(m->itlb),
		.wb = m->wb };
	for (unsigned i = 0; m->utlb && i < 2; i++)
		c->utlb[i] = m->utlb[i].n;
	if (m->l1i)
		c->l1i = *cache_counts(m->l1i);
	if (m->l1d)
		c->l1d = *cache_counts(m->l1d);
	if (m->minid)
		c->minid = *cache_counts(m->minid);
	if (m->outer.l2)
		c->l2 = *cache_counts(m->outer.l2);
	if (m->s2)
		c->two_stage = m->s2->w.n;
	c->walks = m->tally.walks;
	c->walk_refs = m->tally.walk_refs;
	c->stale_l1 = m->tally.walk_stale_l1;
	c->stale_l2 = m->tally.walk_stale_l2;
}
