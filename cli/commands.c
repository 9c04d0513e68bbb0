/* SPDX-License-Identifier: MIT */
/* The table of all commands. */
#include "cli/commands.h"

#include <string.h>

const struct wake_command *const wake_commands[] = {
	&wake_command_install,
	&wake_command_doctor,
	&wake_command_run,
	&wake_command_start,
	&wake_command_finish,
	&wake_command_say,
	&wake_command_resume,
	&wake_command_remote,
	&wake_command_list,
	&wake_command_show,
	&wake_command_log,
	&wake_command_diff,
	&wake_command_restore,
	&wake_command_chat,
	&wake_command_stats,
	&wake_command_prices,
	&wake_command_link,
	&wake_command_unlink,
	&wake_command_purge,
	&wake_command_record,
	&wake_command_verify,
	&wake_command_import,
	&wake_command_db,
	&wake_command_version,
	&wake_command_help,
	&wake_command_generate,
	NULL,
};

const struct wake_command *wake_command_named(const char *name)
{
	for (size_t i = 0; wake_commands[i]; i++) {
		if (strcmp(wake_commands[i]->name, name) == 0)
			return wake_commands[i];
	}
	return NULL;
}
