/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/import_line.h"

enum { READ, WRITE, FETCH, LABELS, WORD = 4 };

enum err import_din_line(struct import *im, struct import_text t)
{
	static const char form[] = "LABEL HEXADDR, with label 0 (read), 1 (write) or 2 (instruction fetch)";
	struct import_text line = t;
	uint64_t label, address;
	uint32_t va;
	enum err e;

	import_skip_blanks(&t);
	if (t.p == t.end && !t.too_long)
		return ERR_OK;
	if (!import_number(&t, 10, &label) || t.p == t.end || !import_is_blank(*t.p))
		return import_refuse(im, &line, form);
	import_skip_blanks(&t);
	if (t.end - t.p > 2 && t.p[0] == '0' && (t.p[1] | 0x20) == 'x')
		t.p += 2;
	if (!import_number(&t, 16, &address) || (t.p < t.end && !import_is_blank(*t.p)))
		return import_refuse(im, &line, form);
	if (label >= LABELS) {
		im->n->skipped++;
		return im->o->skip_other ? ERR_OK
			: import_refuse(im, &line, "label 0 (read), 1 (write) or 2 (instruction fetch), or "
					"--skip-other");
	}
	if ((e = import_address(im, &line, address & ~UINT64_C(3), WORD, &va)))
		return e;
	return label == FETCH ? import_fetch(im, va, WORD) : import_datum(im, label == WRITE, va, WORD);
}
