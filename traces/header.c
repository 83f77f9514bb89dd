/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * {"cut":{...},"guest":"","machine":{...},"provenance":{...},"version":1,"workload":""}
 * "machine" is the semantic part. Keys nobody knows are refused, so that a flipped key cannot
 * pass for a missing one. Registers are sorted by key: their order means nothing.
 */
#include "traces/header.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "traces/check.h"

#define MAX_RANGE_BYTES (UINT64_C(1) << 32)

static const char *const spsr_names[6] = { "fiq", "irq", "svc", "abt", "und", "mon" };

void trace_header_clear(struct trace_header *h)
{
	free(h->provenance);
	memset(h, 0, sizeof(*h));
}

bool trace_header_is_import(const struct trace_header *h)
{
	return !strcmp(h->arch, TRACE_ARCH_IMPORT);
}

int trace_header_reg(const struct trace_header *h, uint16_t key, uint32_t *value)
{
	for (unsigned i = 0; i < h->nreg; i++)
		if (h->reg[i].key == key) {
			*value = h->reg[i].value;
			return 1;
		}
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct trace_reg *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static json_t *ranges_json(const struct trace_range *r, unsigned n)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(a, json_pack("[I,I]", (json_int_t)r[i].base,
						   (json_int_t)r[i].bytes));
	return a;
}

static json_t *machine_json(const struct trace_header *h)
{
	struct trace_reg reg[TRACE_MAX_REGS];
	json_t *spsr = json_object(), *regs = json_array(), *locked = json_array();

	for (unsigned i = 0; i < 6; i++)
		if (h->spsr_known >> i & 1)
			json_object_set_new(spsr, spsr_names[i], json_integer(h->spsr[i]));
	memcpy(reg, h->reg, h->nreg * sizeof(*reg));
	qsort(reg, h->nreg, sizeof(*reg), by_key);
	for (unsigned i = 0; i < h->nreg; i++)
		json_array_append_new(regs, json_pack("[i,I]", (int)reg[i].key,
						      (json_int_t)reg[i].value));
	for (unsigned i = 0; i < h->nlocked; i++)
		json_array_append_new(locked, json_pack("[I,I,I,i]",
			(json_int_t)h->locked[i].mva, (json_int_t)h->locked[i].l1,
			(json_int_t)h->locked[i].l2, (int)h->locked[i].asid));
	return json_pack("{s:s,s:s,s:i,s:i,s:i,s:o,s:o,s:I,s:o,s:o,s:o}",
		"arch", h->arch, "core", h->core, "vcpus", (int)h->vcpus,
		"icount_shift", h->icount_shift, "hz", (int)h->hz,
		"ram", ranges_json(h->ram, h->nram), "dev", ranges_json(h->dev, h->ndev),
		"cpsr", (json_int_t)h->cpsr, "spsr", spsr, "cp15", regs, "locked", locked);
}

/* Stands alone on a line of the text form. */
static bool is_plain_text(const char *s)
{
	size_t n = strlen(s);

	if (n && (s[0] == ' ' || s[n - 1] == ' '))
		return false;
	for (; *s; s++)
		if (!isprint((unsigned char)*s) || *s == '#')
			return false;
	return true;
}

static enum err check_registers(const struct trace_header *h, struct diag *d)
{
	for (unsigned i = 0; i < h->nreg; i++) {
		if (!trace_is_cp_key(h->reg[i].key))
			return diag_set(d, ERR_TRACE, "trace header: 0x%04x is no register",
					h->reg[i].key);
		for (unsigned j = 0; j < i; j++)
			if (h->reg[i].key == h->reg[j].key)
				return diag_set(d, ERR_TRACE, "trace header: register 0x%04x "
						"stands there twice", h->reg[i].key);
	}
	return ERR_OK;
}

static enum err header_check(const struct trace_header *h, struct diag *d)
{
	static const char *const names[4] = { "arch", "core", "guest", "workload" };
	const char *text[4] = { h->arch, h->core, h->guest, h->workload };
	const size_t room[4] = { sizeof(h->arch), sizeof(h->core), sizeof(h->guest),
				 sizeof(h->workload) };

	if (h->nram > TRACE_MAX_RANGES || h->ndev > TRACE_MAX_RANGES ||
	    h->nreg > TRACE_MAX_REGS || h->nlocked > TRACE_MAX_LOCKED)
		return diag_set(d, ERR_TRACE, "trace header: too many ranges or registers");
	if (h->vcpus != 1)
		return diag_set(d, ERR_TRACE, "trace header: %u vcpus; only 1 is supported",
				h->vcpus);
	if (h->icount_shift < -1 || h->icount_shift > 31 || h->hz > 1000000000)
		return diag_set(d, ERR_TRACE, "trace header: icount_shift or hz out of range");
	for (unsigned i = 0; i < 4; i++) {
		if (!memchr(text[i], 0, room[i]))
			return diag_set(d, ERR_TRACE, "trace header: text without end");
		if (!is_plain_text(text[i]))
			return diag_set(d, ERR_TRACE, "trace header: %s: want printable ASCII "
					"without # and without blanks at its ends", names[i]);
	}
	for (unsigned i = 0; i < TRACE_MAX_RANGES; i++)
		if ((i < h->nram && h->ram[i].bytes > MAX_RANGE_BYTES) ||
		    (i < h->ndev && h->dev[i].bytes > MAX_RANGE_BYTES))
			return diag_set(d, ERR_TRACE, "trace header: range %u is larger than "
					"4 GB", i);
	if (h->parent_first > INT64_MAX || h->parent_count > INT64_MAX)
		return diag_set(d, ERR_TRACE, "trace header: range in the parent is too large");
	if (h->parent[0] && strspn(h->parent, "0123456789abcdef") != TRACE_ID_HEX - 1)
		return diag_set(d, ERR_TRACE, "trace header: parent: want 64 hex digits");
	return check_registers(h, d);
}

/* jansson quotes what it found, newlines and all. */
static enum err json_failed(const char *what, json_error_t *je, struct diag *d)
{
	for (char *p = je->text; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = '.';
	return diag_set(d, ERR_TRACE, "trace header: %s: %d:%d: %s", what, je->line, je->column,
			je->text);
}

static enum err json_to_text(json_t *j, char **out, struct diag *d)
{
	*out = j ? json_dumps(j, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(j);
	return *out ? ERR_OK : diag_set(d, ERR_TRACE, "trace header: not valid as JSON");
}

enum err trace_header_semantic_json(const struct trace_header *h, char **out, struct diag *d)
{
	enum err err = header_check(h, d);

	*out = NULL;
	return err ? err : json_to_text(machine_json(h), out, d);
}

enum err trace_header_to_json(const struct trace_header *h, char **out, struct diag *d)
{
	enum err err = header_check(h, d);
	json_t *j, *provenance = NULL;
	json_error_t je;

	*out = NULL;
	if (err)
		return err;
	if (h->provenance && !(provenance = json_loads(h->provenance, JSON_REJECT_DUPLICATES,
						       &je)))
		return json_failed("provenance", &je, d);
	if (provenance && !json_is_object(provenance)) {
		json_decref(provenance);
		return diag_set(d, ERR_TRACE, "trace header: provenance is no JSON object");
	}
	j = json_pack("{s:i,s:o,s:s,s:s,s:o*}", "version", 1, "machine", machine_json(h),
		      "guest", h->guest, "workload", h->workload, "provenance", provenance);
	if (j && h->parent[0])
		json_object_set_new(j, "cut", json_pack("{s:s,s:I,s:I}", "parent", h->parent,
			"first", (json_int_t)h->parent_first,
			"count", (json_int_t)h->parent_count));
	return json_to_text(j, out, d);
}

/* A fetch that fails leaves the key's name in *bad and everything else alone. */
struct fetch { json_t *from; const char *bad; size_t taken; };

static json_t *fetch(struct fetch *f, const char *key)
{
	json_t *j = json_object_get(f->from, key);

	if (j)
		f->taken++;
	else if (!f->bad)
		f->bad = key;
	return j;
}

static int64_t integer(struct fetch *f, const char *key, json_t *j, int64_t min, int64_t max)
{
	int64_t v = json_integer_value(j);

	if (!json_is_integer(j) || v < min || v > max) {
		if (!f->bad)
			f->bad = key;
		return min;
	}
	return v;
}

static int64_t fetch_int(struct fetch *f, const char *key, int64_t min, int64_t max)
{
	return integer(f, key, fetch(f, key), min, max);
}

static void fetch_text(struct fetch *f, const char *key, char *to, size_t room)
{
	const char *s = json_string_value(fetch(f, key));

	if (s && strlen(s) < room)
		strcpy(to, s);
	else if (!f->bad)
		f->bad = key;
}

/* Array of arrays of `width` integers; calls put for each row. Returns the number of rows. */
static unsigned fetch_rows(struct fetch *f, const char *key, unsigned max, unsigned width,
			   int64_t (*rows)[4])
{
	json_t *a = fetch(f, key);
	size_t n = json_array_size(a);

	if (!json_is_array(a) || n > max) {
		if (!f->bad)
			f->bad = key;
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		json_t *row = json_array_get(a, i);

		if (json_array_size(row) != width && !f->bad)
			f->bad = key;
		for (unsigned k = 0; k < width; k++)
			rows[i][k] = integer(f, key, json_array_get(row, k), 0, INT64_MAX);
	}
	return (unsigned)n;
}

static unsigned fetch_ranges(struct fetch *f, const char *key, struct trace_range *to)
{
	int64_t rows[TRACE_MAX_RANGES][4];
	unsigned n = fetch_rows(f, key, TRACE_MAX_RANGES, 2, rows);

	for (unsigned i = 0; i < n; i++) {
		if (rows[i][0] > UINT32_MAX && !f->bad)
			f->bad = key;
		to[i] = (struct trace_range){ (uint32_t)rows[i][0], (uint64_t)rows[i][1] };
	}
	return n;
}

static void fetch_spsr(struct fetch *f, struct trace_header *h)
{
	struct fetch s = { .from = fetch(f, "spsr") };

	for (unsigned i = 0; i < 6; i++)
		if (json_object_get(s.from, spsr_names[i])) {
			h->spsr[i] = (uint32_t)fetch_int(&s, spsr_names[i], 0, UINT32_MAX);
			h->spsr_known |= 1u << i;
		}
	if ((s.bad || !json_is_object(s.from) || s.taken != json_object_size(s.from)) && !f->bad)
		f->bad = "spsr";
}

static void fetch_state(struct fetch *f, struct trace_header *h)
{
	int64_t rows[TRACE_MAX_REGS][4];

	h->nreg = fetch_rows(f, "cp15", TRACE_MAX_REGS, 2, rows);
	for (unsigned i = 0; i < h->nreg; i++) {
		if ((rows[i][0] > UINT16_MAX || rows[i][1] > UINT32_MAX) && !f->bad)
			f->bad = "cp15";
		h->reg[i] = (struct trace_reg){ (uint16_t)rows[i][0], (uint32_t)rows[i][1] };
	}
	h->nlocked = fetch_rows(f, "locked", TRACE_MAX_LOCKED, 4, rows);
	for (unsigned i = 0; i < h->nlocked; i++) {
		if ((rows[i][0] | rows[i][1] | rows[i][2]) > UINT32_MAX || rows[i][3] > 255)
			f->bad = f->bad ? f->bad : "locked";
		h->locked[i] = (struct trace_locked){ (uint32_t)rows[i][0],
			(uint32_t)rows[i][1], (uint32_t)rows[i][2], (uint8_t)rows[i][3] };
	}
}

static const char *fetch_machine(json_t *machine, struct trace_header *h)
{
	struct fetch f = { .from = machine };

	fetch_text(&f, "arch", h->arch, sizeof(h->arch));
	fetch_text(&f, "core", h->core, sizeof(h->core));
	h->vcpus = (unsigned)fetch_int(&f, "vcpus", 1, 1);
	h->icount_shift = (int)fetch_int(&f, "icount_shift", -1, 31);
	h->hz = (unsigned)fetch_int(&f, "hz", 0, 1000000000);
	h->nram = fetch_ranges(&f, "ram", h->ram);
	h->ndev = fetch_ranges(&f, "dev", h->dev);
	h->cpsr = (uint32_t)fetch_int(&f, "cpsr", 0, UINT32_MAX);
	fetch_spsr(&f, h);
	fetch_state(&f, h);
	if (!f.bad && f.taken != json_object_size(machine))
		return "machine";
	return f.bad;
}

static const char *fetch_cut(json_t *cut, struct trace_header *h)
{
	struct fetch f = { .from = cut };

	fetch_text(&f, "parent", h->parent, sizeof(h->parent));
	h->parent_first = (uint64_t)fetch_int(&f, "first", 0, INT64_MAX);
	h->parent_count = (uint64_t)fetch_int(&f, "count", 0, INT64_MAX);
	if (!f.bad && f.taken != json_object_size(cut))
		return "cut";
	return f.bad;
}

static const char *fetch_all(json_t *j, struct trace_header *h)
{
	struct fetch f = { .from = j };
	json_t *provenance = json_object_get(j, "provenance"), *cut = json_object_get(j, "cut");
	const char *bad;

	fetch_int(&f, "version", 1, 1);
	fetch_text(&f, "guest", h->guest, sizeof(h->guest));
	fetch_text(&f, "workload", h->workload, sizeof(h->workload));
	if ((bad = fetch_machine(fetch(&f, "machine"), h)))
		return bad;
	if (cut && (bad = fetch_cut(cut, h)))
		return bad;
	if (provenance && (!json_is_object(provenance) ||
			   !(h->provenance = json_dumps(provenance, JSON_SORT_KEYS |
					JSON_COMPACT | JSON_ENSURE_ASCII))))
		return "provenance";
	if (!f.bad && f.taken + !!cut + !!provenance != json_object_size(j))
		return "a key nobody knows";
	return f.bad;
}

enum err trace_header_from_json(struct trace_header *h, const char *text, struct diag *d)
{
	json_error_t je;
	json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, &je);
	const char *bad;
	enum err err = ERR_OK;

	memset(h, 0, sizeof(*h));
	if (!j)
		return json_failed("JSON", &je, d);
	if ((bad = fetch_all(j, h)))
		err = diag_set(d, ERR_TRACE, "trace header: %s: missing, unknown or not as "
			       "the format says", bad);
	json_decref(j);
	if (!err)
		err = header_check(h, d);
	if (err)
		trace_header_clear(h);
	return err;
}
