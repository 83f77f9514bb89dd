/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow tables behind a fake port: memory is an array, the host TLB remembers everything it
 * walked until told otherwise. After each operation the hardware, as modelled here, must let
 * through what was filled, no more than the entries grant, and hold nothing stale.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "strategies/shadow.h"

enum { TLB = 512 };

struct fake {
	uint32_t word[SECTION_BYTES / 4];
	uint64_t charged[EVENTS];
	struct { bool valid; gva_t mva; struct walk w; } tlb[TLB];
	struct strategy_port port;
	struct shadow sh;
	const struct mmu_arch *arch;    /* of the hardware, and of the guest */
	struct guest guest;             /* of which no more than v6 counts */
	uint32_t sctlr;
	uint64_t by_asid;               /* host TLB invalidates by ASID */
};

static struct fake fake;

static void f_charge(void *m, enum event e, uint64_t n) { ((struct fake *)m)->charged[e] += n; }
static void f_write(void *m, uint32_t o, uint32_t w) { ((struct fake *)m)->word[o / 4] = w; }
static uint32_t f_peek(void *m, uint32_t o) { return ((struct fake *)m)->word[o / 4]; }
static void f_sync(void *m) { (void)m; }
static void f_tlbi_all(void *m) { memset(((struct fake *)m)->tlb, 0, sizeof(fake.tlb)); }

static void f_tlbi_mva(void *m, gva_t mva)
{
	struct fake *f = m;

	for (unsigned i = 0; i < TLB; i++) {
		unsigned size = f->tlb[i].w.leaf.size_log2;

		if (f->tlb[i].valid && f->tlb[i].mva.raw >> size == mva.raw >> size)
			f->tlb[i].valid = false;
	}
}

static void f_tlbi_mva_asid(void *m, gva_t mva, uint8_t asid)
{
	assert_int_equal(asid, 9);
	f_tlbi_mva(m, mva);
}

static void f_tlbi_asid(void *m, uint8_t asid)
{
	struct fake *f = m;

	assert_int_equal(asid, 9);
	f->by_asid++;
	for (unsigned i = 0; i < TLB; i++)
		if (f->tlb[i].w.leaf.attr & PT_NG)
			f->tlb[i].valid = false;
}

static bool hw_read(void *ctx, uint32_t addr, uint32_t *word)
{
	if (addr - HV_HPA >= SECTION_BYTES)
		return false;
	*word = ((struct fake *)ctx)->word[(addr - HV_HPA) / 4];
	return true;
}

static void hw_walk(gva_t mva, struct walk *w)
{
	struct walk_regs r = { .ttbr0 = HV_HPA + HV_SL1, .sctlr = fake.sctlr };

	walk_tables(fake.arch, &r, mva, hw_read, &fake, w);
}

/* Hardware access in USR mode; remembers what it walked. */
static bool hw_access(gva_t mva, bool user_view, enum access a, uint32_t *pa)
{
	unsigned i = (mva.raw >> 10) * 2654435761u >> 23;
	struct walk w;

	if (!fake.tlb[i].valid || fake.tlb[i].mva.raw >> 10 != mva.raw >> 10) {
		hw_walk(mva, &w);
		if (w.fs)
			return false;
		fake.tlb[i].valid = true;
		fake.tlb[i].mva = mva;
		fake.tlb[i].w = w;
	}
	w = fake.tlb[i].w;
	*pa = walk_pa(&w, mva);
	return !mmu_check(fake.arch, &w, mva, view_dacr(user_view), fake.sctlr, true, a);
}

static void tlb_is_not_stale(void)
{
	for (unsigned i = 0; i < TLB; i++) {
		struct walk w;

		if (!fake.tlb[i].valid)
			continue;
		hw_walk(fake.tlb[i].mva, &w);
		assert_int_equal(w.fs, FS_NONE);
		assert_int_equal(w.l2, fake.tlb[i].w.l2);
		assert_int_equal(w.leaf.domain, fake.tlb[i].w.leaf.domain);
		assert_int_equal(walk_pa(&w, fake.tlb[i].mva),
				 walk_pa(&fake.tlb[i].w, fake.tlb[i].mva));
	}
}

static void start_as(uint32_t entries, enum host_format f)
{
	const char *name = f == HOST_V6 ? "arm1176" : "armv5";
	struct diag d;

	memset(&fake, 0, sizeof(fake));
	fake.arch = mmu_find(name, strlen(name));
	fake.sctlr = f == HOST_V6 ? SCTLR_M | SCTLR_XP : SCTLR_M;
	fake.guest.v6 = f == HOST_V6;
	fake.port = (struct strategy_port){ .m = &fake, .guest = &fake.guest, .charge = f_charge, .shadow_write = f_write,
		.window = HV_WINDOW_VA, .window_bytes = SECTION_BYTES, .vectors = GUEST_VECTORS_VA,
		.shadow_preset = f_write, .shadow_peek = f_peek, .shadow_sync = f_sync,
		.host_tlbi_mva = f_tlbi_mva, .host_tlbi_all = f_tlbi_all,
		.host_tlbi_mva_asid = f_tlbi_mva_asid, .host_tlbi_asid = f_tlbi_asid };
	assert_ok(shadow_start(&fake.sh, &fake.port, &(struct shadow_config){ .entries = entries,
			       .root = HV_SL1, .pool = HV_POOL, .units = SHADOW_TABLES, .format = f,
			       .tagged = f == HOST_V6, .asid = 9 }, &d), &d);
}

static void start(uint32_t entries)
{
	start_as(entries, HOST_V5);
}

static void audit(void)
{
	struct diag d = { "" };

	if (shadow_audit(&fake.sh, &d))
		fail_msg("%s", d.msg);
}

static void stop(void)
{
	audit();
	shadow_stop(&fake.sh);
}

/* A guest page of this size, AP, domain; mapped to the machine at base. */
static struct walk guest_page(unsigned size_log2, unsigned ap, unsigned domain, uint32_t base)
{
	struct walk w = { .levels = size_log2 == SECTION_LOG2 ? 1 : 2, .leaf = { .kind = PT_LEAF,
		.size_log2 = (uint8_t)size_log2, .domain = (uint8_t)domain, .cb = 3,
		.ap = { (uint8_t)ap, (uint8_t)ap, (uint8_t)ap, (uint8_t)ap }, .base = base } };

	return w;
}

static bool fill_as(const struct walk *w, uint32_t mva, unsigned size_log2, bool user,
		    enum access a)
{
	struct shadow_map m = { .mva = gva(mva), .w = w, .size_log2 = size_log2,
		.hpa = walk_pa(w, gva(mva)) & ~((UINT32_C(1) << size_log2) - 1) };
	bool filled;

	m.rights = view_fold_on(fake.arch, w, 0x55555555, fake.sctlr);
	m.ng = w->leaf.attr & PT_NG;
	m.memory = (struct pt_memory){ MEM_NORMAL, CACHE_WB, CACHE_WB, false };
	filled = shadow_fill(&fake.sh, &m, user, a);
	shadow_flush_host(&fake.sh);
	return filled;
}

static void fill(uint32_t mva, unsigned size_log2, unsigned ap)
{
	struct walk w = guest_page(size_log2, ap, 1, mva & ~((UINT32_C(1) << size_log2) - 1));

	assert_true(fill_as(&w, mva, size_log2, ap == 3, ACCESS_READ));
}

static bool reads(uint32_t mva, bool user)
{
	uint32_t pa;

	return hw_access(gva(mva), user, ACCESS_READ, &pa);
}

/* --- directed ------------------------------------------------------------------------- */

static void fills_and_is_spurious(void **state)
{
	struct walk w = guest_page(12, 3, 1, 0x5000);

	(void)state;
	start(8);
	assert_true(fill_as(&w, 0x5004, 12, true, ACCESS_WRITE));
	assert_true(reads(0x5ffc, true));
	assert_false(reads(0x6000, true));
	assert_int_equal(fake.charged[EV_FILL], 1);
	assert_int_equal(fake.charged[EV_ALLOC], 1);
	assert_int_equal(fake.charged[EV_FILL_WORD], 1);        /* the first-level word */
	assert_false(fill_as(&w, 0x5008, 12, true, ACCESS_WRITE));
	assert_int_equal(fake.charged[EV_FILL], 1);
	stop();
}

/* Four entries: the fifth takes the place of the oldest, whatever was used since. */
static void evicts_the_oldest(void **state)
{
	(void)state;
	start(4);
	for (uint32_t i = 0; i < 4; i++)
		fill(i << 12, 12, 3);
	assert_true(reads(0, true));
	for (uint32_t i = 4; i < 12; i++) {
		fill(i << 12, 12, 3);
		assert_int_equal(fake.sh.live, 4);
		for (uint32_t j = 0; j < 12; j++)
			assert_int_equal(reads(j << 12, true), j <= i && j + 4 > i);
		assert_int_equal(fake.charged[EV_EVICT], i - 3);
	}
	stop();
}

/* Small fragments of a section and of a large page: an invalidate anywhere inside drops all. */
static void zap_covers_fragments(void **state)
{
	struct walk s = guest_page(20, 3, 1, 0x300000), l = guest_page(16, 3, 1, 0x450000);

	(void)state;
	start(64);
	for (uint32_t i = 0; i < 10; i++)
		assert_true(fill_as(&s, 0x300000 + (i << 14), 12, true, ACCESS_READ));
	for (uint32_t i = 0; i < 3; i++)
		assert_true(fill_as(&l, 0x450000 + (i << 12), 12, true, ACCESS_READ));
	fill(0x470000, 12, 3);
	shadow_zap_covering(&fake.sh, gva(0x45ff00));
	shadow_flush_host(&fake.sh);
	assert_int_equal(fake.sh.live, 11);
	assert_false(reads(0x450000, true));
	assert_true(reads(0x470000, true));
	shadow_zap_covering(&fake.sh, gva(0x3ffc00));
	shadow_flush_host(&fake.sh);
	assert_int_equal(fake.sh.live, 1);
	shadow_zap_covering(&fake.sh, gva(0x471000));   /* the neighbour page */
	assert_int_equal(fake.sh.live, 1);
	stop();
}

/* Every megabyte wants a table and the pool is smaller: the pool is a FIFO too. */
static void pool_runs_out(void **state)
{
	uint32_t live = 0;

	(void)state;
	start(0);
	for (uint32_t mb = 0; mb < 2 * SHADOW_TABLES; mb++) {
		fill(mb << 20, 12, 3);
		assert_true(reads(mb << 20, true));
		assert_true(fake.sh.units_used <= SHADOW_TABLES);
	}
	assert_true(fake.charged[EV_EVICT] > 0);
	for (uint32_t mb = 0; mb < 2 * SHADOW_TABLES; mb++)
		live += reads(mb << 20, true);
	assert_int_equal(live, SHADOW_TABLES);
	audit();
	for (uint32_t mb = 0; mb < SHADOW_TABLES; mb++) {       /* fine tables take four units */
		fill((mb + 1000) << 20 | 0xc00, 10, 3);
		assert_true(reads((mb + 1000) << 20 | 0xc00, true));
		assert_true(fake.sh.units_used <= SHADOW_TABLES);
	}
	tlb_is_not_stale();
	stop();
}

static void fine_tables(void **state)
{
	(void)state;
	start(64);
	fill(0x1000, 12, 3);            /* coarse at first */
	fill(0x2400, 10, 3);            /* a tiny page: the megabyte becomes fine */
	assert_int_equal(fake.sh.slot[0].kind, SLOT_FINE);
	assert_false(reads(0x1000, true));
	fill(0x1000, 12, 3);            /* four words */
	fill(0x30000, 16, 3);           /* sixty-four */
	assert_true(reads(0x1c00, true) && reads(0x3fffc, true) && reads(0x2400, true));
	assert_false(reads(0x2800, true));
	audit();
	fill(0x00000, 20, 3);           /* a section takes it all */
	assert_int_equal(fake.sh.slot[0].kind, SLOT_SECTION);
	assert_int_equal(fake.sh.units_used, 0);
	assert_int_equal(fake.sh.live, 1);
	assert_true(reads(0xffffc, true));
	fill(0x7000, 12, 3);
	assert_int_equal(fake.sh.slot[0].kind, SLOT_COARSE);
	assert_false(reads(0xffffc, true));
	tlb_is_not_stale();
	stop();
}

/* Kernel pages and user pages in one megabyte: each access goes through, the views stay apart. */
static void mixed_megabyte(void **state)
{
	struct walk k = guest_page(12, 1, 1, 0x1000), u = guest_page(12, 3, 1, 0x2000),
		    ku = guest_page(12, 2, 1, 0x3000);

	(void)state;
	start(64);
	assert_true(fill_as(&k, 0x1000, 12, false, ACCESS_WRITE));
	assert_int_equal(fake.sh.slot[0].state, MB_CLASS);
	assert_true(reads(0x1000, false) && !reads(0x1000, true));
	assert_true(fill_as(&u, 0x2000, 12, true, ACCESS_READ));        /* conflict: both */
	assert_int_equal(fake.sh.slot[0].state, MB_BOTH);
	assert_true(reads(0x2000, true) && reads(0x2000, false) && !reads(0x1000, true));
	assert_true(fill_as(&ku, 0x3000, 12, true, ACCESS_READ));
	assert_int_equal(fake.sh.slot[0].state, MB_BOTH);
	assert_true(reads(0x3000, true));
	assert_true(fill_as(&k, 0x1000, 12, false, ACCESS_READ));
	assert_int_equal(fake.sh.slot[0].state, MB_KONLY);
	assert_true(reads(0x1000, false) && !reads(0x2000, true));
	assert_true(fill_as(&u, 0x2000, 12, true, ACCESS_WRITE));
	assert_int_equal(fake.sh.slot[0].state, MB_BOTH);
	assert_false(reads(0x1000, true) || reads(0x1000, false));
	assert_int_equal(fake.charged[EV_MIXEDMB], 3);
	tlb_is_not_stale();
	shadow_zap_all(&fake.sh);
	assert_true(fill_as(&k, 0x1000, 12, false, ACCESS_READ));       /* empty: one class again */
	assert_int_equal(fake.sh.slot[0].state, MB_CLASS);
	stop();
}

static void domains_go_by_changed_bits(void **state)
{
	(void)state;
	start(64);
	for (unsigned domain = 0; domain < 16; domain++) {
		struct walk w = guest_page(12, 3, domain, domain << 12);

		assert_true(fill_as(&w, domain << 12, 12, true, ACCESS_READ));
	}
	shadow_zap_domains(&fake.sh, 3u << 2 * 7 | 1u << 2 * 9 | 2u << 2 * 15);
	shadow_flush_host(&fake.sh);
	assert_int_equal(fake.charged[EV_FOLD], 16);
	assert_int_equal(fake.charged[EV_ZAP], 3);
	for (unsigned domain = 0; domain < 16; domain++)
		assert_int_equal(reads(domain << 12, true),
				 domain != 7 && domain != 9 && domain != 15);
	stop();
}

/* --- directed, in words of ARMv6 ---------------------------------------------------------- */

/* Sections of a supersection in several megabytes go by an invalidate of any of its addresses. */
static void supersection_in_fragments(void **state)
{
	struct walk w = guest_page(20, 3, 0, 0x10000000);

	(void)state;
	w.leaf.size_log2 = 24;
	start_as(64, HOST_V6);
	for (uint32_t mb = 0; mb < 16; mb += 3)
		assert_true(fill_as(&w, 0x10000000 | mb << 20, 20, true, ACCESS_READ));
	fill(0x11000000, 20, 3);
	fill(0x0ff00000, 20, 3);
	shadow_zap_covering(&fake.sh, gva(0x107ff000));
	shadow_flush_host(&fake.sh);
	for (uint32_t mb = 0; mb < 16; mb++)
		assert_false(reads(0x10000000 | mb << 20, true));
	assert_true(reads(0x11000000, true) && reads(0x0ff00000, true));
	stop();
}

/* A change of ASID keeps what is global, in tables and host TLB, whatever else goes. */
static void nonglobal_entries_go(void **state)
{
	struct walk w = guest_page(12, 3, 1, 0), g = guest_page(12, 3, 1, 0x20000);

	(void)state;
	start_as(64, HOST_V6);
	w.leaf.attr = PT_NG;
	for (uint32_t i = 0; i < 8; i++) {
		w.leaf.base = i << 12;
		assert_true(fill_as(&w, i << 12, 12, true, ACCESS_READ));
		assert_true(reads(i << 12, true));
	}
	assert_true(fill_as(&g, 0x20000, 12, true, ACCESS_READ));
	assert_true(reads(0x20000, true));
	shadow_zap_global_covering(&fake.sh, gva(0x3000));
	assert_int_equal(fake.sh.live, 9);
	shadow_zap_nonglobal(&fake.sh);
	shadow_flush_host(&fake.sh);
	assert_int_equal(fake.by_asid, 1);
	for (uint32_t i = 0; i < 8; i++)
		assert_false(reads(i << 12, true));
	assert_true(reads(0x20000, true));
	shadow_zap_global_covering(&fake.sh, gva(0x20ffc));
	shadow_flush_host(&fake.sh);
	assert_false(reads(0x20000, true));
	stop();
}

/* XN and manager do not meet: the kernel, which may write such a page, may not fetch from it. */
static void xn_of_class_three(void **state)
{
	struct walk w = guest_page(12, 2, 1, 0x1000), x = guest_page(12, 2, 1, 0x2000);
	uint32_t pa;

	(void)state;
	start_as(64, HOST_V6);
	assert_true(fill_as(&x, 0x2000, 12, false, ACCESS_WRITE));
	assert_true(hw_access(gva(0x2000), false, ACCESS_FETCH, &pa));
	assert_int_equal(fake.sh.slot[0].state, MB_CLASS);
	w.leaf.attr = PT_XN;
	assert_true(fill_as(&w, 0x1000, 12, false, ACCESS_WRITE));
	assert_int_equal(fake.sh.slot[0].state, MB_KONLY);
	assert_true(hw_access(gva(0x1000), false, ACCESS_WRITE, &pa));
	assert_false(hw_access(gva(0x1000), false, ACCESS_FETCH, &pa));
	assert_true(fill_as(&w, 0x1000, 12, true, ACCESS_READ));
	assert_true(reads(0x1000, true));
	assert_false(hw_access(gva(0x1000), true, ACCESS_FETCH, &pa));
	stop();
}

/* --- random --------------------------------------------------------------------------- */

static const struct shadow_entry *covering(gva_t mva)
{
	const struct shadow_entry *e = NULL;

	for (int32_t i = fake.sh.slot[mva.raw >> SECTION_LOG2].first; i >= 0; i = e->next) {
		e = &fake.sh.entry[i];
		assert_true(e->live);
		if (mva.raw >> e->size_log2 == e->mva >> e->size_log2)
			return e;
	}
	return NULL;
}

/* What the hardware grants in either view is backed by a live entry with those rights. */
static void probe(struct rng *r)
{
	gva_t mva = gva(rng_below(r, 4) << 20 | rng_below(r, 24) << 12 | rng_below(r, 4) << 10);

	for (unsigned user = 0; user < 2; user++)
		for (int a = ACCESS_READ; a <= ACCESS_WRITE; a++) {
			const struct shadow_entry *e = covering(mva);
			unsigned need = a == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ, quarter;
			uint32_t pa;

			if (!hw_access(mva, user, (enum access)a, &pa))
				continue;
			assert_non_null(e);
			quarter = mva.raw >> (e->guest_size_log2 - 2) & 3;
			assert_true((user ? e->rights.u : e->rights.k)[quarter] & need);
			assert_false(e->rights.xn && hw_access(mva, user, ACCESS_FETCH, &pa));
			assert_int_equal(pa, mva.raw);  /* all guest pages here are identity */
		}
}

static void random_fill(struct rng *r)
{
	static const uint8_t sizes[] = { 20, 16, 12, 12, 12, 10 };
	uint32_t mva = rng_below(r, 4) << 20 | rng_below(r, 24) << 12 | rng_below(r, 4) << 10;
	unsigned guest_size = sizes[rng_below(r, 6)], size = guest_size;
	bool user = rng_below(r, 2), before;
	enum access a = (enum access)rng_below(r, 3);
	struct walk w = guest_page(guest_size, rng_below(r, 4), rng_below(r, 16),
				   mva & ~((UINT32_C(1) << guest_size) - 1));
	struct view_rights v;
	uint32_t pa;

	if (fake.sctlr & SCTLR_XP) {
		if (guest_size == 10)
			return;
		w.leaf.attr = (uint8_t)(rng_below(r, 4) * PT_NG);       /* and APX */
		w.leaf.attr |= rng_below(r, 3) ? 0 : PT_XN;
	} else if (guest_size == 12 || guest_size == 16)
		for (unsigned i = 0; i < 4; i++)
			w.leaf.ap[i] = (uint8_t)(rng_below(r, 3) ? w.leaf.ap[0] : rng_below(r, 4));
	if (guest_size > 12 && rng_below(r, 3))
		size = 12;
	v = view_fold_on(fake.arch, &w, 0x55555555, fake.sctlr);
	if (!view_allows(&v, mva >> (guest_size - 2) & 3, MB_CLASS, user, a))
		return;                 /* the guest's own fault: never filled */
	before = hw_access(gva(mva), user, a, &pa);
	fill_as(&w, mva, size, user, a);
	if (!hw_access(gva(mva), user, a, &pa))
		fail_msg("0x%08x: not let through after its fill (%d before)", mva, before);
	assert_int_equal(pa, mva);
}

static void random_operations_as(enum host_format f)
{
	static const uint32_t capacity[] = { 1, 3, 16, 432, 0 };

	for (unsigned c = 0; c < 5; c++) {
		struct rng r = rng_stream(c, "shadow");

		start_as(capacity[c], f);
		for (unsigned i = 0; i < 20000; i++) {
			unsigned pick = rng_below(&r, 200);

			if (pick == 0)
				shadow_zap_all(&fake.sh);
			else if (pick < 3)
				shadow_zap_domains(&fake.sh, (uint32_t)rng_next(&r));
			else if (f == HOST_V6 && pick < 5)
				shadow_zap_nonglobal(&fake.sh);
			else if (f == HOST_V6 && pick < 10)
				shadow_zap_global_covering(&fake.sh, gva(rng_below(&r, 4 << 20)));
			else if (pick < 20)
				shadow_zap_covering(&fake.sh, gva(rng_below(&r, 4 << 20)));
			else
				random_fill(&r);
			shadow_flush_host(&fake.sh);
			for (unsigned j = 0; j < 4; j++)
				probe(&r);
			if (i % 50 == 0)
				tlb_is_not_stale();
			if (i % 400 == 0)
				audit();
		}
		assert_true(fake.charged[EV_FILL] > 1000);
		assert_true(fake.charged[EV_ZAP] + fake.charged[EV_EVICT] > 1000);
		assert_true(capacity[c] == 1 || fake.charged[EV_MIXEDMB] > 100);
		stop();
	}
}

static void random_operations(void **state)
{
	(void)state;
	random_operations_as(HOST_V5);
}

static void random_operations_in_v6(void **state)
{
	(void)state;
	random_operations_as(HOST_V6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_and_is_spurious),
		cmocka_unit_test(evicts_the_oldest),
		cmocka_unit_test(zap_covers_fragments),
		cmocka_unit_test(pool_runs_out),
		cmocka_unit_test(fine_tables),
		cmocka_unit_test(mixed_megabyte),
		cmocka_unit_test(domains_go_by_changed_bits),
		cmocka_unit_test(supersection_in_fragments),
		cmocka_unit_test(nonglobal_entries_go),
		cmocka_unit_test(xn_of_class_three),
		cmocka_unit_test(random_operations),
		cmocka_unit_test(random_operations_in_v6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
