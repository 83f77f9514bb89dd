/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantities and words as a user may type them: no crash, and a message whenever refused. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const words[] = { "lru", "fifo", "random", "plru" };
	char text[300];
	size_t n = size < sizeof(text) ? size : sizeof(text) - 1, i;
	struct diag d = { .msg = "" };
	uint64_t v;

	memcpy(text, data, n);
	text[n] = 0;
	for (unsigned flags = 0; flags < 4; flags++) {
		struct quantity q = { 1, 1000000, flags };

		d.msg[0] = 0;
		if (option_quantity("x", text, q, &v, &d))
			assert(d.msg[0]);
		else
			assert(v >= 1 && v <= 1000000);
	}
	if (option_word("x", text, words, 4, &i, &d) == ERR_OK)
		assert(!strcmp(text, words[i]));
	assert(option_distance(text, text) == 0);
	return 0;
}
