/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/host_ops.h"

#include <assert.h>
#include <stdlib.h>

#include "models/cpu/sequence.h"
#include "sim/host_tlb.h"

/* A sequence with its instructions as operations, found once a kind of operation. */
struct host_sequence {
	struct cp_canon step[SEQ_STEPS];
	struct cp_sequence seq;
	bool known, exists;
};
enum { OPERATIONS = CP_UNLOCK_TLB + 1 - CP_TLBI_ALL, CACHE_OPERATIONS = 64,
       SEQUENCES = 8 * OPERATIONS + CACHE_OPERATIONS };

struct host_ops {
	struct host_sequence found[SEQUENCES];  /* by what cpu_sequence() looks at */
	bool foreign_i, foreign_d;              /* the guest's caches have another shape */
	uint32_t next_line[2];                  /* of the loops over I and D */
};

static bool other_shape(const struct cache_geom *a, const struct cache_geom *b)
{
	return a->bytes != b->bytes || a->ways != b->ways || a->line_bytes != b->line_bytes;
}

enum err host_ops_create(struct machine *m, struct diag *d)
{
	const struct cpu_row *guest = m->guest_row;

	m->ops_of_host = calloc(1, sizeof(*m->ops_of_host));
	if (!m->ops_of_host)
		return diag_set(d, ERR_NOMEM, "out of memory");
	m->ops_of_host->foreign_i = guest && other_shape(&guest->config.l1i, &m->cfg.l1i);
	m->ops_of_host->foreign_d = guest && other_shape(&guest->config.l1d, &m->cfg.l1d);
	return ERR_OK;
}

void host_ops_destroy(struct machine *m)
{
	free(m->ops_of_host);
}

static unsigned slot_of(const struct cp_canon *c)
{
	unsigned effect = c->side | (unsigned)c->inval << 2;

	if (c->op == CP_CACHE)
		return 8 * OPERATIONS + (effect | (unsigned)c->clean << 3 | (unsigned)c->scope << 4);
	return 8u * (unsigned)(c->op - CP_TLBI_ALL) + effect;
}

static const struct host_sequence *resolve(struct machine *m, const struct cp_canon *ask)
{
	struct host_sequence *s = &m->ops_of_host->found[slot_of(ask)];

	if (s->known)
		return s;
	s->known = true;
	s->exists = cpu_sequence(m->cp, ask, &s->seq);
	for (unsigned i = 0; s->exists && i < s->seq.nstep; i++)
		if (s->seq.step[i].kind == SEQ_CP)
			s->step[i] = cp_canonical(m->cp, s->seq.step[i].key, s->seq.step[i].read);
	return s;
}

/* --- TLBs ----------------------------------------------------------------------------- */

/* A core without ASIDs takes the whole operand for an address. */
static void tlbi_mva(struct machine *m, const struct cp_canon *c, uint32_t operand)
{
	if (m->arch.asid && c->op == CP_TLBI_MVA && c->operand == OPERAND_MVA_ASID)
		host_tlb_inval_mva_asid(m, c->side, gva(operand), cp_operand_asid(operand));
	else
		host_tlb_inval_mva(m, c->side, gva(operand));
	charge(m, EV_MAINT_TLB_MVA, 1);
}

/* Without ASIDs an entry of any ASID is just an entry: all go. */
static void tlbi_asid(struct machine *m, const struct cp_canon *c, uint32_t operand)
{
	if (m->arch.asid) {
		host_tlb_inval_asid(m, c->side, cp_operand_asid(operand));
		charge(m, EV_MAINT_TLB_ASID, 1);
	} else {
		host_tlb_inval_all(m, c->side);
		charge(m, EV_MAINT_TLB_ALL, 1);
	}
}

/* --- caches --------------------------------------------------------------------------- */

static uint32_t lines_of(const struct cache_geom *g)
{
	return g->bytes / g->line_bytes;
}

/* By index an instruction costs what the line does; in other loops the lines come on top. */
static void sweep(struct machine *m, const struct seq_step *s, bool clean, bool inval)
{
	uint32_t lines = lines_of(&m->cfg.l1d), dirty = host_sweep_data(m, clean, inval);

	switch (s->cost) {
	case PRIM_clean_clean: charge(m, EV_MAINT_CLEAN, lines > dirty ? lines - dirty : 0); break;
	case PRIM_test_clean: charge(m, EV_MAINT_TEST, lines); break;
	case PRIM_line_fill: charge(m, EV_MAINT_LOAD, lines); break;
	default: charge(m, EV_MAINT_OP, lines); break;
	}
}

/* Lines of a cache that one step of a guest's loop over its own stands for: a whole loop reaches them
 * all. */
static uint32_t lines_a_step(const struct machine *m, const struct cache *c)
{
	const struct cpu_row *guest = m->guest_row;
	uint32_t lines = cache_sets(c) * cache_ways(c), own = lines;

	if (guest)
		own = lines_of(c == m->l1i ? &guest->config.l1i : &guest->config.l1d);
	return own && own < lines ? (lines + own - 1) / own : 1;
}

/* One step of the core's loop over a cache. */
static uint32_t next_line(struct machine *m, struct cache *c, bool clean, bool inval)
{
	uint32_t n = m->ops_of_host->next_line[c == m->l1d]++ % (cache_sets(c) * cache_ways(c));
	unsigned set = n % cache_sets(c), way = n / cache_sets(c);

	return host_line_op(m, c, set, way, clean, inval);
}

static void by_set_and_way(struct machine *m, const struct cp_canon *c, uint32_t operand,
			   bool keep_dirty)
{
	bool data = c->side & SIDE_D, clean = data && (c->clean || keep_dirty);
	struct cache *l1 = data ? m->l1d : m->l1i;

	if (!(data ? m->ops_of_host->foreign_d : m->ops_of_host->foreign_i))
		host_cache_op(m, c, operand, keep_dirty);
	else if (l1)
		for (uint32_t n = lines_a_step(m, l1); n-- > 0;)
			charge(m, next_line(m, l1, clean, c->inval) && clean ? EV_MAINT_DIRTY
									     : EV_MAINT_CLEAN, 1);
}

/* The line of mva, loaded or only allocated. What had to go for it goes to L2, and a load asks L2. */
static struct cache_outcome bring_line(struct machine *m, gva_t mva, bool load, bool *in_l2)
{
	struct cache_outcome o = { .filled = false };
	struct translation t = { .pa = 0 };
	hpa_t pa;

	if (!host_operand_pa(m, &m->cfg.l1d, mva, &pa))
		return o;
	if (m->outer.l2) {              /* physically addressed, whatever L1 is */
		if (!host_where(m, m->tlb, mva, &t))
			return o;
		pa = hpa(t.pa);
	}
	o = load ? cache_prefetch(m->l1d, mva, pa) : cache_allocate(m->l1d, mva, pa);
	if (m->outer.l2 && o.victim_dirty)
		(void)host_line_to_l2(m, cache_victim_pa(m->l1d), m->cfg.l1d.line_bytes, o.victim_dirty,
				      host_traffic(m));
	*in_l2 = m->outer.l2 && load && o.filled &&
		 host_from_l2(m, t.pa, t.w.levels ? t.cb : 0, host_traffic(m));
	return o;
}

/* A load or an allocation: another line has to go. */
static void make_room(struct machine *m, const struct cp_canon *ask, const struct seq_step *s,
		      uint32_t operand)
{
	bool load = s->kind == SEQ_LOAD, brought = true, in_l2 = false;
	uint32_t lines = 1, dirty = 0;
	struct cache_outcome o;

	if (s->count == SEQ_PER_LINE) {
		sweep(m, s, true, true);
		return;
	}
	if (!m->l1d || !(m->sctlr & SCTLR_C)) {
		brought = false;
	} else if (ask->op == CP_ALLOCATE) {
		o = bring_line(m, gva(operand), load, &in_l2);
		brought = o.filled;
		dirty = o.victim_dirty != 0;
	} else {
		lines = lines_a_step(m, m->l1d);
		for (uint32_t n = lines; n-- > 0;)
			dirty += next_line(m, m->l1d, true, true) != 0;
	}
	charge(m, load && brought ? in_l2 ? EV_MAINT_LOAD_L2 : EV_MAINT_LOAD : EV_MAINT_OP, lines);
	charge(m, EV_MAINT_DIRTY, dirty);
}

/* As many operations by address as the range has lines. */
static void over_range(struct machine *m, const struct cp_canon *c, uint32_t last, uint32_t first,
		       bool keep_dirty)
{
	unsigned line = c->side & SIDE_D ? m->cfg.l1d.line_bytes : m->cfg.l1i.line_bytes;
	struct cp_range r = cp_operand_range(last, first, line);
	struct cp_canon one = *c;

	one.scope = SCOPE_MVA;
	for (uint64_t i = 0; i < r.lines; i++)
		host_cache_op(m, &one, r.first + (uint32_t)i * line, keep_dirty);
}

static void cache_step(struct machine *m, const struct cp_canon *ask, const struct seq_step *s,
		       const struct cp_canon *c, const uint32_t operand[2], bool keep_dirty)
{
	if (ask->scope == SCOPE_RANGE && c->scope != SCOPE_ALL) {
		over_range(m, c, operand[0], operand[1], keep_dirty);
	} else if (s->cost_count == SEQ_PER_LINE) {
		sweep(m, s, c->clean || keep_dirty, c->inval);
		if (c->side & SIDE_I && m->l1i)
			cache_inval_all(m->l1i);
	} else if (c->scope == SCOPE_WAY) {
		by_set_and_way(m, c, operand[0], keep_dirty);
	} else {
		host_cache_op(m, c, operand[0], keep_dirty);
	}
}

/* --- operations ----------------------------------------------------------------------- */

static void step(struct machine *m, const struct cp_canon *ask, const struct seq_step *s,
		 const struct cp_canon *c, const uint32_t operand[2], bool keep_dirty)
{
	switch (s->kind == SEQ_LOAD ? (unsigned)CP_ALLOCATE : c->op) {
	case CP_TLBI_ALL:
		host_tlb_inval_all(m, c->side);
		charge(m, EV_MAINT_TLB_ALL, 1);
		break;
	case CP_TLBI_MVA:
	case CP_TLBI_MVAA: tlbi_mva(m, c, operand[0]); break;
	case CP_TLBI_ASID: tlbi_asid(m, c, operand[0]); break;
	case CP_CACHE: cache_step(m, ask, s, c, operand, keep_dirty); break;
	case CP_TESTCLEAN: host_test_clean(m, c->inval); break;
	case CP_ALLOCATE: make_room(m, ask, s, operand[0]); break;
	case CP_DRAIN:
		wbuf_drain(&m->wb);
		charge(m, EV_MAINT_DRAIN, 1);
		break;
	case CP_PREFETCH_I:
		charge(m, EV_MAINT_OP, 1);
		host_prefetch_line(m, gva(operand[0]));
		break;
	case CP_LOCK_LINE:
	case CP_LOCK_MODE:
	case CP_UNLOCK_CACHE:
		charge(m, EV_MAINT_OP, 1);
		host_lock_lines(m, c, operand[0]);
		break;
	case CP_LOCK_ENTRY:
		host_lock_entry(m, c->side, gva(operand[0]));
		charge(m, EV_MAINT_OP, 1);
		break;
	case CP_UNLOCK_TLB:
		host_lock_release(m, c->side);
		charge(m, EV_MAINT_OP, 1);
		break;
	default:
		charge(m, EV_MAINT_OP, 1);
		break;
	}
}

bool host_operation(struct machine *m, const struct cp_canon *ask, uint32_t operand,
		    uint32_t operand2, bool keep_dirty)
{
	const uint32_t both[2] = { operand, operand2 };
	const struct host_sequence *h;

	if (ask->op < CP_TLBI_ALL || ask->op > CP_UNLOCK_TLB)
		return false;
	h = resolve(m, ask);
	for (unsigned i = 0; h->exists && i < h->seq.nstep; i++)
		step(m, ask, &h->seq.step[i], &h->step[i], both, keep_dirty);
	return h->exists;
}

/* Whose entries an operation of the monitor is about. */
struct own { enum cp_op op; gva_t mva; bool tagged; uint8_t asid; };

static void own_step(struct machine *m, const struct own *o, const struct cp_canon *c)
{
	bool by_asid = o->op == CP_TLBI_ASID && m->arch.asid;

	if (c->op == CP_TLBI_ALL || (o->op != CP_TLBI_MVA && !by_asid)) {
		host_tlb_inval_all(m, c->side);
		charge(m, EV_HTLBI_ALL, 1);
		return;
	}
	if (by_asid)
		host_tlb_inval_asid(m, c->side, o->asid);
	else if (o->tagged && m->arch.asid)
		host_tlb_inval_mva_asid(m, c->side, o->mva, o->asid);
	else
		host_tlb_inval_mva(m, c->side, o->mva);
	charge(m, by_asid ? EV_HTLBI_ASID : EV_HTLBI_MVA, 1);
}

static void own_tlbi(struct machine *m, struct own o)
{
	const struct cp_canon ask = { .op = (uint8_t)o.op, .side = SIDE_BOTH };
	const struct host_sequence *h = resolve(m, &ask);

	assert(h->exists);
	for (unsigned i = 0; i < h->seq.nstep; i++)
		own_step(m, &o, &h->step[i]);
}

void host_own_tlbi_mva(struct machine *m, gva_t mva)
{
	own_tlbi(m, (struct own){ .op = CP_TLBI_MVA, .mva = mva });
}

void host_own_tlbi_all(struct machine *m)
{
	own_tlbi(m, (struct own){ .op = CP_TLBI_ALL });
}

void host_own_tlbi_mva_asid(struct machine *m, gva_t mva, uint8_t asid)
{
	own_tlbi(m, (struct own){ CP_TLBI_MVA, mva, true, asid });
}

void host_own_tlbi_asid(struct machine *m, uint8_t asid)
{
	own_tlbi(m, (struct own){ .op = CP_TLBI_ASID, .asid = asid });
}
