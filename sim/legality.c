/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/legality.h"

#include <stdio.h>
#include <string.h>

#include "base/options.h"

const char *const guest_kind_name[GUEST_KINDS] = { "import", "armv5", "xscale", "armv6" };
const char *const host_kind_name[HOST_KINDS] = { "armv5", "armv5+tex", "armv5+xn", "armv6",
						    "armv7" };
const char *const tag_name[TAGS] = { "unmodified", "patched", "modified", "what-if" };

#define G(x) (1u << GUEST_##x)
#define H(x) (1u << MMU_##x)
enum {
	OLD_GUESTS = G(V5) | G(XSCALE),
	OLD_HOSTS = H(V5) | H(TEX) | H(BOTH), NEW_HOSTS = H(V6) | H(V7),
	XN_HOSTS = H(BOTH) | NEW_HOSTS, NO_XN = H(V5) | H(TEX),
	ALL_HOSTS = OLD_HOSTS | NEW_HOSTS,
};

#define ROW(name, g, h) .strategy = (name), .guests = (g), .hosts = (h)
#define ANY_MONITOR(g, h) .monitor = true, .guests = (g), .hosts = (h)
#define ALONE(g, h) .monitor = false, .guests = (g), .hosts = (h)
#define LEGAL(t, text) .legal = true, .tag = TAG_##t, .why = (text)
#define REFUSED(text, other) .legal = false, .why = (text), .instead = (other)

#define OWN_WORDS "the host reads the guest's words"
#define TWO_STAGES "the host reads the guest's words, by way of stage 2"
#define NO_WORDS "its words (XN, APX, nG) need feature.xn"
#define NEWER_HOST "a core of armv6 (-c arm1136, -c cortex-a8), or feature.xn and feature.tex on this one"

/* Between two accesses of a copy the kernel goes on in its own view. */
#define COPY_BY_DACR(settings) \
	{ ANY_MONITOR(OLD_GUESTS | G(V6), ALL_HOSTS), .key = (settings), \
	  REFUSED("kernel and user have to differ by DACR alone", "view=domains and mb=ap, or ldrt=trap") }

static bool has_subpages(const struct host_config *c, const struct mmu_arch *a)
{
	(void)c;
	return a->format[0] != PT_V6;
}

static bool finds_once(const struct cache_geom *c)
{
	return !c->bytes || c->kind == CACHE_PIPT ||
	       (c->kind == CACHE_VIPT && c->bytes / c->ways <= FRAME_BYTES);
}

static bool finds_frames_once(const struct host_config *c, const struct mmu_arch *a)
{
	(void)a;
	return finds_once(&c->l1i) && finds_once(&c->l1d) && !c->minid.bytes;
}

static bool has_xn(const struct host_config *c, const struct mmu_arch *a)
{
	(void)c;
	return mmu_is_v6(a);
}

const struct legality_row legality_rows[] = {
	/* no monitor */
	{ ALONE(G(IMPORT), ALL_HOSTS), LEGAL(UNMODIFIED, "references alone: no table is read") },
	{ ALONE(G(V5), OLD_HOSTS), LEGAL(UNMODIFIED, OWN_WORDS) },
	{ ALONE(G(XSCALE), H(TEX) | H(BOTH)), LEGAL(UNMODIFIED, OWN_WORDS) },
	{ ALONE(G(XSCALE), H(V5)),
	  REFUSED("its tables may hold extended small pages, which need feature.tex",
		  "a core with TEX bits (-c pxa255), or under a monitor (-s coherent)") },
	{ ALONE(OLD_GUESTS, NEW_HOSTS),
	  REFUSED("its kernel has the operations of its own core (test-and-clean, allocation of lines, c9, c10, c15), which "
		  "are undefined on this one, and nobody takes the trap",
		  "-s coherent; by itself on a core of armv5 (-c arm926)") },
	{ ALONE(G(V6), XN_HOSTS), LEGAL(UNMODIFIED, OWN_WORDS) },
	{ ALONE(G(V6), NO_XN), REFUSED(NO_WORDS, NEWER_HOST) },
	/* any monitor */
	{ ANY_MONITOR(G(IMPORT), ALL_HOSTS),
	  REFUSED("it has neither tables nor exceptions", "-s native") },
	{ ANY_MONITOR(G(V6), NO_XN), REFUSED(NO_WORDS, NEWER_HOST) },
	{ ANY_MONITOR(OLD_GUESTS, OLD_HOSTS),
	  LEGAL(PATCHED, "shadows in words of armv5") },
	{ ANY_MONITOR(OLD_GUESTS, NEW_HOSTS),
	  REFUSED("the host would walk words of armv5, which it does not read",
		  "-s coherent, -s cached; a core that does (-c arm926, -c arm1176)") },
	{ ANY_MONITOR(G(V6), XN_HOSTS), LEGAL(PATCHED, "shadows in words of armv6") },
	/* strategies that differ from that */
	{ ROW("coherent", OLD_GUESTS, NEW_HOSTS),
	  LEGAL(PATCHED, "shadows in the host's words; what these cannot say is emulated") },
	{ ROW("cached", OLD_GUESTS, NEW_HOSTS),
	  LEGAL(PATCHED, "shadows in words of armv6; pages of fine tables are emulated access by access") },
	{ ROW("inplace", OLD_GUESTS, H(V6)),
	  LEGAL(PATCHED, "the guest's tables in its own words (SCTLR.XP = 0); pages of fine tables are emulated access by "
		"access") },
	{ ROW("inplace", G(V6), XN_HOSTS),
	  LEGAL(PATCHED, "the guest's tables and shadows in words of armv6") },
	{ ROW("nested", G(IMPORT), ALL_HOSTS),
	  REFUSED("it has neither tables nor exceptions", "-s native") },
	{ ROW("nested", G(V5), OLD_HOSTS), LEGAL(WHAT_IF, TWO_STAGES) },
	{ ROW("nested", G(XSCALE), H(TEX) | H(BOTH)), LEGAL(WHAT_IF, TWO_STAGES) },
	{ ROW("nested", G(XSCALE), H(V5)),
	  REFUSED("its tables, which the host reads, may hold extended small pages (feature.tex)",
		  "a core with TEX bits (-c pxa255), or under a monitor (-s coherent)") },
	{ ROW("nested", OLD_GUESTS, NEW_HOSTS),
	  REFUSED("its kernel has the operations of its own core, which are undefined on this one, and traps for none of them",
		  "-s coherent; on a core of armv5 (-c arm926)") },
	{ ROW("nested", G(V6), XN_HOSTS), LEGAL(UNMODIFIED, TWO_STAGES) },
	{ ROW("nested", G(V6), NO_XN), REFUSED(NO_WORDS, NEWER_HOST) },
	/* what a run sets */
	{ ROW("nested", G(V6), ALL_HOSTS), .key = "feature.vmid=off",
	  LEGAL(WHAT_IF, "the core has no second stage") },
	{ ROW("coherent", OLD_GUESTS, ALL_HOSTS), .key = "words=v5", .fits = has_subpages,
	  LEGAL(PATCHED, "an ARMv7 core reads no words of armv5"), .instead = "words=auto" },
	{ ROW("coherent", G(V6), ALL_HOSTS), .key = "words=v5",
	  REFUSED("words of armv5 have no XN, no nG and no memory types", "words=auto") },
	{ ROW("coherent", OLD_GUESTS, ALL_HOSTS), .key = "words=v6", .fits = has_xn,
	  LEGAL(PATCHED, "the host reads no words of armv6"),
	  .instead = "words=auto, or a core of armv6 (-c arm1136)" },
	{ ROW("coherent", OLD_GUESTS, ALL_HOSTS), .key = "tiny=toggle", .fits = has_subpages,
	  LEGAL(PATCHED, "without an AP a quarter those that are not touched would reach the wrong frame"),
	  .instead = "tiny=emulate, or a core that reads words of armv5 (-c arm1176)" },
	{ ROW("cached", OLD_GUESTS, NEW_HOSTS), .key = "filter=on",
	  REFUSED("a page in words of armv6 has one AP, so its quarters have no rights of their own",
		  "filter=off; filter=on under inplace, or on a core of armv5 (-c arm926)") },
	{ ROW("cached", G(V6), ALL_HOSTS), .key = "filter=on",
	  REFUSED("a page in words of armv6 has one AP, so its quarters have no rights of their own",
		  "filter=off: stores beside the tables of a frame are performed without shadow work") },
	{ ANY_MONITOR(OLD_GUESTS, ALL_HOSTS), .key = "vivt=drop", .fits = finds_frames_once,
	  LEGAL(PATCHED, "the guest flushes because lines of a VIVT cache are found by address alone, and of a VIPT one with ways "
		"over 4 KB a frame may be there twice"),
	  .instead = "vivt=execute, or caches with physical tags and ways of 4 KB (-c arm1176)" },
	{ ANY_MONITOR(G(V6), ALL_HOSTS), .key = "vivt=drop",
	  REFUSED("its kernel is made for physical tags: what it flushes it means", "vivt=execute") },
	{ ANY_MONITOR(OLD_GUESTS | G(V6), ALL_HOSTS), .key = "ldrt=window",
	  LEGAL(MODIFIED, "copy loops of the kernel say where they begin and end") },
	{ ANY_MONITOR(OLD_GUESTS | G(V6), ALL_HOSTS), .key = "ldrt=copy",
	  LEGAL(MODIFIED, "copy loops of the kernel are a hypercall") },
	COPY_BY_DACR("ldrt=window view=two-tables"), COPY_BY_DACR("ldrt=copy view=two-tables"),
	COPY_BY_DACR("ldrt=window view=reflush"), COPY_BY_DACR("ldrt=copy view=reflush"),
	COPY_BY_DACR("ldrt=window view=fold"), COPY_BY_DACR("ldrt=copy view=fold"),
	COPY_BY_DACR("ldrt=window mb=split-view"), COPY_BY_DACR("ldrt=copy mb=split-view"),
	{ ANY_MONITOR(OLD_GUESTS | G(V6), ALL_HOSTS), .key = "ldrt=ignore",
	  LEGAL(PATCHED, "unsound: a user's pointer to kernel memory succeeds, which --verify reports") },
	{ ANY_MONITOR(OLD_GUESTS | G(V6), ALL_HOSTS), .key = "cpu=free",
	  LEGAL(WHAT_IF, "sensitive instructions trap by themselves and cost nothing") },
};
const unsigned legality_row_count = sizeof(legality_rows) / sizeof(legality_rows[0]);

enum guest_kind legality_guest(const struct trace_header *h)
{
	const struct mmu_arch *a = mmu_of_core(h->core, h->arch);

	if (trace_header_is_import(h))
		return GUEST_IMPORT;
	if (!strcmp(h->arch, "armv6"))
		return GUEST_V6;
	return a && a->format[0] == PT_XSCALE ? GUEST_XSCALE : GUEST_V5;
}

enum host_kind legality_host(const struct cpu_row *row, const struct mmu_arch *a)
{
	if (!strcmp(row->arch, "armv6"))
		return a->format[0] == PT_V6 ? MMU_V7 : MMU_V6;
	if (mmu_is_v6(a))
		return MMU_BOTH;
	return a->format[0] == PT_V5 ? MMU_V5 : MMU_TEX;
}

static bool is_about(const struct legality_row *r, const struct strategy_ops *s, enum guest_kind g,
		     enum host_kind h)
{
	bool named = r->strategy ? !strcmp(r->strategy, s->name) : r->monitor == s->deprivileged;

	return named && r->guests >> g & 1 && r->hosts >> h & 1;
}

const struct legality_row *legality_base(const struct strategy_ops *s, enum guest_kind g,
					 enum host_kind h)
{
	const struct legality_row *found = NULL;

	for (unsigned i = 0; i < legality_row_count; i++) {
		const struct legality_row *r = &legality_rows[i];

		if (!r->key && is_about(r, s, g, h) && (!found || r->strategy))
			found = r;
	}
	return found;
}

/* "KEY=VALUE" is how the strategy or the host is set. */
static bool is_one_set(const struct legality_case *c, const char *setting, size_t length)
{
	char key[48], value[32], *eq;
	const struct param *p;
	bool of_host;

	snprintf(key, sizeof(key), "%.*s", (int)length, setting);
	eq = strchr(key, '=');
	*eq = '\0';
	p = c->params ? param_find(c->ops->params, c->ops->nparams, key) : NULL;
	of_host = !p;
	p = p ? p : param_find(config_keys, config_key_count, key);
	return p && !strcmp(param_text(p, of_host ? (const void *)c->cfg : c->params, value), eq + 1);
}

static bool is_set(const struct legality_case *c, const char *settings)
{
	for (size_t n; *settings; settings += n + (settings[n] == ' ')) {
		n = strcspn(settings, " ");
		if (!is_one_set(c, settings, n))
			return false;
	}
	return true;
}

static enum err refuse(const struct legality_case *c, const struct legality_row *r, enum guest_kind g,
		       struct diag *d)
{
	const char *also = r->instead ? "; legal instead: " : "", *instead = r->instead ? r->instead : "";

	if (r->key)
		return diag_set(d, ERR_CONFIG, "%s: strategy %s on host core %s cannot have it for a guest of "
				"%s: %s%s%s", r->key, c->ops->name, c->row->name, guest_kind_name[g], r->why,
				also, instead);
	if (g == GUEST_IMPORT)
		return diag_set(d, ERR_CONFIG, "strategy %s cannot run an imported stream: %s%s%s",
				c->ops->name, r->why, also, instead);
	return diag_set(d, ERR_CONFIG, "host core %s (%s) cannot run a guest of %s under %s: %s%s%s",
			c->row->name, c->row->arch, guest_kind_name[g], c->ops->name, r->why, also,
			instead);
}

/* A core that nobody made. */
static bool is_changed(const struct legality_case *c)
{
	return memcmp(c->cfg->feature, c->row->config.feature, sizeof(c->cfg->feature)) != 0;
}

enum err legality_check(const struct legality_case *c, const char **tag, struct diag *d)
{
	enum guest_kind g = legality_guest(c->header);
	enum host_kind h = legality_host(c->row, c->arch);
	const struct legality_row *base = legality_base(c->ops, g, h);
	enum tag far = is_changed(c) ? TAG_WHAT_IF : base->tag;

	if (!base->legal)
		return refuse(c, base, g, d);
	for (unsigned i = 0; i < legality_row_count; i++) {
		const struct legality_row *r = &legality_rows[i];

		if (!r->key || !is_about(r, c->ops, g, h) || !is_set(c, r->key))
			continue;
		if (!r->legal || (r->fits && !r->fits(c->cfg, c->arch)))
			return refuse(c, r, g, d);
		far = r->tag > far ? r->tag : far;
	}
	*tag = tag_name[far > base->tag ? far : base->tag];
	return ERR_OK;
}
