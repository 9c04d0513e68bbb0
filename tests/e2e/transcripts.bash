# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
# Made-up transcripts of Claude Code, line by line. A test says whose session it writes, and then what happens in it:
#
#	session NAME [DIR]		what follows is written to PROJECTS/DIR/NAME.jsonl
#	prompt TEXT | answer … | …	a line each, STEP seconds apart
#
# Everything is synthetic. Set here: PROJECTS.
PROJECTS=$HOME/.claude/projects
export CLAUDE_CONFIG_DIR=$HOME/.claude
CLOCK=1767225600	# 2026-01-01T00:00:00Z
LINE=0
STEP=10	# seconds between two lines; 0: a millisecond
FILE=
SESSION=
CWD=/nowhere/project
VERSION=2.1.330
MODEL=claude-opus-5-5

now_text()
{
	date -u -d "@$CLOCK" "+%Y-%m-%dT%H:%M:%S.$(printf %03d $((STEP ? 0 : LINE)))Z"
}

session() # NAME [DIR]
{
	SESSION=$1
	mkdir -p "$PROJECTS/${2:--nowhere-project}"
	FILE=$PROJECTS/${2:--nowhere-project}/$1.jsonl
}

subagent() # ID; what follows is the session's subagent's, until the next session
{
	mkdir -p "${FILE%.jsonl}/subagents"
	FILE=${FILE%.jsonl}/subagents/agent-$1.jsonl
}

# A line of the common shape. ENVELOPE holds members of the caller's own, each followed by a comma.
line() # TYPE MEMBERS
{
	LINE=$((LINE + 1))
	CLOCK=$((CLOCK + STEP))
	printf '{"parentUuid":null,%s"type":"%s",%s,"uuid":"%s-%d","timestamp":"%s","sessionId":"%s","version":"%s","cwd":"%s","gitBranch":"main","userType":"external","entrypoint":"cli"}\n' \
	    "${ENVELOPE:-}" "$1" "$2" "$SESSION" "$LINE" "$(now_text)" "$SESSION" "$VERSION" "$CWD" >>"$FILE"
}

prompt() # TEXT [MEMBERS]
{
	line user "\"message\":{\"role\":\"user\",\"content\":\"$1\"},\"promptId\":\"prompt-$SESSION-$LINE\",${2:-\"promptSource\":\"typed\",\"turnOrigin\":\"human\",\"origin\":{\"kind\":\"human\"\}}"
}

usage() # INPUT OUTPUT READ WRITE [WRITE-1H]
{
	printf '"usage":{"input_tokens":%d,"output_tokens":%d,"cache_read_input_tokens":%d,"cache_creation_input_tokens":%d,"cache_creation":{"ephemeral_5m_input_tokens":%d,"ephemeral_1h_input_tokens":%d}}' \
	    "$1" "$2" "$3" "$4" "$(($4 - ${5:-0}))" "${5:-0}"
}

answer() # ID TEXT USAGE…; REQUEST names the request, "" leaves it out
{
	local id=$1 text=$2
	shift 2
	line assistant "\"message\":{\"id\":\"$id\",\"model\":\"$MODEL\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"$text\"}],$(usage "$@")}${REQUEST-,\"requestId\":\"req_$id\"}"
}

tool_use() # ID TOOL USE USAGE…
{
	local id=$1 tool=$2 use=$3
	shift 3
	line assistant "\"message\":{\"id\":\"$id\",\"model\":\"$MODEL\",\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"$use\",\"name\":\"$tool\",\"input\":{}}],$(usage "$@")},\"requestId\":\"req_$id\""
}

tool_result() # USE [MEMBERS]
{
	line user "\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"$1\",\"content\":\"what came out\"}]}${2:+,$2}"
}

api_error() # TEXT STATUS
{
	line assistant "\"message\":{\"id\":\"error-$LINE\",\"model\":\"<synthetic>\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"$1\"}],$(usage 0 0 0 0)},\"isApiErrorMessage\":true,\"apiErrorStatus\":$2,\"error\":\"invalid_request\""
}

interrupt() # [for tool use]
{
	line user "\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"[Request interrupted by user${1:+ $1}]\"}]}"
}

cost_state() # DOLLARS INPUT OUTPUT READ WRITE [UNKNOWN]
{
	printf '{"type":"cost-state","sessionId":"%s","totalCostUSD":%s,"totalDuration":1000,"startTime":%d000,"hasUnknownModelCost":%s,"modelUsage":{"%s":{"inputTokens":%d,"outputTokens":%d,"cacheReadInputTokens":%d,"cacheCreationInputTokens":%d,"webSearchRequests":0,"costUSD":%s}}}\n' \
	    "$SESSION" "$1" "$CLOCK" "${6:-false}" "$MODEL" "$2" "$3" "$4" "$5" "$1" >>"$FILE"
}

raw() # LINE
{
	printf '%s\n' "$1" >>"$FILE"
}

# ---- what was recorded ----------------------------------------------------------------------------
import() # ARG…
{
	runwake import claude "$@"
}

run_of() # SESSION COLUMN…; of its runs, in order
{
	local name=$1
	shift
	runwake list --limit 0 --json | jq -r --arg s "$name" --args '[.runs[] | select(.agent_session_id == $s)] | sort_by(.started_at) |
	    .[] | [.[$ARGS.positional[]]] | map(if . == null then "null" else tostring end) | join(" ")' "$@"
}
