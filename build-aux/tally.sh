# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sums up what automake's test runner said. Sourced, under `set -eu`.

# tally_run LOG COMMAND...: output on the terminal and in LOG; the command's own status.
tally_run() {
	local log=$1

	shift
	# No process substitution: the pipe is empty when this returns, so nothing comes after.
	{ "$@" 2>&1 </dev/null && echo 0 >"$log.status" || echo $? >"$log.status"; } | tee "$log"
	return "$(cat "$log.status")"
}

# tally_sum LOG...: "passed failed skipped" over every test-suite summary in the logs. An
# expected failure counts as passed; an unexpected pass and a broken test count as failed.
tally_sum() {
	cat /dev/null "$@" | awk '
		/^Testsuite summary/ { inside = 1 }
		inside && /^# (PASS|XFAIL|FAIL|XPASS|ERROR|SKIP): +[0-9]+/ {
			key = $2; sub(/:/, "", key)
			n[key] += $3
			if (key == "ERROR")     # the last of a summary
				inside = 0
		}
		END { print n["PASS"] + n["XFAIL"], n["FAIL"] + n["XPASS"] + n["ERROR"], n["SKIP"] + 0 }'
}

tally_print() {
	local passed failed skipped

	read -r passed failed skipped <<<"$(tally_sum "$@")"
	echo "$passed passed, $failed failed, $skipped skipped"
}
