/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The symbol map: its content survives packing, text and files; what is malformed is refused or, where
 * a change gives another map, that map is well formed; a place is what a search of all finds.
 */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/trace_random.h"
#include "traces/check.h"
#include "traces/swt.h"
#include "traces/symbols.h"

static void add(struct trace_symbols *s, const char *object, uint32_t va, uint32_t bytes,
		const char *name)
{
	const char *why = trace_symbols_add(s, object, va, bytes, name);

	if (why)
		fail_msg("%s: %s", name, why);
}

static void random_map(struct trace_symbols *s, uint64_t seed)
{
	struct rng g = { seed };
	unsigned objects = 1 + (unsigned)rng_below(&g, 5);
	char object[16], name[40];

	memset(s, 0, sizeof(*s));
	for (unsigned o = 0; o < objects; o++) {
		uint32_t va = (uint32_t)rng_below(&g, 64);

		snprintf(object, sizeof(object), "object-%u", o);
		for (unsigned n = 1 + (unsigned)rng_below(&g, 60); n; n--) {
			snprintf(name, sizeof(name), "f%u.%llx", n,
				 (unsigned long long)rng_next(&g) & 0xfffff);
			add(s, object, va, 1 + (uint32_t)rng_below(&g, 90), name);
			va += 1 + (uint32_t)rng_below(&g, 80);
		}
	}
}

static void assert_same(const struct trace_symbols *a, const struct trace_symbols *b)
{
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->nobjects, b->nobjects);
	for (unsigned i = 0; i < a->nobjects; i++)
		assert_string_equal(a->object[i], b->object[i]);
	for (size_t i = 0; i < a->n; i++) {
		assert_int_equal(a->symbol[i].va, b->symbol[i].va);
		assert_int_equal(a->symbol[i].bytes, b->symbol[i].bytes);
		assert_int_equal(a->symbol[i].object, b->symbol[i].object);
		assert_string_equal(trace_symbols_name(a, &a->symbol[i]),
				    trace_symbols_name(b, &b->symbol[i]));
	}
}

static uint8_t *encode(const struct trace_symbols *s, size_t *bytes)
{
	struct diag d;
	uint8_t *p;

	assert_ok(trace_symbols_encode(s, &p, bytes, &d), &d);
	return p;
}

static void packing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct trace_symbols a, b = { 0 };
		size_t bytes;
		uint8_t *p;

		random_map(&a, seed);
		p = encode(&a, &bytes);
		assert_null(trace_symbols_decode(&b, p, bytes));
		assert_same(&a, &b);
		trace_symbols_clear(&a);
		trace_symbols_clear(&b);
		free(p);
	}
}

/* Refused and left empty, or a map that packs into just these bytes. */
static bool decodes(const uint8_t *p, size_t bytes)
{
	struct trace_symbols s = { 0 };
	uint8_t *q = malloc(bytes + 1), *again;  /* no byte behind it is readable */
	size_t n;

	assert_non_null(q);
	memcpy(q, p, bytes);
	if (trace_symbols_decode(&s, q, bytes)) {
		assert_int_equal(s.n, 0);
		assert_null(s.symbol);
		free(q);
		return false;
	}
	again = encode(&s, &n);
	assert_int_equal(n, bytes);
	assert_memory_equal(again, q, n);
	trace_symbols_clear(&s);
	free(again);
	free(q);
	return true;
}

static void damaged_content(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x20, 0x80, 0xff };
	struct trace_symbols s;
	size_t bytes, other_maps = 0;
	uint8_t *p;

	(void)state;
	random_map(&s, 7);
	p = encode(&s, &bytes);
	for (size_t n = 0; n < bytes; n++)
		assert_false(decodes(p, n));
	for (size_t at = 0; at < bytes; at++)
		for (unsigned k = 0; k < sizeof(flips); k++) {
			p[at] ^= flips[k];
			other_maps += decodes(p, bytes);
			p[at] ^= flips[k];
		}
	for (size_t at = 0; at < 12; at += 4) {         /* the numbers in front */
		static const uint32_t wild[] = { 0, 1, 65, 1 << 20, INT32_MAX, UINT32_MAX };
		uint32_t was = le32_get(p + at);

		for (unsigned k = 0; k < sizeof(wild) / sizeof(wild[0]); k++) {
			le32_put(p + at, wild[k]);
			assert_true(wild[k] == was || !decodes(p, bytes));
		}
		le32_put(p + at, was);
	}
	assert_true(decodes(p, bytes));
	assert_true(other_maps > 0 && other_maps < 4 * bytes);
	trace_symbols_clear(&s);
	free(p);
}

static void places(void **state)
{
	char want[TRACE_PLACE_BYTES], got[TRACE_PLACE_BYTES];
	unsigned named = 0, none = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct trace_symbols s;

		random_map(&s, seed);
		for (uint32_t va = 0; va < 3000; va += 7) {
			size_t used = 0;

			want[0] = '\0';
			for (size_t i = 0; i < s.n; i++) {
				const struct trace_symbol *y = &s.symbol[i], *next = y + 1;
				bool last = i + 1 == s.n || next->object != y->object;

				if (va < y->va || va - y->va >= y->bytes ||
				    (!last && next->va <= va))
					continue;
				used += (size_t)snprintf(want + used, sizeof(want) - used,
							 "%s%s:%s+0x%x", used ? "|" : "",
							 s.object[y->object],
							 trace_symbols_name(&s, y), va - y->va);
			}
			assert_string_equal(trace_symbols_place(&s, va, got), want);
			named += want[0] != '\0';
			none += want[0] == '\0';
		}
		trace_symbols_clear(&s);
	}
	assert_true(named > 1000 && none > 1000);
}

static void what_a_map_says(void **state)
{
	static const char text[] =
		"c0008000 T stext\n"
		"c0008000 t local_alias\n"
		"         U printf\n"
		"                 w weak_elsewhere\n"
		"00000000c0008100 0000000000000020 t helper\n"
		"c0008040 t $a\n"
		"c0008200 D table\n"
		"\n"
		"c0008180 T last_before_data\t[module]\n"
		"c0008300 W end\r\n";
	static const struct { uint32_t va, bytes; const char *name; } want[] = {
		{ 0xc0008000, 0x100, "stext" }, { 0xc0008100, 0x20, "helper" },
		{ 0xc0008180, 0x80, "last_before_data" }, { 0xc0008300, 4, "end" },
	};
	struct trace_symbols s = { 0 };
	struct diag d;

	(void)state;
	assert_ok(trace_symbols_add_map(&s, "kernel", "t", text, sizeof(text) - 1, &d), &d);
	assert_int_equal(s.n, 4);
	for (size_t i = 0; i < s.n; i++) {
		assert_int_equal(s.symbol[i].va, want[i].va);
		assert_int_equal(s.symbol[i].bytes, want[i].bytes);
		assert_string_equal(trace_symbols_name(&s, &s.symbol[i]), want[i].name);
	}
	trace_symbols_clear(&s);
}

static void wrong_maps(void **state)
{
	static const struct { const char *text, *words; } bad[] = {
		{ "", "no function" },
		{ "c0008000 D data\n", "no function" },
		{ "c0008000 T a\nstext\n", "t:2: want a hexadecimal address" },
		{ "c0008000g T a\n", "t:1: want a hexadecimal" },
		{ "1c0008000 T a\n", "32 bits" },
		{ "c0008000\n", "t:1: want a type" },
		{ "c0008000 00zz T a\n", "t:1: want a type" },
		{ "c0008000 T\n", "t:1: want a name" },
		{ "c0008000 T a\"b\n", "plain characters" },
		{ "c0008000 T #b\n", "plain characters" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct trace_symbols s = { 0 };
		struct diag d = { "" };

		assert_err(ERR_USAGE, trace_symbols_add_map(&s, "kernel", "t", bad[i].text,
							    strlen(bad[i].text), &d),
			   &d, bad[i].words);
		trace_symbols_clear(&s);
	}
}

static void write_named(const struct random_trace *t, const struct trace_symbols *s,
			const char *path, struct trace_summary *sum)
{
	struct trace_writer_options o = { .level = 3, .frame_records = 20, .symbols = s };
	struct trace_writer *w;
	struct diag d;

	assert_ok(trace_writer_open(&w, path, &t->header, &o, &d), &d);
	for (size_t i = 0; i < t->n; i++) {
		size_t bytes = trace_payload_bytes(&t->rec[i]);

		assert_ok(trace_writer_put(w, &t->rec[i], bytes ? t->payload + t->rec[i].b : NULL,
					   bytes, &d), &d);
	}
	assert_ok(trace_writer_close(w, sum, &d), &d);
}

static void in_a_file(void **state)
{
	struct trace_summary plain, named;
	struct trace_symbols s;
	struct random_trace t;
	struct trace_reader *r;
	size_t bytes;
	struct diag d;
	uint8_t *p;

	(void)state;
	random_trace(&t, 3, 60, RANDOM_LOOPS);
	random_map(&s, 9);
	write_trace(&t, scratch("plain.swt"), 3, 20, &plain);
	write_named(&t, &s, scratch("named.swt"), &named);
	assert_string_equal(plain.id, named.id);
	assert_holds(&t, scratch("named.swt"));
	assert_ok(trace_reader_open(&r, scratch("named.swt"), &d), &d);
	assert_non_null(trace_reader_symbols(r));
	assert_same(trace_reader_symbols(r), &s);
	trace_reader_close(r);
	assert_ok(trace_reader_open(&r, scratch("plain.swt"), &d), &d);
	assert_null(trace_reader_symbols(r));
	trace_reader_close(r);

	/* no flipped bit goes unseen, and no length but the whole one passes */
	p = load_file(scratch("named.swt"), &bytes);
	for (size_t at = 0; at < bytes; at++) {
		p[at] ^= 0x11;
		store_file(scratch("bad.swt"), p, bytes);
		p[at] ^= 0x11;
		if (!trace_reader_open(&r, scratch("bad.swt"), &d)) {
			struct trace_batch b;
			enum err e;

			do
				e = trace_reader_next(r, &b, &d);
			while (!e && b.n);
			assert_int_equal(e, ERR_TRACE);
			trace_reader_close(r);
		}
		store_file(scratch("bad.swt"), p, at);
		assert_int_equal(trace_reader_open(&r, scratch("bad.swt"), &d), ERR_TRACE);
	}
	free(p);
	trace_symbols_clear(&s);
	random_trace_clear(&t);
}

/* A map whose checksum is right and whose content is not. */
static void resealed(void **state)
{
	struct trace_symbols s;
	struct random_trace t;
	struct trace_reader *r;
	size_t bytes, at, n, refused = 0;
	struct diag d;
	uint8_t *p;

	(void)state;
	random_trace(&t, 3, 20, RANDOM_LOOPS);
	random_map(&s, 10);
	write_named(&t, &s, scratch("named.swt"), NULL);
	p = load_file(scratch("named.swt"), &bytes);
	at = le32_get(p + 4) + SWT_SKIP_BYTES;
	assert_int_equal(le32_get(p + at), SWT_MAGIC_SYMBOLS);
	n = le32_get(p + at + 4) + SWT_SKIP_BYTES;
	for (size_t i = SWT_BODY_AT; i < n - SWT_HASH_BYTES; i++) {
		p[at + i] ^= 0x41;
		le64_put(p + at + n - SWT_HASH_BYTES, XXH64(p + at, n - SWT_HASH_BYTES, 0));
		store_file(scratch("bad.swt"), p, bytes);
		p[at + i] ^= 0x41;
		if (trace_reader_open(&r, scratch("bad.swt"), &d)) {
			assert_non_null(strstr(d.msg, "offset"));
			refused++;
		} else {
			trace_reader_close(r);
		}
	}
	assert_true(refused >= n - SWT_AROUND_BYTES - 4);       /* zstd has unused bits */
	free(p);
	trace_symbols_clear(&s);
	random_trace_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packing), cmocka_unit_test(damaged_content),
		cmocka_unit_test(places), cmocka_unit_test(what_a_map_says),
		cmocka_unit_test(wrong_maps), cmocka_unit_test(in_a_file),
		cmocka_unit_test(resealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
