#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What an agent prints, what its hooks are told and what it keeps: each way that a session of Claude Code can end, told by
# each of these sources alone and by all that go together, is the same run; and so it is in whatever order they are
# recorded, and twice. The sessions are made up.
#
# A case writes three things into $C: `stream` (what the agent prints), `payloads` (a line for each of its hooks) and
# `transcript`, with `cost` for the line that it adds when it ends; and says how it ends.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/transcripts.bash
. "$(dirname "$0")/transcripts.bash"

HOOK=$PREFIX/libexec/runwake/hooks/claude-code
STEP=0	# a made-up session happens in the second in which it is played
mkdir -p "$T/bin"

# Does everything that the client would do, in its order.
cat >"$T/bin/claude" <<'SH'
#!/usr/bin/env bash
hooks()
{
	[ -z "$WITH_HOOKS" ] || while read -r payload; do
		CLAUDE_PID=$$ CLAUDE_CODE_ENTRYPOINT=sdk-cli "$HOOK" <<<"$payload"
	done < <(grep "$@" '"hook_event_name":"SessionEnd"' "$C/payloads")
}
keep()
{
	[ -z "$KEPT" ] || { mkdir -p "${KEPT%/*}"; cat "$@" >>"$KEPT"; }
}
hooks -v
keep "$C/transcript.jsonl"
[ -z "$KEPT" ] || [ ! -d "$C/transcript" ] || cp -R "$C/transcript" "${KEPT%.jsonl}"
[ -z "$WITH_STREAM" ] || cat "$C/stream"
[ -z "$LOOKED" ] || runwake record
echo left >left.txt # after the last word, and before the end
hooks -e
[ ! -s "$C/cost" ] || keep "$C/cost"
read -r how number <"$C/end"
[ "$how" != signal ] || { trap - "$number"; kill "-$number" $$; }
exit "$number"
SH
chmod +x "$T/bin/claude"

# ---- what a session is made of --------------------------------------------------------------------
printed() # MEMBERS
{
	printf '{%s,"session_id":"%s"}\n' "$1" "$SESSION" >>"$C/stream"
}

told() # EVENT [MEMBERS]
{
	printf '{"session_id":"%s","transcript_path":"%s","cwd":"%s","hook_event_name":"%s"%s}\n' \
	    "$SESSION" "$KEPT" "$CWD" "$1" "${2:+,$2}" >>"$C/payloads"
}

begins() # PROMPT
{
	told SessionStart '"source":"startup"'
	printed "\"type\":\"system\",\"subtype\":\"init\",\"model\":\"$MODEL\",\"cwd\":\"$CWD\""
	asks "$1"
}

asks() # PROMPT
{
	local id=prompt-$SESSION-$LINE
	told UserPromptSubmit "\"prompt\":\"$1\",\"prompt_id\":\"$id\""
	prompt "$1"
}

# Two of the same are one more turn each.
answers() # ID TEXT; 100 tokens in, 20 out, 1000 read, 200 written: 2000 millionths
{
	answer "$SESSION-$1" "$2" 100 20 1000 200
}

uses() # ID TOOL USE; the same, and it waits for a tool
{
	tool_use "$SESSION-$1" "$2" "$3" 100 20 1000 200
}

result() # SUBTYPE IS_ERROR REASON TEXT TURNS [ANSWERS]
{
	local text="\"result\":\"$4\"" n=${6:-1}
	case $1 in success) ;; *) text="\"errors\":[\"$4\"]" ;; esac
	printed "\"type\":\"result\",\"subtype\":\"$1\",\"is_error\":$2,\"terminal_reason\":\"$3\",$text,\"num_turns\":$5,\"total_cost_usd\":$(dollars "$n"),\"modelUsage\":{\"$MODEL\":{\"inputTokens\":$((100 * n)),\"outputTokens\":$((20 * n)),\"cacheReadInputTokens\":$((1000 * n)),\"cacheCreationInputTokens\":$((200 * n)),\"costUSD\":$(dollars "$n")}}"
}

dollars() # ANSWERS
{
	printf '0.%03d' $((2 * $1))
}

leaves() # ANSWERS HOW NUMBER [REASON]; in order: its hook, then what all of it has cost
{
	told SessionEnd "\"reason\":\"${4:-other}\""
	FILE=$C/cost cost_state "$(dollars "$1")" $((100 * $1)) $((20 * $1)) $((1000 * $1)) $((200 * $1))
	echo "$2 $3" >"$C/end"
}

# ---- the cases: facts are what the client 2.1.330 was seen to do -------------------------------------
# Each sets STATUS, ERROR (a pattern; "" none), ANSWERS, RESULT and SAID (kinds of messages behind the task).
success()
{
	begins "Do it"
	answers m1 "Done."
	told Stop '"last_assistant_message":"Done."'
	result success false completed "Done." 1
	leaves 1 exit 0
	STATUS=completed ERROR='' ANSWERS=1 RESULT="Done." SAID=''
}

a_tool_is_denied()
{
	begins "Do it"
	uses m1 Bash "$USE"
	tool_result "$USE" '"permissionDecision":{"decision":"reject","source":"config"},"toolDenialKind":"permission-rule"'
	answers m2 "I may not."
	told Stop '"last_assistant_message":"I may not."'
	printed '"type":"system","subtype":"permission_denied","tool_name":"Bash","tool_use_id":"'"$USE"'"'
	result success false completed "I may not." 2 2
	leaves 2 exit 0
	STATUS=completed ERROR='' ANSWERS=2 RESULT="I may not." SAID=''
}

an_error_of_the_api() # of any status: 400, 529
{
	begins "Do it"
	api_error "API Error: 529 overloaded" 529
	told StopFailure '"error":"overloaded","last_assistant_message":"API Error: 529 overloaded"'
	result success true api_error "API Error: 529 overloaded" 1 0
	leaves 0 exit 1
	STATUS=failed ERROR='API Error: 529 overloaded' ANSWERS=0 RESULT='' SAID=''
}

too_many_turns()
{
	begins "Do it"
	uses m1 Bash "$USE"
	tool_result "$USE"
	line attachment '"attachment":{"type":"max_turns_reached","maxTurns":1}'
	result error_max_turns true max_turns "Reached maximum number of turns (1)" 2
	leaves 1 exit 1
	# Its hooks are told of no end of the turn.
	STATUS=failed ERROR='maximum number of turns' ANSWERS=1 RESULT='' SAID='' HOOKS_STATUS=killed
}

over_its_budget()
{
	begins "Do it"
	uses m1 Bash "$USE"
	tool_result "$USE"
	line attachment '"attachment":{"type":"budget_usd","used":0.002,"total":0.001,"remaining":0}'
	result error_max_budget_usd true budget_exhausted "Reached maximum budget (\$0.001)" 2
	leaves 1 exit 1
	STATUS=failed ERROR='budget' ANSWERS=1 RESULT='' SAID='' HOOKS_STATUS=killed
}

a_prompt_is_blocked() # by another hook; what it was does not come to the transcript as a prompt
{
	local blocked="UserPromptSubmit operation blocked by hook: no"
	told SessionStart '"source":"startup"'
	printed "\"type\":\"system\",\"subtype\":\"init\",\"model\":\"$MODEL\",\"cwd\":\"$CWD\""
	told UserPromptSubmit "\"prompt\":\"Do it\",\"prompt_id\":\"prompt-$SESSION\""
	line system "\"subtype\":\"informational\",\"content\":\"$blocked\",\"promptSubmitEnding\":{\"ending\":{\"kind\":\"blocked_by_hook\"},\"promptKept\":false}"
	printed "\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"$blocked\",\"num_turns\":0,\"total_cost_usd\":0,\"modelUsage\":{}"
	leaves 0 exit 0
	STATUS=failed ERROR='blocked by hook' ANSWERS=0 RESULT='' SAID='' HOOKS_STATUS=killed
	[ -n "$WITH_STREAM$WITH_HOOKS" ] || TASK=''
}

interrupted() # SIGINT: the client exits 0
{
	begins "Do it"
	uses m1 Bash "$USE"
	tool_result "$USE" '"toolDenialKind":"user-rejected","toolUseResult":"User rejected tool use"'
	interrupt "for tool use"
	result error_during_execution true aborted_tools "[ede_diagnostic] aborted" 2
	leaves 1 exit 0
	STATUS=killed ERROR='interrupted|in the middle of a turn|ede_diagnostic|before it answered' ANSWERS=1 RESULT='' SAID=interrupt
}

ended_by() # SIGNAL CODE; it has one of its own for it, and prints no result
{
	begins "Do it"
	uses m1 Bash "$USE"
	leaves 1 exit "$2"
	STATUS=killed ERROR="SIG$1|in the middle of a turn" ANSWERS=1 RESULT='' SAID='' PRINTED_ANSWERS=0
}

terminated()
{
	ended_by TERM 143
}

hung_up()
{
	ended_by HUP 129
}

in_a_linked_worktree()
{
	git worktree add -q "$CWD.linked"
	CWD=$CWD.linked
	cd "$CWD"
	success
}

killed_outright() # no word of its own, and no sum of the session: its answers are priced
{
	begins "Do it"
	uses m1 Bash "$USE"
	echo "signal KILL" >"$C/end"
	STATUS=killed ERROR='SIGKILL' ANSWERS=1 RESULT='' SAID='' PRINTED_ANSWERS=0 HOOKS_STATUS='running|failed|killed'
}

a_subagent_in_the_background() # two results; what it took is in the sum of the first
{
	local file=$FILE
	begins "Do it"
	uses m1 Agent "$USE"
	tool_result "$USE"
	subagent one
	answers a1 "Found it."
	FILE=$file
	told SubagentStop '"agent_id":"one","agent_type":"general-purpose","last_assistant_message":"Found it."'
	answers m2 "It is found."
	told Stop '"last_assistant_message":"It is found."'
	result success false completed "It waits." 1 3
	result success false completed "It is found." 1 3
	leaves 3 exit 0
	STATUS=completed ERROR='' ANSWERS=3 RESULT="It is found." SAID=''
}

compacted() # what that took is in the sum alone
{
	begins "Do it"
	answers m1 "Half done."
	line system '"subtype":"compact_boundary","compactMetadata":{"trigger":"auto","preTokens":9}'
	line user '"message":{"role":"user","content":"This session is being continued from a previous conversation."},"isCompactSummary":true'
	answers m2 "Done."
	told SessionStart '"source":"compact"'
	told Stop '"last_assistant_message":"Done."'
	result success false completed "Done." 2 3
	leaves 3 exit 0
	STATUS=completed ERROR='' ANSWERS=3 RESULT="Done." SAID=''
}

a_second_prompt_and_what_was_allowed() # at a terminal
{
	begins "Do it"
	uses m1 Bash "$USE"
	told PermissionRequest '"tool_name":"Bash","tool_input":{"command":"secret"}'
	tool_result "$USE" '"permissionDecision":{"decision":"accept","source":"user_temporary","grantScope":"once"}'
	told PostToolUse '"tool_name":"Bash","tool_use_id":"'"$USE"'","tool_input":{"command":"secret"},"tool_response":{"stdout":"secret"}'
	answers m2 "Half done."
	told Stop '"last_assistant_message":"Half done."'
	result success false completed "Half done." 2 2
	asks "Now the rest"
	printed "\"type\":\"system\",\"subtype\":\"init\",\"model\":\"$MODEL\",\"cwd\":\"$CWD\""
	answers m3 "All done."
	told Stop '"last_assistant_message":"All done."'
	result success false completed "All done." 1 3
	leaves 3 exit 0 prompt_input_exit
	STATUS=completed ERROR='' ANSWERS=3 RESULT="All done." SAID='granted prompt'
}

# ---- playing one ------------------------------------------------------------------------------------
play() # CASE SOURCES: S what it prints, and so wrapped; H its hooks; T what it keeps
{
	local sources=$2
	SESSION=$1-$2 USE=use-$1-$2
	C=$T/cases/$SESSION CWD=$T/repos/$SESSION
	mkdir -p "$C" "$T/repos"
	touch "$C/stream" "$C/payloads" "$C/transcript.jsonl" "$C/cost"
	wired_repo "$CWD"
	cd "$CWD"
	KEPT=$PROJECTS/-$SESSION/$SESSION.jsonl FILE=$C/transcript.jsonl LINE=0 CLOCK=$(date +%s) HOOKS_STATUS='' PRINTED_ANSWERS=''
	WITH_HOOKS='' WITH_STREAM='' TASK="Do it"
	[[ $sources != *H* ]] || WITH_HOOKS=yes
	[[ $sources != *S* ]] || WITH_STREAM=yes
	"$1"
	[[ $sources = *T* ]] || KEPT=''
	export C HOOK WITH_HOOKS WITH_STREAM KEPT LOOKED=${LOOKED:-}
	if [ -n "$WITH_STREAM" ]; then
		runwake run --run-id "run-$SESSION" -- "$T/bin/claude" -p "Do it" --output-format stream-json >"$C/printed" || :
		cmp "$C/stream" "$C/printed"
	else
		"$T/bin/claude" -p "Do it" >"$C/printed" || :
	fi
	# Where nothing else tells of the session, nobody knows that there is one.
	[ "$sources" != T ] || import >/dev/null
	runwake record
}

kinds_said() # RUN, by what they are and not by when: they are of one second
{
	sqlite "$STATE/runwake.db" "select kind from workflow_said where workflow_run_id =
	    (select id from workflow_runs where run_id = '$1') and id <> (select id from workflow_said f where f.workflow_run_id =
	    workflow_said.workflow_run_id and f.kind = 'prompt' order by at, id limit 1) order by kind" | paste -sd ' '
}

is_one_run() # CASE SOURCES
{
	local run said status tokens
	local -a expected
	play "$1" "$2"
	said=$SAID status=$STATUS
	run=$(run_of "$SESSION" run_id)
	expect_eq "runs of the session" "$(wc -w <<<"$run")" 1
	# Who has neither wrapped it nor read what it keeps knows of the end what its hooks were told.
	[[ $2 = *S* || ($2 = *T* && $1 != killed_outright) ]] || status=${HOOKS_STATUS:-$STATUS}
	expected=(".run.status | test(\"^($status)\$\")" true .run.agent_type claude-code .run.workspace_path "$CWD"
	    .run.task_input "$TASK" '.run.result // ""' "$RESULT")
	if [ -n "$ERROR" ] && [ "$status" = "$STATUS" ]; then
		expected+=(".run.error_message | test(\"$ERROR\")" true)
	elif [ -z "$ERROR" ]; then
		expected+=('.run.error_message // ""' "")
	fi
	tokens="$((100 * ANSWERS)) $((20 * ANSWERS)) $((1000 * ANSWERS)) $((200 * ANSWERS)) $((2000 * ANSWERS))"
	case $2$PRINTED_ANSWERS in
	H|H0|S0|SH0)	tokens="0 0 0 0 null" ;;	# no hook is told of any, and a stream only when a turn ends
	esac
	expected+=('.run | [.input_tokens, .output_tokens, .cache_read_tokens, .cache_write_tokens,
	    (if .cost_estimate then .cost_estimate * 1000000 | round else "null" end)] | join(" ")' "$tokens")
	[ "$2" = T ] || [[ $1$2 = killed_outrightH* ]] || expected+=(.run.uncommitted_untracked_files 1)
	[ "$2" = H ] || [ "$ANSWERS" -eq 0 ] || expected+=(.run.ai_model "$MODEL")
	runwake show "$run" --json >"$T/shown"
	expect_json "the run" "$(<"$T/shown")" "${expected[@]}"
	case $2 in
	*T*)	;;
	*H*)	said=$(grep -o prompt <<<"$SAID" || :) ;;
	*)	said='' ;;
	esac
	expect_eq "said" "$(kinds_said "$run")" "$(tr ' ' '\n' <<<"$said" | sort | paste -sd ' ')"
	! grep -qF '"secret"' <(cat "$T/shown"; runwake log "$run" --json)
}

# Whatever was told before is recorded and looked at, so that the last look alone finds what is left.
after_the_last_look()
{
	after_a_look() { success; }
	LOOKED=yes is_one_run after_a_look HT
}

by_every_source() # CASE
{
	local sources
	for sources in S H T HT SHT; do
		echo "told by $sources:"
		is_one_run "$1" "$sources"
	done
}

# ---- in any order, and twice --------------------------------------------------------------------------
ledger_lines()
{
	sqlite "$STATE/runwake.db" "select json_object('v', 1, 'id', id, 'type', type, 'at', at, 'host', host, 'data', json(payload))
	    from workflow_events" | while read -r json; do
		printf '%s %s\n' "$(printf %s "$json" | gzip -c | tail -c 8 | od -An -tx4 -N4 --endian=little | tr -d ' ')" "$json"
	done
}

all_runs()
{
	runwake list --limit 0 --json | jq -S '.runs | sort_by(.run_id)'
	sqlite "$XDG_STATE_HOME/runwake/runwake.db" "select * from workflow_said order by id; select * from workflow_run_reports
	    order by workflow_run_id, source; select * from workflow_usage order by response_id, workflow_run_id;
	    select id, session_id, role, text_content, message_type, created_at from messages order by id"
}

in_any_order_and_twice()
{
	local seed
	all_runs >"$T/runs"
	expect_eq "runs" "$(grep -c '"run_id"' "$T/runs")" "$(find "$T/cases" -mindepth 1 -maxdepth 1 | wc -l)"
	ledger_lines >"$T/lines"
	for seed in 1 2 3; do
		export XDG_STATE_HOME=$T/replay-$seed
		mkdir -p "$XDG_STATE_HOME/runwake/spool/in"
		{ cat "$T/lines"; shuf -n 100 "$T/lines"; } |
			shuf --random-source=<(yes "$seed") >"$XDG_STATE_HOME/runwake/spool/in/replayed"
		runwake record
		all_runs >"$T/runs-$seed"
		diff "$T/runs" "$T/runs-$seed" >&2
	done
}

for case in success a_tool_is_denied an_error_of_the_api too_many_turns over_its_budget a_prompt_is_blocked \
	interrupted terminated hung_up killed_outright in_a_linked_worktree \
	a_subagent_in_the_background compacted a_second_prompt_and_what_was_allowed; do
	t "$case" by_every_source "$case"
done
t "what is left after the last look is the run's" after_the_last_look
t "in any order, and twice" in_any_order_and_twice
end_tests
