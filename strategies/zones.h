/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which entry of a shadow's directory goes next: one ring over all of them, or the five zones of the reference
 * implementation (Xvisor's arm32 port), each a ring of its own. The oldest goes first.
 */
#ifndef SHADEWALK_STRATEGIES_ZONES_H
#define SHADEWALK_STRATEGIES_ZONES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/* X(id, entries) in the order of the directory. High vectors have entries that nothing takes: the end of their
 * addresses overflows to 0 there, and here the window maps them. Before ARMv6 nothing is not global. */
#define ZONE_LIST(X) X(DEVICE, 16) X(HIGH_VECTORS, 16) X(LOW_VECTORS, 16) X(GLOBAL, 256) X(NONGLOBAL, 128)
enum zone {
#define X(id, entries) ZONE_##id,
	ZONE_LIST(X)
#undef X
	ZONES
};
enum {
#define X(id, entries) + entries
	ZONE_ENTRIES = 0 ZONE_LIST(X),          /* 432 */
#undef X
	LOW_VECTORS_END = 0x10000,
};

struct zone_ring { uint32_t first, n, hand; };
struct zones { bool five; struct zone_ring ring[ZONES]; };

/* Of a directory of so many entries; ZONE_ENTRIES, if five. */
void zones_start(struct zones *z, bool five, uint32_t entries);
enum zone zone_of(gva_t mva, bool device, bool ng);
/* The entry to use next in a zone. */
uint32_t zones_take(struct zones *z, enum zone zone);
/* Five zones: all begin anew, as behind a flush of everything. */
void zones_reset(struct zones *z);

#endif
