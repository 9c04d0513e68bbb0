/* SPDX-License-Identifier: MIT */
/* What Claude Code (up to 2.1.330) gives its hooks on standard input: one JSON object, which holds what a
 * person wrote, what tools were given and what came of it. Nothing is built of it, and only what is named
 * here is looked at; members of other types than these count as missing. */
#ifndef WAKE_HOOK_CLAUDE_H
#define WAKE_HOOK_CLAUDE_H

#include "agent/run_name.h"
#include "agent/scan.h"

enum wake_claude_hook_event {
	WAKE_CLAUDE_HOOK_OTHER, /* one that tells us nothing */
	WAKE_CLAUDE_HOOK_SESSION_START,
	WAKE_CLAUDE_HOOK_PROMPT,
	WAKE_CLAUDE_HOOK_TOOL_USED,
	WAKE_CLAUDE_HOOK_TOOL_ASKED,
	WAKE_CLAUDE_HOOK_TOOL_DENIED,
	WAKE_CLAUDE_HOOK_STOP,
	WAKE_CLAUDE_HOOK_STOP_FAILURE,
	WAKE_CLAUDE_HOOK_SUBAGENT_STOP,
	WAKE_CLAUDE_HOOK_SESSION_END,
};

/* Why a session starts. */
enum wake_claude_hook_source {
	WAKE_CLAUDE_SOURCE_OTHER,
	WAKE_CLAUDE_SOURCE_NEW, /* startup, clear, fork: nothing of it was there before */
	WAKE_CLAUDE_SOURCE_RESUME,
	WAKE_CLAUDE_SOURCE_COMPACT, /* it goes on */
};

#define WAKE_CLAUDE_HOOK_ID_SIZE 257 /* an id or a name of at most 256 bytes */
#define WAKE_CLAUDE_HOOK_PATH_MAX ((size_t)32 * 1024)

struct wake_claude_hook {
	enum wake_claude_hook_event event;
	enum wake_claude_hook_source source;
	char session[WAKE_AGENT_SESSION_MAX + 1];
	/* "": not told. */
	char prompt_id[WAKE_CLAUDE_HOOK_ID_SIZE];
	char agent_id[WAKE_CLAUDE_HOOK_ID_SIZE]; /* the subagent that it comes from */
	char tool[WAKE_CLAUDE_HOOK_ID_SIZE];
	char use[WAKE_CLAUDE_HOOK_ID_SIZE];
	char model[WAKE_CLAUDE_HOOK_ID_SIZE];
	bool is_said_by_client; /* the prompt is not a person's or a program's word to the agent */
	/* owned; NULL: not told, or longer than WAKE_CLAUDE_HOOK_PATH_MAX. */
	char *transcript, *directory;
	char *file; /* what a tool that edits a file was to edit */
	/* borrowed from the payload; at NULL: not told. */
	struct wake_scan prompt, title, answer, error, error_details;
	struct wake_scan input; /* a tool's: to be told apart by, never to be recorded */
};

/* WAKE_INVALID: it is no payload of a hook. An event of no interest is read as WAKE_CLAUDE_HOOK_OTHER, with
 * nothing else. owned: wake_claude_hook_release. */
int wake_claude_hook_read(
    const char *text, size_t len, struct wake_claude_hook *ret_hook, struct wake_error *err) WAKE_MUST_CHECK;
void wake_claude_hook_release(struct wake_claude_hook *hook);

#define wake_auto_claude_hook WAKE_CLEANUP(wake_claude_hook_release)

#endif
