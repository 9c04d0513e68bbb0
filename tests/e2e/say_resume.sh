#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What people say to a run reaches an agent once and in order: at once, or when its session goes on.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

SESSION=11111111-2222-4333-8444-555555555555

# An agent: with --input-format it writes each line that it gets to $GOT, else its words and its input.
mkdir -p "$T/bin"
cat >"$T/bin/claude" <<'END'
#!/usr/bin/env bash
say() { printf '{"type":"%s","session_id":"%s",%s}\n' "$1" "${SESSION:?}" "$2"; }
[ ! -e "$GOT.broken" ] || { echo "no such session" >&2; exit 1; }
say system '"subtype":"init","model":"m"'
case " $* " in
*" --input-format "*)
	[ ! -e "$GOT.deaf" ] || { : <"$GOT.deaf"; exit 0; }
	while IFS= read -r line; do printf '%s\n' "$line" >>"$GOT"; say assistant '"n":1'; done ;;
*)
	printf 'WORDS %s\n' "$*" >>"$GOT"
	cat >>"$GOT"
	[ ! -e "$GOT.wait" ] || read -r _ <"$GOT.wait" ;;
esac
say result '"subtype":"success","is_error":false,"result":"ok","num_turns":1'
END
chmod +x "$T/bin/claude"
export PATH=$PATH:$T/bin SESSION

field() # RUN JQ-PATH
{
	runwake show "$1" --json | jq -r "$2"
}

in_repo()
{
	new_repo "$T/${FUNCNAME[1]}" >/dev/null
	cd "$T/${FUNCNAME[1]}"
	git commit -q --allow-empty -m one
	export GOT=$T/${FUNCNAME[1]}.got
	: >"$GOT"
}

# A live run whose host holds its input open as descriptor 8; its process in $pid.
live() # RUN
{
	mkfifo "$GOT.host"
	runwake run -w implement --run-id "$1" -- claude -p --input-format stream-json --output-format stream-json \
		<"$GOT.host" >"$GOT.out" 2>"$GOT.err" &
	pid=$!
	exec 8>"$GOT.host"
	wait_until 60 takes_what_is_said "$1"
}

contents() # what the agent was told, a line each
{
	jq -r '.message.content' "$GOT"
}

at_once()
{
	in_repo
	live at-once
	expect_match "word" "$(runwake say at-once "Use RS256")" "gets it now"
	wait_until 60 grep -q RS256 "$GOT"
	printf '{"message":{"content":"fro' >&8
	runwake say at-once "between" --json >"$GOT.json"
	expect_eq "delivery" "$(jq -r .delivery "$GOT.json")" live
	printf 'm the host"}}\n' >&8
	wait_until 60 grep -q between "$GOT"
	exec 8>&-
	wait "$pid"
	expect_eq "in the agent" "$(contents | paste -sd,)" "Use RS256,from the host,between"
	expect_eq "id" "$(jq -r .message_id "$GOT.json")" "$(tail -n 1 "$GOT" | jq -r .uuid)"
	expect_eq "delivered" "$(field at-once '.interventions | map(.delivered_run_id) | join(",")')" "at-once,at-once"
	expect_eq "messages" "$(in_store "select text_content from messages where message_type = 'intervention' order by created_at" | paste -sd,)" \
		"Use RS256,between"
	expect_exit 1 runwake resume at-once
	[ ! -e "$STATE/runs/at-once" ] || fail "something is left of the run"
}

goes_on()
{
	in_repo
	runwake run -w fix --run-id first --session talk -- claude -p "Do it" --output-format stream-json </dev/null >/dev/null
	expect_match "word" "$(runwake say first "Use RS256")" "has ended.*runwake resume first"
	runwake say fir - <<<$'and\n"tests"'
	expect_match "show" "$(runwake show first | grep ^said)" "2 messages, 2 wait: runwake resume first"
	: >"$GOT"
	mkdir -p "$T/elsewhere"
	(cd "$T/elsewhere" && runwake resume first --prompt "--and docs" -- --model x >/dev/null)
	expect_eq "agent" "$(cat "$GOT")" "WORDS --resume $SESSION -p --output-format stream-json --verbose --model x"$'\nUse RS256\n\nand\n"tests"\n\n--and docs'
	expect_eq "row" "$(field @latest '.run | [.workflow_name, .parent_run_id, .agent_session_id, .session_name, .status] | join("|")')" \
		"fix|first|$SESSION|talk|completed"
	expect_eq "one session" "$(in_store "select count(distinct session_id) from workflow_runs where session_name = 'talk'")" 1
	expect_eq "messages" "$(in_store "select message_type, text_content from messages m join sessions s on s.id = m.session_id
		where s.name = 'talk' and role = 'user' order by m.created_at" | tr '\n' ' ')" \
		'workflow_start|Do it intervention|Use RS256 intervention|and "tests" intervention|--and docs '
	expect_exit 1 runwake resume first
	expect_exit 1 runwake resume @latest
	runwake say @latest "once more"
	runwake resume first >/dev/null # of the same agent's session
	expect_match "the second time" "$(cat "$GOT")" "once more"
}

cannot_start()
{
	in_repo
	runwake run --run-id stuck -- claude -p "Do it" --output-format stream-json </dev/null >/dev/null
	runwake say stuck "wait for me"
	expect_exit 127 runwake resume stuck --agent-program "$T/no-agent"
	: >"$GOT.broken"
	expect_exit 1 runwake resume stuck
	rm "$GOT.broken"
	expect_eq "waits" "$(field stuck '.interventions[0].delivered_at')" null
	mv "$T/cannot_start" "$T/moved"
	expect_exit 4 runwake resume stuck
	mv "$T/moved" "$T/cannot_start"
	runwake resume stuck >/dev/null
	expect_eq "once" "$(grep -c "wait for me" "$GOT")" 1
	runwake run --run-id mute -- true
	runwake say mute "anybody?"
	expect_exit 4 runwake resume mute
	expect_exit 4 runwake say no-such-run "hello"
}

two_at_once()
{
	local one status=0
	in_repo
	runwake run --run-id shared -- claude -p "Do it" --output-format stream-json </dev/null >/dev/null
	runwake say shared "for one of you"
	: >"$GOT"
	mkfifo "$GOT.wait"
	runwake resume shared >/dev/null 2>"$T/one.err" &
	one=$!
	wait_until 60 grep -q "for one of you" "$GOT"
	runwake say shared "later"
	runwake resume shared 2>"$T/two.err" || status=$?
	expect_eq "the second" "$status" 5
	expect_match "whose it is" "$(cat "$T/two.err")" "run $(runwake list --json | jq -r '.runs[0].run_id') is at work"
	echo >"$GOT.wait"
	wait "$one"
	rm "$GOT.wait"
	runwake resume shared >/dev/null
	expect_eq "each once" "$(grep -cE 'for one of you|^later' "$GOT")" 2
}

many_at_once()
{
	local i
	in_repo
	live many
	for i in $(seq 100); do
		runwake say many "message $i" >/dev/null &
		[ $((i % 10)) != 0 ] || wait_for_says
	done
	wait_for_says
	wait_until 60 sh -c '[ "$(wc -l <"$0")" = 100 ]' "$GOT"
	exec 8>&-
	wait "$pid"
	expect_eq "as recorded" "$(contents)" "$(field many '.interventions[].text')"
	expect_eq "each" "$(contents | sort -u | wc -l)" 100
	expect_eq "delivered" "$(field many '.interventions | map(select(.delivered_at)) | length')" 100
}

wait_for_says() # not for the run
{
	local job
	for job in $(jobs -p); do
		[ "$job" = "$pid" ] || wait "$job"
	done
}

# Whatever was said around the end is delivered by the run, or waits.
races_with_the_end()
{
	local i live_count waiting
	in_repo
	for i in $(seq 8); do
		rm -f "$GOT".host
		live "race-$i"
		(for n in 1 2 3 4 5 6; do runwake say "race-$i" "race $i $n" >/dev/null; done) 8>&- &
		[ $((i % 2)) = 0 ] || runwake say "race-$i" "race $i 0" >/dev/null
		exec 8>&-
		wait
	done
	live_count=$(grep -c . "$GOT" || true)
	expect_eq "what is delivered is what the agent has" \
		"$(in_store "select count(*) from workflow_said where kind = 'say' and text like 'race %' and delivered_at is not null")" "$live_count"
	waiting=$(in_store "select count(*) from workflow_said where kind = 'say' and text like 'race %' and delivered_at is null")
	[ "$waiting" = 0 ] || runwake resume race-8 >/dev/null
	expect_eq "each once" "$(grep -oE 'race [0-9] [0-9]' "$GOT" | sort | uniq -c | awk '$1 != 1' | wc -l)" 0
	expect_eq "all" "$(grep -oE 'race [0-9] [0-9]' "$GOT" | sort -u | wc -l)" 52
}

# An agent that never reads: what lies in the pipe when it ends was not seen.
never_read()
{
	in_repo
	mkfifo "$GOT.deaf"
	live deaf
	expect_match "word" "$(runwake say deaf "can you hear me?")" "gets it now"
	: >"$GOT.deaf"
	wait "$pid"
	exec 8>&-
	rm "$GOT.deaf"
	expect_eq "not seen" "$(field deaf '.interventions[0].delivered_at')" null
	runwake resume deaf >/dev/null
	expect_eq "seen" "$(grep -c "can you hear me" "$GOT")" 1
}

# A killed wrapper: its agent's input ends, and nothing that was said later is lost.
killed_wrapper()
{
	in_repo
	live killed
	runwake say killed "before" >/dev/null
	wait_until 60 grep -q before "$GOT"
	kill -KILL "$pid"
	wait "$pid" || true
	exec 8>&-
	expect_match "word" "$(runwake say killed "after")" "takes nothing"
	runwake finish killed --status killed
	runwake run --run-id told -- claude -p x --output-format stream-json </dev/null >/dev/null # tells the session
	in_store "select count(*) from workflow_said where text = 'after' and delivered_at is null" | grep -qx 1
	[ ! -e "$STATE/runs/killed" ] || fail "something is left of the run"
}

hostile_texts()
{
	local long
	in_repo
	live hostile
	long=$(head -c 262144 /dev/zero | tr '\0' x)
	printf 'nul \0 bell \a esc \033[31m bad \377\376 end' | runwake say hostile - | grep -q "gets it now"
	printf '%s' "$long" | runwake say hostile - | grep -q "gets it now"
	wait_until 60 sh -c '[ "$(wc -l <"$0")" = 2 ]' "$GOT"
	exec 8>&-
	wait "$pid"
	expect_eq "the first as it is kept" "$(head -n 1 "$GOT" | jq -c .message.content)" "$(field hostile '.interventions[0].text' | jq -Rsc 'rtrimstr("\n")')"
	expect_eq "the long one" "$(tail -n 1 "$GOT" | jq -r '.message.content | length')" 262144
	runwake show hostile | grep -q $'\033' && fail "it reaches the terminal"
	expect_exit 2 runwake say hostile - <<<"${long}x"
	expect_exit 2 runwake say hostile "   "
	expect_exit 2 runwake say hostile
	expect_exit 2 runwake resume hostile more words
	expect_exit 2 runwake resume hostile -- --output-format text
	expect_exit 2 runwake resume hostile --interactive
	runwake say hostile "token AKIAIOSFODNN7EXAMPLE" | grep -q "was replaced by"
	expect_eq "redacted" "$(field hostile '.interventions[-1].text')" "token [redacted]"
}

t "at once" at_once
t "a session goes on" goes_on
t "an agent that cannot start consumes nothing" cannot_start
t "two at once" two_at_once
t "a hundred from many processes" many_at_once
t "races with the end" races_with_the_end
t "an agent that never reads" never_read
t "a killed wrapper" killed_wrapper
t "hostile texts" hostile_texts
end_tests
