#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runwake purge: after it, no byte of what was said in a run is in the store, the spool or the state directory, and nothing
# brings it back. The words are the test's own, so grep can look for them.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/transcripts.bash
. "$ROOT/tests/e2e/transcripts.bash"

REPO=$T/r
WORD=Kaleidoskop	# in everything that is to go

# Whatever of the word is left: names of files, and in a server what a dump of its rows has.
left()
{
	grep -rlaF "$WORD" "$STATE" || :
	[ "$STORE" = sqlite ] || pg_dump -h "$T/pg" -U postgres --data-only runwake | grep -F "$WORD" || :
}

words_of_every_kind_are_recorded()
{
	needs jq
	wired_repo "$REPO"
	cd "$REPO"
	printf 'before\n' >edited
	git add edited
	git commit -qm "A subject that stays"
	id=$(runwake start --workflow fix --task "$WORD task" --session "Named by a person" --metadata "note=$WORD")
	printf '%s\n' "$id" >"$T/id"
	printf '%s in a file\n' "$WORD" >edited
	printf '%s untracked\n' "$WORD" >new
	commit_file "$REPO" b two "A subject that stays, too"
	runwake finish --status failed --result "$WORD result" --error "$WORD error" >/dev/null
	# Its worktree goes on without: what it holds next is nobody's.
	printf 'before\n' >edited
	rm new
	runwake start --workflow test --task "stays" --session "Named by a person" >"$T/other"
	printf 'another edit\n' >edited
	runwake finish --result "stays as well" >/dev/null
	runwake record
	[ -n "$(left)" ] || fail "nothing was recorded"
	mkdir -p "$STATE/spool/quarantine"
	printf 'a reason\n00000000 {"v":1,"data":{"run_id":"%s","task":"%s"}}' "$id" "$WORD" >"$STATE/spool/quarantine/11111111-1111-4111-8111-111111111111.line"
	printf 'a reason\n00000000 {"v":1,"data":{"run_id":"another","task":"x"}}' >"$STATE/spool/quarantine/11111111-1111-4111-8111-111111111112.line"
}

it_is_asked_for_first()
{
	id=$(cat "$T/id")
	expect_exit 2 runwake purge "$id" </dev/null
	expect_match err "$(cat "$T/err")" "give --yes, or --dry-run"
	runwake purge "$id" --dry-run --json >"$T/dry"
	expect_json dry "$(cat "$T/dry")" '[.dry_run, .events, (.text_bytes > 60), (.edit_states > 0), .quarantined, .purged_at] | join(" ")' "true 2 true true 1 "
	expect_exit 4 runwake purge nothing-of-that-name --yes
	running=$(cd "$REPO" && runwake start --workflow fix --task running)
	expect_exit 5 runwake purge "$running" --yes
	expect_match err "$(cat "$T/err")" "is running; end it first \(runwake finish"
	(cd "$REPO" && runwake finish >/dev/null)
	[ -n "$(left)" ] || fail "it is gone already"
}

figures() # of the run, without times that move
{
	runwake show "$(cat "$T/id")" --json | jq -S '.run | del(.task_input, .result, .error_message, .metadata, .purged_at, .updated_at)'
}

no_byte_is_left()
{
	id=$(cat "$T/id")
	figures >"$T/before"
	runwake purge "$id" --yes >"$T/out"
	expect_match out "$(cat "$T/out")" "not Runwake's, and not touched: the agent's own transcript"
	expect_eq left "$(left)" ""
	figures >"$T/after"
	expect_same figures "$T/after" "$T/before"
	expect_json texts "$(runwake show "$id" --json)" '.run | [.task_input, .result, .error_message, (.metadata | length), .session_name, (.purged_at != null)] | join("|")' "|||0|Named by a person|true"
	expect_match show "$(runwake show "$id")" "purged"
	expect_json other "$(runwake show "$(cat "$T/other")" --json)" '.run | [.task_input, .result] | join(" ")' "stays stays as well"
	expect_json chat "$(runwake chat "Named by a person" --json)" '[.items[] | select(.type == "message") | .text] | join(" ")' "stays stays as well"
	[ -f "$STATE/spool/quarantine/11111111-1111-4111-8111-111111111112.line" ] || fail "what is another's went"
	expect_eq "commits stay" "$(runwake show "$id" --json | jq -r '.commits[].subject')" "A subject that stays, too"
	expect_json again "$(runwake purge "$id" --yes --json)" '[.events, .text_bytes] | join(" ")' "0 0"
	expect_match doctor "$(runwake doctor 2>&1 || :)" "1 run is purged"
}

what_others_kept_stays()
{
	expect_eq "contents of the other" "$(runwake diff "$(cat "$T/other")" | grep -c '^+another edit')" 1
	runwake diff "$(cat "$T/id")" >"$T/out" 2>&1 || :
	! grep -qF "$WORD" "$T/out" || fail "its contents are there"
}

# A transcript tells a run's words again, after they were purged, and grows.
nothing_brings_it_back()
{
	session s-purged
	prompt "$WORD prompt"
	answer a1 "$WORD answer" 1000 100 5 6
	cost_state 0.5 1000 100 5 6
	import >/dev/null
	run=$(runwake list --json | jq -r '[.runs[] | select(.agent_session_id == "s-purged")][0].run_id')
	[ -n "$(left)" ] || fail "nothing was recorded"
	runwake purge "$run" --yes >/dev/null
	expect_eq left "$(left)" ""
	rm -rf "$STATE/transcripts"
	import >/dev/null
	runwake record
	expect_eq "told again" "$(left)" ""
	runwake chat "$run" --json >"$T/chat"
	expect_json figures "$(runwake show "$run" --json)" '.run | [.output_tokens, .cost_estimate, .task_input] | join(" ")' "100 0.5 "
}

# Killed at whatever it writes: another purge completes it.
a_second_purge_completes()
{
	needs strace
	cd "$REPO"
	for n in 1 2 4 7 11 16 22 30 45 70; do
		id=$(runwake start --workflow fix --task "$WORD $n")
		printf '%s %d\n' "$WORD" "$n" >edited
		runwake finish --error "$WORD $n" >/dev/null
		runwake record
		strace -f -o "$T/trace" -e trace=pwrite64,write,rename,unlink,unlinkat,ftruncate \
		    -e inject=pwrite64,write,rename,unlink,unlinkat,ftruncate:signal=KILL:when="$n" runwake purge "$id" --yes >"$T/out" 2>&1 || :
		printf 'before\n' >edited
		runwake purge "$id" --yes >"$T/out"
		expect_eq "killed at $n" "$(left)" ""
	done
}

# An agent that takes what it is told as lines, while it works or as its prompt, and keeps it in $T/told.
with_agent()
{
	export SESSION=11111111-2222-4333-8444-555555555555 TOLD=$T/told PATH=$PATH:$T/agent
	mkdir -p "$T/agent"
	cat >"$T/agent/claude" <<-'END'
		#!/usr/bin/env bash
		printf '{"type":"system","subtype":"init","session_id":"%s","model":"m"}\n' "${SESSION:?}"
		while IFS= read -r line || [ -n "$line" ]; do
			printf '%s\n' "$line" >>"${TOLD:?}"
			case " $* " in *" --input-format "*) printf '{"type":"assistant","session_id":"%s","n":1}\n' "$SESSION" ;; esac
		done
		printf '{"type":"result","subtype":"success","session_id":"%s","is_error":false,"result":"ok","num_turns":1}\n' "$SESSION"
	END
	chmod +x "$T/agent/claude"
}

# What people say: to a run that takes it while it works, and to one that has ended, whose session goes on.
what_was_said_is_forgotten()
{
	with_agent
	: >"$TOLD"
	new_repo "$T/said" >/dev/null
	cd "$T/said"
	git commit -q --allow-empty -m one
	mkfifo "$T/host"
	runwake run -w fix --run-id live -- claude -p --input-format stream-json --output-format stream-json <"$T/host" >"$T/live.out" &
	pid=$!
	exec 8>"$T/host"
	wait_until 60 takes_what_is_said live
	runwake say live "$WORD while it works" >/dev/null
	wait_until 60 grep -q "$WORD" "$TOLD"
	exec 8>&-
	wait "$pid"
	runwake say live "$WORD after its end" >/dev/null
	[ ! -e "$STATE/runs/live" ] || fail "an inbox is left of a run that has ended"
	[ -n "$(left)" ] || fail "nothing was recorded"
	runwake resume live >/dev/null
	grep -q "$WORD after its end" "$TOLD" || fail "it was not given to the agent"
	resumed=$(runwake list --json | jq -r '.runs[0].run_id')
	expect_json "dry" "$(runwake purge live --dry-run --json)" '[.given_to[].run_id] | join(" ")' "$resumed"
	runwake purge live --yes >"$T/out"
	expect_match "word" "$(cat "$T/out")" "its words were given to run $resumed; purge that too"
	[ -n "$(left)" ] || fail "the resumed run's prompt is gone, so nothing had to be said of it"
	runwake purge "$resumed" --yes >"$T/out"
	! grep -q "were given" "$T/out" || fail "it was given to nobody else"
	expect_eq left "$(left)" ""
	expect_json "again" "$(runwake purge live --yes --json)" '.given_to | length' 0
	runwake record
	expect_eq "later" "$(left)" ""
}

# Nobody has read it yet when it is purged, and nobody gets it after that.
what_waits_is_forgotten()
{
	with_agent
	cd "$T/said"
	runwake run -w fix --run-id waits -- claude -p "Do it" --output-format stream-json </dev/null >/dev/null
	runwake say waits "$WORD waits" >/dev/null
	runwake record
	[ -n "$(left)" ] || fail "nothing was recorded"
	runwake purge waits --yes >/dev/null
	expect_eq left "$(left)" ""
}

# A killed wrapper leaves what it did not deliver; the run's end takes it away.
a_killed_wrappers_inbox_is_forgotten()
{
	cd "$T/said"
	runwake start -w fix --task t --run-id killed >/dev/null
	mkdir -p "$STATE/runs/killed/inbox"
	printf '%s' "$WORD in an inbox" >"$STATE/runs/killed/inbox/00000000000000000001-11111111-1111-4111-8111-111111111111"
	runwake finish killed --status killed
	runwake purge killed --yes >/dev/null
	expect_eq left "$(left)" ""
}

t "a run's words of every kind are recorded" words_of_every_kind_are_recorded
t "a purge asks first, and refuses a run that works" it_is_asked_for_first
t "no byte of it is left, and figures stay" no_byte_is_left
t "contents that another run has stay" what_others_kept_stays
t "nothing brings it back" nothing_brings_it_back
t "killed anywhere, a second purge completes it" a_second_purge_completes
t "what people said to it is forgotten, and the run that was given it is named" what_was_said_is_forgotten
t "what still waits is forgotten" what_waits_is_forgotten
t "so is what a killed wrapper left in its inbox" a_killed_wrappers_inbox_is_forgotten
end_tests
