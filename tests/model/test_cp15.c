/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CP15 map against a second transcription of the manuals' tables, one line an encoding and
 * one column a core, over every encoding there is; operand formats by round trip and by hand.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/guest/cp15.h"
#include "models/guest/unknown_ops.h"
#include "traces/record.h"

enum { COLUMNS = 10 };
static const enum cp_core column[COLUMNS] = {
	CP_CORE_ARM920T, CP_CORE_ARM922T, CP_CORE_ARM926, CP_CORE_SA1110, CP_CORE_PXA255,
	CP_CORE_PXA270, CP_CORE_ARM1136R0, CP_CORE_ARM1136, CP_CORE_ARM1176, CP_CORE_MPCORE,
};

/* CRn, CRm, opc2 (opc1 0), direction, and the columns: 920T 922T 926, SA-1110, PXA255 PXA270,
 * 1136 r0 1136 1176, MPCore. CRn 99: MCRR with that CRm. */
static const struct cell { uint8_t crn, crm, opc2; const char *rw, *has; } grid[] = {
	{ 1, 0, 0, "rw", "yyy y yy yyy y" }, { 1, 0, 1, "rw", "--- - yy yyy y" },
	{ 1, 0, 2, "rw", "--- - -- yyy y" },
	{ 1, 1, 0, "rw", "--- - -- --y -" }, { 1, 1, 1, "rw", "--- - -- --y -" },
	{ 1, 1, 2, "rw", "--- - -- --y -" },
	{ 2, 0, 0, "rw", "yyy y yy yyy y" }, { 2, 0, 1, "rw", "--- - -- yyy y" },
	{ 2, 0, 2, "rw", "--- - -- yyy y" }, { 3, 0, 0, "rw", "yyy y yy yyy y" },
	{ 5, 0, 0, "rw", "yyy y yy yyy y" }, { 5, 0, 1, "rw", "yyy - -- yyy y" },
	{ 6, 0, 0, "rw", "yyy y yy yyy y" }, { 6, 0, 1, "rw", "--- - -- yyy -" },
	{ 6, 0, 2, "rw", "--- - -- --y y" },
	{ 7, 0, 4, "w", "yyy - -- yyy y" }, { 7, 2, 5, "w", "--- - yy --- -" },
	{ 7, 4, 0, "rw", "--- - -- --y y" },
	{ 7, 5, 0, "w", "yyy y yy yyy y" }, { 7, 5, 1, "w", "yyy - yy yyy y" },
	{ 7, 5, 2, "w", "--y - -- yyy y" }, { 7, 5, 4, "w", "--- - -- yyy y" },
	{ 7, 5, 6, "w", "--- - yy yyy y" }, { 7, 5, 7, "w", "--- - -- yyy y" },
	{ 7, 6, 0, "w", "yyy y yy yyy y" }, { 7, 6, 1, "w", "yyy y yy yyy y" },
	{ 7, 6, 2, "w", "--y - -- yyy y" }, { 7, 7, 0, "w", "yyy y yy yyy y" },
	{ 7, 8, 0, "w", "--- - -- --y y" }, { 7, 8, 1, "w", "--- - -- --y y" },
	{ 7, 8, 2, "w", "--- - -- --y y" }, { 7, 8, 3, "w", "--- - -- --y y" },
	{ 7, 8, 4, "w", "--- - -- --y -" }, { 7, 8, 5, "w", "--- - -- --y -" },
	{ 7, 8, 6, "w", "--- - -- --y -" }, { 7, 8, 7, "w", "--- - -- --y -" },
	{ 7, 10, 0, "w", "--- - -- yyy y" }, { 7, 10, 1, "w", "yyy y yy yyy y" },
	{ 7, 10, 2, "w", "yyy - -- yyy y" }, { 7, 10, 3, "r", "--y - -- --- -" },
	{ 7, 10, 4, "w", "yyy y yy yyy y" }, { 7, 10, 5, "w", "--- - -- yyy y" },
	{ 7, 10, 6, "r", "--- - -- yyy -" }, { 7, 13, 1, "w", "yyy - -- yyy -" },
	{ 7, 14, 0, "w", "--- - -- yyy y" }, { 7, 14, 1, "w", "yyy - -- yyy y" },
	{ 7, 14, 2, "w", "yyy - -- yyy y" }, { 7, 14, 3, "r", "--y - -- --- -" },
	{ 8, 5, 0, "w", "yyy y yy yyy y" }, { 8, 5, 1, "w", "yyy - yy yyy y" },
	{ 8, 6, 0, "w", "yyy y yy yyy y" }, { 8, 6, 1, "w", "yyy y yy yyy y" },
	{ 8, 7, 0, "w", "yyy y yy yyy y" }, { 8, 7, 1, "w", "--y - -- yyy y" },
	{ 8, 5, 2, "w", "--- - -- yyy y" }, { 8, 6, 2, "w", "--- - -- yyy y" },
	{ 8, 7, 2, "w", "--- - -- yyy y" }, { 8, 5, 3, "w", "--- - -- --- y" },
	{ 8, 6, 3, "w", "--- - -- --- y" }, { 8, 7, 3, "w", "--- - -- --- y" },
	{ 9, 0, 0, "rw", "yyy - -- yyy y" }, { 9, 0, 0, "w", "--- y -- --- -" },
	{ 9, 0, 1, "rw", "yyy - -- yyy y" },
	{ 9, 0, 4, "w", "--- y -- --- -" }, { 9, 0, 5, "w", "--- y -- --- -" },
	{ 9, 1, 0, "rw", "--y - -- yyy -" }, { 9, 1, 0, "w", "--- - yy --- -" },
	{ 9, 1, 1, "rw", "--y - -- yyy -" }, { 9, 1, 1, "w", "--- - yy --- -" },
	{ 9, 1, 2, "rw", "--- - -- --y -" }, { 9, 1, 3, "rw", "--- - -- --y -" },
	{ 9, 2, 0, "rw", "--- - yy --y -" }, { 9, 2, 1, "w", "--- - yy --- -" },
	{ 9, 8, 0, "rw", "--- - -- --y -" },
	{ 10, 0, 0, "rw", "yyy - -- yyy y" }, { 10, 0, 1, "rw", "yy- - -- --- -" },
	{ 10, 2, 0, "rw", "--- - -- -yy y" }, { 10, 2, 1, "rw", "--- - -- -yy y" },
	{ 10, 4, 0, "w", "--- - yy --- -" }, { 10, 4, 1, "w", "--- - yy --- -" },
	{ 10, 8, 0, "w", "--- - yy --- -" }, { 10, 8, 1, "w", "--- - yy --- -" },
	{ 12, 0, 0, "rw", "--- - -- --y -" }, { 12, 0, 1, "rw", "--- - -- --y -" },
	{ 12, 1, 0, "r", "--- - -- --y -" },
	{ 13, 0, 0, "rw", "yyy y yy yyy y" }, { 13, 0, 1, "rw", "--y - -- yyy y" },
	{ 13, 0, 2, "rw", "--- - -- -yy y" }, { 13, 0, 3, "rw", "--- - -- -yy y" },
	{ 13, 0, 4, "rw", "--- - -- -yy y" },
	{ 99, 5, 0, "w", "--- - -- yyy -" }, { 99, 6, 0, "w", "--- - -- yyy -" },
	{ 99, 12, 0, "w", "--- - -- yyy -" }, { 99, 14, 0, "w", "--- - -- yyy -" },
};

static bool in_grid(unsigned col, unsigned crn, unsigned crm, unsigned opc2, char rw)
{
	for (size_t i = 0; i < sizeof(grid) / sizeof(grid[0]); i++) {
		char has[COLUMNS + 1];
		unsigned n = 0;

		if (grid[i].crn != crn || grid[i].crm != crm || grid[i].opc2 != opc2)
			continue;
		for (const char *p = grid[i].has; *p; p++)
			if (*p != ' ')
				has[n++] = *p;
		assert_int_equal(n, COLUMNS);
		if (has[col] == 'y' && strchr(grid[i].rw, rw))
			return true;
	}
	return false;
}

/* Every encoding of the system registers but c0, c11, c14 and c15, on every core before v7. */
static void grid_is_the_map(void **state)
{
	unsigned known = 0;

	(void)state;
	for (unsigned col = 0; col < COLUMNS; col++)
		for (unsigned key = 0; key < CP_KEY_CP14; key++) {
			unsigned crn = key & CP_KEY_64 ? 99 : key >> 10, opc1 = key >> 7 & 7;
			unsigned high = key & CP_KEY_64 ? key >> 10 & 15 : 0;

			if (crn == 0 || crn == 11 || crn == 14 || crn == 15)
				continue;
			for (unsigned read = 0; read < 2; read++) {
				bool want = !opc1 && !high && in_grid(col, crn, key >> 3 & 15, key & 7,
								      read ? 'r' : 'w');
				struct cp_canon c = cp_canonical(column[col], (uint16_t)key, read);

				if ((c.op != CP_UNKNOWN) != want)
					fail_msg("%s: key 0x%04x %s: %s", cp_core_name[column[col]], key,
						 read ? "read" : "write", want ? "missing" : "not in the manual");
				known += want;
			}
		}
	assert_true(known > 500);
}

/* Rows of one key are for different cores; every row says where it is from, and what the
 * tracker asks is what the row says, for every core. */
static void rows_are_sound(void **state)
{
	(void)state;
	for (unsigned i = 0; i < cp_map_count; i++) {
		const struct cp_map_row *r = &cp_map[i];

		assert_true(r->cores && !(r->cores >> CP_CORES));
		assert_true(r->access && r->access <= (CP_READ | CP_WRITE));
		assert_true(r->name[0] && r->source[0] && r->confidence < CONF_ESTIMATE);
		assert_true(r->canon.op != CP_UNKNOWN && r->canon.op < CP_OPS);
		for (unsigned k = 0; k < i; k++)
			assert_false(cp_map[k].key == r->key && cp_map[k].cores & r->cores);
		for (unsigned core = 0; core < CP_CORES; core++)
			for (unsigned read = 0; read < 2; read++) {
				struct cp_canon c = cp_canonical((enum cp_core)core, r->key, read);

				if (!(r->cores >> core & 1))
					continue;
				assert_int_equal(c.op, r->access & (read ? CP_READ : CP_WRITE)
						 ? r->canon.op : CP_UNKNOWN);
				assert_ptr_equal(cp_map_find((enum cp_core)core, r->key), r);
			}
	}
}

/* What the encoding fields say by the architecture's own pattern, not by the table: CRm 5 is I,
 * 6 is D, 7 both, 10 cleans, 14 cleans and invalidates; opc2 0 all, 1 MVA, 2 set/way or ASID. */
static void canonical_meaning_follows_the_pattern(void **state)
{
	static const uint8_t side[16] = { [5] = SIDE_I, [6] = SIDE_D, [7] = SIDE_BOTH, [10] = SIDE_D,
					  [11] = SIDE_BOTH, [12] = SIDE_D, [14] = SIDE_D,
					  [15] = SIDE_BOTH };
	static const uint8_t scope[3] = { SCOPE_ALL, SCOPE_MVA, SCOPE_WAY };
	static const uint8_t tlb[4] = { CP_TLBI_ALL, CP_TLBI_MVA, CP_TLBI_ASID, CP_TLBI_MVAA };
	unsigned seen = 0;

	(void)state;
	for (unsigned core = 0; core < CP_CORE_A8; core++)
		for (unsigned key = 0; key < CP_KEY_CP14; key++) {
			struct cp_canon c = cp_canonical((enum cp_core)core, (uint16_t)key, false);
			unsigned crm = key >> 3 & 15, opc2 = key & 7;

			if (c.op == CP_CACHE) {
				seen++;
				assert_int_equal(c.side, side[crm]);
				assert_int_equal(c.clean, crm >= 10);
				assert_int_equal(c.inval, crm < 10 || crm >= 14);
				assert_int_equal(c.scope, key & CP_KEY_64 ? SCOPE_RANGE : scope[opc2]);
			} else if (c.op >= CP_TLBI_ALL && c.op <= CP_TLBI_MVAA) {
				seen++;
				assert_int_equal(key >> 10, 8);
				assert_int_equal(c.side, side[crm]);
				assert_int_equal(c.op, tlb[opc2]);
				if (c.op == CP_TLBI_MVA)
					assert_int_equal(c.operand, core < CP_CORE_ARM1136R0 ? OPERAND_MVA
							 : OPERAND_MVA_ASID);
			}
		}
	assert_true(seen > 150);
}

static void registers_keep_their_keys(void **state)
{
	static const struct { uint16_t key; enum cp_op op; } regs[] = {
		{ KEY_SCTLR, CP_SCTLR }, { KEY_TTBR0, CP_TTBR0 }, { KEY_TTBR1, CP_TTBR1 },
		{ KEY_TTBCR, CP_TTBCR }, { KEY_DACR, CP_DACR }, { KEY_FSR, CP_FSR },
		{ KEY_IFSR, CP_FSR }, { KEY_FAR, CP_FAR }, { KEY_TLB_LOCK, CP_TLB_LOCK },
		{ KEY_PRRR, CP_PRRR }, { KEY_NMRR, CP_NMRR }, { KEY_FCSE, CP_FCSE },
		{ KEY_CONTEXTIDR, CP_ASID },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++)
		assert_int_equal(cp_canonical(CP_CORE_ARM1136, regs[i].key, false).op, regs[i].op);
	assert_int_equal(cp_canonical(CP_CORE_SA1110, CP_KEY(15, 0, 8, 2), false).op, CP_WFI);
	assert_int_equal(cp_canonical(CP_CORE_SA1110, CP_KEY(9, 0, 0, 0), false).op, CP_READ_BUFFER);
	assert_int_equal(cp_canonical(CP_CORE_PXA270, CP_KEY_CP14 | CP_KEY(7, 0, 0, 0), false).op,
			 CP_WFI);
}

/* c15 and CP14: of the ARM cores as a whole, of StrongARM and XScale what is listed. */
static void test_spaces(void **state)
{
	unsigned listed = 0;

	(void)state;
	for (unsigned core = 0; core < CP_CORES; core++) {
		bool lists = core >= CP_CORE_SA1110 && core <= CP_CORE_PXA270;

		for (unsigned i = 15 << 10; i < (16 << 10) + CP_KEY_CP14; i++) {
			unsigned key = i < 16 << 10 ? i : i - (16 << 10) + CP_KEY_CP14;
			struct cp_canon c = cp_canonical((enum cp_core)core, (uint16_t)key, false);

			if (lists)
				listed += c.op != CP_UNKNOWN;
			else
				assert_int_equal(c.op, key & CP_KEY_CP14 ? CP_CP14 : CP_OTHER);
		}
	}
	assert_int_equal(listed, 7 + (1 + 4 + 9) + (1 + 9 + 9));
}

static void cores_by_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CP_CORE_GENERIC_V5; i++)
		assert_int_equal(cp_core_find(cp_core_name[i], "?"), i);
	assert_int_equal(cp_core_find("generic", "armv5"), CP_CORE_GENERIC_V5);
	assert_int_equal(cp_core_find("generic", "armv6"), CP_CORE_GENERIC_V6);
	assert_int_equal(cp_core_find("", "armv5"), CP_CORE_GENERIC_V5);
	assert_int_equal(cp_core_find("arm1026", "armv4"), CP_CORES);
}

static void setway_round_trips(void **state)
{
	(void)state;
	for (uint32_t ways = 1; ways <= 64; ways *= 2)
		for (uint32_t sets = 1; sets <= 1024; sets *= 2)
			for (uint32_t line = 16; line <= 64; line *= 2)
				for (uint32_t way = 0; way < ways; way += ways < 8 ? 1 : ways / 8)
					for (uint32_t set = 0; set < sets; set += sets < 8 ? 1 : sets / 8) {
						struct cp_setway sw = { set, way }, back;
						uint32_t op = cp_setway_operand(sw, sets, ways, line);

						back = cp_operand_setway(op, sets, ways, line);
						assert_int_equal(back.set, set);
						assert_int_equal(back.way, way);
						/* bits below the line are ignored */
						back = cp_operand_setway(op | (line - 1), sets, ways, line);
						assert_int_equal(back.set, set);
						assert_int_equal(back.way, way);
					}
}

/* Bit positions as the manuals draw them, with their own arithmetic. */
static void operand_bits(void **state)
{
	struct rng r = rng_stream(1, "operands");

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		uint32_t op = (uint32_t)rng_next(&r);
		struct cp_setway s920 = cp_operand_setway(op, 8, 64, 32);       /* 64 ways, 8 segments */
		struct cp_setway s922 = cp_operand_setway(op, 4, 64, 32);
		struct cp_setway s926 = cp_operand_setway(op, 128, 4, 32);      /* 16 KB, 4 ways */

		assert_int_equal(s920.way, op / 0x4000000);                     /* index [31:26] */
		assert_int_equal(s920.set, op / 32 % 8);                        /* segment [7:5] */
		assert_int_equal(s922.way, op / 0x4000000);
		assert_int_equal(s922.set, op / 32 % 4);                        /* segment [6:5] */
		assert_int_equal(s926.way, op / 0x40000000);                    /* way [31:30] */
		assert_int_equal(s926.set, op / 32 % 128);                      /* set [11:5] */
		assert_int_equal(cp_operand_asid(op), op % 256);
		assert_int_equal(cp_operand_mva(op, 4096), op - op % 4096);
		assert_int_equal(cp_operand_mva(op, 32), op - op % 32);
	}
}

static void ranges(void **state)
{
	static const struct { uint32_t last, first; uint64_t lines; } cases[] = {
		{ 0x1000, 0x1000, 1 }, { 0x101f, 0x1000, 1 }, { 0x1020, 0x101f, 2 },
		{ 0xffffffff, 0, 1 << 27 }, { 0xfff, 0x1000, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cp_range g = cp_operand_range(cases[i].last, cases[i].first, 32);

		assert_true(g.lines == cases[i].lines);
		assert_int_equal(g.first, cases[i].first & ~31u);
	}
}

static void unknown_table(void **state)
{
	struct unknown_ops u = { 0 };
	char text[UNKNOWN_OPS_TEXT];
	uint64_t kept = 0;

	(void)state;
	for (unsigned round = 1; round <= 3; round++)
		for (unsigned i = 0; i < UNKNOWN_OPS_KEPT + 5; i++)
			for (unsigned n = 0; n < 2; n++)
				unknown_ops_add(&u, (uint16_t)(CP_KEY(2, 0, 0, 1) + i / 2), i & 1,
						100 * round + i);
	assert_int_equal(u.count, UNKNOWN_OPS_KEPT);
	assert_true(u.total == 3 * 2 * (UNKNOWN_OPS_KEPT + 5) && u.others == 3 * 2 * 5);
	for (unsigned i = 0; i < u.count; i++) {
		kept += u.op[i].n;
		assert_true(u.op[i].first == 100 + i && u.op[i].n == 6);
	}
	assert_true(kept + u.others == u.total);
	assert_string_equal(unknown_ops_text(&u, 1, text),
			    "p15 c2,c0,1 (TTBR1) written 6 times, first at record 101");
	unknown_ops_add(&u, CP_KEY(2, 0, 0, 1), false, 7);
	assert_string_equal(unknown_ops_text(&u, 0, text),
			    "p15 c2,c0,1 (TTBR1) read 7 times, first at record 100");
	assert_non_null(strstr(unknown_ops_text(&u, 31, text), "p15 c2,c2,0 written"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grid_is_the_map),
		cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(canonical_meaning_follows_the_pattern),
		cmocka_unit_test(registers_keep_their_keys),
		cmocka_unit_test(test_spaces),
		cmocka_unit_test(cores_by_name),
		cmocka_unit_test(setway_round_trips),
		cmocka_unit_test(operand_bits),
		cmocka_unit_test(ranges),
		cmocka_unit_test(unknown_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
