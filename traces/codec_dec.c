/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams are read without looking for their ends: one call of codec_dec_next() takes at most
 * CODEC_SLACK bytes from any of them, there is that much zeroed room behind the last one, and
 * where every stream ended up is compared before a record leaves this file.
 */
#include "traces/codec.h"

#include <stdbool.h>
#include <stdlib.h>

struct span { const uint8_t *p, *end; };

struct codec_dec {
	struct span s[CODEC_STREAMS];
	const uint8_t *payload;
	struct codec_model m;
	uint32_t left, instructions, references;        /* still to come */
	struct codec_tmpl *tmpl;
	struct codec_acc *accs;
	size_t tmpl_cap, accs_cap;
	uint32_t ntmpl, naccs;          /* defined so far, with the root */
	uint32_t max_tmpl, max_accs;    /* announced, with the root */
	uint32_t cur;
	uint32_t insns, idx;            /* of the open run, as in struct trace_check */
};

enum err codec_dec_create(struct codec_dec **out, struct diag *d)
{
	*out = calloc(1, sizeof(**out));
	return *out ? ERR_OK : diag_set(d, ERR_NOMEM, "out of memory");
}

void codec_dec_destroy(struct codec_dec *c)
{
	if (!c)
		return;
	free(c->tmpl);
	free(c->accs);
	free(c);
}

static bool decoder_reserve(struct codec_dec *c)
{
	if (c->max_tmpl > c->tmpl_cap) {
		free(c->tmpl);
		c->tmpl_cap = 0;
		if (!(c->tmpl = malloc(c->max_tmpl * sizeof(*c->tmpl))))
			return false;
		c->tmpl_cap = c->max_tmpl;
	}
	if (c->max_accs >= c->accs_cap) {
		free(c->accs);
		c->accs_cap = 0;
		if (!(c->accs = malloc((c->max_accs + 1) * sizeof(*c->accs))))
			return false;
		c->accs_cap = c->max_accs + 1;
	}
	return true;
}

const char *codec_dec_begin(struct codec_dec *c, const uint8_t *p, size_t bytes,
			    struct codec_frame *f)
{
	size_t at = CODEC_HEAD_BYTES;

	c->left = 0;
	if (bytes < CODEC_HEAD_BYTES)
		return "frame content is shorter than its header";
	f->records = le32_get(p);
	f->instructions = le32_get(p + 4);
	f->references = le32_get(p + 8);
	c->max_tmpl = le32_get(p + 12);
	c->max_accs = le32_get(p + 16);
	if (le32_get(p + 20) != CODEC_REVISION)
		return "records are coded in a way this program does not know";
	if (f->records < 1 || f->records > CODEC_MAX_RECORDS)
		return "frame header is out of range";
	if (c->max_tmpl > f->records || c->max_accs > f->records)
		return "frame announces more templates than records";
	for (unsigned i = 0; i < CODEC_STREAMS; i++) {
		size_t n = le32_get(p + 24 + 4 * i);

		if (n > bytes - at)
			return "stream is longer than its frame";
		c->s[i] = (struct span){ p + at, p + at + n };
		at += n;
	}
	if (at != bytes || (c->s[CODEC_BYTES].end - c->s[CODEC_BYTES].p) & 7)
		return "streams do not fill their frame";
	c->max_tmpl++;
	if (!decoder_reserve(c))
		return "out of memory";
	memset(&c->tmpl[0], 0, sizeof(c->tmpl[0]));
	memset(&c->m, 0, sizeof(c->m));
	c->ntmpl = 1;
	c->naccs = c->cur = c->insns = c->idx = 0;
	c->payload = f->p = c->s[CODEC_BYTES].p;
	f->bytes = (size_t)(c->s[CODEC_BYTES].end - c->s[CODEC_BYTES].p);
	c->left = f->records;
	c->instructions = f->instructions;
	c->references = f->references;
	return NULL;
}

void codec_dec_stop(struct codec_dec *c)
{
	memset(c->s, 0, sizeof(c->s));
	c->left = c->instructions = c->references = 0;
	c->max_tmpl = c->ntmpl;
	c->max_accs = c->naccs;
}

static uint32_t get_signed(struct codec_dec *c, enum codec_stream k)
{
	return unzigzag(varint_get(&c->s[k].p));
}

static const char *decode_head(struct codec_dec *c, struct codec_tmpl *t)
{
	const uint8_t **p = &c->s[CODEC_TMPL].p;
	unsigned shape = *(*p)++;
	struct trace_rec *h = &t->head;
	uint32_t arg;

	*t = (struct codec_tmpl){ .first = c->naccs };
	if (shape == TMPL_HEAD_NONE)
		return NULL;
	t->has_head = 1;
	h->va = c->m.head_end + unzigzag(varint_get(p));
	arg = varint_get(p);
	if (arg > UINT16_MAX)
		return "template has too many instructions";
	h->arg = (uint16_t)arg;
	if (shape == TMPL_HEAD_FETCH) {
		h->kind = TRACE_FETCH;
		return trace_check_alone(h, 0);
	}
	if ((shape & TMPL_HEAD_MASK) != TMPL_HEAD_RUN ||
	    shape > (TMPL_HEAD_RUN | TMPL_THUMB | TMPL_NO_RETIRE))
		return "template of unknown shape";
	h->kind = TRACE_RUN;
	h->a = 4 * arg;
	if (shape & TMPL_THUMB)
		h->a = 2 * (arg + varint_get(p));
	h->flags = (shape & TMPL_THUMB ? RUN_THUMB : 0) |
		   (shape & TMPL_NO_RETIRE ? RUN_NO_RETIRE : 0);
	return trace_check_alone(h, 0);
}

static const char *decode_accesses(struct codec_dec *c, struct codec_tmpl *t)
{
	const uint8_t **p = &c->s[CODEC_TMPL].p;
	uint32_t n = *(*p)++, idx = 0;
	uint32_t limit = t->head.kind == TRACE_RUN && t->has_head ? t->head.arg :
			 t->has_head ? 1 : UINT16_MAX + 1u;
	struct codec_acc *a = &c->accs[c->naccs];

	if (n > c->max_accs - c->naccs)
		return "more template accesses than announced";
	if (!n && !t->has_head)
		return "empty template";
	for (uint32_t i = 0; i < n; i++, a++) {
		unsigned flags = *(*p)++;
		unsigned kind = flags & TMPL_STORE ? TRACE_STORE : TRACE_LOAD;

		flags &= ~(unsigned)TMPL_STORE;
		if (kind == TRACE_LOAD && flags & ACC_VALUED)
			return "a load cannot be valued";
		idx += varint_get(p) & UINT16_MAX;
		if (idx >= limit)
			return "index is outside its run";
		*a = (struct codec_acc){ .kind = (uint8_t)kind, .flags = (uint8_t)flags,
			.idx = (uint16_t)idx };
		a->follows = codec_follows_first(a, i);
		t->has_pa |= (flags & (ACC_IO | ACC_VALUED)) != 0;
	}
	t->nacc = (uint16_t)n;
	c->naccs += n;
	return NULL;
}

static void decode_pa(struct codec_dec *c, uint32_t id, uint32_t n, struct trace_rec *r)
{
	uint32_t *page = &c->m.page[codec_page_slot(r->va)];
	uint32_t *value = &c->m.value[codec_value_slot(id, n)];

	*page += get_signed(c, CODEC_VALUE);
	r->a = r->va + *page;
	if (r->flags & ACC_VALUED)
		r->b = *value += get_signed(c, CODEC_VALUE);
}

/* A headless template goes on with the open run, or stands alone with index 0. */
static const char *check_headless(const struct codec_dec *c, const struct codec_tmpl *t)
{
	const struct codec_acc *a = &c->accs[t->first];
	uint32_t insns = c->insns ? c->insns : 1;

	if (a[0].idx < c->idx || a[t->nacc - 1].idx >= insns)
		return "index is outside its run";
	return NULL;
}

static void summarise(const struct codec_dec *c, struct codec_tmpl *t)
{
	t->refs = t->nacc;
	if (t->has_head) {
		t->insns = (uint16_t)trace_rec_instructions(&t->head);
		t->refs += trace_rec_references(&t->head);
		t->end = t->head.va + (t->head.kind == TRACE_RUN ? t->head.a : t->head.arg);
	}
	if (t->nacc)
		t->idx = c->accs[t->first + t->nacc - 1].idx;
}

/* Definition and first use. */
static const char *decode_new(struct codec_dec *c, struct trace_rec *out, uint32_t *idp)
{
	struct codec_tmpl *t;
	struct codec_acc *a;
	const char *why;
	uint32_t id = c->ntmpl;

	if (id == c->max_tmpl)
		return "more templates than announced";
	t = &c->tmpl[id];
	if ((why = decode_head(c, t)) || (why = decode_accesses(c, t)))
		return why;
	c->ntmpl++;
	summarise(c, t);
	if (t->has_head)
		*out++ = t->head;
	a = &c->accs[t->first];
	for (uint32_t i = 0; i < t->nacc; i++, a++, out++) {
		a->last = c->m.data_va += get_signed(c, CODEC_ADDR);
		*out = (struct trace_rec){ .kind = a->kind, .flags = a->flags,
			.arg = a->idx, .va = a->last };
		if (a->flags & (ACC_IO | ACC_VALUED))
			decode_pa(c, id, i, out);
	}
	c->tmpl[c->cur].next[1] = c->tmpl[c->cur].next[0];
	c->tmpl[c->cur].next[0] = id;
	*idp = id;
	return NULL;
}

/* The hot loop: a run that was seen before. */
static inline void decode_again(struct codec_dec *c, const struct codec_tmpl *t, uint32_t id,
				struct trace_rec *out)
{
	const uint8_t *addr = c->s[CODEC_ADDR].p;
	uint32_t va = c->m.data_va;
	struct codec_acc *a = &c->accs[t->first], *end = a + t->nacc;
	struct trace_rec *accs;

	*out = t->head;
	accs = out += t->has_head;
	for (; a < end; a++, out++) {
		uint32_t *moved = &c->m.moved[codec_moved_slot(a)];
		uint32_t actual = codec_moved(a, *moved);

		if (__builtin_expect(*addr == 0, 1)) {
			addr++;
		} else {
			actual = unzigzag(varint_get(&addr) - 1);
			codec_choose(a, *moved, actual);
		}
		va = a->last += actual;
		a->stride = *moved = actual;
		memcpy(out, a, 4);      /* kind, flags, index */
		out->va = va;
		out->a = out->b = 0;
	}
	c->s[CODEC_ADDR].p = addr;
	c->m.data_va = va;
	if (__builtin_expect(t->has_pa, 0))
		for (uint32_t i = 0; i < t->nacc; i++)
			if (accs[i].flags & (ACC_IO | ACC_VALUED))
				decode_pa(c, id, i, &accs[i]);
}

static const char *decode_payload(struct codec_dec *c, struct trace_rec *r)
{
	struct span *s = &c->s[CODEC_BYTES];
	size_t bytes = trace_payload_bytes(r), padded = (bytes + 7) & ~(size_t)7;

	if (padded > (size_t)(s->end - s->p))
		return "payload is longer than its stream";
	for (size_t i = bytes; i < padded; i++)
		if (s->p[i])
			return "padding is not zero";
	r->b = (uint32_t)(s->p - c->payload);
	s->p += padded;
	return NULL;
}

static const char *decode_other(struct codec_dec *c, unsigned ctl, struct trace_rec *out)
{
	struct codec_model *m = &c->m;
	const uint8_t **p = &c->s[CODEC_SYS].p;
	struct trace_rec r = { 0 }, guess;
	struct codec_fields f;
	int same = ctl == CTL_SAME;

	if (same) {
		r = m->ctx[m->place].r;
		r.va = r.a = r.b = 0;
	} else {
		r.kind = *(*p)++;
		r.flags = *(*p)++;
		r.arg = (uint16_t)varint_get(p);
	}
	if (r.kind >= TRACE_KINDS || r.kind == TRACE_RUN || r.kind == TRACE_FETCH ||
	    trace_is_access(&r))
		return "unknown kind of record";
	f = codec_fields(&r);
	guess = codec_guess(m, &r, same);
	if (f.va)
		r.va = guess.va + (unzigzag(varint_get(p)) << f.va_shift);
	codec_guess_pa(m, &r, &guess);
	if (f.a)
		r.a = guess.a + (unzigzag(varint_get(p)) << f.a_shift);
	if (f.b)
		r.b = guess.b + unzigzag(varint_get(p));
	codec_learn(m, &r);
	*out = r;
	c->insns = c->idx = 0;
	if (trace_has_payload(r.kind)) {
		const char *why = decode_payload(c, out);

		if (why)
			return why;
	}
	return trace_check_alone(out, trace_payload_bytes(out));
}

/* One template use. Sets *n to the number of records at out. */
static inline const char *decode_template(struct codec_dec *c, unsigned ctl,
					  struct trace_rec *out, size_t *n)
{
	struct codec_tmpl *prev = &c->tmpl[c->cur];
	const struct codec_tmpl *t;
	const char *why;
	uint32_t id;

	if (ctl == CTL_NEW) {
		if ((why = decode_new(c, out, &id)))
			return why;
		t = &c->tmpl[id];
	} else {
		id = ctl == CTL_ID ? varint_get(&c->s[CODEC_TMPL].p) : prev->next[ctl];
		if (!id || id >= c->ntmpl)
			return "template that was not defined";
		if (ctl != CTL_NEXT0) {
			prev->next[1] = prev->next[0];
			prev->next[0] = id;
		}
		t = &c->tmpl[id];
		decode_again(c, t, id, out);
	}
	c->cur = id;
	c->m.place = codec_place(id);
	*n = t->has_head + (size_t)t->nacc;
	if (__builtin_expect(!t->has_head, 0)) {
		if ((why = check_headless(c, t)))
			return why;
	} else {
		c->insns = t->head.kind == TRACE_RUN ? t->head.arg : 0;
		c->m.head_va = t->head.va;
		c->m.head_end = t->end;
	}
	c->idx = t->idx;
	c->instructions -= t->insns;
	c->references -= t->refs;
	return NULL;
}

static const char *check_spans(const struct codec_dec *c)
{
	for (unsigned i = 0; i < CODEC_STREAMS; i++) {
		if (c->s[i].p > c->s[i].end)
			return "stream ends too early";
		if (!c->left && c->s[i].p != c->s[i].end)
			return "stream goes on behind the last record";
	}
	if (!c->left && (c->instructions || c->references))
		return "totals of the frame are wrong";
	if (!c->left && (c->ntmpl != c->max_tmpl || c->naccs != c->max_accs))
		return "fewer templates than announced";
	return NULL;
}

const char *codec_dec_next(struct codec_dec *c, struct trace_rec *rec, size_t cap, size_t *np)
{
	const char *why = NULL;
	size_t n = 0, step;

	*np = 0;
	while (n < c->left && n + CODEC_STEP_RECORDS <= cap && !why) {
		unsigned ctl = *c->s[CODEC_CTL].p++;

		if (__builtin_expect(ctl <= CTL_NEW, 1)) {
			why = decode_template(c, ctl, rec + n, &step);
		} else if (ctl <= CTL_OTHER) {
			why = decode_other(c, ctl, rec + n);
			step = 1;
		} else {
			why = "unknown control byte";
		}
		if (!why)
			n += step;
	}
	if (!why && n > c->left)
		why = "more records than announced";
	if (!why) {
		c->left -= (uint32_t)n;
		why = check_spans(c);
	}
	if (why) {
		c->left = 0;
		return why;
	}
	*np = n;
	return NULL;
}
