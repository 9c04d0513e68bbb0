/* SPDX-License-Identifier: MIT */
/* runwake record: brings what witnesses saw into the store. Hooks start it detached; the watcher keeps one
 * that follows. */
#include <string.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/live.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/stop_signals.h"
#include "store/record.h"
#include "store/record_follow.h"

#define IDLE_MOST (365 * 24 * 3600) /* seconds */
#define LOOKS_MOST 4 /* at sessions of agents, which may be written faster than they are read */

static const struct wake_option options[] = {
	{ .name = "all", .help = "look into every registered repository, also where no hook called" },
	{ .name = "no-wait", .help = "if another recorder is at work, leave it to that one (exit 5)" },
	{ .name = "follow",
	    .help = "stay, and record whatever comes as it comes, until interrupted or terminated" },
	{ .name = "idle",
	    .value = "SECONDS",
	    .help = "with --follow: end after so many seconds in which nothing came" },
	{ 0 },
};

struct following {
	const struct wake_paths *paths; /* borrowed */
	struct wake_error problem;      /* that the reading of sessions had last; told once */
};

static void say(void *context, const char *text)
{
	(void)context;
	wake_print_note("%s", text);
}

static void note_problem(const struct wake_error *problem)
{
	wake_print_note("%s; sessions of agents are read again later", problem->text);
}

/* What agents that are at work have written since. */
static void read_sessions(void *context, struct wake_recorder *recorder, struct wake_follow_more *ret_more)
{
	struct following *following = context;
	const struct wake_live_spec spec = { .paths = following->paths, .recorder = recorder };
	struct wake_live_rest rest;
	struct wake_error problem = { 0 };

	if (wake_live_read(&spec, &rest, &problem) < 0 && strcmp(problem.text, following->problem.text) != 0)
		note_problem(&problem);
	following->problem = problem;
	*ret_more = (struct wake_follow_more){ .again_in = rest.again_in, .fd = rest.ending };
}

static int follow(const struct wake_command_context *context, struct wake_error *err)
{
	struct following following = { .paths = &context->paths };
	struct wake_follow how = { .paths = &context->paths,
		.stop = -1,
		.say = say,
		.more = read_sessions,
		.context = &following };
	wake_auto_close int stop = -1;
	int64_t seconds = 0;
	int ret = wake_options_number(&context->options, "idle", 1, IDLE_MOST, 0, &seconds, err);

	if (ret == WAKE_OK)
		ret = wake_stop_signals_open(&stop, err);
	how.stop = stop;
	how.idle = seconds * WAKE_SECOND;
	return ret == WAKE_OK ? wake_record_follow(&how, err) : ret;
}

static int check_options(const struct wake_options *given, struct wake_error *err)
{
	bool follows = wake_options_has(given, "follow");

	if (follows && (wake_options_has(given, "all") || wake_options_has(given, "no-wait")))
		return wake_fail(err, WAKE_INVALID, "--follow goes with neither --all nor --no-wait");
	if (!follows && wake_options_has(given, "idle"))
		return wake_fail(err, WAKE_INVALID, "--idle goes with --follow alone");
	return WAKE_OK;
}

static void recorder_release(struct wake_recorder **recorder)
{
	wake_recorder_close(*recorder);
}

static int round_again(struct wake_recorder *recorder, struct wake_error *err)
{
	const struct wake_record_options how = { .wait = true };
	struct wake_recorded recorded;

	return wake_recorder_round(recorder, &how, &recorded, err);
}

/* A hook's recorder stays until the agent that has told its end has written down what the session had cost: there
 * may be no other event to read it after. */
static void read_after(
    const struct wake_command_context *context, struct wake_recorder *recorder, bool waits)
{
	struct wake_live_spec spec = { .paths = &context->paths, .recorder = recorder, .insists = !waits };
	struct wake_live_rest rest = { .ending = -1 };
	struct wake_error problem;
	int ret = WAKE_OK;

	for (int look = 0; ret == WAKE_OK && look < LOOKS_MOST; look++) {
		wake_scope_close(&rest.ending);
		ret = wake_live_read(&spec, &rest, &problem);
		spec.insists = false;
		if (!waits || rest.ending < 0) {
			if (rest.read == 0)
				break;
			continue; /* what came meanwhile found the recorder's lock held */
		}
		wake_recorder_rest(recorder);
		wake_live_wait(&rest);
		if (ret == WAKE_OK)
			ret = round_again(recorder, &problem);
	}
	wake_scope_close(&rest.ending);
	if (ret < 0)
		note_problem(&problem);
}

static int record(struct wake_command_context *context, struct wake_error *err)
{
	const struct wake_record_options how = { .wait = !wake_options_has(&context->options, "no-wait"),
		.observe_all = wake_options_has(&context->options, "all") };
	WAKE_CLEANUP(recorder_release) struct wake_recorder *recorder = NULL;
	struct wake_recorded recorded = { 0 };
	int ret = wake_recorder_open(&context->paths, &recorder, err);

	if (ret == WAKE_OK)
		ret = wake_recorder_round(recorder, &how, &recorded, err);
	if (ret == WAKE_OK && recorded.left_to_another)
		return wake_fail(err, WAKE_BUSY, "another recorder is at work on '%s'", context->paths.spool);
	if (ret < 0)
		return wake_reader_failed(context, ret);
	if (*recorded.problem)
		wake_print_note("%s", recorded.problem);
	read_after(context, recorder, !how.wait);
	return WAKE_EXIT_OK;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	int ret = check_options(&context->options, err);

	if (ret < 0)
		return ret;
	return wake_options_has(&context->options, "follow") ? follow(context, err) : record(context, err);
}

static const struct wake_example examples[] = {
	{ "runwake record --all", "Brings the record of all repositories up to date" },
	{ 0 },
};

const struct wake_command wake_command_record = {
	.name = "record",
	.group = "The record",
	.summary = "bring what was seen into the store",
	.usage = (const char *const[]){ "[--all] [--no-wait]", "--follow [--idle SECONDS]", NULL },
	.description =
	    (const char *const[]){
	        "Returns when everything that was seen before it was called is in the store, also when "
	        "another recorder does it. Hooks start it by themselves, and the reading commands do the "
	        "same first, so there is seldom a need for it.",
	        "With --follow it stays, and hooks start no recorder meanwhile. Where the store does not "
	        "answer, "
	        "everything is kept and tried again, after a second at first and then less and less often, "
	        "once a "
	        "minute at last.",
	        NULL },
	.options = options,
	.examples = examples,
	.exits = "156",
	.run = run,
};
