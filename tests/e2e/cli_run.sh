#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run: what passes, what is read of it, how it ends, and what is left when one or the other is killed.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

agent=$BUILD/tests/e2e/tool_agent
mkdir -p "$T/bin"
mkfifo "$T/gate"

fake() # NAME; the script comes on standard input
{
	{ printf '#!/bin/sh\n'; cat; } >"$T/bin/$1"
	chmod +x "$T/bin/$1"
}

in_repo() # a new one, for the test that calls this
{
	wired_repo "$T/${FUNCNAME[1]}"
	cd "$T/${FUNCNAME[1]}"
}

field() # RUN JQ-PATH
{
	runwake show "$1" --json | jq -r "$2"
}

json_stream=(--output-format stream-json)

# ---- the run itself -----------------------------------------------------------------------------
begins_before_the_command_and_ends_after_it()
{
	in_repo
	runwake run -w fix --task "Repair it" --session house --run-id whole -- sh -c '
		runwake show "$RUNWAKE_RUN_ID" --json >"$0"
		jq -r .pid "$1/runs/$RUNWAKE_RUN_ID/run.json" >"$0.pid"
		echo $$ >>"$0.pid"
		jq -r .run_id .runwake >"$0.marker"
		echo a >a; git add a; git commit -qm "Made inside"; echo left >b' "$T/inside" "$STATE"
	expect_json "meanwhile" "$(cat "$T/inside")" '.run | .status + " " + .workflow_name' "running fix"
	expect_eq "its process" "$(sort -u "$T/inside.pid" | wc -l)" 1
	expect_eq "its marker" "$(cat "$T/inside.marker")" whole
	expect_eq "afterwards" "$(field whole '.run | [.status, .task_input, .session_name, .exit_code, .exit_signal] | join("|")')" \
		"completed|Repair it|house|0|"
	expect_eq "commits" "$(field whole '.commits | map(.subject + " " + .evidence) | join(",")')" "Made inside env"
	expect_eq "final commit" "$(field whole .run.final_commit_hash)" "$(git rev-parse HEAD)"
	expect_eq "uncommitted" "$(field whole .run.uncommitted_untracked_files)" 1
	[ ! -e .runwake ] && [ ! -e "$STATE/runs/whole" ] && [ ! -e .git/runwake/claim ] || fail "something is left"
	rm b
}

passes_exit_codes_and_signals()
{
	local code number name
	in_repo
	for code in 0 1 7 124 125 127 255; do
		expect_eq "exit code" "$("$agent" status runwake run --run-id "code-$code" -- sh -c "exit $code")" "exit $code"
	done
	expect_eq "0" "$(field code-0 '.run | [.status, .exit_code] | join(" ")')" "completed 0"
	expect_eq "7" "$(field code-7 '.run | [.status, .exit_code, .error_message] | join(" ")')" "failed 7 the agent exited 7"
	for name in HUP INT QUIT ABRT KILL SEGV TERM USR1; do
		number=$(kill -l "$name")
		expect_eq "SIG$name" "$("$agent" status runwake run --run-id "sig-$name" -- sh -c "kill -$name \$\$")" "signal $number"
		expect_eq "SIG$name's row" "$(field "sig-$name" '.run | [.exit_signal, .exit_code, .error_message] | join("|")')" \
			"$number||the agent was ended by SIG$name"
	done
	expect_eq "a kill" "$(field sig-KILL .run.status)" killed
	expect_eq "a crash" "$(field sig-SEGV .run.status)" failed
}

its_own_failures()
{
	in_repo
	expect_exit 127 runwake run --run-id nothere -- "$T/nothing"
	expect_eq "what it says" "$(cat "$T/err")" "runwake: there is no command '$T/nothing'"
	expect_eq "its row" "$(field nothere '.run | [.status, .exit_code, .error_message] | join("|")')" \
		"failed|127|there is no command '$T/nothing'"
	expect_exit 126 runwake run --run-id directory -- "$T"
	expect_match "its row" "$(field directory '.run | .status + " " + .error_message')" "^failed cannot execute '$T': "
	expect_exit 125 runwake run -- # no command
	expect_exit 125 runwake run --no-such-option -- true
	expect_exit 125 runwake run true
	expect_match "the mend" "$(cat "$T/err")" "'--' is missing .* runwake run -- true"
	expect_exit 125 runwake run --agent cursor -- true
	expect_exit 125 runwake run --run-id '../x' -- touch "$T/must-not-run"
	runwake start --run-id holder >/dev/null
	expect_exit 125 runwake run -- touch "$T/must-not-run"
	expect_match "who holds it" "$(cat "$T/err")" 'run holder holds .*--replace$'
	runwake finish
	mv "$STATE/spool" "$T/spool-away"
	echo "in the way" >"$STATE/spool"
	expect_exit 125 runwake run --run-id unspooled -- touch "$T/must-not-run"
	rm "$STATE/spool"
	mv "$T/spool-away" "$STATE/spool"
	[ ! -e "$T/must-not-run" ] || fail "the command ran"
	[ ! -e .git/runwake/claim ] || fail "a claim is left"
}

replaces_and_is_replaced()
{
	in_repo
	runwake start --run-id before >/dev/null
	runwake run --replace --run-id replacing -- sh -c '
		runwake start --run-id intruder --replace >/dev/null; echo more >c'
	expect_eq "before" "$(field before .run.status)" killed
	# That it was replaced was a presumption; how its command ended is known.
	expect_eq "replacing" "$(field replacing .run.status)" completed
	expect_eq "whose place it is" "$(jq -r .run_id .runwake)" intruder
	[ -e .git/runwake/claim ] || fail "the intruder's claim is gone"
	expect_eq "what it left is not theirs" "$(field replacing '.run.uncommitted_untracked_files // 0')" 0
	runwake finish
	rm c
}

two_at_once()
{
	local first second
	in_repo
	git worktree add -q "$T/other"
	# Each waits for the other: so they are there at the same time.
	mkfifo "$T/ping" "$T/pong"
	runwake run --run-id left -- sh -c 'echo >"$0"; read _ <"$1"; git commit -q --allow-empty -m "of left"' "$T/ping" "$T/pong" &
	first=$!
	(cd "$T/other" && exec runwake run --run-id right -- sh -c 'read _ <"$0"; echo >"$1"; git commit -q --allow-empty -m "of right"' "$T/ping" "$T/pong") &
	second=$!
	wait "$first"
	wait "$second"
	expect_eq left "$(field left '.commits | map(.subject + " " + .evidence) | join(",")')" "of left env"
	expect_eq right "$(field right '.commits | map(.subject + " " + .evidence) | join(",")')" "of right env"
}

outside_of_git()
{
	mkdir -p "$T/plain"
	cd "$T/plain"
	runwake run --run-id plain -- sh -c 'test -f .runwake && echo said' >"$T/out"
	expect_eq "output" "$(cat "$T/out")" said
	expect_eq "row" "$(field plain '.run.status')" completed
	[ ! -e .runwake ] || fail "the marker is left"
}

arguments_are_not_recorded()
{
	in_repo
	fake claude <<<'exit 0'
	runwake run --run-id secretive -- sh -c 'exit 0' --api-key sk-hidden-1
	runwake run --run-id prompted -- "$T/bin/claude" --append-system-prompt hidden-2 -p "Say hello"
	runwake run --run-id told --task "Another" -- "$T/bin/claude" -p "Say hello"
	expect_eq "task of a prompt" "$(field prompted '.run | .task_input + "|" + .agent_type')" "Say hello|claude-code"
	expect_eq "task that was told" "$(field told .run.task_input)" Another
	expect_eq "no task" "$(field secretive '.run.task_input')" ""
	expect_eq "secrets kept" "$(grep -rlaE 'hidden-[12]' "$STATE" | wc -l)" 0
}

# ---- what passes --------------------------------------------------------------------------------
output_is_the_same_byte_for_byte()
{
	local seed
	in_repo
	for seed in 1 2 3; do
		"$agent" flood "$seed" 6000000 >"$T/expected"
		runwake run --agent claude -- "$agent" flood "$seed" 6000000 | cat >"$T/piped"
		cmp "$T/piped" "$T/expected"
		runwake run --agent codex -- "$agent" flood "$seed" 6000000 >"$T/filed"
		cmp "$T/filed" "$T/expected"
	done
	# A reader that takes a byte here and there.
	"$agent" flood 4 300000 >"$T/expected"
	runwake run --agent gemini -- "$agent" flood 4 300000 | dd bs=7 status=none >"$T/piped"
	cmp "$T/piped" "$T/expected"
	# Appended, and with input and errors beside it.
	echo before >"$T/appended"
	echo asked | runwake run --agent claude -- sh -c 'read word; echo "$word"; echo wrong >&2' >>"$T/appended" 2>"$T/errors"
	expect_eq "appended" "$(tr '\n' ' ' <"$T/appended")" "before asked "
	expect_eq "errors" "$(cat "$T/errors")" wrong
	expect_eq "closed" "$(runwake run --agent claude -- sh -c 'exec >&-; exit 4' || echo "$?")" 4
}

a_line_of_100_megabytes()
{
	local peak
	in_repo
	fake claude <<-SCRIPT
		"$agent" line 100000000
		grep -h VmHWM /proc/\$PPID/status >"$T/peak"
	SCRIPT
	"$agent" line 100000000 | sha256sum >"$T/expected"
	runwake run --run-id longline -- "$T/bin/claude" "${json_stream[@]}" | sha256sum >"$T/passed"
	expect_same "what passed" "$T/passed" "$T/expected"
	expect_eq "what was read" "$(field longline '.run | .status + " " + .result')" "completed after it"
	peak=$(tr -dc 0-9 <"$T/peak")
	[ "$peak" -lt 60000 ] || fail "run took $peak kB"
}

a_reader_that_goes()
{
	local status
	in_repo
	set +e
	runwake run --run-id unread --agent claude -- "$agent" flood 1 90000000 | head -c 1000 >"$T/head"
	status=${PIPESTATUS[0]}
	set -e
	expect_eq "as without us" "$status" 141
	expect_eq "row" "$(field unread '.run | [.exit_signal, .status] | join(" ")')" "13 failed"
	# One that has gone before anything was written.
	fake claude <<-SCRIPT
		read _ <"$T/gate"
		while :; do echo '{"type":"user"}'; done
	SCRIPT
	{ status=0; runwake run --run-id unread2 -- "$T/bin/claude" "${json_stream[@]}" || status=$?; echo "$status" >"$T/status"; } | : &
	echo >"$T/gate"
	wait_until 60 test -s "$T/status"
	expect_eq "as without us" "$(cat "$T/status")" 141
}

what_is_left_behind_still_writes()
{
	in_repo
	fake claude <<-SCRIPT
		(read _ <"$T/gate"; echo late) &
		echo early
	SCRIPT
	{ runwake run -- "$T/bin/claude" "${json_stream[@]}"; echo >"$T/gate"; } | cat >"$T/both"
	expect_eq "both" "$(tr '\n' ' ' <"$T/both")" "early late "
	wait_until 60 no_recorder_is_left
}

# ---- what is read -------------------------------------------------------------------------------
claude_result='{"usage":{"input_tokens":1},"type":"result","subtype":"success","is_error":false,"num_turns":2,"result":"Done \u0000","total_cost_usd":0.0573725,"modelUsage":{"claude-opus-5-5":{"inputTokens":10,"outputTokens":20,"cacheReadInputTokens":30,"cacheCreationInputTokens":40}},"terminal_reason":"completed","session_id":"c-1"}'

reads_claude()
{
	in_repo
	fake claude <<-SCRIPT
		echo '{"type":"system","subtype":"init","session_id":"c-1","model":"claude-opus-5-5"}'
		echo '$claude_result'
	SCRIPT
	runwake run --run-id claude -- "$T/bin/claude" -p "Do it" "${json_stream[@]}" >/dev/null
	expect_eq "row" "$(field claude '.run | [.status, .ai_model, .agent_session_id, .num_turns, .input_tokens, .output_tokens,
		.total_tokens, .cache_read_tokens, .cache_write_tokens, .cost_estimate, .result, .task_input] | join("|")')" \
		"completed|claude-opus-5-5|c-1|2|10|20|30|30|40|0.057373|Done "$'\xef\xbf\xbd'"|Do it"
	# Its sums are the session's, not the run's.
	runwake run --run-id resumed -- "$T/bin/claude" -p "More" "${json_stream[@]}" --resume c-1 >/dev/null
	expect_eq "resumed" "$(field resumed '.run | [.status, .num_turns, .input_tokens, .cost_estimate, .result[0:4]] | join("|")')" \
		"completed|2|0||Done"
	fake claude <<-'SCRIPT'
		echo '{"type":"system","subtype":"init","session_id":"c-2","model":"m"}'
		echo '{"type":"result","subtype":"success","is_error":true,"result":"API Error: 529","total_cost_usd":0,"terminal_reason":"api_error"}'
		exit 1
	SCRIPT
	expect_exit 1 runwake run --run-id api -- "$T/bin/claude" -p "Do it" "${json_stream[@]}"
	expect_eq "API error" "$(field api '.run | [.status, .error_message, .result, .exit_code] | join("|")')" "failed|API Error: 529||1"
}

reads_codex_and_gemini()
{
	in_repo
	fake codex <<-'SCRIPT'
		echo '{"type":"thread.started","thread_id":"x-1"}'
		echo '{"type":"item.completed","item":{"type":"agent_message","text":"Codex did it"}}'
		echo '{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":60,"output_tokens":7}}'
	SCRIPT
	fake gemini <<-'SCRIPT'
		echo '{"type":"init","session_id":"g-1","model":"gemini-3-pro"}'
		echo '{"type":"message","role":"assistant","content":"Gemini ","delta":true}'
		echo '{"type":"message","role":"assistant","content":"did it","delta":true}'
		printf '{"type":"result","status":"success","stats":{"total_tokens":140,"input_tokens":100,"output_tokens":40,"cached":40}}'
	SCRIPT
	runwake run --run-id codex -- "$T/bin/codex" exec --json "Do it" >/dev/null
	expect_eq codex "$(field codex '.run | [.status, .agent_type, .agent_session_id, .input_tokens, .cache_read_tokens,
		.output_tokens, .cost_estimate, .result, .task_input] | join("|")')" "completed|codex|x-1|40|60|7||Codex did it|Do it"
	runwake run --run-id gemini -- "$T/bin/gemini" -p "Do it" -o stream-json >/dev/null
	expect_eq gemini "$(field gemini '.run | [.status, .agent_type, .ai_model, .input_tokens, .cache_read_tokens,
		.output_tokens, .result] | join("|")')" "completed|gemini|gemini-3-pro|60|40|40|Gemini did it"
}

a_turn_is_recorded_before_the_end()
{
	local pid
	in_repo
	fake claude <<-SCRIPT
		echo '$claude_result'
		read _ <"$T/gate"
	SCRIPT
	runwake run --run-id turning -- "$T/bin/claude" "${json_stream[@]}" >/dev/null &
	pid=$!
	has_tokens() { [ "$(field turning '.run | .status + " " + (.input_tokens | tostring)')" = "running 10" ]; }
	wait_until 60 has_tokens
	echo >"$T/gate"
	wait "$pid"
	expect_eq "result" "$(field turning '.run.result[0:4]')" Done
}

# ---- signals ------------------------------------------------------------------------------------
is_there()
{
	[ -e "$1" ]
}

signals_are_passed_on()
{
	local pid name
	in_repo
	for name in INT TERM HUP; do
		rm -f "$T/ready" "$T/got"
		# A shell in the background ignores SIGINT, and so would what it starts.
		env --default-signal=INT runwake run --run-id "asked-$name" -- sh -c '
			trap "echo $0 >>\"$1.got\"; exit 0" "$0"
			echo >"$1.ready"
			read _ <"$2"' "$name" "$T/$name" "$T/never" &
		pid=$!
		wait_until 60 is_there "$T/$name.ready"
		kill "-$name" "$pid"
		wait "$pid"
		expect_eq "got SIG$name" "$(cat "$T/$name.got")" "$name"
		expect_match "row" "$(field "asked-$name" '.run | [.status, .exit_code, .error_message] | join("|")')" \
			"^killed\|0\|ended by SIG$name, sent by process [0-9]+$"
	done
}

is_gone() # PID; one that nobody waits for is, too
{
	case $(ps -o stat= -p "$1") in '' | Z*) ;; *) false ;; esac
}

the_whole_group_gets_them()
{
	local pid
	in_repo
	setsid --wait runwake run --run-id grouped -- sh -c 'sh -c "echo \$\$ >\"\$0\"; read _ <\"\$1\"" "$0" "$1"; exit 9' "$T/inner" "$T/never" &
	wait_until 60 is_there "$T/inner"
	wait_until 60 test -s "$T/inner"
	pid=$(jq -r .pid "$STATE/runs/grouped/run.json")
	kill -TERM "$(ps -o ppid= "$pid" | tr -d ' ')"
	wait $! || :
	wait_until 60 is_gone "$(cat "$T/inner")"
	expect_eq "row" "$(field grouped '.run | [.status, .exit_signal] | join(" ")')" "killed 15"
}

an_ignored_signal_stays_ignored()
{
	in_repo
	(trap '' HUP; exec runwake run --run-id hup -- sh -c 'kill -HUP $$; exit 5') || expect_eq "exit code" "$?" 5
	expect_eq "row" "$(field hup '.run.status')" failed
	(trap '' PIPE; exec runwake run --run-id pipe -- sh -c 'kill -PIPE $$; exit 6') || expect_eq "exit code" "$?" 6
	(exec runwake run --run-id pipe2 -- sh -c 'kill -PIPE $$; exit 6') || expect_eq "exit code" "$?" 141
}

state_is() # PID LETTER
{
	[ "$(ps -o stat= -p "$1" | cut -c1)" = "$2" ]
}

stops_and_goes_on()
{
	local pid child
	in_repo
	setsid runwake run --run-id stopping -- sh -c 'echo $$ >"$0"; read _ <"$1"; exit 3' "$T/child" "$T/gate" &
	pid=$!
	wait_until 60 test -s "$T/child"
	child=$(cat "$T/child")
	kill -TSTP "$pid"
	wait_until 60 state_is "$child" T
	wait_until 60 state_is "$pid" T
	kill -CONT "$pid"
	wait_until 60 state_is "$child" S
	# A debugger's stop is its own.
	kill -CONT "$child"
	echo >"$T/gate"
	wait "$pid" || expect_eq "exit code" "$?" 3
}

# ---- one of us is killed ------------------------------------------------------------------------
presumed()
{
	[ "$(in_store "select status || ' ' || end_rank from workflow_runs where run_id = 'orphan'")" = "failed 1" ]
}

run_is_killed()
{
	local pid
	in_repo
	"$agent" flood 7 3000000 >"$T/flood"
	fake claude <<-SCRIPT
		head -c 1000000 "$T/flood"
		: >"$T/halfway"
		read _ <"$T/gate"
		tail -c +1000001 "$T/flood"
		git commit -q --allow-empty -m "After the kill"
		: >"$T/through"
	SCRIPT
	mkfifo "$T/output"
	cat "$T/output" >"$T/passed" &
	setsid runwake run --run-id orphan -- "$T/bin/claude" "${json_stream[@]}" >"$T/output" &
	pid=$!
	wait_until 60 is_there "$T/halfway"
	kill -9 "$pid" "-$pid"
	wait "$pid" || :
	echo >"$T/gate"
	wait_until 60 is_there "$T/through"
	is_whole() { cmp -s "$T/passed" "$T/flood"; }
	wait_until 60 is_whole
	wait_until 60 presumed
	wait_until 60 test ! -e .runwake
	expect_eq "its commit" "$(field orphan '.commits | map(.subject + " " + .evidence) | join(",")')" "After the kill env"
	expect_match "why" "$(field orphan .run.error_message)" '^process [0-9]+ .* is gone without a word$'
}

# ---- a terminal -----------------------------------------------------------------------------------
at_a_terminal()
{
	needs script
	in_repo
	script -qec "runwake run --run-id tty -- sh -c 'test -t 0 && test -t 1 && test -t 2 && \"$agent\" group'" /dev/null </dev/null >"$T/out"
	expect_match "the terminal is its own" "$(cat "$T/out")" 'front ours'
	setsid --wait runwake run -- "$agent" group >"$T/out"
	expect_eq "without one" "$(cat "$T/out")" "none own"
	# A stream goes through a pipe there, too.
	fake claude <<-SCRIPT
		test -t 1 && echo terminal || echo pipe
		echo '$claude_result'
	SCRIPT
	script -qec "runwake run --run-id ttystream -- '$T/bin/claude' -p x --output-format stream-json" /dev/null </dev/null >"$T/out"
	expect_match "its output" "$(head -n1 "$T/out")" '^pipe'
	expect_eq "row" "$(field ttystream '.run | [.status, .input_tokens] | join(" ")')" "completed 10"
}

a_key_at_the_terminal()
{
	needs script
	in_repo
	rm -f "$T/ready" "$T/times"
	mkfifo "$T/keys"
	# What a shell starts in the background ignores SIGINT.
	env --default-signal=INT script -qec "runwake run --run-id key -- sh -c 'trap \"echo once >>\\\"\$0.times\\\"; exit 0\" INT; : >\"\$0.ready\"; read _ <\"\$0\"' '$T/gate'" \
		/dev/null <"$T/keys" >"$T/out" &
	exec 9>"$T/keys"
	wait_until 60 is_there "$T/gate.ready"
	printf '\003' >&9
	wait $! || :
	exec 9>&-
	expect_eq "how often it came" "$(cat "$T/gate.times")" once
	# Its exit code says that it ended in order; a shell that read a key is not killed by it.
	expect_eq "row" "$(field key '.run | [.status, .exit_code] | join(" ")')" "completed 0"
	env --default-signal=INT script -qec "runwake run --run-id key2 -- sh -c 'kill -0 \$\$; : >\"\$0.ready2\"; read _ <\"\$0\"' '$T/gate'" \
		/dev/null <"$T/keys" >"$T/out" &
	exec 9>"$T/keys"
	wait_until 60 is_there "$T/gate.ready2"
	printf '\003' >&9
	wait $! || :
	exec 9>&-
	expect_eq "row" "$(field key2 '.run | [.status, .exit_signal, .error_message] | join("|")')" \
		"killed|2|interrupted at the terminal (SIGINT)"
}

t "begins before the command and ends after it" begins_before_the_command_and_ends_after_it
t "passes exit codes and signals" passes_exit_codes_and_signals
t "its own failures exit 125 to 127" its_own_failures
t "replaces, and is replaced" replaces_and_is_replaced
t "two at once in two worktrees" two_at_once
t "outside of git" outside_of_git
t "arguments are not recorded" arguments_are_not_recorded
t "output is the same, byte for byte" output_is_the_same_byte_for_byte
t "a line of 100 MB" a_line_of_100_megabytes
t "a reader that goes" a_reader_that_goes
t "what is left behind still writes" what_is_left_behind_still_writes
t "reads claude" reads_claude
t "reads codex and gemini" reads_codex_and_gemini
t "a turn is recorded before the end" a_turn_is_recorded_before_the_end
t "signals are passed on" signals_are_passed_on
t "the whole group gets them" the_whole_group_gets_them
t "an ignored signal stays ignored" an_ignored_signal_stays_ignored
t "stops and goes on" stops_and_goes_on
t "run is killed, the command goes on" with_watcher run_is_killed
t "at a terminal" at_a_terminal
t "a key at the terminal" a_key_at_the_terminal
end_tests
