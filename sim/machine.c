/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/host_ops.h"
#include "sim/host_tlb.h"
#include "sim/legality.h"
#include "sim/lint.h"
#include "sim/stage2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Smallest page, or less where lines are shorter: all of both are powers of two. */
static uint32_t span_of(const struct cache_geom *c)
{
	return c->bytes && c->line_bytes < GRANULE_BYTES ? c->line_bytes : GRANULE_BYTES;
}

/* A cache of one way has nothing to lock. */
static void set_lock(struct cache *c, uint32_t lock)
{
	if (c && cache_ways(c) > 1)
		cache_set_lock(c, (enum cache_lock)lock);
}

static enum err make_models(struct machine *m, const struct cpu_row *row, struct diag *d)
{
	const struct host_config *c = &m->cfg;
	enum err e = host_tlb_create(m, row, d);

	if (!e && c->l1i.bytes)
		e = cache_create(&m->l1i, &c->l1i, c->seed, "l1i", d);
	if (!e && c->l1d.bytes)
		e = cache_create(&m->l1d, &c->l1d, c->seed, "l1d", d);
	if (!e && c->minid.bytes)
		e = cache_create(&m->minid, &c->minid, c->seed, "minid", d);
	if (!e && c->l2.bytes)
		e = cache_create(&m->outer.l2, &c->l2, c->seed, "l2", d);
	m->outer.castout_allocates = true;      /* an evicted line is kept: assumption */
	if (!e) {
		set_lock(m->l1i, c->l1i_lock);
		set_lock(m->l1d, c->l1d_lock);
	}
	if (c->wb_merge == HOST_MERGE_BURST)
		wbuf_init(&m->wb, c->wb_entries, c->wb_words, c->wb_drain);
	else
		wbuf_init_merging(&m->wb, c->wb_entries, c->wb_drain, (enum wbuf_merge)c->wb_merge);
	if (!e && !(m->hv = mem_create()))
		e = diag_set(d, ERR_NOMEM, "out of memory");
	for (uint32_t a = 0; !e && a < SECTION_BYTES; a += FRAME_BYTES)
		if (!mem_add(m->hv, HV_HPA + a))
			e = diag_set(d, ERR_NOMEM, "out of memory");
	return e;
}

/* A native machine has the guest's registers. */
static void take_registers(struct machine *m)
{
	if (m->ops->deprivileged) {
		machine_check_fit(m);
		return;
	}
	m->ttbr1 = m->g.ttbr1;
	m->ttbcr = m->g.ttbcr;
	m->asid = m->arch.asid ? guest_asid(&m->g) : 0;
	host_tlb_set_context(m);
	machine_check_fit(m);
}

void machine_check_fit(struct machine *m)
{
	const struct mmu_arch *guest = m->g.arch, *host = &m->arch;
	bool on = m->g.sctlr & SCTLR_M;
	const char *needs = NULL;

	if (m->unfit.msg[0])
		return;
	if (on && mmu_is_v6(guest) && m->g.sctlr & SCTLR_EE)
		needs = "big-endian table words, which are not simulated: the guest sets SCTLR.EE";
	else if (m->g.fcse >> 25 && !m->cfg.feature[FEATURE_FCSE])
		needs = "feature.fcse: the guest has a PID in c13,c0,0";
	else if (m->ops->deprivileged)
		return;                 /* the monitor walks what the guest wrote, and writes its own */
	else if (on && (mmu_format(guest, m->g.sctlr) == PT_V6) !=
		       (mmu_format(host, m->g.sctlr) == PT_V6))
		needs = "the format of table words that SCTLR.XP selects for the guest";
	else if (on && guest->ttbcr && !host->ttbcr && m->g.ttbcr & 7)
		needs = "feature.ttbcr: the guest sets TTBCR.N";
	else if (on && guest->pd && !host->pd && m->g.ttbcr & 0x30)
		needs = "feature.pd: the guest sets TTBCR.PD0 or PD1";
	else if (on && mmu_access_flag(guest, m->g.sctlr) && !mmu_access_flag(host, m->g.sctlr))
		needs = "feature.afe: the guest sets SCTLR.AFE";
	if (needs)
		snprintf(m->unfit.msg, sizeof(m->unfit.msg), "the host needs %s", needs);
}

enum err machine_create(struct machine **out, const struct cpu_row *row,
			const struct host_config *cfg, const struct cost_set *costs,
			const struct strategy_ops *ops, void *params,
			const struct trace_header *h, struct diag *d)
{
	struct machine *m = calloc(1, sizeof(*m));
	enum err e;

	*out = NULL;
	if (!m) {
		free(params);
		return diag_set(d, ERR_NOMEM, "out of memory");
	}
	m->cfg = *cfg;
	m->costs = *costs;
	m->ops = ops;
	m->params = params;
	m->monitor.retries = 16;        /* a guest access completes long before */
	if (ops->monitor)
		ops->monitor(params, &m->monitor);
	m->origin = ORIGIN_KERNEL;
	if (h->nram) {
		m->ram_base = h->ram[0].base;
		m->ram_bytes = h->ram[0].bytes;
	}
	for (unsigned i = 0; i < EVENTS; i++)
		m->unit[i] = cost_unit(costs, (enum event)i, COST_NOMINAL);
	config_mmu(row, cfg, &m->arch);
	m->legacy = mmu_is_legacy(&m->arch);
	m->more_than_cb = m->arch.format[0] != PT_V5 || m->arch.format[1] != PT_V5 ||
			  cfg->l1d_allocate != L1D_READ || cfg->minid.bytes || cfg->l2.bytes;
	m->fetch_span = span_of(&cfg->l1i);
	m->data_span = span_of(&cfg->l1d);
	m->plain_walks = !cfg->l2.bytes && cfg->walk_sees == WALK_SEES_MEMORY;
	m->l2_in_core = row->l2_in_core;
	/* a plain core with the words of ARMv6 has its operations, too */
	m->cp = row->cp == CP_CORE_GENERIC_V5 && !strcmp(h->arch, "armv6") ? CP_CORE_GENERIC_V6 : row->cp;
	m->v6_core = !strcmp(row->arch, "armv6") || !strcmp(h->arch, "armv6");
	/* before ARMv6 an unaligned load is rotated; ARM11 does that with SCTLR.U clear, later cores never */
	m->rotates = ops->deprivileged && strcmp(h->arch, "armv6") != 0 &&
		     m->arch.unaligned == UNALIGNED_ALWAYS;
	m->guest_cp = cp_core_find(h->core, h->arch);
	m->guest_row = cpu_find(h->core);
	if (trace_header_is_import(h)) {        /* whatever the host is */
		m->guest_cp = m->cp;
		m->guest_row = row;
	}
	e = legality_check(&(struct legality_case){ row, cfg, &m->arch, ops, params, h }, &m->tag, d);
	if (!e)
		e = map_create(m, h, d);
	if (!e)
		e = trace_header_is_import(h) ? guest_init_import(&m->g, h, &m->arch, d)
					      : guest_init(&m->g, h, d);
	m->g.walks_cached = cfg->walk_entries && !m->ops->deprivileged;
	m->walk_cache.entries = cfg->walk_entries;
	if (!e)
		e = make_models(m, row, d);
	if (!e && ops->two_stage)
		e = stage2_create(m, d);
	if (!e)
		e = host_ops_create(m, d);
	if (!e && !(m->self = calloc(1, ops->state_bytes)))
		e = diag_set(d, ERR_NOMEM, "out of memory");
	if (!e) {
		port_init(m);
		take_registers(m);
		host_lock_start(m, h);
		host_lock_begin(m, h);
		e = ops->start(m->self, params, &m->port, d);
	}
	if (e) {
		machine_destroy(m);
		return e;
	}
	*out = m;
	return ERR_OK;
}

void machine_destroy(struct machine *m)
{
	if (!m)
		return;
	if (m->self && m->ops->stop)
		m->ops->stop(m->self);
	lint_destroy(m);
	free(m->self);
	free(m->params);
	guest_free(&m->g);
	stage2_destroy(m);
	host_tlb_destroy(m);
	host_ops_destroy(m);
	cache_destroy(m->l1i);
	cache_destroy(m->l1d);
	cache_destroy(m->minid);
	cache_destroy(m->outer.l2);
	mem_destroy(m->hv);
	mem_destroy(m->words);
	map_destroy(m);
	free(m);
}
