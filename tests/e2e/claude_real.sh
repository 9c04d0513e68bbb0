#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Claude Code itself, wrapped and by its own hooks, against a small Messages API of ours on the loopback: rows, commits,
# tokens and cost. The
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
wait_until 60 test -s "$T/api/port" || skip_all "the API does not start: $(cat "$T/api/log")"
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
	wait_until 60 is_settled
	# What the client counted in the end, less what it had counted before it: from its transcript, without an import.
	expect_eq "tokens" "$(field second '.run | [.input_tokens, .output_tokens, .cache_read_tokens, .cache_write_tokens] | join(" ")')" \
	    "$(difference '[.modelUsage[].inputTokens] | add') $(difference '[.modelUsage[].outputTokens] | add') $(difference '[.modelUsage[].cacheReadInputTokens] | add') $(difference '[.modelUsage[].cacheCreationInputTokens] | add')"
	expect_eq "cost" "$(field second '.run.cost_estimate * 1000000 | round')" "$(difference '.totalCostUSD * 1000000 | round')"
	[ "$(field second '.run.cost_estimate * 1000000 | round')" -gt 0 ] || fail "it cost nothing"
	expect_eq "no run beside them" "$(runwake list --json | jq --arg s "$(of_result .session_id)" '[.runs[] | select(.agent_session_id == $s)] | length')" 2
	expect_eq "nothing is left to be read" "$(find "$STATE/sessions" -type f | wc -l)" 0
	runwake import claude >/dev/null
	expect_eq "an import knows no more" "$(field second '.run.cost_estimate * 1000000 | round')" "$(difference '.totalCostUSD * 1000000 | round')"
}

# Of the last session's own counts, what came with the last: JQ-PATH of one.
difference()
{
	cat "$HOME"/.claude/projects/*/"$(of_result .session_id).jsonl" | jq -s "map(select(.type == \"cost-state\") | $1) | .[-1] - .[-2]"
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

# ---- unwrapped: its own hooks tell of it ----------------------------------------------------------------------

# "args": [] is what keeps a shell away from the path; without it /bin/sh gets the command.
hook_settings() # FILE PROGRAM
{
	jq -n --arg program "$2" '{hooks: (["SessionStart", "UserPromptSubmit", "PostToolUse", "PermissionRequest",
		"PermissionDenied", "Stop", "StopFailure", "SubagentStop", "SessionEnd"] |
		map({(.): [{hooks: [{type: "command", command: $program, args: [], timeout: 10}]}]}) | add)}' >"$1"
}

unwrapped() # PROMPT [OPTION…]
{
	hook_settings "$T/settings.json" "$PREFIX/libexec/runwake/hooks/claude-code"
	"$T/bin/claude" -p "$1" "${options[@]}" --settings "$T/settings.json" "${@:2}" </dev/null >"$T/stream"
}

run_of_session() # SESSION [NTH]
{
	runwake list --json | jq -r --arg session "$1" --argjson nth "${2:-0}" '[.runs[] |
		select(.agent_session_id == $session)] | sort_by(.started_at) | .[$nth].run_id'
}

its_hooks_tell_of_it()
{
	local run
	in_repo
	unwrapped "RUN echo hello >hello.txt && git add hello.txt && git commit -q -m 'Say hello'"
	wait_until 60 is_settled
	run=$(run_of_session "$(of_result .session_id)")
	expect_eq "row" "$(field "$run" '.run | [.status, .agent_type, .result, .metadata.agent_entrypoint] | join("|")')" "completed|claude-code|Done.|sdk-cli"
	expect_match "task" "$(field "$run" .run.task_input)" '^RUN echo hello'
	expect_eq "commits" "$(field "$run" '.commits | map(.subject + " " + .evidence) | join(",")')" "Say hello env"
	expect_eq "tools" "$(runwake log "$run" --json | jq -r '.tool_uses | map(.tool + " " + .outcome) | join(",")')" "Bash used"
	expect_eq "what a hook gave the model" "$(jq -rs 'map(select(.subtype == "hook_response")) | map(.exit_code, .stdout, .stderr) | join("|")' "$T/stream")" "0||"
	expect_eq "active runs" "$(find "$STATE/runs" -mindepth 1)" ""
	expect_match "the import adds to it" "$(runwake import claude 2>&1)" 'recorded 0 runs'
	expect_eq "tokens" "$(field "$run" .run.input_tokens)" "$(served 1)"
}

a_path_that_a_shell_would_read()
{
	local dir="$T/a b \$(touch read) 'q"
	in_repo
	own_prefix "$dir"
	hook_settings "$T/settings.json" "$dir/libexec/runwake/hooks/claude-code"
	"$T/bin/claude" -p "Good day" "${options[@]}" --settings "$T/settings.json" </dev/null >"$T/stream"
	expect_eq "row" "$(field "$(run_of_session "$(of_result .session_id)")" .run.status)" completed
	[ ! -e read ] || fail "a shell has read the path"
}

resumed_unwrapped()
{
	local session
	in_repo
	unwrapped "Good day"
	session=$(of_result .session_id)
	mkdir below
	cd below
	unwrapped "And again" --resume "$session"
	expect_eq "second" "$(field "$(run_of_session "$session" 1)" '.run | [.status, .task_input, .parent_run_id] | join("|")')" \
		"completed|And again|$(run_of_session "$session")"
	unwrapped "Elsewhere" --resume "$session" --fork-session
	expect_eq "fork" "$(field "$(run_of_session "$(of_result .session_id)")" '.run | [.status, .task_input, .parent_run_id] | join("|")')" \
		"completed|Elsewhere|"
	expect_match "the import adds to them" "$(runwake import claude 2>&1)" 'recorded 0 runs'
}

a_client_in_its_tool() # is no conversation of the run's; what it took is the run's
{
	in_repo
	hook_settings "$T/settings.json" "$PREFIX/libexec/runwake/hooks/claude-code"
	runwake run --run-id outer -- "$T/bin/claude" -p "RUN '$T/bin/claude' -p 'Good day' --settings '$T/settings.json' </dev/null" \
		"${options[@]}" --settings "$T/settings.json" </dev/null >"$T/stream"
	wait_until 60 is_settled
	expect_eq "tokens, as the API counts them" "$(field outer '.run | [.input_tokens, .output_tokens] | join(" ")')" "$(served 1) $(served 4)"
	[ "$(served 1)" -gt "$(of_result '.modelUsage | map(.inputTokens) | add')" ] || fail "its tool asked the API for nothing"
	expect_eq "session" "$(field outer '.run | [.agent_session_id, .result] | join(" ")')" "$(of_result .session_id) Done."
	expect_eq "said" "$(sqlite "$XDG_STATE_HOME/runwake/runwake.db" "select count(*) from messages m join workflow_runs r
		on r.session_id = m.session_id where r.run_id = 'outer' and m.message_type = 'intervention'")" 0
}

refused_unwrapped()
{
	in_repo
	expect_exit 1 unwrapped "fail"
	expect_match "row" "$(field "$(run_of_session "$(of_result .session_id)")" '.run | [.status, .error_message] | join("|")')" \
		'^failed\|API Error: 400 .*that will not do'
}

ended_unwrapped() # SIGNAL EXIT-CODE
{
	local pid status=0
	in_repo
	rm -f "$T/working"
	hook_settings "$T/settings.json" "$PREFIX/libexec/runwake/hooks/claude-code"
	env --default-signal=INT "$T/bin/claude" -p "RUN echo >'$T/working'; read _ <'$T/gate'" "${options[@]}" \
		--settings "$T/settings.json" </dev/null >"$T/stream" &
	pid=$!
	wait_until 60 test -s "$T/working"
	kill "-$1" "$pid"
	wait "$pid" || status=$?
	expect_eq "exit code" "$status" "$2"
	expect_eq "row" "$(field "$(run_of_session "$(jq -rs 'map(select(.session_id))[0].session_id' "$T/stream")")" '.run | [.status, .error_message] | join("|")')" \
		"killed|the agent ended in the middle of a turn"
}

of_transcript() # SESSION JQ-FILTER
{
	jq -r "$2" "$HOME"/.claude/projects/*/"$1".jsonl
}

in_messages() # TEXT; how often, as an intervention or a task
{
	runwake record
	sqlite "$XDG_STATE_HOME/runwake/runwake.db" "select count(*) from messages where role = 'user' and text_content = '$1'"
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
t "its own hooks tell of it" its_hooks_tell_of_it
t "a path that a shell would read" a_path_that_a_shell_would_read
t "a resumed session, unwrapped" resumed_unwrapped
t "a client in its tool" a_client_in_its_tool
t "an error of the API, unwrapped" refused_unwrapped
t "interrupted, unwrapped" ended_unwrapped INT 0
rm -rf "$T/ended_unwrapped"
t "ended by a supervisor, unwrapped" ended_unwrapped TERM 143
kill "$api"
end_tests
