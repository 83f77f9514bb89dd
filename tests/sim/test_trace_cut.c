/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace cut: a piece stands on its own. Its guest (tables, registers, what is permitted) equals
 * the parent's at each end; it passes check and --verify; cutting twice is cutting once.
 */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/replay.h"
#include "sim/trace_check.h"
#include "sim/trace_cut.h"
#include "tests/strategy/random_guest_v6.h"
#include "traces/check.h"

/* scratch() has eight buffers and is called more often. */
static const char *file(char buf[128], const char *name)
{
	snprintf(buf, 128, "%s", scratch(name));
	return buf;
}

/* --- two guests, compared --------------------------------------------------------------- */

struct state { struct tracker *t; struct trace_reader *r; uint64_t records, insns; };

/* The guest behind the first record from which `insns` instructions have retired; 0: the state
 * before the first run. */
static void state_at(struct state *s, const char *path, uint64_t insns)
{
	struct event_batch ev;
	struct trace_batch in;
	struct diag d;

	memset(s, 0, sizeof(*s));
	assert_ok(trace_reader_open(&s->r, path, &d), &d);
	assert_ok(tracker_create(&s->t, trace_reader_header(s->r), &d), &d);
	for (;;) {
		assert_ok(trace_reader_next(s->r, &in, &d), &d);
		if (!in.n)
			return;
		for (size_t i = 0; i < in.n; i++) {
			const struct trace_rec *r = &in.rec[i];
			struct trace_batch one = { r, 1, in.payload, in.first + i };

			if (r->kind == TRACE_RUN && s->insns >= insns)
				return;
			if (r->kind == TRACE_RUN)
				s->insns += r->arg - !!(r->flags & RUN_NO_RETIRE);
			assert_ok(tracker_batch(s->t, &one, &ev, &d), &d);
			s->records++;
		}
	}
}

static void state_free(struct state *s)
{
	tracker_destroy(s->t);
	trace_reader_close(s->r);
}

static void same_frame(void *ctx, uint32_t base, const uint32_t *words)
{
	const struct guest *other = ctx;
	const uint32_t *theirs = mem_frame(other->tables, base);

	assert_non_null(theirs);
	assert_memory_equal(words, theirs, FRAME_BYTES);
}

/* An ASID has walks of its own: a guest with 255 of them has many. */
enum { LIST = 8192 };
struct list { struct { uint32_t l1, l2, fs; } walk[LIST]; unsigned n; };

static bool add(void *ctx, const struct walk *w)
{
	struct list *l = ctx;

	assert_true(l->n < LIST);
	l->walk[l->n].l1 = w->l1;
	l->walk[l->n].l2 = w->l2;
	l->walk[l->n++].fs = w->fs;
	return false;
}

static void same_permitted(const struct guest *a, const struct guest *b, uint32_t mva)
{
	static struct list x, y;

	x.n = y.n = 0;
	oracle_each(a, gva(mva), add, &x);
	oracle_each(b, gva(mva), add, &y);
	assert_int_equal(x.n, y.n);
	assert_memory_equal(x.walk, y.walk, x.n * sizeof(x.walk[0]));
}

static void same_guest(const struct guest *a, const struct guest *b)
{
	assert_int_equal(a->cpsr, b->cpsr);
	assert_int_equal(a->sctlr, b->sctlr);
	assert_int_equal(a->ttbr0, b->ttbr0);
	assert_int_equal(a->dacr, b->dacr);
	assert_int_equal(a->fcse, b->fcse);
	assert_int_equal(a->contextidr, b->contextidr);
	assert_int_equal(a->ttbr1, b->ttbr1);
	assert_int_equal(a->ttbcr, b->ttbcr);
	assert_int_equal(a->prrr, b->prrr);
	assert_int_equal(a->nmrr, b->nmrr);
	assert_int_equal(mem_frames(a->tables), mem_frames(b->tables));
	mem_each(a->tables, same_frame, (void *)b);
	for (uint32_t mva = 0; mva < 0xfff00000; mva += 0x100000) {
		struct walk w;

		guest_walk(a, gva(mva), &w);
		same_permitted(a, b, mva);
		for (uint32_t page = 0; w.levels == 2 && page < 0x28000; page += 0x7400)
			same_permitted(a, b, mva + page);
	}
}

/* --- cutting ---------------------------------------------------------------------------- */

static struct trace_summary cut(const char *in, const char *out, uint64_t from_insn,
				uint64_t insns)
{
	struct cut_plan p = { .in = in, .out = out, .from_insn = from_insn, .insns = insns,
			      .records = UINT64_MAX, .level = 1, .progress = PROGRESS_NONE };
	struct trace_summary s;
	struct diag d;

	assert_ok(trace_cut_file(&p, &s, &d), &d);
	return s;
}

static enum err ignore(void *ctx, const struct run_result *r, struct diag *d)
{
	unsigned *lanes = ctx;

	(void)d;
	assert_int_equal(r->violations, 0);
	++*lanes;
	return ERR_OK;
}

/* check and run --verify of every strategy that can run the guest. */
static void stands_on_its_own(const char *path)
{
	static const char *const features[] = { "feature.tex=on", "feature.fine=off", "feature.xn=on",
		"feature.ttbcr=on", "feature.asid=on", "feature.afe=on", "feature.v6k=on",
		"feature.tre=on", "feature.pd=on" };
	struct spec spec[SPEC_MAX];
	struct replay_plan p = { .path = path, .spec = spec, .seed = 1, .warmup = WARMUP_DEFAULT,
				 .verify = true, .progress = PROGRESS_NONE, .argv = "", .unnamed = true };
	struct check_result r;
	unsigned lanes = 0, legal = 0;
	bool v6 = kit_trace_is_v6(path);
	struct diag d;

	if (v6) {
		p.row = cpu_find("generic");
		p.set = features;
		p.nset = sizeof(features) / sizeof(features[0]);
	}
	assert_ok(trace_check_file(path, PROGRESS_NONE, &r, &d), &d);
	assert_true(r.compared > 0);
	assert_ok(spec_parse_list(spec, &p.nspec, NULL, &d), &d);
	assert_ok(replay(&p, ignore, &lanes, &d), &d);
	for (size_t i = 0; i < p.nspec; i++)
		legal += !v6 || spec[i].ops->v6;
	assert_int_equal(lanes, legal);
	assert_true(legal > 1);
	for (size_t i = 0; i < p.nspec; i++)
		spec_free(&spec[i]);
}

/* All records, payloads included, of two traces. */
static void same_records(const char *a, const char *b)
{
	struct trace_reader *ra, *rb;
	struct trace_batch x, y;
	struct diag d;

	assert_ok(trace_reader_open(&ra, a, &d), &d);
	assert_ok(trace_reader_open(&rb, b, &d), &d);
	assert_int_equal(trace_reader_records(ra), trace_reader_records(rb));
	do {
		assert_ok(trace_reader_next(ra, &x, &d), &d);
		assert_ok(trace_reader_next(rb, &y, &d), &d);
		assert_int_equal(x.n, y.n);
		for (size_t i = 0; i < x.n; i++) {
			size_t bytes = trace_payload_bytes(&x.rec[i]);

			assert_memory_equal(&x.rec[i], &y.rec[i], bytes ? 12 : 16);
			if (bytes)
				assert_memory_equal(x.payload + x.rec[i].b, y.payload + y.rec[i].b,
						    bytes);
		}
	} while (x.n);
	trace_reader_close(ra);
	trace_reader_close(rb);
}

/* Instructions of the parent before the start of its cut: not always where it was asked for, as no
 * cut starts in an exception's delivery or in the vectors. */
static uint64_t start_of(const char *parent, const char *child)
{
	struct trace_reader *r;
	struct trace_batch in;
	uint64_t first, insns = 0;
	struct diag d;

	assert_ok(trace_reader_open(&r, child, &d), &d);
	first = trace_reader_header(r)->parent_first;
	trace_reader_close(r);
	assert_ok(trace_reader_open(&r, parent, &d), &d);
	do {
		assert_ok(trace_reader_next(r, &in, &d), &d);
		for (size_t i = 0; i < in.n && in.first + i < first; i++)
			insns += trace_rec_instructions(&in.rec[i]);
	} while (in.n && in.first + in.n < first);
	trace_reader_close(r);
	return insns;
}

static void cuts_of(const char *parent, uint64_t from, uint64_t insns)
{
	char buf[3][128];
	const char *child = file(buf[0], "child.swt"), *part = file(buf[1], "part.swt");
	const char *direct = file(buf[2], "direct.swt");
	uint64_t begin, inner = insns / 3;
	struct state a, b;

	cut(parent, child, from, insns);
	begin = start_of(parent, child);
	stands_on_its_own(child);
	state_at(&a, parent, begin);            /* at its start: tables, registers, P */
	state_at(&b, child, 0);
	same_guest(tracker_guest(a.t), tracker_guest(b.t));
	state_free(&a);
	state_free(&b);
	state_at(&b, child, UINT64_MAX);        /* and at its end */
	state_at(&a, parent, begin + b.insns);
	same_guest(tracker_guest(a.t), tracker_guest(b.t));
	assert_int_equal(tracker_guest(b.t)->image_mismatches, 0);
	assert_true(tracker_guest(b.t)->image_checks >= mem_frames(tracker_guest(b.t)->tables));
	state_free(&a);
	state_free(&b);
	cut(child, part, inner, inner);
	cut(parent, direct, begin + inner, inner);
	same_records(part, direct);
	stands_on_its_own(part);
}

static void random_parents(void **state)
{
	char buf[128];
	const char *parent = file(buf, "parent.swt");

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct random_guest_counts n;
		struct trace_summary s;
		struct kit k;

		random_guest(&k, seed, 8000, &n);
		write_trace(&k.t, parent, 1, 0, &s);
		for (uint64_t from = 0; from < 3000; from += 1200)
			cuts_of(parent, from, 900);
		kit_free(&k);
	}
}

static void random_parents_v6(void **state)
{
	static const char *const core[] = { "arm1136", "arm1176", "mpcore" };
	char buf[128];
	const char *parent = file(buf, "parent.swt");

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct random_guest_counts n;
		struct trace_summary s;
		struct kit k;

		random_guest_v6(&k, core[seed - 1], seed, 8000, &n);
		write_trace(&k.t, parent, 1, 0, &s);
		for (uint64_t from = 0; from < 3000; from += 1200)
			cuts_of(parent, from, 900);
		kit_free(&k);
	}
}

static void real_parents(void **state)
{
	static const struct { const char *name; uint64_t from, insns; } row[] = {
		{ "mmap.swt", 60000, 40000 }, { "sh.swt", 60000, 40000 },
		{ "process-v6.swt", 20000, 20000 }, { "bare-v6.swt", 16000, 1500 },
		{ "bare-fcse.swt", 30000, 12000 }, { "bare-asids-v6.swt", 20000, 15000 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", test_path("traces/quick"), row[i].name);
		if (access(path, R_OK)) {
			print_message("# no %s\n", path);
			skip();
		}
		cuts_of(path, row[i].from, row[i].insns);
	}
}

/* Registers that the parent's header does not name but its guest wrote are in the cut's. */
static void registers_the_header_did_not_name(void **state)
{
	const char *parent = scratch("bare.swt"), *child = scratch("bare-cut.swt");
	const struct trace_header *h;
	struct trace_summary s;
	uint32_t value = 0;
	struct state a;
	struct kit k;

	(void)state;
	kit_linux(&k);
	k.t.header.nreg = 1;
	kit_cpw(&k, KEY_FCSE, 6 << 25);
	kit_cpw(&k, KEY_CONTEXTIDR, 5);
	kit_cpw(&k, KEY_TLB_LOCK, 1 << 26);
	for (unsigned i = 0; i < 20; i++)
		kit_exec(&k);
	kit_image(&k, KIT_L2, mem_frame(kit_guest(&k)->tables, KIT_L2));
	write_trace(&k.t, parent, 1, 0, &s);
	cut(parent, child, 12, 5);
	state_at(&a, child, 0);
	same_guest(kit_guest(&k), tracker_guest(a.t));
	h = trace_reader_header(a.r);
	assert_true(trace_header_reg(h, KEY_TLB_LOCK, &value));
	assert_int_equal(value, 1 << 26);
	state_free(&a);
	stands_on_its_own(child);
	kit_free(&k);
}

static void limits_and_failures(void **state)
{
	const char *parent = scratch("parent.swt"), *child = scratch("limited.swt");
	struct cut_plan p = { .in = parent, .out = child, .insns = UINT64_MAX, .level = 1,
			      .progress = PROGRESS_NONE };
	struct random_guest_counts n;
	struct trace_summary s;
	struct diag d;
	struct kit k;

	(void)state;
	random_guest(&k, 9, 8000, &n);
	write_trace(&k.t, parent, 1, 0, &s);
	assert_ok(trace_cut_file(&(struct cut_plan){ .in = parent, .out = child, .insns = 1,
		.records = UINT64_MAX, .level = 1, .progress = PROGRESS_NONE }, &s, &d), &d);
	for (p.records = s.records + 1; p.records < 9000; p.records += 1100) {
		assert_ok(trace_cut_file(&p, &s, &d), &d);
		assert_true(s.records <= p.records);
	}
	p.from_record = k.t.n + 1;
	p.out = scratch("nothing.swt");
	assert_err(ERR_CONFIG, trace_cut_file(&p, &s, &d), &d, "no run at or behind");
	assert_int_not_equal(access(p.out, F_OK), 0);
	p.in = scratch("missing.swt");
	assert_err(ERR_TRACE, trace_cut_file(&p, &s, &d), &d, "missing.swt");
	assert_int_not_equal(access(p.out, F_OK), 0);
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_parents),
		cmocka_unit_test(random_parents_v6),
		cmocka_unit_test(real_parents),
		cmocka_unit_test(registers_the_header_did_not_name),
		cmocka_unit_test(limits_and_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
