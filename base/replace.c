/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/replace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define X(id, name) [REPLACE_##id] = #name,
const char *const replace_name[REPLACES] = { REPLACE_LIST(X) };
#undef X

int replace_find(const char *name)
{
	for (int p = 0; p < REPLACES; p++)
		if (!strcmp(replace_name[p], name))
			return p;
	return -1;
}

bool replace_fits(enum replace p, unsigned ways)
{
	return p != REPLACE_PLRU || (is_pow2(ways) && ways <= 64);
}

enum err replace_create(struct replace_sets *r, enum replace p, unsigned sets, unsigned ways,
			uint64_t seed, const char *name, struct diag *d)
{
	size_t all = (size_t)sets * ways;

	memset(r, 0, sizeof(*r));
	r->sets = sets;
	r->ways = ways;
	r->policy = (uint8_t)p;
	r->rng = rng_stream(seed, name);
	/* + 1: an absent structure (no sets) is legal and calloc(0) may give NULL */
	r->word = calloc(sets + 1u, sizeof(*r->word));
	r->stamp = calloc(all + 1u, sizeof(*r->stamp));
	if (!r->word || !r->stamp) {
		replace_release(r);
		return diag_set(d, ERR_NOMEM, "%s: no memory for %zu ways", name, all);
	}
	return ERR_OK;
}

void replace_release(struct replace_sets *r)
{
	free(r->word);
	free(r->stamp);
	r->word = r->stamp = NULL;
}

void replace_set_policy(struct replace_sets *r, enum replace p)
{
	assert(p < REPLACES && (!r->ways || replace_fits(p, r->ways)));
	if (p == r->policy)
		return;
	r->policy = (uint8_t)p;
	memset(r->word, 0, r->sets * sizeof(*r->word));
	memset(r->stamp, 0, (size_t)r->sets * r->ways * sizeof(*r->stamp));
}
