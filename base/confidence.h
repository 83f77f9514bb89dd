/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How sure a figure is, in the words that tables print. */
#ifndef SHADEWALK_BASE_CONFIDENCE_H
#define SHADEWALK_BASE_CONFIDENCE_H

/* X(id, word) */
#define CONFIDENCE_LIST(X)                                                              \
	X(MANUAL, "manual")             /* stated by the manual that the source names */ \
	X(SOURCE, "source")             /* read off shipping software */                \
	X(KNOWLEDGE, "knowledge")       /* known of the core; the passage not looked up */ \
	X(ESTIMATE, "estimate")         /* an assumption of this model: sweep it */     \
	X(CHOICE, "choice")             /* no property of a core: what a run asks for */

enum confidence {
#define X(id, word) CONF_##id,
	CONFIDENCE_LIST(X)
#undef X
	CONFIDENCES
};

static inline const char *confidence_word(enum confidence c)
{
	static const char *const words[CONFIDENCES] = {
#define X(id, word) word,
		CONFIDENCE_LIST(X)
#undef X
	};

	return c < CONFIDENCES ? words[c] : "?";
}

#endif
