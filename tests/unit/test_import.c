/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of din and lackey texts: what a line becomes, what is refused and how, and random texts. */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "traces/check.h"
#include "traces/import.h"

enum { RECORDS = 40000 };

#define DIN { .format = IMPORT_DIN }
#define DIN_SKIP { .format = IMPORT_DIN, .skip_other = true }
#define DIN_FOLD { .format = IMPORT_DIN, .fold = true }
#define LACKEY { .format = IMPORT_LACKEY }
#define LACKEY_FOLD { .format = IMPORT_LACKEY, .fold = true }

struct got { struct trace_rec rec[RECORDS]; size_t n; struct trace_check check; };

static enum err take(void *ctx, const struct trace_rec *r, struct diag *d)
{
	struct got *g = ctx;
	const char *why = trace_check_next(&g->check, r, 0);

	(void)d;
	if (why)
		fail_msg("record %zu: %s", g->n, why);
	assert_in_range(g->n, 0, RECORDS - 1);
	g->rec[g->n++] = *r;
	return ERR_OK;
}

static enum err read_text(const char *text, size_t bytes, const struct import_options *o, struct got *g,
			  struct import_counts *n, struct diag *d)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, bytes, "r");
	enum err e;

	assert_non_null(f);
	memset(g, 0, sizeof(*g));
	e = trace_import(f, "t", o, take, g, n, NULL, d);
	fclose(f);
	return e;
}

/* The records as "KIND VA SIZE[s]" each, s for split. */
static void print(const struct got *g, char *out, size_t room)
{
	size_t at = 0;

	out[0] = 0;
	for (size_t i = 0; i < g->n; i++) {
		const struct trace_rec *r = &g->rec[i];

		at += (size_t)snprintf(out + at, room - at, "%s%c %x %u%s", i ? ", " : "",
				       r->kind == TRACE_FETCH ? 'I' : r->kind == TRACE_LOAD ? 'L' : 'S', r->va,
				       r->kind == TRACE_FETCH ? r->arg : 1u << (r->flags & ACC_SIZE_MASK),
				       r->kind != TRACE_FETCH && r->flags & ACC_SPLIT ? "s" : "");
		assert_in_range(at, 0, room - 1);
	}
}

static void lines_become_records(void **state)
{
	static const struct { struct import_options o; const char *text, *want; } rows[] = {
		{ DIN, "0 1000\n1 1004\n2 8000\n", "L 1000 4, S 1004 4, I 8000 4" },
		{ DIN, "  2\t0xABCdef some text\n\n \t\r\n0 3\r\n1 fffffffe", "I abcdec 4, L 0 4, S fffffffc 4" },
		{ DIN, "02 00000000000000001000\n", "I 1000 4" },
		{ DIN_SKIP, "3 10\n0 20\n4 ffffffffff\n", "L 20 4" },
		{ DIN_FOLD, "0 1fff000638\n1 100000003\n", "L ff000638 4, S 0 4" },
		{ LACKEY, "==1== Lackey\nI  0401ab70,3\n S 0401b770,8\n L 10,1\n M 20,2\n",
		  "I 401ab70 3, S 401b770 8, L 10 1, L 20 2, S 20 2" },
		{ LACKEY, "--1-- x\n**1** y\nI  0,255\n L 3f9,8\n L 3f8,8\n", "I 0 255, L 3f9 8s, L 3f8 8" },
		{ LACKEY, " L 100,16\n S 100,3\n L 3fe,10\n", "L 100 8, L 108 8, S 100 2, S 102 1, L 3fe 8s, L 406 2" },
		{ LACKEY, " M 40,7\n", "L 40 4, L 44 2, L 46 1, S 40 4, S 44 2, S 46 1" },
		{ LACKEY, " L ffffffff,1\n L fffffff8,8\n", "L ffffffff 1, L fffffff8 8" },
		{ LACKEY_FOLD, " L 1fffffffc,8\n L ffffffff,2\n", "L fffffffc 8s, L ffffffff 2s" },
	};
	static struct got g;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct import_counts n;
		struct diag d;

		assert_ok(read_text(rows[i].text, strlen(rows[i].text), &rows[i].o, &g, &n, &d), &d);
		print(&g, text, sizeof(text));
		assert_string_equal(text, rows[i].want);
		assert_int_equal(n.fetches + n.loads + n.stores, g.n);
	}
}

static void refused(void **state)
{
	static const struct { struct import_options o; const char *text, *want; } rows[] = {
		{ DIN, "0 10\n3 14\n", "t: line 2: '3 14': want label 0 (read), 1 (write) or 2" },
		{ DIN, "0 10\n\n17 14\n", "t: line 3: '17 14': want label 0" },
		{ DIN, "0 100000000\n", "t: line 1: '0 100000000': want an access below 4 GB, or --fold" },
		{ DIN, "r 10\n", "t: line 1: 'r 10': want LABEL HEXADDR" },
		{ DIN, "0\n", "line 1: '0': want LABEL HEXADDR" },
		{ DIN, "0 \n", "want LABEL HEXADDR" }, { DIN, "0 10g\n", "want LABEL HEXADDR" },
		{ DIN, "0 0x\n", "want LABEL HEXADDR" }, { DIN, "0x0 10\n", "want LABEL HEXADDR" },
		{ DIN, "-1 10\n", "want LABEL HEXADDR" }, { DIN, "0,10\n", "want LABEL HEXADDR" },
		{ DIN, "0 fffffffffffffffff\n", "want LABEL HEXADDR" },
		{ DIN_SKIP, "3 10\n3 zz\n", "line 2: '3 zz': want LABEL HEXADDR" },
		{ DIN_SKIP, "3 10\n", "t: no access in 1 lines (want a din trace)" },
		{ DIN, "\n", "t: no access in 1 lines" },
		{ DIN, "0 1\x01\n", "line 1: '0 1.': want" },
		{ LACKEY, "==1== x\nI  1fff000000,2\n", "t: line 2: 'I  1fff000000,2': want an access below 4 GB" },
		{ LACKEY, " L ffffffff,2\n", "want an access below 4 GB, or --fold" },
		{ LACKEY, "hello\n", "line 1: 'hello': want I, L, S or M with ADDR,SIZE" },
		{ LACKEY, " L 10,8 x\n", "want I, L, S or M" }, { LACKEY, " L 10\n", "want I, L" },
		{ LACKEY, " L 10,\n", "want I, L" }, { LACKEY, " X 10,4\n", "want I, L, S or M" },
		{ LACKEY, "=1= x\n", "want I, L, S or M" }, { LACKEY, "I10,4\n", "want I, L" },
		{ LACKEY, " L 10,0\n", "want a size of 1 to 65536" },
		{ LACKEY, " S 10,65537\n", "want a size of 1 to 65536" },
		{ LACKEY, "I  10,256\n", "want a fetch of 1 to 255 bytes" },
		{ LACKEY, "I  10,0\n", "want a fetch of 1 to 255 bytes" },
		{ LACKEY, "==1== nothing\n", "t: no access in 1 lines (want a lackey trace)" },
	};
	static struct got g;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct import_counts n;
		struct diag d;

		assert_err(ERR_TRACE, read_text(rows[i].text, strlen(rows[i].text), &rows[i].o, &g, &n, &d),
			   &d, rows[i].want);
	}
}

/* Texts much longer than the reader's buffer, with lines of any length, written in any way. */
static void random_texts(void **state)
{
	static const char *const blank[] = { " ", "\t", "  ", " \t " };
	static const char *const hex[] = { "%x", "%X", "%08x", "0x%x" };
	static struct got g;
	size_t room = 3 << 20, at = 0, n = 0;
	char *text = malloc(room);
	struct trace_rec *want = calloc(RECORDS, sizeof(*want));
	struct rng r = rng_stream(1, "din");
	struct import_options o = { .format = IMPORT_DIN, .skip_other = true };
	struct import_counts c;
	uint64_t skipped = 0;
	struct diag d;

	(void)state;
	assert_true(text && want);
	while (at < room - 8192 && n < RECORDS) {
		uint32_t label = rng_below(&r, 4), va = (uint32_t)rng_next(&r);
		uint32_t tail = rng_below(&r, 200) ? rng_below(&r, 12) : rng_below(&r, 6000);

		at += (size_t)snprintf(text + at, room - at, "%s%u%s", rng_below(&r, 4) ? "" : " ", label,
				       blank[rng_below(&r, 4)]);
		at += (size_t)sprintf(text + at, hex[rng_below(&r, 4)], va);
		for (uint32_t i = 0; i < tail; i++)
			text[at++] = i ? (char)('a' + rng_below(&r, 26)) : ' ';
		text[at++] = '\n';
		if (label == 3)
			skipped++;
		else
			want[n++] = (struct trace_rec){ .va = va & ~3u, .flags = label < 2 ? 2 : 0,
				.arg = label < 2 ? 0 : 4, .kind = label == 2 ? TRACE_FETCH : label ? TRACE_STORE
													  : TRACE_LOAD };
	}
	assert_ok(read_text(text, at, &o, &g, &c, &d), &d);
	assert_true(at > 4 << 18);      /* several buffers */
	assert_int_equal(g.n, n);
	assert_memory_equal(g.rec, want, n * sizeof(*want));
	assert_int_equal(c.skipped, skipped);
	assert_int_equal(c.lines, n + skipped);
	free(text);
	free(want);
}

/* What a header says of how it came about; two ways to get the same stream are one trace. */
static void headers(void **state)
{
	struct import_options plain = { .format = IMPORT_LACKEY }, folded = { .format = IMPORT_LACKEY, .fold = true };
	struct trace_header a, b;
	char *x, *y;
	struct diag d;

	(void)state;
	assert_ok(trace_import_header(&a, &plain, "dir/ls.out", &d), &d);
	assert_ok(trace_import_header(&b, &folded, "\xff", &d), &d);
	assert_true(trace_header_is_import(&a));
	assert_non_null(strstr(a.provenance, "\"input\":\"ls.out\""));
	assert_null(strstr(a.provenance, "fold"));
	assert_non_null(strstr(b.provenance, "\"fold\":\"addresses modulo 4 GB\""));
	assert_ok(trace_header_semantic_json(&a, &x, &d), &d);
	assert_ok(trace_header_semantic_json(&b, &y, &d), &d);
	assert_string_equal(x, y);
	free(x);
	free(y);
	trace_header_clear(&a);
	trace_header_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_records),
		cmocka_unit_test(refused),
		cmocka_unit_test(random_texts),
		cmocka_unit_test(headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
