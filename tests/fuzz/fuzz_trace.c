/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever bytes a trace file holds, binary or text: the reader reads it or refuses it with one
 * line of text and ERR_TRACE; it never crashes and never runs for ever.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "traces/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const char *path, bool partial)
{
	struct trace_reader *t = NULL;
	struct diag d = { .msg = "" };
	struct trace_batch b;
	uint64_t records = 0;
	enum err e = partial ? trace_reader_open_partial(&t, path, &d)
			     : trace_reader_open(&t, path, &d);

	if (e) {
		assert(d.msg[0] && !strchr(d.msg, '\n'));
		return;
	}
	assert(trace_reader_header(t));
	while (!(e = trace_reader_next(t, &b, &d)) && b.n) {
		assert(b.first == records);
		records += b.n;
	}
	if (e)
		assert(d.msg[0] && !strchr(d.msg, '\n'));
	trace_reader_close(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	int fd = memfd_create("trace", 0);

	if (fd < 0)
		return 0;
	if (write(fd, data, size) == (ssize_t)size) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		read_all(path, false);
		read_all(path, true);
	}
	close(fd);
	return 0;
}
