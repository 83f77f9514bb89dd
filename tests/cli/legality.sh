#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# list legality, in its three forms, and that run refuses by the same words.
. "$srcdir/tests/cli/lib.sh"
