/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of one line of a trace text, and what to say when one is wrong. */
#ifndef SHADEWALK_TRACES_TEXT_SCAN_H
#define SHADEWALK_TRACES_TEXT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "traces/header.h"

struct text_scan {
	const char *name;               /* of the file */
	const char *line, *p, *end;     /* line start, unread part, line end */
	unsigned number;                /* of the line, from 1 */
	struct diag *d;
	enum err err;                   /* first failure; all later reads return 0 */
};

struct text_token { const char *p; size_t n; };        /* n == 0: end of line */

struct text_token scan_peek(struct text_scan *s);
struct text_token scan_next(struct text_scan *s);
bool token_is(struct text_token t, const char *word);
/* The next word if it is this one. */
bool scan_accept(struct text_scan *s, const char *word);

/* NAME:LINE:COLUMN: found "t", want `want`. */
void scan_fail(struct text_scan *s, struct text_token t, const char *want);

/* Decimal or 0x hexadecimal. */
uint64_t scan_number(struct text_scan *s, const char *what, uint64_t max);
int64_t scan_signed(struct text_scan *s, const char *what, int64_t min, int64_t max);
uint32_t scan_u32(struct text_scan *s, const char *what);
/* key=NUMBER in one word. */
uint64_t scan_key(struct text_scan *s, const char *key, uint64_t max);
/* Index into words[n]; 0 and a failure if there is no such word. */
size_t scan_word(struct text_scan *s, const char *const *words, size_t n);
/* "p15 c2,c0,0 (TTBR0)", the name being optional, or TTBR0 alone */
uint16_t scan_register(struct text_scan *s);
/* 8 hex digits, maybe *COUNT. False: the word is no such thing (no failure). */
bool scan_hex_words(struct text_scan *s, uint32_t *word, uint32_t *count);
void scan_end(struct text_scan *s);     /* nothing but a comment is left */

/* text_header.c: the line that starts with key. False: there is no such header line. */
bool text_header_line(struct text_scan *s, struct trace_header *h, struct text_token key);
/* The header's own rules are those of its JSON form, which also makes it canonical. */
enum err text_header_finish(struct trace_header *h, const char *name, struct diag *d)
	__attribute__((warn_unused_result));

#endif
