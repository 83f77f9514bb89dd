# SPDX-License-Identifier: GPL-2.0-or-later
# list: dist_man_MANS += *.1 *.5
dist_man_MANS += \
	%D%/shadewalk-capture.1 \
	%D%/shadewalk.1 \
	%D%/trace-format.5
# end
# list: EXTRA_DIST += *.md decisions/*.md
EXTRA_DIST += \
	%D%/capture-artefacts.md \
	%D%/capture.md \
	%D%/clean-hint.md \
	%D%/decisions/0001-batches-of-records.md \
	%D%/decisions/0002-counts-first.md \
	%D%/decisions/0003-rows-over-constructors.md \
	%D%/decisions/0004-reference-engine.md \
	%D%/decisions/0005-guest-maintenance-leaf.md \
	%D%/decisions/0006-autotools.md \
	%D%/decisions/0007-permitted-set-from-history.md \
	%D%/decisions/0008-vectors-area-alias.md \
	%D%/decisions/0009-digest-at-the-end.md \
	%D%/decisions/0010-packed-batches.md \
	%D%/decisions/0011-shadows-of-armv6-guests.md \
	%D%/decisions/0012-told-of-stores.md \
	%D%/decisions/0013-views-as-a-policy-of-entries.md \
	%D%/decisions/0014-cached-shadows-of-armv6.md \
	%D%/decisions/0015-told-of-cleans.md \
	%D%/decisions/0016-tables-rewritten-in-place.md \
	%D%/decisions/0017-designs-are-rows.md \
	%D%/decisions/0018-what-is-legal.md \
	%D%/decisions/0019-views-of-cached-tables.md \
	%D%/decisions/0020-two-stages.md \
	%D%/decisions/0021-place-of-the-window.md \
	%D%/decisions/0022-kept-tables-of-armv5-guests-on-armv6.md \
	%D%/decisions/README.md \
	%D%/first-results.md \
	%D%/glossary.md \
	%D%/import.md \
	%D%/lint.md \
	%D%/model.md \
	%D%/performance.md \
	%D%/results.md \
	%D%/walk.md
# end
