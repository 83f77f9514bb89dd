/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From records to guest events: old and new values, refusals, handler spans, unknown ops. */
#include "tests/support.h"

#include <string.h>

#include "tests/machine_kit.h"

/* The event of the record appended last, through a tracker of its own, in batches of one. */
static struct guest_event last_event(const struct kit *k)
{
	static uint8_t image[4096];
	struct guest_event e = { 0 };
	struct event_cursor at;
	struct event_batch ev;
	struct tracker *t;
	struct diag d;

	assert_ok(tracker_create(&t, &k->t.header, &d), &d);
	for (size_t i = 0; i < k->t.n; i++) {
		struct trace_batch b = { &k->t.rec[i], 1, k->t.payload, i };

		assert_ok(tracker_batch(t, &b, &ev, &d), &d);
		assert_int_equal(ev.n, 1);
		assert_int_equal(ev.first, i);
		at = event_begin(&ev);
		e = *event_next(&at);
		assert_null(event_next(&at));
	}
	if (e.payload) {
		memcpy(image, e.payload, sizeof(image));
		e.payload = image;
	}
	tracker_destroy(t);
	return e;
}

static void registers_carry_old_and_new(void **state)
{
	static const struct { uint16_t key; enum cp_op op; } rows[] = {
		{ KEY_SCTLR, CP_SCTLR }, { KEY_TTBR0, CP_TTBR0 }, { KEY_DACR, CP_DACR },
		{ KEY_FCSE, CP_FCSE }, { KEY_CONTEXTIDR, CP_ASID },
	};
	struct guest_event e;
	struct kit k;

	(void)state;
	kit_init(&k, 0x78, KIT_SVC);
	for (unsigned i = 0; i < 5; i++) {
		uint32_t *reg = guest_reg((struct guest *)kit_guest(&k), rows[i].op);
		uint32_t before = *reg;

		kit_cpw(&k, rows[i].key, 0x12000000 + i);
		e = last_event(&k);
		assert_int_equal(e.kind, GEV_CP);
		assert_int_equal(e.canon.op, rows[i].op);
		assert_int_equal(e.write, 1);
		assert_int_equal(e.old, before);
		assert_int_equal(e.new, 0x12000000 + i);
		assert_int_equal(*reg, 0x12000000 + i);
		kit_cpw(&k, rows[i].key, i);
		assert_int_equal(last_event(&k).old, 0x12000000 + i);
		kit_cpr(&k, rows[i].key, 0x99);         /* a read changes nothing */
		assert_int_equal(last_event(&k).write, 0);
		assert_int_equal(*reg, i);
	}
	kit_free(&k);
}

static void modes(void **state)
{
	struct guest_event e;
	struct kit k;

	(void)state;
	kit_init(&k, 0x78, KIT_SVC);
	kit_mode(&k, KIT_USR);
	e = last_event(&k);
	assert_int_equal(e.kind, GEV_MODE);
	assert_int_equal(e.old, KIT_SVC);
	assert_int_equal(e.new, KIT_USR);
	assert_true(guest_is_user(kit_guest(&k)));
	kit_exc(&k, 2, KIT_SVC);
	e = last_event(&k);
	assert_int_equal(e.kind, GEV_EXC);
	assert_int_equal(e.n, 2);
	assert_int_equal(e.old, KIT_USR);
	assert_int_equal(e.new, KIT_SVC);
	kit_free(&k);
}

/* Byte, halfword and word stores at every place of a word; the merged word is what counts. */
static void partial_stores(void **state)
{
	static const uint32_t merged[3][4] = {
		{ 0x112233ee, 0x1122ee44, 0x11ee3344, 0xee223344 },
		{ 0x1122ccee, 0x11ccee44, 0xccee3344, 0 },
		{ 0xaabbccee, 0, 0, 0 },
	};
	struct kit k;

	(void)state;
	kit_init(&k, 0x78, KIT_SVC);
	kit_image(&k, 0x4000, NULL);
	for (unsigned size = 0; size < 3; size++)
		for (unsigned byte = 0; byte + (1u << size) <= 4; byte++) {
			struct trace_rec r = { .kind = TRACE_STORE, .va = 0x4010 + byte,
				.flags = (uint8_t)(size | ACC_VALUED), .a = 0x4010 + byte,
				.b = 0xaabbccee & (size == 2 ? ~0u : (1u << (8 << size)) - 1) };
			struct guest_event e;
			uint32_t now;

			kit_poke(&k, 0x4010, 0x11223344);
			kit_run(&k, 0x1000, 1);
			kit_put(&k, &r, NULL);
			e = last_event(&k);
			assert_int_equal(e.ptw, 1);
			assert_int_equal(e.pa, 0x4010);
			assert_int_equal(e.old, 0x11223344);
			assert_int_equal(e.new, merged[size][byte]);
			assert_true(mem_read(kit_guest(&k)->tables, 0x4010, &now));
			assert_int_equal(now, merged[size][byte]);
		}
	kit_access(&k, 0x4010, true, 2);        /* without a value: no table write */
	assert_int_equal(last_event(&k).ptw, 0);
	kit_free(&k);
}

static void images(void **state)
{
	uint32_t words[1024] = { [3] = 0xabc };
	struct guest_event e;
	struct kit k;

	(void)state;
	kit_init(&k, 0x78, KIT_SVC);
	kit_image(&k, 0x4000, words);
	e = last_event(&k);
	assert_int_equal(e.kind, GEV_IMAGE);
	assert_int_equal(e.pa, 0x4000);
	assert_memory_equal(e.payload, words, sizeof(words));
	assert_int_equal(kit_guest(&k)->image_checks, 0);
	kit_poke(&k, 0x4010, 5);
	words[4] = 5;
	kit_image(&k, 0x4000, words);           /* known by now: a check, which agrees */
	assert_int_equal(kit_guest(&k)->image_checks, 1);
	assert_int_equal(kit_guest(&k)->image_mismatches, 0);
	words[1023] = 1;
	kit_image(&k, 0x4000, words);
	assert_int_equal(kit_guest(&k)->image_mismatches, 1);
	assert_int_equal(kit_guest(&k)->image_bad_pa, 0x4ffc);
	kit_free(&k);
}

static void refuses(struct kit *k, struct trace_rec r, const char *words)
{
	struct diag d;

	kit_run(k, 0x1000, 1);
	assert_err(ERR_TRACE, kit_try(k, &r, NULL, &d), &d, words);
}

static void streams_that_contradict_themselves(void **state)
{
	struct trace_rec r = { .kind = TRACE_STORE, .flags = 2 | ACC_VALUED, .a = 0x9000, .b = 1 };
	struct trace_batch big = { .n = 5000 };
	struct trace_header v7 = { .arch = "armv7" };
	struct event_batch ev;
	struct tracker *t;
	struct diag d;
	struct kit k;

	(void)state;
	kit_init(&k, 0x78, KIT_SVC);
	kit_image(&k, 0x4000, NULL);
	refuses(&k, r, "no image announced");
	refuses(&k, r, "record 4: valued store at PA 0x00009000");
	r.a = 0x4002;
	refuses(&k, r, "straddles");
	r.flags = 3 | ACC_VALUED;
	r.a = 0x4000;
	refuses(&k, r, "straddles");
	r.flags = 1 | ACC_VALUED;
	r.a = 0x4003;
	refuses(&k, r, "straddles");
	assert_err(ERR_TRACE, tracker_batch(k.tracker, &big, &ev, &d), &d, "5000");
	assert_err(ERR_CONFIG, tracker_create(&t, &v7, &d), &d, "armv7");
	assert_null(t);
	kit_free(&k);
}

/* A data abort at pc, 7 instructions of handler, and back; nested in it a prefetch abort. */
static void handler_spans(void **state)
{
	const struct handler_span *s;
	uint32_t pc;
	struct kit k;

	(void)state;
	kit_init(&k, 0x78, KIT_USR);
	pc = k.pc;
	kit_data_abort(&k, 0x8000, true, false, FS_TRANS_PAGE);         /* retires nothing */
	kit_exc(&k, 4, KIT_ABT);
	kit_run(&k, 0x2000, 3);
	kit_fetch_abort(&k, 0x3000, FS_PERM_PAGE);
	kit_exc(&k, 3, KIT_ABT);
	kit_run(&k, 0x2100, 10);
	kit_run(&k, 0x3000, 4);                 /* the prefetch abort's handler is over: 10 */
	kit_run(&k, pc, 1);                     /* the data abort's: 3 + 10 + 4 */
	s = tracker_handlers(k.tracker);
	assert_int_equal(s[0].entries, 1);
	assert_int_equal(s[0].instructions, 17);
	assert_int_equal(s[1].entries, 1);
	assert_int_equal(s[1].instructions, 10);
	kit_run(&k, pc, 1);                     /* once only */
	assert_int_equal(tracker_handlers(k.tracker)[0].entries, 1);
	for (unsigned i = 0; i < 20; i++) {     /* handlers that never come back cost nothing */
		kit_fetch_abort(&k, 0x4000 + 4 * i, FS_TRANS_PAGE);
		kit_exc(&k, 3, KIT_ABT);
	}
	kit_run(&k, 0x4000 + 4 * 19, 1);
	assert_int_equal(tracker_handlers(k.tracker)[0].entries, 2);
	assert_int_equal(tracker_handlers(k.tracker)[0].instructions, 17);
	kit_free(&k);
}

static void unknown_operations(void **state)
{
	struct kit k;

	(void)state;
	kit_init(&k, 0x78, KIT_SVC);
	kit_cpw(&k, KEY_DACR, 1);
	kit_cpw(&k, KIT_TLBI_ALL, 0);
	kit_cpw(&k, CP_KEY(15, 1, 0, 0), 0);            /* test and debug: known to exist */
	kit_cpw(&k, CP_KEY_CP14 | CP_KEY(0, 0, 1, 0), 0);
	assert_int_equal(tracker_unknown_ops(k.tracker)->total, 0);
	kit_cpw(&k, CP_KEY(8, 0, 9, 0), 0);
	kit_cpw(&k, CP_KEY(2, 0, 0, 1), 0x4000);        /* TTBR1: not on v5 */
	kit_cpr(&k, KIT_TLBI_ALL, 0);                   /* write-only */
	kit_cpw(&k, KIT_TESTCLEAN_INV, 0);              /* read-only */
	assert_int_equal(tracker_unknown_ops(k.tracker)->total, 4);
	assert_int_equal(kit_guest(&k)->ttbr0, 0);
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_carry_old_and_new),
		cmocka_unit_test(modes),
		cmocka_unit_test(partial_stores),
		cmocka_unit_test(images),
		cmocka_unit_test(streams_that_contradict_themselves),
		cmocka_unit_test(handler_spans),
		cmocka_unit_test(unknown_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
