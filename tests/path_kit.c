/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/path_kit.h"

#include <stdio.h>
#include <string.h>

#include "tests/support.h"

static uint32_t page_word(unsigned i, bool xscale)
{
	static const uint8_t all[4] = { 3, 3, 3, 3 };
	uint32_t base = PATH_PA + (i << FRAME_LOG2);

	if (xscale && i >= 4 && i < 8)  /* extended small page: base, TEX, AP, C, B, 11 */
		return base | 1 << 6 | 3 << 4 | (i & 3) << 2 | 3;
	return pt_encode_v5_small(base, all, i & 3);
}

static void same(const struct path *p)
{
	struct structure_counts a, b;

	assert_memory_equal(&p->ref->m->ledger, &p->fast->m->ledger, sizeof(p->ref->m->ledger));
	assert_memory_equal(&p->ref->m->tally, &p->fast->m->tally, sizeof(p->ref->m->tally));
	assert_true(p->ref->m->cycles == p->fast->m->cycles);
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	lane_counts(p->ref, &a);
	lane_counts(p->fast, &b);
	assert_memory_equal(&a, &b, sizeof(a));
}

void path_go(struct path *p)
{
	kit_catch_up(p->ref, &p->k, &p->at_ref);
	kit_catch_up(p->fast, &p->k, &p->at_fast);
	same(p);
}

void path_open(struct path *p, const char *host, const char *guest, const char *const *set)
{
	struct kit_plan plan = { .core = host, .verify = true };
	bool xscale = guest && !strncmp(guest, "pxa", 3);

	memset(p, 0, sizeof(*p));
	kit_linux_on(&p->k, guest ? guest : "arm926");
	kit_poke(&p->k, KIT_ROOT + 4 * (PATH_DATA >> 20), pt_encode_v5_coarse(KIT_L2, 0));
	for (unsigned i = 0; i < PATH_PAGES; i++)
		kit_poke(&p->k, KIT_L2 + 4 * i, page_word(i, xscale));
	kit_cpw(&p->k, CP_KEY(7, 0, 6, 0), 0);  /* D is empty */
	kit_run(&p->k, KIT_CODE, 256);  /* lines of the instructions of steps to come */
	for (unsigned i = 0; set && i < KIT_SETS && set[i]; i++)
		plan.set[i] = set[i];
	p->ref = kit_lane(&p->k, "native", &plan);
	plan.engine = ENGINE_FAST;
	plan.verify = false;
	p->fast = kit_lane(&p->k, "native", &plan);
	path_go(p);
}

static void put(struct path *p, const struct path_step *s)
{
	enum { WORD = 2 };
	struct kit *k = &p->k;

	switch (s->op) {
	case 'r': kit_access(k, s->va, false, WORD); break;
	case 'w': kit_access(k, s->va, true, WORD); break;
	case 'm': kit_access(k, s->va, true, WORD | ACC_MULTI); break;
	case 'x': kit_run(k, s->va, 1); break;
	case 'c': kit_cpw(k, KIT_CLEAN_MVA, s->va); break;
	case 'i': kit_cpw(k, CP_KEY(7, 0, 6, 1), s->va); break;
	case 'f': kit_cpw(k, CP_KEY(7, 0, 14, 1), s->va); break;
	case 'C': kit_cpr(k, CP_KEY(7, 0, 10, 3), 0); break;
	case 'd': kit_cpw(k, KIT_DRAIN, 0); break;
	default: fail_msg("no step '%c'", s->op);
	}
}

static bool watched(const struct event_info *e)
{
	return !strcmp(e->leaf, "G.DMISS") || !strcmp(e->leaf, "G.IMISS") ||
	       !strcmp(e->leaf, "G.WB") || !strcmp(e->leaf, "G.MAINT");
}

static uint64_t wanted(const struct path_step *s, enum event e)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < PATH_WANTS; i++)
		n += s->want[i].e == e ? s->want[i].n : 0;
	return n;
}

void path_steps(struct path *p, const struct path_step *s, size_t n)
{
	struct cost_set costs;

	cost_set_default(&costs);
	for (size_t i = 0; i < n; i++) {
		struct ledger before = p->ref->m->ledger, done;
		uint64_t cycles = 0;

		put(p, &s[i]);
		path_go(p);
		kit_since(&done, p->ref, &before);
		for (unsigned e = 0; e < EVENTS; e++) {
			uint64_t have = ledger_event(&done, (enum event)e);

			if (!watched(&event_info[e]))
				continue;
			if (have != wanted(&s[i], (enum event)e))
				fail_msg("step %zu (%c 0x%08x): %llu of %s, not %llu", i, s[i].op,
					 s[i].va, (unsigned long long)have, event_info[e].name,
					 (unsigned long long)wanted(&s[i], (enum event)e));
			cycles += have * cost_unit(&costs, (enum event)e, COST_NOMINAL) / 1000;
		}
		if (cycles != s[i].cycles)
			fail_msg("step %zu (%c 0x%08x): %llu cycles, not %u", i, s[i].op, s[i].va,
				 (unsigned long long)cycles, s[i].cycles);
	}
}

void path_close(struct path *p)
{
	struct diag d;

	assert_int_equal(p->ref->violations, 0);
	assert_ok(lane_conserve(p->ref, &d), &d);
	assert_ok(lane_conserve(p->fast, &d), &d);
	lane_destroy(p->ref);
	lane_destroy(p->fast);
	kit_free(&p->k);
}
#else
typedef int cmocka_is_missing;
#endif
