/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's translation, the obvious way: one TLB lookup an access, a walk on a miss. What follows is
 * in traffic.c, maintenance in maintain.c. Caches carry no data; the walker reads the newest value
 * (early visibility is always legal). Which caches the walker reads through is walk.sees.
 */
#include <stdio.h>
#include <string.h>

#include "sim/host_tlb.h"
#include "sim/lint.h"
#include "sim/stage2.h"

/* n: descriptors looked for; cached: the first was in the cache of partial walks. */
struct walker { struct machine *m; enum walk_sees sees; unsigned n; uint8_t served[2]; bool cached; };

/* Host physical address of a table's word. */
static hpa_t table_hpa(const struct machine *m, uint32_t addr)
{
	return hpa(m->g.identity ? IDENTITY_HPA + addr : addr);
}

static bool table_word(const struct machine *m, uint32_t addr, uint32_t *word)
{
	if (addr - HV_HPA < SECTION_BYTES)
		return mem_read(m->hv, addr, word);
	if (m->words)
		return words_read(m, addr, word);
	return guest_table_word(&m->g, addr, word);
}

/* A descriptor word as the hardware walker sees it. */
static bool walker_read(void *ctx, uint32_t addr, uint32_t *word)
{
	struct walker *k = ctx;
	struct machine *m = k->m;

	if (!k->n && walk_cache_find(&m->walk_cache, addr, word)) {
		k->cached = true;
		k->n++;
		return true;
	}
	m->tally.walk_refs++;
	if (!m->plain_walks)
		k->served[k->n & 1] = (uint8_t)host_walk_read(m, k->sees, table_hpa(m, addr));
	k->n++;
	return table_word(m, addr, word);
}

void host_walk_tables(const struct machine *m, gva_t mva, walk_read_fn read, void *ctx, struct walk *w)
{
	struct walk_regs r = { .ttbr0 = m->ttbr, .sctlr = m->sctlr, .ttbr1 = m->ttbr1,
			       .ttbcr = m->ttbcr };

	if (m->legacy)
		walk_v5(&r, mva, read, ctx, w);
	else
		walk_tables(&m->arch, &r, mva, read, ctx, w);
}

/* A fine table on a host without: the words say so, no register does. The tables are the guest's, or
 * those that its strategy made for its tiny pages, in words that are older than ARMv6's (XP = 0). */
void host_check_fine(struct machine *m, gva_t mva, const struct walk *w)
{
	enum { TYPE_FINE = 3 };
	bool older = m->ops->deprivileged ? mmu_format(&m->arch, m->sctlr) <= PT_V6_SUBPAGES
					  : mmu_format(m->g.arch, m->g.sctlr) <= PT_XSCALE;

	if (m->cfg.feature[FEATURE_FINE] || !w->levels || m->unfit.msg[0] ||
	    (w->l1 & 3) != TYPE_FINE || !older)
		return;
	snprintf(m->unfit.msg, sizeof(m->unfit.msg), "the host needs feature.fine: a fine table serves "
		 "MVA 0x%08x", mva.raw);
}

void host_hardware_walk(struct machine *m, gva_t mva, struct walk *w)
{
	static const enum event event[2][LEVEL_MEMORY + 1] = {
		{ EV_WALK1_IN_L1D, EV_WALK1_IN_L2, EV_WALK_L1 },
		{ EV_WALK2_IN_L1D, EV_WALK2_IN_L2, EV_WALK_L2 },
	};
	struct walker k = { .m = m, .served = { LEVEL_MEMORY, LEVEL_MEMORY } };

	if (!m->plain_walks)
		k.sees = host_walk_sees(m, mva);
	m->tally.walks++;
	host_walk_tables(m, mva, walker_read, &k, w);
	host_check_fine(m, mva, w);
	charge(m, EV_WALK, 1);
	if (k.cached)
		charge(m, EV_WALK1_CACHED, 1);
	else
		charge(m, event[0][k.served[0]], w->levels >= 1);
	charge(m, event[1][k.served[1]], w->levels >= 2);
	if (w->levels >= 2 && !k.cached)
		walk_cache_fill(&m->walk_cache, w->l1_addr, w->l1);
}

/* An entry without its access flag faults while it is read, and is not kept (DDI 0211 6.9.4, DDI 0301H
 * 6.9.4: that is what makes setting the flag quick). */
static bool is_kept(const struct machine *m, const struct walk *w, gva_t mva, bool user,
		    enum access access)
{
	enum fault_status fs = w->fs ? (enum fault_status)w->fs
				     : host_check(m, w, mva, user, access);

	return !w->fs && fs != FS_AF_SECTION && fs != FS_AF_PAGE;
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
	e = host_tlb_lookup(m, mva, access);
	t->outlived = e && e->outlived;
	if (e) {
		t->w = e->w;
	} else {
		host_hardware_walk(m, mva, &t->w);
		if (is_kept(m, &t->w, mva, user, access))
			host_tlb_fill(m, mva, access, &t->w);
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
	if (m->s2)
		stage2_translate(m, mva, user, access, t);
	else
		translate(m, mva, user, access, t);
	if (m->lint)
		lint_translated(m, mva, access, t);
}

static bool quiet_read(void *ctx, uint32_t addr, uint32_t *word)
{
	struct walker *k = ctx;
	struct machine *m = k->m;

	if (!k->n++ && walk_cache_find(&m->walk_cache, addr, word))
		return true;
	return table_word(m, addr, word);
}

bool host_where(struct machine *m, const struct tlb *tlb, gva_t mva, struct translation *t)
{
	const struct tlb_entry *e = tlb_peek(tlb, mva);
	struct walker k = { .m = m };

	if (m->s2)
		return stage2_where(m, tlb, mva, t);
	memset(t, 0, sizeof(*t));
	t->pa = mva.raw;
	if (!(m->sctlr & SCTLR_M))
		return true;
	if (e)
		t->w = e->w;
	else
		host_walk_tables(m, mva, quiet_read, &k, &t->w);
	if (t->w.fs)
		return false;
	t->pa = walk_pa(&t->w, mva);
	t->cb = host_cb(m, &t->w);
	return true;
}

void host_walk_quietly(struct machine *m, gva_t mva, struct walk *w)
{
	struct walker k = { .m = m };

	host_walk_tables(m, mva, quiet_read, &k, w);
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

/* In the last megabyte, where guests of ARMv5 have nothing but the vectors, lines are taken for the guest's. */
bool hv_hides(const struct machine *m, gva_t mva)
{
	bool low = !vectors_are_covered(&m->port) && mva.raw < FRAME_BYTES;

	return low || (m->port.window != HV_WINDOW_VA && mva.raw - m->port.window < SECTION_BYTES);
}

void hv_access_guest(struct machine *m, gva_t mva, enum access access)
{
	if (hv_hides(m, mva))
		charge(m, EV_HV_READ_UNC, 1);   /* by its physical address */
	else
		hv_access(m, mva, access);
}
