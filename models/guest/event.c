/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/event.h"

static void access_event(const struct trace_rec *r, struct guest_event *e)
{
	*e = (struct guest_event){ .kind = GEV_ACCESS, .flags = r->flags,
		.write = r->kind == TRACE_STORE, .n = r->arg,
		.bytes = (uint16_t)(1u << (r->flags & ACC_SIZE_MASK)), .va = r->va,
		.pa = r->flags & ACC_IO ? r->a : 0 };
}

void event_of_record(const struct trace_rec *r, struct guest_event *e)
{
	static const uint8_t plain[TRACE_KINDS] = {
		[TRACE_SENS] = GEV_SENS, [TRACE_WAIT] = GEV_WAIT, [TRACE_WITNESS] = GEV_WITNESS,
		[TRACE_HIST] = GEV_HIST, [TRACE_MARK] = GEV_MARK, [TRACE_FETCH] = GEV_FETCH,
	};

	if (r->kind == TRACE_RUN) {
		*e = (struct guest_event){ .kind = GEV_RUN, .flags = r->flags, .n = r->arg,
					   .bytes = (uint16_t)r->a, .va = r->va };
	} else if (r->kind <= TRACE_STORE) {
		access_event(r, e);
	} else {
		*e = (struct guest_event){ .kind = r->kind < TRACE_KINDS ? plain[r->kind] : GEV_NONE,
			.flags = r->flags, .n = r->arg, .bytes = r->arg, .va = r->va, .pa = r->a,
			.insn = r->a, .new = r->kind == TRACE_MARK ? r->a : r->b };
	}
}

const struct guest_event *event_next(struct event_cursor *c)
{
	const struct trace_rec *r = &c->b->rec[c->i];

	if (c->i == c->b->n)
		return NULL;
	c->i++;
	if (event_is_full(r))
		return c->full++;
	event_of_record(r, &c->made);
	return &c->made;
}
