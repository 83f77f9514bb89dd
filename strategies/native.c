/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No hypervisor: the guest's registers are the hardware's, its tables are what the walker
 * reads. The baseline of every comparison.
 */
#include "strategies/native.h"

enum err native_start(void *self, const void *params, const struct strategy_port *port,
		      struct diag *d)
{
	struct native *n = self;

	(void)params;
	(void)d;
	n->port = port;
	port->host_set(port->m, HOST_SCTLR, port->guest->sctlr);
	port->host_set(port->m, HOST_TTBR, port->guest->ttbr0);
	port->host_set(port->m, HOST_DACR, port->guest->dacr);
	return ERR_OK;
}

void native_ttbr(void *self, uint32_t old, uint32_t new)
{
	struct native *n = self;

	(void)old;
	n->port->host_set(n->port->m, HOST_TTBR, new);
}

void native_dacr(void *self, uint32_t old, uint32_t new)
{
	struct native *n = self;

	(void)old;
	n->port->host_set(n->port->m, HOST_DACR, new);
}

void native_sctlr(void *self, uint32_t old, uint32_t new)
{
	struct native *n = self;

	(void)old;
	n->port->host_set(n->port->m, HOST_SCTLR, new);
}

const struct strategy_ops strategy_native = {
	.name = "native",
	.summary = "no hypervisor: the guest's own tables, the baseline",
	.deprivileged = false,
	.v6 = true,
	.tag = "unmodified",
	.state_bytes = sizeof(struct native),
	.start = native_start,
	.on_ttbr = native_ttbr,
	.on_dacr = native_dacr,
	.on_sctlr = native_sctlr,
};
