/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces as types, so that mixing them is a compile error at no run-time cost.
 *
 *   gva  guest virtual address *after* FCSE relocation, i.e. the MVA of the manuals
 *   gpa  guest physical: what a guest descriptor holds, what the guest believes is memory
 *   hpa  host (machine) physical: what a shadow descriptor holds; 64 bits wide because
 *        nested hosts and identity tables of imported traces live above 4 GB
 */
#ifndef SHADEWALK_BASE_ADDR_H
#define SHADEWALK_BASE_ADDR_H

#include <stdint.h>

typedef struct { uint32_t raw; } gva_t;
typedef struct { uint32_t raw; } gpa_t;
typedef struct { uint64_t raw; } hpa_t;

static inline gva_t gva(uint32_t raw) { return (gva_t){ raw }; }
static inline gpa_t gpa(uint32_t raw) { return (gpa_t){ raw }; }
static inline hpa_t hpa(uint64_t raw) { return (hpa_t){ raw }; }

/* Granules that the architecture and the design name. Bytes. */
enum {
	GRANULE_LOG2 = 10,              /* 1 KB: smallest protection granule (tiny page, subpage) */
	GRANULE_BYTES = 1 << GRANULE_LOG2,
	FRAME_LOG2 = 12,                /* 4 KB frame */
	FRAME_BYTES = 1 << FRAME_LOG2,
	SECTION_LOG2 = 20,              /* 1 MB: reach of one first-level word */
	SECTION_BYTES = 1 << SECTION_LOG2,
};

#endif
