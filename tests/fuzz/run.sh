#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs every fuzzer for a while: tests/fuzz/run.sh BUILD_DIR [SECONDS]. Built by `make fuzz CC=clang VARIANT=fuzz`.
# What bytes at random do not come to, lines of the formats that are read, stands in tests/fuzz/NAME.dict and
# tests/fuzz/seeds/NAME.
# What a fuzzer finds lies in BUILD_DIR/fuzz-findings afterwards.
set -eu

main() {
	build=$1
	seconds=${2:-30}
	failed=0
	count=0
	mkdir -p "$build/fuzz-findings"
	for fuzzer in "$build"/tests/fuzz/*_fuzz; do
		name=$(basename "$fuzzer")
		mkdir -p "$build/fuzz-corpus/$name"
		count=$((count + 1))
		words=
		seeds=
		[ ! -f "tests/fuzz/$name.dict" ] || words=-dict=tests/fuzz/$name.dict
		[ ! -d "tests/fuzz/seeds/$name" ] || seeds=tests/fuzz/seeds/$name
		if "$fuzzer" ${words:+"$words"} -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
			-artifact_prefix="$build/fuzz-findings/$name-" "$build/fuzz-corpus/$name" ${seeds:+"$seeds"} \
			>"$build/fuzz-findings/$name.log" 2>&1; then
			runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/fuzz-findings/$name.log")
			echo "ok $count - $name, $runs inputs in $seconds s"
		else
			echo "not ok $count - $name, see $build/fuzz-findings/$name.log"
			failed=$((failed + 1))
		fi
	done
	echo "1..$count"
	[ "$failed" -eq 0 ]
}

main "$@"
