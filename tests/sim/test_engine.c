/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine ref: exceptions and aborts, the measured window, determinism, native peculiarities. */
#include "tests/support.h"

#include <string.h>

#include "models/cache/cache.h"
#include "tests/machine_kit.h"
#include "tests/strategy/random_guest.h"

#define DATA 0x10000000u                /* a section, AP 11, domain 1 */

static void guest_with_data(struct kit *k)
{
	kit_linux(k);
	kit_poke(k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_section(0x200000, 3, 1, 3));
}

static uint64_t events(const struct lane *l, enum event e)
{
	return ledger_event(&l->m->ledger, e);
}

static struct lane *replay_flat(const struct kit *k, const char *spec, const char *set)
{
	struct kit_plan p = { .set = { "hv.memory=flat", set }, .verify = true };
	struct lane *l = kit_replay(k, spec, &p);

	if (l->violations)
		fail_msg("%s", l->first_violation.msg);
	return l;
}

/* --- exceptions ----------------------------------------------------------------------- */

static void each_exception(void **state)
{
	static const struct { unsigned vector; enum event trap, reflect; } rows[] = {
		{ 1, EV_TRAP_UND, EV_REFLECT_UND }, { 2, EV_TRAP_SVC, EV_REFLECT_SVC },
		{ 6, EV_TRAP_IRQ, EV_REFLECT_IRQ }, { 7, EV_TRAP_FIQ, EV_REFLECT_FIQ },
	};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct lane *l;
		struct kit k;
		uint64_t base;

		guest_with_data(&k);
		l = replay_flat(&k, "coherent", NULL);
		base = events(l, rows[i].trap);
		lane_destroy(l);
		kit_mode(&k, KIT_USR);
		for (unsigned n = 0; n < 3; n++) {
			kit_exec(&k);
			kit_exc(&k, rows[i].vector, KIT_SVC);
			kit_run(&k, KIT_VECTORS + 4 * rows[i].vector, 1);
			kit_mode(&k, KIT_USR);
		}
		l = replay_flat(&k, "coherent", NULL);
		assert_int_equal(events(l, rows[i].trap) - base, 3);
		assert_int_equal(events(l, rows[i].reflect), 3);
		assert_int_equal(events(l, EV_EXC_HW), 0);
		lane_destroy(l);
		l = replay_flat(&k, "coherent", "cpu=free");
		assert_int_equal(events(l, rows[i].reflect), 0);
		lane_destroy(l);
		l = replay_flat(&k, "native", NULL);
		assert_int_equal(events(l, EV_EXC_HW), 3);
		assert_int_equal(kit_traps(&l->m->ledger), 0);
		lane_destroy(l);
		kit_free(&k);
	}
}

/* Recorded aborts that the tables have too: injected, one entry each, none forced or extra. */
static void aborts_are_delivered(void **state)
{
	static const char *const spec[] = { "native", "coherent" };
	struct kit k;

	(void)state;
	guest_with_data(&k);
	kit_data_abort(&k, DATA + 0x100000, true, false, FS_TRANS_SECTION);
	kit_exc(&k, 4, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 16, 1);
	kit_exec(&k);
	kit_mode(&k, KIT_USR);
	kit_data_abort(&k, KIT_LINEAR, false, false, fault_fsr(FS_PERM_SECTION, 0));
	kit_exc(&k, 4, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 16, 1);
	kit_exec(&k);
	kit_data_abort(&k, KIT_LINEAR, false, true, fault_fsr(FS_PERM_SECTION, 0));     /* LDRT */
	kit_exc(&k, 4, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 16, 1);
	kit_exec(&k);
	kit_fetch_abort(&k, DATA + 0x100000, FS_TRANS_SECTION);
	kit_exc(&k, 3, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 12, 1);
	for (unsigned i = 0; i < 2; i++) {
		struct lane *l = replay_flat(&k, spec[i], NULL);

		assert_int_equal(l->recorded, 4);
		assert_int_equal(l->injected, 4);
		assert_int_equal(l->forced + l->extra_true, 0);
		assert_int_equal(l->m->tally.injected, 4);
		assert_int_equal(events(l, i ? EV_TRUE_FAULT : EV_NATIVE_FAULT), 4);
		assert_int_equal(events(l, EV_EXC_HW), i ? 0 : 4);
		assert_int_equal(events(l, EV_REFLECT_PABT), 0);
		lane_destroy(l);
	}
	kit_free(&k);
}

/* An abort that the lane's machine would not have had is delivered all the same, and listed; a
 * breakpoint is a prefetch abort without a fault; alignment is found before translation. */
static void forced_debug_alignment(void **state)
{
	static const char *const spec[] = { "native", "coherent" };
	struct trace_abort bkpt = { .pc = KIT_CODE, .ifsr = 2 };
	struct trace_rec r = { .kind = TRACE_ABORT, .flags = ABORT_FETCH | ABORT_DEBUG, .arg = 4,
			       .va = KIT_CODE };
	uint64_t at;
	struct kit k;

	(void)state;
	guest_with_data(&k);
	at = k.t.n + 1;
	kit_data_abort(&k, DATA + 8, false, false, 8);          /* external: tables say nothing */
	kit_exc(&k, 4, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 16, 1);
	kit_put(&k, &r, &bkpt);
	kit_exc(&k, 3, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 12, 1);
	kit_data_abort(&k, DATA + 1, false, false, FS_ALIGN);
	kit_exc(&k, 4, KIT_ABT);
	for (unsigned i = 0; i < 2; i++) {
		struct lane *l = replay_flat(&k, spec[i], NULL);

		assert_int_equal(l->recorded, 2);
		assert_int_equal(l->injected, 1);
		assert_int_equal(l->forced, 1);
		assert_int_equal(l->ndeviations, 1);
		assert_int_equal(l->deviation[0].record, at);
		assert_int_equal(l->deviation[0].kind, 0);
		assert_int_equal(l->deviation[0].va, DATA + 8);
		assert_int_equal(events(l, EV_REFLECT_PABT), i);
		assert_int_equal(events(l, i ? EV_TRUE_FAULT : EV_NATIVE_FAULT), 1);
		lane_destroy(l);
	}
	kit_free(&k);
}

static void sensitive_instructions(void **state)
{
	struct lane *l;
	struct kit k;

	(void)state;
	guest_with_data(&k);
	kit_sens(&k, SENS_MRS);
	kit_sens(&k, SENS_MSR);
	kit_sens(&k, SENS_LDMER);
	kit_sens(&k, SENS_UREG);
	kit_sens(&k, SENS_SVC);                 /* traps by its EXC record */
	kit_mode(&k, KIT_USR);
	kit_sens(&k, SENS_MRS);                 /* user code runs direct */
	l = replay_flat(&k, "coherent", NULL);
	assert_int_equal(events(l, EV_TRAP_SVC), 4);
	assert_int_equal(events(l, EV_HCALL_MRS), 1);
	assert_int_equal(events(l, EV_HCALL_MSR), 1);
	assert_int_equal(events(l, EV_HCALL_DPSPC), 1);
	assert_int_equal(events(l, EV_HCALL_UREG), 1);
	lane_destroy(l);
	l = replay_flat(&k, "coherent", "cpu=free");
	assert_int_equal(events(l, EV_TRAP_SVC), 0);
	lane_destroy(l);
	kit_free(&k);
}

/* --- the fault that was not recorded ---------------------------------------------------- */

struct lines { uint32_t want; bool found; };

static void look(void *ctx, const struct cache_line *line)
{
	struct lines *s = ctx;

	s->found |= line->pa.raw == s->want;
}

static bool cached(const struct lane *l, uint32_t pa)
{
	struct lines s = { pa, false };

	cache_each(l->m->l1d, look, &s);
	return s.found;
}

/* Two old values and none now: the shadow never saw either, injects, and goes on with the
 * younger. Natively the same, since nothing touched the page before. */
static void extra_true_goes_on_with_the_youngest(void **state)
{
	static const char *const spec[] = { "native", "coherent" };
	struct kit k;

	(void)state;
	guest_with_data(&k);
	kit_cpw(&k, KIT_TLBI_ALL, 0);
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_section(0x300000, 3, 1, 3));
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), 0);
	kit_access(&k, DATA + 0x40, false, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct lane *l = replay_flat(&k, spec[i], NULL);

		assert_int_equal(l->extra_true, 1);
		assert_int_equal(l->injected, 1);
		assert_int_equal(l->recorded, 0);
		assert_int_equal(events(l, EV_EXTRA_TRUE), 1);
		assert_int_equal(l->deviation[0].kind, 1);
		assert_int_equal(l->deviation[0].record, k.t.n - 1);
		assert_true(cached(l, 0x300040));
		assert_false(cached(l, 0x200040));
		lane_destroy(l);
	}
	kit_free(&k);
}

/* --- order and number --------------------------------------------------------------------- */

/* One reference across a 1 KB boundary is two lookups, each with its own page. */
static void split_access(void **state)
{
	static const char *const spec[] = { "native", "coherent" };
	static const uint8_t all[4] = { 3, 3, 3, 3 };
	struct kit k;

	(void)state;
	kit_linux(&k);
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&k, KIT_L2, pt_encode_v5_small(0x200000, all, 3));
	kit_poke(&k, KIT_L2 + 4, pt_encode_v5_small(0x300000, all, 3));
	for (unsigned i = 0; i < 2; i++) {
		struct lane *l = replay_flat(&k, spec[i], NULL);
		uint64_t accesses = l->m->tally.accesses;
		size_t n = k.t.n;

		kit_access(&k, DATA + 0xffe, false, 2 | ACC_SPLIT);
		kit_feed(l, &k, n, KIT_NOW, 4096);
		lane_close_run(l, k.t.n);
		/* the fetch, two halves; under a hypervisor each half missed once before */
		assert_int_equal(l->m->tally.accesses - accesses, i ? 5 : 3);
		assert_int_equal(events(l, EV_REF_LOAD), 1);
		assert_true(cached(l, 0x200fe0) && cached(l, 0x300000));
		lane_destroy(l);
		k.t.n = n;
	}
	kit_free(&k);
}

static const struct strategy_port *watched;
static unsigned hooks;

static enum err watch(void *self, const void *params, const struct strategy_port *port,
		      struct diag *d)
{
	watched = port;
	(void)self;
	(void)params;
	(void)d;
	return ERR_OK;
}

static void saw_ttbr(void *self, uint32_t old, uint32_t new)
{
	(void)self;
	assert_int_not_equal(old, new);
	assert_int_equal(watched->guest->ttbr0, new);
	hooks++;
}

static void saw_dacr(void *self, uint32_t old, uint32_t new)
{
	(void)self;
	assert_int_not_equal(old, new);
	assert_int_equal(watched->guest->dacr, new);
	hooks++;
}

/* A hook finds the guest as it is behind the event (strategy.h), with and without a hypervisor. */
static void hooks_run_behind_the_event(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct strategy_ops ops = { .name = "watch", .deprivileged = i, .state_bytes = 1,
			.start = watch, .on_ttbr = saw_ttbr, .on_dacr = saw_dacr };
		struct kit_plan p = { .ops = &ops };
		struct kit k;

		kit_init(&k, 0x78, KIT_SVC);
		k.pc = 0x1000;
		kit_cpw(&k, KEY_DACR, 0x77);
		kit_cpw(&k, KEY_TTBR0, 0x4000);
		hooks = 0;
		lane_destroy(kit_replay(&k, "native", &p));
		assert_int_equal(hooks, 2);
		kit_free(&k);
	}
}

/* --- the measured window ---------------------------------------------------------------- */

static struct ledger window_of(const struct kit *k, const char *spec, uint64_t warmup,
			       uint64_t *first)
{
	struct kit_plan p = { .warmup = warmup };
	struct lane *l = kit_replay(k, spec, &p);
	struct ledger w;

	ledger_sub(&w, &l->m->ledger, &l->start);
	*first = l->window_first;
	lane_destroy(l);
	return w;
}

/* A window is the end minus what a lane has when it was fed the warm-up only. */
static void window_is_end_minus_start(void **state)
{
	static const char *const spec[] = { "native", "coherent" };
	static struct ledger whole, window, sum;
	struct random_guest_counts n;
	struct kit k;

	(void)state;
	random_guest(&k, 7, 6000, &n);
	for (unsigned i = 0; i < 2; i++)
		for (uint64_t warmup = 0; warmup <= 2000; warmup += 500) {
			struct lane *l = kit_lane(&k, spec[i], NULL);
			uint64_t first, seen = 0;
			size_t at = 0;

			whole = window_of(&k, spec[i], 0, &first);
			assert_int_equal(first, 0);
			window = window_of(&k, spec[i], warmup, &first);
			assert_in_range(first, warmup, warmup + 10);
			while (seen < first || k.t.rec[at].kind != TRACE_RUN) {
				if (k.t.rec[at].kind == TRACE_RUN)
					seen += k.t.rec[at].arg - !!(k.t.rec[at].flags & RUN_NO_RETIRE);
				at++;
			}
			kit_feed(l, &k, 0, at, 4096);
			lane_close_run(l, at);
			for (unsigned e = 0; e < EVENTS; e++)   /* priced at the end: see below */
				for (unsigned o = 0; o < ORIGINS && e != EV_EXTRA_TRUE_INSN; o++)
					for (unsigned c = 0; c < CAUSES; c++)
						sum.n[e][o][c] = window.n[e][o][c] +
								 l->m->ledger.n[e][o][c];
			memcpy(sum.n[EV_EXTRA_TRUE_INSN], whole.n[EV_EXTRA_TRUE_INSN],
			       sizeof(sum.n[0]));
			assert_memory_equal(&sum, &whole, sizeof(sum));
			lane_destroy(l);
		}
	kit_free(&k);
}

/* Handlers of extra faults belong where the fault was: those of the warm-up are not in the
 * window, although their mean span is known at the end only. */
static void handlers_of_the_warm_up_stay_there(void **state)
{
	static struct ledger w;
	uint64_t first;
	struct kit k;

	(void)state;
	guest_with_data(&k);
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), 0);
	kit_access(&k, DATA, false, 2);                         /* extra */
	for (unsigned i = 0; i < 20; i++)
		kit_exec(&k);
	kit_data_abort(&k, DATA + 0x100000, true, false, FS_TRANS_SECTION);
	kit_exc(&k, 4, KIT_ABT);
	kit_run(&k, KIT_VECTORS + 16, 5);
	kit_exec(&k);                                           /* the instruction again */
	w = window_of(&k, "coherent", 0, &first);
	assert_int_equal(ledger_event(&w, EV_EXTRA_TRUE), 1);
	assert_int_equal(ledger_event(&w, EV_EXTRA_TRUE_INSN), 5);
	w = window_of(&k, "coherent", 20, &first);
	assert_int_equal(ledger_event(&w, EV_EXTRA_TRUE), 0);
	assert_int_equal(ledger_event(&w, EV_EXTRA_TRUE_INSN), 0);
	kit_free(&k);
}

/* A warm-up that ends inside the last run leaves nothing to measure: not the whole instead. */
static void warm_up_that_never_ends(void **state)
{
	struct kit_plan p = { .warmup = 0 };
	struct lane *l;
	struct diag d;
	struct kit k;

	(void)state;
	guest_with_data(&k);
	kit_run(&k, KIT_CODE, 100);
	l = kit_lane(&k, "native", &p);
	p.warmup = l->plan.total_insns - 1;
	lane_destroy(l);
	l = kit_lane(&k, "native", &p);
	kit_feed(l, &k, 0, KIT_NOW, 4096);
	assert_err(ERR_CONFIG, kit_finish(l, &k, &d), &d, "warm-up");
	lane_destroy(l);
	kit_free(&k);
}

static void a_run_that_did_not_retire(void **state)
{
	struct lane *l;
	struct kit k;

	(void)state;
	guest_with_data(&k);
	kit_data_abort(&k, DATA + 0x100000, false, false, FS_TRANS_SECTION);
	kit_exc(&k, 4, KIT_ABT);
	l = replay_flat(&k, "native", NULL);
	assert_int_equal(events(l, EV_REF_FETCH) - events(l, EV_EXEC), 1);
	assert_int_equal(l->insns, events(l, EV_EXEC));
	lane_destroy(l);
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_exception),
		cmocka_unit_test(aborts_are_delivered),
		cmocka_unit_test(forced_debug_alignment),
		cmocka_unit_test(sensitive_instructions),
		cmocka_unit_test(extra_true_goes_on_with_the_youngest),
		cmocka_unit_test(split_access),
		cmocka_unit_test(hooks_run_behind_the_event),
		cmocka_unit_test(window_is_end_minus_start),
		cmocka_unit_test(handlers_of_the_warm_up_stay_there),
		cmocka_unit_test(warm_up_that_never_ends),
		cmocka_unit_test(a_run_that_did_not_retire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
