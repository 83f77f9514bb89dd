/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Coprocessor accesses that the guest core's map does not know, by encoding: which, how often,
 * where first. They have no effect in the model, so whoever reads a result has to see them.
 */
#ifndef SHADEWALK_MODELS_GUEST_UNKNOWN_OPS_H
#define SHADEWALK_MODELS_GUEST_UNKNOWN_OPS_H

#include <stdbool.h>
#include <stdint.h>

/* Encodings told apart; those met later are counted together in `others`. A guest that uses more
 * than a few is one whose core the map does not describe. */
enum { UNKNOWN_OPS_KEPT = 32, UNKNOWN_OPS_TEXT = 160 };

struct unknown_ops {
	struct unknown_op { uint64_t n, first; uint16_t key; bool write; } op[UNKNOWN_OPS_KEPT];
	unsigned count;
	uint64_t total, others;         /* total: all of them, others included */
};

/* Zero it before the first use. record: where it happened. */
void unknown_ops_add(struct unknown_ops *u, uint16_t key, bool write, uint64_t record);
/* Entry i as text: encoding, name where another core has it, direction, how often, where first. */
const char *unknown_ops_text(const struct unknown_ops *u, unsigned i, char buf[UNKNOWN_OPS_TEXT]);

#endif
