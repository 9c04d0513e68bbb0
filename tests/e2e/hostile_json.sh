#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# JSON that is made to break its reader, through a wrapped command, an import and the transcript of a living session:
# what passes is unchanged, no event is lost, and both stores hold the same rows.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/transcripts.bash
. "$ROOT/tests/e2e/transcripts.bash"

TABLES="workflow_events workflow_runs workflow_said workflow_usage workflow_run_reports workflow_conversations workflow_workspaces
	workflow_days workflow_day_totals sessions messages"
LONG_LINE=100000000

times() # NUMBER TEXT
{
	head -c "$1" /dev/zero | sed "s/\\x0/$2/g"
}

bytes() # NUMBER; of one line
{
	head -c "$1" /dev/zero | tr '\0' x
}

digits=$(times 400 9)
levels=100000
nul='\u0000' high='\ud800' low='\udfff' invalid=$'\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82'
text="a${nul}b $high $low ${low}${high} \\ud83d\\ude00 $invalid \\u202e \\u001b[31m z"

# Lines that are none, and members that none of our readers knows.
broken_lines()
{
	local type=$1
	printf '%s\n' '' ' ' '{' '}' '[]' 'null' '"' '{"type"' '{"type":}' "{\"type\":\"$type\"" '{"type":1e999}' '{"type":null}' \
	    "{\"type\":\"$text\"}" "$invalid" $'{"type":"x\x01"}' "{\"type\":\"$type\",}" "{\"type\":\"$type\"}}" "{\"$text\":1,\"type\":\"$type\"}"
	printf '{"type":"%s"\0}\n\0\n' "$type"
	printf '{"type":"%s","x":%s%s}\n' "$type" "$(times $levels '[')" "$(times $levels ']')"
	printf '{"type":"%s","x":%s\n' "$type" "$(times $levels '{"x":')"
	printf '{"type":"%s","message":{"content":%s1%s}}\n' "$type" "$(times $levels '[{"x":')" "$(times $levels '}]')"
	bytes "$LONG_LINE"
	echo
	printf '{"type":"%s","result":"' "$type"
	bytes "$LONG_LINE"
	printf '"}\n'
}

claude_stream()
{
	printf '{"type":"system","type":"system","subtype":"init","session_id":"first","session_id":"stream-%s","model":"m %s"}\n' "$text" "$text"
	broken_lines result
	printf '{"type":"result","subtype":"success","is_error":false,"num_turns":%s,"num_turns":2,"result":"first","result":"%s",' "$digits" "$text"
	printf '"total_cost_usd":1e999,"total_cost_usd":0.25,"usage":{"input_tokens":-%s},"modelUsage":{"m":{"inputTokens":%s,' "$digits" "$digits"
	printf '"outputTokens":1e999,"outputTokens":7,"cacheReadInputTokens":-1,"cacheCreationInputTokens":9223372036854775808}}}\n'
}

claude_endless_numbers()
{
	printf '{"type":"system","subtype":"init","session_id":"numbers","model":"%s"}\n' "$(times 5000 m)"
	printf '{"type":"result","subtype":"success","is_error":false,"num_turns":1e999,"result":"%s","total_cost_usd":%s,' "$(times 300000 r)" "$digits"
	printf '"modelUsage":{"m":{"inputTokens":9223372036854775807,"outputTokens":9223372036854775807}}}'
}

codex_stream()
{
	printf '{"type":"thread.started","thread_id":"x-%s"}\n' "$text"
	broken_lines item.completed
	printf '{"type":"item.completed","item":{"type":"agent_message","text":"first","text":"%s"}}\n' "$text"
	printf '{"type":"turn.completed","usage":{"input_tokens":%s,"input_tokens":100,"cached_input_tokens":1e999,"output_tokens":7}}\n' "$digits"
}

gemini_stream()
{
	printf '{"type":"init","session_id":"g-%s","model":"%s"}\n' "$text" "$text"
	broken_lines message
	printf '{"type":"message","role":"assistant","content":"%s","delta":true}\n' "$text"
	printf '{"type":"result","status":"success","stats":{"total_tokens":%s,"input_tokens":1e999,"output_tokens":40,"cached":-%s}}' "$digits" "$digits"
}

# Prints its stream; no store can be reached, so all that is told waits in the spool.
passes() # RUN AGENT STREAM ARG…
{
	local run=$1 agent=$2 stream=$3
	shift 3
	"$stream" >"$T/stream"
	printf '#!/bin/sh\ncat "%s"\n' "$T/stream" >"$T/bin/$agent"
	chmod +x "$T/bin/$agent"
	RUNWAKE_STORE="postgresql:///none?host=$T/nowhere" \
	    runwake run --run-id "$run" --task "$(printf 'do %s' "$invalid")" -- "$T/bin/$agent" "$@" >"$T/passed"
	cmp "$T/passed" "$T/stream"
}

what_passes_is_unchanged()
{
	needs jq sqlite3
	mkdir "$T/bin" "$T/elsewhere"
	cd "$T/elsewhere"
	passes claude claude claude_stream -p x --output-format stream-json
	passes numbers claude claude_endless_numbers -p x --output-format stream-json
	passes codex codex codex_stream exec --json x
	passes gemini gemini gemini_stream -p x -o stream-json
	wait_until 60 no_recorder_is_left
	# Each line begins with its checksum.
	find "$STATE/spool/in" "$STATE/spool/work" -type f -exec cut -d ' ' -f 2- {} + | jq -r .id | sort >"$T/told"
	[ "$(wc -l <"$T/told")" -ge 12 ] || fail "told: $(wc -l <"$T/told")"
}

transcripts_are_written()
{
	MODEL="m $text" CWD="/$text"
	session imported
	prompt "$text"
	broken_lines user >>"$FILE"
	broken_lines assistant >>"$FILE"
	answer "i1$nul" "$text" 1 20 300 4000
	tool_use i2 "$text" "use-$text" 1 1 0 0
	tool_result "use-$text" '"permissionDecision":{"decision":"accept","decision":"reject","source":"user"}'
	line assistant "\"message\":{\"id\":\"i3\",\"id\":\"i4\",\"model\":\"first\",\"model\":\"$MODEL\",\"content\":[],\"usage\":{\"input_tokens\":$digits,\"output_tokens\":1e999}}"
	ENVELOPE="\"timestamp\":\"$text\",\"uuid\":$digits,\"sessionId\":1e999," prompt "Once more"
	raw "{\"type\":\"custom-title\",\"customTitle\":\"$text\"}"
	cost_state "$digits" 1 1 1 1
	session living
	MODEL=claude-opus-5-5 CWD=/nowhere
	prompt "$text"
	broken_lines system >>"$FILE"
	answer l1 "$text" 10 10 0 0
	prompt "$text" '"promptSource":"queued","turnOrigin":"human","origin":{"kind":"human","kind":"human"}'
	answer l2 "$text" 20 20 0 0
	cost_state 0.5 30 30 0 0
}

in_state() # NAME
{
	export XDG_STATE_HOME=$T/$1
	mkdir -p "$XDG_STATE_HOME/runwake"
}

# The same spool and the same transcripts, in a state directory of its own.
record_in() # NAME
{
	cp -a "$STATE/spool" "$XDG_STATE_HOME/runwake/"
	runwake record --all
	"$BUILD/tests/e2e/tool_agent_session" living "transcript=$PROJECTS/-nowhere-project/living.jsonl" ended=1767230000 >"$T/living"
	runwake record --all
	expect_eq "entries of ended sessions" "$(find "$XDG_STATE_HOME/runwake/sessions" -type f | wc -l)" 0
	expect_match "import" "$(import)" "^recorded 1 runs, added to [01]; "
	wait_until 60 no_recorder_is_left
	expect_eq "set aside" "$(find "$XDG_STATE_HOME/runwake/spool/bad" "$XDG_STATE_HOME/runwake/spool/quarantine" -type f 2>/dev/null | wc -l)" 0
	expect_eq "left" "$(find "$XDG_STATE_HOME/runwake/spool/in" "$XDG_STATE_HOME/runwake/spool/work" -type f | wc -l)" 0
	runwake list --limit 0 --json | jq -S '.runs' >"$T/$1.runs"
	runwake stats --json --by model >"$T/$1.stats"
}

rows_of() # DATABASE TABLE; all columns but the recorder's own times
{
	local columns
	columns=$(sqlite "$1" "select group_concat(name) from pragma_table_info('$2') where name not in ('recorded_at', 'folded_at', 'updated_at')")
	sqlite -json "$1" "select $columns from $2" | jq -cS '.[]' | sort
}

sqlite_holds_it()
{
	in_state sqlite
	record_in sqlite
	sqlite "$T/sqlite/runwake/runwake.db" "select id from workflow_events" | sort >"$T/kept"
	expect_eq "lost" "$(comm -23 "$T/told" "$T/kept" | paste -sd ' ')" ""
	# A count that cannot be read leaves out all counts of its kind: a sum without it would be wrong without a sign of it.
	expect_eq runs "$(jq -r '.[] | [if .agent_session_id == "imported" or .agent_session_id == "living" then .agent_session_id else .run_id end,
	    .status, .num_turns, .input_tokens, .output_tokens, .cost_estimate] | join("|")' "$T/sqlite.runs" | sort)" \
	    "claude|completed|2|0|0|0.25
codex|completed|1|0|0|
gemini|completed|1|0|0|
imported|killed|2|2|21|
living|completed|2|30|30|0.5
numbers|completed||0|0|"
	expect_eq "results" "$(jq -r '.[] | select(.run_id == "claude" or .run_id == "codex" or .run_id == "gemini").result' "$T/sqlite.runs" | sort -u | wc -l)" 1
	expect_eq "tasks" "$(jq -r '.[] | select(.agent_session_id == "imported" or .agent_session_id == "living").task_input' "$T/sqlite.runs" | sort -u | wc -l)" 1
	expect_match "a task" "$(jq -r '.[] | select(.agent_session_id == "living").task_input' "$T/sqlite.runs")" $'^a\xef\xbf\xbdb '
	expect_match "a result" "$(jq -r '.[] | select(.run_id == "claude").result' "$T/sqlite.runs")" $'^a\xef\xbf\xbdb '
}

postgres_holds_the_same()
{
	local table
	start_postgres || skip "no PostgreSQL server is installed"
	in_state postgres
	runwake db use "$POSTGRES_URL" >/dev/null
	runwake db migrate >/dev/null
	record_in postgres
	expect_same runs "$T/postgres.runs" "$T/sqlite.runs"
	expect_same sums "$T/postgres.stats" "$T/sqlite.stats"
	# Back in a file, they can be held against the others; the copy itself is compared by checksums of every table.
	runwake db copy "$POSTGRES_URL" "sqlite:$T/back.db" >/dev/null
	for table in $TABLES; do
		rows_of "$T/sqlite/runwake/runwake.db" "$table" >"$T/rows.sqlite"
		rows_of "$T/back.db" "$table" >"$T/rows.postgres"
		[ -s "$T/rows.sqlite" ] || fail "$table: no rows"
		expect_same "$table" "$T/rows.postgres" "$T/rows.sqlite"
	done
}

t "what passes is unchanged" what_passes_is_unchanged
t "transcripts are written" transcripts_are_written
t "SQLite holds all of it" sqlite_holds_it
t "PostgreSQL holds the same" postgres_holds_the_same
end_tests
