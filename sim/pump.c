/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/pump.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Splits what the reader gives into batches of the size asked for. */
struct source {
	struct pump *p;
	struct trace_batch in;
	size_t at;
};

/* Next batch into s; an empty one at the end. keep: room for its records, which else are good
 * only until the next call. */
static enum err next_events(struct source *src, struct event_store *s, struct trace_rec *keep,
			    struct diag *d)
{
	struct trace_batch part;
	enum err e;

	if (src->at == src->in.n) {
		e = trace_reader_next(src->p->reader, &src->in, d);
		if (e)
			return e;
		src->at = 0;
		progress_step(src->p->bar, src->in.first + src->in.n);
	}
	part = src->in;
	part.rec += src->at;
	part.first += src->at;
	part.n = src->in.n - src->at < src->p->batch ? src->in.n - src->at : src->p->batch;
	src->at += part.n;
	if (keep && part.n) {
		memcpy(keep, part.rec, part.n * sizeof(*keep));
		part.rec = keep;
	}
	return tracker_fill(src->p->tracker, &part, s, d);
}

static enum err run_alone(struct pump *p, struct diag *d)
{
	struct source src = { .p = p };
	struct event_store s = { 0 };
	enum err e;

	while (!(e = next_events(&src, &s, NULL, d)) && s.batch.n)
		for (size_t i = 0; i < p->nlanes; i++)
			lane_batch(p->lane[i], &s.batch);
	event_store_free(&s);
	return e;
}

/* Batches in flight. produced and consumed only grow; slot n % PUMP_SLOTS holds batch n. */
struct ring {
	struct pump *p;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct event_store slot[PUMP_SLOTS];
	struct trace_rec rec[PUMP_SLOTS][TRACKER_MAX_BATCH];
	uint64_t produced, consumed[PUMP_MAX_JOBS];
	unsigned workers;
	bool ended;                     /* nothing comes behind `produced` */
	bool abandoned;                 /* the workers are not all there: stop */
};

struct worker { struct ring *r; unsigned index; pthread_t thread; };

static uint64_t slowest(const struct ring *r)
{
	uint64_t least = r->consumed[0];

	for (unsigned i = 1; i < r->workers; i++)
		least = r->consumed[i] < least ? r->consumed[i] : least;
	return least;
}

static void *work(void *ctx)
{
	struct worker *w = ctx;
	struct ring *r = w->r;

	for (uint64_t n = 0;; n++) {
		bool more;

		pthread_mutex_lock(&r->lock);
		while (r->produced == n && !r->ended)
			pthread_cond_wait(&r->moved, &r->lock);
		more = r->produced > n && !r->abandoned;
		pthread_mutex_unlock(&r->lock);
		if (!more)
			return NULL;
		for (size_t i = w->index; i < r->p->nlanes; i += r->workers)
			lane_batch(r->p->lane[i], &r->slot[n % PUMP_SLOTS].batch);
		pthread_mutex_lock(&r->lock);
		r->consumed[w->index] = n + 1;
		pthread_cond_broadcast(&r->moved);
		pthread_mutex_unlock(&r->lock);
	}
}

static enum err produce(struct ring *r, struct diag *d)
{
	struct source src = { .p = r->p };
	enum err e;

	for (uint64_t n = 0;; n++) {
		struct event_store *s = &r->slot[n % PUMP_SLOTS];

		pthread_mutex_lock(&r->lock);
		while (n - slowest(r) >= PUMP_SLOTS)
			pthread_cond_wait(&r->moved, &r->lock);
		pthread_mutex_unlock(&r->lock);
		e = next_events(&src, s, r->rec[n % PUMP_SLOTS], d);
		if (e || !s->batch.n)
			return e;
		pthread_mutex_lock(&r->lock);
		r->produced = n + 1;
		pthread_cond_broadcast(&r->moved);
		pthread_mutex_unlock(&r->lock);
	}
}

static void end_of_work(struct ring *r, bool abandoned)
{
	pthread_mutex_lock(&r->lock);
	r->ended = true;
	r->abandoned = abandoned;
	pthread_cond_broadcast(&r->moved);
	pthread_mutex_unlock(&r->lock);
}

static enum err run_threads(struct pump *p, unsigned workers, struct diag *d)
{
	struct ring *r = calloc(1, sizeof(*r));
	struct worker w[PUMP_MAX_JOBS];
	unsigned started = 0;
	enum err e = ERR_OK;

	if (!r)
		return diag_set(d, ERR_NOMEM, "out of memory");
	r->p = p;
	r->workers = workers;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->moved, NULL);
	for (; started < workers && !e; started++) {
		w[started] = (struct worker){ .r = r, .index = started };
		if (pthread_create(&w[started].thread, NULL, work, &w[started])) {
			e = diag_set(d, ERR_NOMEM, "cannot start a thread");
			break;
		}
	}
	if (!e)
		e = produce(r, d);
	end_of_work(r, e != ERR_OK);
	for (unsigned i = 0; i < started; i++)
		pthread_join(w[i].thread, NULL);
	for (unsigned i = 0; i < PUMP_SLOTS; i++)
		event_store_free(&r->slot[i]);
	pthread_cond_destroy(&r->moved);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return e;
}

enum err pump_run(struct pump *p, struct diag *d)
{
	unsigned workers = p->jobs < p->nlanes ? p->jobs : (unsigned)p->nlanes;

	/* one lane and two jobs: decoding still goes beside it */
	return p->jobs > 1 && workers ? run_threads(p, workers, d) : run_alone(p, d);
}
