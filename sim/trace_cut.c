/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replaying a cut cold equals replaying the parent with hardware state reset there: the cut
 * carries the registers, an image of every frame ever known as a table, what older words are
 * still permitted (HIST), and the code seen so far. It ends with check images, as a capture does.
 */
#include "sim/trace_cut.h"

#include <stdlib.h>
#include <string.h>

#include "models/guest/tracker.h"
#include "traces/check.h"
#include "traces/digest.h"
#include "traces/reader.h"

/* The code dictionary: the youngest bytes of each block, in the order they were first seen. */
struct code { uint32_t pa; uint16_t words; uint8_t flags; uint8_t *bytes; };

struct cutter {
	const struct cut_plan *p;
	struct trace_reader *in;
	struct trace_header header;
	struct guest g;
	struct trace_writer *w;
	struct code *code;
	size_t ncode, code_cap;
	struct trace_batch batch;       /* records behind the events at hand */
	uint64_t insns, first_insn, first_record;
	uint64_t tail_images;           /* check images at the end of what was copied */
	bool entering;                  /* the next run is an exception's first */
	uint64_t digest;
	bool done;
};

/* --- what was before the cut ---------------------------------------------------------- */

static enum err remember_code(struct cutter *c, const struct trace_rec *r, const uint8_t *bytes,
			      struct diag *d)
{
	struct code *k = NULL;

	for (size_t i = c->ncode; i-- > 0 && !k;)
		if (c->code[i].pa == r->a && c->code[i].words == r->arg)
			k = &c->code[i];
	if (!k) {
		if (c->ncode == c->code_cap) {
			size_t cap = c->code_cap ? 2 * c->code_cap : 1024;
			void *p = realloc(c->code, cap * sizeof(*c->code));

			if (!p)
				return diag_set(d, ERR_NOMEM, "out of memory");
			c->code = p;
			c->code_cap = cap;
		}
		k = &c->code[c->ncode];
		*k = (struct code){ .pa = r->a, .words = r->arg, .bytes = malloc(4u * r->arg) };
		if (!k->bytes)
			return diag_set(d, ERR_NOMEM, "out of memory");
		c->ncode++;
	}
	k->flags = r->flags;
	memcpy(k->bytes, bytes, 4u * r->arg);
	return ERR_OK;
}

/* The header's registers follow the guest's writes. What the model or the hardware keeps is added
 * when the header did not name it: those of guest_reg(), lockdown. */
static void follow_registers(struct cutter *c, const struct trace_rec *r,
			     const struct guest_event *e)
{
	struct trace_header *h = &c->header;
	unsigned i = 0;

	if (r->kind != TRACE_CP_WRITE)
		return;
	while (i < h->nreg && h->reg[i].key != r->arg)
		i++;
	if (i == h->nreg) {
		if (h->nreg == TRACE_MAX_REGS || (!guest_reg(&c->g, (enum cp_op)e->canon.op) &&
		    e->canon.op != CP_TLB_LOCK && e->canon.op != CP_CACHE_LOCK))
			return;
		while (i > 0 && h->reg[i - 1].key > r->arg) {   /* sorted, as captures write it */
			h->reg[i] = h->reg[i - 1];
			i--;
		}
		h->reg[i].key = r->arg;
		h->nreg++;
	}
	h->reg[i].value = r->a;
}

/* --- the start ------------------------------------------------------------------------ */

static enum err put(struct cutter *c, const struct trace_rec *r, const void *payload, size_t bytes,
		    struct diag *d)
{
	c->digest = trace_digest_add(c->digest, r, payload, bytes);
	return trace_writer_put(c->w, r, payload, bytes, d);
}

struct image_ctx { struct cutter *c; enum err e; struct diag *d; };

static void put_image(void *ctx, uint32_t base, const uint32_t *words)
{
	struct image_ctx *x = ctx;
	struct trace_rec r = { .kind = TRACE_IMAGE, .a = base };

	if (!x->e)
		x->e = put(x->c, &r, words, FRAME_BYTES, x->d);
}

static enum err put_images(struct cutter *c, struct diag *d)
{
	struct image_ctx x = { c, ERR_OK, d };

	mem_each(c->g.tables, put_image, &x);
	return x.e;
}

static uint32_t age_of(const struct cutter *c, uint64_t when)
{
	return (uint32_t)(c->g.hist.now - when + 1);
}

static int by_time(const void *a, const void *b)
{
	const struct hist_slot *x = a, *y = b;

	return x->value < y->value ? -1 : x->value > y->value;
}

/* One size class tells them all; those of a whole ASID are in none. */
static bool is_told(const struct cutter *c, uint64_t key)
{
	unsigned size_class = key >> 32 & 0xff;

	return !size_class || size_class == history_granule(&c->g.hist);
}

static enum err put_invals(struct cutter *c, struct diag *d)
{
	const struct hist_map *m = &c->g.hist.inval;
	struct hist_slot *s = calloc(m->used + 1, sizeof(*s));
	enum err e = ERR_OK;
	size_t n = 0;

	if (!s)
		return diag_set(d, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < m->cap; i++)
		if (m->slot[i].gen == m->gen && is_told(c, m->slot[i].key))
			s[n++] = m->slot[i];
	qsort(s, n, sizeof(*s), by_time);
	for (size_t i = 0; !e && i < n; i++) {
		struct trace_rec r = { .kind = TRACE_HIST, .flags = HIST_INVAL,
			.va = (uint32_t)s[i].key << history_granule(&c->g.hist),
			.a = age_of(c, s[i].value), .b = (uint32_t)(s[i].key >> 40) };

		e = put(c, &r, NULL, 0, d);
	}
	free(s);
	return e;
}

/* One setting of the registers: one record a register. */
static enum err put_setting(struct cutter *c, const struct hist_regs *h, struct diag *d)
{
	const struct { uint16_t key; uint32_t value; } reg[] = {
		{ KEY_TTBR0, h->regs.ttbr0 }, { KEY_SCTLR, h->regs.sctlr },
		{ KEY_TTBR1, h->regs.ttbr1 }, { KEY_TTBCR, h->regs.ttbcr },
		{ KEY_CONTEXTIDR, h->asid },
	};
	size_t n = c->g.v6 ? sizeof(reg) / sizeof(reg[0]) : 2;
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < n; i++) {
		struct trace_rec r = { .kind = TRACE_HIST, .flags = HIST_REG, .arg = reg[i].key,
				       .a = age_of(c, h->until), .b = reg[i].value };

		e = put(c, &r, NULL, 0, d);
	}
	return e;
}

static enum err put_history(struct cutter *c, struct diag *d)
{
	const struct history *h = &c->g.hist;
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < h->nwords; i++) {
		struct trace_rec r = { .kind = TRACE_HIST, .flags = HIST_WORD, .va = h->words[i].pa,
			.a = age_of(c, h->words[i].until), .b = h->words[i].value };

		e = put(c, &r, NULL, 0, d);
	}
	for (size_t i = 0; !e && i < h->nregs; i++)
		e = put_setting(c, &h->regs[i], d);
	return e ? e : put_invals(c, d);
}

static enum err put_code(struct cutter *c, struct diag *d)
{
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < c->ncode; i++) {
		struct trace_rec r = { .kind = TRACE_CODE, .flags = c->code[i].flags,
				       .arg = c->code[i].words, .a = c->code[i].pa };

		e = put(c, &r, c->code[i].bytes, 4u * c->code[i].words, d);
	}
	return e;
}

static enum err start_cut(struct cutter *c, uint64_t record, struct diag *d)
{
	struct trace_writer_options o = { .level = c->p->level,
					  .symbols = trace_reader_symbols(c->in) };
	enum err e;

	c->first_record = record;
	c->first_insn = c->insns;
	c->header.cpsr = c->g.cpsr;
	c->header.spsr_known = 0;
	memcpy(c->header.parent, trace_reader_id(c->in), TRACE_ID_HEX);
	c->header.parent_first = record;
	/* how many follow is known only at the end; a cut names what it was asked for */
	c->header.parent_count = c->p->records == UINT64_MAX ? 0 : c->p->records;
	e = trace_digest_start(&c->header, &c->digest, d);
	if (!e)
		e = trace_writer_open(&c->w, c->p->out, &c->header, &o, d);
	if (!e)
		e = put_images(c, d);
	if (!e)
		e = put_history(c, d);
	if (!e)
		e = put_code(c, d);
	return e;
}

/* --- the middle ----------------------------------------------------------------------- */

static bool reached(const struct cutter *c, uint64_t record)
{
	return record >= c->p->from_record && c->insns >= c->p->from_insn;
}

/* Would the run at i, with all that belongs to it and the check images behind, be too much? */
static bool full(const struct cutter *c, size_t i)
{
	enum { UNSEEN = 64 };           /* allowed for when the run goes on in the next batch */
	size_t next = i + 1;
	uint64_t n;

	while (next < c->batch.n && c->batch.rec[next].kind != TRACE_RUN &&
	       c->batch.rec[next].kind != TRACE_FETCH)
		next++;
	n = trace_writer_records(c->w) + (next - i) + mem_frames(c->g.tables) + 1 +
	    (next == c->batch.n ? UNSEEN : 0u);
	return n > c->p->records || c->insns - c->first_insn >= c->p->insns;
}

/* High vectors and what Linux keeps behind them: entered and left by way of exceptions. */
static bool is_vectors(uint32_t va)
{
	return va >> 16 == 0xffff;
}

static enum err one_record(struct cutter *c, const struct guest_event *ev, size_t i,
			   struct diag *d)
{
	const struct trace_rec *r = &c->batch.rec[i];
	size_t bytes = trace_payload_bytes(r);
	const uint8_t *payload = bytes ? c->batch.payload + r->b : NULL;
	enum err e = ERR_OK;

	if (r->kind == TRACE_HASH)
		return ERR_OK;          /* the parent's; the cut gets its own */
	if (r->kind == TRACE_RUN || r->kind == TRACE_FETCH) {
		if (!c->w && reached(c, c->batch.first + i) && !c->entering &&
		    !is_vectors(r->va))
			e = start_cut(c, c->batch.first + i, d);
		else if (c->w && full(c, i))
			c->done = true;
		if (e || c->done)
			return e;
		c->insns += trace_rec_instructions(r);
	}
	/* a cut does not start inside an exception's delivery: a lane would not know of it */
	c->entering = r->kind == TRACE_ABORT || r->kind == TRACE_EXC ||
		      (c->entering && r->kind != TRACE_RUN);
	c->tail_images = r->kind == TRACE_IMAGE ? c->tail_images + 1 : 0;
	if (c->w)
		e = put(c, r, payload, bytes, d);
	else if (r->kind == TRACE_CODE)
		e = remember_code(c, r, payload, d);
	follow_registers(c, r, ev);
	guest_apply(&c->g, ev);
	return e;
}

static enum err copy(struct cutter *c, struct diag *d)
{
	struct tracker *t = NULL;
	struct event_batch ev;
	struct event_cursor at;
	struct progress bar;
	struct trace_rec r;
	enum err e = tracker_create(&t, trace_reader_header(c->in), d);

	if (!e)
		tracker_skip_mix(t);

	progress_begin(&bar, c->p->progress, c->p->in, trace_reader_records(c->in));
	while (!e && !c->done && !(e = trace_reader_next(c->in, &c->batch, d)) && c->batch.n) {
		e = tracker_batch(t, &c->batch, &ev, d);
		at = event_begin(&ev);
		for (size_t i = 0; !e && !c->done && i < ev.n; i++)
			e = one_record(c, event_next(&at), i, d);
		progress_step(&bar, c->batch.first + c->batch.n);
	}
	progress_end(&bar);
	tracker_destroy(t);
	if (!e && !c->w)
		e = diag_set(d, ERR_CONFIG, "%s: no run at or behind record %llu, instruction %llu",
			     c->p->in, (unsigned long long)c->p->from_record,
			     (unsigned long long)c->p->from_insn);
	/* the parent's own end has the images already */
	if (!e && (c->done || c->tail_images < mem_frames(c->g.tables)))
		e = put_images(c, d);
	r = trace_digest_record(c->digest);
	return e ? e : put(c, &r, NULL, 0, d);
}

/* The header again, writable, with a copy of what it owns. */
static enum err copy_header(struct cutter *c, struct diag *d)
{
	const struct trace_header *h = trace_reader_header(c->in);

	c->header = *h;
	c->header.provenance = h->provenance ? strdup(h->provenance) : NULL;
	return h->provenance && !c->header.provenance ? diag_set(d, ERR_NOMEM, "out of memory")
						       : ERR_OK;
}

enum err trace_cut_file(const struct cut_plan *plan, struct trace_summary *s, struct diag *d)
{
	struct cutter c = { .p = plan };
	enum err e = trace_reader_open(&c.in, plan->in, d);

	if (!e)
		e = copy_header(&c, d);
	if (!e)
		e = guest_init(&c.g, trace_reader_header(c.in), d);
	if (!e)
		e = copy(&c, d);
	if (!e)
		e = trace_writer_close(c.w, s, d);
	else
		trace_writer_abort(c.w);
	guest_free(&c.g);
	trace_header_clear(&c.header);
	for (size_t i = 0; i < c.ncode; i++)
		free(c.code[i].bytes);
	free(c.code);
	trace_reader_close(c.in);
	return e;
}
