/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replacement by definition, the slow way: a second implementation for the reference models of
 * caches and TLBs. `allowed` has a bit for each way that may go.
 */
#ifndef SHADEWALK_TESTS_MODEL_NAIVE_H
#define SHADEWALK_TESTS_MODEL_NAIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/replace.h"

enum { NAIVE_SETS = 128, NAIVE_WAYS = 64 };

struct naive_set {
	uint64_t used[NAIVE_WAYS];
	unsigned next;                  /* fifo */
	bool right[NAIVE_WAYS];         /* plru: a node */
};

struct naive {
	int policy;
	unsigned ways;
	uint64_t clock;
	struct rng rng;
	struct naive_set set[NAIVE_SETS];
};

void naive_touch(struct naive *n, unsigned set, unsigned way);
unsigned naive_victim(struct naive *n, unsigned set, uint64_t allowed);
/* The way was filled without asking. */
void naive_pass(struct naive *n, unsigned set, unsigned way);

#endif
