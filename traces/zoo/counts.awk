# SPDX-License-Identifier: GPL-2.0-or-later
#
# A table from `trace info --format csv` of several traces, each line behind the trace's name.
# Groups are summed by the encodings of the operations: TLB operations are c8, by what opc2 says.

function add(what) { n[$1, what] += $NF }

BEGIN {
	FS = ","
	columns = "insns user% records bytes TTBR CONTEXTIDR TLB-all TLB-page TLB-ASID tables CP-writes DACR SVC PABT DABT UND IRQ"
}
{ gsub(/"/, "") }
!($1 in seen) { seen[$1] = 1; name[++traces] = $1 }
$3 == "trace" && $4 == "instructions" { add("insns") }
$3 == "trace" && $4 == "user_share" { n[$1, "user%"] = sprintf("%.1f", 100 * $NF) }
$3 == "trace" && $4 == "records" { add("records") }
$3 == "trace" && $4 == "file_bytes" { add("bytes") }
$3 == "accesses" && $4 == "valued" { add("tables") }
$3 == "records" && $4 == "cpw" { add("CP-writes") }
$3 == "exceptions" && $4 == "svc" { add("SVC") }
$3 == "exceptions" && $4 == "pabort" { add("PABT") }
$3 == "exceptions" && $4 == "dabort" { add("DABT") }
$3 == "exceptions" && $4 == "undef" { add("UND") }
$3 == "exceptions" && $4 == "irq" { add("IRQ") }
$3 == "cp_writes" && / p15 c2,c0,[01],/ { add("TTBR") }
$3 == "cp_writes" && / p15 c3,c0,0,/ { add("DACR") }
$3 == "cp_writes" && / p15 c13,c0,1,/ { add("CONTEXTIDR") }
$3 == "cp_writes" && / p15 c8,c[0-9]+,0,/ { add("TLB-all") }
$3 == "cp_writes" && / p15 c8,c[0-9]+,[13],/ { add("TLB-page") }
$3 == "cp_writes" && / p15 c8,c[0-9]+,2,/ { add("TLB-ASID") }
END {
	if (!traces)
		exit
	k = split(columns, column, " ")
	printf "| trace |"
	for (i = 1; i <= k; i++)
		printf " %s |", column[i]
	printf "\n| --- |"
	for (i = 1; i <= k; i++)
		printf " ---: |"
	print ""
	for (t = 1; t <= traces; t++) {
		printf "| `%s` |", name[t]
		for (i = 1; i <= k; i++)
			printf " %s |", n[name[t], column[i]] + 0
		print ""
	}
}
