#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs whose process dies end by themselves, those whose process lives do not; markers come back.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

status_is() # RUN STATUS
{
	[ "$(in_store_now "select status from workflow_runs where run_id = '$1'")" = "$2" ]
}

an_agent() # prints the pid of a process that waits for a signal
{
	sh -c 'echo $$; exec >/dev/null; read -r _ <"$0"' "$T/never" &
}

start_agent() # FILE-FOR-ITS-PID
{
	an_agent >"$1"
	has_pid() { [ -s "$1" ]; }
	wait_until 60 has_pid "$1"
}

nothing_is_left_of() # RUN DIR
{
	[ ! -e "$STATE/runs/$1" ] && [ ! -e "$2/.runwake" ] && [ ! -e "$2/.git/runwake/claim" ]
}

has_no_question_left()
{
	spool_is_empty && [ "$(in_store_now "select (select count(*) from workflow_edit_hints where done = 0) +
	    (select count(*) from workflow_movements where not examined)")" -eq 0 ]
}

a_killed_agent()
{
	local pid
	wired_repo "$T/r"
	start_watcher
	cd "$T/r"
	start_agent "$T/pid"
	pid=$(cat "$T/pid")
	runwake start --run-id killed --pid "$pid" >/dev/null
	git commit -q --allow-empty -m "Its last one"
	echo unfinished >README
	wait_until 60 status_is killed running
	kill -9 "$pid"
	wait_until 60 status_is killed failed
	expect_match "error" "$(in_store_now "select error_message from workflow_runs where run_id = 'killed'")" "^process $pid \(started .*\) is gone without a word$"
	wait_until 60 nothing_is_left_of killed "$T/r"
	wait_until 60 has_no_question_left	# what it left is counted after its end is told
	expect_eq "commits" "$(in_store_now "select count(*) from workflow_movements m join workflow_runs r on r.id = m.workflow_run_id where m.verdict = 'made' and r.run_id = 'killed'")" 1
	expect_eq "final commit" "$(in_store_now "select final_commit_hash from workflow_runs where run_id = 'killed'")" "$(git rev-parse HEAD)"
	expect_eq "uncommitted lines" "$(in_store_now "select uncommitted_added_lines || '+' || uncommitted_removed_lines from workflow_runs where run_id = 'killed'")" "1+1"
	runwake start --run-id next >/dev/null	# nothing is in its way
	runwake finish >/dev/null
	git checkout -q -- README
}

one_that_outlives_its_run()
{
	local pid
	cd "$T/r"
	start_agent "$T/pid"
	pid=$(cat "$T/pid")
	runwake start --run-id outlived --pid "$pid" >/dev/null
	runwake finish --status completed --result 'All done' >/dev/null
	kill -9 "$pid"
	start_agent "$T/pid"	# something else happens, and ends, after it
	runwake start --run-id after --pid "$(cat "$T/pid")" >/dev/null
	kill -9 "$(cat "$T/pid")"
	wait_until 60 status_is after failed
	expect_eq "status" "$(in_store_now "select status from workflow_runs where run_id = 'outlived'")" completed
	expect_eq "ends told" "$(in_store_now "select count(*) from workflow_events where type = 'run-ended' and payload ->> '$.run_id' = 'outlived'")" 1
}

one_that_died_while_nobody_watched()
{
	local pid
	cd "$T/r"
	stop_watcher
	start_agent "$T/pid"
	pid=$(cat "$T/pid")
	runwake start --run-id unseen --pid "$pid" >/dev/null
	kill -9 "$pid"
	start_watcher
	wait_until 60 status_is unseen failed
	wait_until 60 nothing_is_left_of unseen "$T/r"
}

a_reused_pid()
{
	cd "$T/r"
	stop_watcher
	start_agent "$T/pid"
	runwake start --run-id reused --pid "$(cat "$T/pid")" >/dev/null
	jq -c '.pid_start += 1' "$STATE/runs/reused/run.json" >"$T/run.json"
	cp "$T/run.json" "$STATE/runs/reused/run.json"
	start_watcher
	wait_until 60 status_is reused failed
	kill -0 "$(cat "$T/pid")"	# the other process lives
	kill -9 "$(cat "$T/pid")"
}

an_earlier_boot()
{
	cd "$T/r"
	stop_watcher
	start_agent "$T/pid"
	runwake start --run-id earlier --pid "$(cat "$T/pid")" >/dev/null
	jq -c '.boot_id = "00000000-0000-4000-8000-000000000000"' "$STATE/runs/earlier/run.json" >"$T/run.json"
	cp "$T/run.json" "$STATE/runs/earlier/run.json"
	start_watcher
	wait_until 60 status_is earlier failed
	expect_match "error" "$(in_store_now "select error_message from workflow_runs where run_id = 'earlier'")" "started anew$"
	kill -9 "$(cat "$T/pid")"
}

marker_names() # RUN
{
	[ "$(jq -r .run_id .runwake 2>/dev/null)" = "$1" ]
}

a_marker_comes_back()
{
	cd "$T/r"
	runwake start --run-id marked >/dev/null
	git clean -qfdx
	[ ! -e .runwake ] || fail "git has not cleaned it away"
	wait_until 60 marker_names marked
	echo of-the-run >work && git add work && git commit -q -m "With its marker"
	runwake finish >/dev/null
	expect_eq "commits" "$(in_store "select count(*) from workflow_movements m join workflow_runs r on r.id = m.workflow_run_id where m.verdict = 'made' and r.run_id = 'marked'")" 1
}

watcher_has_looked()	# a marker of a run in another place comes back later than ours would have
{
	rm "$T/plain/.runwake"
	(cd "$T/plain" && wait_until 60 marker_names plain)
}

none_comes_back_of_a_finished_run()
{
	cd "$T/r"
	mkdir "$T/plain"
	(cd "$T/plain" && runwake start --run-id plain >/dev/null)
	for i in 1 2 3 4 5; do
		runwake start --run-id "over-$i" >/dev/null
		runwake finish >/dev/null
		[ ! -e .runwake ] || fail "a marker after finish"
	done
	watcher_has_looked
	[ ! -e .runwake ] || fail "the marker of a finished run has come back"
	(cd "$T/plain" && runwake finish >/dev/null)
	[ ! -e "$T/plain/.runwake" ] || fail "a marker after finish"
}

a_persons_marker_is_left_alone()
{
	cd "$T/r"
	runwake start --run-id watched >/dev/null
	mkdir -p "$T/plain"
	(cd "$T/plain" && runwake start --run-id plain2 >/dev/null)
	echo '{"version":1,"run_id":"a-persons"}' >"$T/marker"
	mv "$T/marker" .runwake
	rm "$T/plain/.runwake"
	(cd "$T/plain" && wait_until 60 marker_names plain2)
	marker_names a-persons || fail "a person's marker was overwritten"
	(cd "$T/plain" && runwake finish >/dev/null)
	runwake finish watched >/dev/null
	rm -f .runwake
}

the_status_counts_runs()
{
	cd "$T/r"
	counts() { [ "$(runwake-watcher --status | jq .runs)" = "$1" ]; }
	wait_until 60 counts 0
	runwake start --run-id counted >/dev/null
	wait_until 60 counts 1
	runwake finish >/dev/null
	wait_until 60 counts 0
	stop_watcher
}

t "a killed agent's run has failed, with its reason, its commit and its edits" a_killed_agent
t "a process that outlives its run changes nothing" one_that_outlives_its_run
t "one that died while nobody watched is found" one_that_died_while_nobody_watched
t "a pid that is another process now is no life" a_reused_pid
t "a process of an earlier boot is no life" an_earlier_boot
t "a marker that was cleaned away comes back" a_marker_comes_back
t "none comes back of a finished run" none_comes_back_of_a_finished_run
t "a person's marker is left alone" a_persons_marker_is_left_alone
t "the status counts the active runs" the_status_counts_runs
end_tests
