#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage errors: exit status 2, one line on stderr that names the command, a suggestion.
. "$(dirname "$0")/lib.sh"

status 2
errs 'Usage: shadewalk'

status 2 rnu
one_line shadewalk
errs "unknown command 'rnu', did you mean 'run'?"
status 2 comprae
errs "did you mean 'compare'?"
status 2 frobnicate
one_line shadewalk
errs 'want run, compare'
status 2 trace
one_line 'shadewalk trace'
errs 'info, dump, check, cut, convert'
status 2 trace inof
one_line 'shadewalk trace'
errs "did you mean 'trace info'?"
status 2 db dmup
errs "did you mean 'db dump'?"
status 2 help rnu
one_line 'shadewalk help'
errs "did you mean 'run'?"
status 2 help run more
status 2 --frobnicate
one_line shadewalk

# Every command refuses an option that does not exist, with a suggestion where one is near.
while IFS= read -r c; do
	[ "$c" = help ] && continue
	# shellcheck disable=SC2086 # words
	status 2 $c --no-such-option-here
	one_line "shadewalk $c"
	# shellcheck disable=SC2086 # words
	status 2 $c --hlep
	errs 'did you mean --help?'
done < <(commands)

# Nothing to work on is a usage error too.
for c in run compare plot 'trace info' 'trace dump' 'trace check' 'trace cut' 'trace convert' \
	'db dump'; do
	# shellcheck disable=SC2086 # words
	status 2 $c
	one_line "shadewalk $c"
done
status 2 list
errs 'want strategies, cores'
for what in strategies cores costs metrics figures; do
	status 2 list $what nosuchthing
	one_line 'shadewalk list'
	errs "(see 'shadewalk list $what')"
done

# A number that does not fit is out of range, not "not a number".
for n in 18446744073709551616 99999999999999999999999 0x10000000000000000 99999999999999999G; do
	status 2 run missing.swt --seed=$n
	one_line 'shadewalk run'
	errs "--seed: $n is out of range"
done
status 2 run missing.swt --seed=99999999999999999999999x
errs 'is not a number'
status 2 version stray
one_line 'shadewalk version'
finish
