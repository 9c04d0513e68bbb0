/* SPDX-License-Identifier: MIT */
/* runwake link and unlink: a person's word on whose a movement is, as evidence that outranks all other. */
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "event/event.h"
#include "event/spool.h"
#include "store/record.h"

static const struct wake_option options[] = { { 0 } };

static int add_evidence(struct wake_events *events, const char *movement, const char *kind,
    const char *run_id, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	json_t *data =
	    json_pack("{s:s,s:s,s:s,s:b}", "movement", movement, "kind", kind, "run_id", run_id, "exact", 0);
	/* With an id of its own each time: a link, an unlink and a link again are three words, of which the
	 * last counts. */
	int ret = wake_event_make(WAKE_EVENT_EVIDENCE, NULL, 0, data, &event, err);

	return ret == WAKE_OK ? wake_events_add(events, &event, err) : ret;
}

static int tell(
    struct wake_command_context *context, const struct wake_events *events, struct wake_error *err)
{
	const struct wake_record_options how = { .wait = true };
	struct wake_recorded recorded = { 0 };
	int ret = wake_spool_append(context->paths.spool, events, true, err);

	if (ret < 0)
		return ret;
	return wake_reader_failed(context, wake_record(&context->paths, &how, &recorded, err));
}

static int find_run_id(struct wake_store *store, const char *word, char **ret_run_id, struct wake_error *err)
{
	wake_auto_run_state struct wake_run_state state = { 0 };
	char id[WAKE_ID_SIZE];
	int ret = wake_reader_run(store, word, id, err);

	if (ret == WAKE_OK)
		ret = wake_query_run_state(store, id, &state, err);
	return ret == WAKE_OK ? wake_str_copy(state.run_id, ret_run_id, err) : ret;
}

static int run_link(struct wake_command_context *context, struct wake_error *err)
{
	const char *const *words = context->options.words;
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_json json_t *movements = NULL;
	wake_auto_free char *run_id = NULL;
	size_t i;
	json_t *movement;
	int ret = wake_reader_open(context, &store, err);

	if (ret == WAKE_OK)
		ret = find_run_id(store, words[0], &run_id, err);
	if (ret == WAKE_OK)
		ret = wake_reader_meant(store, words[1], &movements, err);
	json_array_foreach (movements, i, movement) {
		if (ret == WAKE_OK)
			ret = add_evidence(&events, wake_json_string(movement, "id"), "link", run_id, err);
	}
	return ret == WAKE_OK ? tell(context, &events, err) : ret;
}

static int run_unlink(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_json json_t *movements = NULL;
	size_t i;
	json_t *movement;
	int ret = wake_reader_open(context, &store, err);

	if (ret == WAKE_OK)
		ret = wake_reader_meant(store, context->options.words[0], &movements, err);
	json_array_foreach (movements, i, movement) {
		const char *run_id = wake_json_string(movement, "run_id");

		if (ret == WAKE_OK && run_id)
			ret = add_evidence(&events, wake_json_string(movement, "id"), "unlink", run_id, err);
	}
	if (ret == WAKE_OK && events.count == 0)
		return wake_command_fail(
		    context, WAKE_EXIT_NO, err, "'%s' belongs to no run", context->options.words[0]);
	return ret == WAKE_OK ? tell(context, &events, err) : ret;
}

static const struct wake_example link_examples[] = {
	{ "runwake link job-17 1f3a9c2", "Says that this commit is job-17's work" },
	{ 0 },
};

const struct wake_command wake_command_link = {
	.name = "link",
	.group = "Correcting",
	.summary = "say that a commit belongs to a run",
	.usage = (const char *const[]){ "RUN COMMIT|MOVEMENT", NULL },
	.description = (const char *const[]){
	    "Your word outranks all other evidence; the latest word stands. A commit means the movements "
	    "that made it, or, if it was only brought in, all that led to it.",
	    "MOVEMENT is the id of a movement, as runwake log --json and runwake verify --json print it.",
	    NULL },
	.options = options,
	.examples = link_examples,
	.exits = "146",
	.words_min = 2,
	.words_max = 2,
	.run = run_link,
};

static const struct wake_example unlink_examples[] = {
	{ "runwake unlink 1f3a9c2", "Says that no run made this commit" },
	{ 0 },
};

const struct wake_command wake_command_unlink = {
	.name = "unlink",
	.group = "Correcting",
	.summary = "say that a commit belongs to no run",
	.usage = (const char *const[]){ "COMMIT|MOVEMENT", NULL },
	.description = (const char *const[]){
	    "Takes a commit from the run that it is recorded for. A later runwake link gives it to one "
	    "again. Exits 1 if it belongs to none.", NULL },
	.options = options,
	.examples = unlink_examples,
	.exits = "146",
	.words_min = 1,
	.words_max = 1,
	.run = run_unlink,
};
