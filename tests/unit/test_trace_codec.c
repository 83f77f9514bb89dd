/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records through writer and reader and back; damaged frame contents through the decoder. */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/trace_random.h"
#include "traces/codec.h"

static void round_trips(void **state)
{
	static const uint32_t frames[] = { 0, 1, 7, 1000 };

	(void)state;
	for (unsigned shape = 0; shape < RANDOM_SHAPES; shape++)
		for (uint64_t seed = 1; seed <= 6; seed++) {
			struct random_trace t;

			random_trace(&t, seed, seed == 1 ? 1 : 5000, shape);
			for (unsigned i = 0; i < 4; i++) {
				const char *path = scratch("t.swt");

				write_trace(&t, path, 1, frames[i], NULL);
				assert_holds(&t, path);
			}
			random_trace_clear(&t);
		}
}

static void empty_trace(void **state)
{
	struct random_trace t;
	struct trace_summary s;

	(void)state;
	random_trace(&t, 5, 0, RANDOM_ALL);
	write_trace(&t, scratch("t.swt"), 0, 0, &s);
	assert_int_equal(s.records, 0);
	assert_holds(&t, scratch("t.swt"));
	random_trace_clear(&t);
}

static void equal_input_gives_equal_bytes(void **state)
{
	struct random_trace t;
	uint8_t *a, *b;
	size_t na, nb;

	(void)state;
	random_trace(&t, 11, 20000, RANDOM_ALL);
	write_trace(&t, scratch("a.swt"), 3, 3000, NULL);
	write_trace(&t, scratch("b.swt"), 3, 3000, NULL);
	a = load_file(scratch("a.swt"), &na);
	b = load_file(scratch("b.swt"), &nb);
	assert_int_equal(na, nb);
	assert_memory_equal(a, b, na);
	free(a);
	free(b);
	random_trace_clear(&t);
}

static void id_is_of_the_content_only(void **state)
{
	static const struct { int level; uint32_t frame; } how[] = {
		{ 1, 0 }, { 19, 0 }, { 3, 1 }, { 3, 512 },
	};
	struct trace_summary first, s;
	struct random_trace t;

	(void)state;
	random_trace(&t, 12, 3000, RANDOM_LOOPS);
	for (unsigned i = 0; i < 4; i++) {
		write_trace(&t, scratch("t.swt"), how[i].level, how[i].frame, &s);
		if (!i)
			first = s;
		assert_string_equal(s.id, first.id);
		assert_int_equal(s.instructions, first.instructions);
		assert_int_equal(s.references, first.references);
	}
	strcpy(t.header.workload, "another");           /* not semantic */
	write_trace(&t, scratch("t.swt"), 1, 0, &s);
	assert_string_equal(s.id, first.id);
	t.header.cpsr ^= 1;                             /* semantic */
	write_trace(&t, scratch("t.swt"), 1, 0, &s);
	assert_string_not_equal(s.id, first.id);
	t.header.cpsr ^= 1;
	t.rec[t.n - 1].va ^= 4;
	if (t.rec[t.n - 1].kind <= TRACE_STORE) {
		write_trace(&t, scratch("t.swt"), 1, 0, &s);
		assert_string_not_equal(s.id, first.id);
	}
	random_trace_clear(&t);
}

static void totals(void **state)
{
	static const struct trace_rec rec[] = {
		{ .kind = TRACE_RUN, .arg = 3, .va = 0x8000, .a = 12 },
		{ .kind = TRACE_LOAD, .flags = 2, .arg = 1, .va = 0x9000 },
		{ .kind = TRACE_STORE, .flags = 3, .arg = 2, .va = 0x93fc | ACC_SPLIT * 0 },
		{ .kind = TRACE_RUN, .flags = RUN_NO_RETIRE, .arg = 2, .va = 0x800c, .a = 8 },
		{ .kind = TRACE_FETCH, .arg = 4, .va = 0x8000 },
		{ .kind = TRACE_MARK, .a = 1 },
	};
	struct random_trace t;
	struct trace_summary s;

	(void)state;
	random_trace(&t, 1, 0, RANDOM_ALL);
	for (size_t i = 0; i < sizeof(rec) / sizeof(rec[0]); i++) {
		struct trace_rec r = rec[i];

		if (r.va == 0x93fc)
			r.flags |= ACC_SPLIT;           /* one reference */
		random_trace_add(&t, &r, NULL);
	}
	write_trace(&t, scratch("t.swt"), 0, 0, &s);
	assert_int_equal(s.records, 6);
	assert_int_equal(s.instructions, 3 + 1 + 1);
	assert_int_equal(s.references, 3 + 1 + 1 + 2 + 1);
	assert_holds(&t, scratch("t.swt"));
	random_trace_clear(&t);
}

/* The content of one frame, as the encoder makes it. */
static uint8_t *encode(const struct random_trace *t, size_t *bytes)
{
	struct codec_enc *e;
	struct codec_frame f;
	struct diag d;
	uint8_t *p;

	assert_ok(codec_enc_create(&e, &d), &d);
	for (size_t i = 0; i < t->n; i++)
		assert_ok(codec_enc_put(e, &t->rec[i], t->payload + t->rec[i].b, &d), &d);
	assert_ok(codec_enc_finish(e, &f, &d), &d);
	p = malloc(f.bytes);
	assert_non_null(p);
	memcpy(p, f.p, f.bytes);
	*bytes = f.bytes;
	codec_enc_destroy(e);
	return p;
}

/* Decodes whatever it is; every record that comes out is well formed. */
static bool decode_any(struct codec_dec *c, const uint8_t *p, size_t bytes)
{
	static struct trace_rec rec[CODEC_BATCH];
	uint8_t *copy = calloc(1, bytes + CODEC_SLACK);
	struct codec_frame f;
	const char *why;
	size_t n;

	assert_non_null(copy);
	memcpy(copy, p, bytes);
	why = codec_dec_begin(c, copy, bytes, &f);
	while (!why && !(why = codec_dec_next(c, rec, CODEC_BATCH, &n)) && n)
		for (size_t i = 0; i < n; i++) {
			struct trace_rec r = rec[i];
			size_t payload = trace_payload_bytes(&r);

			if (payload)
				assert_true(r.b + payload <= f.bytes);
			if (trace_is_access(&r)) {      /* the one thing it leaves open */
				bool crosses = r.va % 1024 + (1u << (r.flags & 3)) > 1024;

				r.flags &= (uint8_t)~ACC_SPLIT;
				r.flags |= crosses ? ACC_SPLIT : 0;
			}
			assert_null(trace_check_alone(&r, payload));
		}
	free(copy);
	return !why;
}

static void mutate(uint8_t *p, size_t *bytes, struct rng *g)
{
	for (uint32_t i = 1 + rng_below(g, 4); i--;) {
		size_t at = rng_below(g, 3) ? rng_below(g, (uint32_t)*bytes) :
			    rng_below(g, CODEC_HEAD_BYTES + 1);

		if (at >= *bytes)
			continue;
		switch (rng_below(g, 4)) {
		case 0: p[at] ^= (uint8_t)(1 << rng_below(g, 8)); break;
		case 1: p[at] = (uint8_t)rng_next(g); break;
		case 2: p[at] = (uint8_t)(p[at] + 1); break;
		default: p[at] = 0xff;
		}
	}
	if (!rng_below(g, 20))
		*bytes = rng_below(g, (uint32_t)*bytes + 1);
}

static void garbage_is_harmless(void **state)
{
	struct codec_dec *c;
	struct diag d;
	unsigned survived = 0;

	(void)state;
	assert_ok(codec_dec_create(&c, &d), &d);
	for (unsigned shape = 0; shape < RANDOM_SHAPES; shape++)
		for (uint64_t seed = 1; seed <= 8; seed++) {
			struct rng g = { seed };
			struct random_trace t;
			uint8_t *whole, *p;
			size_t bytes;

			random_trace(&t, seed, 30 << rng_below(&g, 6), shape);
			whole = encode(&t, &bytes);
			p = malloc(bytes);
			assert_non_null(p);
			assert_true(decode_any(c, whole, bytes));
			for (unsigned i = 0; i < 300; i++) {
				size_t n = bytes;

				memcpy(p, whole, bytes);
				mutate(p, &n, &g);
				survived += decode_any(c, p, n);
			}
			free(p);
			free(whole);
			random_trace_clear(&t);
		}
	assert_in_range(survived, 1, 3 * 8 * 300 - 1);
	codec_dec_destroy(c);
}

static void noise_is_refused(void **state)
{
	struct rng g = { 99 };
	struct codec_dec *c;
	struct diag d;
	uint8_t p[600];

	(void)state;
	assert_ok(codec_dec_create(&c, &d), &d);
	for (unsigned i = 0; i < 2000; i++) {
		size_t n = rng_below(&g, sizeof(p));

		for (size_t k = 0; k < n; k++)
			p[k] = (uint8_t)(k < CODEC_HEAD_BYTES && rng_below(&g, 8) ? 0 :
					 rng_next(&g));
		decode_any(c, p, n);
	}
	codec_dec_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(empty_trace),
		cmocka_unit_test(equal_input_gives_equal_bytes),
		cmocka_unit_test(id_is_of_the_content_only),
		cmocka_unit_test(totals),
		cmocka_unit_test(garbage_is_harmless),
		cmocka_unit_test(noise_is_refused),
	};

	return cmocka_run_group_tests_name("trace_codec", tests, NULL, NULL);
}
