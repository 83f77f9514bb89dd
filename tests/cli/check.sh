#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Damaged traces: whatever the damage and the command, exit status 3, one line that names file,
# place and cause, and nothing written. Then trace check's own findings: exit status 5.
. "$(dirname "$0")/lib.sh"

flip() { # file, offset: one bit of that byte
	local byte

	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059 # an octal escape is what is meant
	printf "\\$(printf %o $((byte ^ 16)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

commands_that_read=('run -s native,coherent -o out.db' 'trace check' 'trace info' 'trace dump'
	'trace cut -o out.swt --records 5000' 'trace convert -o out.txt')

# refused FILE WORDS...: by every command
refused() {
	local file=$1 c word

	shift
	for c in "${commands_that_read[@]}"; do
		# shellcheck disable=SC2086 # words
		status 3 $c "$file"
		[ "$(wc -l <.err)" = 1 ] || wrong "$c $file: the error is not one line"
		errs "$file"
		for word; do
			errs "$word"
		done
		! compgen -G 'out*' >/dev/null || wrong "$c $file: leaves $(echo out*)"
		rm -f out*
	done
}

: >empty.swt
mkdir folder.swt
head -c 3000 "$SHADEWALK" >noise.swt
printf 'swt-text 9\narch armv5\n' >newer.txt
refused empty.swt 'empty'
refused folder.swt 'directory'
refused noise.swt 'not a trace'
refused missing.swt 'No such file'
refused newer.txt 'newer.txt:1:' 'want version 1'

# The text form: line and column.
tiny=$src/tests/corpus/trace/tiny.txt
sed 's/^load 0x00002000 4 @1/load 0x00002000 5 @1/' "$tiny" >size.txt
refused size.txt 'size.txt:14:'
sed 's/^cpw p15 c3/cpx p15 c3/' "$tiny" >word.txt
refused word.txt 'word.txt:17:'

whole=$src/traces/quick/pipe.swt
if [ ! -f "$whole" ]; then
	echo "no $whole: the rest is not run"
	[ $bad = 0 ] && exit 77
	finish
fi
bytes=$(wc -c <"$whole")
cp "$whole" version.swt
printf '\002' | dd of=version.swt bs=1 seek=12 conv=notrunc status=none
refused version.swt 'version 2'
for part in 1 20 1000 $((bytes / 2)) $((bytes - 200)) $((bytes - 1)); do
	head -c "$part" "$whole" >short.swt
	for c in 'run -o out.db' 'trace check' 'trace cut -o out.swt'; do
		# shellcheck disable=SC2086 # words
		status 3 $c short.swt
		[ "$(wc -l <.err)" = 1 ] || wrong "$c, $part bytes: the error is not one line"
		errs 'short.swt: '
		! compgen -G 'out*' >/dev/null || wrong "$c, $part bytes: leaves $(echo out*)"
		rm -f out*
	done
done
for at in 0 3 9 17 500 1200 $((bytes / 3)) $((bytes - 120)) $((bytes - 60)) $((bytes - 5)); do
	cp "$whole" flipped.swt
	flip flipped.swt "$at"
	for c in 'run -o out.db' 'trace check' 'trace info' 'trace cut -o out.swt'; do
		# shellcheck disable=SC2086 # words
		status 3 $c flipped.swt
		[ "$(wc -l <.err)" = 1 ] || wrong "$c, byte $at flipped: the error is not one line"
		errs 'flipped.swt: offset '
		! compgen -G 'out*' >/dev/null || wrong "$c, byte $at flipped: leaves $(echo out*)"
		rm -f out*
	done
done

# Several data frames: a byte in each of them.
long=$src/traces/samples/pipe.swt
if [ -f "$long" ]; then
	bytes=$(wc -c <"$long")
	for i in 1 2 3 4 5 6 7 8 9 10 11; do
		cp "$long" flipped.swt
		flip flipped.swt $((bytes * i / 12))
		status 3 trace info flipped.swt
		errs 'flipped.swt: offset '
	done
	rm -f flipped.swt
fi

# What is whole is right; what is altered is exit status 5.
status 0 trace check "$whole"
says ': ok'
quiet
status 0 trace check --format=csv "$whole"
says ',mismatch,0'
status 0 trace check --format=json "$whole"
says '"mismatch": 0'
sed 's/^witness 0x00001000 0x00001000/witness 0x00001000 0x00002000/' "$tiny" >moved.txt
status 5 trace check moved.txt
errs 'moved.txt: 1 mismatches; first: record '
says 'MISMATCH'
[ "$(wc -l <.err)" = 1 ] || wrong "a mismatch is not one line"
status 5 trace check "$whole" moved.txt "$tiny"
says "$whole: ok"
says "$tiny: ok"
grep -v '^witness' "$tiny" >blind.txt
status 5 trace check blind.txt
errs 'nothing to compare'
status 5 trace check --format=json moved.txt
says '"first-mismatch"'
status 2 trace check
status 2 trace check --format=jsno "$whole"
errs "did you mean 'json'?"
finish
