/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/strategy/random_guest_v6_inside.h"

#include <string.h>

/* --- modes ---------------------------------------------------------------------------- */

static void to_kernel(struct maker *m)
{
	if (!is_user(m))
		return;
	m->k->pc = KIT_CODE;
	kit_exec(m->k);
	kit_exc(m->k, one_in(m, 3) ? 6 : 2, KIT_SVC);
	kit_run(m->k, KIT_VECTORS + 8, 1);
	m->k->pc = KIT_CODE;
}

static void to_user(struct maker *m)
{
	if (!is_user(m))
		kit_mode(m->k, KIT_USR);
}

/* --- accesses ------------------------------------------------------------------------- */

enum outcome { SUCCEEDS, FAULTS };
struct chosen { enum outcome what; enum fault_status fs; unsigned domain; };

struct old_fault { const struct maker *m; gva_t mva; bool user; enum access a; struct chosen *c; };

/* A member that is a translation (TLBs hold no others) and denies the access. */
static bool denies(void *ctx, const struct walk *w)
{
	struct old_fault *o = ctx;

	if (w->fs || !w->levels)
		return false;
	o->c->fs = guest_check(now(o->m), w, o->mva, o->user, o->a);
	o->c->domain = w->leaf.domain;
	return o->c->fs != FS_NONE;
}

static struct chosen choose(struct maker *m, gva_t mva, bool user, enum access a)
{
	const struct guest *g = now(m);
	struct chosen c = { .what = SUCCEEDS };
	struct old_fault o = { m, mva, user, a, &c };
	struct walk w, old;

	guest_walk(g, mva, &w);
	c.fs = w.fs ? (enum fault_status)w.fs : guest_check(g, &w, mva, user, a);
	c.domain = w.domain;
	if (c.fs) {
		if (!oracle_allowing(g, mva, user, a, &old) || one_in(m, 2))
			c.what = FAULTS;
		else
			m->n->stale++;
	} else if (one_in(m, 6) && oracle_each(g, mva, denies, &o)) {
		c.what = FAULTS;
		m->n->old_faults++;
	}
	return c;
}

static uint32_t status_of(const struct maker *m, const struct chosen *c, enum access a)
{
	struct fault_report r = mmu_fault_report(now(m)->arch, c->fs, a);

	return r.status | (r.domain_valid ? c->domain << 4 : 0u) | (a == ACCESS_WRITE ? 0x800u : 0u);
}

static void handler(struct maker *m, unsigned vector)
{
	kit_exc(m->k, vector, KIT_ABT);
	kit_run(m->k, KIT_VECTORS + 4 * vector, 1);
	m->k->pc = KIT_CODE;
	kit_exec(m->k);
	m->n->aborts++;
}

static uint32_t any_mva(struct maker *m)
{
	uint32_t quarter;

	if (m->busy && !one_in(m, 6)) {
		m->last_mva = v6_arena[below(m, BUSY)];
		m->last_mva |= below(m, BUSY_PAGES) << 12;
	} else if (m->wide && one_in(m, 10)) {
		m->last_mva = KIT_VECTORS & ~0xfffffu;
		m->last_mva |= (TOP_PAGE + below(m, TOP_PAGES)) << 12;
	} else if (!one_in(m, 3)) {
		m->last_mva = v6_arena[below(m, ARENA)];
		m->last_mva |= below(m, PAGES) << 12;
	}
	quarter = below(m, 4) << 10;
	return m->last_mva | quarter | below(m, 255) << 2;
}

struct oldest { const struct maker *m; gva_t mva; bool user; uint32_t pa; };

static bool keep_oldest(void *ctx, const struct walk *w)
{
	struct oldest *o = ctx;

	if (!w->fs && !guest_check(now(o->m), w, o->mva, o->user, ACCESS_WRITE))
		o->pa = walk_pa(w, o->mva);
	return false;
}

/* A store that goes well, to where the youngest or the oldest translation leads that allows it; with
 * its value if tables are there. flags: words or halfwords. */
static void aliased_store(struct maker *m, uint32_t va, bool user, unsigned flags)
{
	struct trace_rec r = { .kind = TRACE_STORE, .va = va, .flags = (uint8_t)flags };
	struct oldest o = { .m = m, .mva = gva(va), .user = user };
	struct walk w;
	uint32_t old;

	assert_true(oracle_allowing(now(m), gva(va), user, ACCESS_WRITE, &w));
	o.pa = walk_pa(&w, gva(va));
	if (one_in(m, 4))
		(void)oracle_each(now(m), gva(va), keep_oldest, &o);
	if (mem_read(now(m)->tables, o.pa & ~3u, &old)) {
		r.flags |= ACC_VALUED;
		r.a = o.pa;
		r.b = v6_any_word_for(m, o.pa & ~3u, (flags & ACC_SIZE_MASK) == 2, old) >> 8 * (o.pa & 3);
		m->n->alias_stores++;
	}
	kit_put(m->k, &r, NULL);
}

static void data(struct maker *m)
{
	uint32_t va = any_mva(m);
	bool write = one_in(m, 3), unpriv = one_in(m, 6);
	enum access a = write ? ACCESS_WRITE : ACCESS_READ;
	struct chosen c = choose(m, gva(va), is_user(m) || unpriv, a);

	m->k->pc = KIT_CODE | below(m, 512) << 2;
	m->n->accesses++;
	if (c.what == SUCCEEDS && write && m->aliases) {
		kit_exec(m->k);
		aliased_store(m, va, is_user(m) || unpriv, 2 | (unpriv ? ACC_UNPRIV : one_in(m, 4) ? ACC_EXCL
											     : ACC_NORMAL));
		return;
	}
	if (c.what == SUCCEEDS) {
		kit_access(m->k, va, write, 2 | (unpriv ? ACC_UNPRIV : ACC_NORMAL));
		return;
	}
	kit_data_abort(m->k, va, write, unpriv, status_of(m, &c, a));
	handler(m, 4);
}

/* A word across a page's end, as U = 1 allows; also where only the upper half faults. */
static void split(struct maker *m)
{
	uint32_t va = (any_mva(m) | 0xfff) - 1;
	bool write = one_in(m, 2);
	enum access a = write ? ACCESS_WRITE : ACCESS_READ;
	struct chosen c;
	struct walk w;

	if ((va + 2) % SECTION_BYTES == 0 ||
	    !oracle_allowing(now(m), gva(va), is_user(m), a, &w))
		return;
	c = choose(m, gva(va + 2), is_user(m), a);
	m->k->pc = KIT_CODE;
	if (c.what == SUCCEEDS && write && m->aliases) {        /* stores with a value are within a word */
		kit_exec(m->k);
		aliased_store(m, va, is_user(m), 1);
		aliased_store(m, va + 2, is_user(m), 1);
		return;
	}
	if (c.what == SUCCEEDS) {
		kit_access(m->k, va, write, 2 | ACC_SPLIT);
		return;
	}
	kit_data_abort(m->k, va + 2, write, false, status_of(m, &c, a));
	handler(m, 4);
}

static void fetch(struct maker *m)
{
	uint32_t va = any_mva(m) & ~0x3fu;
	struct chosen c = choose(m, gva(va), is_user(m), ACCESS_FETCH);

	m->n->accesses++;
	m->k->pc = KIT_CODE;
	if (c.what == SUCCEEDS) {
		kit_run(m->k, va, 1 + below(m, 6));
		return;
	}
	kit_fetch_abort(m->k, va, status_of(m, &c, ACCESS_FETCH));
	handler(m, 3);
}

/* --- registers and operations ----------------------------------------------------------- */

static void switch_process(struct maker *m)
{
	uint32_t root = v6_root_address(below(m, ROOTS)), asid = below(m, ASIDS);

	asid |= below(m, 4) << 8;       /* PROCID */
	if (m->aliases && one_in(m, 4))
		kit_cpw(m->k, KEY_TTBR1, v6_root_address(below(m, ROOTS + 1)));
	switch (below(m, 4)) {
	case 0:         /* the same tables under another ASID */
		break;
	case 1:         /* in one order or the other: pairs that nobody meant exist for a moment */
		kit_cpw(m->k, KEY_TTBR0, root);
		break;
	case 2:
		kit_cpw(m->k, KEY_CONTEXTIDR, asid);
		if (one_in(m, 2))
			kit_access(m->k, KIT_LINEAR | 0x300000 | below(m, 512) << 2, false, 2);
		kit_cpw(m->k, KEY_TTBR0, root);
		return;
	default:        /* by way of an ASID that none has */
		kit_cpw(m->k, KEY_CONTEXTIDR, 0xff);
		kit_cpw(m->k, KEY_TTBR0, root);
	}
	kit_cpw(m->k, KEY_CONTEXTIDR, asid);
}

/* PD0 only where the kernel is in the other half. */
static void move_split(struct maker *m)
{
	uint32_t n = below(m, 4);

	if (now(m)->arch->pd && n && one_in(m, 3))
		n |= 1 << 4;
	kit_cpw(m->k, KEY_TTBCR, n);
}

static void invalidate(struct maker *m)
{
	uint32_t mva = one_in(m, 2) ? m->last_mva : any_mva(m);
	uint32_t asid = one_in(m, 2) ? guest_asid(now(m)) : below(m, ASIDS);

	m->n->invalidates++;
	switch (below(m, 12)) {
	case 0:
		kit_cpw(m->k, KIT_TLBI_ALL, 0);
		break;
	case 1:
	case 2:
		kit_cpw(m->k, INVAL_ASID, asid);
		break;
	case 3:
	case 4:         /* an ARM1136 or ARM1176 has none */
		if (!strcmp(m->k->t.header.core, "mpcore")) {
			kit_cpw(m->k, INVAL_MVAA, mva & ~0xfffu);
			break;
		}
		/* fallthrough */
	default:
		kit_cpw(m->k, KIT_TLBI_MVA, (mva & ~0xfffu) | asid);
	}
}

static void any_physical(struct maker *m)
{
	uint32_t pa = 0x00200000 + (below(m, 40000) << 2);

	if (m->aliases && one_in(m, 3)) {
		pa = v6_table_frame(m);
		pa += below(m, 1024) << 2;
		kit_exec(m->k);
		aliased_store(m, pa, false, 2);
		return;
	}
	kit_access(m->k, pa, one_in(m, 2), 2);
}

static void mmu_off(struct maker *m)
{
	uint32_t sctlr = now(m)->sctlr;

	kit_cpw(m->k, KEY_SCTLR, sctlr & ~(uint32_t)SCTLR_M);
	m->k->pc = 0x00100000;
	for (unsigned i = below(m, 6); i-- > 0;)
		any_physical(m);
	if (one_in(m, 2))
		kit_cpw(m->k, KEY_CONTEXTIDR, below(m, ASIDS));
	kit_cpw(m->k, KEY_SCTLR, sctlr);
	m->k->pc = KIT_CODE;
}

static void other_reading(struct maker *m)
{
	static const uint32_t bit[] = { SCTLR_XP, SCTLR_XP, SCTLR_S, SCTLR_R };
	uint32_t flip = bit[below(m, 4)];

	kit_cpw(m->k, KEY_SCTLR, now(m)->sctlr ^ flip);
}

static void other_register(struct maker *m)
{
	const struct mmu_arch *a = now(m)->arch;
	uint32_t sctlr = now(m)->sctlr, line = any_mva(m) & ~31u, flip;
	uint16_t remap;

	switch (below(m, 8)) {
	case 0:
		kit_cpw(m->k, KEY_SCTLR, sctlr ^ (a->afe ? SCTLR_AFE : 0u));
		break;
	case 1:
		kit_cpw(m->k, KEY_SCTLR, sctlr ^ (a->tre ? SCTLR_TRE : 0u));
		break;
	case 2:
		if (!a->tre)
			break;
		remap = one_in(m, 2) ? KEY_PRRR : KEY_NMRR;
		kit_cpw(m->k, remap, (uint32_t)rng_next(&m->r));
		break;
	case 3:
		mmu_off(m);
		break;
	case 4:
		kit_cpw(m->k, KIT_CLEAN_MVA, line);
		break;
	case 5:
		if (v6_has_ranges(m))
			v6_clean_range(m, line, line + 96);
		break;
	default:        /* one domain of the arena; domain 0 is the kernel's */
		flip = 3 - below(m, 2);
		kit_cpw(m->k, KEY_DACR, now(m)->dacr ^ flip << 2 * (1 + below(m, 5)));
	}
}

static void control(struct maker *m)
{
	unsigned pick = below(m, 20);

	if (m->dirty)
		kit_cpw(m->k, CLEAN_ALL, 0);
	m->dirty = false;
	if (m->wide && one_in(m, 16))
		other_reading(m);
	else if (pick < 6)
		switch_process(m);
	else if (pick < 7)
		move_split(m);
	else if (pick < 16)
		invalidate(m);
	else
		other_register(m);
}

/* --- one step ------------------------------------------------------------------------- */

/* The pages that a busy guest is busy with: of all classes, side by side, in every root. */
static void settle(struct maker *m)
{
	for (unsigned i = 0; i < BUSY; i++) {
		struct pt_desc table = { .kind = PT_COARSE, .base = COARSE + 1024 * i,
					 .domain = (uint8_t)(1 + i) };

		for (unsigned root = 0; root <= ROOTS; root++)
			v6_poke_n(m, v6_root_address(root) + (v6_arena[i] >> 20) * 4, pt_encode_v6(&table), 1);
		for (uint32_t page = 0; page < BUSY_PAGES; page++)
			v6_poke_n(m, table.base + 4 * page, v6_any_leaf(m, 12), 1);
	}
	kit_cpw(m->k, KEY_DACR, 0x55555555);
}

static void busy_step(struct maker *m)
{
	if (one_in(m, 3)) {
		if (is_user(m))
			to_kernel(m);
		else
			to_user(m);
	}
	if (!is_user(m) && one_in(m, 20)) {
		uint32_t bits = below(m, 3);

		m->k->pc = KIT_CODE;
		kit_cpw(m->k, KEY_DACR, 0x55555555 ^ bits << 2 * (1 + below(m, BUSY)));
	}
	data(m);
}

static void step(struct maker *m)
{
	unsigned pick;

	if (m->busy && !one_in(m, 8)) {
		busy_step(m);
		return;
	}
	pick = below(m, 100);

	if (pick < 58) {
		data(m);
	} else if (pick < 62) {
		split(m);
	} else if (pick < 75) {
		fetch(m);
	} else if (pick < 80) {
		if (is_user(m))
			to_kernel(m);
		else
			to_user(m);
	} else {
		to_kernel(m);
		m->k->pc = KIT_CODE;
		if (m->wide && one_in(m, 6))
			v6_edit_top(m);
		else if (pick < 88)
			v6_edit_l2(m);
		else if (pick < 91)
			v6_edit_l1(m);
		else
			control(m);
		if (one_in(m, 2))
			to_user(m);
	}
}

static void start(struct maker *m, const char *core)
{
	struct kit *k = m->k;

	kit_linux_v6(k, core);
	for (unsigned root = 0; root < ROOTS; root++)
		for (unsigned i = 0; i < 4; i++)
			kit_image(k, v6_root_address(root) + 4096 * i,
				  mem_frame(now(m)->tables, KIT_ROOT + 4096 * i));
	kit_cpw(k, KEY_TTBR0, FIRST_ROOT);
	kit_cpw(k, KEY_TTBCR, below(m, 3));
	kit_cpw(k, KEY_CONTEXTIDR, 1);
}

enum { WIDE = 1, CLEANS = 2, BUSY_ONE = 4, ALIASES = 8 };

static void make(struct kit *k, const char *core, uint64_t seed, size_t records, unsigned does,
		 struct random_guest_counts *n)
{
	struct maker m = { .k = k, .r = rng_stream(seed, "guest v6"), .n = n, .wide = does & WIDE,
			   .busy = does & BUSY_ONE, .aliases = does & ALIASES, .cleans = does & CLEANS };

	memset(n, 0, sizeof(*n));
	start(&m, core);
	if (m.busy)
		settle(&m);
	while (k->t.n < records)
		step(&m);
	kit_image(k, COARSE, mem_frame(kit_guest(k)->tables, COARSE));
}

void random_guest_v6(struct kit *k, const char *core, uint64_t seed, size_t records,
		     struct random_guest_counts *n)
{
	make(k, core, seed, records, 0, n);
}

void random_guest_v6_wide(struct kit *k, const char *core, uint64_t seed, size_t records,
			  struct random_guest_counts *n)
{
	make(k, core, seed, records, WIDE, n);
}

void random_guest_v6_busy(struct kit *k, const char *core, uint64_t seed, size_t records,
			  struct random_guest_counts *n)
{
	make(k, core, seed, records, WIDE | BUSY_ONE, n);
}

void random_guest_v6_aliases(struct kit *k, const char *core, uint64_t seed, size_t records,
			     struct random_guest_counts *n)
{
	make(k, core, seed, records, WIDE | ALIASES, n);
}

void random_guest_v6_cleans(struct kit *k, const char *core, uint64_t seed, size_t records,
			    struct random_guest_counts *n)
{
	make(k, core, seed, records, CLEANS | (seed % 2 ? WIDE : 0), n);
}
#else
typedef int cmocka_is_missing;
#endif
