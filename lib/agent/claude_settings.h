/* SPDX-License-Identifier: MIT */
/* Our entries in the text of Claude Code's settings (settings.json): looking for them, putting them in,
 * taking them out. The text is somebody's own: all that is not ours stays byte for byte, and ours is written
 * as the rest is, in its indentation and its line ends. What comes out is read again, and must say what was
 * there with ours, before anybody gets it. Files are others' business. */
#ifndef WAKE_CLAUDE_SETTINGS_H
#define WAKE_CLAUDE_SETTINGS_H

#include "agent/claude_hooks.h"
#include "agent/text_change.h"

#define WAKE_CLAUDE_SETTINGS_MAX ((size_t)16 * 1024 * 1024) /* bytes */

/* What is wired in the settings. */
struct wake_claude_wired {
	bool events[WAKE_CLAUDE_EVENTS];
	size_t count;        /* of them */
	char *program;       /* owned: what the first entry of ours runs; NULL: there is none */
	bool is_mixed;       /* others of ours run another one */
	bool hooks_disabled; /* "disableAllHooks": true */
	bool managed_only; /* "allowManagedHooksOnly": true; the client minds it in managed settings alone */
};

/* WAKE_INVALID: no settings; the text says what is wrong. An empty text is settings with nothing in them. */
int wake_claude_settings_look(const char *text, size_t len, struct wake_claude_wired *ret_wired,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_claude_wired_release(struct wake_claude_wired *wired);

/* Which objects and lists were made for our entries. */
struct wake_claude_made {
	bool hooks;                      /* "hooks" itself */
	bool events[WAKE_CLAUDE_EVENTS]; /* the list of an event in it */
};

struct wake_claude_edit {
	struct wake_text_change change; /* owned; nothing in it: nothing is to be done */
	struct wake_str text;           /* owned: the settings with the change */
	struct wake_claude_made made;   /* by this change */
	bool is_bare;                   /* after unwiring: nothing is left in the settings */
};

/* Ours at every event; those that are there already are let be, or made to run program. WAKE_INVALID: these
 * are no settings, or "hooks" or one of its members is not what it must be. */
int wake_claude_settings_wire(const char *text, size_t len, const char *program,
    struct wake_claude_edit *ret_edit, struct wake_error *err) WAKE_MUST_CHECK;

/* None of ours. made: what goes, too, where nothing is left in it; NULL: not known, and all goes that ours
 * was the last in. */
int wake_claude_settings_unwire(const char *text, size_t len, const struct wake_claude_made *made,
    struct wake_claude_edit *ret_edit, struct wake_error *err) WAKE_MUST_CHECK;

void wake_claude_edit_release(struct wake_claude_edit *edit);

#define wake_auto_claude_wired WAKE_CLEANUP(wake_claude_wired_release)
#define wake_auto_claude_edit WAKE_CLEANUP(wake_claude_edit_release)

#endif
