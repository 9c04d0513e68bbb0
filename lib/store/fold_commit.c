/* SPDX-License-Identifier: MIT */
/* examined and rewritten: what the objects say of a movement's commit, and which commit git replaced by
 * which. */
#include "store/fold.h"

#include <string.h>

static int dump(const json_t *json, struct wake_str *out, struct wake_error *err)
{
	return json && !json_is_null(json) ? wake_json_append(out, json, err) : WAKE_OK;
}

static struct wake_value rfc3339(const json_t *object, const char *key)
{
	const char *text = wake_json_string(object, key);
	struct wake_error ignored;
	int64_t at = WAKE_TIME_NONE;

	if (text && wake_time_parse(text, &at, &ignored) != WAKE_OK)
		at = WAKE_TIME_NONE;
	return WAKE_TIME(at);
}

static int fold_commit(
    struct wake_fold *fold, const char *repository, const json_t *commit, struct wake_error *err)
{
	wake_auto_str struct wake_str parents = WAKE_STR(1024 * 1024), files = WAKE_STR(256 * 1024 * 1024);
	int status = dump(json_object_get(commit, "parents"), &parents, err);

	if (status == WAKE_OK)
		status = dump(json_object_get(commit, "files"), &files, err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = {
		WAKE_TEXT(repository),
		WAKE_TEXT(wake_json_string(commit, "hash")),
		WAKE_TEXT(wake_json_string(commit, "tree")),
		WAKE_JSON(parents.data ? parents.data : "[]"),
		WAKE_TEXT(wake_json_string(commit, "author_name")),
		WAKE_TEXT(wake_json_string(commit, "author_email")),
		rfc3339(commit, "authored_at"),
		WAKE_TEXT(wake_json_string(commit, "committer_name")),
		WAKE_TEXT(wake_json_string(commit, "committer_email")),
		rfc3339(commit, "committed_at"),
		WAKE_TEXT(wake_json_string(commit, "subject")),
		WAKE_TEXT(wake_json_string(commit, "patch_id")),
		WAKE_INT(wake_json_int(commit, "added_lines", 0)),
		WAKE_INT(wake_json_int(commit, "removed_lines", 0)),
		WAKE_INT(wake_json_int(commit, "files_changed", 0)),
		WAKE_JSON(files.data),
		WAKE_TEXT(wake_json_string(commit, "engine")),
	};
	const struct wake_value patch[] = { values[0], values[11] };

	status = wake_store_run(fold->store, WAKE_SQL_FOLD_COMMIT, values, WAKE_COUNT(values), NULL, err);
	if (status == WAKE_OK && values[11].text && *values[11].text)
		status = wake_fold_touch_found(
		    fold, fold->movements, WAKE_SQL_FOLD_MOVEMENTS_OF_PATCH, patch, WAKE_COUNT(patch), err);
	return status;
}

int wake_fold_examined(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	const char *movement = wake_json_string(data, "movement");
	const char *graph = wake_json_string(data, "graph");
	const json_t *commit = json_object_get(data, "commit");
	const struct wake_value values[] = {
		WAKE_TEXT(movement),
		WAKE_BOOL(wake_json_true(data, "missing")),
		WAKE_BOOL(wake_json_true(data, "committer_is_line")),
		WAKE_BOOL(wake_json_true(data, "same_committer")),
		WAKE_INT(wake_json_int(data, "lag", 0)),
		WAKE_TEXT(graph ? graph : "none"),
		WAKE_BOOL(wake_json_true(data, "known_remote")),
		WAKE_BOOL(wake_json_true(data, "known_earlier")),
	};
	int status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_EXAMINED, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK && json_is_object(commit))
		status = fold_commit(fold, wake_json_string(data, "repository_id"), commit, err);
	if (status == WAKE_OK)
		status = wake_fold_touch(fold->movements, movement, err);
	return status;
}

/* The runs of both commits: the old one is not live any more, and so not counted. */
static int touch_runs_of_commit(
    struct wake_fold *fold, const char *repository, const char *hash, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(repository), WAKE_TEXT(hash) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(
	    fold->store, WAKE_SQL_FOLD_RUNS_OF_COMMIT, values, WAKE_COUNT(values), &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = wake_fold_touch(fold->runs, wake_rows_text(rows, 0), err);
	return status;
}

int wake_fold_rewritten(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const char *repository = wake_json_string(event->data, "repository_id");
	size_t place;
	json_t *pair;

	json_array_foreach(json_object_get(event->data, "pairs"), place, pair)
	{
		const char *old_hash = json_string_value(json_array_get(pair, 0));
		const char *new_hash = json_string_value(json_array_get(pair, 1));
		const struct wake_value values[] = {
			WAKE_TEXT(repository),
			WAKE_TEXT(old_hash),
			WAKE_TEXT(new_hash),
			WAKE_TEXT("git"),
			WAKE_TEXT(wake_json_string(event->data, "command")),
			WAKE_TEXT(event->id),
			WAKE_TIME(event->at),
		};
		int status;

		if (!old_hash || !new_hash || strcmp(old_hash, new_hash) == 0)
			continue;
		status =
		    wake_store_run(fold->store, WAKE_SQL_FOLD_REWRITE, values, WAKE_COUNT(values), NULL, err);
		if (status == WAKE_OK)
			status = touch_runs_of_commit(fold, repository, old_hash, err);
		if (status != WAKE_OK)
			return status;
	}
	return WAKE_OK;
}
