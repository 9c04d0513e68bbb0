/* SPDX-License-Identifier: MIT */
/* runwake run: a command, and the run that it is. */
#include <stdint.h>

#include "cli/commands.h"
#include "cli/run_command.h"

static const struct wake_option options[] = {
	WAKE_RUN_BEGIN_OPTIONS,
	{ .name = "agent",
	    .value = "WHICH",
	    .help = "the agent that a wrapper starts: its output is read (default: told from the command's name)",
	    .words = "claude codex gemini none" },
	{ 0 },
};

static int run(struct wake_command_context *context, struct wake_error *err)
{
	const struct wake_options *given = &context->options;
	const char *word = wake_options_text(given, "agent");
	struct wake_run_plan plan = { .argv = given->words, .named = word ? wake_agent_named(word) : -1, .input = -1,
		.options = given };

	if (word && plan.named < 0)
		return wake_fail(
		    err, WAKE_INVALID, "--agent takes claude, codex, gemini or none, not '%s'", word);
	if (given->loose_count > 0)
		return wake_fail(err, WAKE_INVALID,
		    "'--' is missing before the command, which has options of its own: runwake run -- %s …",
		    given->words[0]);
	return wake_run_command(context, &plan, err);
}

static const struct wake_example examples[] = {
	{ "runwake run -- claude", "Wraps a conversation at the terminal" },
	{ "runwake run -w fix -- claude --output-format stream-json --verbose -p 'Repair the login'",
	    "Wraps one without, and reads what it prints: tokens, cost, result" },
	{ "runwake run --agent codex -- ./agent.sh", "Wraps a script that starts an agent" },
	{ 0 },
};

static const struct wake_exit_row exits[] = {
	{ WAKE_EXIT_OK, "the command succeeded; any code below 125 is the command's own" },
	{ WAKE_EXIT_OWN, "Runwake failed before the command began: its own options, the workspace, another run" },
	{ WAKE_EXIT_NOT_EXECUTABLE, "the command cannot be executed" },
	{ WAKE_EXIT_NO_COMMAND, "the command is not there" },
	{ 0, NULL },
};

const struct wake_command wake_command_run = {
	.name = "run",
	.group = "Runs",
	.summary = "run a command as a run of this workspace",
	.usage = (const char *const[]){ "[OPTION...] -- COMMAND [WORD...]", NULL },
	.description = (const char *const[]){
	    "Begins a run as runwake start does, runs COMMAND with RUNWAKE_RUN_ID in its environment, and ends the "
	    "run when the command ends: completed, failed or killed, as its exit code, its signal and what it "
	    "printed tell together.",
	    "Terminal, input, output, signals and exit code pass through. A command that a signal ended ends "
	    "runwake by the same signal. If runwake itself is killed, the command goes on, and the watcher ends "
	    "the run when it has ended.",
	    "The output of claude --output-format stream-json (or json), codex exec --json and gemini "
	    "--output-format stream-json is read as it passes, unchanged and at once: model, session, turns, "
	    "tokens, cost, result and error are recorded. A line of more than 8 MiB passes unread. Any other "
	    "output is not touched. Once claude has ended, the transcript of its session is read as well, for what "
	    "people said in it and for what a resumed session took in this run; of codex the rollout, for its model.",
	    "What people say with runwake say reaches claude --input-format stream-json while it works: its input "
	    "passes unchanged, and their messages stand between its lines. If runwake itself is killed, that input "
	    "ends. Any other command's input is not touched.",
	    "Of the command's words only a prompt is recorded, as the task where --task gives none.", NULL },
	.options = options,
	.examples = examples,
	.own_exits = exits,
	.words_min = 1,
	.words_max = SIZE_MAX,
	.run = run,
};
