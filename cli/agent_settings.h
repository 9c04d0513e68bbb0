/* SPDX-License-Identifier: MIT */
/* The file in which an agent's user keeps its settings: read whole, and replaced in one step or not at all.
 */
#ifndef WAKE_AGENT_SETTINGS_H
#define WAKE_AGENT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/scope.h"

struct wake_agent_settings {
	char *path; /* owned: the file itself, symbolic links followed; where it is not there, as it was named
	             */
	char *text; /* owned; never NULL */
	size_t len; /* bytes */
	bool is_there;
	struct stat st; /* where it is there */
};

/* Where Claude Code reads its user's settings: $CLAUDE_CONFIG_DIR/settings.json, else
 * ~/.claude/settings.json. owned: free(3). */
int wake_agent_settings_find(char **ret_path, struct wake_error *err) WAKE_MUST_CHECK;

/* A file that is not there is empty. WAKE_INVALID: not ours to change (another user's, no file, too large).
 */
int wake_agent_settings_read(
    const char *path, struct wake_agent_settings *ret_settings, struct wake_error *err) WAKE_MUST_CHECK;

/* WAKE_BUSY: it was changed since it was read. */
int wake_agent_settings_check(
    const struct wake_agent_settings *settings, struct wake_error *err) WAKE_MUST_CHECK;

/* Puts text into its place; the mode and the group stay; a new file gets mode. WAKE_BUSY: it was changed
 * since it was read. */
int wake_agent_settings_replace(const struct wake_agent_settings *settings, const char *text, size_t len,
    mode_t mode, struct wake_error *err) WAKE_MUST_CHECK;

/* Removes the file. WAKE_BUSY: as above. */
int wake_agent_settings_remove(
    const struct wake_agent_settings *settings, struct wake_error *err) WAKE_MUST_CHECK;

void wake_agent_settings_release(struct wake_agent_settings *settings);

#define wake_auto_agent_settings WAKE_CLEANUP(wake_agent_settings_release)

#endif
