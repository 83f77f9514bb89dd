/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frames around the data: layout shared by writer and reader. doc/trace-format.5. */
#ifndef SHADEWALK_TRACES_SWT_H
#define SHADEWALK_TRACES_SWT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

#include "traces/header.h"
#include "traces/le.h"
#include "traces/symbols.h"

enum { SWT_VERSION = 1 };

/*
 * A frame of ours is a zstd skippable frame: magic, size of the rest, then our tag, version,
 * what the frame holds (the body), and XXH64 over everything before.
 */
enum {
	SWT_SKIP_BYTES = 8,             /* magic and size */
	SWT_TAG_AT = 8, SWT_VERSION_AT = 12, SWT_BODY_AT = 16,
	SWT_HASH_BYTES = 8,
	SWT_AROUND_BYTES = SWT_BODY_AT + SWT_HASH_BYTES,
	SWT_SEEK_ENTRY_BYTES = 40,
	SWT_FOOTER_BODY_BYTES = 8 * 3 + TRACE_ID_BYTES + 8 * 2,
	SWT_FOOTER_BYTES = SWT_AROUND_BYTES + SWT_FOOTER_BODY_BYTES,
	SWT_MAX_HEADER_BYTES = 1 << 24,
	SWT_MAX_SYMBOL_BYTES = TRACE_MAX_SYMBOL_BYTES + TRACE_MAX_SYMBOL_BYTES / 64,
};

#define SWT_MAGIC_HEADER UINT32_C(0x184D2A50)
#define SWT_MAGIC_SYMBOLS UINT32_C(0x184D2A51)
#define SWT_MAGIC_SEEK   UINT32_C(0x184D2A5D)
#define SWT_MAGIC_FOOTER UINT32_C(0x184D2A5E)
#define SWT_TAG_HEADER   "SWTH"
#define SWT_TAG_SYMBOLS  "SWTY"
#define SWT_TAG_SEEK     "SWTS"
#define SWT_TAG_FOOTER   "SWTF"

/* One data frame, as in the seek table. */
struct swt_seek {
	uint64_t offset;                /* in the file */
	uint64_t first;                 /* number of its first record */
	uint64_t instructions;          /* retired before it */
	uint64_t hash;                  /* XXH64 of its bytes in the file */
	uint32_t bytes, records;
};

struct swt_footer {
	uint64_t records, instructions, references;
	uint8_t id[TRACE_ID_BYTES];
	uint64_t seek_offset, frames;
};

/* Fills what stands around the body, which is in place already. */
static inline void swt_seal(uint8_t *p, size_t bytes, uint32_t magic, const char *tag)
{
	le32_put(p, magic);
	le32_put(p + 4, (uint32_t)(bytes - SWT_SKIP_BYTES));
	memcpy(p + SWT_TAG_AT, tag, 4);
	le32_put(p + SWT_VERSION_AT, SWT_VERSION);
	le64_put(p + bytes - SWT_HASH_BYTES, XXH64(p, bytes - SWT_HASH_BYTES, 0));
}

static inline void swt_seek_put(uint8_t *p, const struct swt_seek *s)
{
	le64_put(p, s->offset);
	le64_put(p + 8, s->first);
	le64_put(p + 16, s->instructions);
	le64_put(p + 24, s->hash);
	le32_put(p + 32, s->bytes);
	le32_put(p + 36, s->records);
}

static inline struct swt_seek swt_seek_get(const uint8_t *p)
{
	return (struct swt_seek){
		.offset = le64_get(p), .first = le64_get(p + 8),
		.instructions = le64_get(p + 16), .hash = le64_get(p + 24),
		.bytes = le32_get(p + 32), .records = le32_get(p + 36),
	};
}

static inline void swt_footer_put(uint8_t *p, const struct swt_footer *f)
{
	le64_put(p, f->records);
	le64_put(p + 8, f->instructions);
	le64_put(p + 16, f->references);
	memcpy(p + 24, f->id, TRACE_ID_BYTES);
	le64_put(p + 56, f->seek_offset);
	le64_put(p + 64, f->frames);
}

static inline void swt_footer_get(struct swt_footer *f, const uint8_t *p)
{
	f->records = le64_get(p);
	f->instructions = le64_get(p + 8);
	f->references = le64_get(p + 16);
	memcpy(f->id, p + 24, TRACE_ID_BYTES);
	f->seek_offset = le64_get(p + 56);
	f->frames = le64_get(p + 64);
}

#endif
