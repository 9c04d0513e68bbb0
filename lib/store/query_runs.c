/* SPDX-License-Identifier: MIT */
/* Runs: a filtered list, one, and the one that a person means. */
#include "store/query.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "event/marker.h"

#define PAGE_RUNS 500
#define PAGE_LATEST 100 /* as read_runs_latest.sql has it */

/* In the order of sql/parts/run_columns.sql. */
static const struct wake_query_column run_columns[] = {
	{ "id", WAKE_VALUE_TEXT },
	{ "run_id", WAKE_VALUE_TEXT },
	{ "workflow_name", WAKE_VALUE_TEXT },
	{ "agent_type", WAKE_VALUE_TEXT },
	{ "ai_model", WAKE_VALUE_TEXT },
	{ "task_input", WAKE_VALUE_TEXT },
	{ "session_id", WAKE_VALUE_TEXT },
	{ "session_name", WAKE_VALUE_TEXT },
	{ "git_repo", WAKE_VALUE_TEXT },
	{ "git_branch", WAKE_VALUE_TEXT },
	{ "initial_commit_hash", WAKE_VALUE_TEXT },
	{ "final_commit_hash", WAKE_VALUE_TEXT },
	{ "git_diff_added_lines", WAKE_VALUE_INT },
	{ "git_diff_removed_lines", WAKE_VALUE_INT },
	{ "git_diff_files_changed", WAKE_VALUE_INT },
	{ "own_added_lines", WAKE_VALUE_INT },
	{ "own_removed_lines", WAKE_VALUE_INT },
	{ "own_files_changed", WAKE_VALUE_INT },
	{ "git_diff_stats", WAKE_VALUE_JSON },
	{ "uncommitted_added_lines", WAKE_VALUE_INT },
	{ "uncommitted_removed_lines", WAKE_VALUE_INT },
	{ "uncommitted_files_changed", WAKE_VALUE_INT },
	{ "uncommitted_untracked_files", WAKE_VALUE_INT },
	{ "uncommitted_at", WAKE_VALUE_TIME },
	{ "status", WAKE_VALUE_TEXT },
	{ "result", WAKE_VALUE_TEXT },
	{ "error_message", WAKE_VALUE_TEXT },
	{ "created_at", WAKE_VALUE_TIME },
	{ "started_at", WAKE_VALUE_TIME },
	{ "completed_at", WAKE_VALUE_TIME },
	{ "duration_seconds", WAKE_VALUE_INT },
	{ "updated_at", WAKE_VALUE_TIME },
	{ "last_heartbeat_at", WAKE_VALUE_TIME },
	{ "workspace_id", WAKE_VALUE_TEXT },
	{ "workspace_persistent", WAKE_VALUE_BOOL },
	{ "workspace_cleaned_up", WAKE_VALUE_BOOL },
	{ "workspace_path", WAKE_VALUE_TEXT },
	{ "cost_estimate", WAKE_VALUE_MONEY },
	{ "input_tokens", WAKE_VALUE_INT },
	{ "output_tokens", WAKE_VALUE_INT },
	{ "total_tokens", WAKE_VALUE_INT },
	{ "cache_read_tokens", WAKE_VALUE_INT },
	{ "cache_write_tokens", WAKE_VALUE_INT },
	{ "user_id", WAKE_VALUE_TEXT },
	{ "metadata", WAKE_VALUE_JSON },
	{ "agent_session_id", WAKE_VALUE_TEXT },
	{ "num_turns", WAKE_VALUE_INT },
	{ "exit_code", WAKE_VALUE_INT },
	{ "exit_signal", WAKE_VALUE_INT },
	{ "host", WAKE_VALUE_TEXT },
	{ "agent_pid", WAKE_VALUE_INT },
	{ "agent_pid_start", WAKE_VALUE_INT },
	{ "agent_boot_id", WAKE_VALUE_TEXT },
	{ "parent_run_id", WAKE_VALUE_TEXT },
	{ "purged_at", WAKE_VALUE_TIME },
};

int wake_query_run(struct wake_store *store, const char *id, json_t **ret_run, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret = wake_store_query(store, WAKE_SQL_READ_RUN, values, WAKE_COUNT(values), &rows, err);

	if (ret == WAKE_OK)
		ret = wake_rows_next(rows, err);
	if (ret == 0)
		return wake_fail(err, WAKE_NOTFOUND, "there is no run %s", id);
	return ret < 0 ? ret : wake_query_object(rows, run_columns, WAKE_COUNT(run_columns), ret_run, err);
}

int wake_query_purged(struct wake_store *store, int64_t *ret_count, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret = wake_store_query(store, WAKE_SQL_READ_PURGED_COUNT, NULL, 0, &rows, err);

	if (ret == WAKE_OK)
		ret = wake_rows_next(rows, err);
	if (ret == 1)
		*ret_count = wake_rows_int(rows, 0);
	return ret < 0 ? ret : WAKE_OK;
}

/* One for each status, since a partial index serves only a condition that is written out. */
static bool status_statement(const char *status, enum wake_sql *ret_sql)
{
	static const struct {
		const char *status;
		enum wake_sql sql;
	} statements[] = {
		{ "pending", WAKE_SQL_READ_RUNS_PENDING },
		{ "running", WAKE_SQL_READ_RUNS_RUNNING },
		{ "failed", WAKE_SQL_READ_RUNS_FAILED },
		{ "killed", WAKE_SQL_READ_RUNS_KILLED },
		{ "completed", WAKE_SQL_READ_RUNS_COMPLETED },
	};

	for (size_t i = 0; status && i < WAKE_COUNT(statements); i++) {
		if (strcmp(status, statements[i].status) == 0) {
			*ret_sql = statements[i].sql;
			return true;
		}
	}
	return false;
}

/* What narrows most leads: a session has tens of runs, a branch and a file hundreds, few runs are active
 * or failed at a time. Each has a statement of its own, because "column = $1 or $1 is null" is served by no
 * index. */
static enum wake_sql leading_statement(const struct wake_run_filter *filter)
{
	enum wake_sql sql = WAKE_SQL_READ_RUNS_COMPLETED; /* of no run, where it is no status */
	bool has_status = status_statement(filter->status, &sql);

	if (filter->session)
		return wake_id_is_uuid(filter->session) ? WAKE_SQL_READ_RUNS_OF_SESSION :
							  WAKE_SQL_READ_RUNS_OF_SESSION_NAME;
	if (filter->branch)
		return WAKE_SQL_READ_RUNS_OF_BRANCH;
	if (filter->file)
		return WAKE_SQL_READ_RUNS_OF_FILE;
	if (filter->workflow && (!has_status || sql == WAKE_SQL_READ_RUNS_COMPLETED))
		return WAKE_SQL_READ_RUNS_OF_WORKFLOW;
	return sql;
}

/* Where a page of a list ends. */
struct list_place {
	int64_t created;
	char id[WAKE_ID_SIZE];
};

static int remember_place(const json_t *run, struct list_place *place, struct wake_error *err)
{
	(void)snprintf(place->id, sizeof(place->id), "%s", wake_json_string(run, "id"));
	return wake_time_parse(wake_json_string(run, "created_at"), &place->created, err);
}

static bool asks_for_all(const struct wake_run_filter *filter)
{
	return !filter->branch && !filter->status && !filter->workflow && !filter->session && !filter->file;
}

static int ask_for_page(struct wake_store *store, const struct wake_run_filter *filter, int64_t limit,
    const struct list_place *place, struct wake_rows **ret_rows, struct wake_error *err)
{
	/* A null would compare as unknown, and no time lies before the first. */
	const struct wake_value since =
	    WAKE_TIME(filter->since == WAKE_TIME_NONE ? WAKE_TIME_NONE + 1 : filter->since);
	const struct wake_value latest[] = { since, WAKE_INT(limit), WAKE_TIME(place->created),
		WAKE_TEXT(place->id) };
	const struct wake_value filtered[] = { WAKE_TEXT(filter->branch), WAKE_TEXT(filter->status),
		WAKE_TEXT(filter->workflow), WAKE_TEXT(filter->session), WAKE_TEXT(filter->file), since,
		WAKE_INT(limit), WAKE_TIME(place->created), WAKE_TEXT(place->id) };

	if (asks_for_all(filter))
		return wake_store_query(
		    store, WAKE_SQL_READ_RUNS_LATEST, latest, WAKE_COUNT(latest), ret_rows, err);
	return wake_store_query(
	    store, leading_statement(filter), filtered, WAKE_COUNT(filtered), ret_rows, err);
}

/* At most limit runs that come after a place, which moves to the last of them where there were as many. */
static int list_page(struct wake_store *store, const struct wake_run_filter *filter, int64_t limit,
    struct list_place *place, int64_t *ret_found, wake_query_each each, void *context, struct wake_error *err)
{
	const struct list_place after = *place;
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret = ask_for_page(store, filter, limit, &after, &rows, err);

	*ret_found = 0;
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1) {
		wake_auto_json json_t *run = NULL;

		++*ret_found;
		ret = wake_query_object(rows, run_columns, WAKE_COUNT(run_columns), &run, err);
		if (ret == WAKE_OK && *ret_found == limit)
			ret = remember_place(run, place, err);
		if (ret == WAKE_OK)
			ret = each(context, run, err);
	}
	return ret;
}

/* By pages, since a driver may hold all rows of an answer in memory. */
int wake_query_runs(struct wake_store *store, const struct wake_run_filter *filter, wake_query_each each,
    void *context, struct wake_error *err)
{
	struct list_place place = { INT64_MAX, WAKE_ID_BEYOND };
	int64_t left = filter->limit > 0 ? filter->limit : INT64_MAX, found = 0;
	int64_t page = asks_for_all(filter) ? PAGE_LATEST : PAGE_RUNS;

	do {
		int64_t limit = left < page ? left : page;
		int ret = list_page(store, filter, limit, &place, &found, each, context, err);

		if (ret < 0)
			return ret;
		left -= found;
	} while (found == page && left > 0);
	return WAKE_OK;
}

static int keep_found(void *context, json_t *run, struct wake_error *err)
{
	struct wake_found_run *found = context;

	(void)err;
	(void)snprintf(found->id, sizeof(found->id), "%s", wake_json_string(run, "id"));
	found->exact = true;
	return WAKE_OK;
}

static int find_latest(struct wake_store *store, struct wake_found_run *ret_found, struct wake_error *err)
{
	const struct wake_run_filter filter = { .since = WAKE_TIME_NONE, .limit = 1 };
	struct wake_found_run found = { 0 };
	int ret = wake_query_runs(store, &filter, keep_found, &found, err);

	if (ret == WAKE_OK && !*found.id)
		return wake_fail(err, WAKE_NOTFOUND, "no run is recorded yet; runwake start begins one");
	if (ret == WAKE_OK)
		*ret_found = found;
	return ret;
}

/* WAKE_NOTFOUND where no run has this id. */
static int find_by_id(struct wake_store *store, const char *word, struct wake_found_run *ret_found,
    struct wake_error *err)
{
	wake_auto_json json_t *run = NULL;
	int ret = wake_query_run(store, word, &run, err);

	return ret == WAKE_OK ? keep_found(ret_found, run, err) : ret;
}

/* Runs whose run_id begins with word; an exact one ends the search. */
static int find_by_run_id(struct wake_store *store, const char *word, struct wake_found_run *ret_found,
    struct wake_error *err)
{
	char end[WAKE_RUN_ID_MAX + 2];
	const struct wake_value values[] = { WAKE_TEXT(word), WAKE_TEXT(end) };
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_str struct wake_str names = WAKE_STR(8 * WAKE_RUN_ID_MAX);
	size_t count = 0;
	int ret;

	(void)snprintf(end, sizeof(end), "%s~", word); /* beyond every byte that a run_id may hold */
	ret = wake_store_query(store, WAKE_SQL_READ_RUN_NAMED, values, WAKE_COUNT(values), &rows, err);
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1) {
		bool exact = wake_rows_int(rows, 2) != 0;

		ret = WAKE_OK;
		if (count++ == 0 || exact) {
			(void)snprintf(ret_found->id, sizeof(ret_found->id), "%s", wake_rows_text(rows, 0));
			ret_found->exact = exact;
		}
		if (exact)
			return WAKE_OK;
		wake_str_appendf(&names, "%s%s", count > 1 ? ", " : "", wake_rows_text(rows, 1));
	}
	if (ret < 0)
		return ret;
	if (count == 0)
		return wake_fail(err, WAKE_NOTFOUND, "there is no run '%s'; runwake list shows them", word);
	if (count > 1)
		return wake_fail(err, WAKE_INVALID, "'%s' could be the runs %s", word, wake_str_text(&names));
	return WAKE_OK;
}

int wake_query_find_run(struct wake_store *store, const char *word, struct wake_found_run *ret_found,
    struct wake_error *err)
{
	struct wake_found_run found = { 0 };
	struct wake_error other;
	int ret;

	if (strcmp(word, "@latest") == 0)
		return find_latest(store, ret_found, err);
	if (wake_run_id_check(word, &other) < 0)
		return wake_fail(err, WAKE_NOTFOUND, "'%s' is no run id; runwake list shows them", word);
	ret = find_by_run_id(store, word, &found, err);
	if (ret == WAKE_NOTFOUND && wake_id_is_uuid(word) &&
	    find_by_id(store, word, &found, &other) == WAKE_OK)
		ret = WAKE_OK;
	if (ret == WAKE_OK)
		*ret_found = found;
	return ret;
}

static int copy_column(const struct wake_rows *rows, size_t column, char **ret_text, struct wake_error *err)
{
	const char *text = wake_rows_text(rows, column);

	*ret_text = NULL;
	return text ? wake_str_copy(text, ret_text, err) : WAKE_OK;
}

int wake_query_run_state(struct wake_store *store, const char *id, struct wake_run_state *ret_state,
    struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id) };
	wake_auto_run_state struct wake_run_state state = { 0 };
	wake_auto_rows struct wake_rows *rows = NULL;
	/* By column of read_run_state.sql. */
	char **const texts[] = { &state.run_id, &state.status, NULL, NULL, &state.workspace_id,
		&state.workspace_path, &state.initial, &state.final, &state.root, &state.git_dir,
		&state.common_dir };
	int ret = wake_store_query(store, WAKE_SQL_READ_RUN_STATE, values, WAKE_COUNT(values), &rows, err);

	if (ret == WAKE_OK)
		ret = wake_rows_next(rows, err);
	if (ret == 0)
		return wake_fail(err, WAKE_NOTFOUND, "there is no run %s", id);
	if (ret < 0)
		return ret;
	ret = WAKE_OK;
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++) {
		if (texts[i])
			ret = copy_column(rows, i, texts[i], err);
	}
	if (ret < 0)
		return ret;
	state.end_rank = wake_rows_int(rows, 2);
	state.announced = wake_rows_int(rows, 3) != 0;
	*ret_state = state;
	state = (struct wake_run_state){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_run_state_release(struct wake_run_state *state)
{
	free(state->run_id);
	free(state->status);
	free(state->workspace_id);
	free(state->workspace_path);
	free(state->initial);
	free(state->final);
	free(state->root);
	free(state->git_dir);
	free(state->common_dir);
	*state = (struct wake_run_state){ 0 };
}
