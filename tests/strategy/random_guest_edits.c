/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits that the random guest of ARMv5 makes to its tables. */
#if __has_include(<cmocka.h>)
#include "tests/strategy/random_guest_inside.h"

#include <string.h>

const uint32_t v5_arena[ARENA] = {
	0x10000000, 0x10100000, 0x00200000, PID3 | 0x00200000, 0x10200000, 0xffe00000,
};

uint32_t v5_table_address(unsigned t)
{
	return t < NCOARSE ? COARSE + 1024 * t : FINE + 4096 * (t - NCOARSE);
}

/* One that holds tables: a root's or one of the second level. */
uint32_t v5_table_frame(struct maker *m)
{
	switch (below(m, 4)) {
	case 0: return KIT_ROOT + (below(m, 4) << 12);
	case 1: return ROOT_B + (below(m, 4) << 12);
	case 2: return FINE + (below(m, NFINE) << 12);
	default: return COARSE + (below(m, NCOARSE / 4) << 12);
	}
}

static uint32_t any_frame(struct maker *m)
{
	uint32_t mb;

	if (m->aliases && one_in(m, 2))
		return v5_table_frame(m);
	mb = 2 + below(m, 28);
	return mb << 20 | below(m, 256) << 12;
}

static void any_ap(struct maker *m, uint8_t ap[4])
{
	memset(ap, (int)below(m, 4), 4);
	if (one_in(m, 4)) {
		unsigned i = below(m, 4);

		ap[i] = (uint8_t)below(m, 4);
	}
}

uint32_t v5_any_l2(struct maker *m, unsigned size_log2)
{
	uint32_t base = any_frame(m) & ~((UINT32_C(1) << size_log2) - 1);
	unsigned cb = below(m, 4);
	uint8_t ap[4];

	any_ap(m, ap);
	switch (size_log2) {
	case 16: return pt_encode_v5_large(base, ap, cb);
	case 12: return pt_encode_v5_small(base, ap, cb);
	default: return pt_encode_v5_tiny(base | below(m, 4) << 10, ap[0], cb);
	}
}

/*
 * Before an invalidate, or another root, a guest that knows its walker does not see the cache cleans what it
 * stored to tables: by the address in the linear map (a cache that is not virtually indexed, or whose lines
 * are found all the same), or without an address.
 */
void v5_clean(struct maker *m)
{
	if (!m->cleans || !m->ndirty)
		return;
	v5_to_kernel(m);
	m->k->pc = KIT_CODE;
	switch (below(m, 5)) {
	case 0:
		kit_cpr(m->k, KIT_TESTCLEAN_INV, 0);
		break;
	case 1:                                 /* a loop, of which two are enough here */
		kit_cpw(m->k, KIT_CLEAN_SETWAY, 0);
		kit_cpw(m->k, KIT_CLEAN_SETWAY, 0x20);
		break;
	default:
		for (unsigned i = 0; i < m->ndirty; i++)
			if (!i || (m->dirty[i] ^ m->dirty[i - 1]) & ~31u)
				kit_cpw(m->k, KIT_CLEAN_MVA, KIT_LINEAR + m->dirty[i]);
	}
	m->ndirty = 0;
	m->n->cleans++;
}

void v5_stored(struct maker *m, uint32_t pa)
{
	if (!m->cleans || !(kit_guest(m->k)->sctlr & SCTLR_C))
		return;
	m->dirty[m->ndirty++] = pa;
}

void v5_poke_n(struct maker *m, uint32_t pa, uint32_t word, unsigned n)
{
	if (m->ndirty + n > DIRTY)
		v5_clean(m);
	for (unsigned i = 0; i < n; i++) {
		kit_poke(m->k, pa + 4 * i, word);
		v5_stored(m, pa + 4 * i);
	}
	m->n->edits++;
	if (m->cleans && one_in(m, 3))
		v5_clean(m);
}

/* A table and page at random, or those behind the page that was touched last. */
static unsigned any_table(struct maker *m, unsigned *page)
{
	struct walk w;

	*page = below(m, PAGES);
	guest_walk(kit_guest(m->k), gva(m->last_mva), &w);
	if (w.l2_addr - COARSE >= FINE + 4096 * NFINE - COARSE || one_in(m, 2))
		return below(m, NCOARSE + NFINE);
	*page = m->last_mva >> 12 & 0xff;
	return w.l2_addr < FINE ? (w.l2_addr - COARSE) / 1024 : NCOARSE + (w.l2_addr - FINE) / 4096;
}

void v5_edit_l2(struct maker *m)
{
	unsigned page, t = any_table(m, &page), group = page / 16, each = t < NCOARSE ? 1 : 4;
	uint32_t at = v5_table_address(t), word = 0;

	if (one_in(m, 8) || m->large[t][group]) {
		bool large = one_in(m, 2);

		word = large ? v5_any_l2(m, 16) : one_in(m, 2) ? 0 : v5_any_l2(m, 12);
		v5_poke_n(m, at + 4 * each * 16 * group, word, 16 * each);
		m->large[t][group] = large;
		return;
	}
	if (each == 4 && one_in(m, 2)) {
		v5_poke_n(m, at + 16 * page, one_in(m, 4) ? 0 : v5_any_l2(m, 10), 1);
		for (unsigned q = 1; q < 4; q++)
			v5_poke_n(m, at + 16 * page + 4 * q, one_in(m, 4) ? 0 : v5_any_l2(m, 10), 1);
		return;
	}
	if (!one_in(m, 4))
		word = v5_any_l2(m, 12);
	v5_poke_n(m, at + 4 * each * page, word, each);
}

static uint32_t any_section(struct maker *m)
{
	uint32_t base = any_frame(m) & 0xfff00000;
	unsigned ap = below(m, 4), domain;

	domain = below(m, 6);
	return pt_encode_v5_section(base, ap, domain, below(m, 4));
}

uint32_t v5_any_l1(struct maker *m)
{
	unsigned t = below(m, NCOARSE + NFINE);

	switch (below(m, 8)) {
	case 0:
		return 0;
	case 1:
	case 2:
		return any_section(m);
	default:
		return t < NCOARSE ? pt_encode_v5_coarse(v5_table_address(t), below(m, 6))
				   : pt_encode_v5_fine(v5_table_address(t), below(m, 6));
	}
}

void v5_edit_l1(struct maker *m)
{
	uint32_t root = one_in(m, 2) ? ROOT_B : KIT_ROOT;
	uint32_t at = root + (v5_arena[below(m, ARENA)] >> 20) * 4;

	v5_poke_n(m, at, v5_any_l1(m), 1);
}

/* What a store through an alias may put there: not into the kernel's own slots, nor one word of a page
 * that takes several. */
uint32_t v5_any_word_for(struct maker *m, uint32_t pa, uint32_t old)
{
	uint32_t root = pa - KIT_ROOT < 0x4000 ? KIT_ROOT : ROOT_B;
	unsigned t = (pa - COARSE) / 1024, page = pa / 4 & 0xff;

	if (pa - COARSE < NCOARSE * 1024 && page < PAGES && !m->large[t][page / 16])
		return one_in(m, 3) ? 0 : v5_any_l2(m, 12);
	for (unsigned i = 0; i < ARENA; i++)
		if (pa == root + (v5_arena[i] >> 20) * 4)
			return v5_any_l1(m);
	return old;
}
#else
typedef int cmocka_is_missing;
#endif
