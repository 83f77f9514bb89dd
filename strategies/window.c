/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/window.h"

#include <string.h>

enum { NO_DOMAIN = 16 };

/* --- what is the hypervisor's ---------------------------------------------------------------- */

static uint32_t vectors_l2(const struct strategy_port *port)
{
	return port->window >> SECTION_LOG2 == port->vectors >> SECTION_LOG2 ? HV_L2 : HV_L2_VECTORS;
}

void window_preset(const struct strategy_port *port, enum host_format f, uint32_t end)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t at = HV_HPA + (i << FRAME_LOG2);
		bool own = i < end >> FRAME_LOG2;

		port->shadow_preset(port->m, HV_L2_VECTORS + 4 * i, 0);
		port->shadow_preset(port->m, HV_L2 + 4 * i,
				    own ? host_own_word(f, at & 0xffff0000u, PT_LARGE_LOG2) : 0);
	}
	port->shadow_preset(port->m, vectors_l2(port) + 4 * (port->vectors >> FRAME_LOG2 & 0xff),
			    host_own_word(f, HV_HPA + HV_VECTORS, FRAME_LOG2));
}

uint32_t window_root_word(const struct strategy_port *port, enum host_format f, uint32_t mb)
{
	if (mb == port->window >> SECTION_LOG2)
		return host_table_word(f, HV_HPA + HV_L2, DOM_HV, false);
	if (mb == port->vectors >> SECTION_LOG2)
		return host_table_word(f, HV_HPA + vectors_l2(port), DOM_HV, false);
	return 0;
}

/* --- pages of the guest ------------------------------------------------------------------------ */

static gva_t host_mva(const struct window *w, unsigned i)
{
	gva_t mva = gva(GUEST_VECTORS_VA + i * FRAME_BYTES);

	return i < VECTORS_PAGES ? vectors_alias_of(w->port->guest, mva) : mva;
}

static uint32_t word_offset(const struct window *w, unsigned i)
{
	return vectors_l2(w->port) + 4 * (host_mva(w, i).raw >> FRAME_LOG2 & 0xff);
}

void window_start(struct window *w, const struct strategy_port *port, enum host_format f)
{
	w->port = port;
	w->format = f;
}

static void write_word(struct window *w, unsigned i, uint32_t word)
{
	w->port->shadow_write(w->port->m, word_offset(w, i), word);
	w->port->shadow_sync(w->port->m);
	w->port->host_tlbi_mva(w->port->m, host_mva(w, i));
}

static void zap(struct window *w, unsigned i)
{
	w->entry[i].live = false;
	w->live--;
	w->port->charge(w->port->m, EV_ZAP, 1);
	write_word(w, i, 0);
}

/* --- what an entry says ----------------------------------------------------------------------- */

/* One AP a page: what all quarters grant, of a page that is mapped whole. */
static struct view_rights narrowed(const struct walk *walk, gva_t mva, const struct view_rights *r)
{
	struct view_rights v = *r;

	if (walk->leaf.size_log2 > FRAME_LOG2)
		view_take_quarter(&v, mva.raw >> (walk->leaf.size_log2 - 2) & 3);
	else
		view_intersect(&v);
	return v;
}

static unsigned ap_in(const struct view_rights *r, bool user)
{
	unsigned rights = user ? r->u[0] : r->k[0];

	return rights & RIGHT_WRITE ? 3 : rights ? 2 : 1;
}

/* The entry for mva in a view. False: it is none. Tiny pages may lie in any order in their frame. */
static bool compose(const struct window *w, gva_t mva, const struct walk *walk,
		    const struct guest_page *p, bool user, struct window_entry *e)
{
	unsigned i = mva.raw >> FRAME_LOG2 & (WINDOW_PAGES - 1);
	struct view_rights r = narrowed(walk, mva, &p->rights);
	struct host_leaf l = { .size_log2 = FRAME_LOG2, .cb = walk->levels ? walk->leaf.cb : 0,
			       .memory = p->memory, .xn = r.xn };
	uint32_t gpa = walk_pa(walk, mva) & ~(FRAME_BYTES - 1u);

	if (walk->leaf.size_log2 < FRAME_LOG2 ||
	    !w->port->to_host(w->port->m, gpa, FRAME_LOG2, &l.hpa))
		return false;
	if (w->held && w->held[gpa >> FRAME_LOG2]) {
		r.k[0] &= (uint8_t)~RIGHT_WRITE;
		r.u[0] &= (uint8_t)~RIGHT_WRITE;
	}
	memset(l.ap, i < VECTORS_PAGES ? 2 : (int)ap_in(&r, user), sizeof(l.ap));
	*e = (struct window_entry){ .live = true, .ng = p->ng, .gpa = gpa,
		.differs = i >= VECTORS_PAGES && r.k[0] != r.u[0],
		.guest_mva = mva.raw, .guest_size_log2 = walk->leaf.size_log2,
		.guest_domain = walk->levels ? walk->leaf.domain : NO_DOMAIN,
		.page = *p, .shown = r, .word = host_leaf_word(w->format, &l) };
	return true;
}

static bool may_map(const struct window *w, const struct abort_info *a, bool vectors,
		    const struct view_rights *r)
{
	unsigned i = a->mva.raw >> FRAME_LOG2 & (WINDOW_PAGES - 1);

	if (a->mva.raw < GUEST_VECTORS_VA)
		return false;
	if (i < VECTORS_PAGES)          /* with SCTLR.V clear they are no vectors, and no one's alias */
		return vectors && a->alias && a->access != ACCESS_WRITE && !w->entry[i].live;
	return w->port->guest->v6 && view_allows(r, 0, MB_CLASS, a->user, a->access);
}

bool window_fill(struct window *w, struct abort_info *a, const struct guest_page *p)
{
	const struct strategy_port *port = w->port;
	bool vectors = is_guest_vectors(a->mva) && port->guest->sctlr & SCTLR_V;
	unsigned i = a->mva.raw >> FRAME_LOG2 & (WINDOW_PAGES - 1);
	struct window_entry e;

	a->emulate = vectors ? EV_VECTORS_EMUL : EV_HYPHOLE;
	if (!compose(w, a->mva, &a->w, p, a->user, &e) || !may_map(w, a, vectors, &e.shown))
		return false;
	w->live += !w->entry[i].live;
	w->entry[i] = e;
	port->charge(port->m, EV_HIDDEN, 1);
	port->charge(port->m, EV_FILL, 1);
	write_word(w, i, e.word);
	return true;
}

/* --- zapping ------------------------------------------------------------------------------ */

#define EACH_LIVE(w, i) unsigned i = 0; (w)->live && i < WINDOW_PAGES; i++

static bool covers(const struct window_entry *e, gva_t mva)
{
	return mva.raw >> e->guest_size_log2 == e->guest_mva >> e->guest_size_log2;
}

void window_zap_all(struct window *w)
{
	for (EACH_LIVE(w, i))
		if (w->entry[i].live)
			zap(w, i);
}

void window_zap_covering(struct window *w, gva_t mva)
{
	for (EACH_LIVE(w, i))
		if (w->entry[i].live && covers(&w->entry[i], mva))
			zap(w, i);
}

void window_zap_nonglobal(struct window *w)
{
	for (EACH_LIVE(w, i))
		if (w->entry[i].live && w->entry[i].ng)
			zap(w, i);
}

void window_zap_domains(struct window *w, uint32_t changed)
{
	for (EACH_LIVE(w, i))
		if (w->entry[i].live && w->entry[i].guest_domain < NO_DOMAIN &&
		    changed >> 2 * w->entry[i].guest_domain & 3)
			zap(w, i);
}

void window_leave_view(struct window *w)
{
	for (EACH_LIVE(w, i))
		if (w->entry[i].live && w->entry[i].differs)
			zap(w, i);
}

void window_hold(struct window *w, uint32_t frame)
{
	for (EACH_LIVE(w, i))
		if (i >= VECTORS_PAGES && w->entry[i].live && w->entry[i].gpa >> FRAME_LOG2 == frame)
			zap(w, i);
}

/* --- staying -------------------------------------------------------------------------------- */

/* Entries with an own view are of the current one: window_leave_view(). */
static void check(struct window *w, unsigned i)
{
	const struct window_entry *was = &w->entry[i];
	const struct guest *g = w->port->guest;
	struct window_entry now;
	struct guest_page p;
	struct walk walk;

	w->port->walk_guest(w->port->m, gva(was->guest_mva), &walk);
	if (!walk.fs && guest_page_is_young(g, &walk, gva(was->guest_mva))) {
		p = guest_page_of(g, &walk);
		if (compose(w, gva(was->guest_mva), &walk, &p, guest_is_user(g), &now) &&
		    now.word == was->word && now.guest_domain == was->guest_domain &&
		    now.guest_size_log2 == was->guest_size_log2 && now.ng == was->ng &&
		    !memcmp(&now.page.rights, &was->page.rights, sizeof(now.page.rights)))
			return;
	}
	zap(w, i);
}

void window_check_all(struct window *w)
{
	for (EACH_LIVE(w, i))
		if (w->entry[i].live)
			check(w, i);
}

void window_check_covering(struct window *w, gva_t mva)
{
	for (EACH_LIVE(w, i))
		if (w->entry[i].live && covers(&w->entry[i], mva))
			check(w, i);
}

void window_check_nonglobal(struct window *w)
{
	for (EACH_LIVE(w, i))
		if (w->entry[i].live && w->entry[i].ng)
			check(w, i);
}

/* A word of the guest's is there if and only if its entry is live. */
unsigned window_audit(const struct window *w, struct diag *d)
{
	unsigned bad = 0, live = 0;

	for (unsigned i = 0; i < WINDOW_PAGES; i++) {
		const struct window_entry *e = &w->entry[i];
		bool there = w->port->shadow_peek(w->port->m, word_offset(w, i)) != 0;
		bool writable = (e->shown.k[0] | e->shown.u[0]) & RIGHT_WRITE;

		live += e->live;
		if (there != e->live && (i < VECTORS_PAGES || w->port->guest->v6))
			bad += diag_set(d, ERR_CHECK, "window page 0x%08x: %s", host_mva(w, i).raw,
					there ? "a word without an entry" : "an entry without its word")
			       != ERR_OK;
		if (i >= VECTORS_PAGES && e->live && writable && w->held &&
		    w->held[e->gpa >> FRAME_LOG2])
			bad += diag_set(d, ERR_CHECK, "window page 0x%08x lets the guest write to a traced "
					"frame", host_mva(w, i).raw) != ERR_OK;
	}
	if (live != w->live)
		bad += diag_set(d, ERR_CHECK, "window: %u live entries, counted %u", live, w->live) != ERR_OK;
	return bad;
}
