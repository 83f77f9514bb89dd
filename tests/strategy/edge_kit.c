/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

/* --- the cases ------------------------------------------------------------------------------ */

static const struct edge_case *const groups[] = {
	edges_tables, edges_words, edges_rights, edges_roots, edges_machine, edges_refused, edges_v6, edges_cross,
};

const struct edge_case *edge_case_at(unsigned i)
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (const struct edge_case *c = groups[g]; c->name; c++)
			if (!i--)
				return c;
	return NULL;
}

const struct edge_case *edge_case_find(const char *name)
{
	const struct edge_case *c;

	for (unsigned i = 0; (c = edge_case_at(i)); i++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* --- the guest ------------------------------------------------------------------------------ */

void edge_begin(struct edge *e, const char *core)
{
	memset(e, 0, sizeof(*e));
	e->v6 = core != NULL;
	if (core)
		kit_linux_v6(&e->k, core);
	else
		kit_linux(&e->k);
}

static void check_frame(void *ctx, uint32_t base, const uint32_t *words)
{
	kit_image(&((struct edge *)ctx)->k, base, words);
}

void edge_end(struct edge *e)
{
	mem_each(kit_guest(&e->k)->tables, check_frame, e);
}

void edge_free(struct edge *e)
{
	kit_free(&e->k);
	free(e->step);
	free(e->fault);
}

static void at_code(struct edge *e)
{
	e->k.pc = KIT_CODE;
}

void edge_load(struct edge *e, uint32_t va)
{
	at_code(e);
	kit_access(&e->k, va, false, 2);
}

void edge_store(struct edge *e, uint32_t va)
{
	at_code(e);
	kit_access(&e->k, va, true, 2);
}

void edge_poke(struct edge *e, uint32_t va, uint32_t pa, unsigned size_log2, uint32_t value)
{
	struct trace_rec r = { .kind = TRACE_STORE, .va = va, .a = pa, .b = value,
			       .flags = (uint8_t)(size_log2 | ACC_VALUED) };

	at_code(e);
	kit_exec(&e->k);
	kit_put(&e->k, &r, NULL);
}

void edge_user(struct edge *e)
{
	at_code(e);
	if (!guest_is_user(kit_guest(&e->k)))
		kit_mode(&e->k, KIT_USR);
}

void edge_kernel(struct edge *e)
{
	at_code(e);
	if (!guest_is_user(kit_guest(&e->k)))
		return;
	kit_exec(&e->k);
	kit_exc(&e->k, 2, KIT_SVC);
	kit_run(&e->k, KIT_VECTORS + 8, 1);
	at_code(e);
}

/* Status register of the abort, DFSR or IFSR. */
static uint32_t status_word(const struct edge *e, enum access access, enum fault_status fs,
			    unsigned domain)
{
	struct fault_report r;

	if (!e->v6)
		return fault_fsr(fs, domain) | (fault_domain_valid(fs) ? 0 : e->stray_domain << 4);
	r = mmu_fault_report(kit_guest(&e->k)->arch, fs, access);
	return r.status | (r.domain_valid ? domain << 4 : 0u) | (access == ACCESS_WRITE ? 0x800u : 0u);
}

static void expect_fault(struct edge *e, uint32_t far, enum access access, enum fault_status fs)
{
	e->fault = realloc(e->fault, (e->nfaults + 1) * sizeof(*e->fault));
	assert_non_null(e->fault);
	e->fault[e->nfaults++] = (struct edge_fault){ far, (uint8_t)access, (uint8_t)fs };
}

void edge_abort(struct edge *e, uint32_t va, uint32_t far, enum access access,
		enum fault_status fs, unsigned domain)
{
	uint32_t cpsr = kit_guest(&e->k)->cpsr, status = status_word(e, access, fs, domain);
	bool user = guest_is_user(kit_guest(&e->k)), fetch = access == ACCESS_FETCH;
	struct trace_abort a = { .pc = fetch ? va : e->k.pc, .insn = fetch ? 0 : 0xe5900000,
				 .fsr = fetch ? 0 : status, .ifsr = fetch ? status : 0, .far = far,
				 .cpsr = cpsr };
	struct trace_rec r = { .kind = TRACE_ABORT, .arg = 4, .va = va };

	r.flags = (uint8_t)(fetch ? ABORT_FETCH : access == ACCESS_WRITE ? ABORT_WRITE : ABORT_READ);
	r.flags |= user ? ABORT_USER : 0;
	kit_put(&e->k, &r, &a);
	expect_fault(e, far, access, fs);
	kit_exc(&e->k, fetch ? 3 : 4, KIT_ABT);
	kit_run(&e->k, KIT_VECTORS + (fetch ? 12 : 16), 1);
	at_code(e);
	kit_mode(&e->k, cpsr);
}

void edge_fault_far(struct edge *e, uint32_t va, uint32_t far, enum access access,
		    enum fault_status fs, unsigned domain)
{
	struct trace_rec r = { .kind = TRACE_RUN, .flags = RUN_NO_RETIRE, .arg = 1, .va = KIT_CODE,
			       .a = 4 };

	at_code(e);
	if (access == ACCESS_FETCH)
		kit_exec(&e->k);
	else
		kit_put(&e->k, &r, NULL);
	edge_abort(e, va, far, access, fs, domain);
}

void edge_fault(struct edge *e, uint32_t va, enum access access, enum fault_status fs,
		unsigned domain)
{
	edge_fault_far(e, va, va, access, fs, domain);
}

void edge_link(struct edge *e, uint32_t mva, uint32_t word)
{
	at_code(e);
	kit_poke(&e->k, KIT_ROOT + 4 * (mva >> 20), word);
}

void edge_copy_root(struct edge *e, uint32_t root)
{
	for (uint32_t at = 0; at < 0x4000; at += FRAME_BYTES)
		kit_image(&e->k, root + at, mem_frame(kit_guest(&e->k)->tables, KIT_ROOT + at));
}

uint32_t edge_small(uint32_t pa, unsigned ap)
{
	uint8_t four[4];

	memset(four, (int)ap, sizeof(four));
	return pt_encode_v5_small(pa, four, 3);
}

uint32_t edge_large(uint32_t pa, unsigned ap)
{
	uint8_t four[4];

	memset(four, (int)ap, sizeof(four));
	return pt_encode_v5_large(pa, four, 3);
}

/* --- what has to hold ----------------------------------------------------------------------- */

static void add_step(struct edge *e, struct edge_step s)
{
	e->step = realloc(e->step, (e->nsteps + 1) * sizeof(*e->step));
	assert_non_null(e->step);
	s.at = e->k.t.n;
	e->step[e->nsteps++] = s;
}

void edge_mark(struct edge *e)
{
	add_step(e, (struct edge_step){ .what = EDGE_MARK });
}

void edge_note(struct edge *e, enum edge_what what, const char *rows, enum event event, uint64_t n,
	       int line)
{
	add_step(e, (struct edge_step){ .what = what, .rows = rows, .event = event, .n = n,
					.line = line });
}

void edge_probe(struct edge *e, enum edge_what what, uint32_t mva, enum access access, uint32_t gpa,
		uint32_t bytes, int line)
{
	add_step(e, (struct edge_step){ .what = what, .mva = mva, .access = access, .gpa = gpa,
					.bytes = bytes, .line = line });
}
#else
typedef int cmocka_is_missing;
#endif
