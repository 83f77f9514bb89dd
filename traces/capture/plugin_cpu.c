/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPU as QEMU shows it to a plugin, and what it does not show. SPSRs are not readable, but
 * each one's life is known: an exception entry sets it to the CPSR before, and MSR changes it.
 * Lockdown registers are not readable by name on all cores: the last value written counts.
 */
#include "traces/capture/plugin.h"

#include <stdio.h>
#include <string.h>

enum { REG_CPSR = 16, REGS = 17, MAX_WRITTEN = 64 };

static struct qemu_plugin_register *core_reg[REGS];
static GByteArray *bytes;

static struct named {
	const char *name;
	uint16_t key;
	bool v6_only;
	struct qemu_plugin_register *handle;
} named[] = {
	{ "MIDR", CP_KEY(0, 0, 0, 0), false, NULL },
	{ "CTR", CP_KEY(0, 0, 0, 1), false, NULL },
	{ "TCMTR", CP_KEY(0, 0, 0, 2), false, NULL },
	{ "TLBTR", CP_KEY(0, 0, 0, 3), true, NULL },
	{ "SCTLR", KEY_SCTLR, false, NULL },
	{ "TTBR0", KEY_TTBR0, false, NULL },
	{ "TTBR0_EL1", KEY_TTBR0, false, NULL },        /* the name in QEMU 10 */
	{ "TTBR1", KEY_TTBR1, true, NULL },
	{ "TTBR1_EL1", KEY_TTBR1, true, NULL },
	{ "TTBCR", KEY_TTBCR, true, NULL },
	{ "DACR", CP_KEY(3, 0, 0, 0), false, NULL },
	{ "DFSR", KEY_DFSR, false, NULL },
	{ "IFSR", KEY_IFSR, false, NULL },
	{ "DFAR", KEY_DFAR, false, NULL },
	{ "IFAR", KEY_IFAR, true, NULL },
	{ "DLOCKDOWN", CP_KEY(9, 0, 0, 0), false, NULL },
	{ "ILOCKDOWN", CP_KEY(9, 0, 0, 1), false, NULL },
	{ "FCSEIDR", KEY_FCSE, false, NULL },
	{ "CONTEXTIDR", KEY_CONTEXT, false, NULL },
	{ "CONTEXTIDR_EL1", KEY_CONTEXT, false, NULL },
	{ "TPIDRURW", CP_KEY(13, 0, 0, 2), true, NULL },
	{ "TPIDRURO", CP_KEY(13, 0, 0, 3), true, NULL },
	{ "TPIDRPRW", CP_KEY(13, 0, 0, 4), true, NULL },
};
enum { NAMED = sizeof(named) / sizeof(named[0]) };

static struct trace_reg written[MAX_WRITTEN];
static unsigned nwritten;

static uint32_t mirror;
static uint32_t spsr[6];                /* fiq irq svc abt und mon, as in the header */
static unsigned spsr_known;

static uint32_t read_handle(struct qemu_plugin_register *h)
{
	uint32_t value = 0;
	int n;

	g_byte_array_set_size(bytes, 0);
	n = qemu_plugin_read_register(h, bytes);
	if (n > 0)
		memcpy(&value, bytes->data, n < 4 ? (size_t)n : 4);
	return value;
}

static void bind(const qemu_plugin_reg_descriptor *d)
{
	static const char *const core_name[REGS] = {
		"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11",
		"r12", "sp", "lr", "pc", "cpsr",
	};

	for (unsigned i = 0; i < REGS; i++) {
		if (strcmp(d->name, core_name[i]) == 0)
			core_reg[i] = d->handle;
	}
	for (unsigned i = 0; i < NAMED; i++) {
		if (strcmp(d->name, named[i].name) == 0)
			named[i].handle = d->handle;
	}
}

bool cpu_init(void)
{
	GArray *all = qemu_plugin_get_registers();
	const qemu_plugin_reg_descriptor *d = (const void *)all->data;

	bytes = g_byte_array_new();
	for (unsigned i = 0; i < all->len; i++)
		bind(&d[i]);
	for (unsigned i = 0; i < REGS; i++) {
		if (!core_reg[i]) {
			status_line("error the emulator does not show register %u", i);
			return false;
		}
	}
	mirror = cpu_cpsr();
	return true;
}

uint32_t cpu_reg(unsigned n)
{
	return read_handle(core_reg[n]);
}

uint32_t cpu_cpsr(void)
{
	return read_handle(core_reg[REG_CPSR]);
}

static struct trace_reg *find_written(uint16_t key)
{
	for (unsigned i = 0; i < nwritten; i++) {
		if (written[i].key == key)
			return &written[i];
	}
	return NULL;
}

static struct named *find_named(uint16_t key)
{
	for (unsigned i = 0; i < NAMED; i++) {
		if (named[i].key == key && named[i].handle)
			return &named[i];
	}
	return NULL;
}

uint32_t cpu_cp(uint16_t key)
{
	const struct named *n = find_named(key);
	const struct trace_reg *w;

	if (n)
		return read_handle(n->handle);
	w = find_written(key);
	return w ? w->value : 0;
}

/* Operations (c7, c8) are no state: nothing reads them back. */
static bool is_state(uint16_t key)
{
	unsigned crn = key >> 10 & 15;

	return !(key & (CP_KEY_64 | CP_KEY_CP14)) && crn != 7 && crn != 8;
}

void cpu_cp_written(uint16_t key, uint32_t value)
{
	struct trace_reg *w = find_written(key);

	if (!is_state(key) || find_named(key))
		return;
	if (!w && nwritten < MAX_WRITTEN) {
		w = &written[nwritten++];
		w->key = key;
	}
	if (w)
		w->value = value;
}

static void add_reg(struct trace_header *h, uint16_t key, uint32_t value)
{
	if (h->nreg < TRACE_MAX_REGS)
		h->reg[h->nreg++] = (struct trace_reg){ .key = key, .value = value };
}

void cpu_fill_header(struct trace_header *h)
{
	bool v6 = strcmp(config.arch, "armv6") == 0;

	h->cpsr = cpu_cpsr();
	memcpy(h->spsr, spsr, sizeof(h->spsr));
	h->spsr_known = spsr_known;
	for (unsigned i = 0; i < NAMED; i++) {
		if (named[i].handle && (v6 || !named[i].v6_only))
			add_reg(h, named[i].key, read_handle(named[i].handle));
	}
	/* TLB lockdown and vendor registers, if the guest ever wrote them. */
	for (unsigned i = 0; i < nwritten; i++)
		add_reg(h, written[i].key, written[i].value);
}

/* ---- mirror ---- */

static int spsr_slot(uint32_t cpsr)
{
	switch (cpsr & PSR_MODE) {
	case MODE_FIQ: return 0;
	case MODE_IRQ: return 1;
	case MODE_SVC: return 2;
	case MODE_ABT: return 3;
	case MODE_UND: return 4;
	case 0x16: return 5;            /* monitor */
	default: return -1;
	}
}

uint32_t cpu_mirror(void)
{
	return mirror;
}

void cpu_mirror_set(uint32_t cpsr)
{
	mirror = cpsr;
}

bool cpu_mirror_holds(void)
{
	return !((mirror ^ cpu_cpsr()) & PSR_CONTROL);
}

static uint32_t field_mask(uint32_t word)
{
	uint32_t m = 0;

	for (unsigned i = 0; i < 4; i++) {
		if (word & 1u << (16 + i))
			m |= 0xffu << (8 * i);
	}
	return m;
}

/* ARM has A, I and F where the CPSR has them, Thumb lower; imod 2 clears them, 3 sets them. */
static uint32_t predict_cps(const struct insn *in)
{
	bool thumb = in->bytes == 2;
	uint32_t masks = thumb ? in->word << 6 & (PSR_A | PSR_I | PSR_F)
			       : in->word & (PSR_A | PSR_I | PSR_F);
	unsigned imod = thumb ? 2 | (in->word >> 4 & 1) : in->word >> 18 & 3;
	uint32_t psr = mirror;

	if ((mirror & PSR_MODE) == MODE_USR)
		return psr;
	if (imod & 2)
		psr = imod & 1 ? psr | masks : psr & ~masks;
	if (!thumb && in->word & 1 << 17)
		psr = (psr & ~(uint32_t)PSR_MODE) | (in->word & PSR_MODE);
	return psr;
}

uint32_t cpu_predict(const struct insn *in, uint32_t operand)
{
	int slot = spsr_slot(mirror);
	uint32_t mask;

	switch (in->sens) {
	case SENS_MSR:
		if (in->word & 1 << 22)
			return mirror;
		mask = field_mask(in->word) & ~(uint32_t)PSR_T;
		if ((mirror & PSR_MODE) == MODE_USR)
			mask &= PSR_FLAGS;
		return (mirror & ~mask) | (operand & mask);
	case SENS_CPS:
		return predict_cps(in);
	case SENS_LDMER:
	case SENS_DPSPC:
		return slot >= 0 && spsr_known & 1u << slot ? spsr[slot] : mirror;
	default:
		return mirror;
	}
}

void cpu_spsr_written(const struct insn *in, uint32_t operand)
{
	uint32_t mask = field_mask(in->word);
	int slot = spsr_slot(mirror);

	if (slot < 0 || !(in->word & 1 << 22))
		return;
	spsr[slot] = (spsr[slot] & ~mask) | (operand & mask);
	if (mask == 0xffffffff)
		spsr_known |= 1u << slot;
}

/*
 * QEMU starts a new block at every exception vector. A jump there by software would look the
 * same, so mode and interrupt mask must be those of the vector as well.
 */
enum vector cpu_vector(uint32_t pc)
{
	static const uint8_t mode[8] = {
		0, MODE_UND, MODE_SVC, MODE_ABT, MODE_ABT, 0, MODE_IRQ, MODE_FIQ,
	};
	unsigned v = pc >> 2 & 7;
	uint32_t psr;

	if ((pc & 0xffff) >= 32 || pc & 3 || !mode[v])
		return VECTOR_NONE;
	if (pc >> 16 != (cpu_cp(KEY_SCTLR) & SCTLR_V ? 0xffff : 0))
		return VECTOR_NONE;
	psr = cpu_cpsr();
	if ((psr & PSR_MODE) != mode[v] || !(psr & PSR_I) || psr & PSR_T)
		return VECTOR_NONE;
	return (enum vector)v;
}

void cpu_took_exception(uint32_t old_cpsr, uint32_t new_cpsr)
{
	int slot = spsr_slot(new_cpsr);

	if (slot >= 0) {
		spsr[slot] = old_cpsr;
		spsr_known |= 1u << slot;
	}
	mirror = new_cpsr;
}
