#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Worktrees and repositories that go and come back under the same name, while they are watched: nothing is lost,
# nothing is mixed up.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/watcher_common.bash
. "$(dirname "$0")/watcher_common.bash"

REPO=$T/project
LINKED=$T/linked
LOG=$REPO/.git/worktrees/linked/logs/HEAD

lay_the_ground()
{
	new_repo "$REPO"
	seq 10 >"$REPO/file"
	git -C "$REPO" add file
	git -C "$REPO" commit -q -m "A file"
	runwake install "$REPO" >/dev/null
	start_watcher
	wait_until 60 watcher_has_caught_up
}

is_watched() # ROOT
{
	[ "$(worktree_status "$1" phase)" = ready ]
}

# The worktrees that ever were at this git directory.
worktrees_known() # GITDIR
{
	in_store_now "select count(*) from workflow_worktrees where git_dir = '$1'"
}

movements_are() # FILE-OF-EXPECTED GITDIR
{
	movements_in_store "$2" >"$T/actual"
	cmp -s "$1" "$T/actual"
}

expect_movements() # FILE-OF-EXPECTED GITDIR
{
	wait_until 60 movements_are "$1" "$2" || expect_same "movements" "$T/actual" "$1"
}

a_worktree_comes_and_goes()
{
	git -C "$REPO" worktree add -q -b work "$LINKED"
	wait_until 60 is_watched "$LINKED"
	seq 3 >"$LINKED/thrown-away"
	git -C "$LINKED" -c core.hooksPath=/dev/null commit -q --allow-empty -m "In the first"
	expect_exact_edits 60 "$LINKED"
	expect_eq "edits" "$(wc -l <"$T/edits.store")" 1
	movements_of_log "$LOG" >"$T/first"
	expect_movements "$T/first" "$REPO/.git/worktrees/linked"
	states_of_the_first >"$T/states"
	[ "$(cat "$T/states")" -ge 1 ] || fail "nothing was recorded of what is to be thrown away"
	git -C "$REPO" worktree remove --force "$LINKED"
	wait_until 60 is_not_watched "$LINKED"
}

is_not_watched() # ROOT
{
	[[ $(worktree_status "$1" phase) =~ ^(gone)?$ ]]
}

and_comes_back_under_its_name()
{
	git -C "$REPO" worktree add -q "$LINKED" work
	wait_until 60 is_watched "$LINKED"
	expect_exact_edits 60 "$LINKED"
	expect_eq "edits of the new one" "$(cat "$T/edits.store")" ""
	seq 5 >"$LINKED/second"
	git -C "$LINKED" -c core.hooksPath=/dev/null commit -q --allow-empty -m "In the second"
	expect_exact_edits 60 "$LINKED"
	expect_eq "edits" "$(cut -f 3 "$T/edits.store")" second
	{ cat "$T/first"; movements_of_log "$LOG"; } | LC_ALL=C sort >"$T/both"
	expect_movements "$T/both" "$REPO/.git/worktrees/linked"
	expect_eq "worktrees" "$(worktrees_known "$REPO/.git/worktrees/linked")" 2
	# What the first one had is still what was recorded of it.
	[ "$(states_of_the_first)" -ge "$(cat "$T/states")" ] || fail "$(states_of_the_first) states of the first are left of $(cat "$T/states")"
}

# One, or two where the commit came after the edit had rested.
states_of_the_first()
{
	in_store_now "select count(*) from workflow_edits where files like '%thrown-away%'"
}

# rm -rf without git, and the directory made again.
its_directory_goes_and_comes_back()
{
	mv "$LINKED" "$LINKED.away"
	wait_until 60 is_not_watched "$LINKED"
	git -C "$REPO" -c core.hooksPath=/dev/null commit -q --allow-empty -m "Meanwhile"
	mv "$LINKED.away" "$LINKED"
	wait_until 60 is_watched "$LINKED"
	seq 6 >"$LINKED/third"
	git -C "$LINKED" -c core.hooksPath=/dev/null commit -q --allow-empty -m "After it came back"
	expect_exact_edits 60 "$LINKED"
	expect_eq "edits" "$(cut -f 3 "$T/edits.store" | tr '\n' ' ')" "second third "
	{ cat "$T/first"; movements_of_log "$LOG"; } | LC_ALL=C sort >"$T/both"
	expect_movements "$T/both" "$REPO/.git/worktrees/linked"
	expect_eq "worktrees" "$(worktrees_known "$REPO/.git/worktrees/linked")" 2
}

the_root_of_the_main_worktree_is_emptied()
{
	seq 4 >"$REPO/kept"
	expect_exact_edits 60 "$REPO"
	find "$REPO" -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +
	expect_exact_edits 60 "$REPO"
	git -C "$REPO" checkout -q .
	seq 2 >"$REPO/again"
	expect_exact_edits 60 "$REPO"
	expect_eq "edits" "$(cut -f 3 "$T/edits.store")" again
}

# Nothing of the old repository is left; the new one at its path has an identity and a history of its own.
a_repository_is_cloned_again()
{
	local before
	git clone -q --bare "$REPO" "$T/origin.git"
	wait_until 60 watcher_has_caught_up
	before=$(in_store_now "select count(*) from workflow_movements")
	movements_in_store "$REPO/.git" >"$T/old"
	rm -rf "$REPO" "$LINKED"
	wait_until 60 is_not_watched "$REPO"
	git clone -q "$T/origin.git" "$REPO"
	wc -l <"$REPO/.git/logs/HEAD" >"$T/baseline"
	runwake install "$REPO" >/dev/null
	wait_until 60 is_watched "$REPO"
	expect_exact_edits 60 "$REPO"
	expect_eq "edits of the clone" "$(cat "$T/edits.store")" ""
	seq 11 >"$REPO/of-the-clone"
	git -C "$REPO" -c core.hooksPath=/dev/null commit -q --allow-empty -m "In the clone"
	expect_exact_edits 60 "$REPO"
	expect_eq "edits" "$(cut -f 3 "$T/edits.store")" of-the-clone
	{ cat "$T/old"; movements_of_log "$REPO/.git/logs/HEAD" "$(cat "$T/baseline")"; } | LC_ALL=C sort >"$T/both"
	expect_movements "$T/both" "$REPO/.git"
	expect_eq "repositories" "$(in_store_now "select count(distinct repository_id) from workflow_worktrees where git_dir = '$REPO/.git'")" 2
	expect_eq "movements" "$(in_store_now "select count(*) from workflow_movements")" $((before + 1))
}

it_stops()
{
	expect_exit 0 runwake verify "$REPO"
	stop_watcher
	wait_until 60 is_settled
}

t "a repository is watched" lay_the_ground
t "a linked worktree comes and goes" a_worktree_comes_and_goes
t "it comes back under its name" and_comes_back_under_its_name
t "its directory is moved away and back" its_directory_goes_and_comes_back
t "the root of the main worktree is emptied" the_root_of_the_main_worktree_is_emptied
t "a repository is cloned again at the same path" a_repository_is_cloned_again
t "the watcher stops, and verify finds no gap" it_stops
end_tests
