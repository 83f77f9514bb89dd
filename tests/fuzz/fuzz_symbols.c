/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbol maps, packed (first byte 0) or as nm prints them: refused with a reason, or well formed. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "traces/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void packed(const uint8_t *data, size_t size)
{
	struct trace_symbols s = { 0 };
	size_t bytes;
	uint8_t *p;

	if (trace_symbols_decode(&s, data, size)) {
		assert(!s.n && !s.symbol && !s.names);
		return;
	}
	assert(!trace_symbols_encode(&s, &p, &bytes, NULL));
	assert(bytes == size && !memcmp(p, data, size));
	free(p);
	trace_symbols_clear(&s);
}

static void text(const char *data, size_t size)
{
	struct trace_symbols s = { 0 };
	struct diag d = { .msg = "" };
	char place[TRACE_PLACE_BYTES];
	enum err e = trace_symbols_add_map(&s, "kernel", "t", data, size, &d);

	assert(e == ERR_OK || (e == ERR_USAGE && !strncmp(d.msg, "t:", 2) && !strchr(d.msg, '\n')));
	for (size_t i = 0; i < s.n; i++)
		assert(*trace_symbols_place(&s, s.symbol[i].va, place));
	trace_symbols_clear(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && !data[0])
		packed(data + 1, size - 1);
	else
		text((const char *)data, size);
	return 0;
}
