/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a change between guest kernel and guest user costs under each view of `coherent`, what a guest DACR write does,
 * and what a mixed megabyte becomes: counts and cycles of directed sequences, hypervisor memory flat. Unit
 * costs as in test_closed_forms.c: thin trap E = 80 + 60, a walk reference 35; a DACR write 4, a TTBR write 5, a
 * TLB invalidate 3, a descriptor stored 8, cleaned 20, drained 15.
 */
#include "tests/support.h"

#include <string.h>

#include "sim/spec.h"
#include "tests/machine_kit.h"

enum { E = 140, OP = 25, INJECT = 60, LEVEL = 35, DACR = 4, TTBR = 5, TLBI = 3, STORE = 8, CLEAN = 20,
       DRAIN = 15, HIDDEN = 378 };
enum { SHARED = 20, CLIENTS = 0x55555555 };
#define PAGES 0x10000000u       /* SHARED small pages with AP 11: class 1; domain 1 */
#define MIXED 0x10100000u       /* pages 0 to 3 with AP 01, 10, 11, 00; domain 1 */
#define KERNEL 0x10200000u      /* a section with AP 01, domain 2 */
#define USUAL 0x10300000u       /* as text and data of Linux: page 0 AP 10, page 1 AP 11; domain 3 */
#define MANY 0x20000000u        /* sixteen megabytes, each of its own domain: page 0 AP 01, page 1 AP 11 */

struct bench { struct kit k; struct lane *l; size_t at; };

static uint32_t page_word(uint32_t frame, unsigned ap)
{
	uint8_t all[4] = { (uint8_t)ap, (uint8_t)ap, (uint8_t)ap, (uint8_t)ap };

	return pt_encode_v5_small(frame << 12, all, 3);
}

static void coarse(struct bench *b, uint32_t va, uint32_t table, unsigned domain)
{
	kit_poke(&b->k, KIT_ROOT + 4 * (va >> 20), pt_encode_v5_coarse(table, domain));
}

static void bench_start(struct bench *b, const char *spec)
{
	struct kit_plan p = { .set = { "hv.memory=flat" }, .verify = true };
	static const uint8_t mixed_ap[4] = { 1, 2, 3, 0 };

	kit_linux(&b->k);
	coarse(b, PAGES, KIT_L2, 1);
	coarse(b, MIXED, KIT_L2 + 1024, 1);
	coarse(b, USUAL, KIT_L2 + 2048, 3);
	kit_poke(&b->k, KIT_ROOT + 4 * (KERNEL >> 20), pt_encode_v5_section(0x300000, 1, 2, 3));
	for (uint32_t i = 0; i < SHARED; i++)
		kit_poke(&b->k, KIT_L2 + 4 * i, page_word(0x400 + i, 3));
	for (uint32_t i = 0; i < 4; i++)
		kit_poke(&b->k, KIT_L2 + 1024 + 4 * i, page_word(0x500 + i, mixed_ap[i]));
	kit_poke(&b->k, KIT_L2 + 2048, page_word(0x600, 2));
	kit_poke(&b->k, KIT_L2 + 2052, page_word(0x601, 3));
	for (uint32_t i = 0; i < 16; i++) {
		coarse(b, MANY + (i << 20), KIT_L2 + 4096 + 1024 * i, i);
		kit_poke(&b->k, KIT_L2 + 4096 + 1024 * i, page_word(0x700 + i, 1));
		kit_poke(&b->k, KIT_L2 + 4100 + 1024 * i, page_word(0x800 + i, 3));
	}
	kit_cpw(&b->k, KEY_DACR, CLIENTS);
	b->l = kit_lane(&b->k, spec, &p);
	b->at = 0;
	kit_catch_up(b->l, &b->k, &b->at);
}

/* What the records appended since the last call added. */
static const struct ledger *spent(struct bench *b)
{
	static struct ledger before, diff;

	before = b->l->m->ledger;
	kit_catch_up(b->l, &b->k, &b->at);
	kit_since(&diff, b->l, &before);
	return &diff;
}

static void bench_stop(struct bench *b)
{
	struct diag d = { "" };

	kit_catch_up(b->l, &b->k, &b->at);
	assert_ok(kit_finish(b->l, &b->k, &d), &d);
	if (b->l->violations)
		fail_msg("%s", b->l->first_violation.msg);
	if (b->l->m->ops->audit(b->l->m->self, &d))
		fail_msg("%s", d.msg);
	assert_int_equal(b->l->extra_true, 0);
	lane_destroy(b->l);
	kit_free(&b->k);
}

static void load(struct bench *b, uint32_t va) { kit_access(&b->k, va, false, 2); }
static void store(struct bench *b, uint32_t va) { kit_access(&b->k, va, true, 2); }
static void to_user(struct bench *b) { kit_mode(&b->k, KIT_USR); }

static void to_kernel(struct bench *b)
{
	kit_exc(&b->k, 2, KIT_SVC);
	kit_run(&b->k, KIT_VECTORS + 8, 1);
}

static uint64_t count(struct bench *b, enum event e) { return ledger_event(spent(b), e); }

/* --- cycles of a system call ------------------------------------------------------------------ */

static void touch(struct bench *b, unsigned pages)
{
	for (uint32_t i = 0; i < pages; i++)
		load(b, PAGES + (i << 12));
}

static void system_call(struct bench *b, unsigned pages)
{
	to_kernel(b);
	touch(b, pages);
	to_user(b);
	touch(b, pages);
}

/* What a system call costs the hypervisor, and hardware walks, once all is there. */
static uint64_t syscall_cycles(const char *spec, unsigned pages)
{
	const struct ledger *s;
	struct bench b;
	uint64_t cycles;

	bench_start(&b, spec);
	to_user(&b);
	for (unsigned i = 0; i < 4; i++)
		system_call(&b, pages);
	spent(&b);
	system_call(&b, pages);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_HIDDEN), 0);
	assert_int_equal(kit_traps(s), 1);
	cycles = kit_hv_cycles(s) - E - INJECT +
		 LEVEL * (ledger_event(s, EV_WALK_L1) + ledger_event(s, EV_WALK_L2));
	bench_stop(&b);
	return cycles;
}

/*
 * strategies.md 2.9, the last row: 2 x 4 against 2 x (5 + refill of the touched set). The kernel touches the vectors'
 * alias (two levels) and its code (a section), the user its code; both the pages (two levels each).
 */
static void system_calls_of_domains_and_two_tables(void **state)
{
	enum { FIXED = 2 * LEVEL + LEVEL + LEVEL };
	static const unsigned pages[] = { 1, 7, SHARED };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		uint64_t refill = 2 * pages[i] * 2 * LEVEL + FIXED;

		assert_int_equal(syscall_cycles("coherent", pages[i]), 2 * DACR);
		assert_int_equal(syscall_cycles("coherent:dacr=pass", pages[i]), 2 * DACR);
		assert_int_equal(syscall_cycles("coherent:view=fold", pages[i]), 2 * DACR);
		assert_int_equal(syscall_cycles("coherent:view=two-tables", pages[i]),
				 2 * (TTBR + TLBI) + refill);
	}
}

static void two_tables_with_asids_of(bool v6)
{
	struct kit_plan p = { .core = "arm1176", .verify = true, .set = { "hv.memory=flat" } };
	struct ledger before, diff;
	struct lane *l;
	struct kit k;
	size_t at = 0;

	if (v6)
		kit_linux_v6(&k, "arm1176");
	else
		kit_linux(&k);
	l = kit_lane(&k, "coherent:view=two-tables", &p);
	for (unsigned i = 0; i < 6; i++) {
		if (i == 5) {
			kit_catch_up(l, &k, &at);
			before = l->m->ledger;
		}
		kit_mode(&k, KIT_USR);
		kit_exec(&k);
		kit_exc(&k, 2, KIT_SVC);
		kit_run(&k, KIT_VECTORS + 8, 1);
		kit_access(&k, KIT_LINEAR + 0x5000, true, 2);
	}
	kit_catch_up(l, &k, &at);
	kit_since(&diff, l, &before);
	assert_int_equal(ledger_event(&diff, EV_VIEW_TTBR), 2);
	assert_int_equal(ledger_event(&diff, EV_VIEW_ASID), 2);
	assert_int_equal(ledger_event(&diff, EV_HTLBI_ALL), 0);
	assert_int_equal(ledger_event(&diff, EV_HIDDEN), 0);
	assert_int_equal(ledger_event(&diff, EV_WALK), 0);
	assert_int_equal(kit_hv_cycles(&diff), E + INJECT + 4 * TTBR);
	assert_int_equal(l->violations, 0);
	lane_destroy(l);
	kit_free(&k);
}

/* On a host with ASIDs the other table has one of its own, which a guest of ARMv5 knows nothing of: two registers,
 * and nothing leaves the TLB. */
static void two_tables_with_asids(void **state)
{
	(void)state;
	two_tables_with_asids_of(false);
	two_tables_with_asids_of(true);
}

/* Of a page that both may read and the kernel alone may write; and of one that is the same to both. */
static void reflush_drops_what_differs(void **state)
{
	const struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "coherent:view=reflush");
	load(&b, MIXED + 0x1000);
	load(&b, MIXED + 0x2000);
	load(&b, KERNEL);
	spent(&b);
	to_user(&b);                    /* the linear map, this section and that page */
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_VIEW_FLUSH), 1);
	assert_int_equal(ledger_event(s, EV_ZAP), 3);
	assert_int_equal(ledger_event(s, EV_HTLBI_MVA), 3);
	load(&b, MIXED + 0x2000);
	assert_int_equal(count(&b, EV_HIDDEN), 0);
	load(&b, MIXED + 0x1000);
	s = spent(&b);
	assert_int_equal(kit_traps(s), 1);
	assert_int_equal(kit_hv_cycles(s), HIDDEN);
	to_kernel(&b);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_ZAP), 1);
	bench_stop(&b);
}

/* Entries stay until the other view needs more: a megabyte of the kernel's costs nothing, one of both turns. */
static void fold_turns_at_first_use(void **state)
{
	const struct ledger *s;
	struct bench b;

	(void)state;
	bench_start(&b, "coherent:view=fold");
	load(&b, KERNEL);
	store(&b, MIXED + 0x1000);
	to_user(&b);
	load(&b, MIXED + 0x2000);       /* closed: the kernel's entry goes, this one comes */
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_MIXEDMB), 1);
	load(&b, MIXED + 0x1000);
	to_kernel(&b);
	load(&b, KERNEL);
	load(&b, MIXED + 0x1000);       /* the user's will do */
	load(&b, MIXED + 0x2000);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_MIXEDMB), 0);
	assert_int_equal(ledger_event(s, EV_HIDDEN), 2);        /* the user's page, and the vectors */
	store(&b, MIXED + 0x1000);
	s = spent(&b);
	assert_int_equal(ledger_event(s, EV_MIXEDMB), 1);
	assert_int_equal(ledger_event(s, EV_HIDDEN), 1);
	load(&b, MIXED + 0x2000);       /* whatever view it was made for */
	assert_int_equal(count(&b, EV_HIDDEN), 0);
	bench_stop(&b);
}

/* --- mixed megabytes -------------------------------------------------------------------------- */

/* Both views have all they may, each in its table; a switch stores a word for each such megabyte. */
static void split_megabytes_are_switched(void **state)
{
	static const char *const spec[] = { "coherent:mb=split-view", "coherent:mb=split-view:dacr=pass" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		const struct ledger *s;
		struct bench b;

		bench_start(&b, spec[i]);
		kit_cpw(&b.k, KEY_SCTLR, kit_guest(&b.k)->sctlr | SCTLR_R);
		load(&b, MIXED + 0x3000);       /* nobody may write it: what no manager could keep */
		store(&b, MIXED);
		store(&b, MIXED + 0x1000);
		store(&b, MIXED + 0x2000);
		load(&b, MIXED + 0x3000);
		to_user(&b);
		load(&b, MIXED + 0x1000);
		store(&b, MIXED + 0x2000);
		load(&b, MIXED + 0x3000);
		to_kernel(&b);
		spent(&b);
		store(&b, MIXED);
		store(&b, MIXED + 0x1000);
		store(&b, MIXED + 0x2000);
		assert_int_equal(count(&b, EV_HIDDEN), 0);
		to_user(&b);
		s = spent(&b);
		assert_int_equal(ledger_event(s, EV_VIEW_WORD), 1);
		assert_int_equal(ledger_event(s, EV_HTLBI_MVA), 2);     /* the two that differ */
		assert_int_equal(kit_hv_cycles(s), DACR + STORE + CLEAN + DRAIN + 2 * TLBI);
		load(&b, MIXED + 0x1000);
		store(&b, MIXED + 0x2000);
		s = spent(&b);
		assert_int_equal(ledger_event(s, EV_HIDDEN) + ledger_event(s, EV_MIXEDMB), 0);
		to_kernel(&b);
		kit_cpw(&b.k, KIT_TLBI_ALL, 0);         /* nothing left of it: whole again */
		spent(&b);
		to_user(&b);
		assert_int_equal(count(&b, EV_VIEW_WORD), 0);
		bench_stop(&b);
	}
}

/* The kernel may do all that there is in a megabyte of text and data: manager in its view, dacr=pass. */
static void text_and_data_are_mixed_by_class_alone(void **state)
{
	static const struct { const char *spec; unsigned mixed; } want[] = {
		{ "coherent", 1 }, { "coherent:dacr=pass", 0 },
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		const struct ledger *s;
		struct bench b;

		bench_start(&b, want[i].spec);
		to_user(&b);
		load(&b, USUAL);
		store(&b, USUAL + 0x1000);
		load(&b, USUAL);
		to_kernel(&b);
		spent(&b);
		to_user(&b);
		load(&b, USUAL);
		store(&b, USUAL + 0x1000);
		to_kernel(&b);
		store(&b, USUAL);               /* copy on write, by the kernel */
		s = spent(&b);
		assert_int_equal(ledger_event(s, EV_MIXEDMB), want[i].mixed);
		assert_int_equal(ledger_event(s, EV_HIDDEN), want[i].mixed);
		bench_stop(&b);
	}
}

/* --- the guest's domains ---------------------------------------------------------------------- */

/* dacr=pass: a write costs the trap and its body, whatever changes; nothing is dropped, it acts at once. */
static void dacr_write_is_one_of_the_host(void **state)
{
	static const char *const spec[] = { "coherent:dacr=pass", "coherent:dacr=pass:view=two-tables",
					    "coherent:dacr=pass:view=reflush", "coherent:dacr=pass:view=fold",
					    "coherent:dacr=pass:mb=split-view" };
	static const uint32_t manager = CLIENTS | 2 << 2 * 3, closed = CLIENTS & ~(3u << 2 * 3);

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		const struct ledger *s;
		struct bench b;

		bench_start(&b, spec[i]);
		to_user(&b);
		load(&b, USUAL);
		to_kernel(&b);
		load(&b, KIT_LINEAR);
		spent(&b);
		kit_cpw(&b.k, KEY_DACR, manager);
		s = spent(&b);
		assert_int_equal(kit_traps(s), 1);
		assert_int_equal(kit_hv_cycles(s), E + OP);
		to_user(&b);
		load(&b, USUAL + 0x1000);       /* on this view's table, or this view's entries */
		load(&b, USUAL);
		spent(&b);
		store(&b, USUAL);               /* AP 10: its manager may */
		s = spent(&b);
		assert_int_equal(kit_traps(s), 0);
		to_kernel(&b);
		kit_cpw(&b.k, KEY_DACR, closed);
		s = spent(&b);
		assert_int_equal(ledger_event(s, EV_FOLD), 0);
		kit_data_abort(&b.k, USUAL, false, false, fault_fsr(FS_DOMAIN_PAGE, 3));
		kit_exc(&b.k, 4, KIT_ABT);
		kit_run(&b.k, KIT_VECTORS + 16, 1);
		kit_exec(&b.k);
		kit_catch_up(b.l, &b.k, &b.at);
		assert_int_equal(b.l->injected, 1);
		assert_int_equal(b.l->forced, 0);
		bench_stop(&b);
	}
}

/* Sixteen guest domains, two ways of granting: more pairs than host domains. All accesses are let through
 * all the same, and another turn takes them from each other. */
static void host_domains_are_a_cache(void **state)
{
	static const char *const spec[] = { "coherent:dacr=pass", "coherent:dacr=pass:view=two-tables",
					    "coherent:dacr=pass:view=fold", "coherent:dacr=pass:mb=split-view" };

	(void)state;
	for (unsigned s = 0; s < 4; s++) {
		uint64_t evicted = 0;
		struct diag d = { "" };
		struct bench b;

		bench_start(&b, spec[s]);
		for (unsigned turn = 0; turn < 3; turn++) {
			for (uint32_t i = 0; i < 16; i++) {
				store(&b, MANY + (i << 20));
				to_user(&b);
				store(&b, MANY + (i << 20) + 0x1000);
				to_kernel(&b);
			}
			evicted += count(&b, EV_EVICT);
			if (b.l->m->ops->audit(b.l->m->self, &d))
				fail_msg("%s: %s", spec[s], d.msg);
		}
		assert_true(evicted >= 16);
		bench_stop(&b);
	}
}

/* --- LDRT ------------------------------------------------------------------------------------- */

/* A kernel that is handed a pointer to its own memory: the fault of a user, under every view. */
static void wild_user_pointers_fault(void **state)
{
	static const struct { const char *spec; unsigned cycles; } want[] = {
		{ "coherent", 40 + 2 * DACR }, { "coherent:dacr=pass", 40 + 2 * DACR },
		{ "coherent:view=fold", 40 + 2 * DACR },
		{ "coherent:view=two-tables", 40 + 2 * (TTBR + TLBI) },
		{ "coherent:view=two-tables:dacr=pass", 40 + 2 * (TTBR + TLBI) },
		{ "coherent:view=reflush", 0 }, { "coherent:view=reflush:dacr=pass", 0 },
		{ "coherent:mb=split-view", 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct bench b;

		bench_start(&b, want[i].spec);
		store(&b, MIXED);
		store(&b, KERNEL + 0x40);
		store(&b, MIXED + 0x1000);
		for (unsigned j = 0; j < 2; j++) {
			uint32_t va = j ? KERNEL + 0x40 : MIXED;

			kit_data_abort(&b.k, va, false, true,
				       fault_fsr(j ? FS_PERM_SECTION : FS_PERM_PAGE, j ? 2 : 1));
			kit_exc(&b.k, 4, KIT_ABT);
			kit_run(&b.k, KIT_VECTORS + 16, 1);
			kit_exec(&b.k);
			kit_mode(&b.k, KIT_SVC);
		}
		kit_access(&b.k, MIXED + 0x1000, false, 2 | ACC_UNPRIV);
		kit_access(&b.k, PAGES, false, 2 | ACC_UNPRIV);
		spent(&b);
		kit_access(&b.k, PAGES + 4, false, 2 | ACC_UNPRIV);
		if (want[i].cycles)
			assert_int_equal(kit_hv_cycles(spent(&b)), E + want[i].cycles);
		store(&b, MIXED);               /* the kernel is itself again */
		kit_catch_up(b.l, &b.k, &b.at);
		assert_int_equal(b.l->injected, 2);
		assert_int_equal(b.l->forced, 0);
		bench_stop(&b);
	}
}

/* --- what is refused -------------------------------------------------------------------------- */

static void refused(void **state)
{
	static const struct { const char *spec, *words; } want[] = {
		{ "coherent:view=fold:mb=strict", "mb=strict with view=fold" },
		{ "coherent:view=two-tables:mb=split-view", "mb=split-view with view=two-tables" },
		{ "coherent:view=reflush:mb=strict", "want view=domains, or mb=ap" },
		{ "coherent:tiny=toggle:dacr=pass", "tiny=toggle with dacr=pass" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct spec s;
		struct diag d = { "" };

		assert_int_equal(spec_parse(&s, want[i].spec, &d), ERR_CONFIG);
		if (!strstr(d.msg, want[i].words))
			fail_msg("'%s' lacks '%s'", d.msg, want[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_calls_of_domains_and_two_tables),
		cmocka_unit_test(two_tables_with_asids),
		cmocka_unit_test(reflush_drops_what_differs),
		cmocka_unit_test(fold_turns_at_first_use),
		cmocka_unit_test(split_megabytes_are_switched),
		cmocka_unit_test(text_and_data_are_mixed_by_class_alone),
		cmocka_unit_test(dacr_write_is_one_of_the_host),
		cmocka_unit_test(host_domains_are_a_cache),
		cmocka_unit_test(wild_user_pointers_fault),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
