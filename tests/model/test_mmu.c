/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * models/pt: whole accesses of every core against plain_mmu, over all combinations of what a
 * check looks at, over alignments, and over a memory of random words.
 */
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "models/pt/mmu.h"
#include "tests/model/plain_mmu.h"

struct memory { struct { uint32_t addr, word; } at[8]; unsigned used, reads; };

static bool peek(void *ctx, uint32_t addr, uint32_t *word)
{
	struct memory *m = ctx;

	m->reads++;
	*word = 0;
	for (unsigned i = 0; i < m->used; i++)
		if (m->at[i].addr == addr)
			*word = m->at[i].word;
	return true;
}

static void poke(struct memory *m, uint32_t addr, uint32_t word)
{
	m->at[m->used].addr = addr;
	m->at[m->used++].word = word;
}

static const char letters[] = { [ACCESS_READ] = 'r', [ACCESS_WRITE] = 'w', [ACCESS_FETCH] = 'x' };

struct ask { struct plain_regs r; enum access access; bool user; uint32_t va; unsigned size; };

static struct mmu_outcome outcome(const struct mmu_arch *a, const struct ask *q,
				  walk_read_fn read, void *ctx)
{
	struct mmu_state s = { .arch = a, .dacr = q->r.dacr, .fcse = q->r.fcse,
		.regs = { .ttbr0 = q->r.ttbr0, .sctlr = q->r.sctlr, .ttbr1 = q->r.ttbr1,
			  .ttbcr = q->r.ttbcr } };
	struct mmu_outcome o;

	memset(&o, 0xa5, sizeof(o));
	mmu_access(&s, q->access, q->user, q->va, q->size, read, ctx, &o);
	return o;
}

static void answer_of(const struct mmu_arch *a, const struct ask *q, walk_read_fn read, void *ctx,
		      char answer[64])
{
	struct mmu_outcome o = outcome(a, q, read, ctx);
	struct fault_report f;
	char domain[16] = "-", far[16] = "-";

	if (!o.fs) {
		snprintf(answer, 64, "pa 0x%08x", o.pa);
		return;
	}
	f = mmu_fault_report(a, o.fs, q->access);
	if (f.domain_valid)
		snprintf(domain, sizeof(domain), "0x%x", o.domain);
	if (f.far_valid)
		snprintf(far, sizeof(far), "0x%08x", o.far.raw);
	snprintf(answer, 64, "fault FS=0x%02x domain=%s far=%s", f.status, domain, far);
}

static const struct mmu_arch *row(const char *name)
{
	const struct mmu_arch *a = mmu_find(name, strlen(name));

	assert_non_null(a);
	return a;
}

static void compare(const struct plain_core *c, const struct mmu_arch *a, const struct ask *q,
		    walk_read_fn read, void *ctx)
{
	char got[64], want[64];

	answer_of(a, q, read, ctx, got);
	plain_access(c, &q->r, letters[q->access], q->user, q->va, q->size, read, ctx, want);
	if (!strcmp(got, want))
		return;
	print_error("%s: %c %s 0x%08x %u sctlr 0x%08x ttbr0 0x%08x ttbr1 0x%08x ttbcr %u dacr "
		    "0x%08x fcse 0x%08x: %s, want %s\n", c->name, letters[q->access],
		    q->user ? "user" : "priv", q->va, q->size, q->r.sctlr, q->r.ttbr0,
		    q->r.ttbr1, q->r.ttbcr, q->r.dacr, q->r.fcse, got, want);
	fail();
}

static void every_row_is_known(void **state)
{
	size_t n;
	const struct mmu_arch *rows = mmu_rows(&n);

	(void)state;
	assert_int_equal(n, plain_core_count);
	for (unsigned i = 0; i < plain_core_count; i++)
		row(plain_cores[i].name);
	for (size_t i = 0; i < n; i++) {
		const struct mmu_arch *plain = row(rows[i].arch);

		assert_true(mmu_is_plain(plain));
		assert_ptr_equal(plain->arch, rows[i].arch);
	}
	assert_null(mmu_find("arm92", 5));
	assert_null(mmu_find("arm9266", 7));
}

/* Leaves of one word each: bits as of ARMv6, and what the word is to the others is up to them. */
static void put_leaf(struct memory *m, unsigned kind, unsigned ap, unsigned apx, unsigned xn)
{
	m->used = 0;
	switch (kind) {
	case 0:
		poke(m, 0x4000, 0x00000062 | ap << 10 | apx << 15 | xn << 4);
		return;
	case 1:
		poke(m, 0x4000, 0x00040062 | ap << 10 | apx << 15 | xn << 4);
		return;
	case 2:
		poke(m, 0x8000, 0x1 | xn << 15 | apx << 9 | ap << 4);
		break;
	default:
		poke(m, 0x8000, 0x2 | xn | apx << 9 | ap << 4);
	}
	poke(m, 0x4000, 0x00008061);    /* coarse, domain 3 */
}

/*
 * core x leaf x AP x APX x XN x S x R x AFE x XP x domain value x privilege x access: all of
 * them. Domain 3 is asked for, and domain 0 (of supersections) has another value.
 */
static void permissions_exhaustively(void **state)
{
	struct memory m = { .used = 0 };

	(void)state;
	for (unsigned n = 0; n < 14u << 15; n++) {
		unsigned i = n >> 15, bit = n, mode;
		const struct plain_core *c = &plain_cores[i];
		const struct mmu_arch *a = row(c->name);
		struct ask q = { .r = { .ttbr0 = 0x4000 }, .size = 4 };

		put_leaf(&m, bit & 3, bit >> 2 & 3, bit >> 4 & 1, bit >> 5 & 1);
		q.r.sctlr = 1 | (bit >> 6 & 3) << 8 | (bit >> 8 & 1) << 29 | (bit >> 9 & 1) << 23;
		mode = bit >> 10 & 3;
		q.r.dacr = mode << 6 | ((mode + 1) & 3);
		q.user = bit >> 12 & 1;
		if ((bit >> 13 & 3) == 3)
			continue;
		q.access = (enum access)(bit >> 13 & 3);
		compare(c, a, &q, peek, &m);
	}
}

static void alignment_exhaustively(void **state)
{
	static const uint8_t sizes[] = { 1, 2, 4, 8, 12, 16, 24 };
	struct memory m = { .used = 0 };

	(void)state;
	/* a client megabyte of one small page, then a hole: crossing faults */
	poke(&m, 0x4000, 0x00008021);
	poke(&m, 0x8000, 0x12345ff2);
	for (unsigned i = 0; i < plain_core_count; i++) {
		const struct mmu_arch *a = row(plain_cores[i].name);

		for (unsigned n = 0; n < 7u * 3 * 32 * 24; n++) {
			struct ask q = { .r = { .ttbr0 = 0x4000, .dacr = 4 } };

			q.size = sizes[n % 7];
			q.access = (enum access)(n / 7 % 3);
			if (q.access == ACCESS_FETCH && q.size != 2 && q.size != 4)
				continue;
			q.r.sctlr = (n / 21 & 1) | (n / 21 & 2) | (n / 21 & 4) << 20 |
				    (n / 21 & 8) << 20;
			q.user = n / 21 & 16;
			q.va = 0x1000 - 20 + n / 672;
			compare(&plain_cores[i], a, &q, peek, &m);
		}
	}
}

/* A memory without storage. Types are the lowest bits of the noise; holes are rare. */
static bool noise(void *ctx, uint32_t addr, uint32_t *word)
{
	struct rng r = { *(uint64_t *)ctx ^ addr };

	*word = (uint32_t)rng_next(&r);
	if (rng_below(&r, 2))           /* more that translates, in domains 0 to 3 */
		*word = (*word & ~UINT32_C(0x183)) | (rng_below(&r, 2) + 1);
	return rng_below(&r, 64) != 0;
}

static void random_ask(struct rng *rng, struct ask *q)
{
	static const uint8_t sizes[] = { 1, 2, 4, 4, 8, 8, 12, 16 };
	uint32_t sctlr = (uint32_t)rng_next(rng);

	q->r.sctlr = rng_below(rng, 20) ? sctlr | 1 : sctlr;
	q->r.ttbr0 = (uint32_t)rng_next(rng);
	q->r.ttbr1 = (uint32_t)rng_next(rng);
	q->r.ttbcr = (uint32_t)rng_next(rng) & (rng_below(rng, 4) ? ~UINT32_C(0x30) : ~0u);
	q->r.dacr = (uint32_t)rng_next(rng) | (rng_below(rng, 2) ? 0x55u : 0);
	q->r.fcse = (uint32_t)rng_next(rng);
	q->va = (uint32_t)rng_next(rng) >> (rng_below(rng, 2) ? 0 : rng_below(rng, 32));
	if (!rng_below(rng, 4))         /* near the end of a granule */
		q->va = (q->va | 0x3ff) - rng_below(rng, 16);
	q->access = (enum access)rng_below(rng, 3);
	q->user = rng_below(rng, 2);
	q->size = q->access == ACCESS_FETCH ? 2 + 2 * rng_below(rng, 2) : sizes[rng_below(rng, 8)];
}

static void random_memory(void **state)
{
	struct rng rng = rng_stream(7, "mmu");
	unsigned seen[0x20] = { 0 }, crossed = 0;

	(void)state;
	for (unsigned i = 0; i < 120000; i++) {
		const struct plain_core *c = &plain_cores[rng_below(&rng, plain_core_count)];
		const struct mmu_arch *a = row(c->name);
		uint64_t seed = rng_next(&rng);
		struct mmu_outcome o;
		struct ask q;

		random_ask(&rng, &q);
		compare(c, a, &q, noise, &seed);
		o = outcome(a, &q, noise, &seed);
		seen[mmu_fault_report(a, o.fs, q.access).status]++;
		crossed += o.parts == 2;
	}
	for (unsigned fs = 0; fs < 0x20; fs++)
		if (strchr("\x01\x03\x05\x06\x07\x09\x0b\x0c\x0d\x0e\x0f\x10\x16", (int)fs))
			assert_true(seen[fs] > 150);
		else
			assert_int_equal(seen[fs], 0);
	assert_true(crossed > 300);
}

/*
 * The last megabyte of TTBR0 and the first of TTBR1 at every N: the split is at 2^(32-N), TTBR0's
 * table ends 16 KB >> N behind a base aligned to that, TTBR1's index counts from address 0.
 */
static void split_at_every_n(void **state)
{
	struct memory m = { .used = 0 };

	(void)state;
	for (uint32_t n = 0; n < 8; n++) {
		uint32_t bytes = 0x4000u >> n, split = n ? 0x80000000u >> (n - 1) : 0;
		struct ask q = { .r = { .sctlr = 1 | SCTLR_XP, .ttbr0 = 0x5f555fffu,
					.ttbr1 = 0x6aaabfffu, .ttbcr = n }, .size = 4 };
		struct mmu_outcome o;

		q.va = split - 4;
		o = outcome(row("armv6"), &q, peek, &m);
		assert_int_equal(o.part[0].w.l1_addr, 0x5f555fffu / bytes * bytes + bytes - 4);
		if (!n)
			continue;
		q.va = split;
		o = outcome(row("armv6"), &q, peek, &m);
		assert_int_equal(o.part[0].w.l1_addr, 0x6aaa8000u + (split >> 20) * 4);
		q.va = 0xfffffffcu;
		o = outcome(row("armv6"), &q, peek, &m);
		assert_int_equal(o.part[0].w.l1_addr, 0x6aaabffcu);
	}
}

/* A walk that PD forbids reads nothing; the first invalid word ends a walk. */
static void reads_no_more_than_needed(void **state)
{
	struct memory m = { .used = 0 };
	struct ask q = { .r = { .sctlr = 1 | SCTLR_XP, .ttbr0 = 0x4000, .ttbcr = 0x10 },
			 .size = 4 };

	(void)state;
	assert_int_equal(outcome(row("arm1176"), &q, peek, &m).part[0].w.levels, 0);
	assert_int_equal(m.reads, 0);
	assert_int_equal(outcome(row("arm1136"), &q, peek, &m).part[0].w.levels, 1);
	assert_int_equal(m.reads, 1);
	q.r.sctlr |= SCTLR_A;
	q.va = 2;
	assert_int_equal(outcome(row("arm1136"), &q, peek, &m).fs, FS_ALIGN);
	assert_int_equal(m.reads, 1);
}

/* Of rows of ARMv5 the general walk and check are the special ones. */
static void v5_is_v5(void **state)
{
	struct rng rng = rng_stream(8, "mmu v5");
	const struct mmu_arch *a = row("arm926");

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t seed = rng_next(&rng);
		struct walk v5, general;
		struct walk_regs r;
		struct ask q;

		random_ask(&rng, &q);
		r = (struct walk_regs){ .ttbr0 = q.r.ttbr0, .sctlr = q.r.sctlr,
					.ttbr1 = q.r.ttbr1, .ttbcr = q.r.ttbcr };
		walk_v5(&r, gva(q.va), noise, &seed, &v5);
		walk_tables(a, &r, gva(q.va), noise, &seed, &general);
		assert_memory_equal(&v5, &general, sizeof(v5));
		if (!v5.fs)
			assert_int_equal(walk_check(&v5, gva(q.va), q.r.dacr, q.r.sctlr, q.user,
						    q.access),
					 mmu_check(a, &v5, gva(q.va), q.r.dacr, q.r.sctlr,
						   q.user, q.access));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_known),
		cmocka_unit_test(permissions_exhaustively),
		cmocka_unit_test(alignment_exhaustively),
		cmocka_unit_test(random_memory),
		cmocka_unit_test(split_at_every_n),
		cmocka_unit_test(reads_no_more_than_needed),
		cmocka_unit_test(v5_is_v5),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
