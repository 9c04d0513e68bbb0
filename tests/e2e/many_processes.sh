#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# 64 processes commit at the same moment in 64 worktrees of one repository, each for a run of its own: no movement is
# lost, none is recorded twice, and each is on its run. (How long it takes: tests/bench/many_commits.sh.)
# Runs alone: it keeps both processors busy.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

REPO=$T/project
COUNT=64
ROUNDS=3

lay_the_ground()
{
	local n
	wired_repo "$REPO"
	for n in $(seq "$COUNT"); do
		git -C "$REPO" worktree add -q -b "b$n" "$T/w$n"
		(cd "$T/w$n" && runwake start --workflow implement --task "Commit in $n" --run-id "run-$n") >/dev/null
	done
	wait_until 120 is_settled
}

# Waits at the gate, so that all of them begin together.
commit_at_once() # N ROUND
{
	cd "$T/w$1"
	printf '%s\n' "$2" >"file$1"
	git add "file$1"
	: >"$T/ready/$1"
	flock -s "$T/gate" git commit -q -m "Commit $2 of $1"
}

all_at_once()
{
	local n round pid status=0
	local -a pids
	for round in $(seq "$ROUNDS"); do
		pids=()
		rm -rf "$T/ready"
		mkdir "$T/ready"
		exec 8>"$T/gate"
		flock 8
		for n in $(seq "$COUNT"); do
			commit_at_once "$n" "$round" 8>&- &
			pids+=($!)
		done
		wait_until 120 all_stand_at_the_gate
		exec 8>&-
		for pid in "${pids[@]}"; do
			wait "$pid" || status=1
		done
	done
	return "$status"
}

all_stand_at_the_gate()
{
	[ "$(find "$T/ready" -type f | wc -l)" -ge "$COUNT" ]
}

every_movement_once()
{
	for n in $(seq "$COUNT"); do
		cut -d' ' -f2 "$REPO/.git/worktrees/w$n/logs/HEAD" | sed "s/^/w$n /"
	done | sort >"$T/expected"
	in_store "select replace(git_dir, common_dir || '/worktrees/', '') || ' ' || new_hash
		from workflow_movements where git_dir <> common_dir and implied = 0" | sort >"$T/actual"
	expect_eq "commits" "$(grep -c . "$T/expected")" "$(cat "$REPO"/.git/worktrees/*/logs/HEAD | wc -l)"
	expect_same "movements" "$T/actual" "$T/expected"
}

each_on_its_run()
{
	for n in $(seq "$COUNT"); do
		git -C "$REPO" log --format="run-$n %H" "main..b$n"
	done | sort >"$T/expected"
	expect_eq "commits" "$(wc -l <"$T/expected")" $((COUNT * ROUNDS))
	in_store "select run_id || ' ' || new_hash from workflow_movements
		join workflow_runs on workflow_runs.id = workflow_run_id where verdict = 'made'" | sort >"$T/actual"
	expect_same "commits of the runs" "$T/actual" "$T/expected"
}

verify_has_no_gap()
{
	expect_json "verify" "$(runwake verify --json "$REPO")" '.gaps | length' 0
}

t "$COUNT worktrees, $COUNT runs" lay_the_ground
t "$COUNT processes commit at once, $ROUNDS times" all_at_once
t "every movement is recorded exactly once" every_movement_once
t "every commit is on its run" each_on_its_run
t "verify finds no gap" verify_has_no_gap
end_tests
