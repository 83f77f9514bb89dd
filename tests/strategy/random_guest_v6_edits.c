/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits that the random guest of ARMv6 makes to its tables. */
#if __has_include(<cmocka.h>)
#include "tests/strategy/random_guest_v6_inside.h"

#include <string.h>

const uint32_t v6_arena[ARENA] = {
	0x00200000, 0x10000000, 0x10100000, 0x10500000, 0x10f00000, 0x30000000, 0x50000000,
	0x90000000,
};

uint32_t v6_root_address(unsigned root)
{
	return root < ROOTS ? FIRST_ROOT + 0x4000 * root : KIT_ROOT;
}

/* One that holds tables: a root's or one of the second level. */
uint32_t v6_table_frame(struct maker *m)
{
	uint32_t root;

	if (one_in(m, 2))
		return COARSE + (below(m, NCOARSE / 4) << 12);
	root = v6_root_address(below(m, ROOTS + 1));
	return root + (below(m, 4) << 12);
}

static uint32_t any_frame(struct maker *m)
{
	uint32_t mb;

	if (m->aliases && one_in(m, 2))
		return v6_table_frame(m);
	mb = 2 + below(m, 28);
	return mb << 20 | below(m, 256) << 12;
}

uint32_t v6_any_leaf(struct maker *m, unsigned size_log2)
{
	unsigned ap = one_in(m, 2) ? 3 : below(m, 4);
	struct pt_desc d = { .kind = PT_LEAF, .size_log2 = (uint8_t)size_log2 };

	d.cb = (uint8_t)below(m, 4);
	d.tex = one_in(m, 2) ? (uint8_t)below(m, 8) : 0;
	d.base = size_log2 == 24 ? 0x1000000 : any_frame(m) & ~((UINT32_C(1) << size_log2) - 1);
	d.domain = (uint8_t)(size_log2 == 20 ? below(m, 6) : 0);
	d.attr = one_in(m, 3) ? 0 : PT_NG;
	d.attr |= one_in(m, 4) ? PT_APX : 0;
	d.attr |= one_in(m, 4) ? PT_XN : 0;
	d.attr |= one_in(m, 4) ? PT_S : 0;
	memset(d.ap, (int)ap, sizeof(d.ap));
	return pt_encode_v6(&d);
}

void v6_clean_range(struct maker *m, uint32_t first, uint32_t last)
{
	struct trace_rec range = { .kind = TRACE_CP_WRITE, .arg = CLEAN_RANGE, .a = last, .b = first };

	kit_exec(m->k);
	kit_put(m->k, &range, NULL);
}

/* MPCore has no operations on ranges. */
bool v6_has_ranges(const struct maker *m)
{
	return strcmp(m->k->t.header.core, "mpcore") != 0;
}

/* Lines are cleaned one by one, as a range, or all of the cache before something relies on it. */
void v6_poke_n(struct maker *m, uint32_t pa, uint32_t word, unsigned n)
{
	unsigned how = m->cleans ? below(m, 4) : 0;

	m->k->cleans = how > 1 || (how && !v6_has_ranges(m));
	for (unsigned i = 0; i < n; i++)
		kit_poke(m->k, pa + 4 * i, word);
	if (m->k->cleans)
		kit_exec(m->k);
	else if (how)
		v6_clean_range(m, KIT_LINEAR + pa, KIT_LINEAR + pa + 4 * n - 4);
	else if (m->cleans)
		m->dirty = true;
	m->k->cleans = false;
	m->n->edits++;
	m->n->cleans += m->cleans;
}

/* A table and page at random, or those behind the page that was touched last. */
static unsigned any_table(struct maker *m, unsigned *page)
{
	struct walk w;

	*page = below(m, PAGES);
	guest_walk(now(m), gva(m->last_mva), &w);
	if (w.l2_addr - COARSE >= NCOARSE * 1024 || one_in(m, 2))
		return below(m, NCOARSE);
	*page = m->last_mva >> 12 & 0xff;
	return (w.l2_addr - COARSE) / 1024;
}

void v6_edit_l2(struct maker *m)
{
	unsigned page, t = any_table(m, &page), group = page / 16;
	uint32_t at = COARSE + 1024 * t;

	if (one_in(m, 8) || m->large[t][group]) {
		bool large = one_in(m, 2);

		v6_poke_n(m, at + 64 * group, large ? v6_any_leaf(m, 16) : one_in(m, 2) ? 0
								: v6_any_leaf(m, 12), 16);
		m->large[t][group] = large;
		return;
	}
	v6_poke_n(m, at + 4 * page, one_in(m, 4) ? 0 : v6_any_leaf(m, 12), 1);
}

/* Pages behind the vectors, whose table all roots share. */
void v6_edit_top(struct maker *m)
{
	uint32_t word = one_in(m, 4) ? 0 : v6_any_leaf(m, 12);
	unsigned page = TOP_PAGE + below(m, TOP_PAGES);

	v6_poke_n(m, TOP_TABLE + 4 * page, word, 1);
}

static uint32_t any_l1(struct maker *m)
{
	struct pt_desc table = { .kind = PT_COARSE };

	switch (below(m, 8)) {
	case 0:
		return 0;
	case 1:
	case 2:
		return v6_any_leaf(m, 20);
	default:
		table.base = COARSE + 1024 * below(m, NCOARSE);
		table.domain = (uint8_t)below(m, 6);
		return pt_encode_v6(&table);
	}
}

static bool in_super(uint32_t mva) { return mva >> 24 == 0x10; }

void v6_edit_l1(struct maker *m)
{
	unsigned root = below(m, ROOTS + 1);
	uint32_t mva = v6_arena[below(m, ARENA)], at = v6_root_address(root);

	if (in_super(mva) && (m->super[root] || one_in(m, 6))) {
		m->super[root] = !m->super[root];
		v6_poke_n(m, at + (0x100 << 2), m->super[root] ? v6_any_leaf(m, 24) : 0, 16);
		return;
	}
	v6_poke_n(m, at + (mva >> 20) * 4, any_l1(m), 1);
}

/* What a store through an alias may put there: not into the kernel's own slots, nor one word of a page
 * that takes several; a part of a word of the second level alone. */
uint32_t v6_any_word_for(struct maker *m, uint32_t pa, bool whole, uint32_t old)
{
	unsigned t = (pa - COARSE) / 1024, page = pa / 4 & 0xff;

	if (pa - COARSE < NCOARSE * 1024)
		return page >= PAGES || m->large[t][page / 16] ? old : one_in(m, 3) ? 0 : v6_any_leaf(m, 12);
	for (unsigned root = 0; whole && root <= ROOTS; root++)
		for (unsigned i = 0; i < ARENA; i++)
			if (pa == v6_root_address(root) + (v6_arena[i] >> 20) * 4 &&
			    !(in_super(v6_arena[i]) && m->super[root]))
				return any_l1(m);
	return old;
}
#else
typedef int cmocka_is_missing;
#endif
