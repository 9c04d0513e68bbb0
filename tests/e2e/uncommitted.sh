#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a run leaves uncommitted stands on its row as soon as finish returns, with no watcher at work: the numbers are
# git's own, and the worktree, its index and HEAD are as they were.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

# What git says of the uncommitted edits here: ADDED REMOVED FILES UNTRACKED, untracked files' lines among the added.
git_says()
{
	local added removed files untracked=0 lines=0 file
	read -r added removed files < <(git diff --numstat HEAD | awk '{ a += $1; r += $2 } END { print a + 0, r + 0, NR }')
	while IFS= read -r -d '' file; do
		untracked=$((untracked + 1))
		lines=$((lines + $(grep -c '' <"$file" || true)))
	done < <(git ls-files -z -o --exclude-standard)
	echo "$((added + lines)) $removed $files $untracked"
}

row_says() # RUN_ID
{
	in_store "select uncommitted_added_lines || ' ' || uncommitted_removed_lines || ' ' || uncommitted_files_changed ||
		' ' || uncommitted_untracked_files from workflow_runs where run_id = '$1'"
}

begin() # DIR RUN_ID
{
	cd "$1"
	runwake start --run-id "$2" --workflow fix --task t >"$T/out" 2>&1
	is_settled || wait_until 60 is_settled
}

nothing_uncommitted()
{
	wired_repo "$T/clean"
	begin "$T/clean" clean
	runwake finish clean --status completed >"$T/out" 2>&1
	expect_eq "the row" "$(row_says clean)" "0 0 0 0"
	expect_eq "states" "$(in_store "select count(*) from workflow_edits")" 1
}

everything_uncommitted()
{
	wired_repo "$T/work"
	cd "$T/work"
	printf '%s\n' one two three >old
	printf '%s\n' to go >gone
	printf '%s\n' "*.log" >.gitignore
	seq 100 >moved
	git add .
	git commit -q -m ground
	begin "$T/work" dirty
	printf '%s\n' one 2 three four >old
	rm gone
	git mv moved elsewhere
	printf '%s\n' new >'new "file"'
	printf 'no newline' >$'odd\nname'
	mkdir sub
	printf '%s\n' a b c >sub/$'\377'
	printf 'ignored\n' >x.log
	printf 'a\0b\n' >binary
	git add sub
	cp .git/index "$T/index"
	git rev-parse HEAD >"$T/head"
	runwake finish dirty --status completed >"$T/out" 2>&1
	expect_eq "the row" "$(row_says dirty)" "7 3 4 3"
	cmp .git/index "$T/index"
	expect_eq HEAD "$(git rev-parse HEAD)" "$(cat "$T/head")"
	runwake show dirty --json >"$T/json"
	expect_eq "files" "$(jq -r '.edits[-1].files[].path' "$T/json")" "$(printf '%s\n' binary elsewhere gone 'new "file"' $'odd\nname' old '"sub/\377"')"
}

as_git_says()
{
	cd "$T/work"
	rm binary # whose lines git does not count
	begin "$T/work" again
	seq 50 >>old
	runwake finish again --status failed >"$T/out" 2>&1
	expect_eq "the row" "$(row_says again)" "$(git_says)"
	expect_eq "the run before" "$(row_says dirty)" "7 3 4 3"
}

what_another_left()
{
	cd "$T/work"
	begin "$T/work" idle
	runwake finish idle --status completed >"$T/out" 2>&1
	expect_eq "the row" "$(row_says idle)" "$(git_says)"
	expect_eq "its states" "$(in_store "select count(*) from workflow_edits e join workflow_runs r on r.id = e.workflow_run_id where r.run_id = 'idle'")" 1
	runwake record
	expect_eq "its states" "$(in_store "select count(*) from workflow_edits e join workflow_runs r on r.id = e.workflow_run_id where r.run_id = 'idle'")" 1
}

committed_after_all()
{
	cd "$T/work"
	begin "$T/work" tidy
	git add -A
	git commit -q -m "all of it"
	runwake finish tidy --status completed >"$T/out" 2>&1
	expect_eq "the row" "$(row_says tidy)" "0 0 0 0"
	expect_eq "thrown away" "$(in_store "select group_concat(discarded) from workflow_edits where discarded <> '[]' and head_hash = '$(git rev-parse HEAD)'")" ""
}

a_worktree_that_is_gone()
{
	cd "$T/work"
	git worktree add -q "$T/linked"
	begin "$T/linked" lost
	printf '%s\n' lost work >mine
	runwake finish lost --status failed >"$T/out" 2>&1
	expect_eq "the row" "$(row_says lost)" "2 0 0 1"
	cd "$T/work"
	git worktree remove --force "$T/linked"
	runwake record
	expect_eq "the row" "$(row_says lost)" "2 0 0 1"
	expect_eq "to be done" "$(in_store "select count(*) from workflow_edit_hints where done = 0")" 0
}

t "a run that leaves nothing has zeros" nothing_uncommitted
t "what a run leaves uncommitted is on its row when finish returns" everything_uncommitted
t "the numbers are git's, and an earlier run keeps its own" as_git_says
t "a run in a worktree that another left with edits leaves them too" what_another_left
t "what was committed is no longer uncommitted, and was not thrown away" committed_after_all
t "of a worktree that is gone the last state stands" a_worktree_that_is_gone
end_tests
