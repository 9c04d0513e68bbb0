# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
# Claude Code's hooks as the client calls them, without the client. Sourced after harness.sh.
#
#	at NAME [DIR]		whose session the next calls are, and where the agent is
#	hook EVENT [MEMBERS]	one call; MEMBERS: further members of the payload, as a jq object's
#
# Each call must exit 0 and print nothing. ENV_FILE: what CLAUDE_ENV_FILE is to name; CLIENT: the client's process.
HOOK=$PREFIX/libexec/runwake/hooks/claude-code
NAME=
DIR=
TRANSCRIPT=
CLIENT=$$
ENV_FILE=

at() # NAME [DIR]
{
	NAME=$1
	[ $# -lt 2 ] || DIR=$2
	TRANSCRIPT=$T/no-transcript.jsonl
}

payload() # EVENT [MEMBERS]
{
	jq -n --arg event "$1" --arg name "$NAME" --arg dir "$DIR" --arg transcript "$TRANSCRIPT" \
	    "{session_id: \$name, transcript_path: \$transcript, cwd: \$dir, permission_mode: \"default\",
	      hook_event_name: \$event} + {${2:-}}"
}

told() # payload on standard input
{
	local status=0
	CLAUDE_PID=$CLIENT CLAUDE_CODE_ENTRYPOINT=cli CLAUDE_ENV_FILE=$ENV_FILE "$HOOK" >"$T/hook.out" 2>"$T/hook.err" || status=$?
	[ "$status" -eq 0 ] || fail "the hook: exit $status: $(cat "$T/hook.err")"
	[ ! -s "$T/hook.out" ] || fail "the hook prints: $(cat "$T/hook.out")"
}

hook() # EVENT [MEMBERS]
{
	payload "$@" >"$T/payload"
	told <"$T/payload"
	[ ! -s "$T/hook.err" ] || fail "the hook says: $(cat "$T/hook.err")"
}

prompted() # ID TEXT
{
	hook UserPromptSubmit "prompt_id: \"$1\", prompt: \"$2\""
}

answered() # TEXT
{
	hook Stop "stop_hook_active: false, last_assistant_message: \"$1\""
}

used() # ID TOOL [FILE [MEMBERS]]
{
	hook PostToolUse "tool_use_id: \"$1\", tool_name: \"$2\", tool_input: {file_path: \"${3:-}\", command: \"SECRET command\",
	    content: \"SECRET content\"}, tool_response: {stdout: \"SECRET output\"} ${4:+, $4}"
}

rows() # SESSION COLUMN…; of its runs, in order of their beginning
{
	local name=$1
	shift
	runwake list --limit 0 --json | jq -r --arg s "$name" --args '[.runs[] | select(.agent_session_id == $s)] | sort_by(.started_at) |
	    .[] | [.[$ARGS.positional[]]] | map(if . == null then "-" else tostring end) | join("|")' "$@"
}

run_of() # SESSION [NTH]
{
	rows "$1" run_id | sed -n "${2:-1}p"
}

said_in() # RUN
{
	in_store "select cast(s.kind as text) || ' ' || s.text from workflow_said s join workflow_runs r on r.id = s.workflow_run_id
	    where r.run_id = '$1' order by s.at, s.id" | paste -sd ','
}

tools_of() # RUN
{
	runwake log "$1" --json | jq -r '.tool_uses | map([.tool, .outcome] + .paths | join(" ")) | join(",")'
}

everything_recorded()
{
	in_store "select run_id, status, task_input, result, error_message, started_at, completed_at, parent_run_id, agent_session_id,
	    initial_commit_hash, final_commit_hash from workflow_runs order by run_id"
	in_store "select id, used_at, tool, outcome, tool_use_id, agent_id, paths from workflow_tool_uses order by id"
	in_store "select id, kind, text, at from workflow_said order by id"
}
