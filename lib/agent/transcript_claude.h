/* SPDX-License-Identifier: MIT */
/* Between the files that read Claude Code's transcripts. Inner to the module. */
#ifndef WAKE_TRANSCRIPT_CLAUDE_H
#define WAKE_TRANSCRIPT_CLAUDE_H

#include "agent/scan.h"
#include "agent/transcript.h"
#include "agent/transcript_lines.h"

#define WAKE_CLAUDE_TOOLS 64 /* tool uses whose names are remembered: parallel ones come together */

struct wake_claude_tool {
	char use[80], name[80];
};

/* A session being read. */
struct wake_claude {
	struct wake_transcript_reading *reading; /* borrowed */
	struct wake_transcript_opening opening;  /* the one that goes on */
	bool is_open;                            /* it has begun */
	struct wake_transcript_opening beside;   /* answers of subagents' files, by time */
	size_t beside_next;
	struct wake_transcript_totals base, latest;
	bool base_unknown, has_latest;
	bool is_asked, is_copying; /* is it a fork? within what it copied */
	int failed;                /* what a callback came back with; 0: nothing has */
	bool is_refusal_bare;      /* the last thing said is a refusal that may be an interrupt's */
	int64_t refusal_at;        /* where that line begins */
	char *title, *name;        /* owned: given by a person; by who started it */
	struct wake_claude_tool tools[WAKE_CLAUDE_TOOLS];
	unsigned tool_next;
};

/* The members of assistant and user lines that anything is made of: all are looked for in one pass. */
enum wake_claude_member {
	WAKE_CLAUDE_TIMESTAMP,
	WAKE_CLAUDE_MESSAGE,
	WAKE_CLAUDE_SIDECHAIN,
	WAKE_CLAUDE_UUID,
	WAKE_CLAUDE_REQUEST,
	WAKE_CLAUDE_COST,
	WAKE_CLAUDE_API_ERROR,
	WAKE_CLAUDE_META,
	WAKE_CLAUDE_COMPACT_SUMMARY,
	WAKE_CLAUDE_TRANSCRIPT_ONLY,
	WAKE_CLAUDE_TOOL_RESULT,
	WAKE_CLAUDE_DECISION,
	WAKE_CLAUDE_DENIAL,
	WAKE_CLAUDE_PROMPT_SOURCE,
	WAKE_CLAUDE_TURN_ORIGIN,
	WAKE_CLAUDE_ORIGIN,
	WAKE_CLAUDE_PROMPT,
	WAKE_CLAUDE_MEMBERS
};

/* A line of the session's file. */
struct wake_claude_line {
	const struct wake_transcript_line *where;
	int64_t at;
	struct wake_scan line, message;
	struct wake_scan members[WAKE_CLAUDE_MEMBERS];
	bool is_sidechain;
};

/* Whatever of the current opening the line belongs to: begins one where it must. opens: it is somebody who
 * speaks. */
int wake_claude_enter(struct wake_claude *claude, const struct wake_claude_line *line, bool opens,
    struct wake_error *err) WAKE_MUST_CHECK;

/* ---- transcript_claude_answer.c: 0 or negative; WAKE_INVALID: the line is not as we know such lines */

/* The answer that an assistant line tells. ret_has false: none. model: at least WAKE_TRANSCRIPT_MODEL_MAX
 * + 1 bytes. */
int wake_claude_read_answer(const struct wake_claude_line *line, struct wake_transcript_answer *ret_answer,
    char *model, bool *ret_has, struct wake_error *err) WAKE_MUST_CHECK;
int wake_claude_assistant(
    struct wake_claude *claude, const struct wake_claude_line *line, struct wake_error *err) WAKE_MUST_CHECK;

/* ---- transcript_claude_said.c */
int wake_claude_user(
    struct wake_claude *claude, const struct wake_claude_line *line, struct wake_error *err) WAKE_MUST_CHECK;
/* Is it something that was said to the agent, and not what the client writes for itself? */
bool wake_claude_is_prompt_text(const char *text);
/* Remembers what a tool use is called. */
void wake_claude_keep_tool(struct wake_claude *claude, struct wake_scan use);

#endif
