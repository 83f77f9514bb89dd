/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives lanes from a trace: decode, track, simulate. With one job all in one thread; with more,
 * decoding and tracking run in a thread of their own, ahead by a few batches, and the lanes are
 * dealt to `jobs` threads. A lane sees the same events in the same order either way.
 */
#ifndef SHADEWALK_SIM_PUMP_H
#define SHADEWALK_SIM_PUMP_H

#include "base/options.h"
#include "models/guest/tracker.h"
#include "sim/lane.h"
#include "traces/reader.h"

enum { PUMP_SLOTS = 8, PUMP_MAX_JOBS = 64 };

struct pump {
	struct trace_reader *reader;
	struct tracker *tracker;
	struct lane **lane;
	size_t nlanes;
	unsigned jobs;                  /* 1 to PUMP_MAX_JOBS; more than lanes is as many as lanes */
	unsigned batch;                 /* records an event batch, 1 to TRACKER_MAX_BATCH */
	struct progress *bar;           /* stepped by the thread that decodes */
};

enum err pump_run(struct pump *p, struct diag *d) __attribute__((warn_unused_result));

#endif
