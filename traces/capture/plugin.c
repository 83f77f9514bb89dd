/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TCG plugin: from QEMU's callbacks to trace records in canonical order.
 *
 * What the callbacks promise and what not:
 *  1. QEMU's code is position independent: a block's static address is that of its first
 *     translation. The address is read from r15 when a block starts.
 *  2. A block may end early (an exception, or a device access under icount). Each instruction
 *     therefore stores its index + 1 in `progress`, inline; what stands there when the next
 *     block starts is what was executed. A device access restarts as a block of its own in
 *     which only memory callbacks run, so `progress` stays right.
 *  3. Callbacks of an instruction run before it, memory callbacks after the access. The effect
 *     of an instruction is thus noted before it and *completed* at the next instruction or
 *     block, when its result can be read and it is known to have retired.
 *  4. An access that aborts gives no callback. Every exception starts a block at its vector.
 */
#include "traces/capture/plugin.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API_VERSION;

static struct qemu_plugin_scoreboard *board;
static qemu_plugin_u64 board_progress;
static uint64_t blocks;
static struct { uint64_t n; uint32_t pc, mirror, cpsr; } mirror_errors;         /* the first one */

struct step step;

static void stop(void)
{
	step.stopped = true;
	step.block = NULL;
	step.pending = NULL;
}

void stop_emulator(void)
{
	stop();
	/* QEMU's own way to end in order; there is no call for it in the interface. */
	kill(getpid(), SIGTERM);
}

void finish(const char *reason)
{
	if (mirror_errors.n)
		status_line("warning CPSR differed from its mirror %llu times, first at 0x%08x: "
			    "0x%08x, not 0x%08x", (unsigned long long)mirror_errors.n,
			    mirror_errors.pc, mirror_errors.cpsr, mirror_errors.mirror);
	emit_finish(reason);
	stop();
}

/* ---- blocks ---- */

static void check_mirror(uint32_t pc)
{
	if (cpu_mirror_holds())
		return;
	if (!mirror_errors.n++) {
		mirror_errors.pc = pc;
		mirror_errors.mirror = cpu_mirror();
		mirror_errors.cpsr = cpu_cpsr();
	}
	cpu_mirror_set(cpu_cpsr());
}

static bool limit_reached(void)
{
	return (config.max_records && emit_records() >= config.max_records) ||
	       (config.max_insns && emit_insns() >= config.max_insns);
}

static enum vector end_block(uint32_t pc)
{
	enum vector v = cpu_vector(pc);

	if (!step.block) {
		cpu_mirror_set(cpu_cpsr());
		return v;
	}
	if (v != VECTOR_NONE) {
		take_exception(v, pc);
		return v;
	}
	effect_complete(false);
	if (!step.stopped)
		run_flush((unsigned)*step.progress, 0);
	return v;
}

/* ---- before the trace ---- */

enum {
	REPORT_BLOCKS = 1 << 22,
	/* A loop of one block that did not end in so many turns and that no exception left: a guest
	 * that gave up, as Linux does on a board it does not know. Delay loops are shorter. */
	DEAD_TURNS = 1 << 26,
};
/* The same for a larger loop, such as one of aborts whose handler aborts: neither a page of code that
 * did not run before nor an interrupt. Unpacking a kernel is shorter. */
#define DEAD_INSNS (UINT64_C(1) << 31)
static uint64_t news_at;                /* instructions before the last of either */

static bool is_dead_loop(uint32_t pc)
{
	static uint32_t last = 1;       /* no instruction has an odd address */
	static unsigned turns;

	turns = pc == last ? turns + 1 : 0;
	last = pc;
	return turns == DEAD_TURNS;
}

static bool is_new_page(uint32_t pc)
{
	static uint8_t ran[1 << 17];    /* a bit for each page of 4 KB */
	uint8_t bit = (uint8_t)(1u << (pc >> 12 & 7));
	bool is_new = !(ran[pc >> 15] & bit);

	ran[pc >> 15] |= bit;
	return is_new;
}

/* An own guest may never get where the trace is to start. */
static void report_waiting(uint32_t pc, enum vector v)
{
	if (!config.boot_insns)
		return;
	if (is_new_page(pc) || v == VECTOR_IRQ || v == VECTOR_FIQ)
		news_at = step.before;
	if ((++blocks & (REPORT_BLOCKS - 1)) == 0)
		status_line("waiting %llu", (unsigned long long)step.before);
	if (is_dead_loop(pc) || step.before - news_at >= DEAD_INSNS)
		status_line("error the guest loops for ever around 0x%08x, since instruction %llu: "
			    "it gave up (is it for another machine or core?)", pc,
			    (unsigned long long)news_at);
	else if (step.before >= config.boot_insns)
		status_line("error the guest did not get to the start of the trace within %llu "
			    "instructions (--boot-insns); it is at 0x%08x",
			    (unsigned long long)step.before, pc);
	else
		return;
	stop_emulator();
}

/*
 * A trace does not start inside the delivery of an exception, whose entry nobody would know of:
 * not with a vector, and not in the page of high vectors, where Linux has its stubs.
 * At reset the guest is at a vector, or in the loader's code.
 */
static bool starts_here(uint32_t pc, enum vector v)
{
	if (config.at_mark || step.before < config.start_insn)
		return false;
	if (!config.start_insn)
		return true;
	return v == VECTOR_NONE &&
	       (cpu_cp(KEY_SCTLR) & SCTLR_V ? pc >> 16 != 0xffff : pc >= 32);
}

static void on_block(unsigned vcpu, void *data)
{
	struct block *b = data;
	enum vector v;
	uint32_t pc;

	(void)vcpu;
	if (step.stopped)
		return;
	pc = cpu_reg(15);
	v = end_block(pc);
	if (step.stopped)
		return;
	if (config.self_check)
		check_mirror(pc);
	step.block = b;
	step.pc = pc;
	step.strex_read = 0;
	if (!emit_on())
		step.before += *step.progress;
	*step.progress = 0;
	if (!emit_on() && !(starts_here(pc, v) && start_trace())) {
		run_open(b, pc, b->count);      /* nothing is kept of it */
		if (!step.stopped)
			report_waiting(pc, v);
		return;
	}
	if (limit_reached()) {
		finish("limit");
		stop_emulator();
		return;
	}
	if ((++blocks & 0x3ffff) == 0)
		status_line("progress %llu %llu", (unsigned long long)emit_records(),
			    (unsigned long long)emit_insns());
	if (!b->code_known)
		pages_code(b);
	run_open(b, pc, 0);
	if (b->has_pa)
		pages_witness(pc, b->pa, WIT_FETCH);
	if (!emit_on())
		stop_emulator();                /* a write failed; said already */
}

static void on_effect(unsigned vcpu, void *data)
{
	(void)vcpu;
	effect_note(data);
}

static void on_after_effect(unsigned vcpu, void *data)
{
	(void)vcpu;
	if (step.pending == data)
		effect_complete(false);
}

/* ---- accesses ---- */

/* Word `word` of the access; asked for only where the value is wanted. */
static uint32_t value_of(qemu_plugin_meminfo_t mi, unsigned word)
{
	qemu_plugin_mem_value v = qemu_plugin_mem_get_value(mi);

	switch (v.type) {
	case 0: return v.data.u8;
	case 1: return v.data.u16;
	case 2: return v.data.u32;
	default: return (uint32_t)(v.data.u64 >> (32 * word));
	}
}

struct place { uint32_t pa; bool known, io; };

static struct place look_up(qemu_plugin_meminfo_t mi, uint32_t va)
{
	struct qemu_plugin_hwaddr *h = qemu_plugin_get_hwaddr(mi, va);
	struct place p = { 0, h != NULL, false };

	if (h) {
		p.pa = (uint32_t)qemu_plugin_hwaddr_phys_addr(h);
		p.io = qemu_plugin_hwaddr_is_io(h);
		pages_witness(va, p.pa, p.io ? WIT_IO : 0);
	}
	return p;
}

static void store_into_table(struct trace_rec *r, uint32_t pa, uint32_t bytes, uint32_t value,
			     unsigned index)
{
	if (run_patch_image(pa, bytes))
		return;
	r->flags |= ACC_VALUED;
	r->a = pa;
	r->b = value;
	tables_stored(pa, index);
}

/*
 * A store that straddles words and touches a frame of tables: replayed words must be exact, so
 * it is written as stores of a byte each. (A core's bus splits it as well, into fewer.)
 */
static void store_bytes(qemu_plugin_meminfo_t mi, uint32_t va, uint32_t bytes, unsigned kind,
			uint32_t value, unsigned index)
{
	for (uint32_t i = 0; i < bytes; i++) {
		struct trace_rec r = { .kind = TRACE_STORE, .flags = (uint8_t)kind, .va = va + i };
		struct place p = look_up(mi, va + i);

		if (p.known && !p.io && tables_hold(p.pa))
			store_into_table(&r, p.pa, 1, value >> 8 * i & 0xff, index);
		run_access(r, index);
	}
}

static bool is_odd_table_store(qemu_plugin_meminfo_t mi, uint32_t va, uint32_t bytes)
{
	struct place first, last;

	if ((va & 3) + bytes <= 4 || !qemu_plugin_mem_is_store(mi))
		return false;
	first = look_up(mi, va);
	last = look_up(mi, va + bytes - 1);
	return !first.io && !last.io && ((first.known && tables_hold(first.pa)) ||
					 (last.known && tables_hold(last.pa)));
}

static void one_access(qemu_plugin_meminfo_t mi, uint32_t va, unsigned shift, unsigned kind,
		       unsigned word, unsigned index)
{
	uint32_t bytes = 1u << shift;
	struct trace_rec r = {
		.kind = qemu_plugin_mem_is_store(mi) ? TRACE_STORE : TRACE_LOAD,
		.flags = (uint8_t)(shift | kind), .va = va,
	};
	struct place p;

	if (is_odd_table_store(mi, va, bytes)) {
		store_bytes(mi, va, bytes, kind, value_of(mi, word), index);
		return;
	}
	p = look_up(mi, va);
	if ((va & 1023) + bytes > 1024) {
		r.flags |= ACC_SPLIT;
		look_up(mi, (va | 1023) + 1);
	}
	if (p.io) {
		r.flags |= ACC_IO;
		r.a = p.pa;
	} else if (p.known && r.kind == TRACE_STORE && tables_hold(p.pa)) {
		store_into_table(&r, p.pa, bytes, value_of(mi, word), index);
	}
	run_access(r, index);
}

static void on_access(unsigned vcpu, qemu_plugin_meminfo_t mi, uint64_t va, void *data)
{
	unsigned shift = qemu_plugin_mem_size_shift(mi), index, kind;

	(void)vcpu;
	(void)data;
	if (!emit_on() || !step.block || !*step.progress)
		return;
	index = (unsigned)*step.progress - 1;
	kind = step.block->insn[index].access;
	run_access_at(index);
	/* QEMU's STREX compares first; a core's only writes. */
	if (step.block->insn[index].store_exclusive && !qemu_plugin_mem_is_store(mi)) {
		step.strex_read = index + 1;
		return;
	}
	if (shift < 3) {
		one_access(mi, (uint32_t)va, shift, kind, 0, index);
		return;
	}
	/* LDRD, STRD and double registers: one reference a word. */
	one_access(mi, (uint32_t)va, 2, ACC_MULTI, 0, index);
	one_access(mi, (uint32_t)va + 4, 2, ACC_MULTI, 1, index);
}

/* ---- translation ---- */

static struct block *new_block(struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct block *b = calloc(1, sizeof(*b) + n * sizeof(b->insn[0]));

	if (!b) {
		status_line("error out of memory");
		stop_emulator();
		return NULL;
	}
	b->count = (uint16_t)n;
	b->thumb = cpu_cpsr() & PSR_T;
	b->has_pa = ram_pa(qemu_plugin_insn_haddr(qemu_plugin_tb_get_insn(tb, 0)), &b->pa);
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *q = qemu_plugin_tb_get_insn(tb, i);
		struct insn *in = &b->insn[i];

		in->index = (uint16_t)i;
		in->offset = b->bytes;
		in->bytes = (uint8_t)qemu_plugin_insn_size(q);
		qemu_plugin_insn_data(q, &in->word, in->bytes);
		decode(in, b->thumb);
		b->bytes += in->bytes;
	}
	return b;
}

/*
 * QEMU does not tell when it drops a translation, so blocks are never freed: some MB per run.
 * The order of registration is the order of execution: `progress` first.
 */
static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *b = step.stopped ? NULL : new_block(tb);

	(void)id;
	if (!b)
		return;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, PLUGIN_READ_REGS, b);
	for (unsigned i = 0; i < b->count; i++) {
		struct qemu_plugin_insn *q = qemu_plugin_tb_get_insn(tb, i);

		qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(q, PLUGIN_INLINE_STORE,
								    board_progress, i + 1);
		if (i && b->insn[i - 1].effect != EFFECT_NONE)
			qemu_plugin_register_vcpu_insn_exec_cb(q, on_after_effect,
							       PLUGIN_READ_REGS,
							       &b->insn[i - 1]);
		if (b->insn[i].effect != EFFECT_NONE)
			qemu_plugin_register_vcpu_insn_exec_cb(q, on_effect, PLUGIN_READ_REGS,
							       &b->insn[i]);
		qemu_plugin_register_vcpu_mem_cb(q, on_access, PLUGIN_NO_REGS, PLUGIN_MEM_RW,
						 NULL);
	}
}

/* ---- set-up ---- */

static void on_vcpu(qemu_plugin_id_t id, unsigned vcpu)
{
	(void)id;
	step.progress = qemu_plugin_scoreboard_find(board, vcpu);
	if (!ram_find()) {
		status_line("error guest RAM '%s' is not among the emulator's mappings",
			    config.ram_map);
		stop_emulator();
	} else if (!pages_init()) {
		status_line("error out of memory");
		stop_emulator();
	} else if (!cpu_init() || !emit_prepare()) {
		stop_emulator();
	}
}

static void on_exit_emulator(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	if (step.stopped)
		return;
	if (emit_on()) {
		/* Without an end mark the guest went down in the middle. */
		emit_finish("guest-exit");
	} else {
		status_line("never-started");
	}
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
				      char **argv);

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
				      char **argv)
{
	if (argc != 1 || strncmp(argv[0], "config=", 7) != 0 || !config_read(argv[0] + 7)) {
		fprintf(stderr, "shadewalk capture: the plugin needs config=FILE\n");
		return -1;
	}
	if (!info->system_emulation || strcmp(info->target_name, "arm") != 0 ||
	    info->system.max_vcpus != 1) {
		status_line("error the plugin is for one CPU of qemu-system-arm");
		return -1;
	}
	board = qemu_plugin_scoreboard_new(sizeof(*step.progress));
	board_progress = (qemu_plugin_u64){ .score = board, .offset = 0 };
	qemu_plugin_register_vcpu_init_cb(id, on_vcpu);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_exit_emulator, NULL);
	return 0;
}
