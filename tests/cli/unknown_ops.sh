#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Coprocessor operations that the guest's core does not have are shown by encoding, in every
# form of output; those it has are not.
. "$(dirname "$0")/lib.sh"

tiny=$src/tests/corpus/trace/tiny.txt
status 0 trace check "$tiny"
says '0  coprocessor operations unknown to the core'
status 0 trace info "$tiny"
says 'cp_writes_unknown_to_core'
! grep -q 'TTBR1' .out || wrong "an operation appears that the trace has not"

# TTBR1 twice and a TLB invalidate by ASID once: not on an ARM926. Prefetch of a line: there.
cat "$tiny" - >odd.txt <<'END'
run 0x00001038 1
cpw p15 c2,c0,1 0x4000
run 0x0000103c 1
cpw p15 c2,c0,1 0x8000
run 0x00001040 1
cpw p15 c8,c7,2 0x5
run 0x00001044 1
cpw p15 c7,c13,1 0x1000
END
status 0 trace check odd.txt
says '3  coprocessor operations unknown to the core'
says 'p15 c2,c0,1 (TTBR1) written 2 times, first at record'
says 'p15 c8,c7,2 (TLBIASID) written 1 times'
! grep -q 'c7,c13,1' .out || wrong "an operation that the core has is called unknown"
status 0 trace check --format=csv odd.txt
says 'unknown-write-0x0801,2'
says 'unknown-ops,3'
status 0 trace check --format=json odd.txt
says '"p15 c8,c7,2 (TLBIASID) written 1 times'
status 0 trace info odd.txt
sed -n '/^cp_writes_unknown/,/^$/p' .out >.unknown
grep -q 'TTBR1 p15 c2,c0,1  *2$' .unknown || wrong "trace info does not list the unknown write"
! grep -q 'c7,c13,1' .unknown || wrong "trace info lists an operation that the core has"

status 0 run odd.txt -s native --warmup=0
grep -q "note: 3 coprocessor operations that core 'arm926' does not have" .err ||
	wrong "run says nothing of unknown operations"
status 0 run odd.txt -q -s native --warmup=0
quiet
status 0 run "$tiny" -s native --warmup=0
grep -q 'note: 14 instructions whose code or class is not known' .err ||
	wrong "run says nothing of a trace without code"
! grep -q 'coprocessor' .err || wrong "run speaks of operations that the core has"

# Lockdown of caches: natively on a host that locks as the guest's core does, else counted, and said.
cat "$tiny" - >lock.txt <<'END'
run 0x00001038 1
cpw p15 c9,c0,0 0x1
run 0x0000103c 1
cpw p15 c9,c0,1 0x3
END
status 0 run lock.txt -s native --warmup=0
! grep -q 'lockdown' .err || wrong "run speaks of lockdown that the host has"
status 0 run lock.txt -s native --warmup=0 --set l1d.lock=none
grep -q "native: note: 1 cache lockdown operations of the guest without effect: host core 'arm926'" .err ||
	wrong "run says nothing of lockdown that the host has not"

# The same operations on a core that has them.
sed 's/^core arm926/core arm1176/' odd.txt >v6.txt
status 0 trace check v6.txt
says '0  coprocessor operations unknown to the core'
finish
