/* SPDX-License-Identifier: MIT */
/* Our hooks of Claude Code: at which of its events, and how an entry of its settings looks.
 *
 * An entry is in exec form ("args" beside "command"): the client starts the program without a shell, so that
 * any prefix will do. Never at WorktreeCreate: a hook there takes the place of the client's own making of
 * worktrees. */
#ifndef WAKE_CLAUDE_HOOKS_H
#define WAKE_CLAUDE_HOOKS_H

#include <stdbool.h>

#include "agent/scan.h"
#include "base/json.h"

#define WAKE_CLAUDE_HOOK "claude-code" /* the program's name */
#define WAKE_CLAUDE_HOOK_TAIL                                                                                \
	"/libexec/runwake/hooks/" WAKE_CLAUDE_HOOK /* by which it is known, below any prefix */

#define WAKE_CLAUDE_EVENTS 9
extern const char *const wake_claude_events[WAKE_CLAUDE_EVENTS];

/* What settings hold at one event for program, its absolute path (UTF-8); owned; NULL: no memory. */
json_t *wake_claude_hook_entry(const char *event, const char *program);

/* A handler in somebody's settings that runs our program, wherever it lies or lay. */
bool wake_claude_hook_is_ours(struct wake_scan handler);
bool wake_claude_hook_is_ours_json(const json_t *handler); /* the same */

/* The last member of that name, as the client counts, however its name is written; at NULL: none, or value is
 * no object. ret_key (may be NULL): its name; ret_count (may be NULL): how many there are. */
struct wake_scan wake_claude_member(
    struct wake_scan value, const char *name, struct wake_scan *ret_key, size_t *ret_count);

/* Does a string say this text? */
bool wake_claude_says(struct wake_scan value, const char *text);

#endif
