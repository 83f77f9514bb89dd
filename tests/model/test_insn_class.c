/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instruction classes: sequences with cycles worked by hand for the ARM9EJ-S, the decoder against a
 * flat list of encodings, and a tracker over code that changes, in batches of every size.
 */
#include "tests/support.h"

#include <string.h>

#include "base/rng.h"
#include "models/guest/insn_class.h"
#include "tests/machine_kit.h"

/* --- by hand: DDI 0222B table 8.2, and what is known of the ARM9EJ-S beyond it --------------- */

enum { PASSED_NONE = 1, TAKEN = 2, THUMB = 4 };
static const struct {
	const char *name;
	unsigned flags, cycles, n;
	uint32_t word[4];
} hand[] = {
	{ "ADD", 0, 1, 1, { 0xe0800001 } },
	{ "LDR, use", 0, 3, 2, { 0xe5910000, 0xe0802002 } },
	{ "LDR, other, use", 0, 3, 3, { 0xe5910000, 0xe1a05006, 0xe0802002 } },
	{ "LDRB, use", 0, 4, 2, { 0xe5d10000, 0xe0802002 } },
	{ "LDRB, other, use", 0, 4, 3, { 0xe5d10000, 0xe1a05006, 0xe0802002 } },
	{ "LDRB, two others, use", 0, 4, 4, { 0xe5d10000, 0xe1a05006, 0xe1a05006, 0xe0802002 } },
	{ "LDRB, overwritten, use", 0, 3, 3, { 0xe5d10000, 0xe1a00006, 0xe0802002 } },
	{ "LDRSH, use", 0, 4, 2, { 0xe1d100f0, 0xe0802002 } },
	{ "LDR with an offset", 0, 1, 1, { 0xe7910002 } },
	{ "LDR with a scaled offset", 0, 2, 1, { 0xe7910102 } },
	{ "STR with a scaled offset", 0, 2, 1, { 0xe7810102 } },
	{ "shift by register", 0, 2, 1, { 0xe0810312 } },
	{ "MUL", 0, 2, 1, { 0xe0000291 } },
	{ "MUL, use", 0, 4, 2, { 0xe0000291, 0xe0803003 } },
	{ "MUL, other, use", 0, 4, 3, { 0xe0000291, 0xe1a05006, 0xe0803003 } },
	{ "MULS", 0, 4, 1, { 0xe0100291 } },
	{ "SMULL", 0, 3, 1, { 0xe0c10392 } },
	{ "SMULLS", 0, 5, 1, { 0xe0d10392 } },
	{ "SMLABB", 0, 1, 1, { 0xe1003281 } },
	{ "SMLALBB", 0, 2, 1, { 0xe1410382 } },
	{ "LDM of 4", 0, 4, 1, { 0xe8b0001e } },
	{ "LDM, use of the last", 0, 6, 2, { 0xe8b0001e, 0xe0845005 } },
	{ "LDM, use of the first", 0, 5, 2, { 0xe8b0001e, 0xe0815005 } },
	{ "LDM of 1", 0, 2, 1, { 0xe8900002 } },
	{ "STM of 1", 0, 2, 1, { 0xe8800002 } },
	{ "STM of 3", 0, 3, 1, { 0xe880000e } },
	{ "LDRD", 0, 2, 1, { 0xe1c020d0 } },
	{ "STRD", 0, 2, 1, { 0xe1c020f0 } },
	{ "SWP", 0, 2, 1, { 0xe1020091 } },
	{ "MRS", 0, 2, 1, { 0xe10f0000 } },
	{ "MSR flags", 0, 1, 1, { 0xe128f000 } },
	{ "MSR control", 0, 3, 1, { 0xe121f000 } },
	{ "B taken", TAKEN, 3, 1, { 0xea000000 } },
	{ "B not taken", 0, 1, 1, { 0x0a000000 } },
	{ "BL", TAKEN, 3, 1, { 0xeb000000 } },
	{ "BX", TAKEN, 3, 1, { 0xe12fff1e } },
	{ "MOV to PC", TAKEN, 4, 1, { 0xe1a0f00e } },
	{ "LDR to PC", TAKEN, 5, 1, { 0xe590f000 } },
	{ "LDM of 2 with PC", TAKEN, 6, 1, { 0xe8bd8010 } },
	{ "LDR, B", TAKEN, 4, 2, { 0xe5910000, 0xea000000 } },
	{ "LDMEQ executed", 0, 4, 1, { 0x0890001e } },
	{ "LDMEQ passed over", PASSED_NONE, 1, 1, { 0x0890001e } },
	{ "LDREQ executed, use", 0, 3, 2, { 0x05910000, 0xe0802002 } },
	{ "LDREQ passed over, use", PASSED_NONE, 2, 2, { 0x05910000, 0xe0802002 } },
	{ "LDR, LDREQ passed over, use", PASSED_NONE, 3, 3, { 0xe5910000, 0x05913000, 0xe0802002 } },
	{ "MULEQ", 0, 2, 1, { 0x00000291 } },
	{ "Thumb ADD", THUMB, 1, 1, { 0x1840 } },
	{ "Thumb LDR, use", THUMB, 3, 2, { 0x18406808 } },
	{ "Thumb MUL", THUMB, 4, 1, { 0x4348 } },
	{ "Thumb shift by register", THUMB, 2, 1, { 0x4088 } },
	{ "Thumb BL pair", THUMB | TAKEN, 4, 1, { 0xf800f000 } },
	{ "Thumb PUSH of 2", THUMB, 2, 1, { 0xb510 } },
	{ "Thumb POP of 2 with PC", THUMB | TAKEN, 6, 1, { 0xbd10 } },
	{ "Thumb B not taken", THUMB, 1, 1, { 0xd0fe } },
};

static unsigned cycles_of(const struct mix_counts *c)
{
	struct cost_set s;
	uint64_t sum = 0;

	cost_set_default(&s);
	for (unsigned k = 0; k < MIX_EVENTS; k++)
		sum += c->n[k] * cost_unit(&s, (enum event)(EV_EXEC_BRANCH + k), COST_NOMINAL);
	assert_int_equal(sum % 1000, 0);
	return (unsigned)(sum / 1000);
}

static void add_words(struct code_book *book, uint32_t pa, const uint32_t *word, unsigned n)
{
	uint8_t bytes[16];

	for (unsigned i = 0; i < 4 * n; i++)
		bytes[i] = (uint8_t)(word[i / 4] >> 8 * (i % 4));
	code_book_add(book, pa, bytes, n);
}

static void sequences_by_hand(void **state)
{
	static const struct mix_passed none;

	(void)state;
	for (unsigned i = 0; i < sizeof(hand) / sizeof(hand[0]); i++) {
		struct code_book book = { 0 };
		struct mix_run r;
		unsigned cycles;

		add_words(&book, 0x8100, hand[i].word, 4);
		insn_mix_count(code_book_find(&book, 0x8100), 0x8100, hand[i].n,
			       hand[i].flags & THUMB ? RUN_THUMB : 0,
			       hand[i].flags & PASSED_NONE ? &none : NULL, &r);
		cycles = hand[i].n + cycles_of(&r.own) +
			 (hand[i].flags & TAKEN ? cycles_of(&r.jump) : 0);
		if (cycles != hand[i].cycles)
			fail_msg("%s: %u cycles, not %u", hand[i].name, cycles, hand[i].cycles);
		code_book_free(&book);
	}
}

/* --- a flat list of encodings: the first that fits ------------------------------------------- */

struct encoding { uint32_t mask, value; enum insn_class cls; };
static const struct encoding arm[] = {
	{ 0xfe000000, 0xfa000000, INSN_BRANCH }, { 0xfd70f000, 0xf550f000, INSN_PLD },
	{ 0xfe500000, 0xf8400000, INSN_BLOCK }, { 0xfe500000, 0xf8100000, INSN_BLOCK },
	{ 0xfff10000, 0xf1000000, INSN_MSR }, { 0xfff10000, 0xf1010000, INSN_PLAIN },
	{ 0xfff000f0, 0xf5700010, INSN_PLAIN },
	{ 0xff000000, 0xff000000, INSN_UNDEFINED }, { 0xff000010, 0xfe000010, INSN_CP },
	{ 0xffe00000, 0xfc400000, INSN_CP }, { 0xfc000000, 0xfc000000, INSN_CP_DATA },
	{ 0xf0000000, 0xf0000000, INSN_UNDEFINED },
	{ 0x0fd000f0, 0x00000090, INSN_MUL }, { 0x0fd000f0, 0x00100090, INSN_MUL_FLAGS },
	{ 0x0ff000f0, 0x00400090, INSN_LMUL }, { 0x0fc000f0, 0x00400090, INSN_UNDEFINED },
	{ 0x0f9000f0, 0x00800090, INSN_LMUL }, { 0x0f9000f0, 0x00900090, INSN_LMUL_FLAGS },
	{ 0x0fb000f0, 0x01000090, INSN_SWP }, { 0x0f8000f0, 0x01000090, INSN_UNDEFINED },
	{ 0x0fe000f0, 0x01a00090, INSN_DOUBLE }, { 0x0ff000f0, 0x01900090, INSN_LOAD },
	{ 0x0f9000f0, 0x01900090, INSN_LOAD_SUB }, { 0x0f9000f0, 0x01800090, INSN_STORE },
	{ 0x0e100090, 0x00100090, INSN_LOAD_SUB }, { 0x0e1000f0, 0x000000b0, INSN_STORE },
	{ 0x0e100090, 0x00000090, INSN_DOUBLE },
	{ 0x0fb000f0, 0x01000000, INSN_MRS }, { 0x0fb700f0, 0x01200000, INSN_PLAIN },
	{ 0x0fb000f0, 0x01200000, INSN_MSR }, { 0x0ff000f0, 0x01200010, INSN_BRANCH_REG },
	{ 0x0ff000f0, 0x01200020, INSN_BRANCH_REG }, { 0x0ff000f0, 0x01200030, INSN_BRANCH_REG },
	{ 0x0ff000f0, 0x01600010, INSN_CLZ }, { 0x0f9000f0, 0x01000050, INSN_DSP },
	{ 0x0fb000f0, 0x01200070, INSN_TRAP }, { 0x0ff00090, 0x01400080, INSN_DSP_LONG },
	{ 0x0f900090, 0x01000080, INSN_DSP }, { 0x0f900000, 0x01000000, INSN_UNDEFINED },
	{ 0x0fb70000, 0x03200000, INSN_PLAIN }, { 0x0fb00000, 0x03200000, INSN_MSR },
	{ 0x0fb00000, 0x03000000, INSN_UNDEFINED },
	{ 0x0e000010, 0x00000010, INSN_SHIFT }, { 0x0c000000, 0x00000000, INSN_PLAIN },
	{ 0x0f000010, 0x06000010, INSN_PLAIN }, { 0x0ff00010, 0x07f00010, INSN_UNDEFINED },
	{ 0x0ff00010, 0x07400010, INSN_DSP_LONG }, { 0x0f000010, 0x07000010, INSN_DSP },
	{ 0x0c500000, 0x04100000, INSN_LOAD }, { 0x0c500000, 0x04500000, INSN_LOAD_SUB },
	{ 0x0c000000, 0x04000000, INSN_STORE }, { 0x0e000000, 0x08000000, INSN_BLOCK },
	{ 0x0e000000, 0x0a000000, INSN_BRANCH }, { 0x0f000000, 0x0f000000, INSN_TRAP },
	{ 0x0f000010, 0x0e000010, INSN_CP }, { 0x0fe00000, 0x0c400000, INSN_CP },
	{ 0, 0, INSN_CP_DATA },
};
static const struct encoding thumb[] = {
	{ 0xff00, 0xbe00, INSN_TRAP }, { 0xff00, 0xdf00, INSN_TRAP }, { 0xff00, 0xde00, INSN_UNDEFINED },
	{ 0xffc0, 0x4340, INSN_MUL_FLAGS }, { 0xffc0, 0x4080, INSN_SHIFT }, { 0xffc0, 0x40c0, INSN_SHIFT },
	{ 0xffc0, 0x4100, INSN_SHIFT }, { 0xffc0, 0x41c0, INSN_SHIFT }, { 0xff00, 0x4700, INSN_BRANCH_REG },
	{ 0xf800, 0x4800, INSN_LOAD }, { 0xfe00, 0x5800, INSN_LOAD }, { 0xf800, 0x6800, INSN_LOAD },
	{ 0xf800, 0x9800, INSN_LOAD }, { 0xfe00, 0x5000, INSN_STORE }, { 0xfe00, 0x5200, INSN_STORE },
	{ 0xfe00, 0x5400, INSN_STORE }, { 0xf000, 0x5000, INSN_LOAD_SUB }, { 0xf800, 0x6000, INSN_STORE },
	{ 0xf800, 0x7000, INSN_STORE }, { 0xf800, 0x8000, INSN_STORE }, { 0xf800, 0x9000, INSN_STORE },
	{ 0xf800, 0x7800, INSN_LOAD_SUB }, { 0xf800, 0x8800, INSN_LOAD_SUB },
	{ 0xfe00, 0xb400, INSN_BLOCK }, { 0xfe00, 0xbc00, INSN_BLOCK }, { 0xf000, 0xc000, INSN_BLOCK },
	{ 0xff00, 0xb000, INSN_PLAIN }, { 0xff00, 0xb200, INSN_PLAIN }, { 0xffc0, 0xba80, INSN_UNDEFINED },
	{ 0xff00, 0xba00, INSN_PLAIN }, { 0xfff7, 0xb650, INSN_PLAIN }, { 0xfff0, 0xb660, INSN_MSR },
	{ 0xf000, 0xb000, INSN_UNDEFINED }, { 0xf000, 0xd000, INSN_BRANCH }, { 0xf800, 0xe000, INSN_BRANCH },
	{ 0xf801, 0xe801, INSN_UNDEFINED }, { 0xf800, 0xf000, INSN_PLAIN }, { 0xe000, 0xe000, INSN_BRANCH },
	{ 0, 0, INSN_PLAIN },
};

static enum insn_class look(const struct encoding *e, uint32_t w)
{
	while ((w & e->mask) != e->value)
		e++;
	return e->cls;
}

/* Number of data references, where the class alone says. */
static void check_words(const struct insn *i, uint32_t w)
{
	static const int8_t words[INSN_CLASSES] = { [INSN_LOAD] = 1, [INSN_LOAD_SUB] = 1, [INSN_DOUBLE] = 2,
		[INSN_SWP] = 2, [INSN_STORE] = -1, [INSN_BLOCK] = -1, [INSN_CP_DATA] = -1 };

	if (words[i->cls] >= 0 && i->words != words[i->cls])
		fail_msg("0x%08x, %s: %u references", w, insn_class_name[i->cls], i->words);
	assert_int_equal(i->results & ~i->writes, 0);
	assert_true(i->late || !i->results);
}

static bool arm_jumps(uint32_t w, enum insn_class cls)
{
	bool rd_pc = (w >> 12 & 15) == 15;

	switch (cls) {
	case INSN_BRANCH: case INSN_BRANCH_REG: return true;
	case INSN_LOAD: case INSN_LOAD_SUB: case INSN_SWP: return rd_pc;
	case INSN_BLOCK: return w >> 28 == 15 ? w >> 20 & 1 : w >> 20 & w >> 15 & 1;
	case INSN_SHIFT: return rd_pc && (w >> 23 & 3) != 2;
	case INSN_PLAIN:        /* not media, hints, MSR; not compares */
		return w >> 28 != 15 && rd_pc && !(w >> 26 & 3) && (w >> 23 & 3) != 2;
	default: return false;
	}
}

static void arm_decoder_agrees(void **state)
{
	static const uint32_t cond[] = { 14, 0, 13, 15 };
	struct rng rng = rng_stream(5, "insn");
	struct insn i;

	(void)state;
	for (uint32_t n = 0; n < 4096 * 4 * 24; n++) {
		uint32_t w = (uint32_t)rng_next(&rng) & 0x000fff0f;

		w |= (n & 0xf) << 4 | (n >> 4 & 0xff) << 20 | cond[n >> 12 & 3] << 28;
		if (n >> 14 & 1)
			w |= 0xf000;
		insn_decode_arm(w, &i);
		if (i.cls != look(arm, w))
			fail_msg("0x%08x: %s, not %s", w, insn_class_name[i.cls],
				 insn_class_name[look(arm, w)]);
		if (i.jumps != arm_jumps(w, (enum insn_class)i.cls))
			fail_msg("0x%08x, %s: jumps %d", w, insn_class_name[i.cls], i.jumps);
		assert_int_equal(i.conditional, w >> 28 < 14);
		assert_int_equal(i.bytes, 4);
		check_words(&i, w);
		if (i.cls == INSN_BLOCK)
			assert_int_equal(i.words, w >> 28 == 15 ? 2 : __builtin_popcount(w & 0xffff));
	}
}

static bool thumb_jumps(uint32_t h, enum insn_class cls)
{
	bool high_pc = (h & 0xfc87) == 0x4487 && (h & 0x0300) != 0x0100;

	return cls == INSN_BRANCH || cls == INSN_BRANCH_REG || (cls == INSN_PLAIN && high_pc) ||
	       (h & 0xff00) == 0xbd00;
}

static void thumb_decoder_agrees(void **state)
{
	struct insn i, pair;

	(void)state;
	for (uint32_t h = 0; h < 0x10000; h++) {
		bool first = (h & 0xf800) == 0xf000;

		insn_decode_thumb((uint16_t)h, 0, &i);
		if (i.cls != look(thumb, h))
			fail_msg("Thumb 0x%04x: %s, not %s", h, insn_class_name[i.cls],
				 insn_class_name[look(thumb, h)]);
		if (i.jumps != thumb_jumps(h, (enum insn_class)i.cls))
			fail_msg("Thumb 0x%04x, %s: jumps %d", h, insn_class_name[i.cls], i.jumps);
		assert_int_equal(i.bytes, 2);
		assert_int_equal(i.conditional, h >> 12 == 13 && (h >> 8 & 15) < 14);
		check_words(&i, h);
		if (i.cls == INSN_BLOCK)
			assert_int_equal(i.words, __builtin_popcount(h & (h >> 14 == 3 ? 0xff : 0x1ff)));
		insn_decode_thumb((uint16_t)h, 0xf800, &pair);
		assert_int_equal(pair.pair, first);
		assert_int_equal(pair.bytes, first ? 4 : 2);
		insn_decode_thumb((uint16_t)h, 0xe800, &pair);
		assert_int_equal(pair.pair, first);
	}
}

/* --- a tracker over code that changes -------------------------------------------------------- */

#define CODE(at, words, offset) { .kind = TRACE_CODE, .arg = words, .a = at, .b = offset }
#define RUN(at, n, thumb) { .kind = TRACE_RUN, .flags = thumb, .arg = n, .va = at, .a = 4 * (n) }
#define LOAD(k) { .kind = TRACE_LOAD, .flags = 2, .arg = k, .va = 0x9000 }
static const uint32_t words[] = {
	0x05910000, 0xe0802002, 0xea000000,     /* LDREQ, ADD, B */
	0xe0000291, 0xe0803003, 0x0a000000,     /* MUL, ADD, BEQ: in their place */
};
static const struct { struct trace_rec rec; unsigned beyond; } script[] = {
	{ RUN(0x8000, 3, 0), 0 },               /* nothing known */
	{ CODE(0x8000, 3, 0), 0 },
	{ RUN(0x8000, 3, 0), 0 + 1 + 2 }, { LOAD(0), 0 },       /* executed; jumps to itself */
	{ RUN(0x8000, 3, 0), 0 + 0 + 2 },                       /* passed over */
	{ CODE(0x8000, 3, 16), 0 },                             /* behind the run that it is not for */
	{ RUN(0x8000, 3, 0), 1 + 1 + 2 },                       /* jumps back */
	{ RUN(0x8000, 3, 0), 1 + 1 + 0 },                       /* goes on behind itself */
	{ RUN(0x800c, 1, 0), 0 },                               /* not known */
	{ { .kind = TRACE_FETCH, .arg = 4, .va = 0x8000 }, 0 },
	{ RUN(0x8000, 2, RUN_NO_RETIRE), 1 },                   /* the ADD does not count */
	{ CODE(0x8000, 3, 0), 0 },
	{ RUN(0x8000, 3, 0), 0 + 1 }, { LOAD(0), 0 },           /* the end: a jump is not known */
};
enum { SCRIPT = sizeof(script) / sizeof(script[0]), UNKNOWN_INSNS = 3 + 1 + 1 };

static unsigned cycles_of_sums(const struct mix_sums *s)
{
	struct mix_counts c = { { 0 } };

	for (unsigned k = 0; k < MIX_EVENTS; k++)
		c.n[k] = (uint16_t)(s->n[0][k] + s->n[1][k]);
	return cycles_of(&c);
}

/* Cycles beyond the first of each instruction, before record i. */
static unsigned beyond(size_t i)
{
	unsigned sum = 0;

	for (size_t j = 0; j < i; j++)
		sum += script[j].beyond;
	return sum;
}

static void in_batches_of(const struct trace_header *h, size_t batch)
{
	struct trace_rec rec[SCRIPT];
	uint8_t payload[32] = { 0 };
	struct event_batch ev;
	struct mix_sums s;
	struct tracker *t;
	struct diag d;

	for (unsigned i = 0; i < 24; i++)
		payload[i < 12 ? i : i + 4] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
	for (unsigned i = 0; i < SCRIPT; i++)
		rec[i] = script[i].rec;
	assert_ok(tracker_create(&t, h, &d), &d);
	for (size_t at = 0; at < SCRIPT; at += batch) {
		struct trace_batch b = { rec + at, SCRIPT - at < batch ? SCRIPT - at : batch, payload, at };

		assert_ok(tracker_batch(t, &b, &ev, &d), &d);
		for (size_t i = 0; i < b.n; i++) {
			if (rec[at + i].kind != TRACE_RUN && rec[at + i].kind != TRACE_FETCH)
				continue;
			mix_sums_at(&ev, i, &s);
			if (cycles_of_sums(&s) != beyond(at + i))
				fail_msg("batches of %zu: %u cycles before record %zu, not %u", batch,
					 cycles_of_sums(&s), at + i, beyond(at + i));
		}
	}
	assert_int_equal(cycles_of_sums(&ev.mix->after), beyond(SCRIPT));
	assert_int_equal(tracker_unknown_code(t), UNKNOWN_INSNS);
	tracker_destroy(t);
}

static void code_that_changes(void **state)
{
	struct kit k;

	(void)state;
	kit_init(&k, 0x78, KIT_SVC);                    /* MMU off: VA = PA */
	for (size_t batch = 1; batch <= SCRIPT; batch++)
		in_batches_of(&k.t.header, batch);
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_by_hand),
		cmocka_unit_test(arm_decoder_agrees),
		cmocka_unit_test(thumb_decoder_agrees),
		cmocka_unit_test(code_that_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
