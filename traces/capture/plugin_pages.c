/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CODE and WITNESS records: both are written only when they say something new, so both need
 * to know what was last written for a page.
 *
 * Witnesses: an entry is current while its stamp equals the epoch; operations on the whole TLB
 * start a new epoch, those on one page clear its entries. More witnesses than needed would be
 * harmless, fewer would leave a translation unchecked.
 */
#include "traces/capture/plugin.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_SHIFT = 10, CODE_WORDS = 1024 };

struct code_page {
	uint32_t word[CODE_WORDS];
	uint32_t known[CODE_WORDS / 32];
};
static struct code_page **code;                 /* by 4 KB frame of RAM */

static struct { uint32_t pa_flags, epoch; } *seen;      /* by 1 KB page of VA; 32 MB, sparse */
static uint32_t epoch = 1;

bool pages_init(void)
{
	code = calloc((config.ram_bytes >> 12) + 1, sizeof(*code));
	seen = calloc(1u << (32 - PAGE_SHIFT), sizeof(*seen));
	return code && seen;
}

/* Notes the word at pa; true if it differs from what a CODE record said last. */
static bool code_note(uint32_t pa, uint32_t word)
{
	uint32_t off = pa - config.ram_base;
	struct code_page **slot = &code[off >> 12], *p;
	unsigned i = off >> 2 & (CODE_WORDS - 1);
	bool news;

	if (!*slot)
		*slot = calloc(1, sizeof(**slot));
	p = *slot;
	if (!p)
		return true;
	news = !(p->known[i >> 5] >> (i & 31) & 1) || p->word[i] != word;
	p->known[i >> 5] |= 1u << (i & 31);
	p->word[i] = word;
	return news;
}

/*
 * QEMU translates a block anew when its bytes change, so a block is looked at only once; the
 * dictionary keeps a second translation of the same bytes silent.
 */
void pages_code(struct block *b)
{
	uint32_t first = b->pa & ~3u, end = (b->pa + b->bytes + 3) & ~3u;
	const uint8_t *host = b->has_pa ? ram_at(first, end - first) : NULL;
	bool news = false;
	struct trace_rec r = { .kind = TRACE_CODE, .flags = b->thumb ? RUN_THUMB : 0 };

	b->code_known = true;
	if (!host)
		return;
	for (uint32_t pa = first; pa < end; pa += 4) {
		uint32_t word;

		memcpy(&word, host + (pa - first), 4);
		news |= code_note(pa, word);
	}
	if (!news)
		return;
	r.arg = (uint16_t)((end - first) / 4);
	r.a = first;
	emit_put(&r, host, end - first);
}

void pages_witness(uint32_t va, uint32_t pa, unsigned flags)
{
	uint32_t i = va >> PAGE_SHIFT;
	uint32_t mask = (1u << PAGE_SHIFT) - 1, now = (pa & ~mask) | (flags & WIT_IO);

	if (seen[i].epoch == epoch && seen[i].pa_flags == now)
		return;
	seen[i].epoch = epoch;
	seen[i].pa_flags = now;
	run_witness(va & ~mask, pa & ~mask, flags);
}

static void forget_one(uint32_t mva)
{
	uint32_t bytes = tables_page_bytes(mva), base = mva & ~(bytes - 1);

	for (uint32_t at = 0; at < bytes; at += 1u << PAGE_SHIFT)
		seen[(base + at) >> PAGE_SHIFT].epoch = 0;
}

void pages_forget(uint16_t key, uint32_t value)
{
	unsigned crn = key >> 10 & 15, op = key & 7;

	if (key & (CP_KEY_64 | CP_KEY_CP14))
		return;
	/* With FCSE the VA that reaches this MVA is not the MVA: forget all then. */
	if (crn == 8 && (op == 1 || op == 3) && !(cpu_cp(KEY_FCSE) >> 25)) {
		forget_one(value);
		return;
	}
	if (crn == 8 || crn == 1 || crn == 2 || (crn == 13 && op < 2))
		epoch++;
}
