# SPDX-License-Identifier: GPL-2.0-or-later
# Turns a text file into a C header with one string: results/schema.sql becomes
#
#	static const char schema_sql[] = "...";
#
# in results/schema.sql.h; include it once, from the file that uses it. The name is the base
# name with every character but letters and digits made `_`. Use: awk -v path=FILE -f ... FILE
BEGIN {
	name = path
	sub(/.*\//, "", name)
	gsub(/[^A-Za-z0-9]/, "_", name)
	printf "/* Generated from %s; do not edit. */\n", path
	printf "static const char %s[] =\n", name
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	gsub(/\?\?/, "?\\?")
	gsub(/\t/, "\\t")
	printf "\t\"%s\\n\"\n", $0
}
END {
	printf "\t\"\";\n"
}
