#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the hook of Claude Code takes as a whole process, beside an empty C program, with a recorder at work: the events that
# come often. A session is at work; its client waits for each of these calls. "read": what it costs to be called at all.
# Budget: 1.4 times an empty program.
# shellcheck source=tests/e2e/harness.sh disable=SC2164
. "$(dirname "$0")/../e2e/harness.sh"
# shellcheck source=tests/e2e/agent_hooks.bash
. "$(dirname "$0")/../e2e/agent_hooks.bash"
set -e

ROUNDS=${ROUNDS:-500}
BENCH=$BUILD/tests/bench

keep() # FILE EVENT [MEMBERS]
{
	payload "${@:2}" >"$T/$1"
}

wired_repo "$T/project"
at bench "$T/project"
hook SessionStart 'source: "startup"'
keep prompt UserPromptSubmit 'prompt_id: "p1", prompt: ("Mend the login, please. " * 40)'
keep bash PostToolUse 'tool_name: "Bash", tool_use_id: "u1", tool_input: {command: "make"}, tool_response: {stdout: ("a line\n" * 1000)}'
keep write PostToolUse "tool_name: \"Write\", tool_use_id: \"u2\", tool_input: {file_path: \"$DIR/src.c\", content: (\"x\" * 4000)}"
keep asked PermissionRequest 'tool_name: "Bash", tool_input: {command: "make"}'
keep stop Stop 'last_assistant_message: ("Done. " * 200)'
keep other PreToolUse 'tool_name: "Bash"'
runwake record
nproc | sed 's/$/ processors/'
sed 's/ .*/ load/' /proc/loadavg
CLAUDE_PID=$$ "$BENCH/spawn_time" "$ROUNDS" "$DIR" - "$STATE/spool" empty="$BENCH/empty" empty-static="$BENCH/empty_static" \
    read="$HOOK <$T/other" UserPromptSubmit="$HOOK <$T/prompt" PostToolUse-Bash="$HOOK <$T/bash" \
    PostToolUse-Write="$HOOK <$T/write" PermissionRequest="$HOOK <$T/asked" Stop="$HOOK <$T/stop" | tee "$T/table"
awk '$1 ~ /^[A-Z]/ && $NF > 1.4 { print $1 ": over the budget of 1.4: " $NF; over = 1 } END { exit over }' "$T/table"
