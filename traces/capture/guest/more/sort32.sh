# SPDX-License-Identifier: GPL-2.0-or-later
# Workload sort32: lines from a fixed seed; sort's own buffer holds all of them and its tables.
lm words 24576 | /usr/bin/sort -S 60M >/dev/null
