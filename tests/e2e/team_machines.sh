#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Several machines with full rights on one database, whose paths look the same: what is left to do for one is not done,
# and not given up, by another. Each machine is a state directory with settings of its own.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
REPO=$T/project	# the same path on every machine; only one machine's repository lies there at a time

be() # MACHINE; its repository, unless it has none yet, comes to where that of the other lay
{
	export XDG_STATE_HOME=$T/$1/state XDG_CONFIG_HOME=$T/$1/config
	STATE=$XDG_STATE_HOME/runwake
	put_away
	[ ! -d "$T/$1/project" ] || mv "$T/$1/project" "$REPO"
	echo "$1" >"$T/here"
}

put_away() # and nobody is at work in it
{
	wait_until 60 no_recorder_is_left
	[ ! -d "$REPO" ] || mv "$REPO" "$T/$(cat "$T/here")/project"
}

new_machine() # NAME
{
	mkdir -p "$T/$1"
	be "$1"
	write_settings "	host = $1"
	runwake db use "$POSTGRES_URL" >/dev/null
}

left_to_do()
{
	postgres "select (select count(*) from workflow_movements where not examined)
		+ (select count(*) from workflow_runs where diff_stale) + (select count(*) from workflow_edit_hints where not done)"
}

# Commits and edits in the repository that lies there, but what is to be looked at there is away when it is recorded.
leave_things_to_do() # COMMITS
{
	local n run
	cd "$REPO"
	run=$(runwake start --workflow implement --task "Left by $(cat "$T/here")")
	runwake record
	"$ROOT/tests/postgres_cluster.sh" stop "$T/pg"
	for ((n = 0; n < $1; n++)); do
		git commit -q --allow-empty -m "$(cat "$T/here") $n"
	done
	echo "by $(cat "$T/here")" >>README
	runwake finish "$run" --status completed >/dev/null 2>&1
	cd "$T"
	wait_until 60 no_recorder_is_left
	"$ROOT/tests/postgres_cluster.sh" start "$T/pg"
	echo "$run" >"$T/$(cat "$T/here")/run"
	put_away
	[ ! -d "$STATE/index" ] || mv "$STATE/index" "$STATE/index.kept"
	: >"$STATE/index"	# a directory of the recorder's: without it no edit can be looked at
	runwake record 2>"$T/record.err"
	rm "$STATE/index"
}

two_machines_with_the_same_path()
{
	local machine
	new_machine left
	runwake db migrate >/dev/null
	new_machine right
	for machine in left right; do
		be "$machine"
		wired_repo "$REPO"
		git -C "$REPO" commit -q --allow-empty -m "first of $machine"
		runwake record
	done
	expect_eq "movements by host" "$(postgres "select host, count(*) from workflow_events where type = 'moved'
		group by host order by host")" $'left|1\nright|1'
	expect_eq "made" "$(postgres "select count(*) from workflow_movements where verdict = 'made'")" 2
	expect_eq "left to do" "$(left_to_do)" 0
}

what_one_left_is_not_done_by_another()
{
	local before
	be left
	leave_things_to_do 4
	before=$(left_to_do)
	[ "$before" -ge 6 ] || fail "only $before things were left to do"
	be right
	git -C "$REPO" commit -q --allow-empty -m "second of right"
	runwake record --all 2>"$T/record.err"
	expect_eq "what the other machine said" "$(cat "$T/record.err")" ""
	runwake list >/dev/null
	expect_eq "left to do by the first" "$(left_to_do)" "$before"
	expect_eq "missing" "$(postgres "select count(*) from workflow_examinations where missing")" 0
}

its_own_machine_does_it_later()
{
	local run
	run=$(cat "$T/left/run")
	be left
	runwake record 2>"$T/record.err"
	expect_eq "said" "$(cat "$T/record.err")" ""
	expect_eq "left to do" "$(left_to_do)" 0
	expect_json "the run" "$(runwake show --json "$run")" '(.commits | length | tostring) + " " + .run.host' "4 left"
	expect_eq "uncommitted" "$(postgres "select uncommitted_added_lines from workflow_runs where run_id = '$run'")" 1
}

# The path in the record is the old one; the repository is found by what it is.
a_repository_that_moved_is_still_found()
{
	be left
	leave_things_to_do 3
	mv "$T/left/project" "$T/left/elsewhere"
	git -C "$T/left/elsewhere" commit -q --allow-empty -m "in another place"
	wait_until 60 no_recorder_is_left
	runwake record
	expect_eq "left to do" "$(left_to_do)" 0
	expect_eq "missing" "$(postgres "select count(*) from workflow_examinations where missing")" 0
	expect_json "the run" "$(runwake show --json "$(cat "$T/left/run")")" '.commits | length' 3
	mv "$T/left/elsewhere" "$T/left/project"
}

# A container has a name of its own each time, and its state directory goes with it; its repository is mounted.
what_a_container_left_is_done_by_who_has_the_repository()
{
	be left
	new_machine c0ffee
	mv "$T/left/project" "$REPO"
	git -C "$REPO" commit -q --allow-empty -m "before"
	runwake record
	leave_things_to_do 5
	rm -rf "$T/c0ffee/state"
	mv "$T/c0ffee/project" "$T/left/project"
	[ "$(left_to_do)" -ge 5 ] || fail "only $(left_to_do) things were left to do"
	be left
	runwake record
	expect_eq "left to do" "$(left_to_do)" 0
	expect_json "the run" "$(runwake show --json "$(cat "$T/c0ffee/run")")" '(.commits | length | tostring) + " " + .run.host' "5 c0ffee"
}

# Each hides where the other works: neither may take the other's worktree for one that is gone.
a_worktree_that_another_machine_sees_is_not_given_up()
{
	be left
	runwake record
	git -C "$REPO" worktree add -q "$T/linked" 2>/dev/null
	runwake record
	"$ROOT/tests/postgres_cluster.sh" stop "$T/pg"
	cd "$T/linked"
	runwake start --workflow implement --task "In a linked worktree" >"$T/run" 2>/dev/null
	echo edited >>README
	runwake finish "$(cat "$T/run")" --status completed >/dev/null 2>&1
	cd "$T"
	wait_until 60 no_recorder_is_left
	"$ROOT/tests/postgres_cluster.sh" start "$T/pg"
	[ ! -d "$STATE/index" ] || mv "$STATE/index" "$STATE/index.linked"
	: >"$STATE/index"
	runwake record 2>/dev/null
	rm "$STATE/index"
	mv "$T/linked" "$T/linked.hidden"
	new_machine box
	mv "$T/left/project" "$REPO"
	git -C "$REPO" commit -q --allow-empty -m "from the box"
	runwake record --all
	mv "$REPO" "$T/left/project"
	mv "$T/linked.hidden" "$T/linked"
	be left
	runwake record
	expect_eq "uncommitted" "$(postgres "select uncommitted_added_lines from workflow_runs where run_id = '$(cat "$T/run")'")" 1
	git -C "$REPO" worktree remove --force "$T/linked"
}

# Directories that are no repositories have no identity of their own but their place.
plain_directories_are_not_confused()
{
	local machine
	mkdir -p "$T/plain"
	for machine in left right; do
		be "$machine"
		(cd "$T/plain" && runwake start --workflow implement --task "In a plain directory" >"$T/$machine/run")
		rm -rf "$T/plain"
		mkdir "$T/plain"
		runwake record
	done
	expect_eq "workspaces" "$(postgres "select count(distinct workspace_id) from workflow_runs where workspace_path = '$T/plain'")" 2
}

t "two machines with the same path" two_machines_with_the_same_path
t "what one left to do is neither done nor given up by another" what_one_left_is_not_done_by_another
t "its own machine does it later" its_own_machine_does_it_later
t "a repository that moved is found by what it is" a_repository_that_moved_is_still_found
t "what a container left is done by who has the repository" what_a_container_left_is_done_by_who_has_the_repository
t "a worktree that only another machine sees is not given up" a_worktree_that_another_machine_sees_is_not_given_up
t "directories that are no repositories" plain_directories_are_not_confused
end_tests
