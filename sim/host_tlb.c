/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/host_tlb.h"

#include <assert.h>

#include "models/tlb/tlb_hot.h"

enum err host_tlb_create(struct machine *m, struct diag *d)
{
	const struct host_config *c = &m->cfg;
	bool split = c->itlb.entries;
	enum err e = tlb_create(&m->tlb, split ? &c->dtlb : &c->tlb, c->seed,
				split ? "dtlb" : "tlb", d);

	m->itlb = m->tlb;
	if (e || !split)
		return e;
	return tlb_create(&m->itlb, &c->itlb, c->seed, "itlb", d);
}

void host_tlb_destroy(struct machine *m)
{
	if (host_tlb_is_split(m))
		tlb_destroy(m->itlb);
	tlb_destroy(m->tlb);
}

/* The TLBs that an operation of a side is about. */
struct sides { struct tlb *tlb[2]; unsigned n; };

static struct sides sides_of(const struct machine *m, unsigned side)
{
	struct sides s = { .n = 0 };

	assert(side);
	if (!host_tlb_is_split(m) || side & SIDE_D)
		s.tlb[s.n++] = m->tlb;
	if (host_tlb_is_split(m) && side & SIDE_I)
		s.tlb[s.n++] = m->itlb;
	return s;
}

/* --- fills ---------------------------------------------------------------------------- */

/* With P set a walk goes into the lockdown part, whose victim moves on (DDI 0198D 2.3.11). An entry
 * that is not global gets the ASID of this moment (DDI 0100I B4.5). */
void host_tlb_fill(struct machine *m, gva_t mva, enum access access, const struct walk *w)
{
	struct tlb_tag tag = { .asid = m->asid, .ng = m->arch.asid && w->leaf.attr & PT_NG };
	unsigned victim = m->tlb_lock >> 26 & 7;

	if (!(m->tlb_lock & 1) || victim >= m->cfg.tlb.locked) {
		tlb_fill_tagged(host_tlb_of(m, access), mva, w, tag);
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

/* By address and ASID drop locked entries too. tag.ng: not of every ASID. */
static void forget_locked(struct machine *m, bool by_mva, uint32_t mva, struct tlb_tag of)
{
	for (unsigned i = 0; i < 8; i++) {
		struct tlb_tag t = m->locked_tag[i];
		unsigned size_log2 = m->locked[i].leaf.size_log2;
		bool its = !of.ng || (t.ng ? t.asid == of.asid : by_mva);

		if (m->locked[i].levels && its &&
		    (!by_mva || m->locked_mva[i] >> size_log2 == mva >> size_log2))
			m->locked[i].levels = 0;
	}
}

/* --- context and invalidation --------------------------------------------------------- */

void host_tlb_set_context(struct machine *m)
{
	struct sides s = sides_of(m, SIDE_BOTH);

	for (unsigned i = 0; i < s.n; i++)
		tlb_set_context(s.tlb[i], m->asid, 0);
}

void host_tlb_inval_all(struct machine *m, unsigned side)
{
	struct sides s = sides_of(m, side);

	for (unsigned i = 0; i < s.n; i++)
		tlb_inval_all(s.tlb[i]);
}

void host_tlb_inval_mva(struct machine *m, unsigned side, gva_t mva)
{
	struct sides s = sides_of(m, side);

	for (unsigned i = 0; i < s.n; i++)
		tlb_inval_mva(s.tlb[i], mva);
	forget_locked(m, true, mva.raw, (struct tlb_tag){ 0 });
}

void host_tlb_inval_mva_asid(struct machine *m, unsigned side, gva_t mva, uint8_t asid)
{
	struct sides s = sides_of(m, side);

	for (unsigned i = 0; i < s.n; i++)
		tlb_inval_mva_asid(s.tlb[i], mva, asid);
	forget_locked(m, true, mva.raw, (struct tlb_tag){ .asid = asid, .ng = true });
}

void host_tlb_inval_asid(struct machine *m, unsigned side, uint8_t asid)
{
	struct sides s = sides_of(m, side);

	for (unsigned i = 0; i < s.n; i++)
		tlb_inval_asid(s.tlb[i], asid);
	forget_locked(m, false, 0, (struct tlb_tag){ .asid = asid, .ng = true });
}

void host_tlb_void(struct machine *m)
{
	struct sides s = sides_of(m, SIDE_BOTH);

	for (unsigned i = 0; i < s.n; i++)
		s.tlb[i]->generation++;
}
