#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What it takes to import transcripts into a new store, and to import them again, beside ccusage, which reads them for a report.
# MEGABYTES of made-up ones (1000); both read them from the page cache, in turns, and count the same tokens.
# shellcheck source=tests/e2e/harness.sh disable=SC2164
. "$(dirname "$0")/../e2e/harness.sh"
# shellcheck source=tests/e2e/ccusage.bash
. "$ROOT/tests/e2e/ccusage.bash"
set -e

MEGABYTES=${MEGABYTES:-1000}
ROUNDS=${ROUNDS:-3}
export CLAUDE_CONFIG_DIR=$T/claude

measure() # NAME COMMAND…
{
	local name=$1
	shift
	if [ -x /usr/bin/time ]; then
		/usr/bin/time -o "$T/time" -f "%e %U %S %M" "$@" >"$T/out"
		awk -v name="$name" -v mb="$MEGABYTES" '{ printf "%-28s %8.1f s %8.1f s CPU %8.1f MB resident %8.0f MB/s\n", name, $1, $2 + $3, $4 / 1024, mb / $1 }' "$T/time"
	else
		printf '%s, ' "$name"
		TIMEFORMAT='%R s, %U s + %S s CPU'
		time "$@" >"$T/out"
	fi
}

forget()
{
	rm -rf "$STATE"
}

mkdir -p "$CLAUDE_CONFIG_DIR"
"$BUILD/tests/bench/transcripts" "$CLAUDE_CONFIG_DIR/projects" "$MEGABYTES" 11 | tee "$T/right"
nproc | sed 's/$/ processors/'
cat "$CLAUDE_CONFIG_DIR"/projects/*/*.jsonl | wc -c | sed 's/$/ bytes/'
has_ccusage=1
install_ccusage || { has_ccusage=0; echo "ccusage: not measured"; }
for ((round = 0; round < ROUNDS; round++)); do
	sed 's/ .*/ load/' /proc/loadavg
	forget
	measure "runwake import, dry" runwake import claude --dry-run
	forget
	measure "runwake import" runwake import claude
	measure "runwake import, again" runwake import claude
	rm -r "$STATE/transcripts"
	measure "runwake import, all known" runwake import claude
	[ "$has_ccusage" -eq 0 ] || measure "ccusage daily" "$CCUSAGE" claude daily --json --offline
done
runwake stats --json | jq -c '.total | [.input_tokens, .output_tokens, .cache_read_tokens, .cache_write_tokens]' >"$T/ours"
jq -c '[.input_tokens, .output_tokens, .cache_read_tokens, .cache_write_tokens]' "$T/right" | diff - "$T/ours"
[ "$has_ccusage" -eq 0 ] || jq -c '.totals | [.inputTokens, .outputTokens, .cacheReadTokens, .cacheCreationTokens]' "$T/out" | diff - "$T/ours"
