/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies behind a translation, the obvious way: the cache line and the write buffer; behind them
 * L2 (levels.c). How a leaf is cached is asked of host_memory(), once for each translation; nothing
 * below it knows tables. Order of a miss: the line is read, then the victim written.
 */
#include "sim/machine.h"

/* Events of the two kinds of traffic, so that the hypervisor's own misses are told apart. */
static const enum event fill_r[] = { EV_DFILL_R, EV_HV_DFILL };
static const enum event fill_w[] = { EV_DFILL_W, EV_HV_DFILL };
static const enum event fill_i[] = { EV_IFILL, EV_HV_IFILL };
static const enum event read_unc[] = { EV_DREAD_UNC, EV_HV_READ_UNC };
static const enum event fetch_unc[] = { EV_IFETCH_UNC, EV_HV_READ_UNC };
static const enum event write_unc[] = { EV_DWRITE_NCNB, EV_HV_READ_UNC };
static const enum event stall[] = { EV_WB_STALL, EV_HV_WB_STALL };
static const enum event out_half[] = { EV_CASTOUT_HALF, EV_HV_CASTOUT_HALF };
static const enum event out_full[] = { EV_CASTOUT_FULL, EV_HV_CASTOUT_FULL };
/* The same where L2 answers. */
static const enum event fill_r_l2[] = { EV_DFILL_R_L2, EV_HV_DFILL_L2 };
static const enum event fill_w_l2[] = { EV_DFILL_W_L2, EV_HV_DFILL_L2 };
static const enum event fill_i_l2[] = { EV_IFILL_L2, EV_HV_IFILL_L2 };
static const enum event read_l2[] = { EV_DREAD_L2, EV_HV_READ_L2 };
static const enum event fetch_l2[] = { EV_IFETCH_L2, EV_HV_READ_L2 };
static const enum event out_l2[] = { EV_CASTOUT_L2, EV_HV_CASTOUT_L2 };

/* --- what a leaf asks for ----------------------------------------------------------------- */

/*
 * Words with C and B. X of XScale (TEX[0], core developer's manual table 3-2): X=1 is write-allocate
 * with C=1, B=1, buffered without coalescing with C=0, B=1, the mini data cache with C=1, B=0. Words
 * without TEX cannot say it: where the cache can allocate on writes, every write-back page does
 * (assumption); C=1, B=0 is a mini cache's where there is one (SA-1110: knowledge).
 *
 * A mini cache writes back and allocates on reads: SA-1110, where all cacheable data is bufferable
 * (knowledge); XScale with ACTLR.MD = 00, which is taken for granted (assumption).
 */
static unsigned memory_by_cb(const struct machine *m, const struct pt_desc *leaf, bool has_tex)
{
	bool x = has_tex && leaf->tex & 1;

	if (leaf->cb == LEAF_CB && (x || !has_tex) && m->cfg.l1d_allocate == L1D_READ_WRITE)
		return LEAF_CB | LEAF_WA;
	if (leaf->cb == LEAF_B && x)
		return LEAF_B | LEAF_ALONE;
	if (leaf->cb == LEAF_C && (x || !has_tex) && m->minid)
		return LEAF_CB | LEAF_MINI;
	return leaf->cb;
}

/* Such words tell L2 what they tell L1. */
static unsigned outer_by_cb(unsigned leaf)
{
	if (!(leaf & LEAF_C))
		return CACHE_NONE;
	if (!(leaf & LEAF_B))
		return CACHE_WT;
	return leaf & LEAF_WA ? CACHE_WB_WA : CACHE_WB;
}

/*
 * Memory types of ARMv6 as what ARM9 does with C and B: strongly ordered waits; device and uncached
 * normal memory are buffered (DDI 0100I B2.2: both may be written late; that ARM11 does so:
 * assumption), but stores to devices keep their number and size (B2.2.2), so none is merged with
 * another. Reserved types as strongly ordered: assumption.
 */
static unsigned memory_by_type(const struct machine *m, const struct pt_desc *leaf)
{
	enum { NCNB, NCB, WT, WB };
	struct pt_memory mem = mmu_memory(&m->arch, leaf, m->sctlr, m->g.prrr, m->g.nmrr);
	unsigned outer = m->outer.l2 ? mem.outer * (unsigned)LEAF_OUTER : 0;

	if (mem.type == MEM_DEVICE)
		return NCB | LEAF_ALONE;
	if (mem.type != MEM_NORMAL)
		return NCNB;
	if (mem.inner == CACHE_NONE || (mem.shared && m->arch.shared_uncached))
		return outer | NCB;
	if (mem.inner == CACHE_WT)
		return outer | WT;
	return outer | WB |
	       (mem.inner == CACHE_WB_WA && m->cfg.l1d_allocate == L1D_READ_WRITE ? LEAF_WA : 0u);
}

unsigned host_memory(const struct machine *m, const struct pt_desc *leaf)
{
	enum pt_format f = mmu_format(&m->arch, m->sctlr);
	unsigned is;

	if (f > PT_XSCALE)
		return memory_by_type(m, leaf);
	is = memory_by_cb(m, leaf, f == PT_XSCALE);
	return m->outer.l2 ? is | outer_by_cb(is) * (unsigned)LEAF_OUTER : is;
}

/* --- reads: with every way locked a miss is one uncached read (assumption) ------------------- */

static bool cacheable_i(const struct machine *m, const struct translation *t)
{
	if (!m->l1i || !(m->sctlr & SCTLR_I))
		return false;
	return !t->w.levels || t->cb & LEAF_C;  /* MMU off: cacheable when I is set */
}

/* The data cache that holds such a leaf's lines; NULL: it is not cached. */
static struct cache *data_cache(const struct machine *m, unsigned leaf)
{
	if (!(m->sctlr & SCTLR_C) || !(leaf & LEAF_C))
		return NULL;
	return leaf & LEAF_MINI ? m->minid : m->l1d;
}

/* What was dirty of the line that cache c evicted last. */
static void castout(struct machine *m, const struct cache *c, unsigned dirty, enum traffic k)
{
	if (!dirty)
		return;
	if (m->outer.l2 && host_line_to_l2(m, cache_victim_pa(c), m->cfg.l1d.line_bytes, dirty, k))
		charge(m, out_l2[k], 1);
	else
		charge(m, dirty == (CACHE_DIRTY_LO | CACHE_DIRTY_HI) ? out_full[k] : out_half[k], 1);
}

static inline unsigned leaf_of(const struct translation *t)
{
	return t->w.levels ? t->cb : 0;
}

/* A read that L1 did not answer: did L2? */
static inline bool in_l2(struct machine *m, const struct translation *t, enum traffic k)
{
	return m->outer.l2 && host_from_l2(m, t->pa, leaf_of(t), k);
}

void host_fetch(struct machine *m, gva_t mva, const struct translation *t, enum traffic k)
{
	struct cache_outcome o = { .hit = false };

	wbuf_tick(&m->wb);
	if (cacheable_i(m, t))
		o = cache_read(m->l1i, mva, hpa(t->pa));
	if (o.hit)
		return;
	if (in_l2(m, t, k))
		charge(m, o.filled ? fill_i_l2[k] : fetch_l2[k], 1);
	else
		charge(m, o.filled ? fill_i[k] : fetch_unc[k], 1);
}

void host_load(struct machine *m, gva_t mva, const struct translation *t, enum traffic k)
{
	struct cache *c = data_cache(m, leaf_of(t));
	struct cache_outcome o = { .hit = false };

	wbuf_tick(&m->wb);
	if (c)
		o = cache_read(c, mva, hpa(t->pa));
	if (o.hit)
		return;
	if (in_l2(m, t, k))
		charge(m, o.filled ? fill_r_l2[k] : read_l2[k], 1);
	else
		charge(m, o.filled ? fill_r[k] : read_unc[k], 1);
	castout(m, c, o.victim_dirty, k);
}

/* --- writes --------------------------------------------------------------------------------- */

/* A buffer that merges with any entry does so as the page says; the others join words of block
 * transfers. XScale's ACTLR.K, coalescing off, is taken for 0, as Linux has it: assumption. */
static void buffered_store(struct machine *m, gva_t mva, unsigned leaf, enum traffic k, bool multi)
{
	bool joins = m->wb.merge == WBUF_ANY ? !(leaf & LEAF_ALONE) : multi;

	if (wbuf_store(&m->wb, mva.raw, joins))
		charge(m, stall[k], 1);
}

/* C and B of ARM9 (ARM926EJ-S TRM 4.2): NCNB waits, NCB and WT go to the buffer, WB does on a miss
 * unless that allocates. */
void host_store(struct machine *m, gva_t mva, const struct translation *t, enum traffic k,
		bool multi)
{
	unsigned leaf = leaf_of(t);
	bool back = leaf & LEAF_B && m->cfg.l1d_write == L1D_BACK;
	struct cache *c = data_cache(m, leaf);
	struct cache_outcome o;

	wbuf_tick(&m->wb);
	if (!c && !(leaf & LEAF_B)) {
		charge(m, write_unc[k], 1);
		return;
	}
	if (c) {
		o = cache_write(c, mva, hpa(t->pa), back, leaf & LEAF_WA);
		if (o.filled) {
			charge(m, in_l2(m, t, k) ? fill_w_l2[k] : fill_w[k], 1);
			castout(m, c, o.victim_dirty, k);
		}
		if (back && (o.hit || o.filled))
			return;
	}
	buffered_store(m, mva, leaf, k, multi);
	if (m->outer.l2)
		host_to_l2(m, t->pa, leaf, k);
}
