/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options come from a file of "key=value" lines, as QEMU splits a plugin's arguments at commas
 * and paths may hold some. Messages to the driver go to a file it follows.
 */
#include "traces/capture/plugin.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/capture/guest/mark.h"

struct config config = {
	.at_mark = true, .start_mark = MARK_START, .end_mark = MARK_END,
};

static uint8_t *ram_host;

static bool set_range(const char *value)
{
	struct trace_range *r = &config.dev[config.ndev];
	unsigned long base, bytes;

	if (config.ndev == TRACE_MAX_RANGES || sscanf(value, "%lx+%lx", &base, &bytes) != 2)
		return false;
	r->base = (uint32_t)base;
	r->bytes = bytes;
	config.ndev++;
	return true;
}

static bool add_map(const char *value)
{
	if (config.nmaps == TRACE_MAX_OBJECTS)
		return false;
	config.map[config.nmaps] = strdup(value);
	return config.map[config.nmaps++] != NULL;
}

/* mark:N, or the number of instructions before the trace; 0 is reset. */
static bool set_start(const char *value)
{
	config.at_mark = strncmp(value, "mark:", 5) == 0;
	if (config.at_mark)
		config.start_mark = (uint32_t)strtoul(value + 5, NULL, 0);
	else
		config.start_insn = strtoull(value, NULL, 0);
	return true;
}

static bool set_text(const char *key, const char *value)
{
	const struct { const char *key; char **to; } texts[] = {
		{ "out", &config.out }, { "status", &config.status },
		{ "provenance", &config.provenance }, { "ram-map", &config.ram_map },
		{ "arch", &config.arch }, { "core", &config.core },
		{ "guest", &config.guest }, { "workload", &config.workload },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(key, texts[i].key) == 0) {
			*texts[i].to = strdup(value);
			return *texts[i].to != NULL;
		}
	}
	return false;
}

static bool set_number(const char *key, const char *value)
{
	unsigned long long n = strtoull(value, NULL, 0);

	if (strcmp(key, "max-records") == 0)
		config.max_records = n;
	else if (strcmp(key, "max-insns") == 0)
		config.max_insns = n;
	else if (strcmp(key, "boot-insns") == 0)
		config.boot_insns = n;
	else if (strcmp(key, "skip-insns") == 0)
		config.skip_insns = n;
	else if (strcmp(key, "end-mark") == 0)
		config.end_mark = n;
	else if (strcmp(key, "ram-base") == 0)
		config.ram_base = (uint32_t)n;
	else if (strcmp(key, "ram-bytes") == 0)
		config.ram_bytes = (uint32_t)n;
	else if (strcmp(key, "level") == 0)
		config.level = (int)n;
	else if (strcmp(key, "icount-shift") == 0)
		config.icount_shift = (int)n;
	else if (strcmp(key, "hz") == 0)
		config.hz = (unsigned)n;
	else if (strcmp(key, "self-check") == 0)
		config.self_check = n;
	else
		return false;
	return true;
}

static bool config_complete(void)
{
	return config.out && config.status && config.ram_map && config.arch && config.core &&
	       config.guest && config.workload && config.ram_bytes;
}

bool config_read(const char *path)
{
	char line[16384];      /* the provenance is one line */
	FILE *f = fopen(path, "r");
	bool good = true;

	if (!f) {
		fprintf(stderr, "shadewalk capture: %s: %s\n", path, strerror(errno));
		return false;
	}
	while (good && fgets(line, sizeof(line), f)) {
		char *value = strchr(line, '=');

		line[strcspn(line, "\n")] = '\0';
		if (!value)
			continue;
		*value++ = '\0';
		good = strcmp(line, "device") == 0 ? set_range(value) :
		       strcmp(line, "symbols") == 0 ? add_map(value) :
		       strcmp(line, "start") == 0 ? set_start(value) :
		       set_text(line, value) || set_number(line, value);
		if (!good)
			fprintf(stderr, "shadewalk capture: %s: bad line '%s=%s'\n", path,
				line, value);
	}
	fclose(f);
	if (good && !config_complete()) {
		fprintf(stderr, "shadewalk capture: %s: options are missing\n", path);
		good = false;
	}
	return good;
}

/*
 * Guest RAM is a shared mapping of our own process with a name the driver chose. The interface
 * gives host addresses of code and physical addresses of data, but no way to read memory at a
 * physical address: this mapping serves both.
 */
bool ram_find(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long low, high;
	char line[512];

	while (f && !ram_host && fgets(line, sizeof(line), f)) {
		if (strstr(line, config.ram_map) &&
		    sscanf(line, "%lx-%lx", &low, &high) == 2 &&
		    high - low >= config.ram_bytes)
			ram_host = (uint8_t *)low;
	}
	if (f)
		fclose(f);
	return ram_host != NULL;
}

uint8_t *ram_at(uint32_t pa, uint32_t bytes)
{
	uint32_t off = pa - config.ram_base;

	if (off >= config.ram_bytes || config.ram_bytes - off < bytes)
		return NULL;
	return ram_host + off;
}

bool ram_pa(const void *host, uint32_t *pa)
{
	const uint8_t *p = host;

	if (!p || p < ram_host || p >= ram_host + config.ram_bytes)
		return false;
	*pa = config.ram_base + (uint32_t)(p - ram_host);
	return true;
}

uint32_t ram_word(uint32_t pa)
{
	const uint8_t *p = ram_at(pa, 4);
	uint32_t word = 0;

	if (p)
		memcpy(&word, p, 4);
	return word;
}

void status_line(const char *fmt, ...)
{
	static FILE *f;
	va_list ap;

	if (!f)
		f = fopen(config.status, "a");
	if (!f)
		return;
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fputc('\n', f);
	fflush(f);
}
