/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/lint_kit.h"

#include <string.h>

uint32_t lint_page(uint32_t frame, unsigned cb)
{
	return pt_encode_v5_small(frame, (const uint8_t[4]){ 3, 3, 3, 3 }, cb);
}

void lint_map(struct kit *k, unsigned n, uint32_t frame, unsigned cb)
{
	kit_poke(k, LINT_SLOT(n), lint_page(frame, cb));
	kit_cpw(k, KIT_CLEAN_MVA, LINT_SLOT_VA(n));
	kit_cpw(k, KIT_DRAIN, 0);
}

void lint_follow(struct lint_follower *f, const char *spec, const struct kit_plan *p)
{
	memset(f, 0, sizeof(*f));
	kit_linux(&f->k);
	kit_poke(&f->k, KIT_ROOT + 4 * (LINT_A >> 20), pt_encode_v5_coarse(KIT_L2, 0));
	lint_map(&f->k, 0, LINT_FRAME, WB);
	lint_map(&f->k, 1, LINT_FRAME, WB);
	lint_map(&f->k, 5, LINT_FRAME, UNCACHED);
	f->l = kit_lane(&f->k, spec, p);
	lint_go(f);
}

void lint_go(struct lint_follower *f)
{
	kit_catch_up(f->l, &f->k, &f->at);
}

void lint_done(struct lint_follower *f)
{
	lane_destroy(f->l);
	kit_free(&f->k);
}

uint64_t lint_count(const struct lint_follower *f, enum finding id, enum lint_origin o)
{
	return lint_report_of(f->l->m)->n[id][o];
}

uint64_t lint_total(const struct lint_follower *f)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < FINDINGS; i++)
		for (unsigned o = 0; o < LINT_ORIGINS; o++)
			sum += lint_count(f, (enum finding)i, (enum lint_origin)o);
	return sum;
}
#else
typedef int cmocka_is_missing;
#endif
