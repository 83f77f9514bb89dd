/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What replaying a trace's stores and register writes gives, against what it witnessed. */
#ifndef SHADEWALK_SIM_TRACE_CHECK_H
#define SHADEWALK_SIM_TRACE_CHECK_H

#include <stdint.h>

#include "base/err.h"
#include "base/options.h"
#include "models/guest/unknown_ops.h"

/* X(id, key, text) */
#define CHECK_CLASS_LIST(X)                                                        \
	X(RAM_EQUAL,   "ram-equal",   "witnesses equal to the walk at that moment") \
	X(RAM_STALE,   "ram-stale",   "witnesses of an older walk, still permitted") \
	X(DEVICE,      "device",      "witnesses of device pages, equal")           \
	X(MMU_OFF,     "mmu-off",     "witnesses with the MMU off, equal")          \
	X(FAULT_EQUAL, "fault-equal", "aborts whose status the walk gives")        \
	X(FAULT_STALE, "fault-stale", "aborts by an older walk, still permitted")   \
	X(FAULT_OTHER, "fault-other", "aborts that tables do not decide (alignment, external)") \
	X(DEVIATION,   "deviation",   "listed deviations of the emulator")          \
	X(IMAGE_EQUAL, "image-equal", "check images equal to the replayed tables")  \
	X(DIGEST_EQUAL, "digest-equal", "digests of all stores, writes, images and code, equal") \
	X(MISMATCH,    "mismatch",    "mismatches")

enum check_class {
#define X(id, key, text) CHECK_##id,
	CHECK_CLASS_LIST(X)
#undef X
	CHECK_CLASSES
};

struct check_result {
	uint64_t n[CHECK_CLASSES];
	uint64_t compared, records;
	struct unknown_ops unknown;
	struct diag first;              /* the first mismatch */
};

extern const char *const check_class_key[CHECK_CLASSES], *const check_class_text[CHECK_CLASSES];

/* ERR_TRACE: unreadable, or its id is not that of its content. ERR_CHECK: a mismatch, or
 * nothing was compared; r is filled in both cases as far as it came. */
enum err trace_check_file(const char *path, enum progress_mode mode, struct check_result *r,
			  struct diag *d) __attribute__((warn_unused_result));

#endif
