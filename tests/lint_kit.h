/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small guest under --lint, followed step by step. */
#ifndef SHADEWALK_TESTS_LINT_KIT_H
#define SHADEWALK_TESTS_LINT_KIT_H

#include "sim/lint.h"
#include "tests/machine_kit.h"

enum { UNCACHED = 0, WT = 2, WB = 3 };          /* C << 1 | B */
#define LINT_A 0x10000000u              /* a page of LINT_FRAME, write-back */
#define LINT_B 0x10001000u              /* another */
#define LINT_U 0x10005000u              /* another, uncached and unbuffered */
#define LINT_FRAME 0x200000u
#define LINT_OTHER 0x300000u
/* Second-level words of the megabyte of LINT_A: where they lie, and the kernel's address of them. */
#define LINT_SLOT(n) (KIT_L2 + 4 * (n))
#define LINT_SLOT_VA(n) (KIT_LINEAR + LINT_SLOT(n))

struct lint_follower { struct kit k; struct lane *l; size_t at; };

uint32_t lint_page(uint32_t frame, unsigned cb);        /* a small page, AP 11 */
/* Writes the word of page n and makes it seen, but does no TLB operation. */
void lint_map(struct kit *k, unsigned n, uint32_t frame, unsigned cb);
/* The guest with its pages, and a lane that is up to it. p: with lint. */
void lint_follow(struct lint_follower *f, const char *spec, const struct kit_plan *p);
void lint_go(struct lint_follower *f);
void lint_done(struct lint_follower *f);
uint64_t lint_count(const struct lint_follower *f, enum finding id, enum lint_origin o);
uint64_t lint_total(const struct lint_follower *f);

#endif
