/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over the text, one line at a time. The order of the lines of a case does not matter:
 * it is answered when the next one starts. Saying the same thing twice is fine, saying two
 * different things is an error.
 */
#include "sim/walk_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"

const char *const walk_reg_name[WALK_REGS] = {
	[REG_SCTLR] = "SCTLR", [REG_TTBR0] = "TTBR0", [REG_TTBR1] = "TTBR1",
	[REG_TTBCR] = "TTBCR", [REG_DACR] = "DACR", [REG_FCSEIDR] = "FCSEIDR",
	[REG_CONTEXTIDR] = "CONTEXTIDR",
};

static const char hex_range[] = "0x and hexadecimal digits, 0x0 to 0xffffffff";

enum { MAX_ROWS = 32 };

struct token { const char *p; size_t n; };             /* n == 0: end of the line */

struct reader {
	const char *name;
	const char *line, *p, *end;     /* start, unread part, end without comment */
	unsigned number;                /* of the line, from 1 */
	bool open;                      /* c is a case */
	struct walk_case c;
	const struct mmu_arch *arch, *cpu;      /* as written */
	struct diag *d;
};

static struct token next(struct reader *r)
{
	struct token t;

	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
		r->p++;
	t.p = r->p;
	while (r->p < r->end && *r->p != ' ' && *r->p != '\t')
		r->p++;
	t.n = (size_t)(r->p - t.p);
	return t;
}

static bool is(struct token t, const char *word)
{
	return t.n == strlen(word) && !memcmp(t.p, word, t.n);
}

/* Bytes that would break the one line of a message are shown as dots. */
static enum err fail(struct reader *r, struct token t, const char *what, const char *allowed)
{
	char found[48];
	size_t n = t.n < sizeof(found) - 1 ? t.n : sizeof(found) - 1;

	for (size_t i = 0; i < n; i++)
		found[i] = t.p[i] >= ' ' && t.p[i] <= '~' ? t.p[i] : '.';
	found[n] = 0;
	return diag_set(r->d, ERR_CONFIG, "%.200s:%u:%zu: %s: found %s%s%s%s, allowed %s", r->name,
			r->number, (size_t)(t.p - r->line) + 1, what, t.n ? "'" : "",
			t.n ? found : "the end of the line", t.n > n ? "..." : "",
			t.n ? "'" : "", allowed);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

static enum err number(struct reader *r, const char *what, uint32_t *out)
{
	struct token t = next(r);
	uint64_t v = 0;
	bool ok = t.n > 2 && t.p[0] == '0' && (t.p[1] | 0x20) == 'x';

	for (size_t i = 2; ok && i < t.n; i++) {
		ok = digit(t.p[i]) < 16 && v <= UINT32_MAX >> 4;
		v = v << 4 | (unsigned)digit(t.p[i]);
	}
	if (!ok)
		return fail(r, t, what, hex_range);
	*out = (uint32_t)v;
	return ERR_OK;
}

static enum err line_end(struct reader *r)
{
	struct token t = next(r);

	return t.n ? fail(r, t, "one word too many", "the end of the line or a comment") : ERR_OK;
}

/* Index of the next word in words[n]; the message suggests the nearest. */
static enum err word(struct reader *r, const char *what, const char *const *words, size_t n,
		     size_t *out)
{
	struct token t = next(r);
	char list[256], typed[32];
	const char *near;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (is(t, words[i])) {
			*out = i;
			return ERR_OK;
		}
	}
	for (size_t i = 0; i < n && at < sizeof(list); i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
				       !i ? "" : i + 1 == n ? " or " : ", ", words[i]);
	snprintf(typed, sizeof(typed), "%.*s", (int)(t.n < sizeof(typed) ? t.n : 0), t.p);
	near = option_suggest(typed, words, n);
	if (near && at < sizeof(list))
		snprintf(list + at, sizeof(list) - at, " (did you mean '%s'?)", near);
	return fail(r, t, what, list);
}

/* Physical words */

static size_t slot_of(const struct walk_words *w, uint32_t addr)
{
	/* Knuth's multiplicative hash: words of a table are neighbours */
	size_t i = (size_t)(addr / 4 * UINT32_C(2654435769)) & (w->slots - 1);

	while (w->slot[i].line >= w->since && w->slot[i].addr != addr)
		i = (i + 1) & (w->slots - 1);
	return i;
}

/* Words of earlier cases stay in the table; their lines are before `since', so they are free. */
static bool grow(struct walk_words *w)
{
	struct walk_words bigger = { .slots = w->slots ? 2 * w->slots : 64, .used = w->used,
				     .since = w->since };

	if (!(bigger.slot = calloc(bigger.slots, sizeof(*bigger.slot))))
		return false;
	for (size_t i = 0; i < w->slots; i++)
		if (w->slot[i].line >= w->since)
			bigger.slot[slot_of(&bigger, w->slot[i].addr)] = w->slot[i];
	free(w->slot);
	*w = bigger;
	return true;
}

bool walk_case_word(void *ctx, uint32_t addr, uint32_t *out)
{
	const struct walk_words *w = &((const struct walk_case *)ctx)->mem;
	size_t i = w->slots ? slot_of(w, addr) : 0;

	*out = w->slots && w->slot[i].line >= w->since ? w->slot[i].word : 0;
	return true;
}

/* Lines */

/* Names of the plain rows, or of the cores of one architecture or of all. */
static size_t row_names(bool plain, const struct mmu_arch *of, const char *names[MAX_ROWS])
{
	size_t n, count = 0;
	const struct mmu_arch *rows = mmu_rows(&n);

	for (size_t i = 0; i < n && count < MAX_ROWS; i++)
		if (mmu_is_plain(&rows[i]) == plain && (!of || rows[i].arch == of->arch))
			names[count++] = rows[i].name;
	return count;
}

static enum err set_row(struct reader *r, const struct mmu_arch **as, bool plain,
			const char *what)
{
	const struct mmu_arch *other = plain ? r->cpu : r->arch, *row;
	const char *names[MAX_ROWS], *start = r->p;
	size_t i, n = row_names(plain, NULL, names);
	enum err e;

	if ((e = word(r, what, names, n, &i)))
		return e;
	row = mmu_find(names[i], strlen(names[i]));
	n = row_names(plain, other, names);
	if (other && row->arch != other->arch) {
		r->p = start;
		return word(r, plain ? "the core of the case is of another architecture" :
			    "a core of another architecture", names, n, &i);
	}
	if (*as && *as != row) {
		struct token t;

		r->p = start;
		t = next(r);
		return fail(r, t, "given twice for the same case", (*as)->name);
	}
	*as = row;
	r->c.arch = r->cpu ? r->cpu : r->arch;
	return ERR_OK;
}

static enum err line_reg(struct reader *r)
{
	unsigned column;
	uint32_t value;
	size_t i;
	enum err e;

	if ((e = word(r, "no such register", walk_reg_name, WALK_REGS, &i)))
		return e;
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
		r->p++;
	column = (unsigned)(r->p - r->line) + 1;
	if ((e = number(r, "value of a register", &value)))
		return e;
	if (r->c.reg[i].line && r->c.reg[i].value != value) {
		struct token t = { r->line + column - 1, (size_t)(r->p - r->line) - column + 1 };
		char allowed[64];

		snprintf(allowed, sizeof(allowed), "0x%08x as on line %u, or one line only",
			 r->c.reg[i].value, r->c.reg[i].line);
		return fail(r, t, "another value for the same register", allowed);
	}
	r->c.reg[i].value = value;
	r->c.reg[i].line = r->number;
	r->c.reg[i].column = column;
	return ERR_OK;
}

static enum err line_mem(struct reader *r)
{
	struct walk_words *w = &r->c.mem;
	struct token at, what;
	uint32_t addr, value;
	struct walk_word *s;
	const char *start = r->p;
	enum err e;

	if ((e = number(r, "physical address of a word", &addr)))
		return e;
	r->p = start;
	at = next(r);
	if (addr & 3)
		return fail(r, at, "a descriptor is an aligned word", "a multiple of 4");
	start = r->p;
	if ((e = number(r, "value of a word", &value)))
		return e;
	r->p = start;
	what = next(r);
	if (2 * (w->used + 1) > w->slots && !grow(w))
		return diag_set(r->d, ERR_NOMEM, "out of memory");
	s = &w->slot[slot_of(w, addr)];
	if (s->line < w->since) {
		*s = (struct walk_word){ addr, value, r->number };
		w->used++;
	} else if (s->word != value) {
		char allowed[64];

		snprintf(allowed, sizeof(allowed), "0x%08x as on line %u, or one line only",
			 s->word, s->line);
		return fail(r, what, "another value for the same word", allowed);
	}
	return ERR_OK;
}

static enum err try_size(struct reader *r, struct walk_try *t)
{
	struct token w = next(r);
	unsigned v = w.n == 1 || w.n == 2 ? (unsigned)digit(w.p[0]) : 99;

	if (w.n == 2)
		v = v && digit(w.p[1]) < 10 ? v * 10 + (unsigned)digit(w.p[1]) : 99;
	if (t->access == ACCESS_FETCH && v != 2 && v != 4)
		return fail(r, w, "size of a fetch", "2 (Thumb) or 4 (ARM)");
	if (v != 1 && v != 2 && (!v || v % 4 || v > 64))
		return fail(r, w, "size of an access in bytes", "1, 2, 4, 8 (LDRD, STRD), or a "
			    "multiple of 4 from 12 to 64 (LDM, STM)");
	t->size = (uint8_t)v;
	return ERR_OK;
}

static enum err line_try(struct reader *r)
{
	static const char *const kinds[] = { "r", "w", "x" }, *const users[] = { "priv", "user" };
	struct walk_case *c = &r->c;
	struct walk_try t = { .text = r->line, .line = r->number };
	size_t i = 0;
	enum err e;

	if ((e = word(r, "kind of access", kinds, 3, &i)))
		return e;
	t.access = i == 0 ? ACCESS_READ : i == 1 ? ACCESS_WRITE : ACCESS_FETCH;
	if ((e = word(r, "privilege of the access", users, 2, &i)))
		return e;
	t.user = i;
	if ((e = number(r, "virtual address", &t.va)) || (e = try_size(r, &t)))
		return e;
	t.length = (size_t)(r->p - r->line);
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 64;
		struct walk_try *more = realloc(c->tries, room * sizeof(*more));

		if (!more)
			return diag_set(r->d, ERR_NOMEM, "out of memory");
		c->tries = more;
		c->room = room;
	}
	c->tries[c->n++] = t;
	return ERR_OK;
}

/* A case ends where the next one or the file does. */
static enum err close_case(struct reader *r, walk_case_fn fn, void *ctx)
{
	if (!r->open)
		return ERR_OK;
	r->open = false;
	if (!r->c.n)
		return diag_set(r->d, ERR_CONFIG, "%.200s:%u:1: a case that asks nothing: found no "
				"'try' line, allowed one or more", r->name, r->c.line);
	return fn(ctx, &r->c, r->d);
}

static enum err open_case(struct reader *r)
{
	struct walk_case *c = &r->c;
	struct token name = next(r);

	if (!name.n)
		return fail(r, name, "name of the case", "one word");
	memset(c->reg, 0, sizeof(c->reg));
	c->mem.used = 0;
	c->mem.since = r->number;
	c->n = 0;
	c->name = name.p;
	c->name_length = name.n;
	c->line = r->number;
	c->arch = mmu_find("armv5", 5);
	r->arch = r->cpu = NULL;
	r->open = true;
	return ERR_OK;
}

static enum err one_line(struct reader *r, walk_case_fn fn, void *ctx)
{
	static const char *const keys[] = { "case", "cpu", "arch", "reg", "mem", "try" };
	struct token first = next(r);
	size_t i;
	enum err e;

	if (!first.n)
		return ERR_OK;
	r->p = first.p;
	if ((e = word(r, "no such line", keys, 6, &i)))
		return e;
	if (i && !r->open)
		return fail(r, first, "a line outside of a case", "'case NAME' before it");
	switch (i) {
	case 0:
		e = close_case(r, fn, ctx);
		e = e ? e : open_case(r);
		break;
	case 1: e = set_row(r, &r->cpu, false, "no such core"); break;
	case 2: e = set_row(r, &r->arch, true, "no such architecture"); break;
	case 3: e = line_reg(r); break;
	case 4: e = line_mem(r); break;
	default: e = line_try(r);
	}
	return e ? e : line_end(r);
}

static enum err all_lines(struct reader *r, const char *text, size_t length, walk_case_fn fn,
			  void *ctx)
{
	size_t at = 0;
	enum err e;

	while (at < length) {
		const char *p = text + at, *newline = memchr(p, '\n', length - at), *nul, *hash;
		size_t n = newline ? (size_t)(newline - p) : length - at;

		at += n + 1;
		r->number++;
		if (n && p[n - 1] == '\r')
			n--;
		r->line = r->p = p;
		if ((nul = memchr(p, 0, n)))
			return fail(r, (struct token){ nul, 1 }, "a NUL byte", "text");
		if ((hash = memchr(p, '#', n)))
			n = (size_t)(hash - p);
		r->end = p + n;
		if ((e = one_line(r, fn, ctx)))
			return e;
	}
	if (!r->open)
		return diag_set(r->d, ERR_CONFIG, "%.200s:%u:1: nothing to answer: found the end of "
				"the file, allowed 'case NAME'", r->name, r->number + 1);
	return close_case(r, fn, ctx);
}

enum err walk_text_read(const char *name, const char *text, size_t length, walk_case_fn fn,
			void *ctx, struct diag *d)
{
	struct reader r = { .name = name, .d = d };
	enum err e = all_lines(&r, text, length, fn, ctx);

	free(r.c.tries);
	free(r.c.mem.slot);
	return e;
}

static enum err load(FILE *f, const char *name, char **text, size_t *length, struct diag *d)
{
	size_t room = 0, got;

	*text = NULL;
	*length = 0;
	do {
		if (*length == room) {
			char *more = realloc(*text, room = room ? 2 * room : 1 << 16);

			if (!more)
				return diag_set(d, ERR_NOMEM, "%s: out of memory", name);
			*text = more;
		}
		got = fread(*text + *length, 1, room - *length, f);
		*length += got;
	} while (got);
	if (ferror(f))
		return diag_set(d, ERR_IO, "%s: %s", name, strerror(errno));
	return ERR_OK;
}

enum err walk_file_read(const char *path, walk_case_fn fn, void *ctx, struct diag *d)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	const char *name = is_stdin ? "<stdin>" : path;
	size_t length;
	char *text;
	enum err e;

	if (!f)
		return diag_set(d, ERR_IO, "%s: %s", path, strerror(errno));
	e = load(f, name, &text, &length, d);
	if (!e)
		e = walk_text_read(name, text, length, fn, ctx, d);
	free(text);
	if (!is_stdin)
		fclose(f);
	return e;
}

struct mmu_state walk_case_state(const struct walk_case *c)
{
	return (struct mmu_state){
		.arch = c->arch,
		.regs = { .ttbr0 = c->reg[REG_TTBR0].value, .sctlr = c->reg[REG_SCTLR].value,
			  .ttbr1 = c->reg[REG_TTBR1].value, .ttbcr = c->reg[REG_TTBCR].value },
		.dacr = c->reg[REG_DACR].value,
		.fcse = c->reg[REG_FCSEIDR].value,
	};
}

bool walk_reg_exists(const struct mmu_arch *a, enum walk_reg r)
{
	switch (r) {
	case REG_TTBR1:
	case REG_TTBCR:
		return a->ttbcr;
	case REG_CONTEXTIDR:
		return a->asid;
	default:
		return true;
	}
}
