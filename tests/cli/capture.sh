#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Captures the bare-metal guest and checks the trace, where QEMU 10 or newer and an ARM compiler
# are installed; skipped by name elsewhere.
exec "$SHADEWALK_SRC/traces/capture/self-test"
