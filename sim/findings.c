/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <strings.h>

#include "sim/lint.h"

const char *const lint_severity_name[LINT_SEVERITIES] = { "error", "warning", "note" };
const char *const lint_origin_name[LINT_ORIGINS] = { "guest", "monitor" };

const struct finding_info finding_info[FINDINGS] = {
#define FINDING(id, name, severity, meaning, cause, source) \
	[FINDING_##id] = { #id, name, LINT_##severity, meaning, cause, source },
#include "sim/findings.def"
#undef FINDING
};

enum finding finding_find(const char *text)
{
	unsigned f = 0;

	while (f < FINDINGS && strcasecmp(text, finding_info[f].id) &&
	       strcasecmp(text, finding_info[f].name))
		f++;
	return (enum finding)f;
}

uint64_t lint_errors(const struct lint_report *r)
{
	uint64_t sum = 0;

	for (unsigned f = 0; f < FINDINGS; f++)
		for (unsigned o = 0; o < LINT_ORIGINS; o++)
			if (finding_info[f].severity == LINT_ERROR)
				sum += r->n[f][o];
	return sum;
}
