# SPDX-License-Identifier: GPL-2.0-or-later
# Workload mix: four programs that share the processor by its time slices.
sqlite3 /tmp/mix.db '.read /data/work.sql' >/dev/null & all=$!
python3.11 -S -E /data/work.py >/dev/null & all="$all $!"
tcc -c -o /tmp/mix.o /data/src/lm.c & all="$all $!"
lua5.4 /data/work.lua >/dev/null & all="$all $!"
for one in $all; do wait "$one" || exit 1; done
