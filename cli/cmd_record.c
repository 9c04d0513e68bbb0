/* SPDX-License-Identifier: MIT */
/* runwake record: brings what witnesses saw into the store. Hooks start it detached. */
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "store/record.h"

static const struct wake_option options[] = {
	{ .name = "all", .help = "look into every registered repository, also where no hook called" },
	{ .name = "no-wait", .help = "if another recorder is at work, leave it to that one (exit 5)" },
	{ 0 },
};

static int run(struct wake_command_context *context, struct wake_error *err)
{
	const struct wake_record_options how = { .wait = !wake_options_has(&context->options, "no-wait"),
		.observe_all = wake_options_has(&context->options, "all") };
	struct wake_recorded recorded = { 0 };
	int ret = wake_record(&context->paths, &how, &recorded, err);

	if (ret == WAKE_BUSY && !how.wait)
		return ret;
	if (ret < 0)
		return wake_reader_failed(context, ret);
	if (*recorded.problem)
		wake_print_note("%s", recorded.problem);
	return WAKE_EXIT_OK;
}

static const struct wake_example examples[] = {
	{ "runwake record --all", "Brings the record of all repositories up to date" },
	{ 0 },
};

const struct wake_command wake_command_record = {
	.name = "record",
	.group = "The record",
	.summary = "bring what was seen into the store",
	.usage = (const char *const[]){ "[--all] [--no-wait]", NULL },
	.description = (const char *const[]){
	    "Returns when everything that was seen before it was called is in the store, also when "
	    "another recorder does it. Hooks start it by themselves, and the reading commands do the "
	    "same first, so there is seldom a need for it.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "156",
	.run = run,
};
