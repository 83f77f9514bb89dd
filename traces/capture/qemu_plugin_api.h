/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own declarations of the part of QEMU's TCG plugin interface, version 4 (QEMU 9.2 and
 * later), that the plugin calls. Debian packages no header for it, and the interface is a
 * published, versioned ABI. The same holds for the two GLib array types that cross it: their
 * public members have been frozen for decades, so the GLib headers are not needed either.
 * All symbols come from the emulator that loads the plugin.
 */
#ifndef SHADEWALK_CAPTURE_QEMU_PLUGIN_API_H
#define SHADEWALK_CAPTURE_QEMU_PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))
enum { PLUGIN_API_VERSION = 4 };

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
struct qemu_plugin_register;
struct qemu_plugin_scoreboard;

typedef struct {
	const char *target_name;
	struct { int min, cur; } version;
	bool system_emulation;
	struct { int smp_vcpus, max_vcpus; } system;
} qemu_info_t;

typedef struct { struct qemu_plugin_scoreboard *score; size_t offset; } qemu_plugin_u64;

typedef struct {
	int type;                       /* log2 of bytes, 0..4 */
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
		struct { uint64_t low, high; } u128;
	} data;
} qemu_plugin_mem_value;

typedef struct { char *data; unsigned len; } GArray;
typedef struct { uint8_t *data; unsigned len; } GByteArray;
GByteArray *g_byte_array_new(void);
GByteArray *g_byte_array_set_size(GByteArray *array, unsigned bytes);

typedef struct {
	struct qemu_plugin_register *handle;
	const char *name, *feature;
} qemu_plugin_reg_descriptor;

enum { PLUGIN_NO_REGS, PLUGIN_READ_REGS };              /* enum qemu_plugin_cb_flags */
enum { PLUGIN_MEM_RW = 3 };                             /* enum qemu_plugin_mem_rw */
enum { PLUGIN_INLINE_ADD, PLUGIN_INLINE_STORE };        /* enum qemu_plugin_op */

typedef void (*plugin_vcpu_fn)(qemu_plugin_id_t id, unsigned vcpu);
typedef void (*plugin_exit_fn)(qemu_plugin_id_t id, void *data);
typedef void (*plugin_trans_fn)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*plugin_exec_fn)(unsigned vcpu, void *data);
typedef void (*plugin_mem_fn)(unsigned vcpu, qemu_plugin_meminfo_t mi, uint64_t va, void *data);

void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, plugin_vcpu_fn fn);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, plugin_trans_fn fn);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, plugin_exit_fn fn, void *data);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, plugin_exec_fn fn,
					  int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, plugin_exec_fn fn,
					    int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn, int op,
							 qemu_plugin_u64 entry, uint64_t value);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, plugin_mem_fn fn,
				      int flags, int rw, void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t bytes);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);

unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t mi);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t mi);
qemu_plugin_mem_value qemu_plugin_mem_get_value(qemu_plugin_meminfo_t mi);
/* The answer lives until the next call. NULL when the emulator's TLB does not hold va. */
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t mi, uint64_t va);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *h);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *h);

GArray *qemu_plugin_get_registers(void);
int qemu_plugin_read_register(struct qemu_plugin_register *reg, GByteArray *to);
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t bytes);
void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *s, unsigned vcpu);

#endif
