/* SPDX-License-Identifier: MIT */
/* The table of all commands. Each is defined beside its code, in cmd_NAME.c; the order here is that of the
 * help. */
#ifndef WAKE_COMMANDS_H
#define WAKE_COMMANDS_H

#include "cli/command.h"

extern const struct wake_command wake_command_install;	/* cmd_install.c */
extern const struct wake_command wake_command_doctor;	/* cmd_doctor.c */
extern const struct wake_command wake_command_run;	/* cmd_run.c */
extern const struct wake_command wake_command_start;
extern const struct wake_command wake_command_finish;
extern const struct wake_command wake_command_say;
extern const struct wake_command wake_command_resume;
extern const struct wake_command wake_command_remote;
extern const struct wake_command wake_command_list;
extern const struct wake_command wake_command_show;
extern const struct wake_command wake_command_log;
extern const struct wake_command wake_command_diff;
extern const struct wake_command wake_command_restore;
extern const struct wake_command wake_command_link;
extern const struct wake_command wake_command_unlink;
extern const struct wake_command wake_command_purge;
extern const struct wake_command wake_command_record;
extern const struct wake_command wake_command_verify;
extern const struct wake_command wake_command_import;
extern const struct wake_command wake_command_chat;
extern const struct wake_command wake_command_stats;
extern const struct wake_command wake_command_prices;
extern const struct wake_command wake_command_db;
extern const struct wake_command wake_command_version;
extern const struct wake_command wake_command_help;
extern const struct wake_command wake_command_generate;

extern const struct wake_command wake_program_watcher; /* program_watcher.c; not in the table */

extern const struct wake_command *const wake_commands[]; /* ends with NULL */

/* NULL if there is none of that name. */
const struct wake_command *wake_command_named(const char *name);

#endif
