/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of one data frame <-> bytes, before zstd. doc/trace-format.5 describes the bytes.
 *
 * A template is the constant part of a RUN (or FETCH) and the accesses behind it. It is
 * written out the first time; afterwards one control byte names it, mostly "the one that came
 * after this one last time", and each access costs one zero byte where its address was guessed,
 * else how far it moved since the last time. Everything else is a control byte and the
 * differences of its fields to a guess made from what came at the same place before. All
 * guesses start empty in each frame, so that frames can be decoded alone.
 *
 * Invariants:
 *  1. Encoder and decoder run the same predictor functions (below) in the same order.
 *  2. The decoder reads within its buffer, and emits records for which trace_check_alone()
 *     holds except the split flag, whatever the bytes say.
 */
#ifndef SHADEWALK_TRACES_CODEC_H
#define SHADEWALK_TRACES_CODEC_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "traces/check.h"
#include "traces/le.h"
#include "traces/record.h"

/* Streams of a frame, in file order. X(id, what it holds) */
#define CODEC_STREAM_LIST(X)                                                    \
	X(BYTES, "payloads of CODE, IMAGE and ABORT, each padded to 8 bytes")   \
	X(CTL,   "one control byte per template use or other record")          \
	X(TMPL,  "template definitions and template numbers")                  \
	X(ADDR,  "address differences of accesses")                            \
	X(VALUE, "PA and value differences of accesses")                       \
	X(SYS,   "fields of other records")

enum codec_stream {
#define X(id, text) CODEC_##id,
	CODEC_STREAM_LIST(X)
#undef X
	CODEC_STREAMS
};

enum {
	CODEC_REVISION = 1,             /* of everything in this header */
	CODEC_HEAD_BYTES = 24 + 4 * CODEC_STREAMS,
	CODEC_MAX_BYTES = 1 << 28,      /* of a frame's content */
	CODEC_SOFT_BYTES = 1 << 24,     /* the writer ends a frame here */
	CODEC_MAX_RECORDS = 1 << 22,
	CODEC_MAX_ACCESSES = 255,       /* of a template; the rest goes into a headless one */
	CODEC_STEP_RECORDS = 1 + CODEC_MAX_ACCESSES,
	CODEC_STEP_BYTES = 4096,        /* more than one step adds to any stream but BYTES */
	CODEC_BATCH = 4096,             /* most records of one codec_dec_next() */
	CODEC_RECORD_BYTES = 32,        /* more than one record takes from any stream */
	CODEC_SLACK = CODEC_BATCH * CODEC_RECORD_BYTES, /* zeros behind the content */
};

enum {                                  /* control bytes */
	CTL_NEXT0 = 0,                  /* the latest successor of the last template */
	CTL_NEXT1 = 1,                  /* the one before */
	CTL_ID = 2,                     /* number in TMPL */
	CTL_NEW = 3,                    /* definition in TMPL */
	CTL_SAME = 4,                   /* other record, kind as at this place before */
	CTL_OTHER = 5,                  /* other record, kind, flags and arg in SYS */
};

enum {                                  /* first byte of a template definition */
	TMPL_HEAD_MASK = 3, TMPL_HEAD_NONE = 0, TMPL_HEAD_RUN = 1, TMPL_HEAD_FETCH = 2,
	TMPL_THUMB = 4, TMPL_NO_RETIRE = 8,
};
enum { TMPL_STORE = 0x80 };             /* added to the flags of an access */

/* One access of a template: what is constant, and its address predictor. */
struct codec_acc {
	uint8_t kind, flags;
	uint16_t idx;
	uint32_t last, stride;
	uint32_t follows;               /* moves as others of its page do, not by stride */
};

struct codec_tmpl {
	struct trace_rec head;
	uint32_t first;                 /* number of the first access */
	uint16_t nacc;
	uint8_t has_head, has_pa;       /* has_pa: some access is I/O or valued (decoder) */
	uint32_t next[2];               /* latest successors; 0: none (template 0 is no template) */
	/* decoder: totals of one use; index of its last access; where its RUN or FETCH ends */
	uint16_t insns, idx;
	uint32_t refs, end;
};

enum { CODEC_CTX = 4096, CODEC_PAGES = 256, CODEC_VALUES = 256 };

/* Predictors apart from the templates' own. */
struct codec_model {
	struct { struct trace_rec r; uint32_t stride; } ctx[CODEC_CTX];
	struct trace_rec last[TRACE_KINDS];
	uint32_t place;                 /* index into ctx of the next other record */
	uint32_t head_va, head_end;     /* of the last RUN or FETCH */
	uint32_t data_va;               /* of the last access */
	uint32_t moved[CODEC_PAGES];    /* latest move of an access, by the page it left */
	uint32_t code_end;              /* PA behind the last CODE */
	uint32_t page[CODEC_PAGES];     /* PA - VA of accesses, by VA page */
	uint32_t witness[CODEC_PAGES];  /* PA - VA of witnesses, by VA page */
	uint32_t value[CODEC_VALUES];   /* stored values, by template and ordinal */
};

static inline uint32_t codec_page_slot(uint32_t va)
{
	return ((va >> 10) ^ (va >> 18)) % CODEC_PAGES;
}

/* Place of the first other record behind template id. */
static inline uint32_t codec_place(uint32_t id) { return id * 8 % CODEC_CTX; }

/* Fields of an other record that are written, and the zero bits they end in. */
struct codec_fields { uint8_t va, a, b, va_shift, a_shift; };

static inline struct codec_fields codec_fields(const struct trace_rec *r)
{
	static const struct codec_fields fields[TRACE_KINDS] = {
		[TRACE_CODE]     = { .a = 1, .a_shift = 2 },
		[TRACE_IMAGE]    = { .a = 1, .a_shift = 12 },
		[TRACE_CP_WRITE] = { .a = 1 },
		[TRACE_CP_READ]  = { .a = 1 },
		[TRACE_ABORT]    = { .va = 1 },
		[TRACE_EXC]      = { .va = 1, .a = 1, .b = 1 },
		[TRACE_MODE]     = { .a = 1 },
		[TRACE_SENS]     = { .a = 1, .b = 1 },
		[TRACE_WAIT]     = { .a = 1, .b = 1 },
		[TRACE_WITNESS]  = { .va = 1, .a = 1, .va_shift = 10, .a_shift = 10 },
		[TRACE_MARK]     = { .a = 1 },
		[TRACE_HASH]     = { .a = 1, .b = 1 },
		[TRACE_HIST]     = { .va = 1, .a = 1, .b = 1 },
	};
	struct codec_fields f = fields[r->kind];

	if ((r->kind == TRACE_CP_WRITE || r->kind == TRACE_CP_READ) && r->arg & CP_KEY_64)
		f.b = 1;
	return f;
}

/* Guess for r, of which kind, flags and arg are known. `same`: they are those of the place. */
static inline struct trace_rec codec_guess(const struct codec_model *m,
					   const struct trace_rec *r, int same)
{
	struct trace_rec g = same ? m->ctx[m->place].r : m->last[r->kind];

	if (same && (r->kind == TRACE_CP_WRITE || r->kind == TRACE_CP_READ))
		g.a += m->ctx[m->place].stride;
	if (r->kind == TRACE_EXC)
		g.b = m->head_end;
	if (r->kind == TRACE_CODE)
		g.a = m->code_end;
	if (r->kind == TRACE_WITNESS)
		g.va = (r->flags & WIT_FETCH ? m->head_va : m->data_va) & ~1023u;
	return g;
}

/* Refines the guess once va is known. */
static inline void codec_guess_pa(const struct codec_model *m, const struct trace_rec *r,
				  struct trace_rec *g)
{
	if (r->kind == TRACE_WITNESS)
		g->a = r->va + m->witness[codec_page_slot(r->va)];
}

/* r (complete) has happened. */
static inline void codec_learn(struct codec_model *m, const struct trace_rec *r)
{
	m->ctx[m->place].stride = r->a - m->ctx[m->place].r.a;
	m->ctx[m->place].r = m->last[r->kind] = *r;
	m->place = (m->place & ~7u) | ((m->place + 1) & 7);
	if (r->kind == TRACE_CODE)
		m->code_end = r->a + 4u * r->arg;
	if (r->kind == TRACE_WITNESS)
		m->witness[codec_page_slot(r->va)] = r->a - r->va;
}

/* Slot of the value predictor of access number n of template id. */
static inline uint32_t codec_value_slot(uint32_t id, uint32_t n)
{
	return (id * 5 + n) % CODEC_VALUES;
}

/*
 * An access is guessed to have moved since its last use either by as much as the time before
 * (an array), or by as much as whatever last moved away from the same page: a function called
 * with another stack pointer moves all its stack accesses alike. Following by page and not by
 * the access just before saved 8-20 % of the files of real Linux traces.
 */
static inline uint32_t codec_moved_slot(const struct codec_acc *c)
{
	return (c->last >> 12) % CODEC_PAGES;
}


static inline uint32_t codec_moved(const struct codec_acc *c, uint32_t moved)
{
	return c->follows ? moved : c->stride;
}

/* The guess was wrong by something: would the other one have been right? */
static inline void codec_choose(struct codec_acc *c, uint32_t moved, uint32_t actual)
{
	if ((c->follows ? c->stride : moved) == actual)
		c->follows = !c->follows;
}

/* Words of LDM and STM behind the first move together from the start. */
static inline uint32_t codec_follows_first(const struct codec_acc *c, uint32_t n)
{
	return n > 0 && (c->flags & ACC_KIND_MASK) == ACC_MULTI && c[-1].idx == c->idx;
}

struct codec_enc;
struct codec_dec;

struct codec_frame {
	const uint8_t *p;               /* borrowed until the next put */
	size_t bytes;
	uint32_t records, instructions, references;
};

enum err codec_enc_create(struct codec_enc **out, struct diag *d)
	__attribute__((warn_unused_result));
void codec_enc_destroy(struct codec_enc *e);
/* r was checked; payload has trace_payload_bytes(r) bytes. */
enum err codec_enc_put(struct codec_enc *e, const struct trace_rec *r, const void *payload,
		       struct diag *d) __attribute__((warn_unused_result));
uint32_t codec_enc_records(const struct codec_enc *e);  /* put since the last finish */
size_t codec_enc_bytes(const struct codec_enc *e);      /* about so many, before zstd */
/* Ends the frame and starts the next one. */
enum err codec_enc_finish(struct codec_enc *e, struct codec_frame *f, struct diag *d)
	__attribute__((warn_unused_result));

enum err codec_dec_create(struct codec_dec **out, struct diag *d)
	__attribute__((warn_unused_result));
void codec_dec_destroy(struct codec_dec *c);
/*
 * p[0..bytes) is a frame's content with CODEC_SLACK zero bytes behind it, borrowed until the
 * next begin. NULL, or what is wrong with it. Fills *f (with f->p the payload area).
 */
const char *codec_dec_begin(struct codec_dec *c, const uint8_t *p, size_t bytes,
			    struct codec_frame *f);
void codec_dec_stop(struct codec_dec *c);       /* as if at the frame's end */
/*
 * Up to cap records, CODEC_STEP_RECORDS <= cap <= CODEC_BATCH; *n == 0 at the frame's end,
 * where all totals were found to agree. NULL, or what is wrong.
 */
const char *codec_dec_next(struct codec_dec *c, struct trace_rec *rec, size_t cap, size_t *n);

#endif
