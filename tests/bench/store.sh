#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The store: the latest 50 of 500,000 runs by each filter (budget: 1 ms), and movements folded a second.
set -eu

build=${1:-build/release}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
"$build/tests/bench/store" "$scratch" "${RUNS:-500000}" | tee "$scratch/out"
awk '/^(all|of a|failed|running|that)/ && $(NF - 1) > 1000 { print "over the budget: " $0; over = 1 } END { exit over }' "$scratch/out"
