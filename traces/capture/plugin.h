/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture plugin's own interfaces. One guest CPU, and QEMU runs all callbacks of a CPU in
 * one thread, so the parts keep their state in static variables without locks.
 *
 *   plugin.c          QEMU's callbacks: translation, blocks, accesses
 *   plugin_effects.c  effects of instructions, marks, exceptions
 *   plugin_decode.c   what an instruction word means for a trace
 *   plugin_cpu.c      the CPU's registers, and a mirror of what cannot be read
 *   plugin_emit.c     the open run and its accesses; the way to the trace writer
 *   plugin_tables.c   which frames hold translation tables
 *   plugin_pages.c    CODE and WITNESS: what was last written for a page
 *   plugin_config.c   options, the guest's RAM, messages to the driver
 */
#ifndef SHADEWALK_CAPTURE_PLUGIN_H
#define SHADEWALK_CAPTURE_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "traces/capture/qemu_plugin_api.h"
#include "traces/header.h"
#include "traces/record.h"
#include "traces/symbols.h"
#include "traces/writer.h"

/* ---- options and environment ---- */

struct config {
	char *out, *status, *provenance, *ram_map;
	char *arch, *core, *guest, *workload;
	uint64_t max_records, max_insns;        /* 0: no limit */
	bool at_mark;                           /* start at start_mark, else behind start_insn */
	uint32_t start_mark;
	uint64_t start_insn;                    /* instructions executed before the trace starts */
	uint64_t skip_insns;                    /* between the start mark and the trace's start */
	uint64_t end_mark;                      /* NO_MARK: marks end nothing */
	uint64_t boot_insns;                    /* give up without a start; 0: never */
	unsigned nmaps;
	char *map[TRACE_MAX_OBJECTS];           /* OBJECT=FILE: maps of symbols */
	uint32_t ram_base, ram_bytes;
	unsigned ndev;
	struct trace_range dev[TRACE_MAX_RANGES];
	int level, icount_shift;
	unsigned hz;
	bool self_check;                /* compare the mirror with the CPU at each block */
};
extern struct config config;
#define NO_MARK UINT64_MAX                      /* of the 32-bit numbers of marks: none */

bool config_read(const char *path);             /* false: said why on stderr */
bool ram_find(void);
uint8_t *ram_at(uint32_t pa, uint32_t bytes);   /* NULL: not in RAM */
bool ram_pa(const void *host, uint32_t *pa);    /* PA of a host address; false: not in RAM */
uint32_t ram_word(uint32_t pa);                 /* 0 outside RAM */
/* One line to the driver: "progress", "started", "done", "error" and what belongs to it. */
void status_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- instructions ---- */

enum effect { EFFECT_NONE, EFFECT_CP_WRITE, EFFECT_CP_READ, EFFECT_SENS, EFFECT_MARK };

struct insn {
	uint32_t word;
	uint16_t index, offset;         /* within its block; offset in bytes */
	uint16_t key;                   /* CP15/CP14 register */
	uint8_t bytes;
	uint8_t access;                 /* ACC_* kind of its loads and stores */
	uint8_t effect, sens;           /* enum effect, enum sens_class */
	uint8_t cond;
	uint8_t rt, rt2;                /* operand registers, NO_REG if none */
	bool store_exclusive;
};
enum { NO_REG = 0xff };

struct block {
	uint32_t pa;
	uint16_t count, bytes;
	bool has_pa, thumb;
	bool code_known;                /* its CODE is written */
	struct insn insn[];
};

void decode(struct insn *in, bool thumb);       /* from in->word, in->bytes */
bool cond_passes(unsigned cond, uint32_t cpsr);
/* Size and direction of what a load or store refers to, for an access that aborted. */
void decode_access(const struct insn *in, bool thumb, bool *write, unsigned *bytes);

/* ---- where the guest is ---- */

struct step {
	const struct block *block;      /* the block that runs; NULL: none yet */
	uint32_t pc;                    /* its address now */
	uint64_t *progress;             /* number of its instructions begun */
	const struct insn *pending;     /* effect noted, not yet completed */
	uint32_t operand[2];            /* of the pending effect */
	unsigned strex_read;            /* index + 1 of the STREX that has done QEMU's read */
	uint64_t before;                /* instructions of whole blocks before the trace */
	bool stopped;                   /* nothing more is wanted */
};
extern struct step step;

void finish(const char *reason);                /* close the trace; the guest goes on */
void stop_emulator(void);

/* ---- registers ---- */

enum { PSR_MODE = 0x1f, PSR_T = 0x20, PSR_F = 0x40, PSR_I = 0x80, PSR_A = 0x100,
       PSR_FLAGS = 0xff0f0000,
       /* What a MODE record is about; T changes with every BX and is in the runs. */
       PSR_CONTROL = PSR_MODE | PSR_F | PSR_I | PSR_A };
enum { MODE_USR = 0x10, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT = 0x17, MODE_UND = 0x1b };
enum vector { VECTOR_NONE = -1, VECTOR_RESET, VECTOR_UND, VECTOR_SVC, VECTOR_PABT,
	      VECTOR_DABT, VECTOR_RESERVED, VECTOR_IRQ, VECTOR_FIQ };

#define KEY_SCTLR       CP_KEY(1, 0, 0, 0)
#define KEY_TTBR0       CP_KEY(2, 0, 0, 0)
#define KEY_TTBR1       CP_KEY(2, 0, 0, 1)
#define KEY_TTBCR       CP_KEY(2, 0, 0, 2)
#define KEY_DFSR        CP_KEY(5, 0, 0, 0)
#define KEY_IFSR        CP_KEY(5, 0, 0, 1)
#define KEY_DFAR        CP_KEY(6, 0, 0, 0)
#define KEY_WFI         CP_KEY(7, 0, 0, 4)
#define KEY_IFAR        CP_KEY(6, 0, 0, 2)
#define KEY_FCSE        CP_KEY(13, 0, 0, 0)
#define KEY_CONTEXT     CP_KEY(13, 0, 0, 1)
enum { SCTLR_M = 1, SCTLR_V = 1 << 13 };

bool cpu_init(void);
uint32_t cpu_reg(unsigned n);                   /* r0..r15 of the current mode */
uint32_t cpu_cpsr(void);
uint32_t cpu_cp(uint16_t key);                  /* named register, or last value written */
void cpu_cp_written(uint16_t key, uint32_t value);
void cpu_fill_header(struct trace_header *h);

/* The mirror: CPSR control bits as of the last effect, and SPSRs, which QEMU does not show. */
uint32_t cpu_mirror(void);
void cpu_mirror_set(uint32_t cpsr);
bool cpu_mirror_holds(void);                    /* equals the CPU's real CPSR */
/* CPSR behind an instruction, computed; for when an exception hides the real one. */
uint32_t cpu_predict(const struct insn *in, uint32_t operand);
void cpu_spsr_written(const struct insn *in, uint32_t operand);
enum vector cpu_vector(uint32_t pc);            /* does execution at pc begin an exception? */
void cpu_took_exception(uint32_t old_cpsr, uint32_t new_cpsr);

/* ---- effects ---- */

/* Opens the trace; what follows is what the guest does next. False: said why, all stops. */
bool start_trace(void);
void effect_note(const struct insn *in);
/* `hidden`: an exception came directly behind, so the CPU shows that one's mode and bank. */
void effect_complete(bool hidden);
/* Ends the block before and describes the exception whose vector is about to run. */
void take_exception(enum vector v, uint32_t pc);

/* ---- output ---- */

bool emit_prepare(void);        /* before the guest runs: what needs no guest; false: said why */
bool emit_open(void);
bool emit_on(void);
void emit_put(const struct trace_rec *r, const void *payload, size_t bytes);
uint64_t emit_records(void);
uint64_t emit_insns(void);
/* Closes the file, or drops it after an error. */
void emit_finish(const char *reason);

void run_open(const struct block *b, uint32_t pc, unsigned first);
/* An access of instruction `index` follows: what waits for the end of an earlier one goes. */
void run_access_at(unsigned index);
void run_access(struct trace_rec r, unsigned index);    /* r.arg is filled here */
bool run_loaded(unsigned index);                /* the last access is a load by `index` */
void run_witness(uint32_t va, uint32_t pa, unsigned flags);
/* Writes the open run up to (not including) instruction `end`, and what belongs to it. */
void run_flush(unsigned end, unsigned flags);
/* An image to be written behind the instruction that linked the frame. */
void run_image_after(unsigned index, uint32_t frame);
/* A later store of that instruction into the frame goes into the image; false: none waits. */
bool run_patch_image(uint32_t pa, uint32_t bytes);

/* ---- translation tables ---- */

void tables_start(void);                        /* images of what is in use at record 0 */
void tables_before_write(uint16_t key, uint32_t value);
bool tables_hold(uint32_t pa);                  /* PA is in a frame that ever held a table */
void tables_stored(uint32_t pa, unsigned index);
uint32_t tables_page_bytes(uint32_t mva);       /* what one entry of a TLB covers */
void tables_check_images(void);
unsigned tables_count(void);

/* ---- pages ---- */

bool pages_init(void);
void pages_code(struct block *b);
void pages_witness(uint32_t va, uint32_t pa, unsigned flags);
void pages_forget(uint16_t key, uint32_t value);

#endif
