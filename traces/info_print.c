/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One walk over all figures, three ways to print what it meets. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "traces/check.h"
#include "traces/cp_names.h"
#include "traces/info.h"
#include "traces/text_words.h"

/* What a printer is told: a group opens, then its figures; NULL text means a count or a ratio. */
struct printer {
	void (*group)(struct printer *p, const char *name);
	void (*text)(struct printer *p, const char *name, const char *value);
	void (*count)(struct printer *p, const char *name, uint64_t value);
	void (*ratio)(struct printer *p, const char *name, double value);
	FILE *f;
	const char *name;               /* of the file */
	const char *open;               /* group */
	json_t *root, *object;
};

static void count_if(struct printer *p, const char *name, uint64_t n)
{
	if (n)
		p->count(p, name, n);
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

static void visit_file(struct printer *p, const struct trace_info *t,
		       const struct trace_reader *r)
{
	const struct trace_header *h = trace_reader_header(r);
	uint64_t user = t->mode[0x10];

	p->group(p, "trace");
	p->text(p, "id", trace_reader_id(r));
	p->text(p, "arch", h->arch);
	p->text(p, "core", h->core);
	p->text(p, "guest", h->guest);
	p->text(p, "workload", h->workload);
	if (h->parent[0])
		p->text(p, "cut_from", h->parent);
	p->text(p, "complete", trace_reader_cut_off(r) ? "no" : "yes");
	p->count(p, "file_bytes", trace_reader_bytes(r));
	p->count(p, "frames", trace_reader_frames(r));
	p->count(p, "records", t->records);
	p->count(p, "instructions", t->instructions);
	p->count(p, "references", t->references);
	p->ratio(p, "bytes_per_record", share(trace_reader_bytes(r), t->records));
	p->ratio(p, "bytes_per_instruction", share(trace_reader_bytes(r), t->instructions));
	p->ratio(p, "records_per_instruction", share(t->records, t->instructions));
	p->ratio(p, "user_share", share(user, t->instructions));
	p->ratio(p, "kernel_share", share(t->instructions - user, t->instructions));
	p->ratio(p, "thumb_share", share(t->thumb, t->instructions));
	p->count(p, "code_bytes", t->code_bytes);
	p->count(p, "image_bytes", 4096 * t->kind[TRACE_IMAGE]);
	p->count(p, "symbols", trace_reader_symbols(r) ? trace_reader_symbols(r)->n : 0);
	p->count(p, "symbol_objects", trace_reader_symbols(r) ?
		 trace_reader_symbols(r)->nobjects : 0);
}

/* What the capture says of itself, key by key; nested values as JSON. */
static void visit_provenance(struct printer *p, const struct trace_header *h)
{
	json_t *o = h->provenance ? json_loads(h->provenance, 0, NULL) : NULL;
	const char *key;
	json_t *v;

	if (json_is_object(o)) {
		p->group(p, "provenance");
		json_object_foreach(o, key, v) {
			char *text = json_is_string(v) ? strdup(json_string_value(v))
				: json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);

			if (text)
				p->text(p, key, text);
			free(text);
		}
	}
	json_decref(o);
}

static void visit_accesses(struct printer *p, const struct trace_info *t)
{
	p->group(p, "accesses");
	count_if(p, "bytes_1", t->access_bytes[0]);
	count_if(p, "bytes_2", t->access_bytes[1]);
	count_if(p, "bytes_4", t->access_bytes[2]);
	count_if(p, "bytes_8", t->access_bytes[3]);
	count_if(p, "multiple", t->multi);
	count_if(p, "unprivileged", t->unpriv);
	count_if(p, "exclusive", t->excl);
	count_if(p, "io", t->io);
	count_if(p, "valued", t->valued);
}

static void visit_modes(struct printer *p, const struct trace_info *t)
{
	static const char *const names[TRACE_MODES] = {
		[0x10] = "usr", [0x11] = "fiq", [0x12] = "irq", [0x13] = "svc", [0x16] = "mon",
		[0x17] = "abt", [0x1b] = "und", [0x1f] = "sys",
	};
	char other[16];

	p->group(p, "instructions_by_mode");
	for (unsigned i = 0; i < TRACE_MODES; i++) {
		snprintf(other, sizeof(other), "mode_%02x", i);
		count_if(p, names[i] ? names[i] : other, t->mode[i]);
	}
	count_if(p, "not_retired", t->no_retire);
}

/* h: only what the core's map does not know */
static void visit_cp(struct printer *p, const char *group, const struct trace_info *t, bool read,
		     const struct trace_header *h)
{
	const uint64_t *n = read ? t->cp_read : t->cp_write;
	char text[CP_TEXT_BYTES + 16], where[CP_TEXT_BYTES];

	p->group(p, group);
	for (unsigned key = 0; key < TRACE_CP_KEYS; key++) {
		const char *name = cp_name((uint16_t)key);

		if (!n[key] || (h && t->cp_known(h, (uint16_t)key, read)))
			continue;
		cp_print(where, (uint16_t)key);
		snprintf(text, sizeof(text), "%s%s%s", name ? name : "", name ? " " : "", where);
		p->count(p, text, n[key]);
	}
}

static void visit_aborts(struct printer *p, const struct trace_info *t)
{
	char name[32];

	p->group(p, "aborts");
	for (unsigned rw = 0; rw < 3; rw++)
		for (unsigned fs = 0; fs < TRACE_STATUSES; fs++) {
			snprintf(name, sizeof(name), "%s_fs_0x%02x", text_abort_rw[rw], fs);
			count_if(p, name, t->abort[rw][fs]);
		}
	count_if(p, "debug", t->abort_debug);
	count_if(p, "user", t->abort_user);
}

/* Where the core's map is known: what its operations counted as unknown come to. */
static uint64_t unknown_ops(const struct trace_info *t, const struct trace_header *h)
{
	uint64_t n = 0;

	for (unsigned key = 0; t->cp_known && key < TRACE_CP_KEYS; key++) {
		if (t->cp_write[key] && !t->cp_known(h, (uint16_t)key, false))
			n += t->cp_write[key];
		if (t->cp_read[key] && !t->cp_known(h, (uint16_t)key, true))
			n += t->cp_read[key];
	}
	return n;
}

static void put_ctr(struct printer *p, const char *name, bool known, uint32_t value)
{
	char text[16] = "";

	if (known)
		snprintf(text, sizeof(text), "0x%08x", value);
	p->text(p, name, text);
}

/* All rows, whatever their value: doc/capture-artefacts.md lists them. */
static void visit_artefacts(struct printer *p, const struct trace_info *t,
			    const struct trace_header *h)
{
	const struct trace_artefacts *a = &t->artefacts;
	double million = (double)t->instructions / 1e6, irqs = (double)a->n[ARTEFACT_IRQS];
	uint32_t ctr = 0;
	bool has_ctr = trace_header_reg(h, CP_KEY(0, 0, 0, 1), &ctr);

	p->group(p, "artefacts");
	for (unsigned i = 0; i < ARTEFACTS; i++)
		p->count(p, trace_artefact_name((enum trace_artefact)i),
			 i == ARTEFACT_UNKNOWN_OPS ? unknown_ops(t, h) : a->n[i]);
	put_ctr(p, "ctr_seen", has_ctr, ctr);
	put_ctr(p, "ctr_core", t->core_ctr != 0, t->core_ctr);
	p->ratio(p, "irqs_per_million", million > 0 ? irqs / million : 0);
	/* an instruction takes 2^shift ns of the guest's time */
	p->ratio(p, "irqs_per_second", million > 0 && h->icount_shift >= 0 ?
		 irqs * 1000 / (million * (double)(1u << h->icount_shift)) : 0);
	p->ratio(p, "irq_share_most", share(a->n[ARTEFACT_IRQ_INSNS], t->instructions));
	p->ratio(p, "polling_share", share(a->n[ARTEFACT_POLL_INSNS], t->instructions));
}

static void visit_witnesses(struct printer *p, const struct trace_info *t)
{
	p->group(p, "witnesses");
	count_if(p, "fetch", t->witness_fetch);
	count_if(p, "io", t->witness_io);
}

static void visit(struct printer *p, const struct trace_info *t, const struct trace_reader *r)
{
	visit_file(p, t, r);
	p->group(p, "records");
	for (unsigned k = 0; k < TRACE_KINDS; k++)
		count_if(p, trace_kind_name(k), t->kind[k]);
	visit_accesses(p, t);
	visit_modes(p, t);
	p->group(p, "exceptions");
	for (unsigned v = 0; v < 8; v++)
		count_if(p, text_vectors[v], t->exception[v]);
	visit_aborts(p, t);
	p->group(p, "sensitive");
	for (unsigned s = 0; s < SENS_CLASSES; s++)
		count_if(p, text_sens[s], t->sens[s]);
	visit_cp(p, "cp_writes", t, false, NULL);
	visit_cp(p, "cp_reads", t, true, NULL);
	if (t->cp_known) {
		visit_cp(p, "cp_writes_unknown_to_core", t, false, trace_reader_header(r));
		visit_cp(p, "cp_reads_unknown_to_core", t, true, trace_reader_header(r));
	}
	visit_witnesses(p, t);
	visit_artefacts(p, t, trace_reader_header(r));
	visit_provenance(p, trace_reader_header(r));
}

static void text_group(struct printer *p, const char *name)
{
	fprintf(p->f, "\n%s\n", name);
}

static void text_text(struct printer *p, const char *name, const char *v)
{
	fprintf(p->f, "  %-28s %s\n", name, v[0] ? v : "-");
}

static void text_count(struct printer *p, const char *name, uint64_t v)
{
	fprintf(p->f, "  %-28s %16" PRIu64 "\n", name, v);
}

static void text_ratio(struct printer *p, const char *name, double v)
{
	fprintf(p->f, "  %-28s %16.4f\n", name, v);
}

void trace_info_text(FILE *f, const char *name, const struct trace_info *t,
		     const struct trace_reader *r)
{
	struct printer p = { text_group, text_text, text_count, text_ratio, .f = f };

	fprintf(f, "file %s\n", name);
	visit(&p, t, r);
}

static void csv_group(struct printer *p, const char *name) { p->open = name; }

static void csv_quoted(FILE *f, const char *v)
{
	fputc('"', f);
	for (; *v; v++)
		fprintf(f, "%s%c", *v == '"' ? "\"" : "", *v);
	fputc('"', f);
}

static void csv_key(struct printer *p, const char *name)
{
	csv_quoted(p->f, p->name);
	fprintf(p->f, ",%s,\"%s\",", p->open, name);
}

static void csv_text(struct printer *p, const char *name, const char *v)
{
	csv_key(p, name);
	csv_quoted(p->f, v);
	fputc('\n', p->f);
}

static void csv_count(struct printer *p, const char *name, uint64_t v)
{
	csv_key(p, name);
	fprintf(p->f, "%" PRIu64 "\n", v);
}

static void csv_ratio(struct printer *p, const char *name, double v)
{
	csv_key(p, name);
	fprintf(p->f, "%.6g\n", v);
}

void trace_info_csv_head(FILE *f) { fputs("file,group,name,value\n", f); }

void trace_info_csv(FILE *f, const char *name, const struct trace_info *t,
		    const struct trace_reader *r)
{
	struct printer p = { csv_group, csv_text, csv_count, csv_ratio, .f = f, .name = name };

	visit(&p, t, r);
}

static void json_group(struct printer *p, const char *name)
{
	p->object = json_object();
	json_object_set_new(p->root, name, p->object);
}

static void json_text(struct printer *p, const char *name, const char *v)
{
	json_object_set_new(p->object, name, v[0] ? json_string(v) : json_null());
}

static void json_count(struct printer *p, const char *name, uint64_t v)
{
	json_object_set_new(p->object, name, json_integer((json_int_t)v));
}

static void json_ratio(struct printer *p, const char *name, double v)
{
	json_object_set_new(p->object, name, json_real(v));
}

enum err trace_info_json(FILE *f, const char *name, const struct trace_info *t,
			 const struct trace_reader *r, struct diag *d)
{
	struct printer p = { json_group, json_text, json_count, json_ratio, .f = f,
			     .root = json_object() };
	int failed;

	json_object_set_new(p.root, "file", json_string(name));
	visit(&p, t, r);
	failed = json_dumpf(p.root, f, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	json_decref(p.root);
	return failed ? diag_set(d, ERR_IO, "cannot write JSON") : ERR_OK;
}
