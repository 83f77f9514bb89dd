/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nested tables: the hardware walks the guest's own tables, and translates what they say by a second stage
 * that the hypervisor keeps (ARMv7 with the virtualization extensions; elsewhere: what if). The guest runs
 * in its own modes and traps for none of its registers, tables, TLB and cache operations.
 *
 *  1. A word of stage 2 maps as large a block as `block` allows, the machine has in one piece and the
 *     guest's memory is contiguous there; once written it never changes.
 *  2. Where the guest has no memory is a device: in place, or with mmio=trap nothing, and each access is
 *     emulated; but a page that holds a table is mapped.
 *  3. 64 KB are 16 pages with the contiguous bit (DDI 0406C B3.6.1): the granule of 4 KB has no block of 64 KB.
 *
 * The map never changes and there is one guest, so the hypervisor has nothing to invalidate and no VM to switch.
 */
#include "models/pt/lpae.h"
#include "strategies/native.h"

enum { BLOCK_4K, BLOCK_64K, BLOCK_2M, BLOCK_1G };
enum { S2_LAZY, S2_EAGER };
enum { MMIO_PASSTHROUGH, MMIO_TRAP };
enum { CACHEOPS_RUN, CACHEOPS_TRAP };

struct nested_params { uint32_t block, cacheops, mmio, s2, sees, start; };

static const char *const w_block[] = { "4k", "64k", "2m", "1g", NULL };
static const char *const w_cacheops[] = { "run", "trap", NULL };
static const char *const w_mmio[] = { "passthrough", "trap", NULL };
static const char *const w_s2[] = { "lazy", "eager", NULL };
static const char *const w_sees[] = { "core", "memory", "l2", "l1", NULL };

#define P struct nested_params
static const struct param params[] = {
	PARAM_WORD(P, "block", block, w_block, "largest block of stage 2; 64k: pages with the contiguous bit"),
	PARAM_WORD(P, "cacheops", cacheops, w_cacheops, "data cache operations that name no address (set and way, "
		   "whole cache) run, or trap once each (HCR.TSW)"),
	PARAM_WORD(P, "mmio", mmio, w_mmio, "devices are the guest's, or each access traps and is emulated"),
	PARAM_WORD(P, "s2", s2, w_s2, "guest memory is mapped at its first use, or before the guest starts"),
	PARAM_WORD(P, "sees", sees, w_sees, "caches that walks of stage 2 read through; core: as walk.sees says, "
		   "past L1 on all cores before the Cortex-A15"),
	PARAM_NUM(P, "start", start, 1, 2, false, "level at which walks of stage 2 start; 2: four tables side by "
		  "side"),
};
#undef P

static void defaults(void *p)
{
	*(struct nested_params *)p = (struct nested_params){ .block = BLOCK_2M, .start = 2 };
}

static enum err check(const void *params_in, struct diag *d)
{
	const struct nested_params *p = params_in;

	if (p->block == BLOCK_1G && p->start != 1)
		return diag_set(d, ERR_CONFIG, "strategy nested: block: 1g with start=%u, where the largest "
				"block is 2m; want start=1", p->start);
	return ERR_OK;
}

enum { ROOT = 0, ROOT_BYTES = 4 << LPAE_TABLE_LOG2, TABLE_BYTES = 1 << LPAE_TABLE_LOG2,
       TABLE_WORDS = 1 << LPAE_INDEX_LOG2 };

struct nested {
	struct native regs;
	const struct nested_params *p;
	uint32_t ram_base;
	uint64_t ram_bytes;
	uint32_t used;                  /* bytes of the area: root, then tables as they came */
	uint32_t leaves;
	bool running;                   /* stores are charged */
};

static const struct strategy_port *port_of(const struct nested *n) { return n->regs.port; }

static void charge(const struct nested *n, enum event e, uint64_t times)
{
	if (n->running)
		port_of(n)->charge(port_of(n)->m, e, times);
}

static void store(const struct nested *n, uint32_t offset, uint64_t word)
{
	const struct strategy_port *port = port_of(n);

	if (n->running)
		port->stage2_write(port->m, offset, word);
	else
		port->stage2_preset(port->m, offset, word);
}

/* --- tables --------------------------------------------------------------------------------- */

static uint32_t new_table(struct nested *n)
{
	uint32_t at = n->used;

	charge(n, EV_S2_TABLE, 1);
	for (uint32_t i = 0; i < TABLE_WORDS && n->running; i++)
		store(n, at + (i << LPAE_WORD_LOG2), 0);
	n->used += TABLE_BYTES;
	return at;
}

/* Where the word of that level for an address is; tables on the way are made. */
static uint32_t slot_of(struct nested *n, uint32_t ipa, unsigned level)
{
	const struct strategy_port *port = port_of(n);
	uint32_t table = ROOT, index = ipa >> lpae_level_log2(n->p->start);

	for (unsigned l = n->p->start; l < level; l++) {
		uint32_t at = table + (index << LPAE_WORD_LOG2);
		uint64_t word = port->stage2_peek(port->m, at);
		struct lpae_desc d;

		lpae_decode(word, l, &d);
		if (d.kind == LPAE_FAULT) {
			d.base = S2_HPA + new_table(n);
			store(n, at, lpae_encode_table(d.base));
			charge(n, EV_FILL_WORD, 1);
		}
		table = (uint32_t)d.base - S2_HPA;
		index = ipa >> lpae_level_log2(l + 1) & (TABLE_WORDS - 1);
	}
	return table + (index << LPAE_WORD_LOG2);
}

static bool is_memory(const struct nested *n, uint32_t ipa)
{
	return ipa - n->ram_base < n->ram_bytes;
}

/* Size and place in the machine of the block around an address; 0: nothing is to be mapped there. What holds a
 * table is no device, whatever it is: nobody could emulate its reads. */
static unsigned block_of(const struct nested *n, uint32_t ipa, bool table, uint32_t *hpa)
{
	static const uint8_t sizes[] = { [BLOCK_4K] = 12, [BLOCK_64K] = 16, [BLOCK_2M] = 21, [BLOCK_1G] = 30 };
	const struct strategy_port *port = port_of(n);

	for (unsigned k = n->p->block + 1; k-- > 0;) {
		uint32_t base = ipa >> sizes[k] << sizes[k], last = base + ((UINT32_C(1) << sizes[k]) - 1);

		if (n->p->mmio == MMIO_TRAP && !(is_memory(n, base) && is_memory(n, last)) && !(table && !k))
			continue;
		if (port->stage2_block(port->m, base, sizes[k], hpa) &&
		    !(*hpa & ((UINT32_C(1) << sizes[k]) - 1)))
			return sizes[k];
	}
	return 0;
}

/* Returns log2 of what was mapped, or 0. */
static unsigned map_block(struct nested *n, uint32_t ipa, bool table)
{
	uint32_t hpa, size_log2 = block_of(n, ipa, table, &hpa), words, level, at;
	bool contiguous = size_log2 == LPAE_TABLE_LOG2 + LPAE_CONTIGUOUS_LOG2;

	if (!size_log2)
		return 0;
	level = LPAE_LAST - (size_log2 - LPAE_TABLE_LOG2) / LPAE_INDEX_LOG2;
	words = contiguous ? 1u << LPAE_CONTIGUOUS_LOG2 : 1;
	at = slot_of(n, ipa >> size_log2 << size_log2, level);
	for (uint32_t i = 0; i < words; i++)
		store(n, at + (i << LPAE_WORD_LOG2),
		      lpae_encode_leaf(hpa + (i << LPAE_TABLE_LOG2), level, contiguous));
	charge(n, EV_S2_FILL, 1);
	charge(n, EV_FILL_WORD, words - 1);
	n->leaves++;
	return size_log2;
}

/* --- hooks ----------------------------------------------------------------------------------- */

static enum err start(void *self, const void *params_in, const struct strategy_port *port, struct diag *d)
{
	struct nested *n = self;
	struct stage2_regs r;
	enum err e = native_start(&n->regs, NULL, port, d);

	n->p = params_in;
	n->used = ROOT_BYTES;
	port->stage2_memory(port->m, &n->ram_base, &n->ram_bytes);
	r = (struct stage2_regs){ .root = ROOT, .start = (uint8_t)n->p->start,
				  .sees = (enum stage2_sees)n->p->sees };
	if (!e)
		e = port->stage2_begin(port->m, &r, d);
	for (uint64_t at = 0; !e && n->p->s2 == S2_EAGER && at < n->ram_bytes;) {
		uint32_t ipa = n->ram_base + (uint32_t)at, size_log2 = map_block(n, ipa, false);

		at = (((uint64_t)(ipa >> size_log2) + 1) << size_log2) - n->ram_base;
	}
	n->running = true;
	return e;
}

static enum abort_verdict on_stage2(void *self, struct stage2_fault *f)
{
	struct nested *n = self;
	const struct strategy_port *port = port_of(n);

	if (!map_block(n, f->ipa, f->level != 0)) {
		f->emulate = EV_MMIO;
		return f->level ? VERDICT_INJECT : VERDICT_EMULATE;
	}
	charge(n, EV_S2_FAULT, 1);
	port->stage2_sync(port->m);
	return VERDICT_RETRY;
}

static bool traps_whole_cache(void *self)
{
	return ((struct nested *)self)->p->cacheops == CACHEOPS_TRAP;
}

static unsigned memory(void *self, struct strategy_memory *rows, unsigned max)
{
	const struct nested *n = self;
	uint64_t root = n->p->start == 1 ? 4u << LPAE_WORD_LOG2 : ROOT_BYTES;

	if (max)
		rows[0] = (struct strategy_memory){ "s2", root + n->used - ROOT_BYTES };
	return max != 0;
}

/* --- audit ------------------------------------------------------------------------------------ */

struct audit { const struct nested *n; struct diag *d; unsigned bad; uint32_t tables, words; };

static void fail(struct audit *a, uint32_t ipa, const char *what)
{
	a->bad += diag_set(a->d, ERR_CHECK, "stage 2 at IPA 0x%08x: %s", ipa, what) != ERR_OK;
}

/* A leaf is a block of the map, whole, and takes nothing away. */
static void audit_leaf(struct audit *a, const struct lpae_desc *leaf, uint32_t ipa)
{
	uint32_t hpa = 0, size_log2 = block_of(a->n, ipa, true, &hpa);

	a->words++;
	if (size_log2 != leaf->size_log2)
		fail(a, ipa, "not the largest block");
	else if (leaf->base != hpa)
		fail(a, ipa, "not where the map has it");
	if (leaf->hap != LPAE_HAP_ALL || leaf->xn || !leaf->af || leaf->memattr != LPAE_NORMAL_WB)
		fail(a, ipa, "takes rights or cacheability away");
}

static void audit_table(struct audit *a, uint32_t table, unsigned level, uint32_t words, uint32_t ipa)
{
	const struct strategy_port *port = port_of(a->n);

	for (uint32_t i = 0; i < words; i++) {
		uint32_t at = ipa + (i << lpae_level_log2(level));
		struct lpae_desc d;

		lpae_decode(port->stage2_peek(port->m, table + (i << LPAE_WORD_LOG2)), level, &d);
		if (d.kind == LPAE_LEAF) {
			audit_leaf(a, &d, at);
		} else if (d.kind == LPAE_TABLE) {
			a->tables++;
			audit_table(a, (uint32_t)d.base - S2_HPA, level + 1, TABLE_WORDS, at);
		}
	}
}

static unsigned audit(void *self, struct diag *d)
{
	const struct nested *n = self;
	struct audit a = { .n = n, .d = d };

	audit_table(&a, ROOT, n->p->start, n->p->start == 1 ? 4 : 4 * TABLE_WORDS, 0);
	if (ROOT_BYTES + a.tables * TABLE_BYTES != n->used || a.words < n->leaves)
		a.bad += diag_set(d, ERR_CHECK, "stage 2: %u tables and %u words found, %u bytes and %u blocks made",
				  a.tables, a.words, n->used, n->leaves) != ERR_OK;
	return a.bad;
}

const struct strategy_ops strategy_nested = {
	.name = "nested",
	.summary = "two stages: the hardware walks the guest's tables and the hypervisor's",
	.deprivileged = false,
	.two_stage = true,
	.v6 = true,
	.tag = "unmodified",
	.params = params,
	.nparams = sizeof(params) / sizeof(params[0]),
	.params_bytes = sizeof(struct nested_params),
	.defaults = defaults,
	.check = check,
	.state_bytes = sizeof(struct nested),
	.start = start,
	.on_ttbr = native_ttbr,
	.on_dacr = native_dacr,
	.on_sctlr = native_sctlr,
	.on_stage2 = on_stage2,
	.traps_whole_cache = traps_whole_cache,
	.memory = memory,
	.audit = audit,
};
