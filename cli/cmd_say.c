/* SPDX-License-Identifier: MIT */
/* runwake say: a person says something to a run. The event is in the spool before the running agent is
 * offered the text, so whatever becomes of the offer, the text waits for `runwake resume` until some agent
 * has it. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_events.h"
#include "cli/say_text.h"
#include "event/active.h"
#include "event/inbox.h"
#include "event/spool.h"
#include "event/wakeup.h"
#include "store/rights.h"

static const struct wake_option options[] = {
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

struct saying {
	struct wake_command_context *context;
	char run_id[WAKE_RUN_ID_MAX + 1];
	char message[WAKE_ID_SIZE];
	bool is_active;   /* the run works, as far as is known here */
	bool is_live;     /* its agent is offered the text now */
	bool was_changed; /* a secret was taken out of the text */
};

/* What nobody here can record would wait for ever. */
static int check_is_heard(struct wake_store *store, struct wake_error *err)
{
	struct wake_rights rights = { 0 };
	int ret = wake_rights_read(store, &rights, err);

	if (ret < 0 || rights.role != WAKE_ROLE_READER)
		return ret;
	return wake_fail(err, WAKE_UNAVAILABLE,
	    "the database's role '%s' may only read, so what you say would reach nobody; say it on a machine "
	    "that records",
	    rights.name);
}

/* The whole id of a run that is active here needs no store. */
static int find_run(struct saying *saying, const char *word, struct wake_error *err)
{
	wake_auto_active struct wake_active active = { 0 };
	wake_auto_run_state struct wake_run_state state = { 0 };
	wake_auto_store struct wake_store *store = NULL;
	char id[WAKE_ID_SIZE];
	int ret;

	if (wake_run_id_check(word, err) == WAKE_OK &&
	    wake_active_read(&saying->context->paths, word, &active, err) == WAKE_OK) {
		memcpy(saying->run_id, word, strlen(word) + 1);
		saying->is_active = true;
		return WAKE_OK;
	}
	ret = wake_reader_open(saying->context, &store, err);
	if (ret == WAKE_OK)
		ret = check_is_heard(store, err);
	if (ret == WAKE_OK)
		ret = wake_reader_run(store, word, id, err);
	if (ret == WAKE_OK)
		ret = wake_query_run_state(store, id, &state, err);
	if (ret < 0)
		return ret;
	memcpy(saying->run_id, state.run_id, strlen(state.run_id) + 1);
	saying->is_active = state.end_rank == 0;
	return WAKE_OK;
}

static int tell(struct saying *saying, const char *text, int64_t at, struct wake_error *err)
{
	const struct wake_run_say say = { saying->run_id, saying->message, text, at };
	wake_auto_events struct wake_events events = { 0 };
	int ret = wake_run_event_say(&events, &say, err);

	return ret == WAKE_OK ? wake_spool_append(saying->context->paths.spool, &events, true, err) : ret;
}

/* In one turn with whoever else says something to it. */
static int say(struct saying *saying, const char *text, struct wake_error *err)
{
	const struct wake_paths *paths = &saying->context->paths;
	wake_auto_close int turn = -1;
	struct wake_error problem;
	int64_t at;
	int ret = wake_inbox_enter(paths, saying->run_id, &turn, &problem);

	saying->is_live = ret == WAKE_OK;
	if (ret < 0 && ret != WAKE_NOTFOUND)
		wake_print_note("%s", problem.text);
	at = wake_clock_now();
	wake_id_v7(saying->message);
	ret = tell(saying, text, at, err);
	if (ret < 0 || !saying->is_live)
		return ret;
	if (wake_inbox_put(paths, saying->run_id, at, saying->message, text, &problem) < 0) {
		saying->is_live = false;
		wake_print_note("%s", problem.text);
	}
	return WAKE_OK;
}

static int print(const struct saying *saying, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(4096);
	wake_auto_json json_t *document = NULL;
	const char *run = saying->run_id;

	if (wake_options_has(&saying->context->options, "json")) {
		document = json_pack("{si ss ss ss sb}", "schema_version", 1, "run_id", run, "message_id",
		    saying->message, "delivery", saying->is_live ? "live" : "resume", "redacted",
		    saying->was_changed);
		return document ? wake_print_json(document, err) : wake_fail_nomem(err);
	}
	if (saying->is_live)
		wake_str_appendf(&out, "The agent of run %s gets it now.\n", run);
	else if (saying->is_active)
		wake_str_appendf(&out,
		    "Run %s takes nothing while it works: it waits until the run has ended, for "
		    "`runwake resume %s`.\n",
		    run, run);
	else
		wake_str_appendf(&out, "Run %s has ended: it waits for `runwake resume %s`.\n", run, run);
	if (saying->was_changed)
		wake_str_append(&out, "A secret in it was replaced by [redacted], for the agent too.\n");
	return wake_print_text(&out, err);
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	const char *const *words = context->options.words;
	struct saying saying = { .context = context };
	wake_auto_free char *text = NULL;
	int ret = strcmp(words[1], "-") == 0
	              ? wake_say_read(context, &text, &saying.was_changed, err)
	              : wake_say_text(context, words[1], &text, &saying.was_changed, err);

	if (ret == WAKE_OK)
		ret = find_run(&saying, words[0], err);
	if (ret == WAKE_OK)
		ret = say(&saying, text, err);
	if (ret < 0)
		return ret;
	wake_wakeup_recorder(context->paths.spool, context->program);
	return print(&saying, err);
}

static const struct wake_example examples[] = {
	{ "runwake say @latest 'Use RS256 instead'", "Says something to the newest run" },
	{ "runwake say job-17 - <review.txt", "The same with a longer text" },
	{ 0 },
};

const struct wake_command wake_command_say = {
	.name = "say",
	.group = "Runs",
	.summary = "say something to a run's agent",
	.usage = (const char *const[]){ "RUN TEXT [--json]", "RUN - [--json]", NULL },
	.description = (const char *const[]){ "Records TEXT, or what standard input holds where it is -, as "
	                                      "an intervention in the run's conversation. RUN is "
	                                      "a run id, an unambiguous beginning of one, or @latest. A text "
	                                      "has at most 256 KiB; secrets in it are "
	                                      "replaced before it is kept.",
	    "An agent that takes messages while it works gets it at once: runwake run -- claude -p "
	    "--input-format "
	    "stream-json, as long as its own input has not ended. Any other gets it from runwake resume when "
	    "its run "
	    "has ended. It says which of the two will be. Each message reaches an agent once, and they keep "
	    "their order.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "146",
	.words_min = 2,
	.words_max = 2,
	.run = run,
};
