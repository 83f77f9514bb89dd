/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trace record: what a guest did, one item at a time, in canonical order.
 *
 * Canonical order: fetch of instruction k, its data accesses in program order, its CP15 / mode
 * effect, then instruction k+1. A RUN names a straight piece of executed instructions; the
 * LOAD/STORE records that follow it carry the index (0-based) of their instruction within
 * that run. Every other record takes place after the last instruction of the preceding run;
 * so an instruction with a CP15, sensitive, mode or table-image effect always ends a run, and the
 * writer starts a new RUN behind it. An exception is: RUN (flag RUN_NO_RETIRE if its last
 * instruction was fetched but did not retire: aborted, undefined or breakpoint instruction;
 * accesses that completed before the abort are listed as usual), then ABORT for data and
 * prefetch aborts, then EXC. A prefetch abort's instruction is in no run: it was never fetched.
 * SVC retires. WITNESS records of a run come directly behind it and its accesses, before any
 * effect of its last instruction; they speak of the accesses and fetches of that run.
 * An IMAGE comes before the register write that makes the frame a table, or behind the run whose last
 * instruction stored the pointer to it. A further IMAGE of a frame already known is a *check
 * image*: its content must equal what replaying the valued stores gives. A capture ends with
 * check images of all known frames (read from guest RAM), so that a lost or altered store is found.
 *
 * All addresses are 32 bits. VAs are as the instruction issued them, *before* FCSE.
 */
#ifndef SHADEWALK_TRACES_RECORD_H
#define SHADEWALK_TRACES_RECORD_H

#include <stdint.h>

/* X(id, name in text form, one-line meaning) */
#define TRACE_KIND_LIST(X)                                                              \
	X(RUN,      "run",      "straight run of executed instructions")                \
	X(LOAD,     "load",     "datum read")                                           \
	X(STORE,    "store",    "datum written")                                        \
	X(CODE,     "code",     "bytes of a block that ran the first time or changed")  \
	X(IMAGE,    "image",    "content of a 4 KB frame when it first holds a table")  \
	X(CP_WRITE, "cpw",      "MCR/MCRR to CP15 or CP14, with operand")               \
	X(CP_READ,  "cpr",      "MRC/MRRC from CP15 or CP14, with result")              \
	X(ABORT,    "abort",    "an access that aborted, with fault registers")         \
	X(EXC,      "exc",      "exception entry")                                      \
	X(MODE,     "mode",     "CPSR control bits changed by an instruction")          \
	X(SENS,     "sens",     "sensitive instruction executed")                       \
	X(WAIT,     "wait",     "wait for interrupt")                                   \
	X(WITNESS,  "witness",  "1 KB VA page -> PA page as the emulator saw it")       \
	X(MARK,     "mark",     "marker executed by the guest")                         \
	X(FETCH,    "fetch",    "one fetch of an imported stream")                      \
	X(HASH,     "hash",     "digest of all that steers translation so far (traces/digest.h)") \
	X(HIST,     "hist",     "history behind a cut: older values still permitted")

enum trace_kind {
#define X(id, name, text) TRACE_##id,
	TRACE_KIND_LIST(X)
#undef X
	TRACE_KINDS
};

/*
 * One record, 16 bytes. Meaning of the fields by kind ("-" means zero):
 *
 * kind      flags                arg                  va          a              b
 * RUN       RUN_THUMB|NO_RETIRE  instructions (>=1)   start VA    length, bytes  -
 * LOAD      ACC_*                instruction index    VA          PA if IO       -
 * STORE     ACC_*                instruction index    VA          PA if IO/VALUED value if VALUED
 * CODE      RUN_THUMB            words                -           PA (word al.)  payload
 * IMAGE     -                    -                    -           PA of frame    payload, 4096 B
 * CP_WRITE  -                    cp_key()             -           value (Rt)     Rt2 of MCRR
 * CP_READ   -                    cp_key()             -           value (Rt)     Rt2 of MRRC
 * ABORT     ABORT_*              size, bytes          VA          -              payload
 * EXC       -                    vector number 0..7   resume VA   new CPSR       LR of new mode
 * MODE      -                    -                    -           new CPSR       -
 * SENS      RUN_THUMB            enum sens_class      -           opcode         register value
 * WAIT      WAIT_UNKNOWN         -                    -           ns, low word   ns, high word
 * WITNESS   WIT_*                -                    1 KB page   PA of page     -
 * MARK      -                    -                    -           number         -
 * FETCH     -                    size, bytes          VA          -              -
 * HASH      -                    -                    -           low word       high word
 * HIST      HIST_*               register (cp_key)    VA or 0     PA or age      value; see below
 *
 * A record with a payload keeps it in the batch's payload area; b is the byte offset there
 * (8-byte aligned). CODE: arg little-endian words. ABORT: struct trace_abort.
 * An EXC by IRQ/FIQ follows a run whose last instruction retired. EXC's va is where execution goes
 * on (0xffff0018 with high vectors). A run never crosses a 1 KB boundary and has at most 4095
 * instructions. ARM instructions are 4 bytes; a Thumb BL pair counts as one instruction of 4.
 * Test-and-clean (MRC c7,c10,3 / c7,c14,3 to PC) is an ordinary CP_READ.
 */
struct trace_rec {
	uint8_t  kind;          /* enum trace_kind */
	uint8_t  flags;
	uint16_t arg;
	uint32_t va, a, b;
};
_Static_assert(sizeof(struct trace_rec) == 16, "batches are arrays of 16-byte records");

enum {                          /* RUN, CODE, SENS */
	RUN_THUMB     = 1,
	RUN_NO_RETIRE = 2,      /* the last instruction was fetched but did not retire */
};
enum { RUN_MAX_INSNS = 4095 };

enum {                          /* LOAD, STORE */
	ACC_SIZE_MASK = 3,      /* log2 of bytes: 0..3; words of LDM/LDRD are separate records */
	ACC_KIND_MASK = 3 << 2,
	ACC_NORMAL    = 0 << 2,
	ACC_UNPRIV    = 1 << 2, /* LDRT/STRT: checked with user rights */
	ACC_EXCL      = 2 << 2, /* LDREX/STREX and SWP (both halves) */
	ACC_MULTI     = 3 << 2, /* word of LDM/STM/LDRD/STRD */
	ACC_IO        = 1 << 4, /* device; a holds the PA */
	ACC_SPLIT     = 1 << 5, /* crosses a 1 KB boundary: one reference, two lookups */
	ACC_VALUED    = 1 << 6, /* store into a frame that ever held a table: a = PA, b = value */
};

enum {                          /* ABORT */
	ABORT_READ   = 0, ABORT_WRITE = 1, ABORT_FETCH = 2, ABORT_RW_MASK = 3,
	ABORT_USER   = 1 << 2,  /* checked with user rights (user mode, or LDRT/STRT) */
	ABORT_THUMB  = 1 << 3,
	ABORT_UNPRIV = 1 << 4,  /* by LDRT/STRT from a privileged mode */
	ABORT_DEBUG  = 1 << 5,  /* BKPT: prefetch abort without an MMU fault */
};
struct trace_abort {            /* payload of ABORT, little endian */
	uint32_t pc;            /* VA of the instruction */
	uint32_t insn;          /* its word (halfword in Thumb); 0 for a prefetch abort but BKPT */
	uint32_t fsr, ifsr, far; /* c5,c0,0  c5,c0,1  c6,c0,0 read from the CPU at entry */
	uint32_t cpsr;          /* CPSR at the access */
};

enum { WAIT_UNKNOWN = 1 };      /* virtual-clock difference not known to the capture */

enum { WIT_FETCH = 1, WIT_IO = 2 };     /* seen by a fetch; PA is a device */

/*
 * HIST records stand at the start of a cut, oldest first, and rebuild the set of permitted
 * walk results. `age` counts backwards from the cut: 1 is the most recent change before it.
 *   HIST_WORD   the table word at PA va held value b until the change numbered age a
 *   HIST_REG    CP15 register arg held value b until the change numbered age a
 *   HIST_INVAL  1 KB page of MVA va was invalidated after the change numbered age a; b says which
 *               TLB entries: HIST_EVERY, HIST_GLOBAL the global ones, HIST_ASID | ASID that ASID's own,
 *               HIST_WHOLE_ASID | ASID those of every page (va 0)
 */
enum { HIST_WORD = 0, HIST_REG = 1, HIST_INVAL = 2 };
enum { HIST_EVERY = 0, HIST_GLOBAL = 1, HIST_ASID = 0x100, HIST_WHOLE_ASID = 0x200 };

/* Coprocessor register key: [15] CP14, [14] MCRR/MRRC, CRn [13:10], opc1 [9:7], CRm [6:3],
 * opc2 [2:0]. MCRR/MRRC have no CRn: the field is 0. */
#define CP_KEY(crn, opc1, crm, opc2) \
	((uint16_t)((crn) << 10 | (opc1) << 7 | (crm) << 3 | (opc2)))
enum { CP_KEY_CP14 = 1 << 15, CP_KEY_64 = 1 << 14 };

/* Sensitive instruction classes: X(id, text, what a USR-mode run of it does natively) */
#define SENS_CLASS_LIST(X)                                              \
	X(SVC,    "svc",    "traps")                                    \
	X(MRS,    "mrs",    "reads USR state silently")                 \
	X(MSR,    "msr",    "control fields ignored silently")          \
	X(CPS,    "cps",    "no-op")                                    \
	X(SRS,    "srs",    "unpredictable")                            \
	X(RFE,    "rfe",    "unpredictable")                            \
	X(LDMER,  "ldmer",  "LDM with PC and ^: unpredictable")         \
	X(DPSPC,  "dpspc",  "S-suffixed write of PC: unpredictable")    \
	X(UREG,   "ureg",   "LDM/STM of the user bank: unpredictable")  \
	X(UNPRIV, "unpriv", "LDRT/STRT: runs with the wrong view")      \
	X(SMC,    "smc",    "undefined")                                \
	X(BKPT,   "bkpt",   "prefetch abort")                           \
	X(WFI,    "wfi",    "hint")                                     \
	X(VFPSYS, "vfpsys", "VMRS/VMSR of a privileged register: undefined") \
	X(CP,     "cp",     "CP15/CP14 access, also listed as CP_READ/CP_WRITE: not written as SENS")

enum sens_class {
#define X(id, text, what) SENS_##id,
	SENS_CLASS_LIST(X)
#undef X
	SENS_CLASSES
};
/* UNPRIV is not written as a SENS record either: the access itself carries ACC_UNPRIV. */

#endif
