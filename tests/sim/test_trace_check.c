/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace check: passes what is right, finds what is not. Synthetic traces for each class, then
 * real ones with one value altered (through reader and writer, so that nothing else is wrong).
 */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/trace_check.h"
#include "tests/machine_kit.h"
#include "traces/check.h"

#define DATA 0x10000000u

static enum err check(const struct random_trace *t, struct check_result *r, struct diag *d)
{
	const char *path = scratch("checked.swt");
	struct trace_summary s;

	write_trace(t, path, 1, 0, &s);
	return trace_check_file(path, PROGRESS_NONE, r, d);
}

/* --- synthetic ------------------------------------------------------------------------- */

static void witness(struct kit *k, uint32_t va, uint32_t pa, unsigned flags)
{
	struct trace_rec r = { .kind = TRACE_WITNESS, .flags = (uint8_t)flags, .va = va, .a = pa };

	kit_put(k, &r, NULL);
}

static void guest_with_data(struct kit *k)
{
	kit_linux(k);
	kit_poke(k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_section(0x200000, 1, 1, 3));
	kit_exec(k);
}

static void passes(struct kit *k, enum check_class cls)
{
	struct check_result r;
	struct diag d;

	assert_ok(check(&k->t, &r, &d), &d);
	assert_int_equal(r.n[cls], 1);
	assert_int_equal(r.compared, 1);
	assert_int_equal(r.n[CHECK_MISMATCH], 0);
	assert_int_equal(r.records, k->t.n);
	kit_free(k);
}

static void fails(struct kit *k, const char *words)
{
	struct check_result r;
	struct diag d;

	assert_err(ERR_CHECK, check(&k->t, &r, &d), &d, words);
	assert_int_equal(r.n[CHECK_MISMATCH], 1);
	assert_int_equal(r.compared, 1);
	kit_free(k);
}

static void witnesses(void **state)
{
	struct kit k;

	(void)state;
	guest_with_data(&k);
	witness(&k, DATA + 0x1400, 0x201400, 0);
	passes(&k, CHECK_RAM_EQUAL);
	guest_with_data(&k);
	witness(&k, DATA + 0x1400, 0x201400, WIT_IO);
	passes(&k, CHECK_DEVICE);
	guest_with_data(&k);
	witness(&k, DATA + 0x1400, 0x201800, 0);
	fails(&k, "VA 0x10001400 was seen at PA 0x00201800, the walk gives 0x00201400");
	guest_with_data(&k);
	witness(&k, DATA + 0x100000, 0x200000, 0);
	fails(&k, "the walk faults (status 0x5)");
	guest_with_data(&k);                    /* an older word, no invalidate since */
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), 0);
	witness(&k, DATA, 0x200000, 0);
	passes(&k, CHECK_RAM_STALE);
	guest_with_data(&k);
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), 0);
	kit_cpw(&k, KIT_TLBI_MVA, DATA + 0xfff00);
	witness(&k, DATA, 0x200000, 0);
	fails(&k, "the walk faults");
	guest_with_data(&k);                    /* FCSE: the walk is of the modified address */
	kit_poke(&k, KIT_ROOT + 4 * 0x60, pt_encode_v5_section(0x300000, 1, 1, 3));
	kit_cpw(&k, KEY_FCSE, 3 << 25);
	witness(&k, 0x400, 0x300400, 0);
	passes(&k, CHECK_RAM_EQUAL);
	kit_init(&k, 0x78, KIT_SVC);
	kit_run(&k, 0x1000, 1);
	witness(&k, 0x1000, 0x1000, WIT_FETCH);
	passes(&k, CHECK_MMU_OFF);
}

static void aborts(void **state)
{
	struct kit k;

	(void)state;
	guest_with_data(&k);
	kit_data_abort(&k, DATA + 0x100000, false, false, FS_TRANS_SECTION);
	passes(&k, CHECK_FAULT_EQUAL);
	guest_with_data(&k);
	kit_fetch_abort(&k, DATA + 0x100000, FS_TRANS_SECTION);
	passes(&k, CHECK_FAULT_EQUAL);
	guest_with_data(&k);                    /* kernel page, user access */
	kit_mode(&k, KIT_USR);
	kit_data_abort(&k, DATA, false, false, fault_fsr(FS_PERM_SECTION, 1));
	passes(&k, CHECK_FAULT_EQUAL);
	guest_with_data(&k);
	kit_data_abort(&k, DATA, false, true, fault_fsr(FS_PERM_SECTION, 1));   /* LDRT */
	passes(&k, CHECK_FAULT_EQUAL);
	guest_with_data(&k);
	kit_data_abort(&k, DATA, false, false, fault_fsr(FS_PERM_SECTION, 1));
	fails(&k, "no permitted walk gives that");
	guest_with_data(&k);                    /* it faults, but not so */
	kit_data_abort(&k, DATA + 0x100000, false, false, FS_PERM_PAGE);
	fails(&k, "status 0xf");
	guest_with_data(&k);
	kit_cpw(&k, KIT_TLBI_ALL, 0);
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_section(0x200000, 3, 1, 3));
	kit_mode(&k, KIT_USR);
	kit_data_abort(&k, DATA, false, false, fault_fsr(FS_PERM_SECTION, 1));
	passes(&k, CHECK_FAULT_STALE);
	guest_with_data(&k);
	kit_data_abort(&k, DATA, false, false, FS_ALIGN);
	passes(&k, CHECK_FAULT_OTHER);
	guest_with_data(&k);                    /* domain no access, second level invalid */
	kit_poke(&k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v5_coarse(KIT_L2, 7));
	kit_cpw(&k, KIT_TLBI_ALL, 0);
	kit_cpw(&k, KEY_DACR, 1);
	kit_data_abort(&k, DATA, false, false, fault_fsr(FS_DOMAIN_PAGE, 7));
	passes(&k, CHECK_DEVIATION);
}

/* An ARMv6 guest with a page of domain 2 that only the kernel may write. */
static void v6_guest(struct kit *k)
{
	struct pt_desc page = { .kind = PT_LEAF, .size_log2 = FRAME_LOG2, .base = 0x200000,
				.ap = { 1, 1, 1, 1 }, .attr = PT_NG };
	struct pt_desc table = { .kind = PT_COARSE, .base = KIT_L2, .domain = 2 };

	kit_linux_v6(k, "arm1136");
	kit_poke(k, KIT_ROOT + 4 * (DATA >> 20), pt_encode_v6(&table));
	kit_poke(k, KIT_L2, pt_encode_v6(&page));
	kit_cpw(k, KEY_CONTEXTIDR, 1);
}

static void v6(void **state)
{
	enum { WRITE = 0x800, BIT10 = 0x400 };
	struct kit k;

	(void)state;
	v6_guest(&k);
	witness(&k, DATA, 0x200000, 0);
	passes(&k, CHECK_RAM_EQUAL);
	v6_guest(&k);
	kit_poke(&k, KIT_L2, 0);
	witness(&k, DATA, 0x200000, 0);
	passes(&k, CHECK_RAM_STALE);
	v6_guest(&k);                   /* not global: what ASID 1 walked does not serve ASID 2 */
	kit_cpw(&k, KEY_CONTEXTIDR, 2);
	kit_poke(&k, KIT_L2, 0);
	kit_cpw(&k, CP_KEY(8, 0, 7, 2), 2);
	witness(&k, DATA, 0x200000, 0);
	fails(&k, "the walk faults (status 0x7)");
	v6_guest(&k);
	kit_data_abort(&k, DATA, true, true, FS_PERM_PAGE | 2 << 4 | WRITE);
	passes(&k, CHECK_FAULT_EQUAL);
	v6_guest(&k);
	kit_data_abort(&k, DATA, true, true, FS_PERM_PAGE | 2 << 4);
	fails(&k, "write bit 0x0, the walk gives 0x1");
	v6_guest(&k);
	kit_data_abort(&k, DATA, false, true, FS_PERM_PAGE | 2 << 4 | WRITE);
	fails(&k, "write bit 0x1, the walk gives 0x0");
	v6_guest(&k);
	kit_data_abort(&k, DATA, false, true, FS_PERM_PAGE | 3 << 4);
	fails(&k, "domain field 0x3, the walk gives 0x2");
	v6_guest(&k);                   /* asynchronous external abort: not a permission fault */
	kit_data_abort(&k, DATA, false, true, BIT10 | FS_AF_PAGE);
	passes(&k, CHECK_FAULT_OTHER);
	v6_guest(&k);                   /* access flag; the status register of a fetch has no domain */
	kit_cpw(&k, KEY_SCTLR, kit_guest(&k)->sctlr | SCTLR_AFE);
	kit_poke(&k, KIT_L2 + 4, pt_encode_v6(&(struct pt_desc){ .kind = PT_LEAF,
		.size_log2 = FRAME_LOG2, .base = 0x300000 }));
	kit_fetch_abort(&k, DATA + 0x1000, FS_AF_PAGE);
	passes(&k, CHECK_FAULT_EQUAL);
}

/* The emulator tests the domain before the access flag. */
static void v6_deviation(void **state)
{
	struct kit k;

	(void)state;
	v6_guest(&k);
	kit_cpw(&k, KEY_SCTLR, kit_guest(&k)->sctlr | SCTLR_AFE);
	kit_poke(&k, KIT_L2 + 4, pt_encode_v6(&(struct pt_desc){ .kind = PT_LEAF,
		.size_log2 = FRAME_LOG2, .base = 0x300000 }));
	kit_cpw(&k, KEY_DACR, 1);
	kit_data_abort(&k, DATA + 0x1000, false, false, FS_DOMAIN_PAGE | 2 << 4);
	passes(&k, CHECK_DEVIATION);
}

static void check_images(void **state)
{
	struct kit k;

	(void)state;
	guest_with_data(&k);
	kit_image(&k, KIT_ROOT, mem_frame(kit_guest(&k)->tables, KIT_ROOT));
	passes(&k, CHECK_IMAGE_EQUAL);
	guest_with_data(&k);
	kit_image(&k, KIT_ROOT, NULL);
	fails(&k, "check image of frame 0x00004000 differs from the replayed tables (first at "
	      "0x00004400)");
}

static void nothing_to_compare(void **state)
{
	struct check_result r;
	struct diag d;
	struct kit k;

	(void)state;
	guest_with_data(&k);
	assert_err(ERR_CHECK, check(&k.t, &r, &d), &d, "nothing to compare");
	assert_int_equal(r.compared, 0);
	kit_free(&k);
}

static void unreadable(void **state)
{
	struct check_result r;
	struct diag d;

	(void)state;
	assert_err(ERR_TRACE, trace_check_file(scratch("none.swt"), PROGRESS_NONE, &r, &d), &d,
		   "none.swt");
	store_file(scratch("noise.swt"), "noise, noise, noise", 19);
	assert_err(ERR_TRACE, trace_check_file(scratch("noise.swt"), PROGRESS_NONE, &r, &d), &d,
		   "noise.swt");
}

/* --- real traces ------------------------------------------------------------------------ */

static bool load_trace(struct random_trace *t, const char *name)
{
	struct trace_reader *r;
	struct trace_batch b;
	char path[512];
	struct diag d;

	memset(t, 0, sizeof(*t));
	snprintf(path, sizeof(path), "%s/%s", test_path("traces/quick"), name);
	if (access(path, R_OK)) {
		print_message("# no %s\n", path);
		return false;
	}
	assert_ok(trace_reader_open(&r, path, &d), &d);
	t->header = *trace_reader_header(r);
	if (t->header.provenance)
		t->header.provenance = strdup(t->header.provenance);
	for (;;) {
		assert_ok(trace_reader_next(r, &b, &d), &d);
		if (!b.n)
			break;
		for (size_t i = 0; i < b.n; i++)
			random_trace_add(t, &b.rec[i], b.payload + (trace_payload_bytes(&b.rec[i]) ?
				b.rec[i].b : 0));
	}
	trace_reader_close(r);
	return true;
}

static bool is_valued(const struct trace_rec *r)
{
	return r->kind == TRACE_STORE && r->flags & ACC_VALUED;
}

static bool is_ttbr(const struct trace_rec *r)
{
	return r->kind == TRACE_CP_WRITE && r->arg == KEY_TTBR0;
}

/* Does a later store put right what altering record i does, before anything could tell? */
static const char *why_not_found(const struct random_trace *t, size_t i)
{
	for (size_t j = i + 1; j < t->n; j++) {
		if (is_valued(&t->rec[j]) && t->rec[j].a == t->rec[i].a)
			return "stored again before anything looked";
		if (t->rec[j].kind == TRACE_IMAGE && (t->rec[i].a ^ t->rec[j].a) < FRAME_BYTES)
			return NULL;
	}
	return NULL;
}

/* Alters one record at a time; every one must be found, or a later store must have hidden it. */
static void alter(const char *name, bool (*pick)(const struct trace_rec *), uint32_t bits,
		  unsigned times)
{
	struct rng g = rng_stream(17, name);
	unsigned found = 0, hidden = 0, n = 0;
	struct random_trace t;
	size_t *at;

	if (!load_trace(&t, name))
		skip();
	at = malloc(t.n * sizeof(*at));
	for (size_t i = 0; i < t.n; i++)
		if (pick(&t.rec[i]))
			at[n++] = i;
	assert_true(n >= 1);
	for (unsigned k = 0; k < times; k++) {
		size_t i = at[rng_below(&g, n)];
		unsigned size = 8u << (t.rec[i].flags & ACC_SIZE_MASK);
		uint32_t *value = is_valued(&t.rec[i]) ? &t.rec[i].b : &t.rec[i].a;
		uint32_t was = *value, usable = is_valued(&t.rec[i]) && size < 32 ?
			bits & ((1u << size) - 1) : bits;
		struct check_result r;
		struct diag d;
		enum err e;

		do
			*value = was ^ 1u << rng_below(&g, 32);
		while (!((*value ^ was) & usable));
		e = check(&t, &r, &d);
		if (e == ERR_CHECK) {
			found++;
		} else {
			assert_ok(e, &d);
			if (!why_not_found(&t, i))
				fail_msg("%s: record %zu altered (0x%08x to 0x%08x) and not found",
					 name, i, was, *value);
			print_message("# %s: record %zu not found: %s\n", name, i,
				      why_not_found(&t, i));
			hidden++;
		}
		*value = was;
	}
	print_message("# %s: %u of %u found, %u hidden by a later store\n", name, found, times,
		      hidden);
	assert_true(found > hidden);
	free(at);
	random_trace_clear(&t);
}

static void altered_stores(void **state)
{
	(void)state;
	alter("sh.swt", is_valued, UINT32_MAX, 24);
}

static void altered_roots(void **state)
{
	(void)state;
	alter("pipe.swt", is_ttbr, 0xffffc000, 10);     /* the bits a walk looks at */
}

static void quick_traces_pass(void **state)
{
	static const char *const name[] = { "pipe.swt", "sh.swt", "bare-selftest.swt", "pipe-v6.swt",
					    "process-v6.swt", "bare-v6.swt", "bare-fcse.swt",
					    "bare-lockdown.swt", "bare-asids-v6.swt" };
	struct check_result r;
	struct diag d;

	(void)state;
	for (unsigned i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", test_path("traces/quick"), name[i]);
		if (access(path, R_OK))
			skip();
		assert_ok(trace_check_file(path, PROGRESS_NONE, &r, &d), &d);
		assert_true(r.n[CHECK_RAM_EQUAL] && r.n[CHECK_IMAGE_EQUAL]);
		assert_int_equal(r.n[CHECK_MISMATCH], 0);
	}
}

/* Without witnesses, aborts and check images a trace proves nothing; a digest of its own
 * records alone is no comparison. */
static void stripped(void **state)
{
	struct random_trace t;
	struct check_result r;
	struct diag d;
	size_t n = 0;

	(void)state;
	if (!load_trace(&t, "pipe.swt"))
		skip();
	for (size_t i = 0; i < t.n; i++)
		if (t.rec[i].kind != TRACE_WITNESS && t.rec[i].kind != TRACE_ABORT &&
		    t.rec[i].kind != TRACE_HASH &&
		    (t.rec[i].kind != TRACE_IMAGE || i < t.n / 2))
			t.rec[n++] = t.rec[i];
	t.n = n;
	assert_err(ERR_CHECK, check(&t, &r, &d), &d, "nothing to compare");
	random_trace_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(witnesses),
		cmocka_unit_test(aborts),
		cmocka_unit_test(v6),
		cmocka_unit_test(v6_deviation),
		cmocka_unit_test(check_images),
		cmocka_unit_test(nothing_to_compare),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(quick_traces_pass),
		cmocka_unit_test(altered_stores),
		cmocka_unit_test(altered_roots),
		cmocka_unit_test(stripped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
