# SPDX-License-Identifier: GPL-2.0-or-later
# Workload python: integers, a dictionary of strings, a comprehension.
import sys

table = {str(i): [i, i * i] for i in range(5000)}
total = sum(table[key][1] for key in sorted(table))
words = "".join(sorted(table)).count("9")
print(total, words, sys.version_info[:2])
