/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/engine.h"
#include "sim/lint.h"

#include <assert.h>
#include <stdlib.h>

#define X(id, name) [ENGINE_##id] = name,
const char *const engine_name[ENGINES] = { ENGINE_LIST(X) };
#undef X

enum err lane_create(struct lane **out, struct machine *m, const struct lane_plan *plan,
		     struct diag *d)
{
	struct lane *l = calloc(1, sizeof(*l));
	enum err e;

	*out = l;
	if (!l) {
		machine_destroy(m);
		return diag_set(d, ERR_NOMEM, "out of memory");
	}
	assert(!plan->lint || plan->engine == ENGINE_REF);
	l->m = m;
	l->plan = *plan;
	if (!engine_fast_knows(m))
		l->plan.engine = ENGINE_REF;
	l->next_slice = plan->warmup_insns;
	m->fast = l->plan.engine == ENGINE_FAST;
	l->checked = calloc(CHECKED_SLOTS, sizeof(*l->checked));
	e = l->checked ? ERR_OK : diag_set(d, ERR_NOMEM, "out of memory");
	if (!e && plan->lint)
		e = lint_create(m, &l->record, plan->lint_max, d);
	if (!e)
		return ERR_OK;
	lane_destroy(l);
	*out = NULL;
	return e;
}

void lane_destroy(struct lane *l)
{
	if (!l)
		return;
	machine_destroy(l->m);
	free(l->deviation);
	free(l->checked);
	free(l);
}

/* The handlers of faults the recorded machine did not have, at the mean span of their class. */
static void book_extra_handlers(struct lane *l, const uint64_t handler_insns[2])
{
	struct machine *m = l->m;

	for (unsigned cls = 0; cls < 2; cls++)
		for (unsigned o = 0; o < ORIGINS; o++)
			for (unsigned c = 0; c < CAUSES; c++) {
				m->origin = (enum origin)o;
				m->cause = (enum cause)c;
				charge(m, EV_EXTRA_TRUE_INSN,
				       l->extra_class[cls][o][c] * handler_insns[cls]);
				/* what was before the window stays before it */
				l->start.n[EV_EXTRA_TRUE_INSN][o][c] +=
					l->extra_before[cls][o][c] * handler_insns[cls];
			}
}

enum err lane_finish(struct lane *l, const uint64_t handler_insns[2], struct diag *d)
{
	struct machine *m = l->m;
	struct diag why = { "" };
	enum err e;

	lane_close_run(l, l->record);
	if (m->unfit.msg[0])
		return diag_set(d, ERR_CONFIG, "%.400s", m->unfit.msg);
	if (!l->measuring && l->plan.warmup_insns)
		return diag_set(d, ERR_CONFIG, "a warm-up of %llu instructions ends inside the last "
				"run of the trace: nothing left to measure",
				(unsigned long long)l->plan.warmup_insns);
	while (l->measuring && l->slice < LANE_SLICES)
		l->slice_at[++l->slice] = m->cycles;
	lane_sample_memory(l);
	book_extra_handlers(l, handler_insns);
	e = m->lint ? lint_finish(m, d) : ERR_OK;
	if (e)
		return e;
	if (m->g.hist.failed)
		return diag_set(d, ERR_NOMEM, "out of memory");
	if (m->ops->audit && m->ops->audit(m->self, &why))
		lane_violation(l, "%s", why.msg);
	if (m->g.image_mismatches)
		lane_violation(l, "check image: guest PA 0x%08x differs from what replay gives",
			       m->g.image_bad_pa);
	return lane_conserve(l, d);
}
