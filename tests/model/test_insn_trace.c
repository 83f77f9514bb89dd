/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decoder of instruction classes against what guests did: in every shipped quick trace, each
 * instruction's data references, their direction, size and kind, and each jump, must be those
 * that its class says. One exception: a store that straddles words of a table is recorded as stores
 * of a byte each.
 */
#include "tests/support.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "models/guest/insn_class.h"
#include "models/guest/tracker.h"
#include "traces/reader.h"

struct totals {
	uint64_t insns, unknown, references, by_class[INSN_CLASSES];
	uint64_t passed[INSN_CLASSES], failed[INSN_CLASSES];    /* conditional, with references */
};

struct open_run {
	struct trace_rec rec;
	struct insn insn[RUN_MAX_INSNS];
	unsigned got[RUN_MAX_INSNS];
	uint32_t next[RUN_MAX_INSNS];   /* behind the byte that the instruction stored last; 0: none */
	bool open, explained;           /* an exception says where it would have gone on */
};

struct check {
	const char *file;
	uint64_t number;                /* of the record */
	struct tracker *tracker;
	struct code_book book;
	struct open_run run;
	struct totals n;
};

static void complain(const struct check *c, const char *what, unsigned k)
{
	const struct insn *i = &c->run.insn[k];

	fail_msg("%s: run before record %llu (0x%08x, %u): instruction %u, %s%s: %s: %u references, "
		 "not %u", c->file, (unsigned long long)c->number, c->run.rec.va, c->run.rec.arg, k,
		 i->conditional ? "conditional " : "", insn_class_name[i->cls], what,
		 c->run.got[k], i->words);
}

static struct insn decode_at(const struct check *c, uint32_t pa, bool thumb)
{
	const struct code_page *p = code_book_find(&c->book, pa);
	unsigned at = pa >> 2 & (CODE_PAGE_WORDS - 1);
	struct insn i = { .cls = INSN_UNKNOWN, .bytes = thumb ? 2 : 4 };

	if (!p || !code_page_knows(p, at))
		return i;
	if (!thumb) {
		insn_decode_arm(code_page_word(p, at), &i);
	} else if (pa & 2) {
		const struct code_page *q = code_book_find(&c->book, pa + 2);

		insn_decode_thumb((uint16_t)(code_page_word(p, at) >> 16),
				  q ? (uint16_t)code_page_word(q, (at + 1) & (CODE_PAGE_WORDS - 1)) : 0, &i);
	} else {
		insn_decode_thumb((uint16_t)code_page_word(p, at), (uint16_t)(code_page_word(p, at) >> 16), &i);
	}
	return i;
}

static void begin(struct check *c, const struct trace_rec *r)
{
	const struct guest *g = tracker_guest(c->tracker);
	gva_t mva = fcse_mva(r->va, g->fcse);
	struct walk w;
	uint32_t pa;

	guest_walk(g, mva, &w);
	assert_int_equal(w.fs, FS_NONE);
	pa = walk_pa(&w, mva);
	c->run.rec = *r;
	c->run.open = true;
	c->run.explained = false;
	memset(c->run.got, 0, r->arg * sizeof(c->run.got[0]));
	memset(c->run.next, 0, r->arg * sizeof(c->run.next[0]));
	for (unsigned k = 0; k < r->arg; k++) {
		c->run.insn[k] = decode_at(c, pa, r->flags & RUN_THUMB);
		pa += c->run.insn[k].bytes;
		c->n.insns++;
		c->n.by_class[c->run.insn[k].cls]++;
		c->n.unknown += c->run.insn[k].cls == INSN_UNKNOWN;
	}
	/* the instructions end where the run does */
	if (pa - walk_pa(&w, mva) != r->a)
		complain(c, "length of the run", r->arg - 1);
}

static void reference(struct check *c, const struct trace_rec *r)
{
	const struct insn *i = &c->run.insn[r->arg];
	unsigned kind = r->flags & ACC_KIND_MASK, size = r->flags & ACC_SIZE_MASK;
	unsigned nth = c->run.got[r->arg]++;
	bool load = i->cls == INSN_SWP ? !nth : i->load;

	c->n.references++;
	if (i->cls == INSN_STORE && !size) {
		c->run.got[r->arg] -= c->run.next[r->arg] == r->va;
		c->run.next[r->arg] = r->va + 1;
	}
	if (load != (r->kind == TRACE_LOAD))
		complain(c, "direction", r->arg);
	if ((kind == ACC_MULTI) != (i->cls == INSN_BLOCK || i->cls == INSN_DOUBLE ||
				    (i->cls == INSN_CP_DATA && i->words > 1)))
		complain(c, "kind", r->arg);
	if (i->cls == INSN_SWP && kind != ACC_EXCL)
		complain(c, "kind of SWP", r->arg);
	if ((i->cls == INSN_LOAD || i->cls == INSN_BLOCK || i->cls == INSN_DOUBLE) && size != 2)
		complain(c, "size", r->arg);
	if (i->cls == INSN_LOAD_SUB && size > 1)
		complain(c, "size", r->arg);
}

static void finish(struct check *c)
{
	for (unsigned k = 0; c->run.open && k < c->run.rec.arg; k++) {
		const struct insn *i = &c->run.insn[k];
		bool last = k + 1u == c->run.rec.arg;
		bool aborted = last && c->run.rec.flags & RUN_NO_RETIRE;
		unsigned got = c->run.got[k];

		if (i->cls == INSN_UNKNOWN || i->words == INSN_WORDS_UNKNOWN)
			continue;
		if (i->cls == INSN_UNDEFINED && !aborted)
			complain(c, "undefined, but it retired", k);
		if (aborted ? got > i->words : got != i->words && (got || !i->conditional))
			complain(c, "number", k);
		if (i->conditional && i->words && !aborted)
			(got ? c->n.passed : c->n.failed)[i->cls]++;
		/* within a run only a jump that was passed over */
		if (i->jumps && !last && (!i->conditional || got))
			complain(c, "a jump inside a run", k);
	}
	c->run.open = false;
}

/* Did execution go on where the last instruction lets it? */
static void went_on(struct check *c, uint32_t va)
{
	const struct trace_rec *r = &c->run.rec;
	const struct insn *i = &c->run.insn[r->arg - 1];
	bool jumped = va != r->va + r->a;

	if (!r->arg || r->flags & RUN_NO_RETIRE || c->run.explained || i->cls == INSN_UNKNOWN)
		return;
	if (jumped && !i->jumps)
		complain(c, "went elsewhere", r->arg - 1);
	if (!jumped && i->jumps && i->words && !i->conditional)
		complain(c, "did not jump", r->arg - 1);
}

static void exception(struct check *c, const struct trace_rec *r)
{
	if (r->arg == 3 || r->arg == 6 || r->arg == 7)
		went_on(c, r->b - 4);
	c->run.explained = true;
}

static void record(struct check *c, const struct trace_batch *b)
{
	const struct trace_rec *r = b->rec;

	c->number = b->first;
	if (r->kind == TRACE_LOAD || r->kind == TRACE_STORE) {
		if (c->run.open)
			reference(c, r);
		return;
	}
	finish(c);
	if (r->kind == TRACE_RUN) {
		if (c->run.rec.arg)
			went_on(c, r->va);
		begin(c, r);
	} else if (r->kind == TRACE_EXC) {
		exception(c, r);
	} else if (r->kind == TRACE_CODE) {
		code_book_add(&c->book, r->a, b->payload + r->b, r->arg);
	}
}

static void check_trace(const char *path, struct totals *n)
{
	static struct check c;
	struct trace_reader *t;
	struct trace_batch in;
	struct event_batch ev;
	struct diag d;

	memset(&c, 0, sizeof(c));
	c.file = path;
	assert_ok(trace_reader_open(&t, path, &d), &d);
	assert_ok(tracker_create(&c.tracker, trace_reader_header(t), &d), &d);
	for (;;) {
		assert_ok(trace_reader_next(t, &in, &d), &d);
		if (!in.n)
			break;
		for (size_t i = 0; i < in.n; i++) {
			struct trace_batch one = { &in.rec[i], 1, in.payload, in.first + i };

			record(&c, &one);       /* with the guest as before it */
			assert_ok(tracker_batch(c.tracker, &one, &ev, &d), &d);
		}
	}
	finish(&c);
	assert_int_equal(c.n.unknown, 0);
	assert_int_equal(tracker_unknown_code(c.tracker), 0);
	for (unsigned k = 0; k < INSN_CLASSES; k++) {
		n->by_class[k] += c.n.by_class[k];
		n->passed[k] += c.n.passed[k];
		n->failed[k] += c.n.failed[k];
	}
	n->insns += c.n.insns;
	n->references += c.n.references;
	tracker_destroy(c.tracker);
	code_book_free(&c.book);
	trace_reader_close(t);
}

static void every_quick_trace(void **state)
{
	struct totals n = { 0 };
	glob_t found;

	(void)state;
	assert_int_equal(glob(test_path("traces/quick/*.swt"), 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_trace(found.gl_pathv[i], &n);
	globfree(&found);
	for (unsigned k = 0; k < INSN_CLASSES; k++)
		fprintf(stderr, "# %-10s %8llu cond: passed %llu failed %llu\n", insn_class_name[k],
			(unsigned long long)n.by_class[k], (unsigned long long)n.passed[k],
			(unsigned long long)n.failed[k]);
	assert_true(n.insns > 500000 && n.references > 300000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_quick_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
