/* SPDX-License-Identifier: MIT */
/* Help for a terminal, made of the table of commands. */
#include "cli/help.h"

#include <stdint.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"

#define HELP_MAX ((size_t)256 * 1024) /* bytes of a help text */
#define LINE 80			      /* columns of a line of help */
#define OPTION_COLUMN 28	      /* where the text beside an option begins */

static void append_spaces(struct wake_str *out, size_t count)
{
	while (count-- > 0)
		wake_str_append_char(out, ' ');
}

/* Words of text in lines of at most LINE columns; the cursor stands in column `at`, later lines begin at
 * indent. */
static void append_wrapped(struct wake_str *out, const char *text, size_t at, size_t indent)
{
	bool fresh = true;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (!fresh && at + 1 + len > LINE) {
			wake_str_append_char(out, '\n');
			append_spaces(out, indent);
			at = indent;
			fresh = true;
		}
		if (!fresh) {
			wake_str_append_char(out, ' ');
			at++;
		}
		wake_str_append_bytes(out, text, len);
		at += len;
		fresh = false;
		text += len;
		text += strspn(text, " ");
	}
	wake_str_append_char(out, '\n');
}

static void append_heading(struct wake_str *out, const char *heading)
{
	wake_str_append_char(out, '\n');
	wake_print_append(out, WAKE_STYLE_STRONG, heading);
	wake_str_append_char(out, '\n');
}

static void append_option(struct wake_str *out, const struct wake_option *option)
{
	size_t start = out->len;
	size_t columns;

	if (option->letter)
		wake_str_appendf(out, "  -%c, --%s", option->letter, option->name);
	else
		wake_str_appendf(out, "      --%s", option->name);
	if (option->value)
		wake_str_appendf(out, " %s", option->value);
	columns = out->len - start;
	if (columns + 2 > OPTION_COLUMN) {
		wake_str_append_char(out, '\n');
		columns = 0;
	}
	append_spaces(out, OPTION_COLUMN - columns);
	append_wrapped(out, option->help, OPTION_COLUMN, OPTION_COLUMN);
}

static void append_options(struct wake_str *out, const struct wake_command *command)
{
	static const struct wake_option help = { "help", 'h', false, NULL, "show this", NULL };

	append_heading(out, "Options");
	for (const struct wake_option *row = command->options; row->name; row++)
		append_option(out, row);
	append_option(out, &help);
}

bool wake_help_has_exit(const struct wake_command *command, enum wake_exit code)
{
	return code == WAKE_EXIT_OK || code == WAKE_EXIT_USAGE ||
	    (command->exits && strchr(command->exits, '0' + (int)code));
}

static void append_exits(struct wake_str *out, const struct wake_command *command)
{
	append_heading(out, "Exit codes");
	for (const struct wake_exit_row *row = command->own_exits; row && row->meaning; row++) {
		wake_str_appendf(out, "  %d  ", (int)row->code);
		append_wrapped(out, row->meaning, 7, 7);
	}
	for (size_t i = 0; !command->own_exits && i < WAKE_EXIT_COUNT; i++) {
		if (!wake_help_has_exit(command, wake_exits[i].code))
			continue;
		wake_str_appendf(out, "  %d  ", (int)wake_exits[i].code);
		append_wrapped(out, wake_exits[i].meaning, 5, 5);
	}
}

static void append_examples(struct wake_str *out, const struct wake_command *command)
{
	if (!command->examples)
		return;
	append_heading(out, "Examples");
	for (const struct wake_example *row = command->examples; row->line; row++) {
		wake_str_appendf(out, "  %s\n      ", row->line);
		append_wrapped(out, row->about, 6, 6);
	}
}

int wake_help_command(const struct wake_command *command, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(HELP_MAX);

	for (size_t i = 0; command->usage[i]; i++)
		wake_str_appendf(&out, "%s runwake%s%s%s%s\n", i ? "      " : "Usage:",
		    command->is_program ? "-" : " ", command->name, *command->usage[i] ? " " : "",
		    command->usage[i]);
	wake_str_append_char(&out, '\n');
	wake_str_appendf(&out, "%s: %s\n", command->name, command->summary);
	for (size_t i = 0; command->description[i]; i++) {
		wake_str_append_char(&out, '\n');
		append_wrapped(&out, command->description[i], 0, 0);
	}
	append_options(&out, command);
	append_exits(&out, command);
	append_examples(&out, command);
	return wake_print_text(&out, err);
}

static void append_group(struct wake_str *out, const char *group)
{
	append_heading(out, group);
	for (size_t i = 0; wake_commands[i]; i++) {
		const struct wake_command *command = wake_commands[i];

		if (command->group && strcmp(command->group, group) == 0)
			wake_str_appendf(out, "  %-9s %s\n", command->name, command->summary);
	}
}

/* A group's commands stand together, in the place of its first one. */
static bool is_first_of_group(size_t at)
{
	const char *group = wake_commands[at]->group;

	for (size_t i = 0; group && i < at; i++) {
		if (wake_commands[i]->group && strcmp(wake_commands[i]->group, group) == 0)
			return false;
	}
	return group != NULL;
}

int wake_help_overview(struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(HELP_MAX);

	wake_str_append(&out, "Usage: runwake COMMAND [OPTION...] [WORD...]\n\n");
	append_wrapped(&out, wake_help_purpose, 0, 0);
	for (size_t i = 0; wake_commands[i]; i++) {
		if (is_first_of_group(i))
			append_group(&out, wake_commands[i]->group);
	}
	wake_str_append(&out, "\nrunwake-watcher is a program of its own: runwake help watcher tells of it.\n"
			      "runwake help COMMAND tells more; man runwake too.\n");
	return wake_print_text(&out, err);
}

const char wake_help_purpose[] =
    "Runwake records every run of a coding agent in one table, workflow_runs, and ties each run to what "
    "it left in git: commits, diffs and pushes.";
