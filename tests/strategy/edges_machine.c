/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edge cases of the machine below: memory that is not there, locked entries, code in tables, the
 * monitor's own structures, caches. ARMv5. */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#include <string.h>

#include "tests/support.h"

#define PAGES EDGE_MB                   /* its table is at KIT_L2 */
#define ENTRY(i) (KIT_L2 + 4 * (i))

static void device_access(struct edge *e, uint32_t va, uint32_t pa, bool write)
{
	struct trace_rec r = { .kind = write ? TRACE_STORE : TRACE_LOAD, .va = va, .a = pa,
			       .flags = 2 | ACC_IO };

	e->k.pc = KIT_CODE;
	kit_exec(&e->k);
	kit_put(&e->k, &r, NULL);
}

/* A section of the guest lies just where the monitor has its memory, or moved guest memory: never
 * mapped, each access is carried out. The megabyte beside it is as any other. */
static void e12_section_over_the_monitor(struct edge *e)
{
	uint32_t moved = 0x80000000;            /* map.base of rows with map=offset */

	edge_link(e, PAGES, pt_encode_v5_section(HV_HPA, 3, 2, 0));
	edge_link(e, PAGES + SECTION_BYTES, pt_encode_v5_section(HV_HPA + SECTION_BYTES, 3, 2, 0));
	edge_link(e, PAGES + 2 * SECTION_BYTES, pt_encode_v5_section(moved, 3, 2, 0));
	edge_mark(e);
	for (uint32_t o = 0; o < SECTION_BYTES; o += 0x3c800)
		device_access(e, PAGES + o, HV_HPA + o, o & 0x800);
	edge_count(e, "coherent*", EV_MMIO, 5);
	edge_count(e, "coherent", EV_FILL, 0);
	edge_mark(e);
	device_access(e, PAGES + SECTION_BYTES + 0x10, HV_HPA + SECTION_BYTES + 0x10, true);
	edge_sees(e, PAGES + SECTION_BYTES + 0x10, ACCESS_WRITE, HV_HPA + SECTION_BYTES + 0x10);
	device_access(e, PAGES + 2 * SECTION_BYTES, moved, false);
	edge_count(e, "coherent:entries=0", EV_MMIO, 1);
	edge_count(e, "coherent:sections=fracture", EV_MMIO, 0);
	edge_count(e, "native*", EV_MMIO, 0);
}

/* Fragments of a section have its domain: all of them, and nothing else, go with its two bits. */
static void e12_fragments_have_the_domain_of_their_section(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_section(0x400000, 3, 2, 3));
	edge_link(e, PAGES + SECTION_BYTES, pt_encode_v5_section(0x500000, 3, 3, 3));
	for (uint32_t o = 0; o < 0x40000; o += 0x10000) {
		edge_load(e, PAGES + o);
		edge_sees(e, PAGES + o, ACCESS_READ, 0x400000 + o);
		edge_load(e, PAGES + SECTION_BYTES + o);
	}
	edge_mark(e);
	kit_cpw(&e->k, KEY_DACR, 0x55555555 ^ 1u << 4);
	edge_count(e, "coherent", EV_ZAP, 1);
	edge_count(e, "coherent:sections=fracture", EV_ZAP, 4);
	for (uint32_t o = 0; o < 0x40000; o += 0x10000) {
		edge_blind(e, PAGES + o, ACCESS_READ);
		edge_load(e, PAGES + SECTION_BYTES + o);
		edge_fault(e, PAGES + o, ACCESS_READ, FS_DOMAIN_SECTION, 2);
	}
}

/* An entry is locked and its table word stays: whoever ignores the lock walks to the same. */
static void e23_locked_entry_and_its_word(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(0), edge_small(0x400000, 3));
	kit_poke(&e->k, ENTRY(1), edge_small(0x401000, 3));
	kit_cpw(&e->k, KEY_TLB_LOCK, 1);
	edge_load(e, PAGES);
	kit_cpw(&e->k, KEY_TLB_LOCK, 0);
	edge_load(e, PAGES + 0x1000);
	edge_tlbi_all(e);
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x400000);
	kit_poke(&e->k, ENTRY(1), 0);
	edge_tlbi(e, PAGES + 0x1000);
	edge_fault(e, PAGES + 0x1000, ACCESS_READ, FS_TRANS_PAGE, 1);
	kit_poke(&e->k, ENTRY(0), edge_small(0x500000, 3));
	edge_tlbi(e, PAGES);                    /* by address it goes, locked or not */
	edge_load(e, PAGES);
	edge_sees(e, PAGES, ACCESS_READ, 0x500000);
}

/* The word goes, an invalidate of everything leaves the locked entry, and the guest relies on it: right
 * where the host locks as the guest's core does; wherever not, --verify says so. */
static void e23_relying_on_a_locked_entry(void)
{
	const struct edge_row *row;
	struct edge e;

	edge_begin(&e, NULL);
	e.k.cleans = true;
	edge_link(&e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e.k, ENTRY(0), edge_small(0x400000, 3));
	kit_cpw(&e.k, KEY_TLB_LOCK, 1);
	edge_load(&e, PAGES);
	kit_cpw(&e.k, KEY_TLB_LOCK, 0);
	kit_poke(&e.k, ENTRY(0), 0);
	edge_tlbi_all(&e);
	edge_load(&e, PAGES);
	for (unsigned i = 0; (row = edge_row_at(false, i)); i++) {
		struct kit_plan p = { .verify = true };
		struct lane *l;

		memcpy(p.set, row->set, sizeof(p.set));
		l = kit_replay(&e.k, row->spec, &p);
		if (!has_hypervisor(l->m) && l->m->cfg.tlb.locked)
			assert_int_equal(l->violations + l->extra_true, 0);
		else
			assert_true(l->violations == 1 && l->extra_true == 1 &&
				    strstr(l->first_violation.msg, "no permitted translation allows it"));
		assert_int_equal(l->m->tally.tlb_lock_ops, 2);
		lane_destroy(l);
	}
	edge_free(&e);
}

/*
 * Code in the frame of the table that maps it. Its store into a page that is not filled yet aborts, and
 * the monitor reads the instruction out of that frame; then it takes its own page away.
 */
static void e28_code_in_a_table_frame(struct edge *e)
{
	uint32_t code = PAGES + 0x5800;

	e->stale = true;
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(5), edge_small(KIT_L2, 3));
	kit_poke(&e->k, ENTRY(6), edge_small(0x406000, 3));
	e->k.pc = code;
	edge_mark(e);
	kit_access(&e->k, PAGES + 0x6000, true, 2);
	edge_count(e, "coherent", EV_HIDDEN, 2);
	edge_count(e, "coherent", EV_DECODE, 1);        /* of the data abort alone */
	e->k.pc = code + 0x10;
	kit_exec(&e->k);
	kit_put(&e->k, &(struct trace_rec){ .kind = TRACE_STORE, .flags = 2 | ACC_VALUED,
		.va = PAGES + 0x5000 + 20, .a = ENTRY(5) }, NULL);
	kit_cpw(&e->k, KIT_TLBI_MVA, PAGES + 0x5000);
	edge_not(e, PAGES + 0x5000, 0x1000, KIT_L2);
	edge_abort(e, code + 0x18, code + 0x18, ACCESS_FETCH, FS_TRANS_PAGE, 1);
}

/* The last instruction of a page runs; the next page is not mapped. Only what executes can fault. */
static void e35_page_end_before_nothing(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(255), edge_small(0x400000, 3));
	kit_poke(&e->k, ENTRY(4), edge_small(0x401000, 3));
	for (uint32_t i = 1; i < 9; i++) {
		kit_run(&e->k, PAGES + 0x5000 - 4 * i, i);
		kit_run(&e->k, PAGES + SECTION_BYTES - 4 * i, i);
	}
	edge_load(e, PAGES + 0x4ffc);
	edge_fault(e, PAGES + 0x5000, ACCESS_FETCH, FS_TRANS_PAGE, 1);
	edge_fault(e, PAGES + SECTION_BYTES, ACCESS_FETCH, FS_TRANS_SECTION, 0);
}

/* Banked registers take what other architectures push: entering an exception stores nothing, neither
 * the guest's nor the monitor's, whatever lies where the guest's stack is. */
static void e36_exception_entry_writes_nothing(void)
{
	static const unsigned vectors[] = { 1, 2, 4, 6, 7, 2 };
	const struct edge_row *row;

	for (unsigned i = 0; (row = edge_row_at(false, i)); i++) {
		struct kit_plan p = { .verify = true };
		struct structure_counts a, b;
		struct lane *l;
		struct edge e;
		size_t at = 0;

		memcpy(p.set, row->set, sizeof(p.set));
		edge_begin(&e, NULL);
		edge_warm_vectors(&e);
		edge_user(&e);
		kit_exec(&e.k);
		l = kit_lane(&e.k, row->spec, &p);
		kit_catch_up(l, &e.k, &at);
		lane_counts(l, &a);
		for (unsigned v = 0; v < 6; v++) {
			kit_exc(&e.k, vectors[v], KIT_SVC);
			kit_run(&e.k, KIT_VECTORS + 4 * vectors[v], 1);
			kit_mode(&e.k, KIT_USR);
			e.k.pc = KIT_CODE;
			kit_exec(&e.k);
		}
		kit_catch_up(l, &e.k, &at);
		lane_counts(l, &b);
		assert_int_equal(a.l1d.writes, b.l1d.writes);
		assert_int_equal(a.wb.stores, b.wb.stores);
		assert_true(l->m->ops->deprivileged || ledger_event(&l->m->ledger, EV_EXC_HW) == 7);
		lane_destroy(l);
		edge_free(&e);
	}
}

/* 832 KB of second-level tables, one of 1 KB a megabyte: from the 833rd on the oldest goes, its
 * entry and its link. In the same order again every one is gone when it is asked for. */
static void e38_pool_runs_out(void)
{
	enum { POOL = (HV_POOL_END - HV_POOL) / 1024, MORE = 40, MANY = POOL + MORE };
	static const struct edge_row rows[] = {
		{ .spec = "coherent:entries=0", .set = { "hv.memory=flat" } },
		{ .spec = "coherent", .set = { "hv.memory=flat" } },
		{ .spec = "native" },
	};
	struct diag why;
	struct edge e;

	edge_begin(&e, NULL);
	kit_poke(&e.k, ENTRY(3), edge_small(0x403000, 3));
	kit_poke(&e.k, KIT_L2 + 0x1000, pt_encode_v5_tiny(0x404400, 3, 3));
	for (uint32_t i = 0; i < MANY; i++)
		edge_link(&e, PAGES + i * SECTION_BYTES, pt_encode_v5_coarse(KIT_L2, 1));
	for (unsigned pass = 0; pass < 2; pass++) {
		edge_mark(&e);
		for (uint32_t i = 0; i < MANY; i++) {
			edge_load(&e, PAGES + i * SECTION_BYTES + 0x3000);
			if (i % 100 == 0)
				edge_sees(&e, PAGES + i * SECTION_BYTES + 0x3000, ACCESS_READ, 0x403000);
		}
		edge_count(&e, "coherent:entries=0", EV_HIDDEN, MANY);
		edge_count(&e, "coherent:entries=0", EV_ALLOC, MANY);
		edge_count(&e, "coherent:entries=0", EV_EVICT, 2 * (pass ? MANY : MORE));
	}
	/* a fine table takes four neighbours' place, its own megabyte's among them or not */
	edge_mark(&e);
	for (uint32_t i = 0; i < 12; i++) {
		uint32_t mva = PAGES + (MANY - 1 - i) * SECTION_BYTES;

		edge_link(&e, mva, pt_encode_v5_fine(KIT_L2 + 0x1000, 1));
		edge_tlbi(&e, mva + 0x3000);
		edge_load(&e, mva);
		edge_sees(&e, mva, ACCESS_READ, 0x404400);
	}
	edge_count(&e, "coherent:entries=0", EV_ALLOC, 48);
	edge_end(&e);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!edge_run(&e, &rows[i], NULL, 4096, &why))
			fail_msg("%s: %s", rows[i].spec, why.msg);
	edge_free(&e);
}

/* By set and way a guest cleans all of its own cache, whatever order its loop has. */
static void e39_clean_by_set_and_way(struct edge *e)
{
	edge_link(e, PAGES, pt_encode_v5_section(0x400000, 3, 1, 3));
	for (uint32_t i = 0; i < 24; i++) {
		edge_load(e, PAGES + 0x10a0 * i);
		edge_store(e, PAGES + 0x10a0 * i);
	}
	edge_dirty(e, "native", 24);
	for (uint32_t way = 0; way < 4; way++)
		for (uint32_t set = 0; set < 128; set++)
			kit_cpw(&e->k, CP_KEY(7, 0, 14, 2), way << 30 | set << 5);
	edge_dirty(e, "native*", 0);
	edge_dirty(e, "coherent*", 0);
	kit_cpw(&e->k, KIT_INVAL_I, 0);
	edge_mark(e);
	edge_load(e, PAGES);                    /* and invalidates it */
	edge_count(e, "native", EV_DFILL_R, 1);
	edge_count(e, "coherent", EV_DFILL_R, 1);
}

/* The same loop on caches of half and of twice the lines, other ways, shorter lines. */
static void e39_loop_over_a_cache_of_another_shape(void)
{
	static const char *const shapes[] = {
		"l1d.bytes=8192", "l1d.bytes=32768", "l1d.ways=2", "l1d.ways=8", "l1d.line=16",
	};
	struct diag why;
	struct edge e;

	edge_begin(&e, NULL);
	e39_clean_by_set_and_way(&e);
	edge_end(&e);
	for (unsigned i = 0; i < strategy_count; i++)
		for (unsigned s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
			struct edge_row row = { .spec = strategy_table[i]->name, .set = { shapes[s] } };

			if (!edge_run(&e, &row, NULL, 7, &why))
				fail_msg("%s, %s: %s", row.spec, shapes[s], why.msg);
		}
	edge_free(&e);
}

/* One frame, cached by one address and not by the other: each access has the attributes of the address it
 * is made by, also where the monitor makes it (mb=strict: what the kernel may write and users only read, in
 * a megabyte of both kinds). */
static void e40_two_cacheabilities_of_a_frame(struct edge *e)
{
	uint8_t user_reads[4] = { 2, 2, 2, 2 };

	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e->k, ENTRY(0), edge_small(0x403000, 3));
	kit_poke(&e->k, ENTRY(1), pt_encode_v5_small(0x400000, user_reads, 3));
	kit_poke(&e->k, ENTRY(2), pt_encode_v5_small(0x400000, user_reads, 0));
	edge_load(e, PAGES);
	edge_user(e);
	edge_load(e, PAGES + 0x1000);
	edge_load(e, PAGES + 0x2000);
	edge_kernel(e);
	edge_dirty(e, "native*", 0);
	edge_dirty(e, "coherent*", 0);
	edge_mark(e);
	for (uint32_t i = 0; i < 4; i++)
		edge_load(e, PAGES + 0x2000 + 4 * i);
	edge_count(e, "*", EV_DREAD_UNC, 4);
	edge_store(e, PAGES + 0x2000);
	edge_dirty(e, "native*", 0);
	edge_dirty(e, "coherent*", 0);
	edge_store(e, PAGES + 0x1000);
	edge_dirty(e, "native*", 1);
	edge_dirty(e, "coherent*", 1);
	edge_count(e, "coherent:mb=strict:ttbr=flush", EV_HIDDEN_EMUL, 2);
	edge_count(e, "coherent", EV_HIDDEN_EMUL, 0);
}

/* Linear map and tables in a manager's domain, an alias of the table in a megabyte whose pages the
 * kernel may write and users read: there AP denies the kernel nothing. Each way of writing the table
 * counts. */
static void e42_table_in_a_manager_domain(struct edge *e)
{
	uint32_t alias = PAGES + SECTION_BYTES;

	edge_link(e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	edge_link(e, alias, pt_encode_v5_coarse(KIT_L2 + 0x1000, 1));
	kit_poke(&e->k, KIT_L2 + 0x1000, edge_small(KIT_L2, 2));
	kit_cpw(&e->k, KEY_DACR, 0x55555557);
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t mva = PAGES + 0x1000 * i;

		kit_poke(&e->k, ENTRY(i), edge_small(0x400000 + 0x1000 * i, 3));
		edge_load(e, mva);
		edge_poke(e, alias + 4 * i, ENTRY(i), 2, edge_small(0x500000 + 0x1000 * i, 3));
		edge_mark(e);
		kit_poke(&e->k, ENTRY(i), edge_small(0x600000 + 0x1000 * i, 3));
		edge_poke(e, alias + 4 * i, ENTRY(i), 2, edge_small(0x700000 + 0x1000 * i, 3));
		edge_traps(e, "coherent", 0);
		edge_tlbi(e, mva);
		edge_load(e, mva);
		edge_sees(e, mva, ACCESS_READ, 0x700000 + 0x1000 * i);
	}
	edge_user(e);
	edge_load(e, alias);
	edge_fault(e, alias, ACCESS_WRITE, FS_PERM_PAGE, 1);
}

const struct edge_case edges_machine[] = {
	EDGE_GUEST(12, e12_section_over_the_monitor),
	EDGE_GUEST(12, e12_fragments_have_the_domain_of_their_section),
	EDGE_GUEST(23, e23_locked_entry_and_its_word),
	EDGE_PLAIN(23, e23_relying_on_a_locked_entry),
	EDGE_GUEST(28, e28_code_in_a_table_frame),
	EDGE_GUEST(35, e35_page_end_before_nothing),
	EDGE_PLAIN(36, e36_exception_entry_writes_nothing),
	EDGE_PLAIN(38, e38_pool_runs_out),
	EDGE_GUEST(39, e39_clean_by_set_and_way),
	EDGE_PLAIN(39, e39_loop_over_a_cache_of_another_shape),
	EDGE_GUEST(40, e40_two_cacheabilities_of_a_frame),
	EDGE_GUEST(42, e42_table_in_a_manager_domain),
	EDGE_END,
};
#else
typedef int cmocka_is_missing;
#endif
