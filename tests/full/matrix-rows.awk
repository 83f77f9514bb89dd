# SPDX-License-Identifier: GPL-2.0-or-later
#
# Chooses the rows of tests/matrix.def, together with matrix.awk: every pair of values is in a row that
# runs, or, when the program refuses whatever the other values are, in a row that is refused.
# What is legal is asked of the program, on a short trace instead of a long one.
#
# Variables: sw, the program; src, its source folder; shorts: a file with lines "TRACE FILE", what to ask with.

# Deterministic, and the same in every awk.
function roll(n) {
	seed = (seed * 16807) % 2147483647
	return seed % n
}

function key_of(    i, k) {
	k = short[row["trace"]]
	for (i = 2; i <= nfactors; i++)
		k = k " " row[factor[i]]
	return k
}

function row_applies(    i) {
	for (i = 4; i <= nfactors; i++)
		if (!applies(row["variant"], factor[i], row[factor[i]]))
			return 0
	return 1
}

# Memoised: exit status of a short run.
function legal(    k, a, line) {
	k = key_of()
	if (!(k in said)) {
		a = arguments()
		sub(/^[^ ]+/, short[row["trace"]], a)
		cmd = "cd " src " && " sw " run -q " a " 2>&1 >/dev/null; echo $?"
		said[k] = ""
		while ((cmd | getline line) > 0)
			said[k] = said[k] (said[k] == "" ? "" : "\n") line
		close(cmd)
		asked++
	}
	return said[k] == "0"
}

function gain(    i, j, n) {
	for (i = 1; i <= nfactors; i++)
		for (j = i + 1; j <= nfactors; j++)
			if (row[factor[i]] != "-" && row[factor[j]] != "-")
				n += !((factor[i], row[factor[i]], factor[j], row[factor[j]]) in covered)
	return n
}

# Values for what the pair leaves open, the first ones of the lists that are legal together.
function complete(fa, fb,    v, t, h, i, k, d, f) {
	for (v = 1; v <= nvalues["variant"]; v++) {
		if (fa != "variant" && fb != "variant")
			row["variant"] = value["variant", v]
		else if (v > 1)
			return 0
		for (i = 4; i <= nfactors; i++) {
			f = factor[i]
			if (f == fa || f == fb)
				continue
			for (k = 1; k <= nvalues[f]; k++) {
				row[f] = value[f, k]
				if (applies(row["variant"], f, row[f]))
					break
			}
		}
		if (!row_applies())
			continue
		for (t = 1; t <= nfirst; t++) {
			if (fa != "trace" && fb != "trace")
				row["trace"] = first[t]
			else if (t > 1)
				break
			for (h = 1; h <= nvalues["host"]; h++) {
				if (fa != "host" && fb != "host")
					row["host"] = value["host", h]
				else if (h > 1)
					break
				if (legal())
					return 1
				keep_refusal()
				if (fa == "dacr" || fb == "dacr" || said[key_of()] !~ /dacr/)
					continue
				d = row["dacr"]
				for (k = 1; k <= nvalues["dacr"]; k++) {
					row["dacr"] = value["dacr", k]
					if (row_applies() && legal())
						return 1
				}
				row["dacr"] = d
			}
		}
	}
	return 0
}

# The first refusal met is the one that is shown: all else was at its first value.
function keep_refusal(    i) {
	if (refused_row != "")
		return
	for (i = 1; i <= nfactors; i++)
		refused_row = refused_row (i > 1 ? " " : "") row[factor[i]]
	refused_why = said[key_of()]
	sub(/\n[0-9]+$/, "", refused_why)
	sub(/\n.*/, "", refused_why)
	sub(/^shadewalk run: ([^ ]*\.swt: )?/, "", refused_why)
}

# Other values for what the pair leaves open, as long as more pairs are covered.
function improve(fa, fb,    tries, f, old, best, now) {
	best = gain()
	for (tries = 0; tries < 60; tries++) {
		f = factor[1 + roll(nfactors)]
		if (f == fa || f == fb)
			continue
		old = row[f]
		row[f] = value[f, 1 + roll(nvalues[f])]
		now = row[f] == old || !row_applies() ? -1 : gain()
		if (now > best && legal())
			best = now
		else
			row[f] = old
	}
}

function take_row(    i, j, line) {
	line = "row"
	for (i = 1; i <= nfactors; i++) {
		line = line " " row[factor[i]]
		for (j = i + 1; j <= nfactors; j++)
			covered[factor[i], row[factor[i]], factor[j], row[factor[j]]] = 1
	}
	print line " run"
	taken++
}

function cover(fa, a, fb, b) {
	if ((fa, a, fb, b) in covered)
		return
	row[fa] = a
	row[fb] = b
	if (fa == "variant" && !applies(a, fb, b))
		return
	refused_row = ""
	if (complete(fa, fb)) {
		improve(fa, fb)
		take_row()
	} else if (refused_row != "") {
		print "row " refused_row " refused " fa " " fb " " refused_why
		covered[fa, a, fb, b] = 1
		refused++
	}
}

BEGIN {
	seed = 1
	while ((getline line <shorts) > 0) {
		split(line, part, " ")
		short[part[1]] = part[2]
	}
}

# The values stay as they are, rows are made anew.
$1 != "row" { print }
$1 == "row" { next }

END {
	for (k = 1; k <= nvalues["trace"]; k++)
		if (!seen[short[value["trace", k]]]++)
			first[++nfirst] = value["trace", k]
	for (i = 1; i <= nfactors; i++)
		for (j = i + 1; j <= nfactors; j++)
			for (k = 1; k <= nvalues[factor[i]]; k++)
				for (l = 1; l <= nvalues[factor[j]]; l++)
					if (value[factor[i], k] != "-" && value[factor[j], l] != "-")
						cover(factor[i], value[factor[i], k], factor[j], value[factor[j], l])
	print taken + 0 " rows to run, " refused + 0 " refused, " asked + 0 " combinations asked" >"/dev/stderr"
}
