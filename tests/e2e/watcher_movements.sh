#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# HEAD moves where no hook runs: by reset, by libgit2, past the hooks, without a line, from another worktree. The
# watcher brings it into the store while nobody runs a command of Runwake.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

has_movement() # KIND COMMIT
{
	[ "$(in_store_now "select count(*) from workflow_movements where kind = '$1' and new_hash = '$2'")" -gt 0 ]
}

expect_movement() # KIND COMMIT
{
	wait_until 60 has_movement "$1" "$2"
}

# No hooks at all: everything that is recorded here is the watcher's doing.
a_repository_without_hooks()
{
	wired_repo "$T/r"
	git -C "$T/r" config core.hooksPath /dev/null
	start_watcher
	cd "$T/r"
	commit_file . one "1" "One"
	expect_movement commit "$(git rev-parse HEAD)"
	verdict() { [ "$(in_store_now "select verdict from workflow_movements where new_hash = '$(git rev-parse HEAD)'")" = made ]; }
	wait_until 60 verdict
}

a_reset()
{
	cd "$T/r"
	git reset -q --hard HEAD~1
	expect_movement reset "$(git rev-parse HEAD)"
}

libgit2()
{
	cd "$T/r"
	local tool=$BUILD/tests/e2e/tool_libgit2_commit commit
	[ -x "$tool" ] || skip "tool_libgit2_commit is not built"
	commit=$("$tool" "$T/r" by-libgit2 "Some text." "By libgit2")
	expect_movement commit "$commit"
}

a_head_without_a_line()
{
	local commit
	cd "$T/r"
	git branch elsewhere HEAD~1
	commit=$(git rev-parse elsewhere)
	echo "ref: refs/heads/elsewhere" >.git/HEAD	# as tools do that write no log
	is_implied() { [ "$(in_store_now "select count(*) from workflow_movements where implied = 1 and new_hash = '$commit'")" -gt 0 ]; }
	wait_until 60 is_implied
	git reset -q --hard
	git checkout -q main
}

a_branch_moved_from_elsewhere()
{
	local commit
	cd "$T/r"
	git worktree add -q "$T/linked" -b linked
	ready() { runwake-watcher --status | jq -e '.worktrees[] | select(.root | endswith("/linked")) | .phase == "ready"' >/dev/null; }
	wait_until 60 ready
	git -C "$T/linked" commit -q --allow-empty -m "In the linked one"
	expect_movement commit "$(git rev-parse linked)"
	commit=$(git rev-parse main)
	git update-ref refs/heads/linked "$commit"
	is_implied() { [ "$(in_store_now "select count(*) from workflow_movements where implied = 1 and new_hash = '$commit' and root = '$T/linked'")" -gt 0 ]; }
	wait_until 60 is_implied
}

a_push_is_confirmed()
{
	local remote=$T/remote.git commit
	cd "$T/r"
	git config --unset core.hooksPath	# pre-push tells what is intended, and by whom
	git init -q --bare "$remote"
	git remote add origin "$remote"
	runwake start --run-id pusher >/dev/null
	commit_file . pushed "x" "To be pushed"
	commit=$(git rev-parse HEAD)
	git push -q origin main
	confirmed() { [ "$(in_store_now "select count(*) from workflow_pushes where new_hash = '$commit' and confirmed_at is not null")" -gt 0 ]; }
	wait_until 60 confirmed
	runwake finish >/dev/null
}

a_rebase()
{
	local before after
	cd "$T/r"
	git config core.hooksPath /dev/null
	git checkout -q -b topic HEAD~1
	for i in 1 2 3 4 5; do commit_file . "topic-$i" "$i" "Topic $i"; done
	git rebase -q main
	lines() { wc -l <.git/logs/HEAD; }
	after=$(git rev-parse HEAD)
	expect_movement rebase-finish "$after"
	before=$(in_store_now "select count(*) from workflow_movements where kind = 'rebase-pick'")
	expect_eq "picks" "$before" "$(grep -c 'rebase (pick)' .git/logs/HEAD)"
}

gc_makes_nobody_blind()
{
	cd "$T/r"
	git gc -q --prune=now
	git commit -q --allow-empty -m "After gc"
	expect_movement commit "$(git rev-parse HEAD)"
	expect_eq "gaps" "$(in_store_now "select count(*) from workflow_gaps")" 0
}

all_lines_are_there()
{
	stop_watcher
	runwake verify "$T/r"
}

t "a commit past the hooks is recorded" a_repository_without_hooks
t "a reset is recorded" a_reset
t "a commit by libgit2 is recorded" libgit2
t "a HEAD that moved without a line is recorded" a_head_without_a_line
t "a branch that moved below another worktree is recorded" a_branch_moved_from_elsewhere
t "a push is confirmed" a_push_is_confirmed
t "a rebase is recorded pick by pick" a_rebase
t "gc makes nobody blind" gc_makes_nobody_blind
t "after a clean stop verify finds nothing missing" all_lines_are_there
end_tests
