/* SPDX-License-Identifier: MIT */
/* The program runwake: finds the command, parses by its table, runs it, and prints its error, once, here. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/print.h"

static void context_release(struct wake_command_context *context)
{
	wake_options_release(&context->options);
	wake_paths_release(&context->paths);
	free(context->program);
}

/* One word where options are meant for the program itself: `runwake --version`, `runwake -h start`. */
static const char *command_word(const char *word)
{
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return "version";
	return word;
}

static int check_words(const struct wake_command_context *context, struct wake_error *err)
{
	const struct wake_command *command = context->command;
	size_t count = context->options.word_count;

	if (count < command->words_min)
		return wake_fail(err, WAKE_INVALID, "something is missing; usage: runwake %s %s",
		    command->name, command->usage[0]);
	if (count > command->words_max)
		return wake_fail(err, WAKE_INVALID, "'%s' is one word too many; usage: runwake %s %s",
		    context->options.words[command->words_max], command->name, command->usage[0]);
	return WAKE_OK;
}

/* A command line that is at fault is answered with the place to read about it. */
static int prepare(struct wake_command_context *context, const char *const *args, struct wake_error *err)
{
	int ret = wake_options_parse(context->command->options, args, &context->options, err);

	if (ret == WAKE_OK && !context->options.help)
		ret = check_words(context, err);
	if (ret < 0)
		return wake_command_fail(context, WAKE_EXIT_USAGE, err, "%s (see runwake %s --help)",
		    (const char *)err->text, context->command->name);
	if (context->command->no_paths || context->options.help)
		return WAKE_OK;
	ret = wake_paths_find(&context->paths, err);
	if (ret == WAKE_OK)
		ret = wake_fs_resolve("/proc/self/exe", &context->program, err);
	return ret;
}

static int run(struct wake_command_context *context, const char *const *args, struct wake_error *err)
{
	int ret = prepare(context, args, err);

	if (ret < 0)
		return ret;
	if (context->options.help)
		return wake_help_command(context->command, err);
	return context->command->run(context, err);
}

static int exit_of_failure(const struct wake_command_context *context, const struct wake_error *err)
{
	if (context->command->own_exits)
		return context->failure > WAKE_EXIT_OWN ? (int)context->failure : WAKE_EXIT_OWN;
	return (int)(context->failure ? context->failure : wake_exit_of(err->code));
}

int main(int argc, char **argv)
{
	WAKE_CLEANUP(context_release) struct wake_command_context context = { 0 };
	struct wake_error err = { 0 };
	const char *name = argc > 1 ? command_word(argv[1]) : "help";
	int ret;

	wake_process_open_standard_streams();
	/* `runwake list | head` ends by a failed write, with everything released. */
	context.ignores_pipe = signal(SIGPIPE, SIG_IGN) == SIG_IGN;
	context.command = wake_command_named(name);
	if (!context.command) {
		wake_print_note("there is no command '%s'; runwake help lists them", name);
		return WAKE_EXIT_USAGE;
	}
	ret = run(&context, (const char *const *)argv + (argc > 1 ? 2 : 1), &err);
	if (ret < 0) {
		/* The reader has gone: it has seen what it wanted. */
		if (err.sys != EPIPE)
			wake_print_note("%s", err.text);
		ret = exit_of_failure(&context, &err);
	}
	return ret;
}
