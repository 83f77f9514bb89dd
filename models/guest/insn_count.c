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

/* Not a jump, or one that was taken. */
static void executed(const struct insn *i, struct mix_counts *c)
{
	if (place_of[i->cls] != NONE)
		c->n[place_of[i->cls]]++;
	if (i->addr_shift)
		c->n[PLACE(ADDR_SHIFT)]++;
	if (i->cls == INSN_BLOCK && i->words) {
		c->n[PLACE(WORD)] += i->words - 1;
		if (!i->jumps)
			c->n[i->words == 1 ? PLACE(BLOCK_ONE) : PLACE(BLOCK)]++;
	}
	if (!i->jumps)
		return;
	if (i->load)
		c->n[PLACE(PC_LOAD)]++;
	else if (i->cls == INSN_PLAIN || i->cls == INSN_SHIFT)
		c->n[PLACE(PC_ALU)]++;
	if (i->pair)
		c->n[PLACE(BL_PAIR)]++;
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

static bool counts_for_something(const struct insn *i)
{
	struct mix_counts c = { { 0 } };

	executed(i, &c);
	for (unsigned k = 0; k < MIX_PLACES; k++)
		if (c.n[k])
			return true;
	return false;
}

/* The instruction at pa of the page. */
static void decode(const struct code_page *page, uint32_t pa, bool thumb, struct insn *i)
{
	unsigned at = pa >> 2 & (CODE_PAGE_WORDS - 1), behind = at + (pa >> 1 & 1);
	uint16_t half, next;

	if (!page->known[at]) {
		*i = (struct insn){ .cls = INSN_UNKNOWN, .bytes = thumb ? 2 : 4 };
		return;
	}
	if (!thumb) {
		insn_decode_arm(page->word[at], i);
		return;
	}
	half = (uint16_t)(page->word[at] >> (pa & 2 ? 16 : 0));
	next = behind < CODE_PAGE_WORDS && page->known[behind]
		? (uint16_t)(page->word[behind] >> (pa & 2 ? 0 : 16)) : 0;
	insn_decode_thumb(half, next, i);
}

void insn_mix_count(const struct code_page *page, uint32_t pa, unsigned n, unsigned flags,
		    struct mix_counts *own, struct mix_counts *jump)
{
	struct insn now, one = { 0 }, two = { 0 };
	bool whole = !(flags & RUN_NO_RETIRE);

	memset(own, 0, sizeof(*own));
	memset(jump, 0, sizeof(*jump));
	if (!whole)
		n--;
	for (unsigned k = 0; k < n; k++) {
		int late;

		decode(page, pa, flags & RUN_THUMB, &now);
		late = stall(&now, &one, &two);
		if (late != NONE)
			own->n[late]++;
		if (!now.jumps) {
			executed(&now, own);
			if (now.conditional && counts_for_something(&now))
				own->n[PLACE(COND)]++;
		} else if (k + 1 == n && whole) {
			executed(&now, jump);
		}
		pa += now.bytes;
		two = one;
		one = now;
	}
}
