#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No secret of a text reaches a file of ours, and no text at all where a person says so.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

# Put together, so that no scanner takes this file for a leak.
KEY=sk-"ant-api03-Zk3v9QpX7mL2wR8tB5nY1cD4fG6hJ0sA"

expect_nowhere() # WORD
{
	local found
	found=$(grep -rlaF -- "$1" "$STATE" || :)
	expect_eq "files with '$1'" "$found" ""
}

secrets_of_texts_are_recorded_nowhere()
{
	local json
	wired_repo "$T/r"
	cd "$T/r"
	mkdir -p "$XDG_CONFIG_HOME/runwake"
	printf '[runwake]\n\twatcher = false\n\tredact = Bluebird\n' >"$XDG_CONFIG_HOME/runwake/config"
	# Nobody drains the spool before it was looked at.
	runwake start --run-id careful --task "Use $KEY for project Bluebird" --metadata api_token=hunter2 --metadata ticket=17
	expect_nowhere "$KEY"
	expect_nowhere Bluebird
	expect_nowhere hunter2
	printf 'It works with password=hunter3\nand max_tokens=100.' >"$T/result"
	runwake finish --result-file "$T/result" --error "https://ann:hunter4@example.org refused"
	for word in "$KEY" Bluebird hunter2 hunter3 hunter4; do
		expect_nowhere "$word"
	done
	json=$(runwake show careful --json)
	expect_json task "$json" .run.task_input "Use [redacted] for project [redacted]"
	expect_json metadata "$json" '.run.metadata | [.api_token, .ticket] | join(" ")' "[redacted] 17"
	expect_json result "$json" .run.result $'It works with password=[redacted]\nand max_tokens=100.'
	expect_json error "$json" .run.error_message "https://ann:[redacted]@example.org refused"
	expect_eq "messages" "$(sqlite "$STATE/runwake.db" "select count(*) from messages where text_content like '%hunter%'")" 0
}

no_texts_where_a_person_wants_none()
{
	printf '[runwake]\n\twatcher = false\n\tmessages = off\n' >"$XDG_CONFIG_HOME/runwake/config"
	cd "$T/r"
	runwake start --run-id silent --task "What nobody may read"
	commit_file . door "a door" "Add a door"
	runwake finish --result "Nor this" --error "Nor that"
	expect_nowhere "nobody may read"
	expect_nowhere "Nor this"
	expect_nowhere "Nor that"
	expect_json run "$(runwake show silent --json)" '.run | [.task_input, .status, .own_added_lines] | map(tostring) | join("|")' \
		"|completed|1"
}

imported_texts_are_redacted_too()
{
	rm -f "$XDG_CONFIG_HOME/runwake/config"
	printf '[runwake]\n\twatcher = false\n' >"$XDG_CONFIG_HOME/runwake/config"
	. "$ROOT/tests/e2e/transcripts.bash"
	session kept
	prompt "Use $KEY here"
	answer a1 "The password=hunter5 works" 10 20 0 0
	prompt "And then stop"
	answer a2 "It was token=hunter6" 10 20 0 0
	runwake import claude >/dev/null
	for word in "$KEY" hunter5 hunter6; do
		expect_nowhere "$word"
	done
	expect_json task "$(runwake list --json)" '[.runs[] | select(.agent_type == "claude-code") | .task_input] | join("|")' "Use [redacted] here"
}

a_setting_that_is_wrong_is_told()
{
	printf '[runwake]\n\tmessages = perhaps\n' >"$XDG_CONFIG_HOME/runwake/config"
	cd "$T/r"
	expect_exit 2 runwake start --task "Anything"
	expect_match "start" "$(cat "$T/err")" "runwake.messages"
	rm "$XDG_CONFIG_HOME/runwake/config"
}

t "no secret of a text is in any file" secrets_of_texts_are_recorded_nowhere
t "nor of a transcript that is imported" imported_texts_are_redacted_too
t "no text at all with runwake.messages = off" no_texts_where_a_person_wants_none
t "a wrong setting is told before anything is recorded" a_setting_that_is_wrong_is_told
end_tests
