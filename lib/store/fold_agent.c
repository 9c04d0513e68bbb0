/* SPDX-License-Identifier: MIT */
/* run-reported, usage, said, delivered, tool-used: what agents tell of their runs. What of it counts is decided in
 * decide_run.c. */
#include "store/fold.h"

#include <string.h>

/* The lower, the more a source is believed: what the agent prints is its own sum over the run; a transcript's is
 * written only when it ends in peace. */
static int64_t rank_of(const char *source)
{
	static const char *const sources[] = { "stream", "api", "transcript", "hook" };

	for (size_t i = 0; i < WAKE_COUNT(sources); i++) {
		if (strcmp(source, sources[i]) == 0)
			return (int64_t)i + 1;
	}
	return WAKE_COUNT(sources) + 1;
}

static struct wake_value number_of(const json_t *data, const char *key)
{
	const json_t *value = json_object_get(data, key);

	return json_is_integer(value) ? WAKE_INT(json_integer_value(value)) : WAKE_NULL_VALUE();
}

static struct wake_value money_of(const json_t *data, const char *key)
{
	const json_t *value = json_object_get(data, key);

	return json_is_integer(value) ? WAKE_MONEY(json_integer_value(value)) : WAKE_NULL_VALUE();
}

int wake_fold_run_reported(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	const char *source = wake_json_string(data, "source");
	char run[WAKE_ID_SIZE];
	int status = wake_fold_ensure_run(fold, wake_json_string(data, "run_id"), event->at, run, err);

	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = {
		WAKE_TEXT(run),
		WAKE_TEXT(source),
		WAKE_INT(rank_of(source)),
		WAKE_TEXT(event->id),
		WAKE_TIME(event->at),
		WAKE_TEXT(wake_json_string(data, "ai_model")),
		WAKE_TEXT(wake_json_string(data, "agent_session_id")),
		number_of(data, "num_turns"),
		number_of(data, "input_tokens"),
		number_of(data, "output_tokens"),
		number_of(data, "cache_read_tokens"),
		number_of(data, "cache_write_tokens"),
		money_of(data, "cost"),
		WAKE_TEXT(wake_json_string(data, "result")),
		WAKE_TEXT(wake_json_string(data, "error")),
	};

	status = wake_store_run(fold->store, WAKE_SQL_FOLD_REPORT, values, WAKE_COUNT(values), NULL, err);
	return status == WAKE_OK ? wake_fold_touch(fold->runs, run, err) : status;
}

int wake_fold_touch_sharing(struct wake_fold *fold, const char *run, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run) };

	return wake_fold_touch_found(
	    fold, fold->runs, WAKE_SQL_FOLD_USAGE_SHARING, values, WAKE_COUNT(values), err);
}

static int fold_answer(struct wake_fold *fold, const char *run, const json_t *item, struct wake_error *err)
{
	int64_t at = 0;
	int status = wake_time_parse(wake_json_string(item, "at"), &at, err);

	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = {
		WAKE_TEXT(wake_json_string(item, "response")),
		WAKE_TEXT(run),
		WAKE_TIME(at),
		WAKE_TEXT(wake_json_string(item, "model")),
		number_of(item, "input"),
		number_of(item, "output"),
		number_of(item, "cache_read"),
		number_of(item, "cache_write"),
		money_of(item, "cost"),
	};

	return wake_store_run(fold->store, WAKE_SQL_FOLD_USAGE, values, WAKE_COUNT(values), NULL, err);
}

int wake_fold_usage(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *items = json_object_get(event->data, "items");
	char run[WAKE_ID_SIZE];
	size_t place;
	json_t *item;
	int status =
	    wake_fold_ensure_run(fold, wake_json_string(event->data, "run_id"), event->at, run, err);

	json_array_foreach(items, place, item)
	{
		if (status == WAKE_OK)
			status = fold_answer(fold, run, item, err);
	}
	if (status == WAKE_OK)
		status = wake_fold_touch(fold->runs, run, err);
	return status == WAKE_OK ? wake_fold_touch_sharing(fold, run, err) : status;
}

/* A delivery may be told before what it delivers. What a run that got it tells as a prompt may be its echo. */
static int decide_delivered(struct wake_fold *fold, struct wake_value message, struct wake_error *err)
{
	int status = wake_store_run(fold->store, WAKE_SQL_FOLD_SAID_DELIVERED, &message, 1, NULL, err);

	/* What waits in a conversation is counted there. */
	if (status == WAKE_OK)
		status = wake_fold_touch_found(fold, fold->runs, WAKE_SQL_FOLD_SAID_OF, &message, 1, err);
	return status == WAKE_OK
	           ? wake_fold_touch_found(fold, fold->runs, WAKE_SQL_FOLD_DELIVERED_TO, &message, 1, err)
	           : status;
}

int wake_fold_said(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	const char *kind = wake_json_string(data, "kind");
	wake_auto_json json_t *context = json_pack("{ss}", "kind", kind);
	wake_auto_str struct wake_str json = WAKE_STR(1024);
	char run[WAKE_ID_SIZE];
	int status = wake_fold_ensure_run(fold, wake_json_string(data, "run_id"), event->at, run, err);

	if (status == WAKE_OK)
		status = context ? wake_json_append(&json, context, err) : wake_fail_nomem(err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = {
		WAKE_TEXT(wake_json_string(data, "message")),
		WAKE_TEXT(run),
		WAKE_TEXT(wake_json_string(data, "role")),
		WAKE_TEXT(kind),
		WAKE_JSON(json.data),
		WAKE_TEXT(wake_json_string(data, "text")),
		WAKE_TIME(event->at),
	};

	/* One that is told of two runs is the earlier telling's: the other loses it. */
	status = wake_fold_touch_found(fold, fold->runs, WAKE_SQL_FOLD_SAID_OF, values, 1, err);
	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_SAID, values, WAKE_COUNT(values), NULL, err);
	if (status == WAKE_OK)
		status = wake_fold_touch(fold->runs, run, err);
	return status == WAKE_OK ? decide_delivered(fold, values[0], err) : status;
}

int wake_fold_delivered(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *messages = json_object_get(event->data, "messages");
	bool as_prompt = wake_json_true(event->data, "as_prompt");
	char run[WAKE_ID_SIZE];
	size_t place;
	json_t *message;
	int status = wake_fold_ensure_run(fold, wake_json_string(event->data, "run_id"), event->at, run, err);

	json_array_foreach(messages, place, message)
	{
		const struct wake_value values[] = { WAKE_TEXT(json_string_value(message)), WAKE_TEXT(run),
			WAKE_TIME(event->at), WAKE_INT(as_prompt) };

		if (status == WAKE_OK)
			status = wake_store_run(
			    fold->store, WAKE_SQL_FOLD_DELIVERY, values, WAKE_COUNT(values), NULL, err);
		if (status == WAKE_OK)
			status = decide_delivered(fold, values[0], err);
	}
	return status == WAKE_OK ? wake_fold_touch(fold->runs, run, err) : status;
}

int wake_fold_tool_used(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data, *paths = json_object_get(data, "paths");
	wake_auto_str struct wake_str json = WAKE_STR(WAKE_EVENT_MAX);
	char run[WAKE_ID_SIZE];
	int status = wake_fold_ensure_run(fold, wake_json_string(data, "run_id"), event->at, run, err);

	if (status == WAKE_OK && paths)
		status = wake_json_append(&json, paths, err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = {
		WAKE_TEXT(wake_json_string(data, "key")),
		WAKE_TEXT(run),
		WAKE_TIME(event->at),
		WAKE_TEXT(wake_json_string(data, "tool")),
		WAKE_TEXT(wake_json_string(data, "outcome")),
		WAKE_TEXT(wake_json_string(data, "use")),
		WAKE_TEXT(wake_json_string(data, "agent_id")),
		WAKE_JSON(json.data ? json.data : "[]"),
		WAKE_TEXT(event->id),
	};

	return wake_store_run(fold->store, WAKE_SQL_FOLD_TOOL_USE, values, WAKE_COUNT(values), NULL, err);
}
