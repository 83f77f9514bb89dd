#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Rows, files and lists agree: a strategy is a row of strategies.def, a file that defines its
# ops, and a line of local.mk; a figure is a row of figures.def with its query and template.
. "$(dirname "$0")/lib.sh"

rows_of() { # file, macro -> first argument of each row
	sed -n "s/^$2([[:space:]]*\"\{0,1\}\([A-Za-z0-9_-]*\).*/\1/p" "$1"
}

if [ -f strategies/strategies.def ]; then
	defined=$(grep -lE '^const struct strategy_ops strategy_[a-z0-9_]+ *=' strategies/*.c \
		2>/dev/null || true)
	for name in $(rows_of strategies/strategies.def STRATEGY); do
		looked=$((looked + 1))
		file=$(grep -lE "^const struct strategy_ops strategy_$name *=" strategies/*.c \
			2>/dev/null || true)
		if [ -z "$file" ]; then
			complain "strategies.def: row $name has no file that defines strategy_$name"
		elif [ "$(wc -l <<<"$file")" -gt 1 ]; then
			complain "strategy_$name is defined in several files: $(tr '\n' ' ' <<<"$file")"
		elif ! grep -q "%D%/${file#strategies/}" strategies/local.mk; then
			complain "$file: not in strategies/local.mk"
		fi
	done
	for file in $defined; do
		name=$(sed -n 's/^const struct strategy_ops strategy_\([a-z0-9_]*\) *=.*/\1/p' "$file")
		for n in $name; do
			rows_of strategies/strategies.def STRATEGY | grep -qx "$n" ||
				complain "$file: strategy_$n has no row in strategies.def"
		done
	done
fi

if [ -f plots/figures.def ]; then
	for name in $(rows_of plots/figures.def FIGURE); do
		looked=$((looked + 1))
		for ext in sql gp.in; do
			[ -f "plots/$name.$ext" ] || complain "figures.def: row $name has no plots/$name.$ext"
			grep -q "%D%/$name.$ext" plots/local.mk ||
				complain "plots/$name.$ext: not in plots/local.mk"
		done
	done
	for file in plots/*.gp.in; do
		[ -f "$file" ] || continue
		name=$(basename "$file" .gp.in)
		[ "$name" = common ] || rows_of plots/figures.def FIGURE | grep -qx "$name" ||
			complain "$file: has no row in figures.def"
	done
fi

# Ids of the ledger's rows are unique and every unit cost names a primitive that exists.
if [ -f models/cost/events.def ]; then
	ids=$(rows_of models/cost/events.def EVENT)
	looked=$((looked + $(wc -l <<<"$ids")))
	for id in $(sort <<<"$ids" | uniq -d); do
		complain "events.def: $id is there twice"
	done
	# instruction classes are counted as one block, EV_EXEC_BRANCH to EV_EXEC_UNKNOWN
	for id in $(comm -23 <(grep -v '^EXEC_' <<<"$ids" | sort) <(grep -rhoE 'EV_[A-Z0-9_]+' \
		base models strategies sim results --include='*.[ch]' | sed 's/^EV_//' | sort -u)); do
		echo "registry: note: nothing counts $id yet"
	done
fi
end rows
