/* SPDX-License-Identifier: MIT */
/* Entries of Claude Code's settings that are ours. */
#include "agent/claude_hooks.h"

#include <string.h>

#define TIMEOUT 10 /* seconds; without one the client gives a hook at SessionEnd 1.5 s */
#define NAME_MAX_BYTES 64
#define TYPE "command"
#define COMMAND_MAX 4096 /* bytes: the kernel starts no longer path */
#define CHARACTER_MAX 4  /* bytes: what is longer may be cut that much earlier */

const char *const wake_claude_events[WAKE_CLAUDE_EVENTS] = { "SessionStart", "UserPromptSubmit",
	"PostToolUse", "PermissionRequest", "PermissionDenied", "Stop", "StopFailure", "SubagentStop",
	"SessionEnd" };

/* Which tools an event is wanted of: those that change something; NULL: of all that there is. */
static const char *matcher_of(const char *event)
{
	return strcmp(event, "PostToolUse") == 0 ? "Bash|Edit|MultiEdit|Write|NotebookEdit" : NULL;
}

json_t *wake_claude_hook_entry(const char *event, const char *program)
{
	const char *matcher = matcher_of(event);
	json_t *hooks = json_pack(
	    "[{s:s, s:s, s:[], s:i}]", "type", TYPE, "command", program, "args", "timeout", TIMEOUT);

	if (!hooks || !matcher)
		return hooks ? json_pack("{s:o}", "hooks", hooks) : NULL;
	return json_pack("{s:s, s:o}", "matcher", matcher, "hooks", hooks);
}

static bool ends_in_tail(const char *command, size_t len)
{
	size_t tail = strlen(WAKE_CLAUDE_HOOK_TAIL);

	return len > tail && len < COMMAND_MAX - CHARACTER_MAX && command[0] == '/' &&
	       memcmp(command + len - tail, WAKE_CLAUDE_HOOK_TAIL, tail) == 0;
}

bool wake_claude_says(struct wake_scan value, const char *text)
{
	char said[NAME_MAX_BYTES];

	/* An escape takes six bytes for one at the most. */
	return wake_scan_is_string(value) && value.len <= 2 + 6 * sizeof(said) &&
	       strcmp(wake_scan_copy(value, said, sizeof(said)), text) == 0;
}

struct wake_scan wake_claude_member(
    struct wake_scan value, const char *name, struct wake_scan *ret_key, size_t *ret_count)
{
	struct wake_scan found = { NULL, 0 }, key, member;
	struct wake_scan_walk walk;
	size_t count = 0;

	if (wake_scan_is_object(value) && wake_scan_open(value, &walk)) {
		while (wake_scan_next(&walk, &key, &member)) {
			if (!wake_claude_says(key, name))
				continue;
			found = member;
			count++;
			if (ret_key)
				*ret_key = key;
		}
	}
	if (ret_count)
		*ret_count = count;
	return found;
}

bool wake_claude_hook_is_ours(struct wake_scan handler)
{
	struct wake_scan command = wake_claude_member(handler, "command", NULL, NULL);
	char said[COMMAND_MAX];

	if (!wake_claude_says(wake_claude_member(handler, "type", NULL, NULL), TYPE))
		return false;
	(void)wake_scan_copy(command, said, sizeof(said));
	return ends_in_tail(said, strlen(said));
}

bool wake_claude_hook_is_ours_json(const json_t *handler)
{
	const char *type = wake_json_string(handler, "type");
	const json_t *command = json_object_get(handler, "command");

	return type && strcmp(type, TYPE) == 0 && json_is_string(command) &&
	       ends_in_tail(json_string_value(command), json_string_length(command));
}
