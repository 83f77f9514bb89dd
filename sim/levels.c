/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Behind L1: the outer cache, and what the walker reads through. L2 sees line fills, castouts, stores
 * that L1 did not keep, and reads past L1 of pages that are cached outside alone; pages that are not,
 * and everything while the MMU is off (assumption), go past it. An L1 line that is evicted dirty is
 * kept in L2 whatever its page said (assumption).
 */
#include "sim/machine.h"

static const enum event writeback[] = { EV_L2_WRITEBACK, EV_HV_L2_WRITEBACK };

bool host_from_l2(struct machine *m, uint32_t pa, unsigned leaf, enum traffic k)
{
	struct outer_done d;

	if (!(leaf & LEAF_OUTER_ANY))
		return false;
	d = outer_read(&m->outer, hpa(pa));
	charge(m, writeback[k], d.castout != 0);
	m->tally.l2_served += d.served == LEVEL_L2;
	return d.served == LEVEL_L2;
}

void host_to_l2(struct machine *m, uint32_t pa, unsigned leaf, enum traffic k)
{
	unsigned outer = (leaf & LEAF_OUTER_ANY) / LEAF_OUTER;
	struct outer_done d;

	if (outer == CACHE_NONE)
		return;
	d = outer_write(&m->outer, hpa(pa), outer != CACHE_WT, outer == CACHE_WB_WA);
	charge(m, writeback[k], d.castout != 0);
}

bool host_line_to_l2(struct machine *m, hpa_t pa, uint32_t line_bytes, unsigned dirty,
		     enum traffic k)
{
	struct outer_done d = outer_castout(&m->outer, pa, line_bytes, dirty);

	charge(m, writeback[k], d.castout != 0);
	return d.served == LEVEL_L2;
}

/*
 * From ARMv6 on a native guest's TTBR says how its walks are cached: [4:3] 0 is not outside, C in
 * [0] (on ARMv7 also [6]) inside (DDI 0301H 3.2.13, DDI 0406C B4.1.154). Cached inside but not
 * outside is taken for both: assumption.
 */
enum walk_sees host_walk_sees(const struct machine *m, gva_t mva)
{
	enum { INNER = 1 << 6 | 1, OUTER = 3 << 3 };
	enum walk_sees sees = (enum walk_sees)m->cfg.walk_sees;
	struct walk_regs r;
	uint32_t ttbr;

	if (sees == WALK_SEES_MEMORY || !m->arch.ttbcr || m->ops->deprivileged)
		return sees;
	r = (struct walk_regs){ .ttbr0 = m->ttbr, .sctlr = m->sctlr, .ttbr1 = m->ttbr1,
				.ttbcr = m->ttbcr };
	ttbr = mmu_table_of(&m->arch, &r, mva).ttbr1 ? m->ttbr1 : m->ttbr;
	if (sees == WALK_SEES_L1 && ttbr & INNER)
		return WALK_SEES_L1;
	return ttbr & OUTER && m->outer.l2 ? WALK_SEES_L2 : WALK_SEES_MEMORY;
}

static void count_stale(struct machine *m, enum walk_sees sees, hpa_t pa)
{
	unsigned stale = outer_stale(&m->outer, sees, m->l1d, pa);

	if (m->minid && cache_pa_dirty(m->minid, pa))   /* walks never look into it: assumption */
		stale |= STALE_L1;
	m->tally.walk_stale_l1 += (stale & STALE_L1) != 0;
	m->tally.walk_stale_l2 += (stale & STALE_L2) != 0;
}

enum cache_level host_walk_read(struct machine *m, enum walk_sees sees, hpa_t pa)
{
	struct outer_done d;

	count_stale(m, sees, pa);
	if (sees == WALK_SEES_MEMORY)
		return LEVEL_MEMORY;
	d = outer_walk(&m->outer, sees, m->l1d, pa);
	charge(m, EV_WALK_L2_WRITEBACK, d.castout != 0);
	m->tally.l2_served += d.served == LEVEL_L2;
	return d.served;
}
