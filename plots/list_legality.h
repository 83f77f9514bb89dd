/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SHADEWALK_PLOTS_LIST_LEGALITY_H
#define SHADEWALK_PLOTS_LIST_LEGALITY_H

#include "base/err.h"
#include "results/results.h"

/* Every combination of guest, host and strategy, then what settings add; of one strategy, or NULL: all. */
enum err list_legality(const char *strategy, enum out_format f, struct diag *d)
	__attribute__((warn_unused_result));

#endif
