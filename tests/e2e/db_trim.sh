#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Retention and backups: what is too old goes and nothing else changes; a backup made while commits go on is whole, and
# put in the store's place it is the store.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

REPO=$T/project

no_payload()
{
	in_store "select count(*) from workflow_events where payload is null"
}

change_store() # SQL
{
	sqlite "$STATE/runwake.db" "$1"
}

objects_kept()
{
	find "$STATE/kept" -name '*.git' | while read -r dir; do
		git --git-dir="$dir" cat-file --batch-all-objects --batch-check
	done | wc -l
}

two_runs_and_their_edits()
{
	wired_repo "$REPO"
	cd "$REPO"
	runwake start --workflow implement --task "Long ago" >"$T/old"
	commit_file "$REPO" a "a commit" "Long ago"
	{ echo "old content"; head -c 100000 /dev/urandom | base64; } >edited
	runwake finish "$(cat "$T/old")" --status completed --result "Done"
	expect_match "the old run's diff" "$(runwake diff "$(cat "$T/old")")" '\+old content'
	# As if it had been a month ago; now and then a day has passed since.
	change_store "update workflow_events set at = strftime('%Y-%m-%dT%H:%M:%f000Z', at, '-30 days')"
	change_store "update workflow_edits set at = strftime('%Y-%m-%dT%H:%M:%f000Z', at, '-30 days')"
	runwake start --workflow fix --task "Now" >"$T/new"
	{ echo "new content"; head -c 50000 /dev/urandom | base64; } >edited
	runwake finish "$(cat "$T/new")" --status completed --result "Done"
	expect_match "the new run's diff" "$(runwake diff "$(cat "$T/new")")" '\+new content'
}

without_a_setting_all_is_kept()
{
	runwake db trim --json >"$T/out"
	expect_json "trimmed" "$(cat "$T/out")" '[.payloads_blanked, .repositories_trimmed] | @csv' 0,0
	expect_eq "without payload" "$(no_payload)" 0
}

payloads_that_are_old_go()
{
	local before
	before=$(runwake list --json | jq -cS .)
	write_settings "	payloaddays = 7"
	runwake db trim >"$T/out"
	expect_match "told" "$(cat "$T/out")" "[1-9][0-9]* payloads of the ledger blanked"
	expect_eq "old ones that are left" "$(in_store "select count(*) from workflow_events where payload is not null and
	    at < strftime('%Y-%m-%d', 'now', '-7 days')")" 0
	expect_eq "new ones" "$(in_store "select count(*) > 3 from workflow_events where payload is not null")" 1
	expect_eq "the list" "$(runwake list --json | jq -cS .)" "$before"
	expect_match "the old run" "$(runwake show "$(cat "$T/old")")" "Long ago"
	runwake verify "$REPO"
}

# The cursors are gone, so every line is told again.
read_again_nothing_comes_back()
{
	local told="select count(*), sum(payload is null) from workflow_events where type in ('moved', 'ref-moved', 'examined')"
	in_store "$told" >"$T/before"
	rm -r "$STATE/spool/cursors"
	runwake record --all
	expect_eq "events, and those without payload" "$(in_store "$told")" "$(cat "$T/before")"
}

contents_that_are_old_go()
{
	local before
	cd "$REPO"
	before=$(objects_kept)
	runwake db status --json | jq .kept_bytes >"$T/before"
	write_settings "	keepdays = 60"
	runwake db trim >/dev/null
	expect_eq "younger than the setting says" "$(objects_kept)" "$before"
	# What the worktree held then was replaced since, and that a fortnight ago.
	change_store "update workflow_edits set at = strftime('%Y-%m-%dT%H:%M:%f000Z', at, '-14 days')
	    where workflow_run_id = (select id from workflow_runs where run_id = '$(cat "$T/new")')"
	write_settings "	keepdays = 7"
	runwake db trim >"$T/out"
	expect_match "told" "$(cat "$T/out")" "in 1 repository"
	[ "$(objects_kept)" -lt "$before" ] || fail "nothing went: $(objects_kept) of $before objects"
	[ "$(runwake db status --json | jq .kept_bytes)" -lt "$(cat "$T/before")" ] || fail "it takes as much as before"
	expect_exit 1 runwake diff "$(cat "$T/old")" --uncommitted
	expect_match "diff says so" "$(cat "$T/err")" "not kept any more"
	expect_match "the numbers stay" "$(runwake diff "$(cat "$T/old")" --uncommitted --stat)" edited
	status=0
	runwake restore "$(cat "$T/old")" --to "$T/restored" >"$T/out" 2>"$T/err" || status=$?
	expect_match "restore says so" "$(cat "$T/err")" "not kept any more"
	[ "$status" -ne 0 ] || fail "restore says that all is well"
	expect_match "the latest state of the worktree stays" "$(runwake diff "$(cat "$T/new")")" '\+new content'
	# And life goes on.
	runwake start --workflow fix --task "After" >"$T/after"
	echo "newest content" >>edited
	runwake finish "$(cat "$T/after")" --status completed
	expect_match "after it" "$(runwake diff "$(cat "$T/after")" --uncommitted)" '\+newest content'
}

# By the recorder itself, once a day.
the_recorder_does_it_by_itself()
{
	change_store "update workflow_events set at = strftime('%Y-%m-%dT%H:%M:%f000Z', at, '-30 days') where payload is not null"
	write_settings "	payloaddays = 7"
	no_payload >"$T/before"
	runwake record
	expect_eq "the same day" "$(no_payload)" "$(cat "$T/before")"
	printf '2020-01-01T00:00:00.000000Z\n2020-01-01T00:00:00.000000Z\n-\n' >"$STATE/trimmed"
	runwake record
	[ "$(no_payload)" -gt "$(cat "$T/before")" ] || fail "nothing was removed"
}

a_trimmed_store_is_copied_whole()
{
	runwake db copy "sqlite:$T/copy.db" --json >"$T/out"
	expect_json "copied" "$(cat "$T/out")" '[.equal, .alone] | map(tostring) | join(" ")' "true true"
	expect_eq "ids" "$(sqlite "$T/copy.db" "select count(*) from workflow_events")" \
	    "$(in_store "select count(*) from workflow_events")"
}

sizes_are_told()
{
	runwake db status --json >"$T/out"
	expect_json "rows of runs" "$(cat "$T/out")" '.tables[] | select(.table == "workflow_runs") | .rows' \
	    "$(in_store "select count(*) from workflow_runs")"
	expect_json "rows of events" "$(runwake db status --json)" '.tables[] | select(.table == "workflow_events") | .rows' \
	    "$(in_store "select count(*) from workflow_events")"
	expect_json "their sum" "$(cat "$T/out")" '(.tables | map(.bytes) | add) <= .bytes' true
	expect_json "what is kept" "$(cat "$T/out")" '.kept_bytes > 0 and .rows_estimated == false' true
	expect_match "as text" "$(runwake db status)" "kept +[0-9]+ bytes.*workflow_events +[0-9]+ +[0-9]+"
}

commits_go_on()
{
	while [ -e "$T/go-on" ]; do
		git -C "$REPO" commit -q --allow-empty -m "meanwhile"
	done
}

went_on()
{
	[ "$(git -C "$REPO" log --oneline --grep meanwhile | wc -l)" -gt 5 ]
}

a_backup_is_whole_and_becomes_the_store()
{
	local child
	cd "$REPO"
	touch "$T/go-on"
	commits_go_on &
	child=$!
	wait_until 120 went_on
	runwake db backup "$T/backup.db"
	rm "$T/go-on"
	wait "$child"
	wait_until 60 no_recorder_is_left
	runwake record
	expect_eq "integrity" "$(sqlite "$T/backup.db" "pragma integrity_check; pragma foreign_key_check")" ok
	runwake list --json | jq -cS . >"$T/list"
	# The disk was lost, and the spool with it.
	rm "$STATE"/runwake.db*
	cp "$T/backup.db" "$STATE/runwake.db"
	chmod 600 "$STATE/runwake.db"
	rm -r "$STATE/spool"
	runwake list --json | jq -cS . >"$T/after"
	expect_same "runs" "$T/after" "$T/list"
	# What came after the backup stands in git's own logs.
	runwake verify --repair "$REPO" >/dev/null
	runwake verify "$REPO"
	in_store "select new_hash from workflow_movements where verdict = 'made'" | sort >"$T/actual"
	git -C "$REPO" rev-list HEAD | grep -v "$(git -C "$REPO" rev-list --max-parents=0 HEAD)" | sort >"$T/expected"
	expect_same "commits, each once" "$T/actual" "$T/expected"
}

t "two runs, of which one is a month old" two_runs_and_their_edits
t "nothing is removed unless it is said" without_a_setting_all_is_kept
t "payloads that are old go, and nothing else changes" payloads_that_are_old_go
t "read again, nothing comes back" read_again_nothing_comes_back
t "contents that are old go from the disk" contents_that_are_old_go
t "the recorder does it by itself, once a day" the_recorder_does_it_by_itself
t "a copy of it is whole" a_trimmed_store_is_copied_whole
t "sizes are told" sizes_are_told
t "a backup while commits go on, and back" a_backup_is_whole_and_becomes_the_store
end_tests
