/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sparse physical memory of words: only frames that were added exist, i.e. those that ever held
 * translation tables, and the hypervisor's own. 32-bit addresses.
 */
#ifndef SHADEWALK_MODELS_MEM_MEM_H
#define SHADEWALK_MODELS_MEM_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mem;

struct mem *mem_create(void);                   /* NULL: out of memory */
void mem_destroy(struct mem *m);                /* NULL is fine */
/* Words of the frame that holds addr, or NULL when it does not exist. 1024 words, writable. */
uint32_t *mem_frame(const struct mem *m, uint32_t addr);
/* Adds a zeroed frame (no-op when present). NULL: out of memory. */
uint32_t *mem_add(struct mem *m, uint32_t addr);
/* false: the frame does not exist. addr is word aligned (low bits are ignored). */
bool mem_read(const struct mem *m, uint32_t addr, uint32_t *word);
bool mem_write(struct mem *m, uint32_t addr, uint32_t word);
size_t mem_frames(const struct mem *m);
/* Calls fn for every frame in ascending order. */
void mem_each(const struct mem *m, void (*fn)(void *ctx, uint32_t base, const uint32_t *words),
	      void *ctx);

#endif
