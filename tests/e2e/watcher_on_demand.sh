#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `runwake start` starts the watcher where it is wanted and none runs; hooks and other commands never do.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

REPO=$T/project

# As a person has it who never wrote a setting.
without_settings()
{
	rm -f "$XDG_CONFIG_HOME/runwake/config"
}

watchers()
{
	processes_of_test | grep -E '^[0-9]+ [^ ]*runwake-watcher( |$)' || :
}

# A child of it that has not become another program yet looks like a second one.
watcher_pid()
{
	runwake-watcher --status | jq .pid
}

one_watcher_runs()
{
	watcher_is_ready && [ "$(watchers | wc -l)" -eq 1 ]
}

a_start_starts_it()
{
	wired_repo "$REPO"
	cd "$REPO"
	without_settings
	runwake start --run-id first >/dev/null
	wait_until 60 one_watcher_runs
	watcher_pid >"$T/first"
}

nothing_clings_to_it()
{
	local pid
	pid=$(cat "$T/first")
	expect_eq "its directory" "$(readlink "/proc/$pid/cwd")" /
	expect_eq "its input" "$(readlink "/proc/$pid/fd/0")" /dev/null
	! tr '\0' '\n' <"/proc/$pid/environ" | grep -E '^(GIT_DIR|GIT_INDEX_FILE|RUNWAKE_RUN_ID)=' ||
		fail "its environment speaks of one repository or run"
}

a_second_start_starts_none()
{
	new_repo "$T/other"
	cd "$T/other"
	GIT_DIR=$T/other/.git runwake start --run-id second >/dev/null 2>&1
	wait_until 60 one_watcher_runs
	expect_eq "the watcher" "$(watcher_pid)" "$(cat "$T/first")"
	runwake finish
}

what_is_edited_is_seen()
{
	cd "$REPO"
	printf 'seen\n' >seen
	wait_until 60 is_seen "seen"
	runwake finish
	stop_watcher
}

is_seen() # PATH
{
	in_store_now "select files from workflow_edits order by at desc limit 1" | grep -q "\"$1\""
}

nobody_else_starts_it()
{
	cd "$REPO"
	commit_file . a a "A hook runs"
	runwake record
	runwake list >/dev/null
	runwake verify >/dev/null
	runwake doctor >/dev/null 2>&1 || :
	wait_until 60 is_settled
	expect_eq "watchers" "$(watchers)" ""
}

a_setting_forbids_it()
{
	cd "$REPO"
	write_settings
	runwake start --run-id forbidden >/dev/null
	runwake finish
	wait_until 60 is_settled
	expect_eq "watchers" "$(watchers)" ""
}

where_it_is_missing_a_start_works()
{
	local own
	own=$(own_prefix "$T/without")
	rm "$own/bin/runwake-watcher"
	cd "$REPO"
	without_settings
	expect_exit 0 "$own/bin/runwake" start --run-id unwatched
	expect_eq "what it says" "$(cat "$T/err")" ""
	runwake finish
	write_settings
}

# Two at once start two programs, of which one is left.
of_two_one_is_left()
{
	without_settings
	cd "$REPO"
	runwake start --run-id one >/dev/null &
	cd "$T/other"
	runwake start --run-id two >/dev/null
	wait
	wait_until 60 one_watcher_runs
	runwake finish one
	runwake finish two
	stop_watcher
	write_settings
}

t "a start starts it" a_start_starts_it
t "nothing clings to it" nothing_clings_to_it
t "a second start starts none" a_second_start_starts_none
t "what is edited is seen" what_is_edited_is_seen
t "nobody else starts it" nobody_else_starts_it
t "a setting forbids it" a_setting_forbids_it
t "where it is missing a start works" where_it_is_missing_a_start_works
t "of two one is left" of_two_one_is_left
end_tests
