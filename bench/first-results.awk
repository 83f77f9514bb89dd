# SPDX-License-Identifier: GPL-2.0-or-later
#
# From `shadewalk compare --format csv`, the tables of doc/first-results.md:
#
#	awk -v table=slowdown -f first-results.awk compare.csv     traces x strategies
#	awk -v table=traces -f first-results.awk compare.csv       a table a trace, strategies x figures
#
# The table of geometric means counts traces that every strategy of that host has run.

BEGIN {
	FS = ","
	ngroups = split("abort tlbi switch dacr cache drain cp sens reflect", group, " ")
	members["abort"] = "fetch load store unpriv vectors"
	members["tlbi"] = "tlbi-all tlbi-mva"
	members["switch"] = "ttbr asid fcse"
	members["dacr"] = "dacr"
	members["cache"] = "cache-line cache-all"
	members["drain"] = "barrier"
	members["cp"] = "cp-read cp-write sctlr"
	members["sens"] = "sens"
	members["reflect"] = "svc und pabt dabt irq fiq wait"
}

NR == 1 {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	next
}

function get(name) {
	if (!(name in column)) {
		print "first-results: the comparison has no column " name >"/dev/stderr"
		exit bad = 1
	}
	return $column[name]
}

{
	host = get("host_core")
	trace = get("trace")
	strategy = get("strategy")
	if (!(host in known))
		hosts[++nhosts] = host
	known[host] = 1
	if (!((host, trace) in known))
		traces[host, ++ntraces[host]] = trace
	known[host, trace] = 1
	if (!((host, "s", strategy) in known))
		strategies[host, ++nstrategies[host]] = strategy
	known[host, "s", strategy] = 1
	k = host SUBSEP trace SUBSEP strategy
	slowdown[k] = get("slowdown")
	exits[k] = get("exits")
	per_million[k] = get("exits_per_million")
	per_exit[k] = get("cycles_per_exit")
	ratio[k] = get("hidden_per_true")
	memory[k] = get("memory_peak_bytes")
	deviation[k] = get("deviation_share")
	insns[k] = get("instructions")
	for (g = 1; g <= ngroups; g++) {
		n = split(members[group[g]], m, " ")
		for (i = 1; i <= n; i++)
			by[k, group[g]] += get("exits_" m[i])
		sum[k] += by[k, group[g]]
	}
	if (sum[k] != exits[k]) {
		print "first-results: " trace " " strategy ": exits by cause are " sum[k] ", not " exits[k] >"/dev/stderr"
		exit bad = 1
	}
}

function shown(x, format) { return x == "" ? "." : sprintf(format, x) }

# "coherent" first, then as they came, native left out.
function slowdown_table(host,    t, s, k, line, n, product, all) {
	line = "| trace |"
	for (s = 1; s <= nstrategies[host]; s++)
		if (strategies[host, s] != "native")
			line = line " " strategies[host, s] " |"
	print line
	gsub(/[^|]+/, " --- ", line)
	print line
	for (t = 1; t <= ntraces[host]; t++) {
		line = "| " traces[host, t] " |"
		all = 1
		for (s = 1; s <= nstrategies[host]; s++)
			all = all && slowdown[host, traces[host, t], strategies[host, s]] != ""
		for (s = 1; s <= nstrategies[host]; s++) {
			k = host SUBSEP traces[host, t] SUBSEP strategies[host, s]
			if (all)
				product[s] += log(slowdown[k])
			if (strategies[host, s] != "native")
				line = line " " shown(slowdown[k], "%.2f") " |"
		}
		n += all
		print line
	}
	if (!n)
		return
	line = "| **geometric mean of " n "** |"
	for (s = 1; s <= nstrategies[host]; s++)
		if (strategies[host, s] != "native")
			line = line " **" sprintf("%.2f", exp(product[s] / n)) "** |"
	print line
}

function trace_table(host, trace,    s, k, g, line) {
	line = "| strategy | slowdown | exits | cycles each | hidden : true | peak KB | deviating % |"
	for (g = 1; g <= ngroups; g++)
		line = line " " group[g] " |"
	print line
	gsub(/[^|]+/, " --- ", line)
	print line
	for (s = 1; s <= nstrategies[host]; s++) {
		k = host SUBSEP trace SUBSEP strategies[host, s]
		if (strategies[host, s] == "native" || !(k in exits))
			continue
		line = "| " strategies[host, s] " | " shown(slowdown[k], "%.3f") " | " shown(per_million[k], "%.0f") \
			" | " shown(per_exit[k], "%.0f") " | " shown(ratio[k], "%.2f") " | " \
			(memory[k] == "" ? "." : sprintf("%.1f", memory[k] / 1024)) " | " \
			(deviation[k] == "" ? "." : sprintf("%.2f", 100 * deviation[k])) " |"
		for (g = 1; g <= ngroups; g++)
			line = line " " (by[k, group[g]] ? sprintf("%.0f", 1e6 * by[k, group[g]] / insns[k]) : ".") " |"
		print line
	}
}

END {
	if (bad)
		exit 1
	for (h = 1; h <= nhosts; h++) {
		if (table == "slowdown") {
			print (h > 1 ? "\n" : "") "On `" hosts[h] "`:\n"
			slowdown_table(hosts[h])
		}
		for (t = 1; table == "traces" && t <= ntraces[hosts[h]]; t++) {
			print (h > 1 || t > 1 ? "\n" : "") "`" traces[hosts[h], t] "` on `" hosts[h] "`:\n"
			trace_table(hosts[h], traces[hosts[h], t])
		}
	}
}
