/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MMU a second time, for comparison with models/pt: pictures of the manuals' figures read letter
 * by letter, permissions as words, each byte of an access translated by itself. It shares no code
 * with the first and includes nothing of it.
 */
#ifndef SHADEWALK_TESTS_MODEL_PLAIN_MMU_H
#define SHADEWALK_TESTS_MODEL_PLAIN_MMU_H

#include <stdbool.h>
#include <stdint.h>

/* Letters of traits: 5 6 7 architecture, x XScale, l LDRD, k ARMv6K's APX 111, f access flag, s the
 * flag is not looked at for AP 000 with S != R, m no domain with a section's access flag fault, p
 * PD0 and PD1. */
struct plain_core { const char *name, *traits; };
extern const struct plain_core plain_cores[];
extern const unsigned plain_core_count;

struct plain_regs { uint32_t sctlr, ttbr0, ttbr1, ttbcr, dacr, fcse; };

/* A word decoded: kind is one of "fault coarse fine super section large small tiny". */
struct plain_word {
	const char *kind;
	uint32_t base;
	unsigned domain, ap[4], cb, tex, s, ng, apx, xn;
};
/* table: '1' first level, 'c' coarse, 'f' fine; format: '5', 'x', '0' and '1' for ARMv6's XP. */
struct plain_word plain_decode(char format, char table, uint32_t word);

typedef bool (*plain_read)(void *ctx, uint32_t addr, uint32_t *word);

/* "pa 0x..." or "fault FS=0x.. domain=. far=.", as `shadewalk walk' writes it. */
void plain_access(const struct plain_core *c, const struct plain_regs *r, char access, bool user,
		  uint32_t va, unsigned size, plain_read read, void *ctx, char answer[64]);

#endif
