/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's memory path, the obvious way: one TLB lookup an access, a walk on a miss, then the
 * cache line and the write buffer. Caches carry no data; the walker reads the newest value
 * (early visibility is always legal). The walker bypasses L1 (ARM926EJ-S TRM 3.2).
 */
#include <stdio.h>
#include <string.h>

#include "sim/lint.h"

/* Events of the two kinds of traffic, so that the hypervisor's own misses are told apart. */
static const enum event fill_r[] = { EV_DFILL_R, EV_HV_DFILL };
static const enum event fill_i[] = { EV_IFILL, EV_HV_IFILL };
static const enum event read_unc[] = { EV_DREAD_UNC, EV_HV_READ_UNC };
static const enum event fetch_unc[] = { EV_IFETCH_UNC, EV_HV_READ_UNC };
static const enum event write_unc[] = { EV_DWRITE_NCNB, EV_HV_READ_UNC };
static const enum event stall[] = { EV_WB_STALL, EV_HV_WB_STALL };
static const enum event out_half[] = { EV_CASTOUT_HALF, EV_HV_CASTOUT_HALF };
static const enum event out_full[] = { EV_CASTOUT_FULL, EV_HV_CASTOUT_FULL };

/* A descriptor word as the hardware walker sees it. */
static bool walker_read(void *ctx, uint32_t addr, uint32_t *word)
{
	struct machine *m = ctx;

	m->tally.walk_refs++;
	if (addr - HV_HPA < SECTION_BYTES)
		return mem_read(m->hv, addr, word);
	return mem_read(m->g.tables, addr, word);
}

static void walk_host(struct machine *m, gva_t mva, walk_read_fn read, struct walk *w)
{
	struct walk_regs r = { .ttbr0 = m->ttbr, .sctlr = m->sctlr, .ttbr1 = m->ttbr1,
			       .ttbcr = m->ttbcr };

	if (m->legacy)
		walk_v5(&r, mva, read, m, w);
	else
		walk_tables(&m->arch, &r, mva, read, m, w);
}

/* A fine table on a host without: the words say so, no register does. */
static void check_fine(struct machine *m, gva_t mva, const struct walk *w)
{
	enum { TYPE_FINE = 3 };

	if (m->ops->deprivileged || m->cfg.feature[FEATURE_FINE] || !w->levels || m->unfit.msg[0] ||
	    (w->l1 & 3) != TYPE_FINE || mmu_format(m->g.arch, m->g.sctlr) > PT_XSCALE)
		return;
	snprintf(m->unfit.msg, sizeof(m->unfit.msg), "the host needs feature.fine: a fine table serves "
		 "MVA 0x%08x", mva.raw);
}

static void hardware_walk(struct machine *m, gva_t mva, struct walk *w)
{
	m->tally.walks++;
	walk_host(m, mva, walker_read, w);
	check_fine(m, mva, w);
	charge(m, EV_WALK, 1);
	charge(m, EV_WALK_L1, w->levels >= 1);
	charge(m, EV_WALK_L2, w->levels >= 2);
}

/* With P set a walk goes into the lockdown part, whose victim moves on (DDI 0198D 2.3.11). An entry
 * that is not global gets the ASID of this moment (DDI 0100I B4.5). */
static void fill(struct machine *m, gva_t mva, const struct walk *w)
{
	struct tlb_tag tag = { .asid = m->asid, .ng = m->arch.asid && w->leaf.attr & PT_NG };
	unsigned victim = m->tlb_lock >> 26 & 7;

	if (!(m->tlb_lock & 1) || victim >= m->cfg.tlb.locked) {
		tlb_fill_tagged(m->tlb, mva, w, tag);
		return;
	}
	tlb_fill_locked_tagged(m->tlb, victim, mva, w, tag);
	m->locked[victim] = *w;
	m->locked_mva[victim] = mva.raw;
	m->locked_tag[victim] = tag;
	m->tlb_lock = (m->tlb_lock & ~(7u << 26)) | ((victim + 1) & 7) << 26;
}

bool host_is_locked(const struct machine *m, const struct translation *t)
{
	for (unsigned i = 0; i < 8; i++)
		if (m->locked[i].levels && m->locked[i].l1_addr == t->w.l1_addr &&
		    m->locked[i].l1 == t->w.l1 && m->locked[i].l2 == t->w.l2)
			return true;
	return false;
}

static void translate(struct machine *m, gva_t mva, bool user, enum access access,
		      struct translation *t)
{
	const struct tlb_entry *e;

	m->tally.accesses++;
	if (!(m->sctlr & SCTLR_M)) {
		m->tally.mmu_off++;
		memset(t, 0, sizeof(*t));
		t->pa = mva.raw;
		return;
	}
	e = tlb_lookup(m->tlb, mva);
	if (e) {
		t->w = e->w;
	} else {
		hardware_walk(m, mva, &t->w);
		if (t->w.fs == FS_NONE)
			fill(m, mva, &t->w);
	}
	t->fs = (enum fault_status)t->w.fs;
	if (!t->fs)
		t->fs = host_check(m, &t->w, mva, user, access);
	if (t->fs)
		return;
	t->pa = walk_pa(&t->w, mva);
	t->cb = host_cb(m, &t->w);
}

void host_translate(struct machine *m, gva_t mva, bool user, enum access access,
		    struct translation *t)
{
	translate(m, mva, user, access, t);
	if (m->lint)
		lint_translated(m, mva, access, t);
}

/*
 * Memory types of ARMv6 as what ARM9 does with C and B: strongly ordered waits; device and uncached
 * normal memory are buffered (DDI 0100I B2.2: both may be written late; that ARM11 does so:
 * assumption); write-allocate is the cache's affair. Reserved types as strongly ordered: assumption.
 */
unsigned host_memory(const struct machine *m, const struct pt_desc *leaf)
{
	enum { NCNB, NCB, WT, WB };
	struct pt_memory mem;

	if (mmu_format(&m->arch, m->sctlr) <= PT_XSCALE)
		return leaf->cb;
	mem = mmu_memory(&m->arch, leaf, m->sctlr, m->g.prrr, m->g.nmrr);
	if (mem.type == MEM_DEVICE)
		return NCB;
	if (mem.type != MEM_NORMAL)
		return NCNB;
	if (mem.inner == CACHE_NONE || (mem.shared && m->arch.shared_uncached))
		return NCB;
	return mem.inner == CACHE_WT ? WT : WB;
}

static bool cacheable_i(const struct machine *m, const struct translation *t)
{
	if (!m->l1i || !(m->sctlr & SCTLR_I))
		return false;
	return !t->w.levels || t->cb & 2;        /* MMU off: cacheable when I is set */
}

static void castout(struct machine *m, unsigned dirty, enum traffic k)
{
	if (dirty == (CACHE_DIRTY_LO | CACHE_DIRTY_HI))
		charge(m, out_full[k], 1);
	else if (dirty)
		charge(m, out_half[k], 1);
}

void host_fetch(struct machine *m, gva_t mva, const struct translation *t, enum traffic k)
{
	wbuf_tick(&m->wb);
	if (!cacheable_i(m, t))
		charge(m, fetch_unc[k], 1);
	else if (!cache_read(m->l1i, mva, hpa(t->pa)).hit)
		charge(m, fill_i[k], 1);
}

void host_load(struct machine *m, gva_t mva, const struct translation *t, enum traffic k)
{
	struct cache_outcome o;

	wbuf_tick(&m->wb);
	if (!m->l1d || !(m->sctlr & SCTLR_C) || !t->w.levels || !(t->cb & 2)) {
		charge(m, read_unc[k], 1);
		return;
	}
	o = cache_read(m->l1d, mva, hpa(t->pa));
	if (o.hit)
		return;
	charge(m, fill_r[k], 1);
	castout(m, o.victim_dirty, k);
}

static void buffered_store(struct machine *m, gva_t mva, enum traffic k, bool multi)
{
	if (wbuf_store(&m->wb, mva.raw, multi))
		charge(m, stall[k], 1);
}

/* C and B of ARM9 (arm926 TRM 4.2): NCNB waits, NCB and WT go to the buffer, WB on a miss too. */
void host_store(struct machine *m, gva_t mva, const struct translation *t, enum traffic k,
		bool multi)
{
	unsigned cb = t->w.levels ? t->cb : 0;
	bool cached = m->l1d && m->sctlr & SCTLR_C && cb & 2;

	wbuf_tick(&m->wb);
	if (!cached && !(cb & 1))
		charge(m, write_unc[k], 1);
	else if (!cached)
		buffered_store(m, mva, k, multi);
	else if (!cache_write(m->l1d, mva, hpa(t->pa), cb == 3, false).hit || cb == 2)
		buffered_store(m, mva, k, multi);
}

/* --- maintenance ---------------------------------------------------------------------- */

static void book_cleaned(struct machine *m, unsigned dirty)
{
	charge(m, dirty ? EV_MAINT_DIRTY : EV_MAINT_CLEAN, 1);
}

static bool quiet_read(void *ctx, uint32_t addr, uint32_t *word)
{
	struct machine *m = ctx;

	return mem_read(addr - HV_HPA < SECTION_BYTES ? m->hv : m->g.tables, addr, word);
}

/* Where an operand's line lies physically; a VIVT cache does not ask. Booked nowhere: cores with
 * such caches look their TLB up here, which the rows of those cores will say. */
static hpa_t operand_pa(struct machine *m, enum cache_kind kind, gva_t mva)
{
	const struct tlb_entry *e = tlb_peek(m->tlb, mva);
	struct walk w;

	if (kind == CACHE_VIVT)
		return hpa(mva.raw);
	if (e)
		return hpa(walk_pa(&e->w, mva));
	walk_host(m, mva, quiet_read, &w);
	return hpa(w.fs ? mva.raw : walk_pa(&w, mva));
}

static void line_op(struct machine *m, struct cache *c, const struct cp_canon *op,
		    uint32_t operand, bool clean)
{
	gva_t mva = gva(operand);
	hpa_t pa = operand_pa(m, c == m->l1i ? m->cfg.l1i.kind : m->cfg.l1d.kind, mva);
	unsigned way, set, dirty;

	if (op->scope == SCOPE_WAY) {   /* way in [31:32-A], set above the line offset */
		unsigned ways = cache_ways(c), sets = cache_sets(c);
		unsigned line = c == m->l1i ? m->cfg.l1i.line_bytes : m->cfg.l1d.line_bytes;
		unsigned shift = ways > 1 ? 32u - (unsigned)__builtin_ctz(ways) : 31;

		way = ways > 1 ? operand >> shift : 0;
		set = operand / line & (sets - 1);
		dirty = clean ? cache_clean_way(c, set, way, op->inval)
			      : cache_inval_way(c, set, way);
	} else if (clean) {
		dirty = op->inval ? cache_clean_inval_line(c, mva, pa, NULL)
				  : cache_clean_line(c, mva, pa, NULL);
	} else {
		dirty = cache_inval_line(c, mva, pa, NULL);
	}
	book_cleaned(m, clean ? dirty : 0);
}

static void all_op(struct machine *m, struct cache *c, const struct cp_canon *op, bool clean)
{
	struct cache_swept s = clean ? cache_clean_all(c, op->inval) : cache_inval_all(c);

	charge(m, EV_MAINT_OP, 1);
	if (clean)
		charge(m, EV_MAINT_DIRTY, s.half + s.full);
}

void host_cache_op(struct machine *m, const struct cp_canon *op, uint32_t operand,
		   bool keep_dirty)
{
	if (op->side & SIDE_I && m->l1i) {
		if (op->scope == SCOPE_ALL)
			all_op(m, m->l1i, op, false);
		else
			line_op(m, m->l1i, op, operand, false);
	}
	if (op->side & SIDE_D && m->l1d) {
		bool clean = op->clean || keep_dirty;

		if (op->scope == SCOPE_ALL)
			all_op(m, m->l1d, op, clean);
		else
			line_op(m, m->l1d, op, operand, clean);
	}
}

unsigned host_test_clean(struct machine *m, bool inval)
{
	struct cache_swept s = { 0 };
	unsigned rounds;

	if (m->l1d)
		s = cache_clean_all(m->l1d, inval);
	rounds = s.half + s.full + 1;
	charge(m, EV_MAINT_TEST, rounds);
	charge(m, EV_MAINT_DIRTY, s.half + s.full);
	return rounds;
}

void hv_access(struct machine *m, gva_t mva, enum access access)
{
	struct translation t;

	host_translate(m, mva, false, access, &t);
	if (t.fs) {                     /* not mapped for the moment: by its physical address */
		charge(m, EV_HV_READ_UNC, 1);
		return;
	}
	if (access == ACCESS_FETCH)
		host_fetch(m, mva, &t, TRAFFIC_HV);
	else if (access == ACCESS_WRITE)
		host_store(m, mva, &t, TRAFFIC_HV, true);
	else
		host_load(m, mva, &t, TRAFFIC_HV);
	if (m->lint)
		lint_access(m, mva, access, &t);
}
