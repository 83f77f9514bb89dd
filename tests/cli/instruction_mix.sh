#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Classes of instructions are a function of the guest alone: equal under every strategy, engine and
# number of threads, and a cut of a trace has those of its piece of the parent.
. "$(dirname "$0")/lib.sh"

trace=$src/traces/quick/sh.swt
if [ ! -r "$trace" ]; then
	echo "skipped: no $trace"
	exit 77
fi

# mix FILE ARGUMENT...: runs one strategy; event, origin and count of each class
mix() {
	local to=$1

	shift
	rm -f run.db
	status 0 run "$@" -q -o run.db
	"$sw" db dump run.db | awk -F'\t' 'NF == 5 && $2 ~ /^EXEC/ && $3 ~ /^guest/ { print $2, $3, $5 }' >"$to"
}

mix fast "$trace" -s native --warmup=20000 --engine=fast
[ "$(wc -l <fast)" -ge 20 ] || wrong "too few classes in a trace of a shell"
grep -q '^EXEC_LOAD_USE guest-kernel ' fast || wrong "no interlock in a trace of a shell"
mix other "$trace" -s coherent --warmup=20000 --jobs=2
cmp -s other fast || wrong "coherent has other classes than native"
mix other "$trace" -s native --warmup=20000 --engine=ref
cmp -s other fast || wrong "engine ref has other classes than fast"

# A cut and the same piece of the parent: the run before it, with a jump that led to it, is counted before
# the parent's window begins.
status 0 trace cut "$trace" -o cut.swt --from-insn=20000 -q
mix cut cut.swt -s native --warmup=0
status 0 run cut.swt -s native --warmup=0
! grep -q 'whose code' .err || wrong "a cut lacks code that its parent has"
cmp -s cut fast || wrong "a cut has other classes: $(diff cut fast | tr '\n' ' ')"
finish
