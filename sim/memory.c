/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of a strategy's structures over the window: the peak, and the average over guest instructions, of
 * each part and of all. A strategy's structures change in its hooks alone, so a sample behind each of them is
 * the exact integral: what was there since the last sample counts for the instructions since then. A peak
 * inside a hook, which no guest instruction sees, does not count.
 */
#include <assert.h>
#include <string.h>

#include "sim/engine.h"

static void put(struct lane *l, unsigned i, const char *what, uint64_t bytes)
{
	struct lane_memory *m = &l->memory[i];

	assert(!m->what || !strcmp(m->what, what));     /* a row keeps its place */
	m->what = what;
	m->byte_insns += (cycles128_t)m->now * (l->insns - l->memory_at);
	m->now = bytes;
	if (l->measuring && bytes > m->peak)
		m->peak = bytes;
}

void lane_sample_memory(struct lane *l)
{
	const struct strategy_ops *ops = l->m->ops;
	struct strategy_memory part[LANE_MEMORY_PARTS];
	unsigned n = ops->memory ? ops->memory(l->m->self, part, LANE_MEMORY_PARTS) : 0;
	uint64_t total = 0;

	for (unsigned i = 0; i < n; i++) {
		assert(strcmp(part[i].what, "total") != 0);
		put(l, i, part[i].what, part[i].bytes);
		total += part[i].bytes;
	}
	put(l, n, "total", total);
	l->nmemory = n + 1;
	l->memory_at = l->insns;
}

void lane_start_memory(struct lane *l)
{
	lane_sample_memory(l);
	for (unsigned i = 0; i < l->nmemory; i++)
		l->memory[i].byte_insns = 0;
}
