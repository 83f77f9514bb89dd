/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/params.h"
#include "models/cpu/cpu.h"
#include "models/tlb/walk2d.h"
#include "models/tlb/walk_cache.h"

static const char *const policies[] = { "lru", "fifo", "random", "plru", NULL };
static const char *const kinds[] = { "vivt", "vipt", "pipt", NULL };
static const char *const hv_vectors_at[] = { "overlay", "low", NULL };
static const char *const hv_memories[] = { "simulated", "flat", NULL };
static const char *const maps[] = { "contiguous", "offset", "fragmented", NULL };
static const char *const cpus[] = { "hypercall", "free", NULL };
static const char *const testcleans[] = { "coalesced", "looped", NULL };
static const char *const vivts[] = { "execute", "drop", NULL };
static const char *const ldrts[] = { "trap", "window", "copy", "ignore", NULL };
static const char *const writes[] = { "back", "through", NULL };
static const char *const allocates[] = { "read", "read-write", NULL };
static const char *const tlb_locks[] = { "part", "base", "pointer", NULL };
static const char *const line_locks[] = { "none", "ways", "ways0", "index", "lines", NULL };
static const char *const sees[] = { "memory", "l2", "l1", NULL };
static const char *const merges[] = { "burst", "newest", "any", NULL };
static const char *const switches[] = { "off", "on", NULL };

#define NUM(name, member, lo, hi, p2, help) \
	PARAM_NUM(struct host_config, name, member, lo, hi, p2, help)
#define WORD(name, member, list, help) PARAM_WORD(struct host_config, name, member, list, help)
#define FEATURE(id, name, text) WORD("feature." name, feature[FEATURE_##id], switches, text),

/* Sorted by name: the order of the canonical configuration. */
const struct param config_keys[] = {
	NUM("coalesce", coalesce, 0, 16, false, "instructions of the guest's kernel behind a trap in which "
	    "another one is met without an exit; 0: each is an exit"),
	WORD("cpu", cpu, cpus, "how sensitive instructions reach the hypervisor: patched "
	     "hypercalls, or free (isolates the MMU)"),
	NUM("dtlb.entries", dtlb.entries, 0, 4096, false, "data TLB entries; 0: the TLB is unified"),
	WORD("dtlb.policy", dtlb.policy, policies, "data TLB replacement"),
	NUM("dtlb.ways", dtlb.ways, 1, 4096, false, "data TLB ways"),
	FEATURE_LIST(FEATURE)
	NUM("hv.dlines", hv_dlines, 0, 64, false, "hypervisor data lines touched an exit"),
	NUM("hv.ilines", hv_ilines, 0, 64, false, "hypervisor code lines touched an exit"),
	WORD("hv.memory", hv_memory, hv_memories, "hypervisor accesses through caches and TLB, "
	     "or flat (closed forms)"),
	WORD("hv.vectors", hv_vectors, hv_vectors_at, "the hypervisor's own vectors: over the guest's high ones, or low, where the "
	     "guest's accesses to the first megabyte are emulated"),
	NUM("hv.window", hv_window, 0, 0xfff00000u, false, "where the hypervisor's window lies in every shadow address "
	    "space, a multiple of 1 MB; guest accesses there are emulated"),
	NUM("hv.window-bytes", hv_window_bytes, 0x100000, 0xfff00000u, false, "size of that window, a multiple of 1 MB, of "
	    "which the first is in use"),
	NUM("itlb.entries", itlb.entries, 0, 4096, false, "instruction TLB entries; 0: the TLB is unified"),
	WORD("itlb.policy", itlb.policy, policies, "instruction TLB replacement"),
	NUM("itlb.ways", itlb.ways, 1, 4096, false, "instruction TLB ways"),
	WORD("l1d.allocate", l1d_allocate, allocates, "data cache misses that allocate a line, at most"),
	NUM("l1d.bytes", l1d.bytes, 0, 131072, true, "data cache size"),
	WORD("l1d.kind", l1d.kind, kinds, "data cache indexing"),
	NUM("l1d.line", l1d.line_bytes, 8, 128, true, "data cache line, bytes"),
	WORD("l1d.lock", l1d_lock, line_locks, "data cache lockdown: how lines are kept"),
	WORD("l1d.policy", l1d.policy, policies, "data cache replacement; random: SCTLR.RR of a "
	     "native guest may select fifo"),
	NUM("l1d.ways", l1d.ways, 1, 64, true, "data cache ways"),
	WORD("l1d.write", l1d_write, writes, "data cache writes: back where the page "
	     "allows it, or always through"),
	NUM("l1i.bytes", l1i.bytes, 0, 131072, true, "instruction cache size"),
	WORD("l1i.kind", l1i.kind, kinds, "instruction cache indexing"),
	NUM("l1i.line", l1i.line_bytes, 8, 128, true, "instruction cache line, bytes"),
	WORD("l1i.lock", l1i_lock, line_locks, "instruction cache lockdown: how lines are kept"),
	WORD("l1i.policy", l1i.policy, policies, "instruction cache replacement; random: as l1d.policy"),
	NUM("l1i.ways", l1i.ways, 1, 64, true, "instruction cache ways"),
	NUM("l2.bytes", l2.bytes, 0, 8388608, true, "outer cache size, physically indexed; 0: none"),
	NUM("l2.line", l2.line_bytes, 8, 128, true, "outer cache line, bytes"),
	WORD("l2.policy", l2.policy, policies, "outer cache replacement"),
	NUM("l2.ways", l2.ways, 1, 64, true, "outer cache ways"),
	WORD("ldrt", ldrt, ldrts, "LDRT and STRT under a hypervisor: a hypercall each, one before and one "
	     "behind a copy, one a copy, or run as they are (unsound)"),
	NUM("ldrt.gap", ldrt_gap, 1, 65536, false, "instructions without LDRT or STRT that end a copy"),
	WORD("map", map, maps, "machine map: guest memory at the same addresses, at an offset, or in "
	     "blocks in an order drawn by the seed"),
	NUM("map.base", map_base, 0, 0x80000000u, false, "offset of map=offset, a multiple of 1 MB"),
	NUM("map.block", map_block, FRAME_BYTES, SECTION_BYTES, true, "block of map=fragmented, bytes"),
	NUM("minid.bytes", minid.bytes, 0, 8192, true, "mini data cache size; 0: none"),
	NUM("minid.line", minid.line_bytes, 8, 128, true, "mini data cache line, bytes"),
	WORD("minid.policy", minid.policy, policies, "mini data cache replacement"),
	NUM("minid.ways", minid.ways, 1, 64, true, "mini data cache ways"),
	NUM("ntlb.entries", ntlb_entries, 0, WALK2D_MAX, false, "two stages: nested TLB, intermediate to machine "
	    "address; 0: none"),
	WORD("testclean", testclean, testcleans, "test-and-clean loop under a hypervisor: one trap, "
	     "or one a dirty line"),
	NUM("tlb.entries", tlb.entries, 0, 4096, false, "main TLB entries; 0: it is split, see itlb and dtlb"),
	WORD("tlb.lock", tlb_lock, tlb_locks, "TLB lockdown: in a part of its own, below "
	     "a base, or by a lock pointer"),
	NUM("tlb.locked", tlb.locked, 0, 8, false, "lockdown entries"),
	WORD("tlb.policy", tlb.policy, policies, "main TLB replacement"),
	NUM("tlb.ways", tlb.ways, 1, 4096, false, "main TLB ways; equal to tlb.entries: fully associative"),
	NUM("utlb.entries", utlb.entries, 0, 64, false, "micro-TLB entries a side; 0: none"),
	WORD("utlb.policy", utlb.policy, policies, "micro-TLB replacement"),
	NUM("utlb.ways", utlb.ways, 1, 64, false, "micro-TLB ways"),
	WORD("vivt", vivt, vivts, "flushes of whole caches by a guest made for VIVT caches, under a hypervisor: "
	     "carried out, or dropped where tags are physical"),
	NUM("walk.entries", walk_entries, 0, WALK_CACHE_MAX, false, "cache of partial walks, first-level words; 0: none"),
	WORD("walk.nested", walk_nested, switches, "two stages: the cache of partial walks holds words of "
	     "stage 2, too"),
	WORD("walk.sees", walk_sees, sees, "caches that a hardware walk reads through"),
	NUM("wb.drain", wb_drain, 1, 1024, false, "accesses for one write-buffer entry to drain"),
	NUM("wb.entries", wb_entries, 0, 64, false, "write buffer addresses; 0: none"),
	WORD("wb.merge", wb_merge, merges, "stores that share a write-buffer entry: words "
	     "of a block transfer, the newest's 16 bytes, any entry's"),
	NUM("wb.words", wb_words, 1, 1024, false, "write buffer data words, at least wb.entries"),
};
const unsigned config_key_count = sizeof(config_keys) / sizeof(config_keys[0]);

/* A split main TLB or a unified one, not both, not neither; micro-TLBs only before a unified. */
static enum err check_tlbs(const struct host_config *c, struct diag *d)
{
	bool split = c->itlb.entries && c->dtlb.entries;
	unsigned full = split ? c->itlb.ways == c->itlb.entries && c->dtlb.ways == c->dtlb.entries
			      : c->tlb.ways == c->tlb.entries;

	if (!c->itlb.entries != !c->dtlb.entries)
		return diag_set(d, ERR_CONFIG, "itlb.entries: %u with dtlb.entries %u; want both, or "
				"neither and a unified tlb", c->itlb.entries, c->dtlb.entries);
	if (!split && !c->tlb.entries)
		return diag_set(d, ERR_CONFIG, "tlb.entries: 0; want at least 1, or both itlb.entries "
				"and dtlb.entries");
	if (split && c->tlb.entries)
		return diag_set(d, ERR_CONFIG, "tlb.entries: %u beside itlb and dtlb; want 0 (small TLBs "
				"before a unified one are utlb)", c->tlb.entries);
	if (split && c->tlb.locked)
		return diag_set(d, ERR_CONFIG, "tlb.locked: %u entries beside itlb and dtlb, which have no such "
				"part; want 0", c->tlb.locked);
	if (split && c->utlb.entries)
		return diag_set(d, ERR_CONFIG, "utlb.entries: %u before a split TLB; want 0",
				c->utlb.entries);
	if (c->utlb.entries && c->utlb.ways != c->utlb.entries)
		return diag_set(d, ERR_CONFIG, "utlb.ways: %u of %u entries; micro-TLBs are fully "
				"associative: want %u", c->utlb.ways, c->utlb.entries, c->utlb.entries);
	if (c->tlb.locked && c->tlb_lock != HOST_TLB_PART)
		return diag_set(d, ERR_CONFIG, "tlb.locked: %u with tlb.lock=%s, which locks entries of "
				"the TLB itself; want 0", c->tlb.locked, tlb_locks[c->tlb_lock]);
	if (c->tlb_lock != HOST_TLB_PART && !full)
		return diag_set(d, ERR_CONFIG, "tlb.lock: %s in a TLB that is not fully associative; want "
				"part", tlb_locks[c->tlb_lock]);
	return ERR_OK;
}

static enum err check_caches(const struct host_config *c, struct diag *d)
{
	enum err e;

	if (c->minid.bytes && (!c->l1d.bytes || c->minid.line_bytes != c->l1d.line_bytes))
		return diag_set(d, ERR_CONFIG, "minid.bytes: %u beside a data cache of %u bytes with other "
				"lines; want lines of the same length, or 0", c->minid.bytes, c->l1d.bytes);
	e = outer_check(&c->l1d, &c->l2, "l2", d);
	if (!e)
		e = outer_check(&c->l1i, &c->l2, "l2", d);
	if (e)
		return e;
	if (c->walk_sees == WALK_SEES_L2 && !c->l2.bytes)
		return diag_set(d, ERR_CONFIG, "walk.sees: l2, but l2.bytes is 0; want memory%s",
				c->l1d.bytes ? " or l1" : "");
	if (c->walk_sees == WALK_SEES_L1 && !c->l1d.bytes)
		return diag_set(d, ERR_CONFIG, "walk.sees: l1, but l1d.bytes is 0; want memory%s",
				c->l2.bytes ? " or l2" : "");
	if (c->feature[FEATURE_WALK_CACHE] != (c->walk_entries != 0))
		return diag_set(d, ERR_CONFIG, "feature.walk-cache: %s with walk.entries=%u; want on exactly with "
				"at least 1 entry", switches[c->feature[FEATURE_WALK_CACHE]], c->walk_entries);
	if (c->walk_nested && !c->walk_entries)
		return diag_set(d, ERR_CONFIG, "walk.nested: on with walk.entries=0; want off, or at least 1 "
				"entry");
	if (c->feature[FEATURE_COHERENT] != (c->walk_sees == WALK_SEES_L1))
		return diag_set(d, ERR_CONFIG, "feature.coherent-walk: %s with walk.sees=%s; want on exactly "
				"with l1", switches[c->feature[FEATURE_COHERENT]], sees[c->walk_sees]);
	return config_check_features(c, d);
}

/* Entries of a buffer that merges by address are blocks of 16 bytes: their words are no choice. */
static enum err check_buffer(const struct host_config *c, struct diag *d)
{
	uint32_t words = c->wb_entries << (WBUF_BLOCK_LOG2 - 2);

	if (c->wb_entries && c->wb_merge != HOST_MERGE_BURST && c->wb_words != words)
		return diag_set(d, ERR_CONFIG, "wb.words: %u with wb.merge=%s, whose entries have 4 words "
				"each; want %u", c->wb_words, merges[c->wb_merge], words);
	return wbuf_check(c->wb_entries, c->wb_words, c->wb_drain, c->wb_merge, "wb", d);
}

/* Everything is legal that is mapped by whole first-level words. The megabyte of the hypervisor's vectors is its own in
 * any case, and may be in the window if it is the last. */
static enum err check_window(const struct host_config *c, struct diag *d)
{
	const uint32_t mb = 0x100000, high = 0xfff00000, room = 0u - c->hv_window;

	if (c->hv_window % mb)
		return diag_set(d, ERR_CONFIG, "hv.window: 0x%08x is no multiple of 1 MB; want 0x%08x, or another "
				"one up to 0xfff00000", c->hv_window, c->hv_window & ~(mb - 1));
	if (c->hv_window_bytes % mb)
		return diag_set(d, ERR_CONFIG, "hv.window-bytes: %u is no multiple of 1 MB; want %u", c->hv_window_bytes,
				c->hv_window_bytes & ~(mb - 1));
	if (c->hv_window_bytes - 1 > room - 1)
		return diag_set(d, ERR_CONFIG, "hv.window-bytes: %u from hv.window=0x%08x on pass the last address; want "
				"at most %u, or hv.window at most 0x%08x", c->hv_window_bytes, c->hv_window, room,
				0u - c->hv_window_bytes);
	if (c->hv_vectors == HV_VECTORS_LOW && (!c->hv_window || c->hv_window_bytes > high - c->hv_window))
		return diag_set(d, ERR_CONFIG, "hv.vectors: low with %u bytes of window from hv.window=0x%08x on, which "
				"cover %s; want them from 0x00100000 to 0xffefffff, or hv.vectors=overlay",
				c->hv_window_bytes, c->hv_window, c->hv_window ? "the high vectors, which low leaves to "
				"the guest" : "the low vectors themselves");
	return ERR_OK;
}

_Static_assert((int)HOST_LINE_WAYS == CACHE_LOCK_WAYS && (int)HOST_LINE_WAYS0 == CACHE_LOCK_WAYS0 &&
	       (int)HOST_LINE_INDEX == CACHE_LOCK_INDEX && (int)HOST_LINE_LINES == CACHE_LOCK_LINES,
	       "one meaning of l1i.lock, l1d.lock");
_Static_assert((int)HOST_MERGE_BURST == WBUF_BURST && (int)HOST_MERGE_NEWEST == WBUF_NEWEST &&
	       (int)HOST_MERGE_ANY == WBUF_ANY, "one meaning of wb.merge");

void config_settle(struct host_config *c)
{
	if (c->itlb.entries && c->dtlb.entries)
		c->tlb.locked = 0;
}

enum err config_check(const struct host_config *c, struct diag *d)
{
	const struct { const struct tlb_geom *g; const char *name; } tlbs[] = {
		{ &c->tlb, "tlb" }, { &c->itlb, "itlb" }, { &c->dtlb, "dtlb" }, { &c->utlb, "utlb" },
	};
	const struct { const struct cache_geom *g; const char *name; } caches[] = {
		{ &c->l1i, "l1i" }, { &c->l1d, "l1d" }, { &c->minid, "minid" }, { &c->l2, "l2" },
	};
	enum err e = ERR_OK;

	for (unsigned i = 0; !e && i < sizeof(tlbs) / sizeof(tlbs[0]); i++)
		if (tlbs[i].g->entries)
			e = tlb_geom_check(tlbs[i].g, tlbs[i].name, d);
	for (unsigned i = 0; !e && i < sizeof(caches) / sizeof(caches[0]); i++)
		if (caches[i].g->bytes)
			e = cache_geom_check(caches[i].g, caches[i].name, d);
	if (!e)
		e = check_window(c, d);
	if (!e)
		e = check_tlbs(c, d);
	if (!e)
		e = check_caches(c, d);
	if (!e)
		e = check_buffer(c, d);
	if (!e && c->map_base & (SECTION_BYTES - 1))
		e = diag_set(d, ERR_CONFIG, "map.base: 0x%08x is not a multiple of 1 MB", c->map_base);
	return e;
}
