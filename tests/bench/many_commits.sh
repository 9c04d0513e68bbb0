#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a commit takes when 64 processes commit at once in 64 worktrees, with our hooks and without any hook.
# Rounds of both kinds take turns, so that a busy moment of the machine falls on both. Budget: the 99th percentile with
# hooks is at most twice the one without.
# shellcheck source=tests/e2e/harness.sh disable=SC2164
. "$(dirname "$0")/../e2e/harness.sh"
set -e

REPO=$T/project
COUNT=${COUNT:-64}
ROUNDS=${ROUNDS:-10}

commit_at_once() # N ROUND KIND
{
	local began
	cd "$T/w$1"
	printf '%s %s\n' "$2" "$3" >"file$1"
	git add "file$1"
	: >"$T/ready/$1"
	flock -s "$T/gate" true
	began=$EPOCHREALTIME
	if [ "$3" = with ]; then
		git commit -q -m "Commit $2 of $1"
	else
		git -c core.hooksPath=/dev/null commit -q -m "Commit $2 of $1"
	fi
	printf '%s %d\n' "$3" $((${EPOCHREALTIME/./} - ${began/./})) >>"$T/times.$1"
}

all_stand_at_the_gate()
{
	[ "$(find "$T/ready" -type f | wc -l)" -ge "$COUNT" ]
}

round() # ROUND KIND
{
	local n
	rm -rf "$T/ready"
	mkdir "$T/ready"
	exec 8>"$T/gate"
	flock 8
	for n in $(seq "$COUNT"); do
		commit_at_once "$n" "$1" "$2" 8>&- &
	done
	wait_until 30 all_stand_at_the_gate
	exec 8>&-
	wait
	wait_until 60 is_settled
}

percentile() # KIND HUNDREDTH: microseconds
{
	cat "$T"/times.* | awk -v kind="$1" '$1 == kind { print $2 }' | sort -n |
	    awk -v p="$2" '{ v[NR] = $1 } END { i = int((NR * p + 99) / 100); print v[i ? i : 1] }'
}

wired_repo "$REPO"
for n in $(seq "$COUNT"); do
	git -C "$REPO" worktree add -q -b "b$n" "$T/w$n"
done
(cd "$T/w1" && runwake start --workflow bench --task "Commit" >/dev/null)
wait_until 60 is_settled
for n in $(seq "$ROUNDS"); do
	round "$n" without
	round "$n" with
done
expected=$(cat "$REPO"/.git/worktrees/*/logs/HEAD | wc -l)
found=$(in_store "select count(*) from workflow_movements where git_dir <> common_dir")
printf '%d commits of each kind, %d at a time, %d processors; movements: %d, recorded: %d\n' \
    $((COUNT * ROUNDS)) "$COUNT" "$(nproc)" "$expected" "$found"
printf '%-10s %10s %10s %10s\n' "" "median ms" "p90 ms" "p99 ms"
for kind in without with; do
	printf '%-10s' "$kind"
	for p in 50 90 99; do
		percentile "$kind" "$p" | awk '{ printf " %10.1f", $1 / 1000 }'
	done
	echo
done
ratio=$(awk -v a="$(percentile with 99)" -v b="$(percentile without 99)" 'BEGIN { printf "%.2f", a / b }')
echo "p99 with hooks / without: $ratio (budget 2.00)"
[ "$expected" -eq "$found" ] && awk -v r="$ratio" 'BEGIN { exit !(r <= 2) }'
