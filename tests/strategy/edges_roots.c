/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edge cases of first-level tables and of what chooses them: TTBR, FCSE, the MMU switch. ARMv5. */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#include <string.h>

#define PAGES EDGE_MB                   /* its table is at KIT_L2 */
#define ENTRY(i) (KIT_L2 + 4 * (i))

/*
 * A PID moves addresses below 32 MB. Tables are indexed, TLBs tagged and invalidates made by the
 * modified address, and FAR holds it; so another PID leaves every entry as it is.
 */
static void e19_fcse_moves_low_addresses(struct edge *e)
{
	uint32_t pid = 3u << 25, va = 0x00201000, mva = pid | va;

	edge_link(e, pid | 0x00200000, pt_encode_v5_coarse(KIT_L2, 2));
	kit_poke(&e->k, ENTRY(1), edge_small(0x401000, 3));
	kit_poke(&e->k, ENTRY(2), edge_small(0x402000, 0));
	edge_warm_vectors(e);
	kit_cpw(&e->k, KEY_FCSE, pid);
	edge_load(e, va);
	edge_sees(e, mva, ACCESS_READ, 0x401000);
	edge_fault_far(e, va + 0x1000, mva + 0x1000, ACCESS_WRITE, FS_PERM_PAGE, 2);
	edge_mark(e);
	edge_load(e, mva);                      /* the same entry, by the address that is not moved */
	kit_cpw(&e->k, KEY_FCSE, 5u << 25);
	edge_fault_far(e, va, 5u << 25 | va, ACCESS_READ, FS_TRANS_SECTION, 0);
	edge_load(e, mva);
	kit_cpw(&e->k, KEY_FCSE, pid);
	edge_load(e, va);
	edge_count(e, "coherent", EV_HIDDEN, 0);
	edge_count(e, "coherent", EV_ZAP, 0);
	kit_poke(&e->k, ENTRY(1), edge_small(0x501000, 3));
	edge_tlbi(e, va);                       /* not an address of anything */
	edge_count(e, "coherent", EV_ZAP, 0);
	edge_tlbi(e, mva);
	edge_count(e, "coherent", EV_ZAP, 1);
	edge_not(e, mva, 0x1000, 0x401000);
	edge_load(e, va);
	edge_sees(e, mva, ACCESS_READ, 0x501000);
	kit_cpw(&e->k, KEY_FCSE, 0);
	edge_fault(e, va, ACCESS_READ, FS_TRANS_SECTION, 0);
}

/* Before ARMv6 no entry has an owner: those of another root stay until an invalidate. */
static void e21_entries_outlive_their_root(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_section(0x300000, 3, 1, 3));
	edge_copy_root(e, EDGE_ROOT_B);
	edge_link(e, PAGES, pt_encode_v5_section(0x200000, 3, 1, 3));
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x200000);
	edge_mark(e);
	kit_cpw(&e->k, KEY_TTBR0, EDGE_ROOT_B);
	edge_load(e, PAGES + 0x40);             /* the old root's section or the new one's */
	edge_count(e, "coherent", EV_HIDDEN, 0);
	edge_tlbi(e, PAGES);
	edge_not(e, PAGES, SECTION_BYTES, 0x200000);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x300000);
	kit_cpw(&e->k, KEY_TTBR0, KIT_ROOT);
	edge_load(e, PAGES + 0x80);
	edge_tlbi_all(e);
	edge_not(e, PAGES, SECTION_BYTES, 0x300000);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x200000);
}

/* The MMU goes off and on while code runs by an identity mapping, which is then taken away. */
static void e22_identity_map_around_the_switch(struct edge *e)
{
	uint32_t sctlr = kit_guest(&e->k)->sctlr, identity = 0x00100000;

	edge_link(e, identity, pt_encode_v5_section(identity, 1, 0, 3));
	kit_cpw(&e->k, KIT_TLBI_ALL, 0);
	e->k.pc = identity;
	kit_exec(&e->k);
	kit_cpw(&e->k, KEY_SCTLR, sctlr & ~(uint32_t)SCTLR_M);
	kit_exec(&e->k);
	kit_cpw(&e->k, KIT_TLBI_ALL, 0);
	kit_cpw(&e->k, KEY_SCTLR, sctlr);
	kit_exec(&e->k);
	edge_sees(e, identity, ACCESS_FETCH, identity);
	edge_link(e, identity, 0);
	edge_tlbi(e, identity + 0x5000);
	edge_not(e, identity, SECTION_BYTES, identity);
	edge_fault(e, identity, ACCESS_FETCH, FS_TRANS_SECTION, 0);
}

/* A guest that goes on executing a page that it unmapped relies on an entry that may vanish: what lost
 * it faults where the guest did not, and the run says so. */
static void e22_code_page_unmapped_under_its_feet(struct edge *e)
{
	e->loose = true;
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(0), edge_small(0x400000, 3));
	e->k.pc = PAGES + 0x100;
	kit_exec(&e->k);
	edge_mark(e);
	kit_poke(&e->k, ENTRY(0), 0);
	kit_exec(&e->k);
	kit_exec(&e->k);
	edge_extra(e, "coherent", 0);
	edge_extra(e, "coherent:entries=1", 2); /* the table's page took the one entry */
	edge_tlbi(e, PAGES);
	edge_mark(e);
	edge_fault(e, PAGES + 0x10c, ACCESS_FETCH, FS_TRANS_PAGE, 1);
	edge_extra(e, "*", 0);
}

/* A pointer to where nothing answers: the walk's second read aborts. */
static void e24_table_where_nothing_answers(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(0x90000400, 6));
	edge_link(e, PAGES + SECTION_BYTES, pt_encode_v5_fine(0x90001000, 7));
	edge_fault(e, PAGES + 0x3000, ACCESS_READ, FS_WALK_EXT_L2, 6);
	edge_fault(e, PAGES + 0x3000, ACCESS_WRITE, FS_WALK_EXT_L2, 6);
	edge_fault(e, PAGES + SECTION_BYTES, ACCESS_FETCH, FS_WALK_EXT_L2, 7);
	edge_blind(e, PAGES + 0x3000, ACCESS_READ);
}

/* The root itself lies there for a moment. What the code and the handler need is in the TLB or
 * the shadow; a machine that lost it has extra faults. */
static void e24_root_where_nothing_answers(struct edge *e)
{
	e->loose = true;
	edge_warm_vectors(e);
	kit_cpw(&e->k, KEY_TTBR0, 0x90000000);
	edge_mark(e);
	edge_fault(e, PAGES, ACCESS_READ, FS_WALK_EXT_L1, 0);
	edge_extra(e, "coherent", 0);
	edge_count(e, "coherent", EV_TRUE_FAULT, 1);
	kit_cpw(&e->k, KEY_TTBR0, KIT_ROOT);
}

/* The low fourteen bits of TTBR are no address. */
static void e24_root_is_not_aligned(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_section(0x300000, 3, 1, 3));
	kit_cpw(&e->k, KEY_TTBR0, KIT_ROOT | 0x3fff);
	edge_tlbi_all(e);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x300000);
	edge_fault(e, PAGES + SECTION_BYTES, ACCESS_READ, FS_TRANS_SECTION, 0);
}

/* Root and table where no store reaches, outside the guest's memory: a walk is a walk. */
static void e25_tables_in_rom(struct edge *e)
{
	uint32_t rom = 0x08000000, words[1024];

	memcpy(words, mem_frame(kit_guest(&e->k)->tables, KIT_ROOT), sizeof(words));
	words[PAGES >> 20] = pt_encode_v5_coarse(rom + 0x4000, 1);
	kit_image(&e->k, rom, words);
	for (uint32_t at = 0x1000; at < 0x4000; at += FRAME_BYTES)
		kit_image(&e->k, rom + at, mem_frame(kit_guest(&e->k)->tables, KIT_ROOT + at));
	memset(words, 0, sizeof(words));
	words[2] = edge_small(0x402000, 2);
	kit_image(&e->k, rom + 0x4000, words);
	kit_cpw(&e->k, KEY_TTBR0, rom);
	edge_tlbi_all(e);
	edge_load(e, PAGES + 0x2000);
	edge_sees(e, PAGES + 0x2000, ACCESS_READ, 0x402000);
	edge_fault(e, PAGES + 0x3000, ACCESS_READ, FS_TRANS_PAGE, 1);
	edge_user(e);
	edge_fault(e, PAGES + 0x2000, ACCESS_WRITE, FS_PERM_PAGE, 1);
	edge_kernel(e);
	kit_cpw(&e->k, KEY_TTBR0, KIT_ROOT);
	edge_tlbi_all(e);
	edge_fault(e, PAGES + 0x2000, ACCESS_READ, FS_TRANS_SECTION, 0);
}

/* Off, an address is where it says, whatever tables and DACR deny; nothing of that stays when the MMU
 * is on again, without any invalidate. */
static void e30_mmu_off_is_identity(struct edge *e)
{
	uint32_t sctlr = kit_guest(&e->k)->sctlr;

	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(0), edge_small(0x400000, 0));
	kit_cpw(&e->k, KEY_SCTLR, sctlr & ~(uint32_t)SCTLR_M);
	e->k.pc = 0x00100000;
	for (uint32_t pa = 0x00200000; pa < 0x00600000; pa += 0x7f400) {
		kit_access(&e->k, pa, true, 2);
		edge_sees(e, pa, ACCESS_WRITE, pa);
	}
	edge_mark(e);
	kit_access(&e->k, KIT_HOLE, false, 2);  /* physical here, and the window of a monitor */
	edge_count(e, "coherent", EV_HYPHOLE, 1);
	edge_count(e, "native*", EV_WALK, 0);
	edge_traps(e, "coherent", 1);
	kit_cpw(&e->k, KEY_SCTLR, sctlr);
	edge_blind(e, 0x00200000, ACCESS_READ);
	edge_fault(e, 0x00200000, ACCESS_WRITE, FS_TRANS_SECTION, 0);
	edge_fault(e, PAGES, ACCESS_READ, FS_PERM_PAGE, 1);
	kit_poke(&e->k, ENTRY(0), edge_small(0x400000, 3));
	edge_tlbi(e, PAGES);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x400000);
}

const struct edge_case edges_roots[] = {
	EDGE_GUEST(19, e19_fcse_moves_low_addresses),
	EDGE_GUEST(21, e21_entries_outlive_their_root),
	EDGE_GUEST(22, e22_identity_map_around_the_switch),
	EDGE_GUEST(22, e22_code_page_unmapped_under_its_feet),
	EDGE_GUEST(24, e24_table_where_nothing_answers),
	EDGE_GUEST(24, e24_root_where_nothing_answers),
	EDGE_GUEST(24, e24_root_is_not_aligned),
	EDGE_GUEST(25, e25_tables_in_rom),
	EDGE_GUEST(30, e30_mmu_off_is_identity),
	EDGE_END,
};
#else
typedef int cmocka_is_missing;
#endif
