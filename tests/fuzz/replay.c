/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for libFuzzer: feeds files to a fuzz target, each as it is and then --mutate N
 * times with bytes changed, cut out, doubled or cut off, from a seeded generator. So `make
 * check` runs every target in every build, and a finding can be replayed by name and number.
 */
#ifndef SHADEWALK_FUZZ
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *load(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	long n;

	if (!f)
		return NULL;
	if (!fseek(f, 0, SEEK_END) && (n = ftell(f)) >= 0 && !fseek(f, 0, SEEK_SET)) {
		data = malloc((size_t)n + 1);
		*size = data ? fread(data, 1, (size_t)n, f) : 0;
	}
	fclose(f);
	return data;
}

/* In place, at most to the size it had. */
static size_t mutate(struct rng *r, uint8_t *data, size_t size)
{
	for (uint32_t n = 1 + rng_below(r, 8); n && size; n--) {
		uint32_t at = rng_below(r, (uint32_t)size);
		uint32_t len = 1 + rng_below(r, (uint32_t)(size - at));

		switch (rng_below(r, 5)) {
		case 0:
			data[at] ^= (uint8_t)(1u << rng_below(r, 8));
			break;
		case 1:
			data[at] = (uint8_t)rng_next(r);
			break;
		case 2:
			memmove(data + at, data + at + len, size - at - len);
			size -= len;
			break;
		case 3:
			memmove(data + at, data + rng_below(r, at + 1), len);
			break;
		default:
			size = at;
		}
	}
	return size;
}

int main(int argc, char **argv)
{
	unsigned long rounds = 0, runs = 0;

	for (int i = 1; i < argc; i++) {
		uint8_t *data, *copy;
		size_t size;

		if (!strncmp(argv[i], "--mutate=", 9)) {
			rounds = strtoul(argv[i] + 9, NULL, 10);
			continue;
		}
		data = load(argv[i], &size);
		if (!data) {
			fprintf(stderr, "%s: cannot be read\n", argv[i]);
			return 1;
		}
		for (unsigned long n = 0; n <= rounds; n++) {
			struct rng r = rng_stream(n, argv[i] + (strrchr(argv[i], '/') ?
						  strrchr(argv[i], '/') - argv[i] + 1 : 0));

			/* of its own, exactly as long: an overrun is seen by ASan */
			copy = malloc(size ? size : 1);
			if (!copy)
				abort();
			memcpy(copy, data, size);
			LLVMFuzzerTestOneInput(copy, n ? mutate(&r, copy, size) : size);
			free(copy);
			runs++;
		}
		free(data);
	}
	printf("%lu inputs\n", runs);
	return runs ? 0 : 1;
}
#else
typedef int replay_is_not_needed;
#endif
