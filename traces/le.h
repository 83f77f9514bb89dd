/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Little-endian words and LEB128 integers in byte buffers; the file is the same on every host. */
#ifndef SHADEWALK_TRACES_LE_H
#define SHADEWALK_TRACES_LE_H

#include <stdint.h>

static inline uint32_t le32_get(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t le64_get(const uint8_t *p)
{
	return le32_get(p) | (uint64_t)le32_get(p + 4) << 32;
}

static inline void le32_put(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

static inline void le64_put(uint8_t *p, uint64_t v)
{
	le32_put(p, (uint32_t)v);
	le32_put(p + 4, (uint32_t)(v >> 32));
}

/* Signed differences mod 2^32 as small unsigned numbers: 0, -1, 1, -2, ... -> 0, 1, 2, 3 */
static inline uint32_t zigzag(uint32_t d) { return d << 1 ^ (0u - (d >> 31)); }
static inline uint32_t unzigzag(uint32_t z) { return z >> 1 ^ (0u - (z & 1)); }

enum { VARINT_MAX_BYTES = 5 };

/* 7 bits a byte, least significant first, high bit means more; v < 2^35. */
static inline uint8_t *varint_put(uint8_t *p, uint64_t v)
{
	while (v > 127) {
		*p++ = (uint8_t)(v | 128);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

/* Unchecked: the caller guarantees VARINT_MAX_BYTES readable bytes. Bits over 31 are lost. */
static inline uint32_t varint_get(const uint8_t **pp)
{
	const uint8_t *p = *pp;
	uint32_t v = *p++;

	if (__builtin_expect(v & 128, 0)) {
		unsigned shift = 7;

		v &= 127;
		do {
			v |= (uint32_t)(*p & 127) << shift;
			shift += 7;
		} while (*p++ & 128 && shift < 7 * VARINT_MAX_BYTES);
	}
	*pp = p;
	return v;
}

#endif
