#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each lint passes on a clean little tree, fails on a planted violation with the words that
# name it, and fails on an empty tree.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
spdx='/* SPDX-License-Identifier: GPL-2.0-or-later */'
tested=0 bad=0

clean_tree() { # in $tmp/clean
	mkdir -p "$tmp/clean"/{base,traces,models/cost,strategies,results,sim,plots,build-aux}
	cd "$tmp/clean"
	cp "$top/build-aux/list-files" build-aux/
	printf '%s\n#ifndef A_H\n#define A_H\nint a(void);\n#endif\n' "$spdx" >base/a.h
	printf '%s\n#include "base/a.h"\nint a(void) { return 1; }\n' "$spdx" >base/a.c
	printf '%s\n#include "base/a.h"\nint s(void) { return a(); }\n' "$spdx" >sim/s.c
	printf '%s\nSTRATEGY(native)\n' "$spdx" >strategies/strategies.def
	printf '%s\nconst struct strategy_ops strategy_native = { 0 };\n' "$spdx" \
		>strategies/native.c
	printf 'See [a](base/a.c).\n' >README.md
	for f in base sim strategies; do
		printf '# SPDX-License-Identifier: GPL-2.0-or-later\n# list: %s_S = *.c *.h *.def\n# end\n' \
			$f >$f/local.mk
	done
	build-aux/list-files >/dev/null
}
clean_tree

fresh() { # a clean tree in $tmp/t
	rm -rf "$tmp/t"
	cp -R "$tmp/clean" "$tmp/t"
	cd "$tmp/t"
}

run() { bash "$here/$1.sh" "$tmp/t" >"$tmp/out" 2>&1 </dev/null; }

passes() { # lint
	tested=$((tested + 1))
	run "$1" && return 0
	echo "selftest: $1 fails on a clean tree:"
	cat "$tmp/out"
	bad=$((bad + 1))
}

fails() { # lint, words expected
	tested=$((tested + 1))
	if run "$1"; then
		echo "selftest: $1 does not find: $2"
		bad=$((bad + 1))
	elif ! grep -qF -- "$2" "$tmp/out"; then
		echo "selftest: $1 fails without saying '$2':"
		cat "$tmp/out"
		bad=$((bad + 1))
	fi
}

for l in layering headers makefiles spdx hygiene registry links shell; do
	fresh
	passes $l
	rm -rf "$tmp/t"
	mkdir -p "$tmp/t"
	fails $l "nothing to look at"
done

fresh; echo '#include "sim/x.h"' >>base/a.c; fails layering "sideways or upwards"
fresh; echo '#include "models/cost/x.h"' >>traces/t.c; fails layering "sideways or upwards"
fresh; echo '#include "a.h"' >>base/a.c; fails layering "without its folder"
fresh; echo '#include "other/a.h"' >>base/a.c; fails layering "has no row"
fresh; echo '#include <zstd.h>' >>base/a.c; fails layering "includes zstd.h"
fresh; echo '# include <sqlite3.h>' >>sim/s.c; fails layering "includes sqlite3.h"
fresh; echo '#include <gsl/gsl_rng.h>' >>sim/s.c; fails layering "includes gsl/gsl_rng.h"
fresh; echo '#include "qemu-plugin.h"' >>sim/s.c; fails layering "includes qemu-plugin.h"
fresh; echo '#include <cmocka.h>' >>sim/s.c; fails layering "includes cmocka.h"

fresh; echo 'size_t b(void);' >base/b.h; fails headers "base/b.h"
fresh; echo 'struct b { int i; };' >base/b.h; fails headers "base/b.h"

fresh; echo "$spdx" >base/b.c; fails makefiles "base/b.c: in no local.mk"
fresh; rm base/a.c; fails makefiles "out of date"
fresh; yes '/* */' | head -n 600 >>base/a.c || true; fails makefiles "want less than 600"

fresh; echo 'int b;' >base/b.c; fails spdx "base/b.c"
fresh; printf '#!/bin/sh\n' >base/tool; fails spdx "base/tool"

fresh; printf '/* /%s/me/x */\n' home >>base/a.c; fails hygiene "path of a machine"
fresh; printf '/* https://deb.%s.org/x */\n' debian >>base/a.c; fails hygiene "host of a registry"
fresh; printf 'int i; \n' >>base/a.c; fails hygiene "trailing white space"
fresh; printf 'int i;' >>base/a.c; fails hygiene "no newline at the end"
fresh; printf '%s ours\n' '<<<''<<<<' >>base/a.c; fails hygiene "conflict mark"

if command -v git >/dev/null; then
	fresh; git init -q . && echo 'base/' >.gitignore; fails hygiene "ignored by git"
fi

fresh; echo 'STRATEGY(ghost)' >>strategies/strategies.def; fails registry "row ghost has no file"
fresh; sed -i 's/native/other/' strategies/native.c; fails registry "strategy_other has no row"
fresh; sed -i 's/native.c//' strategies/local.mk; fails registry "not in strategies/local.mk"

fresh; echo '[b](base/b.c)' >>README.md; fails links "link to base/b.c leads nowhere"
fresh; printf '#!/bin/sh\nif\n' >base/tool; fails shell "base/tool"

echo "selftest: $tested cases, $bad findings"
[ $tested -gt 0 ] && [ $bad = 0 ]
