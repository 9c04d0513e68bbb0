/* SPDX-License-Identifier: MIT */
/* runwake diff: what a run committed, left uncommitted and threw away. */
#include <stdint.h>

#include "cli/commands.h"
#include "cli/diff.h"

static const struct wake_option options[] = {
	{ .name = "committed", .help = "what it committed" },
	{ .name = "uncommitted", .help = "what it left uncommitted" },
	{ .name = "discarded", .help = "what it threw away uncommitted" },
	{ .name = "at",
	    .value = "STATE|TIME",
	    .help = "what was uncommitted in that state, or at that time" },
	{ .name = "commit", .value = "COMMIT", .help = "only this one of the run's commits" },
	{ .name = "stat", .help = "only count the lines, file by file" },
	{ .name = "name-only", .help = "only name the files" },
	{ .name = "json", .help = "one JSON document with the figures, without patches" },
	{ 0 },
};

static void diff_release(struct wake_diff *diff)
{
	wake_outlet_release(&diff->outlet);
	wake_store_close(diff->store);
}

/* Without a word about it, all of it; but a commit or an earlier state is asked for by itself. */
static int choose_parts(struct wake_diff *diff, struct wake_error *err)
{
	const struct wake_options *given = &diff->context->options;
	bool at = wake_options_has(given, "at"), commit = wake_options_has(given, "commit");

	diff->committed = wake_options_has(given, "committed");
	diff->uncommitted = wake_options_has(given, "uncommitted");
	diff->discarded = wake_options_has(given, "discarded");
	diff->stat = wake_options_has(given, "stat");
	diff->name_only = wake_options_has(given, "name-only");
	if (commit && (at || diff->uncommitted || diff->discarded || wake_options_has(given, "json")))
		return wake_command_fail(diff->context, WAKE_EXIT_USAGE, err,
		    "--commit goes with none of --uncommitted, --discarded, --at and --json");
	if (at && (diff->committed || diff->discarded))
		return wake_command_fail(diff->context, WAKE_EXIT_USAGE, err,
		    "--at names a state of uncommitted work: it does not go with --committed or --discarded");
	if (!diff->committed && !diff->uncommitted && !diff->discarded) {
		diff->committed = !at;
		diff->uncommitted = !commit;
		diff->discarded = !at && !commit;
	}
	return WAKE_OK;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(diff_release)
	struct wake_diff diff = { .context = context,
		.words = context->options.words + 1,
		.outlet = { .fd = -1 },
		.exit = WAKE_EXIT_OK };
	int ret = choose_parts(&diff, err);

	if (ret == WAKE_OK)
		ret = wake_reader_open(context, &diff.store, err);
	if (ret == WAKE_OK)
		ret = wake_reader_run(diff.store, context->options.words[0], diff.id, err);
	if (ret == WAKE_OK)
		ret = wake_options_has(&context->options, "json") ? wake_diff_document(&diff, err)
		                                                  : wake_diff_show(&diff, err);
	return ret == WAKE_OK ? diff.exit : ret;
}

static const struct wake_example examples[] = {
	{ "runwake diff @latest --stat", "How much the newest run changed" },
	{ "runwake diff job-17 src/login.c", "What job-17 changed in one file" },
	{ "runwake diff job-17 --discarded | git apply", "Bring back what it threw away" },
	{ "runwake diff job-17 --at 2026-11-22T16:50:00Z", "What was uncommitted then" },
	{ 0 },
};

const struct wake_command wake_command_diff = {
	.name = "diff",
	.group = "Reading",
	.summary = "show what a run committed, left uncommitted and threw away",
	.usage =
	    (const char *const[]){
	        "RUN [--committed] [--uncommitted] [--discarded] [--stat|--name-only|--json] [PATH...]",
	        "RUN --at STATE|TIME [--stat|--name-only|--json] [PATH...]",
	        "RUN --commit COMMIT [--stat|--name-only] [PATH...]", NULL },
	.description = (const char *const[]){ "Shows three parts, or those that are asked for. First git "
	                                      "diff between the run's first and last "
	                                      "commit, or, while it runs, the current one. What others made "
	                                      "and the run merely merged is in "
	                                      "it; runwake show tells the run's own figures.",
	    "Then what was uncommitted when it was last looked at, untracked files too; and what was thrown "
	    "away before it was committed, by git checkout, git clean or with the worktree. Each begins "
	    "with a line # that says when; such lines name also the files whose contents are not kept, "
	    "and why (see the settings in man runwake). git apply skips them. Both come from the "
	    "state directory: the worktree and the repository may be gone.",
	    "STATE is the id of a state, as runwake show --json lists them; TIME is RFC 3339, and means the "
	    "latest state until then. On a terminal git's own pager is used, and nothing but colours can "
	    "command it. PATH is relative to the worktree's root; in the uncommitted parts it names a "
	    "file or a directory.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "146",
	.words_min = 1,
	.words_max = SIZE_MAX,
	.run = run,
};
