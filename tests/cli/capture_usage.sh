#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the capture command refuses before it needs an emulator: one error line, exit status 2, and
# nothing under -o. Its help names every option that its man page has, and the other way round.
. "$(dirname "$0")/lib.sh"

capture=$src/traces/capture/capture
export SHADEWALK_CAPTURE_DIR=$tmp/guests
printf 'some bytes\n' >kernel
mkdir folder
: >empty

refuses() { # WORDS OPTION...
	local words=$1 got=0

	shift
	cases=$((cases + 1))
	bash "$capture" "$@" >.out 2>.err </dev/null || got=$?
	[ $got = 2 ] || wrong "capture $*: exit status $got, wanted 2"
	errs "$words"
	[ "$(grep -c '^capture: error: ' .err)" = 1 ] || wrong "capture $*: not one error"
	[ ! -e x.swt ] || wrong "capture $*: left a file"
}
own() { # WORDS OPTION...
	local words=$1

	shift
	refuses "$words" --kernel kernel --machine versatilepb -o x.swt "$@"
}

refuses 'which guest? one of: armv5-linux' -o x.swt
refuses "unknown guest 'nobody'" nobody selftest -o x.swt
refuses '-o FILE is missing' --kernel kernel --machine versatilepb
refuses "'folder' is a folder" --kernel kernel --machine versatilepb -o folder
refuses '--kernel is missing' --machine versatilepb -o x.swt
refuses "'armv5-bare' is too many" armv5-bare selftest --machine versatilepb --kernel kernel -o x.swt
refuses '--machine is missing (want one of: versatilepb' --kernel kernel -o x.swt
refuses "'virt' is not known; want one of: versatilepb" --kernel kernel --machine virt -o x.swt
refuses "'nothing' does not exist" --kernel nothing --machine versatilepb -o x.swt
refuses "'folder' is no file" --kernel folder --machine versatilepb -o x.swt
refuses "'empty' is empty" --kernel empty --machine versatilepb -o x.swt
refuses 'raspi0 has 512M, always' --kernel kernel --machine raspi0 --ram 128M -o x.swt
refuses "'arm926' is not for raspi0; want one of: arm1176" --kernel kernel --machine raspi0 \
	--cpu arm926 -o x.swt
for option in --initrd --dtb --vmlinux --symbols; do
	own "'nothing' does not exist" $option nothing
done
own "'arm946' is not for versatilepb" --cpu arm946
own "'cortex-a8' is not for versatilepb" --cpu cortex-a8
for ram in 128 0M 7M 257M; do own '--ram: ' --ram $ram; done
for n in 0 1.5 k 10kk '' 0x10 1000000000000000k; do own '--length: ' --length "$n"; done
own '--records: ' --records 0
own '--from: ' --from insn:0
own '--boot-insns: ' --boot-insns 1T
for where in mark: mark:-1 mark:4294967296; do own "'$where' is no mark:N" --from $where; done
own "'mark:x' is no mark:N" --until mark:x
for where in 5 Reset; do own "'$where' is not reset, insn:N or mark:N" --from "$where"; done
own 'is no name of 1 to 31 plain characters' --symbols "a b=kernel"
own 'is no name of 1 to 31 plain characters' --symbols "=kernel"
own '--level: ' --level 23
own "unknown option '--frum'" --frum reset
own '--append needs a value' --append

bash "$capture" --help >.out 2>.err || wrong "--help fails"
quiet
grep -oE '^  -[a-z-]+|, --[a-z-]+|; --[a-z-]+' .out | grep -oE -- '-[a-z-]+' | sed 's/^--*//' | sort -u >help
grep -E '^\.It Fl' "$src/doc/shadewalk-capture.1" | grep -oE 'Fl -?[a-z-]+' |
	sed 's/^Fl -*//' | sort -u >man
for option in $(comm -23 help man); do
	case $option in list | help) ;; *) wrong "the man page lacks --$option" ;; esac
done
[ -z "$(comm -13 help man)" ] || wrong "the help lacks: $(comm -13 help man | tr '\n' ' ')"
[ "$(wc -l <man)" -ge 20 ] || wrong "only $(wc -l <man) options found in the man page"
finish
