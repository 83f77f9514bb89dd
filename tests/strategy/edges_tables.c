/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edge cases of tables: shared, reused, of two kinds at once, mapped by themselves. Counts of `coherent`
 * follow from its definition: a store into a table is no event; an invalidate zaps what covers its
 * operand; the next access fills again. The code and the linear map of the tables are warm throughout.
 */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#define PAGES EDGE_MB                   /* its table is at KIT_L2 */
#define ENTRY(i) (KIT_L2 + 4 * (i))

/* The page that holds the table, mapped by the table's own entry 8: the store moves it away. */
static void e1_store_through_its_own_mapping(struct edge *e)
{
	uint32_t own = PAGES + 0x8000;

	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(8), edge_small(KIT_L2, 1));
	edge_mark(e);
	edge_poke(e, own + 32, ENTRY(8), 2, edge_small(0x190000, 1));
	edge_count(e, "coherent", EV_HIDDEN, 1);
	edge_tlbi(e, own);
	edge_not(e, own, 0x1000, KIT_L2);
	edge_load(e, own);
	edge_sees(e, own, ACCESS_READ, 0x190000);
	/* the page before and after, nothing for the store: one entry zapped */
	edge_count(e, "coherent", EV_HIDDEN, 2);
	edge_count(e, "coherent", EV_ZAP, 1);
	edge_count(e, "coherent", EV_TRAP_UND, 1);
	/* the host's TLB: behind each fill, where a weaker entry may be, and for the one zapped */
	edge_count(e, "coherent", EV_HTLBI_MVA, 3);
	edge_count(e, "coherent", EV_HTLBI_ALL, 0);
}

/* A block transfer whose first word takes its own page away; the second still goes through it. */
static void e1_block_store_unmaps_its_own_page(struct edge *e)
{
	uint32_t own = PAGES + 0x8000;

	e->stale = true;
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(8), edge_small(KIT_L2, 1));
	edge_load(e, own);
	edge_poke(e, own + 32, ENTRY(8), 2 | ACC_MULTI, 0);
	kit_put(&e->k, &(struct trace_rec){ .kind = TRACE_STORE, .flags = 2 | ACC_MULTI | ACC_VALUED,
		.va = own + 36, .a = ENTRY(9), .b = edge_small(0x191000, 3) }, NULL);
	edge_tlbi(e, own);
	edge_blind(e, own, ACCESS_READ);
	edge_fault(e, own, ACCESS_READ, FS_TRANS_PAGE, 1);
	edge_load(e, PAGES + 0x9000);
	edge_sees(e, PAGES + 0x9000, ACCESS_READ, 0x191000);
}

/* One second-level table behind two roots, and twice in the first. Before ARMv6 an invalidate by
 * address holds for whatever root an entry came from. */
static void e2_table_under_two_roots(struct edge *e)
{
	uint32_t first = PAGES + 0x3000, second = first + SECTION_BYTES;

	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	edge_copy_root(e, EDGE_ROOT_B);
	edge_link(e, PAGES + SECTION_BYTES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(3), edge_small(0x403000, 3));
	edge_load(e, first);
	edge_load(e, second);
	kit_cpw(&e->k, KEY_TTBR0, EDGE_ROOT_B);
	edge_tlbi_all(e);
	edge_load(e, first);
	kit_poke(&e->k, ENTRY(3), edge_small(0x553000, 3));
	edge_mark(e);
	edge_tlbi(e, first);
	edge_count(e, "coherent", EV_ZAP, 1);
	edge_not(e, first, 0x1000, 0x403000);
	edge_load(e, first);
	edge_sees(e, first, ACCESS_READ, 0x553000);
	edge_fault(e, second, ACCESS_READ, FS_TRANS_SECTION, 0);
	kit_cpw(&e->k, KEY_TTBR0, KIT_ROOT);
	edge_tlbi_all(e);
	edge_load(e, first);
	edge_load(e, second);
	edge_sees(e, second, ACCESS_READ, 0x553000);
	kit_poke(&e->k, ENTRY(3), edge_small(0x403000, 3));
	edge_mark(e);
	edge_tlbi(e, second);
	edge_count(e, "coherent", EV_ZAP, 1);   /* the other address has an entry of its own */
	edge_load(e, second);
	edge_sees(e, second, ACCESS_READ, 0x403000);
	edge_tlbi(e, first);
	edge_load(e, first);
	edge_sees(e, first, ACCESS_READ, 0x403000);
	kit_cpw(&e->k, KEY_TTBR0, EDGE_ROOT_B);
	edge_load(e, first);
	edge_sees(e, first, ACCESS_READ, 0x403000);
}

/* The last quarter of the root's words is a coarse table, too. Of a section's word a small page makes
 * the same base, AP of quarter 0 from bit 4, which is one, AP of quarter 3 from the section's own. */
static void e3_root_read_as_a_coarse_table(struct edge *e)
{
	uint32_t word = KIT_ROOT + 4 * (KIT_LINEAR >> 20) + 16, page = PAGES + 0x4000;

	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_ROOT + 0x3000, 4));
	edge_load(e, KIT_LINEAR + 0x400000);
	edge_load(e, page);
	edge_sees(e, page, ACCESS_READ, 0x400000);
	edge_fault(e, page + 0x400, ACCESS_READ, FS_PERM_PAGE, 4);
	kit_poke(&e->k, word, pt_encode_v5_section(0x500000, 3, 0, 3));
	edge_mark(e);
	edge_tlbi(e, page);
	edge_load(e, page + 0xc00);
	edge_sees(e, page + 0xc00, ACCESS_WRITE, 0x500c00);
	edge_count(e, "coherent", EV_ZAP, 1);   /* one of the two that the word made */
	edge_tlbi(e, KIT_LINEAR + 0x4fff00);
	edge_not(e, KIT_LINEAR + 0x400000, SECTION_BYTES, 0x400000);
	edge_load(e, KIT_LINEAR + 0x400000);
	edge_sees(e, KIT_LINEAR + 0x400000, ACCESS_READ, 0x500000);
	edge_count(e, "coherent", EV_ZAP, 2);
}

/* Four tables in a frame: a store into one says nothing of the others. */
static void e4_quarters_of_one_frame(struct edge *e)
{
	for (uint32_t q = 0; q < 4; q++) {
		edge_link(e, PAGES + q * SECTION_BYTES, pt_encode_v5_coarse(KIT_L2 + 1024 * q, 1));
		kit_poke(&e->k, ENTRY(256 * q), edge_small(0x400000 + 0x1000 * q, 3));
		edge_load(e, PAGES + q * SECTION_BYTES);
	}
	for (uint32_t q = 0; q < 4; q++) {
		edge_mark(e);
		kit_poke(&e->k, ENTRY(256 * q), edge_small(0x500000 + 0x1000 * q, 3));
		edge_tlbi(e, PAGES + q * SECTION_BYTES);
		edge_count(e, "coherent", EV_ZAP, 1);
		for (uint32_t i = 0; i < 4; i++) {
			edge_load(e, PAGES + i * SECTION_BYTES);
			edge_sees(e, PAGES + i * SECTION_BYTES, ACCESS_READ,
				  (i <= q ? 0x500000 : 0x400000) + 0x1000 * i);
		}
		edge_count(e, "coherent", EV_HIDDEN, 1);
	}
}

/* As ARM Linux lays a frame out: two tables and, as often written, two quarters of its own words. */
static void e5_data_beside_tables(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2 + 0x800, 1));
	edge_link(e, PAGES + SECTION_BYTES, pt_encode_v5_coarse(KIT_L2 + 0xc00, 1));
	kit_poke(&e->k, ENTRY(512), edge_small(0x400000, 3));
	kit_poke(&e->k, ENTRY(768), edge_small(0x401000, 3));
	edge_load(e, PAGES);
	edge_load(e, PAGES + SECTION_BYTES);
	edge_mark(e);
	for (uint32_t i = 0; i < 512; i += 7)   /* what looks like descriptors is none */
		kit_poke(&e->k, ENTRY(i), i & 1 ? edge_small(0x700000, 3) : i);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x400000);
	edge_load(e, PAGES + SECTION_BYTES);
	edge_sees(e, PAGES + SECTION_BYTES, ACCESS_READ, 0x401000);
	edge_traps(e, "coherent", 0);
}

/* A table is unlinked, its frame becomes data of a user, then a table again with what is in it. */
static void e6_table_frame_becomes_data(struct edge *e)
{
	uint32_t data = PAGES + SECTION_BYTES;

	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	edge_link(e, data, pt_encode_v5_coarse(KIT_L2 + 0x1000, 1));
	kit_poke(&e->k, ENTRY(1), edge_small(0x400000, 3));
	edge_load(e, PAGES + 0x1000);
	edge_link(e, PAGES, 0);
	edge_tlbi_all(e);
	kit_poke(&e->k, KIT_L2 + 0x1000, edge_small(KIT_L2, 3));
	edge_user(e);
	edge_store(e, data + 0x40);
	edge_mark(e);
	for (uint32_t i = 0; i < 40; i++)
		edge_poke(e, data + 4 * i, ENTRY(i), 2, edge_small(0x600000 + 0x1000 * i, 3));
	edge_traps(e, "coherent", 0);
	edge_fault(e, PAGES + 0x1000, ACCESS_READ, FS_TRANS_SECTION, 0);
	edge_kernel(e);
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	edge_load(e, PAGES + 0x1000);           /* from invalid to valid needs no invalidate */
	edge_sees(e, PAGES + 0x1000, ACCESS_READ, 0x601000);
	edge_user(e);
	edge_poke(e, data + 4, ENTRY(1), 2, edge_small(0x7ff000, 3));
	edge_kernel(e);
	edge_tlbi(e, PAGES + 0x1000);
	edge_load(e, PAGES + 0x1000);
	edge_sees(e, PAGES + 0x1000, ACCESS_READ, 0x7ff000);
}

/* Whatever place of an entry the operand names, all of it goes, by the size it was filled with: the
 * word in memory is another one by then. */
static void one_invalidate(struct edge *e, uint32_t size, uint32_t operand, uint32_t old)
{
	edge_mark(e);
	edge_tlbi(e, PAGES + operand);
	edge_count(e, "coherent:sections=fracture", EV_ZAP, 3);
	edge_count(e, "coherent:sections=fracture", EV_HTLBI_MVA, 3);
	edge_count(e, "coherent", EV_HTLBI_MVA, 1);
	edge_not(e, PAGES, size, old);
}

static void e11_invalidate_inside_a_section(struct edge *e)
{
	kit_poke(&e->k, ENTRY(0x20), edge_small(0x620000, 3));
	for (uint32_t operand = 0; operand < SECTION_BYTES; operand += 0x1f400) {
		edge_link(e, PAGES, pt_encode_v5_section(0x400000, 3, 2, 3));
		edge_load(e, PAGES + 0x400);
		edge_load(e, PAGES + 0x7fc00);
		edge_load(e, PAGES + 0xffffc);
		edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 2));
		one_invalidate(e, SECTION_BYTES, operand, 0x400000);
		edge_count(e, "coherent", EV_ZAP, 1);
		edge_load(e, PAGES + 0x20000);
		edge_sees(e, PAGES + 0x20000, ACCESS_READ, 0x620000);
		edge_fault(e, PAGES + 0x7fc00, ACCESS_READ, FS_TRANS_PAGE, 2);
		edge_link(e, PAGES, 0);
		edge_tlbi(e, PAGES + 0x20000);
	}
}

static void e11_invalidate_inside_a_large_page(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 2));
	for (uint32_t operand = 0; operand < 0x10000; operand += 0x1400) {
		for (uint32_t i = 0; i < 16; i++)
			kit_poke(&e->k, ENTRY(i), edge_large(0x450000, 3));
		edge_load(e, PAGES);
		edge_load(e, PAGES + 0x7ffc);
		edge_load(e, PAGES + 0xffffc - 0xf0000);
		for (uint32_t i = 0; i < 16; i++)
			kit_poke(&e->k, ENTRY(i), i == 9 ? edge_small(0x629000, 3) : 0);
		one_invalidate(e, 0x10000, operand, 0x450000);
		edge_count(e, "coherent", EV_ZAP, 16);  /* one entry of sixteen words */
		edge_load(e, PAGES + 0x9000);
		edge_sees(e, PAGES + 0x9000, ACCESS_READ, 0x629000);
		edge_fault(e, PAGES + 0x7ffc, ACCESS_READ, FS_TRANS_PAGE, 2);
		edge_tlbi(e, PAGES + 0x9000);
	}
}

/* A section's word becomes a pointer and again a section's. */
static void e14_section_to_table_and_back(struct edge *e)
{
	kit_poke(&e->k, ENTRY(0x30), edge_small(0x430000, 3));
	for (uint32_t round = 0; round < 3; round++) {
		uint32_t base = 0x500000 + round * SECTION_BYTES;

		edge_link(e, PAGES, pt_encode_v5_section(base, 3, 2, 3));
		edge_load(e, PAGES + 0x30000);
		edge_sees(e, PAGES + 0x30000, ACCESS_READ, base + 0x30000);
		edge_mark(e);
		edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 3));
		edge_tlbi(e, PAGES);
		edge_not(e, PAGES, SECTION_BYTES, base);
		edge_load(e, PAGES + 0x30000);
		edge_sees(e, PAGES + 0x30000, ACCESS_READ, 0x430000);
		edge_count(e, "coherent", EV_ZAP, 1);
		edge_count(e, "coherent", EV_ALLOC, 1);
		edge_fault(e, PAGES + 0x31000, ACCESS_WRITE, FS_TRANS_PAGE, 3);
		edge_mark(e);
		edge_link(e, PAGES, pt_encode_v5_section(base + SECTION_BYTES, 3, 2, 3));
		edge_tlbi(e, PAGES + 0x30000);
		edge_load(e, PAGES + 0x30000);
		edge_sees(e, PAGES + 0x30000, ACCESS_READ, base + SECTION_BYTES + 0x30000);
		edge_load(e, PAGES + 0x31000);
		/* the page, and the link to the table, which a section's word replaces */
		edge_count(e, "coherent", EV_ZAP, 2);
		edge_count(e, "coherent", EV_HIDDEN, 1);
		edge_tlbi(e, PAGES);
	}
}

const struct edge_case edges_tables[] = {
	EDGE_GUEST(1, e1_store_through_its_own_mapping),
	EDGE_GUEST(1, e1_block_store_unmaps_its_own_page),
	EDGE_GUEST(2, e2_table_under_two_roots),
	EDGE_GUEST(3, e3_root_read_as_a_coarse_table),
	EDGE_GUEST(4, e4_quarters_of_one_frame),
	EDGE_GUEST(5, e5_data_beside_tables),
	EDGE_GUEST(6, e6_table_frame_becomes_data),
	EDGE_GUEST(11, e11_invalidate_inside_a_section),
	EDGE_GUEST(11, e11_invalidate_inside_a_large_page),
	EDGE_GUEST(14, e14_section_to_table_and_back),
	EDGE_END,
};
#else
typedef int cmocka_is_missing;
#endif
