/* SPDX-License-Identifier: MIT */
/* runwake start: a run begins in this workspace. */
#include "base/process.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/run_begin.h"
#include "event/active.h"

static const struct wake_option options[] = {
	WAKE_RUN_BEGIN_OPTIONS,
	{ .name = "pid",
	    .value = "N",
	    .help = "the agent's process; when it dies without a word, the run has failed" },
	{ 0 },
};

static int read_process(struct wake_run_begin *begin, struct wake_error *err)
{
	struct wake_run_start *start = &begin->start;
	int ret = wake_options_number(
	    &begin->context->options, "pid", 1, WAKE_ACTIVE_PID_MAX, 0, &start->pid, err);

	if (ret == WAKE_OK && start->pid > 0)
		ret = wake_process_start_time((pid_t)start->pid, &start->pid_start, err);
	return ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(wake_run_begin_release)
	struct wake_run_begin begin = { .context = context, .options = &context->options };
	wake_auto_str struct wake_str out = WAKE_STR(WAKE_RUN_ID_MAX + 2);
	int ret = read_process(&begin, err);

	if (ret == WAKE_OK)
		ret = wake_run_begin_prepare(&begin, err);
	if (ret == WAKE_OK)
		ret = wake_run_begin(&begin, err);
	if (ret < 0)
		return ret;
	wake_str_appendf(&out, "%s\n", begin.run_id);
	return wake_print_text(&out, err);
}

static const struct wake_example examples[] = {
	{ "runwake start --workflow fix --task 'Repair the login'", "Begins a run here and prints its id" },
	{ "runwake start --run-id job-17 --session login --pid $$",
	    "Begins a run whose id and process an orchestrator knows" },
	{ 0 },
};

const struct wake_command wake_command_start = {
	.name = "start",
	.group = "Runs",
	.summary = "begin a run in this workspace",
	.usage = (const char *const[]){ "[OPTION...]", NULL },
	.description = (const char *const[]){
	    "Begins a run in the worktree around the current directory, or, outside of git, in the "
	    "current directory itself, and prints the run's id alone on standard output. Commits made "
	    "there from now on belong to the run, until runwake finish.",
	    "The run holds its workspace alone: a second start exits 5 unless --replace is given. The "
	    "marker .runwake in the workspace's root names the run; it is kept out of commits by "
	    "info/exclude.",
	    "A repository that is not recorded yet is registered; runwake install adds the hooks.",
	    "Starts the watcher, runwake-watcher, where none runs and the setting runwake.watcher allows it.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "1456",
	.run = run,
};
