#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runwake import claude: each kind of session becomes the right runs, once, however often it is read.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/transcripts.bash
. "$ROOT/tests/e2e/transcripts.bash"

said_in() # SESSION; kinds and texts of what is not the task, in order
{
	in_store "select cast(s.kind as text) || ' ' || s.text from workflow_said s join workflow_runs r on r.id = s.workflow_run_id
	    where r.agent_session_id = '$1' order by s.at, s.id" | paste -sd '|'
}

a_session_is_a_run()
{
	needs jq
	session plain
	prompt "Write it"
	tool_use p1 Write use-1 3 20 0 1000
	tool_result use-1
	answer p2 "Written." 5 30 1000 100
	cost_state 0.0067 8 50 1000 1100
	import --json >"$T/first"
	expect_json "counts" "$(cat "$T/first")" '[.runs, .sessions, .answers, .said, .unreadable_lines] | join(" ")' "1 1 2 1 0"
	expect_eq run "$(run_of plain status task_input result error_message ai_model num_turns agent_type git_branch workspace_path)" \
		"completed Write it Written. null claude-opus-5-5 2 claude-code main /nowhere/project"
	expect_eq tokens "$(run_of plain input_tokens output_tokens total_tokens cache_read_tokens cache_write_tokens cost_estimate)" \
		"8 50 58 1000 1100 0.0067"
	expect_eq times "$(run_of plain started_at completed_at duration_seconds)" "2026-01-01T00:00:10.000000Z 2026-01-01T00:00:40.000000Z 30"
	expect_eq "no claim" "$(in_store "select count(*) from workflow_runs where wants_claim")" 0
	expect_json "the client's version" "$(runwake list --json)" '.runs[0].metadata | .agent_version + " " + .agent_entrypoint' "2.1.330 cli"
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

a_grown_session_is_read_on()
{
	session grown
	prompt "First"
	answer g1 "One." 10 10 0 0
	import >/dev/null
	# No end is written, and the last line is a year old: it has ended, as far as anybody can tell.
	expect_eq presumed "$(run_of grown status output_tokens)" "completed 10"
	expect_eq "as presumed" "$(in_store "select end_rank from workflow_runs where agent_session_id = 'grown'")" 1
	prompt "Second"
	answer g2 "Two." 20 20 0 0
	printf '{"type":"assistant","mess' >>"$FILE" # half a line: somebody is writing it
	expect_json "one more" "$(import --json)" '[.runs, .runs_known, .unreadable_lines] | join(" ")' "0 1 0"
	expect_eq run "$(run_of grown status result output_tokens task_input)" "completed Two. 30 First"
	truncate -s -25 "$FILE"
	cost_state 0.5 30 30 0 0
	import >/dev/null
	expect_eq "its own count" "$(run_of grown status output_tokens cost_estimate)" "completed 30 0.5"
	expect_eq "and end" "$(in_store "select end_rank from workflow_runs where agent_session_id = 'grown'")" 2
	expect_eq said "$(said_in grown)" "prompt First|prompt Second"
}

a_replaced_file_is_read_again()
{
	cp "$PROJECTS/-nowhere-project/grown.jsonl" "$T/copy"
	rm "$PROJECTS/-nowhere-project/grown.jsonl"
	cp "$T/copy" "$PROJECTS/-nowhere-project/grown.jsonl"
	import >/dev/null
	expect_eq "the same" "$(run_of grown status output_tokens cost_estimate)" "completed 30 0.5"
	session grown
	: >"$FILE"
	import >/dev/null
	expect_eq "what is recorded stays" "$(run_of grown status output_tokens)" "completed 30"
	rm "$FILE"
	import >/dev/null
	expect_eq "no cursor of what is gone" "$(grep -l grown "$STATE"/transcripts/* | wc -l)" 0
}

a_resumed_session_is_several_runs()
{
	session again
	prompt "Begin"
	answer a1 "Begun." 10 10 0 0
	cost_state 0.1 10 10 0 0
	cost_state 0.1 10 10 0 0
	prompt "Go on" '"promptSource":"sdk","turnOrigin":"sdk"'
	answer a2 "Gone on." 30 30 0 0
	cost_state 0.4 40 40 0 0
	import >/dev/null
	expect_eq runs "$(run_of again task_input output_tokens cost_estimate | paste -sd '|')" "Begin 10 0.1|Go on 30 0.3"
	expect_eq "one conversation" "$(run_of again session_id | sort -u | wc -l)" 1
	expect_eq parent "$(run_of again parent_run_id | tail -n 1)" "$(run_of again run_id | head -n 1)"
	# Killed and opened again: nothing was written of what the first had cost. Its answers are in no total.
	prompt "A third"
	answer a3 "x" 1000 1000 0 0
	prompt "after the kill"
	answer a4 "y" 1 1 0 0
	cost_state 0.5 41 41 0 0
	import >/dev/null
	expect_eq "all answers" "$(run_of again task_input output_tokens | tail -n 1)" "A third 1001"
}

a_fork_counts_once()
{
	session forked
	prompt "Base"
	answer f1 "Based." 10 10 0 0
	cost_state 0.1 10 10 0 0
	# shellcheck disable=SC2001
	sed 's/"sessionId":"forked"/"sessionId":"fork"/' <<<"$(cat "$FILE")" >"$T/copied"
	session fork
	cat "$T/copied" >"$FILE"
	prompt "Otherwise"
	answer f2 "Otherwise done." 5 5 0 0
	cost_state 0.15 15 15 0 0
	session forked
	prompt "And on"
	answer f3 "On." 7 7 0 0
	cost_state 0.17 17 17 0 0
	import >/dev/null
	expect_eq "the first" "$(run_of forked task_input output_tokens cost_estimate | paste -sd '|')" "Base 10 0.1|And on 7 0.07"
	expect_eq "the fork" "$(run_of fork task_input output_tokens cost_estimate | paste -sd '|')" "Otherwise 5 0.05"
	expect_json "says what of" "$(runwake list --json)" '[.runs[] | select(.agent_session_id == "fork").metadata.forked_from] | join(",")' forked
	# The same in another import, when only the store knows.
	session late-fork
	sed 's/"sessionId":"forked"/"sessionId":"late-fork"/' "$T/copied" | grep -v cost-state >"$FILE"
	prompt "Late"
	answer f4 "Late done." 3 3 0 0
	cost_state 0.2 13 13 0 0
	import >/dev/null
	# What it took over is not written in it, so its own count says nothing: the price of its own answers does.
	expect_eq "a late one" "$(run_of late-fork task_input output_tokens cost_estimate)" "Late 3 7.2e-05"
	session copy-only
	sed 's/"sessionId":"forked"/"sessionId":"copy-only"/' "$T/copied" >"$FILE"
	import >/dev/null
	expect_eq "nothing of its own" "$(run_of copy-only run_id)" ""
}

ends_are_told_apart()
{
	local name
	session refused-model; prompt x; api_error "API Error: 400 bad request" 400; cost_state 0 0 0 0 0
	session bad-key; prompt x; api_error "API Error: 401 invalid x-api-key" 401; cost_state 0 0 0 0 0
	session overloaded; prompt x; answer o1 "Half." 1 1 0 0; prompt y; api_error "API Error: 529 Overloaded" 529; cost_state 0.000024 1 1 0 0
	session recovered; prompt x; api_error "API Error: 529 Overloaded" 529; prompt y; answer r1 "Well." 1 1 0 0; cost_state 0.000024 1 1 0 0
	session turns; prompt x; tool_use t1 Bash u 1 1 0 0; tool_result u
	raw '{"attachment":{"maxTurns":2,"type":"max_turns_reached","turnCount":2},"type":"attachment","sessionId":"turns"}'; cost_state 0.000024 1 1 0 0
	session budget; prompt x; answer b1 "Some." 1 1 0 0
	raw '{"attachment":{"type":"budget_usd","used":0.00002,"total":0.5,"remaining":0.49},"type":"attachment"}'
	answer b2 "More." 1 1 0 0
	raw '{"attachment":{"type":"budget_usd","used":0.6,"total":0.5,"remaining":-0.1},"type":"attachment"}'; cost_state 0.000048 2 2 0 0
	session interrupted; prompt x; answer i1 "So far." 1 1 0 0; interrupt; cost_state 0.000024 1 1 0 0
	session died; prompt x; tool_use d1 Bash u 1 1 0 0
	session unanswered; prompt x; cost_state 0 0 0 0 0
	session denied; prompt x; tool_use n1 Bash u 1 1 0 0
	tool_result u '"toolUseResult":"Error: denied","permissionDecision":{"decision":"reject","source":"config"},"toolDenialKind":"permission-rule"'
	answer n2 "I may not." 1 1 0 0; cost_state 0.000048 2 2 0 0
	import >/dev/null
	for name in refused-model bad-key overloaded recovered turns budget interrupted died unanswered denied; do
		printf '%s: %s\n' "$name" "$(run_of "$name" status error_message)"
	done >"$T/ends"
	cat >"$T/expected" <<-'ENDS'
		refused-model: failed API Error: 400 bad request
		bad-key: failed API Error: 401 invalid x-api-key
		overloaded: failed API Error: 529 Overloaded
		recovered: completed null
		turns: failed the agent reached its maximum number of turns
		budget: failed the agent reached its budget
		interrupted: killed interrupted
		died: killed the agent ended in the middle of a turn
		unanswered: killed the agent ended before it answered
		denied: completed null
	ENDS
	expect_same ends "$T/ends" "$T/expected"
	expect_eq "a rule is no person" "$(said_in denied)" "prompt x"
}

one_that_goes_on_is_not_ended()
{
	session fresh
	CLOCK=$(date +%s)
	prompt "Now"
	answer now1 "Working on it." 1 1 0 0
	import >/dev/null
	expect_eq running "$(run_of fresh status)" running
	expect_json "looked at again" "$(import --json)" '[.sessions, .runs_known] | join(" ")' "1 1"
	cost_state 0.000024 1 1 0 0
	import >/dev/null
	expect_eq over "$(run_of fresh status)" completed
}

# Quiet for a year, as far as its transcript tells; but an agent is at work in its directory.
one_at_work_is_not_ended()
{
	local agent
	mkdir -p "$T/at-work" "$T/bin"
	cp "$(command -v cat)" "$T/bin/claude"
	mkfifo "$T/at-work/fifo"
	(cd "$T/at-work" && exec "$T/bin/claude" <fifo) &
	agent=$!
	exec {ENDS_AGENT}>"$T/at-work/fifo"
	CWD=$T/at-work
	session at-work
	prompt "Think"
	answer at1 "I am thinking." 1 1 0 0
	import >/dev/null
	expect_eq running "$(run_of at-work status)" running
	exec {ENDS_AGENT}>&-
	wait "$agent"
	import >/dev/null
	expect_eq over "$(run_of at-work status)" completed
}

what_people_did_is_told()
{
	session people
	prompt "The task"
	tool_use q1 Bash use-a 1 1 0 0
	tool_result use-a '"permissionDecision":{"decision":"accept","source":"user_temporary","grantScope":"once"}'
	tool_use q2 Write use-b 1 1 0 0
	tool_result use-b '"toolUseResult":"User rejected tool use","permissionDecision":{"decision":"reject","source":"user_reject"},"toolDenialKind":"user-rejected"'
	prompt "Do it otherwise" '"promptSource":"queued","turnOrigin":"human","origin":{"kind":"human"}'
	tool_use q3 AskUserQuestion use-c 1 1 0 0
	tool_result use-c '"toolUseResult":{"questions":[{"question":"Which?"}],"answers":{"Which?":"The second"}}'
	tool_use q4 Read use-d 1 1 0 0
	tool_result use-d '"toolUseResult":"User rejected tool use","toolDenialKind":"user-rejected"'
	interrupt "for tool use"
	prompt "A rule allowed it" '"promptSource":"typed","origin":{"kind":"task-notification"}'
	line user '"isMeta":true,"message":{"role":"user","content":"Caveat: not for people"}'
	line user '"message":{"role":"user","content":"<command-name>/clear</command-name>"}'
	line user '"message":{"role":"user","content":"<local-command-stdout>x</local-command-stdout>"}'
	line user '"message":{"role":"user","content":"<command-message>fix is running</command-message>\n<command-name>/fix</command-name>\n<command-args>the tests</command-args>"}'
	tool_use q5 Bash use-e 1 1 0 0
	tool_result use-e '"permissionDecision":{"decision":"accept","source":"hook"}'
	answer q6 "Done." 1 1 0 0
	raw '{"type":"custom-title","customTitle":"The people","sessionId":"people"}'
	raw '{"type":"agent-name","agentName":"by-who-started-it","sessionId":"people"}'
	import >/dev/null
	expect_eq said "$(said_in people)" \
		"prompt The task|granted Bash|refused Write|queued Do it otherwise|answer Which?: The second|interrupt [Request interrupted by user for tool use]|prompt /fix the tests"
	expect_eq name "$(run_of people session_name task_input)" "The people The task"
	expect_eq messages "$(in_store "select count(*) from messages m join workflow_runs r on r.session_id = m.session_id
		where r.agent_session_id = 'people' and m.message_type = 'intervention'")" 6
}

subagents_count()
{
	session boss
	prompt "Share it"
	tool_use b-1 Agent use-1 10 10 0 0
	subagent one
	MODEL=claude-haiku-4-5 answer s-1 "Part one." 100 100 0 0
	MODEL=claude-haiku-4-5 answer s-1 "Part one, more." 100 100 0 0
	session boss
	tool_result use-1
	ENVELOPE='"isSidechain":true,' answer s-2 "An old client keeps it here." 7 7 0 0
	answer b-2 "Shared." 20 20 0 0
	cost_state 0.001767 137 137 0 0
	prompt "Again"
	subagent two
	answer s-3 "Later." 1000 1000 0 0
	session boss
	answer b-3 "Again shared." 1 1 0 0
	cost_state 0.025791 1138 1138 0 0
	# Older clients keep a subagent's file beside the session's.
	FILE=$PROJECTS/-nowhere-project/agent-old.jsonl CLOCK=$((CLOCK - 5)) answer s-4 "Beside." 50 50 0 0
	import >/dev/null
	expect_eq runs "$(run_of boss output_tokens num_turns result ai_model | paste -sd '|')" \
		"137 2 Shared. claude-opus-5-5|1051 1 Again shared. claude-opus-5-5"
	expect_eq "no run of theirs" "$(runwake list --limit 0 --json | jq '[.runs[] | select(.task_input | startswith("Part"))] | length')" 0
	subagent three
	CLOCK=$((CLOCK - 3))
	answer s-5 "A straggler." 9 9 0 0
	import >/dev/null
	expect_eq "a subagent's file grew" "$(run_of boss output_tokens | paste -sd '|')" "137|1060"
}

compaction_is_paid_for()
{
	session compact
	prompt "Long work"
	answer c1 "Much." 100 10 0 0
	line system '"subtype":"compact_boundary","compactMetadata":{"trigger":"manual","preTokens":100}'
	line user '"isCompactSummary":true,"message":{"role":"user","content":"A summary of what was said."}'
	prompt "Go on"
	answer c2 "More." 10 10 0 0
	cost_state 0.9 1110 420 0 0
	import >/dev/null
	expect_eq "one run, all its tokens" "$(run_of compact input_tokens output_tokens cost_estimate num_turns)" "1110 420 0.9 2"
	expect_eq "no summary is said" "$(said_in compact)" "prompt Long work|prompt Go on"
}

answers_are_counted_once()
{
	session doubles
	prompt x
	answer u1 "a" 1 1 0 0
	answer u1 "b" 1 55 0 0
	answer u1 "c" 1 1 0 0
	REQUEST='' answer u2 "d" 0 100 0 0
	REQUEST='' answer u2 "e" 0 100 0 0
	answer u2 "f" 0 1000 0 0
	REQUEST=',"requestId":"other"' answer u2 "g" 0 10000 0 0
	import >/dev/null
	expect_eq output "$(run_of doubles output_tokens)" 11155
}

costs_are_known_or_unknown()
{
	session old-cost; prompt x
	REQUEST=',"requestId":"r","costUSD":0.1234565' answer k1 "a" 10 10 0 0
	session unknown; prompt x
	MODEL=gpt-9 answer k2 "a" 10 10 0 0
	MODEL=claude-opus-5-5 answer k3 "a" 10 10 0 0
	session synthetic; prompt x
	answer k4 "a" 1000000 0 0 0
	MODEL='<synthetic>' answer k5 "No response requested." 7 7 0 0
	session hours; prompt x
	answer k6 "a" 0 0 0 1000000 400000
	session guessed; prompt x
	MODEL=gpt-9 answer k7 "a" 10 10 0 0
	MODEL=gpt-9 cost_state 0.5 10 10 0 0 true
	session fast; prompt x
	line assistant '"message":{"id":"k8","model":"claude-opus-5-5","content":[],"usage":{"input_tokens":1,"output_tokens":1,"speed":"fast"}},"requestId":"r"'
	import >/dev/null
	expect_eq "told by the agent" "$(run_of old-cost cost_estimate)" 0.123457
	expect_eq "unknown is not nothing" "$(run_of unknown input_tokens cost_estimate)" "20 null"
	expect_eq "nobody's tokens" "$(run_of synthetic input_tokens output_tokens cost_estimate ai_model)" "1000007 7 4 claude-opus-5-5"
	expect_eq "an hour's cache" "$(run_of hours cache_write_tokens cost_estimate)" "1000000 6.2"
	expect_eq "a guess is none" "$(run_of guessed input_tokens cost_estimate)" "10 null"
	expect_eq "another price" "$(run_of fast input_tokens cost_estimate)" "1 null"
	cat >"$XDG_CONFIG_HOME/runwake/prices.json" <<-'PRICES'
		{"schema_version":1,"prices":[{"model":"gpt-9","from":"2025-01-01","input":1,"output":2,"cache_write_5m":0,"cache_write_1h":0,"cache_read":0}]}
	PRICES
	rm -r "$STATE/transcripts"
	import >/dev/null
	expect_eq "a price of one's own" "$(run_of unknown cost_estimate)" 0.00027
	expect_eq "where the agent guessed" "$(run_of guessed cost_estimate)" 3e-05
	echo '{"schema_version":1,"prices":[{"model":"x","from":"soon"}]}' >"$XDG_CONFIG_HOME/runwake/prices.json"
	expect_exit 2 import
	expect_match "says where" "$(cat "$T/err")" "prices.json: row 1 of prices: 'from': a row says from which day it holds"
	rm "$XDG_CONFIG_HOME/runwake/prices.json"
}

a_worktree_is_found()
{
	wired_repo "$T/r"
	git -C "$T/r" remote add origin https://user:token@example.org/r.git
	git -C "$T/r" worktree add -q "$T/r/.claude/worktrees/x" -b worktree-x
	mkdir "$T/r/.claude/worktrees/x/deep"
	session in-worktree
	CWD=$T/r/.claude/worktrees/x/deep prompt "Here"
	CWD=$T/r/.claude/worktrees/x/deep answer w1 "Yes." 1 1 0 0
	session in-nothing
	CWD=/gone/for/good prompt "There"
	import >/dev/null
	expect_eq place "$(run_of in-worktree workspace_path git_repo git_branch initial_commit_hash)" "$T/r/.claude/worktrees/x https://example.org/r.git main null"
	expect_eq "registered" "$(in_store "select count(*) from workflow_runs where agent_session_id = 'in-worktree' and repository_id is not null and not wants_claim")" 1
	expect_eq "gone" "$(run_of in-nothing workspace_path git_repo)" "/gone/for/good null"
}

hostile_lines_lose_nothing()
{
	local deep
	deep=$(printf '%*s' 100000 '' | tr ' ' '[')$(printf '%*s' 100000 '' | tr ' ' ']')
	session hostile
	prompt 'a\u0000b \ud800 lone \udc00\ud83d\ude00'
	line assistant '"message":{"id":"h1","model":"claude-opus-5-5","content":[{"type":"text","text":"nul \u0000, half \ud83d, \u00e9"}],"usage":{"input_tokens":1,"output_tokens":1}},"requestId":"r"'
	raw '{"type":"assistant","message":{"id":"h2","model":"m","usage":{"input_tokens":99999999999999999999}},"timestamp":"2026-01-01T00:00:00Z","uuid":"x"}'
	raw '{"type":"assistant","message":{"id":"h3","model":"m","usage":{"input_tokens":1e300}},"timestamp":"2026-01-01T00:00:00Z","uuid":"x"}'
	raw '{"type":"assistant","message":{"id":"h4","model":"m","usage":{"input_tokens":-1}},"timestamp":"2026-01-01T00:00:00Z","uuid":"x"}'
	raw '{"type":"assistant","message":{"id":"h5","model":"m","usage":{"input_tokens":1}}}'
	raw '{"type":"assistant","message":{"id":"h6","model":"m","usage":{"input_tokens":1}},"timestamp":"yesterday"}'
	raw 'no JSON'
	raw '{"type":"assistant","message":{"id":"h7"'
	raw '[1,2,3]'
	raw '{"no":"type"}'
	raw '{"type":"nobody-knows","x":1}'
	raw ''
	line user "\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":$deep}]}"
	{
		printf '{"type":"user","message":{"role":"user","content":"'
		head -c 100000000 /dev/zero | tr '\0' x
		printf '"},"timestamp":"2026-01-01T00:00:00Z"}\n'
	} >>"$FILE"
	raw '{ "requestId" : "r2" , "timestamp":"2026-01-01T10:00:00Z",
'
	raw '	{ "message" : { "usage" : { "output_tokens" : 20 , "input_tokens" : 10 } , "model" : "claude-opus-5-5", "id" : "h8", "content" : [ { "text" : "pretty" , "type" : "text" } ] } , "timestamp" : "2026-01-01T10:00:00Z", "type" : "assistant" , "type" : "assistant" }	'
	import --json >"$T/hostile"
	expect_json "counted" "$(cat "$T/hostile")" '[.unreadable_lines, .too_long_lines] | join(" ")' "10 1"
	expect_eq run "$(run_of hostile status input_tokens output_tokens task_input)" "completed 11 21 a�b � lone �😀"
	expect_eq result "$(run_of hostile result)" "pretty"
	rm "$FILE"
}

names_that_are_no_sessions_are_left_alone()
{
	mkdir -p "$PROJECTS/-x/dir.jsonl"
	echo '{}' >"$PROJECTS/-x/a b.jsonl"
	mkfifo "$PROJECTS/-x/fifo.jsonl"
	ln -s /dev/zero "$PROJECTS/-x/zero.jsonl"
	echo '{"type":"summary","summary":"no run","leafUuid":"x"}' >"$PROJECTS/-x/only-summary.jsonl"
	expect_json "nothing" "$(import --json)" '[.runs, .failed] | join(" ")' "0 0"
	expect_eq "no run" "$(run_of only-summary run_id)" ""
	rm -r "$PROJECTS/-x"
}

write_store() # SQL
{
	if [ "$STORE" = sqlite ]; then
		sqlite "$STATE/runwake.db" "$1"
	else
		postgres "$1"
	fi
}

a_recorded_run_is_not_doubled()
{
	local wrapped at
	new_repo "$T/wrapped"
	cd "$T/wrapped"
	runwake start --run-id wrapped-1 --workflow fix --task "By an orchestrator" >/dev/null
	at=$(date +%s)
	runwake finish >/dev/null
	# What a wrapper reports of the agent's session.
	wrapped=$(in_store "select id from workflow_runs where run_id = 'wrapped-1'")
	write_store "insert into workflow_run_reports (workflow_run_id, source, source_rank, event_id, at, agent_session_id)
		values ('$wrapped', 'stream', 1, '$wrapped', '2026-01-01T00:00:00.000000Z', 'wrapped-session');
		update workflow_runs set agent_session_id = 'wrapped-session' where id = '$wrapped'"
	session wrapped-session
	CLOCK=$((at - 10))
	prompt "By an orchestrator"
	CLOCK=$((at - 10))
	answer wr1 "Fixed." 10 10 0 0
	cost_state 0.25 10 10 0 0
	import >/dev/null
	expect_eq "one run" "$(run_of wrapped-session run_id workflow_name output_tokens cost_estimate task_input)" \
		"wrapped-1 fix 10 0.25 By an orchestrator"
	# The session goes on a day later, by itself.
	CLOCK=$((at + 86400))
	prompt "Alone"
	answer wr2 "Alone." 5 5 0 0
	import >/dev/null
	expect_eq "a run of its own" "$(run_of wrapped-session task_input output_tokens | paste -sd '|')" "By an orchestrator 10|Alone 5"
}

options_narrow()
{
	mkdir -p "$T/elsewhere/projects/-p"
	PROJECTS=$T/elsewhere/projects session elsewhere -p
	FILE=$T/elsewhere/projects/-p/elsewhere.jsonl
	prompt "Elsewhere"
	answer e1 "x" 1 1 0 0
	expect_match dry "$(import --dir "$T/elsewhere" --dry-run)" "^would have recorded 1 runs"
	expect_eq "recorded nothing" "$(run_of elsewhere run_id)" ""
	touch -d '10 days ago' "$FILE"
	expect_match since "$(import --dir "$T/elsewhere" --since 2d)" "^recorded 0 runs"
	expect_match all "$(import --dir "$T/elsewhere/projects" --since 2026-01-01)" "^recorded 1 runs"
	expect_exit 4 import --dir "$T/nowhere"
	expect_match "a mend" "$(import --dir "$T/nowhere" 2>&1)" "no transcripts of Claude Code at .*--dir"
	expect_exit 2 import --since soon
	expect_exit 2 runwake import copilot
	expect_exit 2 runwake import
	HOME=$T/elsewhere CLAUDE_CONFIG_DIR='' expect_exit 4 import
}

sums()
{
	runwake stats --json | jq -c '.total | [.runs, .input_tokens, .output_tokens, .cache_read_tokens, .cache_write_tokens]'
}

more_cursors_than() # COUNT PID
{
	! kill -0 "$2" 2>/dev/null || [ "$(find "$STATE/transcripts" -type f 2>/dev/null | wc -l)" -gt "$1" ]
}

# Killed whenever it has got further, and in the middle of whatever it does then.
killed_anywhere_it_goes_on()
{
	local before pid n=0
	before=$(sums)
	export CLAUDE_CONFIG_DIR=$T/many
	mkdir "$T/many"
	"$BUILD/tests/bench/transcripts" "$T/many/projects" 60 13 >"$T/right"
	rm -rf "$STATE/transcripts"
	for n in 0 70 140; do
		runwake import claude >/dev/null 2>&1 &
		pid=$!
		wait_until 60 more_cursors_than "$n" "$pid"
		kill -9 "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	import >/dev/null
	jq -c --argjson before "$before" '[.sessions, .input_tokens, .output_tokens, .cache_read_tokens, .cache_write_tokens] |
		[., $before] | transpose | map(add)' "$T/right" >"$T/expected"
	sums >"$T/sums"
	expect_same sums "$T/sums" "$T/expected"
	expect_json "all of it" "$(import --json)" '[.runs, .runs_known, .sessions] | join(" ")' "0 0 0"
}

t "a session is a run" a_session_is_a_run
t "importing twice changes nothing" importing_twice_changes_nothing
t "a grown session is read on" a_grown_session_is_read_on
t "a replaced file is read again" a_replaced_file_is_read_again
t "a resumed session is several runs" a_resumed_session_is_several_runs
t "a fork counts once" a_fork_counts_once
t "ends are told apart" ends_are_told_apart
t "one that goes on is not ended" one_that_goes_on_is_not_ended
t "one at work is not ended" one_at_work_is_not_ended
t "what people did is told" what_people_did_is_told
t "subagents count" subagents_count
t "compaction is paid for" compaction_is_paid_for
t "answers are counted once" answers_are_counted_once
t "costs are known or unknown" costs_are_known_or_unknown
t "a worktree is found" a_worktree_is_found
t "hostile lines lose nothing" hostile_lines_lose_nothing
t "names that are no sessions are left alone" names_that_are_no_sessions_are_left_alone
t "a recorded run is not doubled" a_recorded_run_is_not_doubled
t "options narrow" options_narrow
t "killed anywhere, it goes on" killed_anywhere_it_goes_on
end_tests
