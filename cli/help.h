/* SPDX-License-Identifier: MIT */
/* Help, man pages and completion, all made of the table of commands. */
#ifndef WAKE_HELP_H
#define WAKE_HELP_H

#include "base/str.h"
#include "cli/command.h"

extern const char wake_help_purpose[]; /* what the program is for: one sentence */

/* On standard output. */
int wake_help_command(const struct wake_command *command, struct wake_error *err) WAKE_MUST_CHECK;
int wake_help_overview(struct wake_error *err) WAKE_MUST_CHECK;

/* Does the command give this exit code? */
bool wake_help_has_exit(const struct wake_command *command, enum wake_exit code);

/* man(7) source of runwake.1 (command NULL) or runwake-NAME.1, appended. */
void wake_man_append(struct wake_str *out, const struct wake_command *command);

/* The completion script for bash, appended. */
void wake_completion_append(struct wake_str *out);

#endif
