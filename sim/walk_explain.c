/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --explain of `shadewalk walk': what was looked at, in which order, with the manual's names. */
#include "sim/walk_print.h"

#include <stdarg.h>

struct explain {
	FILE *f;
	const char *prefix;
	const struct walk_answer *a;
};

static void say(const struct explain *x, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct explain *x, const char *fmt, ...)
{
	va_list ap;

	fputs(x->prefix, x->f);
	va_start(ap, fmt);
	vfprintf(x->f, fmt, ap);
	va_end(ap);
	fputc('\n', x->f);
}

static const char *bits(unsigned value, unsigned n, char buf[8])
{
	for (unsigned i = 0; i < n; i++)
		buf[i] = value >> (n - 1 - i) & 1 ? '1' : '0';
	buf[n] = 0;
	return buf;
}

static const char *leaf_name(const struct mmu_arch *a, uint32_t sctlr, const struct walk *w)
{
	switch (w->leaf.size_log2) {
	case 24: return "supersection (16 MB, domain 0)";
	case SECTION_LOG2: return "section (1 MB)";
	case PT_LARGE_LOG2: return "large page (64 KB)";
	case FRAME_LOG2:
		return mmu_format(a, sctlr) != PT_V6 && (w->l2 & 3) == 3 ?
		       "extended small page (4 KB)" : "small page (4 KB)";
	default: return "tiny page (1 KB)";
	}
}

static const char *fault_name(enum fault_status fs)
{
	switch (fs) {
	case FS_NONE: return "no fault";
	case FS_ALIGN: return "alignment fault";
	case FS_WALK_EXT_L1: return "external abort on translation, first level";
	case FS_WALK_EXT_L2: return "external abort on translation, second level";
	case FS_TRANS_SECTION: return "section translation fault";
	case FS_TRANS_PAGE: return "page translation fault";
	case FS_AF_SECTION: return "section access flag fault";
	case FS_AF_PAGE: return "page access flag fault";
	case FS_DOMAIN_SECTION: return "section domain fault";
	case FS_DOMAIN_PAGE: return "page domain fault";
	case FS_PERM_SECTION: return "section permission fault";
	case FS_PERM_PAGE: return "page permission fault";
	}
	return "?";
}

static void say_case(const struct explain *x)
{
	static const char *const formats[] = {
		[PT_V5] = "ARMv5 descriptors",
		[PT_XSCALE] = "ARMv5 descriptors with XScale's extensions",
		[PT_V6_SUBPAGES] = "ARMv6 descriptors with subpages (XP=0)",
		[PT_V6] = "ARMv6 descriptors (XP=1)",
	};
	const struct mmu_arch *a = x->a->state.arch;
	uint32_t sctlr = x->a->state.regs.sctlr;

	say(x, "case %.*s, line %u: %s (%s), %s, MMU %s", (int)x->a->c->name_length,
	    x->a->c->name, x->a->t->line, a->name, a->manual, formats[mmu_format(a, sctlr)],
	    sctlr & SCTLR_M ? "on" : "off");
}

static void say_alignment(const struct explain *x)
{
	const struct mmu_arch *a = x->a->state.arch;
	uint32_t sctlr = x->a->state.regs.sctlr;
	const struct walk_try *t = x->a->t;
	bool u = a->unaligned == UNALIGNED_ALWAYS ||
		 (a->unaligned == UNALIGNED_BY_U && sctlr & SCTLR_U);
	const char *what = "as it is";

	if (x->a->out.fs == FS_ALIGN)
		what = "alignment fault, before any translation";
	else if (x->a->out.va != t->va)
		what = "forced aligned";
	say(x, "alignment: SCTLR.A=%d, U=%d; %u bytes at VA 0x%08x: %s", !!(sctlr & SCTLR_A), u,
	    t->size, t->va, what);
}

static void say_first_table(const struct explain *x, const struct mmu_part *p)
{
	const struct mmu_state *s = &x->a->state;
	struct mmu_table t = mmu_table_of(s->arch, &s->regs, p->mva);
	uint32_t ttbr = t.ttbr1 ? s->regs.ttbr1 : s->regs.ttbr0;

	if (!s->arch->ttbcr)
		say(x, "TTBR 0x%08x: first-level descriptor at 0x%08x", ttbr, t.l1_addr);
	else if (t.disabled)
		say(x, "TTBCR.N=%u: TTBR%d, walks of which TTBCR.PD%d forbids", s->regs.ttbcr & 7,
		    t.ttbr1, t.ttbr1);
	else
		say(x, "TTBCR.N=%u: TTBR%d 0x%08x, first-level descriptor at 0x%08x",
		    s->regs.ttbcr & 7, t.ttbr1, ttbr, t.l1_addr);
}

static void say_leaf(const struct explain *x, const char *level, uint32_t word,
		     const struct mmu_part *p)
{
	const struct mmu_arch *a = x->a->state.arch;
	const struct pt_desc *d = &p->w.leaf;
	char ap[4][8], tex[8], attr[48] = "";

	if (mmu_format(a, x->a->state.regs.sctlr) == PT_V6)
		snprintf(attr, sizeof(attr), " APX=%d XN=%d S=%d nG=%d", !!(d->attr & PT_APX),
			 !!(d->attr & PT_XN), !!(d->attr & PT_S), !!(d->attr & PT_NG));
	say(x, "%s descriptor 0x%08x: %s, base 0x%08x, AP3-0=%s %s %s %s%s TEX=%s C=%d B=%d",
	    level, word, leaf_name(a, x->a->state.regs.sctlr, &p->w), d->base,
	    bits(d->ap[3], 2, ap[3]), bits(d->ap[2], 2, ap[2]), bits(d->ap[1], 2, ap[1]),
	    bits(d->ap[0], 2, ap[0]), attr, bits(d->tex, 3, tex), d->cb >> 1, d->cb & 1);
}

/* PRRR and NMRR are no part of a case. */
static void say_memory(const struct explain *x, const struct pt_desc *d)
{
	static const char *const types[] = { "Strongly-ordered", "Device", "Normal", "reserved" };
	static const char *const caches[] = { "non-cacheable", "write-back write-allocate",
					      "write-through", "write-back" };
	const struct mmu_arch *a = x->a->state.arch;
	uint32_t sctlr = x->a->state.regs.sctlr;
	struct pt_memory m;

	if (a->format[1] != PT_V6)
		return;
	if (mmu_tex_remap(a, sctlr)) {
		say(x, "memory type: SCTLR.TRE=1, entry %u of PRRR and NMRR",
		    (d->tex & 1u) << 2 | d->cb);
		return;
	}
	m = mmu_memory(a, d, sctlr, 0, 0);
	if (m.type == MEM_NORMAL)
		say(x, "memory type: Normal, inner %s, outer %s, %s", caches[m.inner],
		    caches[m.outer], m.shared ? "shared" : "not shared");
	else
		say(x, "memory type: %s%s", types[m.type], m.type == MEM_RESERVED ? "" :
		    m.shared ? ", shared" : ", not shared");
}

static void say_levels(const struct explain *x, const struct mmu_part *p)
{
	const struct walk *w = &p->w;

	if (w->levels == 1 && w->fs)
		say(x, "first-level descriptor 0x%08x: type %d%d, %s", w->l1, w->l1 >> 1 & 1,
		    w->l1 & 1, w->l1 & 3 ? "reserved" : "fault");
	else if (w->levels == 1)
		say_leaf(x, "first-level", w->l1, p);
	if (w->levels < 2)
		return;
	say(x, "first-level descriptor 0x%08x: %s page table, domain %u; second-level descriptor "
	    "at 0x%08x", w->l1, (w->l1 & 3) == 3 ? "fine" : "coarse", w->domain, w->l2_addr);
	if (w->fs)
		say(x, "second-level descriptor 0x%08x: type %d%d, %s", w->l2, w->l2 >> 1 & 1,
		    w->l2 & 1, w->l2 & 3 ? "UNPREDICTABLE in a coarse table, faults" : "fault");
	else
		say_leaf(x, "second-level", w->l2, p);
}

static const char *rights_name(unsigned r)
{
	return r & RIGHT_WRITE ? "read/write" : r ? "read-only" : "no access";
}

static void say_checks(const struct explain *x, const struct mmu_part *p)
{
	static const char *const modes[] = { "no access", "client", "reserved, as no access",
					     "manager, permissions are not checked" };
	const struct mmu_state *s = &x->a->state;
	uint32_t sctlr = s->regs.sctlr;
	unsigned domain = p->w.leaf.domain, mode = s->dacr >> 2 * domain & 3;
	unsigned ap = walk_ap(&p->w, p->mva);
	char buf[8], sr[24] = "";

	if (mmu_access_flag(s->arch, sctlr))
		say(x, "SCTLR.AFE=1: access flag AP[0]=%u", ap & 1);
	if (p->fs == FS_AF_SECTION || p->fs == FS_AF_PAGE)
		return;
	say(x, "domain %u: DACR[%u:%u]=%s, %s", domain, 2 * domain + 1, 2 * domain,
	    bits(mode, 2, buf), modes[mode]);
	if (mode != 1)
		return;
	if (s->arch->sr)
		snprintf(sr, sizeof(sr), ", S=%d R=%d", !!(sctlr & SCTLR_S), !!(sctlr & SCTLR_R));
	say(x, "AP=%s%s%s: privileged %s, user %s", bits(ap, 2, buf),
	    p->w.leaf.attr & PT_APX ? ", APX=1" : "", sr,
	    rights_name(mmu_rights(s->arch, &p->w, p->mva, sctlr, false)),
	    rights_name(mmu_rights(s->arch, &p->w, p->mva, sctlr, true)));
	if (x->a->t->access == ACCESS_FETCH && p->w.leaf.attr & PT_XN)
		say(x, "XN=1: no fetches");
}

static void say_part(const struct explain *x, unsigned i)
{
	static const char *const kinds[] = { [ACCESS_READ] = "read", [ACCESS_WRITE] = "write",
					     [ACCESS_FETCH] = "fetch" };
	const struct mmu_part *p = &x->a->out.part[i];

	say(x, "%s VA 0x%08x, FCSE PID 0x%02x: MVA 0x%08x",
	    i ? "crosses a 1 KB boundary, second translation:" : "translation of", p->va,
	    x->a->state.fcse >> 25, p->mva.raw);
	if (!(x->a->state.regs.sctlr & SCTLR_M)) {
		say(x, "SCTLR.M=0: PA = MVA, nothing is checked");
		return;
	}
	say_first_table(x, p);
	say_levels(x, p);
	if (!p->w.fs) {
		say_memory(x, &p->w.leaf);
		say_checks(x, p);
	}
	if (p->fs)
		say(x, "%s %s: %s", x->a->t->user ? "user" : "privileged",
		    kinds[x->a->t->access], fault_name(p->fs));
	else
		say(x, "%s %s: PA 0x%08x", x->a->t->user ? "user" : "privileged",
		    kinds[x->a->t->access], walk_pa(&p->w, p->mva));
}

void walk_explain(FILE *f, const char *prefix, const struct walk_answer *a)
{
	struct explain x = { f, prefix, a };

	say_case(&x);
	say_alignment(&x);
	for (unsigned i = 0; i < a->out.parts; i++)
		say_part(&x, i);
}
