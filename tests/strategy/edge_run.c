/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/cpu/cpu.h"
#include "sim/host_tlb.h"
#include "sim/trace_check.h"
#include "tests/support.h"

/* --- the table of strategies ------------------------------------------------------------------
 * One row a variant. TLBs of two entries lose nearly everything, those of 4096 nothing. Where a host
 * changes what "coherent" counts, its row names a default (coherent:sections=keep) and is counted by
 * "coherent*" alone.
 */
#define ROW(s, ...) { .spec = (s), .set = { __VA_ARGS__ } }
#define CLEANS(s, ...) { .spec = (s), .cleans = true, .set = { __VA_ARGS__ } }
static const struct edge_row rows_v5[] = {
	ROW("native", NULL),
	ROW("native", "tlb.entries=2", "tlb.ways=1"),
	ROW("native", "tlb.entries=4096", "tlb.ways=4096"),
	ROW("native", "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32"),
	ROW("native", "utlb.entries=8"),
	ROW("coherent", NULL),
	ROW("coherent", "tlb.entries=2", "tlb.ways=1", "map=offset"),
	ROW("coherent", "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32"),
	ROW("coherent:entries=1", "hv.memory=flat"),
	ROW("coherent:entries=0", "map=offset"),
	ROW("coherent:sections=fracture", NULL),
	ROW("coherent:mb=strict:ttbr=flush", "cpu=free"),
	ROW("coherent:entries=16:mb=strict:sections=fracture", "l1d.kind=pipt", "l2.bytes=16384"),
	ROW("coherent:sections=keep", "map=fragmented", "map.block=4096"),
	ROW("coherent:sections=keep", "map=fragmented", "map.block=65536"),
	ROW("coherent:view=two-tables", NULL),
	ROW("coherent:view=two-tables:dacr=pass", "map=offset", "utlb.entries=8"),
	ROW("coherent:view=reflush", NULL),
	ROW("coherent:view=reflush:dacr=pass", "tlb.entries=2", "tlb.ways=1"),
	ROW("coherent:view=fold", NULL),
	ROW("coherent:view=fold:dacr=pass", "map=fragmented", "map.block=4096"),
	ROW("coherent:dacr=pass", NULL),
	ROW("coherent:dacr=pass:mb=strict", "hv.memory=flat"),
	ROW("coherent:mb=split-view", NULL),
	ROW("coherent:dacr=pass:mb=split-view", "feature.walk-cache=on", "walk.entries=8"),
	{ .spec = "coherent:words=auto", .core = "arm1176" },
	{ .spec = "coherent:words=auto", .core = "arm1136", .one_tlb = true, .set = { "map=offset" } },
	{ .spec = "coherent:words=auto:mb=strict", .core = "cortex-a8" },
	{ .spec = "coherent:words=v5", .core = "mpcore" },
	{ .spec = "coherent:tiny=toggle", .core = "arm1176", .one_tlb = true },
	{ .spec = "coherent:tiny=toggle:entries=1", .core = "sa1110" },
	ROW("coherent:design=xvisor:mb=ap:tlbi_mva=all:unpriv=trap", NULL),
	ROW("coherent:zones=five:empty=free", "coalesce=16"),
	ROW("cached", NULL),
	ROW("cached:filter=on:recompose=on", "map=fragmented", "map.block=4096"),
	ROW("cached:flood=1:roots=1", "tlb.entries=2", "tlb.ways=1"),
	ROW("cached:flood=0:roots=4", "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32"),
	ROW("cached:sync=unsync", "map=fragmented", "map.block=65536"),
	ROW("cached:sync=unsync:filter=on:prefill=4", "map=offset"),
	ROW("inplace", NULL),
	ROW("inplace:filter=on", "map=fragmented", "map.block=4096"),
	ROW("inplace:variant=I2", NULL),
	ROW("inplace:variant=I2:filter=on", "tlb.entries=2", "tlb.ways=1"),
	ROW("inplace:variant=I4", "map=offset"),
	ROW("inplace:variant=I4:filter=on:roots=1", "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32"),
	ROW("inplace:variant=I6", "map=fragmented", "map.block=65536"),
	ROW("inplace:variant=I6:filter=on:flood=1", "map=offset", "l1d.kind=pipt", "l2.bytes=16384"),
	ROW("cached:view=two-tables", "map=fragmented", "map.block=65536"),
	ROW("cached:view=two-tables:dacr=iterate-swizzle:sync=unsync", "tlb.entries=2", "tlb.ways=1"),
	ROW("cached:view=reflush:dacr=iterate-drop", "hv.memory=flat"),
	ROW("cached:view=fold:dacr=track:sync=unsync", NULL),
	ROW("cached:dacr=iterate-swizzle:mb=split-view", "map=fragmented", "map.block=4096"),
	ROW("cached:dacr=track:mb=strict:filter=on", "map=offset"),
	ROW("cached:sync=tlbi+roots", NULL),
	ROW("cached:sync=tlbi+roots:kernel=shared:prefetch=3:roots=2", "map=fragmented", "map.block=4096"),
	CLEANS("cached:sync=hint", NULL),
	CLEANS("cached:sync=hint:recompose=off:pool=12:victim=clock", "tlb.entries=2", "tlb.ways=1"),
	CLEANS("cached:sync=hint:kernel=shared:filter=on", "map=fragmented", "map.block=65536"),
	CLEANS("cached:sync=stores+cleans+tlbi+roots", "map=offset"),
	ROW("nested", NULL),
	ROW("nested:block=4k:start=1", "map=fragmented", "map.block=4096"),
	ROW("nested:block=64k", "tlb.entries=2", "tlb.ways=1", "map=offset"),
	ROW("nested:s2=eager", "tlb.entries=0", "itlb.entries=32", "dtlb.entries=32"),
	ROW("nested:block=1g:start=1:mmio=trap", "utlb.entries=8", "ntlb.entries=8"),
	ROW("nested:block=4k:cacheops=trap", "feature.walk-cache=on", "walk.entries=8", "walk.nested=on",
	    "l1d.kind=pipt", "l2.bytes=16384"),
	ROW("coherent:ttbr=record", "hv.window=0x7ff00000"),
	ROW("cached:filter=off", "hv.window=0", "hv.window-bytes=1048576"),
	ROW("inplace:variant=I6:filter=off", "hv.window=0xffe00000", "hv.window-bytes=2097152"),
};
#undef ROW

/* On the guest's own core, there with the one TLB that engine fast knows, and on the plain core. */
#define OWN(s, ...) { .spec = (s), .set = { __VA_ARGS__ } }
#define ONE(s, ...) { .spec = (s), .one_tlb = true, .set = { __VA_ARGS__ } }
#define PLAIN(s, ...) { .spec = (s), .core = "generic", .set = { "feature.tex=on", "feature.fine=off", \
	"feature.xn=on", "feature.ttbcr=on", "feature.afe=on", "feature.v6k=on", "feature.tre=on", \
	"feature.pd=on", "feature.asid=on", __VA_ARGS__ } }
static const struct edge_row rows_v6[] = {
	OWN("native", NULL),
	ONE("native", NULL),
	PLAIN("native", NULL),
	PLAIN("native", "tlb.entries=2", "tlb.ways=1"),
	PLAIN("native", "tlb.entries=4096", "tlb.ways=4096"),
	OWN("coherent", NULL),
	ONE("coherent", "map=offset"),
	PLAIN("coherent:entries=1", NULL),
	PLAIN("coherent:sections=fracture", NULL),
	PLAIN("coherent:asids=4", "map=fragmented", "map.block=4096"),
	OWN("cached:view=two-tables:dacr=track", NULL),
	PLAIN("cached:view=two-tables:sync=unsync", "tlb.entries=4096", "tlb.ways=4096"),
	OWN("cached:view=reflush:dacr=iterate-drop", NULL),
	PLAIN("cached:view=fold:dacr=iterate-swizzle:sync=unsync", NULL),
	OWN("cached:mb=split-view:dacr=track", "map=offset"),
	PLAIN("cached:mb=strict", NULL),
	OWN("coherent:view=two-tables", NULL),
	ONE("coherent:asids=4:dacr=pass:view=two-tables", NULL),
	PLAIN("coherent:view=reflush:dacr=pass", NULL),
	OWN("coherent:asids=2:view=reflush", NULL),
	PLAIN("coherent:view=fold", NULL),
	ONE("coherent:dacr=pass:view=fold", NULL),
	OWN("coherent:dacr=pass", NULL),
	ONE("coherent:mb=split-view", NULL),
	PLAIN("coherent:asids=4:dacr=pass:mb=split-view", NULL),
	OWN("inplace", NULL),
	ONE("inplace:variant=I6", "map=offset"),
	PLAIN("inplace:variant=I4", "map=fragmented", "map.block=4096"),
	PLAIN("inplace:variant=I2", "tlb.entries=2", "tlb.ways=1"),
	PLAIN("inplace:roots=2", "map=fragmented", "map.block=65536", "hv.memory=flat"),
	OWN("coherent:design=xvisor:mb=ap:tlbi_mva=all:unpriv=trap", NULL),
	PLAIN("coherent:global=none:zones=five:asids=2", "coalesce=16"),
	OWN("cached", NULL),
	ONE("cached", "map=offset"),
	ONE("cached:sync=unsync", "map=fragmented", "map.block=65536"),
	PLAIN("cached:roots=1:flood=1", NULL),
	PLAIN("cached:recompose=off:prefill=4", "map=fragmented", "map.block=4096"),
	PLAIN("cached:sync=unsync:roots=2", "tlb.entries=4096", "tlb.ways=4096"),
	OWN("cached:sync=tlbi+roots", NULL),
	CLEANS("cached:sync=hint", NULL),
	CLEANS("cached:sync=hint:kernel=shared:roots=2:recompose=off", "map=offset"),
	OWN("nested", NULL),
	ONE("nested:block=64k:start=1", "map=fragmented", "map.block=65536"),
	PLAIN("nested:block=4k", "tlb.entries=2", "tlb.ways=1", "map=offset"),
	PLAIN("nested:mmio=trap:s2=eager", "feature.walk-cache=on", "walk.entries=8", "ntlb.entries=4"),
	ONE("coherent:view=domains", "hv.window=0x7ff00000"),
	ONE("cached:filter=off", "hv.window=0x7ff00000"),
	OWN("inplace:variant=I6", "hv.window=0x7ff00000", "hv.window-bytes=2097152"),
};
#undef OWN
#undef ONE
#undef PLAIN
#undef CLEANS

static bool names_strategy(const char *spec, const struct strategy_ops *ops)
{
	size_t n = strlen(ops->name);

	return !strncmp(spec, ops->name, n) && (!spec[n] || spec[n] == ':');
}

static const struct strategy_ops *ops_of(const char *spec)
{
	for (unsigned i = 0; i < strategy_count; i++)
		if (names_strategy(spec, strategy_table[i]))
			return strategy_table[i];
	return NULL;
}

static bool has_row(const struct edge_row *row, size_t n, const struct strategy_ops *ops)
{
	for (size_t i = 0; i < n; i++)
		if (names_strategy(row[i].spec, ops))
			return true;
	return false;
}

const struct edge_row *edge_row_at(bool v6, unsigned i)
{
	static struct edge_row newcomer;
	const struct edge_row *row = v6 ? rows_v6 : rows_v5;
	size_t n = v6 ? sizeof(rows_v6) / sizeof(*row) : sizeof(rows_v5) / sizeof(*row);

	for (size_t j = 0; j < n; j++) {
		const struct strategy_ops *ops = ops_of(row[j].spec);

		if (ops && (!v6 || ops->v6) && !i--)
			return &row[j];
	}
	for (unsigned j = 0; j < strategy_count; j++) {
		const struct strategy_ops *ops = strategy_table[j];

		if ((v6 && !ops->v6) || has_row(row, n, ops) || i--)
			continue;
		newcomer = (struct edge_row){ .spec = ops->name };
		return &newcomer;
	}
	return NULL;
}

bool edge_row_is(const struct edge_row *row, const char *rows)
{
	size_t n = strlen(rows);

	if (n && rows[n - 1] == '*')
		return !strncmp(row->spec, rows, n - 1);
	return !strcmp(row->spec, rows);
}

/* --- the strategy, watched and bent ----------------------------------------------------------- */

enum { LOG = 4096 };
static struct {
	const struct strategy_ops *real;
	const struct edge_bend *bend;
	const struct strategy_port *port;
	struct strategy_port bent;
	enum abort_verdict (*on_abort)(void *self, struct abort_info *a);
	struct edge_fault injected[LOG];
	size_t n;
} watch;

const struct strategy_port *edge_real_port(void) { return watch.port; }

static enum err start(void *self, const void *params, const struct strategy_port *port,
		      struct diag *d)
{
	watch.port = port;
	watch.bent = *port;
	if (watch.bend && watch.bend->port)
		watch.bend->port(&watch.bent);
	return watch.real->start(self, params, &watch.bent, d);
}

static enum abort_verdict on_abort(void *self, struct abort_info *a)
{
	enum abort_verdict v = watch.on_abort(self, a);

	if (v == VERDICT_INJECT && watch.n < LOG)
		watch.injected[watch.n++] = (struct edge_fault){ a->mva.raw, (uint8_t)a->access,
								 (uint8_t)a->fs };
	return v;
}

static struct lane *lane_of(const struct edge *e, const struct edge_row *row,
			    const struct edge_bend *bend, enum engine engine)
{
	static struct strategy_ops ops;
	const char *core = row->core ? row->core : e->v6 ? e->k.t.header.core : "arm926";
	struct kit_plan p = { .ops = &ops, .core = core, .engine = engine,
			      .verify = engine == ENGINE_REF };
	struct cpu_row one;

	if (row->one_tlb) {
		one = kit_one_tlb(cpu_find(core));
		p.row = &one;
	}
	memcpy(p.set, row->set, sizeof(p.set));
	watch.real = ops_of(row->spec);
	watch.bend = bend;
	watch.n = 0;
	ops = *watch.real;
	ops.start = start;
	if (bend && bend->ops)
		bend->ops(&ops);
	watch.on_abort = ops.on_abort;
	if (ops.on_abort)
		ops.on_abort = on_abort;
	return kit_lane(&e->k, row->spec, &p);
}

/* --- steps ------------------------------------------------------------------------------------ */

struct running {
	const struct edge *e;
	const struct edge_row *row;
	struct lane *l;
	struct tracker *t;
	size_t at;
	struct ledger before;
	uint64_t extra_before;
	struct diag *why;
};

__attribute__((format(printf, 2, 3)))
static bool broken(struct diag *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->msg, sizeof(why->msg), fmt, ap);
	va_end(ap);
	return false;
}

static void forward(struct running *r, size_t to)
{
	const struct random_trace *t = &r->e->k.t;
	struct event_batch ev;
	struct diag d;

	while (r->at < to) {
		size_t n = to - r->at < 1024 ? to - r->at : 1024;
		struct trace_batch b = { &t->rec[r->at], n, t->payload, r->at };

		assert_ok(tracker_batch(r->t, &b, &ev, &d), &d);
		lane_batch(r->l, &ev);
		r->at += n;
	}
	lane_close_run(r->l, to);
}

/* Machine address that the hardware reaches for mva, or false. all: whatever the rights. */
static bool reaches(struct machine *m, uint32_t mva, enum access access, bool all, uint32_t *pa)
{
	bool user = m->ops->deprivileged || guest_is_user(&m->g);
	struct translation t;

	if (!host_where(m, host_tlb_of(m, access), gva(mva), &t))
		return false;
	*pa = t.pa;
	return all || !host_check(m, &t.w, gva(mva), user, access);
}

static bool probe(struct running *r, const struct edge_step *s)
{
	struct machine *m = r->l->m;
	uint32_t pa = 0;
	bool seen;

	if (s->what == EDGE_NOT) {
		for (uint32_t o = 0; o < s->bytes; o += GRANULE_BYTES)
			for (unsigned a = ACCESS_READ; a <= ACCESS_FETCH; a += ACCESS_FETCH)
				if (reaches(m, s->mva + o, (enum access)a, true, &pa) &&
				    pa == map_to_host(m, s->gpa + o))
					return broken(r->why, "line %d: MVA 0x%08x still reaches guest PA "
						      "0x%08x", s->line, s->mva + o, s->gpa + o);
		return true;
	}
	seen = reaches(m, s->mva, s->access, false, &pa);
	if (s->what == EDGE_BLIND)
		return !seen || broken(r->why, "line %d: MVA 0x%08x reaches 0x%08x", s->line, s->mva, pa);
	if (seen ? pa == map_to_host(m, s->gpa) : has_hypervisor(m))
		return true;
	return broken(r->why, "line %d: MVA 0x%08x reaches 0x%08x instead of guest PA 0x%08x", s->line,
		      s->mva, seen ? pa : 0, s->gpa);
}

static bool counted(struct running *r, const struct edge_step *s)
{
	struct ledger diff;
	uint64_t n;

	if (!edge_row_is(r->row, s->rows))
		return true;
	kit_since(&diff, r->l, &r->before);
	switch (s->what) {
	case EDGE_TRAPS: n = kit_traps(&diff); break;
	case EDGE_EXTRA: n = r->l->extra_true - r->extra_before; break;
	case EDGE_DIRTY: n = host_dirty_lines(r->l->m); break;
	default: n = ledger_event(&diff, s->event); break;
	}
	return n == s->n || broken(r->why, "line %d: %llu %s, want %llu", s->line, (unsigned long long)n,
				   s->what == EDGE_TRAPS ? "traps" : s->what == EDGE_DIRTY ? "dirty lines"
				   : event_info[s->event].name, (unsigned long long)s->n);
}

static bool step(struct running *r, const struct edge_step *s)
{
	switch (s->what) {
	case EDGE_MARK:
		r->before = r->l->m->ledger;
		r->extra_before = r->l->extra_true;
		return true;
	case EDGE_COUNT:
	case EDGE_TRAPS:
	case EDGE_DIRTY:
	case EDGE_EXTRA: return counted(r, s);
	default: return probe(r, s);
	}
}

/* --- the end ---------------------------------------------------------------------------------- */

static bool faults_are_those(const struct edge *e, const struct edge_row *row, const struct lane *l,
			     struct diag *why)
{
	if (l->injected + l->forced - l->extra_true != l->recorded || l->recorded != e->nfaults)
		return broken(why, "%llu injected, %llu forced, %llu extra, %llu recorded of %zu",
			      (unsigned long long)l->injected, (unsigned long long)l->forced,
			      (unsigned long long)l->extra_true, (unsigned long long)l->recorded,
			      e->nfaults);
	if (e->loose || (e->stale && !edge_row_is(row, "native*") && !edge_row_is(row, "coherent*")))
		return true;
	if (l->forced || l->extra_true)
		return broken(why, "%llu forced and %llu extra faults, the first at VA 0x%08x (record "
			      "%llu)", (unsigned long long)l->forced, (unsigned long long)l->extra_true,
			      l->deviation[0].va, (unsigned long long)l->deviation[0].record);
	for (size_t i = 0; watch.on_abort && i < e->nfaults; i++)
		if (i >= watch.n || watch.injected[i].far != e->fault[i].far ||
		    watch.injected[i].access != e->fault[i].access ||
		    watch.injected[i].fs != e->fault[i].fs)
			return broken(why, "fault %zu of %zu: status 0x%x at 0x%08x, want 0x%x at 0x%08x",
				      i, watch.n, i < watch.n ? watch.injected[i].fs : 0,
				      i < watch.n ? watch.injected[i].far : 0, e->fault[i].fs,
				      e->fault[i].far);
	return true;
}

static bool same(const struct lane *a, const struct lane *b, struct diag *why)
{
	struct structure_counts x, y;

	memset(&x, 0, sizeof(x));
	memset(&y, 0, sizeof(y));
	lane_counts(a, &x);
	lane_counts(b, &y);
	for (unsigned i = 0; i < EVENTS; i++) {
		uint64_t ref = ledger_event(&a->m->ledger, (enum event)i);
		uint64_t fast = ledger_event(&b->m->ledger, (enum event)i);

		if (ref != fast)
			return broken(why, "engine fast: %llu %s, ref %llu", (unsigned long long)fast,
				      event_info[i].name, (unsigned long long)ref);
	}
	if (memcmp(&a->m->ledger, &b->m->ledger, sizeof(a->m->ledger)) != 0 ||
	    memcmp(&a->m->tally, &b->m->tally, sizeof(a->m->tally)) != 0 ||
	    memcmp(&x.tlb, &y.tlb, sizeof(x.tlb)) != 0 || memcmp(&x.l1i, &y.l1i, sizeof(x.l1i)) != 0 ||
	    memcmp(&x.l1d, &y.l1d, sizeof(x.l1d)) != 0 || memcmp(&x.l2, &y.l2, sizeof(x.l2)) != 0 ||
	    a->injected != b->injected || a->forced != b->forced || a->extra_true != b->extra_true ||
	    a->insns != b->insns)
		return broken(why, "engine fast counts otherwise");
	return true;
}

static bool engines_agree(const struct edge *e, const struct edge_row *row, const struct lane *ref,
			  size_t batch, struct diag *why)
{
	struct lane *fast = lane_of(e, row, NULL, ENGINE_FAST);
	bool ok = true;
	struct diag d;

	if (fast->plan.engine == ENGINE_FAST) {
		kit_feed(fast, &e->k, 0, KIT_NOW, batch);
		assert_ok(kit_finish(fast, &e->k, &d), &d);
		ok = same(ref, fast, why);
	}
	lane_destroy(fast);
	return ok;
}

static bool finish(struct running *r)
{
	struct lane *l = r->l;
	struct diag d = { "" };

	forward(r, r->e->k.t.n);
	if (kit_finish(l, &r->e->k, &d))
		return broken(r->why, "%s", d.msg);
	if (l->violations)
		return broken(r->why, "%llu violations; first: %.300s", (unsigned long long)l->violations,
			      l->first_violation.msg);
	return faults_are_those(r->e, r->row, l, r->why);
}

bool edge_run(const struct edge *e, const struct edge_row *row, const struct edge_bend *bend,
	      size_t batch, struct diag *why)
{
	struct running r = { .e = e, .row = row, .l = lane_of(e, row, bend, ENGINE_REF), .why = why };
	bool ok = true;
	struct diag d;

	assert_ok(tracker_create(&r.t, &e->k.t.header, &d), &d);
	for (size_t i = 0; ok && i < e->nsteps; i++) {
		forward(&r, e->step[i].at);
		ok = step(&r, &e->step[i]);
	}
	ok = ok && finish(&r);
	if (ok && batch)
		ok = engines_agree(e, row, r.l, batch, why);
	tracker_destroy(r.t);
	lane_destroy(r.l);
	return ok;
}

bool edge_check_trace(const struct edge *e, struct diag *why)
{
	const char *path = scratch("edge.swt");
	struct trace_summary s;
	struct check_result r;

	write_trace(&e->k.t, path, 1, 0, &s);
	return !trace_check_file(path, PROGRESS_NONE, &r, why);
}
#else
typedef int cmocka_is_missing;
#endif
