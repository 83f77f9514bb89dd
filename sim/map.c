/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine map: where guest physical memory lies in the machine (doc/model.md, "The machine
 * map"). Built once, from the configuration and the seed alone. Devices are where the guest
 * expects them. A native guest has the machine for itself: no map.
 */
#include <stdlib.h>

#include "base/rng.h"
#include "sim/machine.h"

static bool overlaps(uint64_t a, uint64_t abytes, uint64_t b, uint64_t bbytes)
{
	return a < b + bbytes && b < a + abytes;
}

static bool is_moved(const struct machine *m)
{
	return has_hypervisor(m) && m->cfg.map == MAP_OFFSET;
}

static uint32_t first_byte(const struct machine *m)
{
	return is_moved(m) ? m->ram_base + m->cfg.map_base : m->ram_base;
}

/* By a table of blocks; offsets are from the start of guest memory, in both. */
static uint32_t by_block(const struct machine *m, const uint32_t *table, uint32_t addr)
{
	uint32_t offset = addr - m->ram_base;

	return m->ram_base + table[offset / m->cfg.map_block] * m->cfg.map_block +
	       offset % m->cfg.map_block;
}

uint32_t map_to_host(const struct machine *m, uint32_t gpa)
{
	if (gpa - m->ram_base >= m->ram_bytes)
		return gpa;
	if (m->map_block)
		return by_block(m, m->map_block, gpa);
	return is_moved(m) ? gpa + m->cfg.map_base : gpa;
}

uint32_t map_to_guest(const struct machine *m, uint32_t pa)
{
	if (pa - first_byte(m) >= m->ram_bytes)
		return pa;
	if (m->map_origin)
		return by_block(m, m->map_origin, pa);
	return is_moved(m) ? pa - m->cfg.map_base : pa;
}

static bool is_contiguous(const struct machine *m, uint32_t gpa, uint64_t bytes, uint32_t first)
{
	if (first & (bytes - 1))
		return false;
	for (uint64_t at = m->cfg.map_block; at < bytes; at += m->cfg.map_block)
		if (map_to_host(m, gpa + (uint32_t)at) != first + (uint32_t)at)
			return false;
	return true;
}

/* What is not guest memory is a device, passed through, unless something of ours lies there. */
bool map_range(const struct machine *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	uint64_t bytes = UINT64_C(1) << size_log2;
	bool first = gpa - m->ram_base < m->ram_bytes;
	bool last = gpa + (uint32_t)(bytes - 1) - m->ram_base < m->ram_bytes;

	*hpa = map_to_host(m, gpa);
	if (first != last)
		return false;
	if (first)
		return !m->map_block || is_contiguous(m, gpa, bytes, *hpa);
	return !overlaps(gpa, bytes, HV_HPA, hv_bytes(m)) &&
	       !(is_moved(m) && overlaps(gpa, bytes, first_byte(m), m->ram_bytes));
}

bool map_stage2(const struct machine *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa)
{
	uint64_t bytes = UINT64_C(1) << size_log2;

	if (m->cfg.map != MAP_CONTIGUOUS)
		return map_range(m, gpa, size_log2, hpa);
	*hpa = gpa;
	return !overlaps(gpa, bytes, HV_HPA, hv_bytes(m));
}

/* --- set-up ------------------------------------------------------------------------------ */

/* Guest memory, devices and the hypervisor's area must not collide. */
static enum err check(const struct machine *m, const struct trace_header *h, struct diag *d)
{
	uint64_t first = first_byte(m);

	if (first % SECTION_BYTES || m->ram_bytes % SECTION_BYTES)
		return diag_set(d, ERR_CONFIG, "map: guest memory of 0x%llx bytes at machine 0x%08llx "
				"is not made of whole megabytes", (unsigned long long)m->ram_bytes,
				(unsigned long long)first);
	if (overlaps(first, m->ram_bytes, HV_HPA, hv_bytes(m)))
		return diag_set(d, ERR_CONFIG, "map: guest memory at machine 0x%08llx to 0x%08llx lies "
				"over the hypervisor's at 0x%08x (try map=offset with another "
				"map.base)", (unsigned long long)first,
				(unsigned long long)(first + m->ram_bytes), HV_HPA);
	if (first + m->ram_bytes > UINT64_C(1) << 32)
		return diag_set(d, ERR_CONFIG, "map.base: guest memory would end beyond 4 GB");
	for (unsigned i = 0; i < h->ndev; i++) {
		if (overlaps(h->dev[i].base, h->dev[i].bytes, HV_HPA, hv_bytes(m)))
			return diag_set(d, ERR_CONFIG, "the device of the trace at 0x%08x to 0x%08llx "
					"lies over the hypervisor's memory at 0x%08x: it runs natively only",
					h->dev[i].base, (unsigned long long)h->dev[i].base + h->dev[i].bytes,
					HV_HPA);
		if (is_moved(m) && overlaps(h->dev[i].base, h->dev[i].bytes, first, m->ram_bytes))
			return diag_set(d, ERR_CONFIG, "map.base: guest memory at machine 0x%08llx "
					"would lie over the device at 0x%08x",
					(unsigned long long)first, h->dev[i].base);
	}
	return ERR_OK;
}

/* Every order of the blocks is as likely (Fisher, Yates). */
static enum err shuffle(struct machine *m, struct diag *d)
{
	struct rng r = rng_stream(m->cfg.seed, "map");
	uint32_t n = (uint32_t)(m->ram_bytes / m->cfg.map_block);

	m->map_block = calloc(n, sizeof(*m->map_block));
	m->map_origin = calloc(n, sizeof(*m->map_origin));
	if (!m->map_block || !m->map_origin)
		return diag_set(d, ERR_NOMEM, "out of memory");
	for (uint32_t i = 0; i < n; i++) {
		uint32_t j = rng_below(&r, i + 1);

		m->map_block[i] = m->map_block[j];
		m->map_block[j] = i;
	}
	for (uint32_t i = 0; i < n; i++)
		m->map_origin[m->map_block[i]] = i;
	return ERR_OK;
}

enum err map_create(struct machine *m, const struct trace_header *h, struct diag *d)
{
	enum err e;

	if (h->nram != 1)
		return diag_set(d, ERR_CONFIG, "the trace names %u memory ranges (supported: one)",
				h->nram);
	if (!has_hypervisor(m))
		return ERR_OK;
	e = check(m, h, d);
	return !e && m->cfg.map == MAP_FRAGMENTED && m->ram_bytes ? shuffle(m, d) : e;
}

void map_destroy(struct machine *m)
{
	free(m->map_block);
	free(m->map_origin);
}
