/* SPDX-License-Identifier: MIT */
/* The completion script for bash, made of the table of commands. */
#include "cli/commands.h"
#include "cli/help.h"

/* $1 of a helper is the words to choose from. Options' values come from the table; other words are files,
 * since most commands take a directory or nothing that a shell could know. */
static const char head[] = "# bash completion for runwake; generated\n"
			   "_runwake()\n"
			   "{\n"
			   "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
			   "\tlocal command=${COMP_WORDS[1]} words=\n"
			   "\n"
			   "\tCOMPREPLY=()\n"
			   "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
			   "\t\tcommand=\n"
			   "\tfi\n"
			   "\tcase $command:$prev in\n";

static const char tail[] = "\tesac\n"
			   "\tif [ \"${cur#-}\" = \"$cur\" ] && [ \"$COMP_CWORD\" -gt 1 ] &&\n"
			   "\t    [ \"$command\" != help ]; then\n"
			   "\t\treturn\n"
			   "\tfi\n"
			   "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
			   "}\n"
			   "complete -o default -F _runwake runwake\n";

static void append_program(struct wake_str *out, const struct wake_command *program)
{
	wake_str_append(out, "complete -W '--help");
	for (const struct wake_option *row = program->options; row->name; row++)
		wake_str_appendf(out, " --%s", row->name);
	wake_str_appendf(out, "' runwake-%s\n", program->name);
}

static void append_values(struct wake_str *out, const struct wake_command *command)
{
	for (const struct wake_option *row = command->options; row->name; row++) {
		if (row->words)
			wake_str_appendf(out,
			    "\t%s:--%s) mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\"); return ;;\n",
			    command->name, row->name, row->words);
	}
}

static void append_names(struct wake_str *out)
{
	const char *space = "";

	for (size_t i = 0; wake_commands[i]; i++) {
		if (!wake_commands[i]->group)
			continue;
		wake_str_appendf(out, "%s%s", space, wake_commands[i]->name);
		space = " ";
	}
}

void wake_completion_append(struct wake_str *out)
{
	wake_str_append(out, head);
	for (size_t i = 0; wake_commands[i]; i++)
		append_values(out, wake_commands[i]);
	wake_str_append(out, "\tesac\n\tcase $command in\n\t'' | help) words='");
	append_names(out);
	wake_str_append(out, "' ;;\n");
	for (size_t i = 0; wake_commands[i]; i++) {
		const struct wake_command *command = wake_commands[i];

		if (!command->group || command == &wake_command_help)
			continue;
		wake_str_appendf(out, "\t%s) words='--help", command->name);
		for (const struct wake_option *row = command->options; row->name; row++)
			wake_str_appendf(out, " --%s", row->name);
		wake_str_append(out, "' ;;\n");
	}
	wake_str_append(out, tail);
	append_program(out, &wake_program_watcher);
}
