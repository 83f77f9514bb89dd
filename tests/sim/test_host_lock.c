/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cache lockdown by a native guest, step by step, on hosts of each kind; on hosts of another kind and
 * under a hypervisor it is counted. Default costs: line fill 49, word 35.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/cache/cache_hot.h"
#include "tests/path_kit.h"

#define STEPS(p, ...) do {                                                              \
	static const struct path_step step[] = { __VA_ARGS__ };                         \
	path_steps(p, step, sizeof(step) / sizeof(step[0]));                            \
} while (0)
#define UNIFIED "tlb.entries=64", "itlb.entries=0", "dtlb.entries=0", "tlb.lock=part"

enum { D_LOCK = CP_KEY(9, 0, 0, 0), I_LOCK = CP_KEY(9, 0, 0, 1), PREFETCH_I = CP_KEY(7, 0, 13, 1),
       X_LOCK_LINE_I = CP_KEY(9, 0, 1, 0) };

static void cpw(struct path *p, uint16_t key, uint32_t value)
{
	kit_cpw(&p->k, key, value);
	path_go(p);
}

/* One set of four ways. Ways 1 to 3 locked: one line comes and goes; all locked: none comes in. */
static void way_mask(void **state)
{
	static const char *const ways[] = { "l1d.bytes=128", "l1d.policy=lru", "wb.drain=1",
					    "l1d.allocate=read-write", NULL };
	static const char *const ways0[] = { "l1d.bytes=128", "l1d.policy=lru", "l1d.lock=ways0", NULL };
	struct path p;

	(void)state;
	path_open(&p, NULL, NULL, ways);
	cpw(&p, D_LOCK, 0xe);
	STEPS(&p,
	      { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 }, { 'r', PATH_WB + 32, { { EV_DFILL_R, 1 } }, 49 },
	      { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 });
	cpw(&p, D_LOCK, 0xf);
	STEPS(&p,
	      { 'r', PATH_WB + 4, { { 0 } }, 0 },               /* what is there is there */
	      { 'r', PATH_WB + 32, { { EV_DREAD_UNC, 1 } }, 35 },
	      { 'w', PATH_WB + 32, { { 0 } }, 0 },              /* to the buffer */
	      { 'r', PATH_WB + 32, { { EV_DREAD_UNC, 1 } }, 35 });
	cpw(&p, D_LOCK, 0xfffffff0);                            /* only [3:0] count */
	STEPS(&p,
	      { 'r', PATH_WB + 32, { { EV_DFILL_R, 1 } }, 49 }, { 'r', PATH_WB, { { 0 } }, 0 });
	assert_int_equal(p.ref->m->tally.cache_lock_writes, 3);
	assert_int_equal(p.ref->m->tally.cache_lock_ignored, 0);
	path_close(&p);
	path_open(&p, NULL, NULL, ways0);                       /* way 0 with all locked */
	cpw(&p, D_LOCK, 0xf);
	STEPS(&p,
	      { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 }, { 'r', PATH_WB + 32, { { EV_DFILL_R, 1 } }, 49 },
	      { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 });
	path_close(&p);
}

/* Fetches: lines that are there hit, others are read word by word; a prefetch brings one in. */
static void instruction_lines(void **state)
{
	struct path p;

	(void)state;
	path_open(&p, NULL, NULL, NULL);
	cpw(&p, PREFETCH_I, KIT_CODE + 0x1000);
	STEPS(&p, { 'x', KIT_CODE + 0x1004, { { 0 } }, 0 });
	cpw(&p, I_LOCK, 0xf);
	STEPS(&p,
	      { 'x', KIT_CODE + 0x1008, { { 0 } }, 0 },
	      { 'x', KIT_CODE + 0x1020, { { EV_IFETCH_UNC, 1 } }, 35 },
	      { 'x', KIT_CODE + 0x1024, { { EV_IFETCH_UNC, 1 } }, 35 });
	cpw(&p, PREFETCH_I, KIT_CODE + 0x1020);
	STEPS(&p, { 'x', KIT_CODE + 0x1020, { { EV_IFETCH_UNC, 1 } }, 35 });
	cpw(&p, I_LOCK, 0);
	STEPS(&p,
	      { 'x', KIT_CODE + 0x1020, { { EV_IFILL, 1 } }, 49 },
	      { 'x', KIT_CODE + 0x1024, { { 0 } }, 0 });
	path_close(&p);
}

/* ARM920T: base 62 of 64 in [31:26]; two lines of a set come and go, in the order of the counter. */
static void index_base(void **state)
{
	static const char *const set[] = { UNIFIED, "l1d.policy=fifo", "wb.drain=1", NULL };
	struct path p;

	(void)state;
	path_open(&p, "arm920t", "arm920t", set);
	cpw(&p, D_LOCK, 62u << 26);
	STEPS(&p,               /* 8 sets: a set again every 256 bytes */
	      { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 }, { 'r', PATH_WB + 256, { { EV_DFILL_R, 1 } }, 49 },
	      { 'r', PATH_WB, { { 0 } }, 0 }, { 'r', PATH_WB + 512, { { EV_DFILL_R, 1 } }, 49 },
	      { 'r', PATH_WB + 256, { { 0 } }, 0 }, { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 },
	      { 'r', PATH_WB + 256, { { EV_DFILL_R, 1 } }, 49 });
	path_close(&p);
}

/* XScale: lock mode keeps what loads bring in, also from an invalidate of all; unlocking ends it. */
static void line_by_line(void **state)
{
	static const char *const set[] = { UNIFIED, "wb.drain=1", NULL };
	struct path p;

	(void)state;
	path_open(&p, "pxa255", "pxa255", set);
	cpw(&p, CP_KEY(9, 0, 2, 0), 1);
	STEPS(&p, { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 });
	cpw(&p, CP_KEY(9, 0, 2, 0), 0);
	STEPS(&p, { 'r', PATH_WB + 32, { { EV_DFILL_R, 1 } }, 49 });
	cpw(&p, CP_KEY(7, 0, 6, 0), 0);
	STEPS(&p, { 'r', PATH_WB, { { 0 } }, 0 }, { 'r', PATH_WB + 32, { { EV_DFILL_R, 1 } }, 49 });
	cpw(&p, CP_KEY(9, 0, 2, 1), 0);
	cpw(&p, CP_KEY(7, 0, 6, 0), 0);
	STEPS(&p, { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 });
	cpw(&p, X_LOCK_LINE_I, KIT_CODE + 0x1000);
	cpw(&p, KIT_INVAL_I, 0);
	STEPS(&p, { 'x', KIT_CODE + 0x101c, { { 0 } }, 0 });
	assert_int_equal(p.ref->m->tally.cache_lock_writes, 4);
	assert_int_equal(p.ref->m->tally.cache_lock_ignored, 0);
	path_close(&p);
}

/* Where the host locks otherwise, or not at all: nothing happens, but it is counted. */
static void other_hosts(void **state)
{
	static const struct { const char *host, *guest, *set; } rows[] = {
		{ "arm920t", "arm926", "l1d.ways=64" }, { "arm926", "arm920t", "l1d.ways=4" },
		{ "arm920t", "arm920t", "l1d.ways=32" },        /* other ways than the guest names */
		{ "arm926", "arm926", "l1d.lock=none" }, { "arm926", "arm926", "l1d.ways=1" },
		{ "arm926", "arm926", "l1d.bytes=0" }, { "pxa255", "arm926", "l1d.ways=32" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const set[] = { UNIFIED, rows[i].set, NULL };
		struct path p;

		path_open(&p, rows[i].host, rows[i].guest, set);
		cpw(&p, D_LOCK, 0xffffffff);
		assert_int_equal(p.ref->m->tally.cache_lock_writes, 1);
		assert_int_equal(p.ref->m->tally.cache_lock_ignored, 1);
		if (p.ref->m->l1d)
			STEPS(&p, { 'r', PATH_WB, { { EV_DFILL_R, 1 } }, 49 },
			      { 'r', PATH_WB, { { 0 } }, 0 });
		path_close(&p);
	}
}

static void under_a_hypervisor(void **state)
{
	struct kit k;
	struct lane *l;

	(void)state;
	kit_linux(&k);
	kit_cpw(&k, D_LOCK, 0xf);
	kit_cpw(&k, I_LOCK, 0xf);
	kit_access(&k, KIT_CODE + 0x2000, false, 2);
	kit_access(&k, KIT_CODE + 0x2004, false, 2);
	l = kit_replay(&k, "coherent", NULL);
	assert_int_equal(l->m->tally.cache_lock_writes, 2);
	assert_int_equal(l->m->tally.cache_lock_ignored, 2);
	assert_int_equal(l->m->l1d->locked_ways | l->m->l1i->locked_ways, 0);
	lane_destroy(l);
	kit_free(&k);
}

/* What the header says was locked before record 0. */
static void locked_before(void **state)
{
	struct trace_header *h;
	struct lane *l;
	struct kit k;

	(void)state;
	kit_linux(&k);
	h = &k.t.header;
	h->reg[h->nreg++] = (struct trace_reg){ D_LOCK, 0x5 };
	l = kit_lane(&k, "native", NULL);
	assert_int_equal(l->m->l1d->locked_ways, 5);
	assert_int_equal(l->m->l1i->locked_ways, 0);
	lane_destroy(l);
	kit_free(&k);
}

/* --- engines ------------------------------------------------------------------------------ */

struct mix { const char *core; uint16_t keys[6]; const char *set[KIT_SETS]; };

static void random_stream(struct kit *k, const struct mix *m, uint64_t seed)
{
	struct rng rng = rng_stream(seed, "locks");

	kit_linux_on(k, m->core);
	for (unsigned i = 0; i < 2500; i++) {
		uint32_t at = rng_below(&rng, 0x3000) & ~3u;

		switch (rng_below(&rng, 16)) {
		case 0: {
			uint16_t key = m->keys[rng_below(&rng, 6)];
			bool line = key == X_LOCK_LINE_I || key == PREFETCH_I || key == KIT_CLEAN_MVA;
			uint32_t mask = rng_below(&rng, 3) ? rng_below(&rng, 16) : 15;

			kit_cpw(k, key, line ? KIT_CODE + at : rng_below(&rng, 64) << 26 | mask);
			break;
		}
		case 1: case 2: case 3: case 4: case 5: case 6:
			kit_access(k, KIT_CODE + at, rng_below(&rng, 3) == 0, 2);
			break;
		default:
			/* a run stays in its page */
			kit_run(k, KIT_CODE + (at & ~0x100u), 1 + rng_below(&rng, 60));
			break;
		}
	}
}

static void engines_agree(void **state)
{
	static const struct mix mixes[] = {
		{ "arm926", { D_LOCK, I_LOCK, I_LOCK, PREFETCH_I, KIT_INVAL_I, KIT_CLEAN_MVA },
		  { "l1i.bytes=1024", "l1d.bytes=1024" } },
		{ "arm926", { D_LOCK, I_LOCK, D_LOCK, PREFETCH_I, KIT_INVAL_I, KIT_CLEAN_MVA },
		  { "l1i.bytes=1024", "l1d.bytes=1024", "l1i.lock=ways0", "l1d.lock=ways0",
		    "l1d.policy=lru" } },
		{ "arm920t", { D_LOCK, I_LOCK, I_LOCK, PREFETCH_I, KIT_INVAL_I, KIT_CLEAN_MVA },
		  { UNIFIED, "l1i.bytes=4096", "l1d.bytes=4096" } },
		{ "pxa255", { CP_KEY(9, 0, 2, 0), X_LOCK_LINE_I, X_LOCK_LINE_I, CP_KEY(9, 0, 1, 1),
			      CP_KEY(9, 0, 2, 1), KIT_INVAL_I },
		  { UNIFIED, "l1i.bytes=2048", "l1d.bytes=2048" } },
	};
	static const size_t batch[] = { 4096, 1, 7 };

	(void)state;
	for (unsigned i = 0; i < 3 * sizeof(mixes) / sizeof(mixes[0]); i++) {
		const struct mix *m = &mixes[i / 3];
		struct kit_plan plan = { .core = m->core };
		struct structure_counts a, b;
		struct lane *ref, *fast;
		struct diag d;
		struct kit k;

		memcpy(plan.set, m->set, sizeof(plan.set));
		random_stream(&k, m, 70 + i);
		ref = kit_replay(&k, "native", &plan);
		plan.engine = ENGINE_FAST;
		fast = kit_lane(&k, "native", &plan);
		kit_feed(fast, &k, 0, KIT_NOW, batch[i % 3]);
		assert_ok(kit_finish(fast, &k, &d), &d);
		memset(&a, 0, sizeof(a));
		memset(&b, 0, sizeof(b));
		lane_counts(ref, &a);
		lane_counts(fast, &b);
		assert_memory_equal(&a, &b, sizeof(a));
		assert_memory_equal(&ref->m->ledger, &fast->m->ledger, sizeof(ref->m->ledger));
		assert_true(ref->m->cycles == fast->m->cycles);
		assert_true(ref->m->tally.cache_lock_writes > 50);
		assert_int_equal(ref->m->tally.cache_lock_ignored, 0);
		lane_destroy(ref);
		lane_destroy(fast);
		kit_free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(way_mask),
		cmocka_unit_test(instruction_lines),
		cmocka_unit_test(index_base),
		cmocka_unit_test(line_by_line),
		cmocka_unit_test(other_hosts),
		cmocka_unit_test(under_a_hypervisor),
		cmocka_unit_test(locked_before),
		cmocka_unit_test(engines_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
