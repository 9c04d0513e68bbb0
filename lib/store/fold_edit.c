/* SPDX-License-Identifier: MIT */
/* edited, edits-diffed, heartbeat: what a worktree holds that no commit has, and which runs still live. */
#include "store/fold.h"

#define LIST_MAX ((size_t)WAKE_EVENT_LARGEST) /* bytes of JSON */

/* The since of an event, which is never later than the event. */
static int read_since(const struct wake_event *event, int64_t *ret_since, struct wake_error *err)
{
	int status = wake_time_parse(wake_json_string(event->data, "since"), ret_since, err);

	if (status == WAKE_OK && *ret_since > event->at)
		*ret_since = event->at;
	return status;
}

/* The JSON of a member that is a list; without it, of an empty one. */
static int append_list(struct wake_str *out, const json_t *data, const char *key, struct wake_error *err)
{
	const json_t *list = json_object_get(data, key);

	if (list)
		return wake_json_append(out, list, err);
	wake_str_append(out, "[]");
	return wake_str_check(out, err);
}

int wake_fold_edited(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	wake_auto_str struct wake_str paths = WAKE_STR(LIST_MAX);
	int64_t since = event->at;
	int status = read_since(event, &since, err);

	if (status == WAKE_OK)
		status = append_list(&paths, data, "paths", err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = {
		WAKE_TEXT(event->id),
		WAKE_TEXT(wake_json_string(data, "worktree_id")),
		WAKE_TEXT(wake_json_string(data, "repository_id")),
		WAKE_TEXT(wake_json_string(data, "git_dir")),
		WAKE_TEXT(wake_json_string(data, "common_dir")),
		WAKE_TEXT(wake_json_string(data, "root")),
		WAKE_TIME(since),
		WAKE_TIME(event->at),
		WAKE_BOOL(wake_json_true(data, "whole")),
		WAKE_JSON(paths.data),
		WAKE_TEXT(wake_json_string(data, "reason")),
		WAKE_TEXT(wake_json_string(data, "run_id")),
	};

	const struct wake_value seen[] = { values[2], values[1] };

	status = wake_store_run(fold->store, WAKE_SQL_FOLD_EDITED, values, WAKE_COUNT(values), NULL, err);
	/* Nothing may ever have moved in it: then no witness told of it before. */
	if (status == WAKE_OK)
		status = wake_store_run(
		    fold->store, WAKE_SQL_FOLD_UNOBSERVED_WORKTREE, seen, WAKE_COUNT(seen), NULL, err);
	return status;
}

int wake_fold_edited_done(struct wake_store *store, const json_t *ids, struct wake_error *err)
{
	int status = WAKE_OK;
	size_t place;
	json_t *id;

	json_array_foreach(ids, place, id)
	{
		const struct wake_value values[] = { WAKE_TEXT(json_string_value(id)) };

		status =
		    wake_store_run(store, WAKE_SQL_FOLD_EDITED_DONE, values, WAKE_COUNT(values), NULL, err);
		if (status != WAKE_OK)
			break;
	}
	return status;
}

static int write_state(
    struct wake_fold *fold, const struct wake_event *event, int64_t since, struct wake_error *err)
{
	const json_t *data = event->data;
	wake_auto_str struct wake_str files = WAKE_STR(LIST_MAX), gone = WAKE_STR(LIST_MAX);
	wake_auto_str struct wake_str discarded = WAKE_STR(LIST_MAX);
	const char *run_id = wake_json_string(data, "run_id");
	char marker[WAKE_ID_SIZE];
	int status = append_list(&files, data, "files", err);

	if (status == WAKE_OK)
		status = append_list(&gone, data, "gone", err);
	if (status == WAKE_OK)
		status = append_list(&discarded, data, "discarded", err);
	if (status != WAKE_OK)
		return status;
	if (run_id)
		wake_id_for_run(run_id, marker);
	const struct wake_value values[] = {
		WAKE_TEXT(event->id),
		WAKE_TEXT(wake_json_string(data, "repository_id")),
		WAKE_TEXT(wake_json_string(data, "worktree_id")),
		WAKE_TEXT(wake_json_string(data, "root")),
		WAKE_TIME(since),
		WAKE_TIME(event->at),
		WAKE_TEXT(wake_json_string(data, "reason")),
		WAKE_TEXT(wake_json_string(data, "head")),
		WAKE_TEXT(wake_json_string(data, "branch")),
		WAKE_TEXT(wake_json_string(data, "base")),
		WAKE_JSON(files.data),
		WAKE_JSON(gone.data),
		WAKE_JSON(discarded.data),
		WAKE_INT(wake_json_int(data, "added_lines", 0)),
		WAKE_INT(wake_json_int(data, "removed_lines", 0)),
		WAKE_INT(wake_json_int(data, "files_changed", 0)),
		WAKE_INT(wake_json_int(data, "untracked_files", 0)),
		WAKE_TEXT(wake_json_string(data, "engine")),
		WAKE_TEXT(wake_json_string(data, "kept_old")),
		WAKE_TEXT(wake_json_string(data, "kept_new")),
		WAKE_INT(wake_json_int(data, "kept_bytes", 0)),
		WAKE_TEXT(run_id ? marker : NULL),
	};

	return wake_store_run(fold->store, WAKE_SQL_FOLD_EDITS_DIFFED, values, WAKE_COUNT(values), NULL, err);
}

int wake_fold_edits_diffed(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	int64_t since = event->at;
	int status = read_since(event, &since, err);

	if (status == WAKE_OK)
		status = write_state(fold, event, since, err);
	if (status == WAKE_OK)
		status = wake_fold_edited_done(fold->store, json_object_get(event->data, "covers"), err);
	return status == WAKE_OK ? wake_fold_touch(fold->edits, event->id, err) : status;
}

int wake_fold_heartbeat(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *runs = json_object_get(event->data, "run_ids");
	int status = WAKE_OK;
	size_t place;
	json_t *run;

	json_array_foreach(runs, place, run)
	{
		char id[WAKE_ID_SIZE];

		status = wake_fold_ensure_run(fold, json_string_value(run), event->at, id, err);
		if (status != WAKE_OK)
			break;

		const struct wake_value values[] = { WAKE_TEXT(id), WAKE_TIME(event->at) };

		status = wake_store_run(
		    fold->store, WAKE_SQL_FOLD_HEARTBEAT, values, WAKE_COUNT(values), NULL, err);
		if (status != WAKE_OK)
			break;
	}
	return status;
}
