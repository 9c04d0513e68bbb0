/* SPDX-License-Identifier: MIT */
/* Payloads of Claude Code's hooks. */
#include "agent/hook_claude.h"

#include <stdlib.h>
#include <string.h>

enum member {
	EVENT,
	SESSION,
	TRANSCRIPT,
	DIRECTORY,
	PROMPT_ID,
	AGENT_ID,
	SOURCE,
	MODEL,
	TITLE,
	PROMPT,
	TOOL,
	INPUT,
	USE,
	ANSWER,
	ERROR,
	ERROR_DETAILS,
	MEMBERS
};

static const char *const names[MEMBERS] = {
	[EVENT] = "hook_event_name",
	[SESSION] = "session_id",
	[TRANSCRIPT] = "transcript_path",
	[DIRECTORY] = "cwd",
	[PROMPT_ID] = "prompt_id",
	[AGENT_ID] = "agent_id",
	[SOURCE] = "source",
	[MODEL] = "model",
	[TITLE] = "session_title",
	[PROMPT] = "prompt",
	[TOOL] = "tool_name",
	[INPUT] = "tool_input",
	[USE] = "tool_use_id",
	[ANSWER] = "last_assistant_message",
	[ERROR] = "error",
	[ERROR_DETAILS] = "error_details",
};

static enum wake_claude_hook_event event_of(struct wake_scan name)
{
	static const char *const events[] = {
		[WAKE_CLAUDE_HOOK_OTHER] = "",
		[WAKE_CLAUDE_HOOK_SESSION_START] = "SessionStart",
		[WAKE_CLAUDE_HOOK_PROMPT] = "UserPromptSubmit",
		[WAKE_CLAUDE_HOOK_TOOL_USED] = "PostToolUse",
		[WAKE_CLAUDE_HOOK_TOOL_ASKED] = "PermissionRequest",
		[WAKE_CLAUDE_HOOK_TOOL_DENIED] = "PermissionDenied",
		[WAKE_CLAUDE_HOOK_STOP] = "Stop",
		[WAKE_CLAUDE_HOOK_STOP_FAILURE] = "StopFailure",
		[WAKE_CLAUDE_HOOK_SUBAGENT_STOP] = "SubagentStop",
		[WAKE_CLAUDE_HOOK_SESSION_END] = "SessionEnd",
	};

	for (size_t i = 1; i < WAKE_COUNT(events); i++) {
		if (wake_scan_equals(name, events[i]))
			return (enum wake_claude_hook_event)i;
	}
	return WAKE_CLAUDE_HOOK_OTHER;
}

static enum wake_claude_hook_source source_of(struct wake_scan name)
{
	static const struct {
		const char *name;
		enum wake_claude_hook_source source;
	} sources[] = { { "startup", WAKE_CLAUDE_SOURCE_NEW }, { "clear", WAKE_CLAUDE_SOURCE_NEW },
		{ "fork", WAKE_CLAUDE_SOURCE_NEW }, { "resume", WAKE_CLAUDE_SOURCE_RESUME },
		{ "compact", WAKE_CLAUDE_SOURCE_COMPACT } };

	for (size_t i = 0; i < WAKE_COUNT(sources); i++) {
		if (wake_scan_equals(name, sources[i].name))
			return sources[i].source;
	}
	return WAKE_CLAUDE_SOURCE_OTHER;
}

/* NULL stays where there is none, or a longer one than any path is. */
static int take_path(struct wake_scan value, char **ret_path, struct wake_error *err)
{
	wake_auto_str struct wake_str path = WAKE_STR(2 * WAKE_CLAUDE_HOOK_PATH_MAX);

	wake_scan_append(value, WAKE_CLAUDE_HOOK_PATH_MAX + 1, &path);
	if (!path.failed && (path.len == 0 || path.len > WAKE_CLAUDE_HOOK_PATH_MAX))
		return WAKE_OK;
	return wake_str_steal(&path, ret_path, err);
}

/* What a tool does with files is known of the client's own tools alone; what another calls its input may be
 * anything. */
static int take_file(struct wake_claude_hook *hook, struct wake_error *err)
{
	static const struct {
		const char *tool, *member;
	} editors[] = { { "Edit", "file_path" }, { "MultiEdit", "file_path" }, { "Write", "file_path" },
		{ "NotebookEdit", "notebook_path" } };

	for (size_t i = 0; i < WAKE_COUNT(editors); i++) {
		if (strcmp(hook->tool, editors[i].tool) == 0)
			return take_path(wake_scan_first(hook->input, editors[i].member), &hook->file, err);
	}
	return WAKE_OK;
}

/* An id that is too long to be kept whole is none. */
static void take_name(struct wake_scan value, char buffer[WAKE_CLAUDE_HOOK_ID_SIZE])
{
	char longer[WAKE_CLAUDE_HOOK_ID_SIZE + 4];

	wake_scan_copy(value, longer, sizeof(longer));
	buffer[0] = '\0';
	if (strlen(longer) < WAKE_CLAUDE_HOOK_ID_SIZE)
		memcpy(buffer, longer, strlen(longer) + 1);
}

static int take_members(
    const struct wake_scan *members, struct wake_claude_hook *hook, struct wake_error *err)
{
	int ret;

	take_name(members[SESSION], hook->session);
	if (!*hook->session)
		return wake_fail(err, WAKE_INVALID, "the hook was told no session that can be so");
	hook->source = source_of(members[SOURCE]);
	hook->is_said_by_client = wake_scan_is_string(members[SOURCE]) &&
	                          !wake_scan_equals(members[SOURCE], "user") &&
	                          !wake_scan_equals(members[SOURCE], "sdk");
	take_name(members[PROMPT_ID], hook->prompt_id);
	take_name(members[AGENT_ID], hook->agent_id);
	take_name(members[TOOL], hook->tool);
	take_name(members[USE], hook->use);
	take_name(members[MODEL], hook->model);
	hook->prompt = members[PROMPT];
	hook->title = members[TITLE];
	hook->answer = members[ANSWER];
	hook->error = members[ERROR];
	hook->error_details = members[ERROR_DETAILS];
	hook->input = members[INPUT];
	ret = take_path(members[TRANSCRIPT], &hook->transcript, err);
	if (ret == WAKE_OK)
		ret = take_path(members[DIRECTORY], &hook->directory, err);
	return ret == WAKE_OK ? take_file(hook, err) : ret;
}

int wake_claude_hook_read(
    const char *text, size_t len, struct wake_claude_hook *ret_hook, struct wake_error *err)
{
	wake_auto_claude_hook struct wake_claude_hook hook = { 0 };
	struct wake_scan whole, members[MEMBERS];
	int ret;

	if (!wake_scan_take(&text, &len, &whole) || !wake_scan_pick(whole, names, MEMBERS, members) ||
	    !wake_scan_is_string(members[EVENT]))
		return wake_fail(err, WAKE_INVALID, "what the hook was told is no event");
	hook.event = event_of(members[EVENT]);
	ret = hook.event == WAKE_CLAUDE_HOOK_OTHER ? WAKE_OK : take_members(members, &hook, err);
	if (ret < 0)
		return ret;
	*ret_hook = hook;
	hook = (struct wake_claude_hook){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_claude_hook_release(struct wake_claude_hook *hook)
{
	free(hook->transcript);
	free(hook->directory);
	free(hook->file);
	*hook = (struct wake_claude_hook){ 0 };
}
