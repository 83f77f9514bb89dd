/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edge cases that are refused, or reported, wherever they can be provoked. */
#if __has_include(<cmocka.h>)
#include "tests/strategy/edge_kit.h"

#include <stdio.h>
#include <string.h>

#include "models/cpu/cpu.h"
#include "sim/legality.h"
#include "sim/spec.h"
#include "tests/support.h"

#define PAGES EDGE_MB                   /* its table is at KIT_L2 */
#define ENTRY(i) (KIT_L2 + 4 * (i))

/* The machine of a guest on a core is refused with these words. */
static void refused(const struct kit *k, const char *spec_text, const char *core, const char *words)
{
	const struct cpu_row *row = cpu_find(core);
	struct cost_set costs;
	struct machine *m;
	struct spec spec;
	struct diag d;

	cost_set_default(&costs);
	assert_ok(spec_parse(&spec, spec_text, &d), &d);
	assert_err(ERR_CONFIG, machine_create(&m, row, &row->config, &costs, spec.ops, spec_params(&spec),
					      &k->t.header, &d), &d, words);
	spec_free(&spec);
}

/* Guest memory has one place in the machine, in whole megabytes, so that a section of it is never in
 * two places: under a monitor anything else is refused. */
static void e12_memory_of_broken_megabytes_is_refused(void)
{
	struct edge e;

	edge_begin(&e, NULL);
	e.k.t.header.ram[0].bytes = KIT_RAM_BYTES - 0x10000;
	for (unsigned i = 0; i < strategy_count; i++)
		if (strategy_table[i]->deprivileged)
			refused(&e.k, strategy_table[i]->name, "arm926", "is not made of whole megabytes");
	e.k.t.header.ram[0].bytes = KIT_RAM_BYTES / 2;
	e.k.t.header.nram = 2;
	e.k.t.header.ram[1] = (struct trace_range){ 0x08000000, KIT_RAM_BYTES / 2 };
	refused(&e.k, "coherent", "arm926", "names 2 memory ranges (supported: one)");
	edge_free(&e);
}

/* Tiny pages come from fine tables, which ARMv6 has not. A monitor can do without (edges_cross.c); natively, and by
 * strategies that write fine tables themselves, they are refused. */
static void e15_fine_tables_on_a_host_without(void)
{
	static const char *const newer[] = { "arm1136", "arm1176", "cortex-a8" };
	static const struct kit_plan plans[] = {
		{ .core = "generic", .set = { "feature.fine=off" } },
		{ .core = "generic", .set = { "feature.fine=off", "feature.tex=on", "feature.xn=on" } },
		{ .core = "generic", .set = { "feature.fine=off" }, .engine = ENGINE_FAST },
	};
	struct diag d = { "" };
	struct edge e;

	edge_begin(&e, NULL);
	edge_link(&e, PAGES, pt_encode_v5_fine(KIT_L2, 1));
	kit_poke(&e.k, ENTRY(0), pt_encode_v5_tiny(0x400000, 3, 3));
	edge_load(&e, PAGES);
	for (unsigned i = 0; i < strategy_count; i++) {
		const struct strategy_ops *s = strategy_table[i];
		bool can = legality_base(s, GUEST_V5, MMU_V6)->legal;

		for (unsigned c = 0; c < 3 && !can; c++)
			refused(&e.k, s->name, newer[c], "cannot run a guest of armv5");
		for (unsigned j = 0; j < 3; j++) {
			struct lane *l = kit_lane(&e.k, s->name, &plans[j]);

			kit_feed(l, &e.k, 0, KIT_NOW, 4096);
			if (can)
				assert_ok(kit_finish(l, &e.k, &d), &d);
			else
				assert_err(ERR_CONFIG, kit_finish(l, &e.k, &d), &d, "feature.fine: a fine table "
					   "serves MVA 0x10000000");
			lane_destroy(l);
		}
	}
	edge_free(&e);
}

/* Words shown to the guest as they are need memory where it believes it to be; pages with four APs are no words of ARMv6. */
static void e42_words_that_cannot_be_shown_are_refused(void)
{
	const struct cpu_row *row = cpu_find("arm926");
	struct host_config cfg = row->config;
	struct cost_set costs;
	struct machine *m;
	struct spec spec;
	struct edge e;
	struct diag d;

	edge_begin(&e, NULL);
	cost_set_default(&costs);
	cfg.map = MAP_OFFSET;
	assert_ok(spec_parse(&spec, "inplace:variant=I2", &d), &d);
	assert_err(ERR_CONFIG, machine_create(&m, row, &cfg, &costs, spec.ops, spec_params(&spec),
					      &e.k.t.header, &d), &d, "want map=contiguous");
	spec_free(&spec);
	edge_free(&e);
	edge_begin(&e, "arm1176");
	refused(&e.k, "inplace:filter=on", "arm1176", "want filter=off");
	edge_free(&e);
}

/* No strategy write-protects pages for a log of what was written. */
static void e27_dirty_logging_is_refused(void)
{
	for (unsigned i = 0; i < strategy_count; i++) {
		char text[64];
		struct spec spec;
		struct diag d;

		snprintf(text, sizeof(text), "%s:dirty=log", strategy_table[i]->name);
		assert_err(ERR_CONFIG, spec_parse(&spec, text, &d), &d, "dirty");
	}
}

/* A trace knows one writer, the CPU. A table that something else wrote differs from its check image. */
static void e29_store_that_no_record_shows(void)
{
	const struct edge_row *row;
	uint32_t words[1024];
	struct diag why;
	struct edge e;

	edge_begin(&e, NULL);
	edge_link(&e, PAGES, pt_encode_v5_coarse(KIT_L2, 1));
	kit_poke(&e.k, ENTRY(7), edge_small(0x407000, 3));
	edge_load(&e, PAGES + 0x7000);
	memcpy(words, mem_frame(kit_guest(&e.k)->tables, KIT_L2), sizeof(words));
	words[7] = edge_small(0x507000, 3);
	kit_image(&e.k, KIT_L2, words);
	for (unsigned i = 0; (row = edge_row_at(false, i)); i++) {
		assert_false(edge_run(&e, row, NULL, 0, &why));
		assert_non_null(strstr(why.msg, "check image: guest PA 0x0000801c differs"));
	}
	assert_false(edge_check_trace(&e, &why));
	assert_non_null(strstr(why.msg, "first at 0x0000801c"));
	edge_free(&e);
}

/* Where guest memory lies is settled before the run: two maps, both contiguous, neither moves. */
static void e37_machine_map_does_not_change(void)
{
	struct host_config cfg = cpu_find("arm926")->config;
	struct diag d;

	assert_ok(param_set(config_keys, config_key_count, &cfg, "map", "offset", &d), &d);
	assert_err(ERR_USAGE, param_set(config_keys, config_key_count, &cfg, "map", "moving", &d), &d,
		   "want contiguous, offset");
	assert_err(ERR_CONFIG, param_set(config_keys, config_key_count, &cfg, "map.balloon", "1", &d), &d,
		   "map.balloon");
	assert_ok(param_set(config_keys, config_key_count, &cfg, "map.base", "0x10001000", &d), &d);
	assert_err(ERR_CONFIG, config_check(&cfg, &d), &d, "not a multiple of 1 MB");
}

const struct edge_case edges_refused[] = {
	EDGE_PLAIN(12, e12_memory_of_broken_megabytes_is_refused),
	EDGE_PLAIN(15, e15_fine_tables_on_a_host_without),
	EDGE_PLAIN(42, e42_words_that_cannot_be_shown_are_refused),
	EDGE_PLAIN(27, e27_dirty_logging_is_refused),
	EDGE_PLAIN(29, e29_store_that_no_record_shows),
	EDGE_PLAIN(37, e37_machine_map_does_not_change),
	EDGE_END,
};
#else
typedef int cmocka_is_missing;
#endif
