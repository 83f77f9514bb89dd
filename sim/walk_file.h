/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text that `shadewalk walk' answers: cases of registers, table words and tries. Grammar and
 * what each irregularity means: doc/walk.md.
 */
#ifndef SHADEWALK_SIM_WALK_FILE_H
#define SHADEWALK_SIM_WALK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "models/pt/mmu.h"

enum walk_reg { REG_SCTLR, REG_TTBR0, REG_TTBR1, REG_TTBCR, REG_DACR, REG_FCSEIDR,
		REG_CONTEXTIDR, WALK_REGS };
extern const char *const walk_reg_name[WALK_REGS];

struct walk_try {
	const char *text;               /* the line without comment and trailing blanks */
	size_t length;
	unsigned line;
	uint32_t va;
	uint8_t size;
	bool user;
	enum access access;
};

/* Physical words that were given, by address: open addressing, a power of two of slots. */
struct walk_word { uint32_t addr, word; unsigned line; };     /* line < since: free */
struct walk_words { struct walk_word *slot; size_t slots, used; unsigned since; };

struct walk_case {
	const char *name;               /* not terminated */
	size_t name_length;
	unsigned line;                  /* of its `case' */
	const struct mmu_arch *arch;
	struct { uint32_t value; unsigned line, column; } reg[WALK_REGS];     /* line 0: not given */
	struct walk_words mem;
	struct walk_try *tries;
	size_t n, room;
};

/* Text and case live until the call returns. An error ends the reading and is passed on. */
typedef enum err (*walk_case_fn)(void *ctx, const struct walk_case *c, struct diag *d);

/*
 * Calls fn for each case once all of its lines are known to be right. path "-" is standard input.
 * ERR_CONFIG: FILE:LINE:COLUMN, what is wrong, what was found, what is allowed.
 */
enum err walk_file_read(const char *path, walk_case_fn fn, void *ctx, struct diag *d)
	__attribute__((warn_unused_result));
/* The same for a text in memory, under that name. */
enum err walk_text_read(const char *name, const char *text, size_t length, walk_case_fn fn,
			void *ctx, struct diag *d) __attribute__((warn_unused_result));

/* 0 for a word that was not given. For walks: never fails, ctx is the walk_case. */
bool walk_case_word(void *ctx, uint32_t addr, uint32_t *word);

/* The state of the MMU in this case. */
struct mmu_state walk_case_state(const struct walk_case *c);
/* Whether the core of the case has the register; writing one that it lacks changes nothing. */
bool walk_reg_exists(const struct mmu_arch *a, enum walk_reg r);

#endif
