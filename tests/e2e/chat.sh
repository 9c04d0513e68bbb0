#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runwake chat: the list of conversations, one as a stream, and their pages. What was said and done is noted by the test.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

REPO=$T/r
ESC=$(printf '\033')

two_runs_in_one_session()
{
	needs jq
	wired_repo "$REPO"
	cd "$REPO"
	git init -q --bare "$T/remote"
	git remote add origin "$T/remote"
	runwake start --workflow implement --task "First: ${ESC}[31mred" --session sprint >"$T/one"
	commit_file "$REPO" a one "made by one"
	commit_file "$REPO" b two "made by one, too"
	git push -q origin main
	runwake finish --result "Done with it" >/dev/null
	seq -f 'line %g of a long task' 1 40 >"$T/task"
	runwake start --workflow test --task "$(cat "$T/task")" --session sprint >"$T/two"
	commit_file "$REPO" c three "made by two"
	runwake finish --status failed --error "no" >/dev/null
	runwake start --workflow fix --task "Elsewhere" --session other >/dev/null
	runwake finish --result "x" >/dev/null
}

the_stream_is_whole_and_in_order()
{
	runwake chat sprint --json >"$T/all.json"
	jq -r '.items[] | [.type, .subject // .text // .workflow_name // .status // .remote_ref | split("\n")[0]] | join(" ")' "$T/all.json" >"$T/got"
	cat >"$T/expected" <<-END
		run-started implement
		message First: ${ESC}[31mred
		commit made by one
		commit made by one, too
		push refs/heads/main
		message Done with it
		run-ended completed
		run-started test
		message line 1 of a long task
		commit made by two
		run-ended failed
	END
	expect_same items "$T/got" "$T/expected"
	expect_json times "$(cat "$T/all.json")" '([.items[].at] | . == sort)' true
	expect_json ends "$(cat "$T/all.json")" '[.schema_version, .session.name, .session.runs, .session.messages, .previous] | join(" ")' "1 sprint 2 3 "
	expect_eq commit "$(jq -r '[.items[] | select(.type == "commit")][0].commit_hash' "$T/all.json")" "$(git -C "$REPO" rev-parse HEAD~2)"
	expect_eq run "$(jq -r '[.items[] | select(.type == "commit")][2].run_id' "$T/all.json")" "$(jq -r '[.items[] | select(.type == "run-ended")][1].run_id' "$T/all.json")"
}

a_session_is_named_in_each_way()
{
	id=$(jq -r .session.id "$T/all.json")
	run=$(jq -r '.items[0].run_id' "$T/all.json")
	for word in "$id" "${id%%-*}" "$run" sprint; do
		expect_json "$word" "$(runwake chat "$word" --json)" .session.id "$id"
	done
	expect_json latest "$(runwake chat @latest --json)" .session.name other
	expect_exit 4 runwake chat nobody
	expect_match err "$(cat "$T/err")" "neither a session nor a run 'nobody'; runwake chat shows"
	expect_exit 2 runwake chat sprint --before yesterday
	expect_exit 2 runwake chat sprint --unread
	expect_exit 2 runwake chat --full
}

# Every page size, both ways: together they are the whole, once each.
pages_are_the_whole()
{
	jq -r '.items[] | .type + " " + .id' "$T/all.json" >"$T/expected"
	for limit in 1 2 3 5 10 11 12; do
		: >"$T/back"
		cursor=
		while runwake chat sprint --json --limit "$limit" ${cursor:+--before "$cursor"} >"$T/page"; do
			jq -r '.items[] | .type + " " + .id' "$T/page" | cat - "$T/back" >"$T/more"
			mv "$T/more" "$T/back"
			cursor=$(jq -r '.previous // empty' "$T/page")
			[ -n "$cursor" ] || break
		done
		expect_same "back by $limit" "$T/back" "$T/expected"
		: >"$T/on"
		cursor=0001-01-01T00:00:00.000000Z,0,0,00000000-0000-0000-0000-000000000000
		while runwake chat sprint --json --limit "$limit" --after "$cursor" >"$T/page"; do
			jq -r '.items[] | .type + " " + .id' "$T/page" >>"$T/on"
			cursor=$(jq -r .next "$T/page")
			[ "$(jq '.items | length' "$T/page")" -gt 0 ] || break
		done
		expect_same "on by $limit" "$T/on" "$T/expected"
	done
}

the_list_is_by_activity()
{
	runwake chat --json >"$T/list.json"
	expect_json names "$(cat "$T/list.json")" '[.sessions[].name] | join(" ")' "other sprint"
	expect_json figures "$(cat "$T/list.json")" '.sessions[1] | [.runs, .messages, .state, .unread, .agent_name] | join(" ")' "2 3 failed 0 implement"
	expect_json newest "$(cat "$T/list.json")" '.sessions[0] | [.role, .text] | join(" ")' "assistant x"
	next=$(runwake chat --json --limit 1 | jq -r .next)
	expect_json next "$(runwake chat --json --limit 1 --before "$next")" '[.sessions[].name, .next] | join(" ")' "sprint "
	expect_json unread "$(runwake chat --json --unread)" '.sessions | length' 0
	expect_json since "$(runwake chat --json --since 2999-01-01)" '.sessions | length' 0
	runwake chat >"$T/text" 2>&1
	expect_match text "$(cat "$T/text")" "SESSION +NAME +AGENT"
	expect_match text "$(cat "$T/text")" "other +fix .* completed "
}

the_text_is_harmless_and_cut()
{
	runwake chat sprint >"$T/text" 2>"$T/err"
	! grep -q "$ESC" "$T/text" || fail "an escape went to the terminal"
	expect_match text "$(cat "$T/text")" 'First: .x1b\[31mred'
	expect_match text "$(cat "$T/text")" "cut here; --full shows all"
	! grep -q "line 40 of" "$T/text" || fail "it was not cut"
	runwake chat sprint --full >"$T/text"
	grep -q "    line 40 of a long task" "$T/text" || fail "--full cuts"
	! grep -q "cut here" "$T/text" || fail "--full says that it cuts"
	runwake chat sprint --limit 2 >"$T/text" 2>"$T/err"
	expect_match err "$(cat "$T/err")" "what came before: --before 2"
}

what_others_said_is_shown()
{
	id=$(jq -r .session.id "$T/all.json")
	sql="insert into messages (id, session_id, role, text_content, created_at, updated_at)
	    values ('cccccccc-0000-4000-8000-00000000000c', '$id', 'tool', 'by another system', '2020-01-01T00:00:00.000000Z', '2020-01-01T00:00:00.000000Z')"
	if [ "$STORE" = sqlite ]; then
		sqlite "$STATE/runwake.db" "$sql"
	else
		postgres "$sql"
	fi
	expect_json first "$(runwake chat sprint --json)" '.items[0] | [.type, .role, .text, .message_type] | join(" ")' "message tool by another system "
}

# An agent whose session goes on: it writes what it is told to $T/told.
what_nobody_read_is_unread()
{
	mkdir -p "$T/agent" "$T/talk"
	cat >"$T/agent/claude" <<-'END'
		#!/usr/bin/env bash
		printf '{"type":"system","subtype":"init","session_id":"%s","model":"m"}\n' "${SESSION:?}"
		cat >>"${TOLD:?}"
		printf '{"type":"result","subtype":"success","session_id":"%s","is_error":false,"result":"ok","num_turns":1}\n' "$SESSION"
	END
	chmod +x "$T/agent/claude"
	export SESSION=11111111-2222-4333-8444-555555555555 TOLD=$T/told PATH=$PATH:$T/agent
	new_repo "$T/talk" >/dev/null
	cd "$T/talk"
	git commit -q --allow-empty -m one
	runwake run -w fix --run-id asked --session talk -- claude -p "Do it" --output-format stream-json </dev/null >/dev/null
	expect_eq "before" "$(unread)" "0 0 "
	runwake say asked "Use RS256" >/dev/null
	expect_eq "one waits" "$(unread)" "1 1 talk"
	runwake say asked "and tests" >/dev/null
	expect_eq "two wait" "$(unread)" "2 2 talk"
	expect_match "list" "$(runwake chat --unread 2>&1)" "talk .*2"
	: >"$TOLD"
	runwake resume asked >/dev/null
	expect_match "told" "$(cat "$TOLD")" "Use RS256"
	expect_eq "delivered" "$(unread)" "0 0 "
	runwake chat talk --json >"$T/talk.json"
	expect_json "shown still" "$(cat "$T/talk.json")" '[.items[] | select(.message_type == "intervention") | .text] | join(" ")' "Use RS256 and tests"
}

unread() # in the list, in the page, and the sessions that --unread lists
{
	echo "$(runwake chat --json | jq -r '.sessions[] | select(.name == "talk") | .unread')" \
	    "$(runwake chat talk --json | jq -r .session.unread)" \
	    "$(runwake chat --json --unread | jq -r '[.sessions[].name] | join(" ")')"
}

t "two runs work in one session, and one in another" two_runs_in_one_session
t "the stream has messages, runs, commits and pushes in order" the_stream_is_whole_and_in_order
t "a session is named by its name, its id, a part of it, or a run" a_session_is_named_in_each_way
t "pages of any size, both ways, are the whole" pages_are_the_whole
t "the list is by activity, and paged" the_list_is_by_activity
t "text is harmless on a terminal, and cut with a word" the_text_is_harmless_and_cut
t "messages of another system are shown as they are" what_others_said_is_shown
t "what nobody has read is counted until an agent gets it" what_nobody_read_is_unread
end_tests
