/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/check.h"
#include "traces/import_line.h"

/* ==PID==, --PID--, **PID**: text of valgrind, of its debug output, of client requests. */
static bool is_valgrinds(struct import_text t)
{
	char c = t.p < t.end ? *t.p : 0;
	uint64_t pid;

	if ((c != '=' && c != '-' && c != '*') || t.end - t.p < 5 || t.p[1] != c)
		return false;
	t.p += 2;
	return import_number(&t, 10, &pid) && t.end - t.p >= 2 && t.p[0] == c && t.p[1] == c;
}

/* KIND ADDR,SIZE with blanks around. */
static bool scan(struct import_text t, char *kind, uint64_t *address, uint64_t *bytes)
{
	import_skip_blanks(&t);
	if (t.end - t.p < 2 || !import_is_blank(t.p[1]))
		return false;
	*kind = *t.p++;
	import_skip_blanks(&t);
	if (!import_number(&t, 16, address) || t.p == t.end || *t.p++ != ',' ||
	    !import_number(&t, 10, bytes))
		return false;
	import_skip_blanks(&t);
	return t.p == t.end && !t.too_long;
}

enum err import_lackey_line(struct import *im, struct import_text t)
{
	static const char form[] = "I, L, S or M with ADDR,SIZE (hexadecimal, decimal), or a line of "
				   "valgrind (==PID==)";
	uint64_t address, bytes;
	uint32_t va;
	enum err e;
	char kind;

	if (is_valgrinds(t)) {
		im->n->skipped++;
		return ERR_OK;
	}
	if (!scan(t, &kind, &address, &bytes) || (kind != 'I' && kind != 'L' && kind != 'S' && kind != 'M'))
		return import_refuse(im, &t, form);
	if (kind == 'I' && (!bytes || bytes > FETCH_MAX_BYTES))
		return import_refuse(im, &t, "a fetch of 1 to 255 bytes");
	if (!bytes || bytes > IMPORT_MAX_DATUM)
		return import_refuse(im, &t, "a size of 1 to 65536 bytes");
	if ((e = import_address(im, &t, address, (uint32_t)bytes, &va)))
		return e;
	if (kind == 'I')
		return import_fetch(im, va, (uint32_t)bytes);
	if (kind != 'S')
		e = import_datum(im, false, va, (uint32_t)bytes);
	return !e && kind != 'L' ? import_datum(im, true, va, (uint32_t)bytes) : e;
}
