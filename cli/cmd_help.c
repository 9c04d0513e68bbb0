/* SPDX-License-Identifier: MIT */
/* runwake help, runwake version and the hidden runwake generate. */
#include <stdint.h>
#include <string.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/print.h"

#define PAGE_MAX ((size_t)256 * 1024) /* bytes of a generated file */

static const struct wake_option no_options[] = { { 0 } };

static int run_help(struct wake_command_context *context, struct wake_error *err)
{
	const char *name = context->options.words[0];
	const struct wake_command *command;

	if (!name)
		return wake_help_overview(err);
	command = strcmp(name, wake_program_watcher.name) == 0 ? &wake_program_watcher : wake_command_named(name);
	if (!command)
		return wake_command_fail(context, WAKE_EXIT_USAGE, err,
		    "there is no command '%s'; runwake help lists them", name);
	return wake_help_command(command, err);
}

const struct wake_command wake_command_help = {
	.name = "help",
	.group = "About the program",
	.summary = "show how a command is used",
	.usage = (const char *const[]){ "[COMMAND]", NULL },
	.description = (const char *const[]){ "Without COMMAND, lists all of them.", NULL },
	.options = no_options,
	.words_max = 1,
	.no_paths = true,
	.run = run_help,
};

static int run_version(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(256);

	(void)context;
	wake_str_append(&out, "runwake " RUNWAKE_VERSION "\n");
	return wake_print_text(&out, err);
}

const struct wake_command wake_command_version = {
	.name = "version",
	.group = "About the program",
	.summary = "print the program's version",
	.usage = (const char *const[]){ "", NULL },
	.description = (const char *const[]){ "Prints one line: runwake and the version.", NULL },
	.options = no_options,
	.no_paths = true,
	.run = run_version,
};

static int write_page(const char *directory, const struct wake_command *command, struct wake_error *err)
{
	wake_auto_str struct wake_str page = WAKE_STR(PAGE_MAX);
	wake_auto_free char *path = NULL;
	int ret;

	wake_man_append(&page, command);
	ret = wake_str_check(&page, err);
	if (ret == WAKE_OK)
		ret = wake_str_format(&path, err, "%s/runwake%s%s.1", directory, command ? "-" : "",
		    command ? command->name : "");
	return ret == WAKE_OK ? wake_fs_replace(path, page.data, page.len, 0644, WAKE_FS_PLAIN, err) : ret;
}

static int write_pages(const char *directory, struct wake_error *err)
{
	int ret = write_page(directory, NULL, err);

	if (ret == WAKE_OK)
		ret = write_page(directory, &wake_program_watcher, err);
	for (size_t i = 0; ret == WAKE_OK && wake_commands[i]; i++) {
		if (wake_commands[i]->group)
			ret = write_page(directory, wake_commands[i], err);
	}
	return ret;
}

static int run_generate(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(PAGE_MAX);
	const char *const *words = context->options.words;

	if (strcmp(words[0], "man") == 0 && words[1])
		return write_pages(words[1], err);
	if (strcmp(words[0], "completion") != 0 || words[1])
		return wake_command_fail(context, WAKE_EXIT_USAGE, err,
		    "usage: runwake generate man DIR, or runwake generate completion");
	wake_completion_append(&out);
	return wake_print_text(&out, err);
}

const struct wake_command wake_command_generate = {
	.name = "generate",
	.summary = "make man pages or the completion script of the tables that the program is made of",
	.usage = (const char *const[]){ "man DIR", "completion", NULL },
	.description = (const char *const[]){ "Used by the build.", NULL },
	.options = no_options,
	.words_min = 1,
	.words_max = 2,
	.no_paths = true,
	.run = run_generate,
};
