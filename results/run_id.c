/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities: of a run (what was asked), of a result (what came out), of a set of unit costs.
 * Names, never enumeration values, go into a hash: a new event in events.def that did not
 * happen leaves every hash as it was.
 */
#include <assert.h>
#include <gcrypt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/hash.h"
#include "results/results.h"

struct hash { gcry_md_hd_t md; };

struct hash *hash_create(const char *purpose)
{
	struct hash *h = calloc(1, sizeof(*h));

	/* Asking for the version initialises libgcrypt; harmless if repeated. */
	if (!h || !gcry_check_version(NULL) || gcry_md_open(&h->md, GCRY_MD_SHA256, 0)) {
		free(h);
		return NULL;
	}
	hash_text(h, "shadewalk", purpose);
	return h;
}

static void hash_field(struct hash *h, const char *name, const void *bytes, size_t n)
{
	char head[64];
	int len = snprintf(head, sizeof(head), "%s:%zu:", name, n);

	assert(len > 0 && (size_t)len < sizeof(head));
	gcry_md_write(h->md, head, (size_t)len);
	gcry_md_write(h->md, bytes, n);
}

void hash_text(struct hash *h, const char *name, const char *text)
{
	if (h && text)
		hash_field(h, name, text, strlen(text));
}

void hash_u64(struct hash *h, const char *name, uint64_t v)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, v);
	hash_text(h, name, digits);
}

void hash_whole(struct hash *h, const char *name, double v)
{
	uint64_t bits;

	_Static_assert(sizeof(bits) == sizeof(v), "IEEE double");
	assert(v >= 0 && v <= 0x1p53 && floor(v) >= v);
	memcpy(&bits, &v, sizeof(bits));
	hash_u64(h, name, bits);
}

enum err hash_finish(struct hash *h, char out[65])
{
	const unsigned char *sum;

	if (!h)
		return ERR_NOMEM;
	sum = gcry_md_read(h->md, GCRY_MD_SHA256);
	for (unsigned i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
	gcry_md_close(h->md);
	free(h);
	return ERR_OK;
}

enum err run_id(const struct run_result *run, char out[65])
{
	struct hash *h = hash_create("run 1");

	hash_u64(h, "model", MODEL_VERSION);
	hash_text(h, "trace", run->trace.id);
	hash_text(h, "host", run->host_core);
	hash_text(h, "config", run->config_json);
	hash_text(h, "strategy", run->strategy);
	hash_u64(h, "seed", run->seed);
	hash_u64(h, "warmup", run->warmup_insns);
	hash_u64(h, "first", run->window_first);
	hash_u64(h, "insns", run->window_insns);
	return hash_finish(h, out);
}

static void hash_counts(struct hash *h, const struct ledger *l)
{
	for (unsigned e = 0; e < EVENTS; e++)
		for (unsigned o = 0; o < ORIGINS; o++)
			for (unsigned c = 0; c < CAUSES; c++) {
				if (!l->n[e][o][c])
					continue;
				hash_text(h, "event", event_info[e].name);
				hash_text(h, "origin", origin_name[o]);
				hash_text(h, "cause", cause_name[c]);
				hash_u64(h, "n", l->n[e][o][c]);
			}
}

enum err run_result_sha(const struct run_result *run, char out[65])
{
	struct hash *h = hash_create("result 1");

	hash_text(h, "tag", run->tag);
	hash_text(h, "name", run->strategy_name);
	hash_counts(h, run->ledger);
	hash_u64(h, "recorded", run->faults_recorded);
	hash_u64(h, "injected", run->faults_injected);
	hash_u64(h, "forced", run->faults_forced);
	hash_u64(h, "extra_true", run->faults_extra_true);
	for (size_t i = 0; i < run->ndeviations; i++) {
		hash_u64(h, "record", run->deviations[i].record);
		hash_u64(h, "kind", run->deviations[i].kind);
		hash_u64(h, "fsr", run->deviations[i].fsr);
		hash_u64(h, "va", run->deviations[i].va);
	}
	for (size_t i = 0; i < run->nstructures; i++) {
		hash_text(h, "structure", run->structures[i].name);
		hash_u64(h, "n", run->structures[i].n);
	}
	for (size_t i = 0; i < run->nmemory; i++) {
		hash_text(h, "memory", run->memory[i].what);
		hash_u64(h, "peak", run->memory[i].peak_bytes);
		hash_whole(h, "average", run->memory[i].average_bytes);
	}
	return hash_finish(h, out);
}

enum err cost_set_sha(const struct cost_set *s, char out[65])
{
	struct hash *h = hash_create("costs 1");

	hash_text(h, "name", s->name);
	hash_u64(h, "model", MODEL_VERSION);
	for (unsigned p = 0; p < PRIMS; p++) {
		hash_text(h, "prim", prim_info[p].name);
		for (unsigned v = 0; v < COST_LEVELS; v++)
			hash_u64(h, "cost", s->prim[p][v]);
	}
	for (unsigned e = 0; e < EVENTS; e++)
		for (unsigned t = 0; t < event_info[e].nterm; t++) {
			hash_text(h, "event", event_info[e].name);
			hash_text(h, "of", prim_info[event_info[e].term[t].prim].name);
			hash_u64(h, "mult", event_info[e].term[t].mult);
		}
	return hash_finish(h, out);
}
