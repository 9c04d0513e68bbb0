#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bad input: every refusal is one sentence on stderr with a documented exit code, and changes nothing.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

refused() # CODE COMMAND…
{
	expect_exit "$@"
	expect_eq "nothing on stdout of: $*" "$(cat "$T/out")" ""
	expect_eq "one line on stderr of: $*" "$(wc -l <"$T/err")" 1
	expect_match "$*" "$(cat "$T/err")" '^runwake: [^ ]'
}

command_lines_at_fault()
{
	cd "$T/r"
	refused 2 runwake nothing
	refused 2 runwake start --nothing
	refused 2 runwake start --task
	refused 2 runwake start --task a --task b
	refused 2 runwake start --replace=yes
	refused 2 runwake start word
	refused 2 runwake finish one two
	refused 2 runwake finish --status 'done'
	refused 2 runwake finish --status running
	refused 2 runwake finish --exit-code 256
	refused 2 runwake finish --exit-code x
	refused 2 runwake finish --result a --result-file /dev/null
	refused 2 runwake show
	refused 2 runwake show one two
	refused 2 runwake list --status none
	refused 2 runwake list --limit -1
	refused 2 runwake list --limit many
	refused 2 runwake list --since yesterday
	refused 2 runwake list --since
	refused 2 runwake log
	refused 2 runwake diff
	refused 2 runwake link one
	refused 2 runwake help nothing
	refused 2 runwake version now
	refused 2 runwake generate
	refused 2 runwake generate man
	refused 2 runwake "$(printf '\033[31mred\n')"
}

values_at_fault()
{
	cd "$T/r"
	refused 2 runwake start --run-id ""
	refused 2 runwake start --run-id "a b"
	refused 2 runwake start --run-id "../../etc"
	refused 2 runwake start --run-id "-x"
	refused 2 runwake start --run-id "$(printf 'x%.0s' {1..256})"
	refused 2 runwake start --workflow ""
	refused 2 runwake start --workflow "$(printf 'x%.0s' {1..101})"
	refused 2 runwake start --session "$(printf 'ä%.0s' {1..256})"
	refused 2 runwake start --session-id login
	refused 2 runwake start --metadata novalue
	refused 2 runwake start --metadata =v
	refused 2 runwake start --metadata k=1 --metadata k=2
	refused 2 runwake start --pid 0
	refused 2 runwake start --pid x
	refused 4 runwake start --pid 4194304
	refused 4 runwake finish --result-file "$T/nowhere"
	refused 4 runwake show nobody
	refused 4 runwake log nobody
	refused 4 runwake diff nobody
	refused 4 runwake show @earliest
	refused 4 runwake show "'; drop table workflow_runs; --"
	refused 3 runwake finish
	[ ! -e .runwake ] || fail "a marker was written"
	expect_eq "nothing was recorded" "$(runwake list --json | jq '.runs | length')" 0
}

the_largest_values_are_taken()
{
	local run
	cd "$T/r"
	run=$(printf 'r%.0s' {1..255})
	head -c 300000 /dev/zero | tr '\0' 'x' >"$T/result"
	printf '\0\377\001' >>"$T/result"
	runwake start --run-id "$run" --workflow "$(printf 'ä%.0s' {1..100})" --session "$(printf 'ö%.0s' {1..255})" \
		--task "$(printf 'long %.0s' {1..20000})" >/dev/null
	runwake finish --result-file "$T/result" --error "$(printf '\377\376')"
	expect_json "whole or cut, never lost" "$(runwake show "$run" --json)" \
		'.run | [(.workflow_name | length), (.session_name | length), (.task_input | length), (.result | length > 200000 and length <= 262144)] | map(tostring) | join(" ")' \
		"100 255 100000 true"
	runwake start --run-id quoted --task "$(printf 'tab\there "and" \377 \\ %%s \n second line')" >/dev/null
	runwake finish
	expect_match "in text" "$(runwake show quoted)" 'second line'
	expect_eq "the spool took all" "$(runwake db status --json | jq .quarantined)" 0
}

a_bare_repository_has_no_workspace()
{
	git init -q --bare "$T/bare.git"
	cd "$T/bare.git"
	refused 2 runwake start
	expect_match "mend" "$(cat "$T/err")" 'git worktree add'
}

a_directory_that_cannot_be_written_to()
{
	[ "$(id -u)" -ne 0 ] || skip "root may write anywhere"
	new_repo "$T/readonly"
	chmod a-w "$T/readonly"
	cd "$T/readonly"
	refused 1 runwake start
	expect_eq "no run" "$(runwake list --status running --json | jq '.runs | length')" 0
}

broken_settings_and_stores()
{
	cd "$T/r"
	write_settings '	nothing = x'
	refused 2 runwake list
	expect_match "names line and setting" "$(cat "$T/err")" "config'.*line 3.*runwake.nothing"
	write_settings
	runwake list >/dev/null
	refused 2 env RUNWAKE_STORE=sqlite:/elsewhere runwake list
	expect_match "mend" "$(cat "$T/err")" 'belongs to the store'
	refused 2 env XDG_STATE_HOME="$T/other-state" RUNWAKE_STORE=nonsense runwake list
	refused 2 env XDG_STATE_HOME="$T/other-state" RUNWAKE_STORE=postgresql://u:secret@h/d runwake list
	! grep -q secret "$T/err" || fail "a password is shown"
	mkdir -p "$T/broken-state/runwake"
	echo "no database" >"$T/broken-state/runwake/runwake.db"
	refused 6 env XDG_STATE_HOME="$T/broken-state" runwake list
	refused 6 env XDG_STATE_HOME="$T/broken-state" runwake show @latest
	refused 6 env XDG_STATE_HOME="$T/broken-state" runwake verify
	refused 6 env XDG_STATE_HOME="$T/broken-state" runwake record
	refused 6 env XDG_STATE_HOME="$T/broken-state" runwake db status
	refused 4 env XDG_STATE_HOME="$T/empty-state" runwake show @latest
}

output_that_cannot_be_written()
{
	cd "$T/r"
	expect_exit 1 bash -c 'runwake list --json >/dev/full'
	expect_match "said" "$(cat "$T/err")" 'standard output'
	expect_exit 0 bash -c 'set -o pipefail; runwake help | true || [ $? -le 1 ]'
	expect_exit 0 bash -c 'runwake version >&- 2>&- || [ $? -eq 1 ]'
	runwake help >/dev/null </dev/null
}

everything_has_help()
{
	local command
	for command in $(runwake help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
		runwake "$command" --help >"$T/help"
		runwake help "$command" >"$T/help2"
		expect_same "help of $command" "$T/help2" "$T/help"
		expect_match "usage" "$(head -n 1 "$T/help")" "^Usage: runwake $command"
		grep -qE '^  (2|125)  ' "$T/help" || fail "$command: no exit codes"
	done
	expect_eq "the overview" "$(runwake)" "$(runwake help)"
	expect_eq "version" "$(runwake --version)" "runwake $(cat "$ROOT/VERSION")"
}

man_pages_and_completion_are_valid()
{
	needs mandoc
	runwake generate man "$T"
	mandoc -T lint -W style "$T"/*.1 >"$T/lint" || { cat "$T/lint"; fail "man pages"; }
	runwake generate completion >"$T/completion"
	bash -n "$T/completion"
	expect_match "completes" "$(bash -c ". '$T/completion'; COMP_WORDS=(runwake list --br); COMP_CWORD=2; _runwake; echo \"\${COMPREPLY[*]}\"")" '^--branch$'
	expect_match "completes values" "$(bash -c ". '$T/completion'; COMP_WORDS=(runwake finish --status f); COMP_CWORD=3; _runwake; echo \"\${COMPREPLY[*]}\"")" '^failed$'
	expect_match "completes commands" "$(bash -c ". '$T/completion'; COMP_WORDS=(runwake ver); COMP_CWORD=1; _runwake; echo \"\${COMPREPLY[*]}\"")" '^verify version$'
}

wired_repo "$T/r"
t "command lines at fault" command_lines_at_fault
t "values at fault" values_at_fault
t "the largest values are taken" the_largest_values_are_taken
t "a bare repository has no workspace" a_bare_repository_has_no_workspace
t "a directory that cannot be written to" a_directory_that_cannot_be_written_to
t "broken settings and stores" broken_settings_and_stores
t "output that cannot be written" output_that_cannot_be_written
t "everything has help" everything_has_help
t "man pages and completion are valid" man_pages_and_completion_are_valid
end_tests
