/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The open run and the way out. A RUN record holds the number of executed instructions and
 * precedes its accesses, so these wait here until the run's end is known.
 */
#include "traces/capture/plugin.h"
#include "traces/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* A block is at most 1 KB: 256 ARM instructions of at most 32 words (VLDM). */
	MAX_ACCESSES = 256 * 32,
	MAX_WITNESSES = 2 * MAX_ACCESSES + 1,   /* a split access has two pages */
	MAX_IMAGES = 16,        /* frames that one instruction can link: an LDM's worth */
	FRAME = 4096,
};

static struct trace_writer *writer;
static bool on;
static struct trace_symbols symbols;
static uint64_t digest;                         /* of what steers translation, for the end */

static const struct block *block;
static uint32_t block_pc;
static unsigned first;                          /* index of the run's first instruction */
static struct trace_rec access[MAX_ACCESSES], witness[MAX_WITNESSES];
static unsigned naccess, nwitness;
static struct { uint32_t pa; uint8_t data[FRAME]; } image[MAX_IMAGES];
static unsigned nimage, image_index;            /* index of the linking instruction */

/* ---- file ---- */

static bool fill_header(struct trace_header *h)
{
	snprintf(h->arch, sizeof(h->arch), "%s", config.arch);
	snprintf(h->core, sizeof(h->core), "%s", config.core);
	snprintf(h->guest, sizeof(h->guest), "%s", config.guest);
	snprintf(h->workload, sizeof(h->workload), "%s", config.workload);
	h->vcpus = 1;
	h->icount_shift = config.icount_shift;
	h->hz = config.hz;
	h->nram = 1;
	h->ram[0] = (struct trace_range){ .base = config.ram_base, .bytes = config.ram_bytes };
	h->ndev = config.ndev;
	memcpy(h->dev, config.dev, sizeof(h->dev));
	cpu_fill_header(h);
	if (config.provenance) {
		h->provenance = strdup(config.provenance);
		return h->provenance != NULL;
	}
	return true;
}

bool emit_prepare(void)
{
	struct diag d;

	for (unsigned i = 0; i < config.nmaps; i++)
		if (trace_symbols_load(&symbols, config.map[i], &d) != ERR_OK) {
			status_line("error %s", d.msg);
			return false;
		}
	return true;
}

bool emit_open(void)
{
	const struct trace_writer_options o = { .level = config.level, .symbols = &symbols };
	struct trace_header h = { .vcpus = 1 };
	struct diag d = { "out of memory" };
	enum err e = ERR_NOMEM;

	if (fill_header(&h))
		e = trace_digest_start(&h, &digest, &d);
	if (e == ERR_OK)
		e = trace_writer_open(&writer, config.out, &h, &o, &d);
	trace_header_clear(&h);
	trace_symbols_clear(&symbols);
	if (e != ERR_OK) {
		status_line("error %s", d.msg);
		return false;
	}
	on = true;
	status_line("started %llu", (unsigned long long)(step.before +
		    (*step.progress ? *step.progress - 1 : 0)));
	return true;
}

bool emit_on(void)
{
	return on;
}

static void fail(const struct diag *d)
{
	on = false;
	trace_writer_abort(writer);
	writer = NULL;
	status_line("error %s", d->msg);
}

void emit_put(const struct trace_rec *r, const void *payload, size_t bytes)
{
	static struct diag d;           /* not on the stack: this is called per record */

	if (!on)
		return;
	digest = trace_digest_add(digest, r, payload, bytes);
	if (trace_writer_put(writer, r, payload, bytes, &d) != ERR_OK)
		fail(&d);
}

uint64_t emit_records(void)
{
	return on ? trace_writer_records(writer) : 0;
}

uint64_t emit_insns(void)
{
	return on ? trace_writer_instructions(writer) : 0;
}

void emit_finish(const char *reason)
{
	struct trace_summary s = { 0 };
	struct diag d = { "" };
	unsigned long long records, insns;
	struct trace_rec end;

	if (!on)
		return;
	tables_check_images();
	end = trace_digest_record(digest);
	emit_put(&end, NULL, 0);
	if (!on)                        /* writing these failed */
		return;
	on = false;
	if (trace_writer_close(writer, &s, &d) != ERR_OK) {
		status_line("error %s", d.msg);
	} else {
		records = s.records;
		insns = s.instructions;
		status_line("done %s records=%llu instructions=%llu references=%llu bytes=%llu "
			    "tables=%u id=%s", reason, records, insns,
			    (unsigned long long)s.references, (unsigned long long)s.bytes,
			    tables_count(), s.id);
	}
	writer = NULL;
}

/* ---- run ---- */

void run_open(const struct block *b, uint32_t pc, unsigned from)
{
	block = b;
	block_pc = pc;
	first = from;
	naccess = nwitness = nimage = 0;
}

static unsigned offset_of(unsigned index)
{
	return index < block->count ? block->insn[index].offset : block->bytes;
}

static void put_run(unsigned end, unsigned flags)
{
	struct trace_rec r = {
		.kind = TRACE_RUN,
		.flags = (uint8_t)(flags | (block->thumb ? RUN_THUMB : 0)),
		.arg = (uint16_t)(end - first),
		.va = block_pc + offset_of(first),
		.a = offset_of(end) - offset_of(first),
	};

	emit_put(&r, NULL, 0);
}

static void put_images(void)
{
	for (unsigned i = 0; i < nimage; i++) {
		struct trace_rec r = { .kind = TRACE_IMAGE, .a = image[i].pa };

		emit_put(&r, image[i].data, FRAME);
	}
	nimage = 0;
}

static void flush_to(unsigned end, unsigned flags)
{
	if (end <= first)
		return;
	put_run(end, flags);
	for (unsigned i = 0; i < naccess; i++)
		emit_put(&access[i], NULL, 0);
	for (unsigned i = 0; i < nwitness; i++)
		emit_put(&witness[i], NULL, 0);
	naccess = nwitness = 0;
	first = end;
	put_images();
}

/* A frame was linked earlier in this run than where it now goes on: the run ends there. */
static void split_at_images(unsigned next)
{
	if (nimage && image_index + 1 < next)
		flush_to(image_index + 1, 0);
}

void run_flush(unsigned end, unsigned flags)
{
	split_at_images(end);
	flush_to(end, flags);
}

void run_access(struct trace_rec r, unsigned index)
{
	r.arg = (uint16_t)(index - first);
	if (naccess < MAX_ACCESSES)
		access[naccess++] = r;
	else
		status_line("error more than %u accesses in a block", MAX_ACCESSES);
}

void run_access_at(unsigned index)
{
	split_at_images(index + 1);
}

void run_witness(uint32_t va, uint32_t pa, unsigned flags)
{
	if (nwitness < MAX_WITNESSES)
		witness[nwitness++] = (struct trace_rec){
			.kind = TRACE_WITNESS, .flags = (uint8_t)flags, .va = va, .a = pa,
		};
}

bool run_loaded(unsigned index)
{
	const struct trace_rec *last = naccess ? &access[naccess - 1] : NULL;

	return last && last->kind == TRACE_LOAD && first + last->arg == index;
}

void run_image_after(unsigned index, uint32_t frame)
{
	if (nimage == MAX_IMAGES) {
		status_line("error one instruction linked more than %u tables", MAX_IMAGES);
		return;
	}
	image_index = index;
	image[nimage].pa = frame;
	memcpy(image[nimage++].data, ram_at(frame, FRAME), FRAME);
}

bool run_patch_image(uint32_t pa, uint32_t bytes)
{
	for (unsigned i = 0; i < nimage; i++) {
		if (pa - image[i].pa < FRAME) {
			memcpy(image[i].data + (pa - image[i].pa), ram_at(pa, bytes), bytes);
			return true;
		}
	}
	return false;
}
