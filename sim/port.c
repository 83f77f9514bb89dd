/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The strategy port: the only door from a strategy to the machine. Charges as it goes. */
#include "sim/host_ops.h"
#include "sim/host_tlb.h"
#include "sim/stage2.h"

#define M(ctx) ((struct machine *)(ctx))

static void port_charge(void *m, enum event e, uint64_t n)
{
	charge(M(m), e, n);
}

/* Reads guest tables as the hardware walker would, past L1 D (a VIVT alias would be stale). */
static void port_walk_guest(void *ctx, gva_t mva, struct walk *out)
{
	struct machine *m = ctx;

	guest_walk(&m->g, mva, out);
	charge(m, EV_SWWALK, 1);
	charge(m, EV_SWWALK_READ, out->levels);
}

static void port_read_guest(void *ctx, gva_t mva)
{
	if (M(ctx)->cfg.hv_memory == HV_SIMULATED)
		hv_access_guest(ctx, mva, ACCESS_READ);
}

/* A core that has no row: the longest line of any. SA-1110 empties its cache by loads. */
static uint32_t clean_line(const struct machine *m)
{
	const struct host_config *g = m->guest_row ? &m->guest_row->config : NULL;

	if (!g)
		return 64;
	if (!g->l1d.bytes || g->l1d_write == L1D_THROUGH || g->feature[FEATURE_COHERENT] ||
	    g->walk_sees == WALK_SEES_L1 || m->guest_cp == CP_CORE_SA1110)
		return 0;
	return g->l1d.line_bytes;
}

static bool port_is_memory(void *ctx, uint32_t gpa)
{
	return gpa - M(ctx)->ram_base < M(ctx)->ram_bytes;
}

static bool port_to_host(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa_out)
{
	return map_range(m, gpa, size_log2, hpa_out);
}

/* A walker that reads through L1 needs no clean. */
static void sync_lines(struct machine *m)
{
	if (m->cfg.feature[FEATURE_COHERENT])
		m->npending = 0;
	for (unsigned i = 0; i < m->npending; i++) {
		gva_t line = gva(m->port.window + m->pending[i]);
		bool dirty = m->cfg.hv_memory == HV_FLAT ||
			     host_publish(m, line, hpa(HV_HPA + m->pending[i]));

		charge(m, dirty ? EV_CLEAN_DIRTY : EV_CLEAN_CLEAN, 1);
	}
	m->npending = 0;
}

static void port_shadow_write(void *ctx, uint32_t offset, uint32_t word)
{
	struct machine *m = ctx;
	uint32_t line = offset & ~(m->cfg.l1d.line_bytes - 1u);

	mem_write(m->hv, HV_HPA + offset, word);
	if (m->cfg.hv_memory == HV_SIMULATED)
		hv_access(m, gva(m->port.window + offset), ACCESS_WRITE);
	for (unsigned i = m->npending; i-- > 0;)
		if (m->pending[i] == line)
			return;
	if (m->npending == sizeof(m->pending) / sizeof(m->pending[0]))
		sync_lines(m);
	m->pending[m->npending++] = line;
}

static void port_shadow_preset(void *m, uint32_t offset, uint32_t word)
{
	mem_write(M(m)->hv, HV_HPA + offset, word);
}

static uint32_t port_shadow_peek(void *m, uint32_t offset)
{
	uint32_t word = 0;

	mem_read(M(m)->hv, HV_HPA + offset, &word);
	return word;
}

static void port_shadow_sync(void *ctx)
{
	struct machine *m = ctx;
	bool tables = words_sync(m);

	if (!m->npending && !tables)
		return;
	sync_lines(m);
	wbuf_drain(&m->wb);
	charge(m, EV_DRAIN, 1);
}

static void port_host_tlbi_mva(void *ctx, gva_t mva)
{
	host_own_tlbi_mva(ctx, mva);
}

static void port_host_tlbi_all(void *ctx)
{
	host_own_tlbi_all(ctx);
}

static void port_host_tlbi_mva_asid(void *ctx, gva_t mva, uint8_t asid)
{
	host_own_tlbi_mva_asid(ctx, mva, asid);
}

static void port_host_tlbi_asid(void *ctx, uint8_t asid)
{
	host_own_tlbi_asid(ctx, asid);
}

/* SCTLR.RR of a native guest selects round robin where the core would pick at random; a policy
 * that was asked for stays. */
static void steer_policy(struct machine *m, struct cache *c, unsigned configured, uint32_t sctlr)
{
	if (!m->ops->deprivileged && c && configured == REPLACE_RANDOM)
		cache_set_policy(c, sctlr & SCTLR_RR ? REPLACE_FIFO : REPLACE_RANDOM);
}

static void port_host_set(void *ctx, enum host_reg r, uint32_t value)
{
	struct machine *m = ctx;

	switch (r) {
	case HOST_TTBR: m->ttbr = value; break;
	case HOST_DACR: m->dacr = value; break;
	case HOST_SCTLR:
		m->sctlr = value;
		steer_policy(m, m->l1i, m->cfg.l1i.policy, value);
		steer_policy(m, m->l1d, m->cfg.l1d.policy, value);
		if (m->s2)
			stage2_context(m);
		break;
	case HOST_ASID:
		m->asid = m->arch.asid ? (uint8_t)value : 0;
		host_tlb_set_context(m);
		return;
	}
	host_tlb_register(m);
}

void port_init(struct machine *m)
{
	m->port = (struct strategy_port){
		.window = m->cfg.hv_window, .window_bytes = m->cfg.hv_window_bytes,
		.vectors = m->cfg.hv_vectors == HV_VECTORS_LOW ? 0 : GUEST_VECTORS_VA,
		.m = m, .guest = &m->g, .host = &m->arch, .fine = m->cfg.feature[FEATURE_FINE],
		.clean_line = clean_line(m),
		.charge = port_charge,
		.walk_guest = port_walk_guest,
		.read_guest = port_read_guest,
		.to_host = port_to_host,
		.is_memory = port_is_memory,
		.shadow_write = port_shadow_write,
		.shadow_preset = port_shadow_preset,
		.shadow_peek = port_shadow_peek,
		.shadow_sync = port_shadow_sync,
		.host_tlbi_mva = port_host_tlbi_mva,
		.host_tlbi_all = port_host_tlbi_all,
		.host_tlbi_mva_asid = port_host_tlbi_mva_asid,
		.host_tlbi_asid = port_host_tlbi_asid,
		.host_set = port_host_set,
	};
	m->port.map_is_identity = m->cfg.map == MAP_CONTIGUOUS || (m->cfg.map == MAP_OFFSET && !m->cfg.map_base);
	words_port(&m->port);
	stage2_port(&m->port);
}
