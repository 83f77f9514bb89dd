/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of the text form, one list for printing and parsing. */
#ifndef SHADEWALK_TRACES_TEXT_WORDS_H
#define SHADEWALK_TRACES_TEXT_WORDS_H

#include <stdint.h>

#include "traces/record.h"

/* A word that stands for flags & mask == value. Lists end with a NULL name. */
struct text_word { const char *name; uint8_t mask, value; };

enum { TEXT_ABORT_WORDS = sizeof(struct trace_abort) / 4 };

extern const struct text_word text_access[], text_abort[], text_witness[];
extern const char *const text_spsr[6], *const text_vectors[8], *const text_abort_rw[3];
extern const char *const text_hist[3], *const text_sens[SENS_CLASSES];
extern const char *const text_abort_words[TEXT_ABORT_WORDS];

#endif
