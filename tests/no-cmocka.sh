#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stands in for the compiled tests in a tree configured without cmocka.
echo "cmocka was not found by configure: the compiled tests are skipped."
echo "On Debian: apt-get install libcmocka-dev, then configure again."
exit 77
