#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runwake import codex: rollouts of each age become the right runs, once, however often they are read; and a wrapped
# Codex has its model and cost from its rollout.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
export CODEX_HOME=$HOME/.codex
SESSIONS=$CODEX_HOME/sessions/2026/01/01
CLOCK=1767225600 # 2026-01-01T00:00:00Z
FILE=

# ---- made-up rollouts, with the members that codex 0.163.0 writes, as far as they are read -------------

thread() # NUMBER; its id
{
	printf '019b76f0-0000-7000-8000-%012d' "$1"
}

rollout() # NUMBER [META]; what follows is written to its file
{
	mkdir -p "$SESSIONS"
	FILE=$SESSIONS/rollout-2026-01-01T00-00-00-$(thread "$1").jsonl
	[ -s "$FILE" ] || line session_meta "\"id\":\"$(thread "$1")\",\"cwd\":\"/nowhere/project\",\"originator\":\"codex_exec\",\"cli_version\":\"0.163.0\",${2:-\"source\":\"exec\"},\"git\":{\"branch\":\"main\"}"
}

line() # TYPE PAYLOAD
{
	CLOCK=$((CLOCK + 1))
	printf '{"timestamp":"%s","type":"%s","payload":{%s}}\n' "$(date -u -d "@$CLOCK" +%Y-%m-%dT%H:%M:%S.000Z)" "$1" "$2" >>"$FILE"
}

event() # TYPE [MEMBERS]
{
	line event_msg "\"type\":\"$1\"${2:+,$2}"
}

begins() # TURN PROMPT [TRIGGER]
{
	event task_started "\"turn_id\":\"$1\",\"turn_attribution\":{\"turn_trigger\":\"${3:-exec}\"}"
	line turn_context "\"turn_id\":\"$1\",\"cwd\":\"/nowhere/project\",\"model\":\"gpt-test\""
	event item_completed "\"item\":{\"type\":\"UserMessage\",\"id\":\"${FILE##*-}-$1\",\"content\":[{\"type\":\"text\",\"text\":\"$2\"}]}"
}

usage() # INPUT CACHED WRITTEN OUTPUT
{
	printf '{"input_tokens":%d,"cached_input_tokens":%d,"cache_write_input_tokens":%d,"output_tokens":%d,"reasoning_output_tokens":0}' "$@"
}

took() # RESPONSE TURN USAGE; and the sum, which is not looked at here
{
	line token_usage_record "\"response_id\":\"$1\",\"turn_id\":\"$2\",\"usage\":$3,\"thread_token_usage\":$3"
	event token_count "\"info\":{\"total_token_usage\":$3,\"last_token_usage\":$3}"
}

import() # ARG…
{
	runwake import codex "$@"
}

run_of() # NUMBER COLUMN…; of its runs, in order
{
	local name
	name=$(thread "$1")
	shift
	runwake list --limit 0 --json | jq -r --arg s "$name" --args '[.runs[] | select(.agent_session_id == $s)] | sort_by(.started_at) |
	    .[] | [.[$ARGS.positional[]]] | map(if . == null then "null" else tostring end) | join(" ")' "$@"
}

# ---- tests --------------------------------------------------------------------------------------------

a_turn_of_exec_is_a_run()
{
	needs jq
	mkdir -p "$XDG_CONFIG_HOME/runwake"
	cat >"$XDG_CONFIG_HOME/runwake/prices.json" <<-'PRICES'
		{"schema_version":1,"prices":[{"model":"gpt-test","from":"2025-01-01","input":1,"output":10,"cache_write_5m":2,
		  "cache_write_1h":2,"cache_read":0.1}]}
	PRICES
	rollout 1
	begins t1 "Write it"
	took r1 t1 "$(usage 1000 200 100 50)"
	took r2 t1 "$(usage 2000 400 100 60)"
	event task_complete '"last_agent_message":"Written."'
	import --json >"$T/first"
	expect_json counts "$(cat "$T/first")" '[.runs, .sessions, .answers, .said, .unreadable_lines] | join(" ")' "1 1 2 1 0"
	expect_eq run "$(run_of 1 status task_input result ai_model num_turns agent_type git_branch workspace_path)" \
		"completed Write it Written. gpt-test 1 codex main /nowhere/project"
	# 2200 for 1, 600 read for 0.1, 200 written for 2, 110 for 10, a million each.
	expect_eq tokens "$(run_of 1 input_tokens cache_read_tokens cache_write_tokens output_tokens cost_estimate)" \
		"2200 600 200 110 0.00376"
	expect_eq "a reported end" "$(in_store "select end_rank from workflow_runs where agent_session_id = '$(thread 1)'")" 2
	expect_json version "$(runwake list --json)" '.runs[0].metadata | .agent_version + " " + .agent_entrypoint' "0.163.0 exec"
}

importing_twice_changes_nothing()
{
	in_store "select count(*) from workflow_events" >"$T/before"
	expect_match "nothing new" "$(import)" "^recorded 0 runs, added to 0; read 0 sessions with 0 answers, 1 had nothing new"
	rm -r "$STATE/transcripts"
	expect_match "all is known" "$(import)" "^recorded 0 runs, added to 1; read 1 sessions"
	in_store "select count(*) from workflow_events" >"$T/after"
	expect_same "the ledger" "$T/after" "$T/before"
}

a_resumed_thread_is_several_runs()
{
	CLOCK=$((CLOCK + 3600))
	rollout 1
	begins t2 "Again"
	took r3 t2 "$(usage 10 0 0 5)"
	event turn_aborted '"reason":"interrupted"'
	begins t3 "And again"
	event task_complete '"last_agent_message":null,"error":{"message":"no quota"}'
	expect_json "two more" "$(import --json)" '[.runs, .runs_known] | join(" ")' "2 1"
	expect_eq runs "$(run_of 1 status task_input output_tokens error_message | paste -sd '|')" \
		"completed Write it 110 null|killed Again 5 interrupted|failed And again 0 no quota"
	expect_eq "one after the other" "$(runwake list --limit 0 --json | jq -r '[.runs[] | select(.parent_run_id)] | length')" 2
}

a_conversation_is_one_run()
{
	rollout 2 '"source":"cli"'
	begins t1 "One" user
	took c1 t1 "$(usage 10 0 0 1)"
	event task_complete '"last_agent_message":"A"'
	begins t2 "Two" user
	took c2 t2 "$(usage 20 0 0 2)"
	event task_complete '"last_agent_message":"B"'
	import >/dev/null
	expect_eq run "$(run_of 2 status task_input result num_turns input_tokens)" "completed One B 2 30"
	# Nobody wrote down that it was left.
	expect_eq presumed "$(in_store "select end_rank from workflow_runs where agent_session_id = '$(thread 2)'")" 1
}

# Versions before token_usage_record, and before forks that copy nothing.
a_fork_of_an_older_version_counts_once()
{
	rollout 3
	line turn_context '"model":"gpt-test","cwd":"/nowhere/project"'
	event user_message '"message":"First"'
	event token_count "\"info\":{\"total_token_usage\":$(usage 100 0 0 7),\"last_token_usage\":$(usage 100 0 0 7)}"
	event token_count "\"info\":{\"total_token_usage\":$(usage 100 0 0 7),\"last_token_usage\":$(usage 100 0 0 7)}"
	event agent_message '"message":"Done"'
	local copied=$FILE
	rollout 4 "\"source\":\"exec\",\"forked_from_id\":\"$(thread 3)\""
	sed 's/"timestamp":"[^"]*"/"timestamp":"2026-01-01T00:30:00.000Z"/' "$copied" >>"$FILE"
	CLOCK=$((CLOCK + 3600))
	line turn_context '"model":"gpt-test","cwd":"/nowhere/project"'
	event user_message '"message":"Forked"'
	event token_count "\"info\":{\"total_token_usage\":$(usage 130 0 0 10),\"last_token_usage\":$(usage 30 0 0 3)}"
	event agent_message '"message":"Otherwise"'
	import >/dev/null
	expect_eq "the one" "$(run_of 3 status task_input input_tokens output_tokens result)" "completed First 100 7 Done"
	expect_eq "the fork" "$(run_of 4 status task_input input_tokens output_tokens result)" "completed Forked 30 3 Otherwise"
	expect_eq "whose fork" "$(runwake list --limit 0 --json | jq -r --arg s "$(thread 4)" '.runs[] | select(.agent_session_id == $s) | .metadata.forked_from')" "$(thread 3)"
	rm -r "$STATE/transcripts"
	import >/dev/null
	expect_eq "again" "$(run_of 4 task_input input_tokens)" "Forked 30"
}

threads_of_agents_count_with_it()
{
	rollout 5
	begins t1 "Delegate"
	took d1 t1 "$(usage 10 0 0 1)"
	local at=$CLOCK
	rollout 6 "\"source\":{\"subagent\":{\"thread_spawn\":{\"parent_thread_id\":\"$(thread 5)\",\"depth\":1}}}"
	begins t9 "No person says this"
	took d9 t9 "$(usage 500 0 0 50)"
	rollout 5
	event task_complete '"last_agent_message":"Delegated."'
	[ "$at" -lt "$CLOCK" ] || fail "the clock stands"
	import >/dev/null
	expect_eq "with it" "$(run_of 5 task_input input_tokens output_tokens)" "Delegate 510 51"
	expect_eq "no run of its own" "$(run_of 6 task_input)" ""
}

what_cannot_be_read_is_told()
{
	mkdir -p "$CODEX_HOME/archived_sessions"
	rollout 7
	mv "$FILE" "$CODEX_HOME/archived_sessions/"
	FILE=$CODEX_HOME/archived_sessions/${FILE##*/}
	begins t1 "Archived"
	event task_complete '"last_agent_message":"x"'
	printf 'x' >"$SESSIONS/rollout-2026-01-01T00-00-00-$(thread 8).jsonl.zst"
	printf 'x\n' >"$SESSIONS/rollout-2026-01-01T00-00-00-../x.jsonl" 2>/dev/null || :
	printf 'x\n' >"$SESSIONS/notes.jsonl"
	import >/dev/null 2>"$T/said"
	expect_match note "$(cat "$T/said")" "1 rollouts of Codex are compressed and are not read"
	expect_eq archived "$(run_of 7 status task_input)" "completed Archived"
	expect_exit 4 runwake import codex --dir "$T/nowhere"
}

# What breaks a parser costs no answer beside it, and leaves the same rows in each kind of store.
hostile_lines_lose_nothing()
{
	rollout 9
	begins t1 'a\u0000b\ud800c \udc00\ud83d\ude00'
	printf '\xff\xfe\x00{\n[1,2]\n{"type":"event_msg"\n{"timestamp":1e999,"type":"event_msg","payload":{}}\n' >>"$FILE"
	awk 'BEGIN { printf "{\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"item_completed\",\"item\":"; for (i = 0; i < 100000; i++) printf "[";
		for (i = 0; i < 100000; i++) printf "]"; print "}}" }' >>"$FILE"
	head -c 100000000 /dev/zero | tr '\0' x >>"$FILE"
	printf '\n' >>"$FILE"
	line token_usage_record "\"response_id\":\"h0\",\"turn_id\":\"t1\",\"usage\":$(usage 1 0 0 1 | sed 's/:1,/:99999999999999999999999,/')"
	took 'h\u0000\ud800' t1 "$(usage 40 0 0 4)"
	took h2 t1 "$(usage 41 0 0 4)"
	event task_complete '"last_agent_message":"x\u0000\udfff"'
	expect_json counts "$(import --json)" '[.runs, .answers, .too_long_lines, .failed] | join(" ")' "1 2 1 0"
	expect_eq run "$(run_of 9 status input_tokens output_tokens)" "completed 81 8"
	expect_eq texts "$(run_of 9 task_input result)" "$(printf 'a\xef\xbf\xbdb\xef\xbf\xbdc \xef\xbf\xbd\xf0\x9f\x98\x80 x\xef\xbf\xbd\xef\xbf\xbd')"
	expect_eq quarantine "$(find "$STATE/spool/quarantine" -type f | wc -l)" 0
}

# A stand-in for the client: prints its stream, and writes the thread's rollout.
a_wrapped_run_has_its_cost()
{
	needs jq
	new_repo "$T/wrapped"
	cd "$T/wrapped"
	local day id
	id=$(printf '%012x' "$(($(date +%s) * 1000))")
	id=${id:0:8}-${id:8:4}-7000-8000-000000000000
	day=$(date +%Y/%m/%d)
	mkdir -p "$CODEX_HOME/sessions/$day" "$T/bin"
	FILE=$CODEX_HOME/sessions/$day/rollout-x-$id.jsonl
	CLOCK=$(($(date +%s) + 1))
	line session_meta "\"id\":\"$id\",\"source\":\"exec\",\"cwd\":\"$T/wrapped\""
	begins w1 "Wrapped"
	took w1 w1 "$(usage 1000 0 0 100)"
	event task_complete '"last_agent_message":"Did it"'
	cat >"$T/bin/codex" <<-SCRIPT
		#!/bin/sh
		echo '{"type":"thread.started","thread_id":"$id"}'
		echo '{"type":"turn.started"}'
		echo '{"type":"turn.completed","usage":{"input_tokens":1000,"cached_input_tokens":0,"output_tokens":100}}'
	SCRIPT
	chmod +x "$T/bin/codex"
	runwake run --run-id wrapped -- "$T/bin/codex" exec --json "Wrapped" >/dev/null
	runwake list --limit 0 --json | jq -r '.runs[] | select(.run_id == "wrapped") | [.ai_model, .input_tokens, .output_tokens, .cost_estimate, .num_turns] | join(" ")' >"$T/wrapped-run"
	expect_eq "its cost" "$(cat "$T/wrapped-run")" "gpt-test 1000 100 0.002 1"
	import >/dev/null
	expect_eq "no other run" "$(runwake list --limit 0 --json | jq -r --arg s "$id" '[.runs[] | select(.agent_session_id == $s) | .run_id] | join(" ")')" wrapped
}

t "a turn of exec is a run" a_turn_of_exec_is_a_run
t "importing twice changes nothing" importing_twice_changes_nothing
t "a resumed thread is several runs" a_resumed_thread_is_several_runs
t "a conversation is one run" a_conversation_is_one_run
t "a fork of an older version counts once" a_fork_of_an_older_version_counts_once
t "threads of agents count with it" threads_of_agents_count_with_it
t "what cannot be read is told" what_cannot_be_read_is_told
t "hostile lines lose nothing" hostile_lines_lose_nothing
t "a wrapped run has its cost" a_wrapped_run_has_its_cost
end_tests
