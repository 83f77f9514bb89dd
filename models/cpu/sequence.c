/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows are for operations that a core has not, or carries out otherwise than by one instruction
 * of one unit; the first row that fits counts. Everything else is the core's own encoding.
 */
#include "models/cpu/sequence.h"

#include <stddef.h>

#include "traces/record.h"

#define B(id) CP_CORE_BIT(id)
enum {
	ARM920 = B(ARM920T) | B(ARM922T),
	TCLEAN = B(ARM926) | B(GENERIC_V5),     /* test and clean */
	SA     = B(SA1110),
	XS     = B(PXA255) | B(PXA270),
	PRE6   = ARM920 | TCLEAN | SA | XS,
	J11    = B(ARM1136R0) | B(ARM1136) | B(ARM1176),
	V6     = J11 | B(MPCORE) | B(GENERIC_V6),
	V7     = B(A8) | B(A15),
	ALL    = PRE6 | V6 | V7,
	UNIFIED = B(GENERIC_V5) | B(GENERIC_V6),
};

/* Which sides a row is for, by bit (1 << side). */
enum { SI = 1 << SIDE_I, SD = 1 << SIDE_D, SB = 1 << SIDE_BOTH, ANY = 0xff };
/* Effects. */
enum { NONE = 0, CLEAN = 1, INVAL = 2, BOTH = CLEAN | INVAL };

struct row {
	uint32_t cores;
	uint8_t op, sides, scope, effect;
	struct cp_sequence seq;
};

/* Steps: an instruction, how often, its cost and how often that. */
#define CPN(crn, crm, opc2, times, prim, units) \
	{ SEQ_CP, SEQ_##times, PRIM_##prim, SEQ_##units, CP_KEY(crn, 0, crm, opc2), 0 }
#define CP1(crn, crm, opc2, prim) CPN(crn, crm, opc2, ONCE, prim, ONCE)
#define MRCN(crm, opc2, prim) \
	{ SEQ_CP, SEQ_PER_DIRTY, PRIM_##prim, SEQ_PER_DIRTY, CP_KEY(7, 0, crm, opc2), 1 }
#define LOADS(times) { SEQ_LOAD, SEQ_##times, PRIM_line_fill, SEQ_##times, 0, 0 }
#define MCRRN(crm) \
	{ SEQ_CP, SEQ_ONCE, PRIM_clean_clean, SEQ_PER_RANGE_LINE, CP_KEY_64 | CP_KEY(0, 0, crm, 0), 0 }
#define DO1(a, cl, wh, ...) { { a }, 1, cl, wh, __VA_ARGS__ }
#define DO2(a, b, cl, wh, ...) { { a, b }, 2, cl, wh, __VA_ARGS__ }
#define DO3(a, b, c, cl, wh, ...) { { a, b, c }, 3, cl, wh, __VA_ARGS__ }
#define NOTHING(...) { { { 0 } }, 0, false, false, __VA_ARGS__ }

#define LINUX CONF_SOURCE, "Linux proc-*.S of the core"
#define TRM920 CONF_MANUAL, "DDI 0151C, DDI 0184B: by index and segment"
#define TRM926 CONF_MANUAL, "DDI 0198D 2.3.8; one line a test: assumption"
#define SWEEP CONF_ESTIMATE, \
	"DDI 0211 3.3.17, DDI 0301H 3.2.22: one instruction; a unit a line: assumption"
#define V7M CONF_KNOWLEDGE, "DDI 0406C: no operation on a whole data cache, by set and way"
#define NOWAY CONF_ESTIMATE, \
	"no set/way operation: one step of the core's loop over the whole cache for each"
#define COARSER CONF_MANUAL, "the core has no finer operation on that structure"
#define LINES CONF_KNOWLEDGE, "the core has no range operations: a loop by MVA"
#define NOASID CONF_KNOWLEDGE, "no ASIDs: an entry of any ASID is just an entry"
#define ABSENT CONF_KNOWLEDGE, "the core has no such structure: nothing to do"
#define HINT CONF_KNOWLEDGE, "a hint: may be left out"

#define CACHE(cores, sides, scope, effect, ...) \
	{ cores, CP_CACHE, sides, SCOPE_##scope, effect, __VA_ARGS__ }
#define OTHER(cores, op, sides, ...) { cores, CP_##op, sides, SCOPE_MVA, NONE, __VA_ARGS__ }

static const struct row rows[] = {
	/* whole D */
	CACHE(ARM920, SD, ALL, CLEAN,
		DO1(CPN(7, 10, 2, PER_LINE, clean_clean, PER_LINE), true, false, TRM920)),
	CACHE(TCLEAN, SD, ALL, CLEAN, DO1(MRCN(10, 3, test_clean), true, false, TRM926)),
	CACHE(SA, SD, ALL, CLEAN, DO1(LOADS(PER_LINE), true, false, LINUX)),
	CACHE(XS, SD, ALL, CLEAN, DO1(CPN(7, 2, 5, PER_LINE, cp15_op, PER_LINE), true, false, LINUX)),
	CACHE(V6, SD, ALL, CLEAN, DO1(CPN(7, 10, 0, ONCE, test_clean, PER_LINE), true, false, SWEEP)),
	CACHE(V7, SD, ALL, CLEAN, DO1(CPN(7, 10, 2, PER_LINE, clean_clean, PER_LINE), true, false, V7M)),
	CACHE(ARM920, SD, ALL, BOTH, DO1(CPN(7, 14, 2, PER_LINE, clean_clean, PER_LINE), true, false, TRM920)),
	CACHE(TCLEAN, SD, ALL, BOTH, DO1(MRCN(14, 3, test_clean), true, false, TRM926)),
	CACHE(SA, SD, ALL, BOTH, DO2(LOADS(PER_LINE), CP1(7, 6, 0, cp15_op), true, false, LINUX)),
	CACHE(XS, SD, ALL, BOTH, DO2(CPN(7, 2, 5, PER_LINE, cp15_op, PER_LINE), CP1(7, 6, 0, cp15_op),
				     true, false, LINUX)),
	CACHE(V6, SD, ALL, BOTH, DO1(CPN(7, 14, 0, ONCE, test_clean, PER_LINE), true, false, SWEEP)),
	CACHE(V7, SD, ALL, BOTH, DO1(CPN(7, 14, 2, PER_LINE, clean_clean, PER_LINE), true, false, V7M)),
	CACHE(V7, SD, ALL, INVAL, DO1(CPN(7, 6, 2, PER_LINE, clean_clean, PER_LINE), false, false, V7M)),
	/* I and D together */
	CACHE(V7, SB, ALL, INVAL, DO2(CP1(7, 5, 0, cp15_op), CPN(7, 6, 2, PER_LINE, clean_clean, PER_LINE),
				      false, false, V7M)),
	CACHE(ARM920, SB, ALL, BOTH, DO2(CPN(7, 14, 2, PER_LINE, clean_clean, PER_LINE),
					 CP1(7, 5, 0, cp15_op), true, false, TRM920)),
	CACHE(B(ARM926), SB, ALL, BOTH, DO2(MRCN(14, 3, test_clean), CP1(7, 5, 0, cp15_op), true, false,
					    TRM926)),
	CACHE(SA, SB, ALL, BOTH, DO2(LOADS(PER_LINE), CP1(7, 7, 0, cp15_op), true, false, LINUX)),
	CACHE(XS, SB, ALL, BOTH, DO2(CPN(7, 2, 5, PER_LINE, cp15_op, PER_LINE), CP1(7, 7, 0, cp15_op),
				     true, false, LINUX)),
	CACHE(V6 & ~UNIFIED, SB, ALL, BOTH, DO2(CPN(7, 14, 0, ONCE, test_clean, PER_LINE),
						CP1(7, 5, 0, cp15_op), true, false, SWEEP)),
	CACHE(V7, SB, ALL, BOTH, DO2(CPN(7, 14, 2, PER_LINE, clean_clean, PER_LINE),
				     CP1(7, 5, 0, cp15_op), true, false, V7M)),
	CACHE(UNIFIED, SB, ALL, BOTH, DO1(CPN(7, 15, 0, ONCE, test_clean, PER_LINE), true, false, SWEEP)),
	CACHE(SA, SB, MVA, INVAL, DO2(CP1(7, 6, 1, clean_clean), CP1(7, 5, 0, cp15_op), false, true, COARSER)),
	CACHE(ALL & ~(SA | UNIFIED), SB, MVA, INVAL, DO2(CP1(7, 6, 1, clean_clean),
							 CP1(7, 5, 1, clean_clean), false, false, LINES)),
	CACHE(ALL & ~UNIFIED, SB, MVA, CLEAN, DO1(CP1(7, 10, 1, clean_clean), true, false, LINES)),
	CACHE(SA, SB, MVA, BOTH, DO3(CP1(7, 10, 1, clean_clean), CP1(7, 6, 1, clean_clean),
				     CP1(7, 5, 0, cp15_op), true, true, COARSER)),
	CACHE(XS, SB, MVA, BOTH, DO3(CP1(7, 10, 1, clean_clean), CP1(7, 6, 1, clean_clean),
				     CP1(7, 5, 1, clean_clean), true, false, LINUX)),
	CACHE(ALL & ~(SA | XS | UNIFIED), SB, MVA, BOTH, DO2(CP1(7, 14, 1, clean_clean),
							     CP1(7, 5, 1, clean_clean), true, false, LINES)),
	/* D by line, by set and way, by range */
	CACHE(SA | XS, SD, MVA, BOTH, DO2(CP1(7, 10, 1, clean_clean), CP1(7, 6, 1, clean_clean), true, false,
					  LINUX)),
	CACHE(SA, SD, WAY, CLEAN, DO1(LOADS(ONCE), true, false, NOWAY)),
	CACHE(SA, SD, WAY, INVAL, DO1(LOADS(ONCE), true, false, NOWAY)),
	CACHE(SA, SD, WAY, BOTH, DO1(LOADS(ONCE), true, false, NOWAY)),
	CACHE(XS, SD, WAY, CLEAN, DO1(CP1(7, 2, 5, cp15_op), true, false, NOWAY)),
	CACHE(XS, SD, WAY, INVAL, DO1(CP1(7, 2, 5, cp15_op), true, false, NOWAY)),
	CACHE(XS, SD, WAY, BOTH, DO1(CP1(7, 2, 5, cp15_op), true, false, NOWAY)),
	CACHE(ARM920, SD, WAY, INVAL, DO1(CP1(7, 14, 2, clean_clean), true, false, COARSER)),
	CACHE(J11, SD, RANGE, CLEAN, DO1(MCRRN(12), true, false, SWEEP)),
	CACHE(J11, SD, RANGE, INVAL, DO1(MCRRN(6), false, false, SWEEP)),
	CACHE(J11, SD, RANGE, BOTH, DO1(MCRRN(14), true, false, SWEEP)),
	CACHE(J11, SI, RANGE, INVAL, DO1(MCRRN(5), false, false, SWEEP)),
	CACHE(ALL, SD, RANGE, CLEAN, DO1(CPN(7, 10, 1, PER_RANGE_LINE, clean_clean, PER_RANGE_LINE),
					 true, false, LINES)),
	CACHE(ALL, SD, RANGE, INVAL, DO1(CPN(7, 6, 1, PER_RANGE_LINE, clean_clean, PER_RANGE_LINE),
					 false, false, LINES)),
	CACHE(SA | XS, SD, RANGE, BOTH, DO2(CPN(7, 10, 1, PER_RANGE_LINE, clean_clean, PER_RANGE_LINE),
					    CPN(7, 6, 1, PER_RANGE_LINE, clean_clean, PER_RANGE_LINE),
					    true, false, LINES)),
	CACHE(ALL, SD, RANGE, BOTH, DO1(CPN(7, 14, 1, PER_RANGE_LINE, clean_clean, PER_RANGE_LINE),
					true, false, LINES)),
	/* I by line, by set and way, by range */
	CACHE(SA, SI, MVA, INVAL, DO1(CP1(7, 5, 0, cp15_op), false, true, COARSER)),
	CACHE(ARM920 | SA | XS | V7, SI, WAY, INVAL, DO1(CP1(7, 5, 0, cp15_op), false, true, COARSER)),
	CACHE(SA, SI, RANGE, INVAL, DO1(CP1(7, 5, 0, cp15_op), false, true, COARSER)),
	CACHE(ALL, SI, RANGE, INVAL, DO1(CPN(7, 5, 1, PER_RANGE_LINE, clean_clean, PER_RANGE_LINE),
					 false, false, LINES)),
	/* TLB */
	OTHER(SA, TLBI_MVA, SI, DO1(CP1(8, 5, 0, tlbi), false, true, COARSER)),
	OTHER(SA, TLBI_MVA, SB, DO2(CP1(8, 5, 0, tlbi), CP1(8, 6, 1, tlbi), false, true, COARSER)),
	OTHER(ARM920 | XS, TLBI_MVA, SB, DO2(CP1(8, 5, 1, tlbi), CP1(8, 6, 1, tlbi), false, false, COARSER)),
	OTHER(PRE6, TLBI_ASID, SI, DO1(CP1(8, 5, 0, tlbi), false, true, NOASID)),
	OTHER(PRE6, TLBI_ASID, SD, DO1(CP1(8, 6, 0, tlbi), false, true, NOASID)),
	OTHER(PRE6, TLBI_ASID, SB, DO1(CP1(8, 7, 0, tlbi), false, true, NOASID)),
	OTHER(SA, TLBI_MVAA, SI, DO1(CP1(8, 5, 0, tlbi), false, true, COARSER)),
	OTHER(SA, TLBI_MVAA, SB, DO2(CP1(8, 5, 0, tlbi), CP1(8, 6, 1, tlbi), false, true, COARSER)),
	OTHER(ARM920 | XS, TLBI_MVAA, SB, DO2(CP1(8, 5, 1, tlbi), CP1(8, 6, 1, tlbi), false, false, NOASID)),
	OTHER(PRE6, TLBI_MVAA, SI, DO1(CP1(8, 5, 1, tlbi), false, false, NOASID)),
	OTHER(PRE6, TLBI_MVAA, SD, DO1(CP1(8, 6, 1, tlbi), false, false, NOASID)),
	OTHER(TCLEAN, TLBI_MVAA, SB, DO1(CP1(8, 7, 1, tlbi), false, false, NOASID)),
	OTHER(J11 | B(A8), TLBI_MVAA, SI, DO1(CP1(8, 5, 0, tlbi), false, true, COARSER)),
	OTHER(J11 | B(A8), TLBI_MVAA, SD, DO1(CP1(8, 6, 0, tlbi), false, true, COARSER)),
	OTHER(J11 | B(A8), TLBI_MVAA, SB, DO1(CP1(8, 7, 0, tlbi), false, true, COARSER)),
	OTHER(B(A15), TLBI_MVAA, SI | SD, DO1(CP1(8, 7, 3, tlbi), false, false, V7M)),
	/* barriers, hints, what other cores have */
	OTHER(PRE6, DMB, ANY, DO1(CP1(7, 10, 4, drain), false, false, CONF_KNOWLEDGE,
				  "no weaker barrier before v6 than a drained write buffer")),
	OTHER(PRE6, ISB, ANY, NOTHING(ABSENT)),
	OTHER(PRE6 & ~XS, BP_ALL, ANY, NOTHING(ABSENT)),
	OTHER(XS, BP_MVA, ANY, DO1(CP1(7, 5, 6, cp15_op), false, true, COARSER)),
	OTHER(PRE6, BP_MVA, ANY, NOTHING(ABSENT)),
	OTHER(SA | XS | B(MPCORE) | V7, PREFETCH_I, ANY, NOTHING(HINT)),
	OTHER(ALL & ~SA, READ_BUFFER, ANY, NOTHING(ABSENT)),
	OTHER(V7, WFI, ANY, NOTHING(CONF_KNOWLEDGE, "an instruction of its own, not a coprocessor access")),
	OTHER(ALL & ~XS, ALLOCATE, ANY, DO1(LOADS(ONCE), false, false, CONF_ESTIMATE,
		"no such operation: a load brings the line in just as well")),
	OTHER(ALL & ~XS, LOCK_LINE, ANY, NOTHING(HINT)), OTHER(ALL & ~XS, UNLOCK_CACHE, ANY, NOTHING(HINT)),
	OTHER(ALL & ~XS, LOCK_MODE, ANY, NOTHING(HINT)), OTHER(ALL & ~XS, LOCK_ENTRY, ANY, NOTHING(HINT)),
	OTHER(ALL & ~XS, UNLOCK_TLB, ANY, NOTHING(HINT)),
	{ ALL & ~(J11 | B(GENERIC_V6)), CP_DIRTY_STATUS, ANY, SCOPE_ALL, NONE, NOTHING(CONF_ESTIMATE,
		"no such register: taken for dirty") },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct row *find(enum cp_core host, const struct cp_canon *c)
{
	unsigned effect = (c->clean ? CLEAN : 0) | (c->inval ? INVAL : 0);

	for (unsigned i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		if (!(r->cores >> host & 1) || r->op != c->op || !(r->sides >> c->side & 1))
			continue;
		if (c->op != CP_CACHE || (r->scope == c->scope && r->effect == effect))
			return r;
	}
	return NULL;
}

static unsigned native_cost(const struct cp_canon *c)
{
	switch (c->op) {
	case CP_TLBI_ALL:
	case CP_TLBI_MVA:
	case CP_TLBI_ASID:
	case CP_TLBI_MVAA: return PRIM_tlbi;
	case CP_DRAIN: return PRIM_drain;
	case CP_CACHE: return c->scope == SCOPE_ALL ? PRIM_cp15_op : PRIM_clean_clean;
	default: return PRIM_cp15_op;
	}
}

bool cpu_sequence(enum cp_core host, const struct cp_canon *c, struct cp_sequence *out)
{
	struct cp_canon ask = *c;
	const struct cp_map_row *own;
	const struct row *r;

	if (c->op < CP_TLBI_ALL || c->op > CP_UNLOCK_TLB)
		return false;
	if (c->op == CP_TESTCLEAN) {    /* stands for "until clean" */
		ask.op = CP_CACHE;
		ask.scope = SCOPE_ALL;
	}
	r = find(host, &ask);
	if (r) {
		*out = r->seq;
		return true;
	}
	own = cp_map_encode(host, &ask);
	if (!own)
		return false;
	*out = (struct cp_sequence){
		.step = { { .kind = SEQ_CP, .count = SEQ_ONCE, .cost = (uint8_t)native_cost(&ask),
			    .cost_count = SEQ_ONCE, .key = own->key,
			    .read = !(own->access & CP_WRITE) } },
		.nstep = 1, .cleans = ask.clean, .confidence = own->confidence,
		.source = own->source,
	};
	return true;
}
