/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A trace as Dinero IV's traditional format: "2 ADDR" for each instruction fetched, whether it
 * retired or not, "0 ADDR" and "1 ADDR" for each load and store, in canonical order, one line a
 * reference. Addresses are virtual, as the instruction issued them, or physical, and of the word
 * (bits 1:0 are 0): the format has no sizes. Aborted accesses, walks and maintenance are not in it.
 */
#ifndef SHADEWALK_SIM_TRACE_EXPORT_H
#define SHADEWALK_SIM_TRACE_EXPORT_H

#include <stdio.h>

#include "base/options.h"

struct export_plan {
	const char *in;
	uint64_t from, count;           /* records */
	bool physical;                  /* by the guest's tables, and what older ones still permit */
	enum progress_mode progress;
};

struct export_counts { uint64_t fetches, loads, stores; };

enum err trace_export_din(const struct export_plan *p, FILE *f, struct export_counts *n,
			  struct diag *d) __attribute__((warn_unused_result));

#endif
