/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/text_words.h"

#include <stddef.h>

const struct text_word text_access[] = {
	{ "unpriv", ACC_KIND_MASK, ACC_UNPRIV },
	{ "excl",   ACC_KIND_MASK, ACC_EXCL },
	{ "multi",  ACC_KIND_MASK, ACC_MULTI },
	{ "split",  ACC_SPLIT,     ACC_SPLIT },
	{ "io",     ACC_IO,        ACC_IO },
	{ "valued", ACC_VALUED,    ACC_VALUED },
	{ NULL, 0, 0 },
};

const struct text_word text_abort[] = {
	{ "user",   ABORT_USER,   ABORT_USER },
	{ "thumb",  ABORT_THUMB,  ABORT_THUMB },
	{ "unpriv", ABORT_UNPRIV, ABORT_UNPRIV },
	{ "debug",  ABORT_DEBUG,  ABORT_DEBUG },
	{ NULL, 0, 0 },
};

const struct text_word text_witness[] = {
	{ "fetch", WIT_FETCH, WIT_FETCH },
	{ "io",    WIT_IO,    WIT_IO },
	{ NULL, 0, 0 },
};

const char *const text_spsr[6] = { "fiq", "irq", "svc", "abt", "und", "mon" };
const char *const text_vectors[8] = {
	"reset", "undef", "svc", "pabort", "dabort", "hyp", "irq", "fiq",
};
const char *const text_abort_rw[3] = { "read", "write", "fetch" };
const char *const text_hist[3] = { "word", "reg", "inval" };
const char *const text_sens[SENS_CLASSES] = {
#define X(id, text, what) [SENS_##id] = text,
	SENS_CLASS_LIST(X)
#undef X
};
const char *const text_abort_words[TEXT_ABORT_WORDS] = {
	"pc", "insn", "fsr", "ifsr", "far", "cpsr",
};
