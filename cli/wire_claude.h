/* SPDX-License-Identifier: MIT */
/* Our hooks in Claude Code's settings: put there, and taken away again. */
#ifndef WAKE_WIRE_CLAUDE_H
#define WAKE_WIRE_CLAUDE_H

#include "agent/claude_settings.h"
#include "cli/wire.h"

/* PREFIX/bin/runwake → PREFIX/libexec/runwake/hooks/claude-code, which must be there (else WAKE_NOTFOUND with
 * the mend). owned: free(3). */
int wake_wire_claude_program(const char *runwake, char **ret_program, struct wake_error *err) WAKE_MUST_CHECK;

struct wake_wire_claude {
	const struct wake_paths *paths; /* borrowed */
	const char *program;            /* borrowed; may be NULL to undo */
	bool dry;                       /* only say what would be done */
	struct wake_wire_report *report;
};

/* In the settings of the agent's user, which are made where they are not there. Doing it again changes
 * nothing, or lets them run this installation's program. */
int wake_wire_claude(const struct wake_wire_claude *wire, struct wake_error *err) WAKE_MUST_CHECK;
/* Settings that are as we left them become what they were before, to the byte; of others only our entries go.
 */
int wake_unwire_claude(const struct wake_wire_claude *wire, struct wake_error *err) WAKE_MUST_CHECK;

/* A file with our entries alone, for `claude --settings FILE`. WAKE_EXISTS: there is another file.
 * (wire_claude_file.c) */
int wake_wire_claude_file(
    const struct wake_wire_claude *wire, const char *path, struct wake_error *err) WAKE_MUST_CHECK;
int wake_unwire_claude_file(
    const struct wake_wire_claude *wire, const char *path, struct wake_error *err) WAKE_MUST_CHECK;

/* What keeps hooks in these settings from being run, with the mend; "" where nothing does. managed: the file
 * of the machine's administrator; may be missing. */
#define WAKE_CLAUDE_MANAGED "/etc/claude-code/managed-settings.json"
int wake_wire_claude_hindrance(const char *path, const struct wake_claude_wired *wired, const char *managed,
    struct wake_str *out, struct wake_error *err) WAKE_MUST_CHECK;

/* A line "PATH: TEXT". */
void wake_wire_claude_say(struct wake_str *out, const char *path, const char *fmt, ...) WAKE_PRINTF(3, 4);

#endif
