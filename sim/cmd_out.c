/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/cmd_out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/options.h"

static enum err make_partial(struct cmd_out *o, struct diag *d)
{
	struct stat st;
	size_t bytes = strlen(o->path) + sizeof(".partial");

	if (!stat(o->path, &st) && !S_ISREG(st.st_mode))
		return ERR_OK;
	if (!(o->partial = malloc(bytes)))
		return diag_set(d, ERR_NOMEM, "out of memory");
	snprintf(o->partial, bytes, "%s.partial", o->path);
	return ERR_OK;
}

enum err cmd_out_open(struct cmd_out *o, const char *path, const char *const *in, size_t n,
		      struct diag *d)
{
	enum err e = option_output(path, in, n, d);

	*o = (struct cmd_out){ .f = stdout };
	if (e || !path || !strcmp(path, "-"))
		return e;
	o->path = path;
	if ((e = make_partial(o, d)))
		return e;
	if ((o->f = fopen(o->partial ? o->partial : path, "w")))
		return ERR_OK;
	e = diag_set(d, ERR_IO, "%s: %s", path, strerror(errno));
	free(o->partial);
	o->partial = NULL;
	return e;
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
	if (!e && o->partial && rename(o->partial, o->path))
		e = diag_set(d, ERR_IO, "%s: %s", o->path, strerror(errno));
	if (e && o->partial)
		unlink(o->partial);
	free(o->partial);
	*o = (struct cmd_out){ 0 };
	return e;
}
