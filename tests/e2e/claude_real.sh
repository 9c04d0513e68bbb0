#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Claude Code itself, wrapped, against a small Messages API of ours on the loopback: rows, commits, tokens and cost. The
# client is taken from $CLAUDE_CODE_CACHE, else build/claude-code; tests/check.sh and `make claude-code` fetch it.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}
program=$("$ROOT/tests/claude_code.sh" "${CLAUDE_CODE_CACHE:-$ROOT/build/claude-code}") ||
	skip_all "Claude Code is not there: make claude-code fetches it from npm"
command -v python3 >/dev/null || skip_all "python3 is not installed"
"$program" --version >/dev/null 2>&1 || skip_all "Claude Code does not start here"

mkdir -p "$T/api" "$T/bin"
ln -s "$program" "$T/bin/claude"
mkfifo "$T/gate"
python3 "$ROOT/tests/e2e/messages_api.py" "$T/api" </dev/null >"$T/api/log" 2>&1 &
api=$!
trap 'kill "$api" 2>/dev/null; clean_up' EXIT
wait_until 20 test -s "$T/api/port" || skip_all "the API does not start: $(cat "$T/api/log")"
ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$T/api/port")
export ANTHROPIC_BASE_URL ANTHROPIC_API_KEY=dummy CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_TELEMETRY=1 \
	DISABLE_AUTOUPDATER=1 DISABLE_ERROR_REPORTING=1 CLAUDE_CODE_MAX_RETRIES=1 SHELL=/bin/bash
options=(--output-format stream-json --verbose --permission-mode acceptEdits --allowedTools "Bash,Write,Read")

in_repo() # a new one, for the test that calls this
{
	wired_repo "$T/${FUNCNAME[1]}"
	cd "$T/${FUNCNAME[1]}"
	: >"$T/api/served"
}

field() # RUN JQ-PATH
{
	runwake show "$1" --json | jq -r "$2"
}

served() # COLUMN; the sum of what the API says that it has served
{
	awk -v column="$1" '{ sum += $column } END { print sum + 0 }' "$T/api/served"
}

of_result() # JQ-PATH; of the client's own last result line
{
	jq -rs "map(select(.type == \"result\")) | last | $1" "$T/stream"
}

it_commits()
{
	in_repo
	runwake run -w implement --run-id real -- "$T/bin/claude" -p "RUN echo hello >hello.txt && git add hello.txt && git commit -q -m 'Say hello'" \
		"${options[@]}" </dev/null >"$T/stream"
	expect_eq "row" "$(field real '.run | [.status, .agent_type, .exit_code, .result] | join("|")')" "completed|claude-code|0|Done."
	expect_match "task" "$(field real .run.task_input)" '^RUN echo hello'
	expect_eq "commits" "$(field real '.commits | map(.subject + " " + .evidence) | join(",")')" "Say hello env"
	expect_eq "tokens, as the API counts them" "$(field real '.run | [.input_tokens, .cache_read_tokens, .cache_write_tokens,
		.output_tokens] | join(" ")')" "$(served 1) $(served 2) $(served 3) $(served 4)"
	[ "$(served 1)" -ge 200 ] || fail "the API was asked for less than two answers"
	expect_eq "cost, as the client counts it" "$(field real '.run.cost_estimate * 1000000 | round')" "$(of_result '.total_cost_usd * 1000000 | round')"
	expect_eq "session" "$(field real .run.agent_session_id)" "$(of_result .session_id)"
	expect_eq "turns" "$(field real .run.num_turns)" "$(of_result .num_turns)"
	expect_eq "model" "$(field real .run.ai_model)" "$(jq -rs 'map(select(.subtype == "init")) | last.model' "$T/stream")"
}

a_resumed_session()
{
	in_repo
	runwake run --run-id first -- "$T/bin/claude" -p "Good day" "${options[@]}" </dev/null >"$T/stream"
	runwake run --run-id second -- "$T/bin/claude" -p "And again" "${options[@]}" --resume "$(of_result .session_id)" </dev/null >"$T/stream"
	expect_eq "first" "$(field first '.run | [.status, .result, .input_tokens] | join("|")')" "completed|Hello.|100"
	expect_eq "second" "$(field second '.run | [.status, .result] | join("|")')" "completed|Hello."
	[ "$(of_result '.modelUsage | map(.inputTokens) | add')" -gt 100 ] || fail "the client does not tell the session's sum any more"
	[ "$(field second .run.input_tokens)" -le 100 ] || fail "the run has the session's tokens"
}

an_error_of_the_api()
{
	in_repo
	expect_exit 1 runwake run --run-id refused -- "$T/bin/claude" -p "fail" "${options[@]}" </dev/null
	expect_match "row" "$(field refused '.run | [.status, .exit_code, .error_message] | join("|")')" '^failed\|1\|API Error: 400 .*that will not do'
}

too_many_turns()
{
	in_repo
	expect_exit 1 runwake run --run-id turns -- "$T/bin/claude" -p "RUN true" "${options[@]}" --max-turns 1 </dev/null
	expect_match "row" "$(field turns '.run | [.status, .error_message] | join("|")')" '^failed\|Reached maximum number of turns'
}

a_supervisor_ends_it() # SIGNAL EXIT-CODE
{
	local pid status=0
	in_repo
	rm -f "$T/working"
	env --default-signal=INT runwake run --run-id "ended-$1" -- "$T/bin/claude" -p "RUN echo >'$T/working'; read _ <'$T/gate'" "${options[@]}" \
		</dev/null >"$T/stream" &
	pid=$!
	wait_until 60 test -s "$T/working"
	kill "-$1" "$pid"
	wait "$pid" || status=$?
	expect_eq "exit code" "$status" "$2"
	expect_match "row" "$(field "ended-$1" '.run | [.status, .error_message] | join("|")')" "^killed\|ended by SIG$1, sent by process [0-9]+$"
}

of_transcript() # SESSION JQ-FILTER
{
	jq -r "$2" "$HOME"/.claude/projects/*/"$1".jsonl
}

in_messages() # TEXT; how often, as an intervention or a task
{
	runwake record
	sqlite3 "$XDG_STATE_HOME/runwake/runwake.db" "select count(*) from messages where role = 'user' and text_content = '$1'"
}

a_message_while_it_works()
{
	local pid session
	in_repo
	mkfifo "$T/host"
	runwake run --run-id spoken -- "$T/bin/claude" -p --input-format stream-json "${options[@]}" <"$T/host" >"$T/stream" &
	pid=$!
	exec 8>"$T/host"
	printf '%s\n' '{"type":"user","message":{"role":"user","content":"Good day"},"parent_tool_use_id":null,"session_id":""}' >&8
	wait_until 60 grep -q '"type":"result"' "$T/stream"
	expect_match "what it says" "$(runwake say spoken "Use RS256 instead")" "gets it now"
	wait_until 60 sh -c '[ "$(grep -c "\"type\":\"result\"" "$0")" = 2 ]' "$T/stream"
	exec 8>&-
	wait "$pid"
	expect_eq "delivered" "$(field spoken '.interventions | map(.text + " " + .delivered_run_id) | join(",")')" "Use RS256 instead spoken"
	session=$(field spoken .run.agent_session_id)
	expect_eq "the client keeps the message's id, and its text" "$(of_transcript "$session" \
		'select(.type == "user" and .origin.kind == "human") | .uuid + " " + .message.content')" \
		"$(field spoken '.interventions[0].id + " Use RS256 instead"')"
	expect_eq "once" "$(in_messages "Use RS256 instead")" 1
}

a_session_goes_on()
{
	local session
	in_repo
	runwake run -w implement --run-id before -- "$T/bin/claude" -p "Good day" "${options[@]}" </dev/null >"$T/stream"
	session=$(of_result .session_id)
	runwake say before "Rather with RS256" >/dev/null
	runwake say before -- $'--version\nand with tests' >/dev/null
	runwake resume before --agent-program "$T/bin/claude" -- --permission-mode acceptEdits >"$T/stream"
	expect_eq "the same session" "$(of_result .session_id)" "$session"
	expect_eq "row" "$(field @latest '.run | [.status, .workflow_name, .parent_run_id, .result, .agent_session_id] | join("|")')" \
		"completed|implement|before|Hello.|$session"
	expect_eq "delivered" "$(field before '.interventions | map(.delivered_run_id) | unique | length')" 1
	expect_eq "the prompt, as the client has it" "$(of_transcript "$session" 'select(.type == "user") | .message.content' | tail -n 4)" \
		$'Rather with RS256\n\n--version\nand with tests'
	expect_eq "its task" "$(field @latest .run.task_input)" $'Rather with RS256\n\n--version\nand with tests'
	expect_eq "once" "$(in_messages "Rather with RS256")" 1
	expect_exit 1 runwake resume before --agent-program "$T/bin/claude"
}

a_session_that_is_gone()
{
	in_repo
	runwake run --run-id lost -- "$T/bin/claude" -p "Good day" "${options[@]}" </dev/null >"$T/stream"
	rm "$HOME"/.claude/projects/*/"$(of_result .session_id)".jsonl
	runwake say lost "Are you there?" >/dev/null
	expect_exit 1 runwake resume lost --agent-program "$T/bin/claude" >"$T/stream"
	expect_eq "it waits" "$(field lost '.interventions[0].delivered_at')" null
}

t "it commits" it_commits
t "a message while it works" a_message_while_it_works
t "a session goes on" a_session_goes_on
t "a session that is gone" a_session_that_is_gone
t "a resumed session" a_resumed_session
t "an error of the API" an_error_of_the_api
t "too many turns" too_many_turns
t "a supervisor interrupts it" a_supervisor_ends_it INT 0
rm -rf "$T/a_supervisor_ends_it"
t "a supervisor ends it" a_supervisor_ends_it TERM 143
kill "$api"
end_tests
