/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/codec.h"

#include <stdbool.h>
#include <stdlib.h>

struct stream { uint8_t *p; size_t n, cap; };

struct pending_acc { uint8_t kind, flags; uint16_t idx; uint32_t va, pa, value; };

struct codec_enc {
	struct stream s[CODEC_STREAMS];
	struct stream out;
	struct codec_model m;
	uint32_t records, instructions, references;

	struct trace_rec head;                  /* template instance being collected */
	struct pending_acc acc[CODEC_MAX_ACCESSES];
	uint32_t nacc;
	bool is_open, has_head;

	struct codec_tmpl *tmpl;                /* [0] is the root: where a frame starts */
	uint32_t *hash;                         /* of tmpl[i] */
	uint32_t ntmpl, tmpl_cap;
	struct codec_acc *accs;
	uint32_t naccs, accs_cap;
	uint32_t *slot;                         /* open addressing: hash -> number, 0 empty */
	uint32_t slots;                         /* power of two, at least 2 * tmpl_cap */
	uint32_t cur;                           /* last template used */
};

static void encoder_reset(struct codec_enc *e)
{
	for (unsigned i = 0; i < CODEC_STREAMS; i++)
		e->s[i].n = 0;
	memset(&e->m, 0, sizeof(e->m));
	memset(e->slot, 0, e->slots * sizeof(*e->slot));
	memset(&e->tmpl[0], 0, sizeof(e->tmpl[0]));
	e->ntmpl = 1;
	e->naccs = e->cur = 0;
	e->records = e->instructions = e->references = 0;
}

enum err codec_enc_create(struct codec_enc **out, struct diag *d)
{
	struct codec_enc *e = calloc(1, sizeof(*e));

	*out = NULL;
	if (!e)
		return diag_set(d, ERR_NOMEM, "out of memory");
	e->tmpl_cap = 1024;
	e->slots = 2048;
	e->accs_cap = 4096;
	e->tmpl = malloc(e->tmpl_cap * sizeof(*e->tmpl));
	e->hash = malloc(e->tmpl_cap * sizeof(*e->hash));
	e->accs = malloc(e->accs_cap * sizeof(*e->accs));
	e->slot = malloc(e->slots * sizeof(*e->slot));
	if (!e->tmpl || !e->hash || !e->accs || !e->slot) {
		codec_enc_destroy(e);
		return diag_set(d, ERR_NOMEM, "out of memory");
	}
	encoder_reset(e);
	*out = e;
	return ERR_OK;
}

void codec_enc_destroy(struct codec_enc *e)
{
	if (!e)
		return;
	for (unsigned i = 0; i < CODEC_STREAMS; i++)
		free(e->s[i].p);
	free(e->out.p);
	free(e->tmpl);
	free(e->hash);
	free(e->accs);
	free(e->slot);
	free(e);
}

static bool stream_reserve(struct stream *s, size_t more)
{
	size_t cap = s->cap ? s->cap : 4096;
	uint8_t *p;

	if (s->cap - s->n >= more)
		return true;
	while (cap - s->n < more)
		cap *= 2;
	if (!(p = realloc(s->p, cap)))
		return false;
	s->p = p;
	s->cap = cap;
	return true;
}

static void put_byte(struct codec_enc *e, enum codec_stream k, unsigned v)
{
	e->s[k].p[e->s[k].n++] = (uint8_t)v;
}

static void put_varint(struct codec_enc *e, enum codec_stream k, uint64_t v)
{
	struct stream *s = &e->s[k];

	s->n = (size_t)(varint_put(s->p + s->n, v) - s->p);
}

static void put_signed(struct codec_enc *e, enum codec_stream k, uint32_t d)
{
	put_varint(e, k, zigzag(d));
}

/* Makes room for whatever one template instance or other record can add. */
static bool encoder_reserve(struct codec_enc *e, size_t payload_bytes)
{
	for (unsigned i = CODEC_CTL; i < CODEC_STREAMS; i++)
		if (!stream_reserve(&e->s[i], CODEC_STEP_BYTES))
			return false;
	return stream_reserve(&e->s[CODEC_BYTES], payload_bytes + 8);
}

static bool encoder_grow_accs(struct codec_enc *e)
{
	struct codec_acc *a;

	if (e->accs_cap - e->naccs >= CODEC_MAX_ACCESSES)
		return true;
	if (!(a = realloc(e->accs, 2 * e->accs_cap * sizeof(*a))))
		return false;
	e->accs = a;
	e->accs_cap *= 2;
	return true;
}

static void slot_insert(struct codec_enc *e, uint32_t id)
{
	uint32_t i = e->hash[id] & (e->slots - 1);

	while (e->slot[i])
		i = (i + 1) & (e->slots - 1);
	e->slot[i] = id;
}

static bool encoder_grow_tmpl(struct codec_enc *e)
{
	uint32_t cap = 2 * e->tmpl_cap, *hash, *slot;
	struct codec_tmpl *t;

	if (e->ntmpl < e->tmpl_cap)
		return true;
	if (!(t = realloc(e->tmpl, cap * sizeof(*t))))
		return false;
	e->tmpl = t;
	if (!(hash = realloc(e->hash, cap * sizeof(*hash))))
		return false;
	e->hash = hash;
	if (!(slot = calloc(2 * cap, sizeof(*slot))))
		return false;
	free(e->slot);
	e->slot = slot;
	e->slots = 2 * cap;
	e->tmpl_cap = cap;
	for (uint32_t id = 1; id < e->ntmpl; id++)
		slot_insert(e, id);
	return true;
}

static uint32_t hash_add(uint32_t h, uint32_t v)
{
	h = (h ^ v) * 0x9e3779b1u;
	return h ^ h >> 15;
}

static uint32_t pending_hash(const struct codec_enc *e)
{
	uint32_t h = e->nacc;

	if (e->has_head) {
		h = hash_add(h, e->head.va);
		h = hash_add(h, (uint32_t)e->head.arg << 16 | e->head.flags << 8 | e->head.kind);
		h = hash_add(h, e->head.a);
	}
	for (uint32_t i = 0; i < e->nacc; i++)
		h = hash_add(h, (uint32_t)e->acc[i].idx << 16 | e->acc[i].flags << 8 |
			     e->acc[i].kind);
	return h;
}

static bool pending_is(const struct codec_enc *e, uint32_t id)
{
	const struct codec_tmpl *t = &e->tmpl[id];
	const struct codec_acc *c = &e->accs[t->first];

	if (!id || t->nacc != e->nacc || t->has_head != e->has_head)
		return false;
	if (e->has_head && memcmp(&t->head, &e->head, sizeof(e->head)))
		return false;
	for (uint32_t i = 0; i < e->nacc; i++)
		if (c[i].kind != e->acc[i].kind || c[i].flags != e->acc[i].flags ||
		    c[i].idx != e->acc[i].idx)
			return false;
	return true;
}

static uint32_t pending_find(const struct codec_enc *e, uint32_t h)
{
	for (uint32_t i = h & (e->slots - 1); e->slot[i]; i = (i + 1) & (e->slots - 1))
		if (e->hash[e->slot[i]] == h && pending_is(e, e->slot[i]))
			return e->slot[i];
	return 0;
}

static void encode_definition(struct codec_enc *e)
{
	const struct trace_rec *h = &e->head;
	unsigned shape = TMPL_HEAD_NONE;

	if (e->has_head) {
		shape = h->kind == TRACE_RUN ? TMPL_HEAD_RUN : TMPL_HEAD_FETCH;
		shape |= h->flags & RUN_THUMB ? TMPL_THUMB : 0;
		shape |= h->flags & RUN_NO_RETIRE ? TMPL_NO_RETIRE : 0;
	}
	put_byte(e, CODEC_TMPL, shape);
	if (e->has_head) {
		put_signed(e, CODEC_TMPL, h->va - e->m.head_end);
		put_varint(e, CODEC_TMPL, h->arg);
		if (shape & TMPL_THUMB)
			put_varint(e, CODEC_TMPL, h->a / 2 - h->arg);
	}
	put_byte(e, CODEC_TMPL, e->nacc);
	for (uint32_t i = 0, idx = 0; i < e->nacc; idx = e->acc[i++].idx) {
		put_byte(e, CODEC_TMPL, e->acc[i].flags |
			 (e->acc[i].kind == TRACE_STORE ? TMPL_STORE : 0));
		put_varint(e, CODEC_TMPL, (uint32_t)e->acc[i].idx - idx);
	}
}

static void encode_pa(struct codec_enc *e, uint32_t id, uint32_t n)
{
	const struct pending_acc *a = &e->acc[n];
	uint32_t *page = &e->m.page[codec_page_slot(a->va)];
	uint32_t *value = &e->m.value[codec_value_slot(id, n)];

	put_signed(e, CODEC_VALUE, a->pa - a->va - *page);
	*page = a->pa - a->va;
	if (a->flags & ACC_VALUED) {
		put_signed(e, CODEC_VALUE, a->value - *value);
		*value = a->value;
	}
}

/* New template from what is pending, with this first use of it. */
static void encode_new(struct codec_enc *e, uint32_t h)
{
	uint32_t id = e->ntmpl++;
	struct codec_tmpl *t = &e->tmpl[id];
	struct codec_acc *c = &e->accs[e->naccs];

	put_byte(e, CODEC_CTL, CTL_NEW);
	encode_definition(e);
	*t = (struct codec_tmpl){ .head = e->head, .first = e->naccs,
		.nacc = (uint16_t)e->nacc, .has_head = e->has_head };
	e->naccs += e->nacc;
	e->hash[id] = h;
	slot_insert(e, id);
	for (uint32_t i = 0; i < e->nacc; i++, c++) {
		const struct pending_acc *a = &e->acc[i];

		*c = (struct codec_acc){ .kind = a->kind, .flags = a->flags, .idx = a->idx,
			.last = a->va };
		c->follows = codec_follows_first(c, i);
		put_signed(e, CODEC_ADDR, a->va - e->m.data_va);
		e->m.data_va = a->va;
		if (a->flags & (ACC_IO | ACC_VALUED))
			encode_pa(e, id, i);
	}
	e->tmpl[e->cur].next[1] = e->tmpl[e->cur].next[0];
	e->tmpl[e->cur].next[0] = id;
	e->cur = id;
}

/* Which template comes now, given the last one. */
static void encode_choice(struct codec_enc *e, uint32_t id)
{
	struct codec_tmpl *prev = &e->tmpl[e->cur];

	e->cur = id;
	if (id == prev->next[0]) {
		put_byte(e, CODEC_CTL, CTL_NEXT0);
		return;
	}
	if (id == prev->next[1]) {
		put_byte(e, CODEC_CTL, CTL_NEXT1);
	} else {
		put_byte(e, CODEC_CTL, CTL_ID);
		put_varint(e, CODEC_TMPL, id);
	}
	prev->next[1] = prev->next[0];
	prev->next[0] = id;
}

static void encode_again(struct codec_enc *e, uint32_t id)
{
	struct codec_acc *c = &e->accs[e->tmpl[id].first];

	encode_choice(e, id);
	for (uint32_t i = 0; i < e->nacc; i++, c++) {
		const struct pending_acc *a = &e->acc[i];
		uint32_t *moved = &e->m.moved[codec_moved_slot(c)], actual = a->va - c->last;

		if (actual == codec_moved(c, *moved)) {
			put_byte(e, CODEC_ADDR, 0);
		} else {
			put_varint(e, CODEC_ADDR, UINT64_C(1) + zigzag(actual));
			codec_choose(c, *moved, actual);
		}
		c->last = a->va;
		c->stride = *moved = actual;
		if (a->flags & (ACC_IO | ACC_VALUED))
			encode_pa(e, id, i);
	}
	if (e->nacc)
		e->m.data_va = e->acc[e->nacc - 1].va;
}

static enum err encode_pending(struct codec_enc *e, struct diag *d)
{
	const struct codec_tmpl *prev = &e->tmpl[e->cur];
	uint32_t id, h = 0;

	if (!e->is_open)
		return ERR_OK;
	if (!encoder_reserve(e, 0) || !encoder_grow_accs(e) || !encoder_grow_tmpl(e))
		return diag_set(d, ERR_NOMEM, "out of memory");
	prev = &e->tmpl[e->cur];
	if (pending_is(e, prev->next[0]))
		id = prev->next[0];
	else if (pending_is(e, prev->next[1]))
		id = prev->next[1];
	else
		id = pending_find(e, h = pending_hash(e));
	if (id)
		encode_again(e, id);
	else
		encode_new(e, h);
	if (e->has_head) {
		e->m.head_va = e->head.va;
		e->m.head_end = e->head.va +
			(e->head.kind == TRACE_RUN ? e->head.a : e->head.arg);
	}
	e->m.place = codec_place(e->cur);
	e->is_open = e->has_head = false;
	e->nacc = 0;
	return ERR_OK;
}

static void encode_payload(struct codec_enc *e, const void *payload, size_t bytes)
{
	struct stream *s = &e->s[CODEC_BYTES];

	memcpy(s->p + s->n, payload, bytes);
	s->n += bytes;
	while (s->n & 7)
		s->p[s->n++] = 0;
}

static enum err encode_other(struct codec_enc *e, const struct trace_rec *in,
			     const void *payload, struct diag *d)
{
	struct codec_model *m = &e->m;
	struct trace_rec r = *in, guess;
	struct codec_fields f = codec_fields(&r);
	int same = !memcmp(&m->ctx[m->place].r, &r, 4);   /* kind, flags, arg */

	if (!encoder_reserve(e, trace_payload_bytes(&r)))
		return diag_set(d, ERR_NOMEM, "out of memory");
	put_byte(e, CODEC_CTL, same ? CTL_SAME : CTL_OTHER);
	if (!same) {
		put_byte(e, CODEC_SYS, r.kind);
		put_byte(e, CODEC_SYS, r.flags);
		put_varint(e, CODEC_SYS, r.arg);
	}
	if (trace_has_payload(r.kind)) {
		r.b = 0;
		encode_payload(e, payload, trace_payload_bytes(&r));
	}
	guess = codec_guess(m, &r, same);
	if (f.va)
		put_signed(e, CODEC_SYS, (uint32_t)((int32_t)(r.va - guess.va) >> f.va_shift));
	codec_guess_pa(m, &r, &guess);
	if (f.a)
		put_signed(e, CODEC_SYS, (uint32_t)((int32_t)(r.a - guess.a) >> f.a_shift));
	if (f.b)
		put_signed(e, CODEC_SYS, r.b - guess.b);
	codec_learn(m, &r);
	return ERR_OK;
}

static void pending_add(struct codec_enc *e, const struct trace_rec *r)
{
	e->acc[e->nacc++] = (struct pending_acc){ r->kind, r->flags, r->arg,
		r->va, r->a, r->b };
	e->is_open = true;
}

enum err codec_enc_put(struct codec_enc *e, const struct trace_rec *r, const void *payload,
		       struct diag *d)
{
	bool is_access = trace_is_access(r);
	enum err err = ERR_OK;

	if (!is_access || e->nacc == CODEC_MAX_ACCESSES)
		err = encode_pending(e, d);
	if (err)
		return err;
	if (is_access) {
		pending_add(e, r);
	} else if (r->kind == TRACE_RUN || r->kind == TRACE_FETCH) {
		e->head = *r;
		e->is_open = e->has_head = true;
	} else {
		err = encode_other(e, r, payload, d);
	}
	e->records++;
	e->instructions += trace_rec_instructions(r);
	e->references += trace_rec_references(r);
	return err;
}

uint32_t codec_enc_records(const struct codec_enc *e) { return e->records; }

size_t codec_enc_bytes(const struct codec_enc *e)
{
	size_t n = CODEC_HEAD_BYTES;

	for (unsigned i = 0; i < CODEC_STREAMS; i++)
		n += e->s[i].n;
	return n;
}

enum err codec_enc_finish(struct codec_enc *e, struct codec_frame *f, struct diag *d)
{
	enum err err = encode_pending(e, d);
	uint8_t *p;

	if (err)
		return err;
	e->out.n = 0;
	if (!stream_reserve(&e->out, codec_enc_bytes(e)))
		return diag_set(d, ERR_NOMEM, "out of memory");
	p = e->out.p;
	le32_put(p, e->records);
	le32_put(p + 4, e->instructions);
	le32_put(p + 8, e->references);
	le32_put(p + 12, e->ntmpl - 1);
	le32_put(p + 16, e->naccs);
	le32_put(p + 20, CODEC_REVISION);
	for (unsigned i = 0; i < CODEC_STREAMS; i++)
		le32_put(p + 24 + 4 * i, (uint32_t)e->s[i].n);
	p += CODEC_HEAD_BYTES;
	for (unsigned i = 0; i < CODEC_STREAMS; i++) {
		if (e->s[i].n)
			memcpy(p, e->s[i].p, e->s[i].n);
		p += e->s[i].n;
	}
	f->p = e->out.p;
	f->bytes = (size_t)(p - e->out.p);
	f->records = e->records;
	f->instructions = e->instructions;
	f->references = e->references;
	encoder_reset(e);
	return ERR_OK;
}
