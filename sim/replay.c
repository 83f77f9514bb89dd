/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/replay.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "sim/host_tlb.h"
#include "sim/legality.h"
#include "sim/pump.h"

static char *config_json(const struct host_config *cfg)
{
	json_t *o = json_object();
	char *text;

	for (unsigned i = 0; o && i < config_key_count; i++) {
		const struct param *k = &config_keys[i];

		if (!config_is_written(cfg, k))
			continue;
		json_object_set_new(o, k->name, k->words
			? json_string(k->words[param_get(k, cfg)])
			: json_integer((json_int_t)param_get(k, cfg)));
	}
	text = json_dumps(o, JSON_SORT_KEYS | JSON_COMPACT);
	json_decref(o);
	return text;
}

/* --- a lane's result ------------------------------------------------------------------ */

struct outcome {
	struct ledger ledger;
	struct named_count count[104];
	struct memory_row memory[LANE_MEMORY_ROWS];
	uint64_t series[LANE_SLICES];
	size_t ncount;
};

#define DIFF(name, member) \
	o->count[o->ncount++] = (struct named_count){ name, end->member - l->start_counts.member }
#define DIFF_TLB(name, member)                          \
	DIFF(name ".dropped", member.dropped);          \
	DIFF(name ".evictions", member.evictions);      \
	DIFF(name ".fills", member.fills);              \
	DIFF(name ".hits", member.hits);                \
	DIFF(name ".lookups", member.lookups);          \
	DIFF(name ".misses", member.misses)
#define DIFF_UTLB(name, member)                         \
	DIFF(name ".flushes", member.flushes);          \
	DIFF(name ".hits", member.hits);                \
	DIFF(name ".misses", member.misses)

static uint64_t read_misses(const struct cache_counts *n) { return n->misses - n->write_misses; }
static uint64_t read_hits(const struct cache_counts *n) { return n->reads - read_misses(n); }
static uint64_t write_hits(const struct cache_counts *n) { return n->writes - n->write_misses; }
static uint64_t writebacks(const struct cache_counts *n) { return n->castout_half + n->castout_full; }

#define DIFF_OF(name, of, member) \
	o->count[o->ncount++] = (struct named_count){ name, of(&end->member) - of(&l->start_counts.member) }
/* Sums of what the other rows of a cache hold, and what they do not tell apart. */
#define DIFF_KINDS(name, member)                                \
	DIFF_OF(name ".read.hits", read_hits, member);          \
	DIFF_OF(name ".read.misses", read_misses, member);      \
	DIFF_OF(name ".write.hits", write_hits, member);        \
	DIFF(name ".write.misses", member.write_misses);        \
	DIFF_OF(name ".writebacks", writebacks, member)
/* State, not a difference: lines that are dirty where the window ends. */
#define DIRTY(name, cache) \
	o->count[o->ncount++] = (struct named_count){ name ".dirty-at-end", cache_dirty_lines(cache) }

static void minid_rows(const struct lane *l, const struct structure_counts *end, struct outcome *o)
{
	DIFF_KINDS("minid", minid);
	DIRTY("minid", l->m->minid);
	DIFF("minid.evictions", minid.evictions);
	DIFF("minid.castouts.full", minid.castout_full);
	DIFF("minid.castouts.half", minid.castout_half);
	DIFF("minid.fills", minid.fills);
	DIFF("minid.hits", minid.hits);
	DIFF("minid.misses", minid.misses);
	DIFF("minid.reads", minid.reads);
	DIFF("minid.writes", minid.writes);
}

static void l2_rows(const struct lane *l, const struct structure_counts *end, struct outcome *o)
{
	DIFF_KINDS("l2", l2);
	DIRTY("l2", l->m->outer.l2);
	DIFF("l2.castouts.full", l2.castout_full);
	DIFF("l2.castouts.half", l2.castout_half);
	DIFF("l2.evictions", l2.evictions);
	DIFF("l2.fills", l2.fills);
	DIFF("l2.hits", l2.hits);
	DIFF("l2.misses", l2.misses);
	DIFF("l2.reads", l2.reads);
	DIFF("l2.writes", l2.writes);
}

/* Of each kind of word: read, and known to a walk cache or the nested TLB. */
static void stage2_rows(const struct lane *l, const struct structure_counts *end, struct outcome *o)
{
	DIFF("ntlb.hits", two_stage.hits[WALK2D_HIT_NTLB]);
	DIFF("ntlb.lookups", two_stage.ntlb_lookups);
	DIFF("walk.guest.cached", two_stage.hits[WALK2D_HIT_GUEST]);
	DIFF("walk.guest.read", two_stage.guest_reads);
	DIFF("walk.nested.cached", two_stage.hits[WALK2D_HIT_STAGE2]);
	DIFF("walk.nested.read", two_stage.stage2_reads);
}

static void structure_rows(const struct lane *l, struct outcome *o)
{
	struct structure_counts now, *end = &now;

	lane_counts(l, end);
	o->count[o->ncount++] = (struct named_count){ "guest.c9-lockdown-writes",
						      l->m->tally.cache_lock_writes };
	if (l->m->cfg.tlb_lock != HOST_TLB_PART)
		o->count[o->ncount++] = (struct named_count){ "guest.c10-lockdown",
							      l->m->tally.tlb_lock_ops };
	DIFF("l1d.castouts.full", l1d.castout_full);
	DIFF("l1d.castouts.half", l1d.castout_half);
	DIFF("l1d.evictions", l1d.evictions);
	DIFF("l1d.fills", l1d.fills);
	DIFF("l1d.hits", l1d.hits);
	DIFF("l1d.misses", l1d.misses);
	DIFF("l1d.reads", l1d.reads);
	DIFF("l1d.writes", l1d.writes);
	DIFF_KINDS("l1d", l1d);
	if (l->m->l1d)
		DIRTY("l1d", l->m->l1d);
	DIFF("l1i.evictions", l1i.evictions);
	DIFF("l1i.fills", l1i.fills);
	DIFF("l1i.hits", l1i.hits);
	DIFF("l1i.misses", l1i.misses);
	DIFF("l1i.reads", l1i.reads);
	if (host_tlb_is_split(l->m)) {
		DIFF_TLB("dtlb", tlb);
		DIFF_TLB("itlb", itlb);
	} else {
		DIFF_TLB("tlb", tlb);
	}
	if (l->m->utlb) {
		DIFF_UTLB("utlb.d", utlb[1]);
		DIFF_UTLB("utlb.i", utlb[0]);
	}
	if (l->m->minid)
		minid_rows(l, end, o);
	if (l->m->outer.l2)
		l2_rows(l, end, o);
	if (l->m->s2)
		stage2_rows(l, end, o);
	DIFF("walk.references", walk_refs);
	DIFF("walk.walks", walks);
	if (!l->m->plain_walks) {
		DIFF("walk.past-newer-l1", stale_l1);
		DIFF("walk.past-newer-l2", stale_l2);
	}
	if (l->m->wb.merge != WBUF_BURST)
		DIFF("wb.joined", wb.joined);
	DIFF("wb.stalls", wb.stalls);
	DIFF("wb.stores", wb.stores);
}

static void make_outcome(const struct lane *l, struct outcome *o)
{
	uint64_t window = l->insns - l->window_first;

	memset(o, 0, sizeof(*o));
	ledger_sub(&o->ledger, &l->m->ledger, &l->start);
	structure_rows(l, o);
	for (unsigned i = 0; i < l->nmemory; i++)
		o->memory[i] = (struct memory_row){ l->memory[i].what, l->memory[i].peak,
			window ? (double)(uint64_t)(l->memory[i].byte_insns / window) : 0 };
	for (unsigned i = 0; i < LANE_SLICES; i++)
		o->series[i] = (uint64_t)(l->slice_at[i + 1] - l->slice_at[i]);
}

/* --- the pass ------------------------------------------------------------------------- */

struct pass {
	const struct replay_plan *plan;
	struct spec spec[SPEC_MAX];     /* of the plan; what they own is the plan's */
	size_t nspec;
	struct trace_reader *reader;
	struct tracker *tracker;
	struct lane *lane[SPEC_MAX];
	const struct cpu_row *row;
	struct host_config cfg;
	struct cost_set costs;
	uint64_t warmup;
	struct timespec began;
	time_t started;
};

static void choose_specs(struct pass *s)
{
	const struct replay_plan *p = s->plan;
	enum guest_kind guest = legality_guest(trace_reader_header(s->reader));
	struct mmu_arch arch;
	enum host_kind host;

	config_mmu(s->row, &s->cfg, &arch);
	host = legality_host(s->row, &arch);
	for (size_t i = 0; i < p->nspec; i++)
		if (!p->unnamed || legality_base(p->spec[i].ops, guest, host)->legal)
			s->spec[s->nspec++] = p->spec[i];
	if (!s->nspec)                  /* then it says why */
		s->spec[s->nspec++] = p->spec[0];
}

static enum err make_lanes(struct pass *s, struct diag *d)
{
	const struct trace_header *h = trace_reader_header(s->reader);
	struct lane_plan lp = { .verify = s->plan->verify, .engine = s->plan->engine,
				.lint = s->plan->lint != NULL, .lint_max = s->plan->lint_max,
				.total_insns = trace_reader_instructions(s->reader) };
	enum err e = ERR_OK;

	if (!lp.total_insns && trace_header_is_import(h)) {
		lp.by_references = true;
		lp.total_insns = trace_reader_references(s->reader);
	}
	lp.warmup_insns = s->warmup = s->plan->warmup == WARMUP_DEFAULT ? lp.total_insns / 10
								       : s->plan->warmup;
	if (lp.warmup_insns >= lp.total_insns && lp.total_insns)
		return diag_set(d, ERR_CONFIG, "--warmup: %llu %s, but the trace has only %llu",
				(unsigned long long)lp.warmup_insns,
				lp.by_references ? "references" : "instructions",
				(unsigned long long)lp.total_insns);
	for (size_t i = 0; !e && i < s->nspec; i++) {
		const struct spec *sp = &s->spec[i];
		void *params = spec_params(sp);
		struct machine *m;

		if (!params && sp->ops->nparams)
			return diag_set(d, ERR_NOMEM, "out of memory");
		e = machine_create(&m, s->row, &s->cfg, &s->costs, sp->ops, params, h, d);
		if (!e)
			e = lane_create(&s->lane[i], m, &lp, d);
	}
	return e;
}

static enum err run_lanes(struct pass *s, struct diag *d)
{
	struct progress bar;
	struct pump p = { .reader = s->reader, .tracker = s->tracker, .lane = s->lane,
			  .nlanes = s->nspec, .jobs = s->plan->jobs ? s->plan->jobs : 1,
			  .batch = s->plan->batch ? s->plan->batch : TRACKER_MAX_BATCH,
			  .bar = &bar };
	enum err e;

	progress_begin(&bar, s->plan->progress, s->plan->path, trace_reader_records(s->reader));
	e = pump_run(&p, d);
	progress_end(&bar);
	return e;
}

static const char *base_name(const char *path, char buf[256])
{
	const char *slash = strrchr(path, '/');
	size_t n;

	snprintf(buf, 256, "%s", slash ? slash + 1 : path);
	n = strlen(buf);
	if (n > 4 && !strcmp(buf + n - 4, ".swt"))
		buf[n - 4] = '\0';
	return buf;
}

static void volatile_part(const struct pass *s, const struct lane *l, struct run_result *r)
{
	struct timespec now;
	struct rusage use;

	clock_gettime(CLOCK_MONOTONIC, &now);
	getrusage(RUSAGE_SELF, &use);
	r->engine = engine_name[l->plan.engine];
	r->argv = s->plan->argv;
	r->started_unix = s->started;
	r->wall_s = (double)(now.tv_sec - s->began.tv_sec) +
		    1e-9 * (double)(now.tv_nsec - s->began.tv_nsec);
	r->max_rss_bytes = 1024 * (uint64_t)use.ru_maxrss;
}

static enum err deliver(struct pass *s, size_t i, const char *config, replay_sink sink, void *ctx,
			struct diag *d)
{
	const struct trace_header *h = trace_reader_header(s->reader);
	const struct lane *l = s->lane[i];
	const struct spec *sp = &s->spec[i];
	char name[256], *header = NULL;
	struct outcome *o = malloc(sizeof(*o));
	struct run_result r;
	enum err e;

	if (!o)
		return diag_set(d, ERR_NOMEM, "out of memory");
	make_outcome(l, o);
	e = trace_header_to_json(h, &header, d);
	r = (struct run_result){
		.trace = { .id = trace_reader_id(s->reader), .name = base_name(s->plan->path, name),
			   .guest = h->guest, .workload = h->workload, .core = h->core,
			   .arch = h->arch, .records = trace_reader_records(s->reader),
			   .instructions = trace_reader_instructions(s->reader),
			   .references = trace_reader_references(s->reader),
			   .bytes = trace_reader_bytes(s->reader), .header_json = header },
		.strategy = sp->text, .strategy_name = sp->ops->name, .host_core = s->row->name,
		.tag = l->m->tag, .config_json = config, .seed = s->plan->seed,
		.warmup_insns = s->warmup, .window_first = l->window_first,
		.window_insns = l->plan.by_references ? 0 : l->insns - l->window_first,
		.ledger = &o->ledger, .costs = &s->costs,
		.faults_recorded = l->recorded, .faults_injected = l->injected,
		.faults_forced = l->forced, .faults_extra_true = l->extra_true,
		.deviations = l->deviation, .ndeviations = l->ndeviations,
		.structures = o->count, .nstructures = o->ncount,
		.memory = o->memory, .nmemory = l->nmemory,
		.series = o->series, .nseries = LANE_SLICES,
		.verified = s->plan->verify, .violations = l->violations,
	};
	volatile_part(s, l, &r);
	if (!e)
		e = sink(ctx, &r, d);
	if (!e && l->m->lint)
		e = lint_print_add(s->plan->lint, name, sp->text, s->row->name,
				   lint_report_of(l->m), d);
	free(header);
	free(o);
	return e;
}

static enum err finish(struct pass *s, replay_sink sink, void *ctx, struct diag *d)
{
	const struct handler_span *span = tracker_handlers(s->tracker);
	uint64_t mean[2];
	char *config = config_json(&s->cfg);
	enum err e = config ? ERR_OK : diag_set(d, ERR_NOMEM, "out of memory");

	for (unsigned i = 0; i < 2; i++)
		mean[i] = span[i].entries
			? (span[i].instructions + span[i].entries / 2) / span[i].entries : 0;
	for (size_t i = 0; !e && i < s->nspec; i++)
		e = lane_finish(s->lane[i], mean, d);
	for (size_t i = 0; !e && i < s->nspec; i++)
		e = deliver(s, i, config, sink, ctx, d);
	free(config);
	for (size_t i = 0; !e && i < s->nspec; i++)
		if (s->lane[i]->violations)
			e = diag_set(d, ERR_CHECK, "%s: %s: %llu violations; first: %.300s",
				     s->plan->path, s->spec[i].text,
				     (unsigned long long)s->lane[i]->violations,
				     s->lane[i]->first_violation.msg);
	for (size_t i = 0; !e && s->plan->lint && i < s->nspec; i++)
		e = lint_verdict(s->plan->path, s->spec[i].text, lint_report_of(s->lane[i]->m), d);
	return e;
}

/* They change nothing in a lane, so a result that lacks them must not look like one that does not. */
static void note_unknown(const struct pass *s)
{
	const struct unknown_ops *u = tracker_unknown_ops(s->tracker);
	FILE *f = s->plan->notes;
	char text[UNKNOWN_OPS_TEXT];

	if (!u->total || !f)
		return;
	fprintf(f, "%s: note: %llu coprocessor operations that core '%s' does not have, without "
		"effect:\n", s->plan->path, (unsigned long long)u->total,
		trace_reader_header(s->reader)->core);
	for (unsigned i = 0; i < u->count; i++)
		fprintf(f, "  %s\n", unknown_ops_text(u, i, text));
	if (u->others)
		fprintf(f, "  %llu of further encodings\n", (unsigned long long)u->others);
}

static void note_locks(const struct pass *s)
{
	const struct trace_header *h = trace_reader_header(s->reader);

	for (size_t i = 0; s->plan->notes && i < s->nspec; i++) {
		const struct machine *m = s->lane[i]->m;

		if (!m->tally.cache_lock_ignored)
			continue;
		fprintf(s->plan->notes, "%s: %s: note: %llu cache lockdown operations of the guest without "
			"effect: ", s->plan->path, s->spec[i].text,
			(unsigned long long)m->tally.cache_lock_ignored);
		if (m->ops->deprivileged)
			fprintf(s->plan->notes, "the hypervisor has the caches to itself\n");
		else
			fprintf(s->plan->notes, "host core '%s' does not lock lines as '%s' does\n",
				s->row->name, h->core);
	}
}

static void note_without(const struct pass *s)
{
	const char *what;

	for (unsigned i = 0; s->plan->notes && (what = cpu_without(s->row, i)); i++)
		fprintf(s->plan->notes, "%s: note: host core '%s' is simulated without %s\n", s->plan->path,
			s->row->name, what);
}

static void note_unsound(const struct pass *s)
{
	for (size_t i = 0; s->plan->notes && i < s->nspec; i++)
		if (s->lane[i]->m->monitor.unsound[0])
			fprintf(s->plan->notes, "%s: %s: note: not sound, as built:%s; --verify shows what a guest "
				"got by that\n", s->plan->path, s->spec[i].text, s->lane[i]->m->monitor.unsound);
}

/* Priced at one cycle each, which is less than they cost. */
static void note_unknown_code(const struct pass *s)
{
	uint64_t n = tracker_unknown_code(s->tracker);

	if (n && s->plan->notes)
		fprintf(s->plan->notes, "%s: note: %llu instructions whose code or class is not known, "
			"priced as one cycle each\n", s->plan->path, (unsigned long long)n);
}

static enum err in_file(enum err e, const char *path, struct diag *d)
{
	struct diag why;

	if (!e || !strncmp(d->msg, path, strlen(path)))
		return e;
	why = *d;
	return diag_set(d, e, "%.120s: %.380s", path, why.msg);
}

enum err replay(const struct replay_plan *p, replay_sink sink, void *ctx, struct diag *d)
{
	struct pass s = { .plan = p, .started = time(NULL) };
	enum err e;

	clock_gettime(CLOCK_MONOTONIC, &s.began);
	e = trace_reader_open(&s.reader, p->path, d);
	if (e)
		return e;
	e = replay_configure(p, trace_reader_header(s.reader), &s.row, &s.cfg, &s.costs, d);
	if (!e)
		choose_specs(&s);
	if (!e)
		e = tracker_create(&s.tracker, trace_reader_header(s.reader), d);
	if (!e)
		e = make_lanes(&s, d);
	if (!e)
		e = run_lanes(&s, d);
	if (!e)
		note_unknown(&s);
	if (!e)
		note_without(&s);
	if (!e)
		note_locks(&s);
	if (!e)
		note_unknown_code(&s);
	if (!e)
		note_unsound(&s);
	if (!e)
		e = finish(&s, sink, ctx, d);
	e = in_file(e, p->path, d);
	for (size_t i = 0; i < s.nspec; i++)
		lane_destroy(s.lane[i]);
	tracker_destroy(s.tracker);
	trace_reader_close(s.reader);
	return e;
}
