#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run, compare, plot, list, db dump together, on one short trace: statuses, files, idempotence.
. "$(dirname "$0")/lib.sh"

trace=$src/tests/corpus/trace/tiny.txt
[ ! -f "$src/traces/quick/bare-selftest.swt" ] || trace=$src/traces/quick/bare-selftest.swt
echo "on ${trace#"$src"/}"

status 0 list strategies
says native
says coherent
status 0 list cores
says arm926
status 0 list costs
status 2 list strategeis
errs "did you mean 'strategies'?"

status 0 run "$trace" -s native,coherent -o a.db --quiet
quiet
[ -f a.db ] || wrong "run leaves no database"
status 0 compare a.db
says coherent
status 0 compare a.db --format=json
grep -q '^[{[]' .out || wrong "compare --format=json is no JSON"
status 0 compare a.db --format=csv
status 2 compare a.db --format=jsn
errs "did you mean 'json'?"

# The same again changes nothing but the table of executions.
status 0 db dump a.db
mv .out first
status 0 run "$trace" -s native,coherent -o a.db --quiet
status 0 db dump a.db
cmp -s .out first || wrong "an equal run again changes the database"
# And so does another database, whatever the order.
status 0 run "$trace" -s coherent,native -o b.db --quiet
status 0 db dump b.db
cmp -s .out first || wrong "order of strategies changes the database"

status 2 run "$trace" -s natvie -o c.db
one_line 'shadewalk run'
errs "native"
status 2 run "$trace" -c arm962 -o c.db
one_line 'shadewalk run'
[ ! -e c.db ] || wrong "a usage error leaves a database"

status 1 compare missing.db
one_line 'shadewalk compare'
[ ! -e missing.db ] || wrong "compare creates a database"
printf 'this is not a database, but it is long enough to look at\n' >text.db
status 1 compare text.db
one_line 'shadewalk compare'
status 1 db dump text.db

if command -v gnuplot >/dev/null; then
	for ext in pdf png svg; do
		status 0 plot a.db breakdown -o fig.$ext
		[ -s fig.$ext ] || wrong "plot leaves no fig.$ext"
	done
	[ "$(head -c 4 fig.pdf)" = %PDF ] || wrong "fig.pdf is no PDF"
	status 2 plot a.db breakdwon -o x.pdf
	errs 'breakdown'
	status 2 plot a.db breakdown -o x.docx
	[ ! -e x.docx ] || wrong "an unknown kind of figure leaves a file"
fi

# Nothing that is read is written over, whatever its name: not the database, nor a trace.
cp a.db fig.dat
ln -s a.db link.db
ln a.db hard.db
cp "$trace" own
ln -s own own.link
refuses_own() { # FILE ARGUMENT...
	local file=$1

	shift
	cp "$file" .before
	status 2 "$@"
	one_line 'shadewalk [a-z ]*'
	errs 'is what is read'
	cmp -s "$file" .before || wrong "$* changes $file"
	! compgen -G '*.partial' >/dev/null || wrong "$* leaves $(echo ./*.partial)"
}
for out in a.db ./a.db link.db hard.db; do
	refuses_own a.db compare a.db -o $out
	refuses_own a.db db dump a.db -o $out
done
refuses_own fig.dat plot fig.dat breakdown -o fig.png
for out in own ./own own.link; do
	for c in 'trace cut' 'trace convert --to=swt' 'trace convert --to=text' 'trace dump' \
		'trace info' 'trace check'; do
		# shellcheck disable=SC2086 # words
		refuses_own own $c own -o $out
	done
done
refuses_own own trace info "$trace" own -o own

# A pipe gets the text, and no file takes its place.
mkfifo pipe
cat pipe >got &
status 0 compare a.db -o pipe
wait
status 0 compare a.db
cmp -s .out got || wrong "compare -o PIPE writes something else"
for c in 'trace cut' 'trace convert --to=swt'; do
	# shellcheck disable=SC2086 # words
	status 1 $c "$trace" -o pipe
	errs 'pipe: is a device, pipe or socket'
done
[ -p pipe ] || wrong "the pipe became something else"
mkdir folder
for c in 'compare a.db' 'db dump a.db' "trace info $trace" "trace cut $trace"; do
	# shellcheck disable=SC2086 # words
	status 1 $c -o folder
	errs 'folder: '
done

# A database that cannot be written is refused before the replay.
if [ "$(id -u)" != 0 ]; then
	cp a.db fixed.db
	chmod a-w fixed.db
	status 1 run "$trace" -q -o fixed.db
	errs 'run: fixed.db: cannot be written: '
fi

records=$("$sw" trace info --format=json "$trace" | sed -n 's/.*"records": \([0-9]*\),.*/\1/p' | head -n 1)
status 0 trace dump "$trace" --from $((records - 1))
status 2 trace dump "$trace" --from "$records"
one_line 'shadewalk trace dump'
errs "the trace has $records records"
status 2 trace convert "$trace" --to=text --level=3
errs 'want --to=swt'

# The text form and back: the trace stays the same.
tiny=$src/tests/corpus/trace/tiny.txt
status 0 trace convert "$tiny" -o tiny.swt
status 0 trace convert tiny.swt -o back.txt
status 0 trace convert back.txt -o again.swt
cmp -s tiny.swt again.swt || wrong "text form and back changes the trace"
status 0 trace check tiny.swt
status 0 run tiny.swt --verify --warmup=0
status 0 trace cut "$trace" --records 20 -o cut.swt --quiet
quiet
status 0 trace dump cut.swt --count=1
status 0 run cut.swt --verify --warmup=0 --quiet
status 2 trace cut "$trace" --records 20

finish
