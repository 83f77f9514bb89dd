/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategies as the user names them: NAME[:key=value...], separated by commas. */
#ifndef SHADEWALK_SIM_SPEC_H
#define SHADEWALK_SIM_SPEC_H

#include <stddef.h>

#include "strategies/strategy.h"

enum { SPEC_TEXT = 256, SPEC_MAX = 32 };

struct spec {
	const struct strategy_ops *ops;
	void *params;                   /* owned; NULL when the strategy has none */
	char text[SPEC_TEXT];           /* canonical: name and every key that is not at its default */
};

/* One strategy. ERR_CONFIG names what is wrong and what is allowed. */
enum err spec_parse(struct spec *s, const char *text, struct diag *d)
	__attribute__((warn_unused_result));
/* A list; NULL: every strategy. Appends to spec[*n]. */
enum err spec_parse_list(struct spec *spec, size_t *n, const char *text, struct diag *d)
	__attribute__((warn_unused_result));
void spec_free(struct spec *s);
/* A copy of the parameters for a machine to own; NULL on lack of memory or when there are none. */
void *spec_params(const struct spec *s);

#endif
