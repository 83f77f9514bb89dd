/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reader says of damaged files, and what a failed writer leaves behind: nothing. */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/trace_random.h"
#include "traces/check.h"
#include "traces/swt.h"

/* Opens and reads all of it. */
static enum err read_all(const char *path, struct diag *d)
{
	struct trace_reader *r;
	struct trace_batch b;
	enum err err = trace_reader_open(&r, path, d);

	if (err) {
		assert_null(r);
		return err;
	}
	trace_reader_verify_id(r, true);
	do
		err = trace_reader_next(r, &b, d);
	while (!err && b.n);
	if (err)
		assert_int_equal(trace_reader_next(r, &b, NULL), ERR_TRACE);
	trace_reader_close(r);
	return err;
}

static void assert_one_line(const struct diag *d, const char *path)
{
	assert_non_null(strstr(d->msg, path));
	assert_null(strchr(d->msg, '\n'));
	assert_true(strlen(d->msg) > strlen(path) + 4);
}

static void assert_refused(const char *path, const char *words)
{
	struct diag d = { "" };

	assert_err(ERR_TRACE, read_all(path, &d), &d, words);
	assert_one_line(&d, path);
}

/* A small file of several frames, loaded. */
static uint8_t *small_file(size_t n, uint32_t frame, size_t *bytes)
{
	struct random_trace t;

	random_trace(&t, 3, n, RANDOM_LOOPS);
	write_trace(&t, scratch("small.swt"), 3, frame, NULL);
	random_trace_clear(&t);
	return load_file(scratch("small.swt"), bytes);
}

static void not_a_file(void **state)
{
	(void)state;
	assert_refused(scratch("missing.swt"), "No such file");
	assert_int_equal(mkdir(scratch("dir.swt"), 0777), 0);
	assert_refused(scratch("dir.swt"), "directory");
	assert_refused("/dev/null", "not a regular file");
	store_file(scratch("empty.swt"), "", 0);
	assert_refused(scratch("empty.swt"), "empty file");
	store_file(scratch("short.swt"), "P*M\x18", 4);
	assert_refused(scratch("short.swt"), "offset 4");
}

static void noise(void **state)
{
	struct rng g = { 1 };
	uint8_t p[2000];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		size_t n = 1 + rng_below(&g, sizeof(p));

		for (size_t k = 0; k < n; k++)
			p[k] = (uint8_t)rng_next(&g);
		if (i & 1 && n >= 16) {
			le32_put(p, SWT_MAGIC_HEADER);
			memcpy(p + SWT_TAG_AT, SWT_TAG_HEADER, 4);
		}
		store_file(scratch("noise.swt"), p, n);
		assert_refused(scratch("noise.swt"), "offset");
	}
}

static void every_flipped_byte(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	size_t bytes;
	uint8_t *p = small_file(60, 20, &bytes);

	(void)state;
	for (size_t at = 0; at < bytes; at++)
		for (unsigned k = 0; k < 3; k++) {
			p[at] ^= flips[k];
			store_file(scratch("flip.swt"), p, bytes);
			p[at] ^= flips[k];
			assert_refused(scratch("flip.swt"), "");
		}
	free(p);
}

static void every_length(void **state)
{
	size_t bytes;
	uint8_t *p = small_file(60, 20, &bytes);

	(void)state;
	for (size_t n = 0; n < bytes; n++) {
		store_file(scratch("cut.swt"), p, n);
		assert_refused(scratch("cut.swt"), n ? "offset" : "empty");
	}
	free(p);
}

static void bytes_too_many(void **state)
{
	size_t bytes, at;
	uint8_t *p = small_file(60, 20, &bytes), *q = malloc(bytes + 16);

	(void)state;
	assert_non_null(q);
	for (at = 0; at <= bytes; at++) {
		memcpy(q, p, at);
		memset(q + at, 0, 16);
		memcpy(q + at + 16, p + at, bytes - at);
		store_file(scratch("more.swt"), q, bytes + 16);
		assert_refused(scratch("more.swt"), "");
	}
	free(q);
	free(p);
}

/* Where the structures of the file start, from its own footer. */
static struct swt_footer footer_of(const uint8_t *p, size_t bytes)
{
	struct swt_footer f;

	swt_footer_get(&f, p + bytes - SWT_FOOTER_BYTES + SWT_BODY_AT);
	return f;
}

static void reseal(uint8_t *frame, size_t bytes)
{
	le64_put(frame + bytes - SWT_HASH_BYTES, XXH64(frame, bytes - SWT_HASH_BYTES, 0));
}

static void newer_version(void **state)
{
	size_t bytes;
	uint8_t *p = small_file(60, 20, &bytes);

	(void)state;
	le32_put(p + SWT_VERSION_AT, 2);
	reseal(p, le32_get(p + 4) + SWT_SKIP_BYTES);
	store_file(scratch("new.swt"), p, bytes);
	assert_refused(scratch("new.swt"), "format version 2");
	free(p);
}

static void frames_in_disorder(void **state)
{
	size_t bytes;
	uint8_t *p = small_file(200, 20, &bytes), *seek, *foot;
	struct swt_footer f = footer_of(p, bytes);
	size_t seek_bytes = bytes - SWT_FOOTER_BYTES - f.seek_offset;

	(void)state;
	seek = p + f.seek_offset;
	foot = p + bytes - SWT_FOOTER_BYTES;
	for (size_t at = SWT_BODY_AT; at < seek_bytes - SWT_HASH_BYTES; at++) {
		seek[at] ^= 1;                  /* valid checksum, false content */
		reseal(seek, seek_bytes);
		store_file(scratch("seek.swt"), p, bytes);
		assert_refused(scratch("seek.swt"), "");
		seek[at] ^= 1;
	}
	reseal(seek, seek_bytes);
	for (size_t at = SWT_BODY_AT; at < SWT_FOOTER_BYTES - SWT_HASH_BYTES; at++) {
		foot[at] ^= 1;
		reseal(foot, SWT_FOOTER_BYTES);
		store_file(scratch("foot.swt"), p, bytes);
		assert_refused(scratch("foot.swt"), "");
		foot[at] ^= 1;
	}
	free(p);
}

static void partial_files(void **state)
{
	size_t bytes;
	uint8_t *p = small_file(200, 20, &bytes);
	struct swt_footer f = footer_of(p, bytes);
	const uint8_t *seek = p + f.seek_offset + SWT_BODY_AT;

	(void)state;
	assert_true(f.frames > 5);
	for (size_t n = (size_t)swt_seek_get(seek).offset; n < bytes; n += 7) {
		struct trace_reader *r;
		struct trace_batch b;
		struct diag d;
		uint64_t want = 0, got = 0;

		for (size_t i = 0; i < f.frames; i++) {
			struct swt_seek s = swt_seek_get(seek + i * SWT_SEEK_ENTRY_BYTES);

			want += s.offset + s.bytes <= n ? s.records : 0;
		}
		store_file(scratch("part.swt"), p, n);
		assert_refused(scratch("part.swt"), "cut off after ");
		assert_ok(trace_reader_open_partial(&r, scratch("part.swt"), &d), &d);
		assert_non_null(strstr(trace_reader_cut_off(r), "cut off after "));
		assert_string_equal(trace_reader_id(r), "");
		trace_reader_verify_id(r, true);
		assert_int_equal(trace_reader_records(r), want);
		do {
			assert_ok(trace_reader_next(r, &b, &d), &d);
			got += b.n;
		} while (b.n);
		assert_int_equal(got, want);
		trace_reader_close(r);
	}
	free(p);
}

static void whole_file_is_not_partial(void **state)
{
	struct trace_reader *r;
	struct diag d;
	size_t bytes;

	(void)state;
	free(small_file(60, 20, &bytes));
	assert_ok(trace_reader_open_partial(&r, scratch("small.swt"), &d), &d);
	assert_null(trace_reader_cut_off(r));
	assert_int_equal(trace_reader_bytes(r), bytes);
	trace_reader_close(r);
	trace_reader_close(NULL);
}

static void seeking(void **state)
{
	struct random_trace t;
	struct trace_reader *r;
	struct trace_batch b;
	struct diag d;

	(void)state;
	random_trace(&t, 4, 20000, RANDOM_ALL);
	write_trace(&t, scratch("t.swt"), 1, 500, NULL);
	assert_ok(trace_reader_open(&r, scratch("t.swt"), &d), &d);
	for (uint64_t at = 0; at < t.n; at += 777) {
		trace_reader_seek(r, at);
		do
			assert_ok(trace_reader_next(r, &b, &d), &d);
		while (b.first + b.n <= at);
		assert_true(b.first <= at);
		assert_memory_equal(&b.rec[at - b.first], &t.rec[at], 12);
	}
	trace_reader_seek(r, UINT64_MAX);
	assert_ok(trace_reader_next(r, &b, &d), &d);
	assert_int_equal(b.first + b.n, t.n);
	trace_reader_close(r);
	random_trace_clear(&t);
}

static void assert_gone(const char *path)
{
	char partial[200];

	snprintf(partial, sizeof(partial), "%s.partial", path);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_not_equal(access(partial, F_OK), 0);
}

static const struct trace_header plain = { .arch = "armv5", .vcpus = 1, .icount_shift = -1 };

static void put_bad(const struct trace_rec *before, const struct trace_rec *bad,
		    const void *payload, size_t bytes, const char *words)
{
	const char *path = scratch("bad.swt");
	struct trace_writer *w;
	struct diag d = { "" };

	assert_ok(trace_writer_open(&w, path, &plain, NULL, &d), &d);
	if (before)
		assert_ok(trace_writer_put(w, before, NULL, 0, &d), &d);
	assert_err(ERR_TRACE, trace_writer_put(w, bad, payload, bytes, &d), &d, words);
	assert_int_equal(trace_writer_records(w), before ? 1 : 0);
	assert_one_line(&d, path);
	/* it stays failed */
	assert_err(ERR_TRACE, trace_writer_put(w, before ? before : bad, NULL, 0, &d), &d, words);
	assert_err(ERR_TRACE, trace_writer_close(w, NULL, &d), &d, words);
	assert_gone(path);
}

static void malformed_records(void **state)
{
	static const struct trace_rec run = { .kind = TRACE_RUN, .arg = 2, .va = 0x8000, .a = 8 };
	static const struct { struct trace_rec r; const char *words; } bad[] = {
		{ { TRACE_RUN, 0, 0, 0x8000, 0, 0 }, "1..4095" },
		{ { TRACE_RUN, 0, 1, 0x8002, 4, 0 }, "aligned" },
		{ { TRACE_RUN, 0, 1, 0x8000, 8, 0 }, "length" },
		{ { TRACE_RUN, RUN_THUMB, 3, 0x8000, 4, 0 }, "length" },
		{ { TRACE_RUN, 0, 2, 0x83fc, 8, 0 }, "crosses" },
		{ { TRACE_RUN, 4, 1, 0x8000, 4, 0 }, "flag" },
		{ { TRACE_RUN, 0, 1, 0x8000, 4, 1 }, "unused" },
		{ { TRACE_LOAD, 2, 2, 0x9000, 0, 0 }, "outside its run" },
		{ { TRACE_LOAD, 2, 0, 0x9000, 1, 0 }, "PA" },
		{ { TRACE_LOAD, ACC_VALUED, 0, 0x9000, 0, 0 }, "valued" },
		{ { TRACE_STORE, 2, 0, 0x9000, 0, 5 }, "value" },
		{ { TRACE_LOAD, 2, 0, 0x93fe, 0, 0 }, "split" },
		{ { TRACE_LOAD, 2 | ACC_SPLIT, 0, 0x9000, 0, 0 }, "split" },
		{ { TRACE_LOAD, 0x80, 0, 0x9000, 0, 0 }, "flag" },
		{ { TRACE_EXC, 0, 8, 0, 0, 0 }, "vector" },
		{ { TRACE_SENS, 0, SENS_CP, 0, 0, 0 }, "class" },
		{ { TRACE_CP_WRITE, 0, CP_KEY(2, 0, 0, 0), 0, 1, 1 }, "second value" },
		{ { TRACE_WITNESS, 0, 0, 1, 0, 0 }, "1 KB" },
		{ { TRACE_HIST, HIST_WORD, 0, 0, 0, 0 }, "age" },
		{ { TRACE_FETCH, 0, 0, 0, 0, 0 }, "size" },
		{ { TRACE_IMAGE, 0, 0, 0, 0, 0 }, "payload" },
		{ { TRACE_KINDS, 0, 0, 0, 0, 0 }, "kind" },
		{ { TRACE_MODE, 1, 0, 0, 0, 0 }, "unused" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		put_bad(&run, &bad[i].r, NULL, 0, bad[i].words);
	put_bad(&run, &bad[22].r, "x", 1, "payload");
}

static void order_of_accesses(void **state)
{
	static const struct trace_rec load = { TRACE_LOAD, 2, 1, 0x9000, 0, 0 };
	static const struct trace_rec mode = { TRACE_MODE, 0, 0, 0, 0xd3, 0 };
	static const struct trace_rec run = { TRACE_RUN, 0, 2, 0x8000, 8, 0 };
	struct trace_rec first = load;
	struct trace_writer *w;
	struct diag d;

	(void)state;
	put_bad(NULL, &load, NULL, 0, "without a run");
	assert_ok(trace_writer_open(&w, scratch("w.swt"), &plain, NULL, &d), &d);
	assert_ok(trace_writer_put(w, &run, NULL, 0, &d), &d);
	assert_ok(trace_writer_put(w, &load, NULL, 0, &d), &d);
	first.arg = 0;
	assert_err(ERR_TRACE, trace_writer_put(w, &first, NULL, 0, &d), &d, "smaller");
	trace_writer_abort(w);
	assert_ok(trace_writer_open(&w, scratch("w.swt"), &plain, NULL, &d), &d);
	assert_ok(trace_writer_put(w, &run, NULL, 0, &d), &d);
	assert_ok(trace_writer_put(w, &mode, NULL, 0, &d), &d);
	assert_err(ERR_TRACE, trace_writer_put(w, &first, NULL, 0, &d), &d, "outside a run");
	trace_writer_abort(w);
	assert_gone(scratch("w.swt"));
}

static void writer_cannot_write(void **state)
{
	struct trace_writer_options o = { .level = 23 };
	struct trace_writer *w;
	struct diag d;
	const char *path = scratch("nodir/x.swt");

	(void)state;
	assert_err(ERR_IO, trace_writer_open(&w, path, &plain, NULL, &d), &d, "No such file");
	assert_null(w);
	assert_err(ERR_USAGE, trace_writer_open(&w, scratch("l.swt"), &plain, &o, &d), &d,
		   "level");
	assert_gone(scratch("l.swt"));
	o = (struct trace_writer_options){ .frame_records = UINT32_MAX };
	assert_err(ERR_USAGE, trace_writer_open(&w, scratch("l.swt"), &plain, &o, &d), &d,
		   "per frame");
	assert_int_equal(mkdir(scratch("isdir"), 0777), 0);
	store_file(scratch("isdir/x"), "", 0);          /* rename cannot replace it */
	assert_ok(trace_writer_open(&w, scratch("isdir"), &plain, NULL, &d), &d);
	assert_err(ERR_IO, trace_writer_close(w, NULL, &d), &d, "isdir");
	assert_int_not_equal(access(scratch("isdir.partial"), F_OK), 0);
	trace_writer_abort(NULL);
}

static void full_device(void **state)
{
	struct random_trace t;
	struct trace_writer *w;
	struct diag d;
	enum err err = ERR_OK;

	(void)state;
	if (access("/dev/full", W_OK) || symlink("/dev/full", scratch("full.swt.partial")))
		skip();
	random_trace(&t, 8, 200000, RANDOM_ALL);
	err = trace_writer_open(&w, scratch("full.swt"), &t.header, NULL, &d);
	for (size_t i = 0; !err && i < t.n; i++) {
		size_t bytes = trace_payload_bytes(&t.rec[i]);

		err = trace_writer_put(w, &t.rec[i], t.payload + t.rec[i].b, bytes, &d);
	}
	if (w)
		err = trace_writer_close(w, NULL, &d);
	assert_err(ERR_IO, err, &d, "No space left");
	assert_gone(scratch("full.swt"));
	random_trace_clear(&t);
}

static void old_file_survives(void **state)
{
	struct trace_writer *w;
	struct diag d;
	size_t bytes;
	uint8_t *p;

	(void)state;
	store_file(scratch("old.swt"), "old", 3);
	assert_ok(trace_writer_open(&w, scratch("old.swt"), &plain, NULL, &d), &d);
	p = load_file(scratch("old.swt"), &bytes);
	assert_string_equal(p, "old");
	free(p);
	trace_writer_abort(w);
	p = load_file(scratch("old.swt"), &bytes);
	assert_string_equal(p, "old");
	free(p);
	assert_int_not_equal(access(scratch("old.swt.partial"), F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_a_file),
		cmocka_unit_test(noise),
		cmocka_unit_test(every_flipped_byte),
		cmocka_unit_test(every_length),
		cmocka_unit_test(bytes_too_many),
		cmocka_unit_test(newer_version),
		cmocka_unit_test(frames_in_disorder),
		cmocka_unit_test(partial_files),
		cmocka_unit_test(whole_file_is_not_partial),
		cmocka_unit_test(seeking),
		cmocka_unit_test(malformed_records),
		cmocka_unit_test(order_of_accesses),
		cmocka_unit_test(writer_cannot_write),
		cmocka_unit_test(full_device),
		cmocka_unit_test(old_file_survives),
	};

	return cmocka_run_group_tests_name("trace_reader", tests, NULL, NULL);
}
