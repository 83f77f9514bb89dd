/* SPDX-License-Identifier: GPL-2.0-or-later */
#if __has_include(<cmocka.h>)
#include "tests/support.h"

#include "tests/strategy/mutant_kit.h"

const struct strategy_port *real;

static struct strategy_port bent;
static const struct mutant *planted;
static enum err (*start_of)(void *self, const void *params, const struct strategy_port *port,
			    struct diag *d);

static enum err start(void *self, const void *params, const struct strategy_port *port,
		      struct diag *d)
{
	real = port;
	bent = *port;
	if (planted->bend_port)
		planted->bend_port(&bent);
	return start_of(self, params, &bent, d);
}

struct strategy_ops mutant_ops(const struct strategy_ops *of, const struct mutant *mu)
{
	struct strategy_ops ops = *of;

	planted = mu;
	start_of = of->start;
	ops.start = start;
	if (mu->bend_ops)
		mu->bend_ops(&ops);
	return ops;
}

uint64_t mutant_violations(const struct strategy_ops *of, const struct kit *k, const struct mutant *mu,
			   size_t step)
{
	struct strategy_ops ops = mutant_ops(of, mu);
	struct kit_plan p = { .ops = &ops, .core = k->t.header.core, .set = { mu->map }, .verify = true };
	struct lane *l = kit_lane(k, mu->spec, &p);
	uint64_t n;

	for (size_t at = 0; at < k->t.n && !l->violations; at += step)
		kit_feed(l, k, at, at + step, step);
	n = l->violations;
	if (n)
		print_message("# %s, %s: %s\n", mu->spec, mu->name, l->first_violation.msg);
	lane_destroy(l);
	return n;
}

void mutants_are_caught(const struct mutant *mu, const bool *caught, unsigned n)
{
	unsigned alive = 0;

	for (unsigned i = 0; i < n; i++)
		if (!caught[i]) {
			print_error("not caught: %s, %s\n", mu[i].spec, mu[i].name);
			alive++;
		}
	assert_int_equal(alive, 0);
}

void no_pt_write(struct strategy_ops *o) { o->on_pt_write = NULL; }
void no_ttbr(struct strategy_ops *o) { o->on_ttbr = NULL; }
void no_dacr(struct strategy_ops *o) { o->on_dacr = NULL; }
void no_sctlr(struct strategy_ops *o) { o->on_sctlr = NULL; }
void no_view_switch(struct strategy_ops *o) { o->on_mode = NULL; }
void no_user_view(struct strategy_ops *o) { o->on_unpriv = NULL; }
#else
typedef int cmocka_is_missing;
#endif
