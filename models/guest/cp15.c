/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/cp15.h"

#include <stddef.h>

#include "traces/record.h"

struct row { uint16_t key; struct cp_canon c; };

/* The last argument of each row is the manual's name, for the reader. */
#define REG(n, o1, m, o2, op_, nm) { CP_KEY(n, o1, m, o2), { .op = (op_) } }
#define CACHE(m, o2, sd, sc, cl, inv, nm) { CP_KEY(7, 0, m, o2), \
	{ .op = CP_CACHE, .side = (sd), .scope = (sc), .clean = (cl), .inval = (inv) } }
#define TLBI(m, o2, sd, op_, nm) { CP_KEY(8, 0, m, o2), { .op = (op_), .side = (sd) } }

/* c7 and c8 of the ARM926EJ-S TRM tables 2-17 to 2-22, plus what v4T/v5 relatives share. */
static const struct row rows[] = {
	REG(0, 0, 0, 0, CP_OTHER, "MIDR"), REG(0, 0, 0, 1, CP_OTHER, "CTR"),
	REG(0, 0, 0, 2, CP_OTHER, "TCMTR"),
	REG(1, 0, 0, 0, CP_SCTLR, "SCTLR"), REG(1, 0, 0, 1, CP_OTHER, "ACTLR"),
	REG(1, 0, 0, 2, CP_OTHER, "CPACR"),
	REG(2, 0, 0, 0, CP_TTBR0, "TTBR0"), REG(3, 0, 0, 0, CP_DACR, "DACR"),
	REG(5, 0, 0, 0, CP_FSR, "FSR"), REG(5, 0, 0, 1, CP_FSR, "IFSR"),
	REG(6, 0, 0, 0, CP_FAR, "FAR"),
	REG(7, 0, 0, 4, CP_WFI, "WFI"), REG(7, 0, 10, 4, CP_DRAIN, "drain write buffer"),
	CACHE(5, 0, SIDE_I, SCOPE_ALL, false, true, "invalidate I all"),
	CACHE(5, 1, SIDE_I, SCOPE_MVA, false, true, "invalidate I line MVA"),
	CACHE(5, 2, SIDE_I, SCOPE_WAY, false, true, "invalidate I line set/way"),
	CACHE(6, 0, SIDE_D, SCOPE_ALL, false, true, "invalidate D all"),
	CACHE(6, 1, SIDE_D, SCOPE_MVA, false, true, "invalidate D line MVA"),
	CACHE(6, 2, SIDE_D, SCOPE_WAY, false, true, "invalidate D line set/way"),
	CACHE(7, 0, SIDE_BOTH, SCOPE_ALL, false, true, "invalidate I+D all"),
	CACHE(10, 0, SIDE_D, SCOPE_ALL, true, false, "clean D all"),
	CACHE(10, 1, SIDE_D, SCOPE_MVA, true, false, "clean D line MVA"),
	CACHE(10, 2, SIDE_D, SCOPE_WAY, true, false, "clean D line set/way"),
	CACHE(14, 0, SIDE_D, SCOPE_ALL, true, true, "clean+invalidate D all"),
	CACHE(14, 1, SIDE_D, SCOPE_MVA, true, true, "clean+invalidate D line MVA"),
	CACHE(14, 2, SIDE_D, SCOPE_WAY, true, true, "clean+invalidate D line set/way"),
	/* test and clean D; test, clean and invalidate D */
	{ CP_KEY(7, 0, 10, 3), { .op = CP_TESTCLEAN, .side = SIDE_D, .clean = true } },
	{ CP_KEY(7, 0, 14, 3), { .op = CP_TESTCLEAN, .side = SIDE_D, .clean = true, .inval = true } },
	REG(7, 0, 13, 1, CP_OTHER, "prefetch I line"),
	TLBI(5, 0, SIDE_I, CP_TLBI_ALL, "TLB invalidate I all"),
	TLBI(5, 1, SIDE_I, CP_TLBI_MVA, "TLB invalidate I MVA"),
	TLBI(6, 0, SIDE_D, CP_TLBI_ALL, "TLB invalidate D all"),
	TLBI(6, 1, SIDE_D, CP_TLBI_MVA, "TLB invalidate D MVA"),
	TLBI(7, 0, SIDE_BOTH, CP_TLBI_ALL, "TLB invalidate all"),
	TLBI(7, 1, SIDE_BOTH, CP_TLBI_MVA, "TLB invalidate MVA"),
	REG(9, 0, 0, 0, CP_CACHE_LOCK, "D cache lockdown"),
	REG(9, 0, 0, 1, CP_CACHE_LOCK, "I cache lockdown"),
	REG(9, 0, 1, 0, CP_OTHER, "D TCM region"), REG(9, 0, 1, 1, CP_OTHER, "I TCM region"),
	REG(10, 0, 0, 0, CP_TLB_LOCK, "TLB lockdown"),
	REG(13, 0, 0, 0, CP_FCSE, "FCSE PID"), REG(13, 0, 0, 1, CP_ASID, "CONTEXTIDR"),
};

struct cp_canon cp_canonical(uint16_t key, bool read)
{
	struct cp_canon c = { .op = CP_UNKNOWN };

	if (key & CP_KEY_CP14) {
		c.op = CP_CP14;
		return c;
	}
	if (!(key & CP_KEY_64) && key >> 10 == 15) {
		c.op = CP_OTHER;        /* c15: test and debug, core specific */
		return c;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].key == key)
			c = rows[i].c;
	/* c7 and c8 are write-only, test-and-clean is read-only */
	if (read != (c.op == CP_TESTCLEAN) && (c.op >= CP_TLBI_ALL && c.op <= CP_WFI)) {
		c.op = CP_UNKNOWN;
	}
	return c;
}
