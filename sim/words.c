/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest tables rewritten where they lie: machine memory, as far as it differs from what the guest wrote. The
 * guest's replica stays what the trace says; the hardware walker reads this, and so does a load that the strategy
 * failed to trap.
 */
#include <stdlib.h>
#include <string.h>

#include "models/cache/cache.h"
#include "sim/machine.h"

#define M(ctx) ((struct machine *)(ctx))

bool words_read(const struct machine *m, uint32_t pa, uint32_t *word)
{
	return mem_read(m->words, pa, word) || guest_table_word(&m->g, map_to_guest(m, pa), word);
}

void words_store(struct machine *m, uint32_t gpa, uint32_t word)
{
	(void)mem_write(m->words, map_to_host(m, gpa), word);
}

/* The frame of pa, with the guest's words at first. */
static bool has_frame(struct machine *m, uint32_t gpa, uint32_t pa)
{
	const uint32_t *wrote = mem_frame(m->g.tables, gpa);
	uint32_t *is;

	if (!m->words && !(m->words = mem_create()))
		return false;
	if (mem_frame(m->words, pa))
		return true;
	is = wrote ? mem_add(m->words, pa) : NULL;
	if (is)
		memcpy(is, wrote, FRAME_BYTES);
	return is;
}

/* Cleaned, and dropped by a cache that would find the line at this address only. */
static void give_back(struct machine *m, gva_t mva, uint32_t pa, bool flat)
{
	bool dirty = host_publish(m, mva, hpa(pa)) || flat;

	if (m->l1d && m->cfg.l1d.kind == CACHE_VIVT)
		(void)cache_inval_line(m->l1d, mva, hpa(pa), NULL);
	charge(m, dirty ? EV_CLEAN_DIRTY : EV_CLEAN_CLEAN, 1);
}

bool words_sync(struct machine *m)
{
	bool any = m->ntable_lines;

	for (unsigned i = 0; i < m->ntable_lines && !m->cfg.feature[FEATURE_COHERENT]; i++)
		give_back(m, m->table_line[i].mva, m->table_line[i].pa, m->cfg.hv_memory == HV_FLAT);
	m->ntable_lines = 0;
	return any;
}

static void note_line(struct machine *m, gva_t at, uint32_t pa)
{
	uint32_t mask = ~(m->cfg.l1d.line_bytes - 1u), mva = at.raw & mask;

	for (unsigned i = m->ntable_lines; i-- > 0;)
		if (m->table_line[i].mva.raw == mva)
			return;
	if (m->ntable_lines == sizeof(m->table_line) / sizeof(m->table_line[0]))
		(void)words_sync(m);
	m->table_line[m->ntable_lines].mva = gva(mva);
	m->table_line[m->ntable_lines++].pa = pa & mask;
}

static uint32_t port_table_peek(void *ctx, uint32_t gpa)
{
	uint32_t pa = map_to_host(ctx, gpa), word = 0;

	if (!M(ctx)->words || !mem_read(M(ctx)->words, pa, &word))
		(void)guest_table_word(&M(ctx)->g, gpa, &word);
	return word;
}

static uint32_t port_table_read(void *ctx, gva_t at, uint32_t gpa)
{
	struct machine *m = ctx;

	if (m->cfg.hv_memory == HV_SIMULATED)
		hv_access(m, at, ACCESS_READ);
	note_line(m, at, map_to_host(m, gpa));
	return port_table_peek(m, gpa);
}

static void port_table_write(void *ctx, gva_t at, uint32_t gpa, uint32_t word)
{
	struct machine *m = ctx;
	uint32_t pa = map_to_host(m, gpa);

	if (!has_frame(m, gpa, pa)) {
		m->g.hist.failed = true;
		return;
	}
	mem_write(m->words, pa, word);
	if (m->cfg.hv_memory == HV_SIMULATED)
		hv_access(m, at, ACCESS_WRITE);
	note_line(m, at, pa);
}

static void port_table_stored(void *m, uint32_t gpa, uint32_t word)
{
	if (M(m)->words)
		words_store(m, gpa, word);
}

static void port_table_purge(void *ctx, gva_t at, uint32_t gpa, uint32_t bytes)
{
	struct machine *m = ctx;

	if (!m->l1d || m->cfg.l1d.kind != CACHE_VIVT)
		return;
	for (uint32_t o = 0; o < bytes; o += m->cfg.l1d.line_bytes)
		give_back(m, gva(at.raw + o), map_to_host(m, gpa) + o, false);
}

static uint32_t port_to_guest(void *m, uint32_t hpa)
{
	return map_to_guest(m, hpa);
}

void words_port(struct strategy_port *p)
{
	p->table_read = port_table_read;
	p->table_write = port_table_write;
	p->table_stored = port_table_stored;
	p->table_peek = port_table_peek;
	p->table_purge = port_table_purge;
	p->to_guest = port_to_guest;
}
