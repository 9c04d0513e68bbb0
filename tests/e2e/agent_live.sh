#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sessions of agents are read while they go on, and once they have ended: each is told once, as the run that it is,
# whoever reads it when. Their entries, which hooks write, are written by a tool of ours here.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/transcripts.bash
. "$ROOT/tests/e2e/transcripts.bash"

# As the session's hook would: ARG… are the tool's.
entry() # [ARG…]
{
	"$BUILD/tests/e2e/tool_agent_session" "$SESSION" "transcript=$FILE" "$@"
}

entries()
{
	find "$STATE/sessions" -type f 2>/dev/null | wc -l
}

# An agent's process, as far as we know one: its pid is in $T/agent.
agent_lives()
{
	# It reads a pipe that nobody writes to.
	cat <"$T/never.agent" >/dev/null &
	echo $! >"$T/agent"
}

is_gone() # PID
{
	! kill -0 "$1" 2>/dev/null
}

agent_ends() # [SIGNAL]
{
	kill "-${1:-TERM}" "$(cat "$T/agent")" 2>/dev/null || :
	wait "$(cat "$T/agent")" 2>/dev/null || :
}

output_now() # RUN; what its answers count until now
{
	in_store_now "select output_tokens from workflow_runs where run_id = '$1'"
}

is_output_now() # RUN TOKENS
{
	[ "$(output_now "$1")" = "$2" ]
}

said_now() # RUN
{
	in_store_now "select s.kind || ' ' || s.text from workflow_said s join workflow_runs r on r.id = s.workflow_run_id
	    where r.run_id = '$1' order by s.at, s.id" | paste -sd '|'
}

ledger()
{
	in_store_now "select count(*) from workflow_events"
}

field() # RUN COLUMN…; as a person sees them
{
	local run=$1
	shift
	runwake show "$run" --json | jq -r --args '.run | [.[$ARGS.positional[]]] | map(if . == null then "null" else tostring end) | join(" ")' "$@"
}

it_is_read_as_it_grows()
{
	local run
	session grows
	prompt "Begin"
	run=$(entry start)
	expect_eq "no answer yet" "$(field "$run" status output_tokens task_input)" "running 0 Begin"
	answer g1 "One." 10 10 0 0
	runwake record
	expect_eq "an answer" "$(output_now "$run")" 10
	printf '%s' '{"type":"assistant","mess' >>"$FILE"
	expect_eq "half a line is none" "$(field "$run" output_tokens)" 10
	truncate -s -25 "$FILE"
	tool_use g2 Bash use-1 20 20 0 0
	tool_result use-1 '"permissionDecision":{"decision":"accept","source":"user_temporary"}'
	prompt "And this" '"promptSource":"queued","turnOrigin":"human","origin":{"kind":"human"}'
	expect_eq "in a turn" "$(field "$run" status output_tokens num_turns ai_model agent_session_id)" \
	    "running 30 2 claude-opus-5-5 grows"
	expect_eq "said" "$(said_now "$run")" "prompt Begin|granted Bash|queued And this"
	expect_eq "its entry stays" "$(entries)" 1
	ledger >"$T/before"
	runwake list >/dev/null && runwake record
	expect_eq "nothing is told again" "$(ledger)" "$(cat "$T/before")"
	answer g3 "Three." 1 1 0 0
	runwake record
	expect_eq "a new answer, and what it came to" "$(ledger)" "$(($(cat "$T/before") + 2))"
}

an_end_is_read() # of the session before
{
	local run
	session grows
	CLOCK=1767229200
	answer g4 "Four." 4 4 0 0
	cost_state 0.5 35 35 0 0
	run=$(entry start ended=1767229300)
	expect_eq "its own sum and end" "$(field "$run" status result output_tokens cost_estimate completed_at)" \
	    "completed Four. 35 0.5 2026-01-01T01:01:39.999999Z"
	expect_eq "entry" "$(entries)" 0
	expect_match "an import finds nothing new" "$(import)" "^recorded 0 runs, added to 0; read 0 sessions with 0 answers, 1 had nothing new"
}

a_hooks_recorder_waits_for_the_agents_last_word()
{
	local run recorder
	mkfifo "$T/never.agent"
	exec 7<>"$T/never.agent"
	session ends
	prompt "Do"
	answer e1 "Done." 10 10 0 0
	agent_lives
	run=$(entry start "pid=$(cat "$T/agent")" turn=answered ended=now)
	runwake record --no-wait &
	recorder=$!
	wait_until 60 is_output_now "$run" 10
	# Nothing is locked meanwhile.
	runwake record --no-wait --all &
	expect_eq "no sum yet" "$(in_store_now "select cost_estimate from workflow_runs where run_id = '$run'")" 240
	cost_state 0.25 20 20 0 0
	agent_ends
	wait
	is_gone "$recorder" || fail "the recorder is still there"
	expect_eq "the sum" "$(in_store_now "select output_tokens, cost_estimate from workflow_runs where run_id = '$run'")" "20|250000"
	expect_eq entries "$(entries)" 0
}

a_killed_one_has_the_price_of_its_answers()
{
	local run
	exec 7<>"$T/never.agent"
	session killed
	prompt "Do"
	tool_use k1 Bash use-1 10 100 0 0
	agent_lives
	run=$(entry start "pid=$(cat "$T/agent")" turn=prompted)
	expect_eq "at work" "$(field "$run" status output_tokens)" "running 100"
	answer k2 "Half." 5 5 0 0
	tool_use k3 Bash use-2 1 1 0 0
	agent_ends KILL
	expect_eq "presumed" "$(field "$run" status error_message output_tokens cost_estimate result)" \
	    "killed the agent ended in the middle of a turn 106 0.002184 Half."
	expect_eq entries "$(entries)" 0
}

a_replaced_transcript_is_read_anew()
{
	local run
	session replaced
	prompt "Do"
	answer r1 "One." 1 1 0 0
	run=$(entry start)
	expect_eq "before" "$(field "$run" output_tokens)" 1
	cp "$FILE" "$T/copy" && rm "$FILE" && cp "$T/copy" "$FILE"
	answer r2 "Two." 2 2 0 0
	expect_eq "copied" "$(field "$run" output_tokens num_turns)" "3 2"
	: >"$FILE"
	answer r3 "Three." 3 3 0 0
	expect_eq "emptied: what was told stays" "$(field "$run" output_tokens)" 6
	rm "$FILE"
	entry ended=1767225700 >/dev/null
	runwake record
	expect_eq "gone" "$(entries)" 0
}

subagents_and_compaction_count()
{
	local run main
	session subs
	prompt "Do"
	answer s1 "One." 1 1 0 0
	main=$FILE
	run=$(entry start)
	subagent a
	answer sub1 "x" 10 10 0 0
	FILE=$main
	expect_eq "a subagent" "$(field "$run" output_tokens num_turns)" "11 1"
	subagent a
	answer sub2 "y" 100 100 0 0
	FILE=$main
	ledger >"$T/before"
	expect_eq "grows" "$(field "$run" output_tokens num_turns)" "111 1"
	expect_eq "its new answer alone" "$(ledger)" "$(($(cat "$T/before") + 1))"
	raw '{"type":"system","subtype":"compact_boundary","compactMetadata":{"trigger":"auto","preTokens":9}}'
	line user '"message":{"role":"user","content":"This session is being continued from a previous conversation …"},"isCompactSummary":true'
	answer s2 "Two." 1000 1000 0 0
	expect_eq "compacted" "$(field "$run" output_tokens num_turns task_input)" "1111 2 Do"
	cost_state 1 2000 2000 0 0
	entry ended=1767225800 >/dev/null
	expect_eq "the whole" "$(field "$run" output_tokens cost_estimate)" "2000 1"
	expect_eq "no run beside it" "$(run_of subs run_id)" "$run"
}

a_fork_counts_once()
{
	local one other
	session original
	prompt "Base"
	answer f1 "Based." 10 10 0 0
	one=$(entry start)
	session fork
	sed 's/"sessionId":"original"/"sessionId":"fork"/' "$PROJECTS/-nowhere-project/original.jsonl" >"$FILE"
	other=$(entry start begun=1767225999)
	expect_eq "copies alone" "$(field "$other" output_tokens)" 0
	prompt "Otherwise"
	answer f2 "Otherwise done." 5 5 0 0
	expect_eq "fork" "$(field "$other" output_tokens task_input)" "5 Otherwise"
	answer f3 "More." 5 5 0 0
	expect_eq "read on" "$(field "$other" output_tokens)" 10
	expect_eq original "$(field "$one" output_tokens task_input)" "10 Base"
	session original
	entry ended=1767225700 >/dev/null
	session fork
	entry ended=1767225700 >/dev/null
	runwake record
	expect_eq entries "$(entries)" 0
}

each_opening_goes_to_its_run() # the first is wrapped, the second is not; nobody reads before both are there
{
	local own
	wired_repo "$T/wrapped"
	CLOCK=$(($(date +%s) - 10))
	(cd "$T/wrapped" && runwake start --run-id wrapped --workflow fix >/dev/null)
	session both
	prompt "First"
	answer b1 "One." 10 10 0 0
	cost_state 0.1 10 10 0 0
	entry ordinal=0 run=wrapped "begun=$((CLOCK - 100))" ended=now >/dev/null
	runwake record
	(cd "$T/wrapped" && runwake finish wrapped --status completed >/dev/null)
	expect_eq "joined" "$(field wrapped output_tokens cost_estimate agent_session_id status)" "10 0.1 both completed"
	expect_eq entries "$(entries)" 0
	CLOCK=$((CLOCK + 1000))
	prompt "Second"
	answer b2 "Two." 30 30 0 0
	cost_state 0.4 40 40 0 0
	own=$(entry start ordinal=2 "begun=$((CLOCK - 20))" "ended=$CLOCK")
	rm -r "$STATE/transcripts"
	expect_eq "of its own" "$(field "$own" output_tokens cost_estimate)" "30 0.3"
	expect_eq "the first stays" "$(field wrapped output_tokens cost_estimate)" "10 0.1"
	expect_eq "two runs" "$(run_of both run_id | wc -l)" 2
	import >/dev/null
	expect_eq "also by an import" "$(run_of both run_id output_tokens | sort)" "$(printf '%s\n' "$own 30" "wrapped 10" | sort)"
}

sessions_of_one_run_add_up() # whichever is told last
{
	local first side
	cd "$T/wrapped"
	for first in left right; do
		CLOCK=$(date +%s)
		runwake start --run-id "sum-$first" >/dev/null
		session "left-$first"
		prompt "x"; answer "left-$first" "L." 10 10 0 0; cost_state 0.5 10 10 0 0
		session "right-$first"
		prompt "y"; answer "right-$first" "R." 1 1 0 0; cost_state 5 1 1 0 0
		for side in "$first" left right; do
			session "$side-$first"
			entry ordinal=0 "run=sum-$first" "begun=$((CLOCK - 60))" ended=now >/dev/null
			runwake record
		done
		runwake finish "sum-$first" --status completed >/dev/null
	done
	expect_eq "one order" "$(field sum-left output_tokens cost_estimate)" "11 0.000264"
	expect_eq "the other" "$(field sum-right output_tokens cost_estimate)" "11 0.000264"
	session left-right
	prompt "Behind the end"
	import >/dev/null
	expect_eq "no run of its own for what was told as theirs" "$(runwake list --limit 0 --json |
	    jq '[.runs[] | select(.agent_session_id | test("^(left|right)-"))] | length')" 2
}

entries_that_tell_nothing_go()
{
	exec 7<>"$T/never.agent"
	session nowhere
	entry start ended=1767225700 >/dev/null
	runwake record
	expect_eq "not kept" "$(entries)" 0
	agent_lives
	entry "pid=$(cat "$T/agent")" >/dev/null
	runwake record
	expect_eq "not yet" "$(entries)" 1
	agent_ends
	runwake record
	expect_eq "never" "$(entries)" 0
	mkdir "$FILE"
	entry ended=1767225700 >/dev/null
	runwake record
	expect_eq "no file" "$(entries)" 0
	rmdir "$FILE"
	entry begun=1767225600 >/dev/null
	runwake record
	expect_eq "not heard of for a day" "$(entries)" 0
	printf 'torn' >"$STATE/sessions/01234567-0123-5123-8123-0123456789ab.json"
	runwake record
	rm "$STATE/sessions/01234567-0123-5123-8123-0123456789ab.json"
}

# The row that NAME's run comes to, without what differs between two of a kind.
row_of() # RUN
{
	runwake show "$1" --json | jq -cS '.run | del(.id, .run_id, .agent_session_id, .session_id, .created_at, .updated_at)' | sed "s/order-[a-z]*/order/g"
}

the_order_does_not_matter()
{
	local name run
	for name in live late import twice; do
		CLOCK=1767300000 LINE=0
		session "order-$name"
		[ "$name" = import ] || run=$(entry start begun=1767300001)
		prompt "Begin"
		[ "$name" != twice ] || runwake record
		tool_use "o1-$name" Bash use-1 10 10 0 0
		[ "$name" != live ] || runwake record
		tool_result use-1 '"toolUseResult":"User rejected tool use","toolDenialKind":"user-rejected"'
		[ "$name" != live ] || runwake record
		interrupt "for tool use"
		[ "$name" != live ] || runwake record
		prompt "Again"
		answer "o2-$name" "Done." 7 7 0 0
		[ "$name" = import ] || runwake record
		raw '{"attachment":{"maxTurns":2,"type":"max_turns_reached","turnCount":2},"type":"attachment","sessionId":"x"}'
		[ "$name" != live ] || runwake record
		cost_state 0.9 20 20 0 0
		[ "$name" != import ] || { import >/dev/null; }
		run=$(entry start begun=1767300001 ended=1767300900)
		runwake record
		[ "$name" != twice ] || { rm -r "$STATE/transcripts"; import >/dev/null; entry ended=1767300900 >/dev/null; runwake record; }
		row_of "$run" >"$T/row.$name"
		said_now "$run" >>"$T/row.$name"
	done
	expect_same "late" "$T/row.late" "$T/row.live"
	expect_same "twice" "$T/row.twice" "$T/row.live"
	expect_match "what it is" "$(cat "$T/row.live")" '"cost_estimate":0.9,.*"status":"failed"'
	expect_match "no refusal beside the interrupt" "$(tail -n 1 "$T/row.live")" \
	    '^prompt Begin\|interrupt \[Request interrupted by user for tool use\]\|prompt Again$'
}

what_took_long_is_left_alone_for_a_while()
{
	local run cursor
	session slow
	prompt "Do"
	answer l1 "One." 1 1 0 0
	run=$(entry start turn=answered)
	runwake record
	cursor=$(grep -l '/slow\.jsonl"' "$STATE"/transcripts/*)
	sed -i 's/"took":[0-9]*/"took":0/' "$cursor" # whatever it was on a busy machine
	answer l2 "Two." 10 10 0 0
	runwake record --no-wait
	expect_eq "read quickly" "$(output_now "$run")" 11
	sed -i 's/"took":[0-9]*/"took":60000000/' "$cursor"
	answer l3 "Three." 100 100 0 0
	runwake record --no-wait
	expect_eq "not yet" "$(output_now "$run")" 11
	expect_eq "somebody asks" "$(field "$run" output_tokens)" 111
	sed -i 's/"took":[0-9]*/"took":60000000/' "$cursor"
	answer l4 "Four." 1000 1000 0 0
	entry ended=1767225900 >/dev/null
	runwake record --no-wait
	expect_eq "it has ended" "$(output_now "$run")" 1111
}

a_turn_is_in_the_store_when_it_ends() # with the watcher at work, and nobody asks
{
	local run
	session watched
	prompt "Do"
	run=$(entry start turn=prompted)
	wait_until 60 is_output_now "$run" 0
	answer w1 "One." 10 10 0 0
	entry start turn=answered >/dev/null
	wait_until 60 is_output_now "$run" 10
	cost_state 0.75 10 10 0 0
	entry start turn=answered ended=1767226000 >/dev/null
	wait_until 60 is_sum_now "$run" 750000
	wait_until 60 has_no_entries
}

is_sum_now() # RUN MICRO-DOLLARS
{
	[ "$(in_store_now "select cost_estimate from workflow_runs where run_id = '$1'")" = "$2" ]
}

has_no_entries()
{
	[ "$(entries)" = 0 ]
}

who_follows_hears_of_the_agents_end_and_sleeps_else()
{
	local run follower
	exec 7<>"$T/never.agent"
	session idle # it lives, and nothing happens in it
	prompt "x"
	entry start >/dev/null
	session followed
	prompt "Do"
	answer h1 "One." 10 10 0 0
	agent_lives
	run=$(entry start "pid=$(cat "$T/agent")" turn=answered ended=now)
	runwake record --follow --idle 1 >"$T/said" 2>&1 &
	follower=$!
	wait_until 60 is_output_now "$run" 10
	cost_state 0.5 10 10 0 0
	agent_ends
	wait_until 60 is_sum_now "$run" 500000
	# What lives but says nothing keeps nobody awake.
	wait_until 60 is_gone "$follower"
	wait "$follower"
	expect_eq said "$(cat "$T/said")" ""
	expect_eq "the idle one's" "$(entries)" 1
	session idle
	entry ended=1767226100 >/dev/null
	runwake record
}

# Prints what the client prints of a session that is gone on with, and writes what it writes; no hook tells of it.
make_client()
{
	mkdir -p "$T/bin"
	cat >"$T/bin/claude" <<-'END'
		#!/bin/sh
		echo '{"type":"system","subtype":"init","session_id":"wrapped-again","model":"claude-opus-5-5"}'
		cat "$MORE" >>"$TRANSCRIPT"
		echo '{"type":"result","subtype":"success","is_error":false,"num_turns":1,"result":"Two.","session_id":"wrapped-again","total_cost_usd":0.4,"usage":{},"modelUsage":{"claude-opus-5-5":{"inputTokens":40,"outputTokens":40,"cacheReadInputTokens":0,"cacheCreationInputTokens":0,"costUSD":0.4}}}'
	END
	chmod +x "$T/bin/claude"
}

a_wrapped_session_is_read_without_hooks()
{
	local first
	make_client
	CLOCK=$(($(date +%s) - 1000))
	session wrapped-again
	prompt "First"
	answer wa1 "One." 10 10 0 0
	cost_state 0.1 10 10 0 0
	first=$FILE
	FILE=$T/more CLOCK=$(($(date +%s) - 10))
	prompt "Second"
	prompt "Not like that" '"promptSource":"queued","turnOrigin":"human","origin":{"kind":"human"}'
	answer wa2 "Two." 25 25 0 0
	cost_state 0.4 35 35 0 0
	cd "$T/wrapped"
	TRANSCRIPT=$first MORE=$FILE runwake run --run-id again -- "$T/bin/claude" -p Second --resume wrapped-again --output-format stream-json --verbose >/dev/null </dev/null
	wait_until 60 is_settled
	expect_eq "this run's alone" "$(in_store_now "select output_tokens, cost_estimate, result, status from workflow_runs where run_id = 'again'")" \
	    "25|300000|Two.|completed"
	expect_eq "said" "$(said_now again)" "prompt Second|queued Not like that"
	expect_eq "an intervention" "$(in_store_now "select text_content from messages where message_type = 'intervention' and text_content like 'Not%'")" "Not like that"
	expect_eq entries "$(entries)" 0
}

t "it is read as it grows" it_is_read_as_it_grows
t "an end is read" an_end_is_read
t "a hook's recorder waits for the agent's last word" a_hooks_recorder_waits_for_the_agents_last_word
t "a killed one has the price of its answers" a_killed_one_has_the_price_of_its_answers
t "a replaced transcript is read anew" a_replaced_transcript_is_read_anew
t "subagents and compaction count" subagents_and_compaction_count
t "a fork counts once" a_fork_counts_once
t "each opening goes to its run" each_opening_goes_to_its_run
t "sessions of one run add up" sessions_of_one_run_add_up
t "what took long is left alone for a while" what_took_long_is_left_alone_for_a_while
t "a turn is in the store when it ends" with_watcher a_turn_is_in_the_store_when_it_ends
t "who follows hears of the agent's end, and sleeps else" who_follows_hears_of_the_agents_end_and_sleeps_else
t "a wrapped session is read without hooks" a_wrapped_session_is_read_without_hooks
t "entries that tell nothing go" entries_that_tell_nothing_go
t "the order does not matter" the_order_does_not_matter
end_tests
