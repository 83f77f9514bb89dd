# SPDX-License-Identifier: GPL-2.0-or-later
# Workload sort: the words of a table of contents, three processes at once.
head -c 400000 /data/text | sort | uniq -c | sort -rn | head -n 2 >/dev/null
