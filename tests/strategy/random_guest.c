/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/strategy/random_guest_inside.h"

#include <string.h>

/* Bits of DACR for one of the domains 1 to n. */
static uint32_t of_a_domain(struct maker *m, unsigned bits, unsigned n)
{
	return bits << 2 * (1 + below(m, n));
}

/* --- modes ---------------------------------------------------------------------------- */

void v5_to_kernel(struct maker *m)
{
	if (!is_user(m))
		return;
	m->k->pc = KIT_CODE;
	kit_exec(m->k);
	kit_exc(m->k, one_in(m, 3) ? 6 : 2, KIT_SVC);
	kit_run(m->k, KIT_VECTORS + 8, 1);
}

static void to_user(struct maker *m)
{
	if (!is_user(m))
		kit_mode(m->k, KIT_USR);
}

/* --- accesses ------------------------------------------------------------------------- */

/* The VA that FCSE relocates to mva, if there is one now. */
static bool va_of(const struct maker *m, uint32_t mva, uint32_t *va)
{
	uint32_t pid = kit_guest(m->k)->fcse & 0xfe000000;

	*va = pid && (mva & 0xfe000000) == pid ? mva - pid : mva;
	return fcse_mva(*va, pid).raw == mva;
}

enum outcome { SUCCEEDS, FAULTS };
struct chosen { enum outcome what; unsigned fs, domain; };

struct old_fault { const struct maker *m; gva_t mva; bool user; enum access a; struct chosen *c; };

/* A member that is a translation (TLBs hold no others) and denies the access. */
static bool denies(void *ctx, const struct walk *w)
{
	struct old_fault *o = ctx;

	if (w->fs || !w->levels)
		return false;
	o->c->fs = guest_check(kit_guest(o->m->k), w, o->mva, o->user, o->a);
	o->c->domain = w->leaf.domain;
	return o->c->fs != FS_NONE;
}

static struct chosen choose(struct maker *m, gva_t mva, bool user, enum access a)
{
	const struct guest *g = kit_guest(m->k);
	struct chosen c = { .what = SUCCEEDS };
	struct old_fault o = { m, mva, user, a, &c };
	struct walk w, old;

	guest_walk(g, mva, &w);
	c.fs = w.fs ? w.fs : guest_check(g, &w, mva, user, a);
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
	if (m->busy && !one_in(m, 6)) {
		m->last_mva = v5_arena[below(m, BUSY)];
		m->last_mva |= below(m, BUSY_PAGES) << 12;
		m->last_mva |= below(m, 1024) << 2;
		return m->last_mva;
	}
	uint32_t quarter;

	if (one_in(m, 30)) {
		uint32_t base = one_in(m, 2) ? KIT_VECTORS : KIT_HOLE;

		return base + (below(m, 1000) << 2);
	}
	if (!one_in(m, 3)) {
		m->last_mva = v5_arena[below(m, ARENA)];
		m->last_mva |= below(m, PAGES) << 12;
	}
	quarter = below(m, 4) << 10;
	return m->last_mva | quarter | below(m, 255) << 2;
}

struct oldest { const struct maker *m; gva_t mva; bool user; uint32_t pa; };

static bool keep_oldest(void *ctx, const struct walk *w)
{
	struct oldest *o = ctx;

	if (!w->fs && !guest_check(kit_guest(o->m->k), w, o->mva, o->user, ACCESS_WRITE))
		o->pa = walk_pa(w, o->mva);
	return false;
}

static bool is_written_back(void *ctx, const struct walk *w)
{
	(void)ctx;
	return !w->fs && (!w->levels || w->leaf.cb == 3);
}

/* Nothing needs a clean that goes to memory by any translation there may be. */
static void stored_at(struct maker *m, uint32_t mva, uint32_t pa)
{
	if (!m->cleans || !(kit_guest(m->k)->sctlr & SCTLR_M) ||
	    !oracle_each(kit_guest(m->k), gva(mva), is_written_back, NULL))
		return;
	v5_stored(m, pa);
	if (m->ndirty == DIRTY)
		v5_clean(m);
}

/* A store that goes well, to where the youngest or the oldest translation leads that allows it; with
 * its value if tables are there. */
static void aliased_store(struct maker *m, uint32_t va, uint32_t mva, bool user, unsigned flags)
{
	struct trace_rec r = { .kind = TRACE_STORE, .va = va, .flags = (uint8_t)flags };
	struct oldest o = { .m = m, .mva = gva(mva), .user = user };
	struct walk w;
	uint32_t old;

	assert_true(oracle_allowing(kit_guest(m->k), gva(mva), user, ACCESS_WRITE, &w));
	o.pa = walk_pa(&w, gva(mva));
	if (one_in(m, 4))
		(void)oracle_each(kit_guest(m->k), gva(mva), keep_oldest, &o);
	kit_exec(m->k);
	if (mem_read(kit_guest(m->k)->tables, o.pa, &old)) {
		r.flags |= ACC_VALUED;
		r.a = o.pa;
		r.b = v5_any_word_for(m, o.pa, old);
		m->n->alias_stores++;
	}
	kit_put(m->k, &r, NULL);
	if (r.flags & ACC_VALUED)
		stored_at(m, mva, o.pa);
}

static void data(struct maker *m)
{
	uint32_t mva = any_mva(m), va;
	bool write = one_in(m, 3), unpriv = one_in(m, 6);
	bool user = is_user(m) || unpriv;
	struct chosen c;

	if (!va_of(m, mva, &va))
		return;
	c = choose(m, gva(mva), user, write ? ACCESS_WRITE : ACCESS_READ);
	m->k->pc = KIT_CODE | below(m, 512) << 2;
	m->n->accesses++;
	if (c.what == SUCCEEDS && write && m->aliases) {
		aliased_store(m, va, mva, user, 2 | (unpriv ? ACC_UNPRIV : ACC_NORMAL));
		return;
	}
	if (c.what == SUCCEEDS) {
		kit_access(m->k, va, write, 2 | (unpriv ? ACC_UNPRIV : ACC_NORMAL));
		return;
	}
	kit_data_abort(m->k, va, write, unpriv, fault_fsr((enum fault_status)c.fs, c.domain));
	handler(m, 4);
}

/* A word across a 1 KB boundary: only where both sides go well. */
static void split(struct maker *m)
{
	uint32_t mva = any_mva(m) | 0x3ff, va;
	bool write = one_in(m, 2) && !m->aliases;
	enum access a = write ? ACCESS_WRITE : ACCESS_READ;
	struct walk w;

	mva -= 1;
	if ((mva + 2) % SECTION_BYTES == 0 || !va_of(m, mva, &va) ||
	    !oracle_allowing(kit_guest(m->k), gva(mva), is_user(m), a, &w) ||
	    !oracle_allowing(kit_guest(m->k), gva(mva + 2), is_user(m), a, &w))
		return;
	m->k->pc = KIT_CODE;
	kit_access(m->k, va, write, 2 | ACC_SPLIT);
}

static void fetch(struct maker *m)
{
	struct trace_rec literal = { .kind = TRACE_LOAD, .flags = 2, .va = KIT_VECTORS + 0x20 };
	uint32_t mva = any_mva(m) & ~0x3fu, va;
	struct chosen c;

	if (!va_of(m, mva, &va))
		return;
	c = choose(m, gva(mva), is_user(m), ACCESS_FETCH);
	m->n->accesses++;
	m->k->pc = KIT_CODE;
	if (c.what == SUCCEEDS) {
		kit_run(m->k, va, 1 + below(m, 6));
		if (mva >= KIT_VECTORS)         /* its literals are read where it executes */
			kit_put(m->k, &literal, NULL);
		return;
	}
	kit_fetch_abort(m->k, va, fault_fsr((enum fault_status)c.fs, c.domain));
	handler(m, 3);
}

static void any_physical(struct maker *m)
{
	uint32_t pa = 0x00200000 + (below(m, 40000) << 2);

	if (m->aliases && one_in(m, 3)) {
		pa = v5_table_frame(m);
		pa += below(m, 1024) << 2;
		aliased_store(m, pa, pa, false, 2);
		return;
	}
	kit_access(m->k, pa, one_in(m, 2), 2);
}

/* MMU off for a while: code and data by their physical addresses. */
static void mmu_off(struct maker *m)
{
	uint32_t sctlr = kit_guest(m->k)->sctlr;

	v5_clean(m);
	kit_cpw(m->k, KEY_FCSE, 0);
	kit_cpw(m->k, KEY_SCTLR, sctlr & ~(uint32_t)SCTLR_M);
	m->k->pc = 0x00100000;
	for (unsigned i = below(m, 6); i-- > 0;)
		any_physical(m);
	if (one_in(m, 2))
		kit_cpw(m->k, KIT_TLBI_ALL, 0);
	kit_cpw(m->k, KEY_SCTLR, sctlr);
	m->k->pc = KIT_CODE;
}

/* --- one step ------------------------------------------------------------------------- */

static void control(struct maker *m)
{
	static const uint32_t pids[] = { 0, PID3, PID3, 5 << 25 };
	uint32_t sctlr = kit_guest(m->k)->sctlr;

	m->k->pc = KIT_CODE;
	switch (below(m, 16)) {
	case 0:         /* domain 0 holds kernel and handlers: client or manager */
		kit_cpw(m->k, KEY_DACR, (uint32_t)rng_next(&m->r) | 1);
		break;
	case 1:
	case 2:         /* one domain of the arena */
		kit_cpw(m->k, KEY_DACR, kit_guest(m->k)->dacr ^ of_a_domain(m, 3 - below(m, 2), 5));
		break;
	case 3:
	case 4:
		v5_clean(m);
		kit_cpw(m->k, KEY_TTBR0, one_in(m, 2) ? ROOT_B : KIT_ROOT);
		break;
	case 5:
		sctlr = (sctlr & ~(SCTLR_S | SCTLR_R)) | (below(m, 4) << 8 & (SCTLR_S | SCTLR_R));
		if (m->cleans && one_in(m, 4)) {
			v5_clean(m);
			sctlr ^= SCTLR_C;
		}
		kit_cpw(m->k, KEY_SCTLR, sctlr);
		break;
	case 6:
		kit_cpw(m->k, KEY_FCSE, pids[below(m, 4)]);
		break;
	case 7:
		v5_clean(m);
		kit_cpw(m->k, KIT_TLBI_ALL, 0);
		m->n->invalidates++;
		break;
	case 8:
		kit_cpw(m->k, KIT_CLEAN_MVA, any_mva(m));
		break;
	case 9:
		if (one_in(m, 2))
			kit_cpw(m->k, KIT_DRAIN, 0);
		else
			mmu_off(m);
		break;
	default:
		v5_clean(m);
		kit_cpw(m->k, KIT_TLBI_MVA, one_in(m, 2) ? m->last_mva : any_mva(m));
		m->n->invalidates++;
	}
}

/* As kernels do it: a page in use gets another word, is invalidated, is used again. */
static void remap(struct maker *m)
{
	struct walk w;
	uint32_t va;

	guest_walk(kit_guest(m->k), gva(m->last_mva), &w);
	if (w.l2_addr - COARSE >= NCOARSE * 1024 || m->large[(w.l2_addr - COARSE) / 1024]
	    [(w.l2_addr & 0x3ff) / 64] || !va_of(m, m->last_mva, &va))
		return;
	v5_to_kernel(m);
	m->k->pc = KIT_CODE;
	for (unsigned i = 0; i < 2; i++) {
		v5_poke_n(m, w.l2_addr, v5_any_l2(m, 12), 1);
		v5_clean(m);
		kit_cpw(m->k, KIT_TLBI_MVA, m->last_mva);
		if (choose(m, gva(m->last_mva), false, ACCESS_READ).what == SUCCEEDS)
			kit_access(m->k, va, false, 2);
	}
}

static void touch(struct maker *m, uint32_t va)
{
	m->k->pc = KIT_CODE;
	if (choose(m, gva(m->last_mva), false, ACCESS_READ).what == SUCCEEDS)
		kit_access(m->k, va, false, 2);
}

static void switch_cache(struct maker *m)
{
	v5_clean(m);
	kit_cpw(m->k, KEY_SCTLR, kit_guest(m->k)->sctlr ^ SCTLR_C);
}

/* The same of any word behind the page in use, with the cache on or off, and an invalidate of any kind. */
static void remap_any(struct maker *m)
{
	uint32_t at, va;
	bool off = one_in(m, 3);
	struct walk w;

	v5_to_kernel(m);
	if (!va_of(m, m->last_mva, &va) || m->last_mva >= KIT_LINEAR + KIT_RAM_BYTES)
		return;
	touch(m, va);
	if (off)
		switch_cache(m);
	guest_walk(kit_guest(m->k), gva(m->last_mva), &w);
	at = w.l2_addr;
	if (one_in(m, 2))
		v5_poke_n(m, (kit_guest(m->k)->ttbr0 & ~0x3fffu) + (m->last_mva >> 20) * 4, v5_any_l1(m), 1);
	else if (at - COARSE < NCOARSE * 1024 && !m->large[(at - COARSE) / 1024][(at & 0x3ff) / 64])
		v5_poke_n(m, at, v5_any_l2(m, 12), 1);
	if (off)
		switch_cache(m);
	v5_clean(m);
	kit_cpw(m->k, one_in(m, 3) ? KIT_TLBI_MVA : KIT_TLBI_ALL, m->last_mva);
	touch(m, va);
}

/* The pages that a busy guest is busy with: of all classes, side by side. */
static void settle(struct maker *m)
{
	for (unsigned i = 0; i < BUSY; i++) {
		uint32_t word = pt_encode_v5_coarse(v5_table_address(i), 1 + i);

		v5_poke_n(m, KIT_ROOT + (v5_arena[i] >> 20) * 4, word, 1);
		v5_poke_n(m, ROOT_B + (v5_arena[i] >> 20) * 4, word, 1);
		for (uint32_t page = 0; page < BUSY_PAGES; page++)
			v5_poke_n(m, v5_table_address(i) + 4 * page, v5_any_l2(m, 12), 1);
	}
	kit_cpw(m->k, KEY_SCTLR, kit_guest(m->k)->sctlr | SCTLR_R);
	kit_cpw(m->k, KEY_DACR, 0x55555555);
}

static void busy_step(struct maker *m)
{
	if (one_in(m, 3)) {
		if (is_user(m))
			v5_to_kernel(m);
		else
			to_user(m);
	}
	if (!is_user(m) && one_in(m, 20)) {
		m->k->pc = KIT_CODE;
		kit_cpw(m->k, KEY_DACR, 0x55555555 ^ of_a_domain(m, below(m, 3), BUSY));
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
	if (pick < 10 && m->cleans) {
		remap_any(m);
	} else if (pick < 4) {
		remap(m);
	} else if (pick < 60) {
		data(m);
	} else if (pick < 63) {
		split(m);
	} else if (pick < 75) {
		fetch(m);
	} else if (pick < 80) {
		if (is_user(m))
			v5_to_kernel(m);
		else
			to_user(m);
	} else {
		v5_to_kernel(m);
		m->k->pc = KIT_CODE;
		if (pick < 88)
			v5_edit_l2(m);
		else if (pick < 91)
			v5_edit_l1(m);
		else
			control(m);
		if (one_in(m, 2))
			to_user(m);
	}
}

enum { ALIASES = 1, CLEANS = 2, GOES_BACK_AND_FORTH = 4 };

static void make(struct kit *k, uint64_t seed, size_t records, unsigned does,
		 struct random_guest_counts *n)
{
	struct maker m = { .k = k, .r = rng_stream(seed, "guest"), .n = n, .aliases = does & ALIASES,
			   .cleans = does & CLEANS, .busy = does & GOES_BACK_AND_FORTH };

	memset(n, 0, sizeof(*n));
	kit_linux(k);
	for (unsigned i = 0; i < 4; i++)
		kit_image(k, ROOT_B + 4096 * i, mem_frame(kit_guest(k)->tables, KIT_ROOT + 4096 * i));
	if (m.busy)
		settle(&m);
	while (k->t.n < records)
		step(&m);
	kit_image(k, COARSE, mem_frame(kit_guest(k)->tables, COARSE));
}

void random_guest(struct kit *k, uint64_t seed, size_t records, struct random_guest_counts *n)
{
	make(k, seed, records, 0, n);
}

void random_guest_cleans(struct kit *k, uint64_t seed, size_t records, struct random_guest_counts *n)
{
	make(k, seed, records, CLEANS | (seed % 3 ? ALIASES : 0), n);
}

void random_guest_aliases(struct kit *k, uint64_t seed, size_t records, struct random_guest_counts *n)
{
	make(k, seed, records, ALIASES, n);
}

void random_guest_busy(struct kit *k, uint64_t seed, size_t records, struct random_guest_counts *n)
{
	make(k, seed, records, GOES_BACK_AND_FORTH, n);
}
#else
typedef int cmocka_is_missing;
#endif
