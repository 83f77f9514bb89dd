/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Imported streams against a second opinion: caches and TLBs as a textbook tells them, which are
 * Dinero IV's with -l1-isize 16k -l1-ibsize 32 -l1-iassoc 4 -l1-irepl l -l1-ifetch d, the same of the
 * data cache with -l1-dwalloc a -l1-dwback a. Of its din format every access is one word of one line;
 * of lackey's one is of every line and every page that it has a byte in. At its end Dinero copies back what is dirty, so its write-backs are ours and the lines that
 * are dirty at the end. Engines, batches and threads count the same.
 */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "tests/import_kit.h"

/* --- the textbook ------------------------------------------------------------------------ */

struct line { uint32_t number; bool valid, dirty; };
/* Each set's lines stand in the order of their last use, the latest first. */
struct book { uint32_t sets, ways, bytes; struct line *line; uint64_t miss[3], writebacks; };

static struct book book(uint32_t bytes, uint32_t ways, uint32_t line_bytes)
{
	struct book b = { .sets = bytes / ways / line_bytes, .ways = ways, .bytes = line_bytes };

	b.line = calloc((size_t)b.sets * ways, sizeof(*b.line));
	assert_non_null(b.line);
	return b;
}

static void consult_line(struct book *b, uint32_t number, enum access how)
{
	uint32_t way = 0;
	struct line *set = b->line + (size_t)(number % b->sets) * b->ways, now = { number, true, false };

	while (way < b->ways && !(set[way].valid && set[way].number == number))
		way++;
	if (way == b->ways) {
		b->miss[how]++;
		way = b->ways - 1;
		b->writebacks += set[way].valid && set[way].dirty;
	} else {
		now = set[way];
	}
	now.dirty |= how == ACCESS_WRITE;
	memmove(set + 1, set, way * sizeof(*set));
	set[0] = now;
}

static void consult(struct book *b, uint32_t addr, uint32_t bytes, enum access how)
{
	uint32_t first = addr / b->bytes, last = (addr + (bytes - 1)) / b->bytes;

	consult_line(b, first, how);
	while (first != last) {         /* behind the last line of 4 GB is the first */
		first = (first + 1) & (UINT32_MAX / b->bytes);
		consult_line(b, first, how);
	}
}

static uint64_t dirty(const struct book *b)
{
	uint64_t n = 0;

	for (size_t i = 0; i < (size_t)b->sets * b->ways; i++)
		n += b->line[i].valid && b->line[i].dirty;
	return n;
}

static void like_lackey(struct random_trace *t, struct rng *g, bool fetches)
{
	(void)fetches;
	import_like_lackey(t, g);
}

static const struct { const char *name; void (*make)(struct random_trace *, struct rng *, bool); }
shapes[] = { { "program", import_like_a_program }, { "lackey", like_lackey }, { "line ends", import_at_line_ends },
	     { "anywhere", import_anywhere } };
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

/* --- equal to the textbook ------------------------------------------------------------------ */

struct books { struct book i, d, itlb, dtlb, tlb; };

static void consult_all(struct books *b, const struct random_trace *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct trace_rec *r = &t->rec[i];
		enum access how = r->kind == TRACE_FETCH ? ACCESS_FETCH
				: r->kind == TRACE_STORE ? ACCESS_WRITE : ACCESS_READ;
		bool fetch = how == ACCESS_FETCH;
		uint32_t bytes = fetch ? r->arg : 1u << (r->flags & ACC_SIZE_MASK);

		consult(fetch ? &b->i : &b->d, r->va, bytes, how);
		consult(fetch ? &b->itlb : &b->dtlb, r->va, bytes, ACCESS_READ);
		consult(&b->tlb, r->va, bytes, ACCESS_READ);
	}
}

static void free_books(struct books *b)
{
	free(b->i.line);
	free(b->d.line);
	free(b->itlb.line);
	free(b->dtlb.line);
	free(b->tlb.line);
}

static void check_caches(const struct outcome *o, const struct books *b)
{
	assert_int_equal(import_count(o, "l1i.misses"), b->i.miss[ACCESS_FETCH]);
	assert_int_equal(import_count(o, "l1d.read.misses"), b->d.miss[ACCESS_READ]);
	assert_int_equal(import_count(o, "l1d.write.misses"), b->d.miss[ACCESS_WRITE]);
	assert_int_equal(import_count(o, "l1d.writebacks"), b->d.writebacks);
	assert_int_equal(import_count(o, "l1d.dirty-at-end"), dirty(&b->d));
}

/* One stream: with a split TLB, then with a unified one, by both engines, all kinds of caches. */
static void check_stream(const struct random_trace *t, const char *const *set, uint32_t bytes,
			 uint32_t ways, uint32_t line_bytes)
{
	static const char *const kind[][2] = { { "l1i.kind=pipt", "l1d.kind=pipt" },
		{ "l1i.kind=vipt", "l1d.kind=vipt" }, { "l1i.kind=vivt", "l1d.kind=vivt" } };
	struct books b = { book(bytes, ways, line_bytes), book(bytes, ways, line_bytes),
			   book(64 << 12, 64, 1 << 12), book(64 << 12, 64, 1 << 12), book(64 << 12, 64, 1 << 12) };
	struct outcome o;

	consult_all(&b, t);
	for (unsigned k = 0; k < 3; k++)
		for (unsigned split = 0; split < 2; split++) {
			const char *all[SETS + 1] = { kind[k][0], kind[k][1] };
			unsigned n = 2;

			for (unsigned i = 0; set[i]; i++)
				all[n++] = set[i];
			if (split) {
				all[n++] = "itlb.entries=64";
				all[n++] = "dtlb.entries=64";
			}
			o = import_run(all, split ? ENGINE_REF : ENGINE_FAST);
			assert_int_equal(o.fast, !split);
			check_caches(&o, &b);
			assert_int_equal(import_references(&o), t->n);
			if (split) {
				assert_int_equal(import_count(&o, "itlb.misses"), b.itlb.miss[ACCESS_READ]);
				assert_int_equal(import_count(&o, "dtlb.misses"), b.dtlb.miss[ACCESS_READ]);
			} else {
				assert_int_equal(import_count(&o, "tlb.misses"), b.tlb.miss[ACCESS_READ]);
			}
			assert_int_equal(import_count(&o, "walk.references"), 2 * import_count(&o, "walk.walks"));
		}
	free_books(&b);
}

static void counts_are_a_textbooks(void **state)
{
	static const struct { const char *set[7]; uint32_t bytes, ways, line; } rows[] = {
		{ { NULL }, 16384, 4, 32 },
		{ { "l1i.bytes=1024", "l1d.bytes=1024", "l1i.ways=1", "l1d.ways=1", NULL }, 1024, 1, 32 },
		{ { "l1i.bytes=8192", "l1d.bytes=8192", "l1i.ways=2", "l1d.ways=2", "l1i.line=16",
		    "l1d.line=16", NULL }, 8192, 2, 16 },
	};

	(void)state;
	for (unsigned s = 0; s < SHAPES; s++)
		for (unsigned fetches = 0; fetches < 2; fetches++) {
			struct rng g = rng_stream(7 + fetches, shapes[s].name);
			struct random_trace t;

			import_begin(&t, IMPORT_DIN);
			shapes[s].make(&t, &g, fetches);
			write_trace(&t, scratch("stream.swt"), 0, 0, NULL);
			for (unsigned i = 0; i < (s > 1 ? 1 : 3); i++) {
				const char *set[SETS] = { NULL };

				memcpy(set, rows[i].set, sizeof(rows[i].set));
				check_stream(&t, set, rows[i].bytes, rows[i].ways, rows[i].line);
			}
			random_trace_clear(&t);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_a_textbooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
