/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-level table: 1024 x 1024 frames of 4 KB, leaves made on demand. */
#include "models/mem/mem.h"

#include <stdlib.h>

#include "base/addr.h"

enum { FANOUT = 1024 };

struct leaf { uint32_t *frame[FANOUT]; };

struct mem {
	struct leaf *dir[FANOUT];
	size_t frames;
};

struct mem *mem_create(void)
{
	return calloc(1, sizeof(struct mem));
}

void mem_destroy(struct mem *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < FANOUT; i++) {
		if (!m->dir[i])
			continue;
		for (unsigned j = 0; j < FANOUT; j++)
			free(m->dir[i]->frame[j]);
		free(m->dir[i]);
	}
	free(m);
}

uint32_t *mem_frame(const struct mem *m, uint32_t addr)
{
	const struct leaf *l = m->dir[addr >> 22];

	return l ? l->frame[addr >> FRAME_LOG2 & (FANOUT - 1)] : NULL;
}

uint32_t *mem_add(struct mem *m, uint32_t addr)
{
	struct leaf **l = &m->dir[addr >> 22];
	uint32_t **f;

	if (!*l && !(*l = calloc(1, sizeof(**l))))
		return NULL;
	f = &(*l)->frame[addr >> FRAME_LOG2 & (FANOUT - 1)];
	if (!*f && (*f = calloc(1, FRAME_BYTES)))
		m->frames++;
	return *f;
}

bool mem_read(const struct mem *m, uint32_t addr, uint32_t *word)
{
	const uint32_t *f = mem_frame(m, addr);

	if (!f)
		return false;
	*word = f[addr >> 2 & (FANOUT - 1)];
	return true;
}

bool mem_write(struct mem *m, uint32_t addr, uint32_t word)
{
	uint32_t *f = mem_frame(m, addr);

	if (!f)
		return false;
	f[addr >> 2 & (FANOUT - 1)] = word;
	return true;
}

size_t mem_frames(const struct mem *m)
{
	return m->frames;
}

void mem_each(const struct mem *m, void (*fn)(void *ctx, uint32_t base, const uint32_t *words),
	      void *ctx)
{
	for (uint32_t i = 0; i < FANOUT; i++)
		for (uint32_t j = 0; m->dir[i] && j < FANOUT; j++)
			if (m->dir[i]->frame[j])
				fn(ctx, i << 22 | j << FRAME_LOG2, m->dir[i]->frame[j]);
}
