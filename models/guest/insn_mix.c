/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/insn_mix.h"

#include <stdlib.h>
#include <string.h>

#include "models/guest/guest.h"
#include "traces/record.h"

/*
 * Counts are kept once each, in chunks that never move: lanes read them while the tracker is
 * ahead. Two memories find those of a run: by MVA, good as long as no translation and no known
 * word changes; by PA, good as long as the page's words stay.
 */
enum {
	CHUNK = 1024, CHUNKS = 1024, MAX_COUNTS = CHUNK * CHUNKS,
	BY_MVA = 1 << 12, BY_PA = 1 << 14,
};

struct known_run { uint32_t own, jump; };       /* numbers of counts */
struct by_mva { uint64_t epoch; uint32_t mva, shape; struct known_run run; };
struct by_pa { uint32_t pa, shape, version; struct known_run run; };

struct insn_mix {
	struct code_book book;
	struct mix_counts *chunk[CHUNKS];
	uint32_t ncounts, *index;       /* index: numbers by content, open addressing; 0 is free */
	size_t index_size;
	struct mix_sums sums;
	uint32_t batch[2][MIX_PLACES];  /* of the batch at hand */
	uint32_t jump, jump_end;        /* the last run's, and the VA behind it */
	bool jump_user, jump_taken, failed;
	struct by_mva mva[BY_MVA];
	struct by_pa pa[BY_PA];
};

struct code_book *insn_mix_book(struct insn_mix *m) { return &m->book; }
bool insn_mix_failed(const struct insn_mix *m) { return m->failed || m->book.failed; }

static const struct mix_counts *counts(const struct insn_mix *m, uint32_t number)
{
	return &m->chunk[number / CHUNK][number % CHUNK];
}

/* --- counts, each once ----------------------------------------------------------------- */

static size_t place(const struct insn_mix *m, const uint32_t *index, size_t size,
		    const struct mix_counts *c)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	for (unsigned k = 0; k < MIX_PLACES; k++)
		h = (h ^ c->n[k]) * UINT64_C(1099511628211);
	for (i = h & (size - 1); index[i] && memcmp(counts(m, index[i]), c, sizeof(*c));)
		i = (i + 1) & (size - 1);
	return i;
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

/* 0 is the number of the counts that are all zero, and the answer of one that failed. */
static uint32_t number_of(struct insn_mix *m, const struct mix_counts *c)
{
	static const struct mix_counts nothing;
	struct mix_counts **chunk = &m->chunk[m->ncounts / CHUNK % CHUNKS];
	size_t i;

	if (!memcmp(c, &nothing, sizeof(*c)))
		return 0;
	i = place(m, m->index, m->index_size, c);
	if (m->index[i])
		return m->index[i];
	if (m->ncounts == MAX_COUNTS || (!*chunk && !(*chunk = calloc(CHUNK, sizeof(**chunk)))) ||
	    (2 * m->ncounts >= m->index_size && !grow_index(m))) {
		m->failed = true;
		return 0;
	}
	(*chunk)[m->ncounts % CHUNK] = *c;
	m->index[place(m, m->index, m->index_size, c)] = m->ncounts;
	return m->ncounts++;
}

struct insn_mix *insn_mix_create(void)
{
	struct insn_mix *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->chunk[0] = calloc(CHUNK, sizeof(*m->chunk[0]));
	m->ncounts = 1;
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

void insn_mix_begin(const struct insn_mix *m, struct mix_batch *b)
{
	b->before = m->sums;
	b->chunk = m->chunk;
}

void insn_mix_end(struct insn_mix *m, struct mix_batch *b)
{
	for (unsigned u = 0; u < 2; u++)
		for (unsigned k = 0; k < MIX_PLACES; k++)
			m->sums.n[u][k] += m->batch[u][k];
	memset(m->batch, 0, sizeof(m->batch));
	b->after = m->sums;
}

uint64_t insn_mix_unknown(const struct insn_mix *m)
{
	unsigned k = EV_EXEC_UNKNOWN - EV_EXEC_BRANCH;

	return m->sums.n[0][k] + m->sums.n[1][k];
}

/* Which adds c, executed in this mode. */
static uint32_t add(struct insn_mix *m, uint32_t number, bool user)
{
	const struct mix_counts *c = counts(m, number);
	uint32_t *sum = m->batch[user];

	if (!number)
		return 0;
	for (unsigned k = 0; k < MIX_PLACES; k++)
		sum[k] += c->n[k];
	return number << 1 | user;
}

static void add_to(struct mix_sums *s, const struct mix_batch *m, uint32_t tag)
{
	const struct mix_counts *c = &m->chunk[(tag >> 1) / CHUNK][(tag >> 1) % CHUNK];

	for (unsigned k = 0; k < MIX_PLACES; k++)
		s->n[tag & 1][k] += c->n[k];
}

/* --- runs ------------------------------------------------------------------------------ */

static void nothing_known(struct mix_counts *own, unsigned n)
{
	memset(own, 0, sizeof(*own));
	own->n[EV_EXEC_UNKNOWN - EV_EXEC_BRANCH] = (uint16_t)n;
}

/* By PA, through the guest's tables as they are. */
static struct known_run look_up(struct insn_mix *m, const struct guest *g, gva_t mva, unsigned n,
				unsigned flags)
{
	const struct code_page *page = NULL;
	struct mix_counts own, jump = { { 0 } };
	struct known_run run;
	struct by_pa *e;
	struct walk w;
	uint32_t pa, shape = n << 2 | flags;

	guest_walk(g, mva, &w);
	pa = walk_pa(&w, mva);
	if (w.fs == FS_NONE)
		page = code_book_find(&m->book, pa);
	if (!page) {
		nothing_known(&own, n - !!(flags & RUN_NO_RETIRE));
		return (struct known_run){ number_of(m, &own), 0 };
	}
	e = &m->pa[(pa >> 1 ^ pa >> 13 ^ n * 37) & (BY_PA - 1)];
	if (e->pa == pa && e->shape == shape && e->version == page->version)
		return e->run;
	insn_mix_count(page, pa, n, flags, &own, &jump);
	run.own = number_of(m, &own);
	run.jump = number_of(m, &jump);
	*e = (struct by_pa){ pa, shape, page->version, run };
	return run;
}

/* Words that come to be known change nothing for runs of which all words were known, and runs
 * of which some were not are not remembered. */
static bool is_lasting(const struct insn_mix *m, struct known_run r)
{
	return !counts(m, r.own)->n[EV_EXEC_UNKNOWN - EV_EXEC_BRANCH];
}

struct mix_tag insn_mix_run(struct insn_mix *m, const struct guest *g, const struct trace_rec *r)
{
	gva_t mva = fcse_mva(r->va, g->fcse);
	uint64_t epoch = g->generation + m->book.changes;       /* both only grow */
	struct by_mva *e = &m->mva[(mva.raw >> 2 ^ mva.raw >> 12 ^ r->arg << 5) & (BY_MVA - 1)];
	uint32_t shape = (uint32_t)r->arg << 2 | r->flags;
	struct known_run run = e->run;
	bool user = guest_is_user(g);
	struct mix_tag tag = { 0, 0 };

	if (m->jump && (m->jump_taken || r->va != m->jump_end))
		tag.jumped = add(m, m->jump, m->jump_user);
	if (e->mva != mva.raw || e->shape != shape || e->epoch != epoch) {
		run = look_up(m, g, mva, r->arg, r->flags);
		if (is_lasting(m, run))
			*e = (struct by_mva){ epoch, mva.raw, shape, run };
	}
	tag.own = add(m, run.own, user);
	m->jump = run.jump;
	m->jump_end = r->va + r->a;
	m->jump_user = user;
	m->jump_taken = false;
	return tag;
}

struct mix_tag insn_mix_fetch(struct insn_mix *m, const struct guest *g)
{
	struct mix_counts own;

	nothing_known(&own, 1);
	m->jump = 0;
	return (struct mix_tag){ add(m, number_of(m, &own), guest_is_user(g)), 0 };
}

void insn_mix_exception(struct insn_mix *m, unsigned vector, uint32_t lr)
{
	enum { PREFETCH_ABORT = 3, IRQ = 6, FIQ = 7 };

	/* of the others the last instruction is one that does not jump, or did not retire */
	if (vector != PREFETCH_ABORT && vector != IRQ && vector != FIQ)
		m->jump = 0;
	if (!m->jump || m->jump_taken)
		return;
	if (lr - 4 == m->jump_end)      /* LR is 4 behind where it would have gone on: DDI 0100I A2.6 */
		m->jump = 0;
	m->jump_taken = true;
}

void mix_sums_at(const struct event_batch *b, size_t i, struct mix_sums *out)
{
	const struct mix_batch *m = b->mix;

	*out = m->before;
	for (size_t j = 0; j <= i; j++) {
		bool tagged = b->hot[j].cls == HOT_RUN || b->hot[j].cls == HOT_RUN_ODD ||
			      b->rec[j].kind == TRACE_FETCH;

		if (tagged && m->tag[j].jumped)
			add_to(out, m, m->tag[j].jumped);
		if (tagged && m->tag[j].own && j < i)
			add_to(out, m, m->tag[j].own);
	}
}
