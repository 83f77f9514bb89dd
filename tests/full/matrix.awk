# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads tests/matrix.def: values of factors, and rows. The file is told of in its own head.
#
#	awk -f matrix.awk -v what=pairs -v keys=FILE matrix.def      pairs that no row covers; exit 1 if any
#	awk -f matrix.awk -v what=commands matrix.def                a row a line: number, outcome, arguments
#
# keys: lines "STRATEGY KEY", of every key that every strategy has.

function fail(text) {
	print FILENAME ":" FNR ": " text >"/dev/stderr"
	bad = 1
}

# Does the strategy behind a variant have the key, and leave it open?
function open_key(variant, key) {
	split(text["variant", variant], part, ":")
	return (part[1], key) in has && index(text["variant", variant] ":", ":" key "=") == 0
}

# "-" stands for a key that is not there, or said already.
function applies(variant, factor, value) {
	if (factor == "view" || factor == "dacr")
		return (value != "-") == open_key(variant, factor)
	if (factor == "more" && value != "-" && text[factor, value] !~ /^--set/)
		return open_key(variant, substr(text[factor, value], 1, index(text[factor, value], "=") - 1))
	return 1
}

function arguments(    i, spec, set, t) {
	spec = text["variant", row["variant"]]
	for (i = 4; i <= nfactors; i++) {
		t = text[factor[i], row[factor[i]]]
		if (t ~ /^--set/)
			set = set " " t
		else if (t != "")
			spec = spec ":" t
	}
	return text["trace", row["trace"]] " -c " text["host", row["host"]] " -s " spec set
}

function check_pairs(    i, j, k, l, a, b, n, missing) {
	for (i = 1; i <= nfactors; i++)
		for (j = i + 1; j <= nfactors; j++)
			for (k = 1; k <= nvalues[factor[i]]; k++)
				for (l = 1; l <= nvalues[factor[j]]; l++) {
					a = value[factor[i], k]
					b = value[factor[j], l]
					if (factor[i] == "variant" && !applies(a, factor[j], b))
						continue
					if (a == "-" || b == "-")
						continue
					n++
					if ((factor[i], a, factor[j], b) in covered)
						continue
					print "no row has " factor[i] " " a " with " factor[j] " " b
					missing++
				}
	print n " pairs, " missing + 0 " without a row"
	return missing > 0
}

BEGIN {
	nfactors = split("trace host variant view dacr map more", factor)
	for (i = 1; i <= nfactors; i++)
		text[factor[i], "-"] = ""
	while (keys && (getline line <keys) > 0) {
		split(line, part, " ")
		has[part[1], part[2]] = 1
	}
}

$1 == "value" {
	if (($2, $3) in text && $3 != "-")
		fail("value " $3 " of " $2 " is there already")
	value[$2, ++nvalues[$2]] = $3
	rest = $0
	sub(/^value +[^ ]+ +[^ ]+ */, "", rest)
	text[$2, $3] = rest
	next
}

$1 == "apart" && NF < 3 { fail("what is apart says why") }
$1 == "apart" && what == "commands" {
	print ++rows "\tskipped\t" $2 "\t" $0
}

$1 == "row" {
	rows++
	for (i = 1; i <= nfactors; i++) {
		row[factor[i]] = $(i + 1)
		if (!((factor[i], $(i + 1)) in text))
			fail("there is no " factor[i] " " $(i + 1))
	}
	outcome = $(nfactors + 2)
	if (outcome !~ /^(run|refused|skipped)$/)
		fail("outcome " outcome ", want run, refused or skipped")
	if (outcome != "run" && NF < nfactors + (outcome == "refused" ? 5 : 3))
		fail("a row that is " outcome " says why")
	if (outcome == "run")
		for (i = 1; i <= nfactors; i++)
			for (j = i + 1; j <= nfactors; j++)
				covered[factor[i], row[factor[i]], factor[j], row[factor[j]]] = 1
	else if (outcome == "refused")        # for these two factors, nothing else is wrong
		covered[$(nfactors + 3), row[$(nfactors + 3)], $(nfactors + 4), row[$(nfactors + 4)]] = 1
	if (what == "commands") {
		why = $0
		for (i = 1; i <= nfactors + (outcome == "refused" ? 4 : 2); i++)
			sub(/^[^ ]+ +/, "", why)
		print rows "\t" outcome "\t" arguments() "\t" (outcome == "run" ? "" : why)
	}
}

END {
	if (!bad && what == "pairs")
		bad = check_pairs()
	exit bad
}
