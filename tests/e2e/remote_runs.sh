#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs at a service elsewhere, from their start to their end: both shapes, a service that is away, killed pollers, lost
# answers; and where the key goes. What is expected is what the service was told to say.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/remote_common.bash
. "$(dirname "$0")/remote_common.bash"

from_start_to_end()
{
	local run
	run=$(start_run --session login --branch main --repo https://user:word@example.org/x.git --max-turns 5)
	wait_until 180 run_is "$run" "num_turns" 1
	run_is "$run" "status || '|' || workflow_name || '|' || task_input || '|' || session_name || '|' || git_branch" \
		"running|fix|Repair the login|login|main"
	run_is "$run" "git_repo || '|' || agent_type" "https://example.org/x.git|claude-code"
	run_is "$run" "input_tokens || '|' || output_tokens || '|' || total_tokens || '|' || cache_read_tokens || '|' || cache_write_tokens" \
		"100|20|120|25|30"
	[ -n "$(in_store "select last_heartbeat_at from workflow_runs where run_id = '$run'")" ]
	expect_match "metadata" "$(in_store "select metadata from workflow_runs where run_id = '$run'")" '"remote": ?"http://127.0.0.1:'
	expect_eq "what was sent" "$(jq -c .body "$SERVICE/runs/$run")" \
		'{"git_branch":"main","max_turns":5,"message":"Repair the login","repository_url":"https://user:word@example.org/x.git","session_name":"login"}'
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
	run_is "$run" "result || '|' || num_turns || '|' || cost_estimate" "It is done|7|1250000"
	# Its clock is months behind: the end is when it was seen, never before the start.
	run_is "$run" "completed_at >= started_at and duration_seconds < 60" 1
	wait_until 180 nothing_is_followed
	wait_until 180 no_poller_is_left
	expect_eq "ends told" "$(events_of "$run" run-ended)" 1
}

the_flat_shape()
{
	local run
	service_does flat
	run=$(start_run)
	wait_until 180 run_is "$run" agent_session_id agent-session-1
	# The id that a service gives its conversation is none of ours.
	run_is "$run" "num_turns || '|' || cost_estimate || '|' || input_tokens" "4|500000|100"
	stands "$run" '{"status":"failed","error":"it broke","exit_code":3}'
	wait_until 180 run_is "$run" "status || '|' || error_message || '|' || exit_code" "failed|it broke|3"
	wait_until 180 no_poller_is_left
	service_does ""
}

one_begun_elsewhere()
{
	local id=3f1c2a7e-58d1-4c0b-9f6e-2b7a51c0d9e4
	printf '{"run_id":"%s","workflow_name":"review","session_name":null,"started_at":"2026-02-03T04:05:06+00:00","body":{}}' \
		"$id" >"$SERVICE/runs/$id"
	runwake remote track lab "$id"
	wait_until 180 run_is "$id" "workflow_name || '|' || started_at" "review|2026-02-03T04:05:06.000000Z"
	runwake remote track "http://127.0.0.1:$(cat "$SERVICE/port")/" "$id" # the same again, by its URL
	expect_eq "followed" "$(runwake remote list --json | jq '.runs | length')" 1
	stands "$id" '{"status":"timeout","progress":{"is_running":false}}'
	wait_until 180 run_is "$id" "status || '|' || error_message" "failed|the service's time limit was reached"
	expect_eq "starts told" "$(events_of "$id" run-started)" 1
}

killing_one()
{
	local run
	run=$(start_run)
	runwake remote kill "$run"
	wait_until 180 run_is "$run" status killed
}

the_service_restarts()
{
	local run
	run=$(start_run)
	wait_until 180 run_is "$run" num_turns 1
	stop_service
	wait_until 180 has_trouble "$run" "Failed to connect|Couldn't connect|reset|closed"
	run_is "$run" status running
	expect_exit 1 start_run
	expect_match "what it says" "$(cat "$T/err")" "the run was not begun"
	expect_eq "what is left of that" "$(runwake remote list --json | jq '.runs | length')" 1
	start_service
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
}

a_500_and_a_429()
{
	local run count
	run=$(start_run)
	wait_until 180 run_is "$run" num_turns 1
	service_does 500
	wait_until 180 has_trouble "$run" "HTTP 500: the service has failed"
	service_does "429 7"
	wait_until 180 has_trouble "$run" "HTTP 429"
	stands "$run" "$FINISHED"
	count=$(asked "GET .*$run")
	service_does ""
	wait_until 180 run_is "$run" status completed
	expect_eq "questions after it asked to wait" "$(asked "GET .*$run")" "$((count + 1))"
	# The one after the 429 came seven seconds later at the earliest.
	awk -v run="$run" '$3 ~ run { before = last; last = $1 } END { exit !(last - before >= 7) }' "$SERVICE/asked"
}

# However often and whenever it is killed: one start, one end, each fact once.
killed_at_any_time()
{
	local run i pid
	run=$(start_run)
	for i in 1 2 3 4 5 6 7 8; do
		stands "$run" "{\"progress\":{\"turns\":$((i + 10))}}"
		runwake remote list >/dev/null
		for pid in $(pollers); do kill -9 "$pid" 2>/dev/null || :; done
	done
	stands "$run" "$FINISHED"
	for i in 1 2 3 4 5 6; do
		runwake remote list >/dev/null
		read -rt "0.0$i" -u "$HARNESS_NEVER" || :
		for pid in $(pollers); do kill -9 "$pid" 2>/dev/null || :; done
	done
	runwake remote list >/dev/null
	wait_until 180 run_is "$run" status completed
	expect_eq "starts" "$(events_of "$run" run-started)" 1
	expect_eq "ends" "$(events_of "$run" run-ended)" 1
	expect_eq "reports told twice" "$(in_store "select count(*) - count(distinct payload) from workflow_events
		where type = 'run-reported' and payload like '%$run%'")" 0
	wait_until 180 nothing_is_followed
}

a_lost_answer_begins_no_second_run()
{
	local run posts
	posts=$(asked "POST .*/run/fix")
	service_does lose
	run=$(start_run)
	service_does ""
	expect_eq "runs begun" "$(($(asked "POST .*/run/fix") - posts))" 1
	[ -f "$SERVICE/runs/$run" ]
	wait_until 180 run_is "$run" num_turns 1
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
}

a_lost_answer_that_is_listed_later()
{
	local posts run other
	other=$(start_run) # so somebody follows the entries already
	wait_until 180 run_is "$other" num_turns 1
	posts=$(asked "POST .*/run/fix")
	service_does lose-unlisted
	expect_exit 1 start_run
	expect_match "what it says" "$(cat "$T/err")" "whether it has is not known .*not asked again"
	expect_eq "it is looked for" "$(runwake remote list --json | jq -r '.runs[].phase' | grep -c '^asked for$')" 1
	service_does ""
	run=$(basename "$(find "$SERVICE/runs" -type f -newer "$T/key" -not -name '*.status' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2)")
	wait_until 45 run_is "$run" num_turns 1 # not the minute that is left to whoever begins one
	expect_eq "runs begun" "$(($(asked "POST .*/run/fix") - posts))" 1
	stands "$run" "$FINISHED"
	stands "$other" "$FINISHED"
	wait_until 180 run_is "$run" status completed
}

the_watcher_keeps_one()
{
	local run pid
	run=$(start_run)
	wait_until 60 a_poller_runs
	expect_eq "its parent" "$(ps -o comm= -p "$(ps -o ppid= -p "$(pollers)" | tr -d ' ')")" runwake-watcher
	for pid in $(pollers); do kill -9 "$pid"; done
	stands "$run" "$FINISHED"
	wait_until 180 run_is "$run" status completed
}

many_at_once()
{
	local i
	for i in $(seq 100); do
		printf '{"run_id":"many-%d","workflow_name":"fix","session_name":null,"started_at":"2026-02-03T04:05:06","body":{}}' \
			"$i" >"$SERVICE/runs/many-$i"
		runwake remote track lab "many-$i"
	done
	wait_until 180 run_is many-100 num_turns 1
	echo "# resident with 100 runs: $(awk '$1 == "VmRSS:" { print $2 }' "/proc/$(pollers)/status") kB"
	[ "$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$(pollers)/status")" -lt 65536 ]
	expect_eq "pollers" "$(pollers | wc -l)" 1
	for i in $(seq 100); do stands "many-$i" "$FINISHED"; done
	wait_until 120 nothing_is_followed
	expect_eq "completed" "$(in_store "select count(*) from workflow_runs where run_id like 'many-%' and status = 'completed'")" 100
}

side_by_side "a run from its start to its end" from_start_to_end
side_by_side "a service of the older, flat shape" the_flat_shape
side_by_side "a run that was begun elsewhere" one_begun_elsewhere
side_by_side "a run is killed there" killing_one
side_by_side "the service restarts" the_service_restarts
side_by_side "500 and 429 with Retry-After" a_500_and_a_429
side_by_side "the poller is killed at any time" killed_at_any_time
side_by_side "a lost answer begins no second run" a_lost_answer_begins_no_second_run
side_by_side "a lost answer whose run is listed later" a_lost_answer_that_is_listed_later
side_by_side "the watcher keeps one where it runs" with_watcher the_watcher_keeps_one
side_by_side "a hundred at once, in one process" many_at_once
end_side_by_side
end_tests
