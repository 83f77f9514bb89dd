/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/check.h"

static const char *const kind_names[TRACE_KINDS] = {
#define X(id, name, text) [TRACE_##id] = name,
	TRACE_KIND_LIST(X)
#undef X
};

const char *trace_kind_name(unsigned kind)
{
	return kind < TRACE_KINDS ? kind_names[kind] : "?";
}

static const char *check_run(const struct trace_rec *r)
{
	bool thumb = r->flags & RUN_THUMB;

	if (r->flags & ~(RUN_THUMB | RUN_NO_RETIRE))
		return "unknown flag";
	if (r->arg < 1 || r->arg > RUN_MAX_INSNS)
		return "number of instructions is not 1..4095";
	if (r->va & (thumb ? 1 : 3))
		return "start is not aligned to an instruction";
	if (thumb ? r->a & 1 || r->a < 2u * r->arg || r->a > 4u * r->arg : r->a != 4u * r->arg)
		return "length does not fit the number of instructions";
	if (r->va % RUN_PAGE_BYTES + r->a > RUN_PAGE_BYTES)
		return "run crosses a 1 KB boundary";
	return r->b ? "unused field is not zero" : NULL;
}

static const char *check_access(const struct trace_rec *r)
{
	unsigned bytes = 1u << (r->flags & ACC_SIZE_MASK);
	bool valued = r->flags & ACC_VALUED, has_pa = r->flags & (ACC_IO | ACC_VALUED);

	if (r->flags & 0x80)
		return "unknown flag";
	if (valued && r->kind == TRACE_LOAD)
		return "a load cannot be valued";
	if (!has_pa && r->a)
		return "PA given though neither I/O nor valued";
	if (!valued && r->b)
		return "value given though not valued";
	if ((r->va % RUN_PAGE_BYTES + bytes > RUN_PAGE_BYTES) != !!(r->flags & ACC_SPLIT))
		return "split flag disagrees with address and size";
	return NULL;
}

static const char *check_cp(const struct trace_rec *r)
{
	if (r->flags || r->va)
		return "unused field is not zero";
	if (!(r->arg & CP_KEY_64))
		return r->b ? "second value without MCRR/MRRC" : NULL;
	return trace_is_cp_key(r->arg) ? NULL : "MCRR/MRRC key with CRn or opc2";
}

static const char *check_abort(const struct trace_rec *r)
{
	if (r->flags >= ABORT_DEBUG << 1)
		return "unknown flag";
	if ((r->flags & ABORT_RW_MASK) == ABORT_RW_MASK)
		return "access is neither read, write nor fetch";
	if (r->arg != 1 && r->arg != 2 && r->arg != 4 && r->arg != 8)
		return "size is not 1, 2, 4 or 8";
	return r->a ? "unused field is not zero" : NULL;
}

/* Which TLB entries an invalidate is about. */
static const char *check_scope(const struct trace_rec *r)
{
	uint32_t what = r->b & ~0xffu;

	if (r->b > HIST_GLOBAL && what != HIST_ASID && what != HIST_WHOLE_ASID)
		return "unknown scope of an invalidate";
	return what == HIST_WHOLE_ASID && r->va ? "page of an invalidate by ASID" : NULL;
}

static const char *check_hist(const struct trace_rec *r)
{
	if (r->flags > HIST_INVAL)
		return "unknown kind of history";
	if (!r->a)
		return "age is zero (1 is the latest change before the cut)";
	if (r->flags == HIST_WORD && r->va & 3)
		return "address is not word aligned";
	if (r->flags == HIST_INVAL && r->va % RUN_PAGE_BYTES)
		return "page is not 1 KB aligned";
	if (r->flags == HIST_REG ? r->va : r->arg)
		return "unused field is not zero";
	if (!trace_is_cp_key(r->arg))
		return "MCRR/MRRC key with CRn or opc2";
	return r->flags == HIST_INVAL ? check_scope(r) : NULL;
}

static const char *check_sens(const struct trace_rec *r)
{
	if (r->flags & ~RUN_THUMB)
		return "unknown flag";
	if (r->arg >= SENS_CLASSES || r->arg == SENS_CP || r->arg == SENS_UNPRIV)
		return "class is unknown or not written as a SENS record";
	return r->va ? "unused field is not zero" : NULL;
}

static const char *check_code(const struct trace_rec *r)
{
	if (r->flags & ~RUN_THUMB)
		return "unknown flag";
	if (!r->arg)
		return "no words";
	if (r->a & 3)
		return "PA is not word aligned";
	if (UINT32_MAX - r->a < 4u * r->arg - 1)
		return "code wraps around the end of memory";
	return r->va ? "unused field is not zero" : NULL;
}

static const char *check_witness(const struct trace_rec *r)
{
	if (r->flags & ~(WIT_FETCH | WIT_IO))
		return "unknown flag";
	if (r->va % RUN_PAGE_BYTES || r->a % RUN_PAGE_BYTES)
		return "page is not 1 KB aligned";
	return r->arg || r->b ? "unused field is not zero" : NULL;
}

static const char *check_rest(const struct trace_rec *r)
{
	switch (r->kind) {
	case TRACE_IMAGE:
		if (r->a % 4096)
			return "PA is not 4 KB aligned";
		return r->flags || r->arg || r->va ? "unused field is not zero" : NULL;
	case TRACE_EXC:
		if (r->arg > 7)
			return "vector is not 0..7";
		return r->flags ? "unused field is not zero" : NULL;
	case TRACE_WAIT:
		if (r->flags & ~WAIT_UNKNOWN)
			return "unknown flag";
		return r->arg || r->va ? "unused field is not zero" : NULL;
	case TRACE_FETCH:
		if (!r->arg || r->arg > FETCH_MAX_BYTES)
			return "size is not 1..255";
		return r->flags || r->a || r->b ? "unused field is not zero" : NULL;
	case TRACE_MODE:
	case TRACE_MARK:
		return r->flags || r->arg || r->va || r->b ? "unused field is not zero" : NULL;
	case TRACE_HASH:
		return r->flags || r->arg || r->va ? "unused field is not zero" : NULL;
	default:
		return "unknown kind";
	}
}

const char *trace_check_alone(const struct trace_rec *r, size_t bytes)
{
	if (bytes != trace_payload_bytes(r))
		return "payload has the wrong size";
	switch (r->kind) {
	case TRACE_RUN: return check_run(r);
	case TRACE_LOAD:
	case TRACE_STORE: return check_access(r);
	case TRACE_CODE: return check_code(r);
	case TRACE_CP_WRITE:
	case TRACE_CP_READ: return check_cp(r);
	case TRACE_ABORT: return check_abort(r);
	case TRACE_SENS: return check_sens(r);
	case TRACE_WITNESS: return check_witness(r);
	case TRACE_HIST: return check_hist(r);
	default: return check_rest(r);
	}
}

static const char *check_place(struct trace_check *c, const struct trace_rec *r)
{
	if (!c->insns) {
		if (c->any_run)
			return "access outside a run";
		return r->arg ? "index without a run" : NULL;
	}
	if (r->arg >= c->insns)
		return "index is outside its run";
	if (r->arg < c->idx)
		return "index is smaller than that of the access before";
	if (c->accesses == RUN_MAX_ACCESSES)
		return "more than 65535 accesses in one run";
	c->idx = r->arg;
	c->accesses++;
	return NULL;
}

const char *trace_check_next(struct trace_check *c, const struct trace_rec *r, size_t bytes)
{
	const char *why = trace_check_alone(r, bytes);

	if (why)
		return why;
	if (trace_is_access(r))
		return check_place(c, r);
	c->idx = c->accesses = 0;
	c->insns = r->kind == TRACE_RUN ? r->arg : 0;
	c->any_run |= r->kind == TRACE_RUN;
	return NULL;
}
