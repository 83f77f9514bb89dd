/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strategy: how a virtual machine monitor keeps what the hardware walks coherent with what
 * the guest wrote. It reacts to guest events, never to trace records, and touches machine
 * memory, TLB and caches through the port only, where everything is charged.
 */
#ifndef SHADEWALK_STRATEGIES_STRATEGY_H
#define SHADEWALK_STRATEGIES_STRATEGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/params.h"
#include "models/cost/ledger.h"
#include "models/guest/guest.h"
#include "models/pt/mmu.h"

/*
 * The hypervisor's area: 1 MB of machine memory, seen by the hypervisor through a window in every
 * shadow address space: in the last megabyte, unless hv.window says where. Offsets are the same in both.
 */
#define HV_WINDOW_VA 0xfff00000u
/* Machine address of the area: no device or memory of versatilepb, integratorcp or raspi0 is there. */
#define HV_HPA 0xe0000000u
#define GUEST_VECTORS_VA 0xffff0000u    /* high vectors: the hypervisor's own lie on top, unless hv.vectors=low */
#define HV_ALIAS_VA 0xffff8000u         /* where the guest's vectors area runs instead */
#define HV_ALIAS_V6_VA 0xfffe0000u      /* from ARMv6 on, where Linux copies pages at the other */
/* Behind it, of strategies with two stages: the tables of stage 2, for 4 GB of 4 KB pages at most. */
#define S2_HPA 0xe0100000u
enum { S2_BYTES = 9 << 20 };
enum {
	HV_CODE      = 0x00000,         /* footprint of handlers: instruction lines */
	HV_DATA      = 0x08000,         /* stack and per-vCPU data: data lines */
	HV_L2        = 0x0c000,         /* the window's own second-level table */
	HV_L2_VECTORS = 0x0c400,        /* that of the vectors' megabyte, where it is another */
	HV_SL1       = 0x10000,         /* shadow first-level table, 16 KB */
	HV_POOL      = 0x20000,         /* shadow second-level tables */
	HV_POOL_END  = 0xf0000,
	HV_POOL_V6_END = 0xe0000,       /* its addresses end below the alias */
	HV_VECTORS   = 0xf0000,         /* the real vectors page, 0xffff0000 */
	HV_ALIAS     = 0xf8000,         /* the guest's vectors area as it runs */
	/* Linux has its exception stubs in the second page; code goes from one to the other by
	 * PC-relative branches and loads, so the area moves as a whole. */
	VECTORS_PAGES = 4,
};

static inline bool is_guest_vectors(gva_t mva)
{
	return mva.raw - GUEST_VECTORS_VA < VECTORS_PAGES * FRAME_BYTES;
}
static inline gva_t vectors_alias(gva_t mva)
{
	return gva(HV_ALIAS_VA | (mva.raw & (VECTORS_PAGES * FRAME_BYTES - 1)));
}

static inline gva_t vectors_alias_of(const struct guest *g, gva_t mva)
{
	gva_t alias = vectors_alias(mva);

	return g->v6 ? gva(alias.raw - HV_ALIAS_VA + HV_ALIAS_V6_VA) : alias;
}

/* Host registers a strategy may set. HOST_ASID: of CONTEXTIDR, on a host that has one. TTBCR is 0: one
 * first-level table. */
enum host_reg { HOST_TTBR, HOST_DACR, HOST_SCTLR, HOST_ASID };

/* Which caches walks of stage 2 read through. core: those that the core's own walks do (walk.sees). */
enum stage2_sees { STAGE2_SEES_CORE, STAGE2_SEES_MEMORY, STAGE2_SEES_L2, STAGE2_SEES_L1 };
struct stage2_regs { uint32_t root; uint8_t start; enum stage2_sees sees; };    /* root: an offset */

/* The hardware found no word of stage 2 for an address of the guest's. */
struct stage2_fault {
	uint32_t ipa;
	uint8_t level;                  /* of the guest's descriptor that is there; 0: it is what was accessed */
	enum event emulate;             /* answer, with VERDICT_EMULATE */
};

/* Everything a strategy may touch. `m` is the machine. Charged unless said otherwise. */
struct strategy_port {
	void *m;
	void (*charge)(void *m, enum event e, uint64_t n);
	/* The guest as it is now, at this event. Borrowed, read-only, not charged. */
	const struct guest *guest;
	const struct mmu_arch *host;    /* what the host walks, by HOST_SCTLR; borrowed */
	uint32_t window, window_bytes;  /* the hypervisor's: its area comes first, the rest is empty */
	uint32_t vectors;               /* where its own vectors are: 0xffff0000 or 0; that megabyte is its own, too */
	bool fine;                      /* it has fine tables and tiny pages, in words of ARMv5 */
	/* Bytes that a clean by address covers on the guest's core; 0: its stores to tables reach memory by
	 * themselves, or by loads that make room: no clean tells of them. */
	uint32_t clean_line;
	/* Software walk of the guest's tables: SWWALK and one uncached read a level. */
	void (*walk_guest)(void *m, gva_t mva, struct walk *out);
	/* A word of the guest's by its own address, through the cache: charged for what it misses. */
	void (*read_guest)(void *m, gva_t mva);
	/* Machine address of 2^size_log2 bytes at gpa, false if they are not contiguous there. */
	bool (*to_host)(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa);
	bool (*is_memory)(void *m, uint32_t gpa);       /* of the guest; else a device, or nothing */
	/* Descriptor store into the hypervisor's area by offset, through cache and buffer. */
	void (*shadow_write)(void *m, uint32_t offset, uint32_t word);
	/* Same at set-up, before record 0: not charged, disturbs nothing. */
	void (*shadow_preset)(void *m, uint32_t offset, uint32_t word);
	uint32_t (*shadow_peek)(void *m, uint32_t offset);      /* not charged: asserts, audits */
	/* Cleans every line written since the last sync and drains the write buffer. */
	void (*shadow_sync)(void *m);
	/*
	 * Guest tables that the hardware walks where they lie. A word of one at gpa, through a mapping at `at`:
	 * a cached load, or a store that the walker sees once it is synced. The load gives what is there. The lines of
	 * both are cleaned by shadow_sync, and dropped from a cache that is looked up by virtual addresses.
	 */
	uint32_t (*table_read)(void *m, gva_t at, uint32_t gpa);
	void (*table_write)(void *m, gva_t at, uint32_t gpa, uint32_t word);
	uint32_t (*table_peek)(void *m, uint32_t gpa);          /* not charged */
	/* A store to such a frame that on_pt_write tells of has put the guest's own word there. Not charged. */
	void (*table_stored)(void *m, uint32_t gpa, uint32_t word);
	/* Lines of the guest's own mapping of such a table: cleaned and dropped, by a cache that would keep
	 * them beside those of another mapping. */
	void (*table_purge)(void *m, gva_t at, uint32_t gpa, uint32_t bytes);
	/* The guest's address of what lies at hpa: the inverse of to_host. */
	uint32_t (*to_guest)(void *m, uint32_t hpa);
	bool map_is_identity;           /* all of the guest's memory lies where the guest has it */
	void (*host_tlbi_mva)(void *m, gva_t mva);
	void (*host_tlbi_all)(void *m);
	/* From ARMv6 on. By MVA: entries of this host ASID and global ones; by ASID: never global
	 * ones. A host without ASIDs drops as much more as it has to. */
	void (*host_tlbi_mva_asid)(void *m, gva_t mva, uint8_t asid);
	void (*host_tlbi_asid)(void *m, uint8_t asid);
	/* The register write alone; what it is for is charged by the caller as an event. */
	void (*host_set)(void *m, enum host_reg r, uint32_t value);

	/* --- two stages. Words of stage 2 by their offset from S2_HPA ---------------------- */
	/* VTTBR and VTCR, before record 0. */
	enum err (*stage2_begin)(void *m, const struct stage2_regs *r, struct diag *d);
	/* As to_host, for a block of stage 2: where the map moves nothing, what is no memory of the guest's
	 * may be part of it. */
	bool (*stage2_block)(void *m, uint32_t gpa, unsigned size_log2, uint32_t *hpa);
	void (*stage2_memory)(void *m, uint32_t *gpa, uint64_t *bytes);        /* the guest's */
	void (*stage2_preset)(void *m, uint32_t offset, uint64_t word);
	/* A store of one word, itself charged by the caller; sync makes all of them visible to the walker. */
	void (*stage2_write)(void *m, uint32_t offset, uint64_t word);
	void (*stage2_sync)(void *m);
	uint64_t (*stage2_peek)(void *m, uint32_t offset);
};

/* The guest has no shadow there: window.h. */
static inline bool is_hypervisors(const struct strategy_port *p, gva_t mva)
{
	return mva.raw >> SECTION_LOG2 == p->vectors >> SECTION_LOG2 || mva.raw - p->window < p->window_bytes;
}

/* The guest's high vectors page is covered by the hypervisor's: it runs at its alias. */
static inline bool vectors_are_covered(const struct strategy_port *p)
{
	return p->vectors == GUEST_VECTORS_VA;
}

enum abort_verdict {
	VERDICT_RETRY,          /* shadow repaired (or was stale in the TLB): run it again */
	VERDICT_INJECT,         /* the guest's own tables fault: status and domain are set */
	VERDICT_EMULATE,        /* the hypervisor performs the access: emulate event is set */
};

struct abort_info {
	gva_t mva;              /* the guest's address */
	enum access access;
	bool user;              /* checked with guest-user rights */
	bool alias;             /* the hardware used the alias of the vectors area */
	/* answers */
	enum fault_status fs;
	uint8_t domain;
	enum event emulate;     /* EV_HIDDEN_EMUL, EV_TINYEMU, EV_VECTORS_EMUL, EV_HYPHOLE, EV_MMIO, EV_PT_* */
	struct walk w;          /* the guest walk behind an EMULATE */
	bool publish;           /* of a store: the monitor's later walks read memory, so it is cleaned */
	bool own_store;         /* the strategy stores by itself, in on_pt_write */
};

struct strategy_memory { const char *what; uint64_t bytes; };   /* now; of what kind */

/* How the monitor behind a strategy differs from the thin one. */
struct monitor_kind {
	unsigned retries;               /* aborts of one access at most: more are a livelock */
	bool unpriv_plain;              /* LDRT and STRT are plain loads and stores, with the kernel's rights */
	/* The guest finds another SCTLR than it wrote: behind the first time that its kernel reads it after user
	 * mode, it writes it once more. */
	bool sctlr_again;
	char unsound[64];               /* keys with which a guest may get more than its tables grant */
};

struct strategy_ops {
	const char *name, *summary;
	bool deprivileged;              /* guest runs in USR mode under a hypervisor */
	bool two_stage;                 /* guest runs in its own modes, under a second stage; not deprivileged */
	bool v6;                        /* runs guests of ARMv6 */
	const char *tag;                /* unmodified, patched, modified, what-if */
	const struct param *params;     /* keys of the strategy, NULL-terminated by count */
	unsigned nparams;
	size_t params_bytes;            /* of the struct the keys name */
	void (*defaults)(void *params);
	enum err (*check)(const void *params, struct diag *d);  /* NULL: all combinations are legal */
	/* params are at their defaults but for the key `design`: sets all keys to those of it. NULL: there is
	 * no such key. */
	void (*preset)(void *params);
	void (*monitor)(const void *params, struct monitor_kind *k);    /* NULL: the thin one */
	size_t state_bytes;             /* zeroed before start */
	/* params and port: borrowed until the end of the run. Sets up tables without charge. */
	enum err (*start)(void *self, const void *params, const struct strategy_port *port,
			  struct diag *d);
	void (*stop)(void *self);       /* NULL: nothing to free */

	/* Hooks run after the guest replica took the event over. NULL: nothing to do. */
	enum abort_verdict (*on_abort)(void *self, struct abort_info *a);
	void (*on_tlbi_all)(void *self);
	void (*on_tlbi_mva)(void *self, gva_t mva);
	void (*on_ttbr)(void *self, uint32_t old, uint32_t new);
	void (*on_dacr)(void *self, uint32_t old, uint32_t new);
	void (*on_sctlr)(void *self, uint32_t old, uint32_t new);
	/* From ARMv6 on. Without the hook an invalidate of one ASID goes to the one above that covers
	 * more: on_tlbi_mva, on_tlbi_all. */
	void (*on_tlbi_mva_asid)(void *self, gva_t mva, uint8_t asid);
	void (*on_tlbi_asid)(void *self, uint8_t asid);
	void (*on_asid)(void *self, uint32_t old, uint32_t new);        /* CONTEXTIDR */
	void (*on_fcse)(void *self, uint32_t old, uint32_t new);
	void (*on_ttbr1)(void *self, uint32_t old, uint32_t new);
	void (*on_ttbcr)(void *self, uint32_t old, uint32_t new);
	void (*on_remap)(void *self);                   /* PRRR or NMRR has changed */
	void (*on_mode)(void *self, bool user);         /* virtual mode change */
	void (*on_unpriv)(void *self, bool enter);      /* around an LDRT/STRT on behalf */
	/* What such an access is booked as, but for what on_unpriv charges. NULL: EV_UPRIV, two DACR writes. */
	enum event (*unpriv_event)(void *self);
	/*
	 * A clean of data cache lines, carried out already: those of `bytes` from mva on, in whole lines of the
	 * guest's core; or any line there is (by set and way, until clean, by making room). Both or neither.
	 */
	void (*on_clean)(void *self, gva_t mva, uint32_t bytes);
	void (*on_clean_all)(void *self);
	/* Two stages. Of what is accessed: RETRY, or EMULATE. Of a descriptor: RETRY, or INJECT an external
	 * abort: nothing is there that a walk could read. */
	enum abort_verdict (*on_stage2)(void *self, struct stage2_fault *f);
	bool (*traps_whole_cache)(void *self);  /* two stages: cache operations that name no address trap */
	/*
	 * A store to a word of a frame that holds tables, by the monitor (EMULATE), or by hardware that would
	 * have put it elsewhere than the recorded machine. Called once it is done; old may be new.
	 */
	void (*on_pt_write)(void *self, uint32_t gpa, uint32_t old, uint32_t new);
	/* May the guest load `seen` where it had written `wrote`? NULL: never. For --verify. */
	bool (*shows)(void *self, uint32_t gpa, uint32_t seen, uint32_t wrote);
	/* Memory of its structures now, part by part, always the same parts in the same order: the engine
	 * adds the total. Returns how many rows it filled, at most max. */
	unsigned (*memory)(void *self, struct strategy_memory *rows, unsigned max);
	/* Checks its own invariants; number of violations, the first in d. Not charged. */
	unsigned (*audit)(void *self, struct diag *d);
};

/* Registry, in the order of strategies.def. */
extern const struct strategy_ops *const strategy_table[];
extern const unsigned strategy_count;
const struct strategy_ops *strategy_find(const char *name);     /* NULL: no such strategy */

#endif
