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
 * which carries the operation out, the host's tables may lack what the guest's have; and where its
 * own window lies, they map something else.
 */
bool host_operand_pa(struct machine *m, const struct cache_geom *g, gva_t mva, hpa_t *pa)
{
	enum { VECTORS_BYTES = VECTORS_PAGES * FRAME_BYTES };
	gva_t alias = vectors_alias_of(&m->g, gva(GUEST_VECTORS_VA));
	bool aliased = vectors_are_covered(&m->port) && mva.raw - alias.raw < VECTORS_BYTES;
	bool has_pages = m->g.v6 || mva.raw < HV_WINDOW_VA;
	bool own = m->ops->deprivileged && has_pages && is_hypervisors(&m->port, mva) && !aliased;
	struct translation t;
	struct walk w;

	*pa = hpa(mva.raw);
	if (g->kind == CACHE_VIVT)
		return true;
	if (!own && host_where(m, g == &m->cfg.l1i ? m->itlb : m->tlb, mva, &t)) {
		*pa = hpa(t.pa);
		return true;
	}
	if (!m->ops->deprivileged)
		return false;
	if (aliased)
		mva = gva(GUEST_VECTORS_VA | (mva.raw & (VECTORS_BYTES - 1)));
	guest_walk(&m->g, mva, &w);
	*pa = hpa(w.fs ? 0 : map_to_host(m, walk_pa(&w, mva)));
	return !w.fs;
}

/* A line that is about to be cleaned: what is dirty goes to L2. */
static void give_out(void *ctx, const struct cache_line *line)
{
	struct machine *m = ctx;

	if (line->dirty)
		(void)host_line_to_l2(m, line->pa, m->cfg.l1d.line_bytes, line->dirty, host_traffic(m));
}

unsigned host_line_op(struct machine *m, struct cache *c, unsigned set, unsigned way, bool clean,
		      bool inval)
{
	struct cache_line line;

	if (clean && m->outer.l2 && cache_line_in(c, set, way, &line))
		give_out(m, &line);
	return clean ? cache_clean_way(c, set, way, inval) : cache_inval_way(c, set, way);
}

static unsigned by_way(struct machine *m, struct cache *c, const struct cache_geom *g,
		       uint32_t operand, bool clean, bool inval)
{
	struct cp_setway at = cp_operand_setway(operand, cache_sets(c), cache_ways(c), g->line_bytes);

	return host_line_op(m, c, at.set, at.way, clean, inval);
}

static unsigned by_mva(struct machine *m, struct cache *c, const struct cache_geom *g, gva_t mva,
		       bool clean, bool inval)
{
	struct cache_line line;
	hpa_t pa;

	if (!host_operand_pa(m, g, mva, &pa))
		return 0;
	if (!clean)
		return cache_inval_line(c, mva, pa, NULL);
	if (m->outer.l2 && cache_peek(c, mva, pa, &line))
		give_out(m, &line);
	return inval ? cache_clean_inval_line(c, mva, pa, NULL) : cache_clean_line(c, mva, pa, NULL);
}

/*
 * An L2 that belongs to the core hears of data operations by address (DDI 0344, DDI 0406C: c7,c6,1,
 * c7,c10,1 and c7,c14,1 go to the point of coherency); one beside it has registers of its own, which
 * are devices to a trace. By set and way, and on everything, L1 alone is meant: assumption.
 */
static unsigned l2_by_mva(struct machine *m, gva_t mva, bool clean, bool inval)
{
	struct cache *l2 = m->outer.l2;
	hpa_t pa;

	if (!l2 || !m->l2_in_core || !host_operand_pa(m, &m->cfg.l2, mva, &pa))
		return 0;
	if (!clean)
		return cache_inval_line(l2, mva, pa, NULL);
	return inval ? cache_clean_inval_line(l2, mva, pa, NULL) : cache_clean_line(l2, mva, pa, NULL);
}

bool host_publish(struct machine *m, gva_t mva, hpa_t pa)
{
	struct cache_line line;
	unsigned dirty = 0;

	if (m->l1d && m->outer.l2 && cache_peek(m->l1d, mva, pa, &line))
		give_out(m, &line);
	if (m->l1d)
		dirty = cache_clean_line(m->l1d, mva, pa, NULL);
	if (m->outer.l2 && m->cfg.walk_sees == WALK_SEES_MEMORY)
		dirty |= cache_clean_line(m->outer.l2, gva((uint32_t)pa.raw), pa, NULL);
	return dirty;
}

static struct cache_swept sweep_data(struct machine *m, struct cache *c, bool clean, bool inval)
{
	if (!c)
		return (struct cache_swept){ 0 };
	if (clean && m->outer.l2)
		cache_each(c, give_out, m);
	return clean ? cache_clean_all(c, inval) : cache_inval_all(c);
}

uint32_t host_sweep_data(struct machine *m, bool clean, bool inval)
{
	struct cache_swept s = sweep_data(m, m->l1d, clean, inval);
	struct cache_swept mini = sweep_data(m, m->minid, clean, inval);
	uint32_t dirty = clean ? s.half + s.full + mini.half + mini.full : 0;

	charge(m, EV_MAINT_DIRTY, dirty);
	return dirty;
}

static void instructions(struct machine *m, const struct cp_canon *op, uint32_t operand)
{
	if (op->inval && op->scope == SCOPE_ALL)
		cache_inval_all(m->l1i);
	else if (op->inval && op->scope == SCOPE_WAY)
		by_way(m, m->l1i, &m->cfg.l1i, operand, false, true);
	else if (op->inval)
		by_mva(m, m->l1i, &m->cfg.l1i, gva(operand), false, true);
	charge(m, op->scope == SCOPE_ALL ? EV_MAINT_OP : EV_MAINT_CLEAN, 1);
}

static void data(struct machine *m, const struct cp_canon *op, uint32_t operand, bool clean)
{
	unsigned dirty;

	if (op->scope == SCOPE_ALL) {
		charge(m, EV_MAINT_OP, 1);
		host_sweep_data(m, clean, op->inval);
		return;
	}
	if (op->scope == SCOPE_WAY) {
		dirty = !m->l1d ? 0 : by_way(m, m->l1d, &m->cfg.l1d, operand, clean, op->inval);
	} else {
		dirty = m->l1d ? by_mva(m, m->l1d, &m->cfg.l1d, gva(operand), clean, op->inval) : 0;
		if (m->minid)
			dirty |= by_mva(m, m->minid, &m->cfg.minid, gva(operand), clean, op->inval);
		dirty |= l2_by_mva(m, gva(operand), clean, op->inval);
	}
	charge(m, clean && dirty ? EV_MAINT_DIRTY : EV_MAINT_CLEAN, 1);
}

void host_cache_op(struct machine *m, const struct cp_canon *op, uint32_t operand,
		   bool keep_dirty)
{
	if (op->side & SIDE_I && m->l1i)
		instructions(m, op, operand);
	if (op->side & SIDE_D && (m->l1d || (m->outer.l2 && m->l2_in_core)))
		data(m, op, operand, op->clean || keep_dirty);
}

void host_test_clean(struct machine *m, bool inval)
{
	charge(m, EV_MAINT_TEST, 1 + host_sweep_data(m, true, inval));
}

uint32_t host_dirty_lines(const struct machine *m)
{
	return (m->l1d ? cache_dirty_lines(m->l1d) : 0) + (m->minid ? cache_dirty_lines(m->minid) : 0);
}
