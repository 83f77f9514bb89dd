/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces/id.h"

#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/check.h"
#include "traces/le.h"

enum { PENDING_RECORDS = 256 };

struct trace_id {
	gcry_md_hd_t md;
	size_t n;                       /* bytes in buf */
	uint8_t buf[PENDING_RECORDS * 16];
};

/* Another library of the process (QEMU's TLS, say) may have initialised libgcrypt already. */
static void crypt_init(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return;
	gcry_check_version(NULL);
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

enum err trace_id_create(struct trace_id **out, const struct trace_header *h, struct diag *d)
{
	struct trace_id *s = NULL;
	char *json = NULL;
	enum err err;

	*out = NULL;
	crypt_init();
	err = trace_header_semantic_json(h, &json, d);
	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s || gcry_md_open(&s->md, GCRY_MD_SHA256, 0)) {
		free(s);
		free(json);
		return diag_set(d, ERR_NOMEM, "no SHA-256 from libgcrypt");
	}
	gcry_md_write(s->md, json, strlen(json) + 1);
	free(json);
	*out = s;
	return ERR_OK;
}

void trace_id_destroy(struct trace_id *s)
{
	if (!s)
		return;
	gcry_md_close(s->md);
	free(s);
}

static void id_flush(struct trace_id *s)
{
	gcry_md_write(s->md, s->buf, s->n);
	s->n = 0;
}

void trace_id_add(struct trace_id *s, const struct trace_rec *r, const void *payload)
{
	uint8_t *p = s->buf + s->n;
	size_t bytes = trace_payload_bytes(r);

	p[0] = r->kind;
	p[1] = r->flags;
	p[2] = (uint8_t)r->arg;
	p[3] = (uint8_t)(r->arg >> 8);
	le32_put(p + 4, r->va);
	le32_put(p + 8, r->a);
	le32_put(p + 12, bytes ? 0 : r->b);
	s->n += 16;
	if (s->n == sizeof(s->buf) || bytes)
		id_flush(s);
	if (bytes)
		gcry_md_write(s->md, payload, bytes);
}

void trace_id_finish(struct trace_id *s, uint8_t id[TRACE_ID_BYTES])
{
	id_flush(s);
	memcpy(id, gcry_md_read(s->md, GCRY_MD_SHA256), TRACE_ID_BYTES);
}

void trace_id_to_hex(const uint8_t id[TRACE_ID_BYTES], char hex[TRACE_ID_HEX])
{
	for (unsigned i = 0; i < TRACE_ID_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
}
