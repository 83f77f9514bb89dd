/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models/guest/guest.h"

#include <assert.h>
#include <string.h>

#include "traces/record.h"

/* arch NULL: that of the header's core. */
static enum err init(struct guest *g, const struct trace_header *h, const struct mmu_arch *arch,
		     struct diag *d)
{
	static const struct { uint16_t key; enum cp_op op; } kept[] = {
		{ KEY_SCTLR, CP_SCTLR }, { KEY_TTBR0, CP_TTBR0 }, { KEY_TTBR1, CP_TTBR1 },
		{ KEY_TTBCR, CP_TTBCR }, { KEY_DACR, CP_DACR }, { KEY_FCSE, CP_FCSE },
		{ KEY_CONTEXTIDR, CP_ASID }, { KEY_PRRR, CP_PRRR }, { KEY_NMRR, CP_NMRR },
	};

	memset(g, 0, sizeof(*g));
	g->identity = trace_header_is_import(h);
	g->arch = arch ? arch : mmu_of_core(h->core, g->identity ? "armv5" : h->arch);
	if (!g->arch)
		return diag_set(d, ERR_CONFIG, "guest architecture '%s' is not supported "
				"(supported: armv5, armv6, import)", h->arch);
	g->legacy = mmu_is_legacy(g->arch);
	g->v6 = mmu_is_v6(g->arch);
	g->cpsr = h->cpsr;
	g->sctlr = 0x78;                /* DDI 0198D: [6:3] read as one */
	g->prrr = 0x00098aa4;           /* after reset, as g->nmrr: knowledge */
	g->nmrr = 0x44e048e0;
	if (g->identity) {              /* registers of a header that has no machine mean nothing */
		g->sctlr = identity_sctlr(g->arch);
		g->dacr = IDENTITY_DACR;
	}
	for (size_t i = 0; !g->identity && i < sizeof(kept) / sizeof(kept[0]); i++)
		(void)trace_header_reg(h, kept[i].key, guest_reg(g, kept[i].op));
	history_init(&g->hist, g->v6);
	g->generation = 1;
	g->tables = mem_create();
	return g->tables ? ERR_OK : diag_set(d, ERR_NOMEM, "out of memory");
}

enum err guest_init(struct guest *g, const struct trace_header *h, struct diag *d)
{
	return init(g, h, NULL, d);
}

enum err guest_init_import(struct guest *g, const struct trace_header *h,
			   const struct mmu_arch *arch, struct diag *d)
{
	assert(trace_header_is_import(h));
	return init(g, h, arch, d);
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
	case CP_TTBR1: return &g->ttbr1;
	case CP_TTBCR: return &g->ttbcr;
	case CP_PRRR: return &g->prrr;
	case CP_NMRR: return &g->nmrr;
	case CP_DACR: return &g->dacr;
	case CP_FCSE: return &g->fcse;
	case CP_ASID: return &g->contextidr;
	default: return NULL;
	}
}

/* Does the write begin another setting of what walks and their tags depend on? */
static bool is_new_setting(const struct guest *g, const struct guest_event *e)
{
	uint32_t change = e->old ^ e->new;

	switch (e->canon.op) {
	case CP_TTBR0: return change;
	case CP_SCTLR: return change & (g->v6 ? SCTLR_M | SCTLR_XP : SCTLR_M);
	case CP_TTBR1:
	case CP_TTBCR: return g->arch->ttbcr && change;
	case CP_ASID: return g->arch->asid && change & 0xff;
	default: return false;
	}
}

static void apply_inval(struct guest *g, const struct guest_event *e)
{
	switch (e->canon.op) {
	case CP_TLBI_ALL:
		history_inval_all(&g->hist);
		break;
	case CP_TLBI_MVA:
		if (e->canon.operand == OPERAND_MVA_ASID && g->v6)
			history_inval_mva_asid(&g->hist, gva(e->new), cp_operand_asid(e->new));
		else
			history_inval_mva(&g->hist, gva(e->new));
		break;
	case CP_TLBI_MVAA:
		history_inval_mva(&g->hist, gva(e->new));
		break;
	case CP_TLBI_ASID:
		history_inval_asid(&g->hist, cp_operand_asid(e->new));
		break;
	default:
		return;
	}
	g->generation++;
}

static void apply_cp(struct guest *g, const struct guest_event *e)
{
	uint32_t *reg = guest_reg(g, (enum cp_op)e->canon.op);

	if (!e->write)
		return;
	if (!reg) {
		apply_inval(g, e);
		return;
	}
	if (is_new_setting(g, e))
		history_regs(&g->hist, guest_walk_regs(g), guest_asid(g));
	*reg = e->new;
	g->generation++;
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

/* One register of a setting that a change ended; the others as told so far, or as they are now. */
static void apply_hist_reg(struct guest *g, const struct guest_event *e)
{
	const struct hist_regs *known = history_regs_known(&g->hist, e->pa);
	struct walk_regs r = known ? known->regs : guest_walk_regs(g);
	uint8_t asid = known ? known->asid : guest_asid(g);

	switch (e->n) {
	case KEY_TTBR0: r.ttbr0 = e->new; break;
	case KEY_TTBR1: r.ttbr1 = e->new; break;
	case KEY_TTBCR: r.ttbcr = e->new; break;
	case KEY_CONTEXTIDR: asid = (uint8_t)e->new; break;
	default: r.sctlr = e->new; break;
	}
	history_regs_at(&g->hist, r, asid, e->pa);
}

static void apply_hist(struct guest *g, const struct guest_event *e)
{
	switch (e->flags) {
	case HIST_WORD:
		history_word_at(&g->hist, e->va, e->new, e->pa);
		break;
	case HIST_REG:
		apply_hist_reg(g, e);
		break;
	default:
		history_inval_at(&g->hist, gva(e->va), e->new, e->pa);
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
	return guest_table_word(ctx, addr, word);
}

void guest_walk(const struct guest *g, gva_t mva, struct walk *out)
{
	struct walk_regs r = guest_walk_regs(g);

	if (g->legacy)
		walk_v5(&r, mva, read_table, (void *)(uintptr_t)g, out);
	else
		walk_tables(g->arch, &r, mva, read_table, (void *)(uintptr_t)g, out);
}

enum fault_status guest_check(const struct guest *g, const struct walk *w, gva_t mva, bool user,
			      enum access access)
{
	if (g->legacy)
		return walk_check(w, mva, g->dacr, g->sctlr, user, access);
	return mmu_check(g->arch, w, mva, g->dacr, g->sctlr, user, access);
}

/* Before ARMv6 alignment is 00x1 (DDI 0198D table 3-9); later 00001, and 00011 and 00110 are the
 * access flag's (DDI 0211 table 6.13). With bit 10 set it is never the tables. */
enum fault_status guest_recorded_fault(const struct guest *g, uint32_t fsr, bool *alignment)
{
	bool v6 = g->arch->status == STATUS_V6;
	unsigned fs = fsr & 0xf;

	*alignment = v6 ? fs == FS_ALIGN && !(fsr >> 10 & 1) : (fs & 0xd) == FS_ALIGN;
	if (v6 && fsr >> 10 & 1)
		return FS_NONE;
	switch (fs) {
	case FS_TRANS_SECTION:
	case FS_TRANS_PAGE:
	case FS_DOMAIN_SECTION:
	case FS_DOMAIN_PAGE:
	case FS_PERM_SECTION:
	case FS_PERM_PAGE:
		return (enum fault_status)fs;
	case FS_AF_SECTION:
	case FS_AF_PAGE:
		return v6 ? (enum fault_status)fs : FS_NONE;
	default:
		return FS_NONE;
	}
}

bool guest_listed_fault(enum fault_status recorded, enum fault_status walked)
{
	return (recorded == FS_DOMAIN_PAGE && (walked == FS_TRANS_PAGE || walked == FS_AF_PAGE)) ||
	       (recorded == FS_DOMAIN_SECTION && walked == FS_AF_SECTION);
}
