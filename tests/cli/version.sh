#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

status 0 version
grep -qE '^shadewalk [0-9]+\.[0-9]+\.[0-9]+ \(model version [0-9]+\)$' .out ||
	wrong "version line"
says 'GPL-3.0-or-later'
quiet
mv .out .first
status 0 --version
cmp -s .out .first || wrong "--version differs from version"
status 0 version --verbose
for word in compiler flags zstd xxhash gcrypt jansson sqlite3 gsl yaml; do
	grep -q "^$word  *[^ ]" .out || wrong "version --verbose lacks $word"
done
status 0 version --verbose --json
for word in '"schema": "shadewalk.version.1"' '"model_version": ' '"compiler": "' '"flags": "' \
	'"libraries": {' '"sqlite3": "'; do
	says "$word"
done

# A full disk is an error, not a silent success.
if [ -w /dev/full ]; then
	cases=$((cases + 1))
	"$sw" version >/dev/full 2>.err && wrong "writing to a full device succeeds"
	errs 'standard output'
	for how in help --help --version 'run --help' 'trace help' 'list cores'; do
		cases=$((cases + 1))
		# shellcheck disable=SC2086 # words
		"$sw" $how >/dev/full 2>.err && wrong "$how to a full device succeeds"
		[ "$(wc -l <.err)" = 1 ] || wrong "$how: the error is not one line"
		errs 'standard output'
	done
fi
finish
