#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The hooks under valgrind: no error, no leak, no descriptor left open, on all their ways. They are linked dynamically for
# this (`make tools`), since valgrind cannot see a static program's allocations; of the same objects as those that are released.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/hooks_common.bash
. "$(dirname "$0")/hooks_common.bash"
# shellcheck source=tests/e2e/agent_hooks.bash
. "$(dirname "$0")/agent_hooks.bash"

DYNAMIC=$T/dynamic/libexec/runwake/hooks

lay_the_ground()
{
	local built=$BUILD/tests/dynamic/hooks
	needs valgrind readelf
	[ -x "$built/post-commit" ] || fail "$built is not there: make VARIANT=$(basename "$BUILD") tools"
	readelf -d "$built/post-commit" >"$T/needed"
	! grep -q 'NEEDED.*lib[a-z]*san' "$T/needed" || skip "a program with a sanitizer in it does not run under valgrind"
	grep -q NEEDED "$T/needed" || fail "the hooks are static"
	mkdir -p "$DYNAMIC" "$T/dynamic/bin"
	cp "$built"/* "$DYNAMIC/"
	ln -s "$PREFIX/bin/runwake" "$T/dynamic/bin/runwake"
}

# is_clean HOOK ARGUMENT…: exits as the hook does
is_clean()
{
	local name=$1 status=0
	shift
	valgrind -q --read-inline-info=no --error-exitcode=99 --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
	    --track-fds=yes --child-silent-after-fork=yes --log-file="$T/valgrind.log" "$DYNAMIC/$name" "$@" || status=$?
	# A descriptor that was inherited is open in it, too: the line after says so.
	if [ "$status" -eq 99 ] ||
	    awk '/Open file descriptor/ { getline after; if (after !~ /inherited/) found = 1 } END { exit !found }' "$T/valgrind.log"; then
		cat "$T/valgrind.log"
		fail "$name: valgrind complains"
	fi
	return "$status"
}

repo_for() # DIR
{
	[ -x "$DYNAMIC/post-commit" ] || skip "there are no hooks to run"
	wired_repo "$1"
	git -C "$1" -c core.hooksPath=/dev/null commit -q --allow-empty -m "Without hooks"
	cd "$1"
}

movements()
{
	local zero old new
	repo_for "$T/movements"
	is_clean post-commit
	is_clean post-commit
	RUNWAKE_RUN_ID=run-1 is_clean post-commit
	RUNWAKE_RUN_ID='not a run id' is_clean post-commit
	runwake start --workflow test --task x >/dev/null
	git -c core.hooksPath=/dev/null commit -q --allow-empty -m "By a run"
	is_clean post-commit
	echo '{' >.runwake
	is_clean post-commit 2>/dev/null
	rm .runwake
	old=$(git rev-parse HEAD~1) new=$(git rev-parse HEAD)
	zero=$(printf '%040d' 0)
	is_clean post-checkout "$old" "$new" 1
	is_clean post-checkout "$zero" "$new" 1
	is_clean post-checkout "$new" "$new" 0
	is_clean post-checkout
	is_clean post-merge 0
	is_clean post-merge 1
	is_clean post-applypatch
}

told_by_input()
{
	local i
	repo_for "$T/input"
	printf '%040x %040x\n%040x %040x extra\nnonsense\n' 1 2 3 4 >"$T/lines"
	is_clean post-rewrite amend <<<"$(printf '%040x %040x' 1 2)"
	is_clean post-rewrite rebase <"$T/lines" 2>/dev/null
	is_clean post-rewrite rebase </dev/null
	for ((i = 0; i < 1200; i++)); do printf '%040x %040x\n' "$i" $((i + 1)); done | is_clean post-rewrite rebase
	printf 'refs/heads/a %040x refs/heads/a %040x\n' 1 0 | is_clean pre-push origin https://ann:secret@example.org/x
	printf 'nonsense\n' | is_clean pre-push origin url 2>/dev/null
	is_clean pre-push origin url </dev/null
	is_clean pre-push </dev/null
}

elsewhere()
{
	[ -x "$DYNAMIC/post-commit" ] || skip "there are no hooks to run"
	mkdir -p "$T/plain"
	cd "$T/plain"
	is_clean post-commit
	new_repo "$T/unregistered"
	cd "$T/unregistered"
	is_clean post-commit
	printf 'x\n' | is_clean pre-push origin url
	RUNWAKE_PROBE=word is_clean post-commit 2>"$T/err"
	expect_eq "the answer" "$(cut -d ' ' -f 1-3 "$T/err")" "runwake-probe post-commit word"
	RUNWAKE_SHIM=1 is_clean post-commit
}

chained()
{
	local status=0
	repo_for "$T/chained"
	rm -f .git/hooks/post-commit .git/hooks/pre-push
	printf '#!/bin/sh\ncat >"%s"\nexit 7\n' "$T/chained.out" >.git/hooks/pre-push
	chmod 755 .git/hooks/pre-push
	printf 'refs/heads/a %040x refs/heads/a %040x\n' 1 0 >"$T/line"
	is_clean pre-push origin url <"$T/line" || status=$?
	expect_eq "exit code" "$status" 7
	cmp "$T/line" "$T/chained.out"
}

failing()
{
	repo_for "$T/failing"
	wait_until 60 is_settled
	XDG_STATE_HOME=/proc/nowhere is_clean post-commit 2>/dev/null
	XDG_STATE_HOME=/proc/nowhere is_clean post-rewrite amend <<<"$(printf '%040x %040x' 1 2)" 2>/dev/null
	rm .git/HEAD
	is_clean post-commit
}

agents()
{
	repo_for "$T/agents"
	at valgrind "$PWD"
	say() { payload "$@" | CLAUDE_PID=$$ CLAUDE_ENV_FILE=$T/env is_clean claude-code; }
	say SessionStart 'source: "startup", model: "m", session_title: "t"'
	say SessionStart 'source: "startup"'
	say UserPromptSubmit 'prompt_id: "v1", prompt: "Do it with ghp_0123456789abcdefghijABCDEFGHIJ012345"'
	say PostToolUse "tool_name: \"Write\", tool_use_id: \"u1\", tool_input: {file_path: \"$PWD/new\"}"
	say PostToolUse 'tool_name: "Write", tool_use_id: "u1", tool_input: {file_path: "/nowhere/at/all"}'
	say PermissionRequest 'tool_name: "Bash", tool_input: {command: "make"}'
	say PermissionDenied 'tool_name: "Bash", tool_use_id: "u2"'
	say SubagentStop 'agent_id: "a1"'
	say StopFailure 'error: "overloaded", error_details: "529"'
	say Stop 'last_assistant_message: "Done"'
	say SessionEnd 'reason: "other"'
	say Stop 'last_assistant_message: "Late"'
	say SessionStart 'source: "resume"'
	RUNWAKE_RUN_ID=$(runwake start --run-id valgrind)
	export RUNWAKE_RUN_ID
	at nested
	say UserPromptSubmit 'prompt_id: "v2", prompt: "x"'
	say SessionEnd
	unset RUNWAKE_RUN_ID
	say PreToolUse
	at elsewhere /
	say Stop
	printf '{' | is_clean claude-code 2>/dev/null
	is_clean claude-code </dev/null 2>/dev/null
	XDG_STATE_HOME=/proc/nowhere say Stop 2>/dev/null
	head -c 20000000 /dev/zero | is_clean claude-code 2>/dev/null
}

t "hooks that valgrind can see into" lay_the_ground
t "hooks that a movement starts" movements
t "hooks that read" told_by_input
t "where nothing is recorded" elsewhere
t "with a hook behind" chained
t "when nothing can be written" failing
t "an agent's" agents
end_tests
