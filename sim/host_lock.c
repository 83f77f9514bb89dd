/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLB lockdown of a native guest. A register means what the guest's core makes of it; it acts on a
 * host whose TLBs lock entries in the same way.
 *
 * part     c10,c0,0: victim [28:26], P [0] (ARM926EJ-S TRM DDI 0198D 2.3.12; ARM11 alike)
 * base     c10,c0,0 and 1, each its TLB: base from bit 31 down, victim below it, P [0]: six bits each
 *          on ARM920T and ARM922T (DDI 0151C, DDI 0184B), five on Cortex-A8 (DDI 0344 3.2.56)
 * pointer  operations of c10,c4 and c10,c8 (XScale core manual 3.4.3)
 */
#include "models/tlb/tlb_hot.h"
#include "sim/host_tlb.h"

/* On a host that locks as the guest's core does; of a core without a row nobody knows how. Under two stages
 * never: a core that has them has no TLB lockdown, and a locked entry may vanish. */
static bool acts(const struct machine *m, enum host_tlb_lock kind)
{
	const struct cpu_row *guest = m->guest_row;

	return !has_hypervisor(m) && m->cfg.tlb_lock == kind && guest &&
	       guest->config.tlb_lock == kind && (kind != HOST_TLB_PART || guest->config.tlb.locked);
}

struct words { uint32_t word[2]; unsigned n; };

static bool next_word(void *ctx, uint32_t addr, uint32_t *word)
{
	struct words *w = ctx;

	(void)addr;
	*word = w->word[w->n++ & 1];
	return true;
}

/* The entries themselves are known of kind part only; they outlived whatever came before. */
void host_lock_start(struct machine *m, const struct trace_header *h)
{
	struct walk_regs r = guest_walk_regs(&m->g);
	uint32_t value;

	r.sctlr |= SCTLR_M;
	if (trace_header_reg(h, KEY_TLB_LOCK, &value))
		host_lock_register(m, SIDE_D, value);
	if (trace_header_reg(h, KEY_TLB_LOCK_I, &value))
		host_lock_register(m, SIDE_I, value);
	if (!acts(m, HOST_TLB_PART))
		return;
	for (unsigned i = 0; i < h->nlocked && i < m->tlb->locked; i++) {
		struct words w = { { h->locked[i].l1, h->locked[i].l2 }, 0 };
		struct tlb_tag tag = { .asid = h->locked[i].asid };
		struct walk found;

		walk_tables(&m->arch, &r, gva(h->locked[i].mva), next_word, &w, &found);
		tag.ng = m->arch.asid && found.leaf.attr & PT_NG;
		if (found.fs == FS_NONE)
			tlb_fill_locked_tagged(m->tlb, i, gva(h->locked[i].mva), &found, tag);
	}
	if (h->nlocked)
		host_tlb_inval_all(m, SIDE_BOTH);
}

/* Fields that name no entry of this host (which has fewer than the guest's core): no effect,
 * assumption. */
static void set_base(struct machine *m, unsigned side, uint32_t value)
{
	const struct host_config *guest = &m->guest_row->config;
	unsigned entries = guest->dtlb.entries ? guest->dtlb.entries : guest->tlb.entries;
	unsigned bits = (unsigned)__builtin_ctz(entries);
	uint32_t base = value >> (32 - bits);
	uint32_t victim = value >> (32 - 2 * bits) & ((1u << bits) - 1);
	struct tlb_sides s = host_tlb_sides(m, side);

	for (unsigned i = 0; i < s.n; i++)
		if (base < s.tlb[i]->entries && victim < s.tlb[i]->entries)
			tlb_set_base(s.tlb[i], base, victim, value & 1);
}

/* A unified TLB has one register, that of data. */
void host_lock_register(struct machine *m, unsigned side, uint32_t value)
{
	if (!host_tlb_is_split(m) && !(side & SIDE_D))
		return;
	if (acts(m, HOST_TLB_PART))
		m->tlb_lock = value;
	else if (acts(m, HOST_TLB_BASE))
		set_base(m, side, value);
}

/* With P set a walk goes into the lockdown part, whose victim moves on (DDI 0198D 2.3.11). */
const struct tlb_entry *host_lock_fill(struct machine *m, gva_t mva, const struct walk *w,
				       struct tlb_tag tag)
{
	unsigned victim = m->tlb_lock >> 26 & 7;

	if (!(m->tlb_lock & 1) || victim >= m->tlb->locked)
		return NULL;
	m->tlb_lock = (m->tlb_lock & ~(7u << 26)) | ((victim + 1) & 7) << 26;
	return tlb_fill_locked_tagged(m->tlb, victim, mva, w, tag);
}

/* The walk is one more than the TLB's misses. One that fails locks nothing: the trace has its abort. */
void host_lock_entry(struct machine *m, unsigned side, gva_t mva)
{
	struct tlb_sides s = host_tlb_sides(m, side);
	struct walk w;

	if (!acts(m, HOST_TLB_POINTER) || !(m->sctlr & SCTLR_M))
		return;
	m->tally.lock_walks++;
	host_hardware_walk(m, mva, &w);
	for (unsigned i = 0; i < s.n && w.fs == FS_NONE; i++)
		tlb_fill_lock(s.tlb[i], mva, &w, host_tlb_tag(m, &w));
	host_tlb_flush_micro(m);
}

void host_lock_release(struct machine *m, unsigned side)
{
	struct tlb_sides s = host_tlb_sides(m, side);

	for (unsigned i = 0; acts(m, HOST_TLB_POINTER) && i < s.n; i++)
		tlb_unlock(s.tlb[i]);
	host_tlb_flush_micro(m);
}
