/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/guest.h"

#include <string.h>

#include "traces/record.h"

enum err guest_init(struct guest *g, const struct trace_header *h, struct diag *d)
{
	memset(g, 0, sizeof(*g));
	g->cpsr = h->cpsr;
	g->sctlr = 0x78;                /* DDI 0198D: [6:3] read as one */
	(void)trace_header_reg(h, KEY_SCTLR, &g->sctlr);
	(void)trace_header_reg(h, KEY_TTBR0, &g->ttbr0);
	(void)trace_header_reg(h, KEY_DACR, &g->dacr);
	(void)trace_header_reg(h, KEY_FCSE, &g->fcse);
	(void)trace_header_reg(h, KEY_CONTEXTIDR, &g->contextidr);
	history_init(&g->hist);
	g->generation = 1;
	g->tables = mem_create();
	return g->tables ? ERR_OK : diag_set(d, ERR_NOMEM, "out of memory");
}

void guest_free(struct guest *g)
{
	mem_destroy(g->tables);
	g->tables = NULL;
	history_free(&g->hist);
}

uint32_t *guest_reg(struct guest *g, enum cp_op op)
{
	switch (op) {
	case CP_SCTLR: return &g->sctlr;
	case CP_TTBR0: return &g->ttbr0;
	case CP_DACR: return &g->dacr;
	case CP_FCSE: return &g->fcse;
	case CP_ASID: return &g->contextidr;
	default: return NULL;
	}
}

static void apply_cp(struct guest *g, const struct guest_event *e)
{
	uint32_t *reg = guest_reg(g, (enum cp_op)e->canon.op);
	struct walk_regs before = guest_walk_regs(g);

	if (!e->write)
		return;
	if (reg) {
		*reg = e->new;
		if ((e->canon.op == CP_TTBR0 && e->old != e->new) ||
		    (e->canon.op == CP_SCTLR && ((e->old ^ e->new) & SCTLR_M)))
			history_regs(&g->hist, before);
		g->generation++;
	} else if (e->canon.op == CP_TLBI_ALL) {
		history_inval_all(&g->hist);
		g->generation++;
	} else if (e->canon.op == CP_TLBI_MVA) {
		history_inval_mva(&g->hist, gva(e->new));
		g->generation++;
	}
}

static void apply_image(struct guest *g, const struct guest_event *e)
{
	uint32_t *have = mem_frame(g->tables, e->pa);

	if (!have) {
		have = mem_add(g->tables, e->pa);
		if (have)
			memcpy(have, e->payload, FRAME_BYTES);
		else
			g->hist.failed = true;
		g->generation++;
		return;
	}
	g->image_checks++;
	if (!memcmp(have, e->payload, FRAME_BYTES))
		return;
	if (!g->image_mismatches++) {
		uint32_t i = 0;

		while (!memcmp(have + i, e->payload + 4 * i, 4))
			i++;
		g->image_bad_pa = e->pa + 4 * i;
	}
}

static void apply_hist(struct guest *g, const struct guest_event *e)
{
	struct walk_regs r = history_regs_known(&g->hist, e->pa, guest_walk_regs(g));

	switch (e->flags) {
	case HIST_WORD:
		history_word_at(&g->hist, e->va, e->new, e->pa);
		break;
	case HIST_REG:
		if (e->n == KEY_TTBR0)
			r.ttbr0 = e->new;
		else
			r.sctlr = e->new;
		history_regs_at(&g->hist, r, e->pa);
		break;
	default:
		history_inval_at(&g->hist, gva(e->va), e->pa);
		break;
	}
	g->generation++;
}

void guest_apply_store(struct guest *g, const struct guest_event *e)
{
	if (!e->ptw || e->old == e->new)
		return;
	mem_write(g->tables, e->pa, e->new);
	history_word(&g->hist, e->pa, e->old);
	g->generation++;
}

void guest_apply(struct guest *g, const struct guest_event *e)
{
	switch (e->kind) {
	case GEV_ACCESS:
		guest_apply_store(g, e);
		break;
	case GEV_CP:
		apply_cp(g, e);
		break;
	case GEV_EXC:
	case GEV_MODE:
		g->cpsr = e->new;
		break;
	case GEV_IMAGE:
		apply_image(g, e);
		break;
	case GEV_HIST:
		apply_hist(g, e);
		break;
	default:
		break;
	}
}

static bool read_table(void *ctx, uint32_t addr, uint32_t *word)
{
	return mem_read(ctx, addr, word);
}

void guest_walk(const struct guest *g, gva_t mva, struct walk *out)
{
	struct walk_regs r = guest_walk_regs(g);

	walk_v5(&r, mva, read_table, g->tables, out);
}

enum fault_status guest_check(const struct guest *g, const struct walk *w, gva_t mva, bool user,
			      enum access access)
{
	return walk_check(w, mva, g->dacr, g->sctlr, user, access);
}
