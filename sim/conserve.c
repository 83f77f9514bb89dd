/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conservation: the ledger against counters that were incremented elsewhere. A run that does
 * not balance is not a result.
 */
#include "sim/lane.h"

struct balance { const char *what; uint64_t left, right; };

static uint64_t traps(const struct ledger *l)
{
	uint64_t n = 0;

	for (unsigned e = EV_TRAP_UND; e <= EV_TRAP_FIQ; e++)
		n += ledger_event(l, (enum event)e);
	return n;
}

static uint64_t emulated(const struct ledger *l)
{
	return ledger_event(l, EV_HIDDEN_EMUL) + ledger_event(l, EV_VECTORS_EMUL) +
	       ledger_event(l, EV_HYPHOLE) + ledger_event(l, EV_MMIO);
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

enum err lane_conserve(const struct lane *l, struct diag *d)
{
	const struct machine *m = l->m;
	const struct ledger *g = &m->ledger;
	const struct tlb_counts *t = tlb_counts(m->tlb);
	uint64_t true_faults = ledger_event(g, EV_TRUE_FAULT) + ledger_event(g, EV_NATIVE_FAULT);
	struct balance b[] = {
		{ "translated accesses = TLB lookups + MMU off", m->tally.accesses,
		  t->lookups + m->tally.mmu_off },
		{ "I accesses = hits + misses", accesses(m->l1i), lookups(m->l1i) },
		{ "D accesses = hits + misses", accesses(m->l1d), lookups(m->l1d) },
		{ "TLB lookups = hits + misses", t->lookups, t->hits + t->misses },
		{ "TLB misses = hardware walks", t->misses, ledger_event(g, EV_WALK) },
		{ "walks counted = walks booked", m->tally.walks, ledger_event(g, EV_WALK) },
		{ "walk reads = first + second level", m->tally.walk_refs,
		  ledger_event(g, EV_WALK_L1) + ledger_event(g, EV_WALK_L2) },
		{ "TLB fills - evictions - dropped = resident", t->fills - t->evictions - t->dropped,
		  tlb_resident(m->tlb) },
		{ "traps = entries", traps(g), m->tally.entries },
		{ "entries = exits", m->tally.entries, m->tally.exits },
		{ "returns = exits", ledger_event(g, EV_RETURN), m->tally.exits },
		{ "aborts = hidden + true + emulated + redirected", m->tally.aborts,
		  m->tally.retried + m->tally.injected + m->tally.emulated + m->tally.redirected },
		{ "retried = hidden + spurious", m->tally.retried,
		  ledger_event(g, EV_HIDDEN) + ledger_event(g, EV_SPURIOUS) },
		{ "injected = true faults", m->tally.injected, true_faults },
		{ "emulated accesses", m->tally.emulated, emulated(g) },
		{ "recorded + extra = injected + forced", l->recorded + l->extra_true,
		  l->injected + l->forced },
		{ "I fills = misses booked", fills(m->l1i),
		  ledger_event(g, EV_IFILL) + ledger_event(g, EV_HV_IFILL) },
		{ "D fills = misses booked", fills(m->l1d), ledger_event(g, EV_DFILL_R) +
		  ledger_event(g, EV_DFILL_W) + ledger_event(g, EV_HV_DFILL) },
		{ "instruction classes booked = those of the trace", same_mix(l), 1 },
		{ "cycles added = counts x costs", same_cycles(m), 1 },
	};

	for (unsigned i = 0; i < sizeof(b) / sizeof(b[0]); i++)
		if (b[i].left != b[i].right)
			return diag_set(d, ERR_CHECK, "conservation violated (%s): %s: %llu against "
					"%llu", m->ops->name, b[i].what,
					(unsigned long long)b[i].left, (unsigned long long)b[i].right);
	return ERR_OK;
}

void lane_counts(const struct lane *l, struct structure_counts *c)
{
	const struct machine *m = l->m;

	*c = (struct structure_counts){ .tlb = *tlb_counts(m->tlb), .wb = m->wb };
	if (m->l1i)
		c->l1i = *cache_counts(m->l1i);
	if (m->l1d)
		c->l1d = *cache_counts(m->l1d);
}
