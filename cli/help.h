/* SPDX-License-Identifier: MIT */
/* Help, man pages and completion, all made of the table of commands. */
#ifndef WAKE_HELP_H
#define WAKE_HELP_H

#include "base/str.h"
#include "cli/command.h"

/* On standard output. */
int wake_help_command(const struct wake_command *command, struct wake_error *err) WAKE_MUST_CHECK;
int wake_help_overview(struct wake_error *err) WAKE_MUST_CHECK;

/* man(7) source of runwake.1 (command NULL) or runwake-NAME.1, appended. */
void wake_man_append(struct wake_str *out, const struct wake_command *command);

/* The completion script for bash, appended. */
void wake_completion_append(struct wake_str *out);

#endif
