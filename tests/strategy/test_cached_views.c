/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategy `cached`: what views (view=, mb=) and ways with the guest's domains (dacr=) cost and hold, by directed
 * sequences with hypervisor memory flat.
 */
#include "tests/support.h"

#include <string.h>

#include "tests/strategy/cached_bench.h"

enum { SVC = 2, READS = 2, DACR_COST = 4, TTBR_COST = 5, FOLD = 4, PAGE = 0x1000, SCAN = 4096 * FOLD };

static void to_user(struct bench *b) { kit_mode(&b->k, KIT_USR); }

static void to_kernel(struct bench *b)
{
	kit_exc(&b->k, SVC, KIT_SVC);
	kit_run(&b->k, KIT_VECTORS + 8, 1);
	kit_exec(&b->k);
}

static uint64_t count(struct bench *b, enum event e) { return ledger_event(spent(b), e); }

/* A page of AP `ap` at PAGES + i pages. */
static uint32_t put_page(struct bench *b, uint32_t i, unsigned ap)
{
	uint8_t aps[4];

	memset(aps, (int)ap, sizeof(aps));
	kit_poke(&b->k, KIT_L2 + 4 * i, pt_encode_v5_small(0x500000 + (i << 12), aps, 3));
	return PAGES + i * PAGE;
}

/* --- a null syscall ------------------------------------------------------------------------- */

/* By way of `user` pages of the user and `kernel` of the kernel: what a round adds once all are known. */
static struct ledger round_trip(const char *spec, unsigned user, unsigned kernel)
{
	struct ledger l;
	struct bench b;

	bench_start(&b, spec);
	for (unsigned i = 0; i < 3; i++) {
		(void)spent(&b);
		to_user(&b);
		kit_exec(&b.k);
		for (uint32_t p = 0; p < user; p++)
			load(&b, PAGES + p * PAGE);
		to_kernel(&b);
		for (uint32_t p = 0; p < kernel; p++)
			load(&b, KIT_LINEAR + 0x200000 + p * SECTION_BYTES);
	}
	l = *spent(&b);
	bench_stop(&b);
	return l;
}

/* strategies with domains: one DACR write each way. Two tables: one of TTBR, and the TLB is filled again by
 * hardware: code and vectors, and what is used, once in each view. */
static void a_system_call_by_domains_and_by_tables(void **state)
{
	enum { USER = 5, KERNEL = 3, CODE = 1, VECTORS = 1 };
	struct ledger p1 = round_trip("cached", USER, KERNEL);
	struct ledger p2 = round_trip("cached:view=two-tables", USER, KERNEL);

	(void)state;
	assert_int_equal(ledger_event(&p1, EV_VIEW_SWITCH), 2);
	assert_int_equal(ledger_event(&p1, EV_WALK), 0);
	assert_int_equal(ledger_event(&p2, EV_VIEW_SWITCH), 0);
	assert_int_equal(ledger_event(&p2, EV_VIEW_TTBR), 2);
	assert_int_equal(ledger_event(&p2, EV_HTLBI_ALL), 2);
	assert_int_equal(ledger_event(&p2, EV_HIDDEN), 0);
	assert_int_equal(kit_hv_cycles(&p2) - kit_hv_cycles(&p1), 2 * (TTBR_COST + TLBI) - 2 * DACR_COST);
	assert_int_equal(ledger_event(&p2, EV_WALK), CODE + USER + VECTORS + CODE + KERNEL);
	/* user pages have two levels, as the vectors have; the kernel's sections and the code one */
	assert_int_equal(ledger_event(&p2, EV_WALK_L2), USER + VECTORS);
}

/* What differs between views goes with each change, and is filled again. */
static void reflush_fills_again(void **state)
{
	enum { USER = 5, KERNEL = 3 };
	struct ledger l = round_trip("cached:view=reflush", USER, KERNEL);

	(void)state;
	assert_int_equal(ledger_event(&l, EV_VIEW_SWITCH), 0);
	assert_int_equal(ledger_event(&l, EV_VIEW_FLUSH), 2);
	/* the user's pages are the kernel's, too; its own sections are not the user's */
	assert_int_equal(ledger_event(&l, EV_ZAP), KERNEL);
	assert_int_equal(ledger_event(&l, EV_HIDDEN), KERNEL);
}

/* The kernel's sections are behind a closed domain meanwhile. */
static void fold_keeps_what_is_the_kernels(void **state)
{
	struct ledger l = round_trip("cached:view=fold", 5, 3);

	(void)state;
	assert_int_equal(ledger_event(&l, EV_VIEW_SWITCH), 2);
	assert_int_equal(ledger_event(&l, EV_ZAP) + ledger_event(&l, EV_HIDDEN), 0);
}

/* A page that the user reads and the kernel writes: by the manager's domain; by a table each; by the kernel's
 * rights, until the user asks. */
static void a_page_of_both_with_different_rights(void **state)
{
	static const struct { const char *spec; unsigned hidden, zaps; } rows[] = {
		{ "cached", 0, 0 },
		{ "cached:view=two-tables", 0, 0 },
		{ "cached:view=reflush", 2, 2 },
		{ "cached:view=fold", 2, 4 },           /* the entry and the first-level word, each way */
	};

	(void)state;
	for (unsigned r = 0; r < 4; r++) {
		struct ledger *s = NULL;
		struct bench b;
		uint32_t page;

		bench_start(&b, rows[r].spec);
		page = put_page(&b, 20, READS);
		load(&b, PAGES);
		for (unsigned i = 0; i < 3; i++) {
			(void)spent(&b);
			store(&b, page);
			to_user(&b);
			load(&b, page);
			to_kernel(&b);
			s = spent(&b);
		}
		assert_int_equal(ledger_event(s, EV_HIDDEN), rows[r].hidden);
		assert_int_equal(ledger_event(s, EV_ZAP), rows[r].zaps);
		assert_int_equal(ledger_event(s, EV_MIXEDMB), strstr(rows[r].spec, "fold") ? 2 : 0);
		bench_stop(&b);
	}
}

/* A table in which all pages are of both views is one for both; else each has its own. */
static void tables_without_a_difference_are_shared(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "cached:view=two-tables");
	load(&b, PAGES);
	to_user(&b);
	load(&b, PAGES);
	load(&b, PAGES + PAGE);
	to_kernel(&b);
	load(&b, PAGES + PAGE);
	assert_int_equal(count(&b, EV_ALLOC), 1);
	load(&b, put_page(&b, 20, READS));              /* the table becomes the kernel's */
	to_user(&b);
	assert_int_equal(count(&b, EV_ALLOC), 0);
	load(&b, PAGES);
	load(&b, PAGES + 20 * PAGE);
	assert_int_equal(count(&b, EV_ALLOC), 1);       /* the user's */
	to_kernel(&b);
	load(&b, PAGES);
	to_user(&b);
	load(&b, PAGES + 20 * PAGE);
	to_kernel(&b);
	assert_int_equal(count(&b, EV_HIDDEN), 0);
	bench_stop(&b);
}

/* LDRT on behalf: the user's view, and back. */
static void unprivileged_accesses_change_the_view(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		bench_start(&b, i ? "cached:view=two-tables" : "cached");
		for (unsigned n = 0; n < 2; n++) {
			(void)spent(&b);
			kit_access(&b.k, PAGES, false, 2 | ACC_UNPRIV);
		}
		s = spent(&b);
		assert_int_equal(ledger_event(s, EV_UPRIV), !i);
		assert_int_equal(ledger_event(s, EV_UPRIV_BODY), i);
		assert_int_equal(ledger_event(s, EV_VIEW_TTBR), 2 * i);
		assert_int_equal(ledger_event(s, EV_HTLBI_ALL), 2 * i);
		bench_stop(&b);
	}
}

/* --- megabytes of several kinds ------------------------------------------------------------- */

/* With SCTLR.S a page of AP 00 is read-only to the kernel alone; beside a writable one of both no grant does. */
static struct ledger *mixed(struct bench *b, const char *spec)
{
	uint32_t kernels, both = PAGES;

	bench_start(b, spec);
	kit_cpw(&b->k, KEY_SCTLR, kit_guest(&b->k)->sctlr | SCTLR_S);
	kernels = put_page(b, 20, 0);
	for (unsigned i = 0; i < 3; i++) {
		(void)spent(b);
		load(b, kernels);
		to_user(b);
		store(b, both);
		to_kernel(b);
	}
	return spent(b);
}

static void mixed_megabytes_by_policy(void **state)
{
	struct ledger *s;
	struct bench b;

	(void)state;
	s = mixed(&b, "cached");                /* all entries re-derived, each way: one differs */
	assert_int_equal(ledger_event(s, EV_MIXEDMB), 2);
	assert_int_equal(ledger_event(s, EV_HIDDEN), 2);
	assert_int_equal(ledger_event(s, EV_FILL), 2);
	bench_stop(&b);
	s = mixed(&b, "cached:mb=split-view");  /* a word each way */
	assert_int_equal(ledger_event(s, EV_MIXEDMB), 2);
	assert_int_equal(ledger_event(s, EV_HIDDEN), 2);
	assert_int_equal(ledger_event(s, EV_FILL_WORD), 2);
	assert_int_equal(ledger_event(s, EV_FILL) + ledger_event(s, EV_ZAP), 0);
	bench_stop(&b);
	s = mixed(&b, "cached:mb=strict");      /* the kernel's is carried out */
	assert_int_equal(ledger_event(s, EV_HIDDEN_EMUL), 1);
	assert_int_equal(ledger_event(s, EV_HIDDEN) + ledger_event(s, EV_MIXEDMB), 0);
	bench_stop(&b);
}

/* A store that is carried out into a table is one to a traced table. */
static void strict_stores_to_tables_are_followed(void **state)
{
	uint32_t alias = PAGES + 21 * PAGE;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:mb=strict:sync=unsync");
	kit_cpw(&b.k, KEY_SCTLR, kit_guest(&b.k)->sctlr | SCTLR_S);
	(void)put_page(&b, 20, 0);
	kit_poke(&b.k, KIT_L2 + 4 * 21, pt_encode_v5_small(KIT_ROOT, (const uint8_t[4]){ 1, 1, 1, 1 }, 3));
	load(&b, PAGES + 2 * PAGE);
	load(&b, PAGES + 20 * PAGE);
	(void)spent(&b);
	kit_put(&b.k, &(struct trace_rec){ .kind = TRACE_STORE, .va = alias + 4 * (PAGES >> 20), .flags = 2 | ACC_VALUED,
		.a = KIT_ROOT + 4 * (PAGES >> 20), .b = pt_encode_v5_coarse(L2_B, 1) }, NULL);
	assert_int_equal(count(&b, EV_PT_WRITE), 1);
	load(&b, PAGES + 2 * PAGE);             /* by the other table: --verify would know */
	assert_int_equal(count(&b, EV_HIDDEN), 1);
	bench_stop(&b);
}

/* E42: what is traced is in no manager's domain, whatever the rest of its megabyte is. */
static void tables_in_a_megabyte_of_class_three(void **state)
{
	static const char *const specs[] = {
		"cached", "cached:mb=strict", "cached:mb=split-view", "cached:view=two-tables", "cached:view=reflush",
		"cached:view=fold", "cached:dacr=iterate-swizzle", "cached:dacr=track:mb=split-view",
	};
	uint32_t alias = PAGES + 21 * PAGE;

	(void)state;
	for (unsigned i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct bench b;

		bench_start(&b, specs[i]);
		(void)put_page(&b, 20, READS);
		kit_poke(&b.k, KIT_L2 + 4 * 21, pt_encode_v5_small(L2_B, (const uint8_t[4]){ 2, 2, 2, 2 }, 3));
		store(&b, PAGES + 20 * PAGE);           /* class 3 throughout: a manager's domain, where there are */
		kit_access(&b.k, alias + 0x800, true, 2);
		(void)spent(&b);
		kit_poke(&b.k, KIT_ROOT + 4 * (PAGES >> 20) + 4, pt_encode_v5_coarse(L2_B, 1));
		load(&b, PAGES + SECTION_BYTES + 3 * PAGE);     /* now the alias is one of a table */
		(void)spent(&b);
		kit_put(&b.k, &(struct trace_rec){ .kind = TRACE_STORE, .va = alias + 4 * 3, .flags = 2 | ACC_VALUED,
			.a = L2_B + 4 * 3, .b = page_word(99) }, NULL);
		assert_int_equal(count(&b, EV_PT_WRITE), 1);
		load(&b, PAGES + SECTION_BYTES + 3 * PAGE);
		bench_stop(&b);
	}
}

/* --- the guest's DACR ----------------------------------------------------------------------- */

enum { SLOTS = 8 };                     /* a line of first-level words, of domain 5 */
#define FIVE 0x20000000u
#define WITH(dacr, access) (((dacr) & ~(3u << 10)) | (uint32_t)(access) << 10)

/* Eight megabytes of one table, two pages of each in use; then domain 5 is closed, opened, closed, opened. */
struct dacr_costs { struct ledger close, open, use; };

static struct dacr_costs dacr_writes(const char *spec, unsigned access)
{
	struct dacr_costs d;
	struct bench b;
	uint32_t dacr;

	bench_start(&b, spec);
	dacr = WITH(kit_guest(&b.k)->dacr, 1);
	kit_cpw(&b.k, KEY_DACR, dacr);
	for (uint32_t i = 0; i < SLOTS; i++)
		kit_poke(&b.k, KIT_ROOT + 4 * ((FIVE >> 20) + i), pt_encode_v5_coarse(KIT_L2 + 1024 * (i & 1), 5));
	kit_poke(&b.k, KIT_L2 + 1024, page_word(33));
	kit_poke(&b.k, KIT_L2 + 1024 + 4, page_word(34));
	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 2 * SLOTS; i++)
			load(&b, FIVE + (i / 2 << 20) + PAGE * (i & 1));
		d.use = *spent(&b);
		kit_cpw(&b.k, KEY_DACR, WITH(dacr, access));
		d.close = *spent(&b);
		if (access)
			for (uint32_t i = 0; i < 2 * SLOTS; i++)
				load(&b, FIVE + (i / 2 << 20) + PAGE * (i & 1));
		(void)spent(&b);
		kit_cpw(&b.k, KEY_DACR, dacr);
		d.open = *spent(&b);
	}
	for (uint32_t i = 0; i < 2 * SLOTS; i++)
		load(&b, FIVE + (i / 2 << 20) + PAGE * (i & 1));
	d.use = *spent(&b);
	bench_stop(&b);
	return d;
}

static void a_domain_closes_and_opens(void **state)
{
	/* opening takes nothing from the TLB */
	enum { LEAD = SLOTS * WORD + CLEAN + DRAIN, REPOINT = LEAD + TLBI };
	static const struct { const char *spec; uint64_t close, open, hidden, alloc; } rows[] = {
		{ "cached", E + OP, E + OP, 0, 0 },
		/* two tables that nothing leads to any more; two entries of each are found by what they map */
		{ "cached:dacr=iterate-drop", E + OP + SCAN + REPOINT + 4 * FOLD, E + OP + SCAN, SLOTS + 2, 2 },
		{ "cached:dacr=iterate-swizzle", E + OP + SCAN + REPOINT, E + OP + SCAN + LEAD, 0, 0 },
		{ "cached:dacr=track", E + OP + SLOTS * FOLD + REPOINT, E + OP + SLOTS * FOLD + LEAD, 0, 0 },
		{ "cached:dacr=track:view=two-tables", E + OP + SLOTS * FOLD + REPOINT,
		  E + OP + SLOTS * FOLD + LEAD, 0, 0 },
		{ "cached:dacr=track:view=fold", E + OP + SLOTS * FOLD + REPOINT,
		  E + OP + SLOTS * FOLD + LEAD, 0, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dacr_costs d = dacr_writes(rows[i].spec, 0);

		print_message("# %s: %llu, %llu\n", rows[i].spec, (unsigned long long)kit_hv_cycles(&d.close),
			      (unsigned long long)kit_hv_cycles(&d.open));
		assert_int_equal(kit_hv_cycles(&d.close), rows[i].close);
		assert_int_equal(kit_hv_cycles(&d.open), rows[i].open);
		assert_int_equal(ledger_event(&d.use, EV_HIDDEN), rows[i].hidden);
		assert_int_equal(ledger_event(&d.use, EV_ALLOC), rows[i].alloc);
	}
}

/* Rights of a manager are another variant of a table, which with pass and iterate-drop does not outlive its use. */
static void a_domain_becomes_a_managers(void **state)
{
	static const struct { const char *spec; uint64_t hidden, fold; } rows[] = {
		{ "cached", 10, 0 },
		{ "cached:dacr=iterate-drop", 10, 4096 },
		{ "cached:dacr=iterate-swizzle", 0, 4096 },
		{ "cached:dacr=track", 0, SLOTS },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dacr_costs d = dacr_writes(rows[i].spec, 3);

		assert_int_equal(ledger_event(&d.use, EV_HIDDEN), rows[i].hidden);
		if (rows[i].fold)
			assert_int_equal(ledger_event(&d.close, EV_FOLD), rows[i].fold);
	}
}

/* A section's word has its rights in it: there is nothing to fill. */
static void sections_are_written_anew(void **state)
{
	uint32_t dacr;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:dacr=track");
	dacr = WITH(kit_guest(&b.k)->dacr, 1);
	kit_cpw(&b.k, KEY_DACR, dacr);
	kit_poke(&b.k, KIT_ROOT + 4 * (FIVE >> 20), pt_encode_v5_section(0x600000, 2, 5, 3));
	load(&b, FIVE);
	(void)spent(&b);
	for (unsigned i = 0; i < 3; i++) {
		static const unsigned access[] = { 0, 3, 1 };

		kit_cpw(&b.k, KEY_DACR, WITH(dacr, access[i]));
		expect(&b, 1, E + OP + FOLD + WORD + CLEAN + DRAIN + TLBI);
		if (!i)
			continue;
		store(&b, FIVE);
		assert_int_equal(count(&b, EV_HIDDEN), 0);
	}
	bench_stop(&b);
}

/* Roots that are not in use are brought to the guest's DACR when they are: no sooner, and only if it is another. */
static void other_roots_follow_when_they_are_used(void **state)
{
	uint32_t dacr;
	struct bench b;

	(void)state;
	bench_start(&b, "cached:dacr=iterate-swizzle");
	dacr = kit_guest(&b.k)->dacr;
	load(&b, PAGES);
	kit_cpw(&b.k, KEY_TTBR0, ROOT_B);
	load(&b, PAGES);
	(void)spent(&b);
	kit_cpw(&b.k, KEY_DACR, dacr & ~(3u << 2));
	assert_int_equal(count(&b, EV_FOLD), 4096);
	kit_cpw(&b.k, KEY_TTBR0, KIT_ROOT);
	assert_int_equal(count(&b, EV_FOLD), 4096);
	kit_cpw(&b.k, KEY_DACR, dacr);
	assert_int_equal(count(&b, EV_FOLD), 4096);
	load(&b, PAGES);
	kit_cpw(&b.k, KEY_TTBR0, ROOT_B);
	load(&b, PAGES);
	kit_cpw(&b.k, KEY_TTBR0, KIT_ROOT);
	load(&b, PAGES);
	assert_int_equal(count(&b, EV_FOLD), 4096);
	assert_int_equal(count(&b, EV_HIDDEN), 0);
	bench_stop(&b);
}

/* ARMv6: a global page of a domain that another address space used stays in the host TLB at a change of roots, with
 * the rights that its word has. A DACR write is for that entry, too, though this root has no word for it. */
static void global_entries_of_other_roots_obey(void **state)
{
	static const char *const specs[] = {
		"cached", "cached:dacr=iterate-drop", "cached:dacr=iterate-swizzle", "cached:dacr=track",
		"cached:dacr=track:view=two-tables",
	};
	struct pt_desc d = { .kind = PT_LEAF, .base = 0x600000, .size_log2 = SECTION_LOG2, .cb = 3, .domain = 5,
			     .ap = { 3, 3, 3, 3 } };
	struct kit_plan p = { .core = "arm1176", .verify = true };
	struct kit k;

	(void)state;
	kit_linux_v6(&k, "arm1176");
	for (unsigned i = 0; i < 4; i++)
		kit_image(&k, ROOT_B + 4096 * i, mem_frame(kit_guest(&k)->tables, KIT_ROOT + 4096 * i));
	for (unsigned i = 0; i < 2; i++)
		kit_poke(&k, (i ? ROOT_B : KIT_ROOT) + 4 * (FIVE >> 20), pt_encode_v6(&d));
	kit_cpw(&k, KEY_DACR, WITH(kit_guest(&k)->dacr, 1));
	kit_cpw(&k, KEY_TTBR0, ROOT_B);
	kit_access(&k, FIVE, false, 2);
	kit_cpw(&k, KEY_TTBR0, KIT_ROOT);
	kit_cpw(&k, KEY_DACR, WITH(kit_guest(&k)->dacr, 0));
	kit_data_abort(&k, FIVE, false, false, fault_fsr(FS_DOMAIN_SECTION, 5));
	kit_exc(&k, 4, KIT_ABT);
	kit_mode(&k, KIT_SVC);
	for (unsigned i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct lane *l = kit_replay(&k, specs[i], &p);

		assert_int_equal(l->violations, 0);
		assert_int_equal(l->forced, 0);
		lane_destroy(l);
	}
	kit_free(&k);
}

/* ARMv6: such an entry of a page where this root has a section; what made an access abort is named by its address. */
static void global_pages_where_a_section_is(void **state)
{
	struct pt_desc table = { .kind = PT_COARSE, .base = KIT_L2 };
	struct pt_desc page = { .kind = PT_LEAF, .base = 0x600000, .size_log2 = FRAME_LOG2, .cb = 3,
				.ap = { 1, 1, 1, 1 } };
	struct pt_desc section = { .kind = PT_LEAF, .base = 0x700000, .size_log2 = SECTION_LOG2, .cb = 3,
				   .attr = PT_NG, .ap = { 3, 3, 3, 3 } };
	struct kit_plan p = { .core = "arm1176", .verify = true };
	struct lane *l;
	struct kit k;

	(void)state;
	kit_linux_v6(&k, "arm1176");
	for (unsigned i = 0; i < 4; i++)
		kit_image(&k, ROOT_B + 4096 * i, mem_frame(kit_guest(&k)->tables, KIT_ROOT + 4096 * i));
	kit_poke(&k, ROOT_B + 4 * (FIVE >> 20), pt_encode_v6(&table));
	kit_poke(&k, KIT_ROOT + 4 * (FIVE >> 20), pt_encode_v6(&section));
	kit_poke(&k, KIT_L2 + 4 * 7, pt_encode_v6(&page));
	kit_cpw(&k, KEY_TTBR0, ROOT_B);
	kit_access(&k, FIVE + 0x7000, false, 2);
	kit_cpw(&k, KEY_TTBR0, KIT_ROOT);
	kit_mode(&k, KIT_USR);
	kit_access(&k, FIVE + 0x7000, false, 2);
	l = kit_replay(&k, "cached", &p);
	if (l->violations)
		fail_msg("%s", l->first_violation.msg);
	lane_destroy(l);
	kit_free(&k);
}

/* ARMv6: each view has an ASID, so a system call needs no flush, and what differs is never global. */
static struct ledger switches_on_v6(unsigned rounds)
{
	struct kit_plan p = { .core = "arm1176", .verify = true };
	struct ledger g;
	struct lane *l;
	struct kit k;

	kit_linux_v6(&k, "arm1176");
	for (unsigned i = 0; i < rounds; i++) {
		kit_exec(&k);
		kit_access(&k, KIT_LINEAR + 0x300000, true, 2);
		kit_mode(&k, KIT_USR);
		kit_exec(&k);
		kit_exc(&k, SVC, KIT_SVC);
		kit_run(&k, KIT_VECTORS + 8, 1);
	}
	l = kit_replay(&k, "cached:view=two-tables", &p);
	assert_int_equal(l->violations, 0);
	g = l->m->ledger;
	lane_destroy(l);
	kit_free(&k);
	return g;
}

static void views_with_asids_need_no_flush(void **state)
{
	struct ledger few = switches_on_v6(3), many = switches_on_v6(13);

	(void)state;
	assert_int_equal(ledger_event(&many, EV_VIEW_TTBR) - ledger_event(&few, EV_VIEW_TTBR), 20);
	assert_int_equal(ledger_event(&many, EV_VIEW_ASID) - ledger_event(&few, EV_VIEW_ASID), 20);
	assert_int_equal(ledger_event(&many, EV_HTLBI_ALL), ledger_event(&few, EV_HTLBI_ALL));
	assert_int_equal(ledger_event(&many, EV_WALK), ledger_event(&few, EV_WALK));
	assert_int_equal(ledger_event(&many, EV_HIDDEN), ledger_event(&few, EV_HIDDEN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_system_call_by_domains_and_by_tables),
		cmocka_unit_test(reflush_fills_again),
		cmocka_unit_test(fold_keeps_what_is_the_kernels),
		cmocka_unit_test(a_page_of_both_with_different_rights),
		cmocka_unit_test(tables_without_a_difference_are_shared),
		cmocka_unit_test(unprivileged_accesses_change_the_view),
		cmocka_unit_test(mixed_megabytes_by_policy),
		cmocka_unit_test(strict_stores_to_tables_are_followed),
		cmocka_unit_test(tables_in_a_megabyte_of_class_three),
		cmocka_unit_test(a_domain_closes_and_opens),
		cmocka_unit_test(a_domain_becomes_a_managers),
		cmocka_unit_test(sections_are_written_anew),
		cmocka_unit_test(other_roots_follow_when_they_are_used),
		cmocka_unit_test(global_entries_of_other_roots_obey),
		cmocka_unit_test(global_pages_where_a_section_is),
		cmocka_unit_test(views_with_asids_need_no_flush),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
