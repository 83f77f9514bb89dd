/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the hot loop of engine `fast` where hits leave no trace (engine_plain.c) and all that is rare
 * there (plain_hard.c). */
#ifndef SHADEWALK_SIM_PLAIN_H
#define SHADEWALK_SIM_PLAIN_H

#include "sim/fast_xlat.h"

enum { LOAD, STORE, UNPRIV = 2 };       /* index of fast.refs and fast.other */

/* The write buffer is told of all accesses but the `ahead` youngest. */
void plain_tell_buffer(struct lane *l, unsigned ahead);
/* The fetch at mva misses; whoever calls counts it. */
void plain_fill_line(struct lane *l, gva_t mva, const struct xlat *x);
/* A record that the loop could not do. */
void plain_hard(struct lane *l, const struct event_batch *b, size_t i,
		const struct guest_event *full);
/*
 * Records from i on by the reference engine alone, until the MMU is on: no translations, nothing
 * to remember. Returns the first one left.
 */
size_t plain_by_reference(struct lane *l, const struct event_batch *b, size_t i,
			  const struct guest_event **full);

#endif
