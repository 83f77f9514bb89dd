/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/window.h"

#include <string.h>

enum { NO_DOMAIN = 16 };

static gva_t host_mva(const struct window *w, unsigned i)
{
	gva_t mva = gva(GUEST_VECTORS_VA + i * FRAME_BYTES);

	return i < VECTORS_PAGES ? vectors_alias_of(w->port->guest, mva) : mva;
}

static uint32_t word_offset(const struct window *w, unsigned i)
{
	return HV_L2 + 4 * (host_mva(w, i).raw >> FRAME_LOG2 & 0xff);
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

/* Tiny pages may lie in any order in their frame, subpages may differ in rights: neither is mapped. */
static bool may_map(const struct window *w, const struct abort_info *a, bool vectors,
		    const struct view_rights *r)
{
	unsigned i = a->mva.raw >> FRAME_LOG2 & (WINDOW_PAGES - 1);

	if (a->mva.raw < GUEST_VECTORS_VA || a->w.leaf.size_log2 < FRAME_LOG2)
		return false;
	if (i < VECTORS_PAGES)          /* with SCTLR.V clear they are no vectors, and no one's alias */
		return vectors && a->alias && a->access != ACCESS_WRITE && !w->entry[i].live;
	return w->format == HOST_V6 && view_allows(r, 0, MB_CLASS, a->user, a->access);
}

/* One AP a page: what all quarters grant, of a page that is mapped whole. */
static struct view_rights narrowed(const struct abort_info *a, const struct view_rights *r)
{
	struct view_rights v = *r;

	if (a->w.leaf.size_log2 > FRAME_LOG2)
		view_take_quarter(&v, a->mva.raw >> (a->w.leaf.size_log2 - 2) & 3);
	else
		view_intersect(&v);
	return v;
}

static unsigned ap_in(const struct view_rights *r, bool user)
{
	unsigned rights = user ? r->u[0] : r->k[0];

	return rights & RIGHT_WRITE ? 3 : rights ? 2 : 1;
}

bool window_fill(struct window *w, struct abort_info *a, const struct window_map *m)
{
	const struct strategy_port *port = w->port;
	bool vectors = is_guest_vectors(a->mva) && port->guest->sctlr & SCTLR_V;
	unsigned i = a->mva.raw >> FRAME_LOG2 & (WINDOW_PAGES - 1);
	struct view_rights r = narrowed(a, &m->rights);
	unsigned ap = i < VECTORS_PAGES ? 2 : ap_in(&r, a->user);
	struct host_leaf l = { .size_log2 = FRAME_LOG2, .cb = a->w.levels ? a->w.leaf.cb : 0,
			       .memory = m->memory, .xn = r.xn };

	a->emulate = vectors ? EV_VECTORS_EMUL : EV_HYPHOLE;
	if (!may_map(w, a, vectors, &r) ||
	    !port->to_host(port->m, walk_pa(&a->w, a->mva) & ~(FRAME_BYTES - 1u), FRAME_LOG2, &l.hpa))
		return false;
	for (unsigned q = 0; q < 4; q++)
		l.ap[q] = (uint8_t)ap;
	w->live += !w->entry[i].live;
	w->entry[i] = (struct window_entry){ .live = true, .ng = m->ng,
		.differs = i >= VECTORS_PAGES && r.k[0] != r.u[0],
		.guest_mva = a->mva.raw, .guest_size_log2 = a->w.leaf.size_log2,
		.guest_domain = a->w.levels ? a->w.leaf.domain : NO_DOMAIN };
	memcpy(w->entry[i].guest_ap, a->w.leaf.ap, sizeof(w->entry[i].guest_ap));
	port->charge(port->m, EV_HIDDEN, 1);
	port->charge(port->m, EV_FILL, 1);
	write_word(w, i, host_leaf_word(w->format, &l));
	return true;
}

/* --- zapping ------------------------------------------------------------------------------ */

#define EACH_LIVE(w, i) unsigned i = 0; (w)->live && i < WINDOW_PAGES; i++

void window_zap_all(struct window *w)
{
	for (EACH_LIVE(w, i))
		if (w->entry[i].live)
			zap(w, i);
}

void window_zap_covering(struct window *w, gva_t mva)
{
	for (EACH_LIVE(w, i)) {
		const struct window_entry *e = &w->entry[i];

		if (e->live && mva.raw >> e->guest_size_log2 == e->guest_mva >> e->guest_size_log2)
			zap(w, i);
	}
}

/* A guest of ARMv5: the vectors area alone. */
static void check(struct window *w, unsigned i)
{
	static const uint8_t reads[4] = { 2, 2, 2, 2 };
	const struct strategy_port *port = w->port;
	const struct window_entry *e = &w->entry[i];
	struct host_leaf l = { .size_log2 = FRAME_LOG2 };
	gva_t mva = gva(e->guest_mva);
	struct walk now;

	port->walk_guest(port->m, mva, &now);
	l.cb = now.levels ? now.leaf.cb : 0;
	memcpy(l.ap, reads, sizeof(l.ap));
	if (now.fs || now.leaf.size_log2 != e->guest_size_log2 ||
	    (now.levels ? now.leaf.domain : NO_DOMAIN) != e->guest_domain ||
	    memcmp(now.leaf.ap, e->guest_ap, sizeof(e->guest_ap)) != 0 ||
	    !port->to_host(port->m, walk_pa(&now, mva) & ~(FRAME_BYTES - 1u), FRAME_LOG2, &l.hpa) ||
	    port->shadow_peek(port->m, word_offset(w, i)) != host_leaf_word(HOST_V5, &l))
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
	for (EACH_LIVE(w, i)) {
		const struct window_entry *e = &w->entry[i];

		if (e->live && mva.raw >> e->guest_size_log2 == e->guest_mva >> e->guest_size_log2)
			check(w, i);
	}
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

/* A word of the guest's is there if and only if its entry is live. */
unsigned window_audit(const struct window *w, struct diag *d)
{
	unsigned bad = 0, live = 0;

	for (unsigned i = 0; i < WINDOW_PAGES; i++) {
		bool there = w->port->shadow_peek(w->port->m, word_offset(w, i)) != 0;

		live += w->entry[i].live;
		if (there != w->entry[i].live && (i < VECTORS_PAGES || w->format == HOST_V6))
			bad += diag_set(d, ERR_CHECK, "window page 0x%08x: %s", host_mva(w, i).raw,
					there ? "a word without an entry" : "an entry without its word")
			       != ERR_OK;
	}
	if (live != w->live)
		bad += diag_set(d, ERR_CHECK, "window: %u live entries, counted %u", live, w->live) != ERR_OK;
	return bad;
}
