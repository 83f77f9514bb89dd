/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single steps of a native guest through caches and write buffer, and what each must book: by the
 * reference engine, and by engine fast beside it, whose counters must be the same after each.
 *
 * The guest is kit_linux_on() with pages at PATH_DATA: page i has C << 1 | B of i & 3, and lies at
 * PATH_PA + 4096 * i. Pages 4 to 7 have X = 1 (TEX 001) on an XScale guest.
 */
#ifndef SHADEWALK_TESTS_PATH_KIT_H
#define SHADEWALK_TESTS_PATH_KIT_H

#include "tests/machine_kit.h"

#define PATH_DATA 0x10000000u
enum { PATH_PA = 0x200000, PATH_PAGES = 16, PATH_WANTS = 4 };
#define PATH_NCNB (PATH_DATA + 0x0000u)
#define PATH_NCB (PATH_DATA + 0x1000u)
#define PATH_WT (PATH_DATA + 0x2000u)
#define PATH_WB (PATH_DATA + 0x3000u)

struct path {
	struct kit k;
	struct lane *ref, *fast;
	size_t at_ref, at_fast;
};

/* op: r load, w store, m store by STM, x fetch; c clean, i invalidate, f both of the D line at va, C
 * test-and-clean, d drain. want: events of the groups G.DMISS, G.IMISS, G.WB and G.MAINT, and no
 * others of these; cycles: what they cost at nominal default costs. */
struct path_step {
	char op;
	uint32_t va;
	struct { enum event e; unsigned n; } want[PATH_WANTS];
	unsigned cycles;
};

/* set: the host's parameters; host, guest: NULL for arm926. */
void path_open(struct path *p, const char *host, const char *guest, const char *const *set);
void path_steps(struct path *p, const struct path_step *s, size_t n);
/* Takes over what was appended to p->k; the lanes must count the same. */
void path_go(struct path *p);
void path_close(struct path *p);        /* conservation holds, nothing was violated */

#endif
