#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Uncommitted edits become hints as they come to rest, and the recorder makes states of them, while nobody runs a
# command of Runwake.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

hints() # WHERE; how many hints there are of which that holds
{
	in_store_now "select count(*) from workflow_events where type = 'edited' and ($1)" 2>/dev/null || echo 0
}

has_hint()
{
	[ "$(hints "$1")" -gt 0 ]
}

hint_of() # PATH
{
	printf "exists (select 1 from json_each(payload, '\$.paths') where value = '%s')" "$1"
}

is_done()
{
	[ "$(runwake-watcher --status | jq '.edit_lag_us + .spool_lag_us')" = 0 ] && spool_is_empty
}

a_watched_repository()
{
	wired_repo "$T/r"
	printf '*.log\n/out/\n' >"$T/r/.gitignore"
	commit_file "$T/r" other "Something." "Other"
	start_watcher
	wait_until 60 has_hint "payload ->> '$.reason' = 'scan' and payload ->> '$.whole'"
}

an_edit_is_told()
{
	cd "$T/r"
	echo changed >README
	mkdir -p new/dir
	echo fresh >new/dir/file
	wait_until 60 has_hint "$(hint_of README)"
	wait_until 60 has_hint "$(hint_of new) or $(hint_of new/dir) or $(hint_of new/dir/file)"
	expect_eq "reason" "$(in_store_now "select distinct payload ->> '$.reason' from workflow_events where type = 'edited' and $(hint_of README)")" settled
}

every_name_comes_back()
{
	cd "$T/r"
	printf 'x\n' >$'tab\there "quoted"'
	printf 'x\n' >$'\xff bytes'
	wait_until 60 has_hint "exists (select 1 from json_each(payload, '\$.paths') where value like 'tab%here \"quoted\"')"
	wait_until 60 has_hint "exists (select 1 from json_each(payload, '\$.paths') where value = '\"\\377 bytes\"')"
	rm -- $'tab\there "quoted"' $'\xff bytes'
}

what_git_ignores_is_not_told()
{
	cd "$T/r"
	echo noise >a.log
	mkdir -p out
	echo noise >out/file
	echo sound >after
	wait_until 60 has_hint "$(hint_of after)"
	expect_eq "hints of ignored files" "$(hints "$(hint_of a.log) or $(hint_of out) or $(hint_of out/file)")" 0
}

the_index_is_told()
{
	local before
	cd "$T/r"
	wait_until 60 is_done
	before=$(hints "payload ->> '$.reason' = 'head'")
	git add after
	more_than_before() { [ "$(hints "payload ->> '$.reason' = 'head'")" -gt "$before" ]; }
	wait_until 60 more_than_before
}

a_run_is_named()
{
	cd "$T/r"
	runwake start --run-id edits-1 >/dev/null
	echo mine >of-the-run
	# The first start of a run here excludes the marker from commits, which has all looked at again.
	wait_until 60 has_hint "payload ->> '$.run_id' = 'edits-1' and ($(hint_of of-the-run) or payload ->> '$.reason' = 'scan')"
	runwake finish >/dev/null
	expect_eq "hints of the marker itself" "$(hints "$(hint_of .runwake)")" 0
}

a_state_is_recorded()
{
	cd "$T/r"
	exact()
	{
		[ "$(in_store_now "select added_lines from workflow_edits order by at desc, id desc limit 1")" = "$(git diff --numstat HEAD | awk '{ s += $1 } END { print s }')" ]
	}
	git add -A
	printf 'one\ntwo\nthree\n' >>README
	wait_until 60 exact || fail "git: $(git diff --numstat HEAD) store: $(in_store_now "select added_lines, files from workflow_edits order by at desc, id desc limit 1" 2>&1)"
}

nothing_is_told_twice()
{
	local before
	cd "$T/r"
	wait_until 60 is_done
	before=$(hints 1)
	git status >/dev/null
	git diff HEAD >/dev/null
	git log --oneline >/dev/null
	echo end >marks-the-end
	wait_until 60 has_hint "$(hint_of marks-the-end)"
	expect_eq "hints" "$(hints 1)" $((before + 1))
}

a_stop_tells_what_is_pending()
{
	cd "$T/r"
	echo late >at-the-end
	is_seen() { [ "$(runwake-watcher --status | jq .edit_lag_us)" -gt 0 ] || has_hint "$(hint_of at-the-end)"; }
	wait_until 60 is_seen	# what it has not even read yet is found by the scan at its next start
	stop_watcher
	spool_is_empty || fail "the spool is not drained"
	expect_eq "hints" "$(hints "$(hint_of at-the-end)")" 1
}

t "a watched repository is scanned at first" a_watched_repository
t "an edit is told when it has come to rest" an_edit_is_told
t "every name comes back, byte for byte" every_name_comes_back
t "what git ignores is not told" what_git_ignores_is_not_told
t "a changed index is told" the_index_is_told
t "a hint names the run of the marker" a_run_is_named
t "an edit state is recorded by itself" a_state_is_recorded
t "looking tells nothing" nothing_is_told_twice
t "a clean stop tells what is pending and drains" a_stop_tells_what_is_pending
end_tests
