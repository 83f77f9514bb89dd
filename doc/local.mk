# SPDX-License-Identifier: GPL-2.0-or-later
dist_man_MANS += %D%/shadewalk.1
# list: EXTRA_DIST += *.md *.5 *.7 decisions/*.md
EXTRA_DIST += \
	%D%/decisions/0001-batches-of-records.md \
	%D%/decisions/0002-counts-first.md \
	%D%/decisions/0003-rows-over-constructors.md \
	%D%/decisions/0004-reference-engine.md \
	%D%/decisions/0005-guest-maintenance-leaf.md \
	%D%/decisions/0006-autotools.md \
	%D%/decisions/README.md \
	%D%/glossary.md \
	%D%/model.md \
	%D%/results.md
# end
