#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every bench, one after the other, on what is built in BUILDDIR:  tests/bench/run.sh [BUILDDIR]
# Figures only; a bench whose budget is not kept says so and ends with 1.
set -u
cd "$(dirname "$0")/../.." || exit 1

build=${1:-build/release}
status=0
for bench in tests/bench/*.sh; do
	[ "$bench" != tests/bench/run.sh ] || continue
	printf '\n== %s\n' "$(sed -n '3s/^# //p' "$bench")"
	bash "$bench" "$build" </dev/null || { echo "$bench: exit $?"; status=1; }
done
exit "$status"
