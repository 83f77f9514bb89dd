/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts for `shadewalk walk': no crash, a place in each refusal, and every access an outcome. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sim/walk_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err answer(void *ctx, const struct walk_case *c, struct diag *d)
{
	struct mmu_state s = walk_case_state(c);

	(void)ctx;
	(void)d;
	assert(c->n && c->arch);
	for (size_t i = 0; i < c->n; i++) {
		const struct walk_try *t = &c->tries[i];
		struct mmu_outcome o;

		mmu_access(&s, t->access, t->user, t->va, t->size, walk_case_word,
			   (void *)(uintptr_t)c, &o);
		assert(!o.fs == (o.parts && !o.part[o.parts - 1].fs));
		assert(!o.fs || mmu_fault_report(c->arch, o.fs, t->access).status);
	}
	return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag d = { .msg = "" };
	enum err e = walk_text_read("t", (const char *)data, size, answer, NULL, &d);

	assert(e == ERR_OK || (e == ERR_CONFIG && !strncmp(d.msg, "t:", 2)));
	return 0;
}
