/* SPDX-License-Identifier: MIT */
/* Several imports of one run, merged. */
#include "store/import_merge.h"

#include <string.h>

#include "base/clock.h"
#include "base/scope.h"

/* What an end tells. */
static const char *const end_members[] = { "status", "completed_at", "result", "error_message",
	"final_commit_hash", "exit_code", "exit_signal", "duration_seconds" };

static bool is_terminal(const json_t *data)
{
	const char *status = wake_json_string(data, "status");

	return status && strcmp(status, "pending") != 0 && strcmp(status, "running") != 0;
}

static bool is_end_member(const char *name)
{
	for (size_t i = 0; i < WAKE_COUNT(end_members); i++) {
		if (strcmp(end_members[i], name) == 0)
			return true;
	}
	return false;
}

static int64_t time_of(const json_t *object, const char *key, int64_t fallback)
{
	const char *text = wake_json_string(object, key);
	struct wake_error ignored;
	int64_t at;

	return text && wake_time_parse(text, &at, &ignored) == WAKE_OK ? at : fallback;
}

static bool ends_before(const struct wake_import *one, const struct wake_import *other)
{
	int64_t end = time_of(one->data, "completed_at", INT64_MAX);
	int64_t other_end = time_of(other->data, "completed_at", INT64_MAX);

	if (is_terminal(one->data) != is_terminal(other->data))
		return is_terminal(one->data);
	if (!is_terminal(one->data))
		return false; /* as they came */
	return end < other_end || (end == other_end && strcmp(one->event, other->event) < 0);
}

static void order_by_end(
    const struct wake_import *imports, size_t count, const struct wake_import **ret_order)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i;

		for (; at > 0 && ends_before(&imports[i], ret_order[at - 1]); at--)
			ret_order[at] = ret_order[at - 1];
		ret_order[at] = &imports[i];
	}
}

static int add_missing(json_t *object, const char *key, json_t *value, struct wake_error *err)
{
	return !json_object_get(object, key) && json_object_set(object, key, value) ? wake_fail_nomem(err)
	                                                                            : WAKE_OK;
}

static int add_members(json_t *merged, json_t *metadata, const json_t *data, struct wake_error *err)
{
	json_t *more = json_object_get(data, "metadata"), *value;
	const char *key;
	int status = WAKE_OK;

	if (more && json_object_update_missing(metadata, more))
		return wake_fail_nomem(err);
	json_object_foreach((json_t *)data, key, value)
	{
		if (status == WAKE_OK && !is_end_member(key) && strcmp(key, "metadata") != 0)
			status = add_missing(merged, key, value, err);
	}
	return status;
}

static int add_end(json_t *merged, const json_t *data, struct wake_error *err)
{
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < WAKE_COUNT(end_members); i++) {
		json_t *value = json_object_get(data, end_members[i]);

		if (value)
			status = add_missing(merged, end_members[i], value, err);
	}
	return status;
}

static int set_time(json_t *object, const char *key, int64_t at, struct wake_error *err)
{
	char text[WAKE_TIME_SIZE];

	wake_time_format(at, text);
	return wake_json_set_string(object, key, text, err);
}

static int64_t latest(int64_t one, int64_t other)
{
	return one > other ? one : other;
}

/* A run that is not over has no end; one that is has lasted some time. */
static int fill_in(json_t *merged, struct wake_error *err)
{
	int64_t created = time_of(merged, "created_at", 0), started = time_of(merged, "started_at", created);
	int64_t completed = time_of(merged, "completed_at", INT64_MIN);
	int64_t updated = latest(latest(created, completed), time_of(merged, "updated_at", created));
	int64_t seconds = completed > started ? (completed - started) / WAKE_SECOND : 0;
	int64_t beat = time_of(merged, "last_heartbeat_at", INT64_MIN);
	int status = set_time(merged, "created_at", created, err);

	/* All in the store's one form, whatever form they were told in. */
	if (status == WAKE_OK)
		status = set_time(merged, "started_at", started, err);
	if (status == WAKE_OK)
		status = set_time(merged, "updated_at", updated, err);
	if (status == WAKE_OK && completed != INT64_MIN)
		status = set_time(merged, "completed_at", completed, err);
	if (status == WAKE_OK && beat != INT64_MIN)
		status = set_time(merged, "last_heartbeat_at", beat, err);
	if (!is_terminal(merged)) {
		(void)json_object_del(merged, "completed_at");
		(void)json_object_del(merged, "final_commit_hash");
		(void)json_object_del(merged, "duration_seconds");
	} else if (status == WAKE_OK && !json_object_get(merged, "duration_seconds")) {
		status = wake_json_set_int(
		    merged, "duration_seconds", seconds < INT32_MAX ? seconds : INT32_MAX, err);
	}
	if (status == WAKE_OK && !json_object_get(merged, "workflow_name"))
		status = wake_json_set_string(merged, "workflow_name", "unknown", err);
	if (status == WAKE_OK && !json_object_get(merged, "task_input"))
		status = wake_json_set_string(merged, "task_input", "", err);
	return status;
}

int wake_import_merge(
    const struct wake_import *imports, size_t count, json_t **ret_merged, struct wake_error *err)
{
	const struct wake_import *order[WAKE_IMPORTS_MAX];
	wake_auto_json json_t *merged = json_object();
	json_t *metadata = json_object();
	int status = WAKE_OK;

	/* It takes metadata also where it fails, and where there is nothing to put it into. */
	if (json_object_set_new(merged, "metadata", metadata))
		return wake_fail_nomem(err);
	count = count < WAKE_IMPORTS_MAX ? count : WAKE_IMPORTS_MAX;
	for (size_t i = 0; status == WAKE_OK && i < count; i++)
		status = add_members(merged, metadata, imports[i].data, err);
	order_by_end(imports, count, order);
	for (size_t i = 0; status == WAKE_OK && i < count; i++)
		status = add_end(merged, order[i]->data, err);
	if (status == WAKE_OK)
		status = fill_in(merged, err);
	if (status == WAKE_OK && is_terminal(merged))
		status = wake_json_set_string(merged, "end_event_id", order[0]->event, err);
	if (status != WAKE_OK)
		return status;
	*ret_merged = merged;
	merged = NULL; /* now the caller's */
	return WAKE_OK;
}
