/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random well-formed traces from a seed, and files with them, for the tests of traces/. */
#ifndef SHADEWALK_TESTS_TRACE_RANDOM_H
#define SHADEWALK_TESTS_TRACE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "traces/reader.h"
#include "traces/record.h"
#include "traces/writer.h"

struct random_trace {
	struct trace_header header;
	struct trace_rec *rec;          /* b of payload kinds: offset into payload */
	size_t n, cap;
	uint8_t *payload;
	size_t payload_bytes, payload_cap;
};

enum random_shape {
	RANDOM_ALL,             /* every kind, extreme values, little that repeats */
	RANDOM_LOOPS,           /* runs that come again, with strided accesses */
	RANDOM_IMPORT,          /* FETCH, LOAD and STORE without runs */
	RANDOM_SHAPES
};

void random_trace(struct random_trace *t, uint64_t seed, size_t n, enum random_shape shape);
void random_trace_clear(struct random_trace *t);
void random_trace_add(struct random_trace *t, const struct trace_rec *r, const void *payload);

/* Asserts that all goes well. level and frame_records 0: defaults. */
void write_trace(const struct random_trace *t, const char *path, int level,
		 uint32_t frame_records, struct trace_summary *s);
/* Reads path and asserts that it holds just t, with its id. */
void assert_holds(const struct random_trace *t, const char *path);

/* Whole file, malloc'ed. */
uint8_t *load_file(const char *path, size_t *bytes);
void store_file(const char *path, const void *p, size_t bytes);
/* Directory of this test program, made once, removed at exit. */
const char *scratch(const char *name);

#endif
