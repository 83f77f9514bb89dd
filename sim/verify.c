/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --verify: every translation the host used, every fault it delivered, against P (models/guest).
 * What was found right is remembered per page until anything changes that could make it wrong.
 */
#include <stdarg.h>
#include <stdio.h>

#include "sim/lane.h"
#include "sim/lint.h"

void lane_violation(struct lane *l, const char *fmt, ...)
{
	va_list ap;

	if (!l->violations++) {
		int n = snprintf(l->first_violation.msg, sizeof(l->first_violation.msg),
				 "record %llu: ", (unsigned long long)l->record);

		va_start(ap, fmt);
		vsnprintf(l->first_violation.msg + n, sizeof(l->first_violation.msg) - (size_t)n,
			  fmt, ap);
		va_end(ap);
	}
}

/* Some walk of the guest's gives all that the translation does: the accesses, the place, the memory type. A
 * monitor's words of ARMv6 need not be those that the guest wrote. */
static bool some_walk_gives(const struct machine *m, gva_t mva, bool user, unsigned accesses,
			    uint32_t gpa_used, const struct walk *w)
{
	struct pt_memory memory;

	if (!m->ops->deprivileged || mmu_format(&m->arch, m->sctlr) != PT_V6)
		return oracle_permits(&m->g, mva, user, accesses, gpa_used,
				      w->levels ? w->leaf.cb : -1);
	memory = mmu_memory(&m->arch, &w->leaf, m->sctlr, 0, 0);        /* TRE is 0 */
	return oracle_permits_as(&m->g, mva, user, accesses, gpa_used, &memory);
}

/* false: d says what is wrong with the translation. */
static bool is_permitted(struct lane *l, gva_t guest_mva, gva_t host_mva, bool user,
			 enum access access, const struct translation *t, struct diag *d)
{
	struct machine *m = l->m;
	uint32_t gpa_used = map_to_guest(m, t->pa);
	bool hw_user = m->ops->deprivileged || user;
	bool may_write = host_check(m, &t->w, host_mva, hw_user, ACCESS_WRITE) == FS_NONE;
	bool may_fetch = m->g.v6 && host_check(m, &t->w, host_mva, hw_user, ACCESS_FETCH) == FS_NONE;
	unsigned accesses = 1u << access | (unsigned)may_write << ACCESS_WRITE |
			    (unsigned)may_fetch << ACCESS_FETCH;
	uint64_t key = (uint64_t)(guest_mva.raw >> GRANULE_LOG2) << 32 |
		       (gpa_used & ~(GRANULE_BYTES - 1u)) |
		       (uint64_t)may_fetch << 3 | (uint64_t)(access == ACCESS_FETCH) << 2 | (uint64_t)user << 1 | may_write;
	struct verify_slot *s = &l->checked[(guest_mva.raw >> GRANULE_LOG2 ^ user << 11) &
					    (CHECKED_SLOTS - 1)];

	if (has_hypervisor(m) && t->pa - HV_HPA < hv_bytes(m)) {
		snprintf(d->msg, sizeof(d->msg), "guest access to MVA 0x%08x reached hypervisor "
			 "memory at 0x%08x", guest_mva.raw, t->pa);
		return false;
	}
	if (s->key == key && s->generation == m->g.generation + 1)
		return true;
	if (!m->ops->deprivileged && t->outlived)
		return true;
	if (!some_walk_gives(m, guest_mva, user, accesses, gpa_used, &t->w)) {
		snprintf(d->msg, sizeof(d->msg), "MVA 0x%08x was translated to guest PA 0x%08x with "
			 "%s rights for guest %s; no permitted walk of the guest's tables gives that",
			 guest_mva.raw, gpa_used, may_write ? "write" : "read",
			 user ? "user" : "kernel");
		return false;
	}
	*s = (struct verify_slot){ key, m->g.generation + 1 };
	return true;
}

void verify_used(struct lane *l, gva_t guest_mva, gva_t host_mva, bool user, enum access access,
		 const struct translation *t)
{
	struct diag why;

	if (!is_permitted(l, guest_mva, host_mva, user, access, t, &why))
		lane_violation(l, "%s", why.msg);
}

void lint_used(struct lane *l, gva_t guest_mva, gva_t host_mva, bool user, enum access access,
	       const struct translation *t)
{
	struct diag why;

	if (!is_permitted(l, guest_mva, host_mva, user, access, t, &why))
		lint_find(l->m, FINDING_I12, LINT_MONITOR, guest_mva.raw, t->pa, "%s", why.msg);
}

void verify_window(struct lane *l)
{
	struct machine *m = l->m;
	const struct { uint32_t mva, pa; const char *what; } own[] = {
		{ m->port.window + HV_CODE, HV_HPA + HV_CODE, "code" },
		{ m->port.window + HV_DATA, HV_HPA + HV_DATA, "data" },
		{ m->port.vectors, HV_HPA + HV_VECTORS, "vectors" },
	};

	for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		gva_t mva = gva(own[i].mva);
		struct walk w;

		host_walk_quietly(m, mva, &w);
		if (w.fs || walk_pa(&w, mva) != own[i].pa || host_check(m, &w, mva, false, ACCESS_WRITE))
			lane_violation(l, "the hypervisor's %s is not at MVA 0x%08x any more", own[i].what, mva.raw);
		else if (!host_check(m, &w, mva, true, ACCESS_READ))
			lane_violation(l, "the guest may read the hypervisor's %s at MVA 0x%08x", own[i].what,
				       mva.raw);
	}
}

void verify_loaded(struct lane *l, gva_t mva, uint32_t pa)
{
	struct machine *m = l->m;
	uint32_t gpa = map_to_guest(m, pa) & ~3u, seen, wrote;

	if (!words_read(m, pa & ~3u, &seen) || !guest_table_word(&m->g, gpa, &wrote) || seen == wrote ||
	    (m->ops->shows && m->ops->shows(m->self, gpa, seen, wrote)))
		return;
	lane_violation(l, "load at MVA 0x%08x gave 0x%08x from a table, where the guest wrote 0x%08x", mva.raw,
		       seen, wrote);
}

/* A domain, permission or access flag fault: the walk itself succeeded. */
static bool is_denial(enum fault_status fs)
{
	return fs == FS_DOMAIN_SECTION || fs == FS_DOMAIN_PAGE || fs == FS_PERM_SECTION ||
	       fs == FS_PERM_PAGE || fs == FS_AF_SECTION || fs == FS_AF_PAGE;
}

void verify_injected(struct lane *l, gva_t mva, bool user, enum access access,
		     enum fault_status fs)
{
	const struct guest *g = &l->m->g;
	struct walk w;
	unsigned now;

	guest_walk(g, mva, &w);
	now = w.fs ? w.fs : guest_check(g, &w, mva, user, access);
	/* a shadow re-walks; the bare TLB may also deny by an old entry that is still permitted, but
	 * it holds no walk that failed, unless first-level words are cached that lead to one */
	if (now == fs || (!l->m->ops->deprivileged && (is_denial(fs) || g->walks_cached) &&
			  oracle_some_status(g, mva, user, access, fs)))
		return;
	if (now)
		lane_violation(l, "fault 0x%x injected at MVA 0x%08x, the guest's tables give 0x%x",
			       (unsigned)fs, mva.raw, now);
	else
		lane_violation(l, "fault 0x%x injected at MVA 0x%08x, but the guest's tables allow "
			       "the access", (unsigned)fs, mva.raw);
}

/*
 * The recorded status need not be the injected one: two walks, both permitted, may fault for
 * different reasons. Each is checked against P by itself, but for listed deviations of the emulator
 * that recorded.
 */
void verify_recorded(struct lane *l, gva_t mva, bool user, enum access access, uint32_t fsr)
{
	const struct guest *g = &l->m->g;
	bool alignment;
	enum fault_status fs = guest_recorded_fault(g, fsr, &alignment);

	if (!fs)
		return;                 /* not a matter of tables */
	if (oracle_some_status(g, mva, user, access, fs))
		return;
	for (unsigned other = FS_AF_SECTION; other <= FS_TRANS_PAGE; other++)
		if (guest_listed_fault(fs, (enum fault_status)other) &&
		    oracle_some_status(g, mva, user, access, (enum fault_status)other))
			return;
	lane_violation(l, "the trace records fault 0x%x at MVA 0x%08x, but no permitted walk gives "
		       "that", (unsigned)fs, mva.raw);
}
