/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run's instructions count for, from their words. */
#include <string.h>

#include "models/guest/insn_class.h"
#include "models/guest/insn_mix.h"
#include "traces/record.h"

#define PLACE(id) (EV_EXEC_##id - EV_EXEC_BRANCH)
enum { NONE = -1 };

/* What the classes add that add one thing. */
static const int8_t place_of[INSN_CLASSES] = {
	[INSN_PLAIN] = NONE, [INSN_SHIFT] = PLACE(SHIFT), [INSN_BRANCH] = PLACE(BRANCH),
	[INSN_BRANCH_REG] = PLACE(BRANCH_REG), [INSN_MUL] = PLACE(MUL),
	[INSN_MUL_FLAGS] = PLACE(MUL_FLAGS), [INSN_LMUL] = PLACE(LMUL),
	[INSN_LMUL_FLAGS] = PLACE(LMUL_FLAGS), [INSN_DSP] = PLACE(DSP),
	[INSN_DSP_LONG] = PLACE(DSP_LONG), [INSN_LOAD] = NONE, [INSN_LOAD_SUB] = NONE,
	[INSN_STORE] = NONE, [INSN_DOUBLE] = PLACE(WORD), [INSN_BLOCK] = NONE,
	[INSN_SWP] = PLACE(SWP), [INSN_MRS] = PLACE(MRS), [INSN_MSR] = PLACE(MSR),
	[INSN_CP] = PLACE(CP), [INSN_CP_DATA] = PLACE(CP_DATA), [INSN_CLZ] = NONE,
	[INSN_PLD] = NONE, [INSN_TRAP] = NONE, [INSN_UNDEFINED] = PLACE(UNKNOWN),
	[INSN_UNKNOWN] = PLACE(UNKNOWN),
};

static void jump_executed(const struct insn *i, struct mix_counts *c)
{
	if (i->load)
		c->n[PLACE(PC_LOAD)]++;
	else if (i->cls == INSN_PLAIN || i->cls == INSN_SHIFT)
		c->n[PLACE(PC_ALU)]++;
	if (i->pair)
		c->n[PLACE(BL_PAIR)]++;
}

/* Not a jump, or one that was taken. Does it count for anything? */
static bool executed(const struct insn *i, struct mix_counts *c)
{
	int place = place_of[i->cls];

	if (place != NONE)
		c->n[place]++;
	if (i->addr_shift)
		c->n[PLACE(ADDR_SHIFT)]++;
	if (i->cls == INSN_BLOCK && i->words) {
		c->n[PLACE(WORD)] += i->words - 1;
		if (!i->jumps)
			c->n[i->words == 1 ? PLACE(BLOCK_ONE) : PLACE(BLOCK)]++;
	}
	if (i->jumps)
		jump_executed(i, c);
	return place != NONE || i->addr_shift || i->cls == INSN_BLOCK || i->jumps;
}

/* The interlock of an instruction with the one before it, or else with the one before that. */
static int stall(const struct insn *i, const struct insn *one, const struct insn *two)
{
	static const int8_t behind_one[] = { NONE, PLACE(LOAD_USE), PLACE(SUB_USE), PLACE(MUL_USE) };
	static const int8_t behind_two[] = { NONE, PLACE(LOAD_USE2), PLACE(SUB_USE2), NONE };

	if (one->late && i->reads & one->results)
		return behind_one[one->late];
	if (two->late && i->reads & two->results & ~one->writes)
		return behind_two[two->late];
	return NONE;
}

/* The instruction at pa of the page. */
static void decode(const struct code_page *page, uint32_t pa, unsigned flags, struct insn *i)
{
	unsigned at = pa >> 2 & (CODE_PAGE_WORDS - 1), behind = at + (pa >> 1 & 1);
	uint16_t half, next;

	if (!code_page_knows(page, at)) {
		*i = (struct insn){ .cls = INSN_UNKNOWN, .bytes = flags & RUN_THUMB ? 2 : 4 };
		return;
	}
	if (!(flags & RUN_THUMB)) {
		insn_decode_arm(code_page_word(page, at), i);
		return;
	}
	half = (uint16_t)(code_page_word(page, at) >> (pa & 2 ? 16 : 0));
	/* a run ends with its page, and a pair that crosses it is two instructions */
	next = behind < CODE_PAGE_WORDS && code_page_knows(page, behind)
		? (uint16_t)(code_page_word(page, behind) >> (pa & 2 ? 0 : 16)) : 0;
	insn_decode_thumb(half, next, i);
}

/* Shown by references that it was passed over; without any to expect nothing can show it. */
static bool passed_over(const struct insn *i, const struct mix_passed *p, unsigned k)
{
	return i->conditional && i->words && i->words != INSN_WORDS_UNKNOWN &&
	       !(p->bit[k / 64] >> k % 64 & 1);
}

void insn_mix_count(const struct code_page *page, uint32_t pa, unsigned n, unsigned flags,
		    const struct mix_passed *passed, struct mix_run *out)
{
	static const struct insn nothing;
	struct insn seen[3];
	const struct insn *one = &nothing, *two = &nothing;
	bool whole = !(flags & RUN_NO_RETIRE);

	memset(out, 0, sizeof(*out));
	if (!whole)
		n--;
	for (unsigned k = 0; k < n; k++) {
		struct insn *now = &seen[k % 3];
		bool asks = false;
		int late;

		decode(page, pa, flags, now);
		pa += now->bytes;
		if (!now->jumps && now->conditional && now->words) {
			asks = now->words != INSN_WORDS_UNKNOWN;
			if (asks)
				out->asks.bit[k / 64] |= UINT64_C(1) << k % 64;
			if (passed && passed_over(now, passed, k)) {
				two = one;
				one = &nothing;
				continue;
			}
		}
		late = stall(now, one, two);
		if (late != NONE)
			out->own.n[late]++;
		if (now->jumps) {
			if (k + 1 == n && whole)
				out->jumps = executed(now, &out->jump);
		} else if (executed(now, &out->own) && now->conditional && !asks) {
			out->own.n[PLACE(COND)]++;
		}
		two = one;
		one = now;
	}
}
