/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/params.h"
#include "models/cpu/cpu.h"

static const char *const policies[] = { "lru", "fifo", "random", "plru", NULL };
static const char *const kinds[] = { "vivt", "vipt", "pipt", NULL };
static const char *const hv_memories[] = { "simulated", "flat", NULL };
static const char *const maps[] = { "contiguous", "offset", NULL };
static const char *const cpus[] = { "hypercall", "free", NULL };
static const char *const testcleans[] = { "coalesced", "looped", NULL };

#define NUM(name, member, lo, hi, p2, help) \
	PARAM_NUM(struct host_config, name, member, lo, hi, p2, help)
#define WORD(name, member, list, help) PARAM_WORD(struct host_config, name, member, list, help)

/* Sorted by name: the order of the canonical configuration. */
const struct param config_keys[] = {
	WORD("cpu", cpu, cpus, "how sensitive instructions reach the hypervisor: patched "
	     "hypercalls, or free (isolates the MMU)"),
	NUM("hv.dlines", hv_dlines, 0, 64, false, "hypervisor data lines touched an exit"),
	NUM("hv.ilines", hv_ilines, 0, 64, false, "hypervisor code lines touched an exit"),
	WORD("hv.memory", hv_memory, hv_memories, "hypervisor accesses through caches and TLB, "
	     "or flat (closed forms)"),
	NUM("l1d.bytes", l1d.bytes, 0, 131072, true, "data cache size"),
	WORD("l1d.kind", l1d.kind, kinds, "data cache indexing"),
	NUM("l1d.line", l1d.line_bytes, 8, 128, true, "data cache line, bytes"),
	WORD("l1d.policy", l1d.policy, policies, "data cache replacement; random: SCTLR.RR of a native guest may select fifo"),
	NUM("l1d.ways", l1d.ways, 1, 64, true, "data cache ways"),
	NUM("l1i.bytes", l1i.bytes, 0, 131072, true, "instruction cache size"),
	WORD("l1i.kind", l1i.kind, kinds, "instruction cache indexing"),
	NUM("l1i.line", l1i.line_bytes, 8, 128, true, "instruction cache line, bytes"),
	WORD("l1i.policy", l1i.policy, policies, "instruction cache replacement; random: as l1d.policy"),
	NUM("l1i.ways", l1i.ways, 1, 64, true, "instruction cache ways"),
	WORD("map", map, maps, "machine map: guest memory at the same addresses, or at an offset"),
	NUM("map.base", map_base, 0, 0x80000000u, false, "offset of map=offset, a multiple of 1 MB"),
	WORD("testclean", testclean, testcleans, "test-and-clean loop under a hypervisor: one trap, "
	     "or one a dirty line"),
	NUM("tlb.entries", tlb.entries, 1, 4096, false, "main TLB entries"),
	NUM("tlb.locked", tlb.locked, 0, 8, false, "lockdown entries"),
	WORD("tlb.policy", tlb.policy, policies, "main TLB replacement"),
	NUM("tlb.ways", tlb.ways, 1, 4096, false, "main TLB ways; equal to tlb.entries: fully associative"),
	NUM("wb.drain", wb_drain, 1, 1024, false, "accesses for one write-buffer entry to drain"),
	NUM("wb.entries", wb_entries, 0, 64, false, "write buffer addresses; 0: none"),
	NUM("wb.words", wb_words, 1, 1024, false, "write buffer data words, at least wb.entries"),
};
const unsigned config_key_count = sizeof(config_keys) / sizeof(config_keys[0]);

enum err config_check(const struct host_config *c, struct diag *d)
{
	enum err e = tlb_geom_check(&c->tlb, "tlb", d);

	if (!e && c->l1i.bytes)
		e = cache_geom_check(&c->l1i, "l1i", d);
	if (!e && c->l1d.bytes)
		e = cache_geom_check(&c->l1d, "l1d", d);
	if (!e && c->wb_words < c->wb_entries)
		e = diag_set(d, ERR_CONFIG, "wb.words: %u is less than wb.entries (%u)", c->wb_words,
			     c->wb_entries);
	if (!e && c->map_base & (SECTION_BYTES - 1))
		e = diag_set(d, ERR_CONFIG, "map.base: 0x%08x is not a multiple of 1 MB", c->map_base);
	return e;
}
