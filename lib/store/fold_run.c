/* SPDX-License-Identifier: MIT */
/* run-started, run-ended, run-diffed: a run's row. Of several starts the earliest stands; of several ends
 * a reported one outranks a presumed one, and within a rank the earliest stands. So order does not matter
 * and a late report changes nothing. */
#include "store/fold.h"

#include <string.h>

#include "event/marker.h"

int wake_fold_ensure_run(
    struct wake_fold *fold, const char *run_id, int64_t at, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_id_for_run(run_id, ret_id);
	const struct wake_value values[] = { WAKE_TEXT(ret_id), WAKE_TEXT(run_id), WAKE_TIME(at) };
	const json_t *since = json_object_get(fold->ensured, ret_id);
	int64_t changed = 0;
	int status;

	/* A row that is there, and no younger, is what the statement would leave: it need not be asked for each
	 * event of a run. */
	if (since && json_integer_value(since) <= at)
		return WAKE_OK;
	status = wake_store_run(
	    fold->store, WAKE_SQL_FOLD_RUN_PLACEHOLDER, values, WAKE_COUNT(values), &changed, err);
	if (status == WAKE_OK && json_object_set_new(fold->ensured, ret_id, json_integer(at)))
		status = wake_fail_nomem(err);
	if (status != WAKE_OK || !changed)
		return status;
	status = wake_fold_touch(fold->runs, ret_id, err);
	/* It may have begun earlier than was known. */
	return status == WAKE_OK ? wake_fold_touch_sharing(fold, ret_id, err) : status;
}

int wake_fold_touch_lifetime(
    struct wake_fold *fold, const char *run, const char *worktree, int64_t since, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run), WAKE_TEXT(worktree), WAKE_TIME(since) };
	int status = wake_fold_touch(fold->runs, run, err);

	if (status == WAKE_OK)
		status = wake_fold_touch_found(
		    fold, fold->movements, WAKE_SQL_FOLD_MOVEMENTS_OF_RUN, values, WAKE_COUNT(values), err);
	if (status == WAKE_OK)
		status = wake_fold_touch_found(
		    fold, fold->edits, WAKE_SQL_FOLD_EDITS_OF_RUN, values, WAKE_COUNT(values), err);
	return status;
}

static int fold_workspace(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data, *persistent = json_object_get(data, "workspace_persistent");
	const char *workspace = wake_json_string(data, "workspace_id");
	const struct wake_value values[] = {
		WAKE_TEXT(workspace),
		WAKE_TEXT(wake_json_string(data, "workspace_path")),
		WAKE_TEXT(wake_json_string(data, "repository_id")),
		WAKE_TEXT(wake_json_string(data, "worktree_id")),
		WAKE_BOOL(!json_is_false(persistent)),
		WAKE_TEXT(event->id),
		WAKE_TIME(event->at),
	};
	int status;

	if (!workspace || !values[1].text)
		return WAKE_OK;
	status = wake_store_run(fold->store, WAKE_SQL_FOLD_WORKSPACE, values, WAKE_COUNT(values), NULL, err);
	return status == WAKE_OK ? wake_fold_touch(fold->workspaces, workspace, err) : status;
}

/* The user that the start names, else the one with the git e-mail; never a made-up one. */
static int find_user(
    struct wake_fold *fold, const json_t *data, char ret_user[WAKE_ID_SIZE], struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(wake_json_string(data, "user_id")),
		WAKE_TEXT(wake_json_string(data, "user_email")) };
	wake_auto_rows struct wake_rows *rows = NULL;
	bool has = false;
	int status = wake_store_has(fold->store, WAKE_SQL_FOLD_USER, &has, err);

	ret_user[0] = '\0';
	if (status != WAKE_OK || !has)
		return status;
	status = wake_store_query(fold->store, WAKE_SQL_FOLD_USER, values, WAKE_COUNT(values), &rows, err);
	if (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		(void)snprintf(ret_user, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
	return status < 0 ? status : WAKE_OK;
}

static int write_start(struct wake_fold *fold, const struct wake_event *event, const char *run,
    const char *session, const char *user, struct wake_error *err)
{
	const json_t *data = event->data, *metadata = json_object_get(data, "metadata");
	const json_t *persistent = json_object_get(data, "workspace_persistent");
	wake_auto_str struct wake_str json = WAKE_STR(WAKE_EVENT_MAX);
	int status = json_is_object(metadata) ? wake_json_append(&json, metadata, err) : WAKE_OK;
	const char *workflow = wake_json_string(data, "workflow"), *task = wake_json_string(data, "task");
	const json_t *pid = json_object_get(data, "pid"), *pid_start = json_object_get(data, "pid_start");

	if (status != WAKE_OK)
		return status;
	const struct wake_value values[] = {
		WAKE_TEXT(run),
		WAKE_TEXT(workflow ? workflow : "unknown"),
		WAKE_TEXT(wake_json_string(data, "agent_type")),
		WAKE_TEXT(wake_json_string(data, "ai_model")),
		WAKE_TEXT(task ? task : ""),
		WAKE_TEXT(session),
		WAKE_TEXT(wake_json_string(data, "session_name")),
		WAKE_TEXT(wake_json_string(data, "git_repo")),
		WAKE_TEXT(wake_json_string(data, "branch")),
		WAKE_TEXT(wake_json_string(data, "head")),
		WAKE_TIME(event->at),
		WAKE_TEXT(wake_json_string(data, "workspace_id")),
		WAKE_BOOL(!json_is_false(persistent)),
		WAKE_TEXT(wake_json_string(data, "workspace_path")),
		WAKE_TEXT(*user ? user : NULL),
		WAKE_JSON(json.data ? json.data : "{}"),
		WAKE_TEXT(event->host),
		json_is_integer(pid) ? WAKE_INT(json_integer_value(pid)) : WAKE_NULL_VALUE(),
		json_is_integer(pid_start) ? WAKE_INT(json_integer_value(pid_start)) : WAKE_NULL_VALUE(),
		WAKE_TEXT(wake_json_string(data, "boot_id")),
		WAKE_TEXT(wake_json_string(data, "parent_run_id")),
		WAKE_TEXT(wake_json_string(data, "repository_id")),
		WAKE_TEXT(wake_json_string(data, "worktree_id")),
		WAKE_BOOL(wake_json_true(data, "claim")),
		WAKE_TEXT(event->id),
	};

	return wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_STARTED, values, WAKE_COUNT(values), NULL, err);
}

/* 1: this start is the first, or earlier than the one that stands, whose worktree and session then lose the run. */
static int start_stands(
    struct wake_fold *fold, const char *run, const struct wake_event *event, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(fold->store, WAKE_SQL_FOLD_RUN, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1)
		return status;

	const char *standing = wake_rows_text(rows, 1), *session = wake_rows_text(rows, 9);
	int64_t started = wake_rows_time(rows, 0);

	/* The day that the row stood under so far loses it; what imports told is put beside the start again. */
	status = wake_fold_touch_day(fold, wake_rows_time(rows, 7), err);
	if (status == WAKE_OK && wake_rows_int(rows, 8))
		status = wake_fold_touch(fold->imports, run, err);
	if (status != WAKE_OK)
		return status;
	if (standing && (event->at > started || (event->at == started && strcmp(event->id, standing) >= 0)))
		return 0;
	if (session)
		status = wake_fold_touch(fold->sessions, session, err);
	if (status == WAKE_OK)
		status = wake_fold_touch_lifetime(fold, run, wake_rows_text(rows, 5), started, err);
	if (status == WAKE_OK)
		status = wake_fold_touch_sharing(fold, run, err);
	return status == WAKE_OK ? 1 : status;
}

int wake_fold_run_started(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	char run[WAKE_ID_SIZE], session[WAKE_ID_SIZE], user[WAKE_ID_SIZE];
	int status = wake_fold_ensure_run(fold, wake_json_string(data, "run_id"), event->at, run, err);

	if (status == WAKE_OK)
		status = fold_workspace(fold, event, err);
	/* Also a start that does not stand makes its worktree a workspace, and its session. */
	if (status == WAKE_OK)
		status = wake_fold_touch_lifetime(fold, run, wake_json_string(data, "worktree_id"), event->at, err);
	if (status == WAKE_OK)
		status = wake_fold_session(fold, event, session, err);
	if (status == WAKE_OK)
		status = start_stands(fold, run, event, err);
	if (status != 1)
		return status;
	status = find_user(fold, data, user, err);
	if (status == WAKE_OK)
		status = write_start(fold, event, run, session, user, err);
	return status;
}

/* What an end needs to know of the row that it ends. */
struct ending {
	char worktree[WAKE_ID_SIZE], workspace[WAKE_RUN_ID_MAX + 1];
	int64_t started;
	bool stands;
};

static int read_ending(struct wake_fold *fold, const char *run, const struct wake_event *event, int64_t rank,
    struct ending *ending, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(fold->store, WAKE_SQL_FOLD_RUN, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1)
		return status;

	int64_t standing_rank = wake_rows_int(rows, 2), completed = wake_rows_time(rows, 3);
	const char *standing = wake_rows_text(rows, 4), *worktree = wake_rows_text(rows, 5);
	const char *workspace = wake_rows_text(rows, 6);

	(void)snprintf(ending->worktree, sizeof(ending->worktree), "%s", worktree ? worktree : "");
	(void)snprintf(ending->workspace, sizeof(ending->workspace), "%s", workspace ? workspace : "");
	ending->started = wake_rows_time(rows, 0);
	ending->stands =
	    rank > standing_rank ||
	    (rank == standing_rank && (event->at < completed || (event->at == completed && standing &&
	                                                            strcmp(event->id, standing) < 0)));
	return WAKE_OK;
}

static int write_end(struct wake_fold *fold, const struct wake_event *event, const char *run, int64_t rank,
    struct wake_error *err)
{
	const json_t *data = event->data, *code = json_object_get(data, "exit_code");
	const json_t *sig = json_object_get(data, "exit_signal");
	const struct wake_value values[] = {
		WAKE_TEXT(run),
		WAKE_TEXT(wake_json_string(data, "status")),
		WAKE_TEXT(wake_json_string(data, "result")),
		WAKE_TEXT(wake_json_string(data, "error")),
		WAKE_TIME(event->at),
		WAKE_TEXT(wake_json_string(data, "head")),
		json_is_integer(code) ? WAKE_INT(json_integer_value(code)) : WAKE_NULL_VALUE(),
		json_is_integer(sig) ? WAKE_INT(json_integer_value(sig)) : WAKE_NULL_VALUE(),
		WAKE_INT(rank),
		WAKE_TEXT(event->id),
	};

	return wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_ENDED, values, WAKE_COUNT(values), NULL, err);
}

int wake_fold_run_ended(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	int64_t rank = wake_json_true(data, "reported") ? 2 : 1;
	struct ending ending = { .stands = false };
	char run[WAKE_ID_SIZE];
	int status = wake_fold_ensure_run(fold, wake_json_string(data, "run_id"), event->at, run, err);

	if (status == WAKE_OK)
		status = read_ending(fold, run, event, rank, &ending, err);
	if (status != WAKE_OK || !ending.stands)
		return status;
	status = write_end(fold, event, run, rank, err);
	if (status == WAKE_OK && *ending.workspace)
		status = wake_fold_touch(fold->workspaces, ending.workspace, err);
	if (status == WAKE_OK)
		status =
		    wake_fold_touch_lifetime(fold, run, *ending.worktree ? ending.worktree : NULL, ending.started, err);
	return status;
}

static int run_diff_values(const struct wake_event *event, struct wake_str *stats, int64_t *ret_added,
    int64_t *ret_removed, size_t *ret_files, struct wake_error *err)
{
	const json_t *files = json_object_get(event->data, "files");
	wake_auto_json json_t *object = json_object();
	size_t place;
	json_t *file;
	int status;

	*ret_added = *ret_removed = 0;
	*ret_files = json_array_size(files);
	json_array_foreach(files, place, file)
	{
		*ret_added += wake_json_int(file, "added", 0);
		*ret_removed += wake_json_int(file, "removed", 0);
	}
	if (!object || json_object_set(object, "files", (json_t *)files))
		return wake_fail_nomem(err);
	status = wake_json_set_string(object, "engine", wake_json_string(event->data, "engine"), err);
	return status == WAKE_OK ? wake_json_append(stats, object, err) : status;
}

int wake_fold_run_diffed(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	const char *from = wake_json_string(data, "from"), *to = wake_json_string(data, "to");
	wake_auto_str struct wake_str stats = WAKE_STR(256 * 1024 * 1024);
	int64_t added, removed;
	size_t files;
	char run[WAKE_ID_SIZE];
	int status = wake_fold_ensure_run(fold, wake_json_string(data, "run_id"), event->at, run, err);

	if (status == WAKE_OK)
		status = run_diff_values(event, &stats, &added, &removed, &files, err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = {
		WAKE_TEXT(run),
		WAKE_TEXT(from ? from : ""),
		WAKE_TEXT(to ? to : ""),
		WAKE_INT(added),
		WAKE_INT(removed),
		WAKE_INT((int64_t)files),
		WAKE_JSON(stats.data),
		WAKE_TIME(event->at),
		WAKE_TEXT(event->id),
	};

	status = wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_DIFFED, values, WAKE_COUNT(values), NULL, err);
	return status == WAKE_OK ? wake_fold_touch(fold->runs, run, err) : status;
}
