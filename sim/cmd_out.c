/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/cmd_out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum err cmd_out_open(struct cmd_out *o, const char *path, struct diag *d)
{
	size_t n;

	*o = (struct cmd_out){ .f = stdout };
	if (!path || !strcmp(path, "-"))
		return ERR_OK;
	n = strlen(path) + sizeof(".partial");
	if (!(o->partial = malloc(n)))
		return diag_set(d, ERR_NOMEM, "out of memory");
	snprintf(o->partial, n, "%s.partial", path);
	o->path = path;
	if ((o->f = fopen(o->partial, "w")))
		return ERR_OK;
	n = (size_t)errno;
	free(o->partial);
	o->partial = NULL;
	return diag_set(d, ERR_IO, "%s: %s", path, strerror((int)n));
}

enum err cmd_out_close(struct cmd_out *o, enum err e, struct diag *d)
{
	int failed, why;

	if (!o->f)
		return e;
	errno = 0;
	failed = fflush(o->f) || ferror(o->f);
	why = errno;
	if (o->path && fclose(o->f) && !failed) {
		failed = 1;
		why = errno;
	}
	if (!e && failed)
		e = diag_set(d, ERR_IO, "%s: %s", o->path ? o->path : "standard output",
			     why ? strerror(why) : "write failed");
	if (!e && o->path && rename(o->partial, o->path))
		e = diag_set(d, ERR_IO, "%s: %s", o->path, strerror(errno));
	if (e && o->path)
		unlink(o->partial);
	free(o->partial);
	*o = (struct cmd_out){ 0 };
	return e;
}
