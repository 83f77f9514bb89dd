/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Effects of instructions on the machine's state, and exceptions. An effect is noted before
 * its instruction and completed behind it, see rule 3 in plugin.c.
 */
#include "traces/capture/plugin.h"

static void put(struct trace_rec r)
{
	emit_put(&r, NULL, 0);
}

/* ---- effects ---- */

bool start_trace(void)
{
	if (!emit_open()) {
		stop_emulator();
		return false;
	}
	tables_start();
	return true;
}

/* The trace starts with instruction `index` of the block that runs. */
static void start_inside(unsigned index)
{
	if (!start_trace())
		return;
	if (step.block->has_pa)
		pages_code((struct block *)step.block);
	run_open(step.block, step.pc, index);
	if (step.block->has_pa)
		pages_witness(step.pc, step.block->pa, WIT_FETCH);
}

/* A mark before the trace. */
static void note_mark(uint32_t number, unsigned index)
{
	if (config.skip_insns && !config.at_mark && number == config.end_mark) {
		status_line("error the workload ended before the trace was to start, %llu "
			    "instructions after reset", (unsigned long long)step.before);
		stop_emulator();
	}
	if (!config.at_mark || number != config.start_mark)
		return;
	if (config.skip_insns) {
		config.at_mark = false;
		config.start_insn = step.before + config.skip_insns;
		config.boot_insns = UINT64_MAX; /* signs of life meanwhile */
	} else {
		start_inside(index);
	}
}

static void complete_mode(const struct insn *in, bool hidden)
{
	uint32_t old = cpu_mirror();
	uint32_t now = hidden ? cpu_predict(in, step.operand[0]) : cpu_cpsr();

	if (in->sens == SENS_MSR)
		cpu_spsr_written(in, step.operand[0]);
	cpu_mirror_set(now);
	if ((old ^ now) & PSR_CONTROL)
		put((struct trace_rec){ .kind = TRACE_MODE, .a = now });
}

static bool may_change_mode(const struct insn *in)
{
	switch (in->sens) {
	case SENS_MSR: case SENS_CPS: case SENS_RFE: case SENS_LDMER: case SENS_DPSPC:
	case SENS_SMC:                  /* to the monitor: raspi0's boot code calls it once */
		return true;
	default:
		return false;
	}
}

static void complete_sens(const struct insn *in, bool hidden)
{
	if (in->sens == SENS_MRS)
		step.operand[0] = cpu_reg(in->rt);
	put((struct trace_rec){
		.kind = TRACE_SENS, .arg = in->sens,
		.flags = step.block->thumb ? RUN_THUMB : 0,
		.a = in->word, .b = step.operand[0],
	});
	if (in->sens == SENS_WFI)
		put((struct trace_rec){ .kind = TRACE_WAIT, .flags = WAIT_UNKNOWN });
	if (may_change_mode(in))
		complete_mode(in, hidden);
}

static void complete_cp_write(const struct insn *in)
{
	uint32_t value = step.operand[0];

	cpu_cp_written(in->key, value);
	if (!emit_on())
		return;
	tables_before_write(in->key, value);
	put((struct trace_rec){
		.kind = TRACE_CP_WRITE, .arg = in->key, .a = value, .b = step.operand[1],
	});
	pages_forget(in->key, value);
	if (in->key == KEY_WFI)
		put((struct trace_rec){ .kind = TRACE_WAIT, .flags = WAIT_UNKNOWN });
}

static void complete_cp_read(const struct insn *in)
{
	struct trace_rec r = { .kind = TRACE_CP_READ, .arg = in->key };

	/* With PC as destination the result goes into the flags: test-and-clean. */
	r.a = in->rt == 15 ? cpu_cpsr() & 0xf0000000 : cpu_reg(in->rt);
	if (in->rt2 != NO_REG)
		r.b = cpu_reg(in->rt2);
	put(r);
}

static void complete_mark(const struct insn *in)
{
	(void)in;
	if (!emit_on())
		return;
	put((struct trace_rec){ .kind = TRACE_MARK, .a = step.operand[0] });
	if (step.operand[0] == config.end_mark)
		finish("end-mark");     /* the guest goes on, to tell how the workload ended */
}

void effect_complete(bool hidden)
{
	const struct insn *in = step.pending;

	step.pending = NULL;
	if (!in || step.stopped)
		return;
	run_flush(in->index + 1u, 0);
	switch ((enum effect)in->effect) {
	case EFFECT_CP_WRITE: complete_cp_write(in); break;
	case EFFECT_CP_READ: complete_cp_read(in); break;
	case EFFECT_SENS: complete_sens(in, hidden); break;
	case EFFECT_MARK: complete_mark(in); break;
	case EFFECT_NONE: break;
	}
}

static uint32_t immediate(uint32_t word)
{
	unsigned rotate = word >> 7 & 30;
	uint32_t v = word & 0xff;

	return rotate ? v >> rotate | v << (32 - rotate) : v;
}

void effect_note(const struct insn *in)
{
	if (step.stopped || (in->cond < 14 && !cond_passes(in->cond, cpu_cpsr())))
		return;
	step.operand[0] = step.operand[1] = 0;
	if (in->effect == EFFECT_SENS && in->sens == SENS_MSR && in->rt == NO_REG)
		step.operand[0] = immediate(in->word);
	else if (in->effect != EFFECT_CP_READ && in->rt != NO_REG)
		step.operand[0] = cpu_reg(in->rt);
	if (in->effect == EFFECT_CP_WRITE && in->rt2 != NO_REG)
		step.operand[1] = cpu_reg(in->rt2);
	if (in->effect == EFFECT_MARK && !emit_on())
		note_mark(step.operand[0], in->index);
	if (!step.stopped)
		step.pending = in;
}

/* ---- exceptions ---- */

static bool retires(const struct insn *last, enum vector v)
{
	if (v == VECTOR_UND || v == VECTOR_DABT)
		return false;
	return v != VECTOR_PABT || last->effect != EFFECT_SENS || last->sens != SENS_BKPT;
}

static void put_abort(struct trace_rec r, struct trace_abort a)
{
	r.kind = TRACE_ABORT;
	a.fsr = cpu_cp(KEY_DFSR);
	a.ifsr = cpu_cp(KEY_IFSR);
	a.far = cpu_cp(KEY_DFAR);
	if ((a.cpsr & PSR_MODE) == MODE_USR)
		r.flags |= ABORT_USER;
	if (a.cpsr & PSR_T)
		r.flags |= ABORT_THUMB;
	emit_put(&r, &a, sizeof(a));
}

static void put_data_abort(const struct insn *in, bool loaded, uint32_t cpsr, uint32_t lr)
{
	struct trace_abort a = { .pc = lr - 8, .insn = in->word, .cpsr = cpsr };
	struct trace_rec r = { .va = cpu_cp(KEY_DFAR) };
	unsigned bytes;
	bool write;

	decode_access(in, cpsr & PSR_T, &write, &bytes);
	/* SWP reads first, and so does QEMU's STREX: with the read done, the write failed. */
	if (in->access == ACC_EXCL && loaded)
		write = true;
	r.arg = (uint16_t)bytes;
	r.flags = write ? ABORT_WRITE : ABORT_READ;
	if (in->access == ACC_UNPRIV)
		r.flags |= ABORT_USER | ABORT_UNPRIV;
	put_abort(r, a);
}

static void put_prefetch_abort(const struct insn *last, bool retired, uint32_t cpsr,
			       uint32_t lr)
{
	struct trace_abort a = { .pc = lr - 4, .cpsr = cpsr };
	struct trace_rec r = { .va = a.pc, .flags = ABORT_FETCH };

	r.arg = cpsr & PSR_T ? 2 : 4;
	if (!retired) {
		a.insn = last->word;
		r.flags |= ABORT_DEBUG;
	}
	put_abort(r, a);
}

void take_exception(enum vector v, uint32_t pc)
{
	const struct insn *last = &step.block->insn[*step.progress ? *step.progress - 1 : 0];
	bool retired = retires(last, v);
	bool loaded = run_loaded(last->index) || step.strex_read == last->index + 1u;
	uint32_t now = cpu_cpsr(), lr = cpu_reg(14), old;

	if (!retired) {
		/* BKPT never retires, and is listed for what it is. */
		bool listed = step.pending && v == VECTOR_PABT;

		step.pending = NULL;
		run_flush((unsigned)*step.progress, RUN_NO_RETIRE);
		if (listed)
			complete_sens(last, true);
	} else {
		effect_complete(true);
		run_flush((unsigned)*step.progress, 0);
	}
	if (step.stopped)
		return;
	/* An exception changes mode, masks and T only, so the flags are still the old ones. */
	old = (cpu_mirror() & PSR_CONTROL) | (now & ~(uint32_t)(PSR_CONTROL | PSR_T));
	if (step.block->thumb)
		old |= PSR_T;
	if (v == VECTOR_DABT)
		put_data_abort(last, loaded, old, lr);
	else if (v == VECTOR_PABT)
		put_prefetch_abort(last, retired, old, lr);
	put((struct trace_rec){
		.kind = TRACE_EXC, .arg = (uint16_t)v, .va = pc, .a = now, .b = lr,
	});
	cpu_took_exception(old, now);
}
