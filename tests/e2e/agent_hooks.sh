#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The hook of Claude Code: which run each session is, how it ends, and what is told of it, in every order.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/agent_hooks.bash
. "$(dirname "$0")/agent_hooks.bash"

in_repo() # a new one, for the test that calls this
{
	needs jq
	wired_repo "$T/${FUNCNAME[1]}"
	cd "$T/${FUNCNAME[1]}"
	DIR=$PWD
	ENV_FILE=
}

a_session_is_a_run()
{
	local run
	in_repo
	at one
	ENV_FILE=$T/env
	hook SessionStart 'source: "startup", model: "claude-opus-5-5", session_title: "login"'
	prompted p1 "Mend the login with ghp_0123456789abcdefghijABCDEFGHIJ012345"
	expect_match "environment" "$(cat "$T/env")" '^export RUNWAKE_RUN_ID=[0-9a-f-]{36}$'
	echo new >src.c
	used u1 Write "$PWD/src.c"
	hook PermissionRequest 'tool_name: "Bash", tool_input: {command: "SECRET command"}'
	git add src.c
	(
		# shellcheck disable=SC1091
		. "$T/env"
		git commit -q -m "By the agent"
	)
	used u2 Bash
	hook PermissionDenied 'tool_name: "Bash", tool_use_id: "u3", tool_input: {command: "SECRET"}, reason: "no"'
	echo more >>src.c
	used u4 Edit src.c
	answered "Mended."
	hook SessionEnd 'reason: "other"'
	run=$(run_of one)
	expect_eq row "$(rows one status result error_message agent_type ai_model session_name workflow_name git_branch workspace_path git_repo parent_run_id)" \
		"completed|Mended.|-|claude-code|claude-opus-5-5|login|unknown|main|$PWD|$PWD|-"
	expect_eq task "$(rows one task_input)" "Mend the login with [redacted]"
	expect_eq process "$(rows one agent_pid)" "$CLIENT"
	expect_eq commits "$(runwake show "$run" --json | jq -r '.commits | map(.subject + " " + .evidence) | join(",")')" "By the agent env"
	expect_eq head "$(rows one final_commit_hash)" "$(git rev-parse HEAD)"
	expect_eq uncommitted "$(rows one uncommitted_added_lines uncommitted_files_changed)" "1|1"
	expect_eq tools "$(tools_of "$run")" "Write used src.c,Bash asked,Bash used,Bash denied,Edit used src.c"
	expect_match "log" "$(runwake log "$run")" "Write +used +src.c.*Edit +used +src.c"
	expect_eq claim "$(in_store "select count(*) from workflow_runs where wants_claim")" 0
	expect_eq "active runs" "$(find "$STATE/runs" -mindepth 1)" ""
	expect_eq "modes" "$(find "$STATE/sessions" -printf '%m %y\n' | sort | paste -sd ,)" "600 f,700 d"
	! grep -rq SECRET "$STATE" || fail "what a tool was given or gave is in $(grep -rl SECRET "$STATE")"
	! grep -rq 'ghp_0123' "$STATE" || fail "a secret is in $(grep -rl ghp_0123 "$STATE")"
}

edits_are_recorded_without_a_watcher()
{
	in_repo
	at edits
	hook SessionStart 'source: "startup"'
	runwake record
	echo one >a.c
	echo ignored >.gitignore
	echo x >ignored
	used u1 Write "$PWD/a.c"
	used u2 Write "$PWD/ignored"
	used u3 Write "$PWD/../outside.c"
	used u4 mcp__x__Write "$PWD/README"
	expect_eq states "$(in_store "select files_changed || ' ' || untracked_files || ' ' || added_lines from workflow_edits
	    where reason = 'settled' and root = '$PWD'")" "0 1 1"
	expect_eq run "$(in_store "select distinct r.run_id from workflow_edits e join workflow_runs r on r.id = e.workflow_run_id
	    where root = '$PWD'")" "$(run_of edits)"
	expect_eq tools "$(tools_of "$(run_of edits)")" \
		"Write used a.c,Write used ignored,Write used $PWD/../outside.c,mcp__x__Write used"
	hook SessionEnd
}

ends_as() # NAME STATUS ERROR; what came before is told
{
	hook SessionEnd 'reason: "other"'
	expect_eq "$1" "$(rows "$1" status error_message)" "$2|$3"
}

how_it_ends()
{
	in_repo
	at quiet
	hook SessionStart 'source: "startup"'
	ends_as quiet completed -
	at error
	hook SessionStart 'source: "startup"'
	prompted e1 "Do it"
	hook StopFailure 'error: "invalid_request", error_details: "API Error: 400", last_assistant_message: "x"'
	ends_as error failed "API Error: 400"
	at mended
	hook SessionStart 'source: "startup"'
	prompted m1 "Do it"
	hook StopFailure 'error: "overloaded"'
	prompted m2 "Again"
	answered "Done"
	ends_as mended completed -
	expect_eq said "$(said_in "$(run_of mended)")" "prompt Do it,prompt Again"
	at middle
	hook SessionStart 'source: "startup"'
	prompted i1 "Do it"
	used i2 Bash
	ends_as middle killed "the agent ended in the middle of a turn"
}

# The client as a process of its own, which calls its hooks and then waits.
a_client() # PIPE
{
	bash -c '. "$0/tests/e2e/agent_hooks.bash"; fail() { echo "$*" >&2; exit 1; }; T=$1 CLIENT=$$ DIR=$PWD
		at killed; hook SessionStart "source: \"startup\""; prompted k1 "Do it"; echo $$ >"$T/client"; read -r _ <"$2"' \
		"$ROOT" "$T" "$1" &
}

killed()
{
	in_repo
	mkfifo "$T/pipe"
	export PREFIX
	a_client "$T/pipe"
	wait_until 60 test -s "$T/client"
	expect_eq "before" "$(rows killed status)" running
	kill -9 "$(cat "$T/client")"
	is_failed() { [ "$(rows killed status)" = failed ]; }
	with_watcher wait_until 60 is_failed
	expect_match error "$(rows killed error_message)" "^process $(cat "$T/client") .*is gone without a word$"
	expect_eq "active runs" "$(find "$STATE/runs" -mindepth 1)" ""
	# Its transcript tells no end either, so what is resumed is the same opening; what it says itself outranks.
	at killed
	hook SessionStart 'source: "resume"'
	answered "After all"
	hook SessionEnd
	expect_eq row "$(rows killed status result)" "completed|After all"
}

resumed()
{
	in_repo
	# shellcheck source=tests/e2e/transcripts.bash
	. "$ROOT/tests/e2e/transcripts.bash"
	session again
	at again
	# shellcheck disable=SC2153
	TRANSCRIPT=$FILE
	hook SessionStart 'source: "startup"'
	prompt "One"
	prompted r1 "One"
	answer a1 "First" 1 2 3 4
	answered "First"
	hook SessionStart 'source: "compact"'
	cost_state 0.1 1 2 3 4
	hook SessionEnd 'reason: "other"'
	# From another directory: the client names a file that is not there, and goes on in the one that is.
	TRANSCRIPT=$PROJECTS/-another-directory/again.jsonl
	hook SessionStart 'source: "resume"'
	prompted r2 "Two"
	prompt "Two"
	answer a2 "Second" 1 2 3 4
	answered "Second"
	cost_state 0.2 2 4 6 8
	hook SessionEnd 'reason: "other"'
	. "$ROOT/tests/e2e/agent_hooks.bash"
	expect_eq rows "$(rows again status task_input result | paste -sd ,)" "completed|One|First,completed|Two|Second"
	expect_eq parent "$(rows again parent_run_id | paste -sd ,)" "-,$(run_of again)"
	expect_eq conversation "$(rows again session_id | sort -u | wc -l)" 1
	expect_eq tokens "$(rows again input_tokens output_tokens | paste -sd ,)" "1|2,1|2"
	rm -rf "$STATE/transcripts" "$STATE/sessions" # what was read while it went on is read again
	expect_match "the import names the same" "$(runwake import claude)" '^recorded 0 runs, added to 2;'
}

new_ones()
{
	in_repo
	at before
	hook SessionStart 'source: "startup"'
	hook SessionEnd 'reason: "clear"'
	at after
	hook SessionStart 'source: "clear"'
	at forked
	hook SessionStart 'source: "fork"'
	expect_eq "before" "$(rows before status)" completed
	expect_eq "after /clear" "$(rows after status parent_run_id)" "running|-"
	expect_eq "a fork" "$(rows forked status parent_run_id)" "running|-"
	# Two in one worktree, and neither is in the way of a run that somebody starts.
	runwake start --run-id beside >/dev/null
	runwake finish >/dev/null
	hook SessionEnd
	at after
	hook SessionEnd
	expect_eq "both" "$(rows after status)$(rows forked status)" completedcompleted
}

installed_in_mid_session()
{
	in_repo
	at middle-of
	used u1 Bash
	answered "Done"
	expect_eq row "$(rows middle-of status)" running
	expect_eq tools "$(tools_of "$(run_of middle-of)")" "Bash used"
	hook SessionEnd
	expect_eq row "$(rows middle-of status result)" "completed|Done"
}

in_worktrees()
{
	in_repo
	git worktree add -q "$T/linked" -b linked
	at inside "$T/linked"
	mkdir "$T/linked/sub"
	DIR=$T/linked/sub
	hook SessionStart 'source: "startup"'
	expect_eq row "$(rows inside workspace_path git_branch git_repo)" "$T/linked|linked|$PWD"
	echo x >"$T/linked/in-linked"
	echo x >in-main
	used u1 Write "$T/linked/in-linked"
	used u2 Write "$PWD/in-main"
	expect_eq edits "$(in_store "select root from workflow_edits where untracked_files = 1 and root in ('$PWD', '$T/linked')
	    order by 1" | paste -sd ,)" "$PWD,$T/linked"
	# The agent goes where nothing is recorded; its session goes on.
	DIR=$T
	answered "Gone"
	hook SessionEnd
	expect_eq row "$(rows inside status result)" "completed|Gone"
}

wrapped()
{
	local run
	in_repo
	run=$(runwake start --run-id wrapped --task "The task" --workflow fix)
	export RUNWAKE_RUN_ID=$run
	ENV_FILE=$T/env-of-wrapped
	at outer
	hook SessionStart 'source: "startup"'
	prompted w1 "Do it"
	at nested
	hook SessionStart 'source: "startup"'
	prompted w2 "A program says this"
	used w3 Bash
	answered "To the program"
	hook SessionEnd
	at outer
	answered "To the person"
	hook SessionEnd
	[ ! -e "$ENV_FILE" ] || fail "a joined session has written $ENV_FILE"
	expect_eq "still running" "$(runwake show wrapped --json | jq -r '.run | [.status, .agent_session_id, .workflow_name] | join("|")')" \
		"running|outer|fix"
	expect_eq said "$(said_in wrapped)" "prompt Do it"
	expect_eq tools "$(tools_of wrapped)" "Bash used"
	unset RUNWAKE_RUN_ID
	runwake finish >/dev/null
	expect_eq result "$(runwake show wrapped --json | jq -r .run.result)" "To the person"
	expect_eq runs "$(in_store "select count(*) from workflow_runs where agent_session_id in ('outer', 'nested')")" 1
	expect_eq "active runs" "$(find "$STATE/runs" -mindepth 1)" ""
	# What a terminal keeps of a run that is over is nobody's.
	RUNWAKE_RUN_ID=wrapped
	export RUNWAKE_RUN_ID
	at alone
	hook SessionStart 'source: "startup"'
	hook SessionEnd
	expect_eq "one of its own" "$(rows alone status)" completed
	unset RUNWAKE_RUN_ID
}

nested_unwrapped()
{
	in_repo
	at mother
	hook SessionStart 'source: "startup"'
	prompted n1 "Ask another"
	RUNWAKE_RUN_ID=$(run_of mother)
	export RUNWAKE_RUN_ID
	at child
	hook SessionStart 'source: "startup"'
	prompted n2 "A program says this"
	answered "To the program"
	hook SessionEnd
	unset RUNWAKE_RUN_ID
	at mother
	used n3 Read "" 'agent_id: "sub-1", agent_type: "Explore"'
	hook SubagentStop 'agent_id: "sub-1", last_assistant_message: "Of the subagent"'
	answered "To the person"
	hook SessionEnd
	expect_eq row "$(rows mother status result)" "completed|To the person"
	expect_eq child "$(rows child status)" ""
	expect_eq said "$(said_in "$(run_of mother)")" "prompt Ask another"
	expect_eq subagent "$(runwake log "$(run_of mother)" --json | jq -r '.tool_uses | map(.tool + " " + .agent_id) | join(",")')" "Read sub-1"
}

# Each is told again in another order, then backwards: what is recorded stays as it is.
twice_in_any_order()
{
	local -a payloads=() words
	local i
	in_repo
	at twice
	keep() { payload "$@" >"$T/kept.${#payloads[@]}"; payloads+=("$T/kept.${#payloads[@]}"); told <"${payloads[-1]}"; }
	keep SessionStart 'source: "startup"'
	keep UserPromptSubmit 'prompt_id: "t1", prompt: "One"'
	keep PermissionRequest 'prompt_id: "t1", tool_name: "Bash", tool_input: {command: "a"}'
	keep PermissionRequest 'prompt_id: "t1", tool_name: "Bash", tool_input: {command: "b"}'
	keep PostToolUse 'tool_use_id: "x1", tool_name: "Bash", tool_input: {command: "a"}'
	keep PermissionDenied 'tool_use_id: "x2", tool_name: "Bash", tool_input: {command: "b"}'
	keep Stop 'last_assistant_message: "First"'
	keep UserPromptSubmit 'prompt_id: "t2", prompt: "Two"'
	keep Stop 'last_assistant_message: "Second"'
	keep SessionEnd 'reason: "other"'
	everything_recorded >"$T/once"
	grep -q 'completed|One|Second' "$T/once" || fail "$(cat "$T/once")"
	expect_eq "tool uses" "$(in_store "select count(*) from workflow_tool_uses u join workflow_runs r on r.id = u.workflow_run_id
	    where r.agent_session_id = 'twice'")" 4
	mapfile -t words < <(printf '%s\n' "${payloads[@]}" | shuf --random-source=<(yes 7))
	for i in "${words[@]}" "${payloads[@]}" $(printf '%s\n' "${payloads[@]}" | tac); do told <"$i"; done
	everything_recorded >"$T/again"
	expect_same "what is recorded" "$T/again" "$T/once"
}

hostile()
{
	local text
	in_repo
	at hostile
	everything_recorded >"$T/before"
	for text in '' ' ' '{' '[]' 'null' '"SessionStart"' '{}' '{"hook_event_name":1}' '{"hook_event_name":"SessionStart"}' \
	    "{\"hook_event_name\":\"SessionStart\",\"session_id\":\"\",\"cwd\":\"$PWD\"}" \
	    "{\"hook_event_name\":\"SessionStart\",\"session_id\":\"$(printf '%0300d' 0)\",\"cwd\":\"$PWD\"}" \
	    "{\"hook_event_name\":\"SessionStart\",\"session_id\":\"s\",\"cwd\":\"relative\"}" \
	    "{\"hook_event_name\":\"SessionStart\",\"session_id\":\"s\",\"cwd\":[\"$PWD\"]}" \
	    "{\"hook_event_name\":\"SessionStart\",\"session_id\":\"s\",\"cwd\":\"$PWD/nowhere/at/all\\u0000\"}" \
	    "{\"hook_event_name\":\"PreToolUse\",\"session_id\":\"s\",\"cwd\":\"$PWD\"}" \
	    "{\"hook_event_name\":\"sessionstart\",\"session_id\":\"s\",\"cwd\":\"$PWD\"}"; do
		told <<<"$text"
	done
	told </dev/null
	told <"$HOOK"
	everything_recorded >"$T/after"
	expect_same "nothing is recorded of these" "$T/after" "$T/before"
	at '../../../"; drop table workflow_runs; --'
	TRANSCRIPT=/dev/zero
	hook SessionStart 'source: "resume"'
	used $'\x1b[31mred' $'a\nb' $'/../../etc/pass\x01wd'
	hook PostToolUse 'tool_name: "Write", tool_input: "text", tool_use_id: 7'
	hook PostToolUse 'tool_name: {}, tool_input: []'
	answered "x"
	TRANSCRIPT=
	hook SessionEnd
	expect_eq row "$(rows "$NAME" status)" completed
	runwake log "$(run_of "$NAME")" >"$T/log"
	! grep -q $'\x1b' "$T/log" || fail "raw bytes reach the terminal"
	expect_eq "files" "$(find "$STATE/sessions" -mindepth 1 -not -name '[0-9a-f]*.json')" ""
}

more_than_it_takes()
{
	local status=0
	in_repo
	at large
	hook SessionStart 'source: "startup"'
	# Ten megabytes are read, twenty are let go; neither writer gets an EPIPE.
	{ payload PostToolUse 'tool_name: "Bash", tool_use_id: "l1"' | sed '$d'; printf ',"tool_response":"'
		head -c 10000000 /dev/zero | tr '\0' x; printf '"}'; } | told || status=$?
	expect_eq "ten" "$status" 0
	(set -o pipefail; head -c 20000000 /dev/zero | told) || status=$?
	expect_eq "twenty" "$status" 0
	expect_match "said" "$(cat "$T/hook.err")" 'more than 16777216 bytes'
	answered "Done"
	expect_eq tools "$(tools_of "$(run_of large)")" "Bash used"
	hook SessionEnd
}

# Its entry as it would be had the session begun a minute before.
a_minute_passes() # FILE
{
	python3 -c '
import json, sys, zlib, datetime
text = json.loads(open(sys.argv[1]).read())
text.pop("sum")
for key in ("begun_at", "heartbeat_at"):
    if key in text:
        at = datetime.datetime.strptime(text[key], "%Y-%m-%dT%H:%M:%S.%fZ") - datetime.timedelta(seconds=61)
        text[key] = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
text = json.dumps(text, separators=(",", ":"))[:-1]
open(sys.argv[1], "w").write(text + ",\"sum\":\"%08x\"}" % zlib.crc32(text.encode()))' "$1"
}

a_heart_beats()
{
	local file
	in_repo
	needs python3
	at beating
	hook SessionStart 'source: "startup"'
	used h1 Bash
	beats() { in_store "select count(*) from workflow_events where type = 'heartbeat'"; }
	expect_eq "before" "$(beats)" 0
	for file in "$STATE"/sessions/*; do
		grep -q '"session":"beating"' "$file" && break
	done
	a_minute_passes "$file"
	used h2 Bash
	used h3 Bash
	hook SubagentStop
	expect_eq "once" "$(beats)" 1
	a_minute_passes "$file"
	hook PermissionRequest 'tool_name: "Bash"'
	expect_eq "again" "$(beats)" 2
	[ "$(rows beating last_heartbeat_at)" != - ] || fail "the run has no heartbeat"
	hook SessionEnd
}

failing()
{
	in_repo
	at failing
	hook SessionStart 'source: "startup"'
	is_told() { payload "$@" | told; }
	# Its entry is damaged, then something else, then cannot be written: the session goes on, under the same name.
	for file in "$STATE"/sessions/*; do
		grep -q '"session":"failing"' "$file" && break
	done
	echo torn >"$file"
	is_told Stop 'last_assistant_message: "One"'
	rm "$file"
	mkdir "$file"
	is_told Stop 'last_assistant_message: "Two"'
	expect_match "said" "$(cat "$T/hook.err")" '^runwake: .*is not affected'
	is_told Stop
	expect_eq "said once" "$(cat "$T/hook.err")" ""
	rmdir "$file"
	echo '{' >.runwake
	is_told Stop 'last_assistant_message: "Three"'
	rm .runwake
	(
		export XDG_STATE_HOME=/proc/nowhere
		is_told SessionStart 'source: "startup"'
		is_told UserPromptSubmit 'prompt_id: "f1", prompt: "x"'
		export HOME=relative
		is_told UserPromptSubmit 'prompt_id: "f1", prompt: "x"'
	)
	printf '[runwake\n' >>"$XDG_CONFIG_HOME/runwake/config"
	is_told UserPromptSubmit 'prompt_id: "f2", prompt: "x"'
	write_settings
	mv .git/HEAD .git/HEAD.away
	is_told Stop 'last_assistant_message: "Four"'
	mv .git/HEAD.away .git/HEAD
	answered "Five"
	hook SessionEnd
	expect_eq row "$(rows failing status result)" "completed|Five"
	payload Stop >"$T/payload"
	"$HOOK" <&- >"$T/hook.out" 2>&1
	"$HOOK" <"$T" >"$T/hook.out" 2>&1
	"$HOOK" <"$T/payload" >&- 2>&-
}

elsewhere()
{
	needs jq
	new_repo "$T/unregistered"
	at nowhere "$T/unregistered"
	hook SessionStart 'source: "startup"'
	mkdir "$T/plain"
	DIR=$T/plain
	hook SessionStart 'source: "startup"'
	git init -q --bare "$T/bare"
	runwake install "$T/bare" >/dev/null
	DIR=$T/bare
	hook SessionStart 'source: "startup"'
	DIR=$T/gone
	hook SessionStart 'source: "startup"'
	expect_eq "rows" "$(rows nowhere status)" ""
	expect_eq "left there" "$(find "$T/unregistered/.git" "$T/plain" -name 'runwake*')" ""
}

environment_files()
{
	in_repo
	at exports
	ENV_FILE=$T/exports
	printf 'export OTHER=1' >"$T/exports"
	hook SessionStart 'source: "startup"'
	hook SessionStart 'source: "compact"'
	expect_eq "once, on a line of its own" "$(cat "$T/exports")" "$(printf 'export OTHER=1\nexport RUNWAKE_RUN_ID=%s' "$(answered x && run_of exports)")"
	ln -s "$T/aim" "$T/link"
	mkdir "$T/dir"
	for ENV_FILE in "$T/link" "$T/dir" relative /dev/full; do
		payload SessionStart 'source: "compact"' | told
	done
	[ ! -e "$T/aim" ] && [ ! -e relative ] || fail "it has written through a link, or into its own directory"
	ENV_FILE=
	hook SessionEnd
	expect_eq row "$(rows exports status)" completed
}

# What waits for the agent's session is told where the run is ended by hand; of one whose session is not known nothing is.
messages_wait_at_the_end()
{
	local run
	in_repo
	at waits
	hook SessionStart 'source: "startup"'
	run=$(run_of waits)
	runwake say "$run" "Use RS256" >/dev/null
	runwake finish "$run" 2>"$T/note" >"$T/out"
	expect_eq out "$(cat "$T/out")" ""
	expect_match one "$(cat "$T/note")" "1 message waits for it: runwake resume $run"
	runwake start --run-id unknown -w fix --task t >/dev/null
	runwake say unknown "Use RS256" >/dev/null
	runwake finish unknown 2>"$T/note"
	! grep -q wait "$T/note" || fail "nobody can resume it: $(cat "$T/note")"
}

t "a session is a run" a_session_is_a_run
t "edits are recorded without a watcher" edits_are_recorded_without_a_watcher
t "how it ends" how_it_ends
t "killed" killed
t "resumed" resumed
t "cleared, forked, two at once" new_ones
t "installed in mid-session" installed_in_mid_session
t "in worktrees" in_worktrees
t "wrapped" wrapped
t "nested in one that is not wrapped, and a subagent" nested_unwrapped
t "twice, in any order" twice_in_any_order
t "hostile payloads" hostile
t "more than it takes" more_than_it_takes
t "a heartbeat a minute" a_heart_beats
t "when something fails" failing
t "elsewhere" elsewhere
t "files for the environment" environment_files
t "messages that wait are told of at its end" messages_wait_at_the_end
end_tests
