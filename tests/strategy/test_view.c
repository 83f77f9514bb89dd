/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * View `domains`: what the guest grants, folded and written as host AP and domain, against what
 * the hardware then enforces on USR mode under both host DACRs. Everything is enumerated.
 */
#include "tests/support.h"

#include "strategies/view.h"

enum { RO = RIGHT_READ, RW = RIGHT_READ | RIGHT_WRITE, CLIENT = 1, MANAGER = 3 };

/* (kernel, user) by AP, S, R: AARM table B4-1, typed again here. */
static const uint8_t pair[4][2][2][2] = {
	{ { { 0, 0 }, { RO, RO } }, { { RO, 0 }, { 0, 0 } } },
	{ { { RW, 0 }, { RW, 0 } }, { { RW, 0 }, { RW, 0 } } },
	{ { { RW, RO }, { RW, RO } }, { { RW, RO }, { RW, RO } } },
	{ { { RW, RW }, { RW, RW } }, { { RW, RW }, { RW, RW } } },
};

static struct walk page(const uint8_t ap[4], unsigned domain)
{
	struct walk w = { .levels = 2, .leaf = { .kind = PT_LEAF, .size_log2 = 12,
		.domain = (uint8_t)domain, .ap = { ap[0], ap[1], ap[2], ap[3] } } };

	return w;
}

/* Rights that hardware USR mode has in a quarter of an entry of this AP and domain. */
static unsigned enforced(const uint8_t ap[4], unsigned quarter, unsigned domain, bool user_view)
{
	struct walk w = page(ap, domain);
	uint32_t dacr = view_dacr(user_view);
	gva_t mva = gva(quarter << 10);

	return (walk_check(&w, mva, dacr, SCTLR_M, true, ACCESS_READ) ? 0u : RIGHT_READ) |
	       (walk_check(&w, mva, dacr, SCTLR_M, true, ACCESS_WRITE) ? 0u : RIGHT_WRITE);
}

typedef void (*case_fn)(const struct view_rights *v);

/* Every AP of four quarters x S x R. */
static unsigned each_page(case_fn fn)
{
	unsigned n = 0;

	for (unsigned aps = 0; aps < 256; aps++)
		for (unsigned sr = 0; sr < 4; sr++) {
			uint8_t ap[4] = { aps & 3, aps >> 2 & 3, aps >> 4 & 3, aps >> 6 & 3 };
			struct walk w = page(ap, 5);
			struct view_rights v = view_fold(&w, CLIENT << 10,
				(sr & 1 ? SCTLR_S : 0) | (sr & 2 ? SCTLR_R : 0));

			for (unsigned i = 0; i < 4; i++) {
				assert_int_equal(v.k[i], pair[ap[i]][sr & 1][sr >> 1][0]);
				assert_int_equal(v.u[i], pair[ap[i]][sr & 1][sr >> 1][1]);
			}
			fn(&v);
			n++;
		}
	return n;
}

static void nothing(const struct view_rights *v) { (void)v; }

static void fold_by_ap_s_r(void **state)
{
	(void)state;
	assert_int_equal(each_page(nothing), 1024);
}

/* Manager grants all in each domain, by its own two bits; so does an MMU that is off. */
static void fold_of_managers(void **state)
{
	static const uint8_t ap[4] = { 0, 1, 2, 0 };
	struct walk off = { .levels = 0 };
	struct view_rights v = view_fold(&off, 0, 0);

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_true(v.k[i] == RW && v.u[i] == RW);
	for (unsigned domain = 0; domain < 16; domain++) {
		struct walk w = page(ap, domain);

		v = view_fold(&w, (uint32_t)MANAGER << 2 * domain, 0);
		for (unsigned i = 0; i < 4; i++)
			assert_true(v.k[i] == RW && v.u[i] == RW);
		v = view_fold(&w, ~((uint32_t)MANAGER << 2 * domain) |
			      (uint32_t)CLIENT << 2 * domain, 0);
		assert_true(v.k[0] == 0 && v.k[1] == RW && v.u[1] == 0 && v.u[2] == RO);
	}
}

static void check_class(const struct view_rights *v)
{
	unsigned cls[4];

	for (unsigned i = 0; i < 4; i++)
		cls[i] = v->k[i] == v->u[i] ? 1 : v->u[i] ? 3 : 2;
	if (cls[0] == cls[1] && cls[1] == cls[2] && cls[2] == cls[3])
		assert_int_equal(view_class(v), cls[0]);
	else
		assert_int_equal(view_class(v), 0);
}

static void classes(void **state)
{
	(void)state;
	each_page(check_class);
	assert_int_equal(view_domain(1), DOM_U);
	assert_int_equal(view_domain(2), DOM_K);
	assert_int_equal(view_domain(3), DOM_KU);
}

/* One class: the entry enforces just the guest's rights, in both views. */
static void check_pure(const struct view_rights *v)
{
	unsigned cls = view_class(v);
	uint8_t ap[4];

	if (!cls)
		return;
	view_ap(v, MB_CLASS, ap);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(enforced(ap, i, view_domain(cls), false), v->k[i]);
		assert_int_equal(enforced(ap, i, view_domain(cls), true), v->u[i]);
	}
}

/* Mixed megabytes: never more than the guest has, in either view; what view_allows() says. */
static void check_mixed(const struct view_rights *v)
{
	uint8_t both[4], konly[4];

	view_ap(v, MB_BOTH, both);
	view_ap(v, MB_KONLY, konly);
	for (unsigned i = 0; i < 4; i++)
		for (unsigned user = 0; user < 2; user++) {
			unsigned b = enforced(both, i, DOM_U, user);
			unsigned k = enforced(konly, i, DOM_K, user);
			unsigned have = user ? v->u[i] : v->k[i];

			assert_int_equal(b & ~have, 0);
			assert_int_equal(b, v->k[i] & v->u[i]);
			assert_int_equal(k, user ? 0 : v->k[i]);
			for (int a = ACCESS_READ; a <= ACCESS_FETCH; a++) {
				unsigned need = a == ACCESS_WRITE ? RIGHT_WRITE : RIGHT_READ;

				assert_int_equal(view_allows(v, i, MB_BOTH, user, (enum access)a),
						 (b & need) != 0);
				assert_int_equal(view_allows(v, i, MB_KONLY, user, (enum access)a),
						 (k & need) != 0);
				assert_int_equal(view_allows(v, i, MB_CLASS, user, (enum access)a),
						 (have & need) != 0);
			}
		}
}

static void hardware_enforces_one_class(void **state)
{
	(void)state;
	each_page(check_pure);
}

static void hardware_enforces_mixed_megabytes(void **state)
{
	(void)state;
	each_page(check_mixed);
}

/* The user may always do in BOTH what the guest lets it: there is no pair with u beyond k. */
static void check_user_progress(const struct view_rights *v)
{
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(v->u[i] & ~v->k[i], 0);
}

static void both_serves_the_user(void **state)
{
	(void)state;
	each_page(check_user_progress);
}

/* The hypervisor's domain is client in both views, privileged only; unused domains are closed. */
static void host_dacr(void **state)
{
	static const uint8_t privileged[4] = { 1, 1, 1, 1 };

	(void)state;
	for (unsigned user = 0; user < 2; user++) {
		assert_int_equal(view_dacr(user) & 3, CLIENT);
		assert_int_equal(view_dacr(user) >> 8, 0);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(enforced(privileged, i, DOM_HV, user), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold_by_ap_s_r),
		cmocka_unit_test(fold_of_managers),
		cmocka_unit_test(classes),
		cmocka_unit_test(hardware_enforces_one_class),
		cmocka_unit_test(hardware_enforces_mixed_megabytes),
		cmocka_unit_test(both_serves_the_user),
		cmocka_unit_test(host_dacr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
