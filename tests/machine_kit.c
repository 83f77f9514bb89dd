/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/machine_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/cpu/cpu.h"
#include "sim/engine.h"
#include "sim/spec.h"
#include "tests/support.h"
#include "traces/check.h"
#include "traces/reader.h"

/* --- the guest ------------------------------------------------------------------------ */

void kit_init(struct kit *k, uint32_t sctlr, uint32_t cpsr)
{
	kit_init_core(k, "armv5", "arm926", sctlr, cpsr);
}

void kit_init_core(struct kit *k, const char *arch, const char *core, uint32_t sctlr, uint32_t cpsr)
{
	struct trace_header *h = &k->t.header;
	struct diag d;

	memset(k, 0, sizeof(*k));
	snprintf(h->arch, sizeof(h->arch), "%s", arch);
	snprintf(h->core, sizeof(h->core), "%s", core);
	strcpy(h->guest, "kit");
	strcpy(h->workload, "directed");
	h->vcpus = 1;
	h->icount_shift = -1;
	h->nram = 1;
	h->ram[0] = (struct trace_range){ 0, KIT_RAM_BYTES };
	h->cpsr = cpsr;
	h->nreg = 3;
	h->reg[0] = (struct trace_reg){ KEY_SCTLR, sctlr };
	h->reg[1] = (struct trace_reg){ KEY_TTBR0, 0 };
	h->reg[2] = (struct trace_reg){ KEY_DACR, 1 };
	k->pc = KIT_CODE;
	assert_ok(tracker_create(&k->tracker, h, &d), &d);
}

void kit_free(struct kit *k)
{
	tracker_destroy(k->tracker);
	random_trace_clear(&k->t);
}

const struct guest *kit_guest(const struct kit *k)
{
	return tracker_guest(k->tracker);
}

enum err kit_try(struct kit *k, const struct trace_rec *r, const void *payload, struct diag *d)
{
	struct event_batch ev;
	struct trace_batch b;

	random_trace_add(&k->t, r, payload);
	b = (struct trace_batch){ &k->t.rec[k->t.n - 1], 1, k->t.payload, k->t.n - 1 };
	return tracker_batch(k->tracker, &b, &ev, d);
}

void kit_put(struct kit *k, const struct trace_rec *r, const void *payload)
{
	struct diag d;

	assert_null(trace_check_alone(r, trace_payload_bytes(r)));
	assert_ok(kit_try(k, r, payload, &d), &d);
	if (!k->cleans || r->kind != TRACE_STORE || !(r->flags & ACC_VALUED))
		return;
	assert_true(k->ndirty < sizeof(k->dirty) / sizeof(k->dirty[0]));
	k->dirty[k->ndirty++] = fcse_mva(r->va, kit_guest(k)->fcse).raw;
}

void kit_image(struct kit *k, uint32_t pa, const uint32_t *words)
{
	static const uint32_t zeroes[1024];
	struct trace_rec r = { .kind = TRACE_IMAGE, .a = pa };

	kit_put(k, &r, words ? words : zeroes);
}

void kit_run(struct kit *k, uint32_t va, unsigned n)
{
	struct trace_rec r = { .kind = TRACE_RUN, .arg = (uint16_t)n, .va = va, .a = 4 * n };

	kit_put(k, &r, NULL);
}

/* Not between the words of a block, which are of one instruction. */
static void clean_stored(struct kit *k)
{
	unsigned n = k->ndirty;

	if (guest_is_user(kit_guest(k)))
		return;
	k->ndirty = 0;
	for (unsigned i = 0; i < n; i++)
		kit_cpw(k, KIT_CLEAN_MVA, k->dirty[i]);
}

void kit_exec(struct kit *k)
{
	if (k->ndirty)
		clean_stored(k);
	kit_run(k, k->pc, 1);
	k->pc = (k->pc & ~0xfffu) | ((k->pc + 4) & 0xfff);
}

void kit_access(struct kit *k, uint32_t va, bool write, unsigned flags)
{
	struct trace_rec r = { .kind = write ? TRACE_STORE : TRACE_LOAD, .va = va,
			       .flags = (uint8_t)flags };

	kit_exec(k);
	kit_put(k, &r, NULL);
}

void kit_poke(struct kit *k, uint32_t pa, uint32_t word)
{
	struct trace_rec r = { .kind = TRACE_STORE, .va = KIT_LINEAR + pa, .flags = 2 | ACC_VALUED,
			       .a = pa, .b = word };

	kit_exec(k);
	kit_put(k, &r, NULL);
}

void kit_cpw(struct kit *k, uint16_t key, uint32_t value)
{
	struct trace_rec r = { .kind = TRACE_CP_WRITE, .arg = key, .a = value };

	kit_exec(k);
	kit_put(k, &r, NULL);
}

void kit_cpr(struct kit *k, uint16_t key, uint32_t value)
{
	struct trace_rec r = { .kind = TRACE_CP_READ, .arg = key, .a = value };

	kit_exec(k);
	kit_put(k, &r, NULL);
}

void kit_mode(struct kit *k, uint32_t cpsr)
{
	struct trace_rec r = { .kind = TRACE_MODE, .a = cpsr };

	kit_exec(k);
	kit_put(k, &r, NULL);
}

void kit_sens(struct kit *k, enum sens_class c)
{
	struct trace_rec r = { .kind = TRACE_SENS, .arg = (uint16_t)c };

	kit_exec(k);
	kit_put(k, &r, NULL);
}

void kit_exc(struct kit *k, unsigned vector, uint32_t cpsr)
{
	struct trace_rec r = { .kind = TRACE_EXC, .arg = (uint16_t)vector,
			       .va = KIT_VECTORS + 4 * vector, .a = cpsr, .b = k->pc };

	kit_put(k, &r, NULL);
}

static void put_abort(struct kit *k, uint32_t va, unsigned flags, const struct trace_abort *a)
{
	struct trace_rec r = { .kind = TRACE_ABORT, .flags = (uint8_t)flags, .arg = 4, .va = va };

	kit_put(k, &r, a);
}

void kit_data_abort(struct kit *k, uint32_t va, bool write, bool unpriv, uint32_t fsr)
{
	struct trace_rec r = { .kind = TRACE_RUN, .flags = RUN_NO_RETIRE, .arg = 1, .va = k->pc,
			       .a = 4 };
	struct trace_abort a = { .pc = k->pc, .insn = 0xe5900000, .fsr = fsr, .far = va,
				 .cpsr = kit_guest(k)->cpsr };
	bool user = guest_is_user(kit_guest(k));

	kit_put(k, &r, NULL);
	put_abort(k, va, (write ? ABORT_WRITE : ABORT_READ) | (user || unpriv ? ABORT_USER : 0u) |
		  (unpriv && !user ? ABORT_UNPRIV : 0u), &a);
}

void kit_fetch_abort(struct kit *k, uint32_t va, uint32_t fsr)
{
	struct trace_abort a = { .pc = va, .ifsr = fsr, .far = 0, .cpsr = kit_guest(k)->cpsr };

	put_abort(k, va, ABORT_FETCH | (guest_is_user(kit_guest(k)) ? ABORT_USER : 0u), &a);
}

void kit_linux(struct kit *k)
{
	kit_linux_on(k, "arm926");
}

void kit_linux_on(struct kit *k, const char *core)
{
	static const uint8_t kernel_user_read[4] = { 2, 2, 2, 2 }, all[4] = { 3, 3, 3, 3 };
	uint32_t words[4096] = { 0 }, l2[1024] = { 0 };

	kit_init_core(k, "armv5", core, 0x78, KIT_SVC);
	for (uint32_t mb = 0; mb < KIT_RAM_BYTES >> 20; mb++)
		words[(KIT_LINEAR >> 20) + mb] = pt_encode_v5_section(mb << 20, mb == 1 ? 3 : 1, 0, 3);
	words[0xfff] = pt_encode_v5_coarse(0xf000 + 0xc00, 0);
	l2[0x300 + (KIT_VECTORS >> 12 & 0xff)] = pt_encode_v5_small(0x180000, kernel_user_read, 3);
	l2[0x300 + (KIT_HOLE >> 12 & 0xff)] = pt_encode_v5_small(0x181000, all, 3);
	k->pc = 0x00100000;             /* MMU still off: the same code by its physical address */
	for (unsigned i = 0; i < 4; i++)
		kit_image(k, KIT_ROOT + 4096 * i, words + 1024 * i);
	for (uint32_t pa = KIT_L2; pa < 0xf000; pa += 4096)
		kit_image(k, pa, NULL);
	kit_image(k, 0xf000, l2);
	kit_cpw(k, KEY_DACR, 0x55555555);
	kit_cpw(k, KEY_TTBR0, KIT_ROOT);
	kit_cpw(k, KEY_SCTLR, 0x78 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_V);
	k->pc = KIT_CODE;
	kit_exec(k);
}

void kit_linux_v6(struct kit *k, const char *core)
{
	struct pt_desc d = { .kind = PT_LEAF, .size_log2 = SECTION_LOG2, .cb = 3 };
	uint32_t words[4096] = { 0 }, l2[1024] = { 0 }, sctlr = 0x78 | SCTLR_XP | SCTLR_U;

	kit_init_core(k, "armv6", core, sctlr, KIT_SVC);
	for (uint32_t mb = 0; mb < KIT_RAM_BYTES >> 20; mb++) {
		d.base = mb << 20;
		memset(d.ap, mb == 1 ? 3 : 1, sizeof(d.ap));
		words[(KIT_LINEAR >> 20) + mb] = pt_encode_v6(&d);
	}
	words[0xfff] = pt_encode_v6(&(struct pt_desc){ .kind = PT_COARSE, .base = 0xf000 + 0xc00 });
	d.base = 0x180000;
	d.size_log2 = FRAME_LOG2;
	memset(d.ap, 3, sizeof(d.ap));
	l2[0x300 + (KIT_VECTORS >> 12 & 0xff)] = pt_encode_v6(&d);
	k->pc = 0x00100000;
	for (unsigned i = 0; i < 4; i++)
		kit_image(k, KIT_ROOT + 4096 * i, words + 1024 * i);
	for (uint32_t pa = KIT_L2; pa < 0xf000; pa += 4096)
		kit_image(k, pa, NULL);
	kit_image(k, 0xf000, l2);
	kit_cpw(k, KEY_DACR, 0x55555555);
	kit_cpw(k, KEY_TTBR0, KIT_ROOT);
	kit_cpw(k, KEY_TTBR1, KIT_ROOT);
	kit_cpw(k, KEY_SCTLR, sctlr | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_V);
	k->pc = KIT_CODE;
	kit_exec(k);
}

/* --- the machine ---------------------------------------------------------------------- */

struct cpu_row kit_one_tlb(const struct cpu_row *row)
{
	const struct host_config *plain = &cpu_find("arm926")->config;
	struct cpu_row out = *row;
	struct diag d;

	out.config.utlb.entries = 0;
	if (out.config.itlb.entries) {
		out.config.itlb = plain->itlb;
		out.config.dtlb = plain->dtlb;
		out.config.tlb = plain->tlb;
		out.config.tlb_lock = plain->tlb_lock;
	}
	assert_ok(config_check(&out.config, &d), &d);
	return out;
}

bool kit_trace_is_v6(const char *path)
{
	struct trace_reader *r;
	struct diag d;
	bool v6;

	assert_ok(trace_reader_open(&r, path, &d), &d);
	v6 = !strcmp(trace_reader_header(r)->arch, "armv6");
	trace_reader_close(r);
	return v6;
}

struct lane *kit_lane(const struct kit *k, const char *name, const struct kit_plan *p)
{
	static const struct kit_plan nothing;
	const struct cpu_row *row = cpu_find(p && p->core ? p->core : "arm926");
	struct lane_plan lp = { 0 };
	struct host_config cfg;
	struct cost_set costs;
	struct machine *m;
	struct spec spec;
	struct lane *l;
	struct diag d;
	void *params;

	p = p ? p : &nothing;
	row = p->row ? p->row : row;
	cfg = row->config;
	cost_set_default(&costs);
	assert_ok(spec_parse(&spec, name, &d), &d);
	params = spec_params(&spec);
	for (unsigned i = 0; i < KIT_SETS && p->set[i]; i++) {
		const char *eq = strchr(p->set[i], '=');
		char key[64];

		snprintf(key, sizeof(key), "%.*s", (int)(eq - p->set[i]), p->set[i]);
		assert_ok(param_set(config_keys, config_key_count, &cfg, key, eq + 1, &d), &d);
	}
	config_settle(&cfg);
	assert_ok(config_check(&cfg, &d), &d);
	assert_ok(machine_create(&m, row, &cfg, &costs, p->ops ? p->ops : spec.ops, params,
				 &k->t.header, &d), &d);
	spec_free(&spec);
	lp.verify = p->verify;
	lp.lint = p->lint;
	lp.lint_max = 10;
	lp.engine = p->engine;
	lp.warmup_insns = p->warmup;
	for (size_t i = 0; i < k->t.n; i++)
		if (k->t.rec[i].kind == TRACE_RUN)
			lp.total_insns += k->t.rec[i].arg - !!(k->t.rec[i].flags & RUN_NO_RETIRE);
	assert_ok(lane_create(&l, m, &lp, &d), &d);
	return l;
}

/* A second tracker brings the events up to `from` without the lane seeing them. */
void kit_feed(struct lane *l, const struct kit *k, size_t from, uint64_t until, size_t batch)
{
	size_t end = until < k->t.n ? (size_t)until : k->t.n;
	struct event_batch ev;
	struct tracker *t;
	struct diag d;

	assert_ok(tracker_create(&t, &k->t.header, &d), &d);
	for (size_t at = 0, n; at < end; at += n) {
		size_t stop = at < from ? from : end;
		struct trace_batch b = { &k->t.rec[at], 0, k->t.payload, at };

		n = stop - at < batch ? stop - at : batch;
		b.n = n;
		assert_ok(tracker_batch(t, &b, &ev, &d), &d);
		if (at >= from)
			lane_batch(l, &ev);
	}
	tracker_destroy(t);
}

void kit_catch_up(struct lane *l, const struct kit *k, size_t *at)
{
	kit_feed(l, k, *at, KIT_NOW, 4096);
	lane_close_run(l, k->t.n);
	*at = k->t.n;
}

enum err kit_finish(struct lane *l, const struct kit *k, struct diag *d)
{
	const struct handler_span *h = tracker_handlers(k->tracker);
	uint64_t mean[2];

	for (unsigned i = 0; i < 2; i++)
		mean[i] = h[i].entries ? h[i].instructions / h[i].entries : 0;
	return lane_finish(l, mean, d);
}

struct lane *kit_replay(const struct kit *k, const char *name, const struct kit_plan *p)
{
	struct lane *l = kit_lane(k, name, p);
	struct diag d;

	kit_feed(l, k, 0, KIT_NOW, 4096);
	assert_ok(kit_finish(l, k, &d), &d);
	return l;
}

/* --- what came of it ------------------------------------------------------------------ */

uint64_t kit_hv_cycles(const struct ledger *l)
{
	struct cost_set costs;
	uint64_t sum = 0;

	cost_set_default(&costs);
	for (unsigned e = 0; e < EVENTS; e++)
		if (event_info[e].leaf[0] != 'G' && event_info[e].leaf[0] != 'W' &&
		    e != EV_TRAP_DRAIN)
			sum += ledger_event(l, (enum event)e) *
			       cost_unit(&costs, (enum event)e, COST_NOMINAL) / 1000;
	return sum;
}

uint64_t kit_traps(const struct ledger *l)
{
	uint64_t n = 0;

	for (unsigned e = EV_TRAP_UND; e <= EV_TRAP_FIQ; e++)
		n += ledger_event(l, (enum event)e);
	return n + ledger_event(l, EV_TRAP_HYP);
}

void kit_since(struct ledger *diff, const struct lane *l, const struct ledger *before)
{
	ledger_sub(diff, &l->m->ledger, before);
}
#else
typedef int cmocka_is_missing;
#endif
