/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parameters as data: a table that names members of a struct. The same rows parse --set and
 * strategy keys, print help, make the canonical configuration and the database columns.
 */
#ifndef SHADEWALK_BASE_PARAMS_H
#define SHADEWALK_BASE_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct param {
	const char *name, *help;
	uint16_t offset;
	uint8_t bytes;                  /* of the member: 1, 2, 4, 8 */
	bool pow2;
	uint64_t min, max;
	const char *const *words;       /* enumeration: NULL-terminated, value is the index */
	bool sum;                       /* several words with + between: value has 1 << index of each */
};

#define PARAM_AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)
#define PARAM_NUM(type, name, member, lo, hi, p2, help) \
	{ name, help, PARAM_AT(type, member), p2, lo, hi, NULL, false }
#define PARAM_WORD(type, name, member, list, help) \
	{ name, help, PARAM_AT(type, member), false, 0, 0, list, false }
#define PARAM_SUM(type, name, member, list, help) \
	{ name, help, PARAM_AT(type, member), false, 0, 0, list, true }

/* ERR_CONFIG names key, value found, what is allowed, and the nearest key. */
enum err param_set(const struct param *table, unsigned n, void *base, const char *key,
		   const char *value, struct diag *d) __attribute__((warn_unused_result));
const struct param *param_find(const struct param *table, unsigned n, const char *key);
uint64_t param_get(const struct param *p, const void *base);
/* Value as text: the word, the words of a sum, or the number in decimal. buf is returned. */
const char *param_text(const struct param *p, const void *base, char buf[32]);
/* What is allowed, as text for help and messages. */
const char *param_allowed(const struct param *p, char buf[256]);

#endif
