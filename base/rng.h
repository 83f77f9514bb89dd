/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small seeded generator for the models: one stream per structure, named by (seed, name),
 * so that adding a structure does not shift another one's draws. splitmix64 (Steele, Lea,
 * Flood, OOPSLA 2014): every 64-bit state is legal and equally good.
 */
#ifndef SHADEWALK_BASE_RNG_H
#define SHADEWALK_BASE_RNG_H

#include <stdint.h>

struct rng { uint64_t state; };

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 <= result < n; n > 0. Multiply-shift; the bias (< n / 2^32) is far below any count. */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

/* Stream of one structure. FNV-1a over the name, mixed with the run's seed. */
static inline struct rng rng_stream(uint64_t seed, const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	struct rng r;

	while (*name)
		h = (h ^ (unsigned char)*name++) * UINT64_C(0x100000001b3);
	r.state = h ^ (seed * UINT64_C(0x9e3779b97f4a7c15));
	rng_next(&r);
	return r;
}

#endif
