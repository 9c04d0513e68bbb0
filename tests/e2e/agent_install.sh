#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runwake install --agent claude from end to end: somebody's settings keep every byte, the real client (where it is
# there) runs what was put into them, and all of it goes again. In the hook's place lies a script of the test's own, which
# writes down what it was started for.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

# A prefix that a shell would take apart.
PLACE=$(own_prefix "$T/pre fix'q\"d \$HOME")
HOOK=$PLACE/libexec/runwake/hooks/claude-code
RUNWAKE=$PLACE/bin/runwake
SETTINGS=$HOME/.claude/settings.json
rm -f "$HOOK"
cat >"$HOOK" <<-'HOOK'
	#!/bin/sh
	if [ -n "${RUNWAKE_PROBE-}" ]; then
		echo "runwake-probe claude-code $RUNWAKE_PROBE 0" >&2
		exit
	fi
	echo "$# $(sed 's/.*"hook_event_name":"\([A-Za-z]*\)".*/\1/' | head -n 1)" >>"$HOME/hooked"
HOOK
chmod 755 "$HOOK"

wire()
{
	"$RUNWAKE" install --agent claude "$@"
}

write_user_settings() # TEXT
{
	rm -rf "$HOME/.claude"
	mkdir "$HOME/.claude"
	printf '%b' "$1" >"$SETTINGS"
	cp -p "$SETTINGS" "$T/before"
}

agents_line()
{
	"$RUNWAKE" doctor --json | jq -r '.findings[] | select(.topic == "agents") | "\(.state) \(.text)"'
}

made_and_removed()
{
	rm -rf "$HOME/.claude"
	expect_match "doctor before" "$(agents_line)" '^ok no hooks in the settings of Claude Code'
	wire --dry-run
	[ ! -e "$HOME/.claude" ] || fail "a dry run made something"
	wire
	expect_eq "modes" "$(stat -c %a "$HOME/.claude" "$SETTINGS" | tr '\n' ' ')" "700 600 "
	expect_eq "events" "$(jq -r '.hooks | keys | length' "$SETTINGS")" 9
	expect_eq "command" "$(jq -r '[.hooks[][].hooks[] | .command] | unique | join("|")' "$SETTINGS")" "$HOOK"
	expect_match "doctor" "$(agents_line)" '^ok Claude Code runs our hook at 9 events, and it answers$'
	expect_eq "state" "$(stat -c %a "$STATE/agents" "$STATE"/agents/*.json | tr '\n' ' ')" "700 600 "
	wire --uninstall
	[ ! -e "$HOME/.claude" ] || fail "what we made is left"
	[ -z "$(ls "$STATE/agents")" ] || fail "something is remembered"
	wire --uninstall
}

byte_for_byte()
{
	local text
	for text in '' '{}' '{ }\n' '{"b":1,"a":1.50,"b":[]}' '{\r\n\t"model": "x",\r\n\t"hooks": {\r\n\t\t"Stop": []\r\n\t}\r\n}\r\n' \
		'\0357\0273\0277{"hook\\\\u0073":{},"env":{"KEY":"secret-of-theirs"}}'; do
		write_user_settings "$text"
		chmod 640 "$SETTINGS"
		touch -d @1 "$SETTINGS"
		wire
		expect_eq "mode" "$(stat -c %a "$SETTINGS")" 640
		jq -e '.hooks.Stop | length == 1' <<<"$(sed '1s/^\xef\xbb\xbf//' "$SETTINGS")" >/dev/null || fail "not wired: $text"
		cp -p "$SETTINGS" "$T/wired"
		touch -d @2 "$SETTINGS"
		wire
		expect_eq "written again" "$(stat -c %Y "$SETTINGS")" 2
		cmp "$SETTINGS" "$T/wired"
		! grep -rq secret-of-theirs "$STATE" || fail "what is remembered has a secret in it"
		wire --uninstall
		cmp "$SETTINGS" "$T/before"
		expect_eq "mode" "$(stat -c %a "$SETTINGS")" 640
	done
}

changed_since()
{
	write_user_settings '{\n  "hooks": {\n    "Stop": []\n  }\n}\n'
	wire
	jq '.model = "opus" | .hooks.Stop += [{hooks: [{type: "command", command: "theirs"}]}]' "$SETTINGS" >"$T/changed"
	cp "$T/changed" "$SETTINGS"
	wire
	cmp "$SETTINGS" "$T/changed"
	wire --uninstall
	expect_eq "settings" "$(jq -cS . "$SETTINGS")" '{"hooks":{"Stop":[{"hooks":[{"command":"theirs","type":"command"}]}]},"model":"opus"}'
}

another_installation()
{
	local second
	second=$(own_prefix "$T/second")
	cp -p "$HOOK" "$second/libexec/runwake/hooks/claude-code"
	write_user_settings '{"model":"x"}'
	"$second/bin/runwake" install --agent claude
	expect_match "doctor" "$(agents_line)" '^note its hooks run another installation: .*/second/'
	wire
	expect_eq "command" "$(jq -r '[.hooks[][].hooks[] | .command] | unique | join("|")' "$SETTINGS")" "$HOOK"
	rm -rf "$second"
	wire --uninstall
	cmp "$SETTINGS" "$T/before"
}

links_are_followed()
{
	write_user_settings '{"model":"x"}'
	mkdir -p "$T/dotfiles"
	mv "$SETTINGS" "$T/dotfiles/claude.json"
	ln -s "$T/dotfiles/claude.json" "$SETTINGS"
	wire
	[ -L "$SETTINGS" ] || fail "the link is gone"
	jq -e .hooks.Stop "$T/dotfiles/claude.json" >/dev/null
	wire --uninstall
	cmp "$T/dotfiles/claude.json" "$T/before"
	rm "$T/dotfiles/claude.json"
	expect_exit 2 wire
	expect_match "a link to nothing" "$(cat "$T/err")" 'symbolic link to a file that is not there: make the file'
}

refused() # TEXT EXTENDED-REGEX
{
	write_user_settings "$1"
	expect_exit 2 wire
	expect_match "$1" "$(cat "$T/err")" "$2"
	cmp "$SETTINGS" "$T/before"
	expect_eq "left behind" "$(ls -A "$HOME/.claude")" settings.json
}

refusals()
{
	refused '{"a":1,}' "settings.json' is left as it is; correct it, and try again: no JSON: line 1"
	refused '// why\n{}' 'no JSON: line 1'
	refused '[]' 'a JSON object, and this is none'
	refused '{"hooks":[]}' '"hooks" is no JSON object'
	refused '{"hooks":{"Stop":{}}}' '"Stop" that is no list'
	write_user_settings '{}'
	truncate -s 17M "$SETTINGS"
	expect_exit 2 wire
	expect_match "too large" "$(cat "$T/err")" 'longer than 16777216 bytes'
	rm "$SETTINGS" && mkdir "$SETTINGS"
	expect_exit 2 wire
	expect_match "a directory" "$(cat "$T/err")" 'is no file: move it away'
	expect_exit 2 wire .
	expect_exit 2 wire --global
	expect_exit 2 wire --recurse-submodules
	expect_exit 2 "$RUNWAKE" install --agent codex
	expect_exit 2 "$RUNWAKE" install --settings-file "$T/x"
	rm -rf "$HOME/.claude"
	mv "$HOOK" "$HOOK.away"
	expect_exit 4 wire
	mv "$HOOK.away" "$HOOK"
	[ ! -e "$HOME/.claude" ] || fail "a refusal made something"
}

others_files()
{
	[ "$(id -u)" -eq 0 ] || skip "needs root to have somebody else's file"
	write_user_settings '{}'
	chown 12345 "$SETTINGS"
	expect_exit 2 wire
	expect_match "another's" "$(cat "$T/err")" 'belongs to another user'
	chown 0:12345 "$SETTINGS"
	wire
	expect_eq "group" "$(stat -c %g "$SETTINGS")" 12345
	wire --uninstall
	expect_eq "group" "$(stat -c %g "$SETTINGS")" 12345
}

what_hinders_is_said()
{
	write_user_settings '{"disableAllHooks":true}'
	expect_exit 1 wire
	expect_match "what it says" "$(cat "$T/err")" '"disableAllHooks": true: no hook is run'
	expect_match "doctor" "$(agents_line)" '^broken .*"disableAllHooks": true'
	wire --uninstall
	cmp "$SETTINGS" "$T/before"
}

doctor_names_what_is_wrong()
{
	write_user_settings '{}'
	wire
	jq 'del(.hooks.Stop)' "$SETTINGS" >"$T/changed" && cp "$T/changed" "$SETTINGS"
	expect_match "missing event" "$(agents_line)" 'broken our hook is missing at Stop'
	wire
	mv "$HOOK" "$HOOK.away"
	expect_match "missing program" "$(agents_line)" 'broken its hooks run a program that is not there any more'
	printf '#!/bin/sh\necho no\n' >"$HOOK"
	chmod 755 "$HOOK"
	expect_match "no answer" "$(agents_line)" 'broken .* does not answer'
	mv "$HOOK.away" "$HOOK"
	echo '{' >"$SETTINGS"
	expect_match "broken settings" "$(agents_line)" 'broken the settings of Claude Code cannot be looked at: no JSON'
}

# What this build installs as the hook, if it does.
the_program_itself_answers()
{
	[ -x "$PREFIX/libexec/runwake/hooks/claude-code" ] || skip "this build has no hook of Claude Code"
	rm -rf "$HOME/.claude"
	runwake install --agent claude
	expect_match "doctor" "$(runwake doctor --json | jq -r '.findings[] | select(.topic == "agents") | .state + " " + .text')" \
		'^ok .* and it answers$'
	runwake install --agent claude --uninstall
}

a_file_of_its_own()
{
	local file=$T/own/settings.json
	expect_exit 4 wire --uninstall --settings-file "$file"
	mkdir -p "$T/own"
	wire --settings-file "$file"
	expect_eq "events" "$(jq -r 'keys | join(",")' "$file")" hooks
	touch -d @2 "$file"
	wire --settings-file "$file"
	expect_eq "written again" "$(stat -c %Y "$file")" 2
	echo '{"model":"theirs"}' >"$T/own/theirs"
	expect_exit 5 wire --settings-file "$T/own/theirs"
	expect_match "what it says" "$(cat "$T/err")" 'not a file of ours alone'
	expect_eq "theirs" "$(cat "$T/own/theirs")" '{"model":"theirs"}'
	wire --uninstall --settings-file "$file"
	[ ! -e "$file" ] || fail "it is left"
}

# ---- with the real client -----------------------------------------------------------------------------
client=$("$ROOT/tests/claude_code.sh" "${CLAUDE_CODE_CACHE:-$ROOT/build/claude-code}") || client=
api=
start_api()
{
	mkdir -p "$T/api"
	python3 "$ROOT/tests/e2e/messages_api.py" "$T/api" </dev/null >"$T/api/log" 2>&1 &
	api=$!
	trap 'kill "$api" 2>/dev/null; clean_up' EXIT
	wait_until 60 test -s "$T/api/port"
}
[ -z "$client" ] || start_api || client=

ask_client() # PROMPT [OPTION…]
{
	local prompt=$1
	shift
	mkdir -p "$T/work"
	rm -f "$HOME/hooked"
	(cd "$T/work" && ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$T/api/port") ANTHROPIC_API_KEY=dummy \
		CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_TELEMETRY=1 DISABLE_AUTOUPDATER=1 DISABLE_ERROR_REPORTING=1 \
		CLAUDE_CODE_MAX_RETRIES=1 SHELL=/bin/bash "$client" -p "$prompt" --permission-mode acceptEdits \
		--allowedTools "Bash,Write,Read" "$@" </dev/null)
}

hooked() # the events in order of their first coming; no hook was given a word
{
	! grep -qv '^0 ' "$HOME/hooked" || fail "the hook was given words: $(cat "$HOME/hooked")"
	awk '!seen[$2]++ { printf "%s ", $2 }' "$HOME/hooked"
}

the_client_runs_them()
{
	[ -n "$client" ] || skip "Claude Code is not there: make claude-code fetches it from npm"
	write_user_settings '{\n\t"cleanupPeriodDays": 20\n}\n'
	wire
	ask_client "RUN true"
	expect_eq "hooks" "$(hooked)" "SessionStart UserPromptSubmit PostToolUse Stop SessionEnd "
	ask_client "fail" || :
	# The client does not wait for StopFailure at its own end, and a script is slow.
	expect_match "hooks of a failure" "$(hooked)" '^SessionStart UserPromptSubmit (StopFailure )?SessionEnd $'
	wire --uninstall
	cmp "$SETTINGS" "$T/before"
	ask_client "RUN true"
	[ ! -e "$HOME/hooked" ] || fail "hooks ran after they were taken out: $(cat "$HOME/hooked")"
}

the_client_runs_a_file_of_its_own()
{
	[ -n "$client" ] || skip "Claude Code is not there: make claude-code fetches it from npm"
	rm -rf "$HOME/.claude"
	wire --settings-file "$T/for-claude.json"
	ask_client "hello" --settings "$T/for-claude.json"
	expect_eq "hooks" "$(hooked)" "SessionStart UserPromptSubmit Stop SessionEnd "
}

t "settings are made, and removed again" made_and_removed
t "what was there stays byte for byte" byte_for_byte
t "what was changed since stays" changed_since
t "another installation takes over" another_installation
t "symbolic links are followed" links_are_followed
t "what cannot be is refused, and nothing is changed" refusals
t "others' files are theirs" others_files
t "what keeps hooks from running is said" what_hinders_is_said
t "doctor names what is wrong" doctor_names_what_is_wrong
t "the program itself answers the probe" the_program_itself_answers
t "a file of its own" a_file_of_its_own
t "the client runs them" the_client_runs_them
t "the client runs a file of its own" the_client_runs_a_file_of_its_own
[ -z "$api" ] || kill "$api"
end_tests
