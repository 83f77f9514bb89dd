/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/unknown_ops.h"

#include <inttypes.h>
#include <stdio.h>

#include "traces/cp_names.h"

void unknown_ops_add(struct unknown_ops *u, uint16_t key, bool write, uint64_t record)
{
	unsigned i = 0;

	u->total++;
	while (i < u->count && (u->op[i].key != key || u->op[i].write != write))
		i++;
	if (i == UNKNOWN_OPS_KEPT) {
		u->others++;
		return;
	}
	if (i == u->count)
		u->op[u->count++] = (struct unknown_op){ .key = key, .write = write,
							 .first = record };
	u->op[i].n++;
}

const char *unknown_ops_text(const struct unknown_ops *u, unsigned i, char buf[UNKNOWN_OPS_TEXT])
{
	const struct unknown_op *o = &u->op[i];
	const char *name = cp_name(o->key);
	char where[CP_TEXT_BYTES];

	cp_print(where, o->key);
	snprintf(buf, UNKNOWN_OPS_TEXT, "%s%s%s%s %s %" PRIu64 " times, first at record %" PRIu64,
		 where, name ? " (" : "", name ? name : "", name ? ")" : "",
		 o->write ? "written" : "read", o->n, o->first);
	return buf;
}
