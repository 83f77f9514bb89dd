/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A strategy with one planted bug at a time: what the tests share that want each of them found. */
#ifndef SHADEWALK_TESTS_STRATEGY_MUTANT_KIT_H
#define SHADEWALK_TESTS_STRATEGY_MUTANT_KIT_H

#include "tests/machine_kit.h"

struct mutant {
	const char *name;
	void (*bend_ops)(struct strategy_ops *o);       /* NULL: hooks as they are */
	void (*bend_port)(struct strategy_port *p);     /* NULL: the port as it is */
	const char *spec, *map;                         /* map: NULL: as it is */
	bool v6;                                        /* on guests of ARMv6 */
};

/* The port that a bent one stands before: of the machine made last. */
extern const struct strategy_port *real;

/* `of` with the bug: for kit_plan, as long as `of` lives, one machine at a time. */
struct strategy_ops mutant_ops(const struct strategy_ops *of, const struct mutant *mu);
/* Violations on k's own core up to the first `step` records that have any. */
uint64_t mutant_violations(const struct strategy_ops *of, const struct kit *k, const struct mutant *mu,
			   size_t step);
void mutants_are_caught(const struct mutant *mu, const bool *caught, unsigned n);

/* Hooks that are forgotten. */
void no_pt_write(struct strategy_ops *o);
void no_ttbr(struct strategy_ops *o);
void no_dacr(struct strategy_ops *o);
void no_sctlr(struct strategy_ops *o);
void no_view_switch(struct strategy_ops *o);
void no_user_view(struct strategy_ops *o);

#endif
