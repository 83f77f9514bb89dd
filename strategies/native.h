/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers of the guest that are the hardware's: `native`, and what lets its guest have them as well. */
#ifndef SHADEWALK_STRATEGIES_NATIVE_H
#define SHADEWALK_STRATEGIES_NATIVE_H

#include "strategies/strategy.h"

struct native { const struct strategy_port *port; };    /* first in the state of whoever uses these */

enum err native_start(void *self, const void *params, const struct strategy_port *port, struct diag *d)
	__attribute__((warn_unused_result));
void native_ttbr(void *self, uint32_t old, uint32_t new);
void native_dacr(void *self, uint32_t old, uint32_t new);
void native_sctlr(void *self, uint32_t old, uint32_t new);

#endif
