/* SPDX-License-Identifier: MIT */
/* What a run amounts to: its live commits, files, pushes, messages and duration; who holds a workspace;
 * what a day amounts to. Always taken anew from the tables, never added to. */
#include "store/fold.h"

#include <string.h>

int wake_decide_claim(struct wake_fold *fold, const char *workspace, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(workspace) };
	int status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_CLAIM_CLEAR, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK)
		status = wake_store_run(
		    fold->store, WAKE_SQL_FOLD_CLAIM_GIVE, values, WAKE_COUNT(values), NULL, err);
	return status;
}

int wake_decide_day(struct wake_fold *fold, const char *day, struct wake_error *err)
{
	wake_auto_str struct wake_str midnight = WAKE_STR(64);
	int64_t from = 0;
	int status;

	wake_str_appendf(&midnight, "%sT00:00:00Z", day);
	status = wake_str_check(&midnight, err);
	if (status == WAKE_OK)
		status = wake_time_parse(midnight.data, &from, err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = { WAKE_TEXT(day), WAKE_TIME(from),
		WAKE_TIME(from + 86400 * WAKE_SECOND) };

	status = wake_store_run(fold->store, WAKE_SQL_FOLD_DAY_CLEAR, values, 1, NULL, err);
	if (status == WAKE_OK)
		status =
		    wake_store_run(fold->store, WAKE_SQL_FOLD_DAY, values, WAKE_COUNT(values), NULL, err);
	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_DAY_TOTALS_CLEAR, values, 1, NULL, err);
	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_DAY_TOTALS, values, 1, NULL, err);
	return status;
}

/* Sums over the live commits that the run itself made; per path in files: {path: [added, removed, commits,
 * binary]}. */
struct own {
	int64_t added, removed, changed_files;
	size_t commits;
	json_t *files; /* owned */
};

static void own_release(struct own *own)
{
	json_decref(own->files);
}

static int add_file(struct own *own, const json_t *file, struct wake_error *err)
{
	const char *path = wake_json_string(file, "path");
	json_t *sum = path ? json_object_get(own->files, path) : NULL;
	int64_t numbers[4] = { wake_json_int(file, "added", 0), wake_json_int(file, "removed", 0), 1,
		wake_json_true(file, "binary") };
	json_t *fresh;

	if (!path)
		return WAKE_OK;
	for (size_t i = 0; sum && i < 3; i++)
		numbers[i] += json_integer_value(json_array_get(sum, i));
	numbers[3] |= sum ? json_integer_value(json_array_get(sum, 3)) : 0;
	fresh = json_pack("[IIII]", (json_int_t)numbers[0], (json_int_t)numbers[1], (json_int_t)numbers[2],
	    (json_int_t)numbers[3]);
	return json_object_set_new(own->files, path, fresh) ? wake_fail_nomem(err) : WAKE_OK;
}

static int add_commit(struct own *own, const struct wake_rows *rows, struct wake_error *err)
{
	const char *text = wake_rows_text(rows, 2);
	wake_auto_json json_t *files = NULL;
	size_t place;
	json_t *file;
	int status;

	own->commits++;
	own->added += wake_rows_int(rows, 0);
	own->removed += wake_rows_int(rows, 1);
	if (!text)
		return WAKE_OK;
	status = wake_json_parse(text, strlen(text), &files, err);
	if (status != WAKE_OK)
		return status;
	json_array_foreach(files, place, file)
	{
		status = add_file(own, file, err);
		if (status != WAKE_OK)
			return status;
	}
	return WAKE_OK;
}

static int sum_own(struct wake_rows *rows, struct own *own, struct wake_error *err)
{
	int status = WAKE_OK;

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = add_commit(own, rows, err);
	own->changed_files = (int64_t)json_object_size(own->files);
	return status;
}

/* Takes from sums those files whose row says so already, and removes the other rows: one more commit of a run that has
 * 500 files is to write its own files, not all of them. */
static int keep_files(
    struct wake_fold *fold, const char *run, struct wake_rows *rows, json_t *sums, struct wake_error *err)
{
	wake_auto_json json_t *gone = json_array();
	size_t place;
	json_t *path;
	int status = gone ? WAKE_OK : wake_fail_nomem(err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		const json_t *sum = json_object_get(sums, wake_rows_text(rows, 0));
		bool is_same = sum != NULL;

		for (size_t i = 0; i < 4; i++)
			is_same = is_same &&
			          json_integer_value(json_array_get(sum, i)) == wake_rows_int(rows, i + 1);
		status = WAKE_OK;
		if (is_same)
			(void)json_object_del(sums, wake_rows_text(rows, 0));
		else if (json_array_append_new(gone, json_string(wake_rows_text(rows, 0))) < 0)
			status = wake_fail_nomem(err);
	}
	json_array_foreach(gone, place, path)
	{
		const struct wake_value values[] = { WAKE_TEXT(run), WAKE_TEXT(json_string_value(path)) };

		if (status == WAKE_OK)
			status = wake_store_run(
			    fold->store, WAKE_SQL_FOLD_RUN_FILE_GONE, values, WAKE_COUNT(values), NULL, err);
	}
	return status;
}

/* rows: of fold_run_files.sql. own->files is emptied of those that need no writing. */
static int write_files(
    struct wake_fold *fold, const char *run, struct wake_rows *rows, struct own *own, struct wake_error *err)
{
	int status = keep_files(fold, run, rows, own->files, err);
	const char *path;
	json_t *sum;

	if (status != WAKE_OK)
		return status;
	json_object_foreach(own->files, path, sum)
	{
		const struct wake_value values[] = {
			WAKE_TEXT(run),
			WAKE_TEXT(path),
			WAKE_INT(json_integer_value(json_array_get(sum, 0))),
			WAKE_INT(json_integer_value(json_array_get(sum, 1))),
			WAKE_INT(json_integer_value(json_array_get(sum, 2))),
			WAKE_BOOL(json_integer_value(json_array_get(sum, 3))),
		};

		status = wake_store_run(
		    fold->store, WAKE_SQL_FOLD_RUN_FILE, values, WAKE_COUNT(values), NULL, err);
		if (status != WAKE_OK)
			return status;
	}
	return WAKE_OK;
}

/* The task and the result are messages of the run's session. text NULL or empty: none (any more). */
static int write_message(struct wake_fold *fold, const char *run, const char *session, const char *role,
    const char *type, const char *text, int64_t at, struct wake_error *err)
{
	wake_auto_str struct wake_str name = WAKE_STR(256);
	char id[WAKE_ID_SIZE];

	wake_str_appendf(&name, "message %s %s", type, run);
	if (wake_str_check(&name, err) != WAKE_OK)
		return err->code;
	wake_id_v5(name.data, name.len, id);

	const struct wake_value values[] = { WAKE_TEXT(id), WAKE_TEXT(session), WAKE_TEXT(role),
		WAKE_TEXT(text), WAKE_TEXT(type), WAKE_TIME(at) };

	if (!session || !text || !*text || at == WAKE_TIME_NONE)
		return wake_store_run(fold->store, WAKE_SQL_FOLD_MESSAGE_GONE, values, 1, NULL, err);
	return wake_store_run(fold->store, WAKE_SQL_FOLD_MESSAGE, values, WAKE_COUNT(values), NULL, err);
}

/* Columns of fold_run_whole.sql, in order. */
enum {
	R_CREATED,
	R_STARTED,
	R_COMPLETED,
	R_SESSION,
	R_TASK,
	R_RESULT,
	R_LATEST,
	R_IMPORTED,
	R_ANNOUNCED,
	R_END_RANK,
	R_PROMPTED
};

static int write_conversation(
    struct wake_fold *fold, const char *run, const struct wake_rows *rows, struct wake_error *err)
{
	const char *session = wake_rows_text(rows, R_SESSION);
	/* What was only imported is in the other system's messages, where it said it. */
	bool imported = wake_rows_int(rows, R_IMPORTED) != 0;
	/* A prompt that was made of what people had said is in the session's messages as they said it. */
	bool is_told = wake_rows_int(rows, R_PROMPTED) || (imported && !wake_rows_int(rows, R_ANNOUNCED));
	const char *task = is_told ? NULL : wake_rows_text(rows, R_TASK);
	const char *result = imported && wake_rows_int(rows, R_END_RANK) == 0 ? NULL : wake_rows_text(rows, R_RESULT);
	int status = write_message(
	    fold, run, session, "user", "workflow_start", task, wake_rows_time(rows, R_STARTED), err);

	if (status == WAKE_OK)
		status = write_message(fold, run, session, "assistant", "workflow_result", result,
		    wake_rows_time(rows, R_COMPLETED), err);
	if (status == WAKE_OK) {
		const struct wake_value of_run[] = { WAKE_TEXT(run) };

		status = wake_store_run(
		    fold->store, WAKE_SQL_FOLD_RUN_SAID_GONE, of_run, WAKE_COUNT(of_run), NULL, err);
		if (status == WAKE_OK)
			status = wake_store_run(
			    fold->store, WAKE_SQL_FOLD_RUN_SAID, of_run, WAKE_COUNT(of_run), NULL, err);
	}
	if (status == WAKE_OK && session)
		status = wake_fold_touch(fold->sessions, session, err);
	return status;
}

/* What the run has left uncommitted, in all worktrees that it worked in. */
struct uncommitted {
	int64_t added, removed, files, untracked;
	int64_t at; /* WAKE_TIME_NONE: no state is the run's */
};

static int read_uncommitted(
    struct wake_rows *rows, struct uncommitted *uncommitted, struct wake_error *err)
{
	int status = wake_rows_next(rows, err);

	if (status != 1)
		return status;
	*uncommitted = (struct uncommitted){ wake_rows_int(rows, 0), wake_rows_int(rows, 1),
		wake_rows_int(rows, 2), wake_rows_int(rows, 3), wake_rows_time(rows, 4) };
	return WAKE_OK;
}

static int64_t later(int64_t one, int64_t other)
{
	return one > other ? one : other; /* WAKE_TIME_NONE is the earliest */
}

/* What only imports tell of a run. */
struct imported {
	int64_t updated; /* WAKE_TIME_NONE: nothing was imported */
	int64_t seconds; /* -1: not told */
};

/* The figures of the run's own commits stand once it has any; until then those that were imported. */
static int add_imported(struct wake_fold *fold, const char *run, const struct wake_rows *rows, struct own *own,
    struct imported *imported, struct wake_error *err)
{
	wake_auto_json json_t *merged = NULL;
	int64_t updated = 0;
	int status;

	if (!wake_rows_int(rows, R_IMPORTED))
		return WAKE_OK;
	status = wake_decide_import_of(fold, run, &merged, err);
	if (status == WAKE_OK)
		status = wake_time_parse(wake_json_string(merged, "updated_at"), &updated, err);
	if (status != WAKE_OK)
		return status;
	imported->updated = updated;
	imported->seconds = wake_json_int(merged, "duration_seconds", -1);
	if (own->commits == 0) {
		own->added = wake_json_int(merged, "own_added_lines", 0);
		own->removed = wake_json_int(merged, "own_removed_lines", 0);
		own->changed_files = wake_json_int(merged, "own_files_changed", 0);
	}
	return WAKE_OK;
}

static int write_run(struct wake_fold *fold, const char *run, const struct wake_rows *rows,
    const struct own *own, const struct uncommitted *uncommitted, const struct imported *imported,
    struct wake_error *err)
{
	int64_t started = wake_rows_time(rows, R_STARTED), completed = wake_rows_time(rows, R_COMPLETED);
	int64_t updated = later(wake_rows_time(rows, R_CREATED), wake_rows_time(rows, R_LATEST));
	bool over = started != WAKE_TIME_NONE && completed != WAKE_TIME_NONE;
	int64_t seconds = over && completed > started ? (completed - started) / WAKE_SECOND : 0;
	bool told_alone = wake_rows_int(rows, R_IMPORTED) && !wake_rows_int(rows, R_ANNOUNCED) &&
	                  wake_rows_int(rows, R_END_RANK) == 0;
	const struct wake_value values[] = {
		WAKE_TEXT(run),
		WAKE_INT(own->added),
		WAKE_INT(own->removed),
		WAKE_INT(own->changed_files),
		over ? WAKE_INT(told_alone && imported->seconds >= 0 ? imported->seconds : seconds)
		     : WAKE_NULL_VALUE(),
		WAKE_TIME(later(later(later(updated, completed), uncommitted->at), imported->updated)),
		WAKE_INT(uncommitted->added),
		WAKE_INT(uncommitted->removed),
		WAKE_INT(uncommitted->files),
		WAKE_INT(uncommitted->untracked),
		WAKE_TIME(uncommitted->at),
	};
	int status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_DECIDED, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_FINAL, values, 1, NULL, err);
	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_WANTED, values, 1, NULL, err);
	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_STALE, values, 1, NULL, err);
	if (status == WAKE_OK)
		status = write_conversation(fold, run, rows, err);
	if (status == WAKE_OK)
		status = wake_fold_touch_day(fold, wake_rows_time(rows, R_CREATED), err);
	return status;
}

int wake_decide_run(struct wake_fold *fold, const char *run, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run) };
	WAKE_CLEANUP(own_release) struct own own = { .files = json_object() };
	wake_auto_rows struct wake_rows *commits = NULL, *files = NULL, *edit = NULL, *whole = NULL;
	struct uncommitted uncommitted = { .at = WAKE_TIME_NONE };
	struct imported imported = { .updated = WAKE_TIME_NONE, .seconds = -1 };
	int status = own.files ? WAKE_OK : wake_fail_nomem(err);

	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_ECHOES, values, 1, NULL, err);
	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_REPORTED, values, 1, NULL, err);
	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_TOKENS, values, 1, NULL, err);
	/* All is asked before the first answer is read. */
	if (status == WAKE_OK)
		status = wake_store_query(fold->store, WAKE_SQL_FOLD_RUN_COMMITS, values, 1, &commits, err);
	if (status == WAKE_OK)
		status = wake_store_query(fold->store, WAKE_SQL_FOLD_RUN_FILES, values, 1, &files, err);
	if (status == WAKE_OK)
		status = wake_store_query(fold->store, WAKE_SQL_FOLD_RUN_EDIT, values, 1, &edit, err);
	if (status == WAKE_OK)
		status = wake_store_query(fold->store, WAKE_SQL_FOLD_RUN_WHOLE, values, 1, &whole, err);
	if (status == WAKE_OK)
		status = sum_own(commits, &own, err);
	if (status == WAKE_OK)
		status = read_uncommitted(edit, &uncommitted, err);
	if (status == WAKE_OK)
		status = write_files(fold, run, files, &own, err);
	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_PUSHES_OF_RUN, values, 1, NULL, err);
	if (status == WAKE_OK)
		status = wake_rows_next(whole, err);
	if (status != 1)
		return status;
	status = add_imported(fold, run, whole, &own, &imported, err);
	return status == WAKE_OK ? write_run(fold, run, whole, &own, &uncommitted, &imported, err) : status;
}
