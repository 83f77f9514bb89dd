/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a strategy does to tables and TLB goes through its port: lint puts itself into the port's
 * functions, so that a machine without it has the port as it was.
 */
#include "sim/lint_inside.h"

#define M(ctx) ((struct machine *)(ctx))

static void watch_walk_guest(void *m, gva_t mva, struct walk *out)
{
	M(m)->lint->port.walk_guest(m, mva, out);
	lint_walk(m, mva, out, LINT_GUEST);
}

uint32_t lint_before_store(struct machine *m, uint32_t pa)
{
	return lint_newest(m->lint, pa);
}

void lint_after_store(struct machine *m, uint32_t pa, uint32_t before)
{
	if (lint_newest(m->lint, pa) != before)
		return;
	lint_set_newest(m->lint, pa, lint_tick(m->lint));
	lint_set_memory(m->lint, pa, lint_newest(m->lint, pa));
}

/* With hv.memory=flat, or when the window is not mapped yet, the store passes the cache by. */
static void watch_shadow_write(void *ctx, uint32_t offset, uint32_t word)
{
	struct machine *m = ctx;
	uint32_t pa = HV_HPA + offset, old = 0, before = lint_newest(m->lint, pa);

	mem_read(m->hv, pa, &old);
	m->lint->port.shadow_write(m, offset, word);
	lint_after_store(m, pa, before);
	lint_table_store(m, pa, old);
}

/* The same of a guest's table. */
static void watch_table_write(void *ctx, gva_t at, uint32_t gpa, uint32_t word)
{
	struct machine *m = ctx;
	uint32_t pa = map_to_host(m, gpa), before = lint_newest(m->lint, pa);
	uint32_t old = m->lint->port.table_peek(m, gpa);

	m->lint->port.table_write(m, at, gpa, word);
	lint_after_store(m, pa, before);
	lint_table_store(m, pa, old);
}

static void watch_host_tlbi_mva(void *m, gva_t mva)
{
	M(m)->lint->port.host_tlbi_mva(m, mva);
	lint_tlbi_mva(m, SIDE_BOTH, mva, false, 0);
}

static void watch_host_tlbi_all(void *m)
{
	M(m)->lint->port.host_tlbi_all(m);
	lint_tlbi_all(m, SIDE_BOTH);
}

static void watch_host_tlbi_mva_asid(void *ctx, gva_t mva, uint8_t asid)
{
	struct machine *m = ctx;

	m->lint->port.host_tlbi_mva_asid(m, mva, asid);
	lint_tlbi_mva(m, SIDE_BOTH, mva, m->arch.asid, asid);
}

static void watch_host_tlbi_asid(void *ctx, uint8_t asid)
{
	struct machine *m = ctx;

	m->lint->port.host_tlbi_asid(m, asid);
	if (m->arch.asid)
		lint_tlbi_asid(m, SIDE_BOTH, asid);
	else
		lint_tlbi_all(m, SIDE_BOTH);
}

void lint_watch_port(struct machine *m)
{
	m->lint->port = m->port;
	m->port.walk_guest = watch_walk_guest;
	m->port.shadow_write = watch_shadow_write;
	m->port.table_write = watch_table_write;
	m->port.host_tlbi_mva = watch_host_tlbi_mva;
	m->port.host_tlbi_all = watch_host_tlbi_all;
	m->port.host_tlbi_mva_asid = watch_host_tlbi_mva_asid;
	m->port.host_tlbi_asid = watch_host_tlbi_asid;
}
