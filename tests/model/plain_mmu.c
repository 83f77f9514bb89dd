/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/model/plain_mmu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct plain_core plain_cores[] = {
	{ "armv5", "5l" }, { "sa1110", "5" }, { "arm920", "5" }, { "arm922", "5" },
	{ "arm926", "5l" }, { "xscale", "xl" }, { "pxa255", "xl" }, { "pxa270", "xl" },
	{ "armv6", "6l" }, { "arm1136r0", "6l" }, { "arm1136", "6lkf" },
	{ "arm1176", "6lkfsp" }, { "mpcore", "6lkfm" }, { "cortex-a8", "7lkfp" },
};
const unsigned plain_core_count = sizeof(plain_cores) / sizeof(plain_cores[0]);

static bool has(const struct plain_core *c, char trait) { return strchr(c->traits, trait); }

/*
 * B base, D domain, A the one AP, w x y z AP3 to AP0, C C and B, T TEX, S shared, G nG, P APX, X
 * XN, - ignored, 0 and 1 as written. The first picture that fits is it.
 */
struct picture { const char *formats, *tables, *bits, *kind; };

static const struct picture pictures[] = {
	{ "5x01", "1cf", "------------------------------00", "fault" },
	{ "5x01", "1",   "BBBBBBBBBBBBBBBBBBBBBB-DDDD---01", "coarse" },
	{ "5x",   "1",   "BBBBBBBBBBBBBBBBBBBB---DDDD---11", "fine" },
	{ "01",   "1",   "------------------------------11", "fault" },
	{ "5",    "1",   "BBBBBBBBBBBB--------AA-DDDD-CC10", "section" },
	{ "x",    "1",   "BBBBBBBBBBBB-----TTTAA-DDDD-CC10", "section" },
	{ "0",    "1",   "BBBBBBBBBBBB-0---TTTAA-DDDD-CC10", "section" },
	{ "0",    "1",   "BBBBBBBB-----1---TTTAA------CC10", "super" },
	{ "1",    "1",   "BBBBBBBBBBBB-0GSPTTTAA-DDDDXCC10", "section" },
	{ "1",    "1",   "BBBBBBBB-----1GSPTTTAA-----XCC10", "super" },
	{ "5",    "cf",  "BBBBBBBBBBBBBBBB----wwxxyyzzCC01", "large" },
	{ "x0",   "cf",  "BBBBBBBBBBBBBBBB-TTTwwxxyyzzCC01", "large" },
	{ "1",    "c",   "BBBBBBBBBBBBBBBBXTTTGSP---AACC01", "large" },
	{ "5x0",  "cf",  "BBBBBBBBBBBBBBBBBBBBwwxxyyzzCC10", "small" },
	{ "1",    "c",   "BBBBBBBBBBBBBBBBBBBBGSPTTTAACC1X", "small" },
	{ "5",    "c",   "------------------------------11", "fault" },
	{ "x0",   "c",   "BBBBBBBBBBBBBBBBBBBB---TTTAACC11", "small" },
	{ "5x",   "f",   "BBBBBBBBBBBBBBBBBBBBBB----AACC11", "tiny" },
};

static bool fits(const char *bits, uint32_t word)
{
	for (int i = 0; i < 32; i++, word *= 2)
		if ((bits[i] == '0' && word / 0x80000000u) || (bits[i] == '1' && word < 0x80000000u))
			return false;
	return true;
}

static unsigned pick(const char *bits, char letter, uint32_t word)
{
	unsigned value = 0;

	for (int i = 0; i < 32; i++, word *= 2)
		if (bits[i] == letter)
			value = value * 2 + word / 0x80000000u;
	return value;
}

struct plain_word plain_decode(char format, char table, uint32_t word)
{
	for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++) {
		const char *b = pictures[i].bits;
		struct plain_word w = { .kind = pictures[i].kind };
		unsigned bases = 0;

		if (!strchr(pictures[i].formats, format) || !strchr(pictures[i].tables, table) ||
		    !fits(b, word))
			continue;
		while (b[bases] == 'B')
			bases++;
		w.base = bases ? pick(b, 'B', word) << (32 - bases) : 0;
		for (int q = 0; q < 4; q++)
			w.ap[q] = strstr(b, "AA") ? pick(b, 'A', word) :
						    pick(b, "zyxw"[q], word);
		w.domain = pick(b, 'D', word);
		w.cb = pick(b, 'C', word);
		w.tex = pick(b, 'T', word);
		w.s = pick(b, 'S', word);
		w.ng = pick(b, 'G', word);
		w.apx = pick(b, 'P', word);
		w.xn = pick(b, 'X', word);
		return w;
	}
	abort();                        /* the pictures are not whole */
}

/* "privileged user", by APX AP. AP 000 has rows by S and R. */
static const char *const rights_of[8] = {
	NULL, "rw --", "rw r-", "rw rw", "-- --", "r- --", "r- r-", "r- r-",
};
static const char *const rights_000[4] = { "-- --", "r- r-", "r- --", "-- --" };      /* by SR */

static bool may(const struct plain_core *c, uint32_t sctlr, unsigned apx, unsigned ap, bool user,
		char access)
{
	const char *rights = rights_of[apx * 4 + ap];

	if (!rights)
		rights = has(c, '7') ? "-- --" : rights_000[sctlr / 256 % 2 * 2 + sctlr / 512 % 2];
	if (apx && ap == 3 && !has(c, 'k'))
		rights = "-- --";
	return strchr(user ? rights + 3 : (char[]){ rights[0], rights[1], 0 },
		      access == 'w' ? 'w' : 'r');
}

static char format_of(const struct plain_core *c, uint32_t sctlr)
{
	if (has(c, '5') || has(c, 'x'))
		return has(c, '5') ? '5' : 'x';
	return has(c, '7') || sctlr / 0x800000 % 2 ? '1' : '0';
}

/* A fault of one byte: status as of data, and the domain of the first level or -1. */
struct verdict { unsigned fs; int domain; uint32_t pa; };

static struct verdict judge(const struct plain_core *c, const struct plain_regs *r, char access,
			    bool user, uint32_t mva, const struct plain_word *w, unsigned domain,
			    unsigned page)
{
	static const struct { const char *kind; uint32_t bytes; } sizes[] = {
		{ "super", 0x1000000 }, { "section", 0x100000 }, { "large", 0x10000 },
		{ "small", 0x1000 }, { "tiny", 0x400 },
	};
	struct verdict v = { 0, (int)domain, 0 };
	unsigned i = 0, ap, mode = r->dacr / (1u << 2 * domain) % 4;
	bool sr_differ = r->sctlr / 256 % 2 != r->sctlr / 512 % 2;

	while (strcmp(sizes[i].kind, w->kind))
		i++;
	ap = w->ap[mva % sizes[i].bytes / (sizes[i].bytes / 4)];
	v.pa = w->base + mva % sizes[i].bytes;
	if (has(c, 'f') && r->sctlr / 0x20000000 % 2 && format_of(c, r->sctlr) == '1' &&
	    ap % 2 == 0 && !(has(c, 's') && sr_differ && w->apx * 4 + ap == 0)) {
		v.fs = page ? 6 : 3;
		if (!page && has(c, 'm'))
			v.domain = -1;
	} else if (mode == 0 || mode == 2) {
		v.fs = page ? 0xb : 9;
	} else if (mode == 1 && (!may(c, r->sctlr, w->apx, ap, user, access) ||
				 (w->xn && access == 'x'))) {
		v.fs = page ? 0xf : 0xd;
	}
	return v;
}

static struct verdict byte_of(const struct plain_core *c, const struct plain_regs *r, char access,
			      bool user, uint32_t mva, plain_read read, void *ctx)
{
	bool six = has(c, '6') || has(c, '7');
	unsigned n = six ? r->ttbcr % 8 : 0;
	uint32_t table_bytes = 0x4000u >> n, word, at;
	char format = format_of(c, r->sctlr);
	struct plain_word w;

	if (r->sctlr % 2 == 0)
		return (struct verdict){ 0, -1, mva };
	if ((uint64_t)mva >= UINT64_C(1) << (32 - n)) {         /* TTBR1 */
		if (has(c, 'p') && r->ttbcr / 32 % 2)
			return (struct verdict){ 5, -1, 0 };
		at = r->ttbr1 - r->ttbr1 % 0x4000;
	} else {
		if (has(c, 'p') && r->ttbcr / 16 % 2)
			return (struct verdict){ 5, -1, 0 };
		at = r->ttbr0 - r->ttbr0 % table_bytes;
	}
	if (!read(ctx, at + mva / 0x100000 * 4, &word))
		return (struct verdict){ 0xc, -1, 0 };
	w = plain_decode(format, '1', word);
	if (!strcmp(w.kind, "fault"))
		return (struct verdict){ 5, -1, 0 };
	if (!strcmp(w.kind, "section") || !strcmp(w.kind, "super"))
		return judge(c, r, access, user, mva, &w, w.domain, 0);
	n = w.domain;
	at = !strcmp(w.kind, "fine") ? w.base + mva % 0x100000 / 0x400 * 4
				     : w.base + mva % 0x100000 / 0x1000 * 4;
	if (!read(ctx, at, &word))
		return (struct verdict){ 0xe, (int)n, 0 };
	w = plain_decode(format, !strcmp(w.kind, "fine") ? 'f' : 'c', word);
	if (!strcmp(w.kind, "fault"))
		return (struct verdict){ 7, (int)n, 0 };
	return judge(c, r, access, user, mva, &w, n, 1);
}

/*
 * What A and U make of an address: '-' nothing, a digit d: a multiple of d is needed, letters b
 * d: forced down to a multiple of 2, 4. Columns: size 1, 2, 4, 8 as LDRD, multiple words.
 */
static const struct { unsigned u, a; const char *rule; } alignment[] = {
	{ 0, 0, "-bddd" }, { 0, 1, "-2484" }, { 1, 0, "---44" }, { 1, 1, "-2444" },
};

static bool align(const struct plain_core *c, uint32_t sctlr, char access, unsigned size,
		  uint32_t *va)
{
	unsigned u = has(c, '7') || (has(c, '6') && sctlr / 0x400000 % 2), a = sctlr / 2 % 2, col;
	char rule;

	if (access == 'x') {
		*va -= *va % size;
		return true;
	}
	col = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : size == 8 && has(c, 'l') ? 3 : 4;
	rule = alignment[u * 2 + a].rule[col];
	if (rule == 'b' || rule == 'd')
		*va -= *va % (rule == 'b' ? 2 : 4);
	return rule < '0' || rule > '9' || *va % (unsigned)(rule - '0') == 0;
}

static uint32_t relocate(uint32_t va, uint32_t fcse)
{
	return va < 0x2000000 ? va + fcse / 0x2000000 * 0x2000000 : va;
}

static void say(const struct plain_core *c, char access, struct verdict v, uint32_t mva,
		char answer[64])
{
	char domain[16] = "-";

	if (access == 'x') {
		if (has(c, 'x'))
			v.fs = v.fs == 0xc || v.fs == 0xe ? 0x16 : 0x10;
		snprintf(answer, 64, "fault FS=0x%02x domain=- far=-", v.fs);
		return;
	}
	if (v.domain >= 0)
		snprintf(domain, sizeof(domain), "0x%x", (unsigned)v.domain % 16);
	snprintf(answer, 64, "fault FS=0x%02x domain=%s far=0x%08x", v.fs, domain, mva);
}

void plain_access(const struct plain_core *c, const struct plain_regs *r, char access, bool user,
		  uint32_t va, unsigned size, plain_read read, void *ctx, char answer[64])
{
	struct verdict v = { 0, -1, 0 };

	if (!align(c, r->sctlr, access, size, &va)) {
		v = (struct verdict){ 1, -1, 0 };
		say(c, access, v, relocate(va, r->fcse), answer);
		return;
	}
	answer[0] = 0;
	for (unsigned i = size; i-- > 0;) {     /* the lowest byte that faults is written last */
		uint32_t mva = relocate(va + i, r->fcse);

		v = byte_of(c, r, access, user, mva, read, ctx);
		if (v.fs)
			say(c, access, v, mva, answer);
	}
	if (!answer[0])
		snprintf(answer, 64, "pa 0x%08x", v.pa);
}
