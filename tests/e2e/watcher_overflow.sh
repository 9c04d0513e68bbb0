#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The watcher is stopped (SIGSTOP) until the kernel drops events, then goes on: one gap for each worktree that is
# concerned, one rescan, and what is recorded then is exact.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/watcher_common.bash
. "$(dirname "$0")/watcher_common.bash"

QUEUE=$(cat /proc/sys/fs/inotify/max_queued_events)
REPO=$T/project
OTHER=$T/other

lay_the_ground()
{
	[ "$QUEUE" -le 65536 ] || skip "fs.inotify.max_queued_events is $QUEUE: too many to overflow"
	wired_repo "$REPO"
	wired_repo "$OTHER"
	git -C "$REPO" worktree add -q -b linked "$T/linked"
	mkdir -p "$REPO/d"
	seq 10 >"$REPO/d/before"
	start_watcher
	wait_until 60 watcher_has_caught_up
	expect_eq "overflows" "$(status_of_watcher .overflows)" 0
	status_of_watcher '[.worktrees[].rescans] | add' >"$T/rescans"
}

# An event for creating, one for writing, one for closing, one for removing each: and some of it stays, in directories
# that nobody has told of.
flood()
{
	local pid
	pid=$(watcher_of_test)
	kill -STOP "$pid"
	mkdir "$REPO/flood"
	for _ in $(seq $((QUEUE / 1000 + 2))); do
		(cd "$REPO/d" && seq 1000 | xargs touch && seq 1000 | xargs rm)
	done
	mkdir -p "$REPO/new/deep"
	seq 7 >"$REPO/new/deep/file"
	seq 3 >"$OTHER/quiet"
	git -C "$REPO" -c core.hooksPath=/dev/null commit -q --allow-empty -m "While it was stopped"
	echo more >>"$REPO/d/before"
	rm -r "$REPO/flood"
	kill -CONT "$pid"
	wait_until 60 it_overflowed
}

it_overflowed()
{
	[ "$(status_of_watcher .overflows)" -ge 1 ]
}

exact_afterwards()
{
	expect_exact_edits 60 "$REPO"
	expect_eq "edits" "$(wc -l <"$T/edits.store")" 2
	expect_exact_edits 60 "$OTHER"
	expect_exact_edits 60 "$T/linked"
	wait_until 60 movement_is_recorded
	wait_until 60 watcher_has_caught_up
}

movement_is_recorded()
{
	[ "$(in_store_now "select count(*) from workflow_movements where new_hash = '$(git -C "$REPO" rev-parse HEAD)'")" -eq 1 ]
}

one_gap_and_one_rescan_each()
{
	expect_eq "overflows" "$(status_of_watcher .overflows)" 1
	expect_eq "rescans" "$(status_of_watcher '[.worktrees[].rescans] | add')" $(($(cat "$T/rescans") + 3))
	expect_eq "gaps" "$(in_store_now "select count(*) || ' ' || count(distinct worktree_id) || ' ' || group_concat(distinct reason)
		from workflow_gaps")" "3 3 queue-overflow"
	expect_exit 0 runwake verify
	expect_eq "verify names them" "$(grep -c '^unknowable .*queue-overflow' "$T/out")" 3
}

# What comes after is seen as ever, and nothing is scanned again.
goes_on()
{
	seq 4 >"$REPO/new/deep/later"
	mkdir "$REPO/later"
	seq 4 >"$REPO/later/file"
	expect_exact_edits 60 "$REPO"
	expect_eq "edits" "$(wc -l <"$T/edits.store")" 4
	wait_until 60 watcher_has_caught_up
	expect_eq "overflows" "$(status_of_watcher .overflows)" 1
	expect_eq "rescans" "$(status_of_watcher '[.worktrees[].rescans] | add')" $(($(cat "$T/rescans") + 3))
}

it_stops()
{
	stop_watcher
	wait_until 60 is_settled
}

t "three worktrees are watched" lay_the_ground
t "more than $QUEUE events while it is stopped" flood
t "what is recorded is exact" exact_afterwards
t "one gap and one rescan for each worktree" one_gap_and_one_rescan_each
t "it goes on, and scans nothing again" goes_on
t "the watcher stops" it_stops
end_tests
