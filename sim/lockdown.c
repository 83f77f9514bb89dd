/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cache lockdown by a native guest: its c9 operations, on a host that locks lines as its own core
 * does. On any other host, and under a hypervisor (which has the caches to itself), they are counted
 * and have no effect: lines that the guest believes locked may go, which costs time and nothing else.
 */
#include "models/tlb/tlb_hot.h"
#include "sim/host_tlb.h"

/* The two kinds by way mask are one to software; an index names ways of the guest's own cache. */
static bool locks_alike(unsigned host, const struct cache_geom *mine, unsigned guest,
			const struct cache_geom *its)
{
	host = host == HOST_LINE_WAYS0 ? HOST_LINE_WAYS : host;
	guest = guest == HOST_LINE_WAYS0 ? HOST_LINE_WAYS : guest;
	return host == guest && host != HOST_LINE_NONE && mine->bytes && mine->ways > 1 &&
	       (host != HOST_LINE_INDEX || mine->ways == its->ways);
}

static bool is_lock_op(const struct guest_event *e)
{
	switch (e->canon.op) {
	case CP_CACHE_LOCK:
	case CP_LOCK_MODE: return e->write;
	case CP_LOCK_LINE:
	case CP_UNLOCK_CACHE: return true;
	default: return false;
	}
}

/* A lockdown register of ARM cores: a way mask in [3:0], or the base in as many of the highest bits
 * as name a way (DDI 0198D 2.3.10, DDI 0151C c9). */
static void set_register(struct cache *c, unsigned lock, uint32_t value)
{
	unsigned ways = cache_ways(c);

	if (lock == HOST_LINE_INDEX)
		cache_lock_base(c, value >> (32 - (unsigned)__builtin_ctz(ways)));
	else
		cache_lock_ways(c, value & ((UINT64_C(1) << (ways - 1) << 1) - 1));
}

void host_lock_begin(struct machine *m, const struct trace_header *h)
{
	static const struct { uint16_t key; uint8_t side; } reg[] = {
		{ CP_KEY(9, 0, 0, 0), SIDE_D }, { CP_KEY(9, 0, 0, 1), SIDE_I },
	};
	/* without a row of the guest's core nobody knows how it locks lines */
	const struct host_config *c = &m->cfg, *g = m->guest_row ? &m->guest_row->config : NULL;
	uint32_t value;

	if (g && locks_alike(c->l1i_lock, &c->l1i, g->l1i_lock, &g->l1i))
		m->locks_as_guest |= SIDE_I;
	if (g && locks_alike(c->l1d_lock, &c->l1d, g->l1d_lock, &g->l1d))
		m->locks_as_guest |= SIDE_D;
	for (unsigned i = 0; i < sizeof(reg) / sizeof(reg[0]); i++)
		if (m->locks_as_guest & reg[i].side &&
		    cp_canonical(m->guest_cp, reg[i].key, false).op == CP_CACHE_LOCK &&
		    trace_header_reg(h, reg[i].key, &value))
			set_register(reg[i].side == SIDE_I ? m->l1i : m->l1d,
				     reg[i].side == SIDE_I ? c->l1i_lock : c->l1d_lock, value);
}

/* A line into I: fetched and locked, or only fetched. */
static void bring_in(struct machine *m, gva_t mva, bool lock)
{
	struct translation t;
	struct cache_outcome o;

	if (!m->l1i || !(m->sctlr & SCTLR_I) || !host_where(m, m->itlb, mva, &t) ||
	    (t.w.levels && !(t.cb & LEAF_C)))
		return;
	o = lock ? cache_lock_line(m->l1i, mva, hpa(t.pa)) : cache_prefetch(m->l1i, mva, hpa(t.pa));
	if (o.filled)
		charge(m, m->outer.l2 && host_from_l2(m, t.pa, t.w.levels ? t.cb : 0, TRAFFIC_GUEST)
			  ? EV_IFILL_L2 : EV_IFILL, 1);
}

void host_prefetch_line(struct machine *m, gva_t mva)
{
	bring_in(m, mva, false);
}

void host_lock_lines(struct machine *m, const struct cp_canon *c, uint32_t operand)
{
	bool code = c->side == SIDE_I;
	struct cache *l1 = code ? m->l1i : m->l1d;

	if (!(m->locks_as_guest & c->side))
		return;
	switch (c->op) {
	case CP_CACHE_LOCK: set_register(l1, code ? m->cfg.l1i_lock : m->cfg.l1d_lock, operand); break;
	case CP_LOCK_MODE: cache_lock_fills(l1, operand & 1); break;
	case CP_LOCK_LINE: bring_in(m, gva(operand), true); break;
	default: cache_unlock(l1); break;
	}
	host_tlb_void(m);               /* what engine fast remembers: may a fetch bring its line in? */
}

void host_lock_count(struct machine *m, const struct guest_event *e)
{
	bool locks = is_lock_op(e);

	m->tally.cache_lock_writes += locks;
	m->tally.cache_lock_ignored += locks && (m->ops->deprivileged ||
						 !(m->locks_as_guest & e->canon.side));
}
