/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the layouts of several figures need. */
#include <string.h>

#include "plots/figure.h"

unsigned figure_break(const char *name, size_t most, char line[FIGURE_LINES][FIGURE_LINE])
{
	unsigned n = 0;

	most = most < 3 ? 3 : most > 60 ? 60 : most;
	while (*name && n < FIGURE_LINES) {
		size_t take = strlen(name);

		if (take > most) {
			for (take = most; take > most / 3 && !strchr("-_. /", name[take - 1]);
			     take--)
				;
			if (take <= most / 3)
				take = most;
			/* never inside a character of UTF-8 */
			while (take > 1 && ((unsigned char)name[take] & 0xc0) == 0x80)
				take--;
		}
		snprintf(line[n], FIGURE_LINE, "%.*s%s", (int)take, name,
			 n + 1 == FIGURE_LINES && name[take] ? ".." : "");
		name += take;
		n++;
	}
	return n;
}

double figure_tic_step(double top)
{
	static const double steps[] = { 1, 2, 2.5, 5 };
	double scale = 0.1;

	while (scale * 10 * 5 < top)
		scale *= 10;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (scale * steps[i] * 5 >= top)
			return scale * steps[i];
	return scale * 10;
}
