#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What `runwake run` costs: output that passes, against cat(1) in its place; and a command's start and end, against none.
# Lines are like an agent's: 600 bytes of a user line each. Best of ROUNDS, taken in turns.
# shellcheck source=tests/e2e/harness.sh disable=SC2164
. "$(dirname "$0")/../e2e/harness.sh"
set -e

ROUNDS=${ROUNDS:-7}
MEGABYTES=${MEGABYTES:-256}

milliseconds() # COMMAND…; how long it took
{
	local begin=$EPOCHREALTIME end
	"$@" >/dev/null
	end=$EPOCHREALTIME
	echo "$(((${end/./} - ${begin/./}) / 1000))"
}

best() # NAME TIME…
{
	local name=$1 time least
	shift
	least=$1
	for time; do
		[ "$time" -ge "$least" ] || least=$time
	done
	printf -v "$name" %d "$least"
}

bare() { "$T/claude" | cat; }
by_cat() { "$T/claude" | cat | cat; }
wrapped() { runwake run -- "$T/claude" --output-format stream-json | cat; }
unread() { runwake run --agent none -- "$T/claude" --output-format stream-json | cat; }

new_repo "$T/r" >/dev/null
runwake install "$T/r" >/dev/null
cd "$T/r"
line='{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"'
line+=$(head -c 430 /dev/zero | tr '\0' x)'"}]},"parent_tool_use_id":null,"session_id":"00000000-0000-4000-8000-000000000000"}'
yes "$line" | head -c $((MEGABYTES * 1000000)) >"$T/stream" || :
printf '#!/bin/sh\nexec cat "%s"\n' "$T/stream" >"$T/claude"
chmod +x "$T/claude"

bare=1 cat=1 wrapped=1 unread=1 plain=1 begun=1
declare -a bare_times cat_times wrapped_times unread_times
for ((round = 0; round < ROUNDS; round++)); do
	bare_times+=("$(milliseconds bare)")
	cat_times+=("$(milliseconds by_cat)")
	wrapped_times+=("$(milliseconds wrapped)")
	unread_times+=("$(milliseconds unread)")
done
best bare "${bare_times[@]}"
best cat "${cat_times[@]}"
best wrapped "${wrapped_times[@]}"
best unread "${unread_times[@]}"
printf '%s MB, %s rounds, load %s\n' "$MEGABYTES" "$ROUNDS" "$(cut -d' ' -f1 /proc/loadavg)"
printf '%-34s %6s ms  %s MB/s\n' "command | cat" "$bare" $((MEGABYTES * 1000 / bare))
printf '%-34s %6s ms  %s MB/s\n' "command | cat | cat" "$cat" $((MEGABYTES * 1000 / cat))
printf '%-34s %6s ms  %s MB/s  %s %% of cat in its place\n' "runwake run -- command | cat" "$wrapped" \
	$((MEGABYTES * 1000 / wrapped)) $((100 * cat / wrapped))
printf '%-34s %6s ms\n' "the same, not read (--agent none)" "$unread"

fifty() { local i; for ((i = 0; i < 50; i++)); do "$@" </dev/null; done; }
declare -a true_times begun_times
runwake record
for ((round = 0; round < ROUNDS; round++)); do
	true_times+=("$(milliseconds fifty /bin/true)")
	begun_times+=("$(milliseconds fifty runwake run -- /bin/true)")
done
best plain "${true_times[@]}"
best begun "${begun_times[@]}"
printf '%-34s %6s us\n' "/bin/true" $((plain * 20))
printf '%-34s %6s us, with its start and end synced to the disk\n' "runwake run -- /bin/true" $((begun * 20))
wait_until 20 no_recorder_is_left
