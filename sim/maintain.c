/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cache maintenance on the host. What is asked of the data cache is asked of a mini data cache
 * beside it too (XScale core developer's manual 7.2.8 for whole-cache invalidates, SA-1110 manual;
 * for operations on a line: assumption); only set and way name lines of the big one alone.
 */
#include "sim/machine.h"

/*
 * Where an operand's line lies physically; a VIVT cache does not ask. Booked nowhere: cores with such
 * caches look their TLB up here, which the rows of those cores will say. Of an address that is mapped
 * nowhere no line is found (the fault that some cores raise is not in the trace). Under a hypervisor,
 * which carries the operation out, the host's tables may lack what the guest's have.
 */
static bool operand_pa(struct machine *m, const struct cache_geom *g, gva_t mva, hpa_t *pa)
{
	enum { VECTORS_BYTES = VECTORS_PAGES * FRAME_BYTES };
	struct translation t;
	struct walk w;

	*pa = hpa(mva.raw);
	if (g->kind == CACHE_VIVT)
		return true;
	if (host_where(m, mva, &t)) {
		*pa = hpa(t.pa);
		return true;
	}
	if (!m->ops->deprivileged)
		return false;
	if (mva.raw - HV_ALIAS_VA < VECTORS_BYTES)
		mva = gva(GUEST_VECTORS_VA | (mva.raw & (VECTORS_BYTES - 1)));
	guest_walk(&m->g, mva, &w);
	*pa = hpa(w.fs ? 0 : map_to_host(m, walk_pa(&w, mva)));
	return !w.fs;
}

static unsigned by_way(struct cache *c, const struct cache_geom *g, uint32_t operand, bool clean,
		       bool inval)
{
	struct cp_setway at = cp_operand_setway(operand, cache_sets(c), cache_ways(c), g->line_bytes);

	return clean ? cache_clean_way(c, at.set, at.way, inval) : cache_inval_way(c, at.set, at.way);
}

static unsigned by_mva(struct machine *m, struct cache *c, const struct cache_geom *g, gva_t mva,
		       bool clean, bool inval)
{
	hpa_t pa;

	if (!operand_pa(m, g, mva, &pa))
		return 0;
	if (!clean)
		return cache_inval_line(c, mva, pa, NULL);
	return inval ? cache_clean_inval_line(c, mva, pa, NULL) : cache_clean_line(c, mva, pa, NULL);
}

static struct cache_swept sweep(struct cache *c, bool clean, bool inval)
{
	return clean ? cache_clean_all(c, inval) : cache_inval_all(c);
}

static void instructions(struct machine *m, const struct cp_canon *op, uint32_t operand)
{
	if (op->inval && op->scope == SCOPE_ALL)
		sweep(m->l1i, false, true);
	else if (op->inval && op->scope == SCOPE_WAY)
		by_way(m->l1i, &m->cfg.l1i, operand, false, true);
	else if (op->inval)
		by_mva(m, m->l1i, &m->cfg.l1i, gva(operand), false, true);
	charge(m, op->scope == SCOPE_ALL ? EV_MAINT_OP : EV_MAINT_CLEAN, 1);
}

static void data_all(struct machine *m, bool clean, bool inval)
{
	struct cache_swept s = sweep(m->l1d, clean, inval), mini = { 0 };

	if (m->minid)
		mini = sweep(m->minid, clean, inval);
	charge(m, EV_MAINT_OP, 1);
	if (clean)
		charge(m, EV_MAINT_DIRTY, s.half + s.full + mini.half + mini.full);
}

static void data(struct machine *m, const struct cp_canon *op, uint32_t operand, bool clean)
{
	unsigned dirty;

	if (op->scope == SCOPE_ALL) {
		data_all(m, clean, op->inval);
		return;
	}
	if (op->scope == SCOPE_WAY) {
		dirty = by_way(m->l1d, &m->cfg.l1d, operand, clean, op->inval);
	} else {
		dirty = by_mva(m, m->l1d, &m->cfg.l1d, gva(operand), clean, op->inval);
		if (m->minid)
			dirty |= by_mva(m, m->minid, &m->cfg.minid, gva(operand), clean, op->inval);
	}
	charge(m, clean && dirty ? EV_MAINT_DIRTY : EV_MAINT_CLEAN, 1);
}

void host_cache_op(struct machine *m, const struct cp_canon *op, uint32_t operand,
		   bool keep_dirty)
{
	if (op->side & SIDE_I && m->l1i)
		instructions(m, op, operand);
	if (op->side & SIDE_D && m->l1d)
		data(m, op, operand, op->clean || keep_dirty);
}

unsigned host_test_clean(struct machine *m, bool inval)
{
	struct cache_swept s = { 0 }, mini = { 0 };
	unsigned dirty;

	if (m->l1d)
		s = cache_clean_all(m->l1d, inval);
	if (m->minid)
		mini = cache_clean_all(m->minid, inval);
	dirty = s.half + s.full + mini.half + mini.full;
	charge(m, EV_MAINT_TEST, dirty + 1);
	charge(m, EV_MAINT_DIRTY, dirty);
	return dirty + 1;
}
