/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/insn_mix.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/guest/guest.h"
#include "traces/record.h"

/*
 * Counts are kept once each, in chunks that never move: lanes read them while the tracker is
 * ahead. Memories find those of a run: by VA, good as long as no translation and no known word
 * changes; by PA, good as long as the page's words stay; and by PA with what references showed of
 * its conditional instructions.
 */
enum {
	CHUNK = 1024, CHUNKS = 1 << 14, MAX_COUNTS = CHUNK * CHUNKS,
	BY_VA_LOG2 = 13, BY_VA = 1 << BY_VA_LOG2, BY_PA_LOG2 = 14, BY_PA = 1 << BY_PA_LOG2, BY_PASSED = 1 << 12, PAGES = 1 << 8,
	SPILL = 0x8000,                 /* of 16-bit sums; no count of a run reaches it */
};

/* Numbers of counts. own: it goes on behind itself; both: it jumps. */
struct known_run { uint32_t own, both; };
struct code_at { const struct code_page *page; uint32_t pa, shape; };
/* at: where its code is if references have to say more; else page is NULL. */
struct by_va { uint64_t key, epoch; uint32_t ttbr; struct known_run run; struct code_at at; };
struct by_pa { uint32_t pa, shape, version; struct known_run run; bool asks; };
struct by_passed { uint32_t pa, shape, version; struct mix_passed passed; struct known_run run; };
struct page_at { uint64_t epoch; uint32_t mva, ttbr, pa; const struct code_page *page; };

/* 16-bit sums, so that one addition is eight. */
struct adder { uint16_t lately[2][MIX_PLACES]; struct mix_sums sums; };

struct insn_mix {
	struct code_book book;
	struct mix_counts *chunk[CHUNKS];
	uint32_t ncounts, *index;       /* index: numbers by content, open addressing; 0 is free */
	size_t index_size;
	struct adder all;
	uint64_t walks;                 /* changes after which a walk may come out differently */
	bool failed;
	struct {                        /* the run at hand */
		struct known_run run;
		bool user;
		uint32_t end;           /* VA behind it */
		struct code_at at;      /* as in by_va */
		const struct trace_rec *next;
		struct mix_passed passed;
	} open;
	struct by_va unlasting;         /* found, but not to be remembered */
	struct page_at page[PAGES];
	struct by_va va[BY_VA];
	struct by_pa pa[BY_PA];
	struct by_passed with[BY_PASSED];
};

bool insn_mix_failed(const struct insn_mix *m) { return m->failed || m->book.failed; }

static const struct mix_counts *counts(const struct insn_mix *m, uint32_t number)
{
	return &m->chunk[number / CHUNK][number % CHUNK];
}

/* --- counts, each once ----------------------------------------------------------------- */

static size_t place(const struct insn_mix *m, const uint32_t *index, size_t size,
		    const struct mix_counts *c)
{
	uint64_t word[sizeof(*c) / 8], h = 0;
	size_t i;

	memcpy(word, c, sizeof(word));
	for (unsigned k = 0; k < sizeof(word) / sizeof(word[0]); k++)
		h = (h ^ word[k] ^ h >> 29) * UINT64_C(0x9e3779b97f4a7c15);
	for (i = h >> 32 & (size - 1); index[i] && memcmp(counts(m, index[i]), c, sizeof(*c));)
		i = (i + 1) & (size - 1);
	return i;
}

static bool are_zero(const struct mix_counts *c)
{
	uint64_t word[sizeof(*c) / 8], any = 0;

	memcpy(word, c, sizeof(word));
	for (unsigned k = 0; k < sizeof(word) / sizeof(word[0]); k++)
		any |= word[k];
	return !any;
}

static bool grow_index(struct insn_mix *m)
{
	size_t size = m->index_size ? 2 * m->index_size : 4096;
	uint32_t *index = calloc(size, sizeof(*index));

	if (!index)
		return false;
	for (uint32_t n = 1; n < m->ncounts; n++)
		index[place(m, index, size, counts(m, n))] = n;
	free(m->index);
	m->index = index;
	m->index_size = size;
	return true;
}

/* 0 is the number of the counts that are all zero, and the answer of one that failed. No count
 * is above the limit. */
static uint32_t number_of(struct insn_mix *m, struct mix_counts *c, unsigned limit)
{
	struct mix_counts **chunk = &m->chunk[m->ncounts / CHUNK % CHUNKS];
	size_t i;

	if (are_zero(c))
		return 0;
	assert(limit < SPILL);
	c->n[MIX_LIMIT] = (uint16_t)limit;
	i = place(m, m->index, m->index_size, c);
	if (m->index[i])
		return m->index[i];
	if (m->ncounts == MAX_COUNTS || (!*chunk && !(*chunk = calloc(CHUNK, sizeof(**chunk))))) {
		m->failed = true;
		return 0;
	}
	(*chunk)[m->ncounts % CHUNK] = *c;
	m->index[i] = m->ncounts++;
	if (2 * m->ncounts >= m->index_size && !grow_index(m))
		m->failed = true;
	return m->ncounts - 1;
}

struct insn_mix *insn_mix_create(void)
{
	struct insn_mix *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->chunk[0] = calloc(CHUNK, sizeof(*m->chunk[0]));
	m->ncounts = 1;
	m->walks = 1;
	if (m->chunk[0] && grow_index(m))
		return m;
	insn_mix_destroy(m);
	return NULL;
}

void insn_mix_destroy(struct insn_mix *m)
{
	if (!m)
		return;
	code_book_free(&m->book);
	for (unsigned i = 0; i < CHUNKS; i++)
		free(m->chunk[i]);
	free(m->index);
	free(m);
}

/* --- sums ------------------------------------------------------------------------------ */

static void spill(struct adder *a)
{
	for (unsigned u = 0; u < 2; u++)
		for (unsigned k = 0; k < MIX_EVENTS; k++)
			a->sums.n[u][k] += a->lately[u][k];
	memset(a->lately, 0, sizeof(a->lately));
}

static void add_counts(uint16_t *restrict sum, const uint16_t *restrict n)
{
	for (unsigned k = 0; k < MIX_PLACES; k++)
		sum[k] = (uint16_t)(sum[k] + n[k]);
}

static void add(struct adder *a, const struct mix_counts *c, bool user)
{
	add_counts(a->lately[user], c->n);
	if (a->lately[user][MIX_LIMIT] >= SPILL)
		spill(a);
}

static const struct mix_counts *tagged(struct mix_counts *const *chunk, mix_tag tag)
{
	return &chunk[(tag >> 1) / CHUNK][(tag >> 1) % CHUNK];
}

uint64_t insn_mix_unknown(const struct insn_mix *m)
{
	unsigned k = EV_EXEC_UNKNOWN - EV_EXEC_BRANCH;
	uint64_t n = m->open.run.own ? counts(m, m->open.run.own)->n[k] : 0;

	for (unsigned u = 0; u < 2; u++)
		n += m->all.sums.n[u][k] + m->all.lately[u][k];
	return n;
}

void mix_sums_at(const struct event_batch *b, size_t i, struct mix_sums *out)
{
	const struct mix_batch *m = b->mix;
	struct adder a = { .sums = m->before };

	for (size_t j = 0; j <= i; j++)
		if ((b->rec[j].kind == TRACE_RUN || b->rec[j].kind == TRACE_FETCH) && m->tag[j])
			add(&a, tagged(m->chunk, m->tag[j]), m->tag[j] & 1);
	spill(&a);
	*out = a.sums;
}

/* --- runs ------------------------------------------------------------------------------ */

/* n: instructions, each of which adds at most 16 to a count. In steps: counts are kept once. */
static struct known_run of_counts(struct insn_mix *m, struct mix_run *r, unsigned n)
{
	unsigned limit = n <= 16 ? 256 : n <= 128 ? 2048 : 16 * n;
	struct known_run run = { .own = number_of(m, &r->own, limit) };

	run.both = run.own;
	if (r->jumps) {
		r->own.n[MIX_LIMIT] = 0;
		add_counts(r->own.n, r->jump.n);
		run.both = number_of(m, &r->own, limit);
	}
	return run;
}

static struct known_run nothing_known(struct insn_mix *m, unsigned n)
{
	struct mix_counts c = { { 0 } };
	uint32_t number;

	c.n[EV_EXEC_UNKNOWN - EV_EXEC_BRANCH] = (uint16_t)n;
	number = number_of(m, &c, n);
	return (struct known_run){ number, number };
}

/* The code page behind mva, through the guest's tables as they are. Not finding one is not
 * remembered. */
static const struct page_at *page_at(struct insn_mix *m, const struct guest *g, gva_t mva)
{
	struct page_at *p = &m->page[(mva.raw >> CODE_PAGE_LOG2 ^ g->ttbr0 >> 14) & (PAGES - 1)];
	uint32_t number = mva.raw >> CODE_PAGE_LOG2;
	struct walk w;

	if (p->epoch == m->walks && p->mva == number && p->ttbr == g->ttbr0 && p->page)
		return p;
	guest_walk(g, mva, &w);
	*p = (struct page_at){ m->walks, number, g->ttbr0, walk_pa(&w, gva(number << CODE_PAGE_LOG2)),
			       NULL };
	if (w.fs == FS_NONE)
		p->page = code_book_find(&m->book, p->pa);
	return p;
}

/* The record, with its length (mod 256) where its kind was. */
static uint64_t run_key(const struct trace_rec *r)
{
	return (uint64_t)r->va << 32 | (uint32_t)r->arg << 16 | (uint32_t)r->flags << 8 | (r->a & 0xff);
}

/* shape: what of a run but its place its counts depend on. */
static unsigned shape_insns(uint32_t shape) { return shape >> 3; }
static uint32_t shape_of(const struct trace_rec *r)
{
	return (uint32_t)r->arg << 3 | r->flags;
}

/* Takes at->page away unless references have to say more. */
static struct known_run by_pa(struct insn_mix *m, struct code_at *at)
{
	unsigned n = shape_insns(at->shape);
	struct by_pa *e = &m->pa[(at->pa ^ (uint64_t)at->shape << 32) *
				 UINT64_C(0x9e3779b97f4a7c15) >> (64 - BY_PA_LOG2)];
	struct mix_run r;

	if (e->pa != at->pa || e->shape != at->shape || e->version != at->page->version) {
		insn_mix_count(at->page, at->pa, n, at->shape & 7, NULL, &r);
		*e = (struct by_pa){ at->pa, at->shape, at->page->version, of_counts(m, &r, n),
				     (r.asks.bit[0] | r.asks.bit[1] | r.asks.bit[2] |
				      r.asks.bit[3]) != 0 };
	}
	if (!e->asks)
		at->page = NULL;
	return e->run;
}

/* Where references show which conditional instructions were executed. */
static struct known_run by_passed(struct insn_mix *m, const struct code_at *at,
				  const struct mix_passed *passed)
{
	uint64_t bits = passed->bit[0] ^ passed->bit[1] ^ passed->bit[2] ^ passed->bit[3];
	uint64_t h = (at->pa >> 1 ^ (uint64_t)at->shape << 40 ^ bits) * UINT64_C(0x9e3779b97f4a7c15);
	unsigned n = shape_insns(at->shape);
	struct by_passed *e = &m->with[h >> 52 & (BY_PASSED - 1)];
	struct mix_run r;

	if (e->pa == at->pa && e->shape == at->shape && e->version == at->page->version &&
	    !memcmp(&e->passed, passed, sizeof(*passed)))
		return e->run;
	insn_mix_count(at->page, at->pa, n, at->shape & 7, passed, &r);
	*e = (struct by_passed){ at->pa, at->shape, at->page->version, *passed,
				 of_counts(m, &r, n) };
	return e->run;
}

/* References of the open run, up to this record. */
static void see_references(struct insn_mix *m, const struct trace_rec *until)
{
	for (const struct trace_rec *r = m->open.next; r < until; r++)
		if (r->kind == TRACE_LOAD || r->kind == TRACE_STORE)
			m->open.passed.bit[r->arg / 64 & 3] |= UINT64_C(1) << r->arg % 64;
	m->open.next = until;
}

/* The open run has all its references. */
static void settle(struct insn_mix *m, const struct trace_rec *now)
{
	if (!m->open.at.page)
		return;
	see_references(m, now);
	m->open.run = by_passed(m, &m->open.at, &m->open.passed);
	m->open.at.page = NULL;
}

static inline mix_tag close_run(struct insn_mix *m, const struct trace_rec *now)
{
	uint32_t number;

	settle(m, now);
	number = now->va == m->open.end ? m->open.run.own : m->open.run.both;
	if (!number)
		return 0;
	add(&m->all, counts(m, number), m->open.user);
	return number << 1 | m->open.user;
}

/*
 * Finds out. Words that come to be known change nothing for runs of which all words were known,
 * and runs of which some were not are not remembered.
 */
static __attribute__((noinline)) const struct by_va *
find(struct insn_mix *m, const struct guest *g, const struct trace_rec *r, struct by_va *e)
{
	gva_t mva = fcse_mva(r->va, g->fcse);
	const struct page_at *p = page_at(m, g, mva);
	struct code_at at = { p->page, p->pa | (mva.raw & 0x3ff), shape_of(r) };
	struct known_run run = p->page ? by_pa(m, &at)
				       : nothing_known(m, r->arg - !!(r->flags & RUN_NO_RETIRE));
	bool lasting = !run.own || !counts(m, run.own)->n[EV_EXEC_UNKNOWN - EV_EXEC_BRANCH];

	if (!lasting)
		e = &m->unlasting;
	*e = (struct by_va){ run_key(r), m->walks + m->book.changes, g->ttbr0, run, at };
	return e;
}

mix_tag insn_mix_run(struct insn_mix *m, const struct guest *g, const struct trace_rec *r)
{
	uint64_t key = run_key(r);
	struct by_va *at = &m->va[(key ^ g->ttbr0) * UINT64_C(0x9e3779b97f4a7c15) >>
				  (64 - BY_VA_LOG2)];
	const struct by_va *e = at;
	mix_tag tag = close_run(m, r);

	/* walks and changes only grow */
	if (e->key != key || e->epoch != m->walks + m->book.changes || e->ttbr != g->ttbr0)
		e = find(m, g, r, at);
	m->open.run = e->run;
	m->open.user = guest_is_user(g);
	m->open.end = r->va + r->a;
	if (e->at.page) {
		m->open.at = e->at;
		m->open.next = r + 1;
		m->open.passed = (struct mix_passed){ { 0 } };
	}
	return tag;
}

mix_tag insn_mix_fetch(struct insn_mix *m, const struct guest *g, const struct trace_rec *r)
{
	mix_tag tag = close_run(m, r);

	m->open.run = nothing_known(m, 1);
	m->open.user = guest_is_user(g);
	return tag;
}

void insn_mix_table_write(struct insn_mix *m, uint32_t old, uint32_t new)
{
	/* Where a walk ended in a fault nothing is remembered. Bits that may be rights: [11:2] of
	 * sections and small pages, [9:2] of all else. */
	uint32_t address = (old & 3) == 2 ? 0xfffff003 : 0xfffffc03;

	if (old & 3 && (old ^ new) & address)
		m->walks++;
}

void insn_mix_setting(struct insn_mix *m) { m->walks++; }

void insn_mix_code(struct insn_mix *m, const struct trace_rec *r, const uint8_t *bytes)
{
	settle(m, r);           /* by the words as they were */
	code_book_add(&m->book, r->a, bytes, r->arg);
}

void insn_mix_exception(struct insn_mix *m, const struct trace_rec *r)
{
	enum { PREFETCH_ABORT = 3, IRQ = 6, FIQ = 7 };
	struct known_run *run = &m->open.run;
	bool tells = r->arg == PREFETCH_ABORT || r->arg == IRQ || r->arg == FIQ;

	/* Of the others the last instruction is one that does not jump, or did not retire. LR is 4
	 * behind where it would have gone on: DDI 0100I A2.6. */
	settle(m, r);
	if (!tells || r->b - 4 == m->open.end)
		run->both = run->own;
	else
		run->own = run->both;
}

void insn_mix_begin(struct insn_mix *m, const struct trace_rec *first, struct mix_batch *b)
{
	b->before = m->all.sums;
	b->chunk = m->chunk;
	m->open.next = first;
}

void insn_mix_end(struct insn_mix *m, const struct trace_rec *end, struct mix_batch *b)
{
	uint32_t own = m->open.run.own;

	if (m->open.at.page) {
		see_references(m, end);
		own = by_passed(m, &m->open.at, &m->open.passed).own;
	}
	spill(&m->all);
	b->after = m->all.sums;
	for (unsigned k = 0; own && k < MIX_EVENTS; k++)
		b->after.n[m->open.user][k] += counts(m, own)->n[k];
}
