/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 over fields. Every field is written as NAME:LENGTH:BYTES, so that no two different
 * lists of fields give the same byte string.
 */
#ifndef SHADEWALK_RESULTS_HASH_H
#define SHADEWALK_RESULTS_HASH_H

#include <stdint.h>

#include "base/err.h"
#include "models/cost/ledger.h"

struct run_result;
struct hash;

/* NULL when out of memory: the others then do nothing, and hash_finish says so. */
struct hash *hash_create(const char *purpose);
void hash_text(struct hash *h, const char *name, const char *text);     /* text NULL: absent */
void hash_u64(struct hash *h, const char *name, uint64_t v);
/* A whole number up to 2^53, which no rounding can have touched; by its bits. */
void hash_whole(struct hash *h, const char *name, double v);
enum err hash_finish(struct hash *h, char out[65])              /* and frees */
	__attribute__((warn_unused_result));

/* Of everything the simulation found: counts by name, structures, memory, faults. */
enum err run_result_sha(const struct run_result *run, char out[65])
	__attribute__((warn_unused_result));
enum err cost_set_sha(const struct cost_set *s, char out[65])
	__attribute__((warn_unused_result));

#endif
