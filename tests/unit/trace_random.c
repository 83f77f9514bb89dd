/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)  /* as in tests/support.c */
#include "tests/unit/trace_random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support.h"
#include "traces/check.h"

void random_trace_add(struct random_trace *t, const struct trace_rec *r, const void *payload)
{
	size_t bytes = trace_payload_bytes(r);

	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 256;
		t->rec = realloc(t->rec, t->cap * sizeof(*t->rec));
		assert_non_null(t->rec);
	}
	t->rec[t->n] = *r;
	if (bytes) {
		while (t->payload_bytes + bytes > t->payload_cap) {
			t->payload_cap = t->payload_cap ? 2 * t->payload_cap : 65536;
			t->payload = realloc(t->payload, t->payload_cap);
			assert_non_null(t->payload);
		}
		memcpy(t->payload + t->payload_bytes, payload, bytes);
		t->rec[t->n].b = (uint32_t)t->payload_bytes;
		t->payload_bytes += bytes;
	}
	t->n++;
}

/* Extremes more often than chance would have them. */
static uint32_t any32(struct rng *g)
{
	static const uint32_t extreme[] = { 0, 1, 0x7f, 0x80, 0x7fffffff, 0x80000000,
					    0xfffffffe, 0xffffffff };

	if (!rng_below(g, 4))
		return extreme[rng_below(g, 8)];
	return (uint32_t)rng_next(g) >> rng_below(g, 32);
}

static void add_access(struct random_trace *t, struct rng *g, unsigned idx, uint32_t va)
{
	struct trace_rec r = { .kind = rng_below(g, 2) ? TRACE_LOAD : TRACE_STORE,
		.arg = (uint16_t)idx, .va = va };
	unsigned bytes;

	r.flags = (uint8_t)(rng_below(g, 4) | rng_below(g, 4) << 2);
	bytes = 1u << (r.flags & ACC_SIZE_MASK);
	if (va % 1024 + bytes > 1024)
		r.flags |= ACC_SPLIT;
	if (!rng_below(g, 8)) {
		r.flags |= ACC_IO;
		r.a = any32(g);
	}
	if (r.kind == TRACE_STORE && !rng_below(g, 8)) {
		r.flags |= ACC_VALUED;
		r.a = any32(g);
		r.b = any32(g);
	}
	random_trace_add(t, &r, NULL);
}

static void add_run(struct random_trace *t, struct rng *g)
{
	bool thumb = rng_below(g, 3) == 0;
	uint32_t n = 1 + rng_below(g, rng_below(g, 10) ? 20 : thumb ? 512 : 256), bytes, most, idx;
	struct trace_rec r = { .kind = TRACE_RUN, .arg = (uint16_t)n };

	bytes = thumb ? 2 * n + 2 * rng_below(g, n + 1) : 4 * n;
	if (bytes > 1024)
		bytes = 1024;
	r.a = bytes;
	r.va = (any32(g) & ~1023u) + (rng_below(g, 1024 - bytes + 1) & (thumb ? ~1u : ~3u));
	r.flags = (uint8_t)((thumb ? RUN_THUMB : 0) | (rng_below(g, 9) ? 0 : RUN_NO_RETIRE));
	random_trace_add(t, &r, NULL);
	most = rng_below(g, 4) ? rng_below(g, 4) : rng_below(g, rng_below(g, 20) ? 30 : 1200);
	idx = 0;
	for (uint32_t i = 0; i < most; i++) {
		idx += rng_below(g, 3) ? 0 : rng_below(g, n - idx);
		add_access(t, g, idx, any32(g));
	}
}

/* A small set of runs that do the same each time, but for where their accesses go. */
static void add_loop(struct random_trace *t, struct rng *g)
{
	struct rng fixed = { rng_below(g, 40) };
	uint32_t n = 1 + rng_below(&fixed, 30), accs = rng_below(&fixed, 6), idx = 0;
	uint32_t base = rng_below(&fixed, 1 << 20) * 4096, step = (uint32_t)t->n * 8;
	struct trace_rec r = { .kind = TRACE_RUN, .arg = (uint16_t)n, .a = 4 * n,
		.va = 0xc0008000 + rng_below(&fixed, 500) * 1024 };

	random_trace_add(t, &r, NULL);
	for (uint32_t i = 0; i < accs; i++) {
		idx += rng_below(&fixed, n - idx);
		r = (struct trace_rec){ .kind = rng_below(&fixed, 2) ? TRACE_LOAD : TRACE_STORE,
			.flags = 2 | (i & 1 ? ACC_MULTI : 0), .arg = (uint16_t)idx,
			.va = (base + (rng_below(&fixed, 2) ? step : i * 4)) & ~3u };
		if (!rng_below(g, 10))
			r.va = any32(g) & ~3u;
		random_trace_add(t, &r, NULL);
	}
}

static void add_bulk(struct random_trace *t, struct rng *g, struct trace_rec *r)
{
	static uint8_t bytes[4 * 65535];
	size_t n;

	if (r->kind == TRACE_CODE) {
		r->flags = (uint8_t)rng_below(g, 2);
		r->arg = (uint16_t)(1 + rng_below(g, rng_below(g, 100) ? 40 : 65535));
		r->a = any32(g) & 0x7ffffffc;
	} else if (r->kind == TRACE_IMAGE) {
		r->a = any32(g) & ~4095u;
	} else {
		r->flags = (uint8_t)(rng_below(g, 3) | rng_below(g, 16) << 2);
		r->arg = (uint16_t)(1 << rng_below(g, 4));
		r->va = any32(g);
	}
	n = trace_payload_bytes(r);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(rng_below(g, 3) ? 0 : rng_below(g, 256));
	random_trace_add(t, r, bytes);
}

static uint16_t any_class(struct rng *g)
{
	uint16_t c;

	do
		c = (uint16_t)rng_below(g, SENS_CLASSES);
	while (c == SENS_UNPRIV || c == SENS_CP);
	return c;
}

static uint16_t any_key(struct rng *g)
{
	uint16_t key = (uint16_t)(rng_next(g) >> rng_below(g, 16));

	return key & CP_KEY_64 ? key & (CP_KEY_CP14 | CP_KEY_64 | CP_KEY(0, 7, 15, 0)) : key;
}

/* Of an invalidate that names a page. */
static uint32_t any_scope(struct rng *g)
{
	unsigned pick = rng_below(g, 3);

	return pick < 2 ? pick : HIST_ASID | rng_below(g, 256);
}

static void add_other(struct random_trace *t, struct rng *g, unsigned kind)
{
	struct trace_rec r = { .kind = (uint8_t)kind };

	switch (kind) {
	case TRACE_CP_WRITE:
	case TRACE_CP_READ:
		r.arg = rng_below(g, 3) ? CP_KEY(7, 0, 10, 1) : any_key(g);
		r.a = any32(g);
		r.b = r.arg & CP_KEY_64 ? any32(g) : 0;
		break;
	case TRACE_EXC:
		r.arg = (uint16_t)rng_below(g, 8);
		r.va = any32(g);
		r.a = any32(g);
		r.b = any32(g);
		break;
	case TRACE_SENS:
		r.arg = any_class(g);
		r.flags = (uint8_t)rng_below(g, 2);
		r.a = any32(g);
		r.b = any32(g);
		break;
	case TRACE_WITNESS:
		r.flags = (uint8_t)rng_below(g, 4);
		r.va = any32(g) & ~1023u;
		r.a = any32(g) & ~1023u;
		break;
	case TRACE_HIST:
		r.flags = (uint8_t)rng_below(g, 3);
		r.arg = r.flags == HIST_REG ? any_key(g) : 0;
		r.va = r.flags == HIST_REG ? 0 : any32(g) & ~1023u;
		r.a = any32(g) | 1;
		r.b = r.flags == HIST_INVAL ? any_scope(g) : any32(g);
		break;
	case TRACE_WAIT:
		r.flags = (uint8_t)rng_below(g, 2);
		/* fallthrough */
	case TRACE_HASH:
		r.b = any32(g);
		/* fallthrough */
	default:                /* MODE, MARK */
		r.a = any32(g);
	}
	random_trace_add(t, &r, NULL);
}

static void add_any(struct random_trace *t, struct rng *g)
{
	unsigned kind = rng_below(g, 3) ? TRACE_RUN : rng_below(g, TRACE_KINDS);
	struct trace_rec r = { .kind = (uint8_t)kind };

	if (kind == TRACE_FETCH) {
		r.arg = (uint16_t)(1 + rng_below(g, 255));
		r.va = any32(g);
		random_trace_add(t, &r, NULL);
	} else if (trace_has_payload(kind)) {
		add_bulk(t, g, &r);
	} else if (kind <= TRACE_STORE) {
		add_run(t, g);
	} else {
		add_other(t, g, kind);
	}
}

static void add_import(struct random_trace *t, struct rng *g)
{
	struct trace_rec r = { .kind = TRACE_FETCH, .arg = 4,
		.va = 0x8000 + 4 * rng_below(g, 64) };

	if (rng_below(g, 2))
		random_trace_add(t, &r, NULL);
	else if (!rng_below(g, 50))
		add_other(t, g, TRACE_MARK);
	else
		add_access(t, g, 0, any32(g));
}

static void random_header(struct trace_header *h, struct rng *g)
{
	strcpy(h->arch, rng_below(g, 2) ? "armv5" : "armv6");
	strcpy(h->core, "arm926");
	strcpy(h->guest, "a guest");
	h->vcpus = 1;
	h->icount_shift = (int)rng_below(g, 10) - 1;
	h->hz = rng_below(g, 1001);
	h->nram = rng_below(g, TRACE_MAX_RANGES + 1);
	for (unsigned i = 0; i < h->nram; i++)
		h->ram[i] = (struct trace_range){ any32(g), any32(g) };
	h->ndev = 1;
	h->dev[0] = (struct trace_range){ 0, UINT64_C(1) << 32 };
	h->cpsr = any32(g);
	h->spsr_known = rng_below(g, 64);
	for (unsigned i = 0; i < 6; i++)
		h->spsr[i] = h->spsr_known >> i & 1 ? any32(g) : 0;
	h->nreg = rng_below(g, TRACE_MAX_REGS + 1);
	for (unsigned i = 0; i < h->nreg; i++)
		h->reg[i] = (struct trace_reg){ (uint16_t)(255 * i + rng_below(g, 255)),
			any32(g) };
	h->nlocked = rng_below(g, TRACE_MAX_LOCKED + 1);
	for (unsigned i = 0; i < h->nlocked; i++)
		h->locked[i] = (struct trace_locked){ any32(g), any32(g), any32(g),
			(uint8_t)any32(g) };
	if (rng_below(g, 2))
		h->provenance = strdup("{\"command\":\"qemu # \\\"x\\\"\",\"n\":[1,2]}");
}

void random_trace(struct random_trace *t, uint64_t seed, size_t n, enum random_shape shape)
{
	struct rng g = { seed };

	memset(t, 0, sizeof(*t));
	random_header(&t->header, &g);
	while (t->n < n) {
		if (shape == RANDOM_IMPORT)
			add_import(t, &g);
		else if (shape == RANDOM_LOOPS && rng_below(&g, 20))
			add_loop(t, &g);
		else if (shape == RANDOM_LOOPS)
			add_other(t, &g, rng_below(&g, 3) ? TRACE_CP_WRITE : TRACE_MODE);
		else
			add_any(t, &g);
	}
}

void random_trace_clear(struct random_trace *t)
{
	trace_header_clear(&t->header);
	free(t->rec);
	free(t->payload);
	memset(t, 0, sizeof(*t));
}

void write_trace(const struct random_trace *t, const char *path, int level,
		 uint32_t frame_records, struct trace_summary *s)
{
	struct trace_writer_options o = { .level = level, .frame_records = frame_records };
	struct trace_writer *w;
	struct diag d;

	assert_ok(trace_writer_open(&w, path, &t->header, &o, &d), &d);
	for (size_t i = 0; i < t->n; i++) {
		size_t bytes = trace_payload_bytes(&t->rec[i]);

		assert_ok(trace_writer_put(w, &t->rec[i], bytes ? t->payload + t->rec[i].b :
					   NULL, bytes, &d), &d);
	}
	assert_int_equal(trace_writer_records(w), t->n);
	assert_ok(trace_writer_close(w, s, &d), &d);
}

static void assert_same(const struct random_trace *t, const struct trace_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct trace_rec *want = &t->rec[b->first + i], *got = &b->rec[i];
		size_t bytes = trace_payload_bytes(want);

		assert_memory_equal(want, got, bytes ? 12 : 16);
		if (bytes) {
			assert_int_equal(got->b % 8, 0);
			assert_memory_equal(t->payload + want->b, b->payload + got->b, bytes);
		}
	}
}

void assert_holds(const struct random_trace *t, const char *path)
{
	struct trace_reader *r;
	struct trace_batch b;
	struct diag d;
	char *want, *got;

	assert_ok(trace_reader_open(&r, path, &d), &d);
	trace_reader_verify_id(r, true);
	assert_int_equal(trace_reader_records(r), t->n);
	assert_ok(trace_header_to_json(&t->header, &want, &d), &d);
	assert_ok(trace_header_to_json(trace_reader_header(r), &got, &d), &d);
	assert_string_equal(want, got);
	free(want);
	free(got);
	for (size_t n = 0;; n += b.n) {
		assert_ok(trace_reader_next(r, &b, &d), &d);
		assert_int_equal(b.first, n);
		assert_true(b.n <= 4096);
		if (!b.n) {
			assert_int_equal(n, t->n);
			break;
		}
		assert_true(n + b.n <= t->n);
		assert_same(t, &b);
	}
	trace_reader_close(r);
}

uint8_t *load_file(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	*bytes = (size_t)ftell(f);
	rewind(f);
	p = malloc(*bytes + 1);
	assert_non_null(p);
	assert_int_equal(fread(p, 1, *bytes, f), *bytes);
	p[*bytes] = 0;
	fclose(f);
	return p;
}

void store_file(const char *path, const void *p, size_t bytes)
{
	FILE *f;

	unlink(path);           /* ext4 flushes a file that is truncated and written again */
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, bytes, f), bytes);
	fclose(f);
}

static char folder[] = "/tmp/shadewalk-test-XXXXXX";
static pid_t owner;

/* A failed test leaves files that nobody foresaw, so the folder goes with all that is in it. */
static void remove_folder(void)
{
	char command[64];

	if (getpid() != owner)
		return;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command))
		perror(folder);
}

const char *scratch(const char *name)
{
	static char paths[8][96];
	static unsigned next;

	if (!owner) {
		assert_non_null(mkdtemp(folder));
		owner = getpid();
		atexit(remove_folder);
	}
	next = (next + 1) % 8;
	snprintf(paths[next], sizeof(paths[next]), "%s/%s", folder, name);
	return paths[next];
}
#else
typedef int cmocka_is_missing;
#endif
