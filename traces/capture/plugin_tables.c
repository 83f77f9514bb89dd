/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which 4 KB frames hold translation tables.
 *
 * A frame becomes known when a current root reaches it: by a write of TTBR0, TTBR1, TTBCR or SCTLR
 * that makes the root current, or by a store into a current first-level table. Once known it
 * stays known: a stale TLB entry may stem from a table long freed, and a frame's content must
 * stay reconstructible. So three things always hold:
 *   - an image of a frame precedes every translation that may use it;
 *   - every store into a known frame behind its image is written with its value;
 *   - while the MMU is off no table is reachable (a root set up then is found when it goes on).
 */
#include "traces/capture/plugin.h"

#include <stdlib.h>
#include <string.h>

enum { FRAME = 4096, L1_BYTES = 16384, MAX_FRAMES = 1 << 20 };

static uint8_t known[MAX_FRAMES / 8];           /* by frame number, all of the 4 GB */
static unsigned count;
/* A first-level table, of which the entries at from <= offset < to are in use. Before ARMv6, and
 * while TTBCR.N is 0, there is one. */
static struct root { uint32_t base, from, to; } root[2];
static unsigned nroot;                          /* 0: the MMU is off */

static bool test(uint32_t pa)
{
	return known[pa >> 15] >> (pa >> 12 & 7) & 1;
}

/* True if the frame is RAM and was not known before. */
static bool learn(uint32_t pa)
{
	if (test(pa) || !ram_at(pa & ~(FRAME - 1u), FRAME))
		return false;
	known[pa >> 15] |= (uint8_t)(1u << (pa >> 12 & 7));
	count++;
	return true;
}

static void image(uint32_t pa)
{
	struct trace_rec r = { .kind = TRACE_IMAGE, .a = pa & ~(FRAME - 1u) };

	emit_put(&r, ram_at(r.a, FRAME), FRAME);
}

/* Does a first-level descriptor point to a table? Type 3 is a fine table, gone in ARMv6. */
static bool points(uint32_t descriptor)
{
	unsigned type = descriptor & 3;

	return type == 1 || (type == 3 && strcmp(config.arch, "armv5") == 0);
}

static bool is_v6(void)
{
	return strcmp(config.arch, "armv6") == 0;
}

static void use_root(uint32_t base, uint32_t from, uint32_t to)
{
	root[nroot++] = (struct root){ base, from, to };
	for (uint32_t at = from; at < to; at += FRAME) {
		if (learn(base + at))
			image(base + at);
	}
	for (uint32_t at = from; at < to; at += 4) {
		uint32_t d = ram_word(base + at);

		if (points(d) && learn(d))
			image(d);
	}
}

/* TTBCR.N = n: TTBR0 is for the lowest 2^(32-n) bytes, in a table of 2^(14-n) (DDI 0100I B4.7). */
static void use_roots(void)
{
	uint32_t low = L1_BYTES >> (is_v6() ? cpu_cp(KEY_TTBCR) & 7 : 0);

	nroot = 0;
	use_root(cpu_cp(KEY_TTBR0) & ~(low - 1), 0, low);
	if (low < L1_BYTES)
		use_root(cpu_cp(KEY_TTBR1) & ~(L1_BYTES - 1u), low, L1_BYTES);
}

void tables_start(void)
{
	if (cpu_cp(KEY_SCTLR) & SCTLR_M)
		use_roots();
}

void tables_before_write(uint16_t key, uint32_t value)
{
	/* The effect is complete when we are called, so the CPU shows the new values. */
	if (key == KEY_SCTLR && !(value & SCTLR_M))
		nroot = 0;
	else if (key == KEY_SCTLR || key == KEY_TTBR0 || key == KEY_TTBR1 || key == KEY_TTBCR)
		tables_start();
}

bool tables_hold(uint32_t pa)
{
	return test(pa);
}

void tables_stored(uint32_t pa, unsigned index)
{
	uint32_t d;

	for (unsigned i = 0; i < nroot; i++) {
		if (pa - root[i].base < root[i].from || pa - root[i].base >= root[i].to)
			continue;
		d = ram_word(pa & ~3u); /* the store is done; it may have been a byte of it */
		if (points(d) && learn(d))
			run_image_after(index, d & ~(FRAME - 1u));
	}
}

uint32_t tables_page_bytes(uint32_t mva)
{
	uint32_t at = mva >> 18 & 0x3ffc, l1, l2;

	if (!nroot)
		return FRAME;
	l1 = ram_word(root[nroot == 2 && at >= root[1].from].base + at);
	switch (l1 & 3) {
	case 1: l2 = ram_word((l1 & ~0x3ffu) + (mva >> 10 & 0x3fc)); break;
	case 2: return is_v6() && l1 & 1 << 18 ? 1 << 24 : 1 << 20;
	case 3: l2 = ram_word((l1 & ~0xfffu) + (mva >> 8 & 0xffc)); break;
	default: return FRAME;
	}
	return (l2 & 3) == 1 ? 65536 : FRAME;
}

void tables_check_images(void)
{
	for (uint32_t n = 0; n < MAX_FRAMES; n++) {
		if (test(n << 12))
			image(n << 12);
	}
}

unsigned tables_count(void)
{
	return count;
}
