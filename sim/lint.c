/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lint's life and its hooks; what is checked: lint_cache.c, lint_tlb.c. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/tlb/tlb_hot.h"
#include "sim/host_tlb.h"
#include "sim/lint_inside.h"

/* What lint keeps no books of, as a parameter; NULL: it knows all there is. */
static const char *unwatched(const struct machine *m)
{
	static const struct cp_canon allocate = { .op = CP_ALLOCATE, .side = SIDE_D };

	if (m->cfg.l2.bytes && m->cfg.walk_sees == WALK_SEES_MEMORY)
		return "l2.bytes: an outer cache that walks do not see";        /* L2 counts as memory */
	if (m->cfg.tlb_lock == HOST_TLB_POINTER)
		return "tlb.lock=pointer: entries translated and locked by an operation";
	if (cp_map_encode(m->cp, &allocate))
		return "-c: a core that allocates lines without a store";
	if (m->walk_cache.entries)
		return "walk.entries: a cache of partial walks";
	return m->cfg.minid.bytes ? "minid.bytes: a mini data cache" : NULL;
}

static enum err watch_tlbs(struct machine *m, struct diag *d)
{
	struct lint *li = m->lint;
	bool v6 = mmu_is_v6(&m->arch);
	enum err e;

	if (!host_tlb_is_split(m))
		return lint_tlb_init(&li->tlb[li->ntlb++], m->tlb, SIDE_BOTH, v6, d);
	e = lint_tlb_init(&li->tlb[li->ntlb++], m->itlb, SIDE_I, v6, d);
	return e ? e : lint_tlb_init(&li->tlb[li->ntlb++], m->tlb, SIDE_D, v6, d);
}

enum err lint_create(struct machine *m, const uint64_t *record, unsigned max, struct diag *d)
{
	const char *not = unwatched(m);
	struct lint *li;
	enum err e;

	if (m->g.identity)
		return diag_set(d, ERR_CONFIG, "--lint: an imported stream has no maintenance, barriers or tables "
				"to check; want a captured trace");
	if (not)
		return diag_set(d, ERR_CONFIG, "--lint: %s is not watched yet; choose another host (-c, "
				"--set)", not);
	li = m->lint = calloc(1, sizeof(*li));
	if (!li)
		return diag_set(d, ERR_NOMEM, "out of memory");
	li->record = record;
	li->max = max;
	history_init(&li->words, m->g.v6);
	li->report.shown = calloc((size_t)FINDINGS * max + 1, sizeof(*li->report.shown));
	e = li->report.shown ? ERR_OK : diag_set(d, ERR_NOMEM, "out of memory");
	if (!e)
		e = watch_tlbs(m, d);
	if (!e)
		e = lint_cache_init(&li->i, m->l1i, true, d);
	if (!e)
		e = lint_cache_init(&li->d, m->l1d, false, d);
	lint_watch_port(m);
	return e;
}

void lint_destroy(struct machine *m)
{
	struct lint *li = m->lint;

	if (!li)
		return;
	lint_versions_free(li);
	for (unsigned i = 0; i < li->ntlb; i++) {
		history_free(&li->tlb[i].ops);
		free(li->tlb[i].filled_at);
	}
	free(li->i.line);
	free(li->i.version);
	free(li->d.line);
	free(li->d.version);
	free(li->report.shown);
	free(li);
	m->lint = NULL;
}

const struct lint_report *lint_report_of(const struct machine *m)
{
	return &m->lint->report;
}

void lint_find(struct machine *m, enum finding f, enum lint_origin o, uint32_t mva, uint32_t pa,
	       const char *fmt, ...)
{
	struct lint_report *r = &m->lint->report;
	struct lint_occurrence *s = &r->shown[r->nshown];
	va_list ap;

	r->n[f][o]++;
	if (r->n[f][LINT_GUEST] + r->n[f][LINT_MONITOR] > m->lint->max)
		return;
	*s = (struct lint_occurrence){ .finding = (uint8_t)f, .origin = (uint8_t)o,
				       .record = *m->lint->record, .mva = mva, .pa = pa };
	va_start(ap, fmt);
	vsnprintf(s->expected, sizeof(s->expected), fmt, ap);
	va_end(ap);
	r->nshown++;
}

/* --- hooks -------------------------------------------------------------------------------- */

static void settle(struct machine *m)
{
	lint_settle(m);
	lint_sync(m, &m->lint->i);
	lint_sync(m, &m->lint->d);
	m->lint->wb_stores = m->wb.stores;
	m->lint->wb_joined = m->wb.joined;
}

void lint_translated(struct machine *m, gva_t mva, enum access access, const struct translation *t)
{
	settle(m);
	if (m->s2 && t->stage2) {       /* it comes again, or is performed by the monitor */
		lint_tlb_note(m->lint);
		return;
	}
	lint_tlb_access(m, mva, access, t);
	m->lint->faulted = t->fs != FS_NONE;
}

void lint_access(struct machine *m, gva_t mva, enum access access, const struct translation *t)
{
	m->lint->faulted = false;
	lint_settle(m);
	lint_cache_access(m, mva, access, t);
	m->lint->wb_stores = m->wb.stores;
	m->lint->wb_joined = m->wb.joined;
}

enum err lint_finish(struct machine *m, struct diag *d)
{
	const struct lint *li = m->lint;
	bool failed = li->failed || li->words.failed;

	settle(m);
	for (unsigned i = 0; i < li->ntlb; i++)
		failed |= li->tlb[i].ops.failed;
	if (failed)
		return diag_set(d, ERR_NOMEM, "--lint: out of memory");
	if (li->clock > UINT32_MAX)
		return diag_set(d, ERR_CONFIG, "--lint: more than %u stores and TLB operations; cut "
				"the trace ('shadewalk trace cut')", UINT32_MAX);
	return ERR_OK;
}

static void drained(struct machine *m)
{
	lint_settle(m);
	if (m->wb.used || m->lint->npending)
		lint_find(m, FINDING_I15, lint_by_access(m), 0, m->lint->npending
			  ? m->lint->pending[0].pa : 0, "an empty write buffer; %u entries, %zu "
			  "stores", m->wb.used, m->lint->npending);
}

/* TLB operations and DACR that the hardware carries out itself. */
static void native_cp(struct machine *m, const struct guest_event *e)
{
	bool tagged = m->arch.asid && e->canon.op == CP_TLBI_MVA &&
		      e->canon.operand == OPERAND_MVA_ASID;
	unsigned side = e->canon.side;

	switch (e->canon.op) {
	case CP_TLBI_ALL:
		lint_tlbi_all(m, side);
		break;
	case CP_TLBI_MVA:
	case CP_TLBI_MVAA:
		lint_tlbi_mva(m, side, gva(e->new), tagged, cp_operand_asid(e->new));
		break;
	case CP_TLBI_ASID:
		if (m->arch.asid)
			lint_tlbi_asid(m, side, cp_operand_asid(e->new));
		else
			lint_tlbi_all(m, side);
		break;
	case CP_ASID:           /* a host without ASIDs lets the TLB go with the address space */
		if (e->write && !m->arch.asid && (e->old ^ e->new) & 0xff)
			lint_tlbi_all(m, SIDE_BOTH);
		break;
	case CP_DACR:
		if (e->write && lint_tlb_dropped(m->lint))
			lint_find(m, FINDING_I14, LINT_GUEST, 0, 0, "no TLB entry dropped by a "
				  "write of DACR; %llu were", (unsigned long long)
				  lint_tlb_dropped(m->lint));
		break;
	default:
		break;
	}
}

void lint_cp(struct machine *m, const struct guest_event *e)
{
	if (e->canon.op == CP_DRAIN)
		drained(m);
	if (!m->ops->deprivileged)
		native_cp(m, e);
	lint_tlb_note(m->lint);
}
