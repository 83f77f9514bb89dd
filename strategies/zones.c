/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/zones.h"

#include <assert.h>

static const uint32_t length[ZONES] = {
#define X(id, entries) [ZONE_##id] = entries,
	ZONE_LIST(X)
#undef X
};

void zones_start(struct zones *z, bool five, uint32_t entries)
{
	uint32_t first = 0;

	assert(!five || entries == ZONE_ENTRIES);
	*z = (struct zones){ .five = five, .ring = { { 0, entries, 0 } } };
	for (unsigned i = 0; five && i < ZONES; i++) {
		z->ring[i] = (struct zone_ring){ first, length[i], 0 };
		first += length[i];
	}
}

enum zone zone_of(gva_t mva, bool device, bool ng)
{
	if (device)
		return ZONE_DEVICE;
	if (mva.raw < LOW_VECTORS_END)
		return ZONE_LOW_VECTORS;
	return ng ? ZONE_NONGLOBAL : ZONE_GLOBAL;
}

uint32_t zones_take(struct zones *z, enum zone zone)
{
	struct zone_ring *r = &z->ring[z->five ? zone : 0];
	uint32_t at = r->first + r->hand;

	r->hand = (r->hand + 1) % r->n;
	return at;
}

void zones_reset(struct zones *z)
{
	for (unsigned i = 0; z->five && i < ZONES; i++)
		z->ring[i].hand = 0;
}
