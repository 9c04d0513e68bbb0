#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Worktrees and repositories come and go while the watcher runs.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

phase_is() # ROOT PHASE; "none" if it is not watched
{
	[ "$(runwake-watcher --status | jq -r --arg root "$1" '[.worktrees[] | select(.root == $root) | .phase][0] // "none"')" = "$2" ]
}

has_hint() # ROOT PATH
{
	[ "$(in_store_now "select count(*) from workflow_events where type = 'edited' and payload ->> '$.root' = '$1'
	    and exists (select 1 from json_each(payload, '\$.paths') where value = '$2')")" -gt 0 ]
}

has_movement() # ROOT COMMIT
{
	[ "$(in_store_now "select count(*) from workflow_movements where root = '$1' and new_hash = '$2'")" -gt 0 ]
}

watched_at_rest() # ROOT; its first scan is told
{
	phase_is "$1" ready && [ "$(runwake-watcher --status | jq .edit_lag_us)" = 0 ]
}

expect_watched() # ROOT; an edit and a movement there are seen
{
	wait_until 60 watched_at_rest "$1"
	echo "$RANDOM" >"$1/probe-$TEST_COUNT"
	wait_until 60 has_hint "$1" "probe-$TEST_COUNT"
	git -C "$1" -c core.hooksPath=/dev/null commit -q --allow-empty -m "Probe $TEST_COUNT"
	wait_until 60 has_movement "$1" "$(git -C "$1" rev-parse HEAD)"
}

without_any_repository()
{
	start_watcher
	expect_eq "worktrees" "$(runwake-watcher --status | jq '.worktrees | length')" 0
}

one_is_registered()
{
	wired_repo "$T/r"
	expect_watched "$T/r"
}

a_worktree_is_added()
{
	git -C "$T/r" worktree add -q "$T/w" -b topic
	expect_watched "$T/w"
	git -C "$T/r" worktree add -q "$T/r/.claude/worktrees/x" -b inner
	expect_watched "$T/r/.claude/worktrees/x"
	expect_eq "hints of the outer one for the inner one's edits" "$(in_store_now "select count(*) from workflow_events e, json_each(e.payload, '\$.paths') p
	    where e.type = 'edited' and e.payload ->> '$.root' = '$T/r' and p.value like '.claude/worktrees/x/%'")" 0
}

a_worktree_is_removed_and_added_again()
{
	local ids
	git -C "$T/r" worktree remove --force "$T/w"
	wait_until 60 phase_is "$T/w" none
	git -C "$T/r" worktree add -q "$T/w" topic
	expect_watched "$T/w"
	ids=$(in_store_now "select count(distinct payload ->> '$.worktree_id') from workflow_events where type = 'edited' and payload ->> '$.root' = '$T/w'")
	expect_eq "identities at one place" "$ids" 2
}

a_worktree_is_moved()
{
	git -C "$T/r" worktree move "$T/w" "$T/elsewhere"
	expect_watched "$T/elsewhere"
	wait_until 60 phase_is "$T/w" none
}

a_root_is_deleted_and_comes_back()
{
	mv "$T/elsewhere" "$T/aside"
	wait_until 60 phase_is "$T/elsewhere" gone
	mv "$T/aside" "$T/elsewhere"
	expect_watched "$T/elsewhere"
}

a_registration_ends_and_begins_again()
{
	runwake install --uninstall "$T/r" >/dev/null
	wait_until 60 phase_is "$T/r" none
	wait_until 60 phase_is "$T/elsewhere" none
	runwake install "$T/r" >/dev/null
	expect_watched "$T/r"
	expect_watched "$T/elsewhere"
}

a_repository_is_moved_and_comes_back()
{
	mv "$T/r" "$T/away"
	wait_until 60 phase_is "$T/r/.git" gone
	mv "$T/away" "$T/r"
	expect_watched "$T/r"
}

a_repository_is_cloned_anew()
{
	local ids
	git clone -q --bare "$T/r" "$T/origin.git"
	rm -rf "$T/r"
	wait_until 60 phase_is "$T/r/.git" gone
	git clone -q "$T/origin.git" "$T/r"
	runwake install "$T/r" >/dev/null
	expect_watched "$T/r"
	ids=$(in_store_now "select count(distinct repository_id) from workflow_movements where root = '$T/r'")
	[ "$ids" -ge 2 ] || fail "the clone is taken for the old repository"
}

an_unreadable_one_is_named()
{
	[ "$(id -u)" -ne 0 ] || skip "root may read everything"
	wired_repo "$T/closed"
	wait_until 60 phase_is "$T/closed" ready
	stop_watcher
	chmod 0 "$T/closed/.git"
	start_watcher
	runwake-watcher --status | jq -e --arg root "$T/closed/.git" '.worktrees[] | select(.root == $root) | .problem | contains("ermission")' >/dev/null
	expect_watched "$T/r"
	chmod 700 "$T/closed/.git"
}

what_is_ignored_may_change()
{
	cd "$T/r"
	hidden_is() { phase_is "$T/r" ready && [ "$(runwake-watcher --status | jq --arg root "$T/r" '.worktrees[] | select(.root == $root) | .directories')" = "$1" ]; }
	local before
	before=$(runwake-watcher --status | jq --arg root "$T/r" '.worktrees[] | select(.root == $root) | .directories')
	mkdir hidden
	wait_until 60 hidden_is $((before + 1))
	echo /hidden/ >>.git/info/exclude
	wait_until 60 hidden_is "$before"
	mkdir -p "$HOME/.config/git"
	sed -i '/hidden/d' .git/info/exclude
	wait_until 60 hidden_is $((before + 1))
}

t "it begins without any repository" without_any_repository
t "a repository that is registered is watched" one_is_registered
t "a worktree that is added is watched" a_worktree_is_added
t "one that is removed and added again is another" a_worktree_is_removed_and_added_again
t "one that is moved is watched at its new place" a_worktree_is_moved
t "a root that is away is waited for" a_root_is_deleted_and_comes_back
t "a registration ends and begins again" a_registration_ends_and_begins_again
t "a repository that is away is waited for" a_repository_is_moved_and_comes_back
t "a repository that is cloned anew is another" a_repository_is_cloned_anew
t "one that cannot be read is named, and hinders no other" an_unreadable_one_is_named
t "what is ignored may change" what_is_ignored_may_change
t "a clean stop" stop_watcher
end_tests
