# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += %D%/libcost.a
# list: %C%_libcost_a_SOURCES = *.c *.h *.def
%C%_libcost_a_SOURCES = \
	%D%/costs.def \
	%D%/events.def \
	%D%/ledger.c \
	%D%/ledger.h \
	%D%/sets.def
# end
